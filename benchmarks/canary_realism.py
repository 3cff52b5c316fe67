"""Can trained attackers tell canaries from customers, over several batches, beside what chance alone would give?

    python benchmarks/canary_realism.py [TABLE …]

Tables: loans (the demonstration's) and rich (closer dependence). Every batch is minted from one half of a table's
customers and shown beside 10,000 of the other half. `null` is the same audit of customers against other customers: the
worst of four attackers is above 0.5 by chance, and its upper limit further. Writes
benchmarks/results/canary_realism.md and .json; a table that is not asked for keeps its figures of the last run.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from measure import RESULTS, publish

from canaries.policy import DEFAULT, for_shadows
from canaries.realism import AUC_BAR, D90_BAR, Audit, audit
from canaries.table import Field, Table
from tests.canaries import invented
from tracer.canary.auditing import as_shown, audit_batch
from tracer.demo import WorldPlan, invent

SIDE = 10_000
"""Rows a side."""
SEEDS = range(1, 7)
Figures = dict[str, Any]


def loans() -> Table:
    """The demonstration's loan table."""
    world = invent(WorldPlan(seed=3, people=90_000, platforms=1, customers=30_000, snapshots=(date(2025, 5, 1),)))
    roles = ("name", "phone", "national_id", "region", "product", "limit", "amount", "account", "datetime")
    return _table(world.table(world.registered[0], date(2025, 5, 1)), roles)


def rich() -> Table:
    """A table of thirteen columns that hang together closely."""
    return _table(_rich(30_000), RICH_ROLES)


def _table(frame: pl.DataFrame, roles: Sequence[str]) -> Table:
    fields = tuple(Field(header, role) for header, role in zip(frame.columns, roles, strict=True))
    return Table(fields, frame.rename({header: f"c{at}" for at, header in enumerate(frame.columns)}))


TABLES: dict[str, Callable[[], Table]] = {"loans": loans, "rich": rich}


def told(done: Audit) -> Figures:
    """One audit."""
    return {
        "worst": done.worst.attacker,
        "auc": round(done.worst.auc, 4),
        "auc_upper": round(done.worst.high, 4),
        "d90": round(min(one.d90 for one in done.attacks), 4),
        "lift_top_1": round(max(one.lift for one in done.attacks), 2),
        "attackers": {one.attacker: round(one.auc, 4) for one in done.attacks},
        "tells": [[name, round(value, 3)] for name, value in done.tells[:3]],
    }


def null(table: Table, seed: int) -> Figures:
    """Customers against other customers."""
    shown = as_shown(table, table.sample(2 * SIDE, seed).frame, for_shadows(DEFAULT))
    return told(audit(table.fields, shown[:SIDE], shown[SIDE:], seed))


def main() -> int:
    """Audit the tables named on the command line, or all; what was measured is written after each batch."""
    for name in sys.argv[1:] or TABLES:
        table = TABLES[name]()
        faker = audit_batch(table, DEFAULT, SIDE, seed=0).faker
        figures: Figures = {"faker_auc": round(faker.worst.auc, 4) if faker else None, "canaries": [], "null": []}
        for seed in SEEDS:
            done = audit_batch(table, DEFAULT, SIDE, with_faker=False, seed=seed)
            figures["canaries"].append(told(done.canaries))
            _write(name, figures)
        for seed in SEEDS:
            figures["null"].append(null(table, seed))
            _write(name, figures)
    return 0


def _write(name: str, figures: Figures) -> None:
    target = RESULTS / "canary_realism.json"
    known = json.loads(target.read_text("utf-8")) if target.exists() else {}
    known[name] = figures
    print(name, json.dumps((figures["null"] or figures["canaries"])[-1], ensure_ascii=False), file=sys.stderr)
    publish("canary_realism", known, page(known))


def page(known: Figures) -> str:
    """The results as a page."""
    head = (
        f"# Canaries against trained attackers\n\n{SIDE:,} rows a side, the worst of four attackers; bars: upper 95 % "
        f"limit of the AUC ≤ {AUC_BAR}, D90 ≥ {D90_BAR}.\n`null`: customers against other customers, so by chance.\n"
    )
    parts = [head]
    for name, figures in known.items():
        faker = f"Faker's rows: AUC {figures['faker_auc']}."
        parts.append(f"\n## {name}\n\n{TABLES[name].__doc__} {faker}\n")
        heads = ("", "batch", "worst attacker", "AUC", "upper limit", "D90", "lift of the top 1 %")
        parts.append(f"\n| {' | '.join(heads)} |\n{'|---' * len(heads)}|\n")
        for kind in ("canaries", "null"):
            parts += [
                f"| {kind} | {at} | {one['worst']} | {one['auc']:.4f} | {one['auc_upper']:.4f} | {one['d90']:.3f} | "
                f"{one['lift_top_1']:.2f} |\n"
                for at, one in enumerate(figures[kind], 1)
            ]
    return "".join(parts)


RICH_ROLES = (
    "name", "phone", "national_id", "sex", "age", "region", "other", "amount", "product", "limit", "amount", "code",
    "datetime",
)  # fmt: skip


def _rich(rows: int) -> pl.DataFrame:
    """Age makes income, income and product make limit, limit and term make instalment, sex and age make names."""
    rng, draw = np.random.default_rng(6), random.Random(6)
    age = np.clip(rng.gamma(9, 4, rows) + 18, 20, 64).astype(int)
    sex = rng.random(rows) < 0.55
    region = rng.choice(["广东", "浙江", "四川", "河南", "辽宁", "新疆"], rows, p=[0.3, 0.25, 0.18, 0.15, 0.08, 0.04])
    rich_place = np.isin(region, ["广东", "浙江"])
    job = np.where(age > 55, "退休", np.where(rng.random(rows) < 0.3, "个体", np.where(rich_place, "白领", "工人")))
    income = np.round(
        np.exp(8.2 + 0.25 * rich_place + 0.3 * (job == "白领") - 0.4 * (job == "退休") + rng.normal(0, 0.35, rows)), -1
    )
    product = np.where(
        income > 7000, "公积金贷", np.where(job == "个体", "小微贷", np.where(age < 28, "助学贷", "消费贷"))
    )
    flip = rng.random(rows) < 0.15
    product = np.where(flip, rng.choice(["公积金贷", "小微贷", "助学贷", "消费贷"], rows), product)
    limit = np.maximum(
        1000, np.round(income * np.where(product == "公积金贷", 12, 5) * np.exp(rng.normal(0, 0.2, rows)), -3)
    )
    term = np.where(product == "公积金贷", rng.choice([24, 36], rows), rng.choice([6, 12], rows))
    instalment = np.round(limit / term * (1.05 + 0.1 * (job == "个体")) + rng.normal(0, 3, rows), 2)
    born = 2025 - age
    people = [invented.customer(draw) for _ in range(rows)]
    given = {True: "伟强磊军勇涛超明刚平辉鹏", False: "芳娜敏静丽艳娟霞秀燕玲桂"}
    names = [
        str(p[0])[0] + "".join(draw.choice(given[bool(s)]) for _ in range(1 if a > 45 and draw.random() < 0.4 else 2))
        for p, s, a in zip(people, sex, age, strict=True)
    ]
    ids = [_identity(draw, int(year), bool(one)) for year, one in zip(born, sex, strict=True)]
    return pl.DataFrame(
        {
            "姓名": names,
            "手机": [str(p[1]) for p in people],
            "证件号": ids,
            "性别": ["男" if one else "女" for one in sex],
            "年龄": [str(one) for one in age],
            "省份": region.tolist(),
            "职业": job.tolist(),
            "月收入": [f"{one:.0f}" for one in income],
            "产品": product.tolist(),
            "额度": [f"{one:.0f}" for one in limit],
            "月供": [f"{one:.2f}" for one in instalment],
            "期数": [str(one) for one in term],
            "进件时间": [str(p[6]) for p in people],
        }
    )


def _identity(draw: random.Random, year: int, man: bool) -> str:  # noqa: FBT001 - one of two
    region = draw.choice(("440103", "330106", "510107"))
    sequence = f"{draw.randrange(50):02d}{2 * draw.randrange(5) + man}"
    return f"{region}{year}0{draw.randrange(1, 10)}1{draw.randrange(10)}{sequence}X"


if __name__ == "__main__":
    sys.exit(main())
