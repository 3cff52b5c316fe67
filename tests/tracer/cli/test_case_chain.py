from __future__ import annotations

import csv
import json
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from graphs.exports.formats import FORMATS
from tests.graphs.market import exports
from tests.graphs.market.exports import Said
from tests.tracer.conftest import Town
from tracer import Case
from tracer.cli.main import main

SEEN = ("--seized-at", "2025-10-08")
DAY = datetime(2025, 9, 15, 20, 0)


def run(*words: object, expect: int = 0) -> None:
    assert main([*map(str, words), "--by", "A"]) == expect


def phones(dump: Path) -> list[str]:
    """The mobile numbers of a dump, as they are dialled."""
    digits = ["".join(filter(str.isdigit, row[1]))[-11:] for row in csv.reader(dump.read_text("utf-8").splitlines())]
    return [number for number in digits if len(number) == 11]


@pytest.fixture(scope="module")
def chained(town: Town, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A case: the leak, its half, a chat in which a seller shows rows of it, and the calls of who bought it."""
    folder = tmp_path_factory.mktemp("chain")
    half = folder / "half.csv"
    head, *rows = town.dump.read_text("utf-8").splitlines()
    half.write_text("\n".join([head, *rows[::2]]), "utf-8")
    shown = "".join(f"\n张伟 {number}" for number in phones(town.dump)[:4])
    said = [
        Said("70001", "卖家", DAY, f"网贷料 1.3一条 一手实时 加薇：liao_zs01{shown}"),
        Said("70002", "买家", DAY + timedelta(hours=1), "收网贷料 一手 加QQ 8812345"),
    ]
    (folder / "group.txt").write_text(exports.qq_text(said), "gb18030")
    calls = [f"{number},2025-09-20 10:00:00" for number in phones(town.dump)[:60]]
    (folder / "calls.csv").write_text("\n".join(["number,time", *calls]), "utf-8")
    case = folder / "case"
    run("case", "create", case, "--title", "Chain", "--alone", "a test")
    run("case", "add", case, town.dump, half, "--kind", "dump", *SEEN)
    run("case", "add", case, folder / "group.txt", "--kind", "chat", *SEEN)
    run("case", "add", case, folder / "calls.csv", "--kind", "calls", *SEEN)
    run("case", "trace", case, "--vault", town.vault)
    run("case", "chain", case)
    return case


@pytest.fixture
def case(chained: Path, tmp_path: Path) -> Path:
    """A copy of the chained case."""
    shutil.copytree(chained, tmp_path / "case")
    return tmp_path / "case"


def document(case: Path) -> dict[str, Any]:
    chain = Case.open(case).book.chain
    assert chain is not None
    return chain.document


def test_the_chain_joins_all_exhibits(case: Path, town: Town) -> None:
    """The platform leads to the leak, the leak to its half, an advert and the calls."""
    links = {(link["source"], link["target"], link["kind"]) for link in document(case)["chain"]["links"]}
    leak = "dump:leak.csv"
    assert (f"platform:{town.first}", leak, "leaked_to") in links
    assert any(kind == "copied_to" and leak in ends for *ends, kind in links)
    assert any(kind == "offered_in" and target.startswith("advert:group.txt#0") for _, target, kind in links)
    assert any(kind == "dialled_in" and target == "campaign:calls.csv" for _, target, kind in links)


@pytest.mark.parametrize("ending", list(FORMATS))
def test_every_export_is_written_and_journaled(case: Path, tmp_path: Path, ending: str, town: Town) -> None:
    """Each of the ten formats is written, masked, and its digest stands in the journal."""
    target = tmp_path / f"chain{ending}"
    run("graph", case, "-o", target)
    text = target.read_text("utf-8")
    assert not [told for told in town.personal if len(told) > 6 and told in text]
    assert Case.open(case).book.steps[-1].act == "export"


def test_an_unknown_ending_is_a_users_mistake(case: Path, tmp_path: Path) -> None:
    """A format that does not exist: exit code 2 and the list of those that do."""
    run("graph", case, "-o", tmp_path / "chain.xyz", expect=2)


def test_the_cut_names_whom_every_route_passes(case: Path, tmp_path: Path) -> None:
    """`graph --cut` needs no person, and says without whom no known route reaches the calls."""
    assert main(["graph", str(case), "--cut", "--json", str(tmp_path / "cut.json")]) == 0
    told = json.loads((tmp_path / "cut.json").read_text("utf-8"))
    assert told["schema"] == "luobo.cut/1"
    assert told["campaigns"] == ["campaign:calls.csv"]
    assert any("no known route reaches the calls" in one["sentence"] for one in told["dominators"])
    assert [one["node"].partition(":")[0] for one in told["sellers"] + told["platforms"]] == ["seller", "platform"]
    assert all(point["references"] for one in told["platforms"] for point in one["points"] if point["points"])


def test_a_chain_in_the_clear_needs_a_purpose(case: Path, tmp_path: Path) -> None:
    """`--reveal` without a purpose is refused; with one the reveal is journaled before the file is there."""
    run("graph", case, "-o", tmp_path / "c.json", "--reveal", expect=2)
    run("graph", case, "-o", tmp_path / "c.json", "--reveal", "--purpose", "hearing")
    acts = [step.act for step in Case.open(case).book.steps]
    assert acts.index("reveal") < len(acts) - 1 - acts[::-1].index("export")


def test_a_record_in_the_clear_needs_a_purpose(case: Path, town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """Records are shown after an entry that says who looked at which exhibit; the purpose is a paper."""
    run("case", "reveal", case, "E1", "--row", 0, "--purpose", " ", expect=2)
    assert "before" not in capsys.readouterr().out
    run("case", "reveal", case, "E1", "--row", 0, "--purpose", "victim interview", "--json", "-")
    (record,) = json.loads(capsys.readouterr().out)["records"]
    _, first, *_ = csv.reader(town.dump.read_text("utf-8").splitlines())
    assert first[0] in record.values()
    step = next(step for step in Case.open(case).book.steps if step.act == "reveal")
    assert step.about["purpose"] == "victim interview"
    assert "victim" not in str(step.facts)


def test_a_purge_leaves_journal_and_certificate(case: Path, tmp_path: Path, town: Town) -> None:
    """Originals, access and papers go; the journal still verifies; nothing can be traced any more."""
    run("case", "purge", case, "--reason", "judgment final")
    assert not list((case / "originals").glob("*.age"))
    assert not list((case / "access").glob("*.age"))
    assert "luobo.certificate/" in (case / "certificate.txt").read_text("utf-8")
    run("case", "trace", case, "--vault", town.vault, expect=2)
    assert main(["case", "log", str(case)]) == 0
    run("bundle", case, "-o", tmp_path / "b.luobo")
    assert main(["verify", str(tmp_path / "b.luobo"), "--checkpoint", str(tmp_path / "b.luobo.checkpoint")]) == 0
    assert b"leak.csv" not in (case / "journal.sqlite").read_bytes()


def test_a_purge_waits_for_a_second_person(town: Town, tmp_path: Path) -> None:
    """Asked for by one, signed by another, carried out then; an investigator may not ask."""
    case = tmp_path / "case"
    run("case", "create", case, "--title", "T")
    run("case", "add", case, town.dump, "--kind", "dump", *SEEN)
    assert main(["case", "purge", str(case), "--reason", "r", "--by", "B"]) == 2
    run("case", "purge", case, "--reason", "r")
    assert list((case / "originals").glob("*.age"))
    assert main(["case", "approve", str(case), "all", "--by", "B"]) == 0
    run("case", "purge", case, "--reason", "r")
    assert not list((case / "originals").glob("*.age"))


def test_roles_say_who_may_do_what(town: Town, tmp_path: Path) -> None:
    """A reviewer countersigns and never opens an original; an auditor only looks."""
    case = tmp_path / "case"
    run("case", "create", case, "--title", "T")
    run("case", "add", case, town.dump, "--kind", "dump", *SEEN)
    assert main(["case", "approve", str(case), "all", "--by", "B"]) == 0
    run("case", "role", case, "B", "reviewer")
    assert main(["case", "approve", str(case), "all", "--by", "C"]) == 0
    assert main(["case", "trace", str(case), "--vault", str(town.vault), "--by", "B"]) == 2
    assert main(["bundle", str(case), "-o", str(tmp_path / "b.luobo"), "--by", "B"]) == 0
    run("case", "role", case, "C", "auditor")
    assert main(["case", "approve", str(case), "all", "--by", "B"]) == 0
    assert main(["bundle", str(case), "-o", str(tmp_path / "c.luobo"), "--by", "C"]) == 2
    assert main(["case", "checkpoint", str(case), "--by", "C"]) == 0
    book = Case.open(case).book
    assert [(one.role, one.vouched) for one in book.people] == [
        ("custodian", True),
        ("reviewer", True),
        ("auditor", True),
    ]


def test_routes_back_forward_and_without(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """From the calls back to the root, from the root forward to the calls, and what is left without a dump."""
    chain = tmp_path / "chain.json"
    assert main(["graph", str(case), "-o", str(chain), "--by", "A"]) == 0
    document = json.loads(chain.read_text("utf-8"))
    calls = next(node["id"] for node in document["nodes"] if node["kind"] == "campaign")
    capsys.readouterr()
    assert main(["graph", str(case), "--back", calls, "--json", "-"]) == 0
    ways = json.loads(capsys.readouterr().out)["back"][calls]
    assert ways
    assert all(way[0] == calls for way in ways)
    root = ways[0][-1]
    line = ["graph", str(case), "--forward", root, "--without", ways[0][1], "--json", "-"]
    assert main(line) == 0
    told = json.loads(capsys.readouterr().out)
    assert calls in told["forward"][root]
    assert told["without"]["removed"] == [ways[0][1]]
    assert (calls in told["without"]["lost"]) != (calls in told["without"]["still_fed"])
    assert main(["graph", str(case), "--back", "nobody"]) == 2
    assert "is not in the chain" in capsys.readouterr().err


def test_evidence_taken_back_changes_the_answer(case: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without the evidence of its own link the calls have no route back; nothing of it is stored, and files refuse."""
    chain = tmp_path / "chain.json"
    assert main(["graph", str(case), "-o", str(chain), "--by", "A"]) == 0
    document = json.loads(chain.read_text("utf-8"))
    calls = next(node["id"] for node in document["nodes"] if node["kind"] == "campaign")
    into = [item["reference"] for link in document["links"] if link["target"] == calls for item in link["evidence"]]
    line = ["graph", str(case), "--back", calls, "--json", "-"]
    capsys.readouterr()
    assert main([*line, *(part for one in dict.fromkeys(into) for part in ("--retract", one))]) == 0
    assert json.loads(capsys.readouterr().out)["back"][calls] in ([], [[calls]])
    assert main(line) == 0
    assert len(json.loads(capsys.readouterr().out)["back"][calls][0]) > 1
    assert main([*line, "--retract", "nowhere"]) == 2
    assert main(["graph", str(case), "-o", str(chain), "--retract", into[0], "--by", "A"]) == 2
