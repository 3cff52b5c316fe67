"""Sample records that an advert shows: lines with a phone or an ID number and something more, masked or whole."""

from __future__ import annotations

import re
from dataclasses import dataclass

from graphs.market.advert.plain import Plain

_STAR = r"[*xX#●○■□_＊]"
_PHONE = re.compile(
    rf"(?<![\d*])(1[3-9]\d(?:{_STAR}{{3,8}}\d{{2,4}}|{_STAR}{{8}}|[ \-]?\d{{4}}[ \-]?\d{{4}}"
    rf"|\d{{4,5}}{_STAR}{{2,4}}))(?![\d*])"
)
_ID = re.compile(
    rf"(?<![\d*])([1-9]\d{{5}}(?:\d{{11}}[\dxX]|{_STAR}{{6,10}}[\dxX*]{{2,4}})"
    rf"|[1-9]\d{{2,5}}{_STAR}{{8,14}}[\dxX]{{1,4}})(?![\d*])"
)
_CARD = re.compile(rf"(?<![\d*])(62\d{{14,17}}|62\d{{2,4}}{_STAR}{{6,12}}\d{{3,4}})(?![\d*])")
_MAIL = re.compile(r"(?<![\w.*+\-])[\w.*+\-]{1,64}@[\w\-]{1,64}(?:\.[\w\-]{1,64})+")
_CELL = re.compile(r"[,，\t|/;:：、]+|[ \u3000]{1,}|-{2,}")
_NAME = re.compile(
    rf"^(?:[\u4e00-\u9fff·]{{2,4}}|[\u4e00-\u9fff](?:{_STAR}){{1,3}}[\u4e00-\u9fff]?|[\u4e00-\u9fff](?:某{{1,2}}|先生|女士|小姐))$"
)
_LABEL = re.compile(r"(?:姓名|名字|电话|手机号?|身份证号?|城市|额度|地址|客户)[:：]?\s*")
_BREAK = re.compile(r"[\n；;]")
_LONGEST = 400
"""Characters of a record; a longer line is a text that holds numbers."""
_CUE = re.compile(r"联系|加[vqV薇微我]|[薇微威vV][信xX]|微信|qq|QQ|扣扣|电报|飞机|[tT][gG]|请拨|咨询|每条|[/一]条|量大")
"""Words of somebody who sells or wants to be reached: their line is no record."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One record shown."""

    cells: tuple[str, ...]
    phone: str | None
    """As shown: `13812345678` or `138****5678`."""
    national_id: str | None
    start: int
    end: int
    """Where it stands in the plain text."""


def samples(plain: Plain) -> tuple[Sample, ...]:
    """Every sample record, in the order of the text."""
    found = []
    begin = 0
    for end in [match.start() for match in _BREAK.finditer(plain.text)] + [len(plain.text)]:
        sample = _sample(plain.text[begin:end], begin)
        if sample:
            found.append(sample)
        begin = end + 1
    return tuple(found)


def _sample(line: str, begin: int) -> Sample | None:
    if len(line) > _LONGEST:
        return None
    phones, cards, mails = _PHONE.findall(line), _CARD.findall(line), _MAIL.findall(line)
    ids = [one for one in _ID.findall(line) if one not in cards]
    if not (phones or ids or cards or mails) or _CUE.search(line):
        return None
    cells = [cell for cell in _CELL.split(_LABEL.sub(" ", line.strip())) if cell]
    named = any(_NAME.match(cell) for cell in cells)
    strong = bool(phones) + bool(ids) + bool(cards) + bool(mails)
    if len(cells) < 2 or (strong < 2 and not (named and (phones or ids or cards))) or len(cells) > 24:
        return None
    # A record is mostly data: a sentence that mentions a number is none.
    if max(len(cell) for cell in cells) > 40 and not ids:
        return None
    first = min(match.start() for pattern in (_PHONE, _ID, _CARD, _MAIL) for match in [pattern.search(line)] if match)
    lead = max(line.rfind(":", 0, first), line.rfind("：", 0, first))
    lead = lead + 1 if lead >= 0 and not _LABEL.match(line[max(0, lead - 4) : lead + 1]) else 0
    start = begin + lead + len(line[lead:]) - len(line[lead:].lstrip())
    return Sample(
        tuple(cells),
        _stars(re.sub("[ -]", "", phones[0])) if phones else None,
        _stars(ids[0].upper()) if ids else None,
        start,
        begin + len(line.rstrip()),
    )


def _stars(text: str) -> str:
    head, tail = text[:1], text[-1:]
    return head + re.sub(_STAR, "*", text[1:-1]) + tail
