"""A vault in a bucket of an object store, reached through fsspec.

Objects are written whole and never changed, but for the manifest and the lock. The lock is an object that is made on
the condition that there is none: whoever makes it writes, and whoever was killed leaves it behind.
"""

from __future__ import annotations

import json
import secrets
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import IO, Any, Final

from tracer.errors import KeyFault, VaultFault
from tracer.vault.driver import Refused, asked, driver
from tracer.vault.fetching import AT_ONCE, FETCHED
from tracer.vault.place import MANIFEST, PARTS, SKETCHES

LOCK: Final = "writer.json"
"""Not the name it has in a folder: a vault may be copied here file by file."""
_CHANGING: Final = frozenset({MANIFEST, LOCK})
_IN_MEMORY: Final = 64 << 20
"""Bytes of a new object that are held in memory; of a longer one, in a temporary file without a name."""
_PIECE: Final = 1 << 20
"""Bytes of a longer one that are handed on at once."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """See `Place`."""

    address: str
    """Without a slash at its end."""

    def __str__(self) -> str:
        return self.address

    def read(self, name: str) -> bytes:
        """See `Place.read`."""
        if name in _CHANGING:
            return self._get(name)
        return FETCHED.ask(f"{self}/{name}", partial(self._get, name)).result()

    def ahead(self, files: Mapping[str, int]) -> None:
        """See `Place.ahead`."""
        for name, size in files.items():
            FETCHED.ahead(f"{self}/{name}", size, partial(self._get, name))

    @contextmanager
    def locked(self) -> Iterator[Held]:
        """See `Place.locked`."""
        held = Held(self, secrets.token_hex(8))
        try:
            held.take()
            yield held
        except Doubtful:
            # What is still under way may arrive later: nobody else may write before a person has looked.
            raise
        except BaseException:
            held.give_back()
            raise
        if not held.give_back():
            message = f"{self}: the vault was freed for others while it was being written"
            raise VaultFault(message, hint="see luobo vault list; what others registered meanwhile may be gone")

    @contextmanager
    def made(self) -> Iterator[Held]:
        """See `Place.made`."""
        with self.locked() as held:
            # Sweeping removes what no manifest names: there must be nothing of anybody else's.
            with suppress(FileNotFoundError):
                if self.found(PARTS) or self.found(SKETCHES) or self.read(MANIFEST):
                    raise VaultFault(f"{self}: is there already", hint="name an address where nothing is yet")
            yield held

    def freed(self) -> str | None:
        """See `Place.freed`."""
        holder = self.holder()
        if holder is None:
            return None
        self.remove(LOCK)
        return holder[1]

    def key_path(self) -> Path:
        """Nowhere: a key is never put into a store, and whichever folder one stands in is no place for it."""
        message = f"{self}: the key of a vault in a store is a file of this machine, and nobody said which"
        raise KeyFault(message, hint="name it with --key FILE")

    def holder(self) -> tuple[str, str] | None:
        """Who holds the lock, a number drawn at random, and since when; None if nobody does."""
        try:
            told = json.loads(self._get(LOCK))
            return str(told["writer"]), str(told["since"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError):
            return "", "a time that is not told"

    def put(self, name: str, data: bytes | IO[bytes], **condition: str) -> None:
        """Write one object; a long one, given as a file, goes in pieces and is there when the last has come."""
        try:
            with asked(self, "written"):
                if isinstance(data, bytes):
                    self._driver.pipe_file(f"{self}/{name}", data, **condition)
                    return
                with self._driver.open(f"{self}/{name}", "wb") as target:
                    shutil.copyfileobj(data, target, _PIECE)
        except FileNotFoundError:
            message = f"{self}: the bucket is not there"
            raise VaultFault(message, hint="make the bucket first, with the store's own tools") from None

    def remove(self, name: str) -> None:
        """Remove one object."""
        with asked(self, "written"), suppress(FileNotFoundError):
            self._driver.rm_file(f"{self}/{name}")

    def found(self, folder: str) -> list[str]:
        """The objects of a folder, named by their paths inside the vault."""
        with asked(self, "read"), suppress(FileNotFoundError):
            beyond = self._driver._strip_protocol(self.address) + "/"  # noqa: SLF001 - as `find` names what it finds
            names = [str(path).removeprefix(beyond) for path in self._driver.find(f"{self}/{folder}")]
            return [name for name in names if name.startswith(f"{folder}/")]
        return []

    @property
    def _driver(self) -> Any:
        return driver(self.address.partition("://")[0])

    def _get(self, name: str) -> bytes:
        with asked(self, "read"):
            return bytes(self._driver.cat_file(f"{self}/{name}"))


class Doubtful(VaultFault):
    """Nobody knows whether the manifest was replaced."""


@dataclass(frozen=True, slots=True)
class Held:
    """See `Writing`: a bucket while one holds its lock."""

    bucket: Bucket
    writer: str

    def take(self) -> None:
        """Make the lock.

        Raises:
            VaultFault: somebody else has it, or the store does not keep conditions.
        """
        since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        lock = json.dumps({"writer": self.writer, "since": since}).encode()
        if not self._created(lock):
            holder = self.bucket.holder()
            # A request that was answered too late is made once more, and then meets the lock it made itself.
            if holder is None or holder[0] != self.writer:
                since = "" if holder is None else f", since {holder[1]}"
                message = f"{self.bucket}: somebody else is writing this vault{since}"
                hint = f"wait; if that writer was killed, free it with: luobo vault unlock {self.bucket}"
                raise VaultFault(message, hint=hint)
        if self._created(lock):
            message = f"{self.bucket}: this store lets two writers write one object, so they could lose a platform"
            raise VaultFault(message, hint="write the vault in a folder and copy it here; it can be read from here")

    def give_back(self) -> bool:
        """Remove the lock; False if it is not this writer's any more."""
        with suppress(VaultFault):
            if not self._is_held():
                return False
            self.bucket.remove(LOCK)
        return True

    @contextmanager
    def write(self, name: str) -> Iterator[IO[bytes]]:
        """See `Writing.write`."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as stream:
            yield stream
            length = stream.tell()
            stream.seek(0)
            self.bucket.put(name, stream.read() if length <= _IN_MEMORY else stream)

    def settle(self, folder: str) -> None:
        """Nothing: a store that has taken an object keeps it."""

    def replace(self, name: str, data: bytes) -> None:
        """See `Writing.replace`."""
        if not self._is_held():
            message = f"{self.bucket}: the vault was freed for others meanwhile; nothing was changed"
            raise VaultFault(message, hint="see luobo vault list, and run again")
        try:
            self.bucket.put(name, data)
        except (Refused, KeyboardInterrupt) as fault:
            what = fault.message if isinstance(fault, Refused) else f"{self.bucket}: interrupted"
            hint = f"see luobo vault list {self.bucket}, then free it with: luobo vault unlock {self.bucket}"
            raise Doubtful(f"{what}; nobody knows whether the manifest was replaced", hint=hint) from None

    def sweep(self, kept: Collection[str]) -> None:
        """See `Writing.sweep`; what cannot be removed now is removed the next time."""
        with suppress(VaultFault):
            found = [*self.bucket.found(PARTS), *self.bucket.found(SKETCHES)]
            strays = [name for name in found if "/".join(name.split("/")[:2]) not in kept]
            # Whoever writes next begins when this lock is gone: as long as it is there, nothing listed is his.
            if not strays or not self._is_held():
                return
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(self.bucket.remove, strays))

    def _created(self, lock: bytes) -> bool:
        try:
            self.bucket.put(LOCK, lock, mode="create")
        except Refused as fault:
            if fault.condition:
                return False
            raise
        return True

    def _is_held(self) -> bool:
        holder = self.bucket.holder()
        return holder is not None and holder[0] == self.writer
