from __future__ import annotations

from typing import Any

import pytest

from canaries.errors import CanaryFault
from canaries.policy import DEFAULT, Rule, parse


def lines(name: str) -> tuple[tuple[str, ...], str]:
    return {"sims": ("+86 139-0000-0001", "13900000002", ""), "bad": ("12345",), "none": ()}[name], f"{name} sha256:0"


def test_what_is_not_said_is_the_default() -> None:
    """Without a word phones are masked and IDs left out."""
    assert parse({}, lines) == DEFAULT
    assert (DEFAULT["phone"].rule, DEFAULT["national_id"].rule) == (Rule.MASKED, Rule.OMIT)


def test_numbers_are_read_in_any_writing() -> None:
    """Numbers lose prefixes, blanks and dashes, and keep the proof."""
    told = parse({"phone": {"policy": "owned", "numbers": "sims"}}, lines)["phone"]
    assert told.numbers == ("13900000001", "13900000002")
    assert told.proof == "sims sha256:0"


@pytest.mark.parametrize(
    "told",
    [
        {"phone": {"policy": "owned"}},
        {"phone": {"policy": "verified_absent"}},
        {"phone": {"policy": "owned", "numbers": "bad"}},
        {"phone": {"policy": "owned", "numbers": "none"}},
        {"phone": {"policy": "masked", "colour": "red"}},
        {"shoe": {"policy": "masked"}},
        {"national_id": {"policy": "owned", "numbers": "sims"}},
        {"phone": "masked"},
    ],
)
def test_whatever_is_unsafe_is_refused(told: dict[str, Any]) -> None:
    """A rule without its proof, numbers that are none, unknown kinds and keys are refused with a hint."""
    with pytest.raises(CanaryFault) as refused:
        parse(told, lines)
    assert refused.value.hint
    assert "12345" not in refused.value.message
