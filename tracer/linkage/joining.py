"""The day on which each customer joined, by the platform's own word."""

from __future__ import annotations

from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.vault.history import PERSON
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

UNKNOWN: Final = np.iinfo(np.int32).min
"""Where the platform does not say."""


def joining_days(vault: Vault, platform: Platform) -> NDArray[np.int32]:
    """(customers,) days since 1970-01-01; `UNKNOWN` where the platform does not say."""
    days = np.full(platform.people, UNKNOWN, np.int32)
    joined = vault.joined(platform)
    if joined is not None:
        told = joined.get_column("joined").cast(pl.Int32).to_numpy()
        days[joined.get_column(PERSON).to_numpy() if PERSON in joined.columns else slice(told.size)] = told
    return days
