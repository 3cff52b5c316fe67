"""Where one should write: QQ, WeChat, Telegram, phone, e-mail, wallet, through every disguise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graphs.market.advert.numeral import HAN_DIGIT, digit
from graphs.market.advert.plain import Plain

_SEP = r"[\s:：;；号是为加→>\-—~～=_.,，。、|丨/\\【】\[\]()（）\"'“”]{0,8}"
_GAP = r"[ \t\-_.·*,，、~]{0,3}"
_DIGIT = rf"[\d{HAN_DIGIT}]"
_MANY = rf"(?<!\d)(?:{_DIGIT}{_GAP}){{4,10}}{_DIGIT}(?![\d])"
_NAME = r"[a-z][a-z0-9_\-]{4,31}"
_MOBILE = rf"[1一壹幺]{_GAP}[3-9三四五六七八九叁肆伍陆柒捌玖](?:{_GAP}{_DIGIT}){{9}}(?!{_DIGIT})"

_QQ = re.compile(
    rf"(?:(?<![a-z0-9])q\s*q|(?<![a-z])q(?![a-z])|扣\s*扣|企\s*鹅|抠\s*抠|球\s*球|秋\s*秋|口\s*口|(?<![折回])扣[^\d\s:：扣]{{0,2}}(?=[\s:：]))"
    rf"\s*(?:号码?|群号?|我)?{_SEP}(?P<value>{_MANY})"
)
_QQ_BARE = re.compile(rf"扣{_SEP}(?P<value>{_MANY})")
_ANOTHER = re.compile(r"\s*(?:或者?|和|、|/|备用|,)\s*[:：]?\s*(?P<value>[1-9]\d{4,10})(?!\d|\s*(?:条|元|万|个|w))")
_WECHAT_CUE = (
    r"(?:[薇威微徽维魏崴溦唯胃味未葳蔚伟围]\s*[.·*_\-]?\s*(?:信|心|星|新|芯|x(?![a-z]))?|卫\s*[.·]?\s*[星信心生]?"
    r"|wei\s*(?:信|xin|x)|(?<![a-z0-9])(?:v\s*信|vv?\s*[.·]?\s*x(?:in)?(?![a-z])|vv?(?![a-z])|w\s*信|w\s*[.·]?\s*x(?![a-z]))"
    r"|(?<![a-z])(?:wechat|weixin)|绿泡泡|绿色软件|(?<=加)信)"
)
_WECHAT = re.compile(
    rf"{_WECHAT_CUE}\s*(?:同号|号码|账号|id)?{_SEP}(?P<value>(?<![a-z0-9]){_NAME}|(?<!{_DIGIT}){_MOBILE}|(?<!\d)[1-9]\d{{5,10}}(?!\d))"
)
_TELEGRAM_LINK = re.compile(r"(?:https?://)?t(?:elegram)?\.me/(?P<group>\+|joinchat/)?(?P<value>[a-z0-9_\-]{4,40})")
_TELEGRAM = re.compile(
    rf"(?:纸?飞机|(?<![a-z])tg(?![a-z])|telegram|电报|小飞机|土豆)[^\S\n]*(?:号|账号|id)?{_SEP}(?P<value>@?(?<![a-z0-9]){_NAME})"
)
_AT = re.compile(r"(?<![a-z0-9._%+\-])@\s?(?P<value>[a-z][a-z0-9_]{3,31})(?![a-z0-9_]*\.[a-z]{2,})")
_EMAIL = re.compile(
    r"(?:(?:邮箱|邮件|email|e-mail|mail)[\s:：是]{0,3})?(?P<user>[a-z0-9][a-z0-9._%+\-]{0,63})\s?(?:@|#|\(at\)|\[at\]|【at】|艾特)\s?"
    r"(?P<host>(?:[a-z0-9\-]+(?:\.|点|\(dot\)|\[dot\]))+(?:com|cn|net|org|me|io|cc|info|edu|ru|top|xyz|hk|tw|ch|de))(?![a-z])"
)
_WALLET = re.compile(
    r"(?<![A-Za-z0-9])(?:T[1-9A-HJ-NP-Za-km-z]{33}|0x[0-9a-fA-F]{40}|bc1[02-9ac-hj-np-z]{25,60}|[13][1-9A-HJ-NP-Za-km-z]{25,34})(?![A-Za-z0-9])"
)
_CALL = r"(?:联系)?(?:电话|手机号?|座机|热线)|致电|拨打|来电|tel|call|联系|咨询|☎"
_PHONE = re.compile(rf"(?P<cue>{_CALL})?{_SEP}(?<!{_DIGIT})(?:\+?86[ \-]?)?(?P<value>{_MOBILE})")
_NOT_NAMES = frozenset(
    {
        "all",
        "everyone",
        "here",
        "channel",
        "admin",
        "telegram",
        "wechat",
        "weixin",
        "http",
        "https",
        "qq",
        "email",
        "gmail",
    }
)

_HOLDER = r"(?<![走持可接受程过只])(?:担保|中介|公证|仲裁|监管)"
_ESCROW = re.compile(rf"{_HOLDER}(?:人|方|号|群|找|联系|请找)?\s*[:：]?\s*$")
"""Before a bare handle: 担保 @x."""
_ESCROW_NAMED = re.compile(rf"{_HOLDER}(?:(?:人|方|号|找|联系|请找)\s*[:：]?\s*|\s*[:：]\s*)?$")
"""Before a handle with a word of its own: 担保人 飞机 @x. But 担保 飞机 @x offers escrow and names the seller."""
_ACCUSED = re.compile(r"(?:骗子|曝光|举报|黑名单|避雷|别信|拉黑|不要加|勿加|假冒)[^\n。;；]{0,8}$")
_WORD = re.compile(r"[a-z\u4e00-\u9fff]")
_GROUP = re.compile(r"群[^\n，,。;；]{0,4}$")


@dataclass(frozen=True, slots=True)
class Contact:
    """A handle in a text."""

    kind: str
    """qq, wechat, telegram, phone, email or wallet."""
    value: str
    """In its one writing: QQ and phone as digits, WeChat and Telegram without @, e-mail in lower case."""
    role: str
    """`own`: whoever writes wants to be reached there. `escrow`, `accused`, `group`: somebody else or no person."""
    start: int
    end: int
    """Where it stands in the plain text, with the word that announces it."""


def contacts(plain: Plain, links: tuple[str, ...] = ()) -> tuple[Contact, ...]:
    """Every handle, in the order of the text; `links` are addresses that stand behind words."""
    found: list[Contact] = []
    for contact in _candidates(plain):
        if not any(contact.start < other.end and other.start < contact.end for other in found):
            found.append(contact)
    found.sort(key=lambda contact: contact.start)
    for link in links:
        match = _TELEGRAM_LINK.search(link.lower())
        if match and not match["group"]:
            value = link[slice(*match.span("value"))]
            found.append(Contact("telegram", value, "own", 0, 0))
    once = {(contact.kind, contact.value.lower()): contact for contact in reversed(found)}
    return tuple(sorted(once.values(), key=lambda contact: contact.start))


def _candidates(plain: Plain) -> Iterator[Contact]:
    """Every handle that any pattern finds; of two that overlap the first one counts."""
    for read in (_emails, _wallets, _telegrams, _wechats, _qqs, _phones):
        yield from read(plain)


def _emails(plain: Plain) -> Iterator[Contact]:
    for match in _EMAIL.finditer(plain.low):
        host = match["host"].replace("点", ".").replace("(dot)", ".").replace("[dot]", ".")
        yield _contact(plain, match, "email", f"{match['user']}@{host}")


def _wallets(plain: Plain) -> Iterator[Contact]:
    for match in _WALLET.finditer(plain.text):
        yield _contact(plain, match, "wallet", match.group())


def _telegrams(plain: Plain) -> Iterator[Contact]:
    for match in _TELEGRAM_LINK.finditer(plain.low):
        value = plain.text[slice(*match.span("value"))]
        yield _contact(plain, match, "telegram", value, "group" if match["group"] else None)
    for pattern in (_TELEGRAM, _AT):
        for match in pattern.finditer(plain.low):
            value = plain.text[slice(*match.span("value"))].lstrip("@")
            if value.lower() not in _NOT_NAMES:
                yield _contact(plain, match, "telegram", value.rstrip("-"))


def _wechats(plain: Plain) -> Iterator[Contact]:
    for match in _WECHAT.finditer(plain.low):
        value = plain.text[slice(*match.span("value"))]
        if value.lower() not in _NOT_NAMES:
            named = value[0].isascii() and value[0].isalpha()
            yield _contact(plain, match, "wechat", value if named else _digits(value))


def _qqs(plain: Plain) -> Iterator[Contact]:
    for pattern in (_QQ, _QQ_BARE):
        for match in pattern.finditer(plain.low):
            value = _digits(match["value"])
            if 5 <= len(value) <= 11 and value[0] != "0":
                yield _contact(plain, match, "qq", value)
                yield from _further(plain, match.end())


def _phones(plain: Plain) -> Iterator[Contact]:
    for match in _PHONE.finditer(plain.low):
        yield _contact(plain, match, "phone", _digits(match["value"]))


def _further(plain: Plain, end: int) -> Iterator[Contact]:
    """A second number behind the first one, without a word of its own."""
    match = _ANOTHER.match(plain.low, end)
    if match:
        yield _contact(plain, match, "qq", match["value"])


def _digits(text: str) -> str:
    return "".join(filter(None, map(digit, text)))


def _contact(plain: Plain, match: re.Match[str], kind: str, value: str, role: str | None = None) -> Contact:
    before = plain.low[max(0, match.start() - 12) : match.start()]
    cue = plain.low[match.start() : match.start("value")] if "value" in match.re.groupindex else ""
    if role is None:
        role = _role(kind, before, cue)
    return Contact(kind, value, role, match.start(), match.end())


def _role(kind: str, before: str, cue: str) -> str:
    """Whose handle it is, told from the words before it and from the word that announces it."""
    if _ACCUSED.search(before):
        return "accused"
    if (_ESCROW_NAMED if _WORD.search(cue) else _ESCROW).search(before):
        return "escrow"
    if _GROUP.search(cue) or (kind == "qq" and before.endswith("群")):
        return "group"
    return "own"
