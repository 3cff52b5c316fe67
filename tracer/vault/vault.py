"""The vault: what platforms registered beforehand, as keyed tokens with their history."""

from __future__ import annotations

import io
import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.errors import KeyFault, UnknownName, VaultFault
from tracer.tokens import TokenKey, create_key, load_key
from tracer.vault.address import place_of
from tracer.vault.growth import JOINED, PRESENCE, SAMPLE, Growth, claim_file, frames_of, grow, identifier_file
from tracer.vault.history import SPAN, unpack
from tracer.vault.index import INDEX, apart
from tracer.vault.long_fold import LongFold
from tracer.vault.long_growth import LongGrowth
from tracer.vault.long_table import LONG, LongTable
from tracer.vault.manifest import File, Manifest, Platform, is_name
from tracer.vault.place import Place
from tracer.vault.snapshot import Claim, Snapshot
from tracer.vault.store import file_of, read_file, read_manifest, read_pieces, write_manifest, write_part

_NEXT: Final = 16


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a snapshot did."""

    platform: str
    taken_at: date
    rows: int
    people: int
    """Customers of the platform ever seen, after adding."""
    new_people: int
    unidentified: int
    """Rows without any identifier: nobody can be recognised by them."""
    unchanged: bool
    """Whether this very file was registered for this day before, so that nothing was done."""
    rejected: int = 0
    """Records that could not be read: of these people nothing is registered."""
    warnings: tuple[str, ...] = ()
    """What reading the table had to warn of."""


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault as it stood when it was opened."""

    place: Place
    key: TokenKey
    manifest: Manifest

    @staticmethod
    def create(vault: str | os.PathLike[str], *, key_path: Path | None = None, passphrase: str | None = None) -> Vault:
        """Make an empty vault and its key file, mode 0600.

        Args:
            vault: a path, or the address of a folder in an object store (`s3://bucket/folder`).
            key_path: the key file; `vault` + `.key` if left out. A vault in a store has none beside it.
            passphrase: to lock the key file with.

        Raises:
            VaultFault: there is something already, or it cannot be made.
            KeyFault: there is a key file already, or nobody said where it shall be.
        """
        place = place_of(vault)
        path = key_path or place.key_path()
        with place.made() as writing:
            key = create_key(path, passphrase)
            manifest = Manifest(key.fingerprint)
            write_manifest(writing, manifest)
        return Vault(place, key, manifest)

    @staticmethod
    def open(vault: str | os.PathLike[str], *, key_path: Path | None = None, passphrase: str | None = None) -> Vault:
        """Open a vault with its key; see `create`.

        Raises:
            VaultFault: there is no vault, or it is damaged.
            KeyFault: the key file is missing, damaged, or another vault's.
        """
        place = place_of(vault)
        path = key_path or place.key_path()
        manifest = read_manifest(place)
        key = load_key(path, passphrase)
        if key.fingerprint != manifest.key:
            raise KeyFault(f"{path}: this key did not make {place}", hint="name the vault's own key file with --key")
        return Vault(place, key, manifest)

    @property
    def platforms(self) -> tuple[Platform, ...]:
        """What is registered, ordered by name."""
        return self.manifest.platforms

    def platform(self, name: str) -> Platform:
        """One platform by its name.

        Raises:
            UnknownName: nobody of this name is registered.
        """
        for platform in self.platforms:
            if platform.name == name:
                return platform
        raise UnknownName(f"{name}: no such platform in {self.place}", hint=f"luobo vault list {self.place}")

    def without_key(self) -> Vault:
        """The same for whoever reads tokens and makes none."""
        return replace(self, key=TokenKey(b""))

    def ahead(self, platform: Platform, names: Iterable[str]) -> None:
        """Fetch frames of a platform that will be read soon, all at once where that saves time."""
        wanted = {_file_name(name) for name in names}
        self.place.ahead({file_of(platform, file): file.size for file in platform.files if file.name in wanted})

    def in_turn(self, platforms: Sequence[Platform], name: str) -> Iterator[Platform]:
        """Platforms one after the other, while one frame of the next few is fetched."""
        for begin in range(0, len(platforms), _NEXT):
            few = platforms[begin : begin + _NEXT]
            for platform in few:
                self.ahead(platform, [name])
            yield from few

    def identifiers(self, platform: Platform, kind: str, *, dated: bool = True) -> pl.DataFrame:
        """Runs (`person`, `token`, and if `dated` `since`, `until`) of one kind of identifier, ordered by token."""
        return unpack(self._frame(platform, identifier_file(kind), dated=dated))

    def sample(self, platform: Platform) -> dict[str, NDArray[np.uint64]]:
        """Composite kind → an even sample of its tokens, one in `SAMPLED`, see `index.sampled`."""
        return apart(self._frame(platform, SAMPLE))

    def index(self, platform: Platform) -> dict[str, NDArray[np.uint64]]:
        """Kind → an even sample of its tokens, see `index.sampled`."""
        return apart(self._frame(platform, INDEX))

    def without(self, names: Collection[str]) -> Vault:
        """The vault as if these platforms were not registered."""
        kept = tuple(platform for platform in self.platforms if platform.name not in names)
        return replace(self, manifest=replace(self.manifest, platforms=kept))

    def claims(self, platform: Platform, claim: Claim, *, dated: bool = True) -> pl.DataFrame:
        """Runs (`person`, `token`, and if `dated` `since`, `until`) of one claim, ordered by person, packed."""
        return self._frame(platform, claim_file(platform.claims.index(claim)), dated=dated)

    def presence(self, platform: Platform) -> pl.DataFrame:
        """Runs (`person`, `since`, `until`) in which customers were there, ordered by person, packed."""
        return self._frame(platform, PRESENCE)

    def joined(self, platform: Platform) -> pl.DataFrame | None:
        """(`person`, `joined` Date) ordered by person, packed, or None if the platform never said when they joined."""
        return self._frame(platform, JOINED) if platform.joined else None

    def _frame(self, platform: Platform | None, name: str, *, dated: bool = True) -> pl.DataFrame:
        if platform is None:
            raise UnknownName(f"{name}: nothing is registered yet")
        file = self._file(platform, name)
        data = read_file(self.place, platform, file)
        try:
            frame = pl.scan_parquet(io.BytesIO(data))
            return (frame if dated else frame.select(pl.exclude(*SPAN))).collect()
        except pl.exceptions.PolarsError:
            message = f"{self.place}: {file.name} of {platform.name} is no table"
            raise VaultFault(message, hint="restore the vault from a backup") from None

    def _pieces(self, platform: Platform, name: str) -> Iterator[pl.DataFrame]:
        """The same, piece by piece."""
        return read_pieces(self.place, platform, self._file(platform, name))

    def _file(self, platform: Platform, name: str) -> File:
        for file in platform.files:
            if file.name == _file_name(name):
                return file
        raise UnknownName(f"{platform.name} has no {name} in {self.place}", hint=f"luobo vault list {self.place}")

    def add(self, snapshot: Snapshot | LongTable) -> tuple[Vault, Added]:
        """Fold a snapshot into its platform's history; atomic, whenever it is killed.

        A long table is never held in memory, nor is a long history.

        Returns:
            The vault as it is now, and what was done.

        Raises:
            UnknownName: the platform's name cannot be used.
            VaultFault: the vault is damaged or somebody else is writing it.
        """
        origin = snapshot.origin
        if not is_name(origin.platform):
            message = "a platform's name has 1 to 64 visible characters, no slashes and no blanks at its ends"
            raise UnknownName(message, hint="choose another --platform")
        with self.place.locked() as writing:
            current = Vault(self.place, self.key, read_manifest(self.place))
            before = next((one for one in current.platforms if one.name == origin.platform), None)
            if before and _registered(before, snapshot):
                same = Added(origin.platform, origin.taken_at, snapshot.rows, before.people, 0, 0, unchanged=True)
                return current, same
            growth = current._growth(before, snapshot)
            part, files = write_part(writing, {_file_name(name): one for name, one in growth.frames.items()})
            platform = growth.platform(origin.platform, part, files)
            manifest = current.manifest.with_platform(platform)
            write_manifest(writing, manifest)
        told = (growth.people, growth.new_people, growth.unidentified)
        return replace(self, manifest=manifest), Added(
            origin.platform, origin.taken_at, snapshot.rows, *told, unchanged=False
        )

    def _growth(self, before: Platform | None, snapshot: Snapshot | LongTable) -> Growth | LongGrowth | LongFold:
        if before is None:
            return (
                LongGrowth(snapshot)
                if isinstance(snapshot, LongTable)
                else grow(None, snapshot, partial(self._frame, None))
            )
        if isinstance(snapshot, LongTable) or before.people > LONG:
            table = snapshot if isinstance(snapshot, LongTable) else LongTable.of(snapshot)
            return LongFold(before, table, partial(self._pieces, before))
        self.ahead(before, frames_of(before))
        return grow(before, snapshot, partial(self._frame, before))


def _file_name(frame: str) -> str:
    return f"{frame}.parquet"


def _registered(platform: Platform, snapshot: Snapshot | LongTable) -> bool:
    """Whether this very file was registered for this day.

    Raises:
        VaultFault: it was, but its columns were taken for something else: what it said then is in the history for good.
    """
    origin, told = snapshot.origin, (set(snapshot.identifiers), {claim.name for claim in snapshot.claims})
    roles = {claim.name: claim.role for claim in platform.claims}
    for entry in platform.snapshots:
        if (entry.taken_at, entry.sha256) == (origin.taken_at, origin.sha256):
            same_roles = all(roles.get(claim.name) == claim.role for claim in snapshot.claims)
            if (set(entry.kinds), set(entry.claims)) == told and same_roles:
                return True
            message = f"{platform.name} {origin.taken_at}: this file was registered before with other roles"
            raise VaultFault(message, hint="register the platform anew, in a new vault or under another name")
    return False
