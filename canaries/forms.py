"""What a canary may look like in a dump: every form of its name, its numbers and its other values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from canaries.canary import Canary
from canaries.table import IDENTIFYING, IDS, PHONES, Field
from canaries.values import canonical, compact
from canaries.writing import fold, readings

_SHORTEST_RARE: Final = 6
"""A value of fewer characters says little wherever it stands."""


@dataclass(frozen=True, slots=True)
class Form:
    """One canary, ready to be looked for."""

    canary: Canary
    name: str
    """Folded Han name or other name; empty where it has none."""
    pinyin: tuple[str, ...]
    phone: str
    """Eleven characters, `*` for the hidden ones; empty where it has none."""
    identity: str
    """Eighteen characters, likewise."""
    values: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Header → its canonical values there: several where a clock turns them."""

    @property
    def tail(self) -> str:
        """The last four digits of the phone."""
        return self.phone[7:]


def forms(canaries: Sequence[Canary], fields: Sequence[Field], *, spelled: bool = True) -> list[Form]:
    """The forms of some canaries; their pinyin only if `spelled`."""
    name = next((one.name for one in fields if one.role == "name"), None)
    names = fold([canary.cells.get(name) if name else None for canary in canaries])
    others = [one.name for one in fields if one.role not in {"name", *PHONES, *IDS}]
    made = []
    for canary, folded in zip(canaries, names, strict=True):
        values = {}
        for header in others:
            told = [canonical(text) for text in fold(canary.versions(header)) if text]
            if told:
                values[header] = tuple(dict.fromkeys(told))
        made.append(
            Form(
                canary,
                compact(folded),
                readings(compact(folded)) if spelled else (),
                _first(canary, fields, PHONES, 11),
                _first(canary, fields, IDS, 18),
                values,
            )
        )
    return made


def _first(canary: Canary, fields: Sequence[Field], roles: Sequence[str], length: int) -> str:
    for one in fields:
        cell = canary.cells.get(one.name) if one.role in roles else None
        if cell and len(cell) == length:
            return cell.lower()
    return ""


def rare(made: Sequence[Form], fields: Sequence[Field]) -> frozenset[str]:
    """Headers under which hardly two canaries have the same value, so that one value alone may find a row."""
    chosen = set()
    for one in fields:
        told = [value for form in made for value in form.values.get(one.name, ())[:1]]
        counts = Counter(told)
        single = sum(count for count in counts.values() if count == 1)
        long = sum(len(value) >= _SHORTEST_RARE for value in told)
        if len(told) >= 5 and (one.role in IDENTIFYING or single > 0.6 * len(told)) and long > 0.9 * len(told):
            chosen.add(one.name)
    return frozenset(chosen)
