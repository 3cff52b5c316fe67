from __future__ import annotations

import polars as pl

from tracer.comparison.han import simplified, sounded


def test_traditional_characters_become_simplified() -> None:
    """Traditional characters are written as the mainland writes them; everything else and null stay."""
    text = pl.Series("x", ["劉德華", "张伟", "smith", None, "東"])
    assert simplified(text).to_list() == ["刘德华", "张伟", "smith", None, "东"]


def test_homophones_sound_the_same() -> None:
    """Names of the same toneless sound give the same, others do not, and text without Chinese has no sound."""
    heard = sounded(pl.Series("x", ["张伟", "章威", "张强", "smith", None]))
    assert heard[0] == heard[1] != heard[2]
    assert heard[3:].to_list() == [None, None]


def test_no_chinese_at_all() -> None:
    """A column without Chinese characters passes unchanged and unheard."""
    text = pl.Series("x", ["smith", None])
    assert simplified(text).to_list() == ["smith", None]
    assert sounded(text).to_list() == [None, None]
