"""Where canaries are in a dump: likely pairs by blocks, then each pair weighed.

Nobody compares every record with every canary. A pair is looked at when something of it agrees exactly: the last four
digits of a phone, a whole name, its pinyin, a value that hardly two records share; and, while the dump is small enough,
also two characters of a name, or four digits of which one is wrong together with a character of the name.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from canaries.alignment import align
from canaries.blocks import Blocks
from canaries.canary import PLATFORM, Kind
from canaries.chance import accidents, poisson_upper
from canaries.dumps import Frequencies, Person, Records, person
from canaries.forms import forms, rare
from canaries.likelihood import Agreement, Scale, backdrop
from canaries.other_values import Others
from canaries.register import Register
from canaries.sieve import passes
from canaries.values import canonical

EXPECTED_FALSE: Final = 0.01
"""A sighting is listed when fewer false ones than this are expected in the whole dump at its weight."""
FUZZY_PAIRS: Final = 2_000_000_000
"""Most records times canaries for which blocks of damaged names and numbers are tried as well."""
_MARGIN: Final = 3.0
"""Bits by which a canary must be likelier than the next one."""
_FAINTEST: Final = 16.0
_LEAST: Final = 12.0
"""Bits below which nothing is even compared with what shadows reach."""
_FALSE_LISTED: Final = 0.05
"""So many false ones are expected among the sightings that only complete the list."""
_FALSE_SHARE: Final = 0.002
_BEYOND_DOUBT: Final = 1e-8
_RARE: Final = 6
"""Characters that a value must have to find a record by itself."""
_FIRM: Final = 3
"""So many sightings above the threshold make a holder's other canaries likely."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """A record that is a canary, as far as can be told."""

    canary: str
    row: int
    match: str
    """What agreed, joined by +."""
    weight: float
    """Bits."""
    values: dict[str, str] = field(default_factory=dict)
    """Header → the canonical value that agreed, for clocks."""


@dataclass(frozen=True, slots=True)
class Sightings:
    """All sightings in a dump, and how they were told from accidents."""

    planted: tuple[Sighting, ...]
    shadows: tuple[Sighting, ...]
    """Sightings of canaries that were never handed out: each is a false match, or the register leaked."""
    faint: tuple[Sighting, ...]
    """Every likely sighting, also those that count only together with others of the same holder."""
    threshold: float
    """Bits from which a sighting counts."""
    records: int
    fuzzy: bool
    """Whether damaged names and numbers were looked for as well."""
    ambiguous: int
    """Records that fit two canaries equally well; they count for none."""


class Lookout:
    """Looks for the canaries of one register in the records of one dump, part by part."""

    def __init__(self, register: Register, counts: Frequencies, sample: Records, total: int) -> None:
        """Prepare for a dump of `total` records, of which `sample` was counted."""
        self._known = forms(register.canaries, register.fields)
        live = len(register.live)
        self.records = total
        self.fuzzy = total * len(self._known) <= FUZZY_PAIRS
        self.threshold = math.log2(max(1, total) * max(1, live) / EXPECTED_FALSE)
        self.faintest = min(self.threshold, max(_FAINTEST, math.log2(max(1, total)) + 5))
        self._least = min(self.faintest, max(_LEAST, math.log2(max(1, total)) + 1))
        seldom = rare(self._known, register.fields)
        self.aligned = align(sample.columns, counts, self._known, register.fields)
        self._scale = Scale(counts, backdrop(self._known), Others(counts, self.aligned, seldom))
        self.sieve = passes(
            sample.columns,
            self._known,
            register.fields,
            self.aligned,
            seldom,
            lambda form: self._scale.most(form) >= self.faintest,
        )
        """Over a frame `c0`, `c1` …: whether a record is worth reading where the dump is too large for damage."""
        self._blocks = Blocks(self._known, seldom, fuzzy=self.fuzzy)
        self.ambiguous = 0

    def look(self, part: Records) -> Iterator[Sighting]:
        """The likely sightings among some records, planted canaries and shadows alike, also the faintest."""
        for place, row in enumerate(part.rows):
            texts = part.texts(place)
            who = person(part.columns, texts)
            values = [canonical(text) for text in texts]
            weighed = [(self._scale.weigh(self._known[one], values, who), one) for one in self.near(who, values)]
            best = self._best([(agreement, one) for agreement, one in weighed if agreement is not None])
            if best is not None:
                agreement, one = best
                label = "+".join(dict.fromkeys(agreement.match)) or "values"
                weight = round(agreement.bits, 2)
                yield Sighting(self._known[one].canary.id, row, label, weight, dict(agreement.values))

    def near(self, who: Person, values: Sequence[str]) -> set[int]:
        """Places of the canaries that a record is compared with."""
        return self._blocks.near(who, (value for value in values if len(value) >= _RARE))

    def _best(self, weighed: list[tuple[Agreement, int]]) -> tuple[Agreement, int] | None:
        if not weighed:
            return None
        weighed.sort(key=lambda each: -each[0].bits)
        best = weighed[0]
        if best[0].bits < self._least:
            return None
        if len(weighed) > 1 and weighed[1][0].bits > best[0].bits - _MARGIN:
            self.ambiguous += 1
            return None
        return best


def gather(register: Register, lookout: Lookout, found: Iterable[Sighting]) -> Sightings:
    """Keep what counts, and tell planted canaries and shadows apart.

    A sighting counts when fewer than `EXPECTED_FALSE` false ones of its weight are expected among all canaries. Where a
    holder is there beyond doubt, by several such or by many lighter ones together, its other canaries are likely to be
    in the dump too; so they need only stand out among those of that holder that are still missing: by the bound of
    their weight, or by what shadows reach in this very dump.
    """
    told = list(found)
    shadows = {canary.id for canary in register.canaries if canary.kind is Kind.SHADOW}
    kept = [one for one in told if one.weight >= lookout.threshold]
    near = {canary.id for name in present(register, told, lookout) for canary in register.of(name)}
    decoys = [weight for identity, weight in heaviest(told).items() if identity in shadows]
    chance = Accidents(lookout.records, decoys, len(shadows))
    eased = _eased([one for one in told if one.canary in near], len(near), chance)
    kept += [one for one in told if one.canary in near and eased <= one.weight < lookout.threshold]
    kept.sort(key=lambda one: (one.row, one.canary))
    return Sightings(
        tuple(one for one in kept if one.canary not in shadows),
        tuple(one for one in kept if one.canary in shadows),
        tuple(one for one in told if one.weight >= lookout.faintest),
        round(lookout.threshold, 2),
        lookout.records,
        lookout.fuzzy,
        lookout.ambiguous,
    )


@dataclass(frozen=True, slots=True)
class Accidents:
    """How many canaries that are not in a dump are seen in it all the same."""

    records: int
    decoys: Sequence[float]
    """Weights of the shadows that were seen: whatever is not in the dump is seen as often as they are."""
    shadows: int
    """How many were looked for."""

    def expected(self, missing: int, weight: float) -> float:
        """At most so many of `missing` canaries reach a weight by accident: Markov's bound, or that of the shadows."""
        by_weight = self.records * missing * math.exp2(-weight)
        if not self.shadows:
            return by_weight
        seen = sum(decoy >= weight for decoy in self.decoys)
        return min(by_weight, missing * poisson_upper(seen) / self.shadows)


def _eased(told: Sequence[Sighting], near: int, chance: Accidents) -> float:
    """The least weight at which hardly a sighting of canaries that are there beyond doubt is false.

    Only a canary that is missing can be seen falsely.
    """
    best = sorted(heaviest(told).values(), reverse=True)
    least = math.inf
    for place, weight in enumerate(best, 1):
        if chance.expected(max(1, near - place), weight) <= max(_FALSE_LISTED, _FALSE_SHARE * place):
            least = weight
    return least


def present(register: Register, told: Sequence[Sighting], lookout: Lookout) -> list[str]:
    """Holders whose canaries are in the dump beyond doubt, by all their sightings together."""
    best = heaviest(told)
    found = []
    for name in (*register.recipients, PLATFORM):
        own = register.of(name)
        weights = [best[canary.id] for canary in own if canary.id in best]
        firm = sum(weight >= lookout.threshold for weight in weights)
        if firm >= _FIRM or accidents(weights, lookout.records * len(own)) <= _BEYOND_DOUBT:
            found.append(name)
    return found


def heaviest(told: Iterable[Sighting]) -> dict[str, float]:
    """Canary → the weight of its heaviest sighting."""
    best: dict[str, float] = {}
    for one in told:
        best[one.canary] = max(one.weight, best.get(one.canary, 0.0))
    return best
