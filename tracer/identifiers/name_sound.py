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
from tracer.identifiers.sieve import sift
from tracer.identifiers.surnames import COMPOUND, MISREAD, SOUNDS

_BORNE: Final = r"^[\p{Han}·]{2,}$"
_HIDDEN: Final = r"[*＊xX×某○〇●•_?？#]{1,3}"
READINGS: Final = ("whole", "turned", "whole_misread", "turned_misread")
"""Columns of `sounds` that are whole names."""
TITLES: Final = ("先生", "女士", "小姐", "太太", "老板", "老师", "经理", "总")
"""What may stand behind a lone surname."""
_ONLY_SURNAME: Final = rf"^({'|'.join(COMPOUND)}|\p{{Han}})(?:{_HIDDEN}|{'|'.join(TITLES)})?$"
_APART: Final = r"[\s,，、./]+"


def sounds(names: pl.Series) -> pl.DataFrame:
    """What names of any writing sound like.

    Args:
        names: (names,) Utf8; each is worked out, so give each distinct one once.

    Returns:
        (names) `whole`, the surname first; of Latin names, which may be read in several ways, also `turned` (the words
        stood in the other order), `whole_misread` and `turned_misread` (the surname was spelt as its character is
        usually read: 曾 as Ceng instead of Zeng); `surname`. All Utf8 in letters a to z; characters without a known
        reading stay themselves. Null where a name does not say it: of 张先生 and 张** only the surname is known.
    """
    written = names.alias("name").to_frame().select(written=person_name.normalise(pl.col("name")))
    text = pl.col("written")
    lone = text.str.extract(_ONLY_SURNAME, 1)
    parts = written.lazy().select(
        han=pl.when(text.str.contains(_BORNE) & lone.is_null()).then(text),
        family=pl.when(lone.is_not_null()).then(lone).otherwise(person_name.surname(text)),
        latin=sift(text, lambda name: pl.when(name.str.contains(_BORNE)).then(pl.lit("")), _latin),
    )
    told = parts.collect().with_columns(pl.when(pl.col("latin") != "").then("latin").alias("latin"))
    han, family, latin = told.get_columns()
    whole = _joined(latin)
    turned = _joined(_turned(latin))
    return pl.DataFrame(
        {
            "whole": _read(han).fill_null(whole),
            "turned": turned,
            "whole_misread": _misread(whole),
            "turned_misread": _misread(turned),
            "surname": _read_few(family),
        }
    )


def _latin(text: pl.Expr) -> pl.Expr:
    """The words of a Latin name in small letters, with single spaces."""
    words = _plain_letters(text).str.replace_all(_APART, " ").str.strip_chars(" ")
    return pl.when(words.str.contains(r"^[a-z'’ -]{3,}$")).then(words)


def _turned(words: pl.Series) -> pl.Series:
    """With the last word first; null where there is but one."""
    two = words.str.contains(" ", literal=True)
    return words.str.replace(r"^(.*) (\S+)$", "${2} ${1}").set(~two.fill_null(value=False), None)


def _plain_letters(text: pl.Expr) -> pl.Expr:
    """Small letters without marks; ü, however it is typed, is u (吕 is Lü, Lv, Lyu and Lu)."""
    bare = text.str.normalize("NFD").str.replace_all(r"\p{M}", "").str.to_lowercase()
    # Inside a word nyu is an n and a yu: Danyue.
    return bare.str.replace_all(r"([ln])(?:v|u:)", "${1}u").str.replace_all(r"\b([ln])yu", "${1}u")


def _joined(words: pl.Series) -> pl.Series:
    return words if words.null_count() == words.len() else words.str.replace_all(r"[^a-z]", "")


def _read(names: pl.Series) -> pl.Series:
    """Read Han names aloud; a surname has a reading of its own (单 is shan, 仇 is qiu)."""
    special = pl.coalesce(_found(pl.col("name").str.slice(0, 2)), _found(pl.col("name").str.slice(0, 1)))
    begun = names.alias("name").to_frame().with_row_index("place").with_columns(surname=special)
    begun = begun.drop_nulls("surname")
    rest = begun.select(pl.col("name").str.slice(pl.col("surname").str.len_chars())).to_series()
    surname = begun.get_column("surname").replace_strict(SOUNDS, return_dtype=pl.String)
    return _spelt(names).scatter(begun.get_column("place"), surname + _spelt(rest))


def _found(begin: pl.Expr) -> pl.Expr:
    return pl.when(begin.is_in(list(SOUNDS))).then(begin)


def _spelt(names: pl.Series) -> pl.Series:
    """Every character by its usual reading; those without one stay."""
    met = sorted({*str(names.str.join("").item())})
    known = {character: readings()[character] for character in met if character in readings()} | {"·": ""}
    return names.to_frame("name").select(pl.col("name").str.replace_many(known)).to_series()


def _read_few(names: pl.Series) -> pl.Series:
    """`_read` for many names of which few are different."""
    distinct = names.unique()
    known = pl.DataFrame({"name": distinct, "sound": _read(distinct)})
    return names.alias("name").to_frame().join(known, on="name", how="left", maintain_order="left").get_column("sound")


def _misread(names: pl.Series) -> pl.Series:
    """Latin names that begin with the usual reading of a character that has another one as a surname, with that one."""
    if names.null_count() == names.len():
        return names
    begin = pl.col("name").str.extract(f"^({'|'.join(MISREAD)})", 1)
    right = begin.replace_strict(MISREAD, default=None, return_dtype=pl.String)
    frame = names.alias("name").to_frame()
    return frame.select(right + pl.col("name").str.slice(begin.str.len_chars())).to_series()


@cache
def written() -> dict[str, str]:
    """Reading without its tone → the characters of which it is the commonest."""
    lines = Path(__file__).with_name("pinyin.txt").read_text(encoding="utf-8").splitlines()
    return {reading: characters for reading, _, characters in (line.partition(" ") for line in lines)}


@cache
def readings() -> dict[str, str]:
    """Character → its commonest reading, without its tone."""
    return {character: reading for reading, characters in written().items() for character in characters}
