"""G: what shows that nothing was changed, and what cannot be shown."""

from __future__ import annotations

from tracer.report.dossier import Dossier
from tracer.report.page import Block, Bullets, Callout, Facts, Heading, Listing, Section, Table, Text
from tracer.report.translation import translated
from tracer.report.wording import Wording, number


def section(dossier: Dossier, words: Wording) -> Section:
    """Journal, checkpoint and checks."""
    journal = dossier.journal
    if journal is None:
        told = Callout("warning", words("g.no_journal"), words("g.no_journal_text"))
        return Section("G", words("g.title"), (told,))
    rows = (
        (words("g.entries"), number(journal.entries)),
        (words("g.root"), journal.root),
        (words("g.timestamp"), journal.timestamp),
    )
    blocks: list[Block] = [Text(words("g.opening")), Facts(words("g.title"), rows)]
    blocks += [Heading(words("g.checkpoint")), Text(words("g.checkpoint_text")), Listing(journal.checkpoint)]
    if journal.checks:
        told_rows = tuple(
            (translated(name, words.lang), words("g.passed") if passed else words("g.failed"), said)
            for name, passed, said in journal.checks
        )
        heads = (words("g.check"), words("g.outcome"), words("g.said"))
        blocks += [Heading(words("g.checks")), Table(words("g.checks_caption"), heads, told_rows, (5, 1, 2))]
    if journal.anomalies:
        blocks += [Heading(words("g.anomalies")), Bullets(journal.anomalies)]
    else:
        blocks.append(Text(words("g.no_anomalies")))
    blocks.append(Callout("note", words("g.limits"), words("g.limits_text")))
    return Section("G", words("g.title"), tuple(blocks))
