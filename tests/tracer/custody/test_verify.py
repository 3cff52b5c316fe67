from __future__ import annotations

import io
import random

from tests.tracer.custody.attacks import Attack
from tests.tracer.custody.forger import Forged
from tracer.custody.verify import verify


def test_every_attack_is_noticed_for_the_right_reason(attempts: list[Attack]) -> None:
    """Honest bundles are sound; every attack is noticed by the check that is there for it."""
    wrong = []
    for attack in attempts:
        found = verify(io.BytesIO(attack.data), attack.outside)
        checks = {fault.check for fault in found.faults}
        if checks != set() if attack.check == 0 else attack.check not in checks:
            wrong.append((attack.name, attack.check, checks, [fault.what for fault in found.faults]))
    assert not wrong


def test_no_bit_can_flip(good: Forged) -> None:
    """Flips at random places of a bundle are all noticed, and the verifier never stumbles."""
    whole, chance = good.packed(), random.Random(9)
    for _ in range(1_500):
        at = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[at] ^= 1 << chance.randrange(8)
        assert not verify(io.BytesIO(flipped)).sound, at


def test_a_waiting_act_is_pointed_out(good: Forged) -> None:
    """An act that nobody countersigned is a notice, not a fault."""
    found = verify(io.BytesIO(good.packed()))
    assert found.sound
    assert any("still waits" in notice.what for notice in found.notices)
