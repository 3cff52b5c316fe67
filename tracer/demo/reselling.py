"""What sellers do with a list before they sell it on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import polars as pl

from tracer.demo.leaks import PERSON, TRUTH, LeakPlan, leak
from tracer.demo.world import World

USUAL: Final = {
    "subset": 0.2,
    "slice": 0.08,
    "filter": 0.12,
    "pad": 0.14,
    "merge": 0.2,
    "append": 0.06,
    "drop": 0.08,
    "mask": 0.03,
    "reformat": 0.05,
    "sort": 0.04,
}
"""Acts and how often each is done."""
STRANGE: Final = {"refresh": 0.2, "blank": 0.2, "round": 0.15, "twice": 0.15, "mark": 0.15, "truncate": 0.15}
"""Acts that the inference has no word for."""

_MOST: Final = 4
"""How many times the least rows a merged list may have."""


@dataclass(frozen=True, slots=True, eq=False)
class Hand:
    """One seller at work."""

    world: World
    least: int
    """The fewest rows he would sell."""
    loses_order: float
    """How often he shuffles what he puts together."""
    day: date
    rng: np.random.Generator


Act = Callable[[list[pl.DataFrame], Hand], pl.DataFrame | None]


def resell(act: str, lists: Sequence[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    """What a seller makes of one list or several; None where this act makes no sense with them."""
    return _ACTS[act](list(lists), hand)


def _subset(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    rows = lists[0]
    count = int(rows.height * hand.rng.uniform(0.3, 0.95))
    if count < hand.least:
        return None
    taken = hand.rng.choice(rows.height, count, replace=False)
    return rows[np.sort(taken) if hand.rng.random() < 0.7 else taken]


def _slice(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    rows = lists[0]
    count = int(rows.height * hand.rng.uniform(0.3, 0.9))
    if count < hand.least:
        return None
    return rows.slice(int(hand.rng.integers(rows.height - count + 1)), count)


def _filter(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    rows = lists[0]
    if "product" in rows.columns and hand.rng.random() < 0.5:
        kinds = rows["product"].unique().sort()
        chosen = hand.rng.choice(len(kinds), int(hand.rng.integers(1, max(2, len(kinds)))), replace=False)
        kept = rows.filter(pl.col("product").is_in(kinds.gather(np.sort(chosen)).to_list()))
    elif "limit" in rows.columns:
        sums = rows["limit"].cast(pl.Float64, strict=False)
        kept = rows.filter((sums >= sums.quantile(float(hand.rng.uniform(0.1, 0.6)))).fill_null(value=False))
    else:
        return None
    return kept if hand.least <= kept.height < 0.97 * rows.height else None


def _strangers(hand: Hand, columns: Sequence[str], count: int) -> pl.DataFrame:
    """Invented rows: half of all sellers copy the looks of a platform's, the others of all platforms'."""
    plan = LeakPlan({}, hand.day, tuple(columns), junk=count, seed=int(hand.rng.integers(2**31)))
    return leak(hand.world, plan).drop(TRUTH, PERSON).select(columns)


def _pad(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    rows = lists[0]
    count = int(rows.height * hand.rng.uniform(0.02, 0.3))
    return _mixed([rows, _strangers(hand, rows.columns, count)], hand)


def _append(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    """Yesterday's catch goes to the end of the file."""
    rows = lists[0]
    return pl.concat([rows, _strangers(hand, rows.columns, int(rows.height * hand.rng.uniform(0.02, 0.1)))])


def _merge(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    columns = [name for name in lists[0].columns if all(name in rows.columns for rows in lists)]
    whole = [name for name in ("national_id", "phone") if name in columns and not _starred(lists, name)]
    key = next(iter(whole), None)
    if key is None or len(columns) < 3 or sum(rows.height for rows in lists) > _MOST * 2 * hand.least:
        return None
    together = pl.concat([rows.select(columns) for rows in lists])
    if hand.rng.random() < 0.8:
        together = together.unique(subset=key, keep="first", maintain_order=True)
    # Who merges wants more people than he had: a list and its own part are not put together.
    return _mixed([together], hand) if together.height > 1.05 * max(rows.height for rows in lists) else None


def _starred(lists: list[pl.DataFrame], name: str) -> bool:
    return any(rows[name].head(50).str.contains("*", literal=True).fill_null(value=False).mean() or 0 for rows in lists)


def _mixed(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame:
    rows = pl.concat(lists)
    return rows[hand.rng.permutation(rows.height)] if hand.rng.random() < hand.loses_order else rows


def _drop(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    rows = lists[0]
    can_go = [name for name in rows.columns if name not in {"name", "phone"}]
    if len(rows.columns) < 4 or not can_go:
        return None
    gone = hand.rng.choice(len(can_go), min(len(can_go), int(hand.rng.integers(1, 3))), replace=False)
    return rows.drop([can_go[place] for place in gone])


def _mask(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    rows = lists[0]
    if "national_id" in rows.columns and hand.rng.random() < 0.5:
        return rows.with_columns(pl.col("national_id").str.replace(r"^(.{6}).{8}", "$1********"))
    return rows.with_columns(pl.col("phone").str.replace(r"^(.{3}).{4}", "$1****"))


def _reformat(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    del hand
    return lists[0]


def _sort(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    return lists[0].sort(str(hand.rng.choice(lists[0].columns)), maintain_order=True)


def _refresh(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    """The sums of some rows are brought up to date."""
    rows = lists[0]
    if "amount" not in rows.columns:
        return None
    fresh = pl.Series(np.round(hand.rng.uniform(0, 90_000, rows.height), 2)).cast(pl.String)
    some = pl.Series(hand.rng.random(rows.height) < 0.3)
    return rows.with_columns(amount=pl.when(some).then(fresh).otherwise(pl.col("amount")))


def _blank(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    rows = lists[0]
    name = str(hand.rng.choice([name for name in rows.columns if name != "phone"]))
    lost = pl.Series(hand.rng.random(rows.height) < 0.1)
    return rows.with_columns(pl.when(lost).then(None).otherwise(pl.col(name)).alias(name))


def _round(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    """A spreadsheet keeps fifteen digits of an identity number."""
    del hand
    rows = lists[0]
    if "national_id" not in rows.columns:
        return None
    return rows.with_columns(pl.col("national_id").str.replace(r"^(\d{15})\d{2}[\dX]$", "${1}000"))


def _twice(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    """Some rows stand twice, so that the list looks longer."""
    rows = lists[0]
    again = hand.rng.choice(rows.height, rows.height // 10, replace=False)
    return pl.concat([rows, rows[again]])


def _mark(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    """Every hundredth name is written another way: the seller's own mark."""
    rows = lists[0]
    marked = pl.Series(np.arange(rows.height) % 100 == int(hand.rng.integers(100)))
    return rows.with_columns(name=pl.when(marked).then(pl.col("name") + "子").otherwise(pl.col("name")))


def _truncate(lists: list[pl.DataFrame], hand: Hand) -> pl.DataFrame | None:
    del hand
    rows = lists[0]
    return rows.with_columns(pl.col("account").str.slice(0, 8)) if "account" in rows.columns else None


_ACTS: Final[dict[str, Act]] = {
    "subset": _subset, "slice": _slice, "filter": _filter, "pad": _pad, "append": _append, "merge": _merge,
    "drop": _drop, "mask": _mask, "reformat": _reformat, "sort": _sort, "refresh": _refresh, "blank": _blank,
    "round": _round, "twice": _twice, "mark": _mark, "truncate": _truncate,
}  # fmt: skip
