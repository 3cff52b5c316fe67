"""H: what the findings assume, what would change them, and what the words mean."""

from __future__ import annotations

from typing import Final

from tracer.report.dossier import Dossier
from tracer.report.page import Block, Bullets, Heading, Section, Table, Text
from tracer.report.wording import Wording

_VERDICTS: Final = ("established", "consistent", "indeterminate", "excluded")
_TERMS: Final = (
    "dump",
    "record",
    "reject",
    "platform",
    "source",
    "canary",
    "checkpoint",
    "lineage",
    "unseized",
    "interval",
)


def section(dossier: Dossier, words: Wording) -> Section:
    """Limits, method and glossary."""
    del dossier
    limits = tuple(words(f"h.limit{place}") for place in range(1, 7))
    verdicts = tuple((words(f"verdict.{one}"), words(f"meaning.{one}")) for one in _VERDICTS)
    terms = tuple((words(f"term.{one}"), words(f"meaning.{one}")) for one in _TERMS)
    heads = (words("h.word"), words("h.meaning"))
    blocks: list[Block] = [
        Heading(words("h.change")),
        Bullets(limits),
        Heading(words("h.method")),
        Text(words("h.method_text")),
        Heading(words("h.verdicts")),
        Table(words("h.verdicts_caption"), heads, verdicts, (1, 5), tones=frozenset({0})),
        Heading(words("h.glossary")),
        Table(words("h.glossary_caption"), heads, terms, (1, 5)),
    ]
    return Section("H", words("h.title"), tuple(blocks))
