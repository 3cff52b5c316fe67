"""JSON: one object a line, or one array of objects; the union of their keys makes the columns."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import polars as pl

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake.decode import Text, decode
from tracer.intake.encoding import Positions, glimpse
from tracer.intake.grid import LONGEST_LINE, without
from tracer.intake.interface import Reading, Reject
from tracer.intake.table import table
from tracer.settings import Settings

_CHUNK = 16 << 20
"""Bytes of lines parsed at once; a chunk with a line that Polars cannot read exactly is read line by line."""
_NUMBER = re.compile(rb'(?<!\\)(":[ \t]*)(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(?=[ \t]*[,}])')
_HALF = re.compile(rb"\\u(?:[dD][89a-fA-F]|0000)")
"""Half a surrogate pair, or NUL: Polars makes something else of them."""


class _Number(str):
    """A number as it was written."""

    __slots__ = ()


Row = dict[str, str | None]


class JsonLines:
    """One JSON object a line."""

    format = "jsonl"

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether the first line that is not blank begins an object with a key."""
        return re.match(r'\s*\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|\}\s*\n)', glimpse(head)) is not None

    def read(self, exhibit: Exhibit, settings: Settings) -> Reading:
        """Every line an object; a line that is none is a reject.

        Raises:
            UnreadableInput: no line is an object.
        """
        text = decode(exhibit)
        lengths = np.diff(text.begins, append=len(text.data))
        text = without(text, np.flatnonzero(lengths > LONGEST_LINE), "line longer than 64 MiB")
        frames, rejects, lines = [], list(text.rejects), []
        for first, last in _chunks(text):
            bulk = _in_bulk(text, first, last)
            if bulk is None:
                frame, found, broken = _one_by_one(text, first, last)
                rejects += broken
            else:
                frame, found = bulk
            frames.append(frame)
            lines.append(found)
        index = np.concatenate(lines) if lines else np.zeros(0, np.int64)
        if len(index) < 2:  # a document on one line, or one object over many lines
            return _whole(exhibit, text)
        cells = pl.concat(frames, how="diagonal")
        rejects.sort(key=lambda reject: reject.offset or 0)
        return Reading("jsonl", text.encoding, (table("", cells, cells.columns, text.offsets[index]),), tuple(rejects))


class JsonArray:
    """One JSON document: an array of objects, or an object that holds one."""

    format = "json"

    def recognises(self, head: bytes, name: str) -> bool:
        """Whether the text begins an array of objects."""
        return re.match(r"\s*\[\s*[\[{]", glimpse(head)) is not None

    def read(self, exhibit: Exhibit, settings: Settings) -> Reading:
        """Every object of the array a record; where the document breaks off, what follows is one reject.

        Raises:
            UnreadableInput: no object can be read.
        """
        return _whole(exhibit, decode(exhibit))


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


def _one_by_one(text: Text, first: int, last: int) -> tuple[pl.DataFrame, Positions, list[Reject]]:
    bounds = np.append(text.begins, len(text.data)).tolist()
    rows: list[Row] = []
    kept: list[int] = []
    rejects = []
    for i in range(first, last):
        line = text.data[bounds[i] : bounds[i + 1]].strip()
        if not line:
            continue
        try:
            rows.append(_flat(_parse(line.decode().rstrip(","))))
            kept.append(i)
        except (ValueError, RecursionError):
            rejects.append(Reject(int(text.offsets[i]), int(text.numbers[i]), "not a JSON object"))
    return _frame(rows), np.array(kept, np.int64), rejects


def _whole(exhibit: Exhibit, text: Text) -> Reading:
    """The document as one value; where it is damaged, object by object as far as they can be made out."""
    document = text.data.decode()
    rows, places, broken = _objects(document)
    if not rows:
        raise UnreadableInput(
            f"{exhibit.name}: begins like JSON, but no object can be read in it", hint="check that it was copied whole"
        )
    sizes = _bytes_before(document, [*places, *broken])
    found = text.locate(sizes[: len(places)])
    lost = text.locate(sizes[len(places) :])
    lines = text.numbers[text.lines_of(sizes[len(places) :])]
    rejects = [Reject(int(at), int(line), "not a JSON object") for at, line in zip(lost, lines, strict=True)]
    cells = _frame(rows)
    return Reading("json", text.encoding, (table("", cells, cells.columns, found),), (*text.rejects, *rejects))


def _objects(document: str) -> tuple[list[Row], list[int], list[int]]:
    """(records, where each begins, where something that is no object begins), in characters."""
    decoder = json.JSONDecoder(parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    rows: list[Row] = []
    places: list[int] = []
    broken: list[int] = []
    at = 0
    opening = re.compile(r"\{")
    while found := opening.search(document, at):
        try:
            value, end = decoder.raw_decode(document, found.start())
            nested = _only_list(value)
            for row in nested if nested is not None else [value]:
                rows.append(_flat(row))
                places.append(found.start())
            at = end
        except (ValueError, RecursionError):
            broken.append(found.start())
            following = re.compile(r"\}\s*,?\s*(?=\{)|\n\s*(?=\{)").search(document, found.start() + 1)
            if following is None:
                break
            at = following.end()
    return rows, places, broken


def _only_list(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of an envelope: {"RECORDS": [{…}, …]} is what database tools export."""
    lists = [v for v in value.values() if isinstance(v, list) and v and all(isinstance(row, dict) for row in v)]
    return lists[0] if len(lists) == 1 and len(value) <= 8 and len(lists[0]) > 1 else None


def _bytes_before(document: str, places: Sequence[int]) -> Positions:
    """Character positions as positions in the UTF-8 text."""
    order = np.argsort(places, kind="stable")
    out = np.zeros(len(places), np.int64)
    at, size = 0, 0
    for i in order:
        size += len(document[at : places[i]].encode())
        at = places[i]
        out[i] = size
    return out


def _parse(line: str) -> dict[str, Any]:
    value = json.loads(line, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    if not isinstance(value, dict):
        raise ValueError("not an object")
    return value


def _flat(value: dict[str, Any]) -> Row:
    return {key: _cell(item) for key, item in value.items()}


def _cell(value: Any) -> str | None:
    """A value as text: strings and numbers as they stand, nested ones as compact JSON; empty is null."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else _compact(value)
    return text if text.isascii() else text.encode("utf-8", errors="replace").decode()


def _compact(value: Any) -> str:
    """JSON without blanks, numbers written as they were."""
    if isinstance(value, dict):
        return (
            "{"
            + ",".join(f"{json.dumps(key, ensure_ascii=False)}:{_compact(item)}" for key, item in value.items())
            + "}"
        )
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return str(value) if isinstance(value, _Number) else json.dumps(value, ensure_ascii=False)


def _frame(rows: Sequence[Row]) -> pl.DataFrame:
    keys = dict.fromkeys(key for row in rows for key in row)
    return pl.DataFrame({key: pl.Series(key, [row.get(key) for row in rows], dtype=pl.String) for key in keys})
