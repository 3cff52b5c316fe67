"""When a platform held which identifier, whether the dump carries it, and since when others know it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.dump import Dump
from tracer.linkage.exact import Links
from tracer.linkage.history import UNKNOWN
from tracer.vault.history import unpack
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


def facts(dump: Dump, vault: Vault, links: Links, suppliers: Collection[str]) -> Facts | None:
    """Read the facts of the platform that `links` are about, by the kind of identifier that most links rest on.

    Args:
        dump: its records.
        vault: what platforms registered.
        links: of the dump to this platform.
        suppliers: names of the platforms that are thought to have supplied records.

    Returns:
        None where nothing is linked.
    """
    kind = _kind(dump, links)
    if kind is None:
        return None
    platform = links.platform
    held = _with_joined(vault, platform, kind).sort("person", "since")
    token = held.get_column("token")
    elsewhere, shared = [], np.zeros(token.len(), bool)
    for other in vault.platforms:
        if other.name != platform.name and kind in other.kinds:
            since = _known_since(vault, other, kind, token)
            elsewhere.append(since)
            if other.name in suppliers:
                shared |= since != NEVER
    carried = dump.identifiers[kind].get_column("token")
    return Facts(
        since=_days(held, "since"),
        until=_days(held, "until"),
        joined=_days(held, "joined"),
        found=token.is_in(carried.unique().implode()).to_numpy(),
        shared=shared,
        elsewhere=tuple(elsewhere),
        days=tuple(sorted(_day(day) for day in platform.days_with_kind(kind))),
    )


def _kind(dump: Dump, links: Links) -> str | None:
    # A user name is the platform's own: nobody else could know it, so nobody else says how often it should be met.
    kinds = [kind for kind in dump.identifiers if kind in links.platform.kinds and kind != "account"]
    many = {kind: int(links.linked_by(kind).sum()) for kind in kinds}
    return max((kind for kind in many if many[kind]), key=lambda kind: many[kind], default=None)


def _with_joined(vault: Vault, platform: Platform, kind: str) -> pl.DataFrame:
    held, joined = vault.identifiers(platform, kind), vault.joined(platform)
    if joined is None:
        return held.with_columns(joined=pl.lit(None, pl.Date))
    return held.join(unpack(joined), on="person", how="left", maintain_order="left")


def _known_since(vault: Vault, platform: Platform, kind: str, token: pl.Series) -> Days:
    """(tokens,) the day a platform's customer of this identifier joined, or was seen first if that is not known."""
    known = _with_joined(vault, platform, kind).group_by("token").agg(day=pl.min_horizontal("since", "joined").min())
    day = token.to_frame("token").join(known, on="token", how="left", maintain_order="left").get_column("day")
    return day.cast(pl.Int32).fill_null(NEVER).to_numpy()


def _days(frame: pl.DataFrame, column: str) -> Days:
    return frame.get_column(column).cast(pl.Int32).fill_null(UNKNOWN).to_numpy()


def _day(day: object) -> int:
    return int(pl.Series([day], dtype=pl.Date).cast(pl.Int32)[0])
