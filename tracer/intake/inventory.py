"""What is in a dump: how many different people it could be about, before anything is matched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from itertools import chain

import polars as pl

from tracer.identifiers import national_id, person_name, phone
from tracer.intake.distinct import Distinct
from tracer.intake.interface import Column, Reading, Role
from tracer.intake.mentions import identities_in, masked_phones_in, phones_in
from tracer.intake.outline import Outline, Plan
from tracer.intake.reading import Survey
from tracer.settings import DEFAULT, Settings

Found = tuple[str, pl.Series]
"""Which kind of identifier, and normal forms of it; nulls among them are none."""

_CELL = pl.col("cell")
_ALIKE = {Role.PHONE, Role.MASKED_PHONE}, {Role.NATIONAL_ID, Role.MASKED_ID}
_SEARCHED = {Role.ACCOUNT, Role.EMAIL, Role.ADDRESS, Role.PRODUCT, Role.TEXT, Role.OTHER}
"""Roles whose cells may hold a phone or an ID among other text; digits in the others are sums, days and codes."""
_LOOKED_AT = frozenset({Role.NAME, *_ALIKE[0], *_ALIKE[1], *_SEARCHED})


@dataclass(frozen=True, slots=True)
class Inventory:
    """How many different valid identifiers of each kind a dump holds."""

    phones: int
    """Full mobile numbers, normalised."""
    masked_phones: int
    ids: int
    """Whole identity numbers with a real province, a possible birth date and the right check character."""
    names: int


def take(found: Reading | Survey, settings: Settings = DEFAULT) -> Inventory:
    """Count the identifiers of the whole: those of columns that mean them, and those found in other text.

    A dump of any size is counted in little memory.
    """
    if isinstance(found, Survey):
        counting = Counting(settings)
        counting.go_on(found)
        return counting.inventory
    seen = _nothing_seen()
    with ThreadPoolExecutor(len(_SEARCHES)) as pool:
        for table in found.tables:
            _count(table.frame.iter_slices(500_000), table.columns, settings.region, seen, pool)
    return _inventory(seen)


def _nothing_seen() -> dict[str, Distinct]:
    return {kind: Distinct() for kind in ("phones", "masked", "ids", "names")}


@dataclass(slots=True)
class Counting:
    """An inventory in the making: goes on with a dump from where it was counted before, as more of it is read."""

    settings: Settings = DEFAULT
    _seen: dict[str, Distinct] = field(default_factory=_nothing_seen)
    _counted: list[tuple[Plan, int]] = field(default_factory=list)
    """How each table was understood when it was counted, and how many of its pieces were."""

    def go_on(self, found: Survey) -> None:
        """Count what was not counted yet; everything anew where a table is understood otherwise than before."""
        if not self._still_so(found.tables):
            self._seen, self._counted = _nothing_seen(), []
        with ThreadPoolExecutor(len(_SEARCHES)) as pool:
            for number, table in enumerate(found.tables):
                first = self._counted[number][1] if number < len(self._counted) else 0
                frames = table.frames(_LOOKED_AT, first)
                _count(frames, table.columns, self.settings.region, self._seen, pool)
        self._counted = [(table.plan, table.pieces) for table in found.tables]

    @property
    def inventory(self) -> Inventory:
        """What was counted so far."""
        return _inventory(self._seen)

    def _still_so(self, tables: Sequence[Outline]) -> bool:
        return len(self._counted) <= len(tables) and all(
            plan == table.plan and pieces <= table.pieces
            for (plan, pieces), table in zip(self._counted, tables, strict=False)
        )


def _count(
    frames: Iterable[pl.DataFrame],
    columns: Sequence[Column],
    region: str,
    seen: dict[str, Distinct],
    pool: ThreadPoolExecutor,
) -> None:
    for frame in frames:
        search = partial(_found, frame=frame, columns=columns, region=region)
        for kind, values in chain.from_iterable(pool.map(search, _SEARCHES)):
            seen[kind].add(values)


def _inventory(seen: dict[str, Distinct]) -> Inventory:
    return Inventory(*(seen[kind].count() for kind in ("phones", "masked", "ids", "names")))


def phones(reading: Reading, settings: Settings = DEFAULT) -> frozenset[str]:
    """Every different full phone number, normalised: those of columns that mean them and those in other text."""
    found = (
        values.drop_nulls().unique()
        for table in reading.tables
        for kind, values in _identifiers(table.frame, table.columns, settings.region)
        if kind == "phones"
    )
    return frozenset(number for values in found for number in values)


def examples(table: Outline, columns: Sequence[Column]) -> dict[str, str]:
    """One cell of each of these columns that has an identifying role, masked: column key → text."""
    masks: dict[Role, Callable[[pl.Expr], pl.Expr]] = {
        Role.PHONE: lambda e: phone.mask(phone.normalise(e)),
        Role.MASKED_PHONE: phone.normalise_masked,
        Role.NATIONAL_ID: lambda e: national_id.mask(national_id.normalise(e)),
        Role.MASKED_ID: national_id.normalise_masked,
        Role.NAME: lambda e: person_name.mask(person_name.normalise(e)),
    }
    shown = {}
    for column in columns:
        mask = masks.get(column.role)
        if mask is not None:
            text = table.sample.head(100).select(mask(pl.col(column.key))).to_series().drop_nulls()
            shown[column.key] = str(text[0]) if len(text) else ""
    return shown


def _found(search: Search, frame: pl.DataFrame, columns: Sequence[Column], region: str) -> list[Found]:
    return list(search(frame, columns, region))


def _identifiers(frame: pl.DataFrame, columns: Sequence[Column], region: str) -> Iterator[Found]:
    for search in _SEARCHES:
        yield from search(frame, columns, region)


def _numbers(frame: pl.DataFrame, columns: Sequence[Column], region: str) -> Iterator[Found]:
    cells = _together(frame, columns, _ALIKE[0])
    if cells.is_empty():
        return
    whole = _each(phone.normalise(_CELL, region), cells)
    yield "phones", whole
    # Few cells are left, and only they are worth the search for a mask.
    cells = cells.filter(whole.is_null()).unique()
    masked = _each(phone.normalise_masked(_CELL), cells)
    yield "masked", masked
    yield from _in_text(cells.filter(masked.is_null()))


def _identities(frame: pl.DataFrame, columns: Sequence[Column], _region: str) -> Iterator[Found]:
    cells = _together(frame, columns, _ALIKE[1])
    if cells.is_empty():
        return
    written = _each(national_id.normalise(_CELL), cells)
    valid = _each(national_id.valid(_CELL), written).fill_null(value=False)
    yield "ids", written.filter(valid)
    yield from _in_text(cells.filter(~valid).unique())


def _names(frame: pl.DataFrame, columns: Sequence[Column], _region: str) -> Iterator[Found]:
    cells = _together(frame, columns, {Role.NAME}).unique()
    if cells.is_empty():
        return
    yield "names", _each(pl.when(person_name.valid(_CELL)).then(person_name.normalise(_CELL)), cells)
    yield from _in_text(cells)


def _elsewhere(frame: pl.DataFrame, columns: Sequence[Column], _region: str) -> Iterator[Found]:
    yield from _in_text(_together(frame, columns, _SEARCHED).unique())


Search = Callable[[pl.DataFrame, Sequence[Column], str], Iterator[Found]]
_SEARCHES: tuple[Search, ...] = (_identities, _numbers, _names, _elsewhere)


def _each(expression: pl.Expr, cells: pl.Series) -> pl.Series:
    return cells.to_frame().select(expression).to_series().alias("cell")


def _together(frame: pl.DataFrame, columns: Sequence[Column], roles: set[Role]) -> pl.Series:
    """The cells of all columns of these roles."""
    found = [frame[column.key].drop_nulls().alias("cell") for column in columns if column.role in roles]
    if not found:
        return pl.Series("cell", [], dtype=pl.String)
    return pl.concat(found, rechunk=True) if len(found) > 1 else found[0]


def _in_text(cells: pl.Series) -> Iterator[tuple[str, pl.Series]]:
    """Phones and IDs that stand among other text."""
    rich = cells.filter(cells.str.len_bytes() >= 11)
    rich = rich.filter(
        rich.str.contains("[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９].*[0-9０-９]")
    )
    if rich.is_empty():
        return
    yield "phones", phones_in(rich)
    yield "masked", masked_phones_in(rich)
    yield "ids", identities_in(rich)
