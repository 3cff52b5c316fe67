"""One writing for what a dump may write in many ways: width, case, accents, traditional characters, stars, pinyin.

The characters' table is OpenCC's, the readings are pypinyin's; surnames that are read otherwise than their character
usually is stand in `SURNAME_READINGS`.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

from canaries.identity import surname_of

SURNAME_READINGS: Final = {
    "曾": "zeng", "单": "shan", "仇": "qiu", "区": "ou", "解": "xie", "查": "zha", "盖": "ge",
    "朴": "piao", "乐": "yue", "翟": "zhai", "葛": "ge", "黑": "he", "种": "chong", "员": "yun",
    "繁": "po", "折": "she", "缪": "miao", "祭": "zhai", "宓": "fu", "覃": "qin", "冼": "xian",
    "万俟": "moqi", "尉迟": "yuchi", "单于": "chanyu", "逄": "pang", "牟": "mou", "洗": "xian", "秘": "bi",
    "燕": "yan", "任": "ren",
}  # fmt: skip
_UNSEEN: Final = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff\uffa0]"
)
_STARS: Final = "∗✱×•●○■□＊✕"
_SPARE: Final = "\x1e"
_MOST_READINGS: Final = 8
_VARIANTS: Final = {
    "锺": "钟",
    "馀": "余",
    "於": "于",
    "乾": "干",
    "彚": "汇",
    "昇": "升",
    "喆": "哲",
    "峯": "峰",
    "堃": "坤",
}


@lru_cache(maxsize=1)
def _simplified() -> dict[int, str]:
    """Code point → the simplified character, and → `*` for every sign that hides a digit, and Latin without accents."""
    from opencc import OpenCC  # noqa: PLC0415 - 50 ms that only a check needs

    han = [chr(code) for code in range(0x4E00, 0xA000)]
    simple = OpenCC("t2s").convert("\n".join(han)).split("\n")
    table = {ord(one): other for one, other in zip(han, simple, strict=True) if one != other and len(other) == 1}
    table |= {ord(one): other for one, other in _VARIANTS.items()}
    table |= {ord(sign): "*" for sign in _STARS}
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0]
        if base.isascii() and base.isalpha():
            table[code] = base.lower()
    return table


def fold(cells: Iterable[str | None]) -> list[str]:
    """Every cell in one writing; an empty one is "". Fast, for all cells are worked on as one text."""
    texts = [cell.replace(_SPARE, " ") if cell else "" for cell in cells]
    if not texts:
        return []
    whole = _SPARE.join(texts)
    if not whole.isascii():
        whole = _UNSEEN.sub("", unicodedata.normalize("NFKC", whole)).translate(_simplified())
    folded = whole.lower().split(_SPARE)
    return [text.strip() for text in folded]


def traditional(names: Sequence[str]) -> list[str]:
    """Names in traditional characters."""
    from opencc import OpenCC  # noqa: PLC0415 - 50 ms that only a check needs

    return [str(name) for name in OpenCC("s2t").convert("\n".join(names)).split("\n")] if names else []


def readings(name: str) -> tuple[str, ...]:
    """How a Han name may be written in pinyin, letters only: surname first or last, `lv` and `lu` and `lyu` for 吕."""
    if not name or not all("\u4e00" <= char <= "\u9fff" for char in name):
        return ()
    from pypinyin import Style, lazy_pinyin, pinyin  # noqa: PLC0415 - 60 ms that only a check needs

    long = max(1, len(surname_of(name)))
    syllables = [list(dict.fromkeys(each))[:3] for each in pinyin(name, style=Style.NORMAL, heteronym=True)]
    told = SURNAME_READINGS.get(name[:long])
    surnames = [told] if told else []
    surnames += ["".join(each) for each in itertools.islice(itertools.product(*syllables[:long]), 2)]
    plain = "".join(lazy_pinyin(name))
    first = "".join(lazy_pinyin(name[:long]))
    found = [plain, plain.removeprefix(first) + first, first + "".join(lazy_pinyin(name[long:]))]
    for surname, *given in itertools.islice(itertools.product(surnames, *syllables[long:]), _MOST_READINGS):
        found += [surname + "".join(given), "".join(given) + surname]
    return tuple(dict.fromkeys(form for one in found for form in _vowels(one)))


def _vowels(spelled: str) -> tuple[str, ...]:
    plain = spelled.replace("ü", "v")
    if not re.search("[nl]v", plain):
        return (plain,)
    return (plain, plain.replace("v", "u"), plain.replace("v", "yu"))


def spelled(name: str) -> str:
    """The usual pinyin of a Han name with blanks between surname and given name; other text as it is."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    if not name or not all("\u4e00" <= char <= "\u9fff" for char in name):
        return name
    long = max(1, len(surname_of(name)))
    first = SURNAME_READINGS.get(name[:long]) or "".join(lazy_pinyin(name[:long]))
    return f"{first} {''.join(lazy_pinyin(name[long:]))}".replace("ü", "v")
