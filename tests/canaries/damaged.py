"""What dealers do to rows: masks, pinyin, traditional characters, columns run together, typing errors; by chance."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from opencc import OpenCC

from canaries.writing import spelled

Row = Mapping[str, str | None]
Way = Callable[[Row, random.Random], dict[str, str]]
_TRADITIONAL = OpenCC("s2t")
_LOOK_ALIKES = "子宇晓小文雯静婧杨扬王李赵"


def masked(row: Row, draw: random.Random) -> dict[str, str]:
    """Name and masked phone only."""
    return {"a": row["姓名"] or "", "b": hidden(row["手机号"])}


def pinyin(row: Row, draw: random.Random) -> dict[str, str]:
    """Pinyin name in one of its writings and masked phone, in another order."""
    name = spelled(row["姓名"] or "")
    style = draw.choice((str.lower, str.upper, str.title, lambda text: text.replace(" ", "")))
    return {"phone": hidden(row["手机号"]), "who": style(name), "p": row["产品"] or ""}


def traditional(row: Row, draw: random.Random) -> dict[str, str]:
    """Traditional characters, full-width digits, name and phone in one cell."""
    wide = (hidden(row["手机号"])).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})
    return {"客户": _TRADITIONAL.convert(row["姓名"] or "") + wide, "類型": _TRADITIONAL.convert(row["产品"] or "")}


def mistyped(row: Row, draw: random.Random) -> dict[str, str]:
    """Every character of every cell is wrong, lost or doubled with a chance of one in ten."""
    return {header: wrong(cell or "", draw) for header, cell in row.items() if header != "身份证号"}


def hidden(phone: str | None) -> str:
    return f"{phone[:3]}****{phone[7:]}" if phone else ""


def wrong(text: str, draw: random.Random, rate: float = 0.1) -> str:
    return "".join(char if draw.random() >= rate else _slip(char, draw) for char in text)


def _slip(char: str, draw: random.Random) -> str:
    other = draw.choice("0123456789" if char.isdigit() else _LOOK_ALIKES if char > "\u4e00" else "abcdefgh")
    return draw.choice((other, other, other, "", char + other))


WAYS: dict[str, tuple[Way, float]] = {
    "masked": (masked, 0.99),
    "pinyin": (pinyin, 0.97),
    "traditional": (traditional, 0.98),
    "mistyped": (mistyped, 0.90),
}
"""Kind of damage → how it is done, and the share of rows that must still be recognised."""
