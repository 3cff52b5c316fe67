from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest

from tests.tracer.comparison.populations import mistyped, people
from tracer import compare
from tracer.comparing import Compared
from tracer.errors import UnreadableInput

WHO = ["姓名", "手机号", "身份证号", "城市"]


def linked(found: Compared, row: list[int]) -> tuple[float, float]:
    """Recall and precision of the linked rows; `row[i]` is the true row of record i, -1 for nobody's."""
    rows = found.rows.filter(pl.col("table_row").is_not_null())
    right = sum(row[record] == told for record, told in rows.select("row", "table_row").iter_rows())
    return right / max(1, sum(one >= 0 for one in row)), right / max(1, rows.height)


def mixed(seed: int, table: int, true: int, strangers: int) -> tuple[pl.DataFrame, pl.DataFrame, list[int]]:
    """A table, a dump in another order of some of its rows and of strangers, and the true row of each record."""
    rng = np.random.default_rng(seed)
    drawn = people(seed, table + strangers)
    order = rng.permutation(np.concatenate([rng.choice(table, true, replace=False), table + np.arange(strangers)]))
    return drawn.head(table), drawn[order], [int(one) if one < table else -1 for one in order]


def test_damaged_records_find_their_rows() -> None:
    """With a typing error in every fourth record, traditional names and full-width digits, people are found again."""
    table, dump, row = mixed(1, 4_000, 600, 600)
    rng = np.random.default_rng(9)
    for column in ("姓名", "手机号", "身份证号"):
        dump = mistyped(dump, column, 0.08, rng)
    wide = {str(digit): "０１２３４５６７８９"[digit] for digit in range(10)}
    dump = dump.with_columns(
        pl.col("姓名").str.replace_many(["张", "刘", "陈"], ["張", "劉", "陳"]),
        pl.when(pl.int_range(pl.len()) % 5 == 0).then(pl.col("手机号").str.replace_many(wide)).otherwise("手机号"),
    )
    found = compare(dump.select(WHO), table)
    recall, precision = linked(found, row)
    assert recall >= 0.99
    assert precision >= 0.998
    assert found.found[0].verdict.value == "consistent"
    assert found.found[0].rows == pytest.approx(600, abs=3)


def test_masked_phone_and_name() -> None:
    """A name and 138****1234 are enough, also with a typing error in every fourth record."""
    table, dump, row = mixed(2, 4_000, 600, 600)
    rng = np.random.default_rng(9)
    dump = mistyped(mistyped(dump, "姓名", 0.12, rng), "手机号", 0.12, rng)
    dump = dump.with_columns(pl.col("手机号").str.head(3) + "****" + pl.col("手机号").str.tail(4))
    recall, precision = linked(compare(dump.select("姓名", "手机号"), table), row)
    assert recall >= 0.95
    assert precision >= 0.998


@pytest.mark.parametrize(
    "columns", [WHO, ["姓名", "手机号"], ["姓名", "城市"], ["手机号"], ["姓名", "城市", "产品", "额度"]]
)
def test_strangers_are_not_found(columns: list[str]) -> None:
    """A dump of strangers from the same population is linked to next to nobody, whatever it tells, and named never."""
    table, dump, _ = mixed(3, 4_000, 0, 1_500)
    found = compare(dump.select(columns), table)
    assert found.rows["table_row"].drop_nulls().len() <= 2
    assert found.found[0].verdict.value in {"excluded", "indeterminate"}
    assert not found.established


def test_the_claims_name_the_table() -> None:
    """Records that also carry the table's products and limits establish it, with the true number of rows."""
    table, dump, _ = mixed(4, 3_000, 400, 100)
    found = compare(dump.select("姓名", "手机号", "产品", "额度"), table, name="huadai")
    (source,) = found.established
    assert source.platform == "huadai"
    assert source.rows_low <= 400 <= source.rows_high
    assert source.false_accusation <= 1e-4
    assert found.unknown.rows == pytest.approx(100, abs=2)


def test_another_platforms_records_about_the_same_people() -> None:
    """The same customers with other products and limits do not establish the table, and are not counted as its rows."""
    table, dump, _ = mixed(5, 3_000, 400, 100)
    other = people(77, dump.height).select("产品", "额度")
    found = compare(dump.select("姓名", "手机号").hstack(other), table)
    assert found.found[0].verdict.value == "indeterminate"
    assert found.found[0].rows < 40


def test_names_and_claims_without_any_number() -> None:
    """Where only a name, a city and the loan are told, these together find the row and establish the table."""
    table, dump, row = mixed(6, 3_000, 400, 400)
    found = compare(dump.select("姓名", "城市", "产品", "额度"), table)
    recall, precision = linked(found, row)
    assert recall >= 0.9
    assert precision >= 0.99
    assert found.established


def test_a_customer_with_several_loans() -> None:
    """A table of loans has a customer many times: records are linked to the loan they tell of."""
    table, dump, _ = mixed(7, 1_000, 200, 50)
    loans = pl.concat([table, table.with_columns(pl.lit("消费贷").alias("产品"), pl.lit("777000").alias("额度"))])
    found = compare(dump.select("姓名", "手机号", "产品", "额度"), loans)
    assert found.established[0].rows == pytest.approx(200, abs=2)
    told = found.rows.filter(pl.col("table_row").is_not_null())
    assert (told["table_row"] < 1_000).to_numpy().mean() >= 0.99


def test_any_language() -> None:
    """English columns, reordered and damaged, are matched without being told what they are."""
    rng = np.random.default_rng(1)
    count = 3_000
    born = np.datetime64("1940-01-01") + rng.integers(0, 22_000, count).astype("timedelta64[D]")
    table = pl.DataFrame(
        {
            "given": np.array(["mary", "john", "linda", "james", "susan", "robert"])[rng.integers(0, 6, count)],
            "family": [f"{a}{b}" for a, b in zip(
                np.array(["smith", "carter", "hill", "young", "lake", "stone"])[rng.integers(0, 6, count)],
                np.array(["son", "", "man", "field", "ton", "well"])[rng.integers(0, 6, count)], strict=True)],
            "born": born.astype(str),
            "street": [f"{a} oak street {b}" for a, b in rng.integers(1, 99, (count, 2))],
        }
    )  # fmt: skip
    order = rng.permutation(count)[:500]
    dump = mistyped(mistyped(table[order], "family", 0.3, rng), "street", 0.3, rng)
    found = compare(dump.select("street", "born", "family", "given"), table)
    recall, precision = linked(found, order.tolist())
    assert recall >= 0.98
    assert precision >= 0.998


def test_paths_and_frames_say_the_same(tmp_path: Path) -> None:
    """Files, pandas and Polars frames give the same links."""
    table, dump, _ = mixed(8, 600, 80, 40)
    dump = dump.select("姓名", "手机号")
    table.write_csv(tmp_path / "table.csv")
    dump.write_csv(tmp_path / "dump.csv")
    by_path = compare(tmp_path / "dump.csv", tmp_path / "table.csv")
    by_pandas = compare(pd.DataFrame(dump.to_dicts()), pd.DataFrame(table.to_dicts()))
    by_polars = compare(dump, table)
    assert by_path.table == "table.csv"
    expected = by_path.rows["table_row"].to_list()
    assert by_pandas.rows["table_row"].to_list() == by_polars.rows["table_row"].to_list() == expected
    assert isinstance(by_path.sources, pd.DataFrame)
    assert "table.csv" in by_path._repr_html_()


def test_the_same_twice() -> None:
    """The same dump and table give the same findings."""
    table, dump, _ = mixed(8, 600, 80, 40)
    one, two = (compare(dump, table) for _ in range(2))
    assert one.to_dict() == two.to_dict()
    assert one.rows.equals(two.rows)


def test_nothing_in_common() -> None:
    """Where no column holds the same, nothing is found, and the findings say why."""
    found = compare(pl.DataFrame({"邮箱": ["a@b.cn", "c@d.cn"]}), people(1, 50).select("手机号"))
    assert found.found[0].verdict.value == "indeterminate"
    assert found.rows["table_row"].null_count() == 2
    assert "nothing to compare" in found.warnings[0]
    assert found.unknown.rows == 2


@pytest.mark.parametrize("rows", [1, 2, 3])
def test_hardly_any_rows(rows: int) -> None:
    """One, two or three records or rows are no reason to fail."""
    few, many = people(1, rows), people(1, 50)
    assert compare(few, many).dump.records == rows
    assert compare(many, few).dump.records == 50


def test_no_rows_at_all() -> None:
    """An empty frame is refused."""
    with pytest.raises(UnreadableInput):
        compare(pl.DataFrame({"手机号": []}), people(1, 5))


def test_nobody_is_shown() -> None:
    """The rows hold no name, phone number or ID of anybody in clear text."""
    table, dump, _ = mixed(4, 500, 200, 50)
    text = compare(dump, table).rows.write_csv()
    for column in ("姓名", "手机号", "身份证号"):
        assert not any(value in text for value in table[column].to_list())
