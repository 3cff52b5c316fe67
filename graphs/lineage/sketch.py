"""What lineage needs to know of a dump, and no more: tokens of its cells, their quality, its order, its times."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

Identifiers = NDArray[np.uint64]
Cells = NDArray[np.uint32]
Grades = NDArray[np.uint8]


PERSONAL = frozenset(
    (
        *("name", "phone", "masked_phone", "national_id", "masked_id", "email", "bank_card"),
        *("address", "region", "sex", "age", "birth_date"),
    )
)
"""Roles of columns that say of a person what everybody would record alike."""


class Grade(IntEnum):
    """How much of its value a cell still tells."""

    EMPTY = 0
    WHOLE = 1
    REDUCED = 2
    """A masked writing: 138****1234."""
    FAULTY = 3
    """It fails a check that whole values pass: a check character, a length, a shape that its whole column has."""


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """One dump as tokens. All dumps of a case must be sketched under one key and with the same kinds of identifier.

    Equal 32-bit tokens of two cells are only ever compared within one person's records, so that a chance collision
    (2**-32) does not matter.
    """

    name: str
    records: int
    """Records of the dump; as many as there are rows below unless `share` says otherwise."""
    identifiers: Identifiers
    """(rows, kinds) tokens of what names the person of a row, 0 where there is none."""
    strong: int
    """How many of the kinds name a person by themselves; the others are used for rows that have none of these."""
    roles: tuple[str, ...]
    """What each column means; it helps to recognise a column in another dump, and is no more than a help."""
    cells: Cells
    """(rows, columns) tokens of the values in one writing, 0 where the cell is empty."""
    partial: Cells
    """(rows, columns) tokens of what a masked writing of the cell shows, 0 where there is no such writing."""
    grades: Grades
    """(rows, columns) see `Grade`."""
    measures: NDArray[np.float32]
    """(rows, measures) what the rows can be selected by: numbers, days, and codes of categories; NaN where unknown."""
    ordinal: tuple[bool, ...]
    """Whether a range of a measure means something; otherwise only a set of its values does."""
    sorted: bool = False
    """Whether the rows stand in the order of one of the columns: then their order says nothing about kinship."""
    scars: Mapping[str, str] = field(default_factory=dict)
    """Accidents of the file that a copy may keep: its shape, its headers, the order of its columns."""
    first_seen: date | None = None
    """The latest day on which it can have been made."""
    newest: date | None = None
    """The latest day its own rows tell of: it cannot be older."""
    share: float = 1.0
    """Share of the records that the rows are a sample of, drawn by person."""

    @property
    def rows(self) -> int:
        """Rows that were sketched."""
        return len(self.cells)

    def only(self, rows: NDArray[np.integer]) -> Sketch:
        """The sketch of some of its rows."""
        return replace(
            self,
            identifiers=self.identifiers[rows],
            cells=self.cells[rows],
            partial=self.partial[rows],
            grades=self.grades[rows],
            measures=self.measures[rows],
        )
