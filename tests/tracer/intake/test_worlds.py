from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracer.custody.exhibit import seal
from tracer.intake.reading import read

ROOT = Path(__file__).resolve().parents[3]
WORLDS = ROOT.parent / "shared" / "worlds"
ROLES = {
    "name": "name", "phone": "phone", "idno": "national_id", "product": "product", "limit": "limit",
    "amount": "amount", "merchant": "account", "applied": "datetime", "city": "region",
}  # fmt: skip


def dumps() -> Iterator[tuple[Path, int, set[str] | None]]:
    """Every seized file: (path, its rows, the roles of its columns where the truth tells)."""
    for truth in sorted(WORLDS.glob("*/truth.json")):
        world = json.loads(truth.read_text("utf-8"))
        for case in world["attribution"]:
            roles = {ROLES[column] for column in case["columns"]}
            if case["kind"].startswith("masked"):
                roles = roles - {"phone"} | {"masked_phone"}
            yield truth.parent / case["file"], case["rows"], roles
        for chain in world["chains"]:
            for node in chain["nodes"]:
                if node["file"]:
                    yield truth.parent / node["file"], node["rows"], None


HERE = [pytest.param(*case) for case in dumps()]
CASES = HERE or [pytest.param(None, 0, None, marks=pytest.mark.skip("the sample worlds are not here"))]


@pytest.mark.parametrize(
    ("path", "rows", "roles"), CASES, ids=lambda value: value.name if isinstance(value, Path) else ""
)
def test_every_dump_is_read_exactly(path: Path, rows: int, roles: set[str] | None) -> None:
    """A seized file gives its true number of records, nothing rejected, and its columns' roles."""
    reading = read(seal(path))
    found = {str(column.role) for table in reading.tables for column in table.columns}
    assert (reading.records, reading.rejects) == (rows, ())
    if roles is not None:
        assert found == roles


def test_every_platform_table_is_read_exactly(worlds: Path) -> None:
    """A platform's table gives a record a line, and the nine roles it has."""
    for path in worlds.glob("*/platforms/*/*.csv"):
        reading = read(seal(path))
        (table,) = reading.tables
        lines = path.read_bytes().count(b"\n") - 1
        assert (reading.records, reading.rejects) == (lines, ())
        assert {column.name: str(column.role) for column in table.columns} == {
            "客户姓名": "name", "手机号码": "phone", "身份证号": "national_id", "城市": "region", "贷款产品": "product",
            "授信额度": "limit", "在贷余额": "amount", "用户名": "account", "进件时间": "datetime",
        }  # fmt: skip


def test_an_offset_leads_to_its_record(worlds: Path) -> None:
    """The bytes of a record, by its offset and length, are its line and no more."""
    for path in worlds.glob("*/dumps/*.csv"):
        reading = read(seal(path))
        raw = path.read_bytes()
        encoding = reading.encoding.removesuffix("-sig")
        for offset, length, first in reading.tables[0].frame.select("offset", "length", "c0").rows()[::97]:
            line = raw[offset : offset + length].decode(encoding)
            assert line.startswith(first)
            assert line.index("\n") == len(line) - 1
