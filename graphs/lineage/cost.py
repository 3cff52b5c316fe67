"""How many nats it takes to tell how a dump came about (minimum description length; Rissanen 1978).

Records are told as a choice: of those of the parents, and of an invisible stock of people. So "a selection from a
larger dump" and "an addition to a smaller one" cost the same, as they should: containment has no direction. What breaks
the tie is irreversible: damaged cells, columns left out, masked digits, a lost order, and days.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from graphs.lineage.comparison import Match
from graphs.lineage.family import BLOCKS, Counts, Family, Member
from graphs.lineage.ledger import Ledger
from graphs.lineage.options import Arc, Option
from graphs.lineage.weights import Weights

Nats = NDArray[np.float64]


def costs(family: Family, book: Ledger, weights: Weights, draws: Counts | None = None) -> Nats:
    """(options, replicates) nats of every option.

    Args:
        family: the dumps.
        book: its options.
        weights: of events.
        draws: (BLOCKS, replicates) weight of each block of records; all 1 if left out.
    """
    draws = np.ones((BLOCKS, 1), np.float32) if draws is None else draws
    fixed = np.array([_fixed(family, book, option, weights) for option in book.options]) + _rules(family, book, weights)
    return fixed[:, None] + _records(family, book, weights, draws)


def clean(match: Match) -> bool:
    """Whether a rule gives just the child's records out of the parent's."""
    return match.rule is not None and match.rule.exact


def _rules(family: Family, book: Ledger, weights: Weights) -> Nats:
    """(options,) nats for and against parents of which a rule gives just this dump.

    That it does is no accident, so it costs something to pass such a parent over, and several of them are compared by
    what the rule saves. It is also a hint of direction: selections follow rules, additions rarely complete them. Not so
    where the rest of the parent was seized as well: then it may be two lots put together.
    """
    saved = {arc: match.rule.saved for arc, match in book.matches.items() if match.rule is not None and clean(match)}
    best: dict[int, float] = {}
    for (_, child), nats in saved.items():
        best[child] = min(best.get(child, nats), nats)
    # Compared by the least that one saves: so no selection told without its rule is cheaper than the same with it.
    hint = {arc: min(weights.ruled, 0.2 * saved[arc]) if _tells(family, book, arc) else 0.0 for arc in saved}
    passed = np.zeros(len(book.options))
    for place, option in enumerate(book.options):
        if not option.before or option.child not in best:
            continue
        ruled = [(parent, option.child) for parent in option.parents if (parent, option.child) in saved]
        if ruled and len(option.before) == 1:
            passed[place] = best[option.child] - saved[ruled[0]] - hint[ruled[0]]
        elif not ruled:
            passed[place] = min(weights.unruled, 0.25 * best[option.child])
    return passed


def _tells(family: Family, book: Ledger, arc: Arc) -> bool:
    """Whether the rule of an arc hints at its direction."""
    rule = book.matches[arc].rule
    return rule is not None and rule.telling and not _rest_is_seized(family, book, *arc)


def _rest_is_seized(family: Family, book: Ledger, parent: int, child: int) -> bool:
    """Whether some other dump holds what the parent has and the child has not, and little else of it."""
    rest = np.ones(family.members[parent].size, bool)
    rest[book.matches[parent, child].theirs] = False
    for (other, one), match in book.matches.items():
        if one == parent and other != child:
            told = rest[match.rows]
            if told.sum() >= 0.9 * rest.sum() and told.mean() >= 0.9:
                return True
    return False


def _records(family: Family, book: Ledger, weights: Weights, draws: Counts) -> Nats:
    children = np.array([option.child for option in book.options])
    fathers = np.array([[*option.parents, -1, -1, -1][:3] for option in book.options])
    count = (fathers >= 0).sum(axis=1)[:, None]
    size = (book.sizes @ draws).astype(np.float64)
    own, union, covered, beside, aside = (
        size[children], _weighed(book.union, draws), _weighed(book.covered, draws),
        _weighed(book.beside, draws), _weighed(book.aside, draws),
    )  # fmt: skip
    separate: Nats = np.zeros_like(own)
    for place in range(3):
        there = fathers[:, place] >= 0
        part = _selection(size[fathers[there, place]], _weighed(book.hits[there, place], draws), weights)
        separate[there] += part
    joint = _selection(union, covered, weights) + weights.loose
    chosen = np.where(count > 1, np.minimum(separate, joint), separate)
    fresh = np.maximum(0.0, own - covered - aside)
    stock = weights.overlap * family.stock * float(draws.mean())
    novel = _choose(np.maximum(stock - union - beside, fresh), fresh)
    share = fresh / np.maximum(own, 1)
    padded = weights.pad + np.log1p(own) + weights.wild * np.maximum(0, share - weights.tame)
    novel += np.where((fresh > 0.5) & (count > 0), padded, 0)
    sibling = np.array([bool(option.siblings) for option in book.options])[:, None]
    # Of a dump that was not seized only its descendants are known: one selection out of all of them together.
    whole = _selection(union + beside, covered + aside, weights)
    return np.where(sibling, whole, chosen) + novel + _weighed(book.cells, draws)


def _weighed(sums: Counts, draws: Counts) -> Nats:
    total: Nats = (sums @ draws).astype(np.float64)
    return total


def _choose(total: Nats, part: Nats) -> Nats:
    """Logarithm of how many ways there are to choose `part` of `total`."""
    part = np.clip(part, 0, total)
    ways: Nats = gammaln(total + 1) - gammaln(part + 1) - gammaln(total - part + 1)
    return ways


def _selection(total: Nats, part: Nats, weights: Weights) -> Nats:
    whole = part >= total - 0.5
    some = weights.part + _choose(total, part) + np.log1p(total)
    return np.where(whole, weights.whole, some)


def _fixed(family: Family, book: Ledger, option: Option, weights: Weights) -> float:
    """Nats that do not depend on which records were drawn."""
    child = family.members[option.child]
    matches = [book.matches[(parent, option.child)] for parent in option.parents]
    total = (0.0, 0.0, weights.second, weights.third)[len(option.parents)]
    if option.siblings:
        beside = [book.matches[sibling, option.child] for sibling in option.siblings]
        total += weights.sibling + weights.further * (len(beside) - 1)
        total += weights.nested * any(match.nested for match in beside)
        if not matches:
            total += min(match.apart for match in beside) + _order(child, beside, weights)
            total += _dropped(child, [family.members[sibling] for sibling in option.siblings], weights)
    elif not matches:
        total += weights.root + _order(child, [], weights)
    if matches:
        parents = [family.members[parent] for parent in option.parents]
        total += _columns(child, parents, matches, weights)
        total += _order(child, matches, weights) + min(match.events for match in matches)
        total += sum(_time(parent, child, weights) + _scars(parent, child, weights) for parent in parents)
    return total


def _columns(child: Member, parents: list[Member], matches: list[Match], weights: Weights) -> float:
    offered = np.logical_or.reduce([match.offered for match in matches])
    added = child.held & ~offered
    easy = int((added & child.constant).sum())
    hard = int(added.sum()) - easy
    bared = int((np.logical_or.reduce([match.bared for match in matches]) & added).sum())
    hard -= bared
    gained = (
        weights.unmasked * bared
        + weights.constant * easy
        + (weights.added + weights.added_each * (hard - 1) if hard else 0.0)
    )
    return gained + _dropped(child, parents, weights)


def _dropped(child: Member, others: list[Member], weights: Weights) -> float:
    held = np.logical_or.reduce([other.held for other in others])
    dropped = int((held & ~child.held).sum())
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
