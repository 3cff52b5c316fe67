"""A snapshot of a table too long for memory: its tokens lie on disk."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl

from tracer.identifiers.kinds import KINDS
from tracer.vault import facts
from tracer.vault.manifest import SnapshotEntry
from tracer.vault.numbering import marked
from tracer.vault.snapshot import Claim, Origin, Snapshot
from tracer.vault.stack import Keys, Numbers, Stack

LONG: Final = 750_000
"""Rows of a table, or customers of a platform, beyond which tokens are not held in memory."""


class LongTable:
    """Tokens of a platform's table on one day, taken portion by portion; for the rest like a `Snapshot`."""

    def __init__(self, origin: Origin) -> None:
        """Nothing yet; the digest in `origin` may be known later."""
        self.origin = origin
        self.rows = 0
        self.identifiers: dict[str, Stack] = {}
        self.claims: dict[Claim, Stack] = {}
        self.joined: Stack | None = None

    @staticmethod
    def of(snapshot: Snapshot) -> LongTable:
        """What a snapshot in memory says."""
        table = LongTable(snapshot.origin)
        table.take(snapshot)
        return table

    @property
    def entry(self) -> SnapshotEntry:
        """The entry in the manifest."""
        kinds = [kind for kind in KINDS if kind in self.identifiers]
        return SnapshotEntry.of(self.origin, self.rows, kinds, self.claims)

    def take(self, part: Snapshot) -> None:
        """Take the next portion; its rows are numbered from 0."""
        begin = np.uint32(self.rows)
        for kind, tokens in part.identifiers.items():
            row, token = tokens.get_column("row").to_numpy() + begin, tokens.get_column("token").to_numpy()
            self.identifiers.setdefault(kind, Stack()).put(token, marked(row))
        for claim, tokens in part.claims.items():
            row, token = tokens.get_column("row").to_numpy(), tokens.get_column("token").to_numpy()
            self.claims.setdefault(claim, Stack()).keep(token.astype(np.uint64), row + begin)
        if part.joined is not None:
            self.joined = self.joined or Stack()
            day = facts.numbers(part.joined.get_column("joined"))
            self.joined.keep(day.astype(np.uint64), part.joined.get_column("row").to_numpy() + begin)
        self.rows += part.rows


def days(piece: tuple[Keys, Numbers]) -> pl.DataFrame:
    """(`row`, `joined` Date) of days that were kept as keys."""
    value, row = piece
    return pl.DataFrame({"row": row, "joined": facts.days(value)})
