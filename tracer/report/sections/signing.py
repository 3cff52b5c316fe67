"""I: the lines on which those sign who answer for the report."""

from __future__ import annotations

from tracer.report.dossier import Dossier
from tracer.report.page import Section, Signatures, Text
from tracer.report.wording import Wording


def section(dossier: Dossier, words: Wording) -> Section:
    """Two people of the case in the roles they had, investigators where there are fewer, and whoever approves."""
    lines = [(one.name, words.known(f"role.{one.role}", one.role)) for one in dossier.people[:2]]
    lines += [("", words("i.investigator"))] * (2 - len(lines))
    lines.append(("", words("i.approver")))
    labels = (words("i.signature"), words("i.date"), words("i.seal"))
    return Section("I", words("i.title"), (Text(words("i.opening")), Signatures(tuple(lines), labels)))
