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
    """Arcs along which a rule gives just the child's records.

    That it does is no accident, so it costs something to pass such a parent over, and several of them are compared by
    what the rule saves. It is also a hint of direction: selections follow rules, additions rarely complete them. Not so
    where the rest of the parent was seized as well: then it may be two lots put together.
    """

    saved: Mapping[Arc, float]
    """Nats that the rule saves."""
    hint: Mapping[Arc, float]
    """Nats by which it hints at the direction."""
    least: Mapping[int, float]
    """For a child the least that one of its rules saves: compared by it, no selection told without its rule is cheaper
    than the same with it."""
    telling: Mapping[int, float]
    """The same of the rules that hint at a direction."""


def ruled(family: Family, found: Mapping[Arc, Match], weights: Weights) -> Ruled:
    """The arcs with rules among the matches of a family."""
    saved = {arc: match.rule.saved for arc, match in found.items() if match.rule is not None and match.rule.exact}
    least: dict[int, float] = {}
    for (_, child), nats in saved.items():
        least[child] = min(least.get(child, nats), nats)
    holders: dict[int, list[tuple[int, Match]]] = {parent: [] for parent, _ in saved}
    for (other, one), match in found.items():
        if one in holders:
            holders[one].append((other, match))
    hint = {}
    for arc, nats in saved.items():
        rule = found[arc].rule
        hints = rule is not None and rule.telling and not _rest_is_seized(family, found, arc, holders[arc[0]])
        hint[arc] = min(weights.ruled, 0.2 * nats) if hints else 0.0
    telling: dict[int, float] = {}
    for arc, nats in hint.items():
        if nats:
            telling[arc[1]] = min(saved[arc], telling.get(arc[1], np.inf))
    return Ruled(saved, hint, least, telling)


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
    total = (0.0, 0.0, weights.second, weights.third)[len(matches)] + _ruled(rules, option, weights)
    if option.siblings:
        beside = [found[sibling, option.child] for sibling in option.siblings]
        total += weights.sibling
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
        total += sum(_time(parent, child, weights) + _scars(parent, child, weights) for parent in parents)
    return total


def _ruled(rules: Ruled, option: Option, weights: Weights) -> float:
    """Nats for and against parents of which a rule gives just this dump."""
    least = rules.least.get(option.child)
    if least is None or not option.before:
        return 0.0
    arcs = [(parent, option.child) for parent in option.parents if (parent, option.child) in rules.saved]
    if not arcs:
        # Where a rule gives just this dump out of a seized one, neither others nor unseized ones are needed.
        return rules.telling.get(option.child, least if option.siblings else min(weights.unruled, 0.25 * least))
    if option.siblings:
        return 0.0
    return least - rules.saved[arcs[0]] - rules.hint[arcs[0]] if len(option.before) == 1 else 0.0


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
