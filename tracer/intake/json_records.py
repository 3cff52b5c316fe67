"""JSON lines: one object a line; the union of their keys makes the columns."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator

import numpy as np
import polars as pl

from tracer.intake.blocks import LONGEST_LINE
from tracer.intake.decode import Text, texts
from tracer.intake.encoding import Positions, glimpse
from tracer.intake.grid import without
from tracer.intake.interface import Part, Reject, Shape
from tracer.intake.json_values import Row, flat, frame_of, parse, piece, records_in, several
from tracer.intake.member import Member

_CHUNK = 16 << 20
"""Bytes of lines parsed at once; a chunk with a line that Polars cannot read exactly is read line by line."""
_NUMBER = re.compile(rb'(?<!\\)(":[ \t]*)(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[ \t]*[,}])')
_PYTHON = re.compile(r"\s*\{\s*'")
_LONGEST_LITERAL, _MOST_OPENED = 1 << 16, 1_000
_HALF = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
"""Half a surrogate pair, or NUL: Polars makes something else of them."""


_OBJECT = re.compile(r"\s*\{.*\}\s*,?\s*$")
_OPENING = re.compile(r"(?:\[\s{0,99})?[^\n]{0,4000}?[{]")
_KEYED = re.compile(r"""["']\s*:|\{\s*\}""")
_LOOKED_AT = 50
"""How many lines are looked at to tell the shape."""


class JsonLines:
    """One JSON object a line."""

    format = "jsonl"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether most of the first lines are objects, and not a document on one line that goes on and on."""
        shown = glimpse(head)
        lines = shown.split("\n") if len(head) >= member.size else shown.split("\n")[:-1]
        lines = [line for line in lines if line.strip() not in ("", "[", "]")][:_LOOKED_AT]
        whole = [_OBJECT.match(line) is not None and _KEYED.search(line) is not None for line in lines]
        opened = shown.lstrip().partition("\n")[0].strip()
        # An array whose brackets share lines with its objects is a document.
        shared = opened.startswith("[") and opened != "["
        many = bool(lines) and (whole[0] or sum(whole) >= 0.6 * len(lines))
        return many and not shared and _OPENING.match(shown.lstrip()) is not None

    def read(self, member: Member) -> Iterator[Part]:
        """Every line an object; a line that is none is a reject.

        Raises:
            UnreadableInput: no line is an object.
        """
        said = False
        for text in texts(member):
            lengths = np.diff(text.begins, append=len(text.data))
            text = without(text, np.flatnonzero(lengths > LONGEST_LINE), "line longer than 64 MiB")  # noqa: PLW2901
            if not said:
                said = True
                yield Shape("jsonl", text.encoding)
            yield from text.rejects
            for first, last in _chunks(text):
                bulk = _in_bulk(text, first, last)
                if bulk is not None:
                    yield piece("", bulk[0], np.column_stack((text.offsets[bulk[1]], text.ends[bulk[1]])))
                else:
                    yield from _one_by_one(text, first, last)


def _chunks(text: Text) -> Iterable[tuple[int, int]]:
    first = 0
    while first < len(text.begins):
        last = int(np.searchsorted(text.begins, text.begins[first] + _CHUNK))
        last = max(last, first + 1)
        yield first, last
        first = last


def _in_bulk(text: Text, first: int, last: int) -> tuple[pl.DataFrame, Positions] | None:
    """A chunk by Polars' parser, or None where that would lose or change anything (nesting, a broken line)."""
    start = int(text.begins[first])
    end = int(text.begins[last]) if last < len(text.begins) else len(text.data)
    data = text.data[start:end]
    nested, numbers = _value_kinds(data)
    if nested or (b"\\u" in data and _HALF.search(data)):
        return None
    if numbers:
        data = _NUMBER.sub(rb'\1"\2"', data)  # as text, for 1.50 must not become 1.5
    filled = np.array([i for i, line in enumerate(data.split(b"\n")[: last - first]) if line.strip()], np.int64)
    try:
        found = pl.read_ndjson(data, infer_schema_length=None)
        frame = found.select(_as_text(name, dtype) for name, dtype in found.schema.items())
    except (pl.exceptions.PolarsError, ValueError):
        return None
    if frame.height != len(filled) or not frame.width:
        return None
    return frame.select(pl.when(pl.all() != "").then(pl.all())), filled + first


def _value_kinds(data: bytes) -> tuple[bool, bool]:
    """Whether objects hold nested values, and whether bare numbers; a yes may be a false alarm, a no may not."""
    units = np.frombuffer(data, np.uint8)
    colons = np.flatnonzero(units[:-1] == ord(":"))
    colons = colons[units[colons - 1] == ord('"')]
    for _ in range(2):
        values = units[np.minimum(colons + 1, len(units) - 1)]
        colons = colons + (values == 32)
    values = units[np.minimum(colons + 1, len(units) - 1)]
    nested = np.isin(values, np.frombuffer(b"[{ \t", np.uint8))
    return bool(nested.any()), bool(np.isin(values, np.frombuffer(b"-0123456789", np.uint8)).any())


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    if dtype in (pl.String, pl.Boolean, pl.Null):
        return pl.col(name).cast(pl.String)
    raise ValueError(f"a column of {dtype} is read line by line")


def _one_by_one(text: Text, first: int, last: int) -> Iterator[Part]:
    bounds = np.append(text.begins, len(text.data)).tolist()
    rows: dict[str, list[tuple[Row, tuple[int, int]]]] = {}
    for i in range(first, last):
        line = text.data[bounds[i] : bounds[i + 1]].strip().rstrip(b",")
        if not line or line in (b"[", b"]"):
            continue
        try:
            found = [(name, flat(row)) for name, row in records_in(_value(line))]
        except (ValueError, RecursionError):
            yield Reject(int(text.offsets[i]), int(text.numbers[i]), "not a JSON object")
            continue
        for name, row in found:
            rows.setdefault(name, []).append((row, (int(text.offsets[i]), int(text.ends[i]))))
    for name, kept in rows.items():
        yield piece(name, frame_of([row for row, _ in kept]), [place for _, place in kept])


def _value(line: bytes) -> object:
    """The value of a line, or the list of several on it."""
    written = line.decode()
    try:
        return parse(written)
    except ValueError:
        if _PYTHON.match(written):
            return _literal(written)
        if not written.startswith("{") or written.find("{", 1) < 0:
            raise
        return several(written)


def _literal(written: str) -> object:
    """An object as Python prints it, with single quotes, None and True.

    Raises:
        ValueError: it is none, or holds what JSON has not (sets, bytes, numbers without end).
    """
    if len(written) > _LONGEST_LITERAL or sum(map(written.count, "[{(")) > _MOST_OPENED:
        raise ValueError("too long for a literal")  # Python's own parser is not made for attacks
    try:
        return parse(json.dumps(ast.literal_eval(written), ensure_ascii=False, allow_nan=False))
    except (SyntaxError, MemoryError, TypeError):
        raise ValueError("no literal") from None
