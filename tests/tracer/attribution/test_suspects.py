from __future__ import annotations

from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.attribution.agreement import Agreement
from tracer.attribution.standing import Verdict
from tracer.attribution.suspects import agreements_of
from tracer.demo import LeakPlan, WorldPlan, invent, leak
from tracer.demo.styles import Style, styled
from tracer.linkage import testimony
from tracer.linkage.dump import Value
from tracer.linkage.exact import Links
from tracer.tracing import trace
from tracer.vault.manifest import Platform
from tracer.vault.snapshot import Claim

PEOPLE, PRODUCTS = 4_000, 8
LEVEL = 1e-4 / 4
DAY = date(2025, 6, 19)
Products = NDArray[np.int64]


def taken(rng: np.random.Generator, platforms: int, taste: float) -> Products:
    """(platforms, people) the product of each at each platform; a share `taste` takes one thing everywhere.

    Every platform sells mostly what it likes to sell.
    """
    own = np.stack([rng.choice(PRODUCTS, PEOPLE, p=rng.dirichlet(np.ones(PRODUCTS))) for _ in range(platforms)])
    faithful = rng.random(PEOPLE) < taste
    return np.where(faithful, rng.integers(0, PRODUCTS, PEOPLE), own)


def told(rng: np.random.Generator, held: Products, member: NDArray[np.bool_], dump: Products) -> testimony.Testimony:
    """What one platform says of a dump of (records, 2) person and product."""
    person, product = dump.T
    row = np.flatnonzero(member[person])
    links = Links(
        cast("Platform", SimpleNamespace(people=PEOPLE)),
        row.astype(np.uint32),
        person[row].astype(np.uint32),
        np.ones(row.size, np.uint16),
    )
    agree = (product[row] == held[person[row]]).astype(np.int8)[:, None]
    orders = [rng.permutation(row.size) for _ in range(max(1, min(40, 20_000 // max(1, row.size))))]
    giver, taker = np.concatenate([np.roll(one, 1) for one in orders]), np.concatenate(orders)
    dealt = (product[row[giver]] == held[person[row[taker]]]).astype(np.int8)[:, None]
    claim = Claim("产品", "product")
    pairing = testimony.Pairing(
        VALUE, claim, True, False, int(agree.sum()), float(dealt.mean()), True, 1, commonplace=True
    )
    return testimony.Testimony(links, links.once, (pairing,), agree, dealt, giver)


VALUE = cast("Value", object())


def agreements(rng: np.random.Generator, taste: float, rows: dict[int, int], common: float = 0.9) -> list[Agreement]:
    """What products say of four platforms about a dump of so many `rows` of each.

    A fifth one is registered nowhere. All have `common` of all people for customers.
    """
    held = taken(rng, 5, taste)
    member = rng.random((5, PEOPLE)) < common
    parts = []
    for source, count in rows.items():
        person = rng.choice(np.flatnonzero(member[source]), count, replace=False)
        parts.append(np.column_stack([person, held[source, person]]))
    dump = np.concatenate(parts)
    # One record in fifty was edited.
    edited = rng.random(len(dump)) < 0.02
    dump[edited, 1] = rng.integers(0, PRODUCTS, int(edited.sum()))
    return agreements_of([told(rng, held[k], member[k], dump) for k in range(4)], len(dump), LEVEL)


def test_a_small_source_is_named_beside_large_ones() -> None:
    """Of 60 sources of 200 records beside two of 500 with the same customers, nine in ten are named by a product alone.

    Among all their customers they are not: too many records are the others'.
    """
    named = drowned = 0
    for seed in range(60):
        found = agreements(np.random.default_rng(seed), 0.0, {0: 500, 1: 500, 2: 200})
        named += found[2].bound <= LEVEL
        drowned += found[2].left_out is not None
    assert named >= 54
    assert drowned >= 30


def test_strangers_beside_sources_name_nobody() -> None:
    """In 600 dumps of two sources and a stranger with the same customers of like taste, no other is named."""
    smallest = []
    for seed in range(600):
        rng = np.random.default_rng(10_000 + seed)
        rows = {0: int(rng.integers(50, 800)), 1: int(rng.integers(50, 800)), 4: int(rng.integers(50, 1_500))}
        found = agreements(rng, float(rng.choice([0.0, 0.25, 0.5])), rows, float(rng.choice([0.5, 0.9])))
        smallest.append(min(found[2].bound, found[3].bound))
    assert min(smallest) > LEVEL
    assert sum(one <= 0.01 for one in smallest) <= 6


def test_the_evidence_says_which_records_were_left_out(tmp_path: Path) -> None:
    """A small source beside two large ones is established by products alone, in words that say what was left out."""
    world = invent(WorldPlan(seed=5, people=4_500, platforms=3, customers=(3_000, 3_000, 3_000), beyond=0, taste=0.0))
    large, second, small = world.registered
    plan = LeakPlan({large: 1_200, second: 800, small: 150}, DAY, ("phone", "product"), junk=40, seed=5)
    found = trace(styled(leak(world, plan), Style()), vault_of(tmp_path, tables_of(world)))
    source = next(one for one in found.found if one.platform == small)
    assert source.verdict is Verdict.ESTABLISHED
    assert source.rows_low <= 150 <= source.rows_high
    said = next(one for one in source.evidence if one.kind == "values")
    assert "without the records whose values agree with another platform's" in said.statement
    assert "不计字段与其他平台相符的记录" in said.statement_zh
