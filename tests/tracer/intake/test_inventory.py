from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from tracer.cli.main import main
from tracer.intake.interface import Reading
from tracer.intake.inventory import take

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
