"""Each record's row in the table, and why: everything personal masked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import polars as pl

from tracer.comparison.alignment import Kind, Sheet
from tracer.comparison.claims import Agreement
from tracer.comparison.forms import Field
from tracer.comparison.levels import ALIKE, DIFFER, SAME, SOUNDS, TYPO
from tracer.comparison.links import Links
from tracer.comparison.matching import Matching
from tracer.identifiers import national_id, person_name, phone
from tracer.identifiers.mask import HIDDEN
from tracer.intake.interface import OFFSET, ROW

SCHEMA: Final = {
    "platform": pl.String,
    "probability": pl.Float64,
    "unknown": pl.Float64,
    "linked_by": pl.String,
    "agrees": pl.String,
    "differs": pl.String,
    "table_row": pl.UInt32,
    "table_offset": pl.Int64,
    "weight": pl.Float64,
    "record": pl.String,
    "customer": pl.String,
}
"""Columns beside `row` and `offset`."""

_HOW: Final = {SAME: "", SOUNDS: " (sounds alike)", TYPO: " (one character apart)", ALIKE: " (alike)"}
_STARRED: Final = r"^(?:[0-9]{0,3}\*[0-9]{0,4}|[0-9]{0,6}\*+[0-9]{0,3}[0-9X])$"
_MASKS: Final = {Kind.NAME: person_name.mask, Kind.PHONE: phone.mask, Kind.NATIONAL_ID: national_id.mask}


def unlinked(dump: Sheet) -> pl.DataFrame:
    """One row a record of a dump that could not be compared at all."""
    nothing = {name: pl.lit(None, kind) for name, kind in SCHEMA.items()}
    told = dump.frame.select(ROW, OFFSET).with_columns(**nothing)
    return told.with_columns(probability=pl.lit(0.0), unknown=pl.lit(1.0))


def records(
    table: str, sheets: tuple[Sheet, Sheet], every: Sequence[Field], matching: Matching, found: tuple[Links, Agreement]
) -> pl.DataFrame:
    """One row a record of the dump.

    Args:
        table: what the table is called.
        sheets: the dump and the table.
        every: all fields that both have.
        matching: of their people.
        found: links of the records, and their claims.

    Returns:
        `row`, `offset` and the columns of `SCHEMA`: `platform` is null for records about nobody in the table,
        `table_row` also where it is not sure about whom; `probability` is the chance that a record is about somebody
        in it, `weight` the log2 of m/u of the link.
    """
    links, claims = found
    row = pl.Series(claims.row)
    agrees, differs = _levels(links, matching)
    same, other = (_claimed(claims, outcome) for outcome in (1, 0))
    customer = sheets[1].frame.select(ROW, OFFSET)[row]
    told = pl.DataFrame(
        {
            "place": pl.Series(links.record, dtype=pl.UInt32),
            "linked_by": agrees,
            "agrees": same,
            "differs": pl.select(_listed([pl.lit(differs), pl.lit(other)])).to_series(),
            "table_row": customer[ROW],
            "table_offset": customer[OFFSET],
            "weight": pl.Series(matching.ratio[links.pair] / np.log(2)).round(2),
            "record": _shown([(one.kind, one.dump) for one in every], pl.Series(links.record)),
            "customer": _shown([(one.kind, one.table) for one in every], row),
        }
    )
    known = pl.Series(matching.known[matching.people.of_record])
    places = sheets[0].frame.select(ROW, OFFSET).with_row_index("place")
    there = pl.Series(matching.found[matching.people.of_record])
    places = places.with_columns(
        platform=pl.when(there).then(pl.lit(table)), probability=known.round(6), unknown=(1 - known).round(6)
    )
    return places.join(told, on="place", how="left", maintain_order="left").select(ROW, OFFSET, *SCHEMA)


def _levels(links: Links, matching: Matching) -> tuple[pl.Series, pl.Series]:
    """(links,) what agrees and how, and what differs."""
    names = [one.name for one in matching.people.traits]
    frame = pl.DataFrame({str(place): level[links.pair] for place, level in enumerate(matching.levels)})
    agreeing, differing = [], []
    for place, name in enumerate(names):
        level = pl.col(str(place))
        said = {step: name + how for step, how in _HOW.items()}
        agreeing.append(level.replace_strict(said, default=None, return_dtype=pl.String))
        differing.append(pl.when(level == DIFFER).then(pl.lit(name)))
    told = frame.select(agrees=_listed(agreeing), differs=_listed(differing))
    return told["agrees"], told["differs"]


def _claimed(claims: Agreement, outcome: int) -> pl.Series:
    """(links,) the claims with this outcome."""
    if not claims.names:
        return pl.Series([None] * claims.row.size, dtype=pl.String)
    frame = pl.DataFrame({str(place): column for place, column in enumerate(claims.outcome.T)})
    parts = [pl.when(pl.col(str(place)) == outcome).then(pl.lit(name)) for place, name in enumerate(claims.names)]
    return frame.select(_listed(parts)).to_series()


def _listed(parts: Sequence[pl.Expr]) -> pl.Expr:
    listed = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    return pl.when(listed != "").then(listed)


def _shown(values: list[tuple[Kind, pl.Series]], rows: pl.Series) -> pl.Series:
    """Names, phones and IDs of some rows as a stranger may see them; other text is not shown."""
    cells = {str(place): (kind, text.gather(rows)) for place, (kind, text) in enumerate(values) if kind in _MASKS}
    if not cells:
        return pl.Series([None] * len(rows), dtype=pl.String)
    frame = pl.DataFrame({place: text for place, (_, text) in cells.items()})
    parts = [
        pl.when(pl.col(place).str.contains(_STARRED))
        .then(pl.col(place))
        .when(pl.col(place).is_not_null())
        .then(_MASKS[kind](pl.col(place)).fill_null(HIDDEN))
        for place, (kind, _) in cells.items()
    ]
    listed = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    return frame.select(pl.when(listed != "").then(listed)).to_series()
