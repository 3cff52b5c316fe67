"""A policy file and the files of numbers it names."""

from __future__ import annotations

import hashlib
import tomllib
from pathlib import Path

from canaries.columns import KINDS
from canaries.policy import DEFAULT, Policy, Rule, Treatment, parse
from canaries.register import Register
from tracer.errors import UnreadableInput


def read_policy(path: Path) -> Policy:
    """The policy for identifiers; files it names lie beside it unless their path says otherwise.

    Raises:
        UnreadableInput: the policy or a file of numbers cannot be read.
        CanaryFault: it asks for what is not allowed.
    """
    try:
        told = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError):
        raise UnreadableInput(f"{path}: the policy cannot be read", hint="check the path; it is a TOML file") from None
    except tomllib.TOMLDecodeError as fault:
        raise UnreadableInput(f"{path}: is not TOML ({fault})", hint='for example: [phone] policy = "masked"') from None
    return parse(told, lambda name: _numbers(path, name))


def _numbers(policy: Path, name: str) -> tuple[tuple[str, ...], str]:
    beside = policy.parent / name
    found = beside if beside.exists() else Path(name)
    try:
        data = found.read_bytes()
        lines = data.decode("utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        raise UnreadableInput(
            f"{name}: the numbers cannot be read", hint="name a text file, one number a line"
        ) from None
    return tuple(lines), f"{found.name} sha256:{hashlib.sha256(data).hexdigest()[:16]}"


def policy_of(register: Register) -> Policy:
    """The policy that a register's canaries were minted under, as far as it shows in them: rules without numbers."""
    policy = dict(DEFAULT)
    kinds = {one.name: KINDS[one.role] for one in register.fields if one.role in KINDS}
    for canary in register.live[:1]:
        for header, proof in canary.proofs.items():
            if header in kinds:
                rule = Rule(proof.partition(" ")[0])
                policy[kinds[header]] = Treatment(rule, ("",) if " " in proof else ())
    return policy
