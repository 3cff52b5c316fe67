"""SQL dumps: the rows of their INSERT statements, read as text and never executed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tracer.errors import UnreadableInput
from tracer.intake.decode import Text
from tracer.intake.encoding import Positions, glimpse
from tracer.intake.grid import rewritten
from tracer.intake.interface import Part, Piece, Reject, Shape
from tracer.intake.member import HEAD, Member
from tracer.intake.sql_copy import copies, without_copies
from tracer.intake.sql_dialects import as_inserts, capitals, escapes
from tracer.intake.sql_portions import portions
from tracer.intake.sql_values import cells_of, tuples_of

_NAME = rb'(?:`(?:[^`]|``)+`|"(?:[^"]|"")+"|\[[^\]]+\]|[\w$\x80-\xff]+)'
_QUALIFIED = _NAME + rb"(?:\s*\.\s*" + _NAME + rb")*"
_HEAD = re.compile(
    rb"(?:INSERT|REPLACE)\s+(?:(?:LOW_PRIORITY|DELAYED|HIGH_PRIORITY|IGNORE|OVERWRITE)\s+)*"
    rb"(?:INTO\s+)?(?:TABLE\s+)?("
    + _QUALIFIED
    + rb")\s*(\(\s*"
    + _NAME
    + rb"(?:\s*,\s*"
    + _NAME
    + rb")*\s*\))?\s*(?:OVERRIDING\s+\w+\s+VALUE\s*)?VALUES?\s*(?=\()",
    re.IGNORECASE,
)
_VERBS = (b"INSERT", b"REPLACE")
_CREATE = re.compile(
    rb"^[ \t]*CREATE\s+(?:\w+\s+)*TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(" + _QUALIFIED + rb")\s*\(",
    re.IGNORECASE | re.MULTILINE,
)
_EACH = re.compile(_NAME)
_BODY = re.compile(rb"'(?:[^'\\]|\\.|'')*+'|[(),]", re.DOTALL)
_COLUMN = re.compile(rb"^\s*(" + _NAME + rb")\s+[A-Za-z]")
_NO_COLUMN = re.compile(rb"^\W*(?:PRIMARY|UNIQUE|KEY|INDEX|CONSTRAINT|FOREIGN|CHECK|FULLTEXT|SPATIAL)\b", re.IGNORECASE)
_RECOGNISED = re.compile(
    r"(?:^|;)[ \t]{0,99}(?:INSERT|REPLACE)\s+(?:(?:\w+\s+){0,3}?INTO\b|\[|ALL\b)"
    r"|^[ \t]{0,99}CREATE\s+TABLE\b|^-- MySQL dump|^/\*!40"
    r"|^COPY\s.{1,4000}\sFROM\s+stdin|^-- PostgreSQL database dump|^INSERT\s+\S+\s*\([^()]{1,4000}\)\s*VALUES",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_CREATE = 1 << 16


@dataclass(frozen=True, slots=True)
class _Statement:
    table: str
    columns: tuple[str, ...]
    head: int
    start: int
    """Where its first tuple begins."""


class SqlDump:
    """INSERT and REPLACE with values, and COPY, of any number of tables."""

    format = "sql"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether a line of the head begins an SQL statement that makes or fills a table."""
        return _RECOGNISED.search(glimpse(head)) is not None

    def read(self, member: Member) -> Iterator[Part]:
        """Every tuple a record, tables by their name and columns.

        Raises:
            UnreadableInput: it fills no table.
        """
        said, filled = "", False
        created: dict[str, tuple[str, ...]] = {}
        escaped = True
        for text in portions(member):
            if text.encoding != said:
                escaped = escapes(text.data[:HEAD]) if not said else escaped
                said = text.encoding
                yield Shape("sql", said)
            yield from text.rejects
            created |= _created(text.data)
            for part in (*copies(text), *_inserted(without_copies(text), created, escaped=escaped)):
                filled = True
                yield part
        if not filled:
            raise UnreadableInput(
                f"{member.name}: looks like SQL, but fills no table", hint="INSERT … VALUES and COPY are read"
            )


def _inserted(text: Text, created: dict[str, tuple[str, ...]], *, escaped: bool) -> Iterator[Part]:
    data = as_inserts(text.data)
    text = text if data is text.data else rewritten(text, data)
    statements = _statements(data)
    if not statements:
        return
    begins = np.array([statement.start for statement in statements], np.int64)
    ends = np.array([*(statement.head for statement in statements[1:]), len(data)], np.int64)
    found = tuples_of(data, begins, ends, escaped=escaped)
    lost = text.locate(found.broken)
    lines = text.numbers[text.lines_of(found.broken)]
    yield from (Reject(int(at), int(n), "not a complete tuple of values") for at, n in zip(lost, lines, strict=True))
    if not len(found.starts):
        return
    cells = cells_of(found, escaped=escaped)
    owner = np.searchsorted(begins, found.starts, side="right") - 1
    # Both at once, for each search begins at the head of a line.
    places = text.locate(np.column_stack((found.starts, found.ends + 1)).reshape(-1)).reshape(-1, 2)
    yield from _pieces(statements, owner, cells, places, created)


def _statements(data: bytes) -> list[_Statement]:
    # A dump repeats its heads by the hundred thousand: their names are read once.
    named: dict[tuple[bytes, bytes], tuple[str, tuple[str, ...]]] = {}
    out: list[_Statement] = []
    head = b"\n"  # no statement begins so
    for at in _verbs(data):
        if data.startswith(head, at) and data[at + len(head) : at + len(head) + 1] == b"(":
            out.append(_Statement(out[-1].table, out[-1].columns, at, at + len(head)))
            continue
        found = _HEAD.match(data, at)
        if not found or (out and at < out[-1].start):
            continue
        words = found[1], found[2] or b""
        if words not in named:
            named[words] = _name(words[0]), tuple(map(_name, _EACH.findall(words[1])))
        out.append(_Statement(*named[words], at, found.end()))
        head = found[0]
    return out


def _verbs(data: bytes) -> list[int]:
    """Where a statement may begin with INSERT or REPLACE: on a new line or behind a semicolon or a comment."""
    places = []
    upper = capitals(data)
    for verb in _VERBS:
        at = upper.find(verb)
        while at >= 0:
            before = data[max(0, at - 64) : at].rstrip(b" \t")
            if not before or before[-1:] in b"\n\r;/":
                places.append(at)
            at = upper.find(verb, at + len(verb))
    return sorted(places)


def _pieces(
    statements: Sequence[_Statement],
    owner: Positions,
    cells: pl.DataFrame,
    places: Positions,
    created: dict[str, tuple[str, ...]],
) -> Iterator[Piece]:
    """One piece for each name and list of columns, in the order in which they are first filled.

    `places` is (records, 2): where each begins in the member, and where it ends.
    """
    kinds: dict[tuple[str, tuple[str, ...]], int] = {}
    kind = np.array([kinds.setdefault((s.table, s.columns), len(kinds)) for s in statements], np.int64)[owner]
    for (name, columns), number in kinds.items():
        mine = kind == number
        if mine.any():
            part = cells if mine.all() else cells.filter(pl.Series(mine))
            titles = columns or created.get(name, ())
            width = max(len(titles), _width(part))
            missing = [pl.lit(None, pl.String).alias(f"c{i}") for i in range(part.width, width)]
            part = part.with_columns(missing).select(pl.nth(range(width)))
            yield Piece(name, (*titles, *(None,) * (width - len(titles))), part, *places[mine].T)


def _width(cells: pl.DataFrame) -> int:
    """How many columns hold anything: tables of one dump are cut together, the narrow ones padded."""
    empty = [count == cells.height for count in cells.null_count().row(0)]
    return max((i + 1 for i, nothing in enumerate(empty) if not nothing), default=0)


def _created(data: bytes) -> dict[str, tuple[str, ...]]:
    """The columns of every table that the dump creates."""
    if b"CREATE" not in capitals(data):
        return {}
    return {
        _name(found[1]): _columns(data[found.end() : found.end() + _LONGEST_CREATE]) for found in _CREATE.finditer(data)
    }


def _columns(body: bytes) -> tuple[str, ...]:
    depth, at, names = 0, 0, []
    for found in _BODY.finditer(body):
        sign = found[0]
        depth += (sign == b"(") - (sign == b")")
        if depth < 0 or (sign == b"," and depth == 0):
            definition = body[at : found.start()]
            named = _COLUMN.match(definition)
            if named and not _NO_COLUMN.match(definition):
                names.append(_name(named[1]))
            at = found.end()
        if depth < 0:
            break
    return tuple(names)


def _name(quoted: bytes) -> str:
    """The last part of a name, without its quotes."""
    part = _EACH.findall(quoted)[-1]
    bare: bytes = part[1:-1] if part[:1] in (b"`", b'"', b"[") else part
    return bare.replace(b"``", b"`").decode(errors="replace")
