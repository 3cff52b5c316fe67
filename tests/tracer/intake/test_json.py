from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.intake.interface import Reading

Row = tuple[str | None, ...]
Read = Callable[[bytes], Reading]
Cells = Callable[[Reading], list[Row]]

TEXT = st.text(st.sampled_from('张三abc"\\:,{}[]0 \n'), max_size=8)
SCALAR = st.none() | TEXT | st.integers(-(10**20), 10**20) | st.booleans()
OBJECT = st.dictionaries(
    st.sampled_from(["姓名", "phone", "a", "b c"]), SCALAR | st.lists(SCALAR, max_size=2), min_size=1
)


def as_cell(value: object) -> str | None:
    if value is None or value == "":
        return None
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@settings(max_examples=40)
@given(rows=st.lists(OBJECT, min_size=1, max_size=12), ascii_only=st.booleans(), array=st.booleans())
def test_objects_come_back(
    *, reading: Read, cells: Cells, rows: list[dict[str, object]], ascii_only: bool, array: bool
) -> None:
    """Every object is a record, its keys the columns, in lines or in an array; nested values are compact JSON."""
    lines = [json.dumps(row, ensure_ascii=ascii_only) for row in rows]
    result = reading(("[" + ",\n".join(lines) + "]" if array else "\n".join(lines) + "\n").encode())
    names = [column.name for column in result.tables[0].columns]
    keys = {key for row in rows for key in row}
    found = [{name: cell for name, cell in zip(names, row, strict=True) if name in keys} for row in cells(result)]
    assert found == [{key: as_cell(row.get(key)) for key in keys} for row in rows]
    # What was taken out of a column that holds several things stands behind all of them.
    assert set(names[: len(keys)]) == keys
    assert all(column.why.startswith("taken out") for column in result.tables[0].columns[len(keys) :])
    assert result.rejects == ()


def test_numbers_stay_as_they_are_written(cells: Cells, reading: Read) -> None:
    """1.50 is not 1.5, and an identity number is not rounded."""
    found = reading(b'{"a":1.50,"b":440304199010090076}\n{"a":1e5,"b":-0.0}\n')
    assert cells(found) == [("1.50", "440304199010090076"), ("1e5", "-0.0")]


def test_a_broken_line_is_a_reject(reading: Read) -> None:
    """Records + rejects are all lines that are not blank, and a reject has its place."""
    found = reading(b'{"a":"1"}\n\nbroken\n{"a":"2"}\n[1]\n{"a":"3"\n')
    assert found.records == 2
    assert [(reject.offset, reject.line) for reject in found.rejects] == [(11, 3), (28, 5), (32, 6)]


def test_an_envelope_is_opened(cells: Cells, reading: Read) -> None:
    """{"RECORDS": […]}, as database tools export it, is the records in it."""
    assert cells(reading(b'{"RECORDS":[{"a":"1"},{"a":"2"}]}')) == [("1",), ("2",)]


def test_nesting_without_end_is_one_reject(reading: Read) -> None:
    """A line nested 100,000 deep does not stop the others from being read."""
    found = reading(b'{"a":"1"}\n{"a":' + b"[" * 100_000 + b"]" * 100_000 + b'}\n{"a":"2"}\n')
    assert (found.records, len(found.rejects)) == (2, 1)
