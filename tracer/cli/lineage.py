"""`luobo lineage`: which dump was made from which."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import show
from tracer.cli.unlock import key_options, open_vault

if TYPE_CHECKING:
    from tracer.lineage.story import Account

_LISTED = 200


@click.command(epilog="Example: luobo lineage seized/*.csv --seen seen.csv --json chain.json")
@click.argument("files", nargs=-1, required=True, metavar="FILE…", type=click.Path())
@click.option("--seen", metavar="SEEN.csv", type=click.Path(), help="When each was first seen: file,first_seen.")
@click.option("--vault", "root", metavar="VAULT", help="Platforms whose tables may be parents.")
@click.option("--json", "target", metavar="OUT", help="Write what was found as JSON to a file, or to stdout with -.")
@key_options
def command(  # noqa: PLR0913 - one parameter an option
    files: tuple[str, ...],
    seen: str | None,
    root: str | None,
    target: str | None,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Say which of the dumps FILE… was made from which, how sure that is, and which dumps nobody seized. 倒卖链

    With --vault the first parents are looked for among the registered platforms as well: such an edge is the leak.
    Exact copies of a file count as one dump. Times are optional: they help to say which of two dumps came first.
    """
    from tracer.leaks import lineage_from  # noqa: PLC0415 - `--help` must not wait for it
    from tracer.lineage.story import lineage  # noqa: PLC0415 - as above

    for file in (*files, *([seen] if seen else [])):
        show.spare(Path(file), target)
    vault = open_vault(root, key_path, passphrase_file) if root is not None else None
    with show.progress("comparing dumps", (3 if vault else 2) * len(files)) as done:
        if vault is None:
            found = lineage(files, seen=seen, progress=done)
        else:
            found = lineage_from(files, vault, seen=seen, progress=done)
    if target is not None:
        show.write_json(found.to_dict(), target)
    if target != "-":
        print_account(found)


def print_account(found: Account) -> None:
    """What was found as tables a person can read."""
    edges = sorted(found.lineage.edges, key=lambda edge: (edge.child, -edge.probability))
    rows = [
        (
            edge.parent,
            "→" if edge.determined else "–",
            edge.child,
            f"{edge.probability:.2f}",
            edge.operation,
            edge.facts[0].statement if edge.facts else None,
        )
        for edge in edges[:_LISTED]
    ]
    rows += [
        (one.parent, "→", one.child, f"{one.probability:.2f}", one.operation, one.facts[0].statement)
        for one in found.leaks
    ]
    headings = ("made from", "", "dump", "probability", "by", "because")
    show.table(headings, rows, title=f"{show.counted(len(found.dumps), 'dump')}, {show.counted(len(edges), 'edge')}")
    if len(edges) > _LISTED:
        click.echo(f"… and {show.counted(len(edges) - _LISTED, 'more edge')} (see --json)")
    for one in found.lineage.missing:
        before = f" before {one.before}" if one.before else ""
        children = ", ".join(show.escape_controls(child) for child in one.children)
        size = show.counted(one.records, "record")
        click.echo(f"{one.name}: a dump of about {size}{before} was not seized; from it: {children}")
    for dump in found.dumps:
        if dump.copies:
            same = ", ".join(map(show.escape_controls, dump.copies))
            click.echo(f"{show.escape_controls(dump.file)}: the same file was also seized as {same}")
    if any(not edge.determined for edge in edges):
        click.echo("– between two dumps: they are kin, but which of them came first is not determined")
    for warning in found.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
