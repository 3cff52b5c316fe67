"""What the act costs by which a dump came about, whichever records it took: parents, columns, order, days, rules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_

import numpy as np

from graphs.lineage.comparison import Match
from graphs.lineage.family import Family
from graphs.lineage.members import Member
from graphs.lineage.options import Arc, Option
from graphs.lineage.weights import Weights

_WHOLE = 0.9
"""Share of a list from which it was taken whole."""


@dataclass(frozen=True, slots=True)
class Ruled:
    """Arcs along which a rule gives just the child's records."""

    saved: Mapping[Arc, float]
    """Nats that the rule saves."""
    hint: Mapping[Arc, float]
    """Nats by which it hints that the child was not the parent: additions rarely complete a list so tidily."""
    root: Mapping[int, float]
    """What a rule saves of a child where it has no parent."""


def ruled(family: Family, found: Mapping[Arc, Match], weights: Weights) -> Ruled:
    """The arcs with rules among the matches of a family."""
    holders: dict[int, list[tuple[int, Match]]] = {}
    for (other, one), match in found.items():
        holders.setdefault(one, []).append((other, match))
    saved: dict[Arc, float] = {}
    hint: dict[Arc, float] = {}
    root: dict[int, float] = {}
    for arc, match in found.items():
        rule = match.rule
        if rule is None:
            continue
        # Lists of two platforms differ in many things: a rule that parts them again was not what anybody selected by.
        selected = rule.exact and rule.telling and not _rest_is_seized(family, found, arc, holders[arc[0]])
        if selected:
            hint[arc] = min(weights.ruled, 0.2 * rule.saved)
        if selected or rule.measure < 0:
            saved[arc] = rule.saved
        if selected and rule.measure >= 0:
            root[arc[1]] = min(root.get(arc[1], np.inf), rule.saved)
    return Ruled(saved, hint, root)


def _rest_is_seized(family: Family, found: Mapping[Arc, Match], arc: Arc, holders: Sequence[tuple[int, Match]]) -> bool:
    """Whether some other dump holds what the parent has and the child has not, and little else of it."""
    parent, child = arc
    rest = np.ones(family.members[parent].size, bool)
    rest[found[arc].theirs] = False
    left = np.count_nonzero(rest)
    for other, match in holders:
        if other != child:
            told = np.count_nonzero(rest[match.rows])
            if told >= 0.9 * left and told >= 0.9 * len(match.rows):
                return True
    return False


def act(family: Family, found: Mapping[Arc, Match], rules: Ruled, option: Option, weights: Weights) -> float:
    """Nats of an option that do not depend on which records were drawn."""
    child = family.members[option.child]
    matches = [found[parent, option.child] for parent in option.parents]
    total = (0.0, 0.0, weights.second, weights.third)[len(matches)] + _ruled(rules, option)
    if option.siblings:
        beside = [found[sibling, option.child] for sibling in option.siblings]
        total += weights.sibling + weights.second * (len(beside) - 1)
        if not matches:
            total += min(match.apart for match in beside) + _order(child, beside, weights)
            total += _dropped(child, [family.members[sibling] for sibling in option.siblings], weights)
    elif not matches:
        total += weights.root + _order(child, [], weights)
    if matches:
        parents = [family.members[parent] for parent in option.parents]
        total += _columns(child, parents, matches, weights)
        total += _order(child, matches, weights) + min(match.events for match in matches)
        total += _torn(parents, matches, weights)
        total += sum(_time(parent, child, weights) for parent in parents)
        total += min(_scars(parent, child, weights) for parent in parents)
    return total


def _ruled(rules: Ruled, option: Option) -> float:
    """Nats for and against parents of which a rule gives just this dump."""
    if not option.before:
        return -rules.root.get(option.child, 0.0)
    against = sum(rules.hint.get((option.child, parent), 0.0) for parent in option.parents)
    alone = len(option.before) == len(option.parents) == 1
    return against - (rules.saved.get((option.parents[0], option.child), 0.0) if alone else 0.0)


def _torn(parents: list[Member], matches: list[Match], weights: Weights) -> float:
    """Who merges lists takes them whole: nats for those of several parents of which the child lacks a good part."""
    torn = sum(len(match.rows) < _WHOLE * parent.size for parent, match in zip(parents, matches, strict=True))
    return weights.torn * torn if len(parents) > 1 else 0.0


def _columns(child: Member, parents: list[Member], matches: list[Match], weights: Weights) -> float:
    added = child.held & ~reduce(or_, (match.offered for match in matches))
    easy = (added & child.constant).bit_count()
    bared = (reduce(or_, (match.bared for match in matches)) & added).bit_count()
    hard = added.bit_count() - easy - bared
    gained = (
        weights.unmasked * bared
        + weights.constant * easy
        + (weights.added + weights.added_each * (hard - 1) if hard else 0.0)
    )
    return gained + _dropped(child, parents, weights)


def _dropped(child: Member, others: list[Member], weights: Weights) -> float:
    dropped = (reduce(or_, (other.held for other in others)) & ~child.held).bit_count()
    return weights.dropped + weights.dropped_each * (dropped - 1) if dropped else 0.0


def _order(child: Member, matches: list[Match], weights: Weights) -> float:
    if matches and all(match.ordered for match in matches):
        # A sorted dump keeps any sorted parent's order, and new records fall into their places.
        strewn = not child.sketch.sorted and len(matches) == 1 and matches[0].strewn
        return weights.kept + (weights.interleaved if strewn else 0.0)
    return weights.resorted if child.sketch.sorted else weights.shuffled


def _time(parent: Member, child: Member, weights: Weights) -> float:
    seen, told = child.sketch.first_seen, parent.sketch.newest
    if seen and told and told > seen:
        return weights.impossible
    return lateness(parent.sketch.first_seen, seen, weights)


def lateness(parent: date | None, child: date | None, weights: Weights) -> float:
    """Nats for a parent that was first seen after its child: it must have lain unseen for so long."""
    if parent is None or child is None or parent <= child:
        return 0.0
    return min(weights.late_most, weights.late + weights.late_day * (parent - child).days)


def _scars(parent: Member, child: Member, weights: Weights) -> float:
    total = 0.0
    for name, (kept, changed) in weights.scars.items():
        mine, theirs = child.sketch.scars.get(name), parent.sketch.scars.get(name)
        if mine is not None and theirs is not None:
            total += kept if mine == theirs else changed
    return total
