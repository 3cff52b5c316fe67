"""How a platform's history grows by one snapshot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import polars as pl

from tracer.vault.customers import number_customers
from tracer.vault.history import fold, no_runs
from tracer.vault.manifest import Platform, SnapshotEntry
from tracer.vault.snapshot import Claim, Snapshot

PRESENCE: Final = "presence"
JOINED: Final = "joined"
_YEAR: Final = timedelta(days=365)

ReadFrame = Callable[[str], pl.DataFrame]
"""Gives one of the platform's frames by name, as it was before."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What a platform's history is after a snapshot."""

    people: int
    new_people: int
    unidentified: int
    joined: bool
    joins_per_day: float | None
    claims: tuple[Claim, ...]
    snapshots: tuple[SnapshotEntry, ...]
    frames: dict[str, pl.DataFrame]
    """File name without its ending → frame."""


def identifier_file(kind: str) -> str:
    """Name of the frame of one kind of identifier."""
    return f"identifier-{kind}"


def claim_file(place: int) -> str:
    """Name of the frame of the claim at this place among the platform's claims."""
    return f"claim-{place}"


def grow(before: Platform | None, snapshot: Snapshot, read: ReadFrame) -> Growth:
    """Fold `snapshot` into the history of its platform.

    Args:
        before: the platform as it is registered, or None for its first snapshot.
        snapshot: what its table held on one day.
        read: gives the platform's frames as they are.
    """
    day = snapshot.origin.taken_at
    known_kinds = before.kinds if before else frozenset()
    runs = {kind: read(identifier_file(kind)) for kind in known_kinds}
    first = before.people if before else 0
    person = number_customers(snapshot.identifiers, snapshot.rows, _latest(runs), first)
    numbered = pl.DataFrame({"row": pl.Series(range(snapshot.rows), dtype=pl.UInt32), "person": person}).drop_nulls()
    highest = numbered.get_column("person").max()
    people = max(first, int(highest) + 1) if isinstance(highest, int) else first

    frames = {identifier_file(kind): frame.sort("token", "person", "since") for kind, frame in runs.items()}
    for kind, tokens in snapshot.identifiers.items():
        days = before.days_with_kind(kind) if before else ()
        grown = fold(runs.get(kind, no_runs()), _facts(tokens, numbered), day, days)
        frames[identifier_file(kind)] = grown.sort("token", "person", "since")
    claims = _claims(before, snapshot)
    frames |= _claim_frames(before, snapshot, claims, numbered, read)
    frames[PRESENCE] = _presence(before, numbered, day, read)
    joined = _joined(before, snapshot, numbered, read)
    if joined is not None:
        frames[JOINED] = joined
    return Growth(
        people=people,
        new_people=people - first,
        unidentified=snapshot.rows - numbered.height,
        joined=joined is not None,
        joins_per_day=_joins_per_day(joined, frames[PRESENCE]),
        claims=claims,
        snapshots=_entries(before, snapshot),
        frames=frames,
    )


def _facts(tokens: pl.DataFrame, numbered: pl.DataFrame) -> pl.DataFrame:
    return tokens.join(numbered, on="row").select("person", "token")


def _latest(runs: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Each token once, with the customer who had it last."""
    return {
        kind: frame.sort("until", "since", "person", descending=[True, True, False])
        .unique("token", keep="first", maintain_order=True)
        .select("token", "person")
        for kind, frame in runs.items()
    }


def _claims(before: Platform | None, snapshot: Snapshot) -> tuple[Claim, ...]:
    known = before.claims if before else ()
    names = {claim.name for claim in known}
    return (*known, *(claim for claim in snapshot.claims if claim.name not in names))


def _claim_frames(
    before: Platform | None, snapshot: Snapshot, claims: tuple[Claim, ...], numbered: pl.DataFrame, read: ReadFrame
) -> dict[str, pl.DataFrame]:
    told = {claim.name: tokens for claim, tokens in snapshot.claims.items()}
    known = {claim.name for claim in before.claims} if before else set()
    frames = {}
    for place, claim in enumerate(claims):
        runs = read(claim_file(place)) if claim.name in known else no_runs()
        if claim.name in told:
            days = before.days_with_claim(claim.name) if before else ()
            runs = fold(runs, _facts(told[claim.name], numbered), snapshot.origin.taken_at, days)
        frames[claim_file(place)] = runs.sort("person", "since", "token")
    return frames


def _presence(before: Platform | None, numbered: pl.DataFrame, day: date, read: ReadFrame) -> pl.DataFrame:
    """Presence is a fact like any other, with the one token 0."""
    runs = read(PRESENCE).with_columns(token=pl.lit(0, pl.UInt64)) if before else no_runs()
    facts = numbered.select("person", token=pl.lit(0, pl.UInt64))
    return (
        fold(runs.select("person", "token", "since", "until"), facts, day, before.days if before else ())
        .drop("token")
        .sort("person", "since")
    )


def _joined(
    before: Platform | None, snapshot: Snapshot, numbered: pl.DataFrame, read: ReadFrame
) -> pl.DataFrame | None:
    """The first day on which a customer is said to have joined, by any snapshot."""
    parts = [read(JOINED)] if before and before.joined else []
    if snapshot.joined is not None:
        parts.append(snapshot.joined.join(numbered, on="row").select("person", "joined"))
    return pl.concat(parts).group_by("person").agg(pl.col("joined").min()).sort("person") if parts else None


def _joins_per_day(joined: pl.DataFrame | None, presence: pl.DataFrame) -> float | None:
    """Customers won a day: by joining days in the year before the newest snapshot, else by the days first seen."""
    newest, oldest = presence.get_column("until").max(), presence.get_column("since").min()
    if not isinstance(newest, date) or not isinstance(oldest, date):
        return None
    if joined is not None and joined.height:
        days = joined.get_column("joined")
        first = days.min()
        start = max(newest - _YEAR, first) if isinstance(first, date) else newest - _YEAR
        return int(days.is_between(start, newest).sum()) / max(1, (newest - start).days)
    first_seen = presence.group_by("person").agg(pl.col("since").min()).get_column("since")
    return int((first_seen > oldest).sum()) / (newest - oldest).days if newest > oldest else None


def _entries(before: Platform | None, snapshot: Snapshot) -> tuple[SnapshotEntry, ...]:
    entry = SnapshotEntry(
        taken_at=snapshot.origin.taken_at,
        sha256=snapshot.origin.sha256,
        rows=snapshot.rows,
        kinds=tuple(snapshot.identifiers),
        claims=tuple(claim.name for claim in snapshot.claims),
    )
    return tuple(sorted([*(before.snapshots if before else ()), entry], key=lambda one: one.taken_at))
