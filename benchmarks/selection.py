"""What does a seller's filter do to the rows that are counted, without strata and within them?

    python benchmarks/selection.py [--worlds N]

Lenders of the whole country and of three cities each, as local customers have it: a province's people are customers of
the local ones and of the large ones alike. Dumps of one lender's filtered table with another's and with strangers are
traced, every one beside its truth. Writes `selection.md` and `selection.json` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final, Literal

os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import polars as pl
from measure import publish
from numpy.typing import NDArray

from tracer.findings import Findings
from tracer.registration import register
from tracer.tracing import trace
from tracer.vault.vault import Vault

Filter = Literal["", "province", "product", "date", "amount"]

DAY: Final = date(2025, 6, 1)
PEOPLE: Final = 16_000
CITIES: Final = pl.Series(["北京市", "上海市", "成都市", "武汉市", "广州市", "西安市", "沈阳市", "昆明市"])
PRODUCTS: Final = pl.Series(["极速贷", "随心借", "白领贷", "商户贷", "车主贷"])
LOCAL: Final = 3
"""Cities in which a local lender's customers live, the same for all."""
NAMES: Final = ("large one", "local one", "large two", "local two", "large three", "local three")
PHONE, CITY, PRODUCT, LIMIT, JOINED = "手机号码", "城市", "贷款产品", "授信额度", "进件时间"
STRANGERS: Final = "strangers"
"""Any registered people: a source that nobody registered."""


@dataclass(frozen=True)
class Case:
    """What a dump is made of."""

    rows: Mapping[str, int]
    filters: Mapping[str, Filter] = field(default_factory=dict)
    columns: tuple[str, ...] = (PHONE,)

    def words(self) -> str:
        """In words."""
        parts = [
            f"{count} of {name}" + (f" by {cut}" if (cut := self.filters.get(name)) else "")
            for name, count in self.rows.items()
        ]
        return ", ".join(parts)


ONE, NEAR, FAR = NAMES[0], NAMES[1], NAMES[2]
CASES: Final = (
    Case({ONE: 400, NEAR: 300}),
    Case({ONE: 400, FAR: 300, STRANGERS: 300}),
    Case({STRANGERS: 700}),
    Case({ONE: 400}, {ONE: "province"}),
    Case({ONE: 400}, {ONE: "date"}),
    Case({ONE: 300, NEAR: 300}, {ONE: "province"}),
    Case({ONE: 500, NEAR: 40}, {ONE: "province"}),
    Case({ONE: 300, FAR: 300}, {ONE: "province", FAR: "product"}),
    Case({ONE: 300, STRANGERS: 300}, {ONE: "province"}),
    Case({ONE: 300, FAR: 300, STRANGERS: 300}, {ONE: "province", FAR: "province"}),
    Case({ONE: 300, NEAR: 300}, {ONE: "product"}),
    Case({ONE: 300, NEAR: 300, STRANGERS: 200}, {ONE: "date"}),
    Case({ONE: 300, FAR: 300, STRANGERS: 200}, {ONE: "amount", FAR: "amount"}),
    Case({ONE: 300, NEAR: 300}, {ONE: "province"}, (PHONE, PRODUCT)),
    Case({ONE: 300, NEAR: 300, STRANGERS: 300}, {ONE: "province"}, (PHONE, LIMIT)),
)


def tables(seed: int) -> dict[str, pl.DataFrame]:
    """The lenders' tables, and last everybody's."""
    rng = np.random.default_rng([seed, 105])
    city, pull = rng.integers(0, CITIES.len(), PEOPLE), rng.gamma(3.0, 1 / 3.0, PEOPLE)
    made = {}
    for name in NAMES:
        local = name.startswith("local")
        at_home = np.where(city < LOCAL, 1.8, 0.15) if local else 1.0
        customer = np.flatnonzero(rng.random(PEOPLE) < np.minimum(0.9, rng.uniform(0.08, 0.25) * pull * at_home))
        made[name] = _table(customer, city[customer], rng)
    everybody = pl.concat([one.select(PHONE) for one in made.values()]).unique(maintain_order=True)
    return {**made, STRANGERS: _table(everybody[PHONE].str.slice(3).cast(pl.Int64).to_numpy(), None, rng)}


def _table(person: NDArray[np.int64], city: NDArray[np.int64] | None, rng: np.random.Generator) -> pl.DataFrame:
    count = person.size
    joined = [(DAY - timedelta(days=int(days))).isoformat() for days in rng.integers(1, 730, count)]
    return pl.DataFrame(
        {
            PHONE: [f"139{one:08d}" for one in person.tolist()],
            CITY: CITIES.gather(rng.integers(0, CITIES.len(), count) if city is None else city),
            PRODUCT: PRODUCTS.gather(rng.integers(0, PRODUCTS.len(), count)),
            LIMIT: (rng.integers(1, 31, count) * 1_000).astype(str),
            JOINED: joined,
        }
    )


def cut(table: pl.DataFrame, by: Filter) -> pl.DataFrame:
    """What a filter lets through."""
    return {
        "": table,
        "province": table.filter(pl.col(CITY).is_in(CITIES[:LOCAL].to_list())),
        "product": table.filter(pl.col(PRODUCT).is_in(PRODUCTS[:2].to_list())),
        "date": table.filter(pl.col(JOINED) >= (DAY - timedelta(days=180)).isoformat()),
        "amount": table.filter(pl.col(LIMIT).cast(pl.Int64) > 15_000),
    }[by]


def drawn(case: Case, made: Mapping[str, pl.DataFrame], seed: int) -> tuple[pl.DataFrame, dict[str, int]]:
    """A dump, and its true rows by source."""
    rng = np.random.default_rng([seed, 106])
    parts = {}
    for name, count in case.rows.items():
        table = cut(made[name], case.filters.get(name, ""))
        parts[name] = table[rng.choice(table.height, min(count, table.height), replace=False)]
    rows = pl.concat(parts.values()).select(case.columns)
    return rows[rng.permutation(rows.height)], {name: one.height for name, one in parts.items()}


def said(findings: Findings, true: Mapping[str, int]) -> list[dict[str, Any]]:
    """Of every platform that either way gives rows, and of every source, what both ways say beside the truth."""
    told = []
    for source in findings.found:
        rows = true.get(source.platform, 0)
        for way in ("unstratified", "stratified") if source.regression or rows else ():
            one = getattr(source.regression, way) if source.regression else None
            told.append(
                {
                    "way": way,
                    "platform": source.platform,
                    "verdict": source.verdict.value,
                    "true": rows,
                    "rows": one.rows if one else 0.0,
                    "held": bool(one) and int(one.rows_low) <= rows <= -int(-one.rows_high // 1),
                    "wide": one.rows_high - one.rows_low if one else 0.0,
                    "divided": bool(one) and bool(source.regression and source.regression.divided),
                }
            )
    return told


def figures(case: Case, told: list[list[dict[str, Any]]]) -> dict[str, Any]:
    """One line of the table: of all worlds' traces of one case."""
    line: dict[str, Any] = {"dump": case.words(), "columns": len(case.columns), "traces": len(told)}
    line["with strata"] = sum(any(one["divided"] for one in each) for each in told)
    for way in ("unstratified", "stratified"):
        mine = [one for each in told for one in each if one["way"] == way]
        true = [one for one in mine if one["true"]]
        error = [abs(one["rows"] - one["true"]) / one["true"] for one in true]
        line[f"{way}: innocents with rows"] = sum(one["rows"] > 0 and not one["true"] for one in mine)
        line[f"{way}: sources without"] = sum(one["rows"] == 0 for one in true)
        line[f"{way}: 95 % intervals that hold"] = f"{np.mean([one['held'] for one in true]):.1%}" if true else "none"
        line[f"{way}: median error"] = f"{np.median(error):.1%}" if error else "none"
    every = [one for each in told for one in each if one["way"] == "stratified"]
    line["innocents established"] = sum(one["verdict"] == "established" and not one["true"] for one in every)
    return line


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--worlds", type=int, default=30)
    options = parser.parse_args()
    told: list[list[list[dict[str, Any]]]] = [[] for _ in CASES]
    for seed in range(options.worlds):
        made = tables(seed)
        with tempfile.TemporaryDirectory() as folder:
            vault = Vault.create(Path(folder) / "vault")
            for name in NAMES:
                made[name].write_csv(Path(folder) / "table.csv")
                vault, _ = register(vault, Path(folder) / "table.csv", name, DAY)
            for place, case in enumerate(CASES):
                rows, true = drawn(case, made, seed * len(CASES) + place)
                told[place].append(said(trace(rows, vault), true))
    lines = [figures(case, each) for case, each in zip(CASES, told, strict=True)]
    table = [list(lines[0]), ["---"] * len(lines[0]), *([str(cell) for cell in line.values()] for line in lines)]
    text = "# Selection by sellers\n\n" + "".join("| " + " | ".join(line) + " |\n" for line in table)
    publish("selection", lines, text)
    print(text)


if __name__ == "__main__":
    main()
