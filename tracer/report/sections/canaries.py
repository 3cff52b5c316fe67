"""F, canaries: invented customers of a register that were seen in a dump, and whom they name."""

from __future__ import annotations

from tracer.report.dossier import Dossier
from tracer.report.page import Block, Heading, Table, Text
from tracer.report.wording import Wording, chance, number, span


def blocks(dossier: Dossier, words: Wording) -> list[Block]:
    """What the registers say about each dump that they were asked about."""
    asked = [(trace.exhibit, trace.document["canaries"]) for trace in dossier.traces if trace.document.get("canaries")]
    told: list[Block] = [Heading(words("canary.title"))]
    if not asked:
        return [*told, Text(words("canary.none"))]
    rows = tuple(
        (
            exhibit,
            one["recipient"],
            words.known(f"verdict.{one['verdict']}", one["verdict"]),
            number(one["hits"]),
            f"{one['expected']:.2g}",
            chance(one["false_accusation"]),
        )
        for exhibit, canaries in asked
        for one in canaries["recipients"]
    )
    heads = tuple(words(f"canary.{head}") for head in ("exhibit", "recipient", "verdict", "hits", "expected", "bound"))
    table = Table(
        words("canary.caption"), heads, rows, (1, 2, 1.5, 1, 1, 1.5), right=frozenset({3, 4}), tones=frozenset({2})
    )
    told += [Text(words("canary.opening")), table]
    for exhibit, canaries in asked:
        shadow = canaries["shadow"]
        told.append(
            Text(
                words(
                    "canary.shadow",
                    exhibit=exhibit,
                    hits=number(shadow["hits"]),
                    bound=chance(min(1.0, shadow["bound"])),
                    window=span(canaries["leaked_after"], canaries["leaked_before"]),
                )
            )
        )
    return told
