"""Accounts by which somebody is known to a service: QQ numbers, WeChat ids, user names."""

from __future__ import annotations

import polars as pl

from tracer.identifiers.mask import HIDDEN, mask_any
from tracer.identifiers.sieve import sift
from tracer.identifiers.text import tidy

_NORMAL = r"^[!-@\[-~]+$"  # ASCII without capitals and spaces
_QQ = r"[1-9][0-9]{4,10}"
_WECHAT = r"[a-z][-_a-z0-9]{5,19}"
_USER_NAME = r"[a-z0-9._-]*[a-z][a-z0-9._-]*"
_VALID = f"^(?:{_QQ}|{_WECHAT}|{_USER_NAME})$"
_SHORTEST, _LONGEST = 3, 32


def normalise(e: pl.Expr) -> pl.Expr:
    """NFKC, trimmed, lower-case (WeChat, QQ and most services do not tell capitals apart)."""
    return sift(e, lambda cell: pl.when(cell.str.contains(_NORMAL)).then(cell), _written)


def valid(e: pl.Expr) -> pl.Expr:
    """Whether a text is a QQ number, a WeChat id or a user name (3 to 32 of a-z 0-9 . _ -, one letter at least).

    Null stays null. A mobile number is a possible QQ number: columns are told apart by what is tried first.
    """
    account = normalise(e)
    fits = account.str.contains(_VALID) & account.str.len_bytes().is_between(_SHORTEST, _LONGEST)
    return pl.when(e.is_not_null()).then(fits.fill_null(False))


def mask(e: pl.Expr) -> pl.Expr:
    """`ab***`: the first two characters of a normal form; of four characters or fewer nothing is shown."""
    return pl.when(e.str.len_chars() > 4).then(e.str.slice(0, 2) + HIDDEN).otherwise(mask_any(e))


def _written(cell: pl.Expr) -> pl.Expr:
    # Tidied twice: a lower-case letter may be composed of parts that its capital was not.
    return tidy(tidy(cell).str.to_lowercase())
