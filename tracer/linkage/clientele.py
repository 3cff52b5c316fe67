"""A source's customers: which of them the dump carries, what a seller may have filtered by, and who else has them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.dump import Dump
from tracer.linkage.exact import Links
from tracer.linkage.holdings import Holdings, arrange
from tracer.linkage.joining import UNKNOWN, joining_days
from tracer.ordered import among
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]
People = NDArray[np.uint32]

_FEW, _FEW_VALUES = 0.01, 100
"""Distinct values a fact, or different values, below which a claim is one that a seller may filter by."""
JOINED: Final = "month of joining"


@dataclass(frozen=True, slots=True)
class Clientele:
    """The customers of one platform."""

    platform: Platform
    kind: str
    """The identifier by which they are told to be another platform's customers too."""
    held: pl.DataFrame
    """(`person`, `token`) of that kind, ordered by token."""
    drawn: Flags
    """(customers,) who is in the dump, as far as it came from this platform."""
    columns: dict[str, Labels]
    """Of what it registered, what a seller may filter by: (customers,) equal numbers are equal values, -1 unknown."""


def clientele(dump: Dump, vault: Vault, links: Links, certain: Flags) -> Clientele | None:
    """Read what a platform registered of its customers.

    Args:
        dump: that was linked.
        vault: what platforms registered.
        links: of the dump to this platform.
        certain: (links,) which of them came from it.

    Returns:
        None where the dump carries no whole identifier that the platform holds.
    """
    platform = links.platform
    kind = dump.main_kind
    if kind is None or kind not in platform.kinds:
        return None
    held = vault.identifiers(platform, kind, dated=False)
    return Clientele(platform, kind, held, drawn_by(links, certain), selectable(vault, platform))


def drawn_by(links: Links, certain: Flags) -> Flags:
    """(customers,) who is in the dump by those links that are `certain` (links,)."""
    drawn = np.zeros(links.platform.people, bool)
    drawn[links.person[certain]] = True
    return drawn


def selectable(
    vault: Vault, platform: Platform, who: People | None = None, only: Collection[str] | None = None
) -> dict[str, Labels]:
    """Of what a platform registered, what a seller may filter by.

    Args:
        vault: what platforms registered.
        platform: one of them.
        who: some of its customers; all if left out.
        only: names of some columns; all if left out.

    Returns:
        Header → (who,) the value that each had last: equal numbers are equal values, -1 is unknown.
    """
    chosen = np.arange(platform.people, dtype=np.uint32) if who is None else who
    few = [variety < _FEW or variety * platform.people < _FEW_VALUES for variety in platform.variety]
    columns = {
        claim.name: _newest(arrange(vault.claims(platform, claim, dated=False), platform.people), chosen)
        for claim, told in zip(platform.claims, few, strict=True)
        if told and (only is None or claim.name in only)
    }
    if platform.joined and (only is None or JOINED in only):
        day = joining_days(vault, platform)[chosen]
        month = day.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        columns[JOINED] = np.where(day == UNKNOWN, -1, month)
    return columns


def shared(vault: Vault, one: Clientele, other: Platform) -> Flags | None:
    """(customers of the one,) who ever had an identifier that a customer of the `other` had; None if none compares."""
    if one.kind not in other.kinds:
        return None
    theirs = vault.identifiers(other, one.kind, dated=False).get_column("token").to_numpy()
    common = among(one.held.get_column("token").to_numpy(), theirs)
    flags = np.zeros(one.platform.people, bool)
    flags[one.held.get_column("person").to_numpy()[common]] = True
    return flags


def _newest(held: Holdings, who: People) -> Labels:
    """(who,) the value each had last, as a number."""
    labels, knows = np.full(who.size, -1, np.int64), held.knows(who)
    token = held.token[held.last(who[knows]) - 1]
    # There are few different ones: faster than sorting all.
    labels[knows] = np.searchsorted(pl.Series(token).unique().sort().to_numpy(), token)
    return labels
