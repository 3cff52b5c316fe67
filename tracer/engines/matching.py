"""The join at the heart of a trace, the same on every engine."""

from __future__ import annotations

import polars as pl


def match(sought: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
    """Which rows of a dump carry which customer's token.

    Both sides are ordered by token, so they are merged: nothing is hashed, and a platform's millions are passed once.

    Args:
        sought: `row` UInt32, `token` UInt64, ordered by token.
        registered: `person` UInt32, `token` UInt64 (further columns are ignored), ordered by token.

    Returns:
        `row` UInt32, `person` UInt32: every pair with an equal token. A pair comes twice where a record carries two
        numbers of one customer, or the customer had one number twice.
    """
    held = registered.select("token", "person").set_sorted("token")
    return sought.set_sorted("token").join(held, on="token", how="inner").select("row", "person")
