"""The words of the report, in Chinese and in English, and how figures, times and digests are written."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Final

LANGUAGES: Final = ("zh", "en")
MINUS: Final = "–"
"""Stands where a fact cannot exist, unlike one that was not recorded."""


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one language."""

    lang: str
    phrases: Mapping[str, str]

    def __call__(self, key: str, **facts: object) -> str:
        """The phrase `key` with its facts filled in.

        Raises:
            KeyError: no such phrase.
        """
        phrase = self.phrases[key]
        return phrase.format_map(facts) if facts else phrase

    def known(self, key: str, otherwise: str) -> str:
        """The phrase `key`, or a word that has no translation as it is."""
        return self.phrases.get(key, otherwise)

    def of_evidence(self, evidence: Mapping[str, Any]) -> str:
        """The statement of a piece of evidence in this language, where it was written in it."""
        return str((self.lang == "zh" and evidence.get("statement_zh")) or evidence.get("statement", ""))

    def join(self, items: object) -> str:
        """Some items in one line."""
        return ("、" if self.lang == "zh" else ", ").join(str(one) for one in _listed(items))


def _listed(items: object) -> list[object]:
    return list(items) if isinstance(items, list | tuple) else [items]


@cache
def wording(lang: str) -> Wording:
    """The words of a language of `LANGUAGES`."""
    text = resources.files("tracer.report").joinpath("words", f"{lang}.toml").read_text("utf-8")
    phrases: dict[str, str] = {}
    for room, told in tomllib.loads(text).items():
        phrases |= {f"{room}.{name}": phrase for name, phrase in told.items()}
    return Wording(lang, phrases)


def number(value: float) -> str:
    """A figure with separators."""
    return f"{value:,.0f}"


def share(part: float, whole: float) -> str:
    """A part of a whole in percent."""
    return f"{part / whole:.1%}" if whole else MINUS


def chance(bound: float) -> str:
    """A chance of accusing falsely as one in so many, rounded up so that it stays a bound."""
    if bound >= 1:
        return "1"
    if bound >= _PERCENT:
        return f"{math.ceil(bound * 100)}%"
    if bound < _SMALLEST:
        return f"< 1 / {1 / _SMALLEST:,.0f}"
    times = 1 / bound
    unit = 10 ** max(0, math.floor(math.log10(times)) - 1)
    return f"1 / {math.floor(times / unit * (1 + _ROUNDING)) * unit:,.0f}"


_PERCENT: Final = 0.02
_SMALLEST: Final = 1e-6
"""Bounds below are printed as below: the assumptions are not known any better."""
_ROUNDING: Final = 1e-9


def moment(time: str) -> str:
    """A time of ISO 8601 to the second, with its zone."""
    day, mark, rest = time.partition("T")
    if not mark:
        return day
    zone = _ZONE.search(rest)
    told = "" if zone is None else " UTC" if zone[0] in {"Z", "+00:00"} else f" {zone[0]}"
    return f"{day} {rest[:8]}{told}"


_ZONE: Final = re.compile(r"Z$|[+-]\d\d:\d\d$")


def span(after: str | None, before: str | None) -> str:
    """The days of a leak window."""
    return f"{after or '…'} – {before or '…'}"


def short(digest: str, length: int = 16) -> str:
    """The first characters of a digest, enough to find it again."""
    return digest[:length] + "…" if len(digest) > length else digest
