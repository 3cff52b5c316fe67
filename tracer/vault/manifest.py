"""The manifest of a vault: which platforms it holds, from which snapshots, in which files, with which digests."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any, Final

from tracer.errors import VaultFault
from tracer.vault.snapshot import Claim, Origin

SCHEMA: Final = "luobo.vault/4"
_LONGEST_NAME: Final = 64


@dataclass(frozen=True, slots=True)
class SnapshotEntry:
    """One snapshot that was folded into a platform's history."""

    taken_at: date
    sha256: str
    rows: int
    kinds: tuple[str, ...]
    """Kinds of identifier it had."""
    claims: tuple[str, ...]
    """Names of the claims it had."""
    stated: tuple[Claim, ...] = ()
    """Columns of which whoever registered it said what they are."""

    @staticmethod
    def of(origin: Origin, rows: int, kinds: Iterable[str], claims: Iterable[Claim]) -> SnapshotEntry:
        """The entry of a table from there that has these kinds of identifier and these claims."""
        names = tuple(claim.name for claim in claims)
        return SnapshotEntry(origin.taken_at, origin.sha256, rows, tuple(kinds), names, origin.stated)


@dataclass(frozen=True, slots=True)
class File:
    """One Parquet file of a platform's part."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Platform:
    """What a vault holds of one platform."""

    name: str
    part: str
    """Folder of its files."""
    people: int
    """Customers ever seen; they are numbered from 0."""
    joined: bool
    """Whether it is known when customers joined."""
    joins_per_day: float | None
    """Customers won a day in the year before the newest snapshot; None where that is not known."""
    claims: tuple[Claim, ...]
    variety: tuple[float, ...]
    """For each claim, distinct values over facts, about: 1 for user names, near 0 for products."""
    volatility: tuple[float | None, ...]
    """For each claim, share of customers for whom it ever changed; None where only one snapshot had it."""
    snapshots: tuple[SnapshotEntry, ...]
    """Ordered by day."""
    files: tuple[File, ...]

    @property
    def kinds(self) -> frozenset[str]:
        """Kinds of identifier any snapshot had."""
        return frozenset(kind for snapshot in self.snapshots for kind in snapshot.kinds)

    @property
    def days(self) -> tuple[date, ...]:
        """The days of its snapshots, in order, each once."""
        return tuple(sorted({snapshot.taken_at for snapshot in self.snapshots}))

    def days_with_kind(self, kind: str) -> tuple[date, ...]:
        """The days of the snapshots that had this kind of identifier."""
        return tuple(sorted({entry.taken_at for entry in self.snapshots if kind in entry.kinds}))

    def days_with_claim(self, claim: str) -> tuple[date, ...]:
        """The days of the snapshots that had this claim."""
        return tuple(sorted({entry.taken_at for entry in self.snapshots if claim in entry.claims}))

    def is_stated(self, claim: Claim) -> bool:
        """Whether somebody said of any snapshot that the column of this claim is what its role says."""
        return any(claim in snapshot.stated for snapshot in self.snapshots)

    @property
    def size(self) -> int:
        """Bytes of its files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True, slots=True)
class SketchEntry:
    """The sketch of a platform that registered nothing else."""

    platform: str
    file: File


@dataclass(frozen=True, slots=True)
class Manifest:
    """The whole of a vault but the tokens. Replaced in one step, so that a reader sees the vault before or after."""

    key: str
    """Fingerprint of the key that made the tokens."""
    platforms: tuple[Platform, ...] = field(default=())
    """Ordered by name."""
    sketches: tuple[SketchEntry, ...] = field(default=())
    """Ordered by platform."""

    def with_platform(self, platform: Platform) -> Manifest:
        """The manifest with this platform added or put in the place of the one of its name, and of its sketch."""
        others = [known for known in self.platforms if known.name != platform.name]
        sketches = tuple(one for one in self.sketches if one.platform != platform.name)
        platforms = tuple(sorted([*others, platform], key=lambda known: known.name))
        return replace(self, platforms=platforms, sketches=sketches)

    def with_sketch(self, sketch: SketchEntry) -> Manifest:
        """The manifest with this sketch added or put in the place of the one of its platform."""
        others = [known for known in self.sketches if known.platform != sketch.platform]
        return replace(self, sketches=tuple(sorted([*others, sketch], key=lambda known: known.platform)))

    def to_json(self) -> str:
        """As text; `from_json` gives an equal manifest."""
        body = {
            "schema": SCHEMA,
            "key": self.key,
            "platforms": [asdict(platform) for platform in self.platforms],
            "sketches": [asdict(sketch) for sketch in self.sketches],
        }
        return json.dumps(body, ensure_ascii=False, indent=1, default=date.isoformat)

    @staticmethod
    def from_json(text: str, named: str) -> Manifest:
        """Read what `to_json` wrote.

        Raises:
            VaultFault: it is something else.
        """
        try:
            body = json.loads(text)
            if body["schema"] != SCHEMA:
                raise VaultFault(f"{named}: made by another version of luobo", hint="use the version that made it")
            platforms = tuple(platform_from(entry) for entry in body["platforms"])
            sketches = tuple(SketchEntry(str(one["platform"]), _file(one["file"])) for one in body["sketches"])
            return Manifest(str(body["key"]), platforms, sketches)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, RecursionError):
            raise VaultFault(
                f"{named}: the vault's manifest is damaged", hint="restore the vault from a backup"
            ) from None


def is_name(text: str) -> bool:
    """Whether a platform may have this name: 1 to 64 characters that can be seen, no slashes, no blanks at its ends."""
    return 0 < len(text) <= _LONGEST_NAME and text.isprintable() and text == text.strip() and not set("/\\") & set(text)


def platform_from(entry: dict[str, Any]) -> Platform:
    """A platform from its JSON; any lack or strange value raises KeyError, TypeError, ValueError or OverflowError."""
    if not is_name(entry["name"]):
        raise ValueError("name")
    return Platform(
        name=str(entry["name"]),
        part=str(entry["part"]),
        people=int(entry["people"]),
        joined=bool(entry["joined"]),
        joins_per_day=None if entry["joins_per_day"] is None else float(entry["joins_per_day"]),
        claims=tuple(map(_claim, entry["claims"])),
        variety=tuple(map(float, entry["variety"])),
        volatility=tuple(None if share is None else float(share) for share in entry["volatility"]),
        snapshots=tuple(
            SnapshotEntry(
                taken_at=date.fromisoformat(one["taken_at"]),
                sha256=str(one["sha256"]),
                rows=int(one["rows"]),
                kinds=tuple(map(str, one["kinds"])),
                claims=tuple(map(str, one["claims"])),
                stated=tuple(map(_claim, one.get("stated", ()))),
            )
            for one in entry["snapshots"]
        ),
        files=tuple(map(_file, entry["files"])),
    )


def _claim(told: dict[str, Any]) -> Claim:
    return Claim(str(told["name"]), str(told["role"]))


def _file(told: dict[str, Any]) -> File:
    return File(str(told["name"]), int(told["size"]), str(told["sha256"]))
