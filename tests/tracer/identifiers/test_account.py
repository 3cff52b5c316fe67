"""Accounts: QQ numbers, WeChat ids, user names."""

from __future__ import annotations

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
