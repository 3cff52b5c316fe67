from __future__ import annotations

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.identifiers.national_id import check_character
from tracer.identifiers.visible import UNSEEN, of_birth, of_ids, of_phones

PHONES = st.integers(130_0000_0000, 199_9999_9999).map(str)
HEADS = st.sampled_from(["110101", "310115", "440304", "650102"])
BODIES = st.builds(
    lambda head, day, sequence: f"{head}{day:%Y%m%d}{sequence:03}",
    HEADS,
    st.dates(date(1940, 1, 1), date(2007, 1, 1)),
    st.integers(1, 999),
)


def number(body: str) -> str:
    """An invented ID with the right check character."""
    return body + str(pl.DataFrame({"body": [body]}).select(check_character(pl.col("body"))).item())


def phones(cell: str, *, mistyped: bool = False) -> dict[str, set[int]]:
    """Digits → what the cell shows, in all its readings."""
    told: dict[str, set[int]] = {}
    for seen in of_phones(pl.Series([cell]), mistyped=mistyped):
        told.setdefault(seen.digits, set()).add(int(seen.numbers[0]))
    return told


def ids(cell: str, *, mistyped: bool = False) -> dict[str, set[int]]:
    """As `phones`."""
    told: dict[str, set[int]] = {}
    for seen in of_ids(pl.Series([cell]), mistyped=mistyped):
        told.setdefault(seen.digits, set()).add(int(seen.numbers[0]))
    return told


def slips(text: str, letters: str = "0123456789") -> list[str]:
    """Everything one wrong, missing, doubled or swapped character away."""
    places = range(len(text))
    wrong = [text[:i] + letter + text[i + 1 :] for i in places for letter in letters if letter != text[i]]
    missing = [text[:i] + text[i + 1 :] for i in places]
    doubled = [text[: i + 1] + text[i:] for i in places]
    swapped = [text[:i] + text[i + 1] + text[i] + text[i + 2 :] for i in range(len(text) - 1)]
    return [*wrong, *missing, *doubled, *swapped]


@pytest.mark.parametrize(
    "mask",
    [
        "{0}****{1}", "{0}-XXXX-{1}", "{0}…{1}", "{0}...{1}", "{0}####{1}", "{0}{1}", "+86 {0}****{1}", "{0}●●●●{1}",
        "{0} **** {1}", "86{0}**{1}", "{0}????{1}", "{0}____{1}", "{0}***********{1}",
    ],
)  # fmt: skip
@settings(max_examples=10)
@given(whole=PHONES)
def test_masks_of_any_style_show_both_ends(mask: str, whole: str) -> None:
    """However a mask is written, the first three and last four digits are those of the number."""
    told = phones(mask.format(whole[:3], whole[-4:]))
    assert told["phone_3_4"] == phones(whole)["phone_3_4"]
    assert told["phone_last_4"] == phones(whole)["phone_last_4"]
    assert told["phone_first_7"] == told["phone_last_8"] == {UNSEEN}


@given(whole=PHONES)
def test_the_end_alone(whole: str) -> None:
    """`*******1234`, `1234` and a 34 that lost its zeros show the last four digits and no others."""
    for cell in ("*******" + whole[-4:], whole[-4:], str(int(whole[-4:]))):
        told = phones(cell)
        assert told.pop("phone_last_4") == phones(whole)["phone_last_4"]
        assert set().union(*told.values()) == {UNSEEN}


def test_eleven_digits_have_no_country_code() -> None:
    """A number whose first digit became an 8 is not read as one of nine digits behind 86."""
    assert phones("86100000000", mistyped=True)["phone_last_8"] == phones("16100000000")["phone_last_8"]


@given(whole=PHONES, data=st.data())
def test_a_slip_leaves_one_part_of_a_phone(whole: str, data: st.DataObject) -> None:
    """Whichever digit is wrong, missing, doubled or swapped, one of the three parts is as it was."""
    cell = data.draw(st.sampled_from(slips(whole)))
    right, told = phones(whole), phones(cell, mistyped=True)
    assert any(right[part] <= told[part] for part in ("phone_3_4", "phone_first_7", "phone_last_8"))


@given(body=BODIES, data=st.data())
def test_a_slip_leaves_one_part_of_an_id(body: str, data: st.DataObject) -> None:
    """Whichever character of an ID is mistyped, its first fourteen, six and four, or last four are as they were."""
    whole = number(body)
    told, right = ids(data.draw(st.sampled_from(slips(whole))), mistyped=True), ids(whole)
    assert any(right[part] <= told[part] for part in right)


@given(body=BODIES)
def test_masked_and_rounded_ids(body: str) -> None:
    """Masks show ends; Excel leaves fifteen digits, and an old number has no century: region and birth date remain."""
    whole = number(body)
    right = ids(whole)
    for cell in (whole[:6] + "********" + whole[-4:], whole[:6] + "…" + whole[-4:].lower(), whole[:6] + whole[-4:]):
        if len(cell) > 10:
            assert ids(cell)["id_6_4"] == right["id_6_4"]
        assert ids("*" * 14 + whole[-4:])["id_last_4"] == right["id_last_4"]
    for cell in (whole[:15] + "000", whole[:14] + "****", f"{whole[0]}.{whole[1:15]}E+17"):
        assert ids(cell)["id_first_14"] == right["id_first_14"]
    if whole[6:8] == "19":
        assert ids(whole[:6] + whole[8:17])["id_first_14"] == right["id_first_14"]


def test_region_and_birth_date_apart() -> None:
    """Two columns show what the first fourteen digits of an ID do."""
    seen = of_birth(pl.Series(["440304", "440304.0", "深圳市", None]), pl.Series([date(1988, 5, 12)] * 3 + [None]))
    assert seen.numbers.tolist() == [44030419880512, 44030419880512, UNSEEN, UNSEEN]


def test_excel_rounds_a_phone() -> None:
    """1.3800138E+10 leaves seven digits that are certain; 1.38E+10 leaves nothing."""
    assert phones("1.3800138E+10")["phone_first_7"] == {1380013}
    assert set().union(*phones("1.38E+10").values()) == {UNSEEN}
    assert phones("1.3800138000E+10") == phones("13800138000")


@given(cells=st.lists(st.none() | st.text(alphabet="0123456789*Xx-….E+ abc张", max_size=22), max_size=10))
def test_any_cell_shows_something_or_nothing(cells: list[str | None]) -> None:
    """Whatever stands in a cell, every part is a number that is not negative, or unseen."""
    column = pl.Series(cells, dtype=pl.String)
    for seen in (*of_phones(column, mistyped=True), *of_ids(column, mistyped=True)):
        assert seen.numbers.size == len(cells)
        assert (seen.numbers >= UNSEEN).all()
