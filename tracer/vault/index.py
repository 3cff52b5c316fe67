"""An even sample of a platform's whole identifiers, by which platforms are chosen without reading all they registered.

Tokens are even, so those below 2^64 · `RATE` are a random sample of the customers (FracMinHash). They lie in a file of
their own: of ten thousand platforms it is read instead of the identifiers, which take sixteen times as many bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.identifiers.kinds import KINDS
from tracer.ordered import below, distinct

INDEX: Final = "index"
RATE: Final = 1 / 16


def sampled(runs: Mapping[str, pl.DataFrame], kinds: Iterable[str], rate: float) -> pl.DataFrame:
    """The tokens below 2^64 · rate of some kinds, each once: (`kind` UInt32, its place in `KINDS`; `token`).

    Args:
        runs: kind → runs with a column `token`, ordered by it.
        kinds: which of them, those that there are.
        rate: share that is kept.
    """
    parts = [pl.DataFrame(schema={"kind": pl.UInt32, "token": pl.UInt64})]
    for kind in kinds:
        if kind in runs:
            few = distinct(below(runs[kind].get_column("token").to_numpy(), rate))
            parts.append(
                pl.DataFrame({"token": few}).select(pl.lit(KINDS.index(kind), pl.UInt32).alias("kind"), "token")
            )
    return pl.concat(parts)


def sampled_in_pieces(
    kinds: Iterable[str], rate: float, tokens_of: Callable[[str], Iterator[NDArray[np.uint64]]]
) -> Iterator[pl.DataFrame]:
    """The same of kinds whose tokens come in pieces, ordered; no more of them is asked for than is sampled."""
    yield pl.DataFrame(schema={"kind": pl.UInt32, "token": pl.UInt64})
    for kind in kinds:
        last = None
        for tokens in tokens_of(kind):
            few = distinct(below(tokens, rate))
            fresh = few[1:] if few.size and few[0] == last else few
            yield pl.DataFrame({"token": fresh}).select(pl.lit(KINDS.index(kind), pl.UInt32).alias("kind"), "token")
            last = few[-1] if few.size else last
            if tokens.size and not below(tokens[-1:], rate).size:
                break


def apart(index: pl.DataFrame) -> dict[str, NDArray[np.uint64]]:
    """Kind → its sampled tokens, ascending, of what `sampled` gave."""
    if index.is_empty():
        return {}
    kind, token = index.get_column("kind").to_numpy(), index.get_column("token").to_numpy()
    begins = np.flatnonzero(np.append(True, kind[1:] != kind[:-1]))
    return {KINDS[kind[at]]: part for at, part in zip(begins, np.split(token, begins[1:]), strict=True)}
