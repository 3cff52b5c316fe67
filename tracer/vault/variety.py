"""How many different values a claim has, counted while they pass."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tracer.ordered import distinct
from tracer.vault.stack import Numbers

_SMALLEST: Final = 1 << 14


@dataclass(slots=True)
class Distinct:
    """How many different tokens were met: exact for few, by the smallest ones for many, to about a percent.

    (K minimum values: Bar-Yossef, Jayram, Kumar, Sivakumar & Trevisan 2002.)
    """

    smallest: Numbers = field(default_factory=lambda: np.empty(0, np.uint32))
    met: int = 0

    def meet(self, token: Numbers) -> None:
        """Some more tokens."""
        self.met += token.size
        if self.smallest.size == _SMALLEST:
            token = token[token < self.smallest[-1]]
        self.smallest = distinct(np.sort(np.concatenate((self.smallest, token))))[:_SMALLEST]

    @property
    def share(self) -> float:
        """Different ones over all."""
        count = float(self.smallest.size)
        if count == _SMALLEST:
            count = (_SMALLEST - 1) * 2**32 / (float(self.smallest[-1]) + 1)
        return min(1.0, count / self.met) if self.met else 0.0
