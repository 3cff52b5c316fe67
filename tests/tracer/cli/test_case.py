from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tracer import Case
from tracer.cli.main import main

if TYPE_CHECKING:
    from tests.tracer.conftest import Town

ADDED = ("--kind", "dump", "--seized-at", "2025-10-08", "--from", "a flat")


@pytest.fixture(scope="module")
def finished(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of two people with two traced dumps; to be read only."""
    folder = tmp_path_factory.mktemp("case") / "case"
    run("create", folder, "--title", "Loan lists", by="Li Lei")
    run("add", folder, town.dump, town.stranger, *ADDED, by="Li Lei")
    run("approve", folder, "all", by="Han Mei")
    run("trace", folder, "--vault", town.vault, by="Li Lei")
    return folder


@pytest.fixture
def case(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished case."""
    shutil.copytree(finished, tmp_path / "case")
    return tmp_path / "case"


def run(verb: str, *words: object, by: str | None = None, expect: int = 0) -> None:
    person = ["--by", by] if by else []
    assert main(["case", verb, *map(str, words), *person]) == expect


def read(target: Path) -> Any:
    return json.loads(target.read_text("utf-8"))


def test_a_case_goes_from_seal_to_verified_bundle(case: Path, tmp_path: Path) -> None:
    """Sealed, countersigned, traced, bundled: the bundle verifies against the checkpoint that was kept."""
    bundle = tmp_path / "case.luobo"
    assert main(["bundle", str(case), "-o", str(bundle), "--by", "Han Mei"]) == 0
    point = tmp_path / "case.luobo.checkpoint"
    report = tmp_path / "verdict.json"
    assert main(["verify", str(bundle), "--checkpoint", str(point), "--json", str(report)]) == 0
    told = read(report)
    assert told["schema"] == "luobo.verify/1"
    assert (told["sound"], told["exhibits"], told["faults"], told["notices"]) == (True, 2, [], [])
    assert [one["name"] for one in told["people"]] == ["Li Lei", "Han Mei"]


def test_without_a_checkpoint_completeness_is_not_provable(case: Path, tmp_path: Path) -> None:
    """A bundle alone is sound, and the verifier says that it cannot see a cut tail."""
    bundle = tmp_path / "case.luobo"
    assert main(["bundle", str(case), "-o", str(bundle), "--by", "Li Lei"]) == 0
    assert main(["verify", str(bundle), "--json", str(tmp_path / "v.json")]) == 0
    (notice,) = read(tmp_path / "v.json")["notices"]
    assert "completeness is not provable" in notice["what"]


def test_a_changed_bundle_is_not_sound(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bit in the middle of the file: exit code 1, and the words say not to rely on it."""
    bundle = tmp_path / "case.luobo"
    assert main(["bundle", str(case), "-o", str(bundle), "--by", "Li Lei"]) == 0
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 4
    bundle.chmod(0o600)
    bundle.write_bytes(data)
    assert main(["verify", str(bundle)]) == 1
    assert "NOT sound" in capsys.readouterr().out


def test_an_exhibit_counts_when_a_second_person_signed(town: Town, tmp_path: Path) -> None:
    """Nothing is traced before; nobody signs an act of their own."""
    folder = tmp_path / "case"
    run("create", folder, "--title", "T", by="A")
    run("add", folder, town.dump, *ADDED, by="A")
    run("trace", folder, "--vault", town.vault, by="A", expect=2)
    run("approve", folder, "all", by="A", expect=2)
    run("approve", folder, 1, by="A", expect=2)
    run("approve", folder, "all", by="B")
    run("trace", folder, "--vault", town.vault, by="A")


def test_a_person_alone_needs_a_reason_and_it_is_seen(town: Town, tmp_path: Path) -> None:
    """With --alone no second signature is asked for, nobody need be named, and every verification says so."""
    folder = tmp_path / "case"
    run("create", folder, "--title", "T", "--alone", "", by="A", expect=2)
    run("create", folder, "--title", "T", "--alone", "night shift", by="A")
    run("add", folder, town.dump, *ADDED)
    run("trace", folder, "--vault", town.vault)
    assert main(["bundle", str(folder), "-o", str(tmp_path / "b.luobo")]) == 0
    assert main(["verify", str(tmp_path / "b.luobo"), "--json", str(tmp_path / "v.json")]) == 0
    assert any("one person alone" in notice["what"] for notice in read(tmp_path / "v.json")["notices"])


def test_the_log_tells_every_act(case: Path, tmp_path: Path) -> None:
    """Every act is an entry with its person; reading comes before the result of it."""
    run("log", case, "--json", tmp_path / "log.json")
    log = read(tmp_path / "log.json")
    acts = [entry["act"] for entry in log["entries"]]
    assert acts == ["create", "add", "add", "join", "approve", "approve", "read", "trace", "read", "trace"]
    assert [entry["status"] for entry in log["entries"][1:3]] == ["countersigned"] * 2
    assert log["waiting"] == []


def test_the_findings_stay_in_the_case(case: Path, town: Town) -> None:
    """What was found can be taken from the case in Python, and is what the trace says."""
    book = Case.open(case).book
    document = book.findings[0].document
    assert document["schema"] == "luobo.trace/1"
    assert document["sources"][0]["platform"] == town.first
    assert document["dump"]["sha256"] == book.exhibits[0].sha256


def test_no_person_of_a_dump_stands_in_the_case(case: Path, town: Town) -> None:
    """Neither journal nor any other file of the case holds a name or number of the dumps in the clear."""
    content = b"".join(path.read_bytes() for path in case.rglob("*") if path.is_file())
    assert not [text for text in town.personal if len(text) > 3 and text.encode() in content]


def test_a_changed_original_is_refused(case: Path, town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """An age file that was touched is neither traced nor bundled."""
    original = next((case / "originals").iterdir())
    data = bytearray(original.read_bytes())
    data[-1] ^= 1
    original.write_bytes(data)
    run("trace", case, "--vault", town.vault, by="Li Lei", expect=2)
    assert main(["bundle", str(case), "-o", str(case / "b.luobo"), "--by", "Li Lei"]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_a_locked_key_needs_its_passphrase(town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key file made under a passphrase opens with it and with no other."""
    monkeypatch.setenv("LUOBO_PASSPHRASE", "right")
    run("create", tmp_path / "case", "--title", "T", by="A")
    monkeypatch.setenv("LUOBO_PASSPHRASE", "wrong")
    run("add", tmp_path / "case", town.dump, *ADDED, by="A", expect=2)
    monkeypatch.setenv("LUOBO_PASSPHRASE", "right")
    run("add", tmp_path / "case", town.dump, *ADDED, by="A")


@pytest.mark.parametrize("words", [("log", "nowhere"), ("approve", "nowhere", "all", "--by", "A")])
def test_no_case_is_a_users_mistake(words: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    """A folder that is no case: exit code 2, and how to make one."""
    assert main(["case", *words]) == 2
    assert "luobo case create" in capsys.readouterr().err


def test_acts_name_their_person(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --by nothing is done in a case of several; LUOBO_BY names the person as well."""
    assert main(["bundle", str(case), "-o", str(tmp_path / "b.luobo")]) == 2
    monkeypatch.setenv("LUOBO_BY", "Han Mei")
    assert main(["bundle", str(case), "-o", str(tmp_path / "b.luobo")]) == 0
