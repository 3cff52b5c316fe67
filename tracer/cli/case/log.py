"""`luobo case log`: what was done in a case."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON

if TYPE_CHECKING:
    from tracer.casebook import Casebook, Step


@click.command(epilog="Example: luobo case log case-7 --json -")
@CASE
@JSON
def command(folder: Path, target: str | None) -> None:
    """Show the journal of CASE: every act, who did it, who countersigned it, and what still waits. 操作日志"""
    from tracer.case import Case  # noqa: PLC0415 - `--help` must not wait for it

    book = Case.open(folder).book
    if target is not None:
        show.write_json(_document(book), target)
    if target == "-":
        return
    rows = [
        (step.number, f"{step.time:%Y-%m-%d %H:%M:%S}", step.by, step.act, told(step, book), _status(step))
        for step in book.steps
    ]
    show.table(("entry", "time (UTC)", "by", "act", "what", "status"), rows, title=f"{book.title} ({book.case})")
    if book.alone is not None:
        click.echo(f"One person leads this case alone: {show.escape_controls(book.alone)}")
    if book.waiting:
        click.echo(f"{len(book.waiting)} acts wait for a second person: luobo case approve {folder} all --by OTHER")


def _status(step: Step) -> str:
    words = f"countersigned by {', '.join(step.approved_by)}" if step.approved_by else step.status
    return f"{words}; clock was set" if step.anomalies else words


def told(step: Step, book: Casebook) -> str:
    """What an act was about, in a few words."""
    facts = step.facts
    match step.act:
        case "add":
            return f"E{step.number} {step.about.get('name', '(purged)')}: {facts['kind']}, {facts['bytes']:,} bytes"
        case "read" | "trace" | "reveal" if "exhibit" in facts:
            rest = f", {facts['established']} platforms established" if step.act == "trace" else ""
            return f"E{facts['exhibit']}{' for ' + str(facts['for']) if 'for' in facts else rest}"
        case "create" | "join" | "role":
            person = next((one.name for one in book.people if one.key == facts["key"]), "?")
            return f"{person} is {facts['role']}"
        case "approve":
            return f"entry {facts['of']}"
        case _:
            return ", ".join(f"{name} {str(value)[:16]}" for name, value in facts.items())


def _document(book: Casebook) -> dict[str, Any]:
    return {
        "schema": "luobo.case.log/1",
        "case": book.case,
        "title": book.title,
        "alone": book.alone,
        "purged": book.purged,
        "people": [{"name": one.name, "key": one.key, "role": one.role, "vouched": one.vouched} for one in book.people],
        "entries": [
            {
                "entry": step.number,
                "time": step.time.isoformat(),
                "by": step.by,
                "act": step.act,
                "facts": dict(step.facts),
                "status": step.status,
                "approved_by": list(step.approved_by),
                "anomalies": list(step.anomalies),
                "hash": step.leaf,
            }
            for step in book.steps
        ],
        "waiting": [step.number for step in book.waiting],
    }
