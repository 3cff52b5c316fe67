from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.cli.main import main
from tracer.custody.exhibit import seal
from tracer.intake import gathering
from tracer.intake.interface import Reading, Role
from tracer.intake.inventory import Counting, take
from tracer.intake.reading import Survey, survey

Row = tuple[str | None, ...]
Read = Callable[[bytes], Reading]
Cells = Callable[[Reading], list[Row]]


def test_identifiers_are_counted_once_each(reading: Read) -> None:
    """Distinct valid phones, IDs and names are counted, however they are written and also inside other text."""
    rows = [
        "张三,138-0000-0001,11010119900307109X,", "张三,+86 13800000001,11010119900307109X,",
        "李四,１３８００００００００２,110101199003071090,另一个号 13800000003", "王五,138****0004,,",
        "赵六,13800000005,,身份证11010119900307109X 电话138 0000 0006",
    ]  # fmt: skip
    found = take(reading(("姓名,手机号,身份证,备注\n" + "\n".join(rows) + "\n").encode()))
    assert (found.phones, found.masked_phones, found.names) == (4, 1, 4)


def test_inspect_writes_the_documented_keys(tmp_path: Path, capsys: object) -> None:
    """`luobo inspect --json` gives luobo.inspect/1 with every key of the contract."""
    dump, out = tmp_path / "dump.csv", tmp_path / "out.json"
    dump.write_text("姓名,手机号\n张三,13800000001\n李四,13800000002\n", "utf-8")
    assert main(["inspect", str(dump), "--json", str(out)]) == 0
    document = json.loads(out.read_text("utf-8"))
    assert document["schema"] == "luobo.inspect/1"
    assert list(document) == [
        "schema", "file", "sha256", "bytes", "format", "encoding", "members", "records", "rejected", "rejects",
        "phones", "masked_phones", "ids", "names", "columns", "warnings",
    ]  # fmt: skip
    assert (document["records"], document["phones"], document["names"]) == (2, 2, 2)
    assert document["columns"][1].keys() == {"name", "role", "why"}


def test_inspect_shows_no_identifier(tmp_path: Path, capsys: object) -> None:
    """What a person sees on the terminal is masked."""
    dump = tmp_path / "dump.csv"
    dump.write_text("姓名,手机号\n张三丰,13800000001\n李四光,13800000002\n", "utf-8")
    assert main(["inspect", str(dump)]) == 0
    shown = capsys.readouterr().out  # type: ignore[attr-defined]
    assert "138****0001" in shown
    assert "13800000001" not in shown
    assert "张三丰" not in shown


def _table(path: Path, numbered: int, masked: int) -> Path:
    """Invented people, a line each: the last ones have only masked numbers."""
    rows = [f"张{chr(0x4E00 + i % 9000)},13{i:09},{1 + i % 90}" for i in range(numbered)]
    rows += [f"李{chr(0x4E00 + i % 9000)},138****{i % 10_000:04},{1 + i % 90}" for i in range(masked)]
    path.write_text("姓名,手机,年龄\n" + "\n".join(rows) + "\n", "utf-8")
    return path


def test_counting_while_reading_counts_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dump that is counted piece by piece while it is being read has the inventory it has when read before."""
    monkeypatch.setattr(gathering, "_FAIR_PIECE", 1)
    monkeypatch.setattr(gathering, "_GLANCE", 0.001)
    exhibit = seal(_table(tmp_path / "dump.csv", 2_000_000, 9_000))
    counting, looks = Counting(), list[int]()

    def watch(so_far: Survey) -> None:
        looks.append(so_far.records)
        counting.go_on(so_far)

    found = survey(exhibit, watch=watch)
    counting.go_on(found)
    assert looks, "it was looked at while it was being read"
    assert looks[0] <= found.records == 2_009_000
    assert counting.inventory == take(found)
    assert counting.inventory.phones == 2_000_000


def test_another_understanding_is_counted_anew(tmp_path: Path) -> None:
    """Where more of a dump shows that a column means something else, what was counted before is counted again."""
    counting = Counting()
    early = survey(seal(_table(tmp_path / "early.csv", 0, 300)))
    whole = survey(seal(_table(tmp_path / "whole.csv", 90_000, 300)))
    assert [one.tables[0].columns[1].role for one in (early, whole)] == [Role.MASKED_PHONE, Role.PHONE]
    counting.go_on(early)
    counting.go_on(whole)
    assert counting.inventory == take(whole)


def test_what_goes_wrong_while_watching_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of whoever watches the reading ends it with that error, and not in silence."""
    monkeypatch.setattr(gathering, "_FAIR_PIECE", 1)
    monkeypatch.setattr(gathering, "_GLANCE", 0.001)

    def watch(_so_far: Survey) -> None:
        raise RuntimeError("watching failed")

    with pytest.raises(RuntimeError, match="watching failed"):
        survey(seal(_table(tmp_path / "dump.csv", 2_000_000, 0)), watch=watch)
