"""Invented customers of two countries, and what happens to records on their way: slips, masks, blanks, homophones."""

from __future__ import annotations

import numpy as np
import polars as pl

from tracer.demo.people import cities, names, national_ids, phones

Random = np.random.Generator

_FIRST = (
    *("james", "mary", "john", "patricia", "robert", "jennifer", "michael", "linda", "william", "elizabeth", "david"),
    *(
        "barbara",
        "richard",
        "susan",
        "joseph",
        "jessica",
        "thomas",
        "sarah",
        "charles",
        "karen",
        "christopher",
        "nancy",
    ),
    *("daniel", "lisa", "matthew", "betty", "anthony", "margaret", "mark", "sandra", "donald", "ashley", "steven"),
    *("kimberly", "paul", "emily", "andrew", "donna", "joshua", "michelle", "kenneth", "dorothy", "kevin", "carol"),
)
_LAST = (
    *("smith", "johnson", "williams", "brown", "jones", "garcia", "miller", "davis", "rodriguez", "martinez", "lopez"),
    *("hernandez", "gonzalez", "wilson", "anderson", "thomas", "taylor", "moore", "jackson", "martin", "lee", "perez"),
    *("thompson", "white", "harris", "sanchez", "clark", "ramirez", "lewis", "robinson", "walker", "young", "allen"),
    *("king", "wright", "scott", "torres", "nguyen", "hill", "flores", "green", "adams", "nelson", "baker", "hall"),
    *("rivera", "campbell", "mitchell", "carter", "roberts", "gomez", "phillips", "evans", "turner", "diaz", "parker"),
)
_STREETS = ("oak", "maple", "cedar", "pine", "elm", "lake", "hill", "walnut", "spring", "ridge", "church", "mill")
_PRODUCTS = ("消费贷", "信用贷", "公积金贷", "工薪贷", "装修贷", "小微贷", "车抵贷", "随心借")
HOMOPHONES = dict(zip("伟静丽军勇杰明芳华平", "维靖莉君永洁鸣方桦萍", strict=True))
TRADITIONAL = dict(zip("伟刘张陈杨赵吴孙马郑军强华丽静龙飞东", "偉劉張陳楊趙吳孫馬鄭軍強華麗靜龍飛東", strict=True))
WIDE = dict(zip("0123456789", "０１２３４５６７８９", strict=True))


def chinese(rng: Random, count: int) -> pl.DataFrame:
    """Customers of a mainland lender: name, phone, ID, city, and a loan."""
    person = rng.choice(50_000_000, count, replace=False).astype(np.int64)
    moment = np.datetime64("2023-01-01T00:00") + rng.integers(0, 900 * 1440, count).astype("timedelta64[m]")
    return pl.DataFrame(
        {
            "姓名": names(person, 7),
            "手机号": phones(person, 7),
            "身份证号": national_ids(person, 7),
            "城市": cities(person, 7),
            "产品": _chosen(rng, _PRODUCTS, count),
            "额度": (rng.integers(10, 600, count) * 500).astype(str),
            "申请时间": pl.Series(np.datetime_as_string(moment)).str.replace("T", " "),
        }
    )


def english(rng: Random, count: int) -> pl.DataFrame:
    """Customers somewhere in the English-speaking world; every postcode has one town."""
    born = np.datetime64("1940-01-01") + rng.integers(0, 22_000, count).astype("timedelta64[D]")
    place, house = rng.integers(0, 400, count), rng.integers(1, 300, count)
    streets = _chosen(rng, _STREETS, count)
    return pl.DataFrame(
        {
            "first_name": _chosen(rng, _FIRST, count),
            "last_name": _chosen(rng, _LAST, count),
            "date_of_birth": born.astype(str),
            "street": [f"{number} {street} street" for number, street in zip(house, streets, strict=True)],
            "town": [f"{_STREETS[one % 12]}ville {one // 12}" for one in place],
            "postcode": [f"{10_000 + 37 * one}" for one in place],
            "email": [f"u{number:x}@mail.example" for number in rng.choice(1 << 40, count, replace=False)],
        }
    )


def _chosen(rng: Random, words: tuple[str, ...], count: int) -> list[str]:
    """Words, the first ones most often."""
    weights = 1 / (np.arange(len(words)) + 4.0)
    return [words[place] for place in rng.choice(len(words), count, p=weights / weights.sum())]


def mistyped(frame: pl.DataFrame, rng: Random, share: float, columns: list[str]) -> pl.DataFrame:
    """One typing error in one of the columns, for a share of the records."""
    cells = {name: frame[name].to_list() for name in columns}
    for row in np.flatnonzero(rng.random(frame.height) < share):
        name = columns[int(rng.integers(len(columns)))]
        if cells[name][row]:
            cells[name][row] = _slip(cells[name][row], rng)
    return frame.with_columns(pl.Series(name, values, dtype=pl.String) for name, values in cells.items())


def _slip(text: str, rng: Random) -> str:
    """A character left out, put in, swapped with the next, or replaced."""
    alphabet = "0123456789" if text.isdigit() else ("伟静明强丽军" if ord(text[0]) > 0x3000 else "aeinrst")
    place, letter = int(rng.integers(len(text))), alphabet[int(rng.integers(len(alphabet)))]
    before, here, after = text[:place], text[place], text[place + 1 :]
    kind = int(rng.integers(4))
    if kind == 0 and len(text) > 2:
        return before + after
    if kind == 1:
        return before + letter + here + after
    if kind == 2 and after:
        return before + after[0] + here + after[1:]
    return before + letter + after


def rewritten(frame: pl.DataFrame, rng: Random, share: float, column: str, letters: dict[str, str]) -> pl.DataFrame:
    """Characters of a column replaced, in a share of the records."""
    hit = pl.Series(rng.random(frame.height) < share)
    written = pl.col(column).str.replace_many(list(letters), list(letters.values()))
    return frame.with_columns(pl.when(hit).then(written).otherwise(pl.col(column)).alias(column))


def blanked(frame: pl.DataFrame, rng: Random, share: float, column: str) -> pl.DataFrame:
    """A column left out of a share of the records."""
    hit = pl.Series(rng.random(frame.height) < share)
    return frame.with_columns(pl.when(~hit).then(pl.col(column)).alias(column))


def masked(frame: pl.DataFrame, column: str, head: int, tail: int, stars: str = "****") -> pl.DataFrame:
    """Stars for all but the ends of a column."""
    return frame.with_columns(pl.col(column).str.head(head) + stars + pl.col(column).str.tail(tail))
