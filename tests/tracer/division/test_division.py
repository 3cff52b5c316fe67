from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tests.tracer.contents import folder_of
from tests.tracer.linkage.registered import named, stolen, tables_of, vault_of, verdicts
from tracer.attribution.showings import Showings, Singles
from tracer.cli.trace import write_rows
from tracer.demo import Alike, LeakPlan, World, WorldPlan, invent
from tracer.division.mixing import mixed
from tracer.division.plan import parts_of
from tracer.division.scratch import Scratch, derived
from tracer.errors import TracerError
from tracer.findings import Findings
from tracer.settings import Settings
from tracer.tracing import trace
from tracer.vault.vault import Vault

DAY = date(2025, 9, 12)
FIRST, SECOND, STRANGER = "huadai", "shuitadai", "kedoudai"
LOAN = ("name", "phone", "product", "limit")
PLAN = WorldPlan(seed=61, people=8_000, platforms=3, customers=2_000, hidden=1, alike=(Alike(3, 0, 0.6),))
PARTS = 4
MIXED = LeakPlan({FIRST: 800, SECOND: 300, STRANGER: 500}, DAY, LOAN, junk=60, seed=1)


@pytest.fixture(scope="module")
def world() -> World:
    return invent(PLAN)


@pytest.fixture(scope="module")
def vault(world: World, tmp_path_factory: pytest.TempPathFactory) -> Vault:
    return vault_of(tmp_path_factory.mktemp("division"), tables_of(world))


Both = Callable[[pl.DataFrame], tuple[Findings, Findings]]


@pytest.fixture
def both(vault: Vault, tmp_path: Path) -> Both:
    """Traces a dump as a whole and in parts."""

    def traced(frame: pl.DataFrame) -> tuple[Findings, Findings]:
        frame.write_csv(tmp_path / "dump.csv")
        whole = trace(tmp_path / "dump.csv", vault)
        parted = trace(tmp_path / "dump.csv", vault, parts=PARTS, scratch=tmp_path)
        assert parted.recorded is not None
        return whole, parted

    return traced


def alike(whole: Findings, parted: Findings, tolerance: float = 0.005) -> None:
    """The same verdicts; rows to half a percent or three records, ends to six; the same bounds; windows that meet."""
    assert verdicts(parted) == verdicts(whole)
    assert parted.dump == whole.dump
    found = {one.platform: one for one in whole.found}
    for one in parted.found:
        other = found[one.platform]
        assert one.rows == pytest.approx(other.rows, rel=tolerance, abs=3.0)
        # What chance gives is drawn anew, and the ends of an interval rest on it.
        for mine, theirs in ((one.rows_low, other.rows_low), (one.rows_high, other.rows_high)):
            assert mine == pytest.approx(theirs, rel=tolerance, abs=6.0)
        assert (one.false_accusation <= 1e-4) == (other.false_accusation <= 1e-4)
        assert (one.window.after is None) == (other.window.after is None)
        if one.window.after and one.window.before and other.window.after and other.window.before:
            assert max(one.window.after, other.window.after) <= min(one.window.before, other.window.before)
    assert parted.unknown.rows == pytest.approx(whole.unknown.rows, rel=tolerance, abs=3.0)
    assert parted.indistinguishable == whole.indistinguishable


def test_parts_answer_as_the_whole(both: Both, world: World) -> None:
    """Several sources, a stranger and invented records: the same verdicts and, to three records, the same rows."""
    whole, parted = both(stolen(world, MIXED))
    assert named(parted) == {FIRST, SECOND}
    alike(whole, parted)


def test_records_of_parts_are_those_of_the_whole(both: Both, world: World) -> None:
    """The table of records has the order of the dump, and hardly a record's likely source differs."""
    whole, parted = both(stolen(world, MIXED))
    mine, theirs = parted.rows, whole.rows
    assert mine.columns == theirs.columns
    assert mine.select("row", "offset").equals(theirs.select("row", "offset"))
    for column in ("platform", "fits", "linked_by", "agrees", "differs"):
        assert mine[column].ne_missing(theirs[column]).sum() <= 0.003 * mine.height, column
    assert np.median(np.abs(mine["probability"].to_numpy() - theirs["probability"].to_numpy())) < 1e-3


def test_records_are_written_piece_by_piece(both: Both, world: World, tmp_path: Path) -> None:
    """The file of rows holds what `rows` holds, only its owner may read it, and afterwards the folder is gone."""
    _, parted = both(stolen(world, MIXED))
    write_rows(parted, tmp_path / "rows.parquet")
    assert pl.read_parquet(tmp_path / "rows.parquet").equals(pl.concat(parted.pieces()))
    assert (tmp_path / "rows.parquet").stat().st_mode & 0o077 == 0
    parted.forget()
    assert not [path for path in tmp_path.iterdir() if path.is_dir() and path.name.startswith(".luobo")]
    with pytest.raises(TracerError, match="no longer there"):
        next(parted.pieces())


@pytest.mark.parametrize("columns", [("phone",), ("name", "phone", "national_id"), ("phone", "limit"), LOAN])
def test_a_strangers_dump_in_parts_names_nobody(both: Both, world: World, columns: tuple[str, ...]) -> None:
    """All comes from an unregistered platform with 60 % of a registered one's customers; nobody is established."""
    for seed in range(3):
        whole, parted = both(stolen(world, LeakPlan({STRANGER: 700}, DAY, columns, junk=40, seed=seed)))
        assert named(parted) == set()
        alike(whole, parted)


def test_repeated_records_weigh_once(both: Both, world: World) -> None:
    """Five copies of every record, dealt to wherever their people are, count and weigh as in a dump in one piece."""
    frame = stolen(world, LeakPlan({FIRST: 200, STRANGER: 100}, DAY, LOAN, seed=3))
    whole, parted = both(pl.concat([frame] * 5))
    alike(whole, parted)
    assert parted.dump.people == whole.dump.people < 0.3 * parted.dump.records


def test_a_person_with_several_showings_is_one_person(both: Both, world: World) -> None:
    """Records of the same people, some of which lost their limit and some their name, count as those of the whole."""
    frame = stolen(world, LeakPlan({FIRST: 400, STRANGER: 300}, DAY, LOAN, seed=4))
    drop = frame.columns[-1]
    whole, parted = both(pl.concat([frame, frame.with_columns(pl.lit(None, pl.String).alias(drop))]))
    alike(whole, parted)


def test_masked_and_damaged_records_in_parts(both: Both, world: World) -> None:
    """No whole number is left: records go by name and masked number, in parts as in one piece."""
    frame = stolen(world, LeakPlan({FIRST: 700, STRANGER: 300}, DAY, LOAN, junk=50, seed=5))
    phone = next(name for name in frame.columns if frame.filter(pl.col(name).str.contains(r"^1\d{10}$")).height > 500)
    masked = frame.with_columns(pl.col(phone).str.slice(0, 3) + "****" + pl.col(phone).str.slice(7))
    alike(*both(masked))
    half = pl.concat([frame.head(300), masked.tail(700)])
    alike(*both(half))


def test_several_tables_in_parts(world: World, vault: Vault, tmp_path: Path) -> None:
    """An archive of three tables with other columns each, one of them of five records, as in one piece."""
    frames = [
        stolen(world, LeakPlan({FIRST: 300, STRANGER: 80}, DAY, LOAN, seed=6)),
        stolen(world, LeakPlan({SECOND: 200, STRANGER: 60}, DAY, ("national_id", "phone", "limit"), seed=7)),
        stolen(world, LeakPlan({STRANGER: 5}, DAY, ("name", "phone", "amount"), seed=8)),
    ]
    with zipfile.ZipFile(tmp_path / "dump.zip", "w") as archive:
        for number, frame in enumerate(frames):
            archive.writestr(f"{number}.csv", frame.write_csv())
    whole = trace(tmp_path / "dump.zip", vault)
    parted = trace(tmp_path / "dump.zip", vault, parts=PARTS, scratch=tmp_path)
    assert len(whole.dump.columns) == 10
    alike(whole, parted)
    assert parted.rows.select("row", "offset").equals(whole.rows.select("row", "offset"))


def test_a_part_without_the_leading_identifier(both: Both, world: World) -> None:
    """Half of the parts hold no phone number although most records of the dump do: the same answer."""
    frame = stolen(world, LeakPlan({FIRST: 3}, DAY, LOAN, seed=9))
    whole, parted = both(frame)
    assert parted.dump == whole.dump
    assert named(parted) == named(whole)


def test_no_identifier_links_nobody(both: Both) -> None:
    """Values alone are about nobody: every record of every part is unknown."""
    whole, parted = both(pl.DataFrame({"额度": [str(1_000 * number) for number in range(1, 60)]}))
    assert parted.unknown.rows == whole.unknown.rows == 59
    assert set(verdicts(parted).values()) <= {"indeterminate", "excluded"}
    assert verdicts(parted) == verdicts(whole)


def test_damaged_lines_are_counted(vault: Vault, world: World, tmp_path: Path) -> None:
    """Lines that cannot be read are rejected as in one piece, with their places."""
    frame = stolen(world, LeakPlan({FIRST: 150}, DAY, LOAN, seed=2))
    lines = frame.write_csv().encode().splitlines(keepends=True)
    lines.insert(40, b"\x00\x00\x00\x00\n")
    (tmp_path / "dump.csv").write_bytes(b"".join(lines))
    whole = trace(tmp_path / "dump.csv", vault)
    alike(whole, trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path))


def test_as_many_parts_as_one_likes(world: World, vault: Vault, tmp_path: Path) -> None:
    """Two parts, or sixty of 28 records each: the same verdicts, and rows to two percent."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")
    whole = trace(tmp_path / "dump.csv", vault)
    for parts in (2, 9, 60):
        alike(whole, trace(tmp_path / "dump.csv", vault, parts=parts, scratch=tmp_path), 0.02)


@pytest.mark.parametrize("parts", [2, 8, 9, 23])
def test_nobody_is_lost_between_parts(world: World, vault: Vault, tmp_path: Path, parts: int) -> None:
    """However many parts there are, as many people are counted as in the whole, and every record has an origin."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")
    whole = trace(tmp_path / "dump.csv", vault).attribution.mixture
    parted = trace(tmp_path / "dump.csv", vault, parts=parts, scratch=tmp_path).attribution.mixture
    assert parted.patterns.count.sum() == pytest.approx(whole.patterns.count.sum(), abs=2)
    assert parted.many.sum() == whole.many.sum()
    assert parted.share.sum(axis=1) == pytest.approx(np.ones(len(parted.share)))


def test_two_traces_of_one_dump_do_not_meet(world: World, vault: Vault, tmp_path: Path) -> None:
    """While the findings of one trace still need their folder, a second one gives the same answer beside it."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")
    first = trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path / "room")
    second = trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path / "room")
    assert first.to_dict() == second.to_dict()
    assert first.rows.equals(second.rows)


def test_innocents_stay_innocent_in_parts(world: World, vault: Vault, tmp_path: Path) -> None:
    """Forty dumps of a source and a stranger, with any seed of chance: never is anybody else established."""
    falsely = []
    for seed in range(40):
        plan = LeakPlan({SECOND: 40, STRANGER: 160}, DAY, LOAN if seed % 2 else ("phone", "limit"), seed=seed)
        stolen(world, plan).write_csv(tmp_path / "dump.csv")
        settings = Settings(seed=seed)
        parted = trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path, settings=settings)
        falsely += sorted(named(parted) - {SECOND})
    assert falsely == []


class Killed(BaseException):
    """Stands for a kill between two steps."""


def test_a_broken_trace_goes_on(world: World, vault: Vault, tmp_path: Path) -> None:
    """After a break in the third part the dump is not read again, two parts are not linked again, nothing differs."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")
    dump, room = tmp_path / "dump.csv", tmp_path / "room"

    def until(step: str) -> None:
        if step.startswith("linking part 3"):
            raise Killed

    with pytest.raises(Killed):
        trace(dump, vault, parts=5, scratch=room, progress=until)
    steps: list[str] = []
    again = trace(dump, vault, parts=5, scratch=room, progress=steps.append)
    assert steps[0] == "linking part 3 of 5"
    rows = again.rows
    again.forget()
    assert list(room.iterdir()) == []
    fresh = trace(dump, vault, parts=5, scratch=room)
    assert again.to_dict() == fresh.to_dict()
    assert rows.equals(fresh.rows)


def test_another_dump_or_vault_begins_anew(world: World, vault: Vault, tmp_path: Path) -> None:
    """What an earlier trace left is only used for the same dump with the same settings."""
    dump = tmp_path / "dump.csv"
    stolen(world, MIXED).write_csv(dump)

    def until(step: str) -> None:
        if step.startswith("linking part 2"):
            raise Killed

    with pytest.raises(Killed):
        trace(dump, vault, parts=3, scratch=tmp_path / "room", progress=until)
    for change in ("settings", "dump"):
        if change == "dump":
            stolen(world, MIXED).head(1_000).write_csv(dump)
        steps: list[str] = []
        settings = Settings(seed=7) if change == "settings" else Settings()
        trace(dump, vault, parts=3, scratch=tmp_path / "room", progress=steps.append, settings=settings)
        assert steps[0] == "reading the dump"


def test_nothing_of_the_dump_lies_in_clear(world: World, vault: Vault, tmp_path: Path) -> None:
    """In the working folder of a broken trace no cell of the dump is found, nor in the names of its files."""
    frame = stolen(world, MIXED)
    frame.write_csv(tmp_path / "dump.csv")

    def until(step: str) -> None:
        if step.startswith("linking part 2"):
            raise Killed

    with pytest.raises(Killed):
        trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path / "room", progress=until)
    files = [path for path in (tmp_path / "room").rglob("*") if path.is_file()]
    assert len(files) > 4
    content = b"".join(path.read_bytes() for path in files)
    names = " ".join(path.name for path in files)
    for name in frame.columns:
        long = [cell for cell in frame[name].drop_nulls().unique().to_list() if len(cell.encode()) >= 6][:300]
        assert not any(cell.encode() in content or cell in names for cell in long), name
    assert "dump" not in names


def test_a_damaged_working_folder_is_said(world: World, vault: Vault, tmp_path: Path) -> None:
    """A file that is not what was laid down is refused in one line."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")

    def until(step: str) -> None:
        if step.startswith("linking part 2"):
            raise Killed

    with pytest.raises(Killed):
        trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path / "room", progress=until)
    for path in (tmp_path / "room").rglob("*"):
        if path.is_file() and path.stat().st_size:
            content = bytearray(path.read_bytes())
            content[-1] ^= 1
            path.write_bytes(bytes(content))
    with pytest.raises(TracerError, match="lost or damaged"):
        trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path / "room")


def test_records_that_got_lost_are_missed(world: World, vault: Vault, tmp_path: Path) -> None:
    """A file that is gone, or cut off behind a piece, is refused and never taken for a shorter dump."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")

    def until(step: str) -> None:
        if step.startswith("linking part 2"):
            raise Killed

    for seed, cut in enumerate((0, 1)):
        settings, room = Settings(seed=seed), tmp_path / f"room {seed}"
        with pytest.raises(Killed):
            trace(tmp_path / "dump.csv", vault, parts=3, scratch=room, progress=until, settings=settings)
        folder = next(room.iterdir())
        journal = latest(folder)
        for path in folder.iterdir():
            if path.name not in {"lock", journal}:
                path.write_bytes(b"") if cut else path.unlink()
        with pytest.raises(TracerError, match="lost or damaged"):
            trace(tmp_path / "dump.csv", vault, parts=3, scratch=room, settings=settings)


def latest(folder: Path) -> str:
    """The file that was written last: the journal."""
    return max(
        (path for path in folder.iterdir() if path.name != "lock"), key=lambda path: path.stat().st_mtime_ns
    ).name


def test_a_killed_process_is_gone_on_with(world: World, vault: Vault, tmp_path: Path) -> None:
    """A process killed by the system at any moment leaves a folder from which the next one gives the same answer."""
    dump, room = tmp_path / "dump.csv", tmp_path / "room"
    stolen(world, MIXED).write_csv(dump)
    program = (
        "import sys; from pathlib import Path; from tracer.tracing import trace; from tracer.vault.vault import Vault\n"
        "vault = Vault.open(Path(sys.argv[1]))\n"
        "print(trace(sys.argv[2], vault, parts=6, scratch=sys.argv[3], progress=lambda step: print(step, flush=True)))"
    )
    command = [sys.executable, "-c", program, str(folder_of(vault)), str(dump), str(room)]
    for many in (3, 5):
        child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(many):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        time.sleep(0.1)
    again = trace(dump, vault, parts=6, scratch=room)
    assert again.to_dict() == trace(dump, vault, parts=6, scratch=tmp_path / "other").to_dict()


def test_word_of_a_number_is_even() -> None:
    """Numbers in a row fall into parts as evenly as chance would have them."""
    many = np.bincount((mixed(np.arange(100_000, dtype=np.uint64)) % np.uint64(10)).astype(np.int64))
    assert abs(many - 10_000).max() < 5 * 95


def test_showings_that_are_too_many_leave_platforms_out(world: World, vault: Vault, tmp_path: Path) -> None:
    """With memory for a few showings the platform that agrees best is weighed alone, the rest is bounded, not named."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")
    parted = trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path, memory=10_000)
    weighed = {one.name for one in parted.attribution.standings}
    assert FIRST in weighed
    assert len(weighed) < 3
    assert named(parted) <= {FIRST, SECOND}
    left = [one for one in parted.found if one.platform not in weighed]
    assert {one.rows_low for one in left} == {0.0}
    assert {one.evidence[0].kind for one in left} == {"sample"}
    whole = {one.platform: one for one in trace(tmp_path / "dump.csv", vault).found}
    assert all(one.rows_high >= whole[one.platform].rows for one in left)
    with pytest.raises(TracerError, match="differ too much"):
        trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path, memory=100)


def test_no_room_is_said(world: World, vault: Vault, tmp_path: Path) -> None:
    """Where no working folder can be made, one line says so, with what to do."""
    stolen(world, MIXED).write_csv(tmp_path / "dump.csv")
    with pytest.raises(TracerError, match="no working folder") as said:
        trace(tmp_path / "dump.csv", vault, parts=3, scratch=tmp_path / "dump.csv")
    assert "--scratch" in said.value.hint


def test_what_lies_in_scratch_is_what_was_put(tmp_path: Path) -> None:
    """Growing files give their pieces in order; nothing is found under another name or by another key."""
    scratch = Scratch.of(tmp_path, derived(b"secret", "one"))
    scratch.begin()
    for number in range(5):
        scratch.append("pieces", bytes([number]) * number)
    scratch.put("whole", b"content")
    assert list(scratch.pieces("pieces")) == [bytes([number]) * number for number in range(5)]
    assert scratch.take("whole") == b"content"
    assert scratch.take("nothing") == b""
    other = Scratch(scratch.path, derived(b"secret", "two"))
    assert other.take("whole") == b""
    scratch.remove()
    assert list(tmp_path.iterdir()) == []


def test_pieces_cannot_change_places(tmp_path: Path) -> None:
    """Files that somebody swapped, cut short or put together otherwise are refused."""
    scratch = Scratch.of(tmp_path, derived(b"secret"))
    scratch.begin()
    scratch.put("one", b"1" * 40)
    scratch.append("two", b"2" * 40)
    scratch.append("two", b"3" * 40)
    files = [path for path in scratch.path.iterdir() if path.name != "lock"]
    one, two = sorted(files, key=lambda path: path.stat().st_size)
    kept, pieces = one.read_bytes(), two.read_bytes()
    turned = pieces[len(pieces) // 2 :] + pieces[: len(pieces) // 2]
    for path, content, name in ((two, kept, "two"), (two, turned, "two"), (one, kept[:-3], "one")):
        path.write_bytes(content)
        with pytest.raises(TracerError, match="lost or damaged"):
            list(scratch.pieces(name))
    scratch.remove()


def test_people_of_showings_are_those_of_records() -> None:
    """However showings are put together to patterns, as many people have each as a count of the records gives."""
    rng = np.random.default_rng(5)
    person, showing = np.sort(rng.integers(0, 300, 1_000)), rng.integers(0, 12, 1_000)
    pairs = pl.DataFrame({"person": person, "showing": showing}).unique().sort("person", "showing")
    alone = pairs.filter(pl.len().over("person") == 1).get_column("showing").to_numpy()
    sets = pairs.filter(pl.len().over("person") > 1).group_by("person", maintain_order=True).agg("showing")
    members = sets.with_row_index("set").explode("showing").select("set", pl.col("showing").cast(pl.UInt32))
    showings = Showings(
        np.zeros(12, np.intp), np.array([1_000.0]), np.bincount(showing, minlength=12).astype(float),
        np.bincount(alone, minlength=12).astype(float), members, np.ones(sets.height),
    )  # fmt: skip
    singles = Singles(person.astype(np.int64), np.zeros(1_000, np.intp))
    for patterns in (1, 3, 12):
        of_showing = rng.integers(0, patterns, 12) if patterns < 12 else np.arange(12)
        by_showing = showings.people(np.arange(12), of_showing, patterns)
        assert np.array_equal(by_showing, singles.people(np.arange(1_000), of_showing[showing], patterns))


def test_a_long_dump_is_divided(vault: Vault) -> None:
    """Records and what they would take say into how many parts it goes; too little memory is refused in words."""
    two = 2 << 30
    assert parts_of(80 * 10**6, 10**6, vault, two) == 1
    many = [parts_of(80 * records, records, vault, two) for records in (10**7, 10**8, 10**9)]
    assert many == sorted(many)
    assert many[2] == pytest.approx(100 * many[0], rel=0.2)
    wide = [parts_of(2_000 * 10**7, 10**7, vault, memory) for memory in (two, 4 * two)]
    assert wide[1] < wide[0] / 3
    assert [parts_of(80 * records, records, vault, 4 * two) for records in (10**6, 3 * 10**6)] == [1, 4]
    with pytest.raises(TracerError, match="too little"):
        parts_of(800, 10, vault, 1 << 20)
