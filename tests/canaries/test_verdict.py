from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from canaries.allotment import wind
from canaries.canary import Canary, Planting
from canaries.dating import window
from canaries.register import Register
from canaries.sightings import Sighting, Sightings
from canaries.table import Table
from canaries.values import canonical
from canaries.verdict import Verdict, conclude
from tests.canaries import invented

TODAY = date(2026, 3, 4)


def sightings(canaries: Sequence[Canary], shadows: Sequence[Canary] = (), weight: float = 50.0) -> Sightings:
    def seen(some: Sequence[Canary]) -> tuple[Sighting, ...]:
        return tuple(Sighting(one.id, at, "name+masked_phone", weight) for at, one in enumerate(some))

    return Sightings(
        seen(canaries), seen(shadows), (*seen(canaries), *seen(shadows)), 25.0, 10_000, fuzzy=True, ambiguous=0
    )


def verdicts(told: Verdict) -> dict[str, str]:
    return {one.recipient: one.verdict for one in told.holders}


def test_one_recipient_is_named(register: Register) -> None:
    """All canaries of one recipient establish it and exclude the others; so many are no accident."""
    told = conclude(register, sightings(register.of("r2")), TODAY)
    assert verdicts(told) == {"r2": "established", **dict.fromkeys(("r0", "r1", "r3", "r4"), "excluded")}
    assert told.holders[0].false_accusation < 1e-20


def test_a_mixture_names_both(register: Register) -> None:
    """Two exports mixed name both recipients, and as a coalition."""
    told = conclude(register, sightings([*register.of("r1")[:9], *register.of("r3")[:9]]), TODAY)
    assert told.collusion == ("r1", "r3")


def test_one_canary_is_no_proof(register: Register) -> None:
    """A single sighting, however heavy, might be one row of a leaked register: consistent, not established."""
    assert verdicts(conclude(register, sightings(register.of("r2")[:1]), TODAY))["r2"] == "consistent"


def test_nothing_seen_is_nothing_said(register: Register) -> None:
    """A dump without canaries leaves everybody indeterminate."""
    assert set(verdicts(conclude(register, sightings(()), TODAY)).values()) == {"indeterminate"}


def test_a_leaked_register_names_nobody(register: Register) -> None:
    """Canaries of everybody and shadows among them in proportion: nobody is established, and the reader is warned."""
    rng = np.random.default_rng(2)
    for _ in range(20):
        some = [register.canaries[at] for at in rng.choice(len(register.canaries), 40, replace=False)]
        shadows = [one for one in some if not one.holders]
        told = conclude(register, sightings([one for one in some if one.holders], shadows), TODAY)
        assert "established" not in verdicts(told).values()
        assert any("shadow" in line for line in told.warnings)
        assert told.hypotheses["register"] > 1e-3


def test_the_platforms_own_leak(register: Register) -> None:
    """The platform's canaries without any recipient's name the platform, not a recipient."""
    told = verdicts(conclude(register, sightings(register.of("platform")), TODAY))
    assert told["platform"] == "established"
    assert {told[name] for name in register.recipients} == {"excluded"}


def test_an_export_holds_the_platforms_canaries_too(register: Register) -> None:
    """Where a recipient is established, the platform's canaries prove nothing more."""
    told = verdicts(conclude(register, sightings([*register.of("platform"), *register.of("r0")]), TODAY))
    assert (told["platform"], told["r0"]) == ("consistent", "established")


def test_light_sightings_name_nobody(register: Register) -> None:
    """Sightings hardly above the threshold of a large dump are no proof against accidents."""
    found = replace(sightings(register.of("r2")[:2], weight=25.0), records=10**6)
    assert verdicts(conclude(register, found, TODAY))["r2"] != "established"


def test_coded_canaries_catch_an_intersection(customers: Table) -> None:
    """Three recipients who keep only what all of them got are caught by the code alone."""
    register = invented.register(customers, recipients=12, each=2, shadows=50, coded=700)
    coalition = {"r0", "r1", "r2"}
    coded = [one for one in register.canaries if one.bias is not None]
    told = verdicts(conclude(register, sightings([one for one in coded if coalition <= set(one.holders)]), TODAY))
    named = {name for name, verdict in told.items() if verdict == "established"}
    assert named
    assert named <= coalition


@pytest.fixture(scope="module")
def clocks(register: Register) -> Register:
    """Half of the canaries are clocks since the start of 2026, planted on the second day."""
    limits = [str(500 * step) for step in range(2, 160)]
    rng = np.random.default_rng(1)
    wound = wind(register, 0.5, {"额度": limits}, date(2026, 1, 1), rng)
    planting = Planting("x", date(2026, 1, 2), "r0")
    return wound.changed([one.id for one in wound.live], lambda one: replace(one, planted=(planting,)))


def told(one: Canary, day: date) -> Sighting:
    return Sighting(one.id, 0, "", 50.0, {"额度": canonical(str(one.at(day)["额度"]))})


def test_one_clock_dates_to_a_week(clocks: Register) -> None:
    """One clock canary alone gives the seven days of the leak."""
    clock = next(one for one in clocks.live if one.clock)
    for day in (date(2026, 1, 20), date(2026, 2, 17), date(2026, 3, 1)):
        after, before = window([told(clock, day)], [clock], TODAY)
        assert after is not None
        assert before is not None
        assert after <= day < before
        assert (before - after).days <= 7


def test_tampering_does_not_move_five_clocks(clocks: Register) -> None:
    """Of five clocks one in five may be tampered with, and the true week is still in the window."""
    chosen = [one for one in clocks.live if one.clock][:5]
    day = date(2026, 2, 10)
    told_all = [told(one, day if at else date(2026, 1, 10)) for at, one in enumerate(chosen)]
    after, before = window(told_all, chosen, TODAY)
    assert after is not None
    assert before is not None
    assert after <= day < before


def test_a_dump_is_younger_than_its_canaries(register: Register) -> None:
    """Without clocks the latest first planting among the sightings is the earliest day."""
    one, other = register.of("r0")[:2]
    planted = [
        replace(one, planted=(Planting("x", date(2026, 1, 2), "r0"),)),
        replace(other, planted=(Planting("x", date(2026, 2, 2), "r0"), Planting("y", date(2026, 3, 2), "r0"))),
    ]
    seen = [Sighting(each.id, 0, "", 50.0) for each in planted]
    assert window(seen, planted, TODAY) == (date(2026, 2, 2), None)
