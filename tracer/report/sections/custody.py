"""D: what was done with the exhibits, by whom and why, entry by entry."""

from __future__ import annotations

from typing import Final

from tracer.report.dossier import Act, Dossier
from tracer.report.page import Block, Callout, Cell, Facts, Section, Table, Text
from tracer.report.wording import MINUS, Wording, moment, number, short

MOST: Final = 2_000
"""Entries that are printed; all of them stand in the bundle."""


def section(dossier: Dossier, words: Wording) -> Section:
    """The custody log."""
    acts = dossier.acts[:MOST]
    heads = tuple(words(f"d.{head}") for head in ("seq", "time", "actor", "action", "subject", "result", "entry"))
    rows = tuple(
        (
            str(act.seq),
            moment(act.time),
            _who(act, words),
            _what(act, words),
            act.subject or MINUS,
            _result(act, words) or MINUS,
            short(act.digest, 12),
        )
        for act in acts
    )
    blocks: list[Block] = [Text(words("d.opening", count=len(dossier.acts)))]
    pending = [str(act.seq) for act in dossier.acts if act.state == "pending"]
    alone = [str(act.seq) for act in dossier.acts if act.state == "override"]
    if pending:
        blocks.append(Callout("warning", words("d.pending"), words("d.pending_text", entries=words.join(pending))))
    if alone:
        blocks.append(Callout("warning", words("d.override"), words("d.override_text", entries=words.join(alone))))
    widths = (0.6, 1.6, 1.3, 1.3, 1.4, 3.2, 1.5)
    blocks.append(Table(words("d.caption"), heads, rows, widths, mono=frozenset({6})))
    others = ((words("d.authorisation"), None), (words("d.transfers"), _moved(dossier)))
    blocks.append(Facts(words("d.title"), others))
    if len(dossier.acts) > MOST:
        blocks.append(Text(words("d.cut", shown=MOST, count=len(dossier.acts)), small=True))
    return Section("D", words("d.title"), tuple(blocks))


def _result(act: Act, words: Wording) -> str:
    purpose = words("d.purpose", purpose=words.known(f"act.{act.purpose}", act.purpose)) if act.purpose else ""
    told = [f"{words.known(f'fact.{name}', name)} {_value(value, words)}" for name, value in act.facts.items()]
    return "\n".join(part for part in (purpose, ("；" if words.lang == "zh" else "; ").join(told)) if part)


def _moved(dossier: Dossier) -> Cell:
    """Every change of hands; None where none was recorded."""
    return "\n".join(f"{act.subject}: {act.moved} (#{act.seq})" for act in dossier.acts if act.moved) or None


def _value(value: str | int, words: Wording) -> str:
    if isinstance(value, int):
        return number(value)
    return words.known(f"role.{value}", words.known(f"kind.{value}", short(value)))


def _who(act: Act, words: Wording) -> str:
    return f"{act.actor}\n{words('d.second', name=act.second)}" if act.second else act.actor


def _what(act: Act, words: Wording) -> str:
    told = words.known(f"act.{act.action}", act.action)
    return told if act.state == "effective" else f"{told}\n({words(f'state.{act.state}')})"
