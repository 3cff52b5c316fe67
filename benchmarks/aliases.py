"""Are accounts of one person joined, and nobody else's? Precision and recall of pairs on 40 written adverts.

    python benchmarks/aliases.py

`tests/graphs/market/aliases.tsv` was written before it was measured: 22 people, some with several accounts that name
their handle in different disguises, others with the same words, a handle of one digit less, a shared escrow, a warning
that names somebody else, or words passed on. Writes benchmarks/results/aliases.md and .json.
"""

from __future__ import annotations

import io
import sys
from itertools import combinations
from pathlib import Path

from measure import publish

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from graphs.market.market import Market  # noqa: E402

FIXTURE = HERE.parent / "tests" / "graphs" / "market" / "aliases.tsv"


def measured() -> dict[str, float]:
    """Pairs that were joined, that are one person's, and both."""
    rows = [line.split("\t") for line in FIXTURE.read_text("utf-8").splitlines()]
    export = "".join(
        f"2024-03-01 10:{at:02d}:00 {account}({10_000_001 + at})\n{text}\n\n"
        for at, (account, _, text) in enumerate(rows)
    )
    person = {str(10_000_001 + at): who for at, (_, who, _) in enumerate(rows)}
    market = Market()
    read = sum(1 for _ in market.read("group.txt", io.BytesIO(export.encode())))
    assert read == len(rows)
    joined = {
        frozenset(one.rpartition("#")[2] for one in pair)
        for group in market.sellers().groups
        for pair in combinations(group, 2)
    }
    true = {frozenset(pair) for pair in combinations(person, 2) if person[pair[0]] == person[pair[1]]}
    right = len(joined & true)
    return {"accounts": len(rows), "people": len(set(person.values())), "pairs": len(true), "joined": len(joined),
            "precision": right / max(1, len(joined)), "recall": right / len(true)}  # fmt: skip


def main() -> int:
    """Measure, print, write."""
    told = measured()
    text = (
        f"# Aliases\n\n{told['accounts']} accounts of {told['people']} people, each with a written advert; "
        f"{told['pairs']} pairs of accounts are one person's.\n\n| | asked | measured |\n|---|---|---|\n"
        f"| precision of joined pairs | ≥ 0.98 | {told['precision']:.3f} |\n"
        f"| recall | ≥ 0.85 | {told['recall']:.3f} |\n"
    )
    publish("aliases", told, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
