"""C: the exhibits, one by one, with everything that identifies them."""

from __future__ import annotations

from tracer.report.dossier import Dossier, Exhibit
from tracer.report.page import Block, Cell, Facts, Heading, Section, Table, Text
from tracer.report.wording import MINUS, Wording, moment, number


def section(dossier: Dossier, words: Wording) -> Section:
    """The list of exhibits (legal norm 法发〔2016〕22号, articles 5 and 14: category, format, integrity value)."""
    listed = tuple(
        (one.number, one.name, words.known(f"kind.{one.kind}", one.kind), number(one.bytes), _day(one.seized_at))
        for one in dossier.exhibits
    )
    heads = tuple(words(f"c.{head}") for head in ("number", "name", "kind", "bytes", "seized"))
    blocks: list[Block] = [
        Text(words("c.opening", count=len(dossier.exhibits))),
        Table(words("c.caption"), heads, listed, (0.8, 3.2, 1.2, 1.3, 1.6), right=frozenset({3})),
    ]
    for one in dossier.exhibits:
        blocks += [Heading(f"{one.number} · {one.name}"), Facts(one.number, _facts(one, words), paired=True)]
    if dossier.derived:
        rows = tuple(
            (one.name, words.join(one.parents) if one.parents else MINUS, one.made_by, one.sha256)
            for one in dossier.derived
        )
        heads = tuple(words(f"c.{head}") for head in ("derived", "parents", "made_by", "sha256"))
        table = Table(words("c.derived_caption"), heads, rows, (1.6, 1.0, 2.2, 2.6), mono=frozenset({2, 3}))
        blocks += [Heading(words("c.derived_title")), table]
    return Section("C", words("c.title"), tuple(blocks))


def _facts(one: Exhibit, words: Wording) -> tuple[tuple[str, Cell], ...]:
    return (
        (words("c.kind"), words.known(f"kind.{one.kind}", one.kind)),
        (words("c.standing"), words("c.original") if one.parent is None else words("c.made_from", parent=one.parent)),
        (words("c.bytes"), number(one.bytes)),
        (words("c.format"), one.format),
        (words("c.encoding"), one.encoding),
        (words("c.holder"), one.holder),
        (words("c.seized"), _day(one.seized_at)),
        (words("c.place"), one.place),
        (words("c.medium"), one.medium),
        (words("c.seal_number"), one.seal_number),
        (words("c.seal_photo"), one.seal_photo),
        (words("c.method"), one.method),
        (words("c.write_blocker"), one.write_blocker),
        (words("c.clock_offset"), one.clock_offset),
        (words("c.witness"), one.witness),
        (words("c.begun_at"), _day(one.begun_at)),
        (words("c.sealed_at"), _day(one.sealed_at)),
        (words("c.sealed_by"), one.sealed_by),
        (words("c.sha256"), one.sha256),
        (words("c.sm3"), one.sm3),
    )


def _day(time: str | None) -> Cell:
    return None if time is None else moment(time)
