"""One reader under atheris: it is led through bytes by what they make it do; then what its parent does with them.

    python benchmarks/fuzz_target.py READER STATISTICS [FLAGS OF LIBFUZZER …] FOLDER …

What a reader raises would end its process and no other; it is counted by the place where it was raised. What is raised
behind it would end the parent: that is a crash. Run by `fuzz.py`.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import IO, Any

import atheris

with atheris.instrument_imports(include=["tracer.intake"]):
    from tracer.custody.exhibit import Exhibit
    from tracer.errors import UnreadableInput
    from tracer.intake.archives.walk import Walk
    from tracer.intake.gathering import History
    from tracer.intake.interface import Reader
    from tracer.intake.inventory import examples, take
    from tracer.intake.limits import Limits
    from tracer.intake.member import Member
    from tracer.intake.reading import understood
    from tracer.intake.shapes import READERS, shape_of
    from tracer.intake.sheet_parts import SheetParts
    from tracer.intake.spool import Kept, Spool

ARCHIVES = "Archives"
NAMES = (*(type(reader).__name__ for reader in READERS), "SheetParts", ARCHIVES)
LIMITS = Limits(unpacked=8 << 20, members=50)
EVERY = 5.0
"""Seconds between two times that the counts are written down."""
UNDERSTOOD = 4
"""Of so many inputs what one yields is understood and counted: that takes the parent four times as long as reading."""


class Target:
    """One reader, and how often what happened."""

    def __init__(self, name: str, statistics: Path) -> None:
        """Fuzz the reader of this class name, or the archives; keep count in a file."""
        self.name, self.statistics = name, statistics
        known: dict[str, Reader] = {type(reader).__name__: reader for reader in (*READERS, SheetParts())}
        self.reader = known.get(name)
        self.outcomes: Counter[str] = Counter()
        self.broken: Counter[str] = Counter()
        self.written = monotonic()

    def __call__(self, data: bytes) -> None:
        """Read these bytes to the end, as the child and then as the parent."""
        with tempfile.TemporaryFile(buffering=0) as file, _file() as cells, _file() as ledger:
            file.write(data)
            spool = Spool(cells.fileno(), ledger.fileno())
            fault = self._child(Member("dump", file, len(data)), spool)
            spool.flush()
            self._parent(len(data), cells, ledger)
        if fault:
            self.broken[fault] += 1
        self.outcomes["broken"] += bool(fault)
        self.outcomes["executions"] += 1
        if monotonic() - self.written > EVERY:
            self.keep()

    def keep(self) -> None:
        """Write the counts down."""
        self.written = monotonic()
        said = {**self.outcomes, "raised": dict(self.broken)}
        self.statistics.write_text(json.dumps(said), encoding="utf-8")

    def _child(self, member: Member, spool: Spool) -> str:
        try:
            if self.reader is not None:
                spool.enter(kind="member", number=0, name="", size=member.size, leaf=True)
                self._read(self.reader, member, spool)
                return ""
            with _file() as one, _file() as two, _file() as three:
                for found in Walk(LIMITS, "1234", (one, two, three), spool).members(member):
                    self._read(shape_of(found.member), found.member, spool)
        except MemoryError:
            return "MemoryError"
        except Exception as fault:  # noqa: BLE001 (every one of them is what this is for)
            place = traceback.extract_tb(fault.__traceback__)[-1]
            return f"{type(fault).__name__} in {Path(place.filename).name}:{place.lineno}"
        return ""

    def _read(self, reader: Reader, member: Member, spool: Spool) -> None:
        try:
            for part in reader.read(member):
                spool.put(part)
        except UnreadableInput as fault:
            spool.flush()
            spool.enter(kind="fault", message=fault.message, hint=fault.hint)

    def _parent(self, size: int, cells: IO[bytes], ledger: IO[bytes]) -> None:
        exhibit = Exhibit(Path("dump"), "dump", "0" * 64, size, datetime.now(UTC))
        gathered = History(ledger).gathered(exhibit, Kept(cells), LIMITS)
        if self.outcomes["executions"] % UNDERSTOOD:
            return
        self.outcomes["understood"] += 1
        try:
            found = understood(exhibit, gathered)
        except UnreadableInput:
            self.outcomes["refused"] += 1
            return
        take(found)
        json.dumps(
            [found.records, found.rejected, found.warnings, *(examples(table, table.columns) for table in found.tables)]
        )
        self.outcomes["read"] += 1


def _file() -> Any:
    return tempfile.TemporaryFile(buffering=0)


def main() -> None:
    """Fuzz until libFuzzer has enough."""
    target = Target(sys.argv[1], Path(sys.argv[2]))
    once: Callable[[bytes], None] = target
    atheris.Setup([sys.argv[0], *sys.argv[3:]], once)
    target.keep()
    atheris.Fuzz()


if __name__ == "__main__":
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    main()
