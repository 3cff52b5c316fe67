"""What minting does with each column of a platform's table, decided from its role and its values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as made_by
from enum import StrEnum
from typing import Final

import numpy as np
import polars as pl

from canaries import splice
from canaries.identity import NumberDeck, surname_of
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
MOMENTS: Final = ("date", "datetime", "birth_date")
_MOST: Final = 0.9
_DISTINCT: Final = 0.5
"""Share of different values above which a cell would point at its donor."""
_COMMON: Final = 3
"""So many customers must share a text before a canary may carry it."""
_ALWAYS: Final = 0.999
_BY_CHANCE: Final = 0.97
_DAY: Final = r"^(.*?)(\d{1,2}:\d{2}.*)?$"
"""A day with what stands behind it, and a time of day."""


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
    traits: Mapping[str, pl.Series]
    """Part ("" for the whole cell) → its texts, where they say what kind of customer somebody is."""
    kind: str | None = None
    deck: Deck = made_by(default_factory=lambda: Deck(()))
    heaps: bool = False
    """Whether its numbers have habits at their ends."""
    numbers: NumberDeck = made_by(default_factory=lambda: NumberDeck([]))
    tails: list[str] = made_by(default_factory=list)
    seen: frozenset[str] = frozenset()
    common: frozenset[str] = frozenset()
    last: str = ""
    """The greatest text: nobody joins after the newest customer."""
    earliest: str = ""
    """The least time of day."""


def observe(sample: Table) -> list[Column]:
    """Decide for every column."""
    return [_column(f"c{place}", one, sample.cells(place)) for place, one in enumerate(sample.fields)]


def _column(key: str, one: Field, cells: pl.Series) -> Column:
    filled = cells.drop_nulls()
    plain = Column(key, one, Treated.COPIED, cells.to_list(), {"": cells})
    if one.role in PHONES:
        return _phone(plain, cells)
    if one.role in IDS:
        return _identity(plain, cells)
    if one.role == "name":
        return replace(plain, treated=Treated.NAME, traits=_name(cells))
    if one.role in _BY_ROLE:
        return replace(plain, treated=_BY_ROLE[one.role], traits={}, kind=KINDS.get(one.role))
    if one.role in MOMENTS:
        timed = _share(filled, r"\d:\d") > 0
        parts = {"day": cells.str.extract(_DAY, 1), "clock": cells.str.extract(_DAY, 2)} if timed else plain.traits
        treated = Treated.MOMENT if timed else Treated.COPIED
        earliest = str(parts["clock"].min() or "") if timed else ""
        return replace(plain, treated=treated, traits=parts, last=str(filled.max() or ""), earliest=earliest)
    return _valued(plain, filled)


def _valued(plain: Column, filled: pl.Series) -> Column:
    """Numbers, codes and words: copied where many share them, spliced where nobody does."""
    distinct = filled.n_unique() / max(1, filled.len()) > _DISTINCT
    role, deck = plain.field.role, Deck(plain.cells)
    if role == "account" or (role not in _NUMERIC and distinct and _is_code(filled)):
        # Numbers that were counted up say when somebody came; letters drawn by lot say nothing.
        counted = plain.traits if _share(filled, r"^\d+$") > _MOST else {}
        return replace(plain, treated=Treated.SERIAL, traits=counted, deck=deck, seen=frozenset(filled.to_list()))
    if role in _NUMERIC or (distinct and _share(filled, r"^-?[0-9][0-9,]*\.?[0-9]*$") > _MOST):
        if not distinct:
            return plain
        return replace(plain, treated=Treated.NUMBER, deck=deck, heaps=splice.heaped(plain.cells))
    shared = filled.value_counts(name="count").filter(pl.col("count") >= _COMMON)
    telling = int(shared["count"].sum() or 0) > _MOST * filled.len()
    common = frozenset(shared.to_series(0).to_list())
    return replace(plain, treated=Treated.WITHHELD, traits=plain.traits if telling else {}, common=common)


def _is_code(filled: pl.Series) -> bool:
    return _share(filled, r"^[A-Za-z0-9_./-]+$") > 0.9 and _share(filled, r"^\d+\.\d+$") < 0.5


def _share(filled: pl.Series, pattern: str) -> float:
    """The share of cells that a pattern fits."""
    return int(filled.str.contains(pattern).sum() or 0) / max(1, filled.len())


def _name(cells: pl.Series) -> dict[str, pl.Series]:
    """The surname, and of the given name what goes with sex and age: how long it is and how it ends."""
    texts = [cell or "" for cell in cells.to_list()]
    surnames = [surname_of(text) for text in texts]
    ends = [f"{len(text) - len(one)}{text[-1]}" if one else None for text, one in zip(texts, surnames, strict=True)]
    return {"surname": pl.Series([one or None for one in surnames], dtype=pl.String),
            "given": pl.Series(ends, dtype=pl.String)}  # fmt: skip


def _phone(plain: Column, cells: pl.Series) -> Column:
    digits = cells.to_frame("cell").select(phone_digits(pl.col("cell"))).to_series()
    numbers = NumberDeck([number for number in digits.to_list() if number])
    return replace(
        plain, treated=Treated.POLICED, traits={"head": digits.str.slice(0, 3)}, kind="phone", numbers=numbers
    )


def _identity(plain: Column, cells: pl.Series) -> Column:
    bare = cells.str.replace_all(r"[^0-9xX*]", "").str.to_uppercase()
    number = pl.select(pl.when(bare.str.len_chars() == 18).then(bare)).to_series()
    parity = number.str.slice(16, 1).cast(pl.Int8, strict=False) % 2
    sex = pl.select(pl.when(parity == 1).then(pl.lit("M")).when(parity == 0).then(pl.lit("F"))).to_series()
    traits = {"region": number.str.extract(r"^(\d{6})", 1), "sex": sex}
    born = number.str.extract(r"^\d{6}((?:19|20)\d{2})", 1)
    if born.null_count() < born.len():
        traits["born"] = born
    tails = [tail for tail in number.str.slice(14, 4).to_list() if tail and tail[:3].isdigit()]
    return replace(plain, treated=Treated.POLICED, traits=traits, kind="national_id", tails=tails)


def orders(sample: Table, columns: Sequence[Column]) -> list[tuple[Column, Column]]:
    """Pairs of columns of which the first never exceeds the second, though by chance it would."""
    able = [c for c in columns if c.field.role in _NUMERIC + MOMENTS and c.treated is not Treated.POLICED]
    rng = np.random.default_rng(sample.rows)
    values = {c.key: np.array([value_of(cell) for cell in c.cells]) for c in able}
    found = []
    for one in able:
        for other in able:
            if one is other or (one.field.role in MOMENTS) != (other.field.role in MOMENTS):
                continue
            left, right = values[one.key], values[other.key]
            there = ~np.isnan(left) & ~np.isnan(right)
            if there.sum() < 20 or float((left <= right)[there].mean()) < _ALWAYS:
                continue
            if float((left[there] <= rng.permutation(right[there])).mean()) < _BY_CHANCE:
                found.append((one, other))
    return found


def value_of(cell: str | None) -> float:
    """The number (or the moment) in a cell; NaN, which is in order with everything, where there is none."""
    if not cell:
        return float("nan")
    bare = cell.replace(",", "").replace("¥", "")
    try:
        return float(bare)
    except ValueError:
        digits = "".join(part.zfill(2) for part in "".join(c if c.isdigit() else " " for c in cell).split())
        return float(digits.ljust(14, "0")[:14]) if 8 <= len(digits) <= 20 else float("nan")
