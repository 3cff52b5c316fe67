"""Dumps that nobody seized but that must have existed: what two dumps share and no seized dump can have given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from graphs.lineage.inference import Inference


@dataclass(frozen=True, slots=True)
class Unseized:
    """A dump that is implied. Nothing is known of who had it."""

    children: tuple[int, ...]
    """Members of the family that were made from it, directly or not."""
    records: int
    """About how many records it had (Chapman 1951), at least what its children share."""
    before: date | None
    """The latest day on which it was there: its first child was seen then."""


def unseized(found: Inference) -> tuple[Unseized, ...]:
    """The dumps that the answer implies; children that share one are joined."""
    groups: list[set[int]] = []
    for option in found.chosen:
        if option.siblings:
            fresh = {option.child, *option.siblings}
            touching = [group for group in groups if group & fresh]
            groups = [group for group in groups if not group & fresh] + [fresh.union(*touching)]
    return tuple(_implied(found, tuple(sorted(group))) for group in sorted(groups, key=min))


def _implied(found: Inference, children: tuple[int, ...]) -> Unseized:
    members = found.family.members
    days = [day for day in (members[child].sketch.first_seen for child in children) if day is not None]
    return Unseized(children, _records(found, children), min(days, default=None))


def _records(found: Inference, children: tuple[int, ...]) -> int:
    """Chapman's estimate from the pair of children with most records, counting what no other dump gave them."""
    own = [_unexplained(found, child) for child in children]
    first, second, *_ = sorted(own, key=len, reverse=True)
    both = len(np.intersect1d(first, second, assume_unique=True))
    if not both:
        return max(len(first), len(second))
    chapman = (len(first) + 1) * (len(second) + 1) / (both + 1) - 1
    return round(max(chapman, len(np.union1d(first, second))))


def _unexplained(found: Inference, child: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Records of a dump that none of its parents has; all where it has none, or where they explain everything."""
    member = found.family.members[child]
    left = np.ones(member.size, bool)
    for parent in found.chosen[child].parents:
        left[found.book.matches[parent, child].rows] = False
    return member.record[left] if left.any() else member.record
