"""Classes of evidence: which of a platform's telling columns agree, differ or are missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.linkage.testimony import MISSING, Testimony

Floats = NDArray[np.float64]

_COUNTED: Final = 10
"""Columns up to which codes are counted in a table of all of them instead of being sorted."""
_MOSTLY: Final = 0.5
_EDITED: Final = 0.005
"""Share of cells taken as edited or damaged where nothing is known yet."""
_LEAST_FAITHFUL: Final = 0.02
_MOST_FAITHFUL: Final = 1 - 1e-7
"""Of a hundred thousand records that all agree the counts say more than any cap at a round number should."""
_RARE: Final = 1e-6
_FEW: Final = 20.0
"""Weight, in comparisons, of what is believed before counting: columns agree independently, one in 200 is edited."""


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Outcomes of comparisons, counted: base-3 codes with one digit a column."""

    digit: NDArray[np.int8]
    """(codes, columns) 1 agrees, 0 differs, -1 missing."""
    count: Floats
    """(codes,)"""
    of_row: NDArray[np.intp]
    """(comparisons,) code of each."""

    @staticmethod
    def of(outcome: NDArray[np.int8], weight: Floats | None = None) -> Outcomes:
        """Count the rows of `outcome` (comparisons, columns)."""
        powers = 3 ** np.arange(outcome.shape[1], dtype=np.int64)
        code = np.zeros(outcome.shape[0], np.int64)
        for column, power in enumerate(powers):
            code += (outcome[:, column] + np.int64(1)) * power
        if outcome.shape[1] <= _COUNTED:
            codes = np.flatnonzero(np.bincount(code, minlength=1))
            place = np.zeros(3 ** outcome.shape[1], np.intp)
            place[codes] = np.arange(codes.size)
            of_row = place[code]
        else:
            codes, of_row = np.unique(code, return_inverse=True)
        digit = (codes[:, None] // powers % 3 - 1).astype(np.int8)
        return Outcomes(digit, np.bincount(of_row, weight, codes.size).astype(float), of_row)

    def compared(self, core: tuple[int, ...]) -> int:
        """Comparisons in which no column of `core` is missing."""
        return int(self.count[(self.digit[:, core] != MISSING).all(axis=1)].sum())

    def agreed(self, core: tuple[int, ...]) -> int:
        """Comparisons in which all of `core` agree."""
        return int(self.count[(self.digit[:, core] == 1).all(axis=1)].sum())


@dataclass(frozen=True, slots=True)
class Classes:
    """The links of one platform grouped by which telling columns agree, differ or are missing."""

    of_link: NDArray[np.intp]
    """(links,) class of each link."""
    digit: NDArray[np.int8]
    """(classes, telling columns) 1 agrees, 0 differs, -1 missing or without meaning."""
    stable: NDArray[np.bool_]
    """(telling columns,) whether differing means something; a volatile value may have changed since the snapshots."""
    alone: Floats
    """(classes,) chance of each class by chance if columns agreed independently."""
    alike: NDArray[np.bool_]
    """(classes, dealt classes) whether both lack the same columns."""
    equal: NDArray[np.bool_]
    """(classes, dealt classes) whether they are the same class."""
    covered: NDArray[np.bool_]
    """(classes, dealt classes) whether the dealt one lacks no column that the class has."""
    matched: NDArray[np.bool_]
    """(classes, dealt classes) whether, moreover, these columns agree and differ alike."""
    dealt: NDArray[np.intp]
    """(deranged comparisons,) dealt class of each."""
    giver: NDArray[np.int64]
    """(deranged comparisons,) the link whose values were dealt."""
    by_chance: Floats
    """(telling columns,) share of deranged comparisons that agree."""
    many: Floats | None
    """(links,) records that each stands for; None where that is one each."""

    @property
    def speaks(self) -> bool:
        """Whether for most links at least one column could contradict the platform."""
        told = (self.digit[:, self.stable] >= 0).any(axis=1)
        if not self.of_link.size:
            return False
        return bool(np.average(np.asarray(told)[self.of_link], weights=self.many) > _MOSTLY)

    def _of_class(self, share: Floats) -> Floats:
        """(classes,) The records of which each link has this share."""
        weight = share if self.many is None else share * self.many
        return np.bincount(self.of_link, weights=weight, minlength=self.alone.size).astype(np.float64)

    def elsewhere(self, share: Floats | None = None) -> Floats:
        """(classes,) chance of the class, given what is missing, if the record came from elsewhere.

        Args:
            share: (links,) chance that each linked record came from this platform, where known: then the values of the
                other records alone say what is usual elsewhere.
        """
        foreign = None if share is None else 1 - share[self.giver]
        count = np.bincount(self.dealt, weights=foreign, minlength=self.alike.shape[1]).astype(float)
        # What lacks the same columns speaks first; then whatever has those that are there; then each column by itself.
        wider = (self.matched @ count + _FEW * self.alone) / (self.covered @ count + _FEW)
        dealt = (self.equal @ count + _FEW * wider) / (self.alike @ count + _FEW)
        return np.asarray(dealt if share is None else np.minimum(1.0, dealt * self._same_person(share)))

    def _same_person(self, share: Floats) -> Floats:
        """(classes,) by how much likelier than among other people each class is among the same people elsewhere.

        A derangement cannot see that a person's limits go together on all platforms. Records that differ in one column
        and are not this platform's say how often the same people agree in another.
        """
        foreign = self._of_class(1 - share)
        factor = np.ones(self.alone.size)
        for column in range(self.digit.shape[1]):
            mine = self.digit[:, column]
            elsewhere = (np.delete(self.digit, column, axis=1) == 0).any(axis=1)
            there, agreed = foreign @ (elsewhere & (mine >= 0)), foreign @ (elsewhere & (mine == 1))
            chance = float(np.clip(self.by_chance[column], _RARE, 1 - _RARE))
            likely = float(np.clip((agreed + _FEW * chance) / (there + _FEW), chance, 1 - _RARE))
            factor *= np.where(mine == 1, likely / chance, np.where(mine == 0, (1 - likely) / (1 - chance), 1.0))
        return factor

    def kept(self, faithful: Floats) -> Floats:
        """(classes,) chance of the class, given what is missing, if the record came from this platform.

        Args:
            faithful: (telling columns,) chance that a record from this platform still carries its value.
        """
        return np.asarray(
            np.where(self.digit == 1, faithful, np.where(self.digit == 0, 1 - faithful, 1.0)).prod(axis=1)
        )

    def faithful(self, share: Floats) -> Floats:
        """(telling columns,) The chance that a record from this platform still carries its value.

        Args:
            share: (links,) chance that each linked record came from this platform.
        """
        weight = self._of_class(share)
        return _faithfulness(weight @ (self.digit == 1), weight @ (self.digit >= 0))

    def guessed(self, core: Sequence[int]) -> Floats:
        """(telling columns,) Faithfulness before anything was fitted.

        A column that the seller rewrote, or that changed since the snapshots, contradicts every record. So each is
        looked at among the records that agree in the rest of the core, less those that would by chance.

        Args:
            core: the telling columns that name the platform; none where values do not.
        """
        kept, there = np.zeros((2, self.digit.shape[1]))
        links = self._of_class(np.ones(self.of_link.size)) if core else np.zeros(self.alone.size)
        for column in range(there.size):
            rest = [one for one in core if one != column]
            agree, chance = (self.digit[:, rest] == 1).all(axis=1), float(np.prod(self.by_chance[rest]))
            mine = self.digit[:, column]
            compared = links @ (mine >= 0)
            own = links @ (agree & (mine >= 0)) - chance * compared
            if rest and own > 0:
                there[column] = own
                kept[column] = max(0.0, links @ (agree & (mine == 1)) - chance * self.by_chance[column] * compared)
        return _faithfulness(kept, there)


def classify(testimony: Testimony, telling: Sequence[int]) -> Classes:
    """Group the links of a platform by the outcome of its telling columns, of which the idle ones speak neither way."""
    columns = list(telling)
    pairings = [testimony.pairings[column] for column in columns]
    agree, dealt = testimony.agree, testimony.dealt
    if columns != list(range(len(testimony.pairings))):
        agree, dealt = agree[:, columns], dealt[:, columns]
    facts, chances = Outcomes.of(agree), Outcomes.of(dealt)
    raw = facts.digit
    there, dealt_there = (raw != MISSING)[:, None, :], (chances.digit != MISSING)[None]
    same = raw[:, None, :] == chances.digit[None]
    covered = (dealt_there | ~there).all(axis=2)
    idle = testimony.idle[columns]
    stable = np.array([not one.volatile for one in pairings], bool)
    digit = np.where(idle, MISSING, raw).astype(np.int8)
    by_chance = np.array([one.by_chance for one in pairings], float)
    # Where all of a few comparisons agree, or none does, neither is thereby certain.
    least = 0.5 / np.maximum(1.0, chances.count @ (chances.digit != MISSING))
    chance = np.clip(by_chance, least, 1 - least)
    alone = np.where(raw == 1, chance, np.where(raw == 0, 1 - chance, 1.0)).prod(axis=1)
    return Classes(
        of_link=facts.of_row,
        digit=digit,
        stable=stable,
        alone=alone,
        alike=(there == dealt_there).all(axis=2),
        equal=same.all(axis=2),
        covered=covered,
        matched=covered & (same | ~there).all(axis=2),
        dealt=chances.of_row,
        giver=testimony.giver,
        by_chance=by_chance,
        many=testimony.many,
    )


def _faithfulness(kept: Floats, there: Floats) -> Floats:
    """(columns,) share of the values that are kept; where none can be seen, hardly any is edited."""
    return np.asarray(np.clip((kept + _FEW * (1 - _EDITED)) / (there + _FEW), _LEAST_FAITHFUL, _MOST_FAITHFUL))
