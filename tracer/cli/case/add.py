"""`luobo case add`: seal exhibits into a case."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON, open_case, person_options

_KINDS = ["dump", "chat", "calls", "other"]
_TOLD = {
    "place": ("from", "PLACE", "Where, or from whom, it was seized."),
    "holder": ("holder", "WHO", "Who held or provided it."),
    "medium": ("medium", "TEXT", "Medium: make, serial number, capacity."),
    "seal_number": ("seal_number", "NO", "Number of the seal on the medium."),
    "witness": ("witness", "WHO", "Who witnessed the seizure, or why nobody did."),
    "method": ("method", "TEXT", "How it was copied: write blocker, image, download."),
    "derived_by": ("derived_by", "COMMAND", "The command that made it from --parent."),
}
"""Parameter → (name in the record, metavar, help)."""


def _circumstances(function: click.decorators.FC) -> click.decorators.FC:
    for name, (_, metavar, help_) in reversed(_TOLD.items()):
        flag = "--from" if name == "place" else f"--{name.replace('_', '-')}"
        function = click.option(flag, name, metavar=metavar, help=help_)(function)
    return function


@click.command(epilog='Example: luobo case add case-7 seized/*.csv --kind dump --seized-at 2025-10-08 --by "Li Lei"')
@CASE
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path())
@click.option("--kind", required=True, type=click.Choice(_KINDS), help="What kind of exhibit.")
@click.option(
    "--seized-at",
    required=True,
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE",
    help="When it was seized.",
)
@click.option("--parent", metavar="EXHIBIT", help="The exhibit it was derived from, E7 for one.")
@_circumstances
@JSON
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    files: tuple[str, ...],
    kind: str,
    seized_at: datetime,
    parent: str | None,
    target: str | None,
    by: str | None,
    passphrase_file: Path | None,
    **told: str | None,
) -> None:
    """Seal each FILE into CASE before anything reads it: two digests, size, times, and an age file. 封存物证

    The file itself is not changed. The exhibit counts when a second person has signed: luobo case approve.
    """
    circumstances = {_TOLD[name][0]: value for name, value in told.items() if value}
    moment = seized_at.date() if seized_at.time() == datetime.min.time() else seized_at
    circumstances = {"seized_at": moment.isoformat(), **circumstances}
    case = open_case(folder, by, passphrase_file)
    with show.progress("sealing exhibits"):
        added = case.add(files, kind=kind, circumstances=circumstances, parent=exhibit_number(parent))
    if target is not None:
        listed = [
            {
                "exhibit": one.label,
                "entry": one.number,
                "file": one.name,
                "kind": one.kind,
                "sha256": one.sha256,
                "sm3": one.sm3,
                "bytes": one.size,
                "status": "effective" if one.effective else "waiting",
            }
            for one in added
        ]
        show.write_json({"schema": "luobo.case.add/1", "exhibits": listed}, target)
    if target != "-":
        rows = [(one.label, one.name, one.size, one.sha256, "yes" if one.effective else "waits") for one in added]
        show.table(("exhibit", "file", "bytes", "SHA-256", "counts"), rows)
        if any(not one.effective for one in added):
            click.echo(f"A second person signs: luobo case approve {folder} all --by OTHER", err=True)


def exhibit_number(label: str | None) -> int | None:
    """The number of `E7` or `7`.

    Raises:
        BadParameter: it is neither.
    """
    if label is None:
        return None
    if not label.removeprefix("E").isascii() or not label.removeprefix("E").isdigit():
        raise click.BadParameter("an exhibit is called E and the number of its entry, E7 for one")
    return int(label.removeprefix("E"))
