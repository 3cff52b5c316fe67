from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tracer.linkage.shortlist import FEW, MOST, Prominent, Shortlist, Tokens, sampling, shortlist
from tracer.vault.sketch import KindSketch

PLATFORMS = FEW + 8
SEEDS = 150


def tokens(rng: np.random.Generator, count: int) -> Tokens:
    return np.unique(rng.integers(0, 2**64, count, dtype=np.uint64))


def screened(seed: int, size: int, rows: int) -> Shortlist:
    """A dump of `size` tokens, `rows` of them from platform 0 and the rest from platform 1; the others share none."""
    rng = np.random.default_rng([seed, size])
    platforms = {f"p{place}": {"phone": tokens(rng, 600)} for place in range(PLATFORMS)}
    great = tokens(rng, size + 500)
    platforms["p1"] = {"phone": great}
    part = [rng.choice(platforms["p0"]["phone"], rows, replace=False), rng.choice(great, size - rows, replace=False)]
    return shortlist({"phone": np.sort(np.concatenate(part))}, platforms)


@pytest.mark.parametrize(("size", "rows"), [(50, 1), (50, 10), (5_000, 5), (30_000, 10), (100_000, 30)])
def test_a_true_source_is_never_dropped(size: int, rows: int) -> None:
    """Whatever the seed, a source is kept: of a few rows in small dumps, of 30 in 100,000; strangers are dropped."""
    for seed in range(SEEDS if size <= 5_000 else SEEDS // 5):
        found = screened(seed, size, rows)
        assert {"p0", "p1"} <= set(found.kept)
        assert found.kept[0] == "p1" or size <= 2 * rows
        assert len(found.dropped) == PLATFORMS - 2


@pytest.mark.parametrize("size", [10, 10_000, 100_000, 1_000_000, 30_000_000])
def test_the_sample_is_fine_enough(size: int) -> None:
    """At the rate chosen for a dump, a source of the least size falls short of the hits needed once in 10^8 at most."""
    looked = sampling(size)
    rng = np.random.default_rng(size)
    hits = rng.binomial(looked.least, looked.rate, 200_000)
    assert hits.min() >= looked.needed
    assert (1 - looked.rate) ** looked.least <= 1e-8
    assert looked.rate == 1 or size > 10_000


def test_few_platforms_are_all_joined() -> None:
    """Up to 64 platforms nobody is dropped, whoever's customers the records are."""
    rng = np.random.default_rng(3)
    platforms = {f"p{place}": {"phone": tokens(rng, 50)} for place in range(FEW)}
    assert shortlist({"phone": tokens(rng, 100)}, platforms).kept == tuple(platforms)


def test_the_rest_of_very_many_is_bounded() -> None:
    """More platforms with customers in the dump than are joined: the source is, and of the rest all bounds hold."""
    held = wrong = 0
    for seed in range(8):
        rng = np.random.default_rng([seed, 5])
        public = tokens(rng, 600_000)
        platforms = {f"p{place}": np.sort(rng.choice(public, 4_000, replace=False)) for place in range(MOST + 60)}
        dump = np.unique(np.concatenate([platforms["p9"][::3], rng.choice(public, 150_000, replace=False)]))
        found = shortlist({"phone": dump}, {name: {"phone": one} for name, one in platforms.items()})
        assert found.sampling.rate < 1
        assert found.kept[0] == "p9"
        assert len(found.kept) == MOST
        for one in found.dropped:
            held += 1
            wrong += np.isin(dump, platforms[one.name]).sum() > one.most
    assert stats.binom.cdf(wrong - 1, held, 0.025) < 0.999


def test_records_of_several_kinds_add_up() -> None:
    """A source is kept whichever of its identifiers the records carry, and one without any of them is dropped."""
    rng = np.random.default_rng(4)
    platforms = {f"p{place}": {"phone": tokens(rng, 50), "national_id": tokens(rng, 50)} for place in range(PLATFORMS)}
    dump = {"phone": platforms["p7"]["phone"][:5], "national_id": platforms["p9"]["national_id"][:5]}
    found = shortlist(dump, platforms)
    assert set(found.kept) == {"p7", "p9"}
    assert len(found.dropped) == PLATFORMS - 2
    assert shortlist({"email": tokens(rng, 9)}, platforms).kept == ()


def test_the_ensemble_only_says_who_comes_first() -> None:
    """LSH Ensemble gives the platform a dump is full of and misses the source of 30 rows: so it may drop nobody."""
    found, missed = 0, 0
    for seed in range(10):
        rng = np.random.default_rng(seed)
        held = [tokens(rng, 4_000) for _ in range(40)]
        prominent = Prominent({f"p{place}": KindSketch.of(one) for place, one in enumerate(held)})
        dump = np.unique(np.concatenate([held[3][:2_000], held[5][:30]]))
        given = prominent.of(dump)
        found += "p3" in given
        missed += "p5" not in given
    assert found >= 8
    assert missed >= 5


def test_nobody_to_be_first() -> None:
    """Without sketches or without tokens nobody comes first."""
    assert Prominent({}).of(np.arange(3, dtype=np.uint64)) == ()
    one = {"p": KindSketch.of(np.arange(30, dtype=np.uint64))}
    assert Prominent(one).of(np.empty(0, np.uint64)) == ()
