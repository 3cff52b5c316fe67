"""Each record's likely source, and why: without any personal data."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tracer.attribution.attribution import Attribution
from tracer.identifiers.kinds import KINDS
from tracer.linkage.claims import Testimony

ROW: Final = "row"
_REASONS: Final = {ROW: pl.UInt32, "place": pl.UInt32, "linked_by": pl.Utf8, "agrees": pl.Utf8, "differs": pl.Utf8}


def records(places: pl.DataFrame, attribution: Attribution) -> pl.DataFrame:
    """One row a record of the dump.

    Args:
        places: `row` UInt32 and further columns, one row a record.
        attribution: of the dump.

    Returns:
        `places` with `platform` (likeliest source, null if nobody registered), `probability` of it, `unknown` (chance
        that nobody registered supplied it), `linked_by` (kinds of identifier), `agrees` and `differs` (claims of the
        platform).
    """
    mixture = attribution.mixture
    names = [standing.testimony.links.platform.name for standing in attribution.standings]
    share = np.column_stack([mixture.unknown, *(mixture.chance(platform) for platform in range(len(names)))])
    best = share.argmax(axis=1).astype(np.uint32)[mixture.pattern]
    told = pl.DataFrame(
        {
            ROW: pl.Series(mixture.row, dtype=pl.UInt32),
            "place": best,
            "probability": share.max(axis=1)[mixture.pattern],
            "unknown": share[mixture.pattern, 0],
        }
    )
    active = [place for place in np.unique(best).tolist() if place]
    reasons = [_reasons(attribution.standings[place - 1].testimony, place) for place in active]
    why = pl.concat([pl.DataFrame(schema=_REASONS), *reasons])
    platform = pl.Series("platform", [None, *names], dtype=pl.Utf8)
    told = told.join(why, on=[ROW, "place"], how="left", maintain_order="left")
    told = told.with_columns(platform=platform.gather(told.get_column("place"))).drop("place")
    joined = places.join(told, on=ROW, how="left", maintain_order="left")
    return joined.select(
        *places.columns,
        "platform",
        pl.col("probability", "unknown").fill_null(1.0),
        "linked_by",
        "agrees",
        "differs",
    )


def _reasons(testimony: Testimony, place: int) -> pl.DataFrame:
    links = testimony.links
    claims = [pairing.claim.name for pairing in testimony.pairings]
    return pl.DataFrame(
        {
            ROW: links.row,
            "place": np.full(links.row.size, place, np.uint32),
            "linked_by": _listed([links.linked_by(kind) for kind in KINDS], list(KINDS), links.row.size),
            "agrees": _listed(
                [testimony.agree[:, column] == 1 for column in range(len(claims))], claims, links.row.size
            ),
            "differs": _listed(
                [testimony.agree[:, column] == 0 for column in range(len(claims))], claims, links.row.size
            ),
        },
        schema=_REASONS,
    )


def _listed(holds: list[np.ndarray[tuple[int], np.dtype[np.bool_]]], names: list[str], count: int) -> pl.Series:
    """For each link the names that hold, joined by commas; null if none does."""
    if not names:
        return pl.Series([None] * count, dtype=pl.Utf8)
    frame = pl.DataFrame({str(place): one for place, one in enumerate(holds)})
    parts = [pl.when(pl.col(str(place))).then(pl.lit(name)) for place, name in enumerate(names)]
    listed = pl.concat_str(parts, separator=", ", ignore_nulls=True)
    return frame.select(pl.when(listed != "").then(listed)).to_series()
