"""From a dossier to the pages of one language: cover, sections A to J, and what is missing in them."""

from __future__ import annotations

from tracer.report.dossier import Dossier
from tracer.report.legibility import legible
from tracer.report.page import Block, Callout, Facts, Heading, Page, Section, Text, defects
from tracer.report.sections import (
    annexes,
    custody,
    exhibits,
    findings,
    head,
    integrity,
    limits,
    people,
    processing,
    signing,
)
from tracer.report.wording import Wording, moment, wording

_ORDER = (head, people, exhibits, custody, processing, findings, integrity, limits, signing)


def assemble(dossier: Dossier, lang: str) -> Page:
    """The report in a language of `wording.LANGUAGES`, masked and made visible."""
    words = wording(lang)
    shown = legible(dossier)
    sections = [room.section(shown, words) for room in _ORDER]
    sections.append(annexes.section(shown, words, sections))
    labels = {
        name: words(f"page.{name}") for name in ("digest", "page", "of", "contents", "not_recorded", "case", "issued")
    }
    return Page(
        lang=lang,
        title=words("page.name"),
        subtitle=words("page.subtitle"),
        cover=_cover(shown, sections, words),
        sections=tuple(sections),
        digest=shown.digest,
        issued=shown.head.issued,
        labels=labels,
    )


def _cover(dossier: Dossier, sections: list[Section], words: Wording) -> tuple[Block, ...]:
    head = dossier.head
    rows = (
        (words("page.case"), head.title),
        (words("page.number"), head.number),
        (words("page.issued"), moment(head.issued)),
        (words("page.by"), words.join([one.name for one in dossier.people]) if dossier.people else None),
    )
    blocks: list[Block] = [Facts(words("page.case"), rows), Heading(words("page.summary"))]
    for trace in dossier.traces:
        exhibit = dossier.exhibit(trace.exhibit)
        tone, sentence = findings.conclusion(trace, words)
        name = f"{trace.exhibit} · {exhibit.name}" if exhibit else trace.exhibit
        blocks.append(Callout(tone, name, sentence))  # type: ignore[arg-type]  # a tone is one of the verdicts
    if not dossier.traces:
        blocks.append(Callout("note", words("f.untraced"), words("f.untraced_text")))
    missing = len(defects(sections))
    said = [words("page.defects", count=missing) if missing else words("page.no_defects")]
    if head.alone is not None:
        said.append(words("page.alone", reason=head.alone))
    said += [words("page.completeness"), words("page.masked"), words("page.invented")]
    blocks += [Heading(words("page.status")), Text(" ".join(said) if words.lang == "en" else "".join(said))]
    return tuple(blocks)
