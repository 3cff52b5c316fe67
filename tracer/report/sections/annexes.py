"""J: digests of everything, and the list of what was not recorded."""

from __future__ import annotations

from collections.abc import Sequence

from tracer.report.dossier import Dossier
from tracer.report.page import Block, Heading, Section, Table, Text, defects
from tracer.report.wording import Wording


def section(dossier: Dossier, words: Wording, before: Sequence[Section]) -> Section:
    """The annexes to the sections before."""
    manifest = [(one.number, one.name, one.sha256) for one in dossier.exhibits]
    manifest += [(words("j.derived"), one.name, one.sha256) for one in dossier.derived]
    heads = (words("j.number"), words("j.name"), words("j.sha256"))
    blocks: list[Block] = [
        Heading(words("j.manifest")),
        Table(words("j.manifest_caption"), heads, tuple(manifest), (0.9, 2.4, 4.4), mono=frozenset({2})),
        Heading(words("j.defects")),
    ]
    missing = defects(before)
    if missing:
        rows = tuple((one.section, one.what, words.join(one.subjects)) for one in missing)
        heads = (words("j.section"), words("j.field"), words("j.subjects"))
        blocks += [
            Text(words("j.defects_text", count=len(missing))),
            Table(words("j.defects_caption"), heads, rows, (0.7, 2.2, 4)),
        ]
    else:
        blocks.append(Text(words("j.no_defects")))
    blocks += [Heading(words("j.reproduce")), Text(words("j.reproduce_text", digest=dossier.digest))]
    return Section("J", words("j.title"), tuple(blocks))
