from __future__ import annotations

import io
import random

import pytest

from tests.tracer.custody.attacks import Attack
from tests.tracer.custody.forger import Forged
from tests.tracer.custody.second import PAGE, node, verdicts
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


@pytest.mark.skipif(node() is None, reason="there is no Node on this machine")
def test_a_second_verifier_agrees(attempts: list[Attack]) -> None:
    """The page that verifies in a browser, written apart, judges every honest and every attacked bundle alike."""
    wrong = []
    for attack, second in zip(attempts, verdicts(attempts), strict=True):
        first = {fault.check for fault in verify(io.BytesIO(attack.data), attack.outside).faults}
        if bool(first) != bool(second) or (attack.check and attack.check not in second):
            wrong.append((attack.name, first, second))
    assert not wrong


def test_the_page_asks_the_network_for_nothing() -> None:
    """The page's policy allows its own script and style, and it names no address."""
    text = PAGE.read_text("utf-8")
    assert "default-src 'none'" in text
    assert "://" not in text
