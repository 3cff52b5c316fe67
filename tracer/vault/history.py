"""Who was there, and which value held, from when to when: facts of many snapshots folded into runs.

A fact is (person, token). A run (person, token, since, until) says: seen in every snapshot of the platform from the day
`since` to the day `until` that had this column. So a vault grows with what changed and not with the number of
snapshots, and a run says exactly what the snapshots said: folding loses nothing, in whatever order the snapshots come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final

import numpy as np
import polars as pl

PERSON: Final = "person"
SPAN: Final = ("since", "until")
RUN_SCHEMA: Final = {"person": pl.UInt32, "token": pl.UInt64, "since": pl.Date, "until": pl.Date}
_FACT: Final = ["person", "token"]


def no_runs() -> pl.DataFrame:
    """A history in which nothing was seen yet."""
    return pl.DataFrame(schema=RUN_SCHEMA)


def fold(runs: pl.DataFrame, facts: pl.DataFrame, day: date, days: Sequence[date]) -> pl.DataFrame:
    """Fold what one snapshot says into a history.

    Args:
        runs: `person` UInt32, `token` UInt64, `since` Date, `until` Date; never two overlapping runs of one fact.
        facts: `person` UInt32, `token` UInt64, what the snapshot of `day` holds in this column, each fact once.
        day: the snapshot's day. It may lie before, between or after the days known; a day that is known already is
            added to (a platform's table in two files), so that what the first file lacks is not taken as gone.
        days: the days of the snapshots folded so far that had this column.

    Returns:
        The runs, with the same columns, in no particular order.
    """
    if runs.is_empty():
        return facts.with_columns(since=pl.lit(day), until=pl.lit(day))
    earlier = max((known for known in days if known < day), default=None)
    later = min((known for known in days if known > day), default=None)
    spans = (pl.col("since") <= day) & (pl.col("until") >= day)
    touches_before = (pl.col("until") == earlier) if earlier else pl.lit(value=False)
    touches_after = (pl.col("since") == later) if later else pl.lit(value=False)
    spanning, before, after = runs.filter(spans), runs.filter(touches_before), runs.filter(touches_after)
    aside = runs.filter(~(spans | touches_before | touches_after))

    kept = spanning if day in days else _split(spanning, facts, earlier, later)
    fresh = _without(facts, spanning)
    grown = _with_edge(_with_edge(fresh, before, "since", day), after, "until", day)
    untouched = [_without(part, fresh) for part in (before, after)]
    return pl.concat([aside, kept, grown, *untouched])


def _without(runs: pl.DataFrame, facts: pl.DataFrame) -> pl.DataFrame:
    """Those whose fact is not among the others."""
    return runs if runs.is_empty() or facts.is_empty() else runs.join(facts, on=_FACT, how="anti")


def _with_edge(fresh: pl.DataFrame, runs: pl.DataFrame, edge: str, day: date) -> pl.DataFrame:
    """Facts with an edge of the run that they go on with, or the day where there is none."""
    if runs.is_empty():
        return fresh.with_columns(pl.lit(day).alias(edge))
    return fresh.join(runs.select(*_FACT, edge), on=_FACT, how="left").with_columns(pl.col(edge).fill_null(day))


def _split(spanning: pl.DataFrame, facts: pl.DataFrame, earlier: date | None, later: date | None) -> pl.DataFrame:
    """Runs over a new day in between: whole where the new snapshot has the fact too, else cut in two around it."""
    if spanning.is_empty():
        return spanning
    gone = spanning.join(facts, on=_FACT, how="anti")
    return pl.concat(
        [
            spanning.join(facts, on=_FACT, how="semi"),
            gone.with_columns(until=pl.lit(earlier, pl.Date)),
            gone.with_columns(since=pl.lit(later, pl.Date)),
        ]
    )


def pack(frame: pl.DataFrame) -> pl.DataFrame:
    """The same without `person` where row i is about customer i, which costs a trace half of what it reads."""
    person = frame.get_column(PERSON).to_numpy()
    return frame.drop(PERSON) if bool((person == np.arange(person.size)).all()) else frame


def unpack(frame: pl.DataFrame) -> pl.DataFrame:
    """What `pack` was given."""
    return frame if PERSON in frame.columns else frame.with_row_index(PERSON)
