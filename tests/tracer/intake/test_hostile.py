from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput
from tracer.intake.interface import Reading

Row = tuple[str | None, ...]
Read = Callable[[bytes], Reading]
Cells = Callable[[Reading], list[Row]]

NOTHING = {
    "mark alone": b"\xef\xbb\xbf",
    "blank lines": b"\n\n \r\n\t\n",
    "NUL bytes": b"\0" * 5000,
    "random bytes": bytes(range(256)) * 40,
    "archive": b"PK\x03\x04" + bytes(range(256)),
    "commas": b"," * 200_000,
    "SQL without rows": b"CREATE TABLE t (a int);\n",
    "brackets": b"INSERT INTO t VALUES " + b"(" * 50_000,
    "nested JSON": b'{"a":' + b"[" * 100_000,
}


@pytest.mark.parametrize("content", NOTHING.values(), ids=NOTHING)
def test_what_holds_no_record_is_refused(reading: Read, content: bytes) -> None:
    """A file without anything like a record is refused with a message and a hint, quickly."""
    start = time.perf_counter()
    with pytest.raises(UnreadableInput) as refusal:
        reading(content)
    assert refusal.value.message
    assert refusal.value.hint
    assert time.perf_counter() - start < 5


def test_a_directory_and_an_empty_file_are_refused(tmp_path: Path) -> None:
    """Neither a directory nor an empty file can be sealed."""
    empty = tmp_path / "empty"
    empty.touch()
    for path in (tmp_path, empty):
        with pytest.raises(UnreadableInput):
            seal(path)


def test_a_refusal_never_quotes_the_file(reading: Read) -> None:
    """The text of an error holds none of the file's content."""
    with pytest.raises(UnreadableInput) as refusal:
        reading(b'{"phone": "13800000000"' + os.urandom(8).hex().encode())
    assert "13800000000" not in refusal.value.message + refusal.value.hint


def test_nul_lines_are_rejects(reading: Read) -> None:
    """A hole of NUL bytes is a reject with its place, and the records around it stay."""
    found = reading("张三,13800000001\n".encode() + b"\0" * 40 + b"\n" + "李四,13800000002\n".encode())
    assert found.records == 2
    assert [(reject.offset, reject.line, reject.reason) for reject in found.rejects] == [(19, 2, "NUL bytes only")]


def test_a_line_of_too_many_cells_is_a_reject(reading: Read) -> None:
    """One line of 20,000 cells among ordinary ones is rejected alone."""
    people = "".join(f"张三,1380000{i:04d}\n" for i in range(50))
    found = reading(people.encode() + b"x," * 20_000 + b"\n" + people.encode())
    assert found.records == 100
    assert [(reject.offset, reject.line) for reject in found.rejects] == [(len(people.encode()), 51)]


def test_a_huge_line_is_a_reject(reading: Read) -> None:
    """A line above 64 MiB is rejected with its place; the others are read."""
    people = "".join(f"张三,1380000{i:04d}\n" for i in range(50)).encode()
    found = reading(people + b"x" * (65 << 20) + b"\n" + people)
    assert found.records == 100
    assert [(reject.offset, reject.line) for reject in found.rejects] == [(len(people), 51)]


def test_free_text_is_a_table_of_one_column(reading: Read) -> None:
    """Lines of prose are records of one column."""
    found = reading("今天天气不错。\n我们去公园玩吧。\n明天再说\n".encode())
    assert (found.format, found.records, [str(c.role) for c in found.tables[0].columns]) == ("text", 3, ["text"])
