"""A dump as the matcher sees it: folded cells, and how frequent each thing is in it.

Every chance of agreement by accident is taken from the dump itself, never from a census: a dump of one province, or of
one surname's village, has other accidents than the country.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from canaries.table import IDS
from canaries.values import canonical, compact
from canaries.writing import fold

SAMPLED: Final = 60_000
"""From how many records frequencies are counted at most."""
_PLACED: Final = 5_000
_FOURS: Final = 20
_QUIET: Final = frozenset(
    {"date", "datetime", "birth_date", "amount", "limit", "sex", "age", "product", "region", "code", "email", "address"}
)
"""Roles of columns that hold no name and no phone: their digits and words are not taken for one."""
HAN: Final = re.compile(r"[\u3400-\u9fff·]+")
LATIN: Final = re.compile(r"[a-z]{3,}")
NUMBER: Final = re.compile(r"[0-9*]{4,}")
_PHONE: Final = re.compile(r"^(?:0?86|0086|0)?(1[0-9]{2})([0-9*]*?)([0-9*]{4})$")
_MASKED_HEAD: Final = re.compile(r"^(\*+)([0-9]{4})$")
_SEPARATED: Final = re.compile(r"(?<=[0-9*])[ \-.()·_]+(?=[0-9*])")


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the dump."""

    name: str
    role: str

    @property
    def speaks(self) -> bool:
        """Whether names or phones may stand in it."""
        return self.role not in _QUIET


def heard(name: str, role: str, cells: Sequence[str | None]) -> Column:
    """A column with its role, unless its cells show that they are the last four digits of phones."""
    filled = [cell for cell in cells[:_PLACED] if cell]
    fours = sum(len(cell) == 4 and cell.isdigit() for cell in filled)
    if len(filled) >= _FOURS and fours > 0.95 * len(filled) and len(set(filled)) > 0.2 * min(len(filled), 10_000):
        return Column(name, "phone_end" if any(cell.startswith("0") for cell in filled) else role)
    return Column(name, role)


@dataclass(frozen=True, slots=True)
class Records:
    """Some records of a dump: `cells[j][i]` is the folded cell of record i in column j."""

    columns: tuple[Column, ...]
    rows: Sequence[int]
    """Their numbers in the dump."""
    cells: tuple[list[str], ...]

    def texts(self, place: int) -> list[str]:
        """The cells of one record."""
        return [column[place] for column in self.cells]


def records(columns: Sequence[Column], rows: Sequence[int], cells: Sequence[Sequence[str | None]]) -> Records:
    """Fold the cells of some records."""
    return Records(tuple(columns), rows, tuple(fold(column) for column in cells))


@dataclass(frozen=True, slots=True)
class Person:
    """What one record says about whom it is about, wherever it says it."""

    han: tuple[str, ...]
    """Words of Han characters that may be or hold a name."""
    latin: tuple[str, ...]
    """Words of letters, joined: `zhangwei`."""
    numbers: tuple[str, ...]
    """Runs of digits and stars, four or more."""


def person(columns: Sequence[Column], texts: Sequence[str]) -> Person:
    """Read a record: names and numbers may stand in any column, alone or run together."""
    han: list[str] = []
    latin: list[str] = []
    numbers: list[str] = []
    for column, text in zip(columns, texts, strict=True):
        if not text or not column.speaks:
            continue
        if any(char.isdigit() or char == "*" for char in text):
            bare = _SEPARATED.sub("", text.replace("x", "*").replace("#", "*") if column.role not in IDS else text)
            numbers += NUMBER.findall(bare)
        if column.role not in IDS:
            joined = compact(text)
            if joined.isascii():
                letters = re.sub(r"[^a-z]", "", joined) if column.role == "name" else ""
                latin += dict.fromkeys([*([letters] if len(letters) > 2 else []), *LATIN.findall(joined)])
            else:
                han += HAN.findall(joined)
    return Person(tuple(han), tuple(latin), tuple(numbers))


def phone_like(number: str) -> str:
    """Eleven characters, `*` for hidden ones, of a run of digits and stars that is a phone; else "".

    Seven stars and four digits, and the last four digits alone, are phones too.
    """
    if len(number) == 4 and number.isdigit():
        return "*" * 7 + number
    found = _PHONE.match(number)
    if found is not None:
        head, middle, tail = found.groups()
        if "*" in middle:
            middle = middle if len(middle) == 4 else "****"
        if len(middle) == 4:
            return head + middle + tail
        return ""
    masked = _MASKED_HEAD.match(number)
    return "*" * 7 + masked.group(2) if masked is not None else ""


@dataclass(frozen=True, slots=True)
class Frequencies:
    """How often things occur in a dump, counted on a sample of its records."""

    sampled: int
    heads: Mapping[str, int]
    phones: int
    """Records with a phone."""
    names: Mapping[str, int]
    """Whole words that may be names."""
    surnames: Mapping[str, int]
    given: Mapping[str, int]
    """Characters behind the first of a word of two to four."""
    words: int
    """How many words that may be names."""
    named: bool
    """Whether most records name somebody."""
    values: tuple[Mapping[str, int], ...]
    """Per column: canonical value → count; empty where nearly every record has its own."""
    days: tuple[Mapping[str, int], ...]
    """Per column of moments: day → count."""
    places: tuple[tuple[Mapping[str, float], ...], ...]
    """Per column where nearly every record has its own value: for each place, how often each character stands there."""


def count(sample: Records) -> Frequencies:
    """Count a sample of a dump's records."""
    heads: Counter[str] = Counter()
    names: Counter[str] = Counter()
    surnames: Counter[str] = Counter()
    given: Counter[str] = Counter()
    phones = named = 0
    for place in range(len(sample.rows)):
        one = person(sample.columns, sample.texts(place))
        found = [phone for phone in map(phone_like, one.numbers) if phone]
        phones += bool(found)
        heads.update({phone[:3] for phone in found})
        words = {word for word in one.han if 2 <= len(word) <= 4}
        named += bool(words or one.latin)
        names.update(words | set(one.latin))
        for word in words:
            surnames[word[0]] += 1
            given.update(set(word[1:]))
    values, days, places = [], [], []
    for cells in sample.cells:
        told = Counter(map(canonical, cells))
        told.pop("", None)
        places.append(_places(told) if len(told) > 0.3 * told.total() else ())
        days.append(Counter(value[2:10] for value in told.elements() if value[:2] in {"d:", "t:"}))
        values.append(told if len(told) <= max(50, 0.6 * told.total()) else Counter())
    total = len(sample.rows)
    return Frequencies(
        total,
        heads,
        phones,
        names,
        surnames,
        given,
        sum(surnames.values()),
        named > 0.3 * total,
        tuple(values),
        tuple(days),
        tuple(places),
    )


def _places(told: Mapping[str, int]) -> tuple[Mapping[str, float], ...]:
    bare = [value[2:] if value[1:2] == ":" else value for value in list(told)[:_PLACED]]
    longest = min(40, max(map(len, bare), default=0))
    found = []
    for place in range(longest):
        seen = Counter(value[place] for value in bare if len(value) > place)
        found.append({char: n / seen.total() for char, n in seen.items()})
    return tuple(found)
