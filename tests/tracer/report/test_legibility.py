from __future__ import annotations

import unicodedata
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.tracer.report.made import BARE
from tracer.report.dossier import Dossier, Exhibit
from tracer.report.legibility import legible, visible

DIGEST = "13800001111" + "0" * 53


def test_numbers_of_people_are_masked() -> None:
    """Phones, identity numbers and mail addresses are masked wherever they stand; digests stay."""
    exhibit = Exhibit(
        "E1", "13800001111 的名单 110101199003070937.csv", "dump", 13900002222, DIGEST, holder="li.lei@example.com"
    )
    shown = legible(replace(BARE, exhibits=(exhibit,))).exhibits[0]
    assert shown.name == "138****1111 的名单 110101********0937.csv"
    assert shown.holder == "l***@example.com"
    assert shown.sha256 == DIGEST
    assert shown.bytes == exhibit.bytes


def test_masking_twice_changes_nothing(case: Dossier) -> None:
    """What is masked and visible stays as it is, chain and findings included."""
    once = legible(case)
    assert legible(once).to_dict() == once.to_dict()


@given(st.text())
def test_nothing_invisible_is_left(text: str) -> None:
    """After `visible` every character can be seen, or is a space; line ends stay only where there may be lines."""
    seen = visible(text)
    assert all(char.isprintable() or unicodedata.category(char) == "Zs" for char in seen)
    assert visible(text, lines=True).count("\n") == text.count("\n")


def test_an_override_is_shown() -> None:
    """A file name that is turned around by a control character shows the character."""
    assert visible("a\u202egpj.exe") == "a\\u202egpj.exe"
