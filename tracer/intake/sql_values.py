"""The tuples behind VALUES: where each begins and ends and where its values part, for a whole dump at once."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.intake.decode import find
from tracer.intake.encoding import Positions
from tracer.intake.grid import parse, spare_bytes

_VALUE = rb"""(?:'(?:[^'\\]|\\.|'')*+'|"(?:[^"\\]|\\.|"")*+"|[^'"(),;]++|\((?:[^'"()]|'(?:[^'\\]|\\.|'')*+')*+\))++"""
_TUPLE = re.compile(rb"\(" + _VALUE + rb"(?:," + _VALUE + rb")*+\)", re.DOTALL)
_PART = re.compile(_VALUE, re.DOTALL)
_GAP = re.compile(rb"[\s,]*+")
_CLOSE = re.compile(rb";|ON\s+(?:DUPLICATE|CONFLICT)\b|AS\b|--|/\*|#|RETURNING\b", re.IGNORECASE)
_RESUME = re.compile(rb"\)\s*,\s*(?=\()|\n\s*,?\s*(?=\()")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a", "b": "\b"}
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_BATCH = 1 << 20
_NONE = np.zeros(0, np.int64)
_DEEPEST = 3
"""How deep brackets may stand: a tuple, and functions in it."""


def _table(signs: bytes) -> NDArray[np.bool_]:
    table = np.zeros(256, bool)
    table[np.frombuffer(signs, np.uint8)] = True
    return table


_STRUCTURE = _table(b"(),;")
_BEFORE_STRING = _table(b"(, \t\r\n'\"_" + bytes(range(48, 58)) + bytes(range(65, 91)) + bytes(range(97, 123)))
_AFTER_STRING = _table(b"), \t\r\n;:'\"")
_INTRODUCED = r"^(?:[NnEe]|_[A-Za-z0-9]+|(?i:date|timestamp|time))\s*'"
_WRAPPED = (
    r"(?i)^(?:to_date|to_timestamp|str_to_date|to_char|cast|convert|unistr|trim|date|timestamp)\s*\("
    r"\s*(?:[\w()]+\s*,\s*)?N?('(?:[^']|'')*'|-?[0-9.]+)\s*(?:,|\)|as\b).*$"
)
_CAST = r"^(N?'(?:[^']|'')*')::[A-Za-z_ ]+(?:\([0-9, ]*\))?$"
_HEX = re.compile(r"^(?:0[xX]|[xX]')([0-9A-Fa-f]*)'?$")


@dataclass(frozen=True, slots=True, eq=False)
class Tuples:
    """Every tuple of values of a dump, in its order."""

    data: bytes
    starts: Positions
    """Where each opening bracket stands."""
    ends: Positions
    """Where each closing bracket stands."""
    commas: Positions
    """Every comma between two values."""
    broken: Positions
    """Where something begins that is no complete tuple."""


@dataclass(frozen=True, slots=True, eq=False)
class _Marks:
    """Brackets, commas and semicolons outside strings, and which statements they show to be sound."""

    at: Positions
    sign: NDArray[np.uint8]
    depth: Positions
    statement: Positions
    sound: NDArray[np.bool_]


def tuples_of(data: bytes, begins: Positions, ends: Positions, *, escaped: bool = True) -> Tuples:
    """The tuples of statements whose values lie in `data[begins[i]:ends[i]]`.

    Statements in which quotes and brackets fit are taken apart at once by counting quotes; the others tuple by tuple,
    so that what is damaged costs no more than itself.
    """
    quote = b"'" if b"'" in data or b'"' not in data else b'"'
    whole: list[tuple[Positions, Positions, Positions]] = [(_NONE, _NONE, _NONE)]
    odd: tuple[list[int], list[int], list[int], list[int]] = ([], [], [], [])
    for first, last in _batches(begins, ends):
        low = int(begins[first])
        marks = _marks(
            data[low : int(ends[last - 1])], begins[first:last] - low, ends[first:last] - low, quote, escaped=escaped
        )
        whole.append(_spans(marks, low))
        for i in np.flatnonzero(~marks.sound) + first:
            _one_by_one(data, int(begins[i]), int(ends[i]), odd)
    starts, stops, commas = (np.concatenate(parts) for parts in zip(*whole, strict=True))
    if odd[0]:
        starts, stops, commas = (
            np.sort(np.append(known, more)) for known, more in zip((starts, stops, commas), odd, strict=False)
        )
    return Tuples(data, starts, stops, commas.astype(np.int64), np.array(odd[3], np.int64))


def _batches(begins: Positions, ends: Positions) -> Iterator[tuple[int, int]]:
    """Runs of statements of about 1 MB, for arrays that fit the processor's cache are worked on three times as fast."""
    first = 0
    while first < len(begins):
        last = max(first + 1, int(np.searchsorted(ends, begins[first] + _BATCH)))
        yield first, last
        first = last


def _spans(marks: _Marks, low: int) -> tuple[Positions, Positions, Positions]:
    """(opening brackets, closing brackets, commas) of the sound statements' tuples."""
    sound = marks.sound[marks.statement]
    opening = sound & (marks.sign == ord("(")) & (marks.depth == 1)
    closing = sound & (marks.sign == ord(")")) & (marks.depth == 0)
    parting = sound & (marks.sign == ord(",")) & (marks.depth == 1)
    return marks.at[opening] + low, marks.at[closing] + low, marks.at[parting] + low


def _marks(data: bytes, begins: Positions, ends: Positions, quote: bytes, *, escaped: bool) -> _Marks:
    units = np.frombuffer(data, np.uint8)
    is_quote = units == quote[0]
    if escaped and b"\\" in data:
        is_quote[_escaped(units)] = False
    for after, before in zip(ends[:-1], begins[1:], strict=True):
        is_quote[after:before] = False  # the head of a statement
    odd = np.add.reduceat(is_quote, begins, dtype=np.int64) % 2 == 1
    for i in np.flatnonzero(odd):
        is_quote[begins[i] : ends[i]] = False  # so that it does not turn the others inside out
    inside = np.cumsum(is_quote, dtype=np.uint8) & np.uint8(1)
    sound = ~odd & _quotes_fit(units, is_quote, inside, begins)

    at = np.flatnonzero(_STRUCTURE[units] & (inside == 0))
    statement = np.searchsorted(begins, at, side="right") - 1
    if len(begins) > 1:
        within = at < ends[statement]
        at, statement = at[within], statement[within]
    sign = units[at]
    depth = np.cumsum((sign == ord("(")).astype(np.int8) - (sign == ord(")")).astype(np.int8), dtype=np.int64)
    first = np.searchsorted(statement, np.arange(len(begins)))
    depth -= np.append(0, depth)[first][statement]
    # The first semicolon outside brackets ends a statement; what follows it is another one's.
    finals = np.flatnonzero((sign == ord(";")) & (depth == 0))
    end = np.full(len(begins), np.iinfo(np.int64).max)
    np.minimum.at(end, statement[finals], at[finals])
    live = at < end[statement]
    at, sign, depth, statement = at[live], sign[live], depth[live], statement[live]
    sound[statement[(depth < 0) | (depth > _DEEPEST)]] = False
    last = np.searchsorted(statement, np.arange(len(begins)), side="right") - 1
    sound[(last >= 0) & (np.append(depth, 0)[last] != 0)] = False
    return _Marks(at, sign, depth, statement, sound)


def _quotes_fit(
    units: NDArray[np.uint8], is_quote: NDArray[np.bool_], inside: NDArray[np.uint8], begins: Positions
) -> NDArray[np.bool_]:
    """Which statements have strings that begin and end where a value does."""
    sound = np.ones(len(begins), bool)
    quotes = np.flatnonzero(is_quote)
    before, after = units[quotes - 1], units[np.minimum(quotes + 1, len(units) - 1)]
    misplaced = quotes[~np.where(inside[quotes] == 1, _BEFORE_STRING[before], _AFTER_STRING[after])]
    sound[np.searchsorted(begins, misplaced, side="right") - 1] = False
    return sound


def _escaped(units: NDArray[np.uint8]) -> Positions:
    """The positions that a backslash escapes: behind every first, third … of a run of backslashes."""
    slashes = np.flatnonzero(units == ord("\\"))
    fresh = np.ones(len(slashes), bool)
    fresh[1:] = np.diff(slashes) != 1
    index = np.arange(len(slashes))
    run = np.maximum.accumulate(np.where(fresh, index, 0))
    escaped: Positions = slashes[(index - run) % 2 == 0] + 1
    return escaped


def _one_by_one(data: bytes, at: int, end: int, out: tuple[list[int], list[int], list[int], list[int]]) -> None:
    """The tuples of one statement that is damaged or oddly quoted; what is none goes to the last list."""
    starts, stops, commas, broken = out
    while at < end:
        at = _gap(data, at, end)
        if at >= end or _CLOSE.match(data, at, end):
            return
        found = _TUPLE.match(data, at, end)
        if found:
            starts.append(at)
            stops.append(found.end() - 1)
            part = at + 1
            while (part := _PART.match(data, part, end).end()) < found.end() - 1:  # type: ignore[union-attr]
                commas.append(part)
                part += 1
            at = found.end()
            continue
        broken.append(at)
        resume = _RESUME.search(data, at + 1, end)
        if resume is None:
            return
        at = resume.end()


def _gap(data: bytes, at: int, end: int) -> int:
    found = _GAP.match(data, at, end)
    return found.end() if found else at


def cells_of(found: Tuples, *, escaped: bool = True) -> pl.DataFrame:
    """The values of every tuple as text cells, one row a tuple; NULL and '' are null."""
    sign, line = spare_bytes(found.data, 2)
    units = np.frombuffer(found.data, np.uint8).copy()
    units[find(units, 10)] = line[0]
    units[found.commas] = sign[0]
    units[found.ends] = 10
    kept = np.ones(len(units), bool)
    kept[_between(found.starts, found.ends, len(units))] = False
    data = units[kept].tobytes()
    bounds = np.append(found.starts, len(units))
    counts = np.diff(np.searchsorted(found.commas, bounds))
    frame = parse(data, sign, counts, quoted=False)
    doubled, slashed = quote_doubled(found.data), escaped and b"\\" in data
    broken = line in data
    return frame.select(
        _read(series, line.decode() if broken else "", plain=not doubled and not slashed, escaped=escaped)
        for series in frame
    )


def _between(starts: Positions, ends: Positions, size: int) -> Positions:
    """Every position outside the brackets, and the opening ones."""
    begin, until = np.append(0, ends + 1), np.append(starts + 1, size)
    lengths = until - begin
    shift = begin - np.append(0, np.cumsum(lengths)[:-1])
    return np.repeat(shift, lengths) + np.arange(int(lengths.sum()))


def quote_doubled(data: bytes) -> bool:
    """Whether a quote may stand doubled inside a string; empty strings are false alarms."""
    return b"''" in data or b'""' in data


def _read(literals: pl.Series, line: str, *, plain: bool, escaped: bool) -> pl.Series:
    """A column of SQL literals as text (MySQL 8.0 Reference Manual, 11.1 Literal Values).

    Args:
        literals: as they stand in the dump.
        line: what stands for a line end inside strings, "" where none does.
        plain: no string of the dump holds a doubled quote or a backslash that escapes.
        escaped: a backslash in a string escapes what follows.
    """
    name = literals.name
    if plain and not line and bool((literals.str.starts_with("'") & literals.str.ends_with("'")).all()):
        return _nothing_is_null(literals.str.strip_prefix("'").str.strip_suffix("'"), name)
    frame = literals.str.strip_chars(" \t\r" + line).alias("raw").to_frame()
    raw = pl.col("raw")
    if bool(literals.str.contains(r"[(:]").any()):
        frame = frame.with_columns(raw.str.replace(_WRAPPED, "${1}").str.replace(_CAST, "${1}"))
    frame = frame.with_columns(
        pl.when(raw.str.contains(_INTRODUCED)).then(raw.str.replace(_INTRODUCED, "'")).otherwise(raw)
    )
    quoted = raw.str.starts_with("'") | raw.str.starts_with('"')
    single = raw.str.strip_prefix("'").str.strip_suffix("'").str.replace_all("''", "'", literal=True)
    double = raw.str.strip_prefix('"').str.strip_suffix('"').str.replace_all('""', '"', literal=True)
    bare = pl.when(~raw.str.to_uppercase().is_in(["NULL", "DEFAULT"])).then(raw)
    text = pl.when(raw.str.starts_with("'")).then(single).when(raw.str.starts_with('"')).then(double).otherwise(bare)
    text = text.str.replace_all(line, "\n", literal=True) if line else text
    frame = frame.select(text.alias("text"), quoted.alias("quoted"))
    read = frame["text"]
    if not plain and escaped:
        read = _each(read, frame["quoted"] & read.str.contains("\\", literal=True), _unescape)
    if not frame["quoted"].all():
        read = _each(read, ~frame["quoted"] & read.str.contains(_HEX.pattern), _from_hex)
    return _nothing_is_null(read, name)


def _nothing_is_null(texts: pl.Series, name: str) -> pl.Series:
    return texts.set(texts == "", None).alias(name) if bool((texts == "").any()) else texts.alias(name)


def _each(texts: pl.Series, where: pl.Series, change: Callable[[str], str]) -> pl.Series:
    rows = where.fill_null(False).arg_true()
    return texts.scatter(rows, [change(text) for text in texts[rows]]) if len(rows) else texts


def _unescape(text: str) -> str:
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text)


def _from_hex(literal: str) -> str:
    digits = _HEX.match(literal)
    try:
        return bytes.fromhex(digits[1]).decode() if digits else literal
    except ValueError:
        return literal
