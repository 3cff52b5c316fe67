"""Whether a text offers or asks for personal data, and what it says about them, each with the place that shows it.

The judgement is a sum of weights, so it can be explained: trade words, what is sold, price, volume, freshness,
promises, contacts and sample records speak for it; words of jobs, news, warnings, questions, jokes and other trades
against it.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from graphs.market.advert.contact import Contact, contacts
from graphs.market.advert.lexicon import Hit, lexicon
from graphs.market.advert.plain import Plain, plain, quick
from graphs.market.advert.price import Price, price
from graphs.market.advert.sample import Sample, samples
from graphs.market.advert.volume import Volume, volumes

THRESHOLD = 3.4
"""Sum of weights from which a text is taken for an advert."""

_LONGEST = 20_000
_SHORTEST = 4
_DATA = 1.2
"""Weight from which a word of the goods says data, and not only whose."""
_LISTED = {"field": "fields", "guarantee": "guarantee"}
"""Group of terms → name of the spans that show them."""


@dataclass(frozen=True, slots=True)
class Advert:
    """An offer or a request, field by field. What the text does not say is None or empty."""

    side: str
    """offer or wanted."""
    kind: str
    """Whose records: loan, property, insurance, education, vehicle, health, ecommerce, securities, gambling, identity,
    telecom or other."""
    fields: tuple[str, ...]
    freshness: str | None
    """realtime, yesterday or history."""
    hand: str | None
    """first or resold."""
    price: Price | None
    volume: Volume | None
    guarantee: tuple[str, ...]
    contacts: tuple[Contact, ...]
    samples: tuple[Sample, ...]
    spans: Mapping[str, tuple[int, int]]
    """Name of a field → the stretch of the written text (characters, end exclusive) that shows it."""
    score: float
    """The sum of weights; `confidence` is made of it."""

    @property
    def confidence(self) -> float:
        """Between 0.5 at the threshold and 1; a ranking of how clear the case is, not a measured probability."""
        return 1 / (1 + math.exp(THRESHOLD - self.score))


def advert(text: str, links: tuple[str, ...] = ()) -> Advert | None:
    """Read a message; None where it is no advert of personal data. Text beyond 20,000 characters is not looked at."""
    words = lexicon()
    if len(text) < _SHORTEST:
        return None
    low = quick(text[:_LONGEST])
    if low is not None and not words.worth(low):
        return None
    seen = plain(text[:_LONGEST])
    if low is None and not words.worth(seen.low):
        return None
    hits = list(words.hits(seen.low))
    said = _words(hits)
    if _at_best(hits, said, seen.low) < THRESHOLD:
        return None
    shown = samples(seen)
    lines = tuple((one.start, one.end) for one in shown)
    handles = tuple(one for one in contacts(seen, links) if not any(a <= one.start < b for a, b in lines))
    taken = (*lines, *((one.start, one.end) for one in handles))
    if handles:
        besides = [hit for hit in hits if not any(one.start <= hit.start and hit.end <= one.end for one in handles)]
        if len(besides) < len(hits):
            hits, said = besides, _words(besides)
    counts = volumes(seen, taken)
    cost = price(seen, counts, words.usdt_cny, taken)
    if cost:
        counts = tuple(one for one in counts if not (one.start < cost.end and cost.start < one.end))
    score = _score(hits, said, (cost, counts), (handles, shown))
    if score < THRESHOLD:
        return None
    return _assemble(seen, hits, (cost, counts[0] if counts else None), (handles, shown), score)


_MOST = {
    "goods": 2.0,
    "kind": 1.2,
    "offer": 2.2,
    "wanted": 2.2,
    "freshness": 0.6,
    "hand": 0.6,
    "guarantee": 0.8,
    "field": 0.8,
}
"""The most that the words of a group can add up to."""
_BESIDES, _SHOWN = 2.6, 1.5
"""The most that price, volume and contacts can add, and sample records."""
_RECORD = re.compile(r"\d{6}|[*x#●]{3}")
"""What no sample record is without."""


def _at_best(hits: list[Hit], said: float, low: str) -> float:
    """The most that the score could still become, from the words (which add up to `said`) alone."""
    if not any(hit.term.group in {"goods", "kind"} for hit in hits):
        return -1.0
    return said + _BESIDES + (_SHOWN if _RECORD.search(low) else 0.0)


def _words(hits: list[Hit]) -> float:
    """Weights of the different terms of each group; of the two sides the stronger one; less what speaks against."""
    sums: dict[str, float] = {}
    seen: set[int] = set()
    against: dict[tuple[int, int], float] = {}
    for hit in hits:
        term = hit.term
        if term.group == "not":
            against[hit.start, hit.end] = term.weight
        elif id(term) not in seen:
            seen.add(id(term))
            sums[term.group] = sums.get(term.group, 0.0) + term.weight
    total = sum(min(_MOST[group], weight) for group, weight in sums.items() if group in _MOST)
    total -= min(*(min(_MOST[side], sums.get(side, 0.0)) for side in ("offer", "wanted")))
    return total - max(against.values(), default=0.0) - 0.5 * max(0, len(against) - 1)


def _score(
    hits: list[Hit],
    words: float,
    numbers: tuple[Price | None, tuple[Volume, ...]],
    people: tuple[tuple[Contact, ...], tuple[Sample, ...]],
) -> float:
    cost, counts = numbers
    handles, shown = people
    groups = {hit.term.group for hit in hits}
    if not groups & {"goods", "kind"}:
        return 0.0
    reachable = any(one.role == "own" for one in handles)
    about = groups & {"freshness", "hand", "guarantee"} or counts
    if not (groups & {"offer", "wanted"} or cost or shown or (reachable and about)):
        return 0.0
    score = words
    if cost:
        score += 1.2 if not cost.bulk and cost.value <= 20 else 0.8
    if counts:
        score += 0.6
    if reachable:
        score += 0.8
    if shown:
        score += min(1.5, 0.6 + 0.3 * len(shown))
    # Whose data they are, but nothing that says data: 业主 alone may be the neighbours.
    said = max((hit.term.weight for hit in hits if hit.term.group == "goods"), default=0.0)
    if said < _DATA and not (shown or (cost and counts) or (cost and reachable and about)):
        score -= 0.8 if "goods" not in groups or cost else 1.5
    return score


def _assemble(
    seen: Plain,
    hits: list[Hit],
    numbers: tuple[Price | None, Volume | None],
    people: tuple[tuple[Contact, ...], tuple[Sample, ...]],
    score: float,
) -> Advert:
    cost, count = numbers
    handles, shown = people
    side, said = _side(hits)
    kind, named = _kind(hits)
    freshness, hand = _first(hits, "freshness"), _first(hits, "hand")
    places: dict[str, Hit | Price | Volume | Contact | Sample | None] = {
        "side": said,
        "data_kind": named,
        "freshness": freshness,
        "hand": hand,
        "price_per_record": cost,
        "volume": count,
    }
    places |= {f"contacts.{number}": one for number, one in enumerate(handles)}
    places |= {f"sample_records.{number}": one for number, one in enumerate(shown)}
    for hit in reversed(hits):
        if hit.term.group in _LISTED:
            places[f"{_LISTED[hit.term.group]}.{hit.term.value}"] = hit
    return Advert(
        side=side,
        kind=kind,
        fields=_values(hits, "field"),
        freshness=freshness.term.value if freshness else None,
        hand=hand.term.value if hand else None,
        price=cost,
        volume=count,
        guarantee=_values(hits, "guarantee"),
        contacts=handles,
        samples=shown,
        spans={name: seen.written(place.start, place.end) for name, place in places.items() if place is not None},
        score=score,
    )


def _values(hits: list[Hit], group: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(hit.term.value for hit in hits if hit.term.group == group))


def _first(hits: list[Hit], group: str) -> Hit | None:
    """The first word of the group; of two that overlap the longer (非二手 before 二手)."""
    found = [hit for hit in hits if hit.term.group == group and hit.term.value != "none"]
    found = [
        hit
        for hit in found
        if not any(
            other is not hit
            and other.start <= hit.start
            and hit.end <= other.end
            and other.end - other.start > hit.end - hit.start
            for other in found
        )
    ]
    return min(found, key=lambda hit: hit.start, default=None)


def _side(hits: list[Hit]) -> tuple[str, Hit | None]:
    """The side with more weight, the earlier word on a tie; an offer where neither is said."""
    sides = [hit for hit in hits if hit.term.group in {"offer", "wanted"}]
    weight: dict[str, float] = defaultdict(float)
    for term in {id(hit.term): hit.term for hit in sides}.values():
        weight[term.group] += term.weight
    if not sides:
        return "offer", None
    first = min(sides, key=lambda hit: hit.start)
    # What stands first says what the speaker is here for.
    weight[first.term.group] += 1.0
    side = "wanted" if weight["wanted"] > weight["offer"] else "offer"
    return side, min((hit for hit in sides if hit.term.group == side), key=lambda hit: -hit.term.weight)


def _kind(hits: list[Hit]) -> tuple[str, Hit | None]:
    """The kind with the most weight of different words; the first named on a tie."""
    weight: dict[str, float] = defaultdict(float)
    first: dict[str, Hit] = {}
    said: set[tuple[str, int, int]] = set()
    for hit in sorted((hit for hit in hits if hit.term.group == "kind"), key=lambda hit: hit.start):
        kind = hit.term.value
        if (kind, hit.start, hit.end) not in said:
            said.add((kind, hit.start, hit.end))
            weight[kind] += hit.term.weight if kind not in first else 0.5 * hit.term.weight
        first.setdefault(kind, hit)
    if not first:
        return "other", None
    # What is named first is what the advert is about, unless the rest says otherwise.
    weight[min(first, key=lambda kind: first[kind].start)] += 0.6
    best = max(first, key=lambda kind: (weight[kind], -first[kind].start))
    return best, first[best]
