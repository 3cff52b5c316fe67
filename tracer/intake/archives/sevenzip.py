"""7z archives."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

from tracer.errors import UnreadableInput
from tracer.intake.archives.interface import Item, LimitReached, Say
from tracer.intake.member import Member

_MAGIC = b"7z\xbc\xaf\x27\x1c"
_CHUNK = 1 << 20


@dataclass(slots=True)
class _Sink:
    """Where the library unpacks a file to: memory."""

    sinks: _Sinks
    content: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes | bytearray) -> int:
        self.sinks.left -= len(data)
        if self.sinks.left < 0:
            raise LimitReached("unpacks to more than the limits allow; nothing of it was read", "ratio")
        self.content += data
        return len(data)

    def read(self, size: int | None = None) -> bytes:
        return bytes(self.content[:size])

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        """Nothing is kept back."""

    def size(self) -> int:
        return len(self.content)

    def close(self) -> None:
        """What was unpacked stays."""


@dataclass(slots=True)
class _Sinks:
    """One for each file."""

    left: int
    """Bytes that may still be unpacked."""
    made: dict[str, _Sink] = field(default_factory=dict)

    def create(self, filename: str) -> _Sink:
        return self.made.setdefault(filename, _Sink(self))


class SevenZip:
    """7z, encrypted or not."""

    format: ClassVar[str] = "7z"

    def __init__(self, member: Member, password: str | None, budget: int) -> None:
        """Look at an archive."""
        self._member, self._password, self._budget = member, password, budget

    @classmethod
    def recognises(cls, member: Member, head: bytes) -> bool:
        """Whether it has the mark of a 7z archive."""
        return head.startswith(_MAGIC)

    def items(self, say: Say) -> Iterator[Item]:
        """Every file in it; files packed together are unpacked together, all before the first is read."""
        import py7zr  # noqa: PLC0415 (rare)

        sinks = _Sinks(self._budget)
        self._member.stream.seek(0)
        try:
            with py7zr.SevenZipFile(self._member.stream, password=self._password) as archive:
                if archive.needs_password() and not self._password:
                    raise py7zr.exceptions.PasswordRequired("")  # noqa: TRY301 (as the library does further on)
                links = [info.filename for info in archive.list() if not info.is_directory and not info.is_file]
                archive.extractall(path=None, factory=sinks)
        except py7zr.exceptions.PasswordRequired:
            raise UnreadableInput(
                f"{self._member.name}: is encrypted", hint="give its password with --password"
            ) from None
        except LimitReached:
            raise
        except (MemoryError, OSError) as fault:
            raise fault if isinstance(fault, MemoryError) else self._damaged() from None
        except Exception:  # noqa: BLE001 (the library lets whatever its decoders raise pass)
            if self._password:
                hint = "is the password right? else it is damaged"
                raise UnreadableInput(f"{self._member.name}: cannot be unpacked", hint=hint) from None
            if not any(sink.content for sink in sinks.made.values()):
                raise self._damaged() from None
            say(f"{self._member.name}: is damaged; what could be unpacked was read")
        for name in links:
            say(f"{name}: is a link, not a file; it was skipped")
        for name, sink in sinks.made.items():
            yield Item(name, lambda sink=sink: _chunks(sink))  # type: ignore[misc]

    def _damaged(self) -> UnreadableInput:
        return UnreadableInput(f"{self._member.name}: is a damaged 7z archive", hint="check that it was copied whole")


def _chunks(sink: _Sink) -> Iterator[bytes]:
    for at in range(0, len(sink.content), _CHUNK):
        yield bytes(sink.content[at : at + _CHUNK])
    sink.content.clear()
