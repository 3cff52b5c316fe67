from __future__ import annotations

import numpy as np
import polars as pl

from tracer.demo.people import cities, names, national_ids, phones

Random = np.random.Generator


def people(seed: int, count: int) -> pl.DataFrame:
    """Invented customers: name, phone, ID, city, product and limit."""
    rng = np.random.default_rng(seed)
    person = rng.choice(10_000_000, count, replace=False).astype(np.int64)
    products = np.array(["消费贷", "信用贷", "公积金贷", "工薪贷", "车抵贷"])
    return pl.DataFrame(
        {
            "姓名": names(person, 7),
            "手机号": phones(person, 7),
            "身份证号": national_ids(person, 7),
            "城市": cities(person, 7),
            "产品": products[rng.integers(0, 5, count)],
            "额度": (rng.integers(4, 400, count) * 500).astype(str),
        }
    )


def mistyped(frame: pl.DataFrame, column: str, share: float, rng: Random) -> pl.DataFrame:
    """One wrong, missing, doubled or swapped character in a share of the cells."""
    cells = frame[column].to_list()
    for row in np.flatnonzero(rng.random(frame.height) < share):
        cells[row] = slip(cells[row], int(rng.integers(len(cells[row]))), int(rng.integers(4)))
    return frame.with_columns(pl.Series(column, cells))


def slip(text: str, place: int, kind: int) -> str:
    """The text with a slip at a place."""
    letter = text[place]
    made = ("", letter * 2, text[place + 1 : place + 2] + letter, "7" if letter != "7" else "1")[kind]
    return text[:place] + made + text[place + (2 if kind == 2 else 1) :]
