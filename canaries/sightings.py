"""Where canaries are in a dump: likely pairs by blocks, then each pair weighed.

Nobody compares every record with every canary. A pair is looked at when something of it agrees exactly: the last four
digits of a phone, a whole name, its pinyin, a value that hardly two records share; and, while the dump is small enough,
also two characters of a name, or four digits of which one is wrong together with a character of the name.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Final

from canaries.alignment import align
from canaries.canary import Kind
from canaries.dumps import Frequencies, Person, Records, person
from canaries.forms import Form, forms, rare
from canaries.likelihood import Agreement, Scale, backdrop
from canaries.register import Register
from canaries.values import canonical

EXPECTED_FALSE: Final = 0.01
"""A sighting is listed when fewer false ones than this are expected in the whole dump at its weight."""
FUZZY_PAIRS: Final = 2_000_000_000
"""Most records times canaries for which blocks of damaged names and numbers are tried as well."""
_MARGIN: Final = 3.0
"""Bits by which a canary must be likelier than the next one."""
_FAINTEST: Final = 16.0
_RARE: Final = 6
"""Characters that a value must have to find a record by itself."""
_FIRM: Final = 3
"""So many sightings above the threshold make a holder's other canaries likely."""
_WILD: Final = "?"


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
    threshold: float
    """Bits from which a sighting counts."""
    records: int
    fuzzy: bool
    """Whether damaged names and numbers were looked for as well."""
    ambiguous: int
    """Records that fit two canaries equally well; they count for none."""


class Blocks:
    """An index of canaries by what a record must share with one to be looked at."""

    def __init__(self, known: Sequence[Form], rare_headers: frozenset[str], *, fuzzy: bool) -> None:
        self._fuzzy = fuzzy
        self._exact: dict[str, list[int]] = defaultdict(list)
        self._tails: dict[str, list[int]] = defaultdict(list)
        self._loose: dict[str, list[int]] = defaultdict(list)
        self._heads = [form.phone[:3] for form in known]
        self._chars = [frozenset(form.name) for form in known]
        self._first = [tuple({reading[:2] for reading in form.pinyin}) for form in known]
        self._pieces = [_pieces(form.tail) if form.tail.isdigit() else frozenset() for form in known]
        for place, form in enumerate(known):
            for key in {form.name, *form.pinyin} - {""}:
                self._exact[key].append(place)
            if form.tail.isdigit():
                self._tails[form.tail].append(place)
            if form.identity:
                self._exact[form.identity[:6] + form.identity[14:]].append(place)
            for header in rare_headers:
                for value in form.values.get(header, ()):
                    self._exact[value].append(place)
            if fuzzy:
                for pair in _pairs(form.name):
                    self._loose[pair].append(place)
                if form.tail.isdigit():
                    for key in _wild(form.tail, form.name):
                        self._loose[key].append(place)

    def near(self, who: Person, cells: Iterable[str]) -> set[int]:
        """Places of the canaries that a record may be."""
        found: set[int] = set()
        words = [word[:size] for word in who.han for size in range(2, min(len(word), 5) + 1)]
        for key in (*words, *who.latin, *cells):
            found.update(self._exact.get(key, ()))
        chars = frozenset(char for word in who.han for char in word[:6])
        heads = {number[at : at + 3] for number in who.numbers for at in (0, 2, 4) if len(number) > 6}
        tails = {number[-4:] for number in who.numbers if len(number) == 4 or len(number) >= 7}
        for tail in tails:
            for place in self._tails.get(tail, ()):
                if self._heads[place] in heads or chars & self._chars[place] or self._starts(place, who.latin):
                    found.add(place)
        found.update(self._exact_ids(who.numbers))
        if self._fuzzy:
            found |= self._damaged(who, tails, heads)
        return found

    def _exact_ids(self, numbers: Sequence[str]) -> Iterator[int]:
        for number in numbers:
            if len(number) >= 15:
                yield from self._exact.get(number[:6] + number[-4:], ())

    def _starts(self, place: int, latin: Sequence[str]) -> bool:
        return any(word[:2] in self._first[place] for word in latin)

    def _damaged(self, who: Person, tails: set[str], heads: set[str]) -> set[int]:
        found: set[int] = set()
        pieces = frozenset().union(*(_pieces(tail) for tail in tails))
        for word in who.han:
            for pair in _pairs(word[:4]):
                for place in self._loose.get(pair, ()):
                    if not pieces or self._heads[place] in heads or pieces & self._pieces[place]:
                        found.add(place)
            for tail in tails:
                for key in _wild(tail, word[:4]):
                    found.update(self._loose.get(key, ()))
        return found


def _pairs(name: str) -> set[str]:
    """Two characters of a name in order, whatever is between them; of a name of two, both."""
    return {one + other for one, other in combinations(name, 2)} if len(name) <= 4 else {name[:2]}


def _pieces(tail: str) -> frozenset[str]:
    return frozenset((tail[:2], tail[1:3] + ".", tail[2:] + ".."))


def _wild(tail: str, name: str) -> list[str]:
    """The last four digits with one of them left open, together with each character of the name."""
    open_ones = [tail[:at] + _WILD + tail[at + 1 :] for at in range(len(tail))]
    return [key + char for key in open_ones for char in name]


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
        seldom = rare(self._known, register.fields)
        self.aligned = align(sample.columns, counts, self._known, register.fields)
        self._scale = Scale(counts, backdrop(self._known), self.aligned, seldom)
        self._blocks = Blocks(self._known, seldom, fuzzy=self.fuzzy)
        self.ambiguous = 0

    def look(self, part: Records) -> Iterator[Sighting]:
        """The likely sightings among some records, planted canaries and shadows alike, down to `faintest` bits."""
        for place, row in enumerate(part.rows):
            texts = part.texts(place)
            who = person(part.columns, texts)
            values = [canonical(text) for text in texts]
            near = self._blocks.near(who, (value for value in values if len(value) >= _RARE))
            weighed = [(self._scale.weigh(self._known[one], values, who), one) for one in near]
            best = self._best([(agreement, one) for agreement, one in weighed if agreement is not None])
            if best is not None:
                agreement, one = best
                label = "+".join(dict.fromkeys(agreement.match)) or "values"
                weight = round(agreement.bits, 2)
                yield Sighting(self._known[one].canary.id, row, label, weight, dict(agreement.values))

    def _best(self, weighed: list[tuple[Agreement, int]]) -> tuple[Agreement, int] | None:
        if not weighed:
            return None
        weighed.sort(key=lambda each: -each[0].bits)
        best = weighed[0]
        if best[0].bits < self.faintest:
            return None
        if len(weighed) > 1 and weighed[1][0].bits > best[0].bits - _MARGIN:
            self.ambiguous += 1
            return None
        return best


def gather(register: Register, lookout: Lookout, found: Iterable[Sighting]) -> Sightings:
    """Keep what counts, and tell planted canaries and shadows apart.

    A sighting counts when fewer than `EXPECTED_FALSE` false ones of its weight are expected among all canaries. Where a
    holder has several such, its other canaries are likely to be in the dump too, so they need only stand out among that
    holder's canaries: these support nothing, they complete the list.
    """
    told = list(found)
    holders = {canary.id: canary.holders for canary in register.canaries}
    shadows = {canary.id for canary in register.canaries if canary.kind is Kind.SHADOW}
    firm = Counter(
        holder
        for identity in {one.canary for one in told if one.weight >= lookout.threshold}
        for holder in holders[identity]
    )
    present = {holder for holder, count in firm.items() if count >= _FIRM}
    near = sum(bool(present & set(canary.holders)) for canary in register.canaries)
    eased = math.log2(max(1, lookout.records) * max(1, near) / (5 * EXPECTED_FALSE))
    kept = [
        one
        for one in told
        if one.weight >= lookout.threshold or (one.weight >= eased and present & set(holders[one.canary]))
    ]
    kept.sort(key=lambda one: (one.row, one.canary))
    return Sightings(
        tuple(one for one in kept if one.canary not in shadows),
        tuple(one for one in kept if one.canary in shadows),
        round(lookout.threshold, 2),
        lookout.records,
        lookout.fuzzy,
        lookout.ambiguous,
    )
