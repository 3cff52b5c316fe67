"""A vault in a bucket of an object store, reached through fsspec.

Objects are written whole and never changed, but for the manifest and the lock. The lock is an object that is made on
the condition that there is none: whoever makes it writes, and whoever was killed leaves it behind.
"""

from __future__ import annotations

import json
import mmap
import secrets
import tempfile
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from errno import EEXIST, EINVAL
from functools import cache, partial
from pathlib import Path
from typing import IO, Any, Final, NoReturn

from tracer.errors import KeyFault, MissingExtra, TracerError, VaultFault
from tracer.vault.fetching import AT_ONCE, FETCHED
from tracer.vault.place import LOCK, MANIFEST, PARTS, SKETCHES

_CHANGING: Final = frozenset({MANIFEST, LOCK})
_IN_MEMORY: Final = 64 << 20
"""Bytes of a new object that are held in memory; of a longer one, in a temporary file without a name."""
_REFUSALS: Final = (EEXIST, EINVAL)
"""How drivers tell that a condition did not hold; s3fs says EINVAL where the store does not name the condition."""
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "s3": {
        # With more, each object would be asked for its size before it is read.
        "max_concurrency": 1,
        "config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"mode": "standard", "max_attempts": 4}},
    }
}


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

    def ahead(self, names: Iterable[str]) -> None:
        """See `Place.ahead`."""
        for name in names:
            FETCHED.ask(f"{self}/{name}", partial(self._get, name))

    @contextmanager
    def locked(self) -> Iterator[Held]:
        """See `Place.locked`."""
        held = Held(self, secrets.token_hex(8))
        held.take()
        try:
            yield held
        except Doubtful:
            # What is still under way may arrive later: nobody else may write before a person has looked.
            raise
        except BaseException:
            held.give_back()
            raise
        held.give_back()

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

    def put(self, name: str, data: bytes | mmap.mmap, **condition: str) -> None:
        """Write one object."""
        try:
            with self.asked("written"):
                self._driver.pipe_file(f"{self}/{name}", data, **condition)
        except FileNotFoundError:
            message = f"{self}: the bucket is not there"
            raise VaultFault(message, hint="make the bucket first, with the store's own tools") from None

    def remove(self, name: str) -> None:
        """Remove one object."""
        with self.asked("written"), suppress(FileNotFoundError):
            self._driver.rm_file(f"{self}/{name}")

    def found(self, folder: str) -> list[str]:
        """The objects of a folder, named by their paths inside the vault."""
        with self.asked("read"), suppress(FileNotFoundError):
            beyond = self._driver._strip_protocol(self.address) + "/"  # noqa: SLF001 - as `find` names what it finds
            return [str(path).removeprefix(beyond) for path in self._driver.find(f"{self}/{folder}")]
        return []

    @property
    def _driver(self) -> Any:
        return driver(self.address.partition("://")[0])

    def _get(self, name: str) -> bytes:
        with self.asked("read"):
            return bytes(self._driver.cat_file(f"{self}/{name}"))

    @contextmanager
    def asked(self, what: str) -> Iterator[None]:
        """Whatever a driver raises becomes one line of ours; its own words may hold an address or a credential.

        Raises:
            FileNotFoundError: as the driver says.
            VaultFault: everything else.
        """
        try:
            yield
        except TracerError:
            raise
        except FileNotFoundError:
            raise FileNotFoundError(self.address) from None
        except PermissionError:
            message = f"{self}: access denied"
            raise VaultFault(message, hint="check the credentials, and what they may do with this bucket") from None
        except Exception as fault:  # noqa: BLE001 - every driver has errors of its own
            message = f"{self}: cannot be {what} ({type(fault).__name__})"
            raise Refused(fault, message) from None


class Refused(VaultFault):
    """A request that failed."""

    def __init__(self, fault: Exception, message: str) -> None:
        super().__init__(message, hint="check the address, the credentials and the way to the store")
        self.condition = isinstance(fault, OSError) and (fault.errno in _REFUSALS or isinstance(fault, FileExistsError))
        """Whether a condition did not hold."""


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
        # A request that was answered too late is made once more, and then meets the lock it made itself.
        try:
            self._create(lock)
        except Refused as fault:
            if not (fault.condition and self._is_held()):
                self._explain(fault)
        try:
            self._create(lock)
        except Refused as fault:
            if fault.condition:
                return
            self.give_back()
            raise
        self.bucket.remove(LOCK)
        message = f"{self.bucket}: this store lets two writers write one object, so they could lose a platform"
        raise VaultFault(message, hint="write the vault in a folder and copy it here; it can be read from here")

    def give_back(self) -> None:
        """Remove the lock, if it is still this writer's."""
        with suppress(VaultFault):
            if self._is_held():
                self.bucket.remove(LOCK)

    @contextmanager
    def write(self, name: str) -> Iterator[IO[bytes]]:
        """See `Writing.write`."""
        with tempfile.SpooledTemporaryFile(_IN_MEMORY) as stream:
            yield stream
            length = stream.tell()
            stream.seek(0)
            if length <= _IN_MEMORY:
                self.bucket.put(name, stream.read())
            else:
                with mmap.mmap(stream.fileno(), length, access=mmap.ACCESS_READ) as data:
                    self.bucket.put(name, data)

    def settle(self, folder: str) -> None:
        """Nothing: a store that has taken an object keeps it."""

    def replace(self, name: str, data: bytes) -> None:
        """See `Writing.replace`."""
        if not self._is_held():
            message = f"{self.bucket}: the vault was freed for others meanwhile; nothing was changed"
            raise VaultFault(message, hint="see luobo vault list, and run again")
        try:
            self.bucket.put(name, data)
        except Refused as fault:
            message = f"{fault.message}; nobody knows whether the manifest was replaced"
            hint = f"see luobo vault list {self.bucket}, then free it with: luobo vault unlock {self.bucket}"
            raise Doubtful(message, hint=hint) from None

    def sweep(self, kept: Collection[str]) -> None:
        """See `Writing.sweep`; what cannot be removed now is removed the next time."""
        with suppress(VaultFault):
            found = [*self.bucket.found(PARTS), *self.bucket.found(SKETCHES)]
            strays = [name for name in found if "/".join(name.split("/")[:2]) not in kept]
            with ThreadPoolExecutor(AT_ONCE) as pool:
                list(pool.map(self.bucket.remove, strays))

    def _create(self, lock: bytes) -> None:
        self.bucket.put(LOCK, lock, mode="create")

    def _is_held(self) -> bool:
        holder = self.bucket.holder()
        return holder is not None and holder[0] == self.writer

    def _explain(self, fault: Refused) -> NoReturn:
        holder = self.bucket.holder()
        if not fault.condition or holder is None:
            raise fault
        message = f"{self.bucket}: somebody else is writing this vault, since {holder[1]}"
        hint = f"wait; if that writer was killed, free it with: luobo vault unlock {self.bucket}"
        raise VaultFault(message, hint=hint)


@cache
def driver(scheme: str) -> Any:
    """What fsspec speaks to a kind of store with; it finds credentials and endpoint in the surroundings.

    Raises:
        MissingExtra: it is not installed.
        VaultFault: fsspec knows no such store.
    """
    try:
        import fsspec  # noqa: PLC0415 - only vaults in a store need it

        return fsspec.filesystem(scheme, use_listings_cache=False, **_OPTIONS.get(scheme, {}))
    except ImportError:
        extra = "pip install 'luobo[s3]'" if scheme == "s3" else f"install fsspec and its driver for {scheme}://"
        raise MissingExtra(f"{scheme}:// needs a driver that is not installed", hint=extra) from None
    except ValueError:
        message = f"{scheme}:// is no kind of store that is known"
        raise VaultFault(message, hint="s3://, gs://, az:// and whatever else fsspec knows") from None
