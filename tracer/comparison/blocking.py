"""Which pairs are worth comparing: those that share something few share, found by joins.

A rule is something both must have alike: a whole value, a value but for one lost character, or two things at once (name
by its sound and city, birth date and postcode). Every rule may propose so many pairs and no more; of a rule that would
propose too many, the rarest values are taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.comparison.alignment import Kind
from tracer.comparison.people import Codes, People, Places, Trait
from tracer.ordered import among

_LEAST_PAIRS: Final = 50_000
_FOR_EACH: Final = 4
"""Pairs that one rule may propose: so many, and so many for each person of the dump."""
_CROWD: Final = 400
"""A value that more people of the table have is nothing to look them up by."""
_SPELLED: Final = frozenset({Kind.PHONE, Kind.NATIONAL_ID, Kind.CODE, Kind.EMAIL})
"""Kinds that are looked up with one character lost."""
_SHORTEST, _LONGEST = 6, 24
_PAIRED: Final = 10
"""Traits that are looked up two at a time: those with most values."""

Keys = tuple[NDArray[np.int64], NDArray[np.int64]]
"""Person and key, one a line."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of people to be compared, ordered by person of the dump, each once."""

    ours: Places
    theirs: Places


class Rule:
    """One way of finding somebody: keys of both sides that must be equal."""

    keys_each = 1
    """About how often one pair is found."""

    def __init__(self, people: People, parts: tuple[tuple[Trait, Codes], ...]) -> None:
        """A rule on one or two traits, each with the numbers its values are to be equal in."""
        self.people, self.parts = people, parts

    def keys(self, sought: NDArray[np.bool_]) -> tuple[Keys, Keys]:
        """Keys of the people of the dump who are still sought, and of the table."""
        person, key = self._side(dump=True)
        return (person[sought[person]], key[sought[person]]), self._side(dump=False)

    def _side(self, *, dump: bool) -> Keys:
        key: NDArray[np.int64] | None = None
        holds: NDArray[np.bool_] | None = None
        for trait, numbers in self.parts:
            codes = trait.dump if dump else trait.table
            number = np.where(codes >= 0, numbers[codes], -1).astype(np.int64)
            key = number if key is None else key * (int(numbers.max(initial=0)) + 1) + number
            holds = number >= 0 if holds is None else holds & (number >= 0)
        assert key is not None and holds is not None  # noqa: S101, PT018 - a rule has a part
        person = np.flatnonzero(holds)
        return person, key[person]


class Lost(Rule):
    """Equal when one character, any, is left out of either: one wrong, missing, doubled or swapped character.

    Asked only for values that nobody else of the table has as they are.
    """

    keys_each = 2

    def __init__(self, people: People, trait: Trait) -> None:
        """A rule on one trait."""
        super().__init__(people, ((trait, trait.coarse),))

    def keys(self, sought: NDArray[np.bool_]) -> tuple[Keys, Keys]:
        """Keys of the people of the dump who are still sought, and those of the table that equal one of them."""
        trait = self.parts[0][0]
        ours = self._spelled(trait, np.where(sought, self._unheld(trait), -1), None)
        return ours, self._spelled(trait, trait.table, pl.Series(ours[1]).unique())

    def _spelled(self, trait: Trait, codes: Codes, among: pl.Series | None) -> Keys:
        used = np.unique(codes[codes >= 0])
        variants = neighbourhood(trait.values.gather(used), among)
        frame = pl.DataFrame({"code": codes, "person": np.arange(codes.size)})
        value = pl.DataFrame({"code": pl.Series(used).gather(variants["place"]).cast(pl.Int32), "key": variants["key"]})
        joined = frame.join(value, on="code").select("person", "key")
        return joined["person"].to_numpy(), joined["key"].to_numpy()

    def _unheld(self, trait: Trait) -> Codes:
        """The dump's numbers of values, -1 where somebody else of the table has the value."""
        people, codes = self.people, trait.dump
        others = np.where(codes >= 0, trait.held[codes], 0)
        others[people.ours :] -= (codes[people.ours :] >= 0) & (codes[people.ours :] == trait.table[people.decoys])
        return np.where(others > 0, -1, codes).astype(np.int32)


def neighbourhood(values: pl.Series, among: pl.Series | None = None) -> pl.DataFrame:
    """`place` of each value and `key`, a digest of it, and of it with any one character left out.

    Args:
        values: text.
        among: the only keys that are of interest, if not all.
    """
    text = pl.col("text")
    frame = pl.DataFrame({"text": values}).with_row_index("place")
    frame = frame.filter(text.str.len_chars().is_between(_SHORTEST, _LONGEST))
    longest = max(frame["text"].str.len_chars().to_list(), default=0)
    wanted = None if among is None else pl.DataFrame({"key": among})
    found = [pl.DataFrame(schema={"place": pl.UInt32, "key": pl.Int64})]
    for left_out in range(-1, longest):
        lost = text if left_out < 0 else text.str.head(left_out) + text.str.slice(left_out + 1)
        part = frame.lazy().filter(text.str.len_chars() > left_out)
        keyed = part.select("place", key=lost.hash().reinterpret(signed=True)).collect()
        found.append(keyed if wanted is None else keyed.join(wanted, on="key", how="semi"))
    return pl.concat(found).unique()


def rules(people: People) -> Iterator[list[Rule]]:
    """Rules in the order in which they are tried: whole values, then damaged ones, then two things at once."""
    traits = people.traits
    yield [Rule(people, ((one, np.arange(len(one.values), dtype=np.int32)),)) for one in traits]
    yield [Lost(people, one) for one in traits if one.kind in _SPELLED]
    best = sorted(traits, key=lambda one: -one.held.astype(bool).sum())[:_PAIRED]
    yield [Rule(people, ((one, one.coarse), (other, other.coarse))) for one, other in combinations(best, 2)]


def propose(rule: Rule, sought: NDArray[np.bool_], allowance: int) -> Pairs:
    """Pairs that a rule finds.

    Args:
        rule: what both must have alike.
        sought: (people of the dump,) who is still looked for.
        allowance: most pairs.
    """
    (ours, key), (theirs, their_key) = rule.keys(sought)
    left, right = pl.DataFrame({"key": key, "ours": ours}), pl.DataFrame({"key": their_key, "theirs": theirs})
    crowd = right.group_by("key").len("there").join(left.group_by("key").len("here"), on="key")
    crowd = crowd.filter(pl.col("there") <= _CROWD).sort(pl.col("here") * pl.col("there"), "key")
    kept = crowd.filter(
        (pl.col("here") * pl.col("there")).cast(pl.Int64).cum_sum() <= allowance * rule.keys_each
    ).select("key")
    found = left.join(kept, on="key", how="semi").join(right.join(kept, on="key", how="semi"), on="key")
    return Pairs(found["ours"].to_numpy(), found["theirs"].to_numpy())


def allowance(people: People) -> int:
    """Most pairs that one rule may propose."""
    return max(_LEAST_PAIRS, _FOR_EACH * people.looked_for)


def merged(people: People, proposals: list[Pairs], known: Places) -> Places:
    """The proposed pairs that are not known yet, as sorted numbers `ours * people.theirs + theirs`."""
    fresh = [each.ours.astype(np.int64) * people.theirs + each.theirs for each in proposals]
    if not fresh:
        return np.empty(0, np.int64)
    numbers = pl.Series(np.concatenate(fresh)).unique().sort().to_numpy()
    return np.asarray(numbers[~among(numbers, known)], np.int64)
