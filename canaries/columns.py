"""What minting does with each column of a platform's table, decided from its role and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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
    derived: Mapping[str, pl.Series] = field(default_factory=dict)
    deck: Deck = field(default_factory=lambda: Deck(()))
    numbers: NumberDeck = field(default_factory=lambda: NumberDeck([]))
    tails: list[str] = field(default_factory=list)
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
    texts = cells.to_list()
    filled = cells.drop_nulls()
    distinct = filled.n_unique() / max(1, filled.len())
    named = cells.alias(key)
    role = one.role
    if role == "name":
        return Column(key, one, Treated.NAME, texts, None)
    if role in PHONES:
        return _phone(key, one, cells)
    if role in IDS:
        return _identity(key, one, cells)
    if role in KINDS:
        return Column(key, one, Treated.POLICED, texts, None, KINDS[role])
    if role == "address":
        return Column(key, one, Treated.ADDRESS, texts, None)
    if role in _MOMENTS:
        clock = _share(filled, r"\d:\d") > 0
        treated = Treated.MOMENT if clock else Treated.COPIED
        return Column(key, one, treated, texts, named, last=str(filled.max() or ""))
    if role in _NUMERIC:
        treated = Treated.NUMBER if distinct > _DISTINCT else Treated.COPIED
        return Column(key, one, treated, texts, named, deck=Deck(texts))
    if role == "account" or (distinct > _DISTINCT and _is_code(filled)):
        return Column(key, one, Treated.SERIAL, texts, None, deck=Deck(texts), seen=frozenset(filled.to_list()))
    if distinct > _DISTINCT and _share(filled, r"^-?[0-9][0-9,]*\.?[0-9]*$") > 0.9:
        return Column(key, one, Treated.NUMBER, texts, named, deck=Deck(texts))
    counts = filled.value_counts(name="count")
    shared = counts.filter(pl.col("count") >= _COMMON)
    common = frozenset(shared.to_series(0).to_list())
    if int(shared["count"].sum() or 0) > 0.9 * filled.len():
        return Column(key, one, Treated.WITHHELD, texts, named, common=common)
    return Column(key, one, Treated.WITHHELD, texts, None, common=common)


def _is_code(filled: pl.Series) -> bool:
    return _share(filled, r"^[A-Za-z0-9_./-]+$") > 0.9 and _share(filled, r"^\d+\.\d+$") < 0.5


def _share(filled: pl.Series, pattern: str) -> float:
    """The share of cells that a pattern fits."""
    return int(filled.str.contains(pattern).sum() or 0) / max(1, filled.len())


def _phone(key: str, one: Field, cells: pl.Series) -> Column:
    digits = cells.to_frame("cell").select(phone_digits(pl.col("cell"))).to_series()
    head = digits.str.slice(0, 3)
    numbers = NumberDeck([number for number in digits.to_list() if number])
    return Column(
        key, one, Treated.POLICED, cells.to_list(), None, "phone", "head", {"head": head.alias(f"{key}.head")}, numbers=numbers
    )  # fmt: skip


def _identity(key: str, one: Field, cells: pl.Series) -> Column:
    bare = cells.str.replace_all(r"[^0-9xX*]", "").str.to_uppercase()
    whole = bare.str.len_chars() == 18
    number = pl.select(pl.when(whole).then(bare)).to_series()
    region = number.str.extract(r"^(\d{6})", 1)
    parity = number.str.slice(16, 1).cast(pl.Int8, strict=False) % 2
    sex = pl.select(pl.when(parity == 1).then(pl.lit("M")).when(parity == 0).then(pl.lit("F"))).to_series()
    derived = {"region": region.alias(f"{key}.region"), "sex": sex.alias(f"{key}.sex")}
    born = number.str.extract(r"^\d{6}((?:19|20)\d{2})", 1)
    if born.null_count() < born.len():
        derived["born"] = born.alias(f"{key}.born")
    tails = [tail for tail in number.str.slice(14, 4).to_list() if tail and tail[:3].isdigit()]
    return Column(key, one, Treated.POLICED, cells.to_list(), None, "national_id", "region", derived, tails=tails)


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
