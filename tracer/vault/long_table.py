"""A first snapshot of a table too long for memory: its tokens lie on disk and are folded piece by piece.

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
from tracer.vault.growth import JOINED, PRESENCE, SAMPLE, SAMPLED, claim_file, identifier_file
from tracer.vault.index import INDEX, RATE
from tracer.vault.manifest import File, Platform, SnapshotEntry
from tracer.vault.numbering import FURTHER, NOBODY, array, number_rows, parts
from tracer.vault.snapshot import Claim, Origin, Snapshot
from tracer.vault.stack import AT_ONCE, Keys, Numbers, Stack
from tracer.vault.variety import Distinct

_YEAR: Final = timedelta(days=365)
_EPOCH: Final = date(1970, 1, 1)
_ROW: Final = int(~FURTHER)
_HALF: Final = np.uint64(32)
_NO_VALUE: Final = np.uint64(2**64 - 1)
_EARLIEST: Final = 2**31
"""Added to a day, so that it is not negative."""


class LongTable:
    """Tokens of a platform's table on one day, taken portion by portion; for the rest like a `Snapshot`."""

    def __init__(self, origin: Origin) -> None:
        """Nothing yet; the digest in `origin` may be known later."""
        self.origin = origin
        self.rows = 0
        self.identifiers: dict[str, Stack] = {}
        self.claims: dict[Claim, Stack] = {}
        self.joined: Stack | None = None

    def take(self, part: Snapshot) -> None:
        """Take the next portion; its rows are numbered from 0."""
        begin = np.uint32(self.rows)
        for kind, tokens in part.identifiers.items():
            row, token = tokens.get_column("row").to_numpy() + begin, tokens.get_column("token").to_numpy()
            self.identifiers.setdefault(kind, Stack()).put(token, _marked(row))
        for claim, tokens in part.claims.items():
            row, token = tokens.get_column("row").to_numpy(), tokens.get_column("token").to_numpy()
            self.claims.setdefault(claim, Stack()).keep(token.astype(np.uint64), row + begin)
        if part.joined is not None:
            self.joined = self.joined or Stack()
            day = part.joined.get_column("joined").cast(pl.Int32).to_numpy().astype(np.int64) + _EARLIEST
            self.joined.keep(day.astype(np.uint64), part.joined.get_column("row").to_numpy() + begin)
        self.rows += part.rows

    def whole(self) -> Snapshot:
        """The same in memory, as it is needed to be folded into a history."""
        return Snapshot(
            origin=self.origin,
            rows=self.rows,
            identifiers={kind: _by_row(stack) for kind, stack in self.identifiers.items()},
            claims={
                claim: pl.concat(pl.DataFrame({"row": row, "token": token.astype(np.uint32)}) for token, row in pieces)
                for claim, stack in self.claims.items()
                if (pieces := list(stack.kept()))
            },
            joined=None if self.joined is None else pl.concat(map(_days, self.joined.kept())),
        )


def _marked(row: Numbers) -> Numbers:
    """Rows, those that came before among them marked."""
    if (row[1:] > row[:-1]).all():
        return row
    further = np.ones(row.size, bool)
    further[np.unique(row, return_index=True)[1]] = False
    return np.where(further, row + FURTHER, row)


def _by_row(stack: Stack) -> pl.DataFrame:
    parts = [pl.DataFrame({"row": row, "token": token}) for token, row in stack.ordered()]
    tokens = pl.concat(parts) if parts else pl.DataFrame(schema={"row": pl.UInt32, "token": pl.UInt64})
    row = pl.col("row")
    return tokens.sort(row & _ROW, row).with_columns(row & _ROW)


def _days(piece: tuple[Keys, Numbers]) -> pl.DataFrame:
    value, row = piece
    day = (value.astype(np.int64) - _EARLIEST).astype(np.int32)
    return pl.DataFrame({"row": row, "joined": pl.Series(day).cast(pl.Date)})


class LongGrowth:
    """What a platform is after its first snapshot. The figures are known when all `frames` were taken."""

    def __init__(self, table: LongTable) -> None:
        """Number the customers of a table."""
        self.table = table
        self.person = held = number_rows(table.identifiers, table.rows)
        self.people = table.rows if held is None else max((int(one.max()) + 1 for one in _known(held)), default=0)
        self.new_people = self.people
        self.unidentified = 0 if held is None else table.rows - sum(one.size for one in _known(held))
        self.variety = {claim: Distinct() for claim in table.claims}
        self.days: Counter[int] = Counter()

    @property
    def frames(self) -> dict[str, Callable[[], Iterator[pl.DataFrame]]]:
        """File name without its ending → its pieces, none of them longer than a few hundred thousand rows."""
        made: dict[str, Callable[[], Iterator[pl.DataFrame]]] = {
            identifier_file(kind): partial(self._identifiers, stack) for kind, stack in self.table.identifiers.items()
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
        entry = SnapshotEntry(
            taken_at=self.table.origin.taken_at,
            sha256=self.table.origin.sha256,
            rows=self.table.rows,
            kinds=tuple(kind for kind in KINDS if kind in self.table.identifiers),
            claims=tuple(claim.name for claim in claims),
        )
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

    def _of(self, row: Numbers) -> Numbers:
        """(rows,) customers."""
        row = row & ~FURTHER
        return row if self.person is None else self.person[row]

    def _facts(self, stack: Stack) -> Iterator[tuple[Keys, Numbers]]:
        """(token, customer) ordered by both, each once."""
        for tokens, rows in stack.ordered():
            people = self._of(rows)
            known = people != NOBODY
            yield _once(tokens[known], people[known])

    def _identifiers(self, stack: Stack) -> Iterator[pl.DataFrame]:
        for token, person in self._facts(stack):
            yield self._dated({"person": person, "token": token})

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
            days = _days((value, person)).rename({"row": "person"})
            met = days.get_column("joined").cast(pl.Int32).value_counts()
            self.days.update(dict(met.iter_rows()))
            yield days.select("joined") if packed else days

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


def _once(token: Keys, person: Numbers) -> tuple[Keys, Numbers]:
    """Facts ordered by token, ordered by both, each once."""
    same = token[1:] == token[:-1]
    if not same.any():
        return token, person
    several = np.flatnonzero(np.append(same, False) | np.insert(same, 0, False))
    order = several[np.lexsort((person[several], token[several]))]
    person = person.copy()
    person[several] = person[order]
    fresh = np.insert(~same | (person[1:] != person[:-1]), 0, True)
    return token[fresh], person[fresh]


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
