"""Simulated chains of up to 200 nodes: does the key set cut off what the best set of its size cuts off?

The optimum comes from trying every set. Prints and writes `results/removal.json` and `.md`.

    python benchmarks/removal.py [CHAINS]
"""

from __future__ import annotations

import random
import sys
from itertools import combinations
from pathlib import Path

import networkx as nx
import numpy as np
from measure import publish

from graphs.ranking import key_set
from graphs.routes import Routes, of_graph

HERE = Path(__file__).parent


def chain(chance: random.Random) -> Routes:
    """Platforms, dumps, sellers in tiers, groups, buyers and campaigns, linked at random, the way the goods go."""
    size = chance.randrange(40, 201)
    counts = {"platform": 2, "dump": size // 8, "seller": size // 4, "group": size // 10, "buyer": size // 6}
    counts["campaign"] = size - sum(counts.values())
    names = {kind: [f"{kind}:{place}" for place in range(count)] for kind, count in counts.items()}
    kinds = {name: kind for kind, listed in names.items() for name in listed}
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(kinds)

    def link(source: str, target: str, least: int, most: int) -> None:
        for name in names[target]:
            for other in chance.sample(names[source], min(len(names[source]), chance.randint(least, most))):
                graph.add_edge(other, name, p=chance.uniform(0.5, 1))

    link("platform", "dump", 1, 1)
    link("dump", "seller", 1, 2)
    sellers = names["seller"]
    for place in range(len(sellers) // 3, len(sellers)):  # later tiers buy from earlier ones
        graph.remove_edges_from(list(graph.in_edges(sellers[place])))
        for other in chance.sample(sellers[: max(1, place // 2)], min(chance.randint(1, 2), max(1, place // 2))):
            graph.add_edge(other, sellers[place], p=chance.uniform(0.5, 1))
    link("seller", "group", 1, 3)
    link("group", "buyer", 1, 2)
    link("buyer", "campaign", 1, 2)
    return of_graph(graph, kinds)


def optimum(ways: Routes, most: int) -> int:
    """The greatest number of campaigns that any `most` removals cut off, by trying every set."""
    fed = len(ways.fed())
    sets = combinations(ways.removable, min(most, len(ways.removable)))
    return max((fed - len(ways.fed(removed)) for removed in sets), default=0)


def measure(chains: int) -> dict[str, float]:
    """Ratios of what the key set cuts off to the optimum, over chains and sizes of the set."""
    ratios = []
    for seed in range(chains):
        ways = chain(random.Random(seed))
        for most in (1, 2) if len(ways.removable) > 60 else (1, 2, 3):
            best = optimum(ways, most)
            steps = key_set(ways, most)
            ratios.append((steps[-1].cut if steps else 0.0) / best if best else 1.0)
    ordered = np.sort(np.array(ratios))
    return {
        "chains": chains,
        "mean_ratio": float(ordered.mean()),
        "worst_ratio": float(ordered[0]),
        "fifth_percentile": float(np.quantile(ordered, 0.05)),
        "optimal_share": float((ordered > 1 - 1e-9).mean()),
    }


def main() -> int:
    """Measure, print, write."""
    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 40)
    lines = [f"| {name.replace('_', ' ')} | {value:.4g} |" for name, value in figures.items()]
    head = "Chains of 40 to 200 nodes, sets of one, two and (up to 60 people and groups) three."
    text = f"# Key sets beside the optimum\n\n{head}\n\n| | |\n|---|---|\n" + "\n".join(lines) + "\n"
    publish("removal", figures, text)
    print(text)
    assert figures["mean_ratio"] >= 0.95
    return 0


if __name__ == "__main__":
    sys.exit(main())
