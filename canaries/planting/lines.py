"""Putting rows into text exports: the canary's line is written as its neighbours are, every other byte stays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from canaries.errors import CanaryFault
from canaries.planting.export import Row

_SEPARATORS: Final = (",", "\t", ";", "|", "----", "---", "||", "^", "~", "&", "\x01", " ")
_UNREADABLE: Final = "inject into a CSV, JSON-lines or XLSX export"


@dataclass(frozen=True, slots=True)
class Lines:
    """A text export: its bytes, where each record begins, and how it is written."""

    data: bytes
    begins: Sequence[int]
    """Byte offset of each record, ascending."""
    encoding: str
    names: tuple[str, ...]
    """Headers (or keys), in the order of the cells."""
    cells: Sequence[Sequence[str | None]]
    """Cells of some records, by number of the record, to learn the writing from."""


def merged(
    export: Lines, rows: Sequence[Row], *, keys: bool, withheld: frozenset[int] = frozenset()
) -> Iterator[bytes]:
    """The pieces of the new file.

    Args:
        export: the file.
        rows: to put in, in its order.
        keys: records are JSON objects, not cells between separators.
        withheld: numbers of records to leave out.

    Raises:
        CanaryFault: the writing of the export cannot be learnt.
    """
    writer = _Objects(export) if keys else _Separated(export)
    end_of_line = writer.newline.encode(export.encoding)
    unfinished = not export.data.endswith((b"\n", b"\r"))
    at = 0
    waiting = list(rows)
    for record in sorted({*withheld, *(row.before for row in rows)}):
        place = export.begins[record] if record < len(export.begins) else len(export.data)
        yield export.data[at:place]
        at = place
        while waiting and waiting[0].before == record:
            line = writer.line(waiting.pop(0)).encode(export.encoding)
            # A last line without an end stays without one.
            last = place == len(export.data) and unfinished
            yield end_of_line + line.removesuffix(end_of_line) if last else line
        if record in withheld:
            at = export.begins[record + 1] if record + 1 < len(export.begins) else len(export.data)
    yield export.data[at:]


def _raw(export: Lines, record: int) -> str:
    end = export.begins[record + 1] if record + 1 < len(export.begins) else len(export.data)
    try:
        return export.data[export.begins[record] : end].decode(export.encoding)
    except UnicodeDecodeError:
        raise CanaryFault("the export mixes encodings", hint="write it in one encoding first") from None


def _newline(export: Lines) -> str:
    for record in range(len(export.begins)):
        found = re.search(r"(\r\n|\n|\r)$", _raw(export, record))
        if found:
            return found.group(1)
    return "\n"


class _Separated:
    """Cells between separators, quoted where the neighbours are or where it must be."""

    def __init__(self, export: Lines) -> None:
        self.newline = _newline(export)
        width = len(export.names)
        texts = [_raw(export, record).rstrip("\r\n") for record in range(len(export.cells))]
        self._separator = self._learn(texts, export.cells, width)
        pairs = [self._split(text) for text in texts]
        split = [parts for parts in pairs if len(parts) == width]
        self._quoted = [
            sum(parts[at].startswith('"') for parts in split) > 0.5 * max(1, len(split)) for at in range(width)
        ]
        self._trailing = self._separator if split == [] and self._separator else ""

    def _learn(self, texts: Sequence[str], cells: Sequence[Sequence[str | None]], width: int) -> str:
        if width == 1:
            return ""
        for separator in _SEPARATORS:
            self._separator = separator
            right = sum(
                [part.strip('"').strip() or None for part in self._split(text)]
                == [(cell or "").strip().strip('"') or None for cell in told]
                for text, told in zip(texts, cells, strict=True)
            )
            if right > 0.5 * len(texts):
                return separator
        raise CanaryFault("the separator of the export cannot be told", hint=_UNREADABLE)

    def _split(self, text: str) -> list[str]:
        """Cells with their quotes."""
        if not self._separator:
            return [text]
        if '"' not in text:
            return text.split(self._separator)
        parts, start, inside = [], 0, False
        at = 0
        while at < len(text):
            if text[at] == '"':
                inside = not inside
            elif not inside and text.startswith(self._separator, at):
                parts.append(text[start:at])
                at += len(self._separator)
                start = at
                continue
            at += 1
        return [*parts, text[start:]]

    def line(self, row: Row) -> str:
        """A line with its end."""
        return self._separator.join(map(self._cell, row.cells, self._quoted)) + self.newline

    def _cell(self, cell: str | None, quoted: bool) -> str:  # noqa: FBT001 - one of a row of marks
        text = cell or ""
        must = '"' in text or "\n" in text or (self._separator and self._separator in text)
        return '"' + text.replace('"', '""') + '"' if must or quoted else text


class _Objects:
    """JSON objects, one a line: the keys, types and blanks of a neighbour."""

    def __init__(self, export: Lines) -> None:
        self.newline = _newline(export)
        self._names = export.names
        self._texts = [_raw(export, record).strip() for record in range(len(export.cells))]
        try:
            self._objects: list[dict[str, Any]] = [json.loads(text.rstrip(",")) for text in self._texts]
        except json.JSONDecodeError:
            raise CanaryFault("the export has JSON objects over several lines", hint=_UNREADABLE) from None
        if not self._objects or not all(isinstance(one, dict) for one in self._objects):
            raise CanaryFault("the export's JSON holds no objects, one a line", hint=_UNREADABLE)
        first = self._texts[0]
        self._separators = (", " if '", "' in first or ', "' in first else ",", ": " if '": ' in first else ":")
        self._ascii = all(text.isascii() for text in self._texts)
        self._comma = "," if first.endswith(",") else ""

    def line(self, row: Row) -> str:
        """A line with its end."""
        model = self._objects[row.before % len(self._objects)]
        told = dict(zip(self._names, row.cells, strict=True))
        made = {key: self._value(told.get(key), value) for key, value in model.items()}
        made |= {key: cell for key, cell in told.items() if key not in made and cell is not None}
        text = json.dumps(made, ensure_ascii=self._ascii, separators=self._separators)
        return text + self._comma + self.newline

    def _value(self, cell: str | None, model: Any) -> Any:
        if cell is None:
            return None if model is None else ""
        if isinstance(model, bool) or not isinstance(model, int | float):
            return cell
        try:
            return float(cell) if isinstance(model, float) or "." in cell else int(cell)
        except ValueError:
            return cell
