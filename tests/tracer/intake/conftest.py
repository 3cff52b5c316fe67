from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.custody.exhibit import seal
from tracer.intake.interface import Reading
from tracer.intake.reading import read


@pytest.fixture(scope="session")
def reading() -> Callable[[bytes], Reading]:
    """Write bytes to a file, seal it and read it."""

    def read_bytes(content: bytes) -> Reading:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "dump")
            path.write_bytes(content)
            return read(seal(path))

    return read_bytes


@pytest.fixture(scope="session")
def cells() -> Callable[[Reading], list[tuple[str | None, ...]]]:
    """The cells of all records, tables one after the other."""
    return lambda found: [row[3:] for table in found.tables for row in table.frame.rows()]
