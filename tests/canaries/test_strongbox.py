from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canaries.errors import CanaryFault, Locked
from canaries.register import Register, decode, encode
from canaries.strongbox import Opener, lock, unlock

WORDS, KEY = Opener(passphrase="萝卜"), Opener(secret=b"k" * 32)


@given(st.binary(max_size=400))
@settings(max_examples=10)
def test_what_is_locked_can_be_opened(content: bytes) -> None:
    """Content comes back, by passphrase and by key."""
    for opener in (WORDS, KEY):
        assert unlock(lock(content, opener), opener) == content


@pytest.mark.parametrize("opener", [Opener(), Opener(passphrase="rübe"), KEY])
def test_nothing_else_opens_it(opener: Opener) -> None:
    """Without the passphrase, with another one or with a key it stays shut."""
    with pytest.raises(Locked):
        unlock(lock(b"secret", WORDS), opener)


def test_every_flipped_bit_is_found() -> None:
    """Damage anywhere is an error, never other content."""
    data = lock(b"secret", KEY)
    for place in range(len(data)):
        damaged = bytearray(data)
        damaged[place] ^= 1
        with pytest.raises(CanaryFault):
            unlock(bytes(damaged), KEY)


def test_a_register_survives_its_file(register: Register) -> None:
    """A register read back is the one that was written, and nothing of it shows in the file."""
    data = encode(register, KEY)
    assert decode(data, KEY) == register
    assert not any(str(one.cells["姓名"]).encode() in data for one in register.canaries)


def test_something_else_is_no_register() -> None:
    """Any other file is refused with a hint."""
    with pytest.raises(CanaryFault, match="not a canary register") as refused:
        decode(b"name,phone\n", KEY)
    assert refused.value.hint


def test_repr_tells_no_secret(register: Register) -> None:
    """Secrets do not show where a value is printed."""
    assert "萝卜" not in repr(WORDS)
    assert "secret" not in repr(register)[:80]
