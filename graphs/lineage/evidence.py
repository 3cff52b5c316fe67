"""Why an edge is drawn, in words and figures; rows are named by their place and never by their content."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from graphs.lineage.comparison import Match
from graphs.lineage.confidence import Belief
from graphs.lineage.inference import Inference
from graphs.lineage.members import Member
from graphs.lineage.options import Arc

_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that speaks for an edge, or against it."""

    kind: str
    statement: str
    value: float


@dataclass(frozen=True, slots=True)
class Place:
    """A record that both dumps have."""

    why: str
    parent_row: int
    """Row of the parent, from 0."""
    child_row: int


def facts(found: Inference, belief: Belief) -> tuple[Fact, ...]:
    """What speaks for an edge, the weightiest kinds first."""
    parent, child = (found.family.members[one] for one in belief.arc)
    match = found.book.matches[belief.arc]
    told = [
        Fact(
            "records",
            f"{len(match.rows):,} of the child's {child.size:,} records are among the parent's {parent.size:,}",
            len(match.rows),
        ),
        *_errors(match),
        *_columns(parent, child, match),
        *_order(match),
        *_times(parent, child),
        Fact("support", f"{belief.signs.support:.0%} of the resampled cases have this edge", belief.signs.support),
        Fact(
            "margin",
            f"the best account without it is dearer by {belief.signs.margin:,.0f} nats",
            min(belief.signs.margin, 1e9),
        ),
    ]
    share = found.family.share
    if share < 1:
        told.append(Fact("sample", f"these are counts of a sample: {share:.1%} of the people", share))
    if not belief.determined:
        told.append(Fact("direction", "which of the two came first is not determined", min(belief.signs.backward, 1e9)))
    return tuple(told)


def _errors(match: Match) -> list[Fact]:
    told = []
    if match.inherited:
        told.append(Fact("inherited", f"{match.inherited:,} damaged cells are the same in both", match.inherited))
    if match.damaged:
        told.append(Fact("damaged", f"{match.damaged:,} cells are damaged in the child only", match.damaged))
    if match.repaired:
        told.append(
            Fact(
                "repaired",
                f"{match.repaired:,} cells are damaged in the parent only: this speaks against",
                match.repaired,
            )
        )
    if match.errors:
        told.append(Fact("differs", f"{match.errors:,} cells differ and nothing tells which is right", match.errors))
    return told


def _columns(parent: Member, child: Member, match: Match) -> list[Fact]:
    told = []
    lost = (parent.held & ~child.held).bit_count()
    if lost:
        told.append(Fact("columns", f"{lost} of the parent's columns are not in the child", lost))
    added = (child.held & ~match.offered).bit_count()
    if added:
        told.append(Fact("added", f"{added} of the child's columns cannot be from this parent", added))
    veiled = (child.masked & ~parent.masked & parent.held).bit_count()
    if veiled:
        told.append(Fact("masked", f"{veiled} columns are masked in the child and whole in the parent", veiled))
    if match.rule is not None and match.rule.exact:
        share = float(match.rule.inside.mean())
        what = "one stretch of the parent's file" if match.rule.measure < 0 else "what one rule selects of the parent"
        told.append(Fact("rule", f"the child's records are just {what}, {share:.0%} of it", share))
    return told


def _order(match: Match) -> list[Fact]:
    if not match.ordered:
        return []
    return [Fact("order", "the shared records stand in the same order in both", 1.0)]


def _times(parent: Member, child: Member) -> list[Fact]:
    one, other = parent.sketch.first_seen, child.sketch.first_seen
    if one is None or other is None:
        return []
    days = (other - one).days
    if days < 0:
        return [Fact("seen", f"the parent was first seen {-days} days after the child: this speaks against", days)]
    return [Fact("seen", f"the parent was first seen {days} days before the child", days)]


def examples(found: Inference, arc: Arc) -> tuple[Place, ...]:
    """A few records that show an edge: inherited errors first, then new ones, then any."""
    parent, child = (found.family.members[one] for one in arc)
    match = found.book.matches[arc]
    mine, theirs = child.cells[match.rows], parent.cells[match.theirs]
    same_fault = (child.faulty[match.rows] & parent.faulty[match.theirs] & (mine == theirs)).any(axis=1)
    new_fault = (child.faulty[match.rows] & ~parent.faulty[match.theirs] & (mine != theirs)).any(axis=1)
    picked: list[Place] = []
    for why, mark in (("inherited damage", same_fault), ("new damage", new_fault), ("shared record", ~same_fault)):
        for at in np.flatnonzero(mark)[: _SHOWN - len(picked)]:
            row, other = int(match.rows[at]), int(match.theirs[at])
            picked.append(Place(why, int(parent.place[other]), int(child.place[row])))
    return tuple(picked)
