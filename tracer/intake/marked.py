"""Cells of a line that stand behind labels (`姓名:张三 电话:138…`), within brackets, behind pictures, or glued."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from tracer.intake.decode import Text
from tracer.intake.grid import line_by_line
from tracer.intake.separator import lays_bare

_LABEL = re.compile(r"(?:^|(?<=[\s,，;；&|/、]))([^\W\d_][\w.]{0,15})[ ]?(?:[:：](?!//)|=)")
_PICTURE = re.compile("([\u2190-\u21ff\u2600-\u27bf\u2b00-\u2bff\U0001f000-\U0001faff\ufe0f\u200d]+)")
_VALUE = re.compile(r""" ?'((?:[^'\\]|\\.|'')*)' ?,| ?"((?:[^"\\]|\\.)*)" ?,|([^,'"()]*),""")
_BRACKETED = re.compile(r"^(?:[【〖「『《\[][^【】〖〗「」『』《》\[\]]*[】〗」』》\]]\s*){2,}$")
_BETWEEN = re.compile(r"[】〗」』》\]]\s*[【〖「『《\[]")
_SIGN = re.compile(r"[【】〖〗「」『』《》\[\]()（）<>]+")
_PARTING = r"[\s,，;；&|/、]"
_LONGEST = 4_000
"""Characters of a line that is looked at."""
_LEAST_LABELS = 2
_MOSTLY = 0.8
_NEARLY_ALL = 0.9
Cut = Callable[[str], list[str]]


def marks(lines: Sequence[str], separator: str, before: Cut | None = None) -> Cut | None:
    """How lines are cut into the cells that something marks in them; None where nothing does.

    Args:
        lines: a sample of them.
        separator: that was found in them; what marks cells goes before it only if it marks more of them.
        before: how the lines before them were cut; these are alike if most are cut so too.
    """
    words = _worded(lines)
    if before is not None and sum(len(before(line)) > 1 for line in words) >= _MOSTLY * len(words):
        return before
    return _marked(words, separator)


def glued(lines: Sequence[str]) -> Cut | None:
    """How lines are cut between whose cells nothing stands; to be asked where nothing else parts them."""
    words = _worded(lines)
    return next((how for how in (_in_runs, _beside) if lays_bare(words, how)), None)


def _worded(lines: Sequence[str]) -> list[str]:
    """The lines that hold letters or digits, of each as much as is looked at."""
    return [line.strip()[:_LONGEST] for line in lines if any(map(str.isalnum, line))]


def cut(text: Text, how: Cut) -> Text:
    """The text with 0x1F between its cells."""

    def row(line: str) -> str:
        return "\x1f".join(how(line)) if line.strip() and len(line) <= _LONGEST else line

    return line_by_line(text, row)


def _marked(lines: Sequence[str], separator: str) -> Cut | None:
    """How the lines are cut."""
    if sum("'" in line and len(_values(line)) > 1 for line in lines) >= _NEARLY_ALL * max(1, len(lines)):
        return _values
    parts = bool(separator.strip(":：="))  # these end labels
    usual = Counter(line.count(separator) for line in lines).most_common(1)[0][0] if parts and lines else 0
    labels = _labels(lines, _LABEL)
    if len(labels) > usual + 1:
        return _Placed(labels, _BEFORE_LABELS, kept=True).cells
    if separator:
        return None
    pictures = _labels(lines, _PICTURE)
    if pictures:
        return _Placed(pictures, "NAMES", kept=False).cells
    if sum(_BRACKETED.match(line) is not None for line in lines) >= _NEARLY_ALL * max(1, len(lines)):
        return _bracketed
    return _signed if lays_bare(lines, _signed) else None


def _labels(lines: Sequence[str], label: re.Pattern[str]) -> tuple[str, ...]:
    """The labels that most lines have, each once, in the order in which they commonly come; none or two at least."""
    found = [label.findall(line) for line in lines]
    often = Counter(one for labels in found for one in set(labels))
    common = [one for one, lines_with in often.items() if lines_with >= _MOSTLY * len(lines)]
    if len(common) < _LEAST_LABELS or sum(len(labels) == len(set(labels)) for labels in found) < _MOSTLY * len(found):
        return ()
    orders = Counter(tuple(one for one in labels if one in common) for labels in found)
    return max((order for order in orders if set(order) == set(common)), key=lambda order: orders[order], default=())


class _Placed:
    """Cuts a line before each of some labels or pictures, and puts what stands behind each at its own place."""

    def __init__(self, names: tuple[str, ...], pattern: str, *, kept: bool) -> None:
        """Of these, in their order.

        Args:
            names: the labels, or pictures.
            pattern: what they are found by, NAMES standing for any of them.
            kept: whether a name stays before its value, to become the name of the column.
        """
        self._names, self._kept = names, kept
        one_of = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
        self._before = re.compile(pattern.replace("NAMES", f"({one_of})"))

    def cells(self, line: str) -> list[str]:
        """What stands before the first name, and what behind each; a name without a value leaves its cell empty."""
        first, *rest = self._before.split(line)
        if not rest:
            return [line]  # an advert
        cells = dict.fromkeys(self._names, "")
        for name, value in zip(rest[::2], rest[1::2], strict=True):
            bare = value.strip(None if self._kept else _AROUND)
            if bare:
                cells[name] = f"{cells[name]} {name}:{bare}".strip() if self._kept else f"{cells[name]} {bare}".strip()
        return [first.strip(), *cells.values()]


# Each run of signs is tried from its beginning only, for a line may be made of nothing else.
_BEFORE_LABELS = rf"(?<!{_PARTING}){_PARTING}*+(?:^|(?<={_PARTING}))NAMES[ ]?(?:[:：](?!//)|=)"
_AROUND = " \t\r:：,，;；|"
"""What may stand between a picture and its value, and behind that."""


def _signed(line: str) -> list[str]:
    """What stands between brackets and around them; at the ends of a line they part nothing."""
    cells = [cell.strip() for cell in _SIGN.split(line.strip())]
    return cells[cells[0] == "" : len(cells) - (cells[-1] == "")] or [""]


def _in_runs(line: str) -> list[str]:
    """Numbers, and what stands between them: `张三13812345678借呗5000`; at most so many, for an address has more."""
    runs = (cell for run in _RUNS.findall(line) for cell in _WORDS.split(run))
    cells = [bare for cell in runs if (bare := cell.strip(_AROUND_NUMBERS))]
    return cells if 1 < len(cells) <= _MOST_GLUED else [line]


def _beside(line: str) -> list[str]:
    """A mobile number or ID and what stands on either side, whatever that is: `张三13812345678朝阳区12号3单元`."""
    cells = [bare for cell in _NUMBER.split(line) if (bare := cell.strip(_AROUND_NUMBERS))]
    return cells or [line]


_NUMBER = re.compile(r"(?<![0-9])(1[3-9][0-9]{9}|[1-9][0-9]{16}[0-9Xx])(?![0-9])")
_RUNS = re.compile(r"[0-9*](?:[0-9*.:/-]|,(?=[0-9])|[xX]++(?![A-Za-z]))*+(?:[万千百亿]?元?)|[^0-9*]+")
_WORDS = re.compile(r"(?<=[\u3400-\u9fff])\s+(?=[\u3400-\u9fff])")
_AROUND_NUMBERS = " \t\r.:：,，;；|、-"
_MOST_GLUED = 8


def _bracketed(line: str) -> list[str]:
    """What stands in each pair of brackets, of a line of nothing else."""
    whole = line.strip()
    return _BETWEEN.split(whole[1:-1]) if _BRACKETED.match(whole) else [line]


def _values(line: str) -> list[str]:
    """The values of a tuple as SQL and Python write it; a line that is none stays whole."""
    whole = line.strip().rstrip(",; ")
    if not (whole.startswith("(") and whole.endswith(")")):
        return [line]
    inner, at, values = whole[1:-1].rstrip(", ") + ",", 0, []
    while at < len(inner):
        found = _VALUE.match(inner, at)
        if found is None:
            return [line]
        single, double, bare = found.groups()
        quoted = double if single is None else single.replace("''", "'").replace("\\'", "'")
        values.append(bare.strip() if quoted is None else quoted)
        at = found.end()
    return values
