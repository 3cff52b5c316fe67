"""Which record is which registered customer, by identifiers that are exactly equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.engines.interface import Engine
from tracer.identifiers.kinds import KINDS
from tracer.linkage.dump import Dump
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

_BIT: Final = {kind: 1 << (len(KINDS) - 1 - place) for place, kind in enumerate(KINDS)}
"""A weightier kind has a higher bit, so that the greater of two kind sets is the better link."""


_COUNT_ALL: Final = 2_000_000
_SAMPLED: Final = 64
"""Beyond so many registered people the distinct ones are counted on the tokens below 2^64 / 64: tokens are even."""


@dataclass(frozen=True, slots=True)
class Links:
    """The records of a dump that are customers of one platform; at most one customer a record."""

    platform: Platform
    row: NDArray[np.uint32]
    """Records, ascending."""
    person: NDArray[np.uint32]
    """The customer each one is."""
    kinds: NDArray[np.uint8]
    """By which kinds of identifier (a set of bits; see `linked_by`)."""

    def linked_by(self, kind: str) -> NDArray[np.bool_]:
        """Which links rest on this kind of identifier, alone or with others."""
        return np.asarray(self.kinds & _BIT[kind] != 0)

    def linked_by_others(self, kind: str) -> NDArray[np.bool_]:
        """Which links would be there without this kind of identifier."""
        return np.asarray(self.kinds & np.uint8(0xFF ^ _BIT[kind]) != 0)


def link_all(dump: Dump, vault: Vault, engine: Engine) -> tuple[list[Links], float]:
    """Link a dump to every platform.

    Returns:
        The links, one value a platform in the vault's order, and how many distinct people all platforms together have.
    """
    people = sum(platform.people for platform in vault.platforms)
    share = 1 if people <= _COUNT_ALL else _SAMPLED
    links, samples, sampled = [], [], 0
    for platform in vault.platforms:
        runs = {kind: vault.identifiers(platform, kind) for kind in dump.identifiers if kind in platform.kinds}
        links.append(link(dump, platform, runs, engine))
        if dump.main_kind in runs:
            tokens = runs[dump.main_kind].get_column("token").to_numpy()
            samples.append(np.unique(tokens[: np.searchsorted(tokens, np.uint64(2**64 // share - 1), side="right")]))
            sampled += samples[-1].size
    distinct = np.unique(np.concatenate(samples)).size if samples else 0
    return links, float(max(1.0, people * distinct / sampled if sampled else people))


def link(dump: Dump, platform: Platform, runs: dict[str, pl.DataFrame], engine: Engine) -> Links:
    """Link the records of a dump to the customers of one platform, whose identifiers are `runs`.

    A record whose identifiers point at several customers (a damaged number, a number that passed to somebody else) goes
    to the one with the weightiest kinds.
    """
    parts = [
        engine.match(sought, runs[kind]).with_columns(bit=pl.lit(_BIT[kind], pl.UInt8))
        for kind, sought in dump.identifiers.items()
        if kind in runs
    ]
    if not parts:
        return Links(platform, np.empty(0, np.uint32), np.empty(0, np.uint32), np.empty(0, np.uint8))
    pairs = pl.concat(parts)
    if len(parts) > 1:
        pairs = pairs.group_by("row", "person").agg(pl.col("bit").sum())
    best = pairs.sort("row", "bit", "person", descending=[False, True, False]).unique("row", keep="first", maintain_order=True)
    row, person, kinds = (best.get_column(name).to_numpy() for name in ("row", "person", "bit"))
    return Links(platform, row, person, kinds)
