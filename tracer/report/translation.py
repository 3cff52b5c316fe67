"""Sentences that the instruments write in English, put into the language of the report where that is known."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib import resources
from typing import Final

_JOINED: Final = " + "


def translated(text: str, lang: str) -> str:
    """`text` in the language of the report; a sentence that nobody put into Chinese stays as it is."""
    if lang != "zh":
        return text
    sentences, terms = _known()
    if text in terms:
        return terms[text]
    if _JOINED in text and all(part in terms for part in text.split(_JOINED)):
        return _JOINED.join(terms[part] for part in text.split(_JOINED))
    for pattern, told in sentences:
        found = pattern.fullmatch(text)
        if found:
            return told.format(*(translated(group, lang) for group in found.groups()))
    return text


@cache
def _known() -> tuple[list[tuple[re.Pattern[str], str]], dict[str, str]]:
    text = resources.files("tracer.report").joinpath("words", "sentences.toml").read_text("utf-8")
    told = tomllib.loads(text)
    return [(re.compile(pattern), chinese) for pattern, chinese in told["sentences"].items()], told["terms"]
