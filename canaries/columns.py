"""What minting does with each column of a platform's table, decided from its role and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl

from canaries.identity import NumberDeck
from canaries.splice import Deck
from canaries.table import IDS, PHONES, Field, Table, phone_digits

KINDS: Final = {
    **dict.fromkeys(PHONES, "phone"),
    **dict.fromkeys(IDS, "national_id"),
    "email": "email",
    "bank_card": "bank_card",
}
"""Role → the kind of identifier that a policy speaks of."""
_NUMERIC: Final = ("amount", "limit", "age")
_MOMENTS: Final = ("date", "datetime", "birth_date")
_MOST: Final = 0.9
_DISTINCT: Final = 0.5
"""Share of different values above which a cell would point at its donor."""
_COMMON: Final = 3
"""So many customers must share a text before a canary may carry it."""
_ALWAYS: Final = 0.999
_BY_CHANCE: Final = 0.97


class Treated(StrEnum):
    """How a column's cells come about."""

    NAME = "name"
    POLICED = "policed"
    NUMBER = "number"
    SERIAL = "serial"
    ADDRESS = "address"
    MOMENT = "moment"
    WITHHELD = "withheld"
    """Free text: only what several customers share."""
    COPIED = "copied"
    """A value that many customers share, from a donor."""


_BY_ROLE: Final = {
    "name": Treated.NAME,
    "email": Treated.POLICED,
    "bank_card": Treated.POLICED,
    "address": Treated.ADDRESS,
}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the sample."""

    key: str
    field: Field
    treated: Treated
    cells: Sequence[str | None]
    profile: pl.Series | None
    """Its values, where they say what kind of customer somebody is."""
    kind: str | None = None
    lead: str = ""
    """Which derived value decides the donor of a policed cell."""
    derived: Mapping[str, pl.Series] = made_by(default_factory=dict)
    deck: Deck = made_by(default_factory=lambda: Deck(()))
    numbers: NumberDeck = made_by(default_factory=lambda: NumberDeck([]))
    tails: list[str] = made_by(default_factory=list)
    seen: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    last: str = ""
    """The greatest text: nobody joins after the newest customer."""

    def reads(self, cells: Mapping[str, str | None]) -> float:
        """The number (or the moment) in a cell, NaN-free: missing compares as if in order."""
        return _value(cells.get(self.field.name))


def observe(sample: Table) -> list[Column]:
    """Decide for every column."""
    return [_column(f"c{place}", one, sample.cells(place)) for place, one in enumerate(sample.fields)]


def _column(key: str, one: Field, cells: pl.Series) -> Column:
    filled = cells.drop_nulls()
    plain = Column(key, one, Treated.COPIED, cells.to_list(), cells.alias(key))
    if one.role in PHONES:
        return _phone(plain, cells)
    if one.role in IDS:
        return _identity(plain, cells)
    if one.role in _BY_ROLE:
        return replace(plain, treated=_BY_ROLE[one.role], profile=None, kind=KINDS.get(one.role))
    if one.role in _MOMENTS:
        treated = Treated.MOMENT if _share(filled, r"\d:\d") > 0 else Treated.COPIED
        return replace(plain, treated=treated, last=str(filled.max() or ""))
    return _valued(plain, filled)


def _valued(plain: Column, filled: pl.Series) -> Column:
    """Numbers, codes and words: copied where many share them, spliced where nobody does."""
    distinct = filled.n_unique() / max(1, filled.len()) > _DISTINCT
    role, deck = plain.field.role, Deck(plain.cells)
    if role == "account" or (role not in _NUMERIC and distinct and _is_code(filled)):
        return replace(plain, treated=Treated.SERIAL, profile=None, deck=deck, seen=frozenset(filled.to_list()))
    if role in _NUMERIC or (distinct and _share(filled, r"^-?[0-9][0-9,]*\.?[0-9]*$") > _MOST):
        return replace(plain, treated=Treated.NUMBER if distinct else Treated.COPIED, deck=deck)
    shared = filled.value_counts(name="count").filter(pl.col("count") >= _COMMON)
    telling = int(shared["count"].sum() or 0) > _MOST * filled.len()
    common = frozenset(shared.to_series(0).to_list())
    return replace(plain, treated=Treated.WITHHELD, profile=plain.profile if telling else None, common=common)


def _is_code(filled: pl.Series) -> bool:
    return _share(filled, r"^[A-Za-z0-9_./-]+$") > 0.9 and _share(filled, r"^\d+\.\d+$") < 0.5


def _share(filled: pl.Series, pattern: str) -> float:
    """The share of cells that a pattern fits."""
    return int(filled.str.contains(pattern).sum() or 0) / max(1, filled.len())


def _phone(plain: Column, cells: pl.Series) -> Column:
    digits = cells.to_frame("cell").select(phone_digits(pl.col("cell"))).to_series()
    head = digits.str.slice(0, 3).alias(f"{plain.key}.head")
    return replace(
        plain,
        treated=Treated.POLICED,
        profile=None,
        kind="phone",
        lead="head",
        derived={"head": head},
        numbers=NumberDeck([number for number in digits.to_list() if number]),
    )


def _identity(plain: Column, cells: pl.Series) -> Column:
    bare = cells.str.replace_all(r"[^0-9xX*]", "").str.to_uppercase()
    number = pl.select(pl.when(bare.str.len_chars() == 18).then(bare)).to_series()
    parity = number.str.slice(16, 1).cast(pl.Int8, strict=False) % 2
    sex = pl.select(pl.when(parity == 1).then(pl.lit("M")).when(parity == 0).then(pl.lit("F"))).to_series()
    derived = {"region": number.str.extract(r"^(\d{6})", 1), "sex": sex}
    born = number.str.extract(r"^\d{6}((?:19|20)\d{2})", 1)
    if born.null_count() < born.len():
        derived["born"] = born
    return replace(
        plain,
        treated=Treated.POLICED,
        profile=None,
        kind="national_id",
        lead="region",
        derived={name: told.alias(f"{plain.key}.{name}") for name, told in derived.items()},
        tails=[tail for tail in number.str.slice(14, 4).to_list() if tail and tail[:3].isdigit()],
    )


def orders(sample: Table, columns: Sequence[Column]) -> list[tuple[Column, Column]]:
    """Pairs of columns of which the first never exceeds the second, though by chance it would."""
    able = [c for c in columns if c.field.role in _NUMERIC + _MOMENTS and c.treated is not Treated.POLICED]
    rng = np.random.default_rng(sample.rows)
    values = {c.key: np.array([_value(cell) for cell in c.cells]) for c in able}
    found = []
    for one in able:
        for other in able:
            if one is other or (one.field.role in _MOMENTS) != (other.field.role in _MOMENTS):
                continue
            left, right = values[one.key], values[other.key]
            there = ~np.isnan(left) & ~np.isnan(right)
            if there.sum() < 20 or float((left <= right)[there].mean()) < _ALWAYS:
                continue
            if float((left[there] <= rng.permutation(right[there])).mean()) < _BY_CHANCE:
                found.append((one, other))
    return found


def _value(cell: str | None) -> float:
    if not cell:
        return float("nan")
    bare = cell.replace(",", "").replace("¥", "")
    try:
        return float(bare)
    except ValueError:
        digits = "".join(part.zfill(2) for part in "".join(c if c.isdigit() else " " for c in cell).split())
        return float(digits.ljust(14, "0")[:14]) if 8 <= len(digits) <= 20 else float("nan")
