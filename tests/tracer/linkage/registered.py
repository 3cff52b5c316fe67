"""Vaults of invented platforms for the tests of linkage, attribution and tracing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.demo import HEADERS, LeakPlan, Style, World, leak
from tracer.demo.styles import styled
from tracer.engines.here import Here
from tracer.findings import Findings
from tracer.intake.material import material
from tracer.linkage.claims import testify
from tracer.linkage.comparison import Comparison
from tracer.linkage.dump import prepare
from tracer.linkage.exact import link_all
from tracer.linkage.testimony import Testimony
from tracer.registration import register
from tracer.settings import DEFAULT
from tracer.tokens import identifier_token, order
from tracer.vault.vault import Vault

Tables = Mapping[str, Mapping[date, pl.DataFrame]]
"""Platform → day → its table then."""


def vault_of(folder: Path, tables: Tables) -> Vault:
    """A vault in which these tables are registered."""
    vault = Vault.create(folder / "vault")
    for platform, snapshots in tables.items():
        for day, table in snapshots.items():
            table.write_csv(folder / "table.csv")
            vault, _ = register(vault, folder / "table.csv", platform, day)
    return vault


def tables_of(world: World, *, without: tuple[str, ...] = ()) -> dict[str, dict[date, pl.DataFrame]]:
    """The tables of a world's registered platforms, some fields left out."""
    headers = [HEADERS[field] for field in without]
    return {
        name: {day: world.table(name, day).drop(headers) for day in world.plan.snapshots} for name in world.registered
    }


def customers_of(world: World, vault: Vault, name: str, day: date) -> NDArray[np.int64]:
    """(customers,) who each customer is that a vault knows by one number: they stand in the order of its tokens."""
    numbers = world.table(name, day).select(identifier_token(pl.col(HEADERS["phone"]), vault.key, "phone"))
    person = world.platform(name).person[world.present(name, day)]
    return np.asarray(person[order(numbers.to_series().to_numpy())])


def stolen(world: World, plan: LeakPlan) -> pl.DataFrame:
    """A leak as a frame with a seller's headers, in clear text."""
    return styled(leak(world, plan), Style())


def told_by(frame: pl.DataFrame, vault: Vault) -> list[Testimony]:
    """What the values of a dump say about each platform, in the vault's order."""
    dump = prepare(material(frame, DEFAULT).reading.tables, vault.key)
    links, _ = link_all(dump, vault, Here())
    return [testify(Comparison(dump.values, vault, one), place) for place, one in enumerate(links)]


def verdicts(findings: Findings) -> dict[str, str]:
    """Platform → verdict."""
    return {source.platform: source.verdict.value for source in findings.found}


def named(findings: Findings) -> set[str]:
    """The platforms that are established."""
    return {source.platform for source in findings.established}
