"""One part of a dump after it was linked: tokens, digests and links, and no clear text any more."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.division.dealing import Dealt, tables_of
from tracer.division.scratch import Scratch
from tracer.engines.interface import Engine
from tracer.identifiers.kinds import KINDS
from tracer.intake.interface import OFFSET, ROW
from tracer.linkage.chance import MatchRate
from tracer.linkage.dump import Dump, Value, prepare, telling
from tracer.linkage.exact import Links, link_all
from tracer.linkage.people import distinct_people
from tracer.linkage.remains import Remains
from tracer.vault.manifest import Platform
from tracer.vault.variety import Distinct
from tracer.vault.vault import Vault

_WAYS = 1_000
_LINKS = {"place": pl.UInt16, "row": pl.UInt32, "person": pl.UInt32, "kinds": pl.UInt16}


@dataclass(frozen=True, slots=True)
class Tally:
    """What is counted of a part when it is linked."""

    records: int
    people: int
    unidentified: int
    linked: tuple[int, ...]
    """Links to each platform."""
    ways: dict[int, int]
    """How many records fill which set of columns, see `Dump.ways`; of the commonest sets."""
    rates: tuple[MatchRate, ...]
    samples: tuple[NDArray[np.uint64], ...]
    """Of the census, which is the same for all parts."""
    carried: int
    """Records with the leading identifier."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a dump that were linked to some platforms."""

    dealt: Dealt
    vault: Vault
    """With the platforms that are weighed alone."""
    scratch: Scratch
    linked: tuple[str, ...] = ()
    """The platforms that the parts were linked to, in the order of their links."""

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """Those that are weighed."""
        return self.vault.platforms

    def place(self, platform: Platform) -> int:
        """Where a platform stands among those that were linked."""
        return self.linked.index(platform.name)

    def without(self, names: Collection[str]) -> Parts:
        """The same parts, as if they had not been linked to these platforms."""
        return replace(self, vault=self.vault.without(names))

    def each(self) -> Iterator[int]:
        """The numbers of the parts."""
        return iter(range(self.dealt.parts))

    def prepared(self, part: int, engine: Engine) -> Dump:
        """The tokens and digests of a part that was not linked yet."""
        tables, places = tables_of(self.dealt, part, self.scratch)
        self.scratch.put_frame(f"places/{part}", places)
        return prepare(tables, self.vault.key, engine, self.dealt.settled)

    def link(self, part: int, dump: Dump, engine: Engine, known: Mapping[str, bool]) -> Tally:
        """Link a part, and keep what will be asked of it."""
        links, census = link_all(dump, self.vault, engine, known)
        person = distinct_people(dump)
        filled = dump.ways
        ways, count = np.unique(filled, return_counts=True)
        many = np.argsort(-count, kind="stable")[:_WAYS]
        values = {f"v{place}": one.digest for place, one in enumerate(dump.values)}
        days = {f"d{place}": one.day for place, one in enumerate(dump.values) if one.day is not None}
        known_of = {"mine": person.astype(np.uint32), "way": filled}
        self.scratch.put_frame(f"values/{part}", pl.DataFrame({**known_of, **values, **days}))
        parts = [_frame(place, one) for place, one in enumerate(links)]
        self.scratch.put_frame(f"links/{part}", pl.concat([pl.DataFrame(schema=_LINKS), *parts]))
        for kind, tokens in dump.identifiers.items():
            self.scratch.put_frame(f"identifiers/{part}/{kind}", tokens)
        return Tally(
            records=dump.records,
            people=int((person == np.arange(person.size)).sum()),
            unidentified=dump.unidentified,
            linked=tuple(one.row.size for one in links),
            ways=dict(zip(ways[many].tolist(), count[many].tolist(), strict=True)),
            rates=census.rates,
            samples=census.samples,
            carried=dump.identifiers[dump.main_kind].height if dump.main_kind in dump.identifiers else 0,
        )

    def links(self, part: int) -> list[Links]:
        """The links of a part, one value a platform."""
        frame = self.scratch.frame(f"links/{part}")
        ends = np.searchsorted(frame.get_column("place").to_numpy(), np.arange(len(self.linked) + 1)).tolist()
        row, person, kinds = (frame.get_column(name).to_numpy() for name in ("row", "person", "kinds"))
        spans = [slice(*ends[place : place + 2]) for place in map(self.place, self.platforms)]
        return [
            Links(platform, row[span], person[span], kinds[span])
            for platform, span in zip(self.platforms, spans, strict=True)
        ]

    def values(self, part: int, columns: Sequence[Value]) -> tuple[tuple[Value, ...], pl.DataFrame]:
        """The values of a part, and the frame they lie in (`mine`: its person's first record; `way`).

        Args:
            part: which.
            columns: what is known of the value columns.
        """
        frame = self.scratch.frame(f"values/{part}")
        return valued(frame, columns), frame

    def tokens(self, part: int, kind: str) -> pl.DataFrame:
        """(`row`, `token`) of one kind of identifier in a part, ordered by token."""
        name = f"identifiers/{part}/{kind}"
        return self.scratch.frame(name) if self.scratch.has(name) else _NO_TOKENS

    def dump(self, part: int, columns: Sequence[Value], records: int) -> Dump:
        """A part as a dump without clear text."""
        kinds = [kind for kind in KINDS if self.scratch.has(f"identifiers/{part}/{kind}")]
        held = {kind: self.tokens(part, kind) for kind in kinds}
        return without_text(records, held, self.values(part, columns)[0], self.dealt.settled.main_kind, self.vault)

    def places(self, part: int) -> pl.DataFrame:
        """(`row`, `offset`) of a part's records in the dump."""
        return self.scratch.frame(f"places/{part}").select(ROW, OFFSET)

    def columns(self, varieties: Sequence[Distinct]) -> tuple[Value, ...]:
        """What is known of the value columns; of no record."""
        told = [column for table in self.dealt.tables for column in telling(table.columns)]
        empty, nothing, none = np.empty(0, np.uint64), np.empty(0, bool), np.empty(0, np.int32)
        columns: list[Value] = []
        for column, nature, variety in zip(told, self.dealt.settled.natures, varieties, strict=True):
            day = none if nature in {"d", "t"} else None
            known = column.name, column.role.value, nature, variety.share
            columns.append(Value(*known, empty, nothing, day, places=(len(columns),)))
        return tuple(columns)


def valued(frame: pl.DataFrame, columns: Sequence[Value]) -> tuple[Value, ...]:
    """Value columns with the digests and days of a frame (`v0`, `d0` …)."""
    values = []
    for one in columns:
        digest, *more = (frame.get_column(f"v{place}").to_numpy() for place in one.places)
        digest = np.maximum.reduce([digest, *more]) if more else digest
        values.append(replace(one, digest=digest, present=digest != 0, day=days_of(frame, one)))
    return tuple(values)


def days_of(frame: pl.DataFrame, column: Value) -> NDArray[np.int32] | None:
    """(rows of a frame,) the days in a value column; None where it holds none."""
    if column.day is None:
        return None
    day, *more = (frame.get_column(f"d{place}").to_numpy() for place in column.places)
    return np.asarray(np.maximum.reduce([day, *more]) if more else day)


def without_text(
    records: int, held: dict[str, pl.DataFrame], values: tuple[Value, ...], main_kind: str | None, vault: Vault
) -> Dump:
    """Records of which tokens and digests alone are left."""
    return Dump(records, held, Remains.of([], records, vault.key), values, 0, main_kind)


_NO_TOKENS = pl.DataFrame(schema={"row": pl.UInt32, "token": pl.UInt64})


def _frame(place: int, links: Links) -> pl.DataFrame:
    columns = {"row": links.row, "person": links.person, "kinds": links.kinds}
    return pl.DataFrame(columns).select(pl.lit(place, pl.UInt16).alias("place"), pl.all()).cast(_LINKS)  # type: ignore[arg-type]
