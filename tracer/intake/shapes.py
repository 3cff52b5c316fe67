"""Every shape of dump, in the order in which they are asked; the last one takes whatever is text."""

from __future__ import annotations

from tracer.intake.delimited import Delimited
from tracer.intake.interface import Reader
from tracer.intake.json_document import JsonDocument
from tracer.intake.json_records import JsonLines
from tracer.intake.labelled import Labelled
from tracer.intake.markup import Markup
from tracer.intake.member import Member
from tracer.intake.sheet_parts import SheetParts
from tracer.intake.sql_inserts import SqlDump
from tracer.intake.sqlite import Sqlite
from tracer.intake.stanzas import Stanzas
from tracer.intake.vcard import VCard
from tracer.intake.workbook import Workbook
from tracer.intake.xml_records import Xml

READERS: tuple[Reader, ...] = (
    Workbook(),
    Sqlite(),
    VCard(),
    Markup(),
    Xml(),
    JsonLines(),
    JsonDocument(),
    SqlDump(),
    Labelled(),
    Stanzas(),
    Delimited(),
)


def shape_of(member: Member, *, careful: bool = False) -> Reader:
    """The reader for a member; `careful` asks for the slow and sturdy one of its shape, where there is one."""
    head = member.head()
    found = next(reader for reader in READERS if reader.recognises(member, head))
    if careful and isinstance(found, Workbook):
        return SheetParts()
    return found
