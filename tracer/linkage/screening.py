"""A dump beside all platforms of a vault, to see which of them it is joined with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tracer.linkage.dump import Dump
from tracer.linkage.shortlist import FEW, Dropped, Sampling, Tokens, sampling, shortlist
from tracer.vault.index import INDEX, RATE
from tracer.vault.vault import Vault


@dataclass(frozen=True, slots=True)
class Screening:
    """What a look at all platforms gave."""

    near: Vault
    """The vault with the platforms that are joined alone."""
    dropped: tuple[Dropped, ...]
    """The others."""
    sampling: Sampling


def screen(dump: Dump, vault: Vault, few: int = FEW) -> Screening:
    """Choose the platforms that a dump is joined with: all of a few, else those on the shortlist.

    Args:
        dump: to be traced.
        vault: what platforms registered.
        few: so many platforms are all joined, and so many are joined in any case.
    """
    tokens = {kind: carried.get_column("token").to_numpy() for kind, carried in dump.identifiers.items()}
    looked = sampling(max((one.size for one in tokens.values()), default=0), len(vault.platforms))
    if len(vault.platforms) <= few:
        return Screening(vault, (), looked)
    found = shortlist(tokens, _Held(vault, frozenset(tokens), looked.rate), few)
    again = sorted(found.dropped, key=lambda one: (-one.hits, one.name))[: max(0, few - len(found.kept))]
    dropped = tuple(one for one in found.dropped if one not in again)
    return Screening(vault.without({one.name for one in dropped}), dropped, looked)


@dataclass(frozen=True, slots=True)
class _Held(Mapping[str, Mapping[str, Tokens]]):
    """Tokens of a vault's platforms, read when they are asked for and not kept."""

    vault: Vault
    kinds: frozenset[str]
    rate: float

    def __getitem__(self, name: str) -> Mapping[str, Tokens]:
        platform = self.vault.platform(name)
        kinds = self.kinds & platform.kinds
        index = self.vault.index(platform) if self.rate <= RATE else {}
        return {kind: index[kind] if kind in index else _tokens(self.vault, name, kind) for kind in sorted(kinds)}

    def __iter__(self) -> Iterator[str]:
        platforms = self.vault.in_turn(self.vault.platforms, INDEX) if self.rate <= RATE else self.vault.platforms
        return (platform.name for platform in platforms)

    def __len__(self) -> int:
        return len(self.vault.platforms)


def _tokens(vault: Vault, name: str, kind: str) -> NDArray[np.uint64]:
    return vault.identifiers(vault.platform(name), kind, dated=False).get_column("token").to_numpy()
