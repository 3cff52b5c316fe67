"""Each record's likely source, and why: without any personal data."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

import numpy as np
import polars as pl

from tracer.attribution.attribution import Attribution
from tracer.identifiers.kinds import KINDS
from tracer.linkage.testimony import Testimony

ROW: Final = "row"
_LIKELY: Final = 0.5
_EVEN: Final = 0.5
_REASONS: Final = {ROW: pl.UInt32, "place": pl.UInt32, "linked_by": pl.Utf8, "agrees": pl.Utf8, "differs": pl.Utf8}


def stranger(unlinked: float, possible: float) -> float:
    """Chance that a record which is linked to nobody came from no established platform.

    A platform may have supplied more records than are counted: of customers who joined too late to be registered, or
    whose identifiers are damaged. Of those that may be its own by its interval, half are taken to be.

    Args:
        unlinked: how many such records there are.
        possible: how many more than are counted the established platforms may have supplied, by their intervals.
    """
    return 1.0 if unlinked <= 0 else 1 - _EVEN * min(1.0, max(0.0, possible) / unlinked)


def records(
    places: pl.DataFrame, attribution: Attribution, named: Collection[str], nobodys: float = 1.0
) -> pl.DataFrame:
    """One row a record of the dump.

    Args:
        places: `row` UInt32 and further columns, one row a record.
        attribution: of the dump.
        named: the platforms that are established. To no other is a record given: it only fits.
        nobodys: chance that a record which is linked to nobody came from none of them, see `stranger`.

    Returns:
        `places` with `platform` (likeliest established source, null if nobody), `probability` of it, `unknown` (chance
        that no established platform supplied it), `fits` (a platform that is not established and would explain it),
        `linked_by` (kinds of identifier), `agrees` and `differs` (claims of either platform).
    """
    mixture = attribution.mixture
    names = [standing.name for standing in attribution.standings]
    share = np.column_stack([np.zeros(mixture.share.shape[0])] + [mixture.chance(place) for place in range(len(names))])
    given = share * np.array([False] + [name in named for name in names])
    given[:, 0] = 1 - given.sum(axis=1)
    best = given.argmax(axis=1).astype(np.uint32)
    fits = np.where((best == 0) & (share.max(axis=1) > _LIKELY), share.argmax(axis=1), 0).astype(np.uint32)
    told = pl.DataFrame(
        {
            ROW: pl.Series(mixture.row, dtype=pl.UInt32),
            "best": best[mixture.pattern],
            "fitting": fits[mixture.pattern],
            "probability": given.max(axis=1)[mixture.pattern],
            "unknown": given[mixture.pattern, 0],
        }
    ).with_columns(place=pl.max_horizontal("best", "fitting"))
    active = [place for place in np.unique(np.maximum(best, fits)).tolist() if place]
    reasons = [_reasons(attribution.standings[place - 1].testimony, place) for place in active]
    why = pl.concat([pl.DataFrame(schema=_REASONS), *reasons])
    platform = pl.Series("platform", [None, *names], dtype=pl.Utf8)
    told = told.join(why, on=[ROW, "place"], how="left", maintain_order="left")
    told = told.with_columns(
        platform=platform.gather(told.get_column("best")), fits=platform.gather(told.get_column("fitting"))
    )
    joined = places.join(told, on=ROW, how="left", maintain_order="left")
    return joined.select(
        *places.columns,
        "platform",
        pl.col("probability", "unknown").fill_null(nobodys),
        "fits",
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
