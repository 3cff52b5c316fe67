"""Whose customers a source's customers are too. The people are invented: numbered phones, names of two characters."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl

from tests.tracer.linkage.registered import vault_of
from tracer.attribution.overlap import overlap, stratify
from tracer.engines.here import Here
from tracer.intake.material import material
from tracer.linkage.clientele import JOINED, clientele, shared
from tracer.linkage.dump import prepare
from tracer.linkage.exact import link_all
from tracer.settings import DEFAULT

CUSTOMERS = 4_000
DAY = date(2025, 6, 1)


def customers(rng: np.random.Generator) -> pl.DataFrame:
    """A lender's table: cities in equal shares, joined over two years."""
    return pl.DataFrame(
        {
            "手机号码": [f"139{place:08d}" for place in range(10_000, 10_000 + CUSTOMERS)],
            "城市": rng.choice(["北京市", "上海市", "成都市", "武汉市"], CUSTOMERS),
            "授信额度": (rng.integers(1, 60, CUSTOMERS) * 1000).astype(str),
            "注册时间": [str(DAY - timedelta(days=int(days))) for days in rng.integers(1, 700, CUSTOMERS)],
        }
    )


def test_a_filter_is_not_taken_for_another_source(tmp_path: Path) -> None:
    """A leak of one city meets more of a platform of that city than a random one would, and no more within cities."""
    rng = np.random.default_rng(5)
    table = customers(rng)
    local = table.filter((pl.col("城市") == "成都市") & pl.Series(rng.random(CUSTOMERS) < 0.5)).with_columns(
        pl.lit("1000").alias("授信额度")
    )
    vault = vault_of(tmp_path, {"wide": {DAY: table}, "local": {DAY: local}})
    leaked = table.filter(pl.col("城市") == "成都市").sample(300, seed=1).select("手机号码", "授信额度")
    dump = prepare(material(leaked, DEFAULT).reading.tables, vault.key)
    links = {one.platform.name: one for one in link_all(dump, vault, Here())[0]}
    found = clientele(dump, vault, links["wide"], np.ones(300, bool))
    assert found is not None
    assert int(found.drawn.sum()) == 300
    assert {"城市", JOINED} <= found.columns.keys()
    assert np.unique(found.columns["城市"]).size == 4
    both = shared(vault, found, links["local"].platform)
    assert both is not None
    assert int(both.sum()) == local.height
    told = overlap(stratify(found.drawn, found.columns), both)
    assert "城市" in told.strata
    assert told.unstratified.chance < 1e-6
    assert told.stratified.chance > 1e-3


def test_nothing_is_compared_without_a_common_identifier(tmp_path: Path) -> None:
    """Where another platform holds none of the dump's kind of identifier, nothing is said of an overlap."""
    table = customers(np.random.default_rng(6))
    other = pl.DataFrame({"邮箱": [f"u{place}@example.com" for place in range(50)], "授信额度": ["1000"] * 50})
    vault = vault_of(tmp_path, {"wide": {DAY: table}, "mail": {DAY: other}})
    leaked = table.head(100).select("手机号码", "授信额度")
    dump = prepare(material(leaked, DEFAULT).reading.tables, vault.key)
    links = {one.platform.name: one for one in link_all(dump, vault, Here())[0]}
    found = clientele(dump, vault, links["wide"], np.ones(100, bool))
    assert found is not None
    assert shared(vault, found, links["mail"].platform) is None
    assert clientele(dump, vault, links["mail"], np.zeros(0, bool)) is None
