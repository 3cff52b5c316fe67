"""What stands in a dump but is no record: blank lines, rules, titles, adverts, footers, repeated headers."""

from __future__ import annotations

import polars as pl

_IDENTIFIER = r"1[3-9]\d[\d*]{8}|\d{17}[\dXx]|\d{6}\*{6,}|[\w.+-]+@[\w-]+\.\w"
_SPEECH = (
    r"(?i)^\W*(?:共\s*(?:计|有)?\s*\d|合\s*计|总\s*(?:计|数)|小\s*计|以上|数据来源|来源|更多|出售|收购|长期|诚信|实力"
    r"|加?\s*(?:微信|vx|v信|qq|扣扣|tg|飞机|电报|telegram|whatsapp)"
    r"|联系(?:方式|我|客服|电话)?\s*[:：]"
    r"|https?://|www\.|t\.me/|total\b|count\b|\(?\d+ rows?\b|rows? (?:affected|in set)"
    r"|end of|第\s*\d+\s*页|制表|打印|导出时间|page\b|-- )"
)


def is_empty(columns: list[str]) -> pl.Expr:
    """Whether every cell of a row is null or blank."""
    return pl.all_horizontal([pl.col(c).is_null() | (pl.col(c).str.strip_chars() == "") for c in columns])


def is_nul(columns: list[str]) -> pl.Expr:
    """Whether a row holds NUL bytes and nothing else: a hole in the file where records may have been."""
    text = _joined(columns)
    return text.str.contains("\x00", literal=True) & (text.str.strip_chars("\x00\x1f \t\r") == "")


def is_furniture(columns: list[str]) -> pl.Expr:
    """Whether a row is no record: no letter or digit in it, or one cell of speech about the data and no identifier."""
    text = _joined(columns)
    filled = pl.sum_horizontal([pl.col(c).is_not_null().cast(pl.UInt32) for c in columns])
    rule = ~text.str.contains(r"[\p{L}\p{N}]")
    speech = (filled <= max(1, len(columns) // 3)) & text.str.contains(_SPEECH) & ~text.str.contains(_IDENTIFIER)
    return rule | speech


def _joined(columns: list[str]) -> pl.Expr:
    return pl.concat_str([pl.col(c).fill_null("") for c in columns], separator="\x1f")
