"""What platforms say of the person in different words is no evidence."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Final

import polars as pl
import pytest

from tests.tracer.attribution.lenders import lenders
from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.demo import HEADERS, LeakPlan, leak
from tracer.tracing import trace

SCHOOLING: Final = "学历"
OURS: Final = ("本科", "大专", "高中", "初中", "硕士")
THEIRS: Final = ("大学本科", "大学专科", "高中", "初中", "研究生")


def schooling(phones: Sequence[str], words: Sequence[str]) -> pl.Series:
    """What the holder of each phone number learned, the same for everybody who asks, in somebody's words."""
    return pl.Series(SCHOOLING, [words[hashlib.sha256(one.encode()).digest()[0] % len(words)] for one in phones])


@pytest.mark.parametrize("others", [OURS, THEIRS])
def test_a_stranger_who_uses_the_same_words_is_not_taken_for_the_platform(
    others: Sequence[str], tmp_path: Path
) -> None:
    """A stranger's list agrees with one platform in everybody's schooling: nobody is named, whatever words others use.

    Where the others use other words for some of it, they seem to hold something else about the same people.
    """
    world = lenders(2)
    first = world.registered[0]
    tables = {
        name: {
            day: one.with_columns(schooling(one[HEADERS["phone"]].to_list(), OURS if name == first else others))
            for day, one in snapshots.items()
        }
        for name, snapshots in tables_of(world).items()
    }
    vault = vault_of(tmp_path, tables)
    for rows in (100, 400, 1_500):
        records = leak(world, LeakPlan({world.hidden[0]: rows}, date(2025, 6, 19), ("phone",), 0, rows))
        assert not trace(records.select("phone", schooling(records["phone"].to_list(), OURS)), vault).established
