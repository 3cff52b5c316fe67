"""What a reading process hands over: a ledger of what it found, and the cells themselves behind it.

Both are files without a name, so nothing of a dump outlives the processes. An entry of the ledger is written when what
it speaks of is complete: whatever happens to the writer, what the ledger says can be read.
"""

from __future__ import annotations

import io
import json
import os
import weakref
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import polars as pl

from tracer.errors import UnreadableInput
from tracer.intake.interface import LENGTH, OFFSET, Note, Part, Piece, Reject, Shape, Sheet
from tracer.intake.sampling import spread

MOST_REJECTS = 100_000
"""How many rejects of an exhibit are kept one by one; the others are counted."""
_BATCH = 1_000
SAMPLED = 2_000
"""Records of a piece that are laid beside it, spread evenly, for whoever needs no more to understand its columns."""


class File(Protocol):
    """An open file."""

    def fileno(self) -> int:
        """Its descriptor."""
        ...


class Kept:
    """A file without a name that is closed when nobody uses it any more."""

    def __init__(self, file: File) -> None:
        """Keep the same file open under a descriptor of its own."""
        self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)

    def fileno(self) -> int:
        """Its descriptor."""
        return self._descriptor


@dataclass(slots=True)
class Spool:
    """The writing end."""

    cells: int
    """Descriptor that frames go to."""
    ledger: int
    """Descriptor that entries go to."""
    refused: int = 0
    _rejects: list[Reject] = field(default_factory=list)

    def enter(self, **entry: Any) -> None:
        """Write one entry."""
        _write(self.ledger, json.dumps(entry, ensure_ascii=True).encode() + b"\n")

    def put(self, part: Part) -> None:
        """Hand over one part."""
        match part:
            case Reject():
                self._rejects.append(part)
                if len(self._rejects) >= _BATCH:
                    self.flush()
            case Piece():
                self._piece(part)
            case Shape():
                self.enter(kind="shape", format=part.format, encoding=part.encoding)
            case Sheet():
                self.enter(kind="sheet", name=part.name, hidden=part.hidden)
            case Note():
                self.enter(kind="note", text=part.text)

    def flush(self) -> None:
        """Hand over the rejects that were kept back."""
        if not self._rejects:
            return
        kept = self._rejects[: max(0, MOST_REJECTS - self.refused)]
        self.refused += len(self._rejects)
        rows = [(one.offset, one.line, one.reason) for one in kept]
        self.enter(kind="rejects", rows=rows, more=len(self._rejects) - len(kept))
        self._rejects.clear()

    def _piece(self, piece: Piece) -> None:
        height = piece.cells.height
        offsets = ends = pl.repeat(None, height, dtype=pl.Int64, eager=True)
        if piece.offsets is not None and piece.ends is not None:
            offsets, ends = pl.Series(piece.offsets), pl.Series(piece.ends)
        cells = piece.cells.rename({name: f"c{i}" for i, name in enumerate(piece.cells.columns)})
        frame = pl.DataFrame([offsets.alias(OFFSET), (ends - offsets).alias(LENGTH), *cells.get_columns()])
        stride = max(1, -(-height // SAMPLED))
        held = self._store(frame)
        self.enter(
            kind="piece", table=piece.table, names=piece.names, keyed=piece.keyed, rows=height, held=held,
            sample=self._store(frame[spread(height, SAMPLED)]) if stride > 1 else held, stride=stride,
            void=[i for i, nulls in enumerate(cells.null_count().row(0)) if nulls == height],
        )  # fmt: skip

    def _store(self, frame: pl.DataFrame) -> tuple[int, int]:
        """Append a frame to the cells: (byte, bytes)."""
        at = os.lseek(self.cells, 0, os.SEEK_END)
        # Straight into the file: by way of memory it would take twice as long.
        with os.fdopen(self.cells, "wb", buffering=0, closefd=False) as out:
            frame.write_ipc(out, compat_level=pl.CompatLevel.newest())
        return at, os.lseek(self.cells, 0, os.SEEK_END) - at


def _write(descriptor: int, content: bytes | memoryview) -> int:
    view = memoryview(content)
    while view:
        view = view[os.write(descriptor, view) :]
    return len(content)


def entries(ledger: File, start: int = 0) -> Iterator[dict[str, Any]]:
    """Every complete entry from byte `start` of a ledger on."""
    size = os.fstat(ledger.fileno()).st_size
    tail, at = b"", start
    while at < size:
        piece = os.pread(ledger.fileno(), min(1 << 20, size - at), at)
        if not piece:
            return
        at += len(piece)
        *lines, tail = (tail + piece).split(b"\n")
        for line in lines:
            yield json.loads(line)


def frame_at(cells: File, at: int, size: int, columns: list[str] | None = None) -> pl.DataFrame:
    """The frame of a piece, or some of its columns.

    Raises:
        UnreadableInput: the system lost it.
    """
    pieces, done = [], 0
    while done < size:
        piece = os.pread(cells.fileno(), size - done, at + done)
        if not piece:
            raise UnreadableInput("the cells that were read are lost", hint="is the disk of temporary files full?")
        pieces.append(piece)
        done += len(piece)
    return pl.read_ipc(io.BytesIO(b"".join(pieces)), columns=columns)
