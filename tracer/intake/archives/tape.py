"""tar archives."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from typing import ClassVar

from tracer.errors import UnreadableInput
from tracer.intake.archives.interface import Item, Say, legible
from tracer.intake.member import Member

_CHUNK = 1 << 20


class Tape:
    """tar (POSIX 1003.1 ustar and pax, GNU, and the old form)."""

    format: ClassVar[str] = "tar"

    def __init__(self, member: Member, password: str | None, budget: int) -> None:
        """Look at an archive."""
        self._member = member

    @classmethod
    def recognises(cls, member: Member, head: bytes) -> bool:
        """Whether the first header's mark or checksum is a tar's."""
        if head[257:262] == b"ustar":
            return True
        if len(head) < 512 or not head[0] or head[100:108].strip(b" \0").translate(None, b"01234567"):
            return False
        try:
            tarfile.TarInfo.frombuf(head[:512], "utf-8", "surrogateescape")
        except tarfile.HeaderError:
            return False
        return True

    def items(self, say: Say) -> Iterator[Item]:
        """Every regular file in it."""
        self._member.stream.seek(0)
        try:
            archive = tarfile.open(fileobj=self._member.stream, mode="r:", encoding="utf-8")  # noqa: SIM115
        except tarfile.TarError:
            raise UnreadableInput(
                f"{self._member.name}: is a damaged tar archive", hint="check that it was copied whole"
            ) from None
        found = 0
        while True:
            try:
                info = archive.next()
            except (tarfile.TarError, EOFError, ValueError, OverflowError):
                say(f"{self._member.name}: is damaged behind its member {found}; what stands before was read")
                return
            if info is None:
                break
            found += 1
            name = legible(info.name.encode("utf-8", "surrogateescape"))
            if info.isreg():
                yield Item(name, lambda info=info: self._chunks(archive, info))  # type: ignore[misc]
            elif not info.isdir():
                say(f"{name}: is a link or a device, not a file; it was skipped")
            archive.members = []  # type: ignore[attr-defined]  # else a list of all headers grows
        archive.close()

    def _chunks(self, archive: tarfile.TarFile, info: tarfile.TarInfo) -> Iterator[bytes]:
        content = archive.extractfile(info)
        if content is None:
            return
        done = 0
        while chunk := content.read(_CHUNK):
            done += len(chunk)
            yield chunk
        if done < info.size:
            raise EOFError
