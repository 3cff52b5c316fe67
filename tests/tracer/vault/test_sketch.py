from __future__ import annotations

import json
import zipfile
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from tests.tracer.contents import folder_of
from tests.tracer.linkage.registered import vault_of
from tracer.cli.main import luobo
from tracer.errors import KeyFault, UnreadableInput, VaultFault
from tracer.ordered import below
from tracer.tokens import TokenKey
from tracer.vault.sketch import (
    SAMPLE,
    KindSketch,
    Sketch,
    Tokens,
    containment,
    read_sketch,
    sketch_of,
    write_sketch,
)
from tracer.vault.vault import Vault

KEY = TokenKey(bytes(32))


def tokens(rng: np.random.Generator, count: int) -> Tokens:
    return np.unique(rng.integers(0, 2**64, count, dtype=np.uint64))


def drawn(seed: int) -> Sketch:
    rng = np.random.default_rng(seed)
    kinds = {"phone": KindSketch.of(tokens(rng, 10_000)), "national_id": KindSketch.of(tokens(rng, 9))}
    return Sketch("花贷", date(2025, 5, 1), kinds)


@pytest.mark.parametrize(("size", "share"), [(50, 0.5), (2_000, 0.02), (2_000, 0.9), (10_000, 0.3), (400, 0.0)])
def test_intervals_hold_the_containment(size: int, share: float) -> None:
    """Over 60 seeds, 95 % intervals of a dump's containment hold the truth as often as they say."""
    held = 0
    for seed in range(60):
        rng = np.random.default_rng([seed, size])
        platform = tokens(rng, 20_000)
        own = rng.choice(platform, round(size * share), replace=False)
        found = containment(np.concatenate([own, tokens(rng, size - own.size)]), KindSketch.of(platform))
        held += found.low <= own.size / size <= found.high
        assert 0 <= found.low <= found.share <= found.high <= 1
    assert held >= stats.binom.ppf(1e-3, 60, 0.95)


def test_an_interval_narrows_as_the_dump_grows() -> None:
    """A large dump's containment is known better than a small one's, and a whole set's sample tells it to a percent."""
    rng = np.random.default_rng(0)
    platform = tokens(rng, 200_000)
    sketch = KindSketch.of(platform)
    widths = []
    for size in (100, 2_000, 100_000):
        found = containment(np.concatenate([platform[:: 200_000 // (size // 2)], tokens(rng, size // 2)]), sketch)
        widths.append(found.high - found.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[-1] < 0.06


def test_small_sets_are_kept_whole() -> None:
    """A set that fits into the sample is sampled at a rate of 1, so that its containment is exact."""
    rng = np.random.default_rng(1)
    platform = tokens(rng, SAMPLE)
    sketch = KindSketch.of(platform)
    assert sketch.rate == 1
    found = containment(np.concatenate([platform[:30], tokens(rng, 70)]), sketch)
    assert (found.low, found.share, found.high) == pytest.approx((0.3, 0.3, 0.3))


def test_an_empty_dump_says_nothing() -> None:
    """Of a dump without tokens any containment may be true."""
    found = containment(np.empty(0, np.uint64), drawn(1).kinds["phone"])
    assert (found.low, found.high) == (0.0, 1.0)


def test_the_sample_is_a_prefix() -> None:
    """A sample is what lies below the bound, between 4,096 and 8,192 tokens of a large set."""
    rng = np.random.default_rng(2)
    whole = tokens(rng, 100_000)
    sketch = KindSketch.of(whole)
    assert np.array_equal(sketch.sample, whole[whole < int(2**64 * sketch.rate)])
    assert SAMPLE * 0.9 <= sketch.sample.size <= 2.1 * SAMPLE
    assert below(whole, 1.0) is whole


def test_datasketch_reads_the_minima() -> None:
    """The MinHash is datasketch's own: its Jaccard index with one made by datasketch alone is that of the sets."""
    rng = np.random.default_rng(3)
    whole = tokens(rng, 4_000)
    other = MinHash(128, scheme="affine32", hashfunc=lambda word: word)
    other.update_batch((whole[:2_000] >> np.uint64(32)).tolist())
    assert KindSketch.of(whole).minhash.jaccard(other) == pytest.approx(0.5, abs=0.15)


@settings(max_examples=15)
@given(seed=st.integers(0, 2**16))
def test_a_file_gives_back_the_sketch(seed: int) -> None:
    """What was written is read: sizes, rates, samples and minima of every kind."""
    path = Path(f"/tmp/luobo-sketch-{seed}")  # noqa: S108 - hypothesis and tmp_path do not go together
    sketch = drawn(seed)
    try:
        write_sketch(sketch, KEY, path)
        again = read_sketch(path, KEY)
        assert path.stat().st_mode & 0o077 == 0
        assert path.stat().st_size < 100_000
    finally:
        path.unlink()
    assert (again.platform, again.newest, set(again.kinds)) == (sketch.platform, sketch.newest, set(sketch.kinds))
    for kind, one in sketch.kinds.items():
        other = again.kinds[kind]
        assert (other.tokens, other.rate) == (one.tokens, one.rate)
        assert np.array_equal(other.sample, one.sample)
        assert np.array_equal(other.minima, one.minima)


def test_a_sketch_of_another_key_is_refused(tmp_path: Path) -> None:
    """Tokens of another key have nothing in common with ours."""
    write_sketch(drawn(1), KEY, tmp_path / "s")
    with pytest.raises(KeyFault, match="another key"):
        read_sketch(tmp_path / "s", TokenKey(bytes(31) + b"1"))


def test_damage_is_seen_wherever_it_is(tmp_path: Path) -> None:
    """A flipped byte anywhere makes the file unreadable or leaves the sketch as it was."""
    path = tmp_path / "s"
    write_sketch(drawn(5), KEY, path)
    whole, before = path.read_bytes(), read_sketch(path, KEY)
    rng = np.random.default_rng(5)
    for place in rng.integers(0, len(whole), 60).tolist():
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0x41]) + whole[place + 1 :])
        try:
            after = read_sketch(path, KEY)
        except (UnreadableInput, KeyFault):
            continue
        assert after.platform == before.platform
        assert all(np.array_equal(one.sample, after.kinds[kind].sample) for kind, one in before.kinds.items())
    for garbage in (b"", b"PK", whole[:-30], b"name,phone\n"):
        path.write_bytes(garbage)
        with pytest.raises(UnreadableInput):
            read_sketch(path, KEY)


def test_a_forged_entry_is_refused(tmp_path: Path) -> None:
    """Whoever has no key cannot change what a sketch says of itself."""
    path, forged = tmp_path / "s", tmp_path / "f"
    write_sketch(drawn(6), KEY, path)
    with zipfile.ZipFile(path) as before, zipfile.ZipFile(forged, "w") as after:
        for name in before.namelist():
            data = before.read(name)
            if name == "sketch.json":
                data = json.dumps({**json.loads(data), "platform": "another"}).encode()
            after.writestr(name, data)
    with pytest.raises(UnreadableInput):
        read_sketch(forged, KEY)


def test_a_file_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """A folder that is not there gives one clear error, and no file is left over."""
    with pytest.raises(VaultFault, match="cannot be written"):
        write_sketch(drawn(1), KEY, tmp_path / "nowhere" / "s")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    rng = np.random.default_rng(8)
    phones = (13_000_000_000 + rng.choice(10**8, 6_000, replace=False)).tolist()
    table = pl.DataFrame({"手机号": [str(phone) for phone in phones]})
    return vault_of(tmp_path_factory.mktemp("sketch"), {"huadai": {date(2025, 5, 1): table}})


def test_a_registered_platform_can_be_sketched(vault: Vault) -> None:
    """The sketch of what a vault holds counts its customers and contains a dump of them."""
    platform = vault.platform("huadai")
    sketch = sketch_of(vault, platform)
    held = vault.identifiers(platform, "phone").get_column("token").to_numpy()
    assert sketch.kinds["phone"].tokens == 6_000
    assert containment(held[:400], sketch.kinds["phone"]).high == pytest.approx(1.0)


def test_the_command_hands_over_a_sketch(vault: Vault, tmp_path: Path) -> None:
    """`luobo vault export --sketch` writes a file of the sketch alone, smaller than the tokens."""
    output, whole = tmp_path / "s", tmp_path / "w"
    command = ["vault", "export", str(folder_of(vault)), "--platform", "huadai", "-o"]
    done = CliRunner().invoke(luobo, [*command, str(output), "--sketch"])
    assert done.exit_code == 0, done.output
    CliRunner().invoke(luobo, [*command, str(whole)])
    assert read_sketch(output, vault.key).platform == "huadai"
    assert output.stat().st_size < whole.stat().st_size
