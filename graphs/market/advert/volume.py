"""How many records are on offer, or wanted."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphs.market.advert.numeral import NUMBER, SCALE, number
from graphs.market.advert.plain import Plain

_NOUN = (
    r"(?:条|个(?!户|月|小时|小区|亿|人信息|点|城市|省|群)|单(?!价|条)|人(?!民币)|户|家(?!长)|笔|位|份(?!证)|台|名|套|组|例"
    r"|用户|客户|粉丝|数据|记录|行|号码)"
)
_DAILY = r"(?:日出|日更|每天|每日|一天|日要|日耗|日产|天天|日推|日均|日供|日收|日需|日|/天|一日)"
_COUNT = re.compile(
    rf"(?<![\d.a-z@_\-*])(?<!\d:)(?P<n>{NUMBER})\s?(?P<scale>{SCALE})?(?P<many>多万|多|余|\+|来)?\s?(?P<noun>{_NOUN})?(?P<after>\+)?(?P<perday>\s?/\s?(?:天|日)|每天|一天)?"
)
_DAILY_BEFORE = re.compile(rf"{_DAILY}[^\d\n，,。;；零一二三四五六七八九两十百千万]{{0,6}}$")
_TOTAL_BEFORE = re.compile(
    r"(?:总量|数量|共计|总共|一共|共|库存|还剩|剩|剩余|合计|总计|约|大概|现有|现货|有|全省|全国|全市)[】\]]?\s*[:：]?\s*$"
)
_NOT_BEFORE = re.compile(
    r"(?:测试?|送|试|免费|可测|首单|起拿|起步|最低|满|额度|欠|近|前|第|编号|只卖|卖|版本|每|/|只收|每条|单价|价格|价)\s*[:：]?\s*$"
)
_NOT_AFTER = re.compile(
    r"\s?(?:起(?!码)|元|块|毛|角|分(?!析)|r(?![a-z])|u(?![a-z])|usdt|以上|以内|岁|年|届|月|%|点|号(?!码)|g(?![a-z])|米|斤|折|钱|测试|测|试(?!量)|代|手|级|平)"
)
_GREAT = frozenset({"万", "w", "亿", "百万", "千万", "百w", "千w", "kk"})
_PRICED_AFTER = re.compile(r"\s?(?:一条|一个|/条|每条|一单|一套)")


@dataclass(frozen=True, slots=True)
class Volume:
    """A number of records."""

    records: int
    daily: bool
    """Whether so many come every day."""
    start: int
    end: int
    """Where it stands in the plain text."""


def volumes(plain: Plain, taken: tuple[tuple[int, int], ...]) -> tuple[Volume, ...]:
    """Every number of records, totals first; `taken` are stretches that are none (contacts, sample records)."""
    low = plain.low
    found = []
    for match in _COUNT.finditer(low):
        volume = _volume(low, match)
        if volume and not any(start <= volume.start < end for start, end in taken):
            found.append(volume)
    return tuple(sorted(found, key=lambda one: one.daily))


def _volume(low: str, match: re.Match[str]) -> Volume | None:
    before = low[max(0, match.start() - 10) : match.start()]
    daily = bool(match["perday"] or _DAILY_BEFORE.search(before))
    if _refused(low, match, before, daily=daily):
        return None
    noun, scale = match["noun"], match["scale"] or ("万" if match["many"] == "多万" else "")
    records = number(match["n"], scale)
    great = scale in _GREAT or match["n"][-1] in "万亿"
    if records is None or records < (10 if noun == "条" or (noun and daily) else 50 if noun else 100):
        return None
    sure = noun or great or daily or _TOTAL_BEFORE.search(before) or (match["many"] and records >= 1000)
    return Volume(round(records), daily, match.start(), match.end()) if sure else None


def _refused(low: str, match: re.Match[str], before: str, *, daily: bool) -> bool:
    """Whether what stands around a number says that it counts something else."""
    if not match["noun"] and _PRICED_AFTER.match(low, match.end()):
        return True
    if _NOT_AFTER.match(low, match.end()) and not (daily and low[match.end() :].lstrip().startswith("起")):
        return True
    return bool(_NOT_BEFORE.search(before)) and not daily
