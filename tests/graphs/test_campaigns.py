from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.campaigns import Campaign, DumpNumbers, explain, poisson_ratio


def number(chance: random.Random, block: str = "") -> str:
    return (
        block + f"{chance.randrange(10_000):04d}" if block else f"1{chance.choice('3589')}{chance.randrange(10**9):09d}"
    )


def dump(name: str, chance: random.Random, size: int, *shared: str) -> DumpNumbers:
    return DumpNumbers(name, frozenset([*shared, *(number(chance) for _ in range(size - len(shared)))]))


def dialled(chance: random.Random, source: DumpNumbers, calls: int = 200, noise: float = 0.2) -> list[str]:
    own = sorted(source.numbers)
    return [number(chance) if chance.random() < noise else chance.choice(own) for _ in range(calls)]


def named(campaign: Campaign, *verdicts: str) -> list[str]:
    return [one.dump for one in campaign.explanations if one.verdict in verdicts]


@pytest.mark.parametrize("seed", range(12))
def test_the_dump_dialled_from_is_named(seed: int) -> None:
    """200 calls, a fifth at random, of two dumps that share people: the right one is first and established."""
    chance = random.Random(seed)
    first = dump("first", chance, 3_000)
    second = dump("second", chance, 4_000, *sorted(first.numbers)[:1_500])
    source = chance.choice((first, second))
    found = explain(dialled(chance, source), [first, second])
    assert found.cover == (source.name,)
    assert named(found, "established") == [source.name]
    assert 0.1 < found.unexplained_share < 0.3


@pytest.mark.parametrize("blocks", [0, 1, 20, 200], ids=lambda count: f"{count} blocks")
def test_a_random_dialler_is_blamed_on_nobody(blocks: int) -> None:
    """Whoever dials at random, in the whole country or in the blocks where a dump has its people, is not blamed."""
    for seed in range(8):
        chance = random.Random(seed)
        crowded = [number(chance)[:7] for _ in range(200)]
        town = DumpNumbers("town", frozenset(number(chance, chance.choice(crowded)) for _ in range(8_000)))
        country = dump("country", chance, 8_000)
        swept = crowded[:blocks]
        calls = [number(chance, chance.choice(swept) if swept else "") for _ in range(200)]
        assert named(explain(calls, [town, country]), "established", "consistent") == []


def test_a_subset_and_its_whole_are_told_apart() -> None:
    """Dialled from the part, the part explains it better; dialled from the whole, the exclusive rows say so."""
    chance = random.Random(5)
    whole = dump("whole", chance, 4_000)
    part = DumpNumbers("part", frozenset(sorted(whole.numbers)[::4]))
    assert explain(dialled(chance, part), [whole, part]).cover == ("part",)
    assert explain(dialled(chance, whole), [whole, part]).cover == ("whole",)


def test_equal_dumps_are_rivals_and_none_is_established() -> None:
    """Two dumps of the same numbers cannot be told apart, and that is what is said."""
    chance = random.Random(6)
    one = dump("one", chance, 1_000)
    found = explain(dialled(chance, one), [one, DumpNumbers("other", one.numbers)])
    assert named(found, "established") == []
    assert found.explanations[0].rivals


def test_two_sources_are_both_found() -> None:
    """A list dialled from two dumps is covered by both, with their shares, and by no third."""
    chance = random.Random(7)
    dumps = [dump(name, chance, 2_000) for name in "abc"]
    calls = [*dialled(chance, dumps[0], 150, 0.1), *dialled(chance, dumps[1], 100, 0.1)]
    found = explain(calls, dumps)
    assert set(found.cover) == {"a", "b"}
    assert found.explanations[0].share_low < 0.54 < found.explanations[0].share_high


def test_a_canary_number_is_proof() -> None:
    """One canary number among a few calls establishes its dump; no customer's number would."""
    chance = random.Random(8)
    base = dump("seeded", chance, 1_000)
    seeded = DumpNumbers("seeded", base.numbers, frozenset(sorted(base.numbers)[:2]))
    calls = [min(seeded.numbers), *(number(chance) for _ in range(9))]
    assert named(explain(calls, [seeded, dump("other", chance, 1_000)]), "established") == ["seeded"]
    assert named(explain(calls, [base, dump("other", chance, 1_000)]), "established") == []


def test_nothing_to_compare_is_no_fault() -> None:
    """No calls, no dumps, empty dumps: an empty answer."""
    assert explain([], [DumpNumbers("a", frozenset())]).explanations == ()
    assert explain(["13800138000"], []).unexplained == 1
    assert named(explain(["13800138000"], [DumpNumbers("a", frozenset())]), "established") == []


@given(st.integers(0, 1_000), st.floats(1e-6, 1e3))
def test_the_poisson_ratio_is_a_likelihood_ratio(seen: int, expected: float) -> None:
    """It is never negative, zero at or below the expectation, and grows with what is seen."""
    ratio = poisson_ratio(seen, expected)
    assert ratio >= 0
    assert (ratio == 0) == (seen <= expected or seen == 0)
    assert poisson_ratio(seen + 1, expected) >= ratio
