"""Text without its accidents."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracer.identifiers.columns import one
from tracer.identifiers import text


@pytest.mark.parametrize(
    ("written", "tidy"),
    [
        ("  a \u3000 b\u00a0", "a b"),
        ("ＡＢＣ１２３", "ABC123"),
        ("a\x00b\u200b\u202ec\ufeff", "abc"),
        ("a\tb\r\nc", "a b c"),
        ("\u200f", None),
        ("", None),
        ("𬎆", "𬎆"),
    ],
)
def test_accidents_go(written: str, tidy: str | None) -> None:
    """Width, unseen characters and superfluous spaces go; words and rare characters stay."""
    assert one(text.tidy, written) == tidy


@settings(max_examples=200, deadline=None)
@given(written=st.text(max_size=40))
def test_tidy_text_is_in_nfkc_without_unseen_characters(written: str) -> None:
    """What is left is in NFKC, without controls and format characters, trimmed and single-spaced."""
    tidy = one(text.tidy, written) or "-"
    assert unicodedata.is_normalized("NFKC", tidy)
    assert not {unicodedata.category(character) for character in tidy} & {"Cc", "Cf", "Zs"} - {"Zs"}
    assert tidy == " ".join(tidy.split(" ")).strip(" ")
    assert "  " not in tidy
