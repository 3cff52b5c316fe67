"""Which row of a first snapshot is which customer, however long the table is.

The rules are those of `customers.number_customers`; here, where no customer is known yet, they are worked out from the
first row of each token alone, on arrays that lie on disk.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

import numpy as np
from numpy.typing import NDArray

from tracer.identifiers.kinds import NUMBERING
from tracer.vault.stack import AT_ONCE, Keys, Numbers, Scratch, write

NOBODY: Final = np.uint32(2**32 - 1)
"""Instead of a row or a customer where there is none."""
FURTHER: Final = np.uint32(2**31)
"""Added to the row of a token that is not its row's first of the kind: it names the customer and numbers nobody."""


class Ordered(Protocol):
    """Tokens with their rows, as a `Stack` gives them back."""

    def __len__(self) -> int:
        """How many."""
        ...

    def ordered(self) -> Iterator[tuple[Keys, Numbers]]:
        """(token, row) in the order of the tokens, piece by piece; equal tokens are never in two pieces."""
        ...


def number_rows(stacks: Mapping[str, Ordered], rows: int) -> Numbers | None:
    """The customer of each row of a first snapshot.

    Args:
        stacks: kind → tokens with their rows.
        rows: how many rows there are, fewer than 2^31.

    Returns:
        (rows,) customers numbered from 0 in the order of their first rows, `NOBODY` for a row without an identifier; or
        None where every row has a weightiest identifier of its own, so that row i is customer i.
    """
    kinds = [kind for kind in NUMBERING if kind in stacks]
    if not kinds:
        return array(rows, np.uint32, NOBODY)
    first, alone = _first_rows(stacks[kinds[0]], rows)
    if alone:
        return None
    firsts = [first, *(_first_rows(stacks[kind], rows)[0] for kind in kinds[1:])]
    return _numbered(_handles(firsts, rows), rows)


def marked(row: Numbers) -> Numbers:
    """Rows, those that came before among them marked."""
    if (row[1:] > row[:-1]).all():
        return row
    further = np.ones(row.size, bool)
    further[np.unique(row, return_index=True)[1]] = False
    return np.where(further, row + FURTHER, row)


def _first_rows(stack: Ordered, rows: int) -> tuple[Numbers, bool]:
    """(rows,) the first row that has the same token; and whether every row has one of its own."""
    first = array(rows, np.uint32, NOBODY)
    alone = len(stack) == rows
    for token, number in stack.ordered():
        own = number < FURTHER
        held, row = token[own], number[own]
        alone = alone and held.size == token.size
        if held.size:
            begins = np.flatnonzero(np.concatenate(([True], held[1:] != held[:-1])))
            first[row] = np.repeat(np.minimum.reduceat(row, begins), np.diff(np.append(begins, row.size)))
            alone = alone and begins.size == row.size
    return first, alone


def _handles(firsts: list[Numbers], rows: int) -> Numbers:
    """(rows,) the row that names the customer: the first with his weightiest identifier, or of who has a lighter one.

    A row that lacks what names its customer elsewhere goes to the first row that has it and shares a lighter one.
    """
    holder, handle = array(rows, np.uint8, len(firsts)), array(rows, np.uint32, NOBODY)
    for part in parts(rows):
        for place in reversed(range(len(firsts))):
            has = firsts[place][part] != NOBODY
            holder[part][has], handle[part][has] = place, firsts[place][part][has]
    for place in range(1, len(firsts)):
        first, owner = firsts[place], array(rows, np.uint32, NOBODY)
        for part in reversed(list(parts(rows))):
            owners = np.flatnonzero((holder[part] < place) & (first[part] != NOBODY))[::-1] + part.start
            owner[first[owners]] = owners  # of several the last one written stays: the first row
        for part in parts(rows):
            lacking = np.flatnonzero(holder[part] == place) + part.start
            found = owner[first[lacking]]
            lacking, found = lacking[found != NOBODY], found[found != NOBODY]
            holder[lacking], handle[lacking] = holder[found], handle[found]
    return handle


def _numbered(handle: Numbers, rows: int) -> Numbers:
    """Handles as customers in the order in which they are met."""
    met, person, people = array(rows, np.uint32, NOBODY), array(rows, np.uint32, NOBODY), 0
    for part in parts(rows):
        handles = handle[part]
        known = handles != NOBODY
        fresh, at = np.unique(handles[known], return_index=True)
        at = at[met[fresh] == NOBODY]
        order = np.sort(at)
        met[handles[known][order]] = np.arange(people, people + order.size, dtype=np.uint32)
        people += order.size
        person[part][known] = met[handles[known]]
    return person


def parts(rows: int) -> Iterator[slice]:
    """So many rows, cut into pieces that fit into memory."""
    for begin in range(0, rows, AT_ONCE):
        yield slice(begin, min(rows, begin + AT_ONCE))


def array(rows: int, kind: type[np.generic], fill: Any) -> NDArray[Any]:
    """An array on disk, which the system may put out of memory when it needs the room."""
    # Written before it is mapped: on a full disk that is an error, while a write to the map would end the process.
    scratch, entry = Scratch(), np.dtype(kind)
    for part in parts(max(1, rows)):
        write(scratch, np.full(part.stop - part.start, fill, entry), part.start * entry.itemsize)
    with os.fdopen(os.dup(scratch.fileno()), "r+b") as file:
        return np.memmap(file, entry, "r+", shape=(max(1, rows),))[:rows]
