"""A random choice of the records that a platform knows, held in memory with all their values.

Which columns of a dump mean which claims, what chance alone would give, and on which day the records left is learned
from so many records that more would say nothing new. Customers are chosen, each with all his records, and every part
chooses alike; of a platform that knows few records all are held, and then nothing differs from a dump in one piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.division.linked import Parts, Tally, days_of, valued, without_text
from tracer.division.mixing import chosen, mixed
from tracer.linkage.dump import Dump, Value
from tracer.linkage.exact import Links
from tracer.linkage.history import CHANGING
from tracer.linkage.union import groups, united
from tracer.tokens import by_token
from tracer.vault.vault import Vault

_MOST: Final = 200_000
"""Records of one platform."""
_ALL: Final = 1_000_000
"""Records of all platforms, about."""
_LEAST: Final = 16_000
_BYSTANDERS: Final = 200_000
"""Records of whomever."""
SALT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Witnesses:
    """The chosen records of one platform."""

    dump: Dump
    links: Links
    """Of these records, each to its customer."""
    rate: float
    """Share of the platform's customers that was chosen."""
    part: NDArray[np.uint16]
    """(records,) in which part each lies."""
    row: NDArray[np.uint32]
    """(records,) and at which place there."""


@dataclass(frozen=True, slots=True)
class Bystanders:
    """Some of all records, whoever knows them: the days that they name."""

    rate: float
    part: NDArray[np.uint16]
    row: NDArray[np.uint32]
    days: tuple[NDArray[np.int32] | None, ...]
    """For each value column (records,) the day in it; None where it holds no days."""


def witnesses(parts: Parts, columns: Sequence[Value], tallies: Sequence[Tally]) -> tuple[list[Witnesses], Bystanders]:
    """Choose the witnesses of each platform, in the order of the platforms, and some bystanders."""
    platforms = parts.platforms
    most = int(np.clip(_ALL // max(1, len(platforms)), _LEAST, _MOST))
    linked = np.sum([one.linked for one in tallies], axis=0).tolist()
    rates = [min(1.0, most / max(1, linked[parts.place(platform)])) for platform in platforms]
    share = min(1.0, _BYSTANDERS / max(1, sum(one.records for one in tallies)))
    held: list[list[pl.DataFrame]] = [[] for _ in platforms]
    tokens: dict[str, list[list[pl.DataFrame]]] = {kind: [[] for _ in platforms] for kind in CHANGING}
    others, counted = [], [0] * len(platforms)
    for part in parts.each():
        links, (_, frame) = parts.links(part), parts.values(part, columns)
        days = [f"d{place}" for place, one in enumerate(columns) if one.day is not None]
        word = mixed(np.arange(frame.height, dtype=np.uint64) + np.uint64(part << 32))
        some = np.flatnonzero(chosen(word, share, SALT - 1))
        others.append(_from(frame.select("way", *days), some, part))
        for place, one in enumerate(links):
            who = np.flatnonzero(chosen(one.person, rates[place], SALT + place))
            shown = _from(frame.drop("mine", "way"), one.row[who], part)
            held[place].append(shown.with_columns(person=one.person[who], kinds=one.kinds[who]))
            if len(one.platform.days) > 1:
                for kind in CHANGING:
                    tokens[kind][place].append(_carried(parts.tokens(part, kind), one.row[who], counted[place]))
            counted[place] += who.size
    made = []
    for place, platform in enumerate(platforms):
        frame = pl.concat(held[place])
        held[place].clear()
        carried = {kind: by_token(pl.concat(found[place])) for kind, found in tokens.items() if found[place]}
        kept = {kind: one for kind, one in carried.items() if one.height}
        dump = without_text(frame.height, kept, valued(frame, columns), parts.dealt.settled.main_kind, parts.vault)
        person, kinds, part_of, row = (frame.get_column(name).to_numpy() for name in ("person", "kinds", "part", "at"))
        links_of = Links(platform, np.arange(frame.height, dtype=np.uint32), person, kinds)
        made.append(Witnesses(dump, links_of, rates[place], part_of, row))
    frame = pl.concat(others)
    told = tuple(days_of(frame, one) for one in columns)
    return made, Bystanders(share, frame.get_column("part").to_numpy(), frame.get_column("at").to_numpy(), told)


def united_columns(
    columns: Sequence[Value], seen: Sequence[Witnesses], beside: Bystanders, vault: Vault, seed: int
) -> tuple[tuple[Value, ...], list[Witnesses], Bystanders]:
    """The same where columns of several tables that hold the same thing are one (see `union`)."""
    grouped = groups(columns, [(one.dump.values, one.links) for one in seen], vault, seed)
    fresh = [replace(one, dump=replace(one.dump, values=united(one.dump.values, grouped))) for one in seen]
    days = [[told for place in group if (told := beside.days[place]) is not None] for group in grouped]
    told_of = tuple(np.maximum.reduce(one) if one else None for one in days)
    return united(columns, grouped), fresh, replace(beside, days=told_of)


def _from(frame: pl.DataFrame, row: NDArray[np.integer], part: int) -> pl.DataFrame:
    """The records at these places of a part, with their places."""
    return frame[row].with_columns(pl.lit(part, pl.UInt16).alias("part"), pl.Series("at", row.astype(np.uint32)))


def _carried(tokens: pl.DataFrame, row: NDArray[np.uint32], first: int) -> pl.DataFrame:
    """Tokens of the records at these places, which are numbered anew from `first`."""
    numbered = pl.DataFrame({"row": row, "number": np.arange(first, first + row.size, dtype=np.uint32)})
    return tokens.join(numbered, on="row", how="inner").select(pl.col("number").alias("row"), "token")
