"""Explainable scores: how much a seller matters, how far the evidence supports that a platform is the source.

Every point cites what it rests on. A score is withheld where all evidence is likeness of text or comes from one chat
log alone: a number would be taken for more than it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from graphs.campaigns import poisson_ratio
from graphs.chain import Chain, Link
from graphs.routes import path_shares, routes

_TEXT_ONLY = frozenset({"text", "volume", "fields"})
_GRADES = ((1e4, "A"), (1e3, "B"), (1e2, "C"), (1e1, "D"))
"""Likelihood ratio → grade of support, after the verbal scale of forensic reporting (ENFSI 2015); less is E."""


@dataclass(frozen=True, slots=True)
class Point:
    """A part of a score."""

    name: str
    points: float
    most: float
    why: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """The points of one node; `total` is None where the score is withheld, and `why` says why."""

    node: str
    total: float | None
    why: str
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Support:
    """How far the evidence supports that a platform's data were leaked and used. Never a verdict on a person."""

    node: str
    grade: str
    """A (very strong) to E (weak or none); empty where it is withheld."""
    log_ratio: float
    """Sum over independent groups, nats."""
    why: str
    points: tuple[Point, ...]
    competing: tuple[str, ...]
    """What else would explain it; always asked."""


def score_seller(chain: Chain, seller: str, *, today: datetime) -> Score:
    """0 to 100 for how much a seller matters: volume, place in the routes, nearness to the source, freshness, recency.

    Args:
        chain: the chain.
        seller: the node's id.
        today: the day to which recency refers.
    """
    node = chain.node(seller)
    links = [link for link in chain.links if seller in {link.source, link.target} and link.weight.groups]
    adverts = {link.source for link in links if link.target == seller and link.kind == "made_by"}
    supplies = [
        link for link in chain.links if link.target in adverts and link.kind == "offered_in" and link.weight.groups
    ]
    share = path_shares(routes(chain)).get(seller, 0.0)
    records = sum(int(chain.node(name).facts.get("records", 0)) for name in {link.source for link in supplies})
    firsts = [link for link in supplies if not _offered_before(chain, link)]
    points = [
        Point(
            "volume", 30 * min(1.0, math.log10(1 + records) / 7), 30, f"{records:,} records offered", _where(supplies)
        ),
        Point("place", 25 * share, 25, f"{share:.0%} of all route weight passes here", _where(links)),
        Point(
            "source", 20 * len(firsts) / max(1, len(supplies)), 20, "dumps with no earlier seller known", _where(firsts)
        ),
        _recency(node.last, today, links),
    ]
    factor, why = _corroboration([*links, *supplies])
    if factor == 0:
        return Score(seller, None, why, tuple(points))
    return Score(seller, factor * sum(point.points for point in points) * 100 / 85, why, tuple(points))


def support_platform(chain: Chain, platform: str, *, competing: Sequence[str] = ()) -> Support:
    """How far the evidence supports that a platform's data are in the dumps that were dialled from."""
    links = [link for link in chain.links if link.source == platform and link.weight.groups]
    dumps = {link.target for link in links}
    calls = [link for link in chain.links if link.source in dumps and link.kind == "dialled_in" and link.weight.groups]
    leak = max((link.weight.log_odds for link in links), default=0.0)
    points = [
        Point("rows", max(0.0, leak), math.inf, "rows that agree with the platform's own values, nats", _where(links)),
        Point("calls", float(len(calls)), math.inf, "campaigns dialled from these dumps", _where(calls)),
    ]
    asked = (*competing, "a vendor, SMS channel or SDK shared with other platforms", "traffic captured by a carrier")
    if not any(item.kind not in _TEXT_ONLY for link in links for item in link.evidence if not item.retracted):
        return Support(platform, "", leak, "withheld: nothing but likeness of text", tuple(points), asked)
    grade = next((letter for ratio, letter in _GRADES if leak >= math.log(ratio)), "E")
    return Support(platform, grade, leak, "", tuple(points), asked)


def customers_called(called: int, customers_called_: int, customers: int, people: int) -> tuple[float, float]:
    """(how many times more often customers are called than others would be, Poisson log-likelihood ratio of that).

    Args:
        called: different people called.
        customers_called_: how many of them are customers.
        customers: customers of the platform.
        people: people who could have been called.
    """
    expected = called * customers / people
    return (customers_called_ / expected if expected else math.inf), poisson_ratio(customers_called_, expected)


def _recency(last: str, today: datetime, links: Iterable[Link]) -> Point:
    try:
        days = max(0.0, (today.replace(tzinfo=None) - datetime.fromisoformat(last).replace(tzinfo=None)).days)
    except ValueError:
        return Point("recency", 0.0, 10, "no date known", ())
    return Point("recency", 10 * math.exp(-days / 90), 10, f"last seen {days:.0f} days ago", _where(links)[:1])


def _offered_before(chain: Chain, link: Link) -> bool:
    """Whether somebody offered the same dump earlier."""
    others = (
        one for one in chain.links if one.kind == "offered_in" and one.source == link.source and one.key != link.key
    )
    return any(one.first and link.first and one.first < link.first for one in others)


def _corroboration(links: Iterable[Link]) -> tuple[float, str]:
    """0.3 for one independent group, 0.7 for two, 1 for three or for content; 0 where the score is withheld."""
    items = [item for link in links for item in link.evidence if not item.retracted]
    groups = {item.group for item in items}
    if any(item.kind in {"content", "canary"} and item.statistic > 0 for item in items):
        return 1.0, "content evidence"
    if len(groups) <= 1 or all(item.kind in _TEXT_ONLY for item in items):
        return 0.0, "withheld: one chat log alone, or nothing but likeness of text"
    return (1.0 if len(groups) >= 3 else 0.7), f"{len(groups)} independent groups of evidence"


def _where(links: Iterable[Link]) -> tuple[str, ...]:
    return tuple(sorted({item.reference for link in links for item in link.evidence if not item.retracted}))
