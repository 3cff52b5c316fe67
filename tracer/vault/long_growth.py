"""What a platform is after its first snapshot, where the table is too long for memory.

What comes out is what `growth.grow` gives for a platform that was not registered before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from functools import partial

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.kinds import COMPOSITE, SINGLE
from tracer.vault.growth import (
    JOINED,
    PRESENCE,
    RANKING,
    SAMPLE,
    SAMPLED,
    claim_file,
    days_met,
    identifier_file,
    joins_per_day,
)
from tracer.vault.index import INDEX, RATE, sampled_in_pieces
from tracer.vault.long_facts import NO_VALUE, LongFacts, in_order, is_prefix, people_of
from tracer.vault.long_table import LongTable, days
from tracer.vault.manifest import File, Platform
from tracer.vault.numbering import NOBODY, array, number_rows, parts
from tracer.vault.stack import AT_ONCE, Keys, Numbers, Stack
from tracer.vault.variety import Distinct


class LongGrowth:
    """What a platform is after its first snapshot. The figures are known when all `frames` were taken."""

    def __init__(self, table: LongTable) -> None:
        """Number the customers of a table."""
        self.table = table
        held = number_rows(table.identifiers, table.rows)
        self.people = people_of(held, table.rows)
        self.new_people = self.people
        self.facts = LongFacts(table, held, self.people)
        self.unidentified = self.facts.unidentified
        self.ranked = self._rank()
        self.variety = {claim: Distinct() for claim in table.claims}
        self.days: Counter[date] = Counter()

    @property
    def frames(self) -> dict[str, Callable[[], Iterator[pl.DataFrame]]]:
        """File name without its ending → its pieces, none of them longer than a few hundred thousand rows."""
        made: dict[str, Callable[[], Iterator[pl.DataFrame]]] = {
            identifier_file(kind): partial(self._identifiers, stack, packed=kind == self.ranked)
            for kind, stack in self.table.identifiers.items()
        }
        single, composite = ([kind for kind in some if kind in self.table.identifiers] for some in (SINGLE, COMPOSITE))
        made[INDEX] = partial(sampled_in_pieces, single, RATE, self._tokens)
        made[SAMPLE] = partial(sampled_in_pieces, composite, 1 / SAMPLED, self._tokens)
        for place, (claim, stack) in enumerate(self.table.claims.items()):
            made[claim_file(place)] = partial(self._claims, stack, self.variety[claim])
        made[PRESENCE] = self._presence
        if self.table.joined is not None:
            made[JOINED] = partial(self._joined, self.table.joined)
        return made

    def platform(self, name: str, part: str, files: tuple[File, ...]) -> Platform:
        """The entry in the manifest, once the frames are written."""
        claims = tuple(self.table.claims)
        day = self.table.origin.taken_at
        return Platform(
            name=name,
            part=part,
            people=self.people,
            joined=self.table.joined is not None,
            joins_per_day=joins_per_day(self.days, {day: self.people} if self.people else {}, day),
            claims=claims,
            variety=tuple(self.variety[claim].share for claim in claims),
            volatility=(None,) * len(claims),
            snapshots=(self.table.entry,),
            files=files,
        )

    def _rank(self) -> str | None:
        """Number the customers as `growth` does, in the order of their tokens of one kind; gives which."""
        for kind in (kind for kind in RANKING if kind in self.table.identifiers):
            number, ranked = array(self.people, np.uint32, NOBODY), 0
            for _, person in self.facts.held(self.table.identifiers[kind]):
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
        person = self.facts.person
        if person is None:
            self.facts.person = number
            return
        for part in parts(person.size):
            there = person[part] != NOBODY
            person[part][there] = number[person[part][there]]

    def _identifiers(self, stack: Stack, *, packed: bool) -> Iterator[pl.DataFrame]:
        for token, person in self.facts.held(stack):
            yield self._dated({**({} if packed else {"person": person}), "token": token})

    def _tokens(self, kind: str) -> Iterator[Keys]:
        return (token for token, _ in self.facts.held(self.table.identifiers[kind]))

    def _claims(self, stack: Stack, distinct: Distinct) -> Iterator[pl.DataFrame]:
        told, packed = self.facts.told(stack)
        for person, value in told:
            token = value.astype(np.uint32)
            distinct.meet(token)
            yield self._dated({**({} if packed else {"person": person}), "token": token})

    def _presence(self) -> Iterator[pl.DataFrame]:
        for begin in range(0, max(1, self.people), AT_ONCE):
            there = np.zeros(min(AT_ONCE, self.people - begin), np.uint32)
            yield self._dated({"person": there}).drop("person")

    def _joined(self, stack: Stack) -> Iterator[pl.DataFrame]:
        earliest = array(self.people, np.uint64, NO_VALUE)
        self.facts.earliest(earliest, stack)
        packed = is_prefix(earliest)
        for person, value in in_order(earliest):
            told = days((value, person)).rename({"row": "person"})
            self.days.update(days_met(told.get_column("joined")))
            yield told.select("joined") if packed else told

    def _dated(self, columns: dict[str, NDArray[np.generic]]) -> pl.DataFrame:
        day = pl.lit(self.table.origin.taken_at)
        return pl.DataFrame(columns).with_columns(since=day, until=day)


def _ranks(number: Numbers, person: Numbers, ranked: int) -> bool:
    """Give customers the next numbers; False where one comes twice."""
    if (number[person] != NOBODY).any():
        return False
    following = np.arange(ranked, ranked + person.size, dtype=np.uint32)
    number[person] = following
    return bool((number[person] == following).all())
