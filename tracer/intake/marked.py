"""Cells of a line that stand behind labels (`姓名:张三 电话:138…`), within brackets or behind pictures."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from tracer.intake.decode import Text
from tracer.intake.grid import rewritten
from tracer.intake.separator import is_identifier

_LABEL = re.compile(r"(?:^|(?<=[\s,，;；&|/、]))([^\W\d_][\w.]{0,15})[ ]?(?:[:：](?!//)|=)")
_PARTING = r"[\s,，;；&|/、]*"
_LONGEST = 4_000
"""Characters of a line that is looked at."""
_LEAST_LABELS = 2
_MOSTLY = 0.8
_NEARLY_ALL = 0.9
_SIGNS = (
    re.compile(r"[ \t]*[【】〖〗「」『』《》\[\]()（）<>]+[ \t]*"),
    re.compile("[ \t]*[\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f\u200d]+[ \t:：]*"),
)
"""Brackets, and pictures."""


def mark(text: Text, lines: Sequence[str]) -> Text | None:
    """The text with 0x1F between its cells, or None where nothing marks them.

    Args:
        text: every line.
        lines: a sample of them.
    """
    words = [line.strip()[:_LONGEST] for line in lines if any(map(str.isalnum, line))]
    labels = _labels(words)
    if labels:
        return _cut(text, _Labelled(labels))
    sign = next((one for one in _SIGNS if _lays_bare(words, one)), None)
    return None if sign is None else _cut(text, _Signed(sign))


def _labels(lines: Sequence[str]) -> tuple[str, ...]:
    """The labels that most lines have, each once, in the order in which they commonly come; none or two at least."""
    found = [_LABEL.findall(line) for line in lines]
    often = Counter(label for labels in found for label in set(labels))
    common = [label for label, lines_with in often.items() if lines_with >= _MOSTLY * len(lines)]
    if len(common) < _LEAST_LABELS or sum(len(labels) == len(set(labels)) for labels in found) < _MOSTLY * len(found):
        return ()
    orders = Counter(tuple(label for label in labels if label in common) for labels in found)
    return max((order for order in orders if set(order) == set(common)), key=lambda order: orders[order], default=())


def _lays_bare(lines: Sequence[str], sign: re.Pattern[str]) -> bool:
    """Whether cutting there gives as many cells everywhere and shows identifiers, which lines are not."""
    signed = _Signed(sign)
    cut = [signed.cells(line) for line in lines]
    usual, agreeing = Counter(map(len, cut)).most_common(1)[0] if cut else (0, 0)
    if usual < _LEAST_LABELS or agreeing < _NEARLY_ALL * len(lines):
        return False
    shown = max(sum(is_identifier(cells[i]) for cells in cut if len(cells) == usual) for i in range(usual))
    return shown >= 0.6 * len(lines) and sum(map(is_identifier, lines)) < 0.1 * len(lines)


class _Labelled:
    """Cuts a line before each of some labels."""

    def __init__(self, labels: tuple[str, ...]) -> None:
        """Of these, in their order."""
        self._labels = labels
        one_of = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
        before = rf"{_PARTING}(?:^|(?<=[\s,，;；&|/、]))(?=(?:{one_of})[ ]?(?:[:：](?!//)|=))"
        self._before = re.compile(before)
        self._label = re.compile(rf"({one_of})[ ]?(?:[:：]|=)")

    def cells(self, line: str) -> list[str]:
        """What stands before the first label, and the rest, each label at its own place."""
        first, *rest = self._before.split(line)
        if not rest:
            return [line]  # an advert
        cells = dict.fromkeys(self._labels, "")
        for cell in rest:
            found = self._label.match(cell)
            label = found[1] if found else self._labels[-1]
            cells[label] = f"{cells[label]} {cell}".strip()
        return [first.strip(), *cells.values()]


class _Signed:
    """Cuts a line at signs, which at its ends part nothing."""

    def __init__(self, sign: re.Pattern[str]) -> None:
        """At this one."""
        self._sign = sign

    def cells(self, line: str) -> list[str]:
        """What stands between the signs."""
        cells = self._sign.split(line.strip())
        return cells[cells[0] == "" : len(cells) - (cells[-1] == "")] or [""]


def _cut(text: Text, how: _Labelled | _Signed) -> Text:
    lines = text.data.decode().split("\n")
    tail = lines.pop() if text.data.endswith(b"\n") else None
    cut = ["\x1f".join(how.cells(line)) if line.strip() and len(line) <= _LONGEST else line for line in lines]
    return rewritten(text, ("\n".join(cut) + ("\n" if tail is not None else "")).encode())
