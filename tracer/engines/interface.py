"""What bulk work an engine does, wherever it runs."""

from __future__ import annotations

from typing import Protocol

import polars as pl


class Engine(Protocol):
    """Matches the tokens of a dump with the tokens of one platform."""

    name: str

    def match(self, sought: pl.DataFrame, registered: pl.DataFrame) -> pl.DataFrame:
        """Which rows of the dump carry which customer's token.

        Args:
            sought: `row` UInt32, `token` UInt64, ordered by token.
            registered: `person` UInt32, `token` UInt64 (further columns are ignored), ordered by token.

        Returns:
            `row` UInt32, `person` UInt32: every pair with an equal token. A pair comes twice where a record carries two
            numbers of one customer, or the customer had one number twice.
        """
        ...
