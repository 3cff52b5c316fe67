"""Which record is which registered customer, by what a masked or damaged identifier still shows.

Only records that nobody recognised by a whole identifier that people have everywhere are tried. A kind is used only
where chance hardly hits: its rate is measured in each trace (see `chance`), and a kind that would link strangers is
left out, and said to be.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.engines.interface import Engine, Laid
from tracer.engines.matching import match
from tracer.identifiers.id_repair import candidates
from tracer.identifiers.kinds import BIT, COMPOSITE, KINDS, NUMBERING, PART, REPAIRED, SINGLE
from tracer.linkage.chance import TRIALS, MatchRate, deal, decoy_ids, mistype
from tracer.linkage.dump import Dump
from tracer.linkage.remains import Remains, Rows
from tracer.ordered import among, below
from tracer.tokens import TokenKey, by_token, identifier_token
from tracer.vault.growth import SAMPLE, SAMPLED, identifier_file
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

HIGHEST_RATE: Final = 1e-3
"""Chance hits a record beyond which a kind is not used anywhere."""
LEAST_PRECISION: Final = 0.999
"""Of the links of a kind, at the platform that has most of them, so many must be more than chance."""
TRY_ALL: Final = 20_000
"""So many records are always tried in full; of more, a sample first tells whether it is worth the reading."""
_QUICK: Final = 10
"""Customers a record of a part of a dump up to which all are read."""

PAIRS: Final = {"row": pl.UInt32, "person": pl.UInt32, "kinds": pl.UInt16}
"""Links before they are one a record: `kinds` is a set of bits."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Tokens of one kind: the records' own, and of as many invented ones as it takes to know what chance hits."""

    kind: str
    registered: str
    """Whose tokens at the platform they are compared with."""
    records: int
    tokens: pl.DataFrame
    """(`row`, `token`) ordered by token."""
    dealt: pl.DataFrame
    trials: int
    method: str

    def laid(self, engine: Engine) -> LaidSought:
        """The same where work can take it."""
        dealt, tokens = engine.laid(self.dealt), engine.laid(self.tokens)
        return LaidSought(self.kind, self.registered, self.records, tokens, dealt, self.trials, self.method)


@dataclass(frozen=True, slots=True)
class LaidSought:
    """A `Sought` of which the frames lie where work is done."""

    kind: str
    registered: str
    records: int
    tokens: Laid
    dealt: Laid
    trials: int
    method: str


@dataclass(frozen=True, slots=True)
class Glance:
    """What the sample of a platform's customers says of one kind: how many there are, and hits of records."""

    sampled: int
    hits: int
    strays: int
    """Hits of invented records."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What one platform's records were linked to, before it is settled which kinds are used."""

    platform: Platform
    pairs: pl.DataFrame
    rates: tuple[MatchRate, ...]


def link_remains(
    dump: Dump,
    vault: Vault,
    engine: Engine,
    recognised: Sequence[NDArray[np.uint32]],
    known: Mapping[str, bool] | None = None,
) -> tuple[list[pl.DataFrame], tuple[MatchRate, ...]]:
    """Link the records of a dump that no platform recognised by a whole identifier that people have everywhere.

    A platform that holds none of the dump's whole kinds is asked about all records.

    Args:
        dump: to be linked.
        vault: what platforms registered.
        engine: does the matching.
        recognised: for each platform the records it recognised so.
        known: where this is but a part of a dump, which kinds earlier parts used and which they did not. Then samples
            do not tell what is tried as long as reading all is quick, for a part has fewer records to tell it by.

    Returns:
        For each platform (`row`, `person`, `kinds`), one row a record, ordered by it; and the rates of all kinds tried.
    """
    left = np.ones(dump.records, bool)
    for row in recognised:
        left[row] = False
    everything = np.ones(dump.records, bool)
    whole = SINGLE.keys() & dump.identifiers.keys()
    by_name: dict[str, Tried] = {}
    before = known or {}
    quick = known is not None and sum(one.people for one in vault.platforms) <= _QUICK * dump.records
    most = dump.records if quick else TRY_ALL
    for blind, rows in ((False, left), (True, everything)):
        platforms = [one for one in vault.platforms if blind == (not whole & one.kinds)]
        sought = _sought(dump.remains, rows, vault.key, platforms, before)
        laid = [one.laid(engine) for one in sought]
        place = {one.kind: number for number, one in enumerate(sought)}
        places = [[place[one.kind] for one in held] for held in _worthwhile(sought, platforms, vault, most)]
        if engine.near:  # as in `link_all`
            for platform, held in zip(platforms, places, strict=True):
                vault.ahead(platform, {identifier_file(sought[one].registered) for one in held})
        work = partial(_tried, laid, vault.without_key())
        by_name |= {one.platform.name: one for one in engine.each(work, list(zip(platforms, places, strict=True)))}
    tried = [by_name[platform.name] for platform in vault.platforms]
    fresh = _usable(tried)
    used = frozenset(kind for kind in fresh | before.keys() if before.get(kind, kind in fresh))
    settled = [_settled(one.pairs, used) for one in tried]
    rates = [
        replace(rate, used=rate.kind in used, lost=_lost(one.pairs, links, rate.kind))
        for one, links in zip(tried, settled, strict=True)
        for rate in one.rates
    ]
    return settled, tuple(rates)


def _sought(
    remains: Remains, rows: Rows, key: TokenKey, platforms: Sequence[Platform], known: Mapping[str, bool]
) -> list[Sought]:
    """What is sought at these platforms: the kinds that one of them holds, and that can link anybody."""
    if not platforms or not rows.any():
        return []
    held = frozenset[str]().union(*(one.kinds for one in platforms))
    clues = {kind: one for kind, one in remains.shown_by(rows).clues.items() if kind in held}
    if len({PART[kind] for kind in clues}) == 1 and "national_id" not in held:
        # What is not used alone counts only beside what has no digit in common with it.
        clues = {kind: one for kind, one in clues.items() if known.get(kind, True)}
    sought = []
    for kind, one in clues.items():
        own = one.of(rows)
        if own.row.size:
            dealt = deal(own, COMPOSITE[kind].digits, seed=KINDS.index(kind))
            records, tokens = _distinct(own.row, rows.size), by_token(own.tokens(key, kind))
            invented = by_token(dealt.clues.tokens(key, kind))
            sought.append(Sought(kind, kind, records, tokens, invented, dealt.trials, dealt.method))
    return sought + (_repaired(remains, rows, key) if "national_id" in held else [])


def _repaired(remains: Remains, rows: Rows, key: TokenKey) -> list[Sought]:
    failing = remains.failing_ids(rows)
    if failing.is_empty():
        return []
    cells = remains.cells("national_id", TRIALS // 4)
    decoys = pl.concat([decoy_ids(cells, seed) for seed in range(-(-TRIALS // max(1, 4 * cells.len())))])
    wrong = mistype(decoys, seed=0)
    own, invented = (_readings(numbers, key) for numbers in (failing.get_column("number"), wrong))
    own = own.with_columns(row=failing.get_column("row").gather(own.get_column("row")))
    records = failing.get_column("row").n_unique()
    return [Sought(REPAIRED, "national_id", records, own, invented, wrong.len(), "decoys")]


def _readings(numbers: pl.Series, key: TokenKey) -> pl.DataFrame:
    return by_token(candidates(numbers).select("row", token=identifier_token(pl.col("number"), key, "national_id")))


def _worthwhile(sought: Sequence[Sought], platforms: Sequence[Platform], vault: Vault, most: int) -> list[list[Sought]]:
    """For each platform what is tried in full.

    Of kinds that more records than `most` show, only those that hit its sample beyond chance.
    """
    many = [one for one in sought if one.kind != REPAIRED and one.records > most]
    seen = vault.in_turn(platforms, SAMPLE) if many else ()
    glances = [_glances(many, vault.sample(platform)) for platform in seen]
    left = {one.kind: _near_chance(one, told) for one, told in zip(many, zip(*glances, strict=True), strict=True)}
    return [
        [one for one in sought if one.registered in platform.kinds and place not in left.get(one.kind, ())]
        for place, platform in enumerate(platforms)
    ]


def _glances(many: Sequence[Sought], sample: Mapping[str, NDArray[np.uint64]]) -> list[Glance]:
    held = [sample.get(one.kind, np.empty(0, np.uint64)) for one in many]
    return [
        Glance(known.size, _hits(one.tokens, known), _hits(one.dealt, known))
        for one, known in zip(many, held, strict=True)
    ]


def _near_chance(sought: Sought, seen: Sequence[Glance]) -> frozenset[int]:
    """The platforms, by place, whose sample is hit no more than chance would hit it.

    One sample is too small to tell how often that is. So invented records are counted at all platforms together, in
    proportion to the customers sampled; where none of them hit, half a hit is assumed.
    """
    drawn = max(1, sum(one.sampled for one in seen) * sought.dealt.height)
    rate = (sum(one.strays for one in seen) + 0.5) / drawn
    chance = [rate * one.sampled * sought.tokens.height for one in seen]
    return frozenset(
        place
        for place, (one, mean) in enumerate(zip(seen, chance, strict=True))
        if one.hits <= mean + 3 * math.sqrt(mean)
    )


def _tried(laid: Sequence[LaidSought], vault: Vault, asked: tuple[Platform, Sequence[int]]) -> Tried:
    """What one platform's records are linked to by the kinds of these places."""
    platform, places = asked
    pairs, rates = [pl.DataFrame(schema=PAIRS)], []
    vault.ahead(platform, {identifier_file(laid[place].registered) for place in places})
    for one in (laid[place] for place in places):
        registered = vault.identifiers(platform, one.registered, dated=False)
        found = match(one.tokens.frame(), registered).unique()
        hits = match(one.dealt.frame(), registered).get_column("row").n_unique()
        links = found.filter(pl.len().over("row") == 1).height
        rates.append(MatchRate(one.kind, platform.name, one.records, links, one.trials, hits, one.method, used=False))
        pairs.append(found.with_columns(kinds=pl.lit(BIT[one.kind], pl.UInt16)))
    return Tried(platform, pl.concat(pairs), tuple(rates))


def _hits(sought: pl.DataFrame, held: NDArray[np.uint64]) -> int:
    return int(among(below(sought.get_column("token").to_numpy(), 1 / SAMPLED), held).sum())


def _usable(tried: Sequence[Tried]) -> frozenset[str]:
    """The kinds by which alone records may be linked.

    None that hits a record by chance at more than `HIGHEST_RATE` anywhere. The kinds that stand in for a masked phone
    number or ID need no more; the others must also have found, at the platform where they found most, a thousand times
    what chance finds. For that all platforms' invented records are taken together, in proportion to their customers:
    where none of them hit, half a hit is assumed.
    """
    found: dict[str, list[tuple[MatchRate, int]]] = {}
    for one in tried:
        for rate in one.rates:
            found.setdefault(rate.kind, []).append((rate, one.platform.people))
    usable = set()
    for kind, mine in found.items():
        invented = sum(rate.trials * people for rate, people in mine)
        most, people = max(mine, key=lambda one: one[0].links)
        chance = (sum(rate.hits for rate, _ in mine) + 0.5) / max(1, invented) * people * most.records
        precise = chance <= (1 - LEAST_PRECISION) * most.links
        if max(rate.rate for rate, _ in mine) <= HIGHEST_RATE and (precise or kind in NUMBERING):
            usable.add(kind)
    return frozenset(usable)


def _settled(pairs: pl.DataFrame, used: frozenset[str]) -> pl.DataFrame:
    """One customer a record: who has the weightiest kinds, if that is one alone.

    A kind that is left out still counts beside one that has no digit in common with it: both hardly agree by chance.
    """
    if pairs.is_empty():
        return pairs
    weighed = pairs.group_by("row", "person").agg(pl.col("kinds").sum())
    alone = (pl.col("kinds") & sum(BIT[kind] for kind in used)) != 0
    parts = [
        (pl.col("kinds") & sum(BIT[kind] for kind in PART if PART[kind] == part)) != 0
        for part in sorted(set(PART.values()))
    ]
    accepted = weighed.filter(alone | (pl.sum_horizontal(parts) > 1))
    best = accepted.filter(pl.col("kinds") == pl.col("kinds").max().over("row"))
    return best.filter(pl.len().over("row") == 1).sort("row").select("row", "person", pl.col("kinds").cast(pl.UInt16))


def _lost(pairs: pl.DataFrame, settled: pl.DataFrame, kind: str) -> int:
    """Records that hit one customer by a kind and were not linked."""
    hit = pairs.filter(pl.col("kinds") == BIT[kind]).filter(pl.len().over("row") == 1)
    return hit.join(settled, on="row", how="anti").height


def _distinct(row: NDArray[np.uint32], records: int) -> int:
    """How many of the records are met."""
    met = np.zeros(records, bool)
    met[row] = True
    return int(np.count_nonzero(met))
