"""The rows that go into one export: which canaries, in which of its columns, at which places.

Everything is derived from the register's secret and the export's digest, so the same export gives the same file again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

import numpy as np
import polars as pl

from canaries import splice
from canaries.alignment import align
from canaries.canary import Canary, Kind, State
from canaries.columns import Column, Treated, observe
from canaries.dumps import Column as Seen
from canaries.dumps import count, records
from canaries.errors import CanaryFault
from canaries.forms import forms
from canaries.planting.style import like
from canaries.register import Register
from canaries.table import IDS, PHONES, Field, Table
from canaries.values import canonical, compact
from canaries.writing import fold

_SAMPLED: Final = 5_000
_LOOKED_AT: Final = 500
"""Rows that must be in order before all are looked at."""
_RUN_KINDS: Final = ("n:", "d:", "t:")


@dataclass(frozen=True, slots=True)
class Row:
    """One row to put in: before record `before` of the export (its number of records: at the end)."""

    canary: str
    before: int
    cells: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Insertion:
    """All rows to put in, in the order of the export."""

    rows: tuple[Row, ...]
    warnings: tuple[str, ...]


def insertion(register: Register, recipient: str, export: Table, digest: str, on: date) -> Insertion:
    """Work out the canary rows of one export.

    Args:
        register: with the recipient's canaries.
        recipient: who gets the export.
        export: all its rows.
        digest: SHA-256 of the file, hexadecimal.
        on: the day of the export, for clock canaries.

    Raises:
        CanaryFault: the recipient has no canary left, or the export holds canaries already.
    """
    chosen = [one for one in register.of(recipient) if one.kind is not Kind.SHADOW and not one.reached(State.BURNED)]
    if not chosen:
        hint = "mint some with: luobo canary mint … --recipients FILE"
        raise CanaryFault(f"{recipient}: has no canary that may be planted", hint=hint)
    rng = np.random.default_rng(list(register.derive(f"insertion/{recipient}/{digest}")))
    _refuse_twice(register, export)
    sample = export.sample(_SAMPLED, int(rng.integers(2**62)))
    columns = observe(sample)
    kept = _run(export)
    told = written(register, chosen, sample, on, rng)
    rows = [
        Row(canary.id, _place(cells, kept, export.rows, rng), cells) for canary, cells in zip(chosen, told, strict=True)
    ]
    rows.sort(key=lambda row: row.before)
    return Insertion(tuple(rows), tuple(_warnings(chosen, columns, rows)))


def written(
    register: Register, chosen: Sequence[Canary], sample: Table, on: date, rng: np.random.Generator
) -> list[tuple[str | None, ...]]:
    """The cells of some canaries as the rows of a table are written: one tuple a canary, in the table's columns.

    Args:
        register: the canaries' own.
        chosen: which canaries.
        sample: rows of the export or database table, in random order.
        on: the day, for clock canaries.
        rng: chance.
    """
    columns = observe(sample)
    matched = _matched(register, sample)
    return [tuple(_cells(canary, on, columns, matched, rng)) for canary in chosen]


def _refuse_twice(register: Register, export: Table) -> None:
    """Refuse an export in which exclusive canaries stand already; the platform's own may be in every export."""
    place, named = export.first(*PHONES), export.first("name")
    if place is None or named is None:
        return
    fields = register.fields
    header = next((one.name for one in fields if one.role in PHONES), None)
    called = next((one.name for one in fields if one.role == "name"), None)
    keys = {
        (canary.cells.get(called or ""), (canary.cells.get(header or "") or "")[-4:])
        for canary in register.live
        if "platform" not in canary.holders
    } - {(None, "")}
    phones = pl.col(f"c{place}").str.replace_all(r"\D", "").str.tail(4)
    names = pl.col(f"c{named}").str.strip_chars()
    called_so = export.frame.lazy().select(who=names, tail=phones).filter(pl.col("who").is_in([who for who, _ in keys]))
    found = sum(pair in keys for pair in called_so.collect().iter_rows())
    if found > max(2, 0.2 * len(keys) / max(1, len(register.recipients))):
        raise CanaryFault("the export holds canaries of this register already", hint="inject into the original export")


def _matched(register: Register, sample: Table) -> dict[int, Field]:
    """Place of a column of the export → the field of the platform's table that it shows."""
    headers = [compact(text) for text in fold([one.name for one in sample.fields])]
    own = {
        compact(text): one for one, text in zip(register.fields, fold([f.name for f in register.fields]), strict=True)
    }
    matched = {
        place: own[header]
        for place, header in enumerate(headers)
        if header in own and _kin(own[header], sample.fields[place])
    }
    free = [one for one in register.fields if one not in matched.values()]
    for group in (("name",), PHONES, IDS, ("email",), ("bank_card",), ("address",)):
        fields = [one for one in free if one.role in group]
        places = [at for at, one in enumerate(sample.fields) if at not in matched and one.role in group]
        matched |= dict(zip(places, fields, strict=False))
    seen = [Seen(one.name, one.role) for one in sample.fields]
    cells = [sample.cells(at).to_list() for at in range(len(sample.fields))]
    counted = count(records(seen, range(sample.rows), cells))
    known = forms(register.canaries, register.fields, spelled=False)
    aligned = align(seen, counted, known, register.fields)
    for one in register.fields:
        at = aligned.get(one.name)
        if at is not None and at not in matched and one not in matched.values():
            matched[at] = one
    return matched


def _kin(one: Field, other: Field) -> bool:
    """Whether two columns of the same header can be the same: an identity column is not one of amounts."""
    groups = (("name",), PHONES, IDS, ("email",), ("bank_card",))
    return all((one.role in group) == (other.role in group) for group in groups)


def _cells(
    canary: Canary, on: date, columns: Sequence[Column], matched: Mapping[int, Field], rng: np.random.Generator
) -> list[str | None]:
    own = canary.at(on)
    donor = int(rng.integers(len(columns[0].cells)))
    seconds = int(rng.integers(60, 1800))
    cells = []
    for place, column in enumerate(columns):
        pattern = column.cells[donor] or next((cell for cell in column.cells if cell), None)
        one = matched.get(place)
        if one is not None:
            cells.append(like(own.get(one.name), pattern, column.field.role))
        else:
            cells.append(_invented(column, donor, seconds, rng))
    return cells


def _invented(column: Column, donor: int, seconds: int, rng: np.random.Generator) -> str | None:
    """A cell for a column the register knows nothing of: what several rows share, or a splice of real ones."""
    cell = column.cells[donor]
    if not cell:
        return None
    match column.treated:
        case Treated.NUMBER:
            return splice.number(cell, column.deck, rng)
        case Treated.SERIAL:
            return splice.account(cell, column.deck, rng)
        case Treated.MOMENT:
            return splice.shifted(cell, -seconds)
        case Treated.COPIED | Treated.WITHHELD if column.treated is Treated.COPIED or cell in column.common:
            return cell
        case _:
            return None


@dataclass(frozen=True, slots=True)
class _Run:
    """A column along which the export is sorted."""

    place: int
    keys: list[str]
    downwards: bool


def _run(export: Table) -> _Run | None:
    """The column by which the rows are in order, if there is one; whole numbers without a gap are none."""
    if export.rows < 3:
        return None
    for place, one in enumerate(export.fields):
        if one.role not in {"date", "datetime", "amount", "limit", "code"}:
            continue
        head = _keys(export.cells(place).head(_LOOKED_AT))
        for downwards in (False, True):
            if head is None or not _ascending(head, downwards=downwards):
                continue
            keys = _keys(export.cells(place))
            if keys is not None and _ascending(keys, downwards=downwards) and len(set(keys)) >= max(3, len(keys) // 50):
                return _Run(place, keys[::-1] if downwards else keys, downwards)
    return None


def _keys(cells: pl.Series) -> list[str] | None:
    """Keys by which numbers or moments sort; None where a cell is neither."""
    told = [canonical(text) for text in fold(cells.to_list())]
    return [_key(value) for value in told] if all(value[:2] in _RUN_KINDS for value in told) else None


def _ascending(keys: Sequence[str], *, downwards: bool) -> bool:
    pairs = pairwise(reversed(keys)) if downwards else pairwise(keys)
    return all(one <= other for one, other in pairs)


def _key(value: str) -> str:
    body = value[2:]
    return body.ljust(12, "0") if value[0] in "dt" else f"{float(body):024.4f}"


def _place(cells: Sequence[str | None], run: _Run | None, rows: int, rng: np.random.Generator) -> int:
    if run is not None and cells[run.place]:
        told = canonical(fold([cells[run.place]])[0])
        if told[:2] in _RUN_KINDS:
            at = bisect_right(run.keys, _key(told))
            return rows - at if run.downwards else at
    return int(rng.integers(rows + 1))


def _warnings(chosen: Sequence[Canary], columns: Sequence[Column], put: Sequence[Row]) -> list[str]:
    said = []
    if any(not canary.reached(State.SEALED) for canary in chosen):
        said.append("the register is not sealed yet: seal it before the export leaves, or nothing can be proven later")
    for place, column in enumerate(columns):
        if column.field.role not in {*PHONES, *IDS}:
            continue
        filled = [cell for cell in column.cells if cell]
        whole = sum("*" not in fold([cell])[0] for cell in filled) / max(1, len(filled))
        bare = sum(not row.cells[place] for row in put)
        hidden = sum("*" in fold([row.cells[place]])[0] for row in put if row.cells[place])
        if whole > 0.5 and hidden:
            said.append(
                f"{column.field.name}: {hidden} canaries show a masked number among whole ones and can be told by it"
            )
        if len(filled) > 0.9 * len(column.cells) and bare:
            said.append(f"{column.field.name}: {bare} canaries are empty where customers are not and can be told by it")
    return said
