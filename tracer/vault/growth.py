"""How a platform's history grows by one snapshot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

import numpy as np
import polars as pl

from tracer.identifiers.kinds import COMPOSITE, SINGLE
from tracer.tokens import by_token
from tracer.vault import facts
from tracer.vault.customers import number_customers
from tracer.vault.history import PERSON, fold, no_runs, pack, unpack
from tracer.vault.index import INDEX, RATE, sampled
from tracer.vault.manifest import File, Platform, SnapshotEntry
from tracer.vault.snapshot import Claim, Snapshot

PRESENCE: Final = "presence"
JOINED: Final = "joined"
SAMPLE: Final = "sample"
SAMPLED: Final = 64
"""One in so many composite tokens is in the sample."""
RANKING: Final = ("phone", *(kind for kind in SINGLE if kind != "phone"))
"""Kinds by whose tokens a platform's customers may be numbered, those that dumps carry most first."""
_SORTERS: Final = 2
"""Columns that are put in order at once."""
_YEAR: Final = timedelta(days=365)

ReadFrame = Callable[[str], pl.DataFrame]
"""Gives one of the platform's frames by name, as it is stored."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What a platform's history is after a snapshot."""

    people: int
    new_people: int
    unidentified: int
    joined: bool
    joins_per_day: float | None
    claims: tuple[Claim, ...]
    variety: tuple[float, ...]
    volatility: tuple[float | None, ...]
    snapshots: tuple[SnapshotEntry, ...]
    frames: dict[str, pl.DataFrame]
    """File name without its ending → frame."""

    def platform(self, name: str, part: str, files: tuple[File, ...]) -> Platform:
        """The entry in the manifest, once the frames are written."""
        return Platform(
            name=name,
            part=part,
            people=self.people,
            joined=self.joined,
            joins_per_day=self.joins_per_day,
            claims=self.claims,
            variety=self.variety,
            volatility=self.volatility,
            snapshots=self.snapshots,
            files=files,
        )


def identifier_file(kind: str) -> str:
    """Name of the frame of one kind of identifier."""
    return f"identifier-{kind}"


def claim_file(place: int) -> str:
    """Name of the frame of the claim at this place among the platform's claims."""
    return f"claim-{place}"


def frames_of(platform: Platform) -> list[str]:
    """Names of the frames that a history is kept in; what samples them is made anew."""
    frames = [*map(identifier_file, platform.kinds), *map(claim_file, range(len(platform.claims))), PRESENCE]
    return [*frames, JOINED] if platform.joined else frames


def grow(before: Platform | None, snapshot: Snapshot, read: ReadFrame) -> Growth:
    """Fold `snapshot` into the history of its platform.

    Args:
        before: the platform as it is registered, or None for its first snapshot.
        snapshot: what its table held on one day.
        read: gives the platform's frames as they are.
    """
    day = snapshot.origin.taken_at
    known_kinds = before.kinds if before else frozenset()
    runs = {kind: unpack(read(identifier_file(kind))) for kind in known_kinds}
    first = before.people if before else 0
    person = number_customers(snapshot.identifiers, snapshot.rows, _latest(runs), first)
    if before is None:
        person = _renumbered(person, snapshot.identifiers)
    highest = person.max()
    people = max(first, int(highest) + 1) if isinstance(highest, int) else first

    def grown(kind: str) -> pl.DataFrame:
        days = before.days_with_kind(kind) if before else ()
        seen = _held(snapshot.identifiers[kind], person)
        return runs_by_token(fold(runs[kind], seen, day, days)) if kind in runs else fold(no_runs(), seen, day, days)

    claims = claims_of(before, snapshot.claims)
    with ThreadPoolExecutor(_SORTERS) as pool:
        fresh = pool.map(grown, snapshot.identifiers)
        told = pool.map(partial(_claim_frame, before, snapshot, person, read), claims)
        there = pool.submit(_presence, before, person, day, read)
        since = pool.submit(_joined, before, snapshot, person, read)
    held = runs | dict(zip(snapshot.identifiers, fresh, strict=True))
    frames = {identifier_file(kind): pack(frame) for kind, frame in held.items()}
    frames[INDEX] = sampled(held, SINGLE, RATE)
    frames[SAMPLE] = sampled(held, COMPOSITE, 1 / SAMPLED)
    frames |= {claim_file(place): frame for place, frame in enumerate(told)}
    frames[PRESENCE] = there.result()
    joined = since.result()
    if joined is not None:
        frames[JOINED] = joined
    entry = SnapshotEntry.of(snapshot.origin, snapshot.rows, snapshot.identifiers, snapshot.claims)
    entries = entries_of(before, entry)
    return Growth(
        people=people,
        new_people=people - first,
        unidentified=person.null_count(),
        joined=joined is not None,
        joins_per_day=joins_per_day(
            {} if joined is None else days_met(joined.get_column("joined")),
            first_seen(frames[PRESENCE]),
            frames[PRESENCE].get_column("until").max(),  # type: ignore[arg-type]
        ),
        claims=claims,
        variety=tuple(_variety(frames[claim_file(place)]) for place in range(len(claims))),
        volatility=tuple(
            _volatility(frames[claim_file(place)], claim.name, entries) for place, claim in enumerate(claims)
        ),
        snapshots=entries,
        frames=frames,
    )


def _renumbered(person: pl.Series, identifiers: dict[str, pl.DataFrame]) -> pl.Series:
    """Customers in the order of their tokens of one kind, so that it need not be said whose each of these is."""
    if person.null_count() == person.len():
        return person
    for kind in (kind for kind in RANKING if kind in identifiers):
        ranked = _held(identifiers[kind], person).get_column("person").to_numpy()
        people = int(person.max()) + 1  # type: ignore[arg-type]
        if np.bincount(ranked, minlength=people).max() > 1:
            continue
        number = np.full(people, people, np.uint32)
        number[ranked] = np.arange(ranked.size)
        without = np.flatnonzero(number == people)
        number[without] = np.arange(ranked.size, people)
        return pl.Series(number).gather(person).alias(person.name)
    return person


def _held(tokens: pl.DataFrame, person: pl.Series) -> pl.DataFrame:
    """Who holds which token, ordered by token and customer, each once."""
    held = _with_person(tokens, person)
    token, who = facts.by_token(held.get_column("token").to_numpy(), held.get_column("person").to_numpy())
    return pl.DataFrame({"person": who, "token": token})


def _told(tokens: pl.DataFrame, person: pl.Series) -> pl.DataFrame:
    """Of whom which value is held, ordered by customer and value, each once."""
    held = _with_person(tokens, person)
    who, token = facts.by_person(held.get_column("person").to_numpy(), held.get_column("token").to_numpy())
    return pl.DataFrame({"person": who, "token": token})


def _with_person(frame: pl.DataFrame, person: pl.Series) -> pl.DataFrame:
    """Add the customer of each `row`; rows without one are left out."""
    return frame.with_columns(person=person.gather(frame.get_column("row"))).drop_nulls("person")


def _ascends(numbers: pl.Series) -> bool:
    """Whether numbers grow from each to the next, so that none comes twice."""
    return bool((np.diff(numbers.to_numpy().astype(np.int64)) > 0).all())


def runs_by_token(runs: pl.DataFrame) -> pl.DataFrame:
    """Ordered by token, and in one order only."""
    return by_token(runs_by_person(runs))


def runs_by_person(runs: pl.DataFrame) -> pl.DataFrame:
    """Ordered by person and time, and in one order only."""
    return runs if _ascends(runs.get_column("person")) else runs.sort("person", "since", "token")


def _latest(runs: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Each token once, with the customer who had it last."""
    return {
        kind: frame.sort("until", "since", "person", descending=[True, True, False])
        .unique("token", keep="first", maintain_order=True)
        .select("token", "person")
        for kind, frame in runs.items()
    }


def claims_of(before: Platform | None, told: Iterable[Claim]) -> tuple[Claim, ...]:
    """The claims of a platform once a snapshot told some."""
    known = before.claims if before else ()
    names = {claim.name for claim in known}
    return (*known, *(claim for claim in told if claim.name not in names))


def _claim_frame(
    before: Platform | None, snapshot: Snapshot, person: pl.Series, read: ReadFrame, claim: Claim
) -> pl.DataFrame:
    known = () if before is None else before.claims
    place = next((place for place, one in enumerate(known) if one.name == claim.name), None)
    told = next((tokens for one, tokens in snapshot.claims.items() if one.name == claim.name), None)
    runs = no_runs() if place is None else unpack(read(claim_file(place)))
    if told is not None:
        days = before.days_with_claim(claim.name) if before else ()
        runs = fold(runs, _told(told, person), snapshot.origin.taken_at, days)
    return pack(runs if place is None else runs_by_person(runs))


def _variety(runs: pl.DataFrame) -> float:
    """Distinct values over facts, to about a percent."""
    distinct = runs.select(pl.col("token").approx_n_unique()).item()
    return min(1.0, int(distinct) / runs.height) if runs.height else 0.0


def _volatility(runs: pl.DataFrame, claim: str, entries: Sequence[SnapshotEntry]) -> float | None:
    """Share of customers for whom a claim changed from one snapshot to another."""
    if len({entry.taken_at for entry in entries if claim in entry.claims}) <= 1 or not runs.height:
        return None
    distinct = unpack(runs).group_by("person").agg(pl.col("token").n_unique()).get_column("token")
    return int((distinct > 1).sum()) / distinct.len()


def _presence(before: Platform | None, person: pl.Series, day: date, read: ReadFrame) -> pl.DataFrame:
    """Presence is a fact like any other, with the one token 0."""
    runs = unpack(read(PRESENCE)).with_columns(token=pl.lit(0, pl.UInt64)) if before else no_runs()
    there = np.flatnonzero(np.bincount(person.drop_nulls().to_numpy())).astype(np.uint32)
    fresh = pl.DataFrame({"person": there, "token": np.zeros(there.size, np.uint64)})
    days = before.days if before else ()
    return pack(runs_by_person(fold(runs.select("person", "token", "since", "until"), fresh, day, days)).drop("token"))


def _joined(before: Platform | None, snapshot: Snapshot, person: pl.Series, read: ReadFrame) -> pl.DataFrame | None:
    """The first day on which a customer is said to have joined, by any snapshot."""
    parts = [unpack(read(JOINED))] if before and before.joined else []
    if snapshot.joined is not None:
        parts.append(_with_person(snapshot.joined, person).select("person", "joined"))
    if not parts:
        return None
    told = pl.concat(parts)
    who, day = facts.earliest(told.get_column("person").to_numpy(), told.get_column("joined"))
    return pack(pl.DataFrame({"person": who, "joined": day}))


def joins_per_day(joined: Mapping[date, int], seen: Mapping[date, int], newest: date | None) -> float | None:
    """Customers won a day: by joining days in the year before the newest snapshot, else by the days first seen.

    Args:
        joined: day → customers who joined on it.
        seen: day → customers who were first seen on it.
        newest: the last day on which any was seen; None if none ever was.
    """
    if newest is None or not seen:
        return None
    if joined:
        start = max(newest - _YEAR, min(joined))
        return sum(many for day, many in joined.items() if start <= day <= newest) / max(1, (newest - start).days)
    oldest = min(seen)
    later = sum(many for day, many in seen.items() if day > oldest)
    return later / (newest - oldest).days if newest > oldest else None


def first_seen(presence: pl.DataFrame) -> dict[date, int]:
    """Day → customers who were first seen on it, given all runs of some customers, packed."""
    if PERSON not in presence.columns:
        return days_met(presence.get_column("since"))
    return days_met(presence.group_by(PERSON).agg(pl.col("since").min()).get_column("since"))


def days_met(days: pl.Series) -> dict[date, int]:
    """Day → how often it is among these."""
    return dict(days.value_counts().iter_rows())


def entries_of(before: Platform | None, entry: SnapshotEntry) -> tuple[SnapshotEntry, ...]:
    """The snapshots of a platform with one more."""
    return tuple(sorted([*(before.snapshots if before else ()), entry], key=lambda one: one.taken_at))
