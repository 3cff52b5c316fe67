"""`luobo trace --against` on invented tables with known truth: other columns, other damage, and strangers.

    python benchmarks/comparison_regimes.py [--seeds N] [--only WORDS]

In every regime people are drawn, a platform gets some of them as its table, and a dump has rows of the table and
strangers of the same population, damaged in the regime's way. Printed are recall and precision of the linked rows, how
often the interval of the rows holds their true number, and what a dump of nothing but strangers yields.
Results: `benchmarks/results/comparison_regimes.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl
from comparison_world import (
    HOMOPHONES,
    TRADITIONAL,
    WIDE,
    Random,
    blanked,
    chinese,
    english,
    masked,
    mistyped,
    rewritten,
)

from tracer import compare

RESULTS = Path(__file__).parent / "results"


@dataclass(frozen=True)
class Regime:
    """One kind of dump."""

    name: str
    people: Callable[[Random, int], pl.DataFrame]
    columns: tuple[str, ...]
    damage: Callable[[pl.DataFrame, Random], pl.DataFrame]
    table: int = 50_000
    true: int = 5_000
    strangers: int = 5_000


@dataclass(frozen=True)
class Trial:
    """What one comparison found."""

    regime: str
    seed: int
    true: int
    records: int
    linked: int
    right: int
    verdict: str
    rows: int
    held: bool
    """Whether the interval of the records about people in the table holds their number."""
    seconds: float


def heavy(frame: pl.DataFrame, rng: Random) -> pl.DataFrame:
    """Everything at once, at rates that nobody would call clean."""
    frame = mistyped(frame, rng, 0.25, ["姓名", "手机号", "身份证号"])
    frame = rewritten(frame, rng, 0.1, "姓名", HOMOPHONES)
    frame = rewritten(frame, rng, 0.2, "姓名", TRADITIONAL)
    frame = rewritten(frame, rng, 0.2, "手机号", WIDE)
    return blanked(blanked(frame, rng, 0.2, "手机号"), rng, 0.2, "身份证号")


def english_damage(frame: pl.DataFrame, rng: Random) -> pl.DataFrame:
    """Up to two slips a record and a tenth of four columns blank."""
    frame = mistyped(frame, rng, 0.5, ["first_name", "last_name", "street", "town", "date_of_birth"])
    frame = mistyped(frame, rng, 0.3, ["first_name", "last_name", "street", "postcode"])
    for column in ("first_name", "town", "date_of_birth", "street"):
        frame = blanked(frame, rng, 0.1, column)
    return frame


def slips(*columns: str, share: float = 0.25) -> Callable[[pl.DataFrame, Random], pl.DataFrame]:
    """A typing error in one of the columns."""
    return lambda frame, rng: mistyped(frame, rng, share, list(columns))


def clean(frame: pl.DataFrame, _rng: Random) -> pl.DataFrame:
    """As it was."""
    return frame


NAME_PHONE, ALL = ("姓名", "手机号"), ("姓名", "手机号", "身份证号", "城市")
LOAN = ("产品", "额度", "申请时间")
ADDRESS = ("first_name", "last_name", "date_of_birth", "street", "town", "postcode")
REGIMES = (
    Regime("name, masked phone", chinese, NAME_PHONE, lambda f, _: masked(f, "手机号", 3, 4)),
    Regime(
        "name, masked phone, 25 % with a typing error",
        chinese,
        NAME_PHONE,
        lambda f, r: masked(mistyped(f, r, 0.25, ["姓名", "手机号"]), "手机号", 3, 4),
    ),
    Regime(
        "name, last four of the phone, city",
        chinese,
        ("姓名", "手机号", "城市"),
        lambda f, _: masked(f, "手机号", 0, 4, "*" * 7),
    ),
    Regime("name, phone, ID, 25 % with a typing error", chinese, ALL, slips("姓名", "手机号", "身份证号")),
    Regime("phone alone, 25 % with a typing error", chinese, ("手机号",), slips("手机号")),
    Regime("ID alone, 25 % with a typing error", chinese, ("身份证号",), slips("身份证号")),
    Regime("typing errors, homophones, traditional, full-width, a fifth blank", chinese, ALL, heavy),
    Regime(
        "masked name 张**, masked ID, city",
        chinese,
        ("姓名", "身份证号", "城市"),
        lambda f, _: masked(masked(f, "身份证号", 6, 4, "*" * 8), "姓名", 1, 0, "**"),
    ),
    Regime("name and city alone", chinese, ("姓名", "城市"), clean),
    Regime("name, city and the loan", chinese, ("姓名", "城市", *LOAN), clean),
    Regime("60 records: name, phone, the loan", chinese, (*NAME_PHONE, *LOAN), slips(*NAME_PHONE), 2_000, 60, 40),
    Regime("2 % of the dump are in the table", chinese, ALL, heavy, 50_000, 200, 9_800),
    Regime("98 % of the dump are in the table", chinese, ALL, heavy, 50_000, 9_800, 200),
    Regime("English: names, birth date, address; 65 % damaged", english, ADDRESS, english_damage),
    Regime(
        "English: names, masked e-mail",
        english,
        ("first_name", "last_name", "email"),
        lambda f, _: f.with_columns(pl.col("email").str.replace(r"^(.).*@", "$1***@")),
    ),
    Regime(
        "English: name, birth date as day.month.year, postcode",
        english,
        ("last_name", "date_of_birth", "postcode"),
        lambda f, _: f.with_columns(pl.col("date_of_birth").str.replace(r"(\d+)-(\d+)-(\d+)", "$3.$2.$1")),
    ),
)


def trial(regime: Regime, seed: int, *, null: bool) -> Trial:
    """Draw a world, compare, and judge."""
    rng = np.random.default_rng(seed)
    true, strangers = (0, regime.true + regime.strangers) if null else (regime.true, regime.strangers)
    drawn = regime.people(rng, regime.table + strangers)
    table = drawn.head(regime.table)
    taken = rng.choice(regime.table, true, replace=False)
    order = rng.permutation(np.concatenate([taken, regime.table + np.arange(strangers)]))
    dump = regime.damage(drawn.select(regime.columns)[order], rng)
    begun = perf_counter()
    found = compare(dump, table)
    rows = found.rows
    seconds = perf_counter() - begun
    linked = rows.filter(pl.col("table_row").is_not_null())
    right = int((pl.Series(order).gather(linked["row"]) == linked["table_row"].cast(pl.Int64)).sum())
    (source,) = found.found
    held = found.dump.records - found.unknown.rows_high <= true <= source.rows_high
    return Trial(
        regime.name,
        seed,
        true,
        dump.height,
        linked.height,
        right,
        source.verdict.value,
        round(source.rows),
        bool(held),
        round(seconds, 2),
    )


def line(regime: Regime, trials: list[Trial]) -> str:
    """One regime as a row of the table."""
    real, null = [one for one in trials if one.true], [one for one in trials if not one.true]
    true, linked, right = (sum(getattr(one, name) for one in real) for name in ("true", "linked", "right"))
    precision = f"{right / linked:.5f}" if linked else "–"
    verdicts = ", ".join(sorted({one.verdict for one in real}))
    error = max(abs(one.rows - one.true) / one.true for one in real)
    false, records = sum(one.linked for one in null), sum(one.records for one in null)
    nothing = ", ".join(sorted({one.verdict for one in null}))
    return (
        f"| {regime.name} | {right / true:.4f} | {precision} | {verdicts} | {error:.2%} "
        f"| {sum(one.held for one in real)} of {len(real)} | {false} of {records:,} | {nothing} |"
    )


def main() -> int:
    """Run all regimes and write the table."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--only", default="")
    given = asked.parse_args()
    told: list[Trial] = []
    lines = [
        "# A dump beside a clear table: invented regimes",
        "",
        f"`python benchmarks/comparison_regimes.py --seeds {given.seeds}`. Tables of 50,000 rows, dumps of 10,000",
        "records, half of them strangers of the same population, unless the regime says otherwise. The last two",
        "columns are dumps of nothing but strangers: how many were linked to somebody, and the verdict.",
        "",
        "| regime | recall | precision | verdict | most error of rows | interval holds | strangers linked | verdict |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for regime in REGIMES:
        if given.only in regime.name:
            seeds = range(1, given.seeds + 1)
            trials = [trial(regime, seed, null=null) for null in (False, True) for seed in seeds]
            told += trials
            lines.append(line(regime, trials))
            print(lines[-1], max(one.seconds for one in trials), file=sys.stderr, flush=True)
    if not given.only:
        RESULTS.mkdir(exist_ok=True)
        text = json.dumps([asdict(one) for one in told], ensure_ascii=False, indent=1)
        (RESULTS / "comparison_regimes.json").write_text(text + "\n", "utf-8")
        (RESULTS / "comparison_regimes.md").write_text("\n".join([*lines, ""]), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
