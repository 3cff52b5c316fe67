from __future__ import annotations

from dataclasses import replace

import pytest
from scipy.stats import binom

from canaries.canary import Canary
from canaries.policy import DEFAULT, Rule, Treatment
from canaries.register import Register
from canaries.table import Field, Table
from canaries.tripwires import Event, binomial_tail, trip
from tests.canaries import invented


@pytest.fixture(scope="module")
def dialled(customers: Table) -> Register:
    """60 canaries and 40 shadows with numbers of their own."""
    numbers = tuple(f"1390000{at:04d}" for at in range(200))
    policy = {**DEFAULT, "phone": Treatment(Rule.OWNED, numbers, "sims")}
    register = invented.register(customers, recipients=3, each=20, shadows=40, policy=policy)
    free = iter(sorted(set(numbers) - {str(one.cells["手机号"]) for one in register.canaries}))

    def numbered(one: Canary) -> Canary:
        return replace(one, cells={**one.cells, "手机号": next(free)})

    return register.changed([one.id for one in register.shadows], numbered)


def numbers(register: Register, holder: str) -> list[str]:
    return [str(one.cells["手机号"]) for one in register.of(holder)]


def test_calls_to_one_recipients_numbers(dialled: Register) -> None:
    """Callers of one recipient's numbers and of no shadow's name that recipient; the platform's own do not count."""
    events = [Event(to, f"1770000{at:04d}", "2026-01-02") for at, to in enumerate(numbers(dialled, "r1"))]
    told = trip(dialled, [*events, Event("13811112222", "x", "")], own=["17700000000"])
    assert (told.recipients[0].recipient, told.recipients[0].verdict, told.recipients[0].events) == (
        "r1",
        "established",
        19,
    )
    assert {one.verdict for one in told.recipients[1:]} == {"indeterminate"}


def test_mails_to_one_recipients_addresses(dialled: Register) -> None:
    """Mails to addresses that one recipient alone was given name it, whoever sent them."""
    mailed = replace(
        dialled.changed(
            [one.id for one in dialled.canaries],
            lambda one: replace(one, cells={**one.cells, "邮箱": f"{one.id}@canary.example"}),
        ),
        fields=(*dialled.fields, Field("邮箱", "email")),
    )
    events = [Event(f"{one.id}@canary.example", "spam@x.cn", "2026-01-02 10:00") for one in mailed.of("r2")]
    told = trip(mailed, [*events, Event("somebody@else.example", "spam@x.cn", "")])
    assert [(one.recipient, one.verdict, one.numbers) for one in told.recipients[:1]] == [("r2", "established", 20)]
    assert told.shadow_events == 0


def test_wrong_numbers_name_nobody(dialled: Register) -> None:
    """Calls that reach shadows as often as canaries are wrong numbers."""
    everybody = [str(one.cells["手机号"]) for one in dialled.canaries]
    told = trip(dialled, [Event(to, "17700000001", "") for to in everybody])
    assert told.shadow_events == 40
    assert not any(one.verdict == "established" for one in told.recipients)


def test_without_shadows_nobody_is_named(dialled: Register) -> None:
    """Where no shadow number is owned the rate of wrong numbers is unknown, and that is said."""
    bare = replace(dialled, canaries=dialled.live)
    told = trip(bare, [Event(to, "17700000001", "") for to in numbers(bare, "r1")])
    assert told.warnings
    assert not any(one.verdict == "established" for one in told.recipients)


@pytest.mark.parametrize(("trials", "share", "count"), [(10, 0.2, 3), (40, 0.5, 40), (5, 0.9, 0)])
def test_the_tail_is_binomial(trials: int, share: float, count: int) -> None:
    """The chance of so many events is scipy's."""
    assert binomial_tail(trials, share, count) == pytest.approx(binom.sf(count - 1, trials, share))
