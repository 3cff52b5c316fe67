"""Canaries: recall under damage, false matches among strangers, sealing, injection, comparing exports.

    python benchmarks/canary_bars.py [SECTION …]

Sections: recall strangers sealing injection join. Writes benchmarks/results/canaries.md and .json; a
section that is not asked for keeps its figures of the last run.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parent.parent))

from measure import RESULTS, publish

from canaries.dumps import Column, Person, Records, count, records
from canaries.planting.export import insertion
from canaries.planting.lines import Lines, merged
from canaries.register import Register
from canaries.sealing import Disclosure, disclose, seal
from canaries.sightings import Lookout, Sightings, gather
from canaries.table import Table
from tests.canaries import invented
from tests.canaries.damaged import WAYS, Way, hidden, wrong
from tests.canaries.test_sightings import ROLES, look, mixed

Figures = dict[str, Any]


def recall() -> Figures:
    """Rows recognised under each kind of damage, over ten dumps; `ceiling`: if every canary were compared with them."""
    told: Figures = {}
    customers = invented.table(4000, 9)
    register = invented.register(customers, recipients=10, each=40, shadows=2000)
    for kind, (way, bar) in {**WAYS, **FEWER}.items():
        told[kind] = {"asked": bar, **_recognised(customers, register, way, exhaustive=False)}
        if "mistyped" in kind:
            told[kind]["ceiling"] = _recognised(customers, register, way, exhaustive=True)["recall"]
    return told


def _only(*headers: str) -> Way:
    """Rows of some columns only, every character wrong with a chance of one in ten."""
    return lambda row, draw: {header: wrong(row[header] or "", draw) for header in headers}


FEWER: dict[str, tuple[Way, float | None]] = {
    "mistyped name, phone, product, limit": (_only("姓名", "手机号", "产品", "额度"), None),
    "mistyped name, phone, product": (_only("姓名", "手机号", "产品"), None),
}


def _recognised(customers: Table, register: Register, way: Way, *, exhaustive: bool) -> Figures:
    holders = {one.id: one.holders for one in register.canaries}
    there = right = wrong_rows = others = 0
    for seed in range(10):
        holder, draw = f"r{seed}", random.Random(seed)
        rows = mixed(customers, register, holder, seed)
        truth = {at: identity for at, (identity, _) in enumerate(rows) if identity}
        dump = [way(row, draw) for _, row in rows]
        seen = _exhaustively(register, dump, truth) if exhaustive else look(register, dump)
        there += len(truth)
        right += sum(truth.get(one.row) == one.canary for one in seen.planted)
        wrong_rows += sum(truth.get(one.row) != one.canary for one in seen.planted)
        others += sum(holder not in holders[one.canary] for one in seen.planted)
    return {"recall": right / there, "rows": there, "false_rows": wrong_rows, "wrong_recipients": others}


class Exhaustive(Lookout):
    """Compares a record with every canary."""

    def near(self, who: Person, values: Sequence[str]) -> set[int]:
        """All of them."""
        del who, values
        return set(range(len(self._known)))


def _exhaustively(register: Register, dump: list[dict[str, str]], places: Collection[int]) -> Sightings:
    """A check that compares the rows at some places with every canary: no blocks could recognise more of them."""
    columns = [Column(header, ROLES.get(header, "text")) for header in dump[0]]

    def part(chosen: Sequence[int]) -> Records:
        return records(columns, chosen, [[dump[at][header] for at in chosen] for header in dump[0]])

    whole = part(range(len(dump)))
    lookouts = [kind(register, count(whole), whole, len(dump)) for kind in (Lookout, Exhaustive)]
    others = [at for at in range(len(dump)) if at not in places]
    return gather(register, lookouts[0], [*lookouts[0].look(part(others)), *lookouts[1].look(part(sorted(places)))])


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
    "sealing": sealing,
    "injection": injection,
    "join": join,
}


def main() -> int:
    """Run the sections named on the command line, or all."""
    target = RESULTS / "canaries.json"
    for name in sys.argv[1:] or SECTIONS:
        print(f"== {name}", file=sys.stderr)
        figures = SECTIONS[name]()
        told = json.loads(target.read_text("utf-8")) if target.exists() else {}  # another section may have ended since
        told[name] = figures
        print(json.dumps(figures, ensure_ascii=False, indent=1))
        publish("canaries", {each: told[each] for each in SECTIONS if each in told}, page(told))
    return 0


def page(told: Figures) -> str:
    """The results as a page."""
    parts = ["# Canaries\n\nInvented data; two cores shared with other work, so processor time, not wall time.\n"]
    for name in (each for each in SECTIONS if each in told):
        figured = json.dumps(told[name], ensure_ascii=False, indent=1)
        parts.append(f"\n## {name}\n\n{str(SECTIONS[name].__doc__).strip()}\n\n```json\n{figured}\n```\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.exit(main())
