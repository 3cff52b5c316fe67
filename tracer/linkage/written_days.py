"""The day on which, by its own words, a record's customer joined, found by comparing columns and not by headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.linkage.dump import NO_DAY, Value
from tracer.linkage.exact import Links
from tracer.linkage.joining import UNKNOWN

Days = NDArray[np.int32]

_LEAST: Final = 5
"""Customers for whom both sides must name a day."""
_MOSTLY: Final = 0.8
"""Share of them for whom it must be the same."""


def written_days(values: Sequence[Value], links: Links, joined: Days, certain: NDArray[np.bool_]) -> Value | None:
    """The column in which a dump gives days of joining.

    Args:
        values: columns of the dump.
        links: of the dump to one platform.
        joined: (customers,) when each joined by the platform's own word, days since 1970-01-01; `UNKNOWN` if not known.
        certain: (links,) which records came from this platform for certain.

    Returns:
        One with days; None if no column holds these days.
    """
    told = joined[links.person]
    best, agreed = None, _MOSTLY
    for value in values:
        if value.day is None:
            continue
        both = certain & (told != UNKNOWN) & (value.day[links.row] != NO_DAY)
        if both.sum() >= _LEAST and (share := float((value.day[links.row] == told)[both].mean())) > agreed:
            best, agreed = value, share
    return best
