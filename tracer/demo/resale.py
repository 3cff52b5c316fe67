"""A resale family: dumps that sellers made from one another, with the truth of who made which from what.

Leaks of a few platforms start it. Then sellers buy, cut, pad, merge, mask and rewrite, each in his own format and with
his own typing errors, which whoever buys from him inherits. Some dumps are never seized.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

import numpy as np
import polars as pl

from tracer.demo.chance import generator
from tracer.demo.damage import damage
from tracer.demo.leaks import PERSON, TRUTH, LeakPlan, leak
from tracer.demo.plan import WorldPlan
from tracer.demo.reselling import STRANGE, USUAL, Hand, resell
from tracer.demo.styles import VOCABULARIES, Style
from tracer.demo.world import World, invent

FIELDS: Final = ("name", "phone", "national_id", "city", "product", "limit", "amount", "account", "joined")
_SHAPES: Final = ("csv", "txt", "jsonl", "sql")
_ENCODINGS: Final = ("utf-8", "utf-8-sig", "gb18030")
_PHONES: Final = ("plain", "plus", "bare86", "dashes", "spaces", "wide", "mixed")
_FIRST: Final = date(2025, 6, 1)


@dataclass(frozen=True, slots=True)
class FamilyPlan:
    """What a family shall be like."""

    seed: int
    dumps: int = 40
    rows: int = 2_000
    """The least rows of a dump."""
    errors: float = 0.005
    """Share of the rows that get a typing error in each hand."""
    unseized: float = 0.15
    """Share of the dumps that nobody seizes."""
    strange: float = 0.0
    """Share of acts of a kind that the inference has no word for."""
    undated: float = 0.2
    """Share of the dumps of which nobody knows when they were first seen."""
    days: float = 4.0
    """Days, on average, from one dump to the next."""
    delay: float = 5.0
    """Days, on average, from a dump's making to its first sighting."""
    acts: Mapping[str, float] = field(default_factory=lambda: USUAL)
    """How often each kind of act is done."""


@dataclass(frozen=True, slots=True, eq=False)
class Dump:
    """One dump of a family."""

    number: int
    parents: tuple[int, ...]
    sources: tuple[str, ...]
    """Platforms that its records come from."""
    act: str
    rows: pl.DataFrame
    """Utf8 columns, fields as in `FIELDS`."""
    style: Style
    made: date
    first_seen: date | None
    seized: bool


def family(plan: FamilyPlan) -> tuple[Dump, ...]:
    """Invent a family, in the order in which its dumps were made."""
    rng = generator(plan.seed, "family")
    world = _world(plan)
    keeps_style, loses_order = float(rng.uniform(0, 0.9)), float(rng.uniform(0, 1))
    dumps: list[Dump] = []
    made = float(rng.exponential(plan.days))
    for number in range(plan.dumps):
        day = _FIRST + timedelta(days=int(made))
        rows, parents, act, sources = _act(plan, Hand(world, plan.rows, loses_order, day, rng), dumps)
        rows = damage(rows, plan.errors, int(rng.integers(2**31)))
        style = _style(rng, [dumps[parent].style for parent in parents], keeps_style)
        seen = day + timedelta(days=int(rng.exponential(plan.delay))) if rng.random() >= plan.undated else None
        seized = bool(rng.random() >= plan.unseized)
        dumps.append(Dump(number, parents, sources, act, rows, style, day, seen, seized))
        made += float(rng.exponential(plan.days))
    return tuple(dumps)


def _world(plan: FamilyPlan) -> World:
    customers = 5 * plan.rows
    return invent(
        WorldPlan(
            seed=plan.seed,
            people=12 * customers,
            platforms=3,
            customers=customers,
            overlap=1.0 + 2.0 * (plan.seed % 3),
        )
    )


def _act(plan: FamilyPlan, hand: Hand, dumps: list[Dump]) -> tuple[pl.DataFrame, tuple[int, ...], str, tuple[str, ...]]:
    rng = hand.rng
    if len(dumps) < 2 or rng.random() < 2 / plan.dumps:
        name = str(rng.choice(hand.world.registered))
        count = int(plan.rows * rng.uniform(1.5, 3.0))
        day = hand.day - timedelta(days=int(rng.exponential(10)))
        stolen = leak(hand.world, LeakPlan({name: count}, day, FIELDS, seed=int(rng.integers(2**31))))
        return stolen.drop(TRUTH, PERSON), (), "leak", (name,)
    # The young and the well known are bought most.
    weight = np.exp(-np.arange(len(dumps))[::-1] / 15) * rng.exponential(size=len(dumps))
    acts = STRANGE if rng.random() < plan.strange else plan.acts
    for _ in range(50):
        act = str(rng.choice(list(acts), p=np.array([*acts.values()]) / sum(acts.values())))
        count = 1 if act != "merge" else 2 + int(rng.random() < 0.2)
        if count > len(dumps):
            continue
        parents = tuple(int(one) for one in rng.choice(len(dumps), count, replace=False, p=weight / weight.sum()))
        rows = resell(act, [dumps[parent].rows for parent in parents], hand)
        if rows is not None:
            sources = tuple(sorted({name for parent in parents for name in dumps[parent].sources}))
            return rows, parents, act, sources
    return dumps[-1].rows, (len(dumps) - 1,), "reformat", dumps[-1].sources


def _style(rng: np.random.Generator, parents: list[Style], keeps: float) -> Style:
    if parents and rng.random() < keeps:
        return parents[0]
    return Style(
        shape=rng.choice(_SHAPES),
        separator=str(rng.choice([",", "|", "\t", ";"])),
        encoding=rng.choice(_ENCODINGS),
        header=int(rng.integers(len(VOCABULARIES))) if rng.random() < 0.8 else None,
        phone=rng.choice(_PHONES),
        shuffle=bool(rng.random() < 0.4),
        seed=int(rng.integers(2**31)),
    )
