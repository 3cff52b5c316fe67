from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.demo.vocabulary import FEMALE, MALE, SURNAMES
from tracer.identifiers.name_sight import at_sight, spoken
from tracer.identifiers.name_sound import TITLES, readings, sounds
from tracer.identifiers.surnames import COMPOUND, SINGLE, SOUNDS

CHARACTER = st.one_of(
    st.sampled_from([*SINGLE, *MALE, *FEMALE, *"".join(SOUNDS), *"".join(COMPOUND), *"".join(TITLES), "某"]),
    st.sampled_from(sorted(readings())),
    st.characters(min_codepoint=0x2E80, max_codepoint=0xFFFF, exclude_categories=["Cs"]),
    st.characters(max_codepoint=0x2FFFF, exclude_categories=["Cs"]),
)
NAME = st.one_of(
    st.text(CHARACTER, max_size=4),
    st.builds("".join, st.tuples(st.sampled_from(SURNAMES), st.text(st.sampled_from([*MALE, *FEMALE]), max_size=2))),
)


@given(names=st.lists(st.none() | NAME, max_size=30))
def test_what_is_read_at_sight_is_what_it_sounds_like(names: list[str | None]) -> None:
    """Names that are read at sight sound as they do when every rule is asked, and so do their surnames."""
    cells = pl.Series(names, dtype=pl.String)
    sight, heard = at_sight(cells), sounds(cells)
    assert sight.whole.to_list() == heard["whole"].gather(sight.row).to_list()
    known = [spoken()[number] or None for number in sight.surname.tolist()]
    assert known == heard["surname"].gather(sight.row).to_list()
    assert all(heard[other].gather(sight.row).null_count() == sight.row.size for other in ("turned", "whole_misread"))


@pytest.mark.parametrize(
    "name", ["欧阳", "欧阳修", "张先生", "张总", "李某", "李某某", "曾巩", "查良镛", "Li", "张 三", "张"]
)
def test_what_may_be_read_otherwise_is_left(name: str) -> None:
    """Surnames of two characters, with a title, hidden given names and other writings are not read at sight."""
    assert not at_sight(pl.Series([name])).row.size


def test_most_names_are_read_at_sight() -> None:
    """Of invented names with the usual surnames nine in ten are read at sight."""
    names = pl.Series([surname + given_name for surname in SURNAMES for given_name in (*MALE, *FEMALE)])
    assert at_sight(names).row.size > 0.9 * names.len()
