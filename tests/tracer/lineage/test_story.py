from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tracer.cli.main import main
from tracer.demo import LeakPlan, Style, WorldPlan, invent, leak, write
from tracer.errors import UnreadableInput
from tracer.lineage.seen import first_seen
from tracer.lineage.story import lineage

FIELDS = ("name", "phone", "national_id", "product", "limit", "account")
WORLDS = Path(__file__).resolve().parents[4] / "shared" / "worlds"


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A leak, its half as SQL, that half with fewer columns as JSON lines and masked, and a copy of the leak."""
    folder = tmp_path_factory.mktemp("chain")
    world = invent(WorldPlan(seed=11, people=6_000, platforms=1, customers=1_500))
    whole = leak(world, LeakPlan({world.registered[0]: 800}, date(2025, 6, 1), FIELDS, seed=1))
    half = whole.gather_every(2)
    few = half.drop("account", "limit")
    write(whole, folder / "leak.csv", Style(damage=0.02, seed=1))
    damaged = pl.read_csv(folder / "leak.csv", infer_schema=False)
    names = dict(zip(damaged.columns, FIELDS, strict=True))
    kept = damaged.rename(names).gather_every(2)
    write(kept, folder / "half.sql", Style(shape="sql", header=2, phone="dashes", seed=2))
    write(kept.select(few.columns[:4]), folder / "few.jsonl", Style(shape="jsonl", mask_phone=True, seed=3))
    (folder / "again.csv").write_bytes((folder / "leak.csv").read_bytes())
    (folder / "seen.csv").write_text("file,first_seen\nleak.csv,2025-06-02\nhalf.sql,2025-07-01\n", "utf-8")
    return folder


def files(chain: Path) -> list[str]:
    return [str(chain / name) for name in ("few.jsonl", "half.sql", "leak.csv", "again.csv")]


def test_the_chain_is_found_through_formats_and_masks(chain: Path) -> None:
    """CSV, SQL and masked JSON lines made of one another are chained; the copy is a sighting, not a dump."""
    found = lineage(files(chain), seen=chain / "seen.csv")
    edges = {(Path(edge.parent).name, Path(edge.child).name) for edge in found.lineage.edges}
    assert ("leak.csv", "half.sql") in edges
    assert {child for _, child in edges} == {"half.sql", "few.jsonl"}
    (same,) = [dump for dump in found.dumps if dump.copies]
    assert (Path(same.file).name, [Path(name).name for name in same.copies]) == ("leak.csv", ["again.csv"])


def test_the_json_has_the_keys_that_were_promised(chain: Path, tmp_path: Path) -> None:
    """`luobo lineage --json` gives luobo.lineage/1, files named as they were given."""
    target = tmp_path / "chain.json"
    assert main(["lineage", *files(chain), "--seen", str(chain / "seen.csv"), "--json", str(target)]) == 0
    found = json.loads(target.read_text("utf-8"))
    assert found["schema"] == "luobo.lineage/1"
    assert {"dumps", "edges", "unseized", "roots"} <= set(found)
    for dump in found["dumps"]:
        assert {"file", "records", "first_seen", "copies"} <= set(dump)
        assert dump["file"] in files(chain)
    for edge in found["edges"]:
        assert {"parent", "child", "probability", "direction", "operation", "evidence"} <= set(edge)
        assert edge["direction"] in {"determined", "undetermined"}
        assert 0 <= edge["probability"] <= 1
    leaked = found["roots"][str(chain / "leak.csv")]
    assert leaked == [str(chain / "leak.csv")]


def test_nobody_is_named(chain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Neither the tables nor the JSON hold anybody's number or name."""
    assert main(["lineage", *files(chain), "--json", "-"]) == 0
    assert main(["lineage", *files(chain)]) == 0
    told = "".join(capsys.readouterr())
    rows = pl.read_csv(chain / "leak.csv", infer_schema=False)
    assert not re.search(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])", told)
    for column in rows.columns[:3]:
        assert not [text for text in rows[column] if text and len(text) > 1 and text in told]


def test_the_same_files_give_the_same_answer(chain: Path) -> None:
    """Two runs say the same to the last figure."""
    assert lineage(files(chain)).to_dict() == lineage(files(chain)).to_dict()


def test_one_file_has_no_kin(chain: Path) -> None:
    """A single dump is its own root."""
    only = str(chain / "leak.csv")
    found = lineage([only]).to_dict()
    assert (found["edges"], found["roots"]) == ([], {only: [only]})


@pytest.mark.parametrize(
    ("text", "word"),
    [("name,day\na,2025-01-01\n", "columns"), ("file,first_seen\nleak.csv,yesterday\n", "line 2")],
)
def test_a_bad_list_of_days_is_explained(chain: Path, tmp_path: Path, text: str, word: str) -> None:
    """A list without its columns, and a day that is none, are refused with what is wrong and where."""
    bad = tmp_path / "seen.csv"
    bad.write_text(text, "utf-8")
    with pytest.raises(UnreadableInput, match=word):
        first_seen(str(bad), files(chain))


def test_a_missing_file_is_a_users_mistake(chain: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A dump that is not there: exit code 2 and one line with a hint."""
    assert main(["lineage", str(chain / "leak.csv"), str(chain / "nothing.csv")]) == 2
    told = capsys.readouterr().err
    assert "no such file" in told
    assert "Traceback" not in told


def test_days_are_found_by_the_last_part_of_a_name(chain: Path) -> None:
    """A list that names files without their folder serves, and files that nobody gave are mentioned."""
    listed = chain / "more.csv"
    listed.write_text("file,first_seen\nleak.csv,2025/6/2\nelsewhere.csv,2025-01-01\nhalf.sql,\n", "utf-8")
    days, said = first_seen(str(listed), files(chain))
    assert days == {str(chain / "leak.csv"): date(2025, 6, 2)}
    assert "1 of its files" in said[0]


@pytest.mark.skipif(not WORLDS.is_dir(), reason="the sample worlds are not here")
@pytest.mark.parametrize("dated", [True, False])
@pytest.mark.parametrize("world", ["a", "b"])
def test_every_edge_of_the_sample_chains_is_right_or_undetermined(world: str, dated: bool, tmp_path: Path) -> None:  # noqa: FBT001 - a case
    """On a sample world's chain no edge that is called determined is wrong, with the days at hand or without."""
    folder = WORLDS / world
    (family,) = json.loads((folder / "truth.json").read_text("utf-8"))["chains"]
    nodes = {node["id"]: node for node in family["nodes"]}
    seized = [node for node in family["nodes"] if node["file"]]
    seen = tmp_path / "seen.csv"
    lines = "".join(f"{node['file']},{node['day']}\n" for node in seized)
    seen.write_text("file,first_seen\n" + lines, "utf-8")
    found = lineage([folder / node["file"] for node in seized], seen=seen if dated else None)

    def nearest(one: int) -> set[str]:
        return {
            file
            for parent in nodes[one]["parents"]
            for file in ([nodes[parent]["file"]] if nodes[parent]["file"] else nearest(parent))
        }

    true = {(parent, node["file"]) for node in seized for parent in nearest(node["id"])}
    wrong = [
        edge
        for edge in found.lineage.edges
        if edge.determined
        and (str(Path(edge.parent).relative_to(folder)), str(Path(edge.child).relative_to(folder))) not in true
    ]
    assert not wrong
    if dated:
        assert len(found.lineage.edges) >= 0.8 * len(true)
