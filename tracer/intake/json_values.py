"""JSON values as records: which objects of a document are records, and how an object becomes cells."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.intake.interface import Piece

Row = dict[str, str | None]
_DEEPEST, _WIDEST, _LISTED = 6, 2_000, 20
_META = ("index", "create", "update", "delete")
"""Elasticsearch's bulk actions: a line that is one of them alone is no record."""
_EXTENDED = ("$oid", "$numberLong", "$numberInt", "$numberDouble", "$numberDecimal", "$date", "$symbol", "$uuid")
"""How MongoDB writes typed values (Extended JSON v2)."""


class Number(str):
    """A number as it was written."""

    __slots__ = ()


def decoder() -> json.JSONDecoder:
    """A decoder that leaves numbers as they are written."""
    return json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number, strict=False)


_DECODER = decoder()


def parse(text: str) -> Any:
    """The value of a whole text.

    Raises:
        ValueError, RecursionError: it is no object and no list.
    """
    value = _DECODER.decode(text)
    if not isinstance(value, dict | list):
        raise ValueError("not an object")
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        raise ValueError("not an object")
    return value


def several(text: str) -> list[Any]:
    """The objects that stand one behind the other in a text.

    Raises:
        ValueError, RecursionError: something else stands there.
    """
    found, at = [], 0
    while at < len(text):
        value, at = _DECODER.raw_decode(text, at)
        if not isinstance(value, dict):
            raise ValueError("not an object")
        found.append(value)
        while at < len(text) and text[at] in " \t\r,;":
            at += 1
    return found


def records_in(value: Any, name: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every record of a value with the name of its table.

    An envelope ({"code": 0, "data": {"list": [{…}, …]}}) is opened. An object whose lists of objects are its own
    details is one record.
    """
    if isinstance(value, list):
        yield from _listed(value, name)
    elif isinstance(value, dict):
        if _is_meta(value):
            return
        source = value.get("_source")
        if isinstance(source, dict) and "_index" in value:
            yield name, source
            return
        inner = list(_tables(value))
        if inner:
            for key, rows in inner:
                yield from records_in(rows, key if len(inner) > 1 else name)
        else:
            yield name, value


def _listed(value: list[Any], name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = [item for item in value if item is not None]
    if rows and all(isinstance(item, list) for item in rows):
        header = rows[0] if rows[0] and all(isinstance(c, str) and not isinstance(c, Number) for c in rows[0]) else None
        if header is not None and (len(rows) < 2 or not _is_header(header)):
            header = None
        for item in rows[1:] if header is not None else rows:
            keys = header or [f"column {i + 1}" for i in range(len(item))]
            extra = [f"column {i + 1}" for i in range(len(keys), len(item))]
            yield name, dict(zip([*map(str, keys), *extra], item, strict=False))
        return
    for item in rows:
        if isinstance(item, dict):
            if not _is_meta(item):
                source = item.get("_source")
                if isinstance(source, dict) and "_index" in item:
                    yield name, source
                else:
                    yield name, item
        else:
            yield name, {"column 1": item}


def _is_header(cells: Sequence[str]) -> bool:
    from tracer.intake.header import is_known, kind  # noqa: PLC0415 (only lists of lists need it)

    return is_known(cells) or not any(kind(cell) in ("number", "masked", "address", "empty") for cell in cells)


def _is_meta(value: dict[str, Any]) -> bool:
    if len(value) != 1:
        return False
    ((key, inner),) = value.items()
    return key in _META and isinstance(inner, dict) and set(inner) <= {"_index", "_type", "_id", "routing", "_routing"}


def _tables(value: dict[str, Any], depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The lists of records in an envelope: few plain values beside them, and nothing that names a person."""
    lists = {k: v for k, v in value.items() if isinstance(v, list) and v and all(isinstance(x, dict | list) for x in v)}
    objects = {k: v for k, v in value.items() if isinstance(v, dict)}
    plain = {k: v for k, v in value.items() if k not in lists and k not in objects}
    columns = value.get("columns") or value.get("fields") or value.get("header")
    body = value.get("data") or value.get("rows") or value.get("values")
    if isinstance(columns, list) and isinstance(body, list) and body and all(isinstance(row, list) for row in body):
        named = [str(c.get("name", c) if isinstance(c, dict) else c) for c in columns]
        yield "", [named, *body]
        return
    if _columnar(value):
        height = max(len(v) for v in value.values())
        yield "", [{k: v[i] if i < len(v) else None for k, v in value.items()} for i in range(height)]
        return
    if any(_names_a_person(key) for key in plain):
        return
    if lists:
        yield from lists.items()
    if depth < _DEEPEST:
        for key, inner in objects.items():
            found = list(_tables(inner, depth + 1))
            if found:
                yield from ((name or key, rows) for name, rows in found)
            elif not lists and not plain and _alike(objects):
                yield key, [inner]
    if not lists and not plain and len(objects) > 1 and _alike(objects):
        return


def _alike(objects: dict[str, Any]) -> bool:
    """Whether objects under many keys are records of one kind: {"1": {…}, "2": {…}}."""
    keys = [frozenset(inner) for inner in objects.values()]
    return (
        len(keys) > 1 and len(frozenset.union(*keys)) <= 2 * max(map(len, keys)) and bool(frozenset.intersection(*keys))
    )


def _columnar(value: dict[str, Any]) -> bool:
    """Whether every key holds a list of plain values of the same length: a table by columns."""
    if len(value) < 2 or not all(isinstance(v, list) for v in value.values()):
        return False
    sizes = {len(v) for v in value.values()}
    return len(sizes) == 1 and min(sizes) > 2 and not any(isinstance(x, dict | list) for v in value.values() for x in v)


def _names_a_person(key: str) -> bool:
    from tracer.intake.headers import hinted  # noqa: PLC0415
    from tracer.intake.interface import Role  # noqa: PLC0415

    return hinted(key) in (Role.NAME, Role.PHONE, Role.NATIONAL_ID, Role.EMAIL, Role.BANK_CARD, Role.MASKED_PHONE)


def flat(value: dict[str, Any]) -> Row:
    """An object as cells: nested objects by dotted names, short lists of objects by number, the rest compact JSON."""
    row: Row = {}
    _flatten(value, "", row, 0)
    return row


def _flatten(value: dict[str, Any], prefix: str, row: Row, depth: int) -> None:
    for key, item in value.items():
        name = f"{prefix}{key}"
        if len(row) >= _WIDEST:
            row.setdefault("(more)", "")
            row["(more)"] = f"{row['(more)'] or ''} {_cell(item) or ''}"
        elif isinstance(item, dict) and item and depth < _DEEPEST:
            if len(item) == 1 and next(iter(item)) in _EXTENDED:
                inner = next(iter(item.values()))
                row[name] = _cell(inner) if not isinstance(inner, dict) else _cell(next(iter(inner.values()), None))
            else:
                _flatten(item, f"{name}.", row, depth + 1)
        elif isinstance(item, list) and 0 < len(item) <= _LISTED and all(isinstance(x, dict) for x in item):
            for number, inner in enumerate(item):
                _flatten(inner, f"{name}.{number}.", row, depth + 1)
        else:
            row[name] = _cell(item)


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
        pairs = (f"{json.dumps(key, ensure_ascii=False)}:{_compact(item)}" for key, item in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return str(value) if isinstance(value, Number) else json.dumps(value, ensure_ascii=False)


def frame_of(rows: Sequence[Row]) -> pl.DataFrame:
    """Rows of any keys as one frame."""
    keys = dict.fromkeys(key for row in rows for key in row)
    return pl.DataFrame({key: pl.Series(key, [row.get(key) for row in rows], dtype=pl.String) for key in keys})


def piece(table: str, cells: pl.DataFrame, places: Sequence[tuple[int, int]] | NDArray[np.int64] | None) -> Piece:
    """Records whose columns are told by their names. An object without a key is a record without a cell.

    `places` is (records, 2): where each begins in the member, and where it ends.
    """
    if not cells.width and places is not None:
        cells = pl.DataFrame({"": pl.repeat(None, len(places), dtype=pl.String, eager=True)})
    begin, end = (None, None) if places is None else np.array(places, np.int64).reshape(-1, 2).T
    return Piece(table, tuple(name or None for name in cells.columns), cells, begin, end, keyed=True)
