"""Identifiers that stand in the midst of other text."""

from __future__ import annotations

import polars as pl

from tracer.identifiers import national_id, phone
from tracer.identifiers.text import tidy

_HEAD = r"(?:^|[^0-9A-Za-z]|(?i:tel|phone|mobile|mob|sjh|shouji|sj|dh|id|sfz|sfzh|wx|vx|qq|call|no)[:：.=]?)"
_TAIL = r"(?:$|[^0-9A-Za-z]|(?i:qq|wx|vx|sfz|id|x|tel))"
PHONE = _HEAD + r"(?:\+?86|0086)?[- ]?(1[3-9][0-9](?:[ .-]?[0-9]{4}){2}|1[3-9][0-9]{2}[ -][0-9]{3}[ -][0-9]{4})" + _TAIL
MASKED_PHONE = r"(?:^|[^0-9*])(1[3-9][0-9][*xX#●•·＊]{3,5}[0-9]{4})(?:$|[^0-9*])"
IDENTITY = r"(?:^|[^0-9A-Za-z]|[A-Za-z]{2,}[:：=])([1-9][0-9]{16}[0-9Xx])(?:$|[^0-9A-Za-z])"
MASKED_ID = r"(?:^|[^0-9*])([1-9][0-9]{5}[*xX●•＊]{6,10}[0-9]{2,3}[0-9Xx])(?:$|[^0-9A-Za-z*])"
EMAIL = r"([A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+)"
NAME = (
    r"(?:姓名|名字|联系人|客户|借款人|收件人|收货人|户名|机主|本人|name|Name|xm)\s*[:：=是为]?\s*"
    r"(\p{Han}{2,4})(?:$|[^\p{Han}]|电话|手机|身份|男|女)"
)
_GLUED = r"(?:^|[^0-9])(1[3-9][0-9]{9})([1-9][0-9]{16}[0-9Xx])(?:$|[^0-9A-Za-z])"
_GLUED_BACK = r"(?:^|[^0-9A-Za-z])([1-9][0-9]{16}[0-9Xx])(1[3-9][0-9]{9})(?:$|[^0-9])"
_RUN = r"[0-9A-Za-z+][0-9A-Za-z +.*●•-]{9,40}"
_OLD = r"(?:^|[^0-9A-Za-z])([1-8][0-9]{14})(?:$|[^0-9A-Za-z])"


def first_phone(e: pl.Expr) -> pl.Expr:
    """The first mobile number in each text, normalised."""
    text = tidy(e)
    return pl.coalesce(
        phone.normalise(text.str.extract(PHONE, 1)),
        text.str.extract(_GLUED, 1),
        text.str.extract(_GLUED_BACK, 2),
    )


def identity(e: pl.Expr) -> pl.Expr:
    """The first valid identity number in each text, normalised."""
    text = tidy(e)
    found = (text.str.extract(IDENTITY, 1), text.str.extract(_GLUED, 2), text.str.extract(_GLUED_BACK, 1))
    return pl.coalesce(*(pl.when(national_id.valid(one)).then(national_id.normalise(one)) for one in found))


def phones_in(cells: pl.Series) -> pl.Series:
    """Every mobile number in these texts, normalised."""
    apart = _apart(cells)
    found = [_all(apart, PHONE, 1), _all(cells, _GLUED, 1), _all(cells, _GLUED_BACK, 2)]
    return pl.concat([one.to_frame("e").select(phone.normalise(pl.col("e"))).to_series() for one in found]).drop_nulls()


def masked_phones_in(cells: pl.Series) -> pl.Series:
    """Every masked mobile number in these texts, normalised."""
    found = _all(_apart(cells), MASKED_PHONE, 1)
    return found.to_frame("e").select(phone.normalise_masked(pl.col("e"))).to_series().drop_nulls()


def identities_in(cells: pl.Series) -> pl.Series:
    """Every valid identity number in these texts, normalised."""
    apart = _apart(cells)
    found = pl.concat(
        [_all(apart, IDENTITY, 1), _all(apart, _OLD, 1), _all(cells, _GLUED, 2), _all(cells, _GLUED_BACK, 1)]
    )
    frame = found.unique().to_frame("e")
    return frame.filter(national_id.valid(pl.col("e"))).select(national_id.normalise(pl.col("e"))).to_series()


def _apart(cells: pl.Series) -> pl.Series:
    """The texts with every sign between two things doubled, for one sign ends the first and begins the second."""
    text = cells.alias("e").to_frame().select(tidy(pl.col("e"))).to_series()
    return text.str.replace_all(r"([^0-9A-Za-z*.+-])", "$1$1").str.replace_all(r"  ", " ", literal=True)


def _all(cells: pl.Series, pattern: str, group: int) -> pl.Series:
    matches = cells.str.extract_all(pattern).explode(empty_as_null=False).drop_nulls()
    return matches.str.extract(pattern, group).drop_nulls()
