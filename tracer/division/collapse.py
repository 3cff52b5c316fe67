"""The records of all parts collapsed to showings: what each platform is seen to say of them, and of how many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.attribution.showings import Showings
from tracer.division.linked import Parts, Tally
from tracer.division.mixing import Words, mixed
from tracer.division.witnesses import Bystanders, Witnesses
from tracer.linkage.alignment import beyond_chance
from tracer.linkage.comparison import Comparison
from tracer.linkage.dump import Value, common_ways
from tracer.linkage.exact import Links
from tracer.linkage.testimony import MISSING, Testimony

_EACH: Final = 80
"""Bytes that a showing takes for each platform, while it is weighed."""
_WAY: Final = 0xFFFF


class TooManyShowings(Exception):
    """They would not fit into memory."""


@dataclass(frozen=True, slots=True)
class Collapsed:
    """The showings of a dump."""

    code: Words
    """(showings,) ascending: a word for what each shows."""
    rows: Showings
    testimonies: tuple[Testimony, ...]
    """One a platform, its links being to showings."""
    witnessed: tuple[NDArray[np.int64], ...]
    """For each platform (witnesses,) the link of their showing."""
    bystanding: NDArray[np.int64]
    """(bystanders,) their showing; -1 where nobody knows them."""


def collapse(  # noqa: PLR0913 - all that was learned before
    parts: Parts,
    columns: Sequence[Value],
    tallies: Sequence[Tally],
    heard: Sequence[Testimony],
    seen: Sequence[Witnesses],
    bystanders: Bystanders,
    memory: int,
) -> Collapsed:
    """Compare the values of all parts with what the platforms hold, and count the showings.

    Args:
        parts: that were linked.
        columns: what is known of their value columns.
        tallies: one a part.
        heard: for each platform what its witnesses say: which columns are paired with which claims, and what chance
            would give.
        seen: the witnesses.
        bystanders: some of all records.
        memory: bytes that the showings may take.

    Raises:
        TooManyShowings: they take more.
    """
    counting = _Counting(parts, columns, heard, _names(tallies), memory // (_EACH * max(1, len(heard))))
    code_of = [np.zeros(one.row.size, np.uint64) for one in seen]
    code_beside = np.zeros(bystanders.row.size, np.uint64)
    for part in parts.each():
        code = counting.count(part)
        for codes, one in zip(code_of, seen, strict=True):
            mine = one.part == part
            codes[mine] = code[one.row[mine]]
        beside = bystanders.part == part
        code_beside[beside] = code[bystanders.row[beside]]
    frame = counting.merged().sort("code")
    code = frame.get_column("code").to_numpy()
    rows = _rows(frame, counting.sets, _of_way(tallies, counting.names))
    testimonies, witnessed = [], []
    for place, (said, codes) in enumerate(zip(heard, code_of, strict=True)):
        testimony = _testimony(frame, place, said)
        link_of = np.searchsorted(testimony.links.row, np.searchsorted(code, codes))
        witnessed.append(link_of)
        testimonies.append(replace(testimony, giver=link_of[said.giver]))
    at = np.minimum(np.searchsorted(code, code_beside), max(0, code.size - 1))
    bystanding = np.where(code_beside != 0, at, -1)
    return Collapsed(code, rows, tuple(testimonies), tuple(witnessed), bystanding)


def _names(tallies: Sequence[Tally]) -> dict[int, int]:
    """Set of columns that many records fill → its number; all others have 0."""
    many: dict[int, int] = {}
    for one in tallies:
        for way, count in one.ways.items():
            many[way] = many.get(way, 0) + count
    ways = sorted(many)
    names = common_ways(np.array([many[way] for way in ways], np.int64))
    return {way: name for way, name in zip(ways, names.tolist(), strict=True) if name}


def _of_way(tallies: Sequence[Tally], names: dict[int, int]) -> NDArray[np.float64]:
    """(names,) how many records of a dump fill each set of columns."""
    count = np.zeros(1 + max(names.values(), default=0))
    for one in tallies:
        for way, many in one.ways.items():
            count[names.get(way, 0)] += many
    count[0] += sum(one.records for one in tallies) - count.sum()
    return count


@dataclass(slots=True)
class _Counting:
    """Showings as far as they were counted."""

    parts: Parts
    columns: Sequence[Value]
    heard: Sequence[Testimony]
    names: dict[int, int]
    most: int
    """Showings that fit into memory."""
    narrow: list[np.dtype[np.unsignedinteger]] = field(default_factory=list)
    """For each platform, the narrowest numbers that hold an outcome of all its columns."""
    met: list[NDArray[np.bool_]] = field(default_factory=list)
    """For each platform, (customers,) whether a record of his was met."""
    found: list[pl.DataFrame] = field(default_factory=list)
    sets: list[pl.DataFrame] = field(default_factory=list)
    """(`set` Utf8, `people`): codes of showings that people with several make."""

    def __post_init__(self) -> None:
        """Nobody was met yet."""
        self.narrow = [np.min_scalar_type(3 ** len(one.pairings)) for one in self.heard]
        self.met = [np.zeros(one.links.platform.people, bool) for one in self.heard]

    def count(self, part: int) -> Words:
        """Count a part: (records,) the showing of each, 0 where nobody knows it."""
        values, frame = self.parts.values(part, self.columns)
        place_of = {id(column): place for place, column in enumerate(self.columns)}
        shown = frame.get_column("way").replace_strict(self.names, default=0, return_dtype=pl.Int64).to_numpy()
        code, linked = np.zeros(frame.height, np.uint64), np.zeros(frame.height, bool)
        every, outcomes, fresh = self.parts.links(part), [], []
        for place, (one, heard) in enumerate(zip(every, self.heard, strict=True)):
            comparison, outcome = Comparison(values, self.parts.vault, one), np.zeros(one.row.size, np.uint64)
            for column, pairing in enumerate(heard.pairings):
                run, both = comparison.runs(values[place_of[id(pairing.value)]], pairing.claim)
                outcome += np.where(both, np.where(run >= 0, 2, 1), 0).astype(np.uint64) * np.uint64(3**column)
            kinds = mixed(one.kinds.astype(np.uint64) | np.uint64(place << 16))
            code[one.row] ^= mixed(kinds ^ outcome)
            linked[one.row] = True
            first = one.once
            fresh.append(first[~self.met[place][one.person[first]]])
            self.met[place][one.person] = True
            outcomes.append(outcome)
        row = np.flatnonzero(linked)
        code[row] ^= mixed(shown[row].astype(np.uint64), _WAY)
        alone = self._people(frame.get_column("mine").to_numpy()[row], code[row])
        self._add(code, row, shown, every, outcomes, fresh, alone)
        self.parts.scratch.put_frame(f"showings/{part}", pl.DataFrame({"at": row.astype(np.uint32), "code": code[row]}))
        return code

    def _add(  # noqa: PLR0913 - all that is known of a part
        self,
        code: Words,
        row: NDArray[np.int64],
        shown: NDArray[np.int64],
        every: Sequence[Links],
        outcomes: Sequence[Words],
        fresh: Sequence[NDArray[np.int64]],
        alone: pl.DataFrame,
    ) -> None:
        codes, example, number, many = np.unique(code[row], return_index=True, return_inverse=True, return_counts=True)
        showing = np.zeros(code.size, np.int64)
        showing[row] = number
        columns = {"code": codes, "filled": shown[row[example]], "many": many.astype(float)}
        for place, (one, outcome, first) in enumerate(zip(every, outcomes, fresh, strict=True)):
            kinds, said = np.zeros(code.size, np.uint16), np.zeros(code.size, self.narrow[place])
            kinds[one.row], said[one.row] = one.kinds, outcome
            columns[f"kinds{place}"], columns[f"said{place}"] = kinds[row[example]], said[row[example]]
            columns[f"once{place}"] = np.bincount(showing[one.row[first]], minlength=codes.size).astype(np.uint32)
        self.found.append(
            pl.DataFrame(columns).join(alone, on="code", how="left").with_columns(pl.col("alone").fill_null(0.0))
        )
        if len(self.found) > _WAITING or sum(one.height for one in self.found) > self.most:
            self.found = [self.merged()]

    def _people(self, mine: NDArray[np.uint32], code: Words) -> pl.DataFrame:
        """Count people: those with several showings by the set of them, those with one alone by `code`."""
        pairs = pl.DataFrame({"mine": mine, "code": code}).unique()
        alone = pairs.filter(pl.len().over("mine") == 1)
        several = pairs.filter(pl.len().over("mine") > 1).sort("mine", "code")
        sets = several.group_by("mine", maintain_order=True).agg(pl.col("code").cast(pl.String).str.join(" "))
        self.sets.append(sets.group_by(set="code").agg(people=pl.len().cast(pl.Float64)))
        if len(self.sets) > _WAITING:
            self.sets = [pl.concat(self.sets).group_by("set").agg(pl.col("people").sum())]
        return alone.group_by("code").agg(alone=pl.len().cast(pl.Float64))

    def merged(self) -> pl.DataFrame:
        """All showings so far, each once."""
        once = [f"once{place}" for place in range(len(self.heard))]
        sums = ("many", "alone", *once)
        columns = sorted(self.found[0].columns)
        whole = pl.concat([one.select(columns) for one in self.found])
        merged = whole.group_by("code").agg(pl.col(sums).sum(), pl.exclude("code", *sums).first())
        if merged.height > self.most:
            raise TooManyShowings
        return merged


_WAITING: Final = 8


def _rows(frame: pl.DataFrame, sets: Sequence[pl.DataFrame], of_way: NDArray[np.float64]) -> Showings:
    code = frame.get_column("code").to_numpy()
    made = pl.concat([pl.DataFrame(schema={"set": pl.String, "people": pl.Float64}), *sets])
    made = made.group_by("set", maintain_order=True).agg(pl.col("people").sum()).with_row_index("number")
    met = made.select(set="number", code=pl.col("set").str.split(" ")).explode("code")
    place = np.searchsorted(code, met.get_column("code").cast(pl.UInt64).to_numpy())
    return Showings(
        of_way=of_way,
        filled=frame.get_column("filled").to_numpy().astype(np.intp),
        many=frame.get_column("many").to_numpy(),
        alone=frame.get_column("alone").to_numpy(),
        sets=pl.DataFrame({"set": met.get_column("set"), "showing": place.astype(np.uint32)}),
        people_of=made.get_column("people").to_numpy(),
    )


def _testimony(frame: pl.DataFrame, place: int, heard: Testimony) -> Testimony:
    """What all records say of one platform, given what its witnesses do."""
    kinds = frame.get_column(f"kinds{place}").to_numpy()
    showing = np.flatnonzero(kinds)
    said = frame.get_column(f"said{place}").to_numpy()[showing].astype(np.int64)
    agree = np.empty((showing.size, len(heard.pairings)), np.int8)
    for column in range(len(heard.pairings)):
        agree[:, column] = said // 3**column % 3 - 1
    customers = frame.get_column(f"once{place}").to_numpy()[showing].astype(float)
    agreed = [float(customers[agree[:, column] == 1].sum()) for column in range(len(heard.pairings))]
    compared = [float(customers[agree[:, column] != MISSING].sum()) for column in range(len(heard.pairings))]
    pairings = tuple(
        replace(one, agreed=round(many), familiar=one.familiar or beyond_chance(many, one.by_chance * of))
        for one, many, of in zip(heard.pairings, agreed, compared, strict=True)
    )
    links = Links(heard.links.platform, showing.astype(np.uint32), np.zeros(showing.size, np.uint32), kinds[showing])
    many = frame.get_column("many").to_numpy()[showing]
    return Testimony(links, np.arange(showing.size), pairings, agree, heard.dealt, heard.giver, many, customers)
