from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tracer.custody.exhibit import seal
from tracer.intake.interface import Reading
from tracer.intake.reading import read

Read = Callable[[bytes], Reading]


@pytest.fixture
def reading(tmp_path: Path) -> Read:
    """Write bytes to a file, seal it and read it."""

    def read_bytes(content: bytes) -> Reading:
        path = tmp_path / "dump"
        path.write_bytes(content)
        return read(seal(path))

    return read_bytes
