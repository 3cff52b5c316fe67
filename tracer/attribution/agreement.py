"""How much a record's other values weigh: agreement with one platform beside what chance and other platforms explain.

For each platform the linked records fall into classes: which of the paired columns agree, which differ, which are
missing. The chance of a class if the record came from elsewhere, u, is counted over deranged records, whole records
at a time, so that columns which go together do not count twice. Two things a derangement cannot see are measured apart:

* values that belong to the person (a monthly income, an employer) agree on every platform. So a column only counts
  if, where a record is linked to two platforms, agreeing with one does not mean agreeing with the other;
* chance rates near zero are known no better than the number of comparisons allows, so bounds use their upper limit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.attribution.classes import Floats, Outcomes
from tracer.linkage.testimony import MISSING, Pairing, Testimony

_SHARED_LEAST: Final = 20
"""Records linked to two platforms that a comparison of the two rests on, at least."""
_DOUBT: Final = 0.1
_DRAWN: Final = 10.0
_BELIEVED: Final = 20.0
_SEEN_FACTOR: Final = 2.0
_UNSEEN: Final = 0.05
_STRANGERS: Final = 5.0
"""Among invented lenders whose limits correlate at 0.9 a stranger's values agreed four times as often as by chance."""
_TASTE: Final = 0.5
"""Among invented borrowers half of whom take one product wherever it is sold, strangers' products agreed that often."""
_UNREMARKABLE: Final = 0.5
"""A bound that chance passes in every other dump: nothing has to explain it."""
_LIMIT: Final = 0.999
"""Level of the upper limits of chance rates that go into a bound."""
_PERSONAL: Final = 0.5
"""A column whose agreements another platform shares to this extent describes the person, not the platform."""


Left = Literal["customers", "records"]
"""All customers of some platforms, or the records that agree with them."""


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
    """Share that the records of a stranger with the same customers might show, where that was looked at."""
    bound: float = 1.0
    """Chance of so many agreements if nothing came from this platform, times the pairs and sets of columns tried; at
    most 1."""
    luck: float = 1.0
    """The bound if nothing but chance were against it."""
    left_out: Left | None = None
    """What of the other platforms whose values agree beyond chance was left out, if anything was."""


def weigh(testimony: Testimony, others: Sequence[Testimony], whole: Testimony | None = None) -> Agreement:
    """What a platform's agreements say against its innocence.

    Args:
        testimony: of this platform.
        others: of all other platforms. They are looked at only if chance alone would hardly explain the agreements.
        whole: where `testimony` is but a part, all of it: what others share is never judged by a few records.
    """
    whole = whole or testimony
    every = tuple(range(len(testimony.pairings)))
    facts = Outcomes.of(testimony.agree[testimony.once], testimony.customers)
    chances = Outcomes.of(testimony.dealt)
    first = _best(testimony, every, facts, chances, None)
    if first.bound > _UNREMARKABLE:
        telling = _telling(testimony, [])
        weighed = first if telling == every else _best(testimony, telling, facts, chances, None)
        return replace(weighed, luck=first.bound)
    place = places_of(whole)
    shared = [_Shared.of(whole, other, place) for other in others]
    return replace(_best(testimony, _telling(testimony, shared), facts, chances, shared), luck=first.bound)


def same_thing(first: Pairing, second: Pairing) -> bool:
    """Whether two platforms' claims mean the same: one's credit limit says nothing about the other's income."""
    return first.claim.name == second.claim.name or (
        first.trusted and second.trusted and first.claim.role == second.claim.role
    )


@dataclass(frozen=True, slots=True)
class _Shared:
    """The records that are linked to two platforms, and how often both, one or the other agree in the same columns."""

    columns: tuple[int, ...]
    """Pairings of the first platform whose dump column is paired at the second too."""
    here: NDArray[np.int8]
    """(records, columns) outcome at the first platform."""
    there: NDArray[np.int8]
    """(records, columns) outcome at the second."""
    many: Floats | None
    """(records,) how many each row stands for; None where that is one each."""

    @staticmethod
    def of(first: Testimony, second: Testimony, places: NDArray[np.intp]) -> _Shared:
        """Of two platforms; `places` are where each record stands in the links of `first` (see `places_of`)."""
        place = {id(pairing.value): column for column, pairing in enumerate(second.pairings) if pairing.spoken}
        columns = [
            column
            for column, pairing in enumerate(first.pairings)
            if id(pairing.value) in place and same_thing(pairing, second.pairings[place[id(pairing.value)]])
        ]
        mine, theirs = common(places, second)
        there = [place[id(first.pairings[column].value)] for column in columns]
        many = None if first.many is None else first.many[mine]
        return _Shared(tuple(columns), first.agree[mine][:, columns], second.agree[theirs][:, there], many)

    def alike(self, core: tuple[int, ...], least: int) -> tuple[float, float] | None:
        """Records that agree in the core with both platforms, and with either of them.

        Of two platforms that both supplied records, and of one that did and one that did not, the ratio is how often
        one platform's value is the other's as well. None if fewer than `least` records can be compared.
        """
        if not set(core) <= set(self.columns):
            return None
        columns = [self.columns.index(column) for column in core]
        here, there = self.here[:, columns], self.there[:, columns]
        comparable = (here != MISSING).all(axis=1) & (there != MISSING).all(axis=1)
        if self._counted(comparable) < least:
            return None
        first, second = (here == 1).all(axis=1) & comparable, (there == 1).all(axis=1) & comparable
        return self._counted(first & second), self._counted(first | second)

    def _counted(self, which: NDArray[np.bool_]) -> float:
        return float(np.count_nonzero(which) if self.many is None else self.many[which].sum())


def places_of(testimony: Testimony) -> NDArray[np.intp]:
    """(records up to the last link,) where each record stands in the links; -1 where it is not linked."""
    row = testimony.links.row
    place = np.full(int(row[-1]) + 1 if row.size else 0, -1, np.intp)
    place[row] = np.arange(row.size)
    return place


def common(places: NDArray[np.intp], other: Testimony) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places of the records that are linked to both platforms, in the links of either."""
    row = other.links.row[: np.searchsorted(other.links.row, places.size)]
    mine = places[row]
    theirs = np.flatnonzero(mine >= 0)
    return mine[theirs], theirs


def _elsewhere(
    shared: Sequence[_Shared], core: tuple[int, ...], least: int = 1, believed: float | None = None
) -> float | None:
    """The greatest share of agreements that another platform shows as well; None where none is comparable.

    Platforms with which two agreements can be compared say little, and the greatest of many such says nothing: each
    share is drawn towards that of all together, as if ten agreements more had shown that one (Efron and Morris 1975).

    Args:
        shared: with each other platform.
        core: the columns.
        least: records that must be comparable.
        believed: a share that counts like that of twenty agreements seen besides.
    """
    told = [one for each in shared if (one := each.alike(core, least)) is not None]
    if not told:
        return None
    both, either = _DOUBT + sum(here for here, _ in told), 1 + _DOUBT + sum(there for _, there in told)
    if believed is not None:
        both, either = both + _BELIEVED * believed, either + _BELIEVED
    return max((here + _DRAWN * both / either) / (there + _DRAWN) for here, there in told)


def _telling(testimony: Testimony, shared: Sequence[_Shared]) -> tuple[int, ...]:
    """The pairings that speak of this platform and not of the person.

    Either it is seen, on enough records of customers of two platforms, that the other one does not share them; or the
    platform's header names a transaction and nothing is seen against it. An income or an employer is neither.
    Account names that people may have brought along never do: of one platform's they may be, and of another's not, so
    that nothing which is seen of registered platforms speaks for a stranger.
    """
    kept = []
    for place, pairing in enumerate(testimony.pairings):
        if pairing.claim.role == "account" and not pairing.trusted:
            continue
        share = _elsewhere(shared, (place,), _SHARED_LEAST)
        if (share is None and pairing.trusted) or (share is not None and share < _PERSONAL):
            kept.append(place)
    return tuple(kept)


def _best(
    testimony: Testimony, columns: tuple[int, ...], facts: Outcomes, chances: Outcomes, shared: Sequence[_Shared] | None
) -> Agreement:
    """The set of columns with the smallest bound, corrected for having looked at all of them."""
    tried = max((pairing.pairs_tried for pairing in testimony.pairings), default=1)
    cores = _cores(columns)
    best = Agreement(columns)
    if not cores or not testimony.dealt.size:
        return best
    for core in cores:
        compared, agreed, whole = facts.compared(core), facts.agreed(core), chances.compared(core)
        # However often they are dealt, n records make no more than n (n - 1) different pairs.
        drawn = min(whole, compared * (compared - 1))
        if drawn <= 0:
            continue
        share = chances.agreed(core) / whole
        elsewhere = 0.0 if shared is None else _guard(shared, core, testimony.pairings, share, drawn)
        limit = max(upper_limit(round(share * drawn), drawn, _LIMIT), elsewhere)
        bound = min(1.0, tail(agreed, compared, limit) * tried * len(cores))
        if bound < best.bound or not best.core:
            best = Agreement(columns, core, compared, agreed, share, elsewhere, bound)
    return best


def _guard(
    shared: Sequence[_Shared], core: tuple[int, ...], pairings: Sequence[Pairing], by_chance: float, drawn: int
) -> float:
    """The agreement that an unregistered platform with the same customers might show.

    Incomes, and with them limits, go together on all platforms. What other registered platforms share beyond chance is
    measured, and doubled, for a stranger may be closer than they are; and it is never taken to be less than what is
    known of strangers. Where none can be compared, the worst that is known is taken.
    """
    known = _likeness([pairings[place] for place in core], drawn)
    seen = _elsewhere(shared, core, believed=known)
    told = _UNSEEN if seen is None else by_chance + _SEEN_FACTOR * max(0.0, seen - by_chance)
    return min(1.0, max(known, told))


def _likeness(core: Sequence[Pairing], drawn: int) -> float:
    """The agreement that strangers are known to show, column by column.

    Limits agree several times as often as by chance, of which so many pairs `drawn` say no more than they can. Whoever
    likes instalments takes them everywhere, and platforms that sell different products never show it; whoever needs
    money asks several lenders on one day: of what chance leaves of what is commonplace, half is taken to be shared.
    """
    likeness = 1.0
    for one in core:
        taste = one.by_chance + _TASTE * (1 - one.by_chance)
        several = _STRANGERS * (one.by_chance * drawn + 1) / (drawn + 1)
        likeness *= taste if one.commonplace else min(taste, several)
    return likeness


def _cores(columns: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """All telling columns together, all but one, and each alone: a seller may have rewritten one of them."""
    if not columns:
        return ()
    but_one = [tuple(kept for kept in columns if kept != left) for left in columns] if len(columns) > 2 else []
    singles = [(column,) for column in columns] if len(columns) > 1 else []
    return (columns, *but_one, *singles)


def tail(agreed: int, compared: int, chance: float) -> float:
    """P(X ≥ agreed) of a binomial X: the incomplete beta function I_chance(agreed, compared - agreed + 1)."""
    if agreed <= 0:
        return 1.0
    return float(special.betainc(agreed, compared - agreed + 1, chance))


def upper_limit(hits: float, trials: int, level: float) -> float:
    """Clopper-Pearson upper limit of a share (Clopper and Pearson 1934)."""
    if hits >= trials:
        return 1.0
    return float(special.betaincinv(hits + 1, trials - hits, level))


def lower_limit(hits: float, trials: int, level: float) -> float:
    """Clopper-Pearson lower limit of a share."""
    return 1.0 - upper_limit(trials - hits, trials, level)


def upper_limit_count(count: int, level: float) -> float:
    """Upper limit of a Poisson mean (Garwood 1936)."""
    return float(special.gammaincinv(count + 1, level))
