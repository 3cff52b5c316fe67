"""Adverts made from one template: near-duplicate texts once contacts and numbers are taken out.

Sellers copy each other, so a shared template says that one text came from the other or both from a third. It never says
that two accounts are one person: of 140 clusters of similar adverts that were checked by hand, eight were one seller.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from datasketch import MinHash, MinHashLSH

from graphs.market.advert.advert import Advert

_SHINGLE = 4
"""Characters in a row that are compared."""
_ALIKE = 0.7
"""Jaccard index of the shingles from which two texts are one template."""
_PERMUTATIONS = 64
_SHORTEST = 8
_KEPT = re.compile(r"[^\w\u4e00-\u9fff]|_")
_NUMBERS = re.compile(r"[\d零〇一二三四五六七八九壹贰叁肆伍陆柒捌玖]+")


@dataclass(slots=True)
class Templates:
    """Groups of adverts by template, one advert after the other."""

    _groups: list[list[str]] = field(default_factory=list)
    _exact: dict[str, int] = field(default_factory=dict)
    _shingles: list[frozenset[str]] = field(default_factory=list)
    _near: MinHashLSH = field(default_factory=lambda: MinHashLSH(threshold=_ALIKE - 0.1, num_perm=_PERMUTATIONS))

    def add(self, reference: str, text: str, advert: Advert) -> None:
        """Put the advert, which others call `reference`, with those like it."""
        bare = skeleton(text, advert)
        if len(bare) < _SHORTEST:
            return
        group = self._exact.get(bare)
        if group is None:
            group = self._exact[bare] = self._nearest(bare)
        self._groups[group].append(reference)

    def groups(self) -> list[list[str]]:
        """Templates with at least two adverts, in the order in which they were first seen."""
        return [group for group in self._groups if len(group) > 1]

    def _nearest(self, bare: str) -> int:
        shingles = frozenset(_cut(bare))
        sketch = MinHash(num_perm=_PERMUTATIONS, seed=1)
        sketch.update_batch([shingle.encode() for shingle in shingles])
        alike = [(_jaccard(shingles, self._shingles[group]), -group) for group in map(int, self._near.query(sketch))]
        best = max(alike, default=(0.0, 0))
        if best[0] >= _ALIKE:
            return -best[1]
        group = len(self._groups)
        self._groups.append([])
        self._shingles.append(shingles)
        self._near.insert(str(group), sketch)
        return group


def skeleton(text: str, advert: Advert) -> str:
    """What is left of an advert without contacts, sample records, numbers, signs and spaces."""
    hidden = [span for name, span in advert.spans.items() if name.startswith(("contacts.", "sample_records."))]
    for start, end in sorted(hidden, reverse=True):
        text = text[:start] + text[end:]
    return _NUMBERS.sub("0", _KEPT.sub("", text)).lower()


def _cut(text: str) -> Iterable[str]:
    return (text[at : at + _SHINGLE] for at in range(max(1, len(text) - _SHINGLE + 1)))


def _jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)
