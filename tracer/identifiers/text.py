"""Text without its accidents: the same words give the same characters, however they were typed."""

from __future__ import annotations

import polars as pl

from tracer.identifiers.sieve import sift

# Nothing here that NFKC (Unicode Standard Annex 15), trimming or the removal of unseen characters would change.
_PLAIN = r"^[!-~·\u4E00-\u9FFF]+(?: [!-~·\u4E00-\u9FFF]+)*$"
# Controls, format characters (zero width, bidirectional, soft hyphen, byte order mark), variation selectors, the
# combining grapheme joiner and the Hangul fillers; white space among them is kept, for it parts words.
_UNSEEN = (
    r"[[\p{Cc}\p{Cf}\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180F\u3164\uFE00-\uFE0F\uFFA0\x{E0100}-\x{E01EF}]--[\s]]"
)


def tidy(e: pl.Expr) -> pl.Expr:
    """Text in NFKC, without unseen characters, trimmed, with single spaces; empty text becomes null.

    Every kind of white space (no-break, ideographic, tab, line break) counts as a space.
    """
    return sift(e, lambda cell: pl.when(cell.str.contains(_PLAIN)).then(cell), _tidied)


def _tidied(cell: pl.Expr) -> pl.Expr:
    # Unseen characters go first: taken out afterwards, they would leave pairs that NFKC had still to compose.
    spaced = cell.str.replace_all(_UNSEEN, "").str.normalize("NFKC").str.replace_all(r"\s+", " ").str.strip_chars(" ")
    return pl.when(spaced.str.len_bytes() > 0).then(spaced)


def compact(e: pl.Expr) -> pl.Expr:
    """`e` without the marks people set between digits (spaces, dashes, brackets) and with plain digits and signs."""
    return e.str.replace_many(_MARKS, _PLAIN_MARKS)


def starred(e: pl.Expr) -> pl.Expr:
    """`e` with `*` for every character that people write for a hidden one."""
    return e.str.replace_many(_STARS, ["*"] * len(_STARS))


_STARS = [*"xX#＊∗✱＃×•●○■□Ｘｘ"]
STAR = "[*" + "".join(_STARS) + "]"
"""A regular expression for one such character."""
_DROPPED = " \t\u00a0\u3000-‐‑‒–—―−－()（）·・'’‘＇`"  # dots stay: 138123456.78 is an amount
_WIDE = "０１２３４５６７８９＋．Ｘｘ"
_MARKS = [*_DROPPED, *_WIDE]
_PLAIN_MARKS = [*([""] * len(_DROPPED)), *"0123456789+.Xx"]
