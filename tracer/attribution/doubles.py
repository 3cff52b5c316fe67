"""Who else holds what a source holds: an aggregator with its table, a mother and her daughter, clients of one vendor.

The model gives a record to the platform in whose customers the dump is richest. Another platform that holds the very
same facts about these people may have supplied them all the same: its other customers are missing only if the leak took
its customers as they come, and whoever sells an aggregator's data by its sources does not. So nobody is excluded, and
nobody is named, whose double is registered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.agreement import common, places_of, same_thing
from tracer.linkage.testimony import Testimony
from tracer.vault.manifest import Platform

_WHOLE: Final = 0.95
"""Share of a source's records that a double could have supplied, at least."""
_SAME: Final = 0.8
"""Of the records linked to both, the share on which they agree, from which both hold the same facts; by taste alone
six in ten would."""
_LEAST: Final = 20
"""Records linked to both that this rests on."""


@dataclass(frozen=True, slots=True)
class Sharing:
    """Records counted as one platform's that another could have supplied as well."""

    source: Platform
    """Whose they are counted as."""
    other: Platform
    rows: int
    of: int
    """Records that were looked at: all of the source's or, where values name it, those that agree."""
    columns: tuple[str, ...]
    """The source's headers in which both agree; none where only the people speak for it."""

    @property
    def whole(self) -> bool:
        """Whether nearly all could be the other's, so that nothing tells the two apart."""
        return self.rows >= _WHOLE * self.of

    @property
    def doubles(self) -> bool:
        """Whether nothing tells them apart although there are values."""
        return self.whole and bool(self.columns)


def sharings(
    testimonies: Sequence[Testimony], place: int, own: NDArray[np.bool_], *, by_values: bool
) -> tuple[Sharing, ...]:
    """Which platforms could have supplied the records of a source.

    Args:
        testimonies: one a platform.
        place: of the source among them.
        own: (links of the source,) which records are counted as its.
        by_values: whether its values agree beyond chance. If not, whoever knows nearly all of the people could have
            supplied them, unless its own values speak against it.
    """
    source = testimonies[place]
    columns = _named_by(source) if by_values else []
    agree = source.agree[:, columns] == 1
    looked_at = own & agree.any(axis=1) if columns else own
    found, places = [], places_of(source)
    for number, other in enumerate(testimonies):
        if number == place or not looked_at.any():
            continue
        mine, theirs = common(places, other)
        linked, fits = np.zeros((2, looked_at.size), bool)
        linked[mine] = looked_at[mine]
        fits[mine] = linked[mine] & _fits(source, other, columns, agree[mine], theirs)
        rows, of, both = (round(source.counted(which)) for which in (fits, looked_at, linked))
        same = bool(columns) and both >= _LEAST and rows >= _SAME * both
        headers = tuple(source.pairings[column].claim.name for column in columns)
        one = Sharing(source.links.platform, other.links.platform, rows, of, headers)
        if rows and (one.whole or same):
            found.append(one)
    return tuple(found)


def _named_by(source: Testimony) -> list[int]:
    """The columns by which a platform is named: about transactions, and those that do not change by themselves."""
    agreeing = [column for column, one in enumerate(source.pairings) if one.trusted and one.agreed]
    lasting = [column for column in agreeing if not source.pairings[column].volatile]
    return lasting or agreeing


def _fits(
    source: Testimony,
    other: Testimony,
    columns: Sequence[int],
    agree: NDArray[np.bool_],
    theirs: NDArray[np.intp],
) -> NDArray[np.bool_]:
    """(records,) which records that are linked to both a platform could supply as well.

    Args:
        source: the platform they are counted as.
        other: the one that may be its double.
        columns: by which the source is named; none where only the people speak for it.
        agree: (records, columns) whether the source agrees there.
        theirs: (records,) where they stand in the links of the other.
    """
    if not columns:
        return ~_against(other)[theirs]
    pairs = {id(one.value): number for number, one in enumerate(other.pairings)}
    fits = np.ones(theirs.size, bool)
    for column, told in zip(columns, agree.T, strict=True):
        mine = source.pairings[column]
        place = pairs.get(id(mine.value))
        if place is None or not same_thing(mine, other.pairings[place]):
            return np.zeros(theirs.size, bool)
        fits &= ~told | (other.agree[theirs, place] == 1)
    return fits


def _against(other: Testimony) -> NDArray[np.bool_]:
    """(links of the platform,) whether a value that does not change by itself differs from what it holds."""
    telling = [column for column, one in enumerate(other.pairings) if one.trusted and not one.volatile]
    return np.asarray((other.agree[:, telling] == 0).any(axis=1))
