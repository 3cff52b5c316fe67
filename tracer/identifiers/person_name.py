"""Personal names: one writing for each, and whether a text looks like one."""

from __future__ import annotations

import polars as pl

from tracer.identifiers.mask import mask_any
from tracer.identifiers.sieve import sift
from tracer.identifiers.surnames import COMPOUND, NEVER_LAST, NOT_NAMES, SINGLE
from tracer.identifiers.text import tidy

DOT = "·"
"""The middle dot (U+00B7) between the parts of Uyghur, Kazakh, Tibetan and translated names (GB/T 15834-2011)."""

_PLAIN = r"^[\u4E00-\u9FFF]{1,8}$"
_DOTS = "[·•・‧∙⋅●.]"
_HAN = r"^[\p{Han} ]+$"
_HAN_DOTTED = rf"^\p{{Han}}[\p{{Han}} ]*(?: ?{_DOTS} ?\p{{Han}}[\p{{Han}} ]*)+$"
_ONE = "[" + "".join(sorted(set(SINGLE))) + "]"
_TWO = "(?:" + "|".join(COMPOUND) + ")"
_GIVEN_END = rf"[\p{{Han}}--[{NEVER_LAST}]]"
_FULL = rf"^(?:{_ONE}\p{{Han}}{{0,2}}{_GIVEN_END}|{_TWO}\p{{Han}}?{_GIVEN_END})$"
_PARTS = r"^\p{Han}{1,12}(?:·\p{Han}{1,12}){1,4}$"
_WORD = r"\p{Latin}[\p{Latin}\p{M}'’.-]*"
_LATIN = rf"^{_WORD}(?: {_WORD}){{1,4}}$"


def normalise(e: pl.Expr) -> pl.Expr:
    """A name in one writing: Han names without spaces and with `·` between their parts, Latin names in capitals.

    Text that is no name is tidied and kept: whether it is one is for `valid` to say. Empty text becomes null.
    """
    return sift(e, lambda cell: pl.when(cell.str.contains(_PLAIN)).then(cell), _written)


def valid(e: pl.Expr) -> pl.Expr:
    """Whether a text looks like somebody's name; null stays null.

    Han: a known surname and two to four characters in all, or two to five parts with `·` between them. Latin: two to
    five words. It is a guess about a text; a column is called names when most of its values look like one.
    """
    name = normalise(e)
    han = name.str.contains(_FULL) & ~name.is_in(NOT_NAMES)
    parts = name.str.contains(_PARTS) | name.str.contains(_LATIN)
    return pl.when(e.is_not_null()).then((han | parts).fill_null(False))


def mask(e: pl.Expr) -> pl.Expr:
    """`张**`: the first character of a normal form, whatever its length; of a single character nothing is shown."""
    return pl.when(e.str.len_chars() > 1).then(e.str.slice(0, 1) + "**").otherwise(mask_any(e))


def surname(e: pl.Expr) -> pl.Expr:
    """The surname of a Han name in normal form, two characters for compound ones.

    Null where the order of the parts does not tell: names with a middle dot, Latin names, and unknown surnames.
    """
    compound = e.str.extract(rf"^({_TWO})\p{{Han}}{{1,2}}$", 1)
    return pl.coalesce(compound, e.str.extract(rf"^({_ONE})\p{{Han}}{{1,3}}$", 1))


def _written(cell: pl.Expr) -> pl.Expr:
    text = tidy(cell)
    return sift(text, _han, _latin)


def _han(text: pl.Expr) -> pl.Expr:
    joined = text.str.replace_all(" ", "", literal=True)
    return (
        pl.when(text.str.contains(_HAN)).then(joined)
        .when(text.str.contains(_HAN_DOTTED)).then(joined.str.replace_all(_DOTS, DOT))
    )  # fmt: skip


def _latin(text: pl.Expr) -> pl.Expr:
    # Capitals as in a passport (ICAO Doc 9303). Tidied again: a capital may be composed of other parts.
    return tidy(text.str.to_uppercase())
