"""Which identifiers a canary may carry, and the proof that each belongs to nobody else.

Any public test for "this identifier belongs to nobody" is a public canary detector too. So safety is not a trick of the
generator: it is a policy, with a proof that only the platform holds, written into the register and sealed with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from canaries.errors import CanaryFault


class Rule(StrEnum):
    """How one kind of identifier is treated."""

    OWNED = "owned"
    """Numbers of SIM cards the platform holds."""
    CONSENTED = "consented"
    """Identifiers of people who agreed in writing."""
    MASKED = "masked"
    """Only the visible ends, which name nobody; unique against the platform's own table."""
    OMIT = "omit"
    """The field stays empty."""
    VERIFIED_ABSENT = "verified_absent"
    """A lawful channel answered that there is no such number."""


@dataclass(frozen=True, slots=True)
class Treatment:
    """The rule for one kind of identifier, and the numbers it may use."""

    rule: Rule
    numbers: tuple[str, ...] = ()
    proof: str = ""
    """What the numbers' file is, by name and digest; empty where the rule needs none."""


Policy = Mapping[str, Treatment]
"""Role (phone, national_id, email, bank_card) → its treatment."""

DEFAULT: Final[Policy] = {
    "phone": Treatment(Rule.MASKED),
    "national_id": Treatment(Rule.OMIT),
    "email": Treatment(Rule.OMIT),
    "bank_card": Treatment(Rule.OMIT),
}
_ALLOWED: Final = {
    "phone": (Rule.OWNED, Rule.CONSENTED, Rule.MASKED, Rule.OMIT),
    "national_id": (Rule.OMIT, Rule.MASKED, Rule.CONSENTED, Rule.VERIFIED_ABSENT),
    "email": (Rule.OMIT, Rule.OWNED, Rule.CONSENTED),
    "bank_card": (Rule.OMIT, Rule.OWNED, Rule.CONSENTED),
}
_NEEDS_NUMBERS: Final = {Rule.OWNED, Rule.CONSENTED, Rule.VERIFIED_ABSENT}
_SHAPES: Final = {
    "phone": re.compile(r"^1[3-9]\d{9}$"),
    "national_id": re.compile(r"^[1-9]\d{16}[0-9X]$"),
    "email": re.compile(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"),
    "bank_card": re.compile(r"^\d{15,19}$"),
}
_PREFIX: Final = re.compile(r"^(?:\+86|0086)")

Reader = Callable[[str], tuple[tuple[str, ...], str]]
"""Name of a file in the policy → its lines, and what proves them (name and digest)."""


def parse(told: Mapping[str, Any], read: Reader) -> Policy:
    """The policy that a TOML file tells; what it does not mention is as in `DEFAULT`.

    Raises:
        CanaryFault: an unknown field, rule or key, or numbers that are none.
    """
    policy = dict(DEFAULT)
    for kind, section in told.items():
        if kind not in _ALLOWED or not isinstance(section, Mapping):
            raise CanaryFault(f"policy: [{kind}] is no kind of identifier", hint="there are " + ", ".join(_ALLOWED))
        if unknown := set(section) - {"policy", "numbers"}:
            raise CanaryFault(f"policy: [{kind}] has no {min(unknown)}", hint="there are: policy, numbers")
        policy[kind] = _treatment(kind, section, read)
    return policy


def _treatment(kind: str, section: Mapping[str, Any], read: Reader) -> Treatment:
    allowed = _ALLOWED[kind]
    rule = section.get("policy")
    if rule not in set(allowed):
        raise CanaryFault(f"policy: [{kind}] policy = {rule!r} is not allowed", hint="there are " + ", ".join(allowed))
    rule = Rule(rule)
    if rule not in _NEEDS_NUMBERS:
        return Treatment(rule)
    if not isinstance(section.get("numbers"), str):
        hint = f'add numbers = "FILE" to [{kind}]: one a line; the file is the proof that they may be used'
        raise CanaryFault(f"policy: [{kind}] {rule} needs a file of numbers", hint=hint)
    lines, proof = read(section["numbers"])
    numbers = []
    for place, line in enumerate(lines, 1):
        number = _plain(kind, line)
        if number and not _SHAPES[kind].match(number):
            raise CanaryFault(f"{section['numbers']}: line {place} is no {kind}", hint="one a line, nothing else")
        numbers.append(number)
    found = tuple(dict.fromkeys(filter(None, numbers)))
    if not found:
        raise CanaryFault(f"{section['numbers']}: holds no number", hint="one a line")
    return Treatment(rule, found, proof)


def _plain(kind: str, line: str) -> str:
    text = line.strip()
    if kind == "email":
        return text.lower()
    text = re.sub(r"[\s\-]", "", text).upper()
    return _PREFIX.sub("", text) if kind == "phone" else text


def for_shadows(policy: Policy) -> Policy:
    """The policy of canaries that are never written out: numbers, which are scarce, are shown by their ends only."""
    masked = {"phone": Treatment(Rule.MASKED), "national_id": Treatment(Rule.MASKED)}
    return {
        kind: treatment if not treatment.numbers else masked.get(kind, Treatment(Rule.OMIT))
        for kind, treatment in policy.items()
    }
