from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tracer.comparison.populations import people
from tracer.cli.main import main


@pytest.fixture
def dumps(tmp_path: Path) -> list[str]:
    """Two dumps that share 50 people, and one with a broken record."""
    drawn = people(1, 300)
    paths = [str(tmp_path / name) for name in ("one.csv", "two.csv", "three.csv")]
    drawn[:100].select("手机号", "姓名").write_csv(paths[0])
    drawn[50:200].select("姓名", "手机号").write_csv(paths[1])
    drawn[200:].select("手机号").write_csv(paths[2])
    return paths


def test_the_keys(dumps: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """`luobo.similar/1` has its documented keys, files are named as they were given, and exact figures say so."""
    assert main(["similar", *dumps, "--json", "-"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert list(told) == ["schema", "dumps", "pairs", "warnings"]
    assert told["schema"] == "luobo.similar/1"
    assert [one["file"] for one in told["dumps"]] == dumps
    assert all(list(one) == ["file", "sha256", "records", "rejected", "people"] for one in told["dumps"])
    pair = told["pairs"][0]
    figures = ("jaccard", "containment_a_in_b", "containment_b_in_a", "shared")
    assert set(pair) == {"a", "b", "by", "exact", *(f"{one}{end}" for one in figures for end in ("", "_low", "_high"))}
    assert (pair["a"], pair["b"], pair["shared"], pair["exact"]) == (*dumps[:2], 50, True)
    assert pair["jaccard"] == 0.25


def test_the_table_for_people(dumps: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without --json - a table is printed, and the file has the same JSON."""
    assert main(["similar", *dumps, "--json", str(tmp_path / "out.json")]) == 0
    shown = capsys.readouterr().out
    assert "25.0%" in shown
    assert "exact" in shown
    assert json.loads((tmp_path / "out.json").read_text("utf-8"))["pairs"][0]["shared"] == 50


def test_nobody_is_shown(dumps: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Neither output holds a name or a number."""
    main(["similar", *dumps])
    main(["similar", *dumps, "--json", "-"])
    text = "".join(capsys.readouterr())
    drawn = people(1, 300)
    assert not any(value in text for name in ("姓名", "手机号") for value in drawn[name].to_list())


def test_mistakes(dumps: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """One dump, a missing one, and an output that is one of the dumps end with exit code 2 and one clear line."""
    for line in ([dumps[0]], [dumps[0], "nowhere.csv"], [*dumps, "--json", dumps[1]]):
        assert main(["similar", *line]) == 2
        assert capsys.readouterr().err.startswith("luobo: ")
