"""Canaries: recall under damage, false matches among strangers, realism, sealing and injection.

    python benchmarks/canary_bars.py [SECTION …]

Sections: recall strangers realism sealing injection join. Writes benchmarks/results/canaries.md and .json; a
section that is not asked for keeps its figures of the last run.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import polars as pl

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from canaries.dumps import Column, count, records  # noqa: E402
from canaries.planting.export import insertion  # noqa: E402
from canaries.planting.lines import Lines, merged  # noqa: E402
from canaries.sealing import Disclosure, disclose, seal  # noqa: E402
from canaries.sightings import Lookout, gather  # noqa: E402
from canaries.table import Field, Table  # noqa: E402
from tests.canaries import invented  # noqa: E402
from tests.canaries.damaged import WAYS, hidden  # noqa: E402
from tests.canaries.test_sightings import look, mixed  # noqa: E402
from tracer.canary.auditing import audit_batch  # noqa: E402
from tracer.demo import WorldPlan, invent  # noqa: E402

SIDE = 10_000
"""Rows a side of the audit."""
Figures = dict[str, Any]


def recall() -> Figures:
    """Rows recognised under each kind of damage, over many dumps."""
    told: Figures = {}
    customers = invented.table(4000, 9)
    register = invented.register(customers, recipients=10, each=40, shadows=2000)
    holders = {one.id: one.holders for one in register.canaries}
    for kind, (way, bar) in WAYS.items():
        there = right = wrong = others = 0
        for seed in range(10):
            holder = f"r{seed}"
            draw = random.Random(seed)
            rows = mixed(customers, register, holder, seed)
            seen = look(register, [way(row, draw) for _, row in rows])
            truth = {at: identity for at, (identity, _) in enumerate(rows) if identity}
            there += len(truth)
            right += sum(truth.get(one.row) == one.canary for one in seen.planted)
            wrong += sum(truth.get(one.row) != one.canary for one in seen.planted)
            others += sum(holder not in holders[one.canary] for one in seen.planted)
        told[kind] = {
            "asked": bar,
            "recall": right / there,
            "rows": there,
            "false_rows": wrong,
            "wrong_recipients": others,
        }
    return told


def strangers(total: int = 100_000_000, part: int = 2_000_000) -> Figures:
    """Rows of people who are nobody's customers, streamed: name, masked phone, product, limit."""
    customers = invented.table(4000, 9)
    register = invented.register(customers, recipients=10, each=30, shadows=2000)
    rng = np.random.default_rng(4)
    draw = random.Random(8)
    names = pl.Series([str(invented.customer(draw)[0]) for _ in range(200_000)])
    phones = pl.Series([hidden(str(invented.customer(draw)[1])) for _ in range(400_000)])
    products, limits = pl.Series(invented.PRODUCTS), pl.Series([str(500 * step) for step in range(2, 160)])
    columns = [
        Column("姓名", "name"),
        Column("手机号", "masked_phone"),
        Column("产品", "product"),
        Column("额度", "limit"),
    ]

    def some(rows: int) -> pl.DataFrame:
        pools = (names, phones, products, limits)
        return pl.DataFrame(
            [pool.gather(rng.integers(0, len(pool), rows)).alias(f"c{at}") for at, pool in enumerate(pools)]
        )

    def read(frame: pl.DataFrame, first: int = 0) -> Any:
        return records(columns, range(first, first + frame.height), [frame[f"c{at}"].to_list() for at in range(4)])

    sample = read(some(60_000))
    lookout = Lookout(register, count(sample), sample, total)
    found = []
    begun = process_time()
    for _ in range(total // part):
        frame = some(part)
        found += list(lookout.look(read(frame.filter(frame.select(lookout.sieve).to_series()))))
    seen = gather(register, lookout, found)
    spent = process_time() - begun
    live, shadows = len(register.live), len(register.shadows)
    return {
        "rows": total,
        "canaries": live,
        "shadows": shadows,
        "threshold_bits": seen.threshold,
        "false_among_planted": len(seen.planted),
        "bound_for_planted": 0.01,
        "false_among_shadows": len(seen.shadows),
        "bound_for_shadows": 0.01 * shadows / live,
        "rows_per_cpu_second": total / spent,
    }


def realism() -> Figures:
    """The demo's loan table, and a table with richer dependence."""
    world = invent(WorldPlan(seed=3, people=90_000, platforms=1, customers=30_000, snapshots=(date(2025, 5, 1),)))
    loans = world.table(world.registered[0], date(2025, 5, 1))
    roles = ("name", "phone", "national_id", "region", "product", "limit", "amount", "account", "datetime")
    told = {}
    for name, frame, kinds in (("demo loans", loans, roles), ("richer dependence", rich(30_000), RICH_ROLES)):
        fields = tuple(Field(header, role) for header, role in zip(frame.columns, kinds, strict=True))
        table = Table(fields, frame.rename({header: f"c{at}" for at, header in enumerate(frame.columns)}))
        done = audit_batch(table, DEFAULT_POLICY, SIDE)
        told[name] = {
            "a_side": done.canaries.customers,
            "auc": done.canaries.worst.auc,
            "auc_upper": done.canaries.worst.high,
            "attackers": {one.attacker: round(one.auc, 4) for one in done.canaries.attacks},
            "d90": min(one.d90 for one in done.canaries.attacks),
            "lift_top_1": max(one.lift for one in done.canaries.attacks),
            "tells": list(done.canaries.tells[:3]),
            "faker_auc": done.faker.worst.auc if done.faker else None,
        }
    return told


RICH_ROLES = (
    *(
        "name",
        "phone",
        "national_id",
        "sex",
        "age",
        "region",
        "other",
        "amount",
        "product",
        "limit",
        "amount",
        "code",
        "datetime",
    ),
)


def rich(rows: int) -> pl.DataFrame:
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


def sealing() -> Figures:
    """100,000 canaries sealed, and one of them disclosed."""
    register = invented.register(invented.table(), shadows=400)
    some = [replace(one, id=f"c{at}") for at, one in enumerate(register.canaries * 200)][:100_000]
    many = replace(register, canaries=tuple(some))
    begun = process_time()
    sealed, head = seal(many)
    spent = process_time() - begun
    dump = {"sha256": "0" * 64, "bytes": 1, "records": 1, "sealed_at": "2026-01-01T00:00:00+00:00"}
    _, proof = disclose(sealed, Disclosure({some[77_777].id: ("姓名", "手机号")}, dump, {}))
    size = len(json.dumps(json.loads(proof)["canaries"][0], ensure_ascii=False, separators=(",", ":")).encode())
    return {"leaves": len(some), "cpu_seconds": spent, "proof_bytes_a_canary": size, "head_bytes": len(head)}


def injection() -> Figures:
    """30 canaries into a CSV of 1,000,000 rows: working them out and writing them, without reading."""
    customers = invented.table(4000, 9)
    register = invented.register(customers, recipients=10, each=30, shadows=100)
    rows = 1_000_000
    frame = customers.frame.sample(rows, with_replacement=True, seed=1).with_columns(
        c1=pl.col("c1").str.replace(r"^(...)....", "$1****"), c2=pl.lit(None, pl.String)
    )
    text = frame.write_csv(include_header=False).encode()
    lines = np.flatnonzero(np.frombuffer(text, np.uint8) == 10) + 1
    begins = [0, *lines[:-1].tolist()]
    with tempfile.TemporaryDirectory() as folder:
        begun = process_time()
        put = insertion(register, "r1", Table(customers.fields, frame), "0" * 64, date(2026, 1, 1))
        source = Lines(text, begins, "utf-8", invented.NAMES, frame.head(200).rows())
        Path(folder, "out.csv").write_bytes(b"".join(merged(source, put.rows, keys=False)))
        spent = process_time() - begun
    return {"rows": rows, "rows_per_cpu_second": rows / spent}


def join() -> Figures:
    """Two partners with the same nominal export compare theirs; each export misses 20 real rows a canary."""
    customers = invented.table(40_000, 5)
    register = invented.register(customers.sample(4000, 1), recipients=2, each=30, shadows=10)
    rng = np.random.default_rng(2)
    exports = []
    for name in register.recipients:
        own = {one.id for one in register.of(name)}
        withheld = set(rng.choice(customers.rows, 20 * len(own), replace=False).tolist())
        exports.append((own, {at for at in range(customers.rows) if at not in withheld}))
    precision = []
    for (own, rows), (_, others) in (exports, exports[::-1]):
        suspects = len(rows - others) + len(own)
        precision.append(len(own) / suspects)
    return {"canaries_each": 30, "withheld_each": 20 * 30, "precision": max(precision), "without_cover": 1.0}


SECTIONS = {
    "recall": recall,
    "strangers": strangers,
    "realism": realism,
    "sealing": sealing,
    "injection": injection,
    "join": join,
}


def main() -> int:
    """Run the sections named on the command line, or all."""
    target = HERE / "results" / "canaries.json"
    told = json.loads(target.read_text("utf-8")) if target.exists() else {}
    for name in sys.argv[1:] or SECTIONS:
        print(f"== {name}", file=sys.stderr)
        figures = SECTIONS[name]()
        told = json.loads(target.read_text("utf-8")) if target.exists() else {}  # another section may have ended since
        told[name] = figures
        print(json.dumps(told[name], ensure_ascii=False, indent=1))
        target.write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (HERE / "results" / "canaries.md").write_text(page(told), "utf-8")
    return 0


def page(told: Figures) -> str:
    """The results as a page."""
    parts = ["# Canaries\n\nInvented data; two cores shared with other work, so processor time, not wall time.\n"]
    for name, figures in told.items():
        figured = json.dumps(figures, ensure_ascii=False, indent=1)
        parts.append(f"\n## {name}\n\n{str(SECTIONS[name].__doc__).strip()}\n\n```json\n{figured}\n```\n")
    return "".join(parts)


from canaries.policy import DEFAULT as DEFAULT_POLICY  # noqa: E402

if __name__ == "__main__":
    sys.exit(main())
