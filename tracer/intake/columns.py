"""What every column means, found from its values; its header is a hint and no more."""

from __future__ import annotations

import polars as pl

from tracer.intake.headers import hinted
from tracer.intake.interface import Column, Role


def assign(frame: pl.DataFrame, headers: tuple[str, ...]) -> tuple[Column, ...]:
    """The columns `c0`, `c1` … of the frame with their roles."""
    return tuple(
        Column(f"c{i}", name, hinted(name) or Role.OTHER, "by its header alone") for i, name in enumerate(headers)
    )
