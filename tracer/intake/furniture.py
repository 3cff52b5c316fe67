"""What stands in a dump but is no record: blank lines, rules, titles, adverts, footers."""

from __future__ import annotations

import polars as pl

from tracer.identifiers import person_name

IDENTIFIER = (
    r"1[3-9]\d[ -]?[\d*xX#●•＊]{4}[ -]?\d{4}|\d{17}[\dXx]|\d{6}[*xX●•＊]{6,}|[\w.+-]+@[\w-]+\.\w|[１][３-９][０-９]{9}"
    r"|\b62\d{14,17}\b"
)
"""What names a person, in the midst of other text."""
_SPEECH = (
    r"(?i)^\W*(?:共\s*(?:计|有|[\d一二三四五六七八九十百千万]+)|合\s*计|总\s*(?:计|数|共|额)|小\s*计|以上|以下|数据来源|来源|更多"
    r"|出售|收购|长期|诚信|实力"
    r"|加?\s*(?:微信|薇信|威信|vx|v信|qq|扣扣|tg|飞机|电报|telegram|whatsapp|纸飞机|蝙蝠)\s*(?:群|号|[:：+ ]|[a-z0-9@])"
    r"|联系(?:方式|我|客服|电话|购买)?\s*[:：]|(?:免责)?声明|备注\s*[:：]|注\s*[:：]|说明\s*[:：]|导出(?:时间|日期|人)|生成时间"
    r"|https?://|www\.|t\.me/|@\w{4,}$|total\b|subtotal\b|sum\b|count\b"
    r"|\(?\d+ rows?\b|\d+ records?\b|rows? (?:affected|in set)|affected rows"
    r"|query ok|empty set|end of|eof\b|第\s*\d+\s*[页/]|制表|打印|审核人|page\s*\d|-- |#+\s|//"
    r"|exported (?:by|at|on)|generated (?:by|at|on)"
    r"|已选择\s*\d+\s*行|\(?\d+\s*(?:行受影响|条记录|行记录))"
)
_ADVERT = (
    r"(?i)出售|收购|代理|批发|长期供|一手(?:数据|资源|料)|数据群|料子|诚信(?:交易|合作|经营)|担保交易"
    r"|加\s*(?:微信|薇|vx|v信|qq|扣扣|tg|飞机)"
    r"|(?:微信|vx|qq|tg|飞机|电报|telegram)\s*[:：]\s*@?\w|t\.me/|更多(?:[^\x1f]{0,4}数据|资源|名单)|联系客服|实时数据|独家(?:数据|资源)"
    r"|(?:每日|每天|天天|实时)更新|日供\s*\d|日更\s*\d"
)
_SUM = r"(?i)^\W*(?:合\s*计|总\s*计|小\s*计|平均值?|总额|(?:grand )?total|subtotal|sum|average)\W*(?:\x1f|$)"
_NUMERAL = r"^[\s'+(]*\d[\d\s()+.*•●-]{5,}$"
_DAY = r"^\W*(?:19|20)\d\d[-/.年]\d{1,2}[-/.月]\d{1,2}(?:\D|$)"
_LETTERS = r"[\p{L}\p{N}]"


_LEAST_DIGITS = 7


def joined() -> pl.Expr:
    """The cells of each row of a frame as one text, 0x1F between them; what the others look at."""
    return pl.concat_str(pl.all().fill_null(""), separator="\x1f").str.strip_chars_start("\x1f")


def is_empty(row: pl.Expr) -> pl.Expr:
    """Whether every cell of a row is null or blank."""
    return row.str.strip_chars(" \t\r\u3000\xa0\ufeff\x1f") == ""


def is_nul(row: pl.Expr) -> pl.Expr:
    """Whether a row holds NUL bytes and nothing else: a hole in the file where records may have been."""
    return row.str.contains("\x00", literal=True) & (row.str.strip_chars("\x00\x1f \t\r") == "")


def names_somebody(row: pl.Expr) -> pl.Expr:
    """Whether a phone, an identity number, an e-mail address or a card number stands in a row."""
    return row.str.contains(IDENTIFIER)


def is_number(line: pl.Expr) -> pl.Expr:
    """Whether a line is a number of seven digits or more and nothing else, however they are grouped; no day."""
    return line.str.contains(_NUMERAL) & (line.str.count_matches(r"\d") >= _LEAST_DIGITS) & ~line.str.contains(_DAY)


def is_cell(line: pl.Expr) -> pl.Expr:
    """Whether a line is a number or a single word, as a column without neighbours has them."""
    return is_number(line) | ~line.str.strip_chars().str.contains(r"\s")


def is_furniture(row: pl.Expr, columns: list[str], *, alone: pl.Expr) -> pl.Expr:
    """Whether a row is no record: no letter or digit in it, or speech about the data and no identifier.

    Args:
        row: its cells as one text.
        columns: its cells.
        alone: whether the row is one uncut cell in a table that is wider.
    """
    filled = pl.sum_horizontal(pl.col(columns).is_not_null().cast(pl.UInt32))
    wide = len(columns)
    named = row.str.contains(IDENTIFIER)
    rule = ~row.str.contains(_LETTERS)
    speech = row.str.contains(_SPEECH) & ~named & ((filled <= max(1, wide // 3)) | ~row.str.contains(r"\d{7}"))
    advert = alone & row.str.contains(_ADVERT) if wide > 1 else row.str.contains(_ADVERT) & ~named
    lone = pl.lit(False)
    if wide > 1:
        first = pl.coalesce(pl.col(columns))
        lone = alone & ~named & ~person_name.valid(first).fill_null(False)
    total = row.str.contains(_SUM) & ~named
    return rule | speech | advert | lone | total
