"""What stands on the pages: sections of blocks, without any markup.

Texts are data from here to the printed page: neither typst nor a browser ever parses them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Cell = str | None
"""A text; None where a fact should stand that nobody recorded."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph."""

    text: str
    small: bool = False


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a part of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Callout:
    """A sentence that must not be missed."""

    tone: Literal["established", "consistent", "indeterminate", "excluded", "warning", "note"]
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Facts:
    """Labels and values about one subject."""

    subject: str
    rows: tuple[tuple[str, Cell], ...]
    paired: bool = False
    """Whether two short facts may stand on one line."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first column names the row."""

    caption: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    widths: tuple[float, ...]
    """Relative widths of the columns."""
    right: frozenset[int] = frozenset()
    """Columns of figures, set to the right."""
    mono: frozenset[int] = frozenset()
    """Columns of digests and commands."""
    tones: frozenset[int] = frozenset()
    """Columns of verdict words."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A text to be kept letter by letter: a checkpoint, a command, a digest."""

    text: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A picture as SVG."""

    svg: str
    caption: str
    described: str
    """What a reader who does not see it must know."""
    width: float = 1.0
    """Of the text's width."""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Lines to sign on."""

    lines: tuple[tuple[str, str], ...]
    """Who signs and as what."""
    labels: tuple[str, str, str]
    """Words for signature, date and seal."""


Block = Text | Heading | Bullets | Callout | Facts | Table | Listing | Figure | Signatures


@dataclass(frozen=True, slots=True)
class Section:
    """One of the sections A to J."""

    letter: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """The whole report in one language."""

    lang: str
    title: str
    subtitle: str
    cover: tuple[Block, ...]
    sections: tuple[Section, ...]
    digest: str
    issued: str
    """ISO 8601."""
    labels: dict[str, str]
    """Words of the running head and foot."""


@dataclass(frozen=True, slots=True)
class Defect:
    """Something that should have been recorded and was not."""

    section: str
    what: str
    subjects: tuple[str, ...]


def defects(sections: Sequence[Section]) -> tuple[Defect, ...]:
    """What is missing in the sections, gathered by section and field."""
    found: dict[tuple[str, str], list[str]] = {}
    for section in sections:
        for what, subject in _missing(section.blocks):
            found.setdefault((section.letter, what), []).append(subject)
    return tuple(Defect(letter, what, tuple(subjects)) for (letter, what), subjects in found.items())


def _missing(blocks: Sequence[Block]) -> Iterator[tuple[str, str]]:
    for block in blocks:
        if isinstance(block, Facts):
            yield from ((label, block.subject) for label, value in block.rows if value is None)
        elif isinstance(block, Table):
            for row in block.rows:
                pairs = zip(block.heads, row, strict=True)
                yield from ((head, row[0] or block.caption) for head, value in pairs if value is None)
