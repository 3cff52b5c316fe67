"""Faker's idea of the same table, for comparison: what canaries would be if nobody had learnt from the customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import polars as pl

from canaries.errors import CanaryFault
from canaries.table import Table


def foil(table: Table, count: int, seed: int) -> pl.DataFrame:
    """Rows by Faker (zh_CN) in the columns of a table; what it has no word for is drawn from the table's values.

    Raises:
        CanaryFault: Faker is missing.
    """
    try:
        from faker import Faker  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise CanaryFault("the comparison needs the package Faker", hint="pip install 'luobo[audit]'") from None
    made = Faker("zh_CN")
    made.seed_instance(seed)
    rng = np.random.default_rng(seed)
    columns = {}
    for place, one in enumerate(table.fields):
        draw = _WORDS.get(one.role)
        if draw is not None:
            cells = [draw(made) for _ in range(count)]
        else:
            values = table.cells(place).unique().to_list()
            cells = [values[at] for at in rng.integers(0, len(values), count)]
        columns[f"c{place}"] = pl.Series(cells, dtype=pl.String)
    return pl.DataFrame(columns)


_WORDS: Final[dict[str, Callable[[Any], str]]] = {
    "name": lambda fake: str(fake.name()),
    "phone": lambda fake: str(fake.phone_number()),
    "masked_phone": lambda fake: _masked(str(fake.phone_number())),
    "national_id": lambda fake: str(fake.ssn()),
    "email": lambda fake: str(fake.email()),
    "address": lambda fake: str(fake.address()),
    "account": lambda fake: str(fake.user_name()),
    "limit": lambda fake: str(fake.random_int(1000, 200_000)),
    "amount": lambda fake: f"{fake.random_int(100, 20_000_000) / 100:.2f}",
    "date": lambda fake: str(fake.date_this_decade()),
    "datetime": lambda fake: f"{fake.date_time_this_decade():%Y-%m-%d %H:%M}",
    "age": lambda fake: str(fake.random_int(18, 80)),
    "sex": lambda fake: str(fake.random_element(("男", "女"))),
}


def _masked(number: str) -> str:
    return f"{number[:3]}****{number[7:]}"
