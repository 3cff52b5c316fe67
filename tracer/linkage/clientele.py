"""A source's customers: which of them the dump carries, what a seller may have filtered by, and who else has them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.dump import Dump
from tracer.linkage.exact import Links
from tracer.ordered import among
from tracer.vault.history import unpack
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

Flags = NDArray[np.bool_]
Labels = NDArray[np.int64]

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
    drawn = np.zeros(platform.people, bool)
    drawn[links.person[certain]] = True
    columns = {
        claim.name: _newest(unpack(vault.claims(platform, claim)), "token", platform.people)
        for claim, variety in zip(platform.claims, platform.variety, strict=True)
        if variety < _FEW or variety * platform.people < _FEW_VALUES
    }
    joined = vault.joined(platform)
    if joined is not None:
        month = pl.col("joined").dt.year() * 12 + pl.col("joined").dt.month()
        columns[JOINED] = _newest(unpack(joined).with_columns(month=month), "month", platform.people)
    return Clientele(platform, kind, vault.identifiers(platform, kind, dated=False), drawn, columns)


def shared(vault: Vault, one: Clientele, other: Platform) -> Flags | None:
    """(customers of the one,) who ever had an identifier that a customer of the `other` had; None if none compares."""
    if one.kind not in other.kinds:
        return None
    theirs = vault.identifiers(other, one.kind, dated=False).get_column("token").to_numpy()
    common = among(one.held.get_column("token").to_numpy(), theirs)
    flags = np.zeros(one.platform.people, bool)
    flags[one.held.get_column("person").to_numpy()[common]] = True
    return flags


def _newest(facts: pl.DataFrame, column: str, people: int) -> Labels:
    """(customers,) the value each had last, as a number."""
    ordered = facts.sort("since") if "since" in facts.columns else facts
    told = ordered.select("person", column).drop_nulls()
    value = told.get_column(column).to_numpy()
    labels = np.full(people, -1, np.int64)
    labels[told.get_column("person").to_numpy()] = np.searchsorted(told.get_column(column).unique().sort(), value)
    return labels
