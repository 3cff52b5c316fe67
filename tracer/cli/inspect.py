"""`luobo inspect`: what is in this file, before anything is matched."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from tracer.cli import show
from tracer.custody.exhibit import Exhibit, seal
from tracer.intake.interface import Reading
from tracer.intake.inventory import Inventory, examples, take
from tracer.intake.reading import read

_SHOWN_REJECTS = 10


@click.command(epilog="Example: luobo inspect dump.csv --json -")
@click.argument("dump", type=click.Path())
@click.option("--json", "target", metavar="OUT", help="Write what was found as JSON to a file, or to stdout with -.")
@click.option("--password", metavar="P", help="Password of an encrypted archive.")
def command(dump: str, target: str | None, password: str | None) -> None:
    """Say what is in DUMP: its columns and what they mean, how many records, phones, IDs and names. 看清文件内容

    Nothing is matched and nothing leaves this machine.
    """
    show.spare(Path(dump), target)
    with show.progress("reading"):
        exhibit = seal(dump)
        reading = read(exhibit)
        found = take(reading)
    if password is not None:
        click.echo("note: this is no encrypted archive, the password was not needed", err=True)
    if target is not None:
        show.write_json(_document(exhibit, reading, found), target)
    if target != "-":
        _print(exhibit, reading, found)


def _document(exhibit: Exhibit, reading: Reading, found: Inventory) -> dict[str, object]:
    several = len(reading.tables) > 1
    return {
        "schema": "luobo.inspect/1",
        "file": exhibit.name,
        "sha256": exhibit.sha256,
        "bytes": exhibit.size,
        "format": reading.format,
        "encoding": reading.encoding,
        "members": list(reading.members),
        "records": reading.records,
        "rejected": len(reading.rejects),
        "rejects": [
            {"offset": reject.offset, "line": reject.line, "reason": reject.reason}
            | ({"member": reject.member} if reject.member else {})
            for reject in reading.rejects
        ],
        **asdict(found),
        "columns": [
            {"name": column.name, "role": str(column.role), "why": column.why}
            | ({"table": table.name} if several else {})
            for table in reading.tables
            for column in table.columns
        ],
        "warnings": list(reading.warnings),
    }


def _print(exhibit: Exhibit, reading: Reading, found: Inventory) -> None:
    facts = [
        ("file", exhibit.name),
        ("SHA-256", exhibit.sha256),
        ("bytes", exhibit.size),
        ("format", " ".join(filter(None, (reading.format, reading.encoding)))),
        ("records", reading.records),
        ("rejected", len(reading.rejects)),
        *((name.replace("_", " "), count) for name, count in asdict(found).items()),
    ]
    show.table(("", ""), facts)
    for table in reading.tables:
        shown = examples(table)
        rows = [(column.name, str(column.role), shown.get(column.key), column.why) for column in table.columns]
        show.table(
            ("column", "role", "example", "why"), rows, title=f"{table.name} ({table.frame.height:,} records)".strip()
        )
    if reading.rejects:
        refused = [(reject.line, reject.offset, reject.reason) for reject in reading.rejects[:_SHOWN_REJECTS]]
        show.table(
            ("line", "byte", "why it could not be read"), refused, title=f"first of {len(reading.rejects):,} rejects"
        )
    for warning in reading.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
