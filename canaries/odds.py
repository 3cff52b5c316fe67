"""Bits of evidence under two rates of wrong characters, between which each record decides by itself."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

RATES: Final = (0.004, 0.11)
"""Chances that a character is wrong, in a clean dump and in a retyped one."""

Logs = tuple[float, float]
"""Bits under either rate."""

NOTHING: Final[Logs] = (0.0, 0.0)


def bits_of(ratio: Callable[[float], float]) -> Logs:
    """The bits of a likelihood ratio that depends on the rate of wrong characters."""
    first, second = (math.log2(max(1e-6, ratio(rate))) for rate in RATES)
    return first, second


def added(one: Logs, other: Logs) -> Logs:
    """The bits of both."""
    return one[0] + other[0], one[1] + other[1]
