"""Which sign parts the cells of a line, found by a vote of the lines themselves."""

from __future__ import annotations

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial

_SINGLE = ",\t;|^~\x01\x1f，；｜¦§、"
"""Signs that part cells even when they stand alone."""
_RUNS = "-#$&@:%!+=_"
"""Signs that part cells only in runs of two or more, for alone they stand inside values (2024-05-01, a@b.cn)."""
_PAIRS = ("=>", "->", "<>", "||", "\\t")
"""Signs of more than one kind."""
_WEAK = ":#/*-·•"
"""Signs common in values; believed only when they lay an identifier bare (see `lays_bare`)."""

_GROUPED = re.compile(r"(?<![\d.])(\d{1,3})((?:,\d{3})+)(?![\d])")
"""A number whose thousands are parted: 1,234,567.50."""
_NUMBERED = re.compile(r"^\s*\d{1,7}、(?!\d)")
"""The place of a line in a list, which parts nothing."""
_QUOTED = re.compile(r'(?<![\w"])"(?:[^"]|""){0,2000}"(?![\w"])')
_IDENTIFIER = re.compile(
    r"^(?:(?:\+?86|0086)?[-\s]?1[3-9]\d(?:[- ]?\d{4}){2}"
    r"|(?:(?:\+?86|0086)[-\s]?)?1[3-9]\d[*xX]{3,5}\d{3,4}|\d{17}[\dXx]|[^@\s]+@[^@\s]+\.\w+)$"
)
_LONGEST = 10_000
_LONGEST_RUN = 6
_NUMBERS = 0.9
_LEAST = 0.5
"""Least share of lines that must hold the same number of separators."""


def unquote(block: str) -> list[str]:
    """The lines of a piece of text, each quoted cell (with the line ends in it) as one letter; no blank ones."""
    return [line.rstrip("\r") for line in _QUOTED.sub("q", block).split("\n") if line.strip()]


def vote(lines: Sequence[str]) -> str:
    """The separator of these sampled lines (as `unquote` gives them), or "" where each line is one cell.

    Every candidate is scored by share² · log2(1 + count): the share of lines with its commonest count, or as many as
    the line before or behind (several tables in one text), and that count.
    """
    bare = [line[:_LONGEST] for line in lines if any(map(str.isalnum, line))] or list(lines)  # rules do not vote
    if sum(_NUMBERED.match(line) is not None for line in bare) >= _NUMBERS * len(bare):
        bare = [_NUMBERED.sub("", line) for line in bare]
    best, best_score = "", 0.0
    ungrouped = [_GROUPED.sub(r"\1", line) for line in bare]
    for candidate in _candidates(bare):
        counts = [line.count(candidate) for line in (ungrouped if candidate == "," else bare)]
        tally = Counter(count for count in counts if count)
        if not tally:
            continue
        count, times = max(tally.items(), key=lambda item: (item[1], item[0]))
        near = sum(
            bool(here) and here in (before, behind)
            for before, here, behind in zip([0, *counts[:-1]], counts, [*counts[1:], 0], strict=True)
        )
        middle = sorted(counts)[len(counts) // 2]
        ragged = sum(count >= 2 and abs(count - middle) <= max(2, middle // 3) for count in counts)
        share = max(times, near * 0.95, ragged * 0.6) / len(bare)
        score = share**2 * math.log2(1 + count)
        if share >= _LEAST and score > best_score:
            best, best_score = candidate, score
    return best or next((sign for sign in _WEAK if lays_bare(bare, partial(_filled, sign=sign))), "")


def is_identifier(cell: str) -> bool:
    """Whether a cell is a phone, an identity number or an e-mail address, masked or not, and nothing else."""
    plain = unicodedata.normalize("NFKC", cell).strip().lstrip("'").removesuffix(".0")
    return _IDENTIFIER.match(plain) is not None


def _candidates(lines: Iterable[str]) -> list[str]:
    """Every sign in the length in which it is used: the shortest of its runs that is found in three lines of ten."""
    found = list(lines)
    out = []
    for sign in _SINGLE + _RUNS:
        using = [line for line in found if sign in line]
        if not using:
            continue
        run = re.compile(re.escape(sign) + "+")
        least = 1 if sign in _SINGLE else 2
        lengths = Counter(
            n for line in using for n in {len(r) for r in run.findall(line)} if least <= n <= _LONGEST_RUN
        )
        common = [n for n, lines_with in lengths.items() if lines_with >= 0.3 * len(found)]
        if common:
            out.append(sign * min(common))
    return out + [pair for pair in _PAIRS if sum(pair in line for line in found) >= 0.3 * len(found)]


def lays_bare(lines: Sequence[str], cut: Callable[[str], list[str]]) -> bool:
    """Whether cutting gives as many cells nearly everywhere, and shows identifiers that the uncut lines are not."""
    rows = [cut(line) for line in lines]
    width, agreeing = Counter(map(len, rows)).most_common(1)[0] if rows else (0, 0)
    if width < 2 or agreeing < 0.9 * len(lines):
        return False
    uncut = sum(map(is_identifier, lines))
    shown = max(sum(is_identifier(cells[i]) for cells in rows if len(cells) == width) for i in range(width))
    return shown >= 0.6 * len(lines) and uncut < 0.1 * len(lines)


def _filled(line: str, sign: str) -> list[str]:
    """The cells between a sign that hold anything."""
    return [cell.strip() for cell in line.split(sign) if cell.strip()]
