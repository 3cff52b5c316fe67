"""Where the files of a vault lie: a folder, or a bucket of an object store.

Files are named by their path inside the vault. Whoever writes holds the vault meanwhile: only `locked` and `made` give
what can write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Final, Protocol

MANIFEST: Final = "manifest.json"
PARTS: Final = "parts"
SKETCHES: Final = "sketches"


class Place(Protocol):
    """A place that can be read, here and by other processes; `str` gives the name that people know it by."""

    def read(self, name: str) -> bytes:
        """One file.

        Raises:
            FileNotFoundError: it is not there.
            VaultFault: it cannot be read.
        """

    def ahead(self, files: Mapping[str, int]) -> None:
        """Fetch files (name → bytes) that will be read soon, all at once, where that saves time and there is room."""

    def locked(self) -> AbstractContextManager[Writing]:
        """Hold the vault for writing.

        Raises:
            VaultFault: somebody else is writing, or the vault cannot be written.
        """

    def made(self) -> AbstractContextManager[Writing]:
        """Hold a place where no vault is yet.

        Raises:
            VaultFault: there is something already, or nothing can be made there.
        """

    def freed(self) -> str | None:
        """Let others write though somebody holds the vault; gives since when that was, None if nobody did."""

    def key_path(self) -> Path:
        """Where the key file lies unless one says otherwise.

        Raises:
            KeyFault: one must say it.
        """


class Writing(Protocol):
    """A place while one holds it."""

    def write(self, name: str) -> AbstractContextManager[IO[bytes]]:
        """A new file, which no manifest names yet; it is there, whole, when the context ends."""

    def settle(self, folder: str) -> None:
        """See to it that the new files of a folder outlast a power cut."""

    def replace(self, name: str, data: bytes) -> None:
        """Put one file in the place of another in one step; a kill at any moment leaves the old one or the new one."""

    def sweep(self, kept: Collection[str]) -> None:
        """Remove all parts and sketches but these: what was replaced, and what a kill left behind."""
