from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tracer import apart


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, apart.Ended]:
    """The directory of a demonstration, and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    return folder / "world", apart.luobo(folder, ["demo", str(folder / "world")])


def test_the_demonstration_is_right(shown: tuple[Path, apart.Ended]) -> None:
    """`luobo demo` answers every one of its dumps rightly, and says so."""
    _, ended = shown
    assert ended.code == 0, ended.err
    assert "3 of 3 dumps answered rightly" in ended.out
    assert "WRONG" not in ended.out


def test_everything_is_kept(shown: tuple[Path, apart.Ended]) -> None:
    """The directory holds tables, dumps, the truth, the vault and its key."""
    folder, _ = shown
    assert sorted(path.name for path in folder.iterdir()) == ["dumps", "platforms", "truth.json", "vault", "vault.key"]
    assert len(list((folder / "platforms").rglob("*.csv"))) == 15


def test_its_dumps_can_be_traced_by_hand(shown: tuple[Path, apart.Ended], tmp_path: Path) -> None:
    """`luobo trace` over the kept dumps names exactly the true registered sources, with their rows to 1 %."""
    folder, _ = shown
    for name, truth in json.loads((folder / "truth.json").read_text("utf-8")).items():
        line = ["trace", str(folder / "dumps" / name), "--vault", str(folder / "vault"), "--json", "-"]
        ended = apart.luobo(tmp_path, line)
        told = {one["platform"]: one for one in json.loads(ended.out)["sources"] if one["verdict"] == "established"}
        assert told.keys() == truth["sources"].keys(), name
        assert ended.code == (0 if truth["sources"] else 1)
        for platform, rows in truth["sources"].items():
            assert told[platform]["rows"] == pytest.approx(rows, rel=0.01)


def test_the_line_it_recommends_works(shown: tuple[Path, apart.Ended], tmp_path: Path) -> None:
    """The command that the demonstration proposes at its end can be typed as it stands."""
    _, ended = shown
    line = ended.out.splitlines()[-1].partition("luobo ")[2].split()
    assert apart.luobo(tmp_path, line).code == 0


def test_a_directory_in_use_is_left_alone(tmp_path: Path) -> None:
    """A directory that holds something is refused, and nothing in it changes."""
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").write_text("x")
    ended = apart.luobo(tmp_path, ["demo", str(tmp_path / "mine")])
    assert ended.code == 2
    assert "is not empty" in ended.err
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]
