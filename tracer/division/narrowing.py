"""Of many platforms, those that a dump in parts is weighed for: as many as its showings fit into memory with.

The more platforms are looked at together, the more records differ from all others: with a hundred platforms that share
their customers hardly two people are customers of the same. Then the half of the platforms is left out whose customers'
values agree least beyond chance, and as often again as it takes. How many records each of them can have supplied is
known exactly, and is said; none of them can be named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from tracer.attribution.unjoined import unjoined
from tracer.attribution.verdict import Source
from tracer.division.collapse import Collapsed, TooManyShowings, collapse
from tracer.division.linked import Parts, Tally
from tracer.division.witnesses import Bystanders, Witnesses
from tracer.errors import TracerError
from tracer.linkage.claims import testify
from tracer.linkage.comparison import Comparison
from tracer.linkage.dump import Value
from tracer.linkage.shortlist import Dropped, Sampling
from tracer.linkage.testimony import MISSING, Testimony


@dataclass(frozen=True, slots=True)
class Heard:
    """What the witnesses say of each platform, in the order of the platforms."""

    witnesses: tuple[Witnesses, ...]
    testimonies: tuple[Testimony, ...]
    bystanders: Bystanders

    def of(self, places: Sequence[int]) -> Heard:
        """Of some platforms only."""
        return replace(
            self,
            witnesses=tuple(self.witnesses[place] for place in places),
            testimonies=tuple(self.testimonies[place] for place in places),
        )


def hear(parts: Parts, witnesses: Sequence[Witnesses], bystanders: Bystanders, seed: int) -> Heard:
    """Compare the values of witnesses with what the platforms hold."""
    told = tuple(
        testify(Comparison(one.dump.values, parts.vault, one.links), seed + place, thorough=one.rate < 1)
        for place, one in enumerate(witnesses)
    )
    return Heard(tuple(witnesses), told, bystanders)


def collapsed(
    parts: Parts, columns: Sequence[Value], tallies: Sequence[Tally], heard: Heard, memory: int
) -> tuple[Parts, Heard, Collapsed]:
    """The showings of a dump, for as many platforms as they fit into memory with.

    Args:
        parts: that were linked.
        columns: what is known of their value columns.
        tallies: one a part.
        heard: what the witnesses say.
        memory: bytes that the showings may take.

    Returns:
        The parts and what was heard, of the platforms that are weighed; and the showings.

    Raises:
        TracerError: with a single platform there are too many still.
    """
    while True:
        about = [_about(columns, *each) for each in zip(heard.witnesses, heard.testimonies, strict=True)]
        try:
            return parts, heard, collapse(parts, columns, tallies, about, heard.witnesses, heard.bystanders, memory)
        except TooManyShowings:
            if len(parts.platforms) == 1:
                message = "the records of this dump differ too much to be counted together"
                raise TracerError(message, hint="give it more memory: --memory") from None
        order = sorted(range(len(about)), key=lambda place: (-_excess(about[place]), place))
        kept = sorted(order[: -(-len(order) // 2)])
        names = {platform.name for place, platform in enumerate(parts.platforms) if place not in kept}
        parts, heard = parts.without(names), heard.of(kept)


def left_out_of(before: Parts, after: Parts, tallies: Sequence[Tally], sealed_on: date) -> list[Source]:
    """What is said of the platforms that are not weighed: how many records are about their customers."""
    records, weighed = sum(one.records for one in tallies), {one.name for one in after.platforms}
    linked = np.sum([one.linked for one in tallies], axis=0).tolist()
    whole = Sampling(1.0, 0, 1)
    left = [one for one in before.platforms if one.name not in weighed]
    about = [Dropped(one.name, linked[before.place(one)], linked[before.place(one)]) for one in left]
    return [unjoined(one, said, whole, records, records, sealed_on) for one, said in zip(left, about, strict=True)]


def _about(columns: Sequence[Value], witnesses: Witnesses, testimony: Testimony) -> Testimony:
    """A testimony in which the columns of all platforms are the same objects."""
    place = {id(one): number for number, one in enumerate(witnesses.dump.values)}
    pairings = tuple(replace(one, value=columns[place[id(one.value)]]) for one in testimony.pairings)
    return replace(testimony, pairings=pairings)


def _excess(testimony: Testimony) -> float:
    """By how many standard deviations, about, the values of its witnesses agree beyond chance, in the best column."""
    compared = (testimony.agree[testimony.once] != MISSING).sum(axis=0)
    expected = [many * one.by_chance for many, one in zip(compared.tolist(), testimony.pairings, strict=True)]
    return max(
        ((one.agreed - chance) / (chance + 1) ** 0.5 for one, chance in zip(testimony.pairings, expected, strict=True)),
        default=0.0,
    )
