"""A name by its sound: characters, their variants, homophones and pinyin all come to the same letters.

张三, 張三, 章叁 and "Zhang San" are one name here, `zhangsan`. So a name that was typed by ear, converted between
simplified and traditional characters or spelt in a passport still meets the one a platform holds. Tones are left out,
for nobody types them. What it costs is measured in each trace as the chance rate of the kinds made with names.

The readings stand in `pinyin.txt`, frozen: a character read otherwise tomorrow would change the tokens of yesterday.
What cannot be known: which of its readings a character has in somebody's given name. The commonest is taken, on both
sides alike; only a spelling by somebody who chose another one is missed.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from tracer.identifiers import person_name
from tracer.identifiers.surnames import COMPOUND, SOUNDS

_BORNE: Final = r"^[\p{Han}·]{2,}$"
_HIDDEN: Final = r"[*＊xX×某○〇●•_?？#]{1,3}"
READINGS: Final = ("whole", "turned", "whole_misread", "turned_misread")
"""Columns of `sounds` that are whole names."""
_TITLES: Final = "先生|女士|小姐|太太|老板|老师|经理|总"
_ONLY_SURNAME: Final = rf"^({'|'.join(COMPOUND)}|\p{{Han}})(?:{_HIDDEN}|{_TITLES})?$"
_APART: Final = r"[\s,，、./]+"


def sounds(names: pl.Series) -> pl.DataFrame:
    """What names of any writing sound like.

    Args:
        names: (rows,) Utf8.

    Returns:
        (rows) `whole`, the surname first; of Latin names, which may be read in several ways, also `turned` (the words
        stood in the other order), `whole_misread` and `turned_misread` (the surname was spelt as its character is
        usually read: 曾 as Ceng instead of Zeng); `surname`. All Utf8 in letters a to z; characters without a known reading stay themselves. Null where a name
        does not say it: of 张先生 and 张** only the surname is known.
    """
    distinct = names.unique().drop_nulls().alias("name")
    told = distinct.to_frame().with_columns(written=person_name.normalise(pl.col("name"))).with_columns(_parts())
    told = told.with_columns(
        whole=_read(told.get_column("han")).fill_null(told.get_column("latin")),
        surname=_read(told.get_column("family")),
        whole_misread=_misread(told.get_column("latin")),
        turned_misread=_misread(told.get_column("turned")),
    )
    return (
        names.alias("name").to_frame()
        .join(told.select("name", *READINGS, "surname"), on="name", how="left", maintain_order="left")
        .drop("name")
    )  # fmt: skip


def _parts() -> list[pl.Expr]:
    """The Han name, the Latin one in both orders, and the surname, from the `written` form."""
    written = pl.col("written")
    lone = written.str.extract(_ONLY_SURNAME, 1)
    han = pl.when(written.str.contains(_BORNE) & lone.is_null()).then(written)
    plain = _plain_letters(written)
    words = plain.str.replace_all(_APART, " ").str.strip_chars(" ")
    latin = pl.when(words.str.contains(r"^[a-z'’ -]{3,}$")).then(words)
    turned = latin.str.replace(r"^(.*) (\S+)$", "$2 $1")
    family = pl.coalesce(lone, person_name.surname(written))
    return [
        han.alias("han"),
        _joined(latin).alias("latin"),
        pl.when(latin.str.contains(" ", literal=True)).then(_joined(turned)).alias("turned"),
        family.alias("family"),
    ]


def _plain_letters(text: pl.Expr) -> pl.Expr:
    """Small letters without marks; ü, however it is typed, is u (吕 is Lü, Lv, Lyu and Lu)."""
    bare = text.str.normalize("NFD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    return bare.str.replace_all(r"([ln])(?:v|yu|u:)", "${1}u")


def _joined(words: pl.Expr) -> pl.Expr:
    return words.str.replace_all(r"[^a-z]", "")


def _read(names: pl.Series) -> pl.Series:
    """Read Han names aloud; a surname has a reading of its own (单 is shan, 仇 is qiu)."""
    frame = names.alias("name").to_frame()
    text, two, one = pl.col("name"), pl.col("name").str.slice(0, 2), pl.col("name").str.slice(0, 1)
    first = pl.coalesce(
        pl.when(text.str.len_chars() != 1).then(two.replace_strict(SOUNDS, default=None, return_dtype=pl.String)),
        one.replace_strict(SOUNDS, default=None, return_dtype=pl.String),
    )
    spoken = two.is_in([name for name in SOUNDS if len(name) == 2])
    rest = pl.when(first.is_null()).then(text).when(spoken).then(text.str.slice(2)).otherwise(text.str.slice(1))
    read = frame.with_columns(first=first.fill_null(""), rest=rest.str.replace_all("·", "", literal=True))
    met = read.get_column("rest").str.split("").explode(empty_as_null=True, keep_nulls=True).unique().drop_nulls()
    known = {character: reading for character in met.to_list() if (reading := _readings().get(character))}
    spelt = pl.col("rest").str.replace_many(known) if known else pl.col("rest")
    return read.select(pl.when(pl.col("name").is_not_null()).then(pl.col("first") + spelt)).to_series()


def _misread(names: pl.Series) -> pl.Series:
    """Latin names that begin with the usual reading of a character that has another one as a surname, with that one."""
    usual = {_readings()[one]: sound for one, sound in SOUNDS.items() if len(one) == 1 and _readings()[one] != sound}
    begin = pl.col("name").str.extract(f"^({'|'.join(sorted(usual, key=len, reverse=True))})", 1)
    right = begin.replace_strict(usual, default=None, return_dtype=pl.String)
    frame = names.alias("name").to_frame()
    return frame.select(right + pl.col("name").str.slice(begin.str.len_chars())).to_series()


@cache
def _readings() -> dict[str, str]:
    """Character → its commonest reading, without its tone."""
    lines = Path(__file__).with_name("pinyin.txt").read_text(encoding="utf-8").splitlines()
    return {character: reading for reading, characters in map(str.split, lines) for character in characters}
