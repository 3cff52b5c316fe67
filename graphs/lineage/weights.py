"""What every kind of event costs, in nats: the rarer it is where dumps are made of dumps, the more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Weights:
    """Costs of one cell, of one column, of one dump."""

    error: float = 11.5
    """A cell that differs: a rate of about 0.3 % a cell, and one of some hundred ways to be wrong."""
    repair: float = 10.0
    """What is added where the parent's cell is damaged and the child's is not: nobody can type what he cannot see."""
    blank: float = 3.0
    fill: float = 8.0
    most: float = 18.0
    """The most that one record can cost: beyond it, the record came from somewhere else."""

    dropped: float = 1.5
    """Leaving out columns, and …"""
    dropped_each: float = 0.5
    added: float = 40.0
    """Columns that no parent has, and …"""
    added_each: float = 10.0
    constant: float = 4.0
    """… one that holds a single value, which anybody can add."""
    masked: float = 2.0
    unmasked: float = 60.0
    """A column that shows what all parents hide."""
    rewritten: float = 30.0
    apart: float = 18.0
    """Another value in most cells of a column: made so, or recorded on another day."""
    damaged: float = 4.0
    """A column of which most cells were spoilt (a spreadsheet rounds identity numbers to 15 digits)."""
    restored: float = 18.0

    whole: float = 0.7
    part: float = 0.7
    """Taking all of a parent's records, or some of them."""
    pad: float = 1.6
    """Adding records that no parent has, and …"""
    wild: float = 60.0
    """… for each unit of their share beyond `tame`."""
    tame: float = 0.2
    root: float = 3.0
    sibling: float = 24.0
    """Sharing records through a dump that was not seized."""
    second: float = 6.0
    third: float = 12.0
    torn: float = 20.0
    """Each of several parents that was not taken whole."""
    topped: float = 3.0
    """New records in a part of a list or in several put together: two acts, and what was between was not seized."""
    needless: float = 30.0
    """A list put together from others of which one has nearly all of it: who merges wants more people than he had."""
    loose: float = 4.0
    """A selection made from the union of several parents: the union itself was not seized."""
    rule: float = 6.0
    """Selecting by a rule (a product, a range of sums) that the selection shows, and …"""
    cut: float = 5.0
    """… by where a list is cut, …"""
    exception: float = 8.0
    """… for each record that breaks it."""
    ruled: float = 150.0
    """The most that an addition costs by which a list becomes another that a rule would cut back to it: additions are
    rarely so tidy."""
    overlap: float = 10.0
    """How many times the records of a family its invisible stock is taken to be."""

    kept: float = 0.35
    shuffled: float = 3.0
    """Keeping or losing the order of the rows."""
    resorted: float = 1.5
    interleaved: float = 6.0
    """New records strewn among old ones that keep their order: selections look so, additions do not."""

    late: float = 3.0
    """A child that was seen before its parent, and …"""
    late_day: float = 0.1
    """… for each day."""
    late_most: float = 30.0
    impossible: float = 1e6
    """A parent whose rows tell of days after the child was seen."""

    scars: Mapping[str, tuple[float, float]] = field(
        default_factory=lambda: {
            "shape": (-0.6, 0.25),
            "header": (-0.5, 0.25),
            "order": (-0.4, 0.25),
            "phone": (-0.5, 0.25),
        }
    )
    """Kind of scar → cost where child and parent share it, and where they do not.

    Half the log-odds between parents and other kin in simulated families: whoever keeps one scar keeps most.
    """


START = Weights()
