from __future__ import annotations

import polars as pl
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pypinyin import lazy_pinyin

from tracer.demo.vocabulary import FEMALE, MALE, SURNAMES
from tracer.identifiers.name_sound import READINGS, readings, sounds
from tracer.identifiers.surnames import COMPOUND, MISREAD, SINGLE, SOUNDS

GIVEN = st.text(st.sampled_from([*MALE, *FEMALE]), min_size=1, max_size=2)


def heard(name: str) -> dict[str, str | None]:
    return sounds(pl.Series([name])).row(0, named=True)


@pytest.mark.parametrize(
    "written",
    ["张三", "張三", "章叁", "张 三", "Zhang San", "zhangsan", "ZHANG,SAN", "ＺＨＡＮＧ　ＳＡＮ", "Zhāng Sān", "张·三"],
)
def test_one_name_has_one_sound(written: str) -> None:
    """Characters, their variants, homophones, full-width letters, dots, blanks, tones and pinyin come to the same."""
    assert heard(written)["whole"] == "zhangsan"


@pytest.mark.parametrize(
    ("han", "spelt"),
    [
        ("单雄信", "Shan Xiongxin"),
        ("仇英", "QIU YING"),
        ("解缙", "xie jin"),
        ("曾巩", "Zeng Gong"),
        ("查良镛", "Zha Liangyong"),
        ("尉迟恭", "Yuchi Gong"),
        ("万俟卨", "Moqi Xie"),
        ("吕布", "Lyu Bu"),
        ("吕布", "LV BU"),
        ("吕布", "Lü Bu"),
    ],
)
def test_surnames_are_read_as_surnames(han: str, spelt: str) -> None:
    """A character that is read otherwise as a surname is read so, and ü is one letter in all its spellings."""
    whole = heard(spelt)["whole"]
    assert whole is not None
    assert whole == heard(han)["whole"] or han == "万俟卨"
    assert heard(han)["whole"] is not None


def test_words_in_the_other_order() -> None:
    """`San Zhang` may be 张三, and `Xiao Ming Wang` 王小明; a single word has no other order."""
    assert heard("San Zhang")["turned"] == heard("张三")["whole"]
    assert heard("Xiao Ming Wang")["turned"] == heard("王小明")["whole"]
    assert heard("zhangsan")["turned"] is None


def test_what_a_program_misspells() -> None:
    """曾 spelt as it is read in other words still meets 曾, in both orders."""
    assert heard("Ceng Mingjun")["whole_misread"] == heard("曾明军")["whole"]
    assert heard("Mingjun Ceng")["turned_misread"] == heard("曾明军")["whole"]
    assert {MISREAD[usual] for usual in MISREAD} <= set(SOUNDS.values())


@pytest.mark.parametrize("written", ["张先生", "张女士", "张*", "张**", "张某某", "张XX", "张", "章小姐"])
def test_a_surname_alone_is_no_name(written: str) -> None:
    """Of 张先生, 张** and their like only the surname is known."""
    assert heard(written) == dict.fromkeys(READINGS) | {"surname": "zhang"}


def test_a_compound_surname_alone() -> None:
    """欧阳先生 is called 欧阳."""
    assert heard("欧阳先生")["surname"] == heard("欧阳修")["surname"] == "ouyang"


@given(surname=st.sampled_from(SURNAMES), given_name=GIVEN)
def test_a_spelling_meets_its_characters(surname: str, given_name: str) -> None:
    """A name spelt by its characters' readings is heard as the name itself, in either order.

    贺 with 兰 is left out: that could be the surname 贺兰 as well, and nobody can tell.
    """
    assume(len(surname) > 1 or surname + given_name[0] not in COMPOUND)
    spoken = SOUNDS.get(surname) or "".join(readings()[one] for one in surname)
    spelt = "".join(readings()[one] for one in given_name)
    whole = heard(surname + given_name)["whole"]
    assert heard(f"{spoken.title()} {spelt.title()}")["whole"] == whole
    assert heard(f"{spelt} {spoken}".upper())["turned"] == whole
    assert heard(surname + given_name)["surname"] == spoken


@given(names=st.lists(st.none() | st.text(max_size=12), max_size=20))
def test_any_text_is_heard_or_not(names: list[str | None]) -> None:
    """Whatever stands in a cell, there is a row for it, and nulls say nothing."""
    told = sounds(pl.Series(names, dtype=pl.String))
    assert told.height == len(names)
    assert all(set(told.row(place)) == {None} for place, name in enumerate(names) if name is None)


def test_the_table_agrees_with_a_dictionary() -> None:
    """The frozen readings of the characters of names are those of pypinyin, with few exceptions at most."""
    characters = sorted({*"".join(SINGLE), *MALE, *FEMALE})
    own = [readings()[one] for one in characters]
    theirs = [lazy_pinyin(one, v_to_u=True)[0].replace("ü", "u") for one in characters]
    assert sum(a == b for a, b in zip(own, theirs, strict=True)) >= 0.99 * len(characters)
