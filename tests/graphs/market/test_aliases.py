from __future__ import annotations

import io
from itertools import combinations
from pathlib import Path

from graphs.market.market import Market

WRITTEN = Path(__file__).with_name("aliases.tsv").read_text("utf-8").splitlines()


def test_accounts_are_joined_by_their_handle_alone() -> None:
    """Of 40 written adverts hardly a pair is joined wrongly (≥ 0.98 rightly), and most that should be (≥ 0.85)."""
    rows = [line.split("\t") for line in WRITTEN]
    person = {str(10_000_001 + at): who for at, (_, who, _) in enumerate(rows)}
    export = "".join(
        f"2024-03-01 10:{at:02d}:00 {account}({10_000_001 + at})\n{text}\n\n"
        for at, (account, _, text) in enumerate(rows)
    )
    market = Market()
    assert len(list(market.read("group.txt", io.BytesIO(export.encode())))) == len(rows)
    groups = [[one.rpartition("#")[2] for one in group] for group in market.sellers().groups]
    joined = {frozenset(pair) for group in groups for pair in combinations(group, 2)}
    true = {frozenset(pair) for pair in combinations(person, 2) if person[pair[0]] == person[pair[1]]}
    assert len(joined & true) >= 0.98 * len(joined)
    assert len(joined & true) >= 0.85 * len(true)
