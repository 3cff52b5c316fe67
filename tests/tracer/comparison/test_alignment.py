from __future__ import annotations

import polars as pl

from tests.tracer.comparison.populations import people
from tracer.comparison.alignment import Kind, Sheet, align, laid_together
from tracer.intake.material import material
from tracer.settings import DEFAULT


def sheet(frame: pl.DataFrame) -> Sheet:
    return laid_together(material(frame, DEFAULT).reading)


def paired(dump: pl.DataFrame, table: pl.DataFrame) -> dict[str, tuple[str, Kind, bool]]:
    return {one.dump.name: (one.table.name, one.kind, one.claim) for one in align(sheet(dump), sheet(table))}


def test_columns_are_paired_by_what_they_hold() -> None:
    """Whatever the headers say, phones meet phones, IDs meet IDs, and claims are told apart from who somebody is."""
    table = people(1, 300)
    dump = table.rename(
        {"姓名": "a", "手机号": "b", "身份证号": "c", "城市": "d", "产品": "贷款产品", "额度": "授信额度"}
    )
    found = paired(dump.select(reversed(dump.columns)), table)
    assert {name: one[0] for name, one in found.items()} == {
        "a": "姓名",
        "b": "手机号",
        "c": "身份证号",
        "d": "城市",
        "贷款产品": "产品",
        "授信额度": "额度",
    }
    assert {name for name, one in found.items() if one[2]} == {"贷款产品", "授信额度"}
    assert (found["b"][1], found["c"][1], found["a"][1]) == (Kind.PHONE, Kind.NATIONAL_ID, Kind.NAME)


def test_a_column_that_counts_is_no_evidence() -> None:
    """A dump's own numbering 1, 2, 3 … is paired with nothing, though the table's numbers are the same."""
    table = people(1, 50).select("手机号").with_row_index("编号", 1).cast(pl.String)
    assert set(paired(table, table)) == {"手机号"}


def test_two_phone_columns_are_told_apart_by_their_values() -> None:
    """Of two columns of phones each meets the one whose numbers it shares."""
    one, two = people(1, 200)["手机号"], people(2, 200)["手机号"]
    table = pl.DataFrame({"own": one, "contact": two})
    dump = pl.DataFrame({"x": two.head(90), "y": one.head(90)})
    assert {name: pair[0] for name, pair in paired(dump, table).items()} == {"x": "contact", "y": "own"}


def test_several_tables_are_laid_together() -> None:
    """Sheets with the same headers are one table, and a header that only one has is blank in the other."""
    reading = material(pl.DataFrame({"手机号": ["13800001111"], "姓名": ["张伟"]}), DEFAULT).reading
    other = material(pl.DataFrame({"手机号": ["13900001111"]}), DEFAULT).reading
    both = type(reading)("frame", "", (*reading.tables, *other.tables))
    laid = laid_together(both)
    assert [column.name for column in laid.columns] == ["手机号", "姓名"]
    assert laid.frame["c0"].to_list() == ["13800001111", "13900001111"]
    assert laid.frame["c1"].to_list() == ["张伟", None]
