"""Tokens of a table too long for memory: laid on disk as they come, given back in their order.

Keys are dealt to cells by their size when they come, and a few cells at a time are sorted when they are asked for. So
memory depends on neither the length of the table nor the number of its portions. Only tokens are ever written, to files
without a name that end with the process.
"""

from __future__ import annotations

import os
import tempfile
import weakref
from collections.abc import Iterator
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from tracer.errors import VaultFault
from tracer.tokens import order

Keys = NDArray[np.uint64]
Numbers = NDArray[np.uint32]
Number = TypeVar("Number", np.uint32, np.uint64)

_CELLS: Final = 256
AT_ONCE: Final = 1 << 19
"""Pairs that are held in memory at once, about."""
_ENTRY: Final = np.dtype([("key", "<u8"), ("number", "<u4")])


class Stack:
    """Pairs of a key and a number, put in portion by portion, given back ordered by key."""

    def __init__(self, bound: int = 2**64) -> None:
        """All keys are below `bound`, and more or less even."""
        self._step = np.uint64(-(-bound // _CELLS))
        self._file = Scratch()
        self._portions: list[NDArray[np.int64]] = []
        self._end = 0

    def __len__(self) -> int:
        """Pairs put in so far."""
        return self._end

    def put(self, key: Keys, number: Numbers) -> None:
        """Put in a portion; of equal keys those that came first are given first."""
        cell = (key // self._step).astype(np.uint8)
        dealt = np.argsort(cell, kind="stable")
        entries = np.empty(key.size, _ENTRY)
        entries["key"], entries["number"] = key[dealt], number[dealt]
        begins = np.concatenate(([0], np.cumsum(np.bincount(cell, minlength=_CELLS))))
        self._portions.append(begins + self._end)
        write(self._file, entries, self._end * _ENTRY.itemsize)
        self._end += key.size

    def keep(self, key: Keys, number: Numbers) -> None:
        """Put in a portion that will be asked for in the order of its coming, by `kept`."""
        entries = np.empty(key.size, _ENTRY)
        entries["key"], entries["number"] = key, number
        write(self._file, entries, self._end * _ENTRY.itemsize)
        self._end += key.size

    def kept(self) -> Iterator[tuple[Keys, Numbers]]:
        """All pairs as they came, piece by piece, one piece at least."""
        for first in range(0, max(1, self._end), AT_ONCE):
            entries = read(self._file, _ENTRY, first, min(self._end, first + AT_ONCE))
            yield entries["key"], entries["number"]

    def ordered(self) -> Iterator[tuple[Keys, Numbers]]:
        """All pairs in the order of their keys, one piece at least; equal keys are never in two pieces."""
        if not self._portions:
            return
        begins = np.array(self._portions)
        sizes = np.diff(begins, axis=1).sum(axis=0)
        first, held = 0, 0
        for cell in range(_CELLS):
            held += int(sizes[cell])
            if cell + 1 == _CELLS or held + int(sizes[cell + 1]) > AT_ONCE:
                parts = [read(self._file, _ENTRY, int(one[first]), int(one[cell + 1])) for one in begins]
                entries = np.concatenate(parts)
                placed = order(entries["key"])
                yield entries["key"][placed], entries["number"][placed]
                first, held = cell + 1, 0


class Scratch:
    """A file without a name, gone when nobody uses it any more."""

    def __init__(self) -> None:
        """Make it.

        Raises:
            VaultFault: there is no room for temporary files.
        """
        try:
            with tempfile.TemporaryFile() as file:
                self._descriptor = os.dup(file.fileno())
        except OSError as fault:
            message = f"no temporary file can be made ({fault.strerror})"
            raise VaultFault(message, hint="set TMPDIR to a folder with room") from None
        weakref.finalize(self, os.close, self._descriptor)

    def fileno(self) -> int:
        """Its descriptor."""
        return self._descriptor


def write(file: Scratch, entries: NDArray[np.generic], at: int) -> None:
    """Write an array behind byte `at`.

    Raises:
        VaultFault: the disk is full.
    """
    left = memoryview(entries.tobytes())
    try:
        while left:
            done = os.pwrite(file.fileno(), left, at)
            left, at = left[done:], at + done
    except OSError as fault:
        message = f"temporary files cannot be written ({fault.strerror})"
        raise VaultFault(message, hint="set TMPDIR to a folder with room") from None


def read(file: Scratch, entry: np.dtype[np.void], first: int, end: int) -> NDArray[np.void]:
    """Entries `first` to `end` of a file that holds nothing else."""
    content = bytearray((end - first) * entry.itemsize)
    view, at = memoryview(content), first * entry.itemsize
    while view:
        done = os.preadv(file.fileno(), [view], at)
        view, at = view[done:], at + done
    return np.frombuffer(content, entry)
