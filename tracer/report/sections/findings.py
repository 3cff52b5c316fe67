"""F: what was found in each dump, how sure it is, and what else would explain it."""

from __future__ import annotations

from typing import Any, Final

from tracer.report import charts
from tracer.report.dossier import Dossier, Trace
from tracer.report.page import Block, Bullets, Callout, Figure, Heading, Section, Table, Text
from tracer.report.sections import canaries, counts, resale
from tracer.report.translation import translated
from tracer.report.wording import MINUS, Wording, chance, number, share, span

NAMED: Final = ("established", "consistent")
_LISTED: Final = 20
"""Platforms that are printed; every one tested stands in the findings."""


def section(dossier: Dossier, words: Wording) -> Section:
    """All findings."""
    blocks: list[Block] = [Text(words("f.opening"))]
    for trace in dossier.traces:
        blocks += _dump(dossier, trace, words)
    if not dossier.traces:
        blocks.append(Callout("note", words("f.untraced"), words("f.untraced_text")))
    timeline = charts.timeline(dossier.traces)
    if timeline:
        figure = Figure(timeline, words("f.timeline_caption"), words("f.timeline_described"))
        blocks += [Heading(words("f.timeline")), figure, Text(words("f.timeline_text"), small=True)]
        if (bars := len(charts.windows(dossier.traces))) > charts.BARS:
            blocks.append(Text(words("f.timeline_cut", shown=charts.BARS, count=bars), small=True))
    blocks += [*canaries.blocks(dossier, words), *counts.blocks(dossier, words), *resale.blocks(dossier, words)]
    return Section("F", words("f.title"), tuple(blocks))


def conclusion(trace: Trace, words: Wording) -> tuple[str, str]:
    """The tone and the sentence that a finding comes down to."""
    sources, unknown = trace.document["sources"], trace.document["unknown"]["rows"]
    named = [one for one in sources if one["verdict"] == "established"]
    if named:
        told = words.join(
            [words("f.named", platform=one["platform"], rows=number(one["rows"])) for one in named],
        )
        return "established", words("f.established", named=told, unknown=number(unknown))
    fits = [one["platform"] for one in sources if one["verdict"] == "consistent"]
    if fits:
        return "consistent", words("f.consistent", fits=words.join(fits))
    return "indeterminate", words("f.nobody")


def _dump(dossier: Dossier, trace: Trace, words: Wording) -> list[Block]:
    found = trace.document
    exhibit = dossier.exhibit(trace.exhibit)
    name = exhibit.name if exhibit else found["dump"]["file"]
    tone, sentence = conclusion(trace, words)
    blocks: list[Block] = [
        Heading(f"{trace.exhibit} · {name}"),
        Callout(tone, words(f"verdict.{tone}"), sentence),  # type: ignore[arg-type]  # a tone is one of the verdicts
        Figure(
            charts.sources(found, words),
            words("f.chart_caption", exhibit=trace.exhibit),
            words("f.chart_described", conclusion=sentence),
        ),
        _sources(found, trace.exhibit, words),
    ]
    for source in found["sources"]:
        if source["verdict"] in NAMED:
            blocks += _reasons(source, words)
    blocks += _doubts(found, words)
    if trace.entry is not None:
        blocks.append(Text(words("f.entry", entry=trace.entry), small=True))
    return blocks


def _sources(found: dict[str, Any] | Any, exhibit: str, words: Wording) -> Table:
    records = found["dump"]["records"]
    rows = [
        (
            one["platform"],
            words(f"verdict.{one['verdict']}"),
            number(one["rows"]),
            f"{number(one['rows_low'])} – {number(one['rows_high'])}",
            f"{one['share']:.1%}",
            chance(one["false_accusation"]) if one["verdict"] == "established" else MINUS,
            span(one["leaked_after"], one["leaked_before"]) if one["rows"] else MINUS,
        )
        for one in found["sources"][:_LISTED]
    ]
    rest = found["unknown"]
    interval = f"{number(rest['rows_low'])} – {number(rest['rows_high'])}"
    rows.append((words("f.unknown"), MINUS, number(rest["rows"]), interval, share(rest["rows"], records), MINUS, MINUS))
    columns = ("platform", "verdict", "rows", "interval", "share", "bound", "window")
    return Table(
        words(
            "f.sources_caption",
            exhibit=exhibit,
            shown=min(_LISTED, len(found["sources"])),
            count=len(found["sources"]),
        ),
        tuple(words(f"f.{head}") for head in columns),
        tuple(rows),
        (1.4, 1.45, 0.85, 1.45, 0.75, 1.4, 2.1),
        right=frozenset({2, 3, 4}),
        tones=frozenset({1}),
    )


def _reasons(source: Any, words: Wording) -> list[Block]:
    said = [words.of_evidence(one) for one in source["evidence"]]
    said += [
        words("f.lot", rows=number(one["rows_at_least"]), window=span(one["leaked_after"], one["leaked_before"]))
        for one in source.get("lots", ())
    ]
    blocks: list[Block] = [Text(words("f.because", platform=source["platform"])), Bullets(tuple(said))]
    if source["rivals"]:
        rivals = words.join([translated(one, words.lang) for one in source["rivals"]])
        blocks.append(Callout("note", words("f.rivals"), words("f.rivals_text", rivals=rivals)))
    return blocks


def _doubts(found: Any, words: Wording) -> list[Block]:
    """What the finding does not show and what would change it."""
    doubts = [words("f.alike", platforms=words.join(group)) for group in found["indistinguishable"]]
    doubts += [translated(warning, words.lang) for warning in found["warnings"]]
    return [Text(words("f.doubts")), Bullets(tuple(doubts))] if doubts else []
