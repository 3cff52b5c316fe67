"""What a platform's history says of the customers a dump was linked to: when they joined, which versions were found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.comparison import JOINING, Comparison
from tracer.linkage.dump import Dump
from tracer.linkage.holdings import Holdings, Places, arrange
from tracer.linkage.joining import joining_days
from tracer.linkage.testimony import Testimony
from tracer.vault.vault import Vault

CHANGING: Final = ("phone", "email")


@dataclass(frozen=True, slots=True)
class Column:
    """One column with a history, and the run that each linked record agrees with."""

    held: Holdings
    run: Places
    """(links,) index of a run in `held`, or -1."""


@dataclass(frozen=True, slots=True)
class History:
    """The history of one platform's customers, beside the links."""

    joined: NDArray[np.int32] | None
    """(customers,) days since 1970-01-01, `UNKNOWN` where it is not known; None if the platform never says."""
    columns: tuple[Column, ...]
    """None where there is but one snapshot: a single look has no versions."""
    lost_per_day: float = 0.0
    """Share of the customers that a day takes out of reach: they leave, or change the number they are known by."""


def history(dump: Dump, vault: Vault, testimony: Testimony) -> History:
    """Read the history of the platform that `testimony` is about."""
    links = testimony.links
    platform, person = links.platform, links.person
    known = joining_days(vault, platform) if platform.joined else None
    if len(platform.days) == 1:
        return History(known, ())
    span = (platform.days[-1] - platform.days[0]).days
    comparison = Comparison(dump.values, vault, links, dated=True)
    columns = [
        Column(comparison.held(one.claim), comparison.runs(one.value, one.claim)[0])
        for one in testimony.pairings
        if one.claim.role != JOINING
    ]
    changing = [kind for kind in CHANGING if kind in dump.identifiers and kind in platform.kinds]
    numbers = [_identifier(dump, vault, testimony, kind) for kind in changing]
    columns += numbers
    there = vault.presence(platform)
    presence = arrange(there.with_columns(token=pl.lit(0, pl.UInt64)), platform.people)
    columns.append(Column(presence, presence.held(person, np.zeros(person.size, np.uint64))))
    left = int((there.get_column("until") < platform.days[-1]).sum()) / max(1, there.height)
    changed = max((column.held.changed for column in numbers), default=0.0)
    return History(known, tuple(columns), (left + changed) / span)


def _identifier(dump: Dump, vault: Vault, testimony: Testimony, kind: str) -> Column:
    """The version of a phone number (or e-mail address) that each record carries."""
    platform, links = testimony.links.platform, testimony.links
    held = arrange(vault.identifiers(platform, kind).sort("person", "since"), platform.people)
    carried = dump.identifiers[kind].unique("row", keep="first", maintain_order=True)
    rows = pl.DataFrame({"row": links.row}, schema={"row": pl.UInt32})
    token = rows.join(carried, on="row", how="left", maintain_order="left").get_column("token")
    run = held.held(links.person, token.fill_null(0).to_numpy())
    return Column(held, np.where(token.is_not_null().to_numpy(), run, -1))
