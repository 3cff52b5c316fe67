"""E: how the exhibits were read and worked on, and what could not be read."""

from __future__ import annotations

from typing import Any, Final

from tracer.report.dossier import Dossier, Trace
from tracer.report.page import Block, Bullets, Heading, Section, Table, Text
from tracer.report.translation import translated
from tracer.report.wording import MINUS, Wording, number

_LISTED: Final = 20
"""Rejects that are printed for each exhibit; all of them stand in the findings."""


def section(dossier: Dossier, words: Wording) -> Section:
    """What was done to the data."""
    blocks: list[Block] = [Text(words("e.opening")), _read(dossier, words), *_rejects(dossier, words)]
    warned = [
        f"{reading.exhibit}: {translated(warning, words.lang)}"
        for reading in dossier.readings
        for warning in reading.warnings
    ]
    blocks.append(Heading(words("e.unread")))
    blocks.append(Bullets(tuple(warned)) if warned else Text(words("e.all_read")))
    if dossier.steps:
        heads = tuple(words(f"e.{head}") for head in ("step", "inputs", "parameters", "output", "command"))
        rows = tuple(
            (
                words.known(f"act.{one.action}", one.action),
                words.join(one.inputs),
                one.parameters,
                one.output,
                one.command,
            )
            for one in dossier.steps
        )
        table = Table(words("e.steps_caption"), heads, rows, (0.8, 0.8, 1.9, 2.7, 2.6), mono=frozenset({3, 4}))
        blocks += [Heading(words("e.steps")), table]
    for trace in dossier.traces:
        blocks += _columns(trace, words)
    return Section("E", words("e.title"), tuple(blocks))


def _read(dossier: Dossier, words: Wording) -> Table:
    people = {trace.exhibit: trace.document["dump"]["people"] for trace in dossier.traces}
    rows = tuple(
        (
            one.exhibit,
            number(one.records + one.rejected),
            number(one.records),
            number(one.rejected),
            number(people[one.exhibit]) if one.exhibit in people else "–",
        )
        for one in dossier.readings
    )
    heads = tuple(words(f"e.{head}") for head in ("exhibit", "physical", "records", "rejected", "people"))
    return Table(words("e.caption"), heads, rows, (1, 1.4, 1.4, 1.4, 1.4), right=frozenset({1, 2, 3, 4}))


def _rejects(dossier: Dossier, words: Wording) -> list[Block]:
    causes = tuple(
        (one.exhibit, translated(cause, words.lang), number(count))
        for one in dossier.readings
        for cause, count in sorted(one.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    )
    places = tuple(
        (one.exhibit, MINUS if offset is None else number(offset), translated(cause, words.lang))
        for one in dossier.readings
        for offset, cause in one.first[:_LISTED]
    )
    blocks: list[Block] = [Heading(words("e.rejects"))]
    if not causes:
        return [*blocks, Text(words("e.none_rejected"))]
    heads = (words("e.exhibit"), words("e.cause"), words("e.count"))
    blocks.append(Table(words("e.causes_caption"), heads, causes, (1, 4, 1), right=frozenset({2})))
    if places:
        heads = (words("e.exhibit"), words("e.offset"), words("e.cause"))
        blocks.append(Table(words("e.places_caption"), heads, places, (1, 1.2, 4), right=frozenset({1})))
    return blocks


def _columns(trace: Trace, words: Wording) -> list[Block]:
    columns: list[dict[str, Any]] = trace.document["dump"]["columns"]
    rows = tuple(
        (str(one["name"]), words.known(f"column.{one['role']}", one["role"]), translated(one["why"], words.lang))
        for one in columns
    )
    heads = (words("e.column"), words("e.meaning"), words("e.why"))
    caption = words("e.columns_caption", exhibit=trace.exhibit)
    return [Heading(words("e.columns", exhibit=trace.exhibit)), Table(caption, heads, rows, (1.5, 1.2, 4))]
