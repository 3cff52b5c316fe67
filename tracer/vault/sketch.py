"""What a platform may register that will not hand over its tokens: one small sketch of each kind of identifier.

A sketch holds two samples of a set of tokens. The *sample* is every token below a bound, 2^64 times a rate
(FracMinHash; Irber et al. 2022, "Lightweight compositional analysis of metagenomes with FracMinHash and minimum
metagenome covers"). Tokens are even, so a dump's tokens below the bound are a random sample of the dump, and how many
of them the platform has too follows a hypergeometric law. The *minima* are those of a MinHash (Broder 1997) as
`datasketch` makes them, so that sketches can be put into its indexes.

How much of a dump is about a platform's customers is all that a sketch can say. It holds no claims: it names nobody.
Whoever holds the vault's key can try phone numbers against the sample, which holds one customer in 1 / rate.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import zipfile
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.custody.exhibit import seal
from tracer.errors import KeyFault, UnreadableInput
from tracer.ordered import below
from tracer.tokens import TokenKey
from tracer.vault.manifest import Platform
from tracer.vault.store import DAMAGE, private_file
from tracer.vault.vault import Vault

if TYPE_CHECKING:
    from datasketch import MinHash

Tokens = NDArray[np.uint64]

SCHEMA: Final = "luobo.sketch/2"
PERMUTATIONS: Final = 128
SCHEME: Final = "affine32"
SAMPLE: Final = 4_096
"""Tokens that a sample holds about; between this and twice as many."""
_BATCH: Final = 20_000
ENTRY: Final = "sketch.json"
_SEAL: Final = "seal"


@dataclass(frozen=True, slots=True, eq=False)
class KindSketch:
    """A sketch of one kind of identifier."""

    tokens: int
    """How many distinct ones there are."""
    rate: float
    """Of them, the share in the sample, about: a power of two."""
    sample: Tokens
    """Tokens below 2^64 · rate, ascending."""
    minima: NDArray[np.uint32]
    """(PERMUTATIONS,) hash values of the MinHash."""

    @staticmethod
    def of(tokens: Tokens, wanted: int = SAMPLE) -> KindSketch:
        """Sketch some tokens; equal ones count once."""
        distinct = np.unique(tokens)
        rate = 1.0
        while distinct.size * rate >= 2 * wanted:
            rate /= 2
        return KindSketch(distinct.size, rate, below(distinct, rate), minhash(distinct).hashvalues)

    @property
    def minhash(self) -> MinHash:
        """As `datasketch` knows it."""
        from datasketch import MinHash  # noqa: PLC0415 - 60 ms that only sketches need

        return MinHash(hashvalues=self.minima, scheme=SCHEME, hashfunc=_word)


@dataclass(frozen=True, slots=True)
class Sketch:
    """What one platform registered of itself."""

    platform: str
    newest: date
    """Day of its newest snapshot."""
    kinds: Mapping[str, KindSketch]


@dataclass(frozen=True, slots=True)
class Containment:
    """Which share of a dump's tokens a platform has, with an interval."""

    share: float
    low: float
    high: float


def minhash(tokens: Tokens) -> MinHash:
    """The MinHash of tokens; a token's own first 32 bits are its hash, for it is one already."""
    from datasketch import MinHash  # noqa: PLC0415 - as above

    made = MinHash(PERMUTATIONS, scheme=SCHEME, hashfunc=_word)
    words = (tokens >> np.uint64(32)).tolist()
    for start in range(0, len(words), _BATCH):
        made.update_batch(words[start : start + _BATCH])
    return made


def _word(word: int) -> int:
    return word


def containment(dump: Tokens, sketch: KindSketch, level: float = 0.95) -> Containment:
    """Which share of a dump's tokens are in a sketched set.

    The interval is where two of the level 1 - (1 - level) / 2 meet: that of the sample, exact by the hypergeometric law
    (given how many of the dump's tokens lie below the bound), and that of the MinHash's Jaccard index J (Clopper and
    Pearson 1934), of which the shared tokens are (|A| + |B|) · J / (1 + J). A wide one where the dump is small.

    Args:
        dump: distinct tokens of the sketch's kind of identifier.
        sketch: of the platform.
        level: of the interval.

    Returns:
        The share and its interval; 0 … 1 for a dump without tokens.
    """
    dump = np.unique(dump)
    if not dump.size:
        return Containment(0.0, 0.0, 1.0)
    half = (1 - level) / 4
    seen = below(dump, sketch.rate)
    hits = np.intersect1d(seen, sketch.sample, assume_unique=True).size
    low, high = _shared(hits, seen.size, dump.size, half)
    jaccard_low, jaccard_high = _jaccard(minhash(dump), sketch.minhash, half)
    both = dump.size + sketch.tokens
    lowest = both * jaccard_low / (1 + jaccard_low) / dump.size
    highest = both * jaccard_high / (1 + jaccard_high) / dump.size
    share = hits / seen.size if seen.size else (lowest + highest) / 2
    if max(low, lowest) > min(high, highest):
        # They contradict each other, as happens once in many: neither is dropped.
        low, high = min(low, lowest), max(high, highest)
    else:
        low, high = max(low, lowest), min(high, highest)
    return Containment(min(max(share, low), high), max(0.0, low), min(1.0, high))


def _shared(hits: int, drawn: int, whole: int, tail: float) -> tuple[float, float]:
    """Between which shares of `whole` tokens `hits` of `drawn` at random allow: the hypergeometric law, inverted."""
    from scipy import stats  # noqa: PLC0415 - a quarter of a second that only sketches need

    counts = range(hits, whole - (drawn - hits) + 1)
    enough = bisect_left(counts, 1, key=lambda shared: stats.hypergeom.sf(hits - 1, whole, shared, drawn) > tail)
    beyond = bisect_left(counts, 1, key=lambda shared: stats.hypergeom.cdf(hits, whole, shared, drawn) <= tail)
    return counts[min(enough, len(counts) - 1)] / whole, counts[max(0, beyond - 1)] / whole


def _jaccard(first: MinHash, second: MinHash, tail: float) -> tuple[float, float]:
    equal = int((first.hashvalues == second.hashvalues).sum())
    low = float(special.betaincinv(equal, PERMUTATIONS - equal + 1, tail)) if equal else 0.0
    high = float(special.betaincinv(equal + 1, PERMUTATIONS - equal, 1 - tail)) if equal < PERMUTATIONS else 1.0
    return low, high


def sketch_of(vault: Vault, platform: Platform) -> Sketch:
    """Sketch what a vault holds of a platform: every token its customers ever had."""
    kinds = {
        kind: KindSketch.of(vault.identifiers(platform, kind, dated=False).get_column("token").to_numpy())
        for kind in sorted(platform.kinds)
    }
    return Sketch(platform.name, platform.days[-1], kinds)


def write_sketch(sketch: Sketch, key: TokenKey, output: Path) -> None:
    """Write a sketch to `output`; only its owner may read the file.

    Raises:
        VaultFault: the file cannot be written.
    """
    with private_file(output) as stream:
        stream.write(sealed_sketch(sketch, key))


def sealed_sketch(sketch: Sketch, key: TokenKey) -> bytes:
    """A sketch as a file, sealed with the key its tokens were made with."""
    bundle = io.BytesIO()
    arrays = {
        name: array
        for kind, one in sketch.kinds.items()
        for name, array in zip(_members(kind), _arrays(one), strict=True)
    }
    body = {
        "schema": SCHEMA,
        "key": key.fingerprint,
        "platform": sketch.platform,
        "newest": sketch.newest.isoformat(),
        "scheme": SCHEME,
        "kinds": {kind: {"tokens": one.tokens, "rate": one.rate} for kind, one in sketch.kinds.items()},
        "digests": {name: hashlib.sha256(data).hexdigest() for name, data in arrays.items()},
    }
    entry = json.dumps(body, ensure_ascii=False).encode()
    with zipfile.ZipFile(bundle, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(ENTRY, entry)
        archive.writestr(_SEAL, key.mac("sketch", entry))
        for name, data in arrays.items():
            archive.writestr(name, data)
    return bundle.getvalue()


def read_sketch(path: Path, key: TokenKey) -> Sketch:
    """Read a sketch.

    Raises:
        UnreadableInput: the file is no sketch, or damaged.
        KeyFault: its tokens were made with another key.
    """
    seal(path)  # refuses what would block, such as a FIFO
    return unsealed_sketch(path.read_bytes(), key, str(path))


def unsealed_sketch(data: bytes, key: TokenKey, named: str) -> Sketch:
    """What `sealed_sketch` made.

    Raises:
        UnreadableInput: it is no sketch, or damaged.
        KeyFault: its tokens were made with another key.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return _checked(archive, key, named, len(data))
    except DAMAGE:
        raise UnreadableInput(
            f"{named}: is no undamaged sketch of a platform", hint="make it with: luobo vault export --sketch"
        ) from None


def _checked(archive: zipfile.ZipFile, key: TokenKey, named: str, size: int) -> Sketch:
    # Nothing in a sketch is compressed, so it cannot unpack to more than it is.
    stored = all(member.compress_type == zipfile.ZIP_STORED for member in archive.infolist())
    if not stored or sum(member.file_size for member in archive.infolist()) > size:
        raise ValueError(named)
    entry = archive.read(ENTRY)
    body: dict[str, Any] = json.loads(entry)
    if (body["schema"], body["scheme"]) != (SCHEMA, SCHEME):
        raise ValueError(SCHEMA)
    if body["key"] != key.fingerprint:
        message = f"{named}: its tokens were made with another key"
        raise KeyFault(message, hint="the platform must use this vault's key file")
    if not hmac.compare_digest(archive.read(_SEAL), key.mac("sketch", entry).encode()):
        raise ValueError(_SEAL)
    kinds = {kind: _kind(archive, kind, one, body["digests"]) for kind, one in body["kinds"].items()}
    return Sketch(body["platform"], date.fromisoformat(body["newest"]), kinds)


def _kind(archive: zipfile.ZipFile, kind: str, told: dict[str, Any], digests: dict[str, str]) -> KindSketch:
    parts = {name: archive.read(name) for name in _members(kind)}
    if any(hashlib.sha256(data).hexdigest() != digests[name] for name, data in parts.items()):
        raise ValueError(kind)
    sample, minima = parts.values()
    return KindSketch(
        int(told["tokens"]), float(told["rate"]), np.frombuffer(sample, "<u8"), np.frombuffer(minima, "<u4")
    )


def _members(kind: str) -> tuple[str, str]:
    return f"{kind}.sample", f"{kind}.minima"


def _arrays(one: KindSketch) -> tuple[bytes, bytes]:
    return one.sample.astype("<u8").tobytes(), one.minima.astype("<u4").tobytes()
