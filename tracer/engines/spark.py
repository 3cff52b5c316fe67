"""Bulk work on a Spark cluster: the very functions that run here are run by its executors, on the same frames.

Spark hands out the work, watches the machines and does again what was lost with one (`mapInArrow` over numbers of
items). The work itself, with the frames and what comes of it, goes through a sealed folder on shared storage: so it
neither passes the driver's Java side nor lies anywhere in clear.
"""

from __future__ import annotations

import io
import os
import pickle
import socket
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

import polars as pl
import pyarrow as pa
from pyspark import TaskContext
from pyspark.sql import DataFrame as SparkFrame
from pyspark.sql import SparkSession, functions

from tracer.engines.interface import Item, Result
from tracer.engines.sealed import SealedFolder
from tracer.errors import EngineFault, TracerError

if TYPE_CHECKING:
    from types import TracebackType

_STANDALONE: Final = "spark://"
_PATIENCE: Final = 10
"""Seconds to wait for a master's answer."""
_PIECE: Final = 250_000
"""Rows of a frame that are worked on at a time."""
_ALL: Final = 100_000
"""Rows of a table that is not worth a sample."""
_ROUNDS: Final = 4
"""Pieces of work a core, so that a slow machine holds up no other."""
_CONFIGURATION: Final = {
    "spark.app.name": "luobo",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.log.level": "ERROR",
    # Every task has a core; libraries that took all of them would fight for these.
    "spark.executorEnv.POLARS_MAX_THREADS": "1",
    "spark.executorEnv.OPENBLAS_NUM_THREADS": "1",
}


@dataclass(frozen=True, slots=True)
class Lying:
    """A frame in the sealed folder."""

    folder: SealedFolder
    name: str

    def frame(self) -> pl.DataFrame:
        """See `Laid.frame`."""
        return _frame(self.folder, self.name)


class Spark:
    """Bulk work on a cluster, to be used in a `with`."""

    name = "spark"
    near = False

    def __init__(self, session: SparkSession, shared: Path) -> None:
        """Work in a session that somebody has, and which stays open.

        Args:
            session: of the cluster.
            shared: a folder that the driver and all executors see at the same path.

        Raises:
            EngineFault: no working folder can be made.
        """
        self._session, self._own = session, False
        self._folder = SealedFolder.make(shared)

    @staticmethod
    def connect(master: str, shared: Path) -> Spark:
        """Connect to a cluster.

        Args:
            master: `spark://HOST:PORT`, `yarn`, `k8s://…`, or `local[N]` for this machine.
            shared: as above.

        Raises:
            EngineFault: there is no such cluster, or no working folder can be made.
        """
        spark = Spark(_connected(master), shared)
        spark._own = True
        return spark

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Remove the working folder and leave the cluster."""
        self._folder.remove()
        if self._own:
            self._session.stop()

    def laid(self, frame: pl.DataFrame) -> Lying:
        """See `Engine.laid`."""
        return Lying(self._folder, self._folder.put(_packed(frame)))

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
        """See `Engine.each`."""
        if not items:
            return []
        job = self._folder.put(pickle.dumps((work, list(items)), pickle.HIGHEST_PROTOCOL))
        cores = self._session.sparkContext.defaultParallelism
        tasks = min(len(items), max(_ROUNDS * cores, 1))
        asked = self._session.range(0, len(items), 1, tasks)
        names = {place: name for _, place, name in _told(asked, partial(_worked, self._folder, job))}
        results = [_opened(self._folder, names[place]) for place in range(len(items))]
        self._folder.drop(job)
        return results

    def rowwise(self, work: Callable[[pl.DataFrame], pl.DataFrame], frame: pl.DataFrame) -> pl.DataFrame:
        """See `Engine.rowwise`."""
        pieces = [self.laid(piece) for piece in frame.iter_slices(_PIECE)]
        done = [pl.read_ipc(io.BytesIO(one)) for one in self.each(partial(_piece, work), pieces)]
        for piece in pieces:
            self._folder.drop(piece.name)
        return pl.concat(done) if done else work(frame)

    def sample(self, table: SparkFrame, rows: int) -> pl.DataFrame:
        """About so many rows from all over a table (the first ones of a short one): Utf8 columns."""
        with _quiet():
            many = table.count()
            few = table if many <= _ALL else table.sample(fraction=min(1.0, 4 * rows / many), seed=0)
            return pl.DataFrame(_texts(few).limit(4 * rows).toArrow())

    def portions(self, table: SparkFrame, work: Callable[[pl.DataFrame], Result]) -> Iterator[Result]:
        """Work on a table of the cluster where it lies: Utf8 columns, a few hundred thousand rows at a time.

        Raises:
            TracerError: as `each`.
        """
        job = self._folder.put(pickle.dumps((work, []), pickle.HIGHEST_PROTOCOL))
        for _, _, name in sorted(_told(_texts(table), partial(_tokenised, self._folder, job))):
            yield _opened(self._folder, name)
        self._folder.drop(job)


def _connected(master: str) -> SparkSession:
    nobody = EngineFault(
        f"{master}: no such Spark cluster can be reached",
        hint="is Java 17 or newer installed, and the address right: spark://HOST:PORT or local[2]?",
    )
    if master.startswith(_STANDALONE) and not any(map(_answers, master.removeprefix(_STANDALONE).split(","))):
        raise nobody  # Spark itself would try for a minute and a half
    # The interpreter that the executors start; a cluster's own may be somewhere else.
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    builder = SparkSession.builder.master(master)
    for name, setting in _CONFIGURATION.items():
        builder = builder.config(name, setting)
    try:
        with _quiet():
            return builder.getOrCreate()
    except Exception:  # noqa: BLE001 - of Spark, its bridge to Java, or the system
        raise nobody from None


def _answers(address: str) -> bool:
    """Whether something listens at HOST:PORT."""
    host, _, port = address.rpartition(":")
    with suppress(OSError, ValueError), socket.create_connection((host, int(port)), _PATIENCE):
        return True
    return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Let Spark's Java side, which is started in here, complain to nobody: it would quote what it worked on."""
    with warnings.catch_warnings(), ExitStack() as after:
        warnings.simplefilter("ignore")  # of pandas, which is not used in here
        if os.environ.get("LUOBO_DEBUG") != "1":
            kept, nothing = os.dup(2), os.open(os.devnull, os.O_WRONLY)
            after.callback(os.close, kept)
            after.callback(os.dup2, kept, 2)
            os.dup2(nothing, 2)
            os.close(nothing)
        yield


def _told(asked: SparkFrame, work: Callable[..., Any]) -> list[tuple[int, int, str]]:
    """(partition, place, name of the result) for everything that was worked on."""
    try:
        with _quiet():
            done = asked.mapInArrow(work, "partition long, place long, name string").collect()
    except Exception as fault:  # noqa: BLE001 - of Spark or its bridge to Java
        raise _broken(fault) from None
    return [(int(row["partition"]), int(row["place"]), str(row["name"])) for row in done]


def _texts(table: SparkFrame) -> SparkFrame:
    """Every value as the text that an export would hold."""
    names = [(name, name.replace("`", "``")) for name in table.columns]
    return table.select([functions.col(f"`{quoted}`").cast("string").alias(name) for name, quoted in names])


def _worked(folder: SealedFolder, job: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """On an executor: do the work on the items of these numbers, and say under which names its results lie."""
    work, items = _job(folder, job)
    for batch in batches:
        places = batch.column(0).to_pylist()
        names = [folder.put(_result(work, items[place])) for place in places]
        yield _names(places, names)


def _tokenised(folder: SealedFolder, job: str, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """On an executor: do the work on the rows of its part of a table, and say under which names its results lie."""
    work, _ = _job(folder, job)
    held: list[pl.DataFrame] = []
    place = 0
    for batch in batches:
        held.append(pl.DataFrame(batch))
        if sum(one.height for one in held) >= _PIECE:
            yield _names([place], [folder.put(_result(work, pl.concat(held)))])
            held, place = [], place + 1
    if held:
        yield _names([place], [folder.put(_result(work, pl.concat(held)))])


def _names(places: list[int], names: list[str]) -> pa.RecordBatch:
    context = TaskContext.get()
    part = [context.partitionId() if context else 0] * len(places)
    kinds = {"partition": pa.int64(), "place": pa.int64(), "name": pa.string()}
    return pa.RecordBatch.from_pydict({"partition": part, "place": places, "name": names}, pa.schema(kinds))


def _result(work: Callable[[Any], Any], item: object) -> bytes:
    """What the work gave, or the error of ours that it raised, which is no failure of the machine."""
    try:
        done: object = work(item)
    except TracerError as fault:
        done = fault
    except Exception as fault:  # noqa: BLE001 - its words may quote a record, and end in the machine's log
        raise RuntimeError(type(fault).__name__) from None
    return pickle.dumps(done, pickle.HIGHEST_PROTOCOL)


def _opened(folder: SealedFolder, name: str) -> Any:
    """A result; what is unpacked here nobody without the run's key can have written."""
    done = pickle.loads(folder.take(name))  # noqa: S301
    folder.drop(name)
    if isinstance(done, TracerError):
        raise done
    return done


@lru_cache(maxsize=1)
def _job(folder: SealedFolder, name: str) -> tuple[Callable[[Any], Any], list[Any]]:
    work, items = pickle.loads(folder.take(name))  # noqa: S301 - as above
    return work, items


@lru_cache(maxsize=16)
def _frame(folder: SealedFolder, name: str) -> pl.DataFrame:
    return pl.read_ipc(io.BytesIO(folder.take(name)))


def _piece(work: Callable[[pl.DataFrame], pl.DataFrame], piece: Lying) -> bytes:
    # Not by way of the cache: each piece is worked on once.
    return _packed(work(pl.read_ipc(io.BytesIO(piece.folder.take(piece.name)))))


def _packed(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc(buffer, compat_level=pl.CompatLevel.newest())
    return buffer.getvalue()


def _broken(fault: Exception) -> EngineFault:
    # Its message may quote a record: only its kind is told.
    message = f"the Spark cluster gave up ({type(fault).__name__})"
    return EngineFault(message, hint="look at the executors' logs; each machine needs luobo, the vault and the folder")
