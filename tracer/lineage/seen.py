"""When dumps were first seen: a small CSV, `file,first_seen`, that an investigator writes by hand."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import PurePath

import polars as pl

from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput
from tracer.identifiers import value
from tracer.intake.reading import read

_COLUMNS = ("file", "first_seen")


def first_seen(path: str, files: Sequence[str]) -> tuple[dict[str, date], tuple[str, ...]]:
    """Day on which each of `files` was first seen, and what is to be said about the list.

    A file is found by the name it was given by, or by its last part where that is one file's only.

    Raises:
        UnreadableInput: it is no such CSV, or a day in it is none.
    """
    rows = _rows(path)
    last = [PurePath(name).name for name in files]
    found: dict[str, date] = {}
    strangers = 0
    for line, (name, text, day) in enumerate(rows, start=2):
        if not name:
            continue
        fits = [file for file in files if file == name]
        if not fits and last.count(PurePath(name).name) == 1:
            fits = [files[last.index(PurePath(name).name)]]
        if text and day is None:
            raise UnreadableInput(f"{path}, line {line}: first_seen is no date", hint="write it as 2025-07-30")
        if not fits:
            strangers += 1
        elif day is not None:
            found[fits[0]] = min(day, found.get(fits[0], day))
    said = (f"{path}: {strangers} of its files are not among the dumps",) if strangers else ()
    return found, said


def _rows(path: str) -> list[tuple[str | None, str | None, date | None]]:
    try:
        frame = pl.read_csv(path, infer_schema=False, truncate_ragged_lines=True)
    except (pl.exceptions.PolarsError, OSError, UnicodeDecodeError):
        frame = _by_intake(path)
    frame = frame.rename({name: name.strip().lstrip("\ufeff").lower() for name in frame.columns})
    if not set(_COLUMNS) <= set(frame.columns):
        raise UnreadableInput(f"{path}: has no columns file and first_seen", hint="its first line is: file,first_seen")
    text = frame.select(pl.col(_COLUMNS).str.strip_chars()).with_columns(day=value.day(pl.col("first_seen")))
    return text.rows()


def _by_intake(path: str) -> pl.DataFrame:
    """A list in another encoding or shape."""
    table = max(read(seal(path)).tables, key=lambda one: one.frame.height, default=None)
    if table is None:
        raise UnreadableInput(f"{path}: is no list of files", hint="its first line is: file,first_seen")
    names = {column.key: column.name for column in table.columns}
    return table.frame.select(names).rename(names)
