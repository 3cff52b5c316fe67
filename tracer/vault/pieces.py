"""A file of a vault written piece by piece, so that its length does not matter."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from typing import IO, Any

import polars as pl

from tracer.vault.history import SPAN


def write_pieces(stream: Hashed, pieces: Iterator[pl.DataFrame]) -> None:
    """A file of one row group a piece, so that no more than a piece is ever held."""
    from pyarrow import parquet  # noqa: PLC0415 - only long tables need it

    first = next(pieces).to_arrow()
    spans = [one for one in first.schema.names if one in SPAN]
    with parquet.ParquetWriter(stream, first.schema, compression="none", use_dictionary=spans) as writer:
        writer.write_table(first)
        for piece in pieces:
            writer.write_table(piece.to_arrow().cast(first.schema))


class Hashed(io.RawIOBase):
    """A file of which the digest is taken while it is written; who opened it closes it."""

    def __init__(self, stream: IO[bytes]) -> None:
        """At its beginning."""
        self._stream = stream
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
