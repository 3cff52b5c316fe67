"""ZIP archives, with or without a directory at their end."""

from __future__ import annotations

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any, ClassVar

from tracer.errors import UnreadableInput
from tracer.intake.archives.interface import DAMAGED, Item, Say, WrongPassword, legible
from tracer.intake.member import Member

_CHUNK = 1 << 20
_LOCAL, _EMPTY = b"PK\x03\x04", b"PK\x05\x06"
_UTF8, _ENCRYPTED, _UNIX_LINK, _AES = 0x800, 0x1, 0o120000, 99
_WORKBOOK = re.compile(r"^(?:xl/|content\.xml$|Index/Document\.iwa$|word/)")


class Zipped:
    """ZIP (PKWARE APPNOTE 6.3), encrypted the old way or by AES (WinZip)."""

    format: ClassVar[str] = "zip"

    def __init__(self, member: Member, password: str | None, budget: int) -> None:
        """Look at an archive."""
        self._member, self._password = member, password

    @classmethod
    def recognises(cls, member: Member, head: bytes) -> bool:
        """Whether it begins or ends like a ZIP archive and is no workbook."""
        if not head.startswith((_LOCAL, _EMPTY, b"PK\x07\x08", b"MZ")):
            return False
        try:
            with zipfile.ZipFile(member.stream) as archive:
                return not any(_WORKBOOK.match(info.filename) for info in archive.infolist()[:1000])
        except DAMAGED:
            return head.startswith(_LOCAL) and not any(mark in head[:4096] for mark in (b"xl/", b"[Content_Types].xml"))

    def items(self, say: Say) -> Iterator[Item]:
        """Every file in it."""
        try:
            archive = self._open()
        except DAMAGED:
            say(f"{self._member.name}: the archive's directory is missing or damaged; members were searched for")
            yield from self._found()
            return
        for info in archive.infolist():
            raw = info.filename.encode("utf-8" if info.flag_bits & _UTF8 else "cp437", "replace")
            name = (info.filename if info.flag_bits & _UTF8 else legible(raw)) or "(a member without a name)"
            if info.filename.endswith("/"):
                continue
            if info.external_attr >> 16 & 0o170000 == _UNIX_LINK:
                say(f"{name}: is a link, not a file; it was skipped")
                continue
            yield Item(name, lambda info=info: self._chunks(archive, info))  # type: ignore[misc]

    def _open(self) -> zipfile.ZipFile:
        with zipfile.ZipFile(self._member.stream) as plain:
            strong = any(info.compress_type == _AES for info in plain.infolist())
        if not strong:
            return zipfile.ZipFile(self._member.stream)
        import pyzipper  # noqa: PLC0415 (rare)

        archive: zipfile.ZipFile = pyzipper.AESZipFile(self._member.stream)
        return archive

    def _chunks(self, archive: Any, info: Any) -> Iterator[bytes]:
        if info.flag_bits & _ENCRYPTED and not self._password:
            raise WrongPassword
        words = [self._password.encode(), self._password.encode("gb18030")] if self._password else [None]
        done = 0
        for place, word in enumerate(dict.fromkeys(words)):
            try:
                with archive.open(info, pwd=word) as content:
                    while chunk := content.read(_CHUNK):
                        done += len(chunk)
                        yield chunk
                return  # noqa: TRY300 (the next password is tried only after an error)
            except NotImplementedError:
                raise UnreadableInput("is packed in a way that is not known") from None
            except RuntimeError:
                if place + 1 == len(dict.fromkeys(words)):
                    raise WrongPassword from None
            except (zipfile.BadZipFile, zlib.error, struct.error, LookupError) as fault:
                # The old encryption lets one wrong password in 256 pass its check.
                if info.flag_bits & _ENCRYPTED and not done:
                    raise WrongPassword from None
                raise ValueError(str(fault)) from None

    def _found(self) -> Iterator[Item]:
        """Members by their own heads (APPNOTE 4.3.7), for an archive that was cut."""
        data = self._member.read()
        for found in re.finditer(re.escape(_LOCAL), data):
            at = found.start()
            if at + 30 > len(data):
                return
            flags, method = struct.unpack_from("<HH", data, at + 6)
            (size,) = struct.unpack_from("<I", data, at + 18)
            name_length, extra = struct.unpack_from("<HH", data, at + 26)
            stored = data[at + 30 : at + 30 + name_length]
            if method in (0, 8) and name_length and not stored.endswith(b"/") and not flags & _ENCRYPTED:
                body = data[at + 30 + name_length + extra :] if method else data[at + 30 + name_length + extra :][:size]
                yield Item(legible(stored), lambda body=body, method=method: _inflated(body, method))  # type: ignore[misc]


def _inflated(body: bytes, method: int) -> Iterator[bytes]:
    if not method:
        yield body
        return
    machine = zlib.decompressobj(-zlib.MAX_WBITS)
    for at in range(0, len(body), _CHUNK):
        left = body[at : at + _CHUNK]
        while left:
            try:
                chunk = machine.decompress(left, _CHUNK)
            except zlib.error as fault:
                raise ValueError(str(fault)) from None
            if chunk:
                yield chunk
            left = machine.unconsumed_tail
        if machine.eof:
            return
    raise EOFError
