"""Personal names."""

from __future__ import annotations

import pytest

from tests.tracer.identifiers.columns import one, through
from tracer.identifiers import person_name, surnames


@pytest.mark.parametrize(
    ("writings", "normal"),
    [
        (["张三", "张 三", "张\u3000三", " 张三\u200b", "张三\ufe00"], "张三"),
        (["王𬎆", "王 𬎆"], "王𬎆"),
        (
            ["阿卜杜·热合曼", "阿卜杜•热合曼", "阿卜杜・热合曼", "阿卜杜 . 热合曼", "阿卜杜．热合曼", "阿卜杜‧热合曼"],
            "阿卜杜·热合曼",
        ),
        (["买买提·阿·提", "买买提•阿•提"], "买买提·阿·提"),
        (["Zhang San", "ZHANG  SAN", "Ｚｈａｎｇ Ｓａｎ"], "ZHANG SAN"),
    ],
)
def test_every_writing_of_a_name_gives_the_same(writings: list[str], normal: str) -> None:
    """Spaces, dots, width and capitals change nothing."""
    assert set(through(person_name.normalise, writings)) == {normal}


@pytest.mark.parametrize(
    "name", ["张三", "欧阳震华", "欧阳雪", "王𬎆", "司马相如", "阿卜杜•热合曼", "Zhang San", "O'Neil Jean-Luc"]
)
def test_names_look_like_names(name: str) -> None:
    """Han names with a known surname, names with a middle dot and Latin names of several words are names."""
    assert one(person_name.valid, name) is True


@pytest.mark.parametrize(
    "text",
    [
        "张",
        "助学贷",
        "车抵贷",
        "公积金贷",
        "江苏",
        "石家庄市",
        "金额",
        "张三李四王五",
        "abc",
        "13812345678",
        "张三1",
        "",
        "😀",
    ],
)
def test_other_words_do_not(text: str) -> None:
    """Products, places, words of forms, single characters and long texts are no names."""
    assert one(person_name.valid, text) is False


def test_surnames_are_one_character_or_two() -> None:
    """Compound surnames are found before single ones; names in parts have none."""
    names = ["张三", "欧阳震华", "欧阳", "阿卜杜·热合曼", "ZHANG SAN", None]
    assert through(person_name.surname, names) == ["张", "欧阳", "欧", None, None, None]


def test_the_mask_shows_one_character() -> None:
    """A masked name shows one character, of compound surnames too, and does not tell the name's length."""
    assert through(person_name.mask, ["张三", "张三丰", "欧阳震华", "张", None]) == [
        "张**",
        "张**",
        "欧**",
        "***",
        None,
    ]


def test_the_table_of_surnames_is_clean() -> None:
    """Surnames are Han characters; the table is large enough to hold the usual four hundred."""
    assert len(set(surnames.SINGLE)) >= 400
    assert all("\u4e00" <= character <= "\u9fff" for character in surnames.SINGLE)
    assert {len(name) for name in surnames.COMPOUND} == {2}
