"""Small tables of invented people as sketches: a cell's token is a hash of its text, as in the real ones."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date

import numpy as np

from graphs.lineage.sketch import Grade, Sketch

Row = dict[str, str]
KINDS = ("phone", "national_id")


def token(text: str, bits: int = 64) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=bits // 8).digest(), "big") or 1


def invented(count: int, *, start: int = 0, columns: Sequence[str] = ("phone", "national_id", "limit")) -> list[Row]:
    """Rows of people number `start` and following; nobody is anybody."""
    return [{name: f"{name}-{number}" for name in columns} for number in range(start, start + count)]


def mistyped(rows: Sequence[Row], places: Sequence[int], column: str = "national_id", mark: str = "!") -> list[Row]:
    """The rows with a damaged cell in some places; what ends in `!` fails its check."""
    damaged = [dict(row) for row in rows]
    for place in places:
        damaged[place][column] += mark
    return damaged


def sketch(name: str, rows: Sequence[Row], first_seen: date | None = None) -> Sketch:
    columns = tuple(dict.fromkeys(column for row in rows for column in row))
    texts = [[row.get(column, "") for column in columns] for row in rows]
    cells = np.array([[token(text, 32) if text else 0 for text in row] for row in texts], np.uint32)
    grades = np.array(
        [
            [Grade.EMPTY if not text else Grade.FAULTY if text.endswith("!") else Grade.WHOLE for text in row]
            for row in texts
        ],
        np.uint8,
    )
    shape = (len(rows), len(columns))
    return Sketch(
        name=name,
        records=len(rows),
        identifiers=np.array(
            [[token(row[kind]) if row.get(kind) else 0 for kind in KINDS] for row in rows], np.uint64
        ).reshape(len(rows), len(KINDS)),
        strong=len(KINDS),
        roles=columns,
        cells=cells.reshape(shape),
        partial=np.zeros(shape, np.uint32),
        grades=grades.reshape(shape),
        measures=np.zeros((len(rows), 0), np.float32),
        ordinal=(),
        first_seen=first_seen,
    )
