"""Single compressed files: gzip, bzip2, xz, Zstandard."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import BinaryIO, Protocol

_MAGIC = (
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"\x5d\x00\x00", "lzma"),
    (b"\x28\xb5\x2f\xfd", "zstd"),
)
_CHUNK = 1 << 18
_MOST = 1 << 20


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    @property
    def needs_input(self) -> bool: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def needs_input(self) -> bool:
        return not self._inner.unconsumed_tail

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + data, max(0, max_length))


def compression_of(head: bytes) -> str | None:
    """The name of the compression, or None."""
    found = next((name for magic, name in _MAGIC if head.startswith(magic)), None)
    if found == "bzip2" and not (head[3:4].isdigit() and head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")):
        return None
    # LZMA alone has no magic: 13 bytes of head, of which the size is unknown (all ones) or below 2^40.
    if found == "lzma" and not (len(head) > 13 and (head[5:13] == b"\xff" * 8 or head[10:13] == b"\0\0\0")):
        return None
    return found


def unwrapped(stream: BinaryIO, compression: str) -> Iterator[bytes]:
    """The bytes behind a compression, its streams one after the other; an error where it is damaged or cut.

    Raises:
        EOFError: it ends before its end.
        OSError, ValueError: it is damaged.
    """
    stream.seek(0)
    machine, left, fresh = _machine(compression), b"", True
    while True:
        if not left and (fresh or machine.needs_input):
            left = stream.read(_CHUNK)
            if not left:
                if fresh:
                    return
                raise EOFError
        if fresh and not left.strip(b"\0"):
            left = b""
            continue  # padding between streams
        try:
            out = machine.decompress(left, _MOST)
        except (zlib.error, lzma.LZMAError) as fault:
            raise ValueError(str(fault)) from None
        fresh, left = False, b""
        if out:
            yield out
        if machine.eof:
            left, machine, fresh = machine.unused_data, _machine(compression), True


def _machine(compression: str) -> _Decompressor:
    if compression == "gzip":
        return _Gzip()
    if compression == "bzip2":
        return bz2.BZ2Decompressor()
    if compression == "zstd":
        from backports import zstd  # noqa: PLC0415 (rare)

        return zstd.ZstdDecompressor()
    return lzma.LZMADecompressor()
