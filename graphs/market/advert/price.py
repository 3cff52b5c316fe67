"""What one record costs, in yuan.

An amount names its unit of sale (0.8/条, 每条三毛), or it is one sum for a lot (打包2万, 1000元/万条), or it stands
alone: small sums are then taken for the price of one record, great ones for the price of the whole lot.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphs.market.advert.numeral import NUMBER, SCALE, number
from graphs.market.advert.plain import Plain
from graphs.market.advert.volume import Volume

_YUAN = {
    "元": 1.0,
    "块": 1.0,
    "块钱": 1.0,
    "圆": 1.0,
    "rmb": 1.0,
    "r": 1.0,
    "人民币": 1.0,
    "cny": 1.0,
    "软妹币": 1.0,
    "米": 1.0,
    "毛": 0.1,
    "毛钱": 0.1,
    "角": 0.1,
    "角钱": 0.1,
    "分": 0.01,
    "分钱": 0.01,
    "u": 0.0,
    "usdt": 0.0,
    "刀": 0.0,
    "美金": 0.0,
    "¥": 1.0,
}
_UNIT = (
    r"(?:元|块钱|块|圆|rmb(?![a-z])|人民币|cny(?![a-z])|r(?![a-z])|软妹币|毛钱|毛(?!坯)|角钱|角(?!色|度)|分钱"
    r"|分(?![钟数之享期公类析别])|usdt|u(?![a-z])|刀|美金)"
)
_ONE = r"(?:条|个(?!月|小时|亿|点)|单|份|套|位|人|户|台|次|组|笔|名|例|用户|粒|号)"
_TEN = r"[1-9一二三四五六七八九伍陆柒捌玖贰叁肆壹两]"
_PER = rf"\s*(?:/|每|一|1|元/|块/|:|=)?\s*{_ONE}(?!起)"

_AMOUNT = (
    rf"(?P<whole>{NUMBER})\s?(?:块|元)(?P<tenth>{_TEN})(?:毛|角)?(?P<cent>{_TEN}分)?(?![\d.万wk千百十])(?!{_ONE}|手|起|次|天)"
    rf"|(?P<dime>{NUMBER})\s*(?:毛|角)(?P<hundredth>{_TEN})(?:分钱?)?(?![\d.万wk千百十毛角])(?!{_ONE}|手|起|次|天)"
    rf"|[¥￥]\s*(?P<yen>{NUMBER})\s*(?P<yscale>{SCALE})?"
    rf"|(?<![\d.])(?P<plain>{NUMBER})(?:\s?[-~～到至—]\s?(?P<high>{NUMBER}))?\s*(?P<scale>{SCALE})?多?\s*(?P<unit>{_UNIT})"
)
_FULL = re.compile(rf"(?:{_AMOUNT})")
_AFTER_PER = re.compile(_PER)
_BEFORE_PER = re.compile(
    rf"(?:每|一|单|1)\s*{_ONE}\s*(?:只要|仅需|仅|就|卖|只|价|售价|给)?[:：]?\s*$|单价[:：]?\s*$|均价[:：]?\s*$"
)
_DECIMAL = r"\d{1,9}(?:\.\d{1,6})?"
_RANGE = rf"(?:\s?[-~～到至]\s?(?P<high>{_DECIMAL}))?"
_WORDS = "单价|价格|价钱|报价|特价|均价|售价|价|每条|一条|每个|每单|每份|每套|每位|每人|每户|一套|一份|单条|只要|仅"
_BARE = re.compile(rf"(?<![\d.a-z@_\-/])(?P<plain>{_DECIMAL}){_RANGE}{_PER}")
_BARE_PRICED = re.compile(rf"(?:{_WORDS})\s*[:：]?\s*(?P<plain>{_DECIMAL}){_RANGE}(?![\d%万wk千百年月日号点])")
_BARE_DECIMAL = re.compile(rf"(?<![\d.a-z@_\-/:])(?P<plain>\d{{1,2}}\.\d{{1,3}}){_RANGE}(?![\d.%a-z万亿千百年月日号])")
_BARE_AFTER = re.compile(
    r"(?:户|机主|实时|隔天|隔日|昨日|历史|一手|二手)\s?(?P<plain>[1-9]\d{0,2})(?![\d.%a-z万亿千百年月日号条个份套\-~])"
)
_DENOMINATOR = re.compile(rf"\s*(?:/|每|一|1)\s*(?P<scale>万|w(?![a-z])|千|k(?![a-z])|百)\s*{_ONE}?")
_LOT = re.compile(r"打包|整库|全拿|一口价|全套|全部|一共|总价|包圆|拿走|全要|一起|整包|通走|全拿走")
_LOT_BARE = re.compile(
    rf"(?:打包价?|一口价|整库|全套|全拿|总价|一起|整包)\s*[:：]?\s*(?P<n>{NUMBER})\s*(?P<scale>{SCALE})?(?![条个\d.])"
)
_BARE_LOT = re.compile(
    r"(?<![\d.a-z@_\-])(?P<n>\d{2,7})(?P<scale>)\s?(?:打包|全拿|包圆|拿走|全要|通走)(?!价?\s*[:：]?\s*[\d一二三四五六七八九十两])"
)
_LOT_AFTER = re.compile(r"\s*(?:钱)?\s*(?:打包|全拿走?|包圆|拿走|全要|全套|一口价|整包|通走|全部)")
_TIGHT = re.compile(rf"(?P<n>{NUMBER})\s?(?P<scale>{SCALE})?(?:条|个|份|人|单)")
_NO_PRICE = re.compile(
    r"(?:年费|月费|包月|会员|首充|底薪|押金|保证金|年缴|罚金|额度|月付|包年|充值|欠款|贷款|入会|定金|起充|消费|月租|代理费|存款|以内的客户)[:：]?\s*$"
)
_NOT_AFTER = re.compile(
    r"\s*(?:以上的?(?:客户|用户)|额度|提成|底薪|/月|每月|一个月|一月|包月|/年|一年|一天|/天|以上|不要|免谈|别来|勿扰)"
)
_SMALL, _GREAT = 50.0, 0.00001


@dataclass(frozen=True, slots=True)
class Price:
    """What one record costs."""

    value: float
    """Yuan; the lower end of a range, the first of several."""
    start: int
    end: int
    """Where it stands in the plain text."""
    converted: bool
    """Whether it was named in USDT."""
    bulk: bool
    """Whether it is a sum for a lot, divided by the lot's size."""


@dataclass(frozen=True, slots=True)
class _Amount:
    value: float
    start: int
    end: int
    converted: bool


def price(plain: Plain, volumes: tuple[Volume, ...], rate: float, taken: tuple[tuple[int, int], ...]) -> Price | None:
    """The price of one record; `taken` are stretches that are no prices (contacts, sample records).

    Args:
        plain: the text.
        volumes: how many records are on offer, as far as the text says; a sum for the lot is divided by it.
        rate: yuan for one USDT.
        taken: stretches to leave out.
    """
    low = plain.low
    amounts = [amount for amount in _amounts(low, rate) if not _inside(amount.start, taken)]
    doubtless = [one for one in amounts if not _NOT_AFTER.match(low, one.end)]
    # What stands before it does not matter where an amount names its unit of sale: 额度 0.8/条.
    alone = [one for one in doubtless if not _NO_PRICE.search(low[: one.start])]
    for reading, listed in ((_named, doubtless), (_by_denominator, alone), (_lot, alone), (_alone, alone)):
        for amount in listed:
            found = reading(low, amount, volumes)
            if found:
                return found
    return _bare(low, amounts, volumes, taken)


def _bare(
    low: str, amounts: list[_Amount], volumes: tuple[Volume, ...], taken: tuple[tuple[int, int], ...]
) -> Price | None:
    """A number without a currency: `0.8/条`, `单价0.45`, `实时 1.5`."""
    for pattern in (_BARE, _BARE_PRICED, _BARE_DECIMAL, _BARE_AFTER):
        for match in pattern.finditer(low):
            place, value = match.start("plain"), float(match["plain"][:12])
            if not value or (pattern is _BARE and not _is_price(low, match, value)):
                continue
            if _inside(place, taken) or _counted(volumes, place) or any(_covers(one, match) for one in amounts):
                continue
            if pattern is _BARE or not _NO_PRICE.search(low[:place]):
                return Price(value, place, match.end(), converted=False, bulk=False)
    return None


def _is_price(low: str, match: re.Match[str], value: float) -> bool:
    """`50一个` is a price, `50个` a count."""
    return match["plain"] != "1" and value <= 500 and (value < 10 or _per_word(low, match))


def _per_word(low: str, match: re.Match[str]) -> bool:
    return bool(re.search(r"[/每一]", low[match.end("plain") : match.end()]))


def _counted(volumes: tuple[Volume, ...], place: int) -> bool:
    return any(one.start <= place < one.end for one in volumes)


def _covers(amount: _Amount, match: re.Match[str]) -> bool:
    return amount.start <= match.start("plain") < amount.end


def _inside(place: int, taken: tuple[tuple[int, int], ...]) -> bool:
    return any(start <= place < end for start, end in taken)


def _amounts(low: str, rate: float) -> Iterator[_Amount]:
    found = []
    for match in _FULL.finditer(low):
        value, converted = _value(match, rate)
        if value:
            found.append(_Amount(value, match.start(), match.end(), converted))
    for match in (*_LOT_BARE.finditer(low), *_BARE_LOT.finditer(low)):
        value = number(match["n"], match["scale"] or "")
        if (
            value
            and value >= _SMALL
            and not any(one.start < match.end() and match.start("n") < one.end for one in found)
        ):
            found.append(_Amount(value, match.start("n"), match.end(), converted=False))
    yield from sorted(found, key=lambda one: one.start)


def _value(match: re.Match[str], rate: float) -> tuple[float | None, bool]:
    if match["whole"]:
        cents = number(match["cent"][0]) if match["cent"] else 0
        return (number(match["whole"]) or 0) + (number(match["tenth"]) or 0) / 10 + (cents or 0) / 100, False
    if match["dime"]:
        return (number(match["dime"]) or 0) / 10 + (number(match["hundredth"]) or 0) / 100, False
    if match["yen"]:
        return number(match["yen"], match["yscale"] or ""), False
    unit = _YUAN[match["unit"]]
    value = number(match["plain"], match["scale"] or "")
    return (None if value is None else value * (unit or rate)), unit == 0.0


def _named(low: str, amount: _Amount, _volumes: tuple[Volume, ...]) -> Price | None:
    """It names the unit of sale, behind or before."""
    after = _AFTER_PER.match(low, amount.end)
    if after and not re.match(r"\s*\d", low[amount.end :]):
        return Price(amount.value, amount.start, after.end(), converted=amount.converted, bulk=False)
    if _BEFORE_PER.search(low[max(0, amount.start - 12) : amount.start]) and not _TIGHT.match(low, amount.end):
        return Price(amount.value, amount.start, amount.end, converted=amount.converted, bulk=False)
    return None


def _by_denominator(low: str, amount: _Amount, _volumes: tuple[Volume, ...]) -> Price | None:
    """It names how many it buys: 1000元/万条, 50元100条, 1w条50块."""
    match = _DENOMINATOR.match(low, amount.end)
    if match:
        count = number("1", match["scale"]) or 1.0
        return Price(amount.value / count, amount.start, match.end(), converted=amount.converted, bulk=True)
    tight = _TIGHT.match(low, amount.end) or _TIGHT.fullmatch(low[low.rfind(" ", 0, amount.start) + 1 : amount.start])
    if tight and amount.value >= 5:
        count = number(tight["n"], tight["scale"] or "") or 0.0
        if count > 1:
            return Price(amount.value / count, amount.start, amount.end, converted=amount.converted, bulk=True)
    return None


def _lot(low: str, amount: _Amount, volumes: tuple[Volume, ...]) -> Price | None:
    """It is said to be for the whole lot, or too much for one record."""
    said = _LOT.search(low[max(0, amount.start - 6) : amount.start]) or _LOT_AFTER.match(low, amount.end)
    whole = next((one for one in volumes if not one.daily), None)
    if whole is None or not (said or amount.value >= _SMALL):
        return None
    value = amount.value / whole.records
    if not said and value < _GREAT:
        return None
    return Price(value, amount.start, amount.end, converted=amount.converted, bulk=True)


def _alone(_low: str, amount: _Amount, _volumes: tuple[Volume, ...]) -> Price | None:
    if amount.value > _SMALL:
        return None
    return Price(amount.value, amount.start, amount.end, converted=amount.converted, bulk=False)
