"""What a platform is after a later snapshot, where the table or the history is too long for memory.

What comes out is what `growth.grow` gives: a fact is folded into the runs of the same key, and these are gone through
in step with the facts, tokens by token and values by customer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from itertools import chain
from typing import Final

import numpy as np
import polars as pl

from tracer.identifiers.kinds import COMPOSITE, KINDS, SINGLE
from tracer.vault.facts import numbers
from tracer.vault.growth import (
    JOINED,
    PRESENCE,
    SAMPLE,
    SAMPLED,
    claim_file,
    claims_of,
    days_met,
    entries_of,
    first_seen,
    identifier_file,
    joins_per_day,
    runs_by_person,
    runs_by_token,
)
from tracer.vault.history import PERSON, SPAN, fold, no_runs
from tracer.vault.index import INDEX, RATE, sampled_in_pieces
from tracer.vault.long_facts import NO_VALUE, LongFacts, in_order
from tracer.vault.long_history import ReadPieces, in_step, runs_of
from tracer.vault.long_table import LongTable, days
from tracer.vault.manifest import File, Platform
from tracer.vault.numbering import array
from tracer.vault.recognition import recognise
from tracer.vault.snapshot import Claim
from tracer.vault.stack import Keys
from tracer.vault.variety import Distinct

Pieces = Callable[[], Iterator[pl.DataFrame]]
_FACT: Final = [PERSON, "token"]


class LongFold:
    """What a platform is after a later snapshot. The figures are known when all `frames` were taken."""

    def __init__(self, before: Platform, table: LongTable, read: ReadPieces) -> None:
        """Recognise the customers of a table.

        Args:
            before: the platform as it is registered.
            table: what it held on one day.
            read: gives its frames as they are.
        """
        self.before, self.table, self._read = before, table, read
        held = recognise(table, before.people, before.kinds, self._known)
        self.facts = LongFacts(table, *held)
        self.people, self.new_people = self.facts.people, self.facts.people - before.people
        self.unidentified = self.facts.unidentified
        self.claims = claims_of(before, table.claims)
        self.variety = {claim: Distinct() for claim in self.claims}
        self.changed: Counter[Claim] = Counter()
        self.told: Counter[Claim] = Counter()
        self.joining: Counter[date] = Counter()
        self.seen: Counter[date] = Counter()
        self.newest: date | None = None

    @property
    def frames(self) -> dict[str, Pieces]:
        """File name without its ending → its pieces."""
        kinds = [kind for kind in KINDS if kind in self.before.kinds or kind in self.table.identifiers]
        made: dict[str, Pieces] = {
            identifier_file(kind): partial(_packed, partial(self._identifiers, kind)) for kind in kinds
        }
        single, composite = ([kind for kind in some if kind in kinds] for some in (SINGLE, COMPOSITE))
        made[INDEX] = partial(sampled_in_pieces, single, RATE, self._tokens)
        made[SAMPLE] = partial(sampled_in_pieces, composite, 1 / SAMPLED, self._tokens)
        for place, claim in enumerate(self.claims):
            made[claim_file(place)] = partial(self._claims, claim)
        made[PRESENCE] = self._presence
        if self.before.joined or self.table.joined is not None:
            made[JOINED] = self._joined
        return made

    def platform(self, name: str, part: str, files: tuple[File, ...]) -> Platform:
        """The entry in the manifest, once the frames are written."""
        entries = entries_of(self.before, self.table.entry)
        return Platform(
            name=name,
            part=part,
            people=self.people,
            joined=self.before.joined or self.table.joined is not None,
            joins_per_day=joins_per_day(self.joining, self.seen, self.newest),
            claims=self.claims,
            variety=tuple(self.variety[claim].share for claim in self.claims),
            volatility=tuple(
                self.changed[claim] / self.told[claim]
                if self.told[claim] and len({one.taken_at for one in entries if claim.name in one.claims}) > 1
                else None
                for claim in self.claims
            ),
            snapshots=entries,
            files=files,
        )

    def _known(self, kind: str) -> Iterator[pl.DataFrame]:
        return runs_of(self._read(identifier_file(kind)))

    def _folded(
        self, runs: Iterator[pl.DataFrame], facts: Iterator[pl.DataFrame], key: str, known: Sequence[date]
    ) -> Iterator[pl.DataFrame]:
        """Runs with the facts of this snapshot, both in the order of the key."""
        ordered = runs_by_token if key == "token" else runs_by_person
        for old, new in in_step(runs, facts, key):
            yield ordered(fold(old, new, self.table.origin.taken_at, known))

    def _identifiers(self, kind: str) -> Iterator[pl.DataFrame]:
        runs = self._known(kind) if kind in self.before.kinds else iter([no_runs()])
        stack = self.table.identifiers.get(kind)
        if stack is None:
            return runs
        facts = (pl.DataFrame({PERSON: person, "token": token}) for token, person in self.facts.held(stack))
        nothing = no_runs().select(_FACT)
        return self._folded(runs, chain([nothing], facts), "token", self.before.days_with_kind(kind))

    def _tokens(self, kind: str) -> Iterator[Keys]:
        return (piece.get_column("token").to_numpy() for piece in self._identifiers(kind))

    def _claims(self, claim: Claim) -> Iterator[pl.DataFrame]:
        distinct_values = self.variety[claim] = Distinct()
        for piece in _packed(partial(self._claim_runs, claim)):
            distinct_values.meet(piece.get_column("token").to_numpy())
            if PERSON in piece.columns:
                values = piece.group_by(PERSON).agg(pl.col("token").n_unique()).get_column("token")
                self.changed[claim] += int((values > 1).sum())
                self.told[claim] += values.len()
            else:
                self.told[claim] += piece.height
            yield piece

    def _claim_runs(self, claim: Claim) -> Iterator[pl.DataFrame]:
        place = next((place for place, one in enumerate(self.before.claims) if one.name == claim.name), None)
        stack = next((stack for one, stack in self.table.claims.items() if one.name == claim.name), None)
        nothing = no_runs().cast({"token": pl.UInt32})
        runs = iter([nothing]) if place is None else runs_of(self._read(claim_file(place)))
        if stack is None:
            return (piece for piece, _ in in_step(runs, iter([nothing]), PERSON))  # nobody's runs in two pieces
        told, _ = self.facts.told(stack)
        facts = (pl.DataFrame({PERSON: person, "token": value.astype(np.uint32)}) for person, value in told)
        known = self.before.days_with_claim(claim.name)
        return self._folded(runs, chain([nothing.select(_FACT)], facts), PERSON, known)

    def _presence(self) -> Iterator[pl.DataFrame]:
        for piece in _packed(self._presence_runs):
            self.seen.update(first_seen(piece))
            last = piece.get_column("until").max()
            self.newest = max(self.newest or last, last) if isinstance(last, date) else self.newest
            yield piece.drop("token")

    def _presence_runs(self) -> Iterator[pl.DataFrame]:
        zero = pl.lit(0, pl.UInt64).alias("token")
        runs = (piece.select(PERSON, zero, *SPAN) for piece in runs_of(self._read(PRESENCE)))
        there = (pl.DataFrame({PERSON: who}).with_columns(zero) for who in self.facts.there())
        return self._folded(runs, there, PERSON, self.before.days)

    def _joined(self) -> Iterator[pl.DataFrame]:
        for piece in _packed(self._joined_days):
            self.joining.update(days_met(piece.get_column("joined")))
            yield piece

    def _joined_days(self) -> Iterator[pl.DataFrame]:
        earliest: Keys = array(self.people, np.uint64, NO_VALUE)
        if self.before.joined:
            for piece in runs_of(self._read(JOINED)):
                earliest[piece.get_column(PERSON).to_numpy()] = numbers(piece.get_column("joined"))
        if self.table.joined is not None:
            self.facts.earliest(earliest, self.table.joined)
        for person, value in in_order(earliest):
            yield days((value, person)).rename({"row": PERSON})


def _packed(make: Pieces) -> Iterator[pl.DataFrame]:
    """What `history.pack` gives of a frame that comes in pieces; it is made twice where the customer is left out."""
    begin, numbered = 0, True
    for piece in make():
        person = piece.get_column(PERSON).to_numpy()
        numbered = bool((person == np.arange(begin, begin + person.size)).all())
        begin += person.size
        if not numbered:
            break
    for piece in make():
        yield piece.drop(PERSON) if numbered else piece
