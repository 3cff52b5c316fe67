"""Records of the dump linked to rows of the table, with the reason for every link."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracer.comparison.matching import Matching
from tracer.comparison.people import Places

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Links:
    """Which record is about which person."""

    records: int
    """Records of the dump."""
    looked_for: int
    """Distinct people of the dump."""
    people: int
    """Of them, those who are in the table."""
    record: Places
    """(links,) record of the dump, ascending."""
    person: Places
    """(links,) person of the table."""
    pair: Places
    """(links,) the pair of the matching."""
    chance: Floats
    """(links,) chance that the record is about somebody in the table."""
    doubtful: float
    """Expected number of further records that are about somebody in the table, though it is not known about whom."""
    traits: tuple[str, ...]
    """What was compared."""

    @property
    def expected(self) -> float:
        """Expected number of records about people in the table."""
        return float(self.chance.sum()) + self.doubtful


def link(matching: Matching) -> Links:
    """Link the records of everybody of whom it is sure enough who that is."""
    people = matching.people
    good = matching.kept & (matching.chance >= matching.least)
    pair_of = np.full(people.looked_for, -1)
    pair_of[matching.ours[good]] = np.flatnonzero(good)
    pair = pair_of[people.of_record]
    record = np.flatnonzero(pair >= 0)
    known = matching.known[people.of_record]
    return Links(
        records=people.of_record.size,
        looked_for=people.ours,
        people=int(matching.found[: people.ours].sum()),
        record=record,
        person=matching.theirs[pair[record]],
        pair=pair[record],
        chance=known[record],
        doubtful=float(known[pair < 0].sum()),
        traits=tuple(dict.fromkeys(one.name for one in people.traits)),
    )
