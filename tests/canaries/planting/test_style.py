from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from canaries.planting.style import like


@pytest.mark.parametrize(
    ("cell", "pattern", "role", "written"),
    [
        ("139****5678", "138****1234", "masked_phone", "139****5678"),
        ("139****5678", "138xxxx1234", "masked_phone", "139xxxx5678"),
        ("13900005678", "138****1234", "masked_phone", "139****5678"),
        ("13900005678", "138*****234", "masked_phone", "139*****678"),
        ("13900005678", "+86 138-1234-5678", "phone", "+86 139-0000-5678"),
        ("13900005678", "１３８１２３４５６７８", "phone", "１３９００００５６７８"),
        ("139****5678", "13812345678", "phone", "139****5678"),
        ("13900005678", "138*1234", "masked_phone", "139*5678"),
        ("13900005678", "1234", "masked_phone", "5678"),
        ("110101********123X", "110101199001011234", "national_id", "110101********123X"),
        ("110101********1234", "110101********123X", "masked_id", "110101********1234"),
        ("张伟明", "王芳", "name", "张伟明"),
        ("张伟明", "wang fang", "name", "zhang weiming"),
        ("张伟明", "WANGFANG", "name", "ZHANGWEIMING"),
        ("张伟明", "Wang Fang", "name", "Zhang Weiming"),
        ("张伟明", "王*", "name", "张**"),
        ("张伟明", "*芳", "name", "**明"),
        ("欧阳明月", "王**", "name", "欧阳**"),
        ("2025-03-07 09:05", "2024/1/20 19:56:33", "datetime", "2025/3/07 09:05:00"),
        ("2025-03-07 09:05", "20240120", "datetime", "20250307"),
        ("2025-03-07 09:05", "2024年12月20日", "date", "2025年03月07日"),
        ("28000", "15000.00", "limit", "28000.00"),
        ("28000", "15,000", "limit", "28,000"),
        ("28000", "¥15000元", "amount", "¥28000元"),
        ("28000", "1.5万", "limit", "28000"),
        ("消费贷", "车抵贷", "product", "消费贷"),
        (None, "x", "name", None),
    ],
)
def test_a_cell_is_written_as_its_neighbours(cell: str | None, pattern: str, role: str, written: str | None) -> None:
    """Masks, separators, width, script, date order and decimals are the neighbour's; the content is the canary's."""
    assert like(cell, pattern, role) == written


@given(
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True),
    st.sampled_from(["", "-", " "]),
)
def test_no_digit_of_the_neighbour_stays(cell: str, pattern: str, sign: str) -> None:
    """In a whole number every digit is the canary's, whatever stands between them."""
    shown = like(cell, sign.join((pattern[:3], pattern[3:7], pattern[7:])), "phone") or ""
    assert re.sub(r"\D", "", shown) == cell


@given(
    st.text(max_size=20),
    st.text(max_size=20),
    st.sampled_from(["name", "phone", "national_id", "datetime", "limit", "x"]),
)
def test_any_text_gives_text(cell: str, pattern: str, role: str) -> None:
    """Whatever the cells hold, writing never fails."""
    like(cell, pattern, role)
