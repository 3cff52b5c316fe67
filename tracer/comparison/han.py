"""Chinese characters that are written or heard alike: simplified forms (OpenCC) and toneless pinyin (pypinyin)."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import polars as pl

_HAN: Final = r"\p{Han}"


def simplified(text: pl.Series) -> pl.Series:
    """Text with traditional characters in their simplified form (劉 → 刘); everything else stays."""
    letters = _letters(text)
    if not letters:
        return text
    written = _converter().convert("\n".join(letters)).split("\n")
    changed = {old: new for old, new in zip(letters, written, strict=True) if old != new}
    return text.str.replace_many(list(changed), list(changed.values())) if changed else text


def sounded(text: pl.Series) -> pl.Series:
    """Toneless pinyin of text with Chinese characters (张伟 and 章威 are both `zhang wei `); null for other text.

    Each character is read alone, in its first reading: two people who type one sound by other characters give the same,
    whatever the word would be read like.
    """
    letters = _letters(text)
    if not letters:
        return pl.Series(text.name, [None] * len(text), dtype=pl.String)
    from pypinyin import lazy_pinyin  # noqa: PLC0415 - tables without Chinese need not wait for it

    heard = ["".join(lazy_pinyin(letter)) + " " for letter in letters]
    cell = pl.col(text.name)
    spoken = pl.when(cell.str.contains(_HAN)).then(cell.str.replace_many(letters, heard))
    return text.to_frame().select(spoken).to_series()


def _letters(text: pl.Series) -> list[str]:
    """The distinct Chinese characters of a column of text, in order."""
    han = text.filter(text.str.contains(_HAN)).unique()
    return sorted(han.str.extract_all(_HAN).explode().drop_nulls().unique().to_list())


@cache
def _converter() -> Any:
    from opencc import OpenCC  # noqa: PLC0415 - its tables are read when the first Chinese text is met

    return OpenCC("t2s")
