"""Cards without labels: as many lines each, a blank line or a rule between them. A card is a record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from tracer.intake.decode import texts
from tracer.intake.encoding import glimpse
from tracer.intake.furniture import IDENTIFIER
from tracer.intake.interface import Note, Part, Piece, Shape
from tracer.intake.member import Member

_RULE = re.compile(r"^\s*[-=_*#~+—]*\s*$")
_NAMED = re.compile(IDENTIFIER)
_LEAST_CARDS, _LONGEST_CARD = 3, 12
_LEAST = 0.9
_BATCH = 50_000
_Card = tuple[tuple[int, int], list[str]]
"""(where it begins and ends, its lines)."""


class Stanzas:
    """Groups of single lines."""

    format = "text"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether nearly all groups have as many lines, and name somebody once on the same line."""
        shown = glimpse(head)
        cards = [lines for _, lines in _cards(((0, 0), line) for line in shown.split("\n"))]
        cards = cards[: -1 if len(head) < member.size else None][:500]
        if len(cards) < _LEAST_CARDS:
            return False
        usual, times = Counter(map(len, cards)).most_common(1)[0]
        if not 2 <= usual <= _LONGEST_CARD or times < _LEAST * len(cards):
            return False
        alike = [card for card in cards if len(card) == usual]
        named = [sum(_NAMED.search(card[i]) is not None for card in alike) / len(alike) for i in range(usual)]
        # Where every line names somebody, the groups are rows with gaps between them.
        return max(named) >= 0.8 and min(named) < 0.2

    def read(self, member: Member) -> Iterator[Part]:
        """Every group a record."""
        said = False
        usual = 0
        cards: list[_Card] = []
        aside = 0
        for text in texts(member):
            if not said:
                said = True
                yield Shape("text", text.encoding)
            yield from text.rejects
            where = zip(text.offsets.tolist(), text.ends.tolist(), strict=True)
            for at, lines in _cards(zip(where, text.data.decode().split("\n"), strict=False)):
                if len(lines) == 1 and usual > 1 and not _NAMED.search(lines[0]):
                    aside += 1
                    continue
                cards.append((at, lines))
                usual = usual or len(lines)
            if len(cards) >= _BATCH:
                yield _piece(cards)
                cards = []
        if cards:
            yield _piece(cards)
        if aside:
            yield Note(f"{aside} lines of titles or adverts are no records")


def _cards(lines: Iterable[tuple[tuple[int, int], str]]) -> Iterator[_Card]:
    begun = until = 0
    held: list[str] = []
    for (at, end), line in lines:
        if _RULE.match(line):
            if held:
                yield (begun, until), held
            held = []
            continue
        if not held:
            begun = at
        until = end
        held.append(line.strip())
    if held:
        yield (begun, until), held


def _piece(cards: list[_Card]) -> Piece:
    width = max(len(lines) for _, lines in cards)
    cells = pl.DataFrame(
        [
            pl.Series(f"c{i}", [lines[i] if i < len(lines) else None for _, lines in cards], dtype=pl.String)
            for i in range(width)
        ]
    )
    return Piece("", (None,) * width, cells, *np.array([place for place, _ in cards], np.int64).T)
