"""Phone numbers in call lists: their one writing, their class, and how they are shown."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

_MOBILE = re.compile(r"1[3-9]\d{9}$")
_DIALLED = re.compile(r"(?:\+?86|0086|0|9|179\d\d|12593|1259\d|#31#|\*67)*(1[3-9]\d{9})$")
_SET_BETWEEN = str.maketrans("", "", " \t\u00a0\u3000-‐‑–—()（）.'\"`")
_PEOPLE = frozenset({"mobile", "virtual_operator", "landline", "abroad", "machine", "unknown"})


@dataclass(frozen=True, slots=True)
class NumberClass:
    """What a number says about itself."""

    name: str
    meaning: str
    source: str


UNKNOWN = NumberClass("unknown", "no known kind of number", "")


@lru_cache(1 << 16)
def normalise(written: str) -> str:
    """Digits only; a mainland mobile number without country code and dialling prefixes; another country's as 00….

    Masked numbers keep their stars. Empty where no digit is left (a hidden caller).
    """
    text = written.strip().translate(_SET_BETWEEN).removeprefix("tel:").removeprefix("sip:").partition("@")[0]
    dialled = _DIALLED.match(text)
    if dialled:
        return dialled.group(1)
    if text.startswith("+"):
        text = "00" + text[1:]
    text = text.removeprefix("0086") if text.startswith("0086") else text
    return "".join(char for char in text if char.isdigit() or char == "*") if any(map(str.isdigit, text)) else ""


def is_mobile(number: str) -> bool:
    """Whether a normalised number is a whole mainland mobile number."""
    return bool(_MOBILE.match(number))


@lru_cache(1 << 16)
def class_of(number: str) -> NumberClass:
    """The class of a normalised number."""
    return next((one for pattern, one in _classes() if pattern.fullmatch(number)), UNKNOWN)


def mask(number: str) -> str:
    """`138****5678`; numbers of enterprises and services are nobody's and are shown as they are."""
    if class_of(number).name not in _PEOPLE or len(number) < 5:
        return number
    if is_mobile(number):
        return f"{number[:3]}****{number[-4:]}"
    return f"{number[:-4]}****"


@cache
def _classes() -> tuple[tuple[re.Pattern[str], NumberClass], ...]:
    listed = tomllib.loads(Path(__file__).with_name("number_classes.toml").read_text("utf-8"))["class"]
    return tuple((re.compile(one["match"]), NumberClass(one["name"], one["meaning"], one["source"])) for one in listed)
