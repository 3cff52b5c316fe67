from __future__ import annotations

import base64
import hashlib
import hmac
import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import given
from hypothesis import strategies as st

from tests.tracer.codes import expected_code
from tracer.errors import KeyFault
from tracer.identifiers.kinds import KINDS
from tracer.tokens import TokenKey, by_token, claim_digest, claim_tokens, create_key, identifier_token, load_key

KEY = TokenKey(bytes(range(32)))
TEXTS = ["13800001234", "张三|138****1234", "", "ＡＢＣ", "x" * 1000]


def hkdf(secret: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 of 32 bytes without salt, written from RFC 5869 section 2: extract, then one round of expand."""
    extracted = hmac.new(bytes(32), secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def expected(text: str, purpose: str, secret: bytes = KEY.secret) -> int:
    return expected_code(text, hkdf(secret, f"luobo/1/{purpose}".encode()))


def tokens(*texts: str | None, kind: str = "phone", key: TokenKey = KEY) -> list[int | None]:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(identifier_token(pl.col("text"), key, kind)).to_series().to_list()


def digests(*texts: str | None) -> pl.Series:
    frame = pl.DataFrame({"text": texts}, schema={"text": pl.String})
    return frame.select(claim_digest(pl.col("text"), KEY)).to_series()


def claims(*texts: str | None, platform: str) -> list[int]:
    made: list[int] = claim_tokens(digests(*texts).to_numpy(), KEY, platform).tolist()
    return made


# --- tokens ----------------------------------------------------------------------------------------------------------


def test_the_hkdf_of_this_test_is_the_standards() -> None:
    """The independent HKDF gives the first block of test case 3 of RFC 5869 (no salt, no info)."""
    block = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
    assert hkdf(b"\x0b" * 22, b"").hex() == block


def test_a_token_never_changes() -> None:
    """One phone number under one key is this number for ever: vaults of today must open in ten years."""
    assert tokens("13800001234") == [13255066450083101897]
    assert KEY.fingerprint == "e250a9a7d9cc52b3"


@pytest.mark.parametrize("kind", KINDS)
def test_tokens_are_codes_under_the_derived_key(kind: str) -> None:
    """Every token is the first 64 bits of another library's AES-256-CMAC under Python's own HKDF key."""
    assert tokens(*TEXTS, kind=kind) == [expected(text, f"identifier/{kind}") for text in TEXTS]


def test_a_claims_digest_is_a_code() -> None:
    """A value's digest is the first 64 bits of another library's AES-256-CMAC; null stays null."""
    assert digests(None, *TEXTS).to_list() == [None, *(expected(text, "claim") for text in TEXTS)]


def test_a_claims_token_is_one_block_of_aes() -> None:
    """A claim's token is the head of AES-256 of its digest, filled up with zeros, under the platform's key."""
    cipher = Cipher(algorithms.AES(hkdf(KEY.secret, "luobo/1/platform/花呗贷".encode())), modes.ECB())  # noqa: S305
    blocks = [expected(text, "claim").to_bytes(8, "little") + bytes(8) for text in TEXTS]
    wanted = [int.from_bytes(cipher.encryptor().update(block)[:4], "little") for block in blocks]
    assert claims(*TEXTS, platform="花呗贷") == wanted


def test_two_platforms_equal_values_do_not_show() -> None:
    """The same values have nothing in common at two platforms, and within one platform equal values stay equal."""
    one, other = claims(*TEXTS, *TEXTS, platform="one"), claims(*TEXTS, *TEXTS, platform="other")
    assert not set(one) & set(other)
    assert one[: len(TEXTS)] == one[len(TEXTS) :]
    assert len(set(one)) == len(TEXTS)


@given(secret=st.binary(min_size=32, max_size=32), text=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_key_and_any_text(secret: bytes, text: str) -> None:
    """For any secret and any Unicode text the token is the other library's."""
    assert tokens(text, key=TokenKey(secret)) == [expected(text, "identifier/phone", secret)]


def test_kinds_are_unrelated() -> None:
    """The same text as two kinds of identifier gives unrelated tokens, also as a platform's claim."""
    made = [tokens("13800001234", kind=kind)[0] for kind in KINDS]
    made += [claims("13800001234", platform=kind)[0] for kind in KINDS]
    assert len(set(made)) == 2 * len(KINDS)


def test_null_stays_null() -> None:
    """What is not there has no token; what is empty has one like any other text."""
    assert tokens(None, "1", None) == [None, expected("1", "identifier/phone"), None]


def test_a_token_is_64_bits() -> None:
    """Tokens are UInt64, and a thousand of them fill the whole range evenly enough."""
    frame = pl.DataFrame({"text": [str(number) for number in range(1000)]})
    made = frame.select(token=identifier_token(pl.col("text"), KEY, "phone"))["token"]
    assert made.dtype == pl.UInt64
    assert made.n_unique() == 1000
    assert 400 < (made > 2**63).sum() < 600


def test_the_secret_is_not_shown() -> None:
    """Neither repr nor str of a key holds its secret."""
    key = TokenKey(b"0123456789abcdefghijklmnopqrstuv")
    assert "012345" not in repr(key) + str(key)
    assert key.secret.hex() not in repr(key)


def test_the_fingerprint_is_another_keys_hmac() -> None:
    """The public name of a key is an HMAC of a constant under a key that makes no token."""
    key = hkdf(KEY.secret, b"luobo/1/fingerprint")
    assert KEY.fingerprint == hmac.new(key, b"luobo", hashlib.sha256).hexdigest()[:16]


# --- the key file ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=[None, "rübe 萝卜 🥕"], ids=["plain", "locked"])
def made(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, TokenKey, str | None]:
    """A key file, its key and its passphrase."""
    path = tmp_path_factory.mktemp("keys") / "vault.key"
    return path, create_key(path, request.param), request.param


def test_a_key_file_round_trip(made: tuple[Path, TokenKey, str | None]) -> None:
    """What was written is read: the same secret, with and without passphrase."""
    path, key, passphrase = made
    assert load_key(path, passphrase) == key
    assert len(key.secret) == 32


def test_only_the_owner_may_read(made: tuple[Path, TokenKey, str | None]) -> None:
    """A key file has mode 0600."""
    assert made[0].stat().st_mode & 0o777 == 0o600


def test_a_locked_file_holds_no_secret(made: tuple[Path, TokenKey, str | None]) -> None:
    """With a passphrase neither the secret nor the passphrase stands in the file."""
    path, key, passphrase = made
    text = path.read_text("utf-8")
    assert (base64.b64encode(key.secret).decode() in text) == (passphrase is None)
    assert passphrase is None or passphrase not in text


def test_a_passphrase_too_many_is_no_harm(made: tuple[Path, TokenKey, str | None]) -> None:
    """A file without passphrase opens whatever passphrase is set; a locked one only with its own."""
    path, key, passphrase = made
    if passphrase is None:
        assert load_key(path, "something") == key
    else:
        with pytest.raises(KeyFault, match="passphrase does not open") as caught:
            load_key(path, "something")
        assert caught.value.hint
        assert not caught.value.locked


def test_a_locked_file_says_that_it_is_locked(tmp_path: Path) -> None:
    """Without the passphrase the fault says that a passphrase is all that lacks, and how to give it."""
    path = tmp_path / "a.key"
    create_key(path, "secret words")
    with pytest.raises(KeyFault, match="is locked") as caught:
        load_key(path)
    assert caught.value.locked
    assert "LUOBO_PASSPHRASE" in caught.value.hint


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """Where a key file is already, none is made and the old one stays as it was."""
    path = tmp_path / "a.key"
    key = create_key(path)
    with pytest.raises(KeyFault, match="there already") as caught:
        create_key(path)
    assert caught.value.hint
    assert load_key(path) == key


def test_two_keys_are_different(tmp_path: Path) -> None:
    """Every key file has a secret of its own."""
    assert create_key(tmp_path / "a.key") != create_key(tmp_path / "b.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o620])
def test_a_key_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """A key file that group or others can get at is not used, and the hint closes it."""
    path = tmp_path / "a.key"
    create_key(path)
    path.chmod(mode)
    with pytest.raises(KeyFault, match="others can read") as caught:
        load_key(path)
    assert caught.value.hint == f"chmod 600 {path}"


def test_a_lost_key(tmp_path: Path) -> None:
    """A key file that is not there is named, and that it cannot be had again."""
    with pytest.raises(KeyFault, match="no such key file") as caught:
        load_key(tmp_path / "a.key")
    assert "cannot be had again" in caught.value.hint


def test_a_key_nowhere_to_be_written(tmp_path: Path) -> None:
    """A folder that does not exist, or that is a file, is the user's to correct."""
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "none" / "a.key", tmp_path / "file" / "a.key"):
        with pytest.raises(KeyFault) as caught:
            create_key(path)
        assert caught.value.hint


def closed(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    path.chmod(0o600)
    return path


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe",
        b"{",
        b"[]",
        b"null",
        b'"luobo.key/1"',
        b'{"schema": "luobo.key/2"}',
        b'{"schema": "luobo.key/1"}',
    ]
    + [
        b'{"schema": "luobo.key/1", "secret": %s}' % value
        for value in (b"1", b"null", b'"AAAA"', b'"%%"', b'"\\u8404"')
    ]
    + [b"[" * 100_000, b"\x00" * 4096],
    ids=lambda content: content[:40].decode("latin-1"),
)
def test_what_is_no_key_file(tmp_path: Path, content: bytes) -> None:
    """Anything else in the place of a key file is named as no undamaged key file."""
    path = closed(tmp_path / "a.key", content)
    for passphrase in (None, "words"):
        with pytest.raises(KeyFault) as caught:
            load_key(path, passphrase)
        assert caught.value.hint


def test_a_directory_is_no_key_file(tmp_path: Path) -> None:
    """A folder in the place of a key file is a fault of the key."""
    tmp_path.chmod(0o700)
    with pytest.raises(KeyFault):
        load_key(tmp_path)


def test_a_cut_key_file(made: tuple[Path, TokenKey, str | None], tmp_path: Path) -> None:
    """A key file cut short anywhere is refused (all lengths that are not only white space shorter)."""
    path, _, _ = made
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        with pytest.raises(KeyFault):
            load_key(closed(tmp_path / "cut.key", whole[:length]), "words")


def test_a_flipped_secret(made: tuple[Path, TokenKey, str | None], tmp_path: Path) -> None:
    """One changed character in any part that holds the secret is found."""
    path, _, passphrase = made
    body = json.loads(path.read_text("utf-8"))
    for part in set(body) - {"created"}:
        changed = ("B" if body[part][0] == "A" else "A") + body[part][1:]
        with pytest.raises(KeyFault):
            load_key(closed(tmp_path / "bad.key", json.dumps(body | {part: changed}).encode()), passphrase)


def test_another_keys_secret_under_this_name(tmp_path: Path) -> None:
    """A key file whose secret was exchanged for another key's does not pass for the old one."""
    create_key(tmp_path / "a.key")
    create_key(tmp_path / "b.key")
    one, other = (json.loads((tmp_path / name).read_text("utf-8")) for name in ("a.key", "b.key"))
    with pytest.raises(KeyFault):
        load_key(closed(tmp_path / "c.key", json.dumps(one | {"secret": other["secret"]}).encode()))


def test_a_copied_key_file_is_the_key(made: tuple[Path, TokenKey, str | None], tmp_path: Path) -> None:
    """A backup of the key file is the key."""
    path, key, passphrase = made
    copy = tmp_path / "backup"
    shutil.copy2(path, copy)
    assert load_key(copy, passphrase) == key


def test_a_passphrase_of_no_encoding(tmp_path: Path) -> None:
    """A passphrase whose bytes are no UTF-8 (an old terminal's) locks and opens like any other."""
    words = b"\xd6\xd0\xce\xc4".decode("utf-8", "surrogateescape")
    key = create_key(tmp_path / "a.key", words)
    assert load_key(tmp_path / "a.key", words) == key


@given(
    high=st.lists(st.integers(0, 5), max_size=60),
    low=st.lists(st.integers(0, 3), min_size=60, max_size=60),
)
def test_tokens_that_share_their_first_bits_are_put_in_order(high: list[int], low: list[int]) -> None:
    """Frames are ordered by token, and what has equal tokens keeps its order, however alike the tokens are."""
    token = [(one << 40) + two for one, two in zip(high, low, strict=False)]
    frame = pl.DataFrame({"token": token, "row": range(len(token))}, schema={"token": pl.UInt64, "row": pl.UInt32})
    assert by_token(frame).equals(frame.sort("token", maintain_order=True))
