"""Which record is which registered customer, by identifiers that are exactly equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.engines.interface import Engine, Laid
from tracer.engines.matching import match
from tracer.identifiers.kinds import BIT, COMPOSITE, EVERYWHERE, SINGLE
from tracer.linkage.chance import MatchRate, decoy_ids, decoy_phones
from tracer.linkage.dump import Dump
from tracer.linkage.partial import link_remains
from tracer.ordered import among, below, distinct
from tracer.tokens import TokenKey, identifier_token
from tracer.vault.growth import SAMPLED, identifier_file
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

_COUNT_ALL: Final = 2_000_000
"""Beyond so many registered people the distinct ones are counted on the lowest tokens, one in `SAMPLED`."""
_DECOYS: Final = 2_000
"""Invented phone numbers and IDs that are put through the matcher."""


@dataclass(frozen=True, slots=True)
class Links:
    """The records of a dump that are customers of one platform; at most one customer a record."""

    platform: Platform
    row: NDArray[np.uint32]
    """Records, ascending."""
    person: NDArray[np.uint32]
    """The customer each one is."""
    kinds: NDArray[np.uint16]
    """By which kinds of identifier (a set of bits; see `linked_by`)."""

    @property
    def once(self) -> NDArray[np.int64]:
        """One link of each distinct customer, the first, in the order of the links."""
        met = np.zeros(self.platform.people, bool)
        met[self.person] = True
        if np.count_nonzero(met) == self.row.size:
            return np.arange(self.row.size)
        first = np.full(self.platform.people, self.row.size, np.int64)
        first[self.person[::-1]] = np.arange(self.row.size - 1, -1, -1)
        return np.flatnonzero(first[self.person] == np.arange(self.row.size))

    def with_more(self, others: pl.DataFrame) -> Links:
        """These links and others (`row`, `person`, `kinds`), one a record, of which the same record's are weaker."""
        if others.is_empty():
            return self
        row, person, kinds = (others.get_column(name).to_numpy() for name in ("row", "person", "kinds"))
        place = np.minimum(np.searchsorted(self.row, row), max(0, self.row.size - 1))
        again = self.row[place] == row if self.row.size else np.zeros(row.size, bool)
        mine, same = place[again], self.person[place[again]] == person[again]
        confirmed = self.kinds.copy()
        confirmed[mine[same]] |= kinds[again][same]
        row = np.concatenate((self.row, row[~again]))
        order = np.argsort(row, kind="stable")
        person, kinds = np.concatenate((self.person, person[~again])), np.concatenate((confirmed, kinds[~again]))
        return Links(self.platform, row[order], person[order], kinds[order])

    def linked_by(self, kind: str) -> NDArray[np.bool_]:
        """Which links rest on this kind of identifier, alone or with others."""
        return np.asarray(self.kinds & BIT[kind] != 0)

    @property
    def settled(self) -> NDArray[np.uint32]:
        """Records linked by something that a person has everywhere."""
        settling = self.kinds & np.uint16(sum(BIT[kind] for kind in EVERYWHERE)) != 0
        return np.asarray(self.row[settling])

    def linked_by_others(self, kind: str) -> NDArray[np.bool_]:
        """Which links would be there without this kind of identifier."""
        return np.asarray(self.kinds & np.uint16(0xFFFF ^ BIT[kind]) != 0)


@dataclass(frozen=True, slots=True)
class Census:
    """Who is a customer where, over all platforms; counted on tokens below a fixed bound, which are an even sample."""

    people: tuple[int, ...]
    """Customers of each platform."""
    samples: tuple[NDArray[np.uint64], ...]
    """Distinct sampled tokens of each platform, ascending; empty where it lacks the dump's main kind of identifier."""
    rates: tuple[MatchRate, ...] = ()
    """What each kind of identifier found at each platform where it was tried, and what chance finds."""

    @property
    def distinct(self) -> float:
        """Distinct people over all platforms."""
        everybody, sampled = sum(self.people), sum(sample.size for sample in self.samples)
        if not sampled:
            return float(max(1, everybody))
        return max(1.0, everybody * np.unique(np.concatenate(self.samples)).size / sampled)

    def pooled(self, parts: Sequence[Census], records: Sequence[int]) -> Census:
        """This one with what each kind found in all parts of a dump.

        Args:
            parts: censuses of all parts, this one's first.
            records: of the parts. A kind that was left out is not tried again in every part; it is taken to have found
                as much there as where it was tried.
        """
        found: dict[tuple[str, str], MatchRate] = {}
        tried: dict[tuple[str, str], int] = {}
        for part, many in zip(parts, records, strict=True):
            for rate in part.rates:
                key = (rate.kind, rate.platform)
                found[key] = found[key].plus(rate) if key in found else rate
                tried[key] = tried.get(key, 0) + many
        whole = sum(records)
        rates = (one if one.used else one.scaled(whole / max(1, tried[key])) for key, one in found.items())
        return replace(self, rates=tuple(rates))

    def outside(self, others: Sequence[int]) -> list[float]:
        """For each platform, the share of its customers who are customers of none of the others."""
        union = np.unique(np.concatenate([np.empty(0, np.uint64), *(self.samples[other] for other in others)]))
        if not union.size:
            return [1.0 if mine.size else 0.0 for mine in self.samples]
        return [float((~among(mine, union)).mean()) if mine.size else 0.0 for mine in self.samples]


def link_all(
    dump: Dump, vault: Vault, engine: Engine, known: Mapping[str, bool] | None = None
) -> tuple[list[Links], Census]:
    """Link a dump to every platform.

    Args:
        dump: to be linked.
        vault: what platforms registered.
        engine: does the matching.
        known: see `link_remains`.

    Returns:
        The links, one value a platform in the vault's order, and a census of the registered people.
    """
    people = sum(platform.people for platform in vault.platforms)
    share = 1 if people <= _COUNT_ALL else SAMPLED
    decoys = _decoys(dump, vault.key)
    sought = {kind: engine.laid(tokens) for kind, tokens in dump.identifiers.items()}
    asked = _Asked(sought, dump.records, dump.main_kind, decoys, share, vault.without_key())
    if engine.near:  # elsewhere each machine fetches what it works on
        for platform in vault.platforms:
            vault.ahead(platform, map(identifier_file, _kinds(asked, platform)))
    linked = engine.each(partial(_linked, asked), vault.platforms)
    others, more = link_remains(dump, vault, engine, [one.links.settled for one in linked], known)
    links = [one.links.with_more(other) for one, other in zip(linked, others, strict=True)]
    rates = [rate for one in linked for rate in one.rates]
    people_of = tuple(one.people for one in vault.platforms)
    return links, Census(people_of, tuple(one.sample for one in linked), (*rates, *more))


@dataclass(frozen=True, slots=True)
class _Asked:
    """What it takes to link one platform after the other, wherever that is done."""

    sought: Mapping[str, Laid]
    """Kind → tokens of the dump."""
    records: int
    main_kind: str | None
    decoys: Mapping[str, _Decoys]
    share: int
    """One in so many tokens is counted for the census."""
    vault: Vault
    """Without its key."""


@dataclass(frozen=True, slots=True)
class _Linked:
    """What one platform gave."""

    links: Links
    rates: tuple[MatchRate, ...]
    sample: NDArray[np.uint64]
    """See `Census.samples`."""


def _kinds(asked: _Asked, platform: Platform) -> list[str]:
    """The kinds of which all identifiers of a platform are read."""
    kinds, main = [kind for kind in SINGLE if kind in asked.sought and kind in platform.kinds], asked.main_kind
    return [*kinds, main] if main in COMPOSITE and main in platform.kinds else kinds


def _linked(asked: _Asked, platform: Platform) -> _Linked:
    kinds, main = _kinds(asked, platform), asked.main_kind
    asked.vault.ahead(platform, map(identifier_file, kinds))
    runs = {kind: asked.vault.identifiers(platform, kind, dated=False) for kind in kinds}
    links = link(asked.sought, asked.records, platform, runs)
    rates = tuple(one.rate(links, kind, runs[kind]) for kind, one in asked.decoys.items() if kind in runs)
    tokens = runs[main].get_column("token").to_numpy() if main in runs else np.empty(0, np.uint64)
    return _Linked(links, rates, distinct(below(tokens, 1 / asked.share)))


@dataclass(frozen=True, slots=True)
class _Decoys:
    """Tokens of numbers that nobody in the dump has, of one kind."""

    records: int
    """Records of the dump that carry this kind."""
    tokens: NDArray[np.uint64]

    def rate(self, links: Links, kind: str, registered: pl.DataFrame) -> MatchRate:
        held = registered.get_column("token").to_numpy()
        hits = int(among(self.tokens, held).sum())
        linked = int(links.linked_by(kind).sum())
        name = links.platform.name
        return MatchRate(kind, name, self.records, linked, self.tokens.size, hits, "decoys", used=True)


def _decoys(dump: Dump, key: TokenKey) -> dict[str, _Decoys]:
    made = {
        "national_id": decoy_ids(dump.remains.cells("national_id", _DECOYS), seed=0),
        "phone": decoy_phones(dump.remains.cells("phone", _DECOYS), seed=0),
    }
    return {
        kind: _Decoys(
            dump.identifiers[kind].get_column("row").n_unique(),
            cells.to_frame("cell").select(identifier_token(pl.col("cell"), key, kind)).to_series().to_numpy(),
        )
        for kind, cells in made.items()
        if cells.len() and kind in dump.identifiers
    }


def link(sought: Mapping[str, Laid], records: int, platform: Platform, runs: dict[str, pl.DataFrame]) -> Links:
    """Link the records of a dump to the customers of one platform, whose identifiers are `runs`.

    A record whose identifiers point at several customers (a damaged number, a number that passed to somebody else) goes
    to the one with the weightiest kinds.
    """
    parts = [
        match(tokens.frame(), runs[kind]).with_columns(bit=pl.lit(BIT[kind], pl.UInt16))
        for kind, tokens in sought.items()
        if kind in runs and kind in SINGLE
    ]
    if not parts:
        return Links(platform, np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.uint16))
    if len(parts) == 1 and (links := _one_each(records, platform, parts[0])):
        return links
    pairs = pl.concat(parts).unique()
    if len(parts) > 1:
        pairs = pairs.group_by("row", "person").agg(pl.col("bit").sum())
    best = pairs.sort("row", "bit", "person", descending=[False, True, False])
    best = best.unique("row", keep="first", maintain_order=True)
    row, person, kinds = (best.get_column(name).to_numpy() for name in ("row", "person", "bit"))
    return Links(platform, row, person, kinds)


def _one_each(records: int, platform: Platform, pairs: pl.DataFrame) -> Links | None:
    """The links where no record was matched twice, in the order of the records without sorting; else None."""
    row, who, bit = (pairs.get_column(name).to_numpy() for name in ("row", "person", "bit"))
    found, person = np.zeros(records, bool), np.zeros(records, np.uint32)
    found[row], person[row] = True, who
    linked = np.flatnonzero(found).astype(np.uint32)
    return (
        Links(platform, linked, person[linked], np.full(linked.size, bit[0] if bit.size else 0, np.uint16))
        if linked.size == row.size
        else None
    )
