"""Of very many platforms, those that are joined with a dump; of the others, how much they can have supplied at most.

Every platform keeps its tokens in ascending order, and tokens are even, so those below 2^64 · rate are a sample of its
customers (FracMinHash) and a prefix of the file. Two kinds of platform are not joined. Whose sample holds so few of the
dump's tokens that the smallest source worth finding would show as few once in 10^8. And, where more than `MOST` are
left, those that hold least beyond what platforms usually hold of this dump, given how many customers they have. What
each of them can have supplied is bounded by its sample, and said. Dumps of up to some ten thousand tokens are looked at
whole.

MinHash and LSH Ensemble cannot do this. A source of 30 records in 100,000 shares 0.03 % with the dump, far below what
128 permutations resolve. So they are only asked who comes first: whose customers make up much of the dump.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.ordered import among, below, distinct
from tracer.vault.sketch import PERMUTATIONS, KindSketch, minhash

Tokens = NDArray[np.uint64]

FEW: Final = 64
"""So many platforms are all joined exactly."""
MOST: Final = 128
"""More platforms are not joined: the rest is bounded."""
_LEAST: Final = 10
"""Records of the smallest source that must not be dropped; ten with equal values suffice to name one."""
_LEAST_SHARE: Final = 3e-4
"""Or this share of the dump's tokens, if that is more."""
_MANY, _LEAST_OF_MANY = 1_000, 1e-3
"""Platforms beyond which it is this share."""
_MISS: Final = 1e-8
"""Chance of dropping such a source."""
_FINEST: Final = 2**-12
_MUCH: Final = 0.1
"""Share of a dump from which LSH Ensemble is asked for a platform."""
_PARTITIONS: Final = 8


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a dump is looked at."""

    rate: float
    """Share of all tokens that is looked at: a power of two."""
    least: int
    """Records of the smallest source that must be kept."""
    needed: int
    """Hits from which a platform is kept."""


@dataclass(frozen=True, slots=True)
class Dropped:
    """A platform that is not joined."""

    name: str
    hits: int
    """Tokens of the dump that its sample holds."""
    most: float
    """Tokens of the dump that it holds at the most (97.5 %)."""


@dataclass(frozen=True, slots=True)
class Shortlist:
    """Which platforms a dump is joined with."""

    kept: tuple[str, ...]
    """Those that hold most of the dump beyond what is usual first."""
    dropped: tuple[Dropped, ...]
    sampling: Sampling


def sampling(tokens: int, platforms: int = 0) -> Sampling:
    """The coarsest sample that still shows the smallest source, of a dump of so many distinct tokens."""
    least = max(_LEAST, round((_LEAST_SHARE if platforms <= _MANY else _LEAST_OF_MANY) * tokens))
    rate = 1.0
    while rate / 2 >= _FINEST and (1 - rate / 2) ** least <= _MISS:
        rate /= 2
    # The most hits that a source of the least size falls short of with the chance _MISS at most.
    needed = int(np.searchsorted(special.bdtr(np.arange(least + 1.0), least, rate), _MISS)) if rate < 1 else 1
    return Sampling(rate, least, max(1, needed))


def shortlist(
    dump: Mapping[str, Tokens], platforms: Mapping[str, Mapping[str, Tokens]], few: int = FEW, most: int = MOST
) -> Shortlist:
    """Which platforms a dump is joined with.

    Args:
        dump: kind of identifier → tokens of the dump, ascending.
        platforms: platform → kind of identifier → tokens of its customers, ascending; each is asked for once. One that
            keeps only a sample gives at least those below 2^64 times the rate of `sampling`.
        few: so many platforms are kept without looking at them.
        most: no more are kept.

    Returns:
        The platforms to join. A source's records each carry a token of one kind at least, so hits of all kinds add up.
    """
    looked = sampling(max((tokens.size for tokens in dump.values()), default=0), len(platforms))
    if len(platforms) <= few:
        return Shortlist(tuple(platforms), (), looked)
    sought = {kind: below(distinct(tokens), looked.rate) for kind, tokens in dump.items()}
    names, hits, drawn = [], [], []
    for name, held in platforms.items():
        samples = {kind: below(tokens, looked.rate) for kind, tokens in held.items() if kind in sought}
        names.append(name)
        hits.append(sum(_hits(sought[kind], sample) for kind, sample in samples.items()))
        drawn.append(sum(sample.size for sample in samples.values()))
    beyond = _beyond(np.array(hits, float), np.array(drawn, float))
    order = sorted(range(len(names)), key=lambda place: (-beyond[place], names[place]))
    kept = [place for place in order if hits[place] >= looked.needed][:most]
    dropped = sorted(set(range(len(names))) - set(kept))
    return Shortlist(
        tuple(names[place] for place in kept),
        tuple(Dropped(names[place], hits[place], _most(hits[place], looked.rate)) for place in dropped),
        looked,
    )


def _beyond(hits: NDArray[np.float64], drawn: NDArray[np.float64]) -> NDArray[np.float64]:
    """(platforms,) hits beyond what is usual for a platform with so many customers, in standard deviations about."""
    shares = hits[drawn > 0] / drawn[drawn > 0]
    usual = float(np.median(shares)) * drawn if shares.size else drawn
    return np.asarray((hits - usual) / np.sqrt(usual + 1))


def _most(hits: int, rate: float) -> float:
    """Most tokens of a whole of which a sample at this rate holds so many (97.5 %)."""
    return hits if rate >= 1 else float(special.gammaincinv(hits + 1, _LIMIT)) / rate


_LIMIT: Final = 0.975


def _hits(sought: Tokens, held: Tokens) -> int:
    """How many of the sought tokens are held; both ascending, and the fewer are looked up among the more."""
    few, many = (sought, held) if sought.size < held.size else (distinct(held), sought)
    return int(among(few, many).sum())


class Prominent:
    """An LSH Ensemble (Zhu, Nargesian, Pu & Miller 2016) of many sketched platforms: whose customers fill a dump.

    It may miss some and name others in vain; every one it gives is to be checked, and none it omits is excluded.
    """

    def __init__(self, sketches: Mapping[str, KindSketch], share: float = _MUCH) -> None:
        """Index sketches of one kind of identifier.

        Args:
            sketches: platform → sketch.
            share: of a dump, from which a platform is asked for.
        """
        from datasketch import MinHashLSHEnsemble  # noqa: PLC0415 - it loads all of scipy.stats, which a trace never needs

        self._ensemble = MinHashLSHEnsemble(threshold=share, num_perm=PERMUTATIONS, num_part=_PARTITIONS)
        entries = [(name, one.minhash, one.tokens) for name, one in sketches.items() if one.tokens]
        self._empty = not entries
        if entries:
            self._ensemble.index(entries)

    def of(self, dump: Tokens) -> tuple[str, ...]:
        """The platforms of whose customers the dump seems to be full, ordered by name."""
        if self._empty or not dump.size:
            return ()
        return tuple(sorted({str(name) for name in self._ensemble.query(minhash(dump), dump.size)}))
