"""E-mail addresses."""

from __future__ import annotations

import pytest

from tests.tracer.identifiers.columns import one, through
from tracer.identifiers import email


def test_every_writing_of_an_address_gives_the_same() -> None:
    """Capitals, width and white space change nothing."""
    writings = [
        "zhang.san@qq.com",
        " Zhang.San@QQ.com ",
        "ｚｈａｎｇ．ｓａｎ＠ｑｑ．ｃｏｍ",
        "mailto:zhang.san@qq.com",
        "张三 <zhang.san@qq.com>;",
    ]
    assert set(through(email.normalise, writings)) == {"zhang.san@qq.com"}


@pytest.mark.parametrize(
    "written",
    ["z***@qq.com", "a..b@c.com", "a@b", "a@b@c.com", "@c.com", "a@", "a b@c.com", "a@-c.com", "a" * 65 + "@c.com"],
)
def test_what_no_mailbox_can_have_is_not_valid(written: str) -> None:
    """Hidden, incomplete, doubled and overlong addresses are not valid."""
    assert one(email.valid, written) is False


def test_the_mask_shows_one_letter_and_the_domain() -> None:
    """A masked address shows its first letter and its domain; other text shows nothing."""
    assert through(email.mask, ["zhang@qq.com", "zhang", None]) == ["z***@qq.com", "***", None]
    assert through(email.valid, ["zhang+shop@mail.example.cn", None]) == [True, None]


@pytest.mark.parametrize(
    ("written", "mailbox"),
    [
        ("Zhang.San+loans@GMail.com", "zhangsan@gmail.com"),
        ("z.s@googlemail.com", "zs@gmail.com"),
        (" zhang ＠ QQ.com", "zhang@qq.com"),
        ("zhang.san+x@qq.com", "zhang.san@qq.com"),
        ("+x@qq.com", "+x@qq.com"),
        (".@gmail.com", ".@gmail.com"),
        ("nobody", None),
    ],
)
def test_all_addresses_of_a_mailbox_are_one(written: str, mailbox: str | None) -> None:
    """Capitals, blanks, labels after a plus and Gmail's dots do not make another mailbox."""
    assert through(email.mailbox, [written, mailbox]) == [mailbox, mailbox]
