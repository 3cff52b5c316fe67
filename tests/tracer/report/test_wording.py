from __future__ import annotations

import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.report.dossier import Dossier
from tracer.report.translation import translated
from tracer.report.wording import chance, moment, wording


def test_the_languages_say_the_same() -> None:
    """Chinese and English have the same phrases with the same facts in them."""
    zh, en = wording("zh").phrases, wording("en").phrases
    assert zh.keys() == en.keys()
    for key in zh:
        facts = [{name for _, name, _, _ in string.Formatter().parse(one[key]) if name} for one in (zh, en)]
        assert facts[0] == facts[1], key


@given(st.floats(min_value=1e-300, max_value=1.0))
def test_a_bound_stays_a_bound(bound: float) -> None:
    """The chance that is printed is never less than the one that was found, and at most a fifth more where not tiny."""
    told = chance(bound).replace(",", "")
    if told.endswith("%"):
        printed = float(told[:-1]) / 100
    elif "/" in told:
        printed = 1 / float(told.rpartition("/")[2])
    else:
        printed = 1.0
    assert printed >= bound * (1 - 1e-6)
    assert told.startswith("<") or printed <= max(bound * 1.5, 0.0201)


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("2025-11-20T08:00:00.123+00:00", "2025-11-20 08:00:00 UTC"),
        ("2025-11-20T08:00:00Z", "2025-11-20 08:00:00 UTC"),
        ("2025-11-20T16:00:00+08:00", "2025-11-20 16:00:00 +08:00"),
        ("2025-11-20T16:00:00", "2025-11-20 16:00:00"),
        ("2025-11-20", "2025-11-20"),
    ],
)
def test_a_time_keeps_its_zone(time: str, told: str) -> None:
    """Times are printed to the second with the zone that they have."""
    assert moment(time) == told


def test_what_is_known_is_put_into_chinese(case: Dossier) -> None:
    """The reasons of columns and the warnings of a trace are Chinese in the Chinese report."""
    for trace in case.traces:
        told = [column["why"] for column in trace.document["dump"]["columns"]] + trace.document["warnings"]
        assert told
        for one in told:
            assert re.search("[一-鿿]", translated(one, "zh")), one
            assert translated(one, "en") == one


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("subset + pad", "截取 + 掺入"),
        ("made by merge", "由合并制成"),
        ("not valid UTF-8", "不是有效的UTF-8编码"),
        ("a sentence that nobody knows", "a sentence that nobody knows"),
    ],
)
def test_sentences_are_translated(english: str, chinese: str) -> None:
    """A known sentence is put into Chinese with its facts; an unknown one stays."""
    assert translated(english, "zh") == chinese
