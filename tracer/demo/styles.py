"""The many ways a seller writes the same rows: headers, phone numbers with and without signs, stars for digits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
import polars as pl

from tracer.demo.chance import generator

Shape = Literal["csv", "txt", "jsonl", "sql", "xlsx"]
MaskStyle = Literal["stars", "crosses", "dots", "signs", "short", "tail", "mixed"]
PhoneStyle = Literal["plain", "plus", "bare86", "dashes", "spaces", "wide", "mixed"]

VOCABULARIES: Final[tuple[dict[str, str], ...]] = (
    {"name": "姓名", "phone": "手机号", "national_id": "身份证", "city": "城市", "product": "产品",
     "limit": "额度", "amount": "借款金额", "account": "商户用户名", "joined": "申请时间"},
    {"name": "客户姓名", "phone": "手机号码", "national_id": "身份证号", "city": "所在城市", "product": "贷款产品",
     "limit": "授信额度", "amount": "在贷余额", "account": "用户名", "joined": "进件时间"},
    {"name": "name", "phone": "mobile", "national_id": "id_card", "city": "city", "product": "product",
     "limit": "credit_limit", "amount": "balance", "account": "username", "joined": "apply_time"},
    {"name": "真实姓名", "phone": "联系电话", "national_id": "证件号码", "city": "地区", "product": "信贷产品",
     "limit": "额度信息", "amount": "金额", "account": "商户", "joined": "时间"},
)  # fmt: skip
"""Field → header, in the words of four sellers."""

_PHONE: Final = pl.col("phone")
_PARTS: Final = (_PHONE.str.slice(0, 3), _PHONE.str.slice(3, 4), _PHONE.str.slice(7))
_WRITINGS: Final[dict[str, pl.Expr]] = {
    "plain": _PHONE,
    "plus": "+86 " + _PHONE,
    "bare86": "86-" + _PHONE,
    "dashes": pl.concat_str(_PARTS, separator="-"),
    "spaces": pl.concat_str(_PARTS, separator=" "),
    "wide": _PHONE.str.replace_many([*"0123456789"], [*"０１２３４５６７８９"]),
}
_MASKS: Final[dict[str, pl.Expr]] = {
    "stars": pl.concat_str(_PARTS[0], pl.lit("****"), _PARTS[2]),
    "crosses": pl.concat_str(_PARTS[0], pl.lit("-XXXX-"), _PARTS[2]),
    "dots": pl.concat_str(_PARTS[0], pl.lit("…"), _PARTS[2]),
    "signs": pl.concat_str(_PARTS[0], pl.lit("####"), _PARTS[2]),
    "short": pl.concat_str(_PARTS[0], _PARTS[2]),
    "tail": "*******" + _PARTS[2],
}
_SHOWING_BOTH_ENDS: Final = [_MASKS[mask] for mask in ("stars", "crosses", "dots", "signs", "short")]


@dataclass(frozen=True, slots=True)
class Style:
    """How a dump is written."""

    shape: Shape = "csv"
    separator: str = ","
    """Between the cells of a csv; a txt has `----`."""
    encoding: Literal["utf-8", "utf-8-sig", "gb18030"] = "utf-8"
    header: int | None = 0
    """Whose words (place in `VOCABULARIES`); None for no header line. JSON and SQL have names at any rate."""
    phone: PhoneStyle = "plain"
    """`mixed`: each row in one of the six writings."""
    mask_phone: bool = False
    """Whether the middle of a number is stars: 138****1234."""
    mask: MaskStyle = "stars"
    """How a masked number is written; `mixed`: each row in one of the first five ways. `tail` shows the end only."""
    mask_id: bool = False
    """Whether the birth date and sequence of an ID are stars: 330102********1234."""
    shuffle: bool = False
    """Whether the columns stand in another order."""
    damage: float = 0.0
    """Share of the rows with one typing error in one identifier."""
    seed: int = 0
    """Of whatever the style leaves to chance."""

    @property
    def words(self) -> dict[str, str]:
        """Field → header."""
        return VOCABULARIES[self.header or 0]


def styled(rows: pl.DataFrame, style: Style) -> pl.DataFrame:
    """Write the cells of a leak in a style; damage is done before, by `damage`.

    Returns:
        Utf8 columns with the seller's headers, without `truth` and `person`.
    """
    rng = generator(style.seed, "style")
    fields = [field for field in rows.columns if field in style.words]
    if style.shuffle:
        fields = [fields[place] for place in rng.permutation(len(fields))]
    if "phone" in fields:
        if style.mask_phone:
            written = _MASKS[style.mask] if style.mask != "mixed" else _mixed(_SHOWING_BOTH_ENDS, rows.height, rng)
        elif style.phone == "mixed":
            written = _mixed([*_WRITINGS.values()], rows.height, rng)
        else:
            written = _WRITINGS[style.phone]
        rows = rows.with_columns(phone=written)
    if "national_id" in fields and style.mask_id:
        rows = rows.with_columns(pl.col("national_id").str.replace(r"^(.{6}).{8}", "$1********"))
    return rows.select(pl.col(field).alias(style.words[field]) for field in fields)


def _mixed(ways: list[pl.Expr], rows: int, rng: np.random.Generator) -> pl.Expr:
    which = pl.lit(pl.Series(rng.integers(0, len(ways), rows)))
    return pl.coalesce(pl.when(which == number).then(text) for number, text in enumerate(ways))
