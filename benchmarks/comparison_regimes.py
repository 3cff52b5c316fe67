"""`luobo trace --against` on invented tables with known truth: other columns, other damage, and strangers.

    python benchmarks/comparison_regimes.py [--seeds N]

Every regime draws people, gives a table to a platform, copies some of its rows into a dump, adds strangers of the same
population, and damages the dump. Printed are recall and precision of the linked rows, and what a dump of nothing but
strangers yields. Nothing in the product knows these regimes. Results: `benchmarks/results/comparison_regimes.md`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
import polars as pl

from tracer import compare
from tracer.demo.people import cities, names, national_ids, phones

RESULTS = Path(__file__).parent / "results"
Random = np.random.Generator
Cells = list[str | None]

FIRST = (
    "james mary john patricia robert jennifer michael linda william elizabeth david barbara richard susan joseph jessica "
    "thomas sarah charles karen christopher nancy daniel lisa matthew betty anthony margaret mark sandra donald ashley "
    "steven kimberly paul emily andrew donna joshua michelle kenneth dorothy kevin carol brian amanda george melissa"
).split()
LAST = (
    "smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson "
    "thomas taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young "
    "allen king wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter "
    "roberts gomez phillips evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook rogers"
).split()
STREETS = (
    "oak maple cedar pine elm washington lake hill walnut spring north ridge church willow mill river park".split()
)
HOMOPHONES = {
    "伟": "维",
    "静": "靖",
    "丽": "莉",
    "军": "君",
    "勇": "永",
    "杰": "洁",
    "明": "鸣",
    "芳": "方",
    "华": "桦",
    "平": "萍",
}
TRADITIONAL = {"伟": "偉", "刘": "劉", "张": "張", "陈": "陳", "杨": "楊", "赵": "趙", "吴": "吳", "孙": "孫", "马": "馬", "郑": "鄭",
               "军": "軍", "强": "強", "华": "華", "丽": "麗", "静": "靜", "娟": "娟", "龙": "龍", "飞": "飛", "东": "東"}  # fmt: skip


def zipf(rng: Random, words: list[str], count: int) -> Cells:
    weights = 1 / (np.arange(len(words)) + 4.0)
    return [words[place] for place in rng.choice(len(words), count, p=weights / weights.sum())]


def chinese(rng: Random, count: int) -> pl.DataFrame:
    person = rng.choice(50_000_000, count, replace=False).astype(np.int64)
    limit = rng.choice(np.arange(10, 600), count) * 500
    return pl.DataFrame(
        {
            "姓名": names(person, 7),
            "手机号": phones(person, 7),
            "身份证号": national_ids(person, 7),
            "城市": cities(person, 7),
            "产品": zipf(
                rng, ["消费贷", "信用贷", "公积金贷", "工薪贷", "装修贷", "小微贷", "车抵贷", "随心借"], count
            ),
            "额度": limit.astype(str),
            "申请时间": [str(t)[:16].replace("T", " ") for t in moments(rng, count)],
        }
    )


def moments(rng: Random, count: int) -> np.ndarray:
    return np.datetime64("2023-01-01T00:00") + rng.integers(0, 900 * 1440, count).astype("timedelta64[m]")


def english(rng: Random, count: int) -> pl.DataFrame:
    born = np.datetime64("1940-01-01") + rng.integers(0, 22_000, count).astype("timedelta64[D]")
    post = rng.integers(0, 400, count)
    return pl.DataFrame(
        {
            "first_name": zipf(rng, FIRST, count),
            "last_name": zipf(rng, LAST, count),
            "date_of_birth": born.astype(str),
            "street": [
                f"{n} {s} street" for n, s in zip(rng.integers(1, 300, count), zipf(rng, STREETS, count), strict=True)
            ],
            "town": [f"{STREETS[p % 17]}ville {p // 17}" for p in post],
            "postcode": [f"{10_000 + 37 * p}" for p in post],
            "email": [f"u{n:x}@mail.example" for n in rng.choice(1 << 40, count, replace=False)],
        }
    )


def mistyped(text: str, rng: Random, alphabet: str) -> str:
    place, kind = int(rng.integers(len(text))), int(rng.integers(4))
    letter = alphabet[int(rng.integers(len(alphabet)))]
    if kind == 0:
        return text[:place] + text[place + 1 :] if len(text) > 2 else text + letter
    if kind == 1:
        return text[:place] + letter + text[place:]
    if kind == 2 and place + 1 < len(text):
        return text[:place] + text[place + 1] + text[place] + text[place + 2 :]
    return text[:place] + letter + text[place + 1 :]


def damaged(frame: pl.DataFrame, rng: Random, share: float, columns: list[str]) -> pl.DataFrame:
    """One typing error in one of the columns of a share of the rows."""
    cells = {name: frame[name].to_list() for name in columns}
    for row in np.flatnonzero(rng.random(frame.height) < share):
        name = columns[int(rng.integers(len(columns)))]
        text = cells[name][row]
        if text:
            alphabet = "0123456789" if text.isdigit() else ("伟静明强丽军" if ord(text[0]) > 0x3000 else "aeinrst")
            cells[name][row] = mistyped(text, rng, alphabet)
    return frame.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in cells.items())


def swapped(frame: pl.DataFrame, rng: Random, column: str, share: float, letters: dict[str, str]) -> pl.DataFrame:
    """A share of the rows with characters replaced."""
    cells = [
        "".join(letters.get(letter, letter) for letter in text) if text and rng.random() < share else text
        for text in frame[column].to_list()
    ]
    return frame.with_columns(pl.Series(column, cells, dtype=pl.String))


def missing(frame: pl.DataFrame, rng: Random, column: str, share: float) -> pl.DataFrame:
    gone = pl.Series(rng.random(frame.height) < share)
    return frame.with_columns(pl.when(gone).then(None).otherwise(pl.col(column)).alias(column))


def wide(frame: pl.DataFrame, rng: Random, column: str, share: float) -> pl.DataFrame:
    return swapped(frame, rng, column, share, {str(d): "０１２３４５６７８９"[d] for d in range(10)})


def masked(frame: pl.DataFrame, column: str, head: int, tail: int, stars: str = "****") -> pl.DataFrame:
    return frame.with_columns(pl.col(column).str.head(head) + stars + pl.col(column).str.tail(tail))


Damage = Callable[[pl.DataFrame, Random], pl.DataFrame]


@dataclass(frozen=True)
class Regime:
    name: str
    people: Callable[[Random, int], pl.DataFrame]
    columns: tuple[str, ...]
    damage: Damage
    table: int = 50_000
    true: int = 5_000
    strangers: int = 5_000
    recall: float = 0.95
    precision: float = 0.999


def heavy(frame: pl.DataFrame, rng: Random) -> pl.DataFrame:
    frame = damaged(frame, rng, 0.25, ["姓名", "手机号", "身份证号"])
    frame = swapped(frame, rng, "姓名", 0.1, HOMOPHONES)
    frame = swapped(frame, rng, "姓名", 0.2, TRADITIONAL)
    frame = wide(frame, rng, "手机号", 0.2)
    return missing(missing(frame, rng, "手机号", 0.2), rng, "身份证号", 0.2)


def english_damage(frame: pl.DataFrame, rng: Random) -> pl.DataFrame:
    frame = damaged(frame, rng, 0.5, ["first_name", "last_name", "street", "town", "date_of_birth"])
    frame = damaged(frame, rng, 0.3, ["first_name", "last_name", "street", "postcode"])
    for column in ("first_name", "town", "date_of_birth", "street"):
        frame = missing(frame, rng, column, 0.1)
    return frame


NAME_PHONE, ALL = ("姓名", "手机号"), ("姓名", "手机号", "身份证号", "城市")
CLAIMS = ("产品", "额度", "申请时间")
REGIMES = (
    Regime("name, masked phone", chinese, NAME_PHONE, lambda f, _: masked(f, "手机号", 3, 4), recall=0.98),
    Regime("name, masked phone, 25 % with a typing error", chinese, NAME_PHONE,
           lambda f, r: masked(damaged(f, r, 0.25, ["姓名", "手机号"]), "手机号", 3, 4), recall=0.9),
    Regime("name, last four of the phone, city", chinese, ("姓名", "手机号", "城市"), lambda f, _: masked(f, "手机号", 0, 4, "*******"), recall=0.9),
    Regime("name, phone, ID, 25 % with a typing error", chinese, ALL, lambda f, r: damaged(f, r, 0.25, ["姓名", "手机号", "身份证号"]), recall=0.98),
    Regime("phone alone, 25 % with a typing error", chinese, ("手机号",), lambda f, r: damaged(f, r, 0.25, ["手机号"])),
    Regime("ID alone, 25 % with a typing error", chinese, ("身份证号",), lambda f, r: damaged(f, r, 0.25, ["身份证号"])),
    Regime("heavy: typing errors, homophones, traditional, full-width, a fifth missing", chinese, ALL, heavy),
    Regime("masked name 张**, masked ID, city", chinese, ("姓名", "身份证号", "城市"),
           lambda f, _: masked(masked(f, "身份证号", 6, 4, "********"), "姓名", 1, 0, "**")),
    Regime("name, city, claims only", chinese, ("姓名", "城市", *CLAIMS), lambda f, _: f),
    Regime("name, phone and claims, small", chinese, (*NAME_PHONE, *CLAIMS), lambda f, r: damaged(f, r, 0.1, ["姓名", "手机号"]), 2_000, 60, 40),
    Regime("English, without e-mail", english, ("first_name", "last_name", "date_of_birth", "street", "town", "postcode"), english_damage),
    Regime("English, masked e-mail and names", english, ("first_name", "last_name", "email"),
           lambda f, _: f.with_columns(pl.col("email").str.replace(r"^(.).*@", "$1***@"))),
    Regime("English, dates of birth as day/month/year", english, ("last_name", "date_of_birth", "postcode"),
           lambda f, _: f.with_columns(pl.col("date_of_birth").str.replace(r"(\d+)-(\d+)-(\d+)", "$3.$2.$1"))),
)  # fmt: skip
"""Bars are what a well-kept table of these columns must reach; names and cities alone name nobody."""


def trial(regime: Regime, seed: int, *, null: bool) -> dict[str, object]:
    rng = np.random.default_rng(seed)
    strangers = regime.strangers + (regime.true if null else 0)
    drawn = regime.people(rng, regime.table + strangers)
    table = drawn.head(regime.table)
    row = np.arange(regime.table + strangers)
    true = np.empty(0, int) if null else rng.choice(regime.table, regime.true, replace=False)
    order = rng.permutation(np.concatenate([true, row[regime.table :]]))
    dump = regime.damage(drawn.select(regime.columns)[order], rng)
    begun = perf_counter()
    found = compare(dump, table)
    rows = found.rows
    seconds = perf_counter() - begun
    linked = rows.filter(pl.col("table_row").is_not_null())
    right = int((pl.Series(order).gather(linked["row"]) == linked["table_row"].cast(pl.Int64)).sum())
    source = found.to_dict()["sources"][0]
    return {
        "regime": regime.name,
        "seed": seed,
        "null": null,
        "true": int(true.size),
        "linked": linked.height,
        "right": right,
        "verdict": source["verdict"],
        "rows": source["rows"],
        "rows_high": source["rows_high"],
        "seconds": round(seconds, 2),
    }


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("--seeds", type=int, default=2)
    asked.add_argument("--only", default="")
    given = asked.parse_args()
    told = []
    for regime in REGIMES:
        if given.only in regime.name:
            for null in (False, True):
                trials = [trial(regime, 1 + seed, null=null) for seed in range(given.seeds)]
                told += trials
                print(summary(regime, trials), file=sys.stderr, flush=True)
    if not given.only:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "comparison_regimes.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", "utf-8")
        (RESULTS / "comparison_regimes.md").write_text(table(told, given.seeds), "utf-8")
    return 0


def summary(regime: Regime, trials: list[dict[str, object]]) -> str:
    true, linked, right = (sum(int(str(one[name])) for one in trials) for name in ("true", "linked", "right"))
    verdicts = ",".join(sorted({str(one["verdict"]) for one in trials}))
    seconds = max(float(str(one["seconds"])) for one in trials)
    if not true:
        return f"  null {regime.name}: {linked} false links; {verdicts}; {seconds} s"
    return f"{regime.name}: recall {right / true:.4f} precision {right / max(1, linked):.5f}; {verdicts}; {seconds} s"


def table(told: list[dict[str, object]], seeds: int) -> str:
    lines = [
        "# A dump beside a clear table: invented regimes",
        "",
        f"`python benchmarks/comparison_regimes.py --seeds {seeds}`. Half of every dump are strangers of the same population;",
        "the last column is a dump of nothing but strangers, links over records.",
        "",
        "| regime | recall | precision | verdict | strangers linked |",
        "|---|---|---|---|---|",
    ]
    for regime in REGIMES:
        mine = [one for one in told if one["regime"] == regime.name]
        true, linked, right = (
            sum(int(str(one[name])) for one in mine if not one["null"]) for name in ("true", "linked", "right")
        )
        false = sum(int(str(one["linked"])) for one in mine if one["null"])
        verdicts = ", ".join(sorted({str(one["verdict"]) for one in mine if not one["null"]}))
        total = (regime.true + regime.strangers) * seeds
        lines.append(
            f"| {regime.name} | {right / max(1, true):.4f} | {right / max(1, linked):.5f} | {verdicts} | {false} of {total:,} |"
        )
    return "\n".join([*lines, ""])


if __name__ == "__main__":
    sys.exit(main())
