from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.tracer.report.conftest import pages
from tracer import Case
from tracer.cli.main import main

if TYPE_CHECKING:
    from tests.tracer.conftest import Town


@pytest.fixture(scope="module")
def finished(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case of two people with two traced dumps and a chain; to be read only."""
    folder = tmp_path_factory.mktemp("case") / "case"
    first, second = ("--by", "Li Lei"), ("--by", "Han Mei")
    sealed = ("--kind", "dump", "--seized-at", "2025-10-08", "--from", "a flat", "--medium", "a disk")
    for line in (
        ("case", "create", folder, "--title", "Loan lists", "--office", "An office", "--procedure", "No. 7", *first),
        ("case", "add", folder, town.dump, town.stranger, *sealed, *first),
        ("case", "approve", folder, "all", *second),
        ("case", "trace", folder, "--vault", town.vault, *first),
        ("case", "chain", folder, *first),
    ):
        assert main([str(word) for word in line]) == 0
    return folder


@pytest.fixture
def case(finished: Path, tmp_path: Path) -> Path:
    """A copy of the finished case."""
    shutil.copytree(finished, tmp_path / "case")
    return tmp_path / "case"


def report(case: Path, name: str, *more: str, by: str = "Li Lei") -> int:
    return main(["report", str(case), "-o", str(case.with_name(name)), "--by", by, *more])


def test_a_case_is_reported_twice_alike(case: Path) -> None:
    """Two runs over one case give the same bytes, though each of them is an entry of the journal."""
    for name in ("a.pdf", "b.pdf", "a.html", "a.xlsx"):
        assert report(case, name) == 0
    assert case.with_name("a.pdf").read_bytes() == case.with_name("b.pdf").read_bytes()
    last = Case.open(case).book.steps[-4:]
    assert [step.act for step in last] == ["export"] * 4
    assert last[0].facts["sha256"] == hashlib.sha256(case.with_name("a.pdf").read_bytes()).hexdigest()


def test_a_later_act_is_covered(case: Path) -> None:
    """A report after another act covers the reports that were written before that act."""
    assert report(case, "a.json") == 0
    assert main(["bundle", str(case), "-o", str(case.with_name("c.luobo")), "--by", "Han Mei"]) == 0
    assert report(case, "b.json") == 0
    before, after = (json.loads(case.with_name(name).read_text("utf-8")) for name in ("a.json", "b.json"))
    acts = [[act["action"] for act in one["acts"]] for one in (before, after)]
    assert acts[1] == [*acts[0], "report", "bundle", "bundled"]
    assert after["derived"][0]["name"] == "report.json"
    assert after["derived"][0]["sha256"] == hashlib.sha256(case.with_name("a.json").read_bytes()).hexdigest()


def test_the_report_says_what_the_case_says(case: Path) -> None:
    """People, exhibits, findings, chain, checkpoint and checks of the case stand in the JSON report."""
    assert report(case, "a.json", "--lang", "en") == 0
    told: dict[str, Any] = json.loads(case.with_name("a.json").read_text("utf-8"))
    book = Case.open(case).book
    assert told["head"]["number"] == f"{book.case}-{len(told['acts'])}"
    assert [one["name"] for one in told["people"]] == ["Li Lei", "Han Mei"]
    assert [one["sha256"] for one in told["exhibits"]] == [one.sha256 for one in book.exhibits]
    assert {one["medium"] for one in told["exhibits"]} == {"a disk"}
    assert {one["witness"] for one in told["exhibits"]} == {None}
    assert [one["document"]["sources"] for one in told["traces"]] == [one.document["sources"] for one in book.findings]
    assert told["chain"]["nodes"]
    assert told["journal"]["entries"] == len(told["acts"])
    assert told["journal"]["checkpoint"].startswith(f"luobo.case/{book.case}\n{len(told['acts'])}\n")
    assert len(told["journal"]["checks"]) == 9
    assert all(passed for _, passed, _ in told["journal"]["checks"])


def test_the_checkpoint_in_the_report_is_one(case: Path) -> None:
    """The checkpoint that the report prints lets the other side verify a bundle that is made later."""
    assert report(case, "a.json") == 0
    point = case.with_name("point.txt")
    point.write_text(json.loads(case.with_name("a.json").read_text("utf-8"))["journal"]["checkpoint"], "utf-8")
    bundle = str(case.with_name("c.luobo"))
    assert main(["bundle", str(case), "-o", bundle, "--by", "Li Lei"]) == 0
    assert main(["verify", bundle, "--checkpoint", str(point)]) == 0


def test_an_act_that_waits_is_called_out(case: Path, town: Town) -> None:
    """An exhibit that nobody countersigned is in the report, and its entry is named as outstanding."""
    line = ["case", "add", str(case), str(town.dump), "--kind", "other", "--seized-at", "2025-10-08", "--by", "Li Lei"]
    assert main(line) == 0
    assert report(case, "a.pdf", "--lang", "en") == 0
    text = " ".join(pages(case.with_name("a.pdf").read_bytes()))
    assert "Second signatures outstanding" in text


def test_an_auditor_may_not(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who may only audit cannot export a report; nothing is written."""
    assert main(["case", "role", str(case), "Han Mei", "auditor", "--by", "Li Lei"]) == 0
    assert main(["case", "approve", str(case), "all", "--by", "Han Mei"]) == 0
    assert report(case, "a.pdf", by="Han Mei") == 2
    assert "may not" in capsys.readouterr().err
    assert not case.with_name("a.pdf").exists()


@pytest.mark.parametrize("name", ["a.docx", "a"])
def test_an_unknown_format_is_refused(case: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    """A name that asks for no known format is a mistake that the hint clears up; the journal stays as it is."""
    entries = len(Case.open(case).book.steps)
    assert report(case, name) == 2
    assert ".pdf" in capsys.readouterr().err
    assert len(Case.open(case).book.steps) == entries


def test_json_names_the_file(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` gives file, digest, and the content's digest that stands on every page."""
    assert report(case, "a.json", "--json", "-") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == "luobo.report.file/1"
    assert told["sha256"] == hashlib.sha256(case.with_name("a.json").read_bytes()).hexdigest()
    assert told["content"] == json.loads(case.with_name("a.json").read_text("utf-8"))["digest"]


def test_a_transfer_is_in_the_log(case: Path) -> None:
    """An exhibit that changed hands is listed with from whom, to whom and where; before, that was missing."""
    assert report(case, "a.html", "--lang", "en") == 0
    exhibit = Case.open(case).book.exhibits[0].label
    moved = ["--to", "lab 2", "--purpose", "second opinion", "--place", "room 5", "--by", "Li Lei"]
    assert main(["case", "transfer", str(case), exhibit, *moved]) == 0
    assert report(case, "b.html", "--lang", "en") == 0
    before, after = (case.with_name(name).read_text("utf-8") for name in ("a.html", "b.html"))
    assert "lab 2" not in before
    assert f"{exhibit}: Li Lei → lab 2, room 5" in after


def test_the_head_is_what_was_given(case: Path) -> None:
    """Office and legal document stand in the head; the cause, which nobody gave, is a defect."""
    assert report(case, "a.json") == 0
    head = json.loads(case.with_name("a.json").read_text("utf-8"))["head"]
    assert (head["office"], head["procedure"], head["cause"]) == ("An office", "No. 7", None)


def test_only_a_pdf_is_signed(case: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A signature is for PDF: anything else is refused before anything is read."""
    assert report(case, "a.html", "--sign", "key.p12") == 2
    assert "only a PDF" in capsys.readouterr().err
