"""Through an archive and the archives in it, member by member, as far as the limits allow."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import BinaryIO

from tracer.errors import UnreadableInput
from tracer.intake.archives.compressed import compression_of, unwrapped
from tracer.intake.archives.interface import LimitReached, Packed, WrongPassword
from tracer.intake.archives.locked_book import LockedBook
from tracer.intake.archives.sevenzip import SevenZip
from tracer.intake.archives.tape import Tape
from tracer.intake.archives.zipped import Zipped
from tracer.intake.limits import Limits
from tracer.intake.member import Member
from tracer.intake.spool import Spool

_ARCHIVES: tuple[type[Packed], ...] = (Zipped, SevenZip, Tape, LockedBook)
_FURNITURE = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_COPIED = 1 << 20


@dataclass(frozen=True, slots=True)
class Archived:
    """A member that is no archive itself."""

    number: int
    member: Member
    packed: bool
    """Whether it lay in an archive."""


@dataclass(slots=True)
class Walk:
    """One walk; what it notices goes to the ledger."""

    limits: Limits
    password: str | None
    scratch: Sequence[BinaryIO]
    """Files to unpack into, one for each archive or compression inside another."""
    spool: Spool
    _number: int = -1
    _unpacked: int = 0
    _budget: int = field(default=0)
    _full: bool = False

    def members(self, exhibit: Member) -> Iterator[Archived]:
        """Everything in the exhibit that is no archive: itself, or what is packed in it."""
        self._budget = self.limits.budget(exhibit.size)
        yield from self._inside(exhibit, "", 0, 0)

    def _inside(self, member: Member, path: str, depth: int, level: int) -> Iterator[Archived]:
        """What `member` holds; `path` is its name within the exhibit, empty for the exhibit itself."""
        self._number += 1
        number = self._number
        if number > self.limits.members:
            self._stop(f"more than {self.limits.members} members: the others were not read", "members")
            return
        head = member.head()
        compression = compression_of(head)
        archive = next((kind for kind in _ARCHIVES if kind.recognises(member, head)), None)
        if compression is None and archive is None:
            self.spool.enter(kind="member", number=number, name=path, size=member.size, leaf=True)
            yield Archived(number, member, packed=bool(path))
            return
        self.spool.enter(kind="member", number=number, name=path, size=member.size, leaf=False)
        if depth >= self.limits.depth:
            self._fault(
                f"{member.name}: an archive {depth} deep in others was not opened", "raise it with --limit depth=N"
            )
            return
        if compression is not None:
            self.spool.enter(kind="shape", format=compression, encoding="")
            inner = _without_ending(path or PurePosixPath(member.name).name)
            # A compressed file is no archive of members: tar.gz is one layer, as people see it.
            copy = self._copied(inner, lambda: unwrapped(member.stream, compression), level)
            if copy is not None:
                yield from self._inside(copy, inner, depth + (not _is_tar(copy)), level + 1)
            return
        if archive is not None:
            if archive.format:
                self.spool.enter(kind="shape", format=archive.format, encoding="")
            yield from self._unpacked_from(archive, member, path, depth, level)

    def _unpacked_from(
        self, kind: type[Packed], member: Member, path: str, depth: int, level: int
    ) -> Iterator[Archived]:
        try:
            archive = kind(member, self.password, self._budget - self._unpacked)
            for item in archive.items(self._say):
                if self._full:
                    return
                name = f"{path}/{item.name}" if path else item.name
                if item.name.startswith(_FURNITURE[0]) or PurePosixPath(item.name).name in _FURNITURE[1:]:
                    continue
                copy = self._copied(name, item.chunks, level)
                if copy is not None and copy.size:
                    yield from self._inside(copy, name, depth + 1, level + 1)
                elif copy is not None:
                    self._say(f"{name}: is empty")
        except UnreadableInput as fault:
            self._fault(fault.message, fault.hint)
        except LimitReached as fault:
            self._stop(str(fault), fault.limit)

    def _copied(self, name: str, chunks: Callable[[], Iterator[bytes]], level: int) -> Member | None:
        """The member's bytes in the scratch file of its level: all of them, or those before the damage."""
        if level >= len(self.scratch):
            self._fault(f"{name}: is packed too many times over", "unpack it first")
            return None
        place = self.scratch[level]
        place.seek(0)
        place.truncate()
        size = 0
        try:
            for chunk in chunks():
                self._spare(len(chunk))
                place.write(chunk)
                size += len(chunk)
        except LimitReached as fault:
            self._stop(f"{name}: {fault}", fault.limit)
        except WrongPassword:
            hint = "that password does not open it" if self.password else "give its password with --password"
            self._fault(f"{name}: is encrypted", hint)
            return None
        except (UnreadableInput, OSError, EOFError, ValueError) as fault:
            reason = fault.message if isinstance(fault, UnreadableInput) else "is damaged"
            if not size:
                self._fault(f"{name}: {reason}", "it may not have been copied whole")
                return None
            self._say(f"{name}: {reason} after {size} bytes; what stands before them was read")
        return Member(name, place, size, lasting=False)

    def _spare(self, count: int) -> None:
        """Count unpacked bytes."""
        self._unpacked += count
        if self._unpacked > self._budget:
            raise LimitReached(f"unpacks to more than {self._budget} bytes; the rest was not read", "ratio")

    def _say(self, text: str) -> None:
        self.spool.enter(kind="note", text=text)

    def _fault(self, message: str, hint: str) -> None:
        self.spool.enter(kind="fault", message=message, hint=hint)

    def _stop(self, text: str, limit: str) -> None:
        if not self._full:
            self._full = True
            self._fault(text, f"it may be a bomb; if it is not, raise the limit with --limit {limit}=NUMBER")


def _without_ending(name: str) -> str:
    """`a.csv` of `a.csv.gz`, `a.tar` of `a.tgz`."""
    ending = PurePosixPath(name).suffix
    stem = name.removesuffix(ending)
    if ending.lower() in (".tgz", ".tbz", ".tbz2", ".txz"):
        return stem + ".tar"
    return stem if ending.lower() in (".gz", ".bz2", ".xz", ".lzma", ".zst", ".z") else name


def _is_tar(member: Member) -> bool:
    return Tape.recognises(member, member.head(1024))
