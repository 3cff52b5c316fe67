"""A: what the report is about, who asked for it, and what it was made with."""

from __future__ import annotations

from tracer.report.dossier import Dossier
from tracer.report.page import Block, Callout, Facts, Listing, Section, Text
from tracer.report.wording import Wording, moment


def section(dossier: Dossier, words: Wording) -> Section:
    """The head of the report."""
    head, tool = dossier.head, dossier.tool
    rows = (
        (words("a.number"), head.number),
        (words("a.case"), head.title),
        (words("a.cause"), head.cause),
        (words("a.office"), head.office),
        (words("a.procedure"), head.procedure),
        (words("a.purpose"), head.purpose),
        (words("a.created"), moment(head.created)),
        (words("a.issued"), moment(head.issued)),
        (words("a.language"), words("a.this_language")),
        (words("a.tool"), f"{tool.name} {tool.version}"),
        (words("a.tool_digest"), tool.digest),
    )
    blocks: list[Block] = [Facts(words("a.title"), rows)]
    if head.alone is not None:
        blocks.append(Callout("warning", words("a.alone"), words("a.alone_text", reason=head.alone)))
    blocks += [Text(words("a.verify")), Listing("luobo verify CASE.luobo --checkpoint CHECKPOINT.txt")]
    return Section("A", words("a.title"), tuple(blocks))
