from __future__ import annotations

import polars as pl

from tests.tracer.comparison.populations import people
from tracer import compare

ROWS = {
    "row": pl.UInt32,
    "offset": pl.Int64,
    "platform": pl.String,
    "probability": pl.Float64,
    "unknown": pl.Float64,
    "linked_by": pl.String,
    "agrees": pl.String,
    "differs": pl.String,
    "table_row": pl.UInt32,
    "table_offset": pl.Int64,
    "weight": pl.Float64,
    "record": pl.String,
    "customer": pl.String,
}


def test_every_link_has_its_reasons() -> None:
    """A link says what agrees and how, what differs, and which claims are the table's."""
    table = people(2, 400)
    dump = table.head(60)
    changed = {"姓名": dump["姓名"].to_list(), "额度": dump["额度"].to_list(), "手机号": dump["手机号"].to_list()}
    changed["姓名"][0], changed["额度"][1], changed["手机号"][2] = "欧阳无名", "999000", changed["手机号"][2][:-1]
    rows = compare(dump.with_columns(pl.Series(name, cells) for name, cells in changed.items()), table).rows
    assert dict(rows.schema) == ROWS
    assert rows["table_row"].to_list() == list(range(60))
    assert rows["differs"].to_list()[:2] == ["姓名", "额度"]
    assert "手机号 (one character apart)" in rows["linked_by"][2]
    assert rows["agrees"][3] == "产品, 额度"
    assert rows["linked_by"][3] == "姓名, 手机号, 身份证号, 城市"
    assert rows["weight"][3] > 40


def test_a_dump_that_cannot_be_compared_has_rows_too() -> None:
    """Without a common column every record is there, unlinked, in the same columns."""
    rows = compare(pl.DataFrame({"邮箱": ["a@b.cn", "c@d.cn"]}), people(1, 50).select("手机号")).rows
    assert dict(rows.schema) == ROWS
    assert rows["unknown"].to_list() == [1, 1]
