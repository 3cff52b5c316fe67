"""The words of the trade, from `lexicon.toml`, and where they stand in a text."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import NamedTuple, TypeVar

T = TypeVar("T")

LATIN = re.compile(r"[a-z0-9]")


@dataclass(frozen=True, slots=True)
class Term:
    """One entry: its group (kind, offer, wanted, freshness …), the value it stands for, weight, meaning and source."""

    group: str
    value: str
    weight: float
    say: tuple[str, ...]
    match: tuple[str, ...]
    meaning: str
    source: str


class Hit(NamedTuple):
    """A term found in a text."""

    term: Term
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lexicon:
    """All terms, arranged for finding."""

    terms: tuple[Term, ...]
    usdt_cny: float
    """Yuan for one USDT."""
    _words: dict[str, tuple[tuple[str, Term], ...]]
    _firsts: re.Pattern[str]
    _shapes: tuple[tuple[re.Pattern[str], Term], ...]
    _sold: re.Pattern[str]

    def worth(self, low: str) -> bool:
        """Whether a text names anything that is sold; it is asked of every message, so it is quick."""
        return self._sold.search(low) is not None

    def hits(self, low: str) -> Iterator[Hit]:
        """Every term in the text, in order of group; of terms of one group only the longest at a place.

        A word of the group `neutral` covers the terms inside it.
        """
        found: list[Hit] = []
        covered: dict[str, int] = {}
        neutral = 0
        words, begins = self._words, low.startswith
        for first in self._firsts.finditer(low):
            start = first.start()
            pair = low[start : start + 2]
            for word, term in words.get(pair) or words.get(pair[0], ()):
                if not begins(word, start):
                    continue
                end = start + len(word)
                if end <= neutral and start < neutral:
                    continue
                if end > covered.get(term.group, 0) and _whole(low, start, end):
                    covered[term.group] = end
                    neutral = covered.get("neutral", 0)
                    found.append(Hit(term, start, end))
        yield from found
        for pattern, term in self._shapes:
            match = pattern.search(low)
            if match and match.start() < match.end():
                yield Hit(term, match.start(), match.end())


def _whole(low: str, start: int, end: int) -> bool:
    """A word in Latin letters must not be a piece of a longer one."""
    if not low[start].isascii() or not low[end - 1].isascii():
        return True
    before = LATIN.match(low[start - 1]) if start and low[start].isalnum() else None
    return not before and not (end < len(low) and low[end - 1].isalnum() and LATIN.match(low[end]))


def _by_beginning(said: Sequence[tuple[str, T]]) -> dict[str, tuple[tuple[str, T], ...]]:
    """Words by their first two characters; words of one character also stand under every pair that begins with it."""
    found: dict[str, list[tuple[str, T]]] = {}
    for word, _ in said:
        found.setdefault(word[:2], [])
    for beginning, words in found.items():
        words += [pair for pair in said if pair[0].startswith(beginning) or pair[0] == beginning[0]]
    return {beginning: tuple(words) for beginning, words in found.items()}


def _firsts(said: Sequence[tuple[str, object]]) -> re.Pattern[str]:
    return re.compile("[" + re.escape("".join(sorted({word[0] for word, _ in said}))) + "]")


def _any_of(words: Sequence[str]) -> re.Pattern[str]:
    """Any of some words: grouped by first character, of which the engine makes one set to look for."""
    ends: dict[str, list[str]] = {}
    for word in words:
        ends.setdefault(word[0], []).append(re.escape(word[1:]))
    return re.compile("|".join(f"{re.escape(first)}(?:{'|'.join(sorted(rest))})" for first, rest in ends.items()))


@cache
def lexicon() -> Lexicon:
    """The lexicon that comes with luobo."""
    listed = tomllib.loads(Path(__file__).with_name("lexicon.toml").read_text("utf-8"))
    terms = tuple(
        Term(
            one["group"],
            one.get("value", one["group"]),
            float(one["weight"]),
            tuple(one.get("say", ())),
            tuple(one.get("match", ())),
            one["meaning"],
            one["source"],
        )
        for one in listed["term"]
    )
    said = sorted(
        ((word, term) for term in terms for word in term.say),
        key=lambda pair: (pair[1].group != "neutral", -len(pair[0])),
    )
    shapes = tuple((re.compile(pattern), term) for term in terms for pattern in term.match)
    sold = [word for word, term in said if term.group in {"goods", "kind"}]
    return Lexicon(
        terms,
        float(listed["usdt_cny"]),
        _by_beginning(said),
        _firsts(said),
        shapes,
        _any_of(sold),
    )
