"""Invented chains for tests and benchmarks."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from graphs.chain import Chain, Link, Node
from graphs.evidence import Evidence

SURNAMES = "赵钱孙李周吴郑王冯陈"


def evidence(
    kind: str = "content", statistic: float = 20.0, group: str = "g1", reference: str = "chat.txt#1"
) -> Evidence:
    """One item with a sentence."""
    return Evidence(kind, reference, statistic, group, f"{kind} at {reference}")


def made_chain(size: int = 60, seed: int = 1) -> Chain:
    """A chain of about `size` nodes of every kind, each fed by one or two of the layer before it."""
    chance = random.Random(seed)
    counts = {
        "platform": max(1, size // 50),
        "dump": size // 5,
        "unseized_dump": max(1, size // 50),
        "advert": size // 4,
        "seller": size // 6,
        "group": size // 12,
        "buyer": size // 8,
    }
    counts["campaign"] = max(1, size - sum(counts.values()))
    day = datetime(2025, 3, 1)
    nodes = []
    for kind, count in counts.items():
        for place in range(count):
            first = (day + timedelta(hours=chance.randrange(24 * 200))).isoformat()
            facts: dict[str, str | int | float | bool] = {}
            if kind == "dump":
                facts = {"sha256": f"{chance.getrandbits(256):064x}", "bytes": chance.randrange(10**7), "records": 1000}
            label = f"{chance.choice(SURNAMES)}{kind}{place}"
            nodes.append(Node(f"{kind}:{place}", kind, label, facts, "" if kind == "platform" else first, first))
    ids = {kind: [node.id for node in nodes if node.kind == kind] for kind in counts}
    links = []

    def link(sources: list[str], targets: list[str], kind: str, most: int) -> None:
        for target in targets:
            for source in chance.sample(sources, min(len(sources), chance.randint(1, most))):
                if source == target:
                    continue
                items = tuple(
                    evidence(
                        chance.choice(("content", "account", "text")),
                        chance.uniform(2, 25),
                        f"g{number}",
                        f"chat.txt#{chance.randrange(999)}",
                    )
                    for number in range(chance.randint(1, 3))
                )
                when = (day + timedelta(hours=chance.randrange(24 * 200))).isoformat()
                links.append(Link(source, target, kind, items, determined=chance.random() > 0.1, first=when, last=when))

    half = len(ids["dump"]) // 2
    link(ids["platform"], ids["dump"][:half], "leaked_to", 1)
    link(ids["dump"][:half], ids["dump"][half:], "copied_to", 2)
    link(ids["unseized_dump"], ids["dump"][-2:], "copied_to", 1)
    link(ids["dump"], ids["advert"], "offered_in", 1)
    link(ids["advert"], ids["seller"], "made_by", 3)
    link(ids["seller"], ids["group"], "sells_in", 3)
    link(ids["group"], ids["buyer"], "bought_by", 2)
    link(ids["buyer"], ids["campaign"], "used_in", 1)
    link(ids["dump"], ids["campaign"], "dialled_in", 1)
    return Chain(tuple(nodes), tuple(links))
