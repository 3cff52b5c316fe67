"""A file of a vault written piece by piece, so that its length does not matter."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from tracer.vault.history import SPAN
from tracer.vault.manifest import File


def write_pieces(folder: Path, name: str, pieces: Iterator[pl.DataFrame]) -> File:
    """A file of one row group a piece, so that no more than a piece is ever held."""
    from pyarrow import parquet  # noqa: PLC0415 - only long tables need it

    with Hashed(folder / name) as stream:
        first = next(pieces).to_arrow()
        spans = [one for one in first.schema.names if one in SPAN]
        with parquet.ParquetWriter(stream, first.schema, compression="none", use_dictionary=spans) as writer:
            writer.write_table(first)
            for piece in pieces:
                writer.write_table(piece.to_arrow().cast(first.schema))
        stream.force()
        return File(name, stream.size, stream.digest.hexdigest())


class Hashed(io.RawIOBase):
    """A new file of which the digest is taken while it is written."""

    def __init__(self, path: Path) -> None:
        """Open it."""
        self._stream = path.open("wb")
        self.digest, self.size = hashlib.sha256(), 0

    def writable(self) -> bool:
        """It is."""
        return True

    def write(self, data: Any, /) -> int:
        """Write at the end."""
        self.digest.update(data)
        self.size += self._stream.write(data)
        return len(data)

    def tell(self) -> int:
        """Bytes so far."""
        return self.size

    def force(self) -> None:
        """To the disk."""
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def close(self) -> None:
        """Close it."""
        self._stream.close()
        super().close()
