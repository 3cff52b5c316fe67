"""`luobo inspect`: what is in this file, before anything is matched."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.reading import reading_options
from tracer.custody.exhibit import Exhibit, seal
from tracer.intake import child
from tracer.intake.inventory import Counting, Inventory, examples
from tracer.intake.limits import raised
from tracer.intake.reading import Survey, survey
from tracer.spreadsheet import write_rows

_SHOWN_REJECTS, _SHOWN_TABLES, _SHOWN_COLUMNS = 10, 20, 200


@click.command(epilog="Example: luobo inspect dump.zip --password 1234 --json -")
@click.argument("dump", type=click.Path())
@click.option("--json", "target", metavar="OUT", help="Write what was found as JSON to a file, or to stdout with -.")
@click.option("--rejects", metavar="FILE", help="Write every record that could not be read to a CSV or XLSX file.")
@reading_options
def command(dump: str, target: str | None, password: str | None, rejects: str | None, limits: tuple[str, ...]) -> None:
    """Say what is in DUMP: its columns and what they mean, how many records, phones, IDs and names. 看清文件内容

    Nothing is matched and nothing leaves this machine. Archives are read without being unpacked to disk.
    """
    show.spare(Path(dump), target, rejects)
    allowed = raised(limits)
    child.begin()
    with show.progress("reading"):
        exhibit = seal(dump)
        counting = Counting()
        found = survey(exhibit, limits=allowed, password=password, watch=counting.go_on)
        counting.go_on(found)
        inventory = counting.inventory
    if rejects is not None:
        show.write_file(write_rows(("member", "line", "offset", "reason"), _refused(found), rejects), Path(rejects))
    if target is not None:
        show.write_json(_document(exhibit, found, inventory), target)
    if target != "-":
        _print(exhibit, found, inventory)


def _refused(found: Survey) -> Iterator[tuple[object, ...]]:
    return ((one.member, one.line, one.offset, one.reason) for one in found.rejects)


def _document(exhibit: Exhibit, found: Survey, inventory: Inventory) -> dict[str, object]:
    several = len(found.tables) > 1
    return {
        "schema": "luobo.inspect/1",
        "file": exhibit.name,
        "sha256": exhibit.sha256,
        "bytes": exhibit.size,
        "format": found.format,
        "encoding": found.encoding,
        "members": list(found.members),
        "records": found.records,
        "rejected": found.rejected,
        "rejects": [
            {"offset": reject.offset, "line": reject.line, "reason": reject.reason}
            | ({"member": reject.member} if reject.member else {})
            for reject in found.rejects
        ],
        **asdict(inventory),
        "columns": [
            {"name": column.name, "role": str(column.role), "why": column.why}
            | ({"table": table.name} if several else {})
            for table in found.tables
            for column in table.columns
        ],
        "warnings": list(found.warnings),
    }


def _print(exhibit: Exhibit, found: Survey, inventory: Inventory) -> None:
    facts = [
        ("file", exhibit.name),
        ("SHA-256", exhibit.sha256),
        ("bytes", exhibit.size),
        ("format", " ".join(filter(None, (found.format, found.encoding)))),
        *((("members", len(found.members)),) if found.members else ()),
        ("records", found.records),
        ("rejected", found.rejected),
        *((name.replace("_", " "), count) for name, count in asdict(inventory).items()),
    ]
    show.table(("", ""), facts)
    for table in found.tables[:_SHOWN_TABLES]:
        columns = table.columns[:_SHOWN_COLUMNS]
        shown = examples(table, columns)
        rows = [(column.name, str(column.role), shown.get(column.key), column.why) for column in columns]
        title = f"{table.name} ({table.records:,} records)".strip()
        show.table(("column", "role", "example", "why"), rows, title=title)
        if len(table.columns) > len(columns):
            click.echo(f"note: {len(table.columns) - len(columns)} more columns are in the JSON", err=True)
    if len(found.tables) > _SHOWN_TABLES:
        click.echo(f"note: {len(found.tables) - _SHOWN_TABLES} more tables are in the JSON", err=True)
    if found.rejects:
        refused = [(reject.line, reject.offset, reject.reason) for reject in found.rejects[:_SHOWN_REJECTS]]
        title = f"first of {found.rejected:,} rejects"
        show.table(("line", "byte", "why it could not be read"), refused, title=title)
    for warning in found.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
