"""What a platform is after its first snapshot, where the table is too long for memory.

What comes out is what `growth.grow` gives for a platform that was not registered before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.kinds import COMPOSITE, KINDS, SINGLE
from tracer.ordered import below, distinct
from tracer.vault.facts import once
from tracer.vault.growth import JOINED, PRESENCE, RANKING, SAMPLE, SAMPLED, claim_file, identifier_file
from tracer.vault.index import INDEX, RATE
from tracer.vault.long_table import LongTable, days
from tracer.vault.manifest import File, Platform, SnapshotEntry
from tracer.vault.numbering import FURTHER, NOBODY, array, number_rows, parts
from tracer.vault.stack import AT_ONCE, Keys, Numbers, Stack
from tracer.vault.variety import Distinct

_YEAR: Final = timedelta(days=365)
_EPOCH: Final = date(1970, 1, 1)
_HALF: Final = np.uint64(32)
_NO_VALUE: Final = np.uint64(2**64 - 1)


class LongGrowth:
    """What a platform is after its first snapshot. The figures are known when all `frames` were taken."""

    def __init__(self, table: LongTable) -> None:
        """Number the customers of a table."""
        self.table = table
        self.person = held = number_rows(table.identifiers, table.rows)
        self.people = table.rows if held is None else max((int(one.max()) + 1 for one in _known(held)), default=0)
        self.new_people = self.people
        self.unidentified = 0 if held is None else table.rows - sum(one.size for one in _known(held))
        self.ranked = self._rank()
        self.variety = {claim: Distinct() for claim in table.claims}
        self.days: Counter[int] = Counter()

    @property
    def frames(self) -> dict[str, Callable[[], Iterator[pl.DataFrame]]]:
        """File name without its ending → its pieces, none of them longer than a few hundred thousand rows."""
        made: dict[str, Callable[[], Iterator[pl.DataFrame]]] = {
            identifier_file(kind): partial(self._identifiers, stack, packed=kind == self.ranked)
            for kind, stack in self.table.identifiers.items()
        }
        made[INDEX] = partial(self._sampled, SINGLE, RATE)
        made[SAMPLE] = partial(self._sampled, COMPOSITE, 1 / SAMPLED)
        for place, (claim, stack) in enumerate(self.table.claims.items()):
            made[claim_file(place)] = partial(self._claims, stack, self.variety[claim])
        made[PRESENCE] = self._presence
        if self.table.joined is not None:
            made[JOINED] = partial(self._joined, self.table.joined)
        return made

    def platform(self, name: str, part: str, files: tuple[File, ...]) -> Platform:
        """The entry in the manifest, once the frames are written."""
        claims = tuple(self.table.claims)
        kinds = [kind for kind in KINDS if kind in self.table.identifiers]
        entry = SnapshotEntry.of(self.table.origin, self.table.rows, kinds, claims)
        return Platform(
            name=name,
            part=part,
            people=self.people,
            joined=self.table.joined is not None,
            joins_per_day=self._joins_per_day(),
            claims=claims,
            variety=tuple(self.variety[claim].share for claim in claims),
            volatility=(None,) * len(claims),
            snapshots=(entry,),
            files=files,
        )

    def _rank(self) -> str | None:
        """Number the customers as `growth` does, in the order of their tokens of one kind; gives which."""
        for kind in (kind for kind in RANKING if kind in self.table.identifiers):
            number, ranked = array(self.people, np.uint32, NOBODY), 0
            for _, person in self._facts(self.table.identifiers[kind]):
                if not _ranks(number, person, ranked):
                    break
                ranked += person.size
            else:
                self._renumber(number, ranked)
                return kind
        return None

    def _renumber(self, number: Numbers, ranked: int) -> None:
        """Give customers their new numbers, those without one the next ones."""
        for part in parts(self.people):
            without = np.flatnonzero(number[part] == NOBODY)
            number[part][without] = np.arange(ranked, ranked + without.size)
            ranked += without.size
        if self.person is None:
            self.person = number
            return
        for part in parts(self.person.size):
            known = self.person[part] != NOBODY
            self.person[part][known] = number[self.person[part][known]]

    def _of(self, row: Numbers) -> Numbers:
        """(rows,) customers."""
        row = row & ~FURTHER
        return row if self.person is None else self.person[row]

    def _facts(self, stack: Stack) -> Iterator[tuple[Keys, Numbers]]:
        """(token, customer) ordered by both, each once."""
        for tokens, rows in stack.ordered():
            people = self._of(rows)
            known = people != NOBODY
            yield once(tokens[known], people[known])

    def _identifiers(self, stack: Stack, *, packed: bool) -> Iterator[pl.DataFrame]:
        for token, person in self._facts(stack):
            yield self._dated({**({} if packed else {"person": person}), "token": token})

    def _sampled(self, kinds: Iterable[str], share: float) -> Iterator[pl.DataFrame]:
        """The even sample of some kinds as `index.sampled` gives it."""
        yield pl.DataFrame(schema={"kind": pl.UInt32, "token": pl.UInt64})
        for kind in (kind for kind in kinds if kind in self.table.identifiers):
            for token, _ in self._facts(self.table.identifiers[kind]):
                few = distinct(below(token, share))
                yield pl.DataFrame({"token": few}).select(pl.lit(KINDS.index(kind), pl.UInt32).alias("kind"), "token")
                if token.size and not below(token[-1:], share).size:
                    break

    def _told(self, stack: Stack) -> tuple[Iterator[tuple[Numbers, Keys]], bool]:
        """(customer, value) ordered by both, each once, piece by piece; and whether `pack` would leave out who."""
        value = array(self.people, np.uint64, _NO_VALUE)
        for found, row in stack.kept():
            person = self._of(row)
            known = person != NOBODY
            if not _written_once(value, person[known], found[known]):
                return self._dealt(stack), False
        return _in_order(value), _is_prefix(value)

    def _dealt(self, stack: Stack) -> Iterator[tuple[Numbers, Keys]]:
        """(customer, value) of customers of whom some have several."""
        dealt = Stack(self.people << 32)
        for value, row in stack.kept():
            person = self._of(row)
            known = person != NOBODY
            dealt.put(person[known].astype(np.uint64) << _HALF | value[known], row[known])
        for key, _ in dealt.ordered():
            once = distinct(key)
            yield (once >> _HALF).astype(np.uint32), once & np.uint64(2**32 - 1)

    def _claims(self, stack: Stack, distinct: Distinct) -> Iterator[pl.DataFrame]:
        told, packed = self._told(stack)
        for person, value in told:
            token = value.astype(np.uint32)
            distinct.meet(token)
            yield self._dated({**({} if packed else {"person": person}), "token": token})

    def _presence(self) -> Iterator[pl.DataFrame]:
        for begin in range(0, max(1, self.people), AT_ONCE):
            there = np.zeros(min(AT_ONCE, self.people - begin), np.uint32)
            yield self._dated({"person": there}).drop("person")

    def _joined(self, stack: Stack) -> Iterator[pl.DataFrame]:
        earliest = array(self.people, np.uint64, _NO_VALUE)
        for value, row in stack.kept():
            person = self._of(row)
            np.minimum.at(earliest, person[person != NOBODY], value[person != NOBODY])
        packed = _is_prefix(earliest)
        for person, value in _in_order(earliest):
            told = days((value, person)).rename({"row": "person"})
            met = told.get_column("joined").cast(pl.Int32).value_counts()
            self.days.update(dict(met.iter_rows()))
            yield told.select("joined") if packed else told

    def _dated(self, columns: dict[str, NDArray[np.generic]]) -> pl.DataFrame:
        day = pl.lit(self.table.origin.taken_at)
        return pl.DataFrame(columns).with_columns(since=day, until=day)

    def _joins_per_day(self) -> float | None:
        """As `growth` counts it, of a platform with one snapshot."""
        if not self.days:
            return None
        newest = (self.table.origin.taken_at - _EPOCH).days
        start = max(newest - _YEAR.days, min(self.days))
        return sum(count for day, count in self.days.items() if start <= day <= newest) / max(1, newest - start)


def _ranks(number: Numbers, person: Numbers, ranked: int) -> bool:
    """Give customers the next numbers; False where one comes twice."""
    if (number[person] != NOBODY).any():
        return False
    following = np.arange(ranked, ranked + person.size, dtype=np.uint32)
    number[person] = following
    return bool((number[person] == following).all())


def _written_once(value: Keys, person: Numbers, found: Keys) -> bool:
    """Write customers' values among those there are; False where somebody has two different ones."""
    before = value[person]
    value[person] = found
    return bool(((before == _NO_VALUE) | (before == found)).all() and (value[person] == found).all())


def _is_prefix(value: Keys) -> bool:
    """Whether customers 0, 1, 2 and so on have one value each, and those behind them none."""
    there, last = 0, 0
    for person, _ in _in_order(value):
        there += person.size
        last = int(person[-1]) + 1 if person.size else last
    return there == last


def _in_order(value: Keys) -> Iterator[tuple[Numbers, Keys]]:
    """(customer, value) of an array of values, one piece at least."""
    for part in parts(max(1, value.size)):
        there = np.flatnonzero(value[part] != _NO_VALUE)
        yield (there + part.start).astype(np.uint32), value[part][there]


def _known(person: Numbers) -> Iterable[Numbers]:
    """Those who have a number, piece by piece, no piece empty."""
    for begin in range(0, person.size, AT_ONCE):
        piece = person[begin : begin + AT_ONCE]
        if (found := piece[piece != NOBODY]).size:
            yield found
