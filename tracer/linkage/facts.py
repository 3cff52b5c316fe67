"""When a platform held which identifier, whether the dump carries it, and since when others know it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.dump import Dump
from tracer.linkage.exact import Links
from tracer.linkage.joining import UNKNOWN, joining_days
from tracer.ordered import among
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

NEVER: Final = np.iinfo(np.int32).max

Days = NDArray[np.int32]
"""Days since 1970-01-01."""
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Facts:
    """The identifiers of one kind that a platform ever held, one fact a customer, identifier and unbroken time."""

    since: Days
    """(facts,) day of the first snapshot that had it."""
    until: Days
    """(facts,) day of the last."""
    joined: Days
    """(facts,) day the customer joined; `UNKNOWN` where the platform does not say."""
    found: Flags
    """(facts,) whether a record of the dump carries it."""
    shared: Flags
    """(facts,) whether another platform that is thought to have supplied records holds it too."""
    elsewhere: tuple[Days, ...]
    """For each other platform, (facts,) day from which it knows the identifier; `NEVER` where it does not."""
    days: tuple[int, ...]
    """The platform's snapshots that had this kind, ascending."""


@dataclass(slots=True)
class Acquaintances:
    """Since when each platform knows whom, read once for everybody who asks."""

    vault: Vault
    _known: dict[tuple[str, str], tuple[NDArray[np.uint64], Days]] = field(default_factory=dict)

    def since(self, platform: Platform, kind: str, token: NDArray[np.uint64]) -> Days:
        """(tokens,) the day on which a platform's customer of this identifier joined, or was seen first if not known.

        `NEVER` where it has none. The tokens ascend.
        """
        if (platform.name, kind) not in self._known:
            self._known[platform.name, kind] = self._first(platform, kind)
        held, day = self._known[platform.name, kind]
        if not held.size:
            return np.full(token.size, NEVER, np.int32)
        place = np.minimum(np.searchsorted(held, token), held.size - 1)
        return np.where(held[place] == token, day[place], np.int32(NEVER))

    def _first(self, platform: Platform, kind: str) -> tuple[NDArray[np.uint64], Days]:
        held = self.vault.identifiers(platform, kind)
        token, since = held.get_column("token").to_numpy(), _days(held, "since")
        joined = joining_days(self.vault, platform)[held.get_column("person").to_numpy()]
        known = np.where(joined == UNKNOWN, since, np.minimum(since, joined))
        begins = np.flatnonzero(np.append(True, token[1:] != token[:-1])) if token.size else np.empty(0, np.int64)
        return token[begins], np.minimum.reduceat(known, begins) if token.size else known


def facts(dump: Dump, known: Acquaintances, links: Links, suppliers: Collection[str]) -> Facts | None:
    """Read the facts of the platform that `links` are about, by the kind of identifier that most links rest on.

    Args:
        dump: its records.
        known: since when the platforms know whom.
        links: of the dump to this platform.
        suppliers: names of the platforms that are thought to have supplied records.

    Returns:
        None where nothing is linked.
    """
    kind = _kind(dump, links)
    if kind is None:
        return None
    vault, platform = known.vault, links.platform
    held = vault.identifiers(platform, kind)
    token = held.get_column("token").to_numpy()
    elsewhere, shared = [], np.zeros(token.size, bool)
    for other in vault.platforms:
        if other.name != platform.name and kind in other.kinds:
            since = known.since(other, kind, token)
            elsewhere.append(since)
            if other.name in suppliers:
                shared |= since != NEVER
    carried = dump.identifiers[kind].get_column("token").to_numpy()
    return Facts(
        since=_days(held, "since"),
        until=_days(held, "until"),
        joined=joining_days(vault, platform)[held.get_column("person").to_numpy()],
        found=among(token, carried),
        shared=shared,
        elsewhere=tuple(elsewhere),
        days=tuple(sorted(_day(day) for day in platform.days_with_kind(kind))),
    )


def _kind(dump: Dump, links: Links) -> str | None:
    # A user name is the platform's own: nobody else could know it, so nobody else says how often it should be met.
    kinds = [kind for kind in dump.identifiers if kind in links.platform.kinds and kind != "account"]
    many = {kind: int(links.linked_by(kind).sum()) for kind in kinds}
    return max((kind for kind in many if many[kind]), key=lambda kind: many[kind], default=None)


def _days(frame: pl.DataFrame, column: str) -> Days:
    return frame.get_column(column).cast(pl.Int32).fill_null(UNKNOWN).to_numpy()


def _day(day: object) -> int:
    return int(pl.Series([day], dtype=pl.Date).cast(pl.Int32)[0])
