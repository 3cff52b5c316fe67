"""The story of several dumps beside each other: read, make sets of people, join them; sample where there are many."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from tracer.errors import TracerError
from tracer.intake.material import material
from tracer.settings import DEFAULT, Settings
from tracer.similarity.overlap import Overlap, estimated, joined, sampled
from tracer.similarity.persons import KINDS, RECORD, Persons, persons
from tracer.tokens import TokenKey

if TYPE_CHECKING:
    import pandas as pd

SCHEMA: Final = "luobo.similar/1"
JOINED: Final = 2_000
"""Pairs up to which every one is joined exactly, however large."""
SMALL: Final = 10_000
"""People up to which a set is never sampled."""
NOTEWORTHY: Final = 0.01
"""Containment that a sampled pair may have at most (upper limit) to be left unjoined."""
_SAMPLE: Final = 5_000
"""People that a sample of the smallest sampled set keeps, about."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two dumps and the people they share."""

    a: str
    b: str
    by: str | None
    """Kind of identifier by which they were compared; None where they have none in common."""
    overlap: Overlap | None


@dataclass(frozen=True, slots=True)
class Similarity:
    """Every pair of several dumps, in the order in which they were given."""

    dumps: tuple[Persons, ...]
    pairs: tuple[Pair, ...]
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As the JSON of `luobo similar --json`."""
        return {
            "schema": SCHEMA,
            "dumps": [
                {
                    "file": one.file,
                    "sha256": one.sha256,
                    "records": one.records,
                    "rejected": one.rejected,
                    "people": one.people,
                }
                for one in self.dumps
            ],
            "pairs": [_pair(one) for one in self.pairs],
            "warnings": list(self.warnings),
        }


def similar(
    dumps: Sequence[str | os.PathLike[str] | pd.DataFrame | pl.DataFrame],
    *,
    settings: Settings = DEFAULT,
    progress: Progress | None = None,
    joined_pairs: int = JOINED,
) -> Similarity:
    """Jaccard and containment between every two dumps, of the people they are about.

    Sets are joined exactly. Of more than `joined_pairs` pairs, those of large dumps are first estimated from samples,
    and joined only if they may share something worth noting.

    Args:
        dumps: two or more files in any shape intake reads, or frames.
        settings: of the run.
        progress: told what is being done.
        joined_pairs: most pairs that are all joined.

    Raises:
        TracerError: fewer than two dumps, or one of them cannot be read.
    """
    if len(dumps) < 2:
        raise TracerError("one dump has nothing to be compared with", hint="name two dumps or more")
    progress = progress or (lambda _step: None)
    # Nothing is kept: a key that dies with the run.
    key = TokenKey(secrets.token_bytes(32))
    sets = []
    for one in dumps:
        progress(f"reading {one if isinstance(one, str | os.PathLike) else 'a frame'}")
        sets.append(persons(material(one, settings), key))
    progress("joining")
    chosen = [(a, b, _common(a, b)) for a, b in combinations(sets, 2)]
    few = len(chosen) <= joined_pairs
    overlaps = _all(chosen) if few else _shortlisted(chosen, settings.confidence)
    pairs = [Pair(a.file, b.file, by, overlap) for (a, b, by), overlap in zip(chosen, overlaps, strict=True)]
    return Similarity(tuple(sets), tuple(pairs), _warnings(sets, pairs))


Chosen = tuple[Persons, Persons, str | None]


def _common(a: Persons, b: Persons) -> str | None:
    """The kind that most records of both carry; of equals the weightiest. Whole records where there is no other."""
    kinds = [kind for kind in KINDS if kind in a.sets and kind in b.sets]
    named = [kind for kind in kinds if kind != RECORD]
    return max(named, key=lambda kind: min(a.carried[kind], b.carried[kind]), default=RECORD if kinds else None)


def _all(chosen: Sequence[Chosen]) -> list[Overlap | None]:
    return [None if by is None else joined(a.sets[by], b.sets[by]) for a, b, by in chosen]


def _shortlisted(chosen: Sequence[Chosen], confidence: float) -> list[Overlap | None]:
    """Estimates for pairs of large sets that share next to nothing, joins for all others."""
    rates = _rates(chosen)
    found: list[Overlap | None] = []
    for a, b, by in chosen:
        if by is None:
            found.append(None)
            continue
        left, right = a.sets[by], b.sets[by]
        if min(left.size, right.size) <= SMALL:
            found.append(joined(left, right))
            continue
        samples = sampled(left, rates[by]), sampled(right, rates[by])
        about = estimated((left.size, right.size), samples, confidence)
        worth = about.high > NOTEWORTHY * min(left.size, right.size)
        found.append(joined(left, right) if worth else about)
    return found


def _rates(chosen: Sequence[Chosen]) -> dict[str, float]:
    """For each kind the share of tokens that is kept, so that the smallest set that is sampled keeps enough."""
    least: dict[str, int] = {}
    for a, b, by in chosen:
        if by is not None and min(a.sets[by].size, b.sets[by].size) > SMALL:
            least[by] = min(least.get(by, a.sets[by].size), a.sets[by].size, b.sets[by].size)
    return {kind: min(1.0, _SAMPLE / size) for kind, size in least.items()}


def _pair(pair: Pair) -> dict[str, Any]:
    overlap = pair.overlap
    told: dict[str, Any] = {"a": pair.a, "b": pair.b, "by": pair.by}
    figures = {
        "jaccard": overlap and overlap.jaccard(),
        "containment_a_in_b": overlap and overlap.contained(left=True),
        "containment_b_in_a": overlap and overlap.contained(left=False),
        "shared": overlap and (round(overlap.shared), int(overlap.low), -int(-overlap.high // 1)),
    }
    for name, figure in figures.items():
        for limit, value in zip(("", "_low", "_high"), figure or (None, None, None), strict=True):
            told[name + limit] = value if value is None or name == "shared" else round(value, 6)
    return told | {"exact": overlap is not None and overlap.exact}


def _warnings(sets: Sequence[Persons], pairs: Sequence[Pair]) -> tuple[str, ...]:
    said = [f"{one.file}: {one.rejected} records could not be read" for one in sets if one.rejected]
    said += [
        f"{pair.a} and {pair.b} have no kind of identifier in common; {_INSTEAD[pair.by is None]}"
        for pair in pairs
        if pair.by is None or pair.by == RECORD
    ]
    return tuple(said)


_INSTEAD: Final = {True: "nothing was compared", False: "whole records were compared"}
