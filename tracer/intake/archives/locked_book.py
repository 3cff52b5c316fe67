"""Office documents under a password: one packed document."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, ClassVar

from tracer.errors import UnreadableInput
from tracer.intake.archives.interface import Item, Say
from tracer.intake.member import Member

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class LockedBook:
    """An encrypted workbook ([MS-OFFCRYPTO])."""

    format: ClassVar[str] = ""

    def __init__(self, member: Member, password: str | None, budget: int) -> None:
        """Look at a document."""
        self._member, self._password = member, password

    @classmethod
    def recognises(cls, member: Member, head: bytes) -> bool:
        """Whether it is an OLE document that is encrypted."""
        if not head.startswith(_OLE):
            return False
        try:
            return bool(_document(member).is_encrypted())
        except Exception:  # noqa: BLE001 (the library lets whatever a damaged document raises pass; then it is no locked one)
            return False

    def items(self, say: Say) -> Iterator[Item]:
        """The document, decrypted.

        Raises:
            UnreadableInput: there is no password, or it is the wrong one.
        """
        if not self._password:
            raise UnreadableInput(
                f"{self._member.name}: is protected by a password", hint="give its password with --password"
            )
        out = io.BytesIO()
        try:
            document = _document(self._member)
            document.load_key(password=self._password)
            document.decrypt(out)
        except Exception:  # noqa: BLE001 (as above)
            raise UnreadableInput(
                f"{self._member.name}: cannot be decrypted", hint="is the password right? else it is damaged"
            ) from None
        yield Item("document", lambda: iter([out.getvalue()]))


def _document(member: Member) -> Any:
    import msoffcrypto  # noqa: PLC0415 (rare)

    member.stream.seek(0)
    return msoffcrypto.OfficeFile(member.stream)
