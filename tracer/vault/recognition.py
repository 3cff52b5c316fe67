"""Which row of a later snapshot is which customer, however long the table and the history are.

The rules are those of `customers.number_customers`. Kind by kind the tokens of the table are gone through in step with
those of the history, and only arrays on disk, a few bytes a row or a customer, are kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.kinds import NUMBERING
from tracer.vault.customers import DECISIVE
from tracer.vault.history import no_runs
from tracer.vault.long_facts import people_of
from tracer.vault.long_history import in_step, latest_of
from tracer.vault.long_table import LongTable
from tracer.vault.numbering import FURTHER, NOBODY, array, number_rows, parts
from tracer.vault.stack import Numbers, Stack

Flags = NDArray[np.bool_]
_NOBODY_HERE: Final = pl.DataFrame(schema={"row": pl.UInt32, "token": pl.UInt64})


@dataclass(frozen=True, slots=True)
class _Recognised:
    """What one kind says of the people of a table."""

    has: Flags
    """(people,) who has an identifier of this kind."""
    match: Numbers
    """(people,) the customer who had it last, `NOBODY` where nobody did."""


def recognise(
    table: LongTable, customers: int, kinds: frozenset[str], runs: Callable[[str], Iterator[pl.DataFrame]]
) -> tuple[Numbers, int]:
    """The customers of a later snapshot's rows.

    Args:
        table: the snapshot.
        customers: there were before.
        kinds: of identifier in the history.
        runs: gives the history of a kind, ordered by token.

    Returns:
        (rows,) customers, `NOBODY` where there is none; and how many customers there are now.
    """
    who = number_rows(table.identifiers, table.rows)
    person = _every(table.rows) if who is None else who
    people = people_of(who, table.rows)
    found, taken = array(people, np.uint32, NOBODY), array(customers, np.bool_, fill=False)
    with_id: tuple[Flags, Flags] | None = None
    for kind in (kind for kind in NUMBERING if kind in table.identifiers and kind in kinds):
        told = _told(table.identifiers[kind], person, people, runs(kind))
        _take(found, taken, told.match, with_id)
        if kind == DECISIVE:
            with_id = told.has, _holders(customers, runs)
    return _filled(person, found, customers)


def _every(rows: int) -> Numbers:
    """Row i is about customer i."""
    person = array(rows, np.uint32, NOBODY)
    for part in parts(rows):
        person[part] = np.arange(part.start, part.stop, dtype=np.uint32)
    return person


def _told(stack: Stack, person: Numbers, people: int, runs: Iterator[pl.DataFrame]) -> _Recognised:
    """What the first identifier of one kind that each of the people shows says of them."""
    rows = person.size
    has_row, match_row = array(rows, np.bool_, fill=False), array(rows, np.uint32, NOBODY)
    carried = (pl.DataFrame({"row": row, "token": token}) for token, row in stack.ordered())
    for here, before in in_step(chain([_NOBODY_HERE], carried), chain([no_runs()], runs), "token"):
        row, token = here.get_column("row").to_numpy(), here.get_column("token").to_numpy()
        own = row < FURTHER
        row, token = row[own], token[own]
        has_row[row] = True
        held, holder = latest_of(before)
        if held.size and token.size:
            at = np.minimum(np.searchsorted(held, token), held.size - 1)
            same = held[at] == token
            match_row[row[same]] = holder[at[same]]
    has, match = array(people, np.bool_, fill=False), array(people, np.uint32, NOBODY)
    for part in reversed(list(parts(rows))):
        there = (np.flatnonzero(has_row[part]) + part.start)[::-1]
        has[person[there]] = True
        match[person[there]] = match_row[there]  # of several the last one written stays: the first row
    return _Recognised(has, match)


def _holders(customers: int, runs: Callable[[str], Iterator[pl.DataFrame]]) -> Flags:
    """(customers,) who had some national ID last."""
    holders = array(customers, np.bool_, fill=False)
    for piece, _ in in_step(runs(DECISIVE), iter([_NOBODY_HERE]), "token"):
        holders[latest_of(piece)[1]] = True
    return holders


def _take(found: Numbers, taken: Flags, match: Numbers, with_id: tuple[Flags, Flags] | None) -> None:
    """Give the people without a customer the one whom their identifier of a kind names, each customer once.

    If both have a national ID (people, customers), and it was not the same one, they are two under one number.
    """
    for part in parts(found.size):
        who = np.flatnonzero((found[part] == NOBODY) & (match[part] != NOBODY)) + part.start
        if with_id is not None:
            who = who[~(with_id[0][who] & with_id[1][match[who]])]
        who = who[~taken[match[who]]]
        _, first = np.unique(match[who], return_index=True)
        who = who[np.sort(first)]
        found[who] = match[who]
        taken[match[who]] = True


def _filled(person: Numbers, found: Numbers, customers: int) -> tuple[Numbers, int]:
    """Customers of rows, the new ones numbered in the order in which they come."""
    for part in parts(found.size):
        new = np.flatnonzero(found[part] == NOBODY) + part.start
        found[new] = np.arange(customers, customers + new.size, dtype=np.uint32)
        customers += new.size
    for part in parts(person.size):
        there = np.flatnonzero(person[part] != NOBODY) + part.start
        person[there] = found[person[there]]
    return person, customers
