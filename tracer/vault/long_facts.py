"""What a table too long for memory says about its customers, piece by piece, once it is known which row is whose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from tracer.ordered import distinct
from tracer.vault.facts import once
from tracer.vault.long_table import LongTable
from tracer.vault.numbering import FURTHER, NOBODY, array, parts
from tracer.vault.stack import AT_ONCE, Keys, Numbers, Stack

NO_VALUE: Final = np.uint64(2**64 - 1)
_HALF: Final = np.uint64(32)


@dataclass(slots=True)
class LongFacts:
    """The facts of a long table."""

    table: LongTable
    person: Numbers | None
    """(rows,) the customer of each, `NOBODY` where there is none; None where row i is about customer i."""
    people: int
    """Customers there are, those of before included."""

    @property
    def unidentified(self) -> int:
        """Rows about nobody who could be recognised."""
        return 0 if self.person is None else self.table.rows - sum(one.size for one in known(self.person))

    def of(self, row: Numbers) -> Numbers:
        """(rows,) customers."""
        row = row & ~FURTHER
        return row if self.person is None else self.person[row]

    def held(self, stack: Stack) -> Iterator[tuple[Keys, Numbers]]:
        """(token, customer) ordered by both, each once; equal tokens are never in two pieces."""
        for tokens, rows in stack.ordered():
            people = self.of(rows)
            there = people != NOBODY
            yield once(tokens[there], people[there])

    def told(self, stack: Stack) -> tuple[Iterator[tuple[Numbers, Keys]], bool]:
        """(customer, value) ordered by both, each once; and whether customers 0, 1, 2 and so on have one value each."""
        value = array(self.people, np.uint64, NO_VALUE)
        for found, row in stack.kept():
            person = self.of(row)
            there = person != NOBODY
            if not _written_once(value, person[there], found[there]):
                return self._dealt(stack), False
        return in_order(value), is_prefix(value)

    def _dealt(self, stack: Stack) -> Iterator[tuple[Numbers, Keys]]:
        """(customer, value) of customers of whom some have several."""
        dealt = Stack(self.people << 32)
        for value, row in stack.kept():
            person = self.of(row)
            there = person != NOBODY
            dealt.put(person[there].astype(np.uint64) << _HALF | value[there], row[there])
        for key, _ in dealt.ordered():
            fresh = distinct(key)
            yield (fresh >> _HALF).astype(np.uint32), fresh & np.uint64(2**32 - 1)

    def there(self) -> Iterator[Numbers]:
        """Customers whom the table is about, in their order."""
        met = array(self.people, np.bool_, fill=False)
        for part in parts(self.table.rows):
            rows = np.arange(part.start, part.stop, dtype=np.uint32)
            person = self.of(rows)
            met[person[person != NOBODY]] = True
        for part in parts(max(1, self.people)):
            yield (np.flatnonzero(met[part]) + part.start).astype(np.uint32)

    def earliest(self, value: Keys, stack: Stack) -> None:
        """Lower the values of customers, (customers,) and `NO_VALUE` where there is none, to the least that is told."""
        for found, row in stack.kept():
            person = self.of(row)
            np.minimum.at(value, person[person != NOBODY], found[person != NOBODY])


def in_order(value: Keys) -> Iterator[tuple[Numbers, Keys]]:
    """(customer, value) of an array of values, one piece at least."""
    for part in parts(max(1, value.size)):
        there = np.flatnonzero(value[part] != NO_VALUE)
        yield (there + part.start).astype(np.uint32), value[part][there]


def is_prefix(value: Keys) -> bool:
    """Whether customers 0, 1, 2 and so on have one value each, and those behind them none."""
    there, last = 0, 0
    for person, _ in in_order(value):
        there += person.size
        last = int(person[-1]) + 1 if person.size else last
    return there == last


def people_of(person: Numbers | None, rows: int) -> int:
    """How many customers rows are about, see `LongFacts.person`."""
    return rows if person is None else max((int(one.max()) + 1 for one in known(person)), default=0)


def known(person: Numbers) -> Iterable[Numbers]:
    """Those who have a number, piece by piece, no piece empty."""
    for begin in range(0, person.size, AT_ONCE):
        piece = person[begin : begin + AT_ONCE]
        if (found := piece[piece != NOBODY]).size:
            yield found


def _written_once(value: Keys, person: Numbers, found: Keys) -> bool:
    """Write customers' values among those there are; False where somebody has two different ones."""
    before = value[person]
    value[person] = found
    return bool(((before == NO_VALUE) | (before == found)).all() and (value[person] == found).all())
