"""What a platform's history says of the customers a dump was linked to: when they joined, and which versions were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.claims import Holdings, Testimony, arrange
from tracer.linkage.dump import Dump
from tracer.vault.vault import Vault

_CHANGING: Final = ("phone", "email")
UNKNOWN: Final = np.iinfo(np.int32).min


@dataclass(frozen=True, slots=True)
class Column:
    """One column with a history, and the run that each linked record agrees with."""

    held: Holdings
    run: NDArray[np.int64]
    """(links,) index of a run in `held`, or -1."""


@dataclass(frozen=True, slots=True)
class History:
    """The history of one platform's customers, beside the links."""

    joined: NDArray[np.int32] | None
    """(customers,) days since 1970-01-01, `UNKNOWN` where it is not known; None if the platform never says."""
    columns: tuple[Column, ...]


def history(dump: Dump, vault: Vault, testimony: Testimony) -> History:
    """Read the history of the platform that `testimony` is about."""
    platform = testimony.links.platform
    columns = [Column(held, testimony.run[:, place]) for place, held in enumerate(testimony.holdings)]
    columns += [_identifier(dump, vault, testimony, kind) for kind in _CHANGING if kind in dump.identifiers and kind in platform.kinds]
    presence = arrange(vault.presence(platform).with_columns(token=pl.lit(0, pl.UInt64)), platform.people)
    person = testimony.links.person
    columns.append(Column(presence, presence.held(person, np.zeros(person.size, np.uint64))))
    joined = vault.joined(platform)
    if joined is None:
        return History(None, tuple(columns))
    days = np.full(platform.people, UNKNOWN, np.int32)
    days[joined.get_column("person").to_numpy()] = joined.get_column("joined").cast(pl.Int32).to_numpy()
    return History(days, tuple(columns))


def _identifier(dump: Dump, vault: Vault, testimony: Testimony, kind: str) -> Column:
    """The version of a phone number (or e-mail address) that each record carries."""
    platform, links = testimony.links.platform, testimony.links
    held = arrange(vault.identifiers(platform, kind).sort("person", "since"), platform.people)
    carried = dump.identifiers[kind].sort("row", "token").unique("row", keep="first", maintain_order=True)
    rows = pl.DataFrame({"row": links.row}, schema={"row": pl.UInt32})
    token = rows.join(carried, on="row", how="left", maintain_order="left").get_column("token")
    run = held.held(links.person, token.fill_null(0).to_numpy())
    return Column(held, np.where(token.is_not_null().to_numpy(), run, -1))
