"""One frozen set of settings, passed in and never read from the surroundings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Settings:
    """What may be set for a run. Every field has a default that is right for a dump of mainland China."""

    region: str = "CN"
    """ISO 3166 region whose phone numbers are read without a country code."""

    nominal_level: float = 1e-4
    """Greatest false-accusation bound, corrected for everything tested, at which a source is `established`."""

    confidence: float = 0.95
    """Level of every interval."""

    seed: int = 20240601
    """Seed of everything drawn at random (derangements); the same dump and vault give the same findings."""


DEFAULT = Settings()

SINGLE_THREADED: Final = {"OPENBLAS_NUM_THREADS": "1", "_RJEM_MALLOC_CONF": "background_thread:false"}
"""Environment in which libraries start no threads when they are loaded: a process with threads must not fork, and the
matrices here are so thin that more threads of linear algebra would only wait for each other."""
