"""Accounts: QQ numbers, WeChat ids, user names."""

from __future__ import annotations

import random
from collections.abc import Callable

import polars as pl
import pytest

from tests.tracer.identifiers.columns import one, through
from tracer.identifiers import account


def test_every_writing_of_an_account_gives_the_same() -> None:
    """Capitals, width and white space change nothing."""
    assert set(through(account.normalise, ["wx_abc1", " WX_abc1", "ｗｘ＿ａｂｃ１", "wx_abc1\u200b"])) == {"wx_abc1"}


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        *(("10001", True), ("9999", False), ("0123456", False), ("123456789012", False)),
        *(
            ("wxid_ab12", True),
            ("u41a064d3ec", True),
            ("a b", False),
            ("张三", False),
            ("ab", False),
            ("a" * 33, False),
        ),
    ],
)
def test_the_shape_decides(written: str, *, fits: bool) -> None:
    """QQ numbers have 5 to 11 digits without a leading zero; user names hold a letter and have 3 to 32 characters."""
    assert one(account.valid, written) is fits


def test_the_mask_shows_two_characters() -> None:
    """A masked account shows two characters, and none of a very short one."""
    assert through(account.mask, ["u41a064", "abcd", None]) == ["u4***", "***", None]


_HEX = "0123456789abcdef"
_ISSUED: dict[str, Callable[[random.Random], str]] = {
    "numbered": lambda draw: f"user_{draw.randint(1, 10**6)}",
    "hexadecimal without leading zeros": lambda draw: f"u{draw.getrandbits(40):x}",
    "of one length": lambda draw: f"cu{draw.randint(1, 10**6):08d}",
}
_BROUGHT: dict[str, Callable[[random.Random], str]] = {
    "QQ numbers": lambda draw: str(draw.randint(10**5, 10**10)),
    "WeChat's ids": lambda draw: "wxid_" + "".join(draw.choices(_HEX, k=14)),
    "phone numbers with a letter": lambda draw: f"u1{draw.randint(3 * 10**9, 10**10 - 1)}",
    "digests of phone numbers": lambda draw: f"{draw.getrandbits(128):032x}",
    "halves of such digests": lambda draw: f"{draw.getrandbits(64):016x}",
    "words": lambda draw: "".join(draw.choices("aeioulmnst", k=draw.randint(4, 10))),
    "words and years": lambda draw: (
        "".join(draw.choices("aeioulmnst", k=draw.randint(4, 8))) + str(draw.randint(60, 99))
    ),
}


@pytest.mark.parametrize("form", _ISSUED)
@pytest.mark.parametrize("many", [8, 500])
def test_names_of_one_form_are_issued(form: str, many: int) -> None:
    """What a service gives out is of one form, also where its numbers are not of one length."""
    draw = random.Random(many)
    assert account.issued(pl.Series([_ISSUED[form](draw) for _ in range(many)]))


@pytest.mark.parametrize("form", _BROUGHT)
@pytest.mark.parametrize("many", [8, 500])
def test_names_that_people_bring_along_are_not(form: str, many: int) -> None:
    """What people choose is of no one form, and what is made of a phone number is known elsewhere."""
    draw = random.Random(many)
    assert not account.issued(pl.Series([_BROUGHT[form](draw) for _ in range(many)]))


def test_few_names_have_no_form() -> None:
    """A handful of names may be alike by chance, and equal ones are one."""
    assert not account.issued(pl.Series(["u1234567", "u7654321", None]))
    assert not account.issued(pl.Series(["u1234567"] * 100))
