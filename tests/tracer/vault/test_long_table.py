"""A table too long for memory. Its tokens are drawn from small numbers, so that rows share them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracer.conftest import DAYS, Town
from tests.tracer.vault.test_vault import COLUMNS
from tracer.identifiers import value
from tracer.tokens import TokenKey
from tracer.vault import long_facts, long_growth, numbering, stack
from tracer.vault import vault as vault_module
from tracer.vault.customers import number_customers
from tracer.vault.growth import grow
from tracer.vault.history import unpack
from tracer.vault.long_fold import LongFold
from tracer.vault.long_growth import LongGrowth
from tracer.vault.long_history import ReadPieces
from tracer.vault.long_table import LongTable
from tracer.vault.snapshot import Claim, Origin, Snapshot, tokenise
from tracer.vault.stack import Stack
from tracer.vault.variety import Distinct
from tracer.vault.vault import Vault

ORIGIN = Origin("one", date(2025, 5, 1), "0" * 64)
CLAIM = Claim("limit", "limit")

tokens = st.integers(0, 5).map(lambda small: small * (2**64 // 6))
rows = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "national_id": st.lists(tokens, min_size=1, max_size=2),
            "phone": st.lists(tokens, min_size=1, max_size=2),
            "name_phone_last_4": st.lists(tokens, min_size=1, max_size=1),
            "limit": st.integers(0, 3),
            "joined": st.integers(19_000, 19_400),
        },
    ),
    min_size=1,
    max_size=24,
)


def snapshot(table: list[dict[str, object]]) -> Snapshot:
    """The tokens of rows as `tokenise` gives them."""
    identifiers = {}
    for kind in ("national_id", "phone", "name_phone_last_4"):
        held = [(row, one) for row, cells in enumerate(table) for one in dict.fromkeys(cells.get(kind, []))]  # type: ignore[call-overload]
        identifiers[kind] = pl.DataFrame(held, schema={"row": pl.UInt32, "token": pl.UInt64}, orient="row")
    limits = [(row, cells["limit"]) for row, cells in enumerate(table) if "limit" in cells]
    days = [(row, cells["joined"]) for row, cells in enumerate(table) if "joined" in cells]
    return Snapshot(
        origin=ORIGIN,
        rows=len(table),
        identifiers=identifiers,
        claims={CLAIM: pl.DataFrame(limits, schema={"row": pl.UInt32, "token": pl.UInt32}, orient="row")},
        joined=pl.DataFrame(days, schema={"row": pl.UInt32, "joined": pl.Int32}, orient="row").cast(
            {"joined": pl.Date}
        ),
    )


def long_of(table: list[dict[str, object]], portion: int) -> LongTable:
    long = LongTable(ORIGIN)
    for begin in range(0, len(table), portion):
        long.take(snapshot(table[begin : begin + portion]))
    return long


@settings(max_examples=150, deadline=None)
@given(table=rows, portion=st.integers(1, 9))
def test_a_long_table_says_what_a_short_one_says(table: list[dict[str, object]], portion: int) -> None:
    """However it is cut into portions, a table becomes the frames and figures it becomes in memory."""
    with (
        patch.object(stack, "AT_ONCE", 4),
        patch.object(numbering, "AT_ONCE", 3),
        patch.object(long_growth, "AT_ONCE", 3),
        patch.object(long_facts, "AT_ONCE", 3),
    ):
        growth = LongGrowth(long_of(table, portion))
        frames = {name: pl.concat(pieces()) for name, pieces in growth.frames.items()}
        told = growth.platform("one", "part", ())
    expected = grow(None, snapshot(table), lambda _: pl.DataFrame())
    wanted = expected.platform("one", "part", ())
    assert frames.keys() == expected.frames.keys()
    for name, frame in expected.frames.items():
        assert unpack(frames[name]).equals(unpack(frame)), name
        assert unpack(frames[name]).schema == unpack(frame).schema
    assert growth.unidentified == expected.unidentified
    assert told.joins_per_day == wanted.joins_per_day
    assert (told.people, told.joined, told.claims, told.volatility) == (
        wanted.people, wanted.joined, wanted.claims, wanted.volatility,
    )  # fmt: skip
    assert told.variety == pytest.approx(wanted.variety, abs=0.02)


def read_from(frames: dict[str, pl.DataFrame], long: int) -> ReadPieces:
    """Frames as a vault gives them, in pieces of so many rows."""

    def read(name: str) -> Iterator[pl.DataFrame]:
        frame = frames[name]
        yield from frame.iter_slices(long) if frame.height else [frame]

    return read


@settings(max_examples=200, deadline=None)
@given(
    tables=st.lists(rows, min_size=2, max_size=3),
    days=st.lists(st.integers(1, 4), min_size=3, max_size=3),
    lacking=st.lists(st.sets(st.sampled_from(["national_id", "phone", "limit", "joined"])), min_size=3, max_size=3),
    portion=st.integers(1, 9),
)
def test_a_later_long_table_is_folded_like_a_short_one(
    tables: list[list[dict[str, object]]], days: list[int], lacking: list[set[str]], portion: int
) -> None:
    """In whatever order snapshots come, and whatever they lack, a long history becomes what it becomes in memory."""
    before, frames = None, dict[str, pl.DataFrame]()
    for table, day, none in zip(tables, days, lacking, strict=False):
        origin = replace(ORIGIN, taken_at=date(2025, 5, day))
        made = lacks(replace(snapshot(table), origin=origin), none)
        expected = grow(before, made, frames.__getitem__)
        if before is not None:
            with (
                patch.object(stack, "AT_ONCE", 4),
                patch.object(numbering, "AT_ONCE", 3),
                patch.object(long_facts, "AT_ONCE", 3),
            ):
                long = LongTable(origin)
                for begin in range(0, len(table), portion):
                    long.take(lacks(snapshot(table[begin : begin + portion]), none))
                folded = LongFold(before, long, read_from(frames, portion))
                found = {name: pl.concat(pieces()) for name, pieces in folded.frames.items()}
                told = folded.platform("one", "part", ())
            wanted = expected.platform("one", "part", ())
            assert found.keys() == expected.frames.keys()
            for name, frame in expected.frames.items():
                assert found[name].schema == frame.schema, name
                assert found[name].equals(frame), name
            assert replace(told, variety=(), snapshots=()) == replace(wanted, variety=(), snapshots=())
            assert told.variety == pytest.approx(wanted.variety, abs=0.02)
            assert [replace(one, kinds=()) for one in told.snapshots] == [
                replace(one, kinds=()) for one in wanted.snapshots
            ]
            assert [set(one.kinds) for one in told.snapshots] == [set(one.kinds) for one in wanted.snapshots]
            assert (folded.new_people, folded.unidentified) == (expected.new_people, expected.unidentified)
        before, frames = expected.platform("one", "part", ()), expected.frames


def lacks(made: Snapshot, none: set[str]) -> Snapshot:
    """A snapshot of a table without some columns."""
    return replace(
        made,
        identifiers={kind: frame for kind, frame in made.identifiers.items() if kind not in none},
        claims={} if "limit" in none else made.claims,
        joined=None if "joined" in none else made.joined,
    )


@given(table=rows)
def test_a_first_table_is_numbered_like_one_of_strangers(table: list[dict[str, object]]) -> None:
    """Customers of a first snapshot have the numbers they would have beside known ones whom none of them is."""
    held = snapshot(table).identifiers
    nobody = {kind: pl.DataFrame(schema={"token": pl.UInt64, "person": pl.UInt32}) for kind in held}
    assert number_customers(held, len(table), {}, 0).equals(number_customers(held, len(table), nobody, 0))


def test_equal_keys_come_together() -> None:
    """Pairs come in the order of their keys, equal ones as they were put in, whatever the portions."""
    rng = np.random.default_rng(1)
    keys = rng.choice(rng.integers(0, 2**64, 300, dtype=np.uint64), 2_000)
    with patch.object(stack, "AT_ONCE", 50):
        pile = Stack()
        for begin in range(0, keys.size, 170):
            part = keys[begin : begin + 170]
            pile.put(part, np.arange(begin, begin + part.size, dtype=np.uint32))
        pieces = list(pile.ordered())
    order = np.argsort(keys, kind="stable")
    assert np.array_equal(np.concatenate([key for key, _ in pieces]), keys[order])
    assert np.array_equal(np.concatenate([number for _, number in pieces]), order)
    assert all(before[-1] < after[0] for (before, _), (after, _) in pairwise(pieces))


@pytest.mark.parametrize("different", [1, 40, 10_000, 400_000])
def test_different_tokens_are_counted(different: int) -> None:
    """Few different tokens are counted exactly, many to three percent."""
    rng = np.random.default_rng(different)
    held = rng.choice(2**32, different, replace=False).astype(np.uint32)
    count = Distinct()
    for _ in range(10):
        count.meet(held[rng.integers(0, different, 60_000)])
        count.meet(held)
    assert count.share * count.met == pytest.approx(different, rel=0 if different < 10**4 else 0.03)


@pytest.mark.parametrize("long", [True, False], ids=["long table", "long history"])
def test_a_long_table_is_registered(tmp_path: Path, town: Town, long: bool) -> None:  # noqa: FBT001 - a parameter
    """A platform's tables, in portions or beside a long history, fill a vault like the same tables taken whole."""
    vaults = []
    for place, portion in enumerate((90, 10**6)):
        vault = Vault.create(tmp_path / f"vault{place}", key_path=tmp_path / f"{place}.key")
        vault = Vault(vault.place, TokenKey(b"k" * 32), vault.manifest)
        for day in DAYS:
            frame = town.world.table(town.first, day).rename({}).cast(pl.String)
            origin = Origin("one", day, f"{day.toordinal():064}")
            taken = LongTable(origin)
            for part in frame.iter_slices(portion if long else 10**6):
                joined = part.select(value.day(pl.col(COLUMNS[-1][0]))).to_series()
                made = tokenise(part, COLUMNS, origin, vault.key, joined)
                taken.take(made)
            with patch.object(vault_module, "LONG", 10 if portion == 90 else 10**6):
                vault, added = vault.add(taken if long and portion == 90 else made)
        vaults.append((vault, added))
    (one, told), (other, again) = vaults
    assert told == again
    held, wanted = one.platform("one"), other.platform("one")
    for kind in wanted.kinds:
        assert one.identifiers(held, kind).equals(other.identifiers(wanted, kind))
    for claim in wanted.claims:
        assert one.claims(held, claim).equals(other.claims(wanted, claim))
    assert one.presence(held).equals(other.presence(wanted))
    for mine, theirs in ((one.sample(held), other.sample(wanted)), (one.index(held), other.index(wanted))):
        assert {kind: tokens.tolist() for kind, tokens in mine.items()} == {
            kind: tokens.tolist() for kind, tokens in theirs.items()
        }
