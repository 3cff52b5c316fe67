"""Bank card numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracer.identifiers.columns import one, through
from tracer.identifiers import bank_card


def with_check(digits: str) -> str:
    """The digits with their Luhn check digit, reckoned one by one."""
    doubled = [int(d) * 2 if place % 2 == 0 else int(d) for place, d in enumerate(reversed(digits))]
    return digits + str(-sum(d - 9 if d > 9 else d for d in doubled) % 10)


cards = st.from_regex(r"\A(?:62[0-9]{13,16}|[3-5][0-9]{11,17})\Z").map(with_check)


@settings(max_examples=60, deadline=None)
@given(card=cards)
def test_every_writing_of_a_card_gives_the_same(card: str) -> None:
    """Groups of four, hyphens and full width change nothing, and the card is valid."""
    groups = [card[start : start + 4] for start in range(0, len(card), 4)]
    wide = card.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    writings = [card, " ".join(groups), "-".join(groups), wide, f"'{card}"]
    assert set(through(bank_card.normalise, writings)) == {card}
    assert set(through(bank_card.valid, writings)) == {True}


@settings(max_examples=40, deadline=None)
@given(card=cards)
def test_every_slip_in_one_digit_is_seen(card: str) -> None:
    """The Luhn formula detects each change of a single digit."""
    slips = [
        card[:place] + other + card[place + 1 :]
        for place, own in enumerate(card)
        for other in "0123456789"
        if other != own
    ]
    assert not any(through(bank_card.valid, slips))


@pytest.mark.parametrize("written", ["62220212345678", "123456789012", "12345678901234567890", "13812345678", "abc"])
def test_other_lengths_are_no_cards(written: str) -> None:
    """Fewer than 13 or more than 19 digits, or fewer than 16 after 62, are no card."""
    assert one(bank_card.normalise, written) is None


def test_the_mask_shows_four_and_four() -> None:
    """A masked card shows its first and last four digits."""
    assert one(bank_card.mask, "6222021234567894") == "6222********7894"
