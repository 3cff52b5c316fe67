from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracer.codes import expected_code
from tracer.cmac import encrypted, first_words

KEY = bytes(range(32))
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=100)

# NIST SP 800-38B, appendix D.3: the code of an empty message under a key of 256 bits, its first 64 bits.
NIST_KEY = bytes.fromhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4")
NIST_CODE = 0x028962F61B7BF89E


def codes(*texts: str | None, key: bytes = KEY) -> list[int | None]:
    return first_words(pl.Series("text", texts, dtype=pl.String), key).to_list()


def test_the_other_implementation_is_the_standards() -> None:
    """The oracle of these tests gives the first 64 bits of the standard's own example of an empty message."""
    assert expected_code("", NIST_KEY) == NIST_CODE
    assert codes("", key=NIST_KEY) == [NIST_CODE]


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 31, 32, 33, 255, 256, 257, 5_000])
def test_every_length(size: int) -> None:
    """Texts that end inside, at and behind a block, up to the longest and beyond, have the other library's codes."""
    text = ("0123456789abcdef" * (size // 16 + 1))[:size]
    assert codes(text) == [expected_code(text, KEY)]


@given(texts=st.lists(st.none() | TEXT, max_size=20), key=st.binary(min_size=32, max_size=32))
def test_any_texts_beside_each_other(texts: list[str | None], key: bytes) -> None:
    """Whatever stands beside it, a text has the code it has alone; null has none."""
    assert codes(*texts, key=key) == [None if text is None else expected_code(text, key) for text in texts]


def test_zeros_count() -> None:
    """Texts that differ in how many NUL characters end them have different codes."""
    assert len(set(codes("", "\0", "\0\0", "\0" * 15, "\0" * 16))) == 5


def test_a_block_by_itself() -> None:
    """`encrypted` is AES-256 of each block (FIPS 197, appendix C.3)."""
    key, plain = bytes(range(32)), bytes.fromhex("00112233445566778899aabbccddeeff")
    blocks = np.frombuffer(plain * 2, np.uint64).reshape(2, 2)
    assert encrypted(blocks, key).tobytes() == bytes.fromhex("8ea2b7ca516745bfeafc49904b496089") * 2


def test_nothing_gives_nothing() -> None:
    """Of no texts there are no codes, and of no blocks none."""
    assert first_words(pl.Series("text", [], dtype=pl.String), KEY).to_list() == []
    assert encrypted(np.empty((0, 2), np.uint64), KEY).shape == (0, 2)
