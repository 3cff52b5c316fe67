"""Worlds and dumps of many kinds, with their truth: what the accuracy programme invents.

A regime is a way in which cases are hard. It plans its worlds, and its menu says what the dumps of each are drawn from.
Everything is drawn from the number of the world and the dump, so a run can be broken off and gone on with.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, Literal, TypeVar

import numpy as np
import polars as pl

from tracer.demo import Alike, LeakPlan, Style, World, WorldPlan, leak
from tracer.demo.chance import generator
from tracer.demo.platforms import days_of
from tracer.demo.styles import PhoneStyle, Shape

T = TypeVar("T")
Filter = Literal["", "province", "product", "province and product", "recent", "daily lot", "large limits"]
Masks = Literal["", "phone", "phone and ID"]
Knowledge = Literal["values", "old balances", "identifiers"]
When = Literal["before", "between", "on a snapshot", "after"]

LOAN: Final = ("name", "phone", "product", "limit")
COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "loan": LOAN,
    "loan with balance": (*LOAN, "amount"),
    "loan with date": (*LOAN, "joined"),
    "rich": ("name", "phone", "national_id", "city", "product", "limit", "amount", "account", "joined"),
    "limit only": ("phone", "limit"),
    "product only": ("phone", "product"),
    "date only": ("name", "phone", "joined"),
    "balance only": ("phone", "amount"),
    "ID loan": ("name", "phone", "national_id", "product", "limit"),
    "identifiers": ("name", "phone", "national_id"),
    "phones": ("phone",),
}
"""What a dump holds, and in which columns."""
LASTING: Final = frozenset({"product", "limit", "account", "joined"})
"""Values that only the platform knows of its customer, and that stay."""
TELLING: Final = ("loan", "loan with balance", "loan with date", "rich", "limit only", "product only")
MUTE: Final = ("identifiers", "phones")
EARLIEST: Final = timedelta(days=90)
"""No leak is older than so long before the first snapshot."""
_WHEN: Final[tuple[When, ...]] = ("before", "between", "between", "on a snapshot", "after")
_SHAPES: Final[tuple[Shape, ...]] = ("csv", "txt", "jsonl", "sql")
_PHONES: Final[tuple[PhoneStyle, ...]] = ("plain", "mixed", "dashes")
_CITIES: Final = ("广州市", "深圳市", "上海市", "北京市", "杭州市", "成都市")


@dataclass(frozen=True, slots=True)
class Menu:
    """What the dumps of a regime are drawn from; each entry as likely."""

    contents: tuple[str, ...] = TELLING
    """Keys of `COLUMNS`."""
    rows: tuple[int, int] = (50, 5_000)
    """Fewest and most rows that leave a platform; drawn evenly on a logarithmic scale."""
    sources: tuple[int, ...] = (0, 1, 1, 2, 3, 4)
    """How many registered platforms supply rows."""
    strangers: float = 0.3
    """Share of dumps with registered sources that hold rows of unregistered platforms too."""
    when: tuple[When, ...] = _WHEN
    merged: float = 0.2
    """Share of dumps whose sources left on different days."""
    damage: tuple[float, ...] = (0.0, 0.0, 0.03)
    masks: tuple[Masks, ...] = ("",)
    filters: tuple[Filter, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one platform in a dump."""

    platform: str
    rows: int
    day: date
    select: pl.Expr | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Trial:
    """One dump to invent."""

    content: str
    parts: tuple[Part, ...]
    junk: int
    when: When
    filter: Filter
    style: Style
    written: bool
    """Whether it is traced as a file; else as a frame."""
    seed: int


@dataclass(frozen=True, slots=True)
class Regime:
    """One way in which cases are hard."""

    name: str
    says: str
    worlds: int
    dumps: int
    """Of each world."""
    plan: Callable[[int, np.random.Generator], WorldPlan]
    menu: Menu


def trials(regime: Regime, world: World, number: int) -> Iterator[Trial]:
    """The dumps of a regime's world `number`, from 0."""
    for place in range(regime.dumps):
        yield _trial(regime.menu, world, generator(regime.name, number, place))


def invented(world: World, trial: Trial) -> pl.DataFrame:
    """The records of a trial with their truth, see `tracer.demo.leak`."""
    columns, rng = COLUMNS[trial.content], np.random.default_rng(trial.seed)
    share = rng.multinomial(trial.junk, np.full(max(1, len(trial.parts)), 1 / max(1, len(trial.parts))))
    if not trial.parts:
        return leak(world, LeakPlan({}, world.plan.snapshots[-1], columns, trial.junk, trial.seed))
    rows = pl.concat(
        leak(world, LeakPlan({part.platform: part.rows}, part.day, columns, int(junk), trial.seed, part.select))
        for part, junk in zip(trial.parts, share, strict=True)
    )
    return rows[rng.permutation(rows.height)]


def knowledge(world: World, trial: Trial, platform: str) -> Knowledge:
    """What a dump holds that only this platform can know of its customers.

    A balance counts for half a month around a snapshot; later nobody has registered it.
    """
    held = [column for column in COLUMNS[trial.content] if world.platform(platform).holds(column)]
    if LASTING & set(held):
        return "values"
    if "amount" not in held:
        return "identifiers"
    days = [part.day for part in trial.parts if part.platform == platform]
    fresh = any(abs((day - one).days) <= 15 for day in days for one in world.plan.snapshots)
    return "values" if fresh else "old balances"


def _one(rng: np.random.Generator, entries: Sequence[T]) -> T:
    return entries[int(rng.integers(len(entries)))]


def _trial(menu: Menu, world: World, rng: np.random.Generator) -> Trial:
    content, when, cut = _one(rng, menu.contents), _one(rng, menu.when), _one(rng, menu.filters)
    names = [str(name) for name in rng.choice(world.registered, _one(rng, menu.sources), replace=False)]
    if world.hidden and (not names or rng.random() < menu.strangers):
        count = min(len(world.hidden), 1 + int(rng.random() < 0.3))
        names += [str(name) for name in rng.choice(world.hidden, count, replace=False)]
    only_junk = not names or (not set(names) & set(world.registered) and rng.random() < 0.03)
    day = _day(when, world.plan, rng)
    parts = []
    for name in [] if only_junk else names:
        left = _day(_one(rng, menu.when), world.plan, rng) if rng.random() < menu.merged else day
        parts += _part(menu, world, (name, left, cut), rng)
    total = sum(part.rows for part in parts) or 200
    return Trial(
        content,
        tuple(parts),
        junk=int(total * rng.uniform(0.0, 0.12)) if parts else total,
        when=when,
        filter=cut,
        style=_style(menu, rng),
        written=bool(rng.random() < 0.2),
        seed=int(rng.integers(2**31)),
    )


def _part(menu: Menu, world: World, whose: tuple[str, date, Filter], rng: np.random.Generator) -> list[Part]:
    """No more rows than there are; a filtered dump takes most of what the filter lets through."""
    name, day, cut = whose
    place = world.present(name, day)
    select = _select(cut, world, name, day, rng)
    if select is not None:
        wanted = world.records(name, place, day).select(select.fill_null(value=False)).to_series()
        place = place[wanted.to_numpy()]
    low, high = np.log(menu.rows)
    rows = min(round(float(np.exp(rng.uniform(low, high)))), len(place))
    return [Part(name, rows, day, select)] if rows else []


def _select(cut: Filter, world: World, name: str, day: date, rng: np.random.Generator) -> pl.Expr | None:
    platform = world.platform(name)
    city, product = pl.col("city").is_in(_CITIES), pl.col("product") == platform.trade.products[0]
    if cut == "daily lot":
        present = platform.joined[world.present(name, day)]
        newest = int(present[-1] // 86_400) if len(present) else days_of(day)
        # Sellers call it the day's, or yesterday's.
        lot = date(1970, 1, 1) + timedelta(days=newest - int(rng.integers(2)))
        return pl.col("joined").str.starts_with(lot.isoformat())
    return {
        "": None,
        "province": city,
        "product": product,
        "province and product": city & product,
        "recent": pl.col("joined") >= (day - timedelta(days=200)).isoformat(),
        "large limits": pl.col("limit").cast(pl.Float64) >= platform.trade.median,
    }[cut]


def _day(when: When, plan: WorldPlan, rng: np.random.Generator) -> date:
    first, last = plan.snapshots[0], plan.snapshots[-1]
    if when == "before":
        return first - timedelta(days=int(rng.integers(5, EARLIEST.days)))
    if when == "after":
        return last + timedelta(days=int(rng.integers(5, min(90, max(6, plan.beyond)))))
    if when == "on a snapshot" or first == last:
        return plan.snapshots[int(rng.integers(len(plan.snapshots)))]
    return first + timedelta(days=int(rng.integers(1, (last - first).days)))


def _style(menu: Menu, rng: np.random.Generator) -> Style:
    masks = _one(rng, menu.masks)
    return Style(
        shape=_one(rng, _SHAPES),
        phone=_one(rng, _PHONES),
        header=int(rng.integers(4)),
        mask_phone=masks != "",
        mask_id=masks == "phone and ID",
        shuffle=bool(rng.integers(2)),
        damage=float(rng.choice(menu.damage)),
        seed=int(rng.integers(2**31)),
    )


def _strangers(
    rng: np.random.Generator, sizes: Sequence[int], hidden: int, least: float = 0.5
) -> tuple[tuple[Alike, ...], tuple[int, ...]]:
    """Platforms nobody registered, each with most of its customers from a registered one, some of them at one time.

    Returns:
        The pairs, and the sizes of all platforms.
    """
    pairs, all_sizes = [], list(sizes)
    for number in range(hidden):
        other, share = int(rng.integers(len(sizes))), round(float(rng.uniform(least, 0.9)), 2)
        pairs.append(Alike(len(sizes) + number, other, share, float(rng.choice([0.0, 0.0, 0.5, 0.9]))))
        all_sizes.append(int(sizes[other] * rng.uniform(0.5, 1.0)))
    return tuple(pairs), tuple(all_sizes)


def _monthly(count: int, first: date = date(2025, 5, 1)) -> tuple[date, ...]:
    months = range(first.month - 1, first.month - 1 + count)
    return tuple(date(first.year + month // 12, month % 12 + 1, 1) for month in months)


def _overlapping(number: int, rng: np.random.Generator) -> WorldPlan:
    share = (0.2, 0.35, 0.5, 0.7, 0.9)[number % 5]
    people = int(3_000 * 1.35 / share)
    alike, sizes = _strangers(rng, [3_000] * 8, 2, max(0.5, share - 0.05))
    return WorldPlan(
        seed=20_000 + number,
        people=people,
        platforms=8,
        customers=sizes,
        hidden=2,
        beyond=90,
        overlap=1.35 if share > 0.2 else 1.3,
        alike=alike,
        correlation=float(rng.choice([0.0, 0.5, 0.9])),
        taste=float(rng.choice([0.0, 0.3])),
        churn=float(rng.choice([0.03, 0.2])),
        phone_change_rate=float(rng.choice([0.03, 0.15])),
    )


def _crowded(number: int, rng: np.random.Generator) -> WorldPlan:
    platforms = (6, 40, 90, 200)[number % 4]
    customers = (3_000, 1_500, 1_000, 700)[number % 4]
    alike, sizes = _strangers(rng, [customers] * platforms, 3)
    return WorldPlan(
        seed=21_000 + number,
        people=12_000,
        platforms=platforms,
        customers=sizes,
        hidden=3,
        snapshots=(date(2025, 6, 1), date(2025, 10, 1)),
        overlap=1.6,
        alike=alike,
        correlation=float(rng.choice([0.0, 0.6])),
    )


def _ordinary(number: int, rng: np.random.Generator) -> WorldPlan:
    alike, sizes = _strangers(rng, [int(one) for one in rng.integers(2_000, 6_000, 6)], 2)
    return WorldPlan(
        seed=22_000 + number,
        people=16_000,
        platforms=6,
        customers=sizes,
        hidden=2,
        beyond=90,
        overlap=float(rng.choice([1.0, 1.4, 1.9])),
        alike=alike,
        correlation=float(rng.choice([0.0, 0.3, 0.6, 0.9])),
        taste=float(rng.choice([0.0, 0.3])),
        churn=float(rng.choice([0.03, 0.25])),
        phone_change_rate=float(rng.choice([0.03, 0.2])),
    )


def _haunted(number: int, rng: np.random.Generator) -> WorldPlan:
    alike, sizes = _strangers(rng, [5_000, 3_000, 4_500, 2_500, 4_000], 4)
    return WorldPlan(
        seed=23_000 + number,
        people=16_000,
        platforms=5,
        customers=sizes,
        hidden=4,
        beyond=90,
        overlap=(1.0, 1.4)[number % 2],
        # A registered pair is alike too, such as an aggregator and its partner.
        alike=(Alike(4, 2, round(float(rng.uniform(0.5, 0.9)), 2)), *alike),
        correlation=(0.0, 0.3, 0.6, 0.9)[number // 2 % 4],
        taste=(0.0, 0.25, 0.5)[number % 3],
        churn=float(rng.choice([0.03, 0.15])),
    )


def _dated(number: int, rng: np.random.Generator) -> WorldPlan:
    """Young platforms that grow fast, so that a day's lot is a hundred customers."""
    alike, sizes = _strangers(rng, [int(one) for one in rng.integers(6_000, 16_000, 4)], 1)
    return WorldPlan(
        seed=24_000 + number,
        people=60_000,
        platforms=4,
        customers=sizes,
        hidden=1,
        snapshots=(_monthly(6), _monthly(3), (date(2025, 5, 1), date(2025, 8, 1), date(2025, 11, 1)))[number % 3],
        years=float(rng.choice([0.8, 1.5])),
        beyond=90,
        overlap=float(rng.choice([1.0, 1.5])),
        alike=alike,
        correlation=float(rng.choice([0.0, 0.6])),
        churn=float(rng.choice([0.05, 0.3])),
        phone_change_rate=float(rng.choice([0.05, 0.2])),
    )


def _large(number: int, rng: np.random.Generator) -> WorldPlan:
    return WorldPlan(
        seed=25_000 + number,
        people=1_500_000,
        platforms=4,
        customers=(600_000, 250_000, 120_000, 60_000, 150_000),
        hidden=1,
        snapshots=(date(2025, 6, 1), date(2025, 10, 1)),
        beyond=60,
        overlap=1.5,
        alike=(Alike(4, 0, 0.7),),
        correlation=float(rng.choice([0.3, 0.6])),
    )


def _varied(number: int, rng: np.random.Generator) -> WorldPlan:
    person = ("name", "phone", "national_id")
    alike, sizes = _strangers(rng, [3_000] * 7, 2)
    return WorldPlan(
        seed=26_000 + number,
        people=14_000,
        platforms=7,
        customers=sizes,
        hidden=2,
        beyond=90,
        overlap=1.4,
        alike=alike,
        correlation=float(rng.choice([0.0, 0.6])),
        fields=(
            (*person, "city", "product", "limit", "amount", "account", "joined"),
            ("name", "phone", "product", "joined"),
            ("name", "phone", "limit"),
            (*person, "city", "limit", "joined"),
            ("phone", "product", "limit", "account"),
            (*person, "product", "amount"),
            (*person, "joined"),
            (*person, "product", "limit"),
            (*person, "city", "limit", "amount", "joined"),
        ),
    )


REGIMES: Final = (
    Regime(
        "overlap", "platforms that share 20 to 90 % of their customers", 10, 32, _overlapping, Menu(),
    ),
    Regime(
        "crowd", "6 to 200 platforms", 8, 24, _crowded, Menu(rows=(50, 600), sources=(0, 1, 2, 4)),
    ),
    Regime(
        "damage", "a typing error in an identifier of every fourth row", 8, 30, _ordinary,
        Menu(contents=(*TELLING, "ID loan", "date only"), damage=(0.25,)),
    ),
    Regime(
        "masks", "phone numbers, and IDs, under stars", 8, 30, _ordinary,
        Menu(
            contents=("loan", "loan with balance", "loan with date", "rich", "ID loan"),
            masks=("phone", "phone and ID"), damage=(0.0, 0.0, 0.25),
        ),
    ),
    Regime(
        "filters", "dumps filtered by province, product, date or limit", 8, 32, _ordinary,
        Menu(
            contents=(*TELLING, "ID loan"), rows=(30, 3_000),
            filters=("province", "product", "province and product", "recent", "large limits"),
        ),
    ),
    Regime(
        "look-alikes", "unregistered platforms with 50 to 90 % of a registered one's customers, alone or mixed in", 16,
        26, _haunted,
        Menu(
            contents=(*TELLING, "balance only", "date only", *MUTE), rows=(50, 3_000), sources=(0, 0, 0, 1, 2),
            strangers=0.8,
        ),
    ),
    Regime(
        "identifiers", "dumps that hold identifiers alone", 10, 32, _ordinary,
        Menu(contents=MUTE, rows=(50, 4_000), sources=(0, 1, 1, 2), merged=0.0),
    ),
    Regime(
        "dates", "leaks before, between and after monthly and quarterly snapshots, and daily lots", 9, 32, _dated,
        Menu(
            contents=(*TELLING, "date only", "rich"), rows=(100, 4_000), sources=(0, 1, 1, 2), strangers=0.2,
            merged=0.3, filters=("", "", "daily lot"),
        ),
    ),
    Regime(
        "large", "dumps of up to 500,000 rows", 2, 10, _large,
        Menu(contents=("loan", "rich", "limit only", "identifiers"), rows=(20_000, 500_000), sources=(0, 1, 2)),
    ),
    Regime(
        "fields", "platforms whose tables hold different fields", 8, 28, _varied,
        Menu(contents=(*TELLING, "ID loan", "date only"), damage=(0.0, 0.05)),
    ),
)  # fmt: skip
"""All of them."""
