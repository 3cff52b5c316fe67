"""A cluster of real processes. The last test kills one of its workers."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import contents
from tests.tracer.engines.conftest import Cluster
from tracer.cli.main import main
from tracer.engines.here import HERE
from tracer.engines.sealed import SealedFolder
from tracer.engines.spark import Spark
from tracer.errors import EngineFault, VaultFault
from tracer.registration import register, register_spark
from tracer.tokens import TokenKey
from tracer.tracing import trace
from tracer.vault.vault import Vault


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> Iterator[Spark]:
    with Spark.connect(cluster.master, cluster.shared) as engine:
        yield engine


def slow_square(wait: float, number: int) -> int:
    """Work that takes its time."""
    time.sleep(wait)
    return number * number


def doubled(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(pl.col("a") * 2)


def failing(number: int) -> int:
    """Work that fails on one item as our own work fails."""
    if number == 3:
        raise VaultFault("a file is damaged", hint="restore it")
    return number


def broken(number: int) -> int:
    """Work that fails as no work should."""
    raise ZeroDivisionError(f"13800138000 {number}")


def test_work_comes_back_in_order(engine: Spark) -> None:
    """Items and rows come back where they were, as from the embedded engine."""
    items = list(range(23))
    assert engine.each(partial(slow_square, 0), items) == HERE.each(partial(slow_square, 0), items)
    frame = pl.DataFrame({"a": range(600_000)})
    assert engine.rowwise(doubled, frame).equals(HERE.rowwise(doubled, frame))
    assert engine.rowwise(doubled, frame.clear()).equals(doubled(frame.clear()))
    assert engine.each(failing, []) == []


def test_errors_come_back_as_they_are(engine: Spark) -> None:
    """An error of ours is the error raised here; of any other only the kind is told, as it may quote a record."""
    with pytest.raises(VaultFault, match="a file is damaged") as fault:
        engine.each(failing, [1, 2, 3, 4])
    assert fault.value.hint == "restore it"
    with pytest.raises(EngineFault, match="gave up") as other:
        engine.each(broken, [1])
    assert "138" not in str(other.value)


@pytest.mark.parametrize("dump", ["dump", "stranger"])
def test_a_cluster_finds_what_one_machine_finds(engine: Spark, town: Town, dump: str) -> None:
    """The findings are the same to the last digit, and so is the likely source of every record."""
    path, vault = getattr(town, dump), Vault.open(town.vault)
    here, there = trace(path, vault), trace(path, vault, engine=engine)
    assert json.dumps(there.to_dict(), default=str) == json.dumps(here.to_dict(), default=str)
    assert there.rows.equals(here.rows)


def test_nothing_in_clear_lies_in_the_working_folder(engine: Spark, town: Town) -> None:
    """Nobody's name or number can be read in the folder, and what was changed there is refused."""
    frame = pl.read_csv(town.table(town.first, DAYS[0]), infer_schema=False)
    lying = engine.laid(frame)
    assert lying.frame().equals(frame)
    told = [text.encode() for column in frame.get_columns()[:3] for text in column]
    for file in engine._folder.path.iterdir():
        content = file.read_bytes()
        assert not any(one in content for one in told)
    path = engine._folder.path / lying.name
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(EngineFault, match="lost or damaged"):
        lying.folder.take(lying.name)


def test_a_sealed_file_stands_for_its_own_name(tmp_path: Path) -> None:
    """A sealed file put in the place of another one is refused; the folder goes with all that is in it."""
    folder = SealedFolder.make(tmp_path)
    one, other = folder.put(b"one"), folder.put(b"other")
    (folder.path / other).replace(folder.path / one)
    with pytest.raises(EngineFault):
        folder.take(one)
    folder.remove()
    assert not list(tmp_path.iterdir())


def test_a_table_of_the_cluster_is_registered_there(engine: Spark, town: Town, tmp_path: Path) -> None:
    """A Spark DataFrame, also one with numbers in it, gives the vault what the file it was read from gives."""
    vaults = []
    for name in ("file", "table"):
        vault = Vault.create(tmp_path / name)
        vaults.append(Vault(vault.place, TokenKey(b"k" * 32), vault.manifest))
    path = town.table(town.first, DAYS[0])
    one, expected = register(vaults[0], path, "huadai", DAYS[0])
    table = engine._session.read.csv(str(path), header=True, inferSchema=False)
    other, added = register_spark(vaults[1], table, engine, "huadai", DAYS[0])
    assert (added.rows, added.people) == (expected.rows, expected.people)
    assert contents(other) == contents(one)
    assert register_spark(other, table, engine, "huadai", DAYS[0])[1].unchanged


def test_the_command_names_the_cluster(town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The engine and its cluster are named together; a cluster that is not there is one line with a hint."""
    line = ["trace", str(town.dump), "--vault", str(town.vault), "--engine", "spark"]
    assert main(line) == 2
    assert "go together" in capsys.readouterr().err
    assert main([*line, "--spark-folder", str(tmp_path), "--spark-master", "spark://127.0.0.1:9"]) == 2
    assert "no such Spark cluster" in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_the_command_traces_on_the_cluster(
    engine: Spark, cluster: Cluster, town: Town, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`luobo trace --engine spark` writes the JSON that `luobo trace` writes, and leaves nothing in the folder."""
    del engine
    line = ["trace", str(town.dump), "--vault", str(town.vault), "--json", "-"]
    assert main(line) == 0
    here = capsys.readouterr().out
    options = ["--engine", "spark", "--spark-master", cluster.master, "--spark-folder", str(tmp_path)]
    assert main([*line, *options]) == 0
    assert capsys.readouterr().out == here
    assert not list(tmp_path.iterdir())


def test_a_killed_worker_changes_nothing(cluster: Cluster, town: Town) -> None:
    """When a machine dies in mid-run, what it did and what it was doing is done again, and the answer is the same."""
    vault = Vault.open(town.vault)
    here = trace(town.dump, vault)
    with Spark.connect(cluster.master, cluster.shared) as engine:
        killer = threading.Thread(target=kill_in_the_middle, args=(cluster, engine))
        killer.start()
        items = list(range(24))
        assert engine.each(partial(slow_square, 0.5), items) == [number * number for number in items]
        killer.join()
        there = trace(town.dump, vault, engine=engine)
    assert cluster.workers[0].returncode is not None
    assert json.dumps(there.to_dict(), default=str) == json.dumps(here.to_dict(), default=str)


def kill_in_the_middle(cluster: Cluster, engine: Spark) -> None:
    """End a machine when both have begun to hand in what they did."""
    while len(list(engine._folder.path.iterdir())) < 4:
        time.sleep(0.05)
    cluster.kill_worker()
