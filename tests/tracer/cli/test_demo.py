from __future__ import annotations

import json
from pathlib import Path

import pytest

from graphs.chain import from_json
from tests.tracer import apart
from tests.tracer.report.conftest import pages
from tracer import Case


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, apart.Ended]:
    """The directory of a demonstration, and what it said."""
    folder = tmp_path_factory.mktemp("demo")
    return folder / "world", apart.luobo(folder, ["demo", str(folder / "world")])


def test_the_demonstration_is_right(shown: tuple[Path, apart.Ended]) -> None:
    """`luobo demo` answers every one of its dumps rightly, and says so."""
    _, ended = shown
    assert ended.code == 0, ended.err
    assert "4 of 4 dumps answered rightly" in ended.out
    assert "WRONG" not in ended.out


def test_everything_is_kept(shown: tuple[Path, apart.Ended]) -> None:
    """The directory holds tables, dumps, chat, calls, the truth, the vault and its key, the case and what it yields."""
    folder, _ = shown
    made = {"case", "case.luobo", "case.luobo.checkpoint", "chain.html", "report.pdf", "report.en.pdf"}
    given = {"bill.csv", "dumps", "group.txt", "platforms", "truth.json", "vault", "vault.key"}
    assert {path.name for path in folder.iterdir()} == made | given
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


def test_the_case_is_ready(shown: tuple[Path, apart.Ended], tmp_path: Path) -> None:
    """Both reports are PDF of many pages, the chain leads from platform to calls, and two people acted."""
    folder, _ = shown
    for name in ("report.pdf", "report.en.pdf"):
        assert len(pages((folder / name).read_bytes())) > 10
    written = tmp_path / "chain.json"
    ended = apart.luobo(tmp_path, ["graph", str(folder / "case"), "-o", str(written), "--by", "李雷"])
    assert ended.code == 0, ended.err
    chain = from_json(json.loads(written.read_text("utf-8")))
    assert ["campaign:bill.csv", "dump:second-hand.csv", "dump:first-hand.csv"] in [
        route[:3] for route in chain.back("campaign:bill.csv")
    ]
    assert [one.name for one in Case.open(folder / "case").book.people] == ["李雷", "韩梅梅"]


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
