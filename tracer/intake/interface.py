"""What every reader takes and gives: an exhibit in, tables of text cells and rejects out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.intake.member import Member

ROW = "row"
"""Name of the column that numbers the records of an exhibit from 0, over all its tables (UInt32)."""
OFFSET = "offset"
"""Name of the column that holds the byte offset of each record in its member (Int64; null where the shape has none)."""
LENGTH = "length"
"""Name of the column that holds the bytes of each record from there on, with its line end (Int64; null likewise)."""


class Role(StrEnum):
    """What a column means. The order is the order in which a column is tried."""

    NAME = "name"
    PHONE = "phone"
    MASKED_PHONE = "masked_phone"
    NATIONAL_ID = "national_id"
    MASKED_ID = "masked_id"
    EMAIL = "email"
    BANK_CARD = "bank_card"
    ACCOUNT = "account"
    ADDRESS = "address"
    REGION = "region"
    SEX = "sex"
    AGE = "age"
    BIRTH_DATE = "birth_date"
    PRODUCT = "product"
    AMOUNT = "amount"
    LIMIT = "limit"
    DATE = "date"
    DATETIME = "datetime"
    CODE = "code"
    TEXT = "text"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table and what it means."""

    key: str
    """Its name in the table's frame: `c0`, `c1` …"""
    name: str
    """Its header as the file has it, or `column 1`, `column 2` … where the file has none."""
    role: Role
    why: str
    """The reason for the role, in words, without any cell's content."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A physical record that could not be read. It never holds the record's content."""

    offset: int | None
    """Byte offset in its member, where the shape has one."""
    line: int | None
    """Line (or sheet row) counted from 1."""
    reason: str
    member: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of text cells.

    `frame` has the columns `row` (UInt32), `offset`, `length` (Int64) and one Utf8 column per `columns[i].key`, in that
    order. Cells are the text as the file holds it after decoding; empty cells are null.
    """

    name: str
    """Sheet, SQL table or member it came from; empty where there is just one."""
    columns: tuple[Column, ...]
    frame: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything that was read out of one exhibit. records + rejects = physical records, always."""

    format: str
    """csv, text, jsonl, sql, xlsx …"""
    encoding: str
    """utf-8, utf-8-sig, gb18030 …; empty for binary shapes."""
    tables: tuple[Table, ...]
    rejects: tuple[Reject, ...] = ()
    """Those that are kept one by one: the first 100,000."""
    unlisted: int = 0
    """How many rejects there are beside them."""
    members: tuple[str, ...] = ()
    """The members of an archive, or the sheets of a workbook; empty where it is one table."""
    warnings: tuple[str, ...] = field(default=())
    """What whoever uses the reading has to know: what was set aside, skipped or could not be read."""

    @property
    def records(self) -> int:
        """Rows of data about a person or an account."""
        return sum(table.frame.height for table in self.tables)

    @property
    def rejected(self) -> int:
        """Physical records that could not be read."""
        return len(self.rejects) + self.unlisted


@dataclass(frozen=True, slots=True)
class Shape:
    """What a reader found its member to be; the first thing it says."""

    format: str
    encoding: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Records of one table, as many as were at hand. Pieces of one name and of the same columns are one table."""

    table: str
    """Sheet or SQL table; empty where the member is one table."""
    names: tuple[str | None, ...]
    """The header of each column; None where the table has none."""
    cells: pl.DataFrame
    """One Utf8 column for each of `names`; empty cells are null."""
    offsets: NDArray[np.int64] | None = None
    """Byte offset of each record in the member, where the shape has one."""
    ends: NDArray[np.int64] | None = None
    """The byte behind the last one of each record, where it has an offset."""
    keyed: bool = False
    """Whether columns are told by their names (JSON) rather than by their place."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something a reader of the result has to know: what was set aside, skipped or could not be read."""

    text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook or a table of a database begins."""

    name: str
    hidden: bool = False


Part = Shape | Sheet | Piece | Reject | Note
"""What a reader hands over, one after the other."""


class Reader(Protocol):
    """One shape of dump. It opens nothing but what it is given, for it runs in a process that may open nothing else."""

    format: str

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether the first bytes (up to 64 KiB) look like this shape."""
        ...

    def read(self, member: Member) -> Iterator[Part]:
        """Read it to the last record.

        Raises:
            UnreadableInput: it cannot be read on; what was handed over until then stays.
        """
        ...
