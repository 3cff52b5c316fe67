"""B: who acted, and by which key each act is known."""

from __future__ import annotations

from tracer.report.dossier import Dossier
from tracer.report.page import Block, Callout, Facts, Section, Table, Text
from tracer.report.wording import Wording, moment

_NEEDED = 2
"""Investigators who must act (Interpretation of the Criminal Procedure Law of China, article 112)."""


def section(dossier: Dossier, words: Wording) -> Section:
    """The people of the case."""
    heads = ("name", "role", "unit", "badge", "since", "key")
    rows = tuple(
        (
            one.name,
            words.known(f"role.{one.role}", one.role),
            one.unit,
            one.badge,
            None if one.since is None else moment(one.since),
            one.key,
        )
        for one in dossier.people
    )
    blocks: list[Block] = [
        Table(
            words("b.caption"),
            tuple(words(f"b.{head}") for head in heads),
            rows,
            (1.3, 1.7, 1.3, 1.2, 1.7, 2.7),
            mono=frozenset({5}),
        )
    ]
    if len({one.key for one in dossier.people if one.key}) < _NEEDED:
        blocks.append(Callout("warning", words("b.too_few"), words("b.too_few_text")))
    unknown = [one.name for one in dossier.people if not one.vouched]
    if unknown:
        told = words("b.unvouched_text", names=words.join(unknown))
        blocks.append(Callout("warning", words("b.unvouched"), told))
    witnesses = sorted({one.witness for one in dossier.exhibits if one.witness})
    holders = sorted({one.holder for one in dossier.exhibits if one.holder})
    others = (
        (words("b.holder"), words.join(holders) if holders else None),
        (words("b.witness"), words.join(witnesses) if witnesses else None),
        (words("b.approver"), None),
    )
    blocks += [Facts(words("b.title"), others), Text(words("b.keys"), small=True)]
    return Section("B", words("b.title"), tuple(blocks))
