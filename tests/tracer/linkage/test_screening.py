from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.tracer.linkage.registered import vault_of
from tracer.attribution.standing import Verdict
from tracer.identifiers.kinds import SINGLE
from tracer.intake.material import material
from tracer.linkage.dump import Dump, prepare
from tracer.linkage.screening import screen
from tracer.linkage.shortlist import FEW
from tracer.ordered import below
from tracer.settings import DEFAULT
from tracer.tracing import trace
from tracer.vault.index import RATE
from tracer.vault.vault import Vault

DAY = date(2025, 10, 1)
PLATFORMS, CUSTOMERS = FEW + 16, 60


def table(platform: int) -> pl.DataFrame:
    """Invented customers, of each platform its own, with a limit that nobody else knows."""
    rng = np.random.default_rng(platform)
    phones = [f"13{platform:03}{place:06}" for place in range(CUSTOMERS)]
    return pl.DataFrame({"手机号": phones, "授信额度": rng.integers(100, 900, CUSTOMERS) * 100})


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    tables = {f"p{number:02}": {DAY: table(number)} for number in range(PLATFORMS)}
    return vault_of(tmp_path_factory.mktemp("many"), tables)


def dump_of(*platforms: int) -> pl.DataFrame:
    return pl.concat([table(number) for number in platforms])


def prepared(frame: pl.DataFrame, vault: Vault) -> Dump:
    return prepare(material(frame, DEFAULT).reading.tables, vault.key)


def test_whoever_has_customers_in_the_dump_is_joined(vault: Vault) -> None:
    """Of 80 platforms the three whose customers are in the dump are joined, with 61 more; the rest is bounded by 0."""
    found = screen(prepared(dump_of(3, 70, 79), vault), vault)
    near = {platform.name for platform in found.near.platforms}
    assert near >= {"p03", "p70", "p79"}
    assert len(near) == FEW
    assert near | {one.name for one in found.dropped} == {platform.name for platform in vault.platforms}
    assert {one.most for one in found.dropped} == {0}


def test_a_few_platforms_are_not_screened(vault: Vault) -> None:
    """Where there are no more than are joined in any case, the vault is what it was."""
    assert screen(prepared(dump_of(3), vault), vault, PLATFORMS).near is vault


def test_every_platform_is_in_the_findings(vault: Vault, tmp_path: Path) -> None:
    """A trace against 80 platforms names the source and says of none of the others that it may be one."""
    file = tmp_path / "dump.csv"
    dump_of(70).write_csv(file)
    found = trace(file, vault).found
    assert sorted(one.platform for one in found) == [f"p{number:02}" for number in range(PLATFORMS)]
    assert [(one.platform, one.verdict, round(one.rows)) for one in found[:1]] == [
        ("p70", Verdict.ESTABLISHED, CUSTOMERS)
    ]
    assert {one.verdict for one in found[1:]} <= {Verdict.EXCLUDED, Verdict.INDETERMINATE}
    assert sum(one.evidence[0].kind == "sample" for one in found) == PLATFORMS - FEW


def test_the_index_is_the_head_of_the_identifiers(vault: Vault) -> None:
    """The sample that a platform keeps apart is what lies below its bound among its identifiers."""
    for platform in vault.platforms[:10]:
        index = vault.index(platform)
        for kind in set(SINGLE) & platform.kinds:
            whole = vault.identifiers(platform, kind, dated=False).get_column("token").to_numpy()
            assert index.get(kind, np.empty(0)).tolist() == np.unique(below(whole, RATE)).tolist()


def test_parts_are_joined_with_the_same_platforms(vault: Vault, tmp_path: Path) -> None:
    """A dump in parts is screened by its first part: the true sources are named, the others are bounded."""
    dump_of(3, 70, 79).write_csv(tmp_path / "dump.csv")
    parted = trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path)
    assert parted.recorded is not None
    found = {one.platform: one for one in parted.found}
    assert {name for name, one in found.items() if one.verdict is Verdict.ESTABLISHED} == {"p03", "p70", "p79"}
    assert len(found) == PLATFORMS
    assert all(one.rows_low == 0 for name, one in found.items() if name not in {"p03", "p70", "p79"})
