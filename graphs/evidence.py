"""Evidence of one link: items, how they add up, and what is left when one is taken back.

Ten forwards of one advert are one piece of evidence. So every item names the independent group it belongs to (one
chat log, one seized file, one analyst); inside a group only the strongest item for and the strongest against count,
and only over groups log-likelihood ratios are added (Good, Probability and the Weighing of Evidence, 1950).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

PROOF = frozenset({"canary", "content", "account", "handle", "attribution"})
"""Kinds that can prove a link; the others (text, name, time, volume) can only support it."""
_PROVED, _PROBABLE = 0.999, 0.9
_STRONG = math.log(100)


def percent(probability: float) -> str:
    """A probability for people: whole percent, and never the certainty that rounding would claim."""
    if probability >= 0.995:
        return "> 99%"
    return "< 1%" if 0 < probability < 0.005 else f"{probability:.0%}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """One item of evidence for or against a link."""

    kind: str
    """What it rests on: content, canary, account, handle, file, text, time, volume, fields, attribution, analyst …"""
    reference: str
    """Where it can be seen: file digest and row, message `file#index`, entry of the journal."""
    statistic: float
    """Log-likelihood ratio of the link against no link, nats; negative where it speaks against."""
    group: str
    """Items of one group are not independent of each other."""
    statement: str = ""
    """What it says, in a sentence without personal data."""
    by: str = ""
    """Who asserts it; empty for the program."""
    retracted: bool = False


@dataclass(frozen=True, slots=True)
class Weight:
    """What the items of a link amount to."""

    probability: float
    low: float
    """Without the group that speaks for it most."""
    high: float
    """Without the group that speaks against it most; the probability itself where none does."""
    log_odds: float
    status: str
    """proved, probable, possible, disputed or retracted."""
    groups: int
    """Independent groups that count."""


def weigh(items: Iterable[Evidence], *, prior: float = 0.01, disputed: bool = False) -> Weight:
    """Add up the items that are not retracted.

    Args:
        items: evidence of one link.
        prior: probability of the link before any evidence; one in a hundred, for few of the possible links are real.
        disputed: whether somebody with a right to be heard contradicts.
    """
    active = [item for item in items if not item.retracted]
    if not active:
        return Weight(0.0, 0.0, 0.0, -math.inf, "retracted", 0)
    sums = _sums(active)
    base = math.log(prior / (1 - prior))
    total = base + sum(sums.values())
    strongest, weakest = max(sums.values()), min(sums.values())
    probability = _probability(total)
    return Weight(
        probability=probability,
        low=min(probability, _probability(total - max(0.0, strongest))),
        high=max(probability, _probability(total - min(0.0, weakest))),
        log_odds=total,
        status=_status(active, sums, probability, disputed=disputed),
        groups=len(sums),
    )


def _sums(items: Iterable[Evidence]) -> Mapping[str, float]:
    best: dict[str, float] = defaultdict(float)
    worst: dict[str, float] = defaultdict(float)
    for item in items:
        best[item.group] = max(best[item.group], item.statistic)
        worst[item.group] = min(worst[item.group], item.statistic)
    return {group: best[group] + worst[group] for group in best}


def _status(items: list[Evidence], sums: Mapping[str, float], probability: float, *, disputed: bool) -> str:
    if disputed or (max(sums.values()) > _STRONG and min(sums.values()) < -_STRONG):
        return "disputed"
    if probability >= _PROVED and any(item.kind in PROOF and item.statistic > 0 for item in items):
        return "proved"
    return "probable" if probability >= _PROBABLE else "possible"


def _probability(log_odds: float) -> float:
    if log_odds > 0:
        return 1 / (1 + math.exp(-min(log_odds, 700)))
    return math.exp(max(log_odds, -700)) / (1 + math.exp(max(log_odds, -700)))


def to_dict(item: Evidence) -> dict[str, Any]:
    """The item as JSON writes it."""
    return {
        "kind": item.kind,
        "reference": item.reference,
        "statistic": item.statistic,
        "group": item.group,
        "statement": item.statement,
        "by": item.by,
        "retracted": item.retracted,
    }


def from_dict(item: Mapping[str, Any]) -> Evidence:
    """The inverse of `to_dict`."""
    return Evidence(
        kind=str(item["kind"]),
        reference=str(item["reference"]),
        statistic=float(item["statistic"]),
        group=str(item["group"]),
        statement=str(item.get("statement", "")),
        by=str(item.get("by", "")),
        retracted=bool(item.get("retracted", False)),
    )
