"""What a reading process handed over, put together: one exhibit, its tables on disk, what was refused and why."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake import child
from tracer.intake.interface import Reject
from tracer.intake.limits import Limits, changes
from tracer.intake.spool import File, Kept, entries
from tracer.intake.stored import Portion, Stored

_MOST_DEATHS = 20
"""How many members may kill their readers before the rest is given up."""


@dataclass(slots=True)
class Gathering:
    """One exhibit as far as it could be read."""

    cells: File
    formats: list[str] = field(default_factory=list)
    encodings: list[str] = field(default_factory=list)
    tables: list[Stored] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    unlisted: int = 0
    """Rejects beyond those that are kept one by one."""
    members: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    hidden: dict[str, str] = field(default_factory=dict)
    """Hidden sheet → its table's name."""
    notes: list[str] = field(default_factory=list)
    faults: list[tuple[str, str]] = field(default_factory=list)

    @property
    def records(self) -> int:
        """How many there are in all tables."""
        return sum(table.records for table in self.tables)


def gather(
    exhibit: Exhibit, limits: Limits, password: str | None, watch: Callable[[Gathering], None] | None = None
) -> Gathering:
    """Read an exhibit in a process of its own, and once more behind every member that kills its reader.

    Args:
        exhibit: to be read.
        limits: what that may cost.
        password: of an encrypted archive or workbook.
        watch: shown, in a thread of its own, what was handed over so far, as often as that has grown by a fair piece.

    Raises:
        UnreadableInput: it holds no record that can be read, or it changed while it was read.
    """
    with contextlib.ExitStack() as files:
        try:
            source = files.enter_context(open(exhibit.path, "rb", buffering=0, opener=_unblocked))
        except OSError as fault:
            raise UnreadableInput(
                f"{exhibit.name}: cannot be read ({fault.strerror})", hint="check its permissions"
            ) from None
        ledger = files.enter_context(child.nameless())
        scratch = [files.enter_context(child.nameless()) for _ in range(min(2 * limits.depth + 2, 50))]
        cells = files.enter_context(child.nameless())
        history = History(ledger)
        job: dict[str, Any] = {
            "name": exhibit.name, "size": exhibit.size, "limits": asdict(limits), "password": password,
        }  # fmt: skip
        if watch is not None:
            child.begin()  # before there is another thread, for then no process could be forked
            files.enter_context(_watching(watch, exhibit, ledger, cells, limits))
        for _ in range(_MOST_DEATHS):
            cause = child.read_in_child(
                job, [source, cells, ledger, *scratch], lambda: limits.patience(exhibit.size + history.unpacked())
            )
            if not cause:
                break
            job |= history.after_death(cause)
            if job["first"] is None:
                break
        return history.gathered(exhibit, Kept(cells), limits)


@contextlib.contextmanager
def _watching(
    watch: Callable[[Gathering], None], exhibit: Exhibit, ledger: IO[bytes], cells: IO[bytes], limits: Limits
) -> Iterator[None]:
    """Show what is handed over while that goes on; ends when it has ended, with the error of `watch` if it had one."""
    ended = threading.Event()

    def look() -> None:
        shown = entered = 0
        while not ended.wait(_GLANCE):
            # Cells come first and then the entry that speaks of them: without a new one there is nothing to see.
            size, told = (os.fstat(file.fileno()).st_size for file in (cells, ledger))
            if told > entered and size >= shown + max(_FAIR_PIECE, shown // _FAIR_SHARE):
                shown, entered = size, told
                watch(History(ledger).gathered(exhibit, Kept(cells), limits))

    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(look)
        try:
            yield
        finally:
            ended.set()
        looking.result()


_GLANCE = 0.02
"""Seconds between two looks at how much was handed over."""
_FAIR_PIECE, _FAIR_SHARE = 16 << 20, 16
"""Bytes, and one in how many of those seen before, that make another look worth it."""


def _unblocked(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


class History:
    """What the ledger says, over all runs."""

    def __init__(self, ledger: IO[bytes]) -> None:
        """Begin with a ledger that may be empty still."""
        self.ledger = ledger
        self.dead: list[int] = []
        self.careful: set[int] = set()
        self.deaths: dict[int, str] = {}
        self._seen = 0
        self._unpacked = 0

    def unpacked(self) -> int:
        """Bytes of members so far: a reader may take longer for more of them."""
        size = os.fstat(self.ledger.fileno()).st_size
        if size != self._seen:
            self._seen = size
            self._unpacked = sum(
                entry["size"] for entry in entries(self.ledger) if entry["kind"] == "member" and entry["name"]
            )
        return self._unpacked

    def after_death(self, cause: str) -> dict[str, Any]:
        """How to go on: the last member once more with care, or from the next one on."""
        last, shape, leaf = -1, "", True
        for entry in entries(self.ledger):
            if entry["kind"] == "member":
                last, leaf, shape = entry["number"], entry["leaf"], ""
            elif entry["kind"] == "shape":
                shape = entry["format"]
        os.lseek(self.ledger.fileno(), 0, os.SEEK_END)
        if last < 0 or (last in self.deaths and last in self.dead):
            self.deaths.setdefault(last, cause)
            return {"first": None}
        if leaf and last not in self.careful and (shape.startswith("xls") or not shape) and "too long" not in cause:
            self.careful.add(last)
            return {"first": last, "careful": last, "dead": self.dead}
        self.deaths[last] = cause
        self.dead.append(last)
        return {"first": last + 1 if leaf else last, "careful": -1, "dead": self.dead}

    def gathered(self, exhibit: Exhibit, cells: File, limits: Limits) -> Gathering:  # noqa: C901 (one case for each thing that may come)
        """Everything that was handed over."""
        out = Gathering(cells, notes=list(changes(limits)))
        member, number, names = "", -1, {-1: exhibit.name}
        for entry in entries(self.ledger):
            kind = entry["kind"]
            if kind == "member":
                member, number = entry["name"], entry["number"]
                names[number] = member or exhibit.name
                if member and entry["leaf"] and member not in out.members:
                    out.members.append(member)
            elif kind == "shape":
                out.formats.append(entry["format"])
                out.encodings += [entry["encoding"]] if entry["encoding"] else []
            elif kind == "sheet":
                out.sheets.append(entry["name"])
                if entry["hidden"]:
                    out.hidden[entry["name"]] = " / ".join(filter(None, (member, entry["name"])))
            elif kind == "note":
                out.notes.append(entry["text"])
            elif kind == "fault":
                out.faults.append((entry["message"], entry["hint"]))
            elif kind == "rejects":
                out.rejects += [Reject(offset, line, reason, member) for offset, line, reason in entry["rows"]]
                out.unlisted += entry["more"]
            elif kind == "piece":
                _store(out, member, entry)
        for number, cause in self.deaths.items():
            kept = " what was read until then is counted" if out.records else ""
            out.faults.append(
                (f"{names.get(number, exhibit.name)}: {cause};{kept or ' nothing of it was read'}", _BROKEN)
            )
        return out


_BROKEN = "it is damaged, or made to exhaust or crash its reader"


def _store(out: Gathering, member: str, entry: dict[str, Any]) -> None:
    name = " / ".join(filter(None, (member, entry["table"])))
    keyed = entry["keyed"]
    names = entry["names"]
    for table in reversed(out.tables):
        if table.name == name and table.keyed == keyed and (keyed or _same(table.names, names)):
            break
    else:
        table = Stored(name, [], keyed)
        out.tables.append(table)
    table.take(
        Portion(
            tuple(names), entry["rows"], tuple(entry["held"]), tuple(entry["sample"]), entry["stride"],
            frozenset(entry["void"]),
        )
    )  # fmt: skip


def _same(known: list[str | None], names: list[str | None]) -> bool:
    """Whether a piece goes on with a table: no two of their headers differ."""
    both = list(zip(known, names, strict=False))
    headed = any(known) == any(names)
    return headed and all(a == b for a, b in both if a is not None or b is not None)
