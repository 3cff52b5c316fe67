"""How much a record's other values weigh: agreement with one platform beside what chance and other platforms explain.

For each platform the linked records fall into classes: which of the paired columns agree, which differ, which are missing.
The chance of a class if the record came from elsewhere, u, is counted over deranged records, whole records at a time, so
that columns which go together do not count twice. Two things a derangement cannot see are measured apart:

* values that belong to the person (a monthly income, an employer) agree on every platform. So a column only counts if, where
  a record is linked to two platforms, agreeing with one does not mean agreeing with the other;
* chance rates near zero are known no better than the number of comparisons allows, so bounds use their upper limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.linkage.claims import MISSING, TRANSACTIONAL, Testimony

Floats = NDArray[np.float64]

_SHARED_LEAST: Final = 20
"""Records linked to two platforms that a comparison of the two rests on, at least."""
_LIMIT: Final = 0.999
"""Level of the upper limits of chance rates that go into a bound."""
_PERSONAL: Final = 0.5
"""A column whose agreements another platform shares to this extent describes the person, not the platform."""
_EDITED: Final = 0.05
"""Share of cells taken as edited or damaged where nothing is known yet."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the other values say about one platform."""

    telling: tuple[int, ...]
    """The pairings that count as evidence (places in `Testimony.pairings`)."""
    core: tuple[int, ...] = ()
    """The set of them with the smallest bound."""
    compared: int = 0
    """Distinct customers linked for whom all columns of `core` could be compared."""
    agreed: int = 0
    """Of them, those that agree in all of `core`."""
    by_chance: float = 0.0
    """Share that would by chance, counted over deranged records."""
    elsewhere: float = 0.0
    """Of the agreements that could be held against another platform, the share which that platform shows too (greatest)."""
    bound: float = 1.0
    """Chance of so many agreements if nothing came from this platform, times the pairs and sets of columns tried; at most 1."""


def weigh(testimony: Testimony, others: Sequence[Testimony], level: float) -> Agreement:
    """What a platform's agreements say against its innocence.

    Args:
        testimony: of this platform.
        others: of all other platforms. They are looked at only if chance alone would not explain the agreements.
        level: the bound above which nobody is named anyway.
    """
    every = tuple(range(len(testimony.pairings)))
    best = _best(testimony, every, [])
    if best.bound > level:
        return _best(testimony, _telling(testimony, []), [])
    return _best(testimony, _telling(testimony, others), others)


def _telling(testimony: Testimony, others: Sequence[Testimony]) -> tuple[int, ...]:
    """The pairings of what happened between platform and customer, and those that other platforms are seen not to share."""
    kept = []
    for place, pairing in enumerate(testimony.pairings):
        share = _elsewhere(testimony, others, (place,))
        if pairing.claim.role in TRANSACTIONAL or (share is not None and share < _PERSONAL):
            kept.append(place)
    return tuple(kept)


def _best(testimony: Testimony, columns: tuple[int, ...], others: Sequence[Testimony]) -> Agreement:
    """The set of columns with the smallest bound, corrected for having looked at all of them."""
    once = np.unique(testimony.links.person, return_index=True)[1]
    tried = max((pairing.pairs_tried for pairing in testimony.pairings), default=1)
    cores = _cores(columns)
    best = Agreement(columns)
    for core in cores:
        agree, dealt = testimony.agree[once][:, core], testimony.dealt[:, core]
        compared, agreed = int((agree != MISSING).all(axis=1).sum()), int((agree == 1).all(axis=1).sum())
        whole, chances = int((dealt != MISSING).all(axis=1).sum()), int((dealt == 1).all(axis=1).sum())
        # However often they are dealt, n records make no more than n (n - 1) different pairs.
        drawn = min(whole, compared * (compared - 1))
        if drawn <= 0:
            continue
        share = chances / whole
        elsewhere = _elsewhere(testimony, others, core) or 0.0
        limit = max(upper_limit(round(share * drawn), drawn, _LIMIT), elsewhere)
        bound = min(1.0, tail(agreed, compared, limit) * tried * len(cores))
        if bound < best.bound or not best.core:
            best = Agreement(columns, core, compared, agreed, share, elsewhere, bound)
    return best


def _elsewhere(testimony: Testimony, others: Sequence[Testimony], core: tuple[int, ...]) -> float | None:
    """Of the agreements on records linked to another platform too, the share which that platform shows as well.

    Two platforms that agree on the same records in the same columns hold the same facts about the people, or one holds the
    other's data: either way these columns do not tell them apart. The share is taken of the larger side's agreements, since
    a platform that supplied nothing agrees with some true records by chance. The greatest share over the others counts;
    None where no other platform is comparable.
    """
    names = [testimony.pairings[place].value for place in core]
    greatest: float | None = None
    for other in others:
        by_value = {pairing.value: place for place, pairing in enumerate(other.pairings)}
        if not all(name in by_value for name in names):
            continue
        mine, theirs = _common(testimony, other)
        first = testimony.agree[mine][:, core]
        second = other.agree[theirs][:, [by_value[name] for name in names]]
        comparable = (first != MISSING).all(axis=1) & (second != MISSING).all(axis=1)
        if comparable.sum() < _SHARED_LEAST:
            continue
        here, there = (first == 1).all(axis=1) & comparable, (second == 1).all(axis=1) & comparable
        most = int(max(here.sum(), there.sum()))
        share = int((here & there).sum()) / most if most else 0.0
        greatest = share if greatest is None else max(greatest, share)
    return greatest


def _common(first: Testimony, second: Testimony) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of the records that are linked to both platforms, in either's links."""
    here, there = first.links.row, second.links.row
    if not here.size or not there.size:
        return np.empty(0, np.intp), np.empty(0, np.intp)
    place = np.minimum(np.searchsorted(there, here), there.size - 1)
    same = there[place] == here
    return np.flatnonzero(same), place[same]


def _cores(columns: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """All telling columns together, all but one, and each alone: a seller may have rewritten one of them."""
    if not columns:
        return ()
    but_one = [tuple(kept for kept in columns if kept != left) for left in columns] if len(columns) > 2 else []
    singles = [(column,) for column in columns] if len(columns) > 1 else []
    return (columns, *but_one, *singles)


def tail(agreed: int, compared: int, chance: float) -> float:
    """P(X ≥ agreed), X binomial(compared, chance): the regularised incomplete beta function I_chance(agreed, rest + 1)."""
    if agreed <= 0:
        return 1.0
    return float(special.betainc(agreed, compared - agreed + 1, chance))


def upper_limit(hits: int, trials: int, level: float) -> float:
    """Clopper-Pearson upper limit of a share (Clopper and Pearson 1934)."""
    if hits >= trials:
        return 1.0
    return float(special.betaincinv(hits + 1, trials - hits, level))


def upper_limit_count(count: int, level: float) -> float:
    """Upper limit of a Poisson mean (Garwood 1936)."""
    return float(special.gammaincinv(count + 1, level))


@dataclass(frozen=True, slots=True)
class Classes:
    """The links of one platform grouped by which telling columns agree, differ or are missing."""

    of_link: NDArray[np.intp]
    """(links,) class of each link."""
    digit: NDArray[np.int8]
    """(classes, telling columns) 1 agrees, 0 differs, -1 missing or without meaning."""
    alone: Floats
    """(classes,) chance of each class by chance if columns agreed independently."""
    alike: NDArray[np.bool_]
    """(classes, dealt classes) whether both lack the same columns."""
    equal: NDArray[np.bool_]
    """(classes, dealt classes) whether they are the same class."""
    dealt: NDArray[np.intp]
    """(deranged comparisons,) dealt class of each."""
    giver: NDArray[np.int64]
    """(deranged comparisons,) the link whose values were dealt."""

    @property
    def speaks(self) -> bool:
        """Whether for most links at least one column has meaning."""
        told = (self.digit >= 0).any(axis=1)
        return bool(self.of_link.size) and bool(np.mean(np.asarray(told)[self.of_link]) > _MOSTLY)

    def elsewhere(self, share: Floats | None = None) -> Floats:
        """(classes,) chance of the class, given what is missing, if the record came from elsewhere.

        Args:
            share: (links,) chance that each linked record came from this platform, where known: then the values of the
                other records alone say what is usual elsewhere.
        """
        foreign = None if share is None else 1 - share[self.giver]
        count = np.bincount(self.dealt, weights=foreign, minlength=self.alike.shape[1]).astype(float)
        return np.asarray((self.equal @ count + _FEW * self.alone) / (self.alike @ count + _FEW))

    def kept(self, faithful: Floats) -> Floats:
        """(classes,) chance of the class, given what is missing, if the record came from this platform.

        Args:
            faithful: (telling columns,) chance that a record from this platform still carries its value.
        """
        return np.asarray(np.where(self.digit == 1, faithful, np.where(self.digit == 0, 1 - faithful, 1.0)).prod(axis=1))

    def faithful(self, share: Floats) -> Floats:
        """(telling columns,) The chance that a record from this platform still carries its value.

        Args:
            share: (links,) chance that each linked record came from this platform.
        """
        weight = np.bincount(self.of_link, weights=share, minlength=self.alone.size)
        kept, there = weight @ (self.digit == 1), weight @ (self.digit >= 0)
        return np.asarray(np.clip((kept + _FEW * (1 - _EDITED)) / (there + _FEW), 0.02, 0.9999))


def classify(testimony: Testimony, telling: Sequence[int]) -> Classes:
    """Group the links of a platform by the outcome of its telling columns.

    A column that never agrees and whose values the platform mostly never held about anybody has no meaning: a seller rewrote
    it, or another platform wrote it. Which of the two cannot be known, so it speaks neither way.
    """
    columns = list(telling)
    pairings = [testimony.pairings[column] for column in columns]
    powers = 3 ** np.arange(len(columns), dtype=np.int64)
    own = (testimony.agree[:, columns].astype(np.int64) + 1) @ powers
    codes, of_link = np.unique(own, return_inverse=True)
    dealt_codes, dealt = np.unique((testimony.dealt[:, columns].astype(np.int64) + 1) @ powers, return_inverse=True)
    raw = (codes[:, None] // powers % 3 - 1).astype(np.int8)
    alike = ((raw != MISSING)[:, None, :] == (dealt_codes[:, None] // powers % 3 != 0)[None]).all(axis=2)
    idle = np.array([one.agreed == 0 and one.familiar < _FAMILIAR for one in pairings], bool)
    digit = np.where(idle, MISSING, raw).astype(np.int8)
    total = alike @ np.bincount(dealt, minlength=dealt_codes.size).astype(float)
    floor = np.maximum(np.array([one.by_chance for one in pairings]), 0.5 / np.maximum(1.0, total)[:, None])
    alone = np.where(raw == 1, floor, np.where(raw == 0, 1 - floor, 1.0)).prod(axis=1)
    return Classes(of_link, digit, alone, alike, codes[:, None] == dealt_codes, dealt, testimony.giver)


def first_guess(columns: int) -> Floats:
    """(columns,) Faithfulness before anything was fitted."""
    return np.full(columns, 1 - _EDITED)


_MOSTLY: Final = 0.5
_FAMILIAR: Final = 0.5
_FEW: Final = 20.0
"""Weight, in comparisons, of what is believed before counting: that columns agree independently, that 5 % are edited."""
