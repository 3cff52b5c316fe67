"""Do the linked records also carry what this table says happened with the customer?

Who somebody is, is the same everywhere; the limit, the product and the day of application are this platform's.
Agreement stands beside what chance alone would give: the same comparison after the records' values were dealt out to
other people.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.attribution.agreement import tail, upper_limit
from tracer.comparison.forms import Field
from tracer.comparison.people import Codes, Places, encode

MISSING: Final = np.int8(-1)
_DEALS: Final = 40
_DRAWS: Final = 200_000
_LIMIT: Final = 0.999
_UNSEEN: Final = 0.05
_UNSEEN_FACTOR: Final = 5.0
"""What a stranger with the same customers may show: incomes, and with them limits, go together on all platforms."""
_TRUE: Final = 0.95
"""Share of this table's own records that is believed to agree in a claim, with the weight of so many records …"""
_BELIEF: Final = 2.0
_STEADY: Final = 0.05
"""… and, where the claim is no balance, of this share of those that were compared."""
_ROUNDS: Final = 300

Outcomes = NDArray[np.int8]
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """What the claims of the linked records say."""

    names: tuple[str, ...]
    """The table's names of the claims that both sides have."""
    outcome: Outcomes
    """(linked records, claims): 1 one of the person's rows says the same, 0 none does, -1 one side says nothing."""
    row: Places
    """(linked records,) the row of the person that agrees with most, the first of equals."""
    core: tuple[int, ...]
    """The set of claims with the smallest bound."""
    compared: int
    agreed: int
    by_chance: float
    """Share of records that agree in all of the core after a derangement."""
    bound: float
    """Chance of so many agreements if the records were a stranger's about the same people; corrected for the sets of
    claims that were tried; 1 where there is nothing to compare."""
    own: Floats
    """(linked records,) chance that the record is this table's, given that it is about this person."""


def testify(claims: Sequence[Field], record: Places, person: Places, of_row: Places, seed: int) -> Agreement:
    """Compare the claims of linked records with the rows of the people they were linked to.

    Args:
        claims: fields that say what happened with a customer.
        record: (links,) record of the dump.
        person: (links,) person of the table.
        of_row: (rows of the table,) the person each is about.
        seed: of the derangements.
    """
    rows = _rows(of_row)
    held = [encode(one) for one in claims]
    outcome = np.full((record.size, len(claims)), MISSING, np.int8)
    best = _agreeing(held, record, person, rows, outcome)
    dealt = _dealt(held, record, person, rows, np.random.default_rng(seed))
    names = tuple(one.table_name for one in claims)
    core, compared, agreed, chance, bound = _best(outcome, dealt)
    own = _own(outcome, dealt, [one.volatile for one in claims])
    return Agreement(names, outcome, best, core, compared, agreed, chance, bound, own)


@dataclass(frozen=True, slots=True)
class _Rows:
    """The rows of each person of the table."""

    row: Places
    """Rows, ordered by person."""
    start: Places
    """(people + 1,) where each person's rows begin."""


def _rows(of_row: Places) -> _Rows:
    order = np.argsort(of_row, kind="stable")
    counts = np.bincount(of_row)
    return _Rows(order, np.concatenate([[0], np.cumsum(counts)]))


def _agreeing(
    held: Sequence[tuple[pl.Series, Codes, Codes]], record: Places, person: Places, rows: _Rows, outcome: Outcomes
) -> Places:
    """Fill in the outcomes, and give the row of each link that agrees with most."""
    first, count = rows.start[person], np.diff(rows.start)[person]
    best, most = rows.row[first].copy(), np.full(record.size, -1)
    for turn in range(int(count.max(initial=0))):
        has = np.flatnonzero(count > turn)
        row = rows.row[first[has] + turn]
        agrees = np.zeros(has.size, np.int64)
        for column, (_, dump, table) in enumerate(held):
            mine, theirs = dump[record[has]], table[row]
            both = (mine >= 0) & (theirs >= 0)
            same = both & (mine == theirs)
            agrees += same
            outcome[has, column] = np.maximum(outcome[has, column], np.where(both, same, MISSING))
        better = agrees > most[has]
        best[has[better]], most[has[better]] = row[better], agrees[better]
    return best


def _dealt(
    held: Sequence[tuple[pl.Series, Codes, Codes]],
    record: Places,
    person: Places,
    rows: _Rows,
    generator: np.random.Generator,
) -> Outcomes:
    """Outcomes after the records were dealt out to other people; nobody gets his own."""
    if record.size < 2 or not held:
        return np.empty((0, len(held)), np.int8)
    found = []
    for _ in range(max(1, min(_DEALS, _DRAWS // record.size))):
        order = generator.permutation(record.size)
        giver, taker = record[np.roll(order, 1)], person[order]
        outcome = np.full((record.size, len(held)), MISSING, np.int8)
        _agreeing(held, giver, taker, rows, outcome)
        found.append(outcome[person[np.roll(order, 1)] != taker])
    return np.concatenate(found)


def _best(outcome: Outcomes, dealt: Outcomes) -> tuple[tuple[int, ...], int, int, float, float]:
    best: tuple[tuple[int, ...], int, int, float, float] = ((), 0, 0, 0.0, 1.0)
    cores = _cores(outcome.shape[1])
    for core in cores:
        compared, agreed = _counted(outcome[:, core])
        whole, by_chance = _counted(dealt[:, core])
        drawn = min(whole, compared * (compared - 1))
        if drawn <= 0:
            continue
        share = by_chance / whole
        limit = max(upper_limit(round(share * drawn), drawn, _LIMIT), min(1.0, max(_UNSEEN, _UNSEEN_FACTOR * share)))
        bound = min(1.0, tail(agreed, compared, limit) * len(cores))
        if bound < best[-1] or not best[0]:
            best = (core, compared, agreed, share, bound)
    return best


def _counted(outcome: Outcomes) -> tuple[int, int]:
    """Records in which all can be compared, and in which all agree."""
    comparable = (outcome != MISSING).all(axis=1)
    return int(comparable.sum()), int((outcome[comparable] == 1).all(axis=1).sum())


def _cores(columns: int) -> tuple[tuple[int, ...], ...]:
    """All claims together, all but one, and each alone: a seller may have rewritten one of them."""
    every = tuple(range(columns))
    but_one = [tuple(kept for kept in every if kept != left) for left in every] if columns > 2 else []
    singles = [(column,) for column in every] if columns > 1 else []
    return (every, *but_one, *singles) if columns else ()


def _own(outcome: Outcomes, dealt: Outcomes, volatile: Sequence[bool]) -> Floats:
    """EM on two kinds of records: this table's, and another's about the same people, who agree as the dealt ones do.

    A balance that has moved since tells nothing; a product, a limit or a day that differs speaks against the table.
    """
    if not dealt.size or not outcome.size:
        return np.ones(outcome.shape[0])
    whole, place, many = np.unique(outcome, axis=0, return_inverse=True, return_counts=True)
    told, same, own = whole != MISSING, whole == 1, np.full(whole.shape[0], _TRUE)
    foreign = np.array([_rate(dealt[:, column]) for column in range(outcome.shape[1])])
    belief = _BELIEF + np.where(volatile, 0.0, _STEADY * (many @ told))
    share = _TRUE
    for _ in range(_ROUNDS):
        hit = (own * many) @ same + belief * _TRUE
        ours = np.clip(hit / ((own * many) @ told + belief), foreign, _MOST)
        alike, unlike = np.log(ours / foreign), np.log((1 - ours) / (1 - foreign))
        logs = np.where(told, np.where(same, alike, np.where(volatile, 0.0, unlike)), 0.0).sum(axis=1)
        own = 1 / (1 + np.exp(-np.clip(logs + np.log(share / (1 - share)), -50, 50)))
        share = float(np.clip(own @ many / many.sum(), 1e-6, 1 - 1e-6))
    return np.asarray(own[place.ravel()])


_MOST: Final = 0.9999


def _rate(outcome: Outcomes) -> float:
    told = int((outcome != MISSING).sum())
    return float(np.clip(((outcome == 1).sum() + 0.5) / (told + 1), 1e-6, 0.999))
