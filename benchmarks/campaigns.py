"""Simulated call campaigns: is the right dump named, and is a random dialler left alone?

Six dumps with shared customers (one a subset of another, one a merge); 200 calls, one in five dialled at random; and
lists dialled wholly at random, all over the country or inside the blocks of the dumps' own numbers. Prints and writes
`results/campaigns.json` and `.md`.

    python benchmarks/campaigns.py [RUNS]
"""

from __future__ import annotations

import random
import sys
from pathlib import Path

from measure import publish

from graphs.campaigns import DumpNumbers, explain

HERE = Path(__file__).parent
HEADS = [f"1{second}{third}" for second in "3456789" for third in range(10)]


def number(chance: random.Random, blocks: list[str] | None = None) -> str:
    """A number at random, of all heads or of these blocks."""
    if blocks:
        return chance.choice(blocks) + f"{chance.randrange(10_000):04d}"
    return chance.choice(HEADS) + f"{chance.randrange(10**8):08d}"


def world(chance: random.Random) -> list[DumpNumbers]:
    """Dumps of 500 to 20,000 numbers that share customers; those of one town crowd in 300 blocks."""
    town = [number(chance)[:7] for _ in range(300)]
    people = [number(chance, town if chance.random() < 0.5 else None) for _ in range(40_000)]
    dumps = [set(chance.sample(people, chance.choice((500, 2_000, 8_000, 20_000)))) for _ in range(4)]
    dumps.append(set(chance.sample(sorted(dumps[0]), len(dumps[0]) // 2)))
    dumps.append(dumps[1] | set(chance.sample(people, 1_000)))
    return [DumpNumbers(f"dump{place}", frozenset(numbers)) for place, numbers in enumerate(dumps)]


def campaign(chance: random.Random, dump: DumpNumbers, calls: int, noise: float) -> set[str]:
    """Numbers dialled from the dump, a part of them at random."""
    own = sorted(dump.numbers)
    return {number(chance) if chance.random() < noise else chance.choice(own) for _ in range(calls)}


def measure(runs: int) -> dict[str, float]:
    """Shares of `runs` simulated worlds."""
    top = established = wrong = blamed = blamed_block = 0
    for seed in range(runs):
        chance = random.Random(seed)
        dumps = world(chance)
        source = chance.choice(dumps)
        found = explain(campaign(chance, source, 200, 0.2), dumps)
        top += bool(found.cover) and found.cover[0] == source.name
        named = [one.dump for one in found.explanations if one.verdict == "established"]
        established += source.name in named
        wrong += any(name != source.name for name in named)
        everywhere = {number(chance) for _ in range(200)}
        blamed += any(one.verdict in {"established", "consistent"} for one in explain(everywhere, dumps).explanations)
        blocks = [one[:7] for one in chance.sample(sorted(dumps[0].numbers), chance.choice((1, 20, 200)))]
        swept = {number(chance, blocks) for _ in range(200)}
        blamed_block += any(one.verdict in {"established", "consistent"} for one in explain(swept, dumps).explanations)
    return {
        "campaigns": runs,
        "top_1_right": top / runs,
        "established_right": established / runs,
        "innocent_dump_established": wrong / runs,
        "random_dialler_blamed": blamed / runs,
        "block_dialler_blamed": blamed_block / runs,
    }


def main() -> int:
    """Measure, print, write."""
    figures = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 500)
    assert figures["top_1_right"] >= 0.95
    assert figures["random_dialler_blamed"] <= 0.01
    assert figures["block_dialler_blamed"] <= 0.01
    lines = [f"| {name.replace('_', ' ')} | {value:g} |" for name, value in figures.items()]
    head = "200 calls, 20 % dialled at random, six dumps that share customers."
    text = f"# Simulated campaigns\n\n{head}\n\n| | |\n|---|---|\n" + "\n".join(lines) + "\n"
    publish("campaigns", figures, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
