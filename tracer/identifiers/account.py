"""Accounts by which somebody is known to a service: QQ numbers, WeChat ids, user names.

Some are given out by the service, and say which service it is. Others are the person's own, chosen or brought along,
and may be the same with all of them.
"""

from __future__ import annotations

from typing import Final

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
_OF_A_PERSON: Final = r"^wxid_|1[3-9][0-9]{9}|[0-9]{17}[0-9x]|^(?:[0-9a-f]{16}|[0-9a-f]{32})$"
"""WeChat's own ids, and what is made of a phone or ID number: as it stands, or as its MD5 or half of that."""
_CODE: Final = r"^[0-9._-]*[a-z].*[0-9]|^[0-9._-]*[0-9][0-9._-]*[a-z]"
"""Letters and digits."""
_RUNS: Final = ("[0-9]+", "[0-9a-f]{6,}")
"""What varies in names of one form, in length as well."""
_FEWEST: Final = 5
_NEARLY_ALL: Final = 0.95


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


def issued(names: pl.Series) -> bool:
    """Whether account names are of one form, as those are that a service gives out.

    Names that people choose are of many lengths. Nobody can tell from its form alone whether a code was made of
    something that other services know as well; what is seen to be is not taken for issued.

    Args:
        names: normal forms; null is none.
    """
    told = names.drop_nulls().unique().to_frame("name")
    if told.height < _FEWEST:
        return False
    name = pl.col("name")
    code = name.str.contains(_CODE) & ~name.str.contains(_OF_A_PERSON)
    forms = name.str.len_chars().cast(pl.String), *(name.str.replace_all(run, "0") for run in _RUNS)
    alike = [pl.when(code).then(form).drop_nulls().unique_counts().max().alias(str(n)) for n, form in enumerate(forms)]
    return max((one or 0 for one in told.select(alike).row(0)), default=0) >= _NEARLY_ALL * told.height


def mask(e: pl.Expr) -> pl.Expr:
    """`ab***`: the first two characters of a normal form; of four characters or fewer nothing is shown."""
    return pl.when(e.str.len_chars() > 4).then(e.str.slice(0, 2) + HIDDEN).otherwise(mask_any(e))


def _written(cell: pl.Expr) -> pl.Expr:
    # Tidied twice: a lower-case letter may be composed of parts that its capital was not.
    return tidy(tidy(cell).str.to_lowercase())
