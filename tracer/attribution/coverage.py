"""How much of a dump is one platform's customers, beside how much platforms have in common anyway.

A dump whose people are a platform's customers nearly all came from it, or from somebody with the same public. How often
is somebody's public another's that far? Of each registered platform, what share of its customers does the one other
platform have that has most of them? A stranger who is no different from the registered ones is in any place of that
order alike, so of n platforms he reaches the share of the k-th greatest with the chance k / (n + 1) (conformal: Vovk,
Gammerman & Shafer 2005). Which platform is asked of is in it already, for the greatest share of all is taken.

It is told and names nobody: a stranger may be a platform's daughter or vendor, as none of the registered ones is, and a
seller who cuts a province out of a list leaves the customers of a lender of that province.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.standing import Standing, Verdict
from tracer.attribution.statements import of_coverage
from tracer.attribution.verdict import Source
from tracer.identifiers.kinds import EVERYWHERE, KINDS
from tracer.ordered import below
from tracer.vault.index import INDEX, RATE
from tracer.vault.vault import Vault

Tokens = NDArray[np.uint64]

_MOST: Final = 250_000
"""Sampled customers of all platforms that are looked at."""
_ENOUGH: Final = 30
"""Sampled customers of a platform of which a share is taken."""


@dataclass(frozen=True, slots=True)
class InCommon:
    """Of platforms, the greatest share of each one's customers that are one other's too."""

    shares: tuple[float, ...]
    """(platforms,) ascending."""

    def chance(self, share: float) -> float:
        """Chance that somebody who is like these platforms reaches such a share."""
        return (1 + sum(one >= share for one in self.shares)) / (len(self.shares) + 1)


def with_coverage(sources: Sequence[Source], standings: Sequence[Standing], vault: Vault) -> list[Source]:
    """Sources in the order of their standings; those whom their customers alone speak for with what that may mean.

    Args:
        sources: what is found of each platform.
        standings: likewise.
        vault: what the platforms registered that the dump was joined with.
    """
    alone = [
        one.verdict is Verdict.CONSISTENT and not standing.agreement.core
        for one, standing in zip(sources, standings, strict=True)
    ]
    samples = [vault.index(platform) for platform in vault.in_turn(vault.platforms, INDEX)] if any(alone) else []
    common = in_common(samples)
    return [
        replace(one, evidence=(*one.evidence, of_coverage(standing, common.shares, common.chance(standing.covered))))
        if only and common is not None
        else one
        for one, standing, only in zip(sources, standings, alone, strict=True)
    ]


def in_common(samples: Sequence[Mapping[str, Tokens]]) -> InCommon | None:
    """What platforms have in common, as far as samples of their identifiers show.

    Args:
        samples: of each platform: kind of identifier → its tokens below 2^64 · `RATE`, ascending, each once.

    Returns:
        None where fewer than two can be compared.
    """
    held = Counter(kind for sample in samples for kind in sample if kind in EVERYWHERE)
    kind = max(held, key=lambda one: (held[one], -KINDS.index(one)), default="")
    sets = [sample[kind] for sample in samples if kind in sample]
    rate = RATE * min(1.0, _MOST / max(1, sum(one.size for one in sets)))
    sets = [few for one in sets if (few := below(one, rate)).size >= _ENOUGH]
    if len(sets) < 2:
        return None
    _, customer = np.unique(np.concatenate(sets), return_inverse=True)
    begins = np.cumsum([0, *(one.size for one in sets)])
    return InCommon(tuple(sorted(_greatest(customer, begins, place) for place in range(len(sets)))))


def _greatest(customer: NDArray[np.intp], begins: NDArray[np.intp], place: int) -> float:
    """The greatest share of the customers of the platform at a place that are one other's too."""
    own = np.zeros(int(customer.max()) + 1, bool)
    own[customer[begins[place] : begins[place + 1]]] = True
    common = np.add.reduceat(own[customer], begins[:-1])
    common[place] = 0
    return float(common.max() / (begins[place + 1] - begins[place]))
