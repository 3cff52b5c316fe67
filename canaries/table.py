"""A platform's table as canaries see it: text cells, and what each column means."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

PHONES: Final = ("phone", "masked_phone")
IDS: Final = ("national_id", "masked_id")
IDENTIFYING: Final = (*PHONES, *IDS, "name", "email", "bank_card", "account", "address")
"""Roles of columns that name a person: a canary never carries another person's cell of these."""
_PLAIN: Final = r"^1[0-9]{2}[0-9*]{4}[0-9]{4}$"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the platform's table."""

    name: str
    """Its header."""
    role: str
    """What it means, in the words of `luobo inspect`: name, phone, product, limit …"""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of text cells: column `ci` of the frame belongs to `fields[i]`; empty cells are null."""

    fields: tuple[Field, ...]
    frame: pl.DataFrame

    @property
    def rows(self) -> int:
        """How many records it holds."""
        return self.frame.height

    def cells(self, place: int) -> pl.Series:
        """The cells of one column."""
        return self.frame.to_series(place)

    def first(self, *roles: str) -> int | None:
        """The place of the first column with one of these roles."""
        return next((place for place, field in enumerate(self.fields) if field.role in roles), None)

    def sample(self, count: int, seed: int) -> Table:
        """At most `count` of its rows, drawn evenly, in random order."""
        wanted = min(count, self.rows)
        return Table(self.fields, self.frame.sample(wanted, shuffle=True, seed=seed % 2**63))


def phone_digits(cells: pl.Expr) -> pl.Expr:
    """Eleven characters of every mainland mobile number, `*` for hidden digits; null where there is none."""
    return cells.map_batches(_phones, return_dtype=pl.String, is_elementwise=True)


def _phones(cells: pl.Series) -> pl.Series:
    # Most numbers are written plainly, and reading the others takes twenty times as long.
    odd = (~cells.str.contains(_PLAIN)).arg_true()
    return cells.scatter(odd, _read(cells.gather(odd))) if len(odd) else cells


def _read(cells: pl.Series) -> pl.Series:
    stars = cells.str.normalize("NFKC").str.replace_all(r"[xX#•●○■□×＊]", "*")
    bare = stars.str.replace_all(r"[^0-9*]", "").str.replace(r"^(?:0086|86|0)(1[0-9*])", "${1}")
    short = bare.str.replace(r"^(1[0-9]{2})\*+([0-9]{4})$", "${1}****${2}")
    return short.set(~short.str.contains(r"^1[0-9*]{10}$"), None)
