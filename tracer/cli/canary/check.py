"""`luobo canary check`: which canaries are in a dump, and who had them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import show
from tracer.cli.canary.opening import json_option, open_register, opening_options, register_option

if TYPE_CHECKING:
    from tracer.canary.checking import Checked

_NOBODY = 1
_LISTED = 20


@click.command(epilog="Example: luobo canary check seized.txt --register canaries.reg --json hits.json")
@click.argument("dump", metavar="DUMP")
@register_option
@json_option
@opening_options
@click.pass_context
def command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    dump: str,
    path: Path,
    target: str | None,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Say which canaries are in DUMP, however damaged, and whose export it came from. 核查

    Exit code 0 if somebody is established, 1 if nobody is, 2 if something cannot be read.
    """
    from canaries.canary import State  # noqa: PLC0415 - `--help` must not wait for it
    from tracer.canary.checking import check  # noqa: PLC0415
    from tracer.custody.exhibit import seal  # noqa: PLC0415
    from tracer.intake.reading import read  # noqa: PLC0415

    show.spare(Path(dump), target)
    with show.progress(f"looking for canaries in {dump}"):
        opened = open_register(path, key_path, passphrase_file)
        exhibit = seal(dump)
        done = check(read(exhibit), opened.register, exhibit.sealed_at.date())
        hit = {one.canary for one in done.sightings.planted if one.weight >= done.sightings.threshold}
        changed = opened.register.advanced(hit, State.HIT)
        if changed != opened.register:
            opened.save(changed)
    if target is not None:
        show.write_json(done.to_dict(exhibit), target)
    if target != "-":
        print_checked(exhibit.name, done)
    if not done.established:
        ctx.exit(_NOBODY)


def print_checked(dump: str, done: Checked) -> None:
    """The verdicts as a table a person can read."""
    verdict = done.verdict
    rows = [
        (one.recipient, one.verdict, one.hits, one.held, f"{one.expected:.1e}", f"{one.false_accusation:.0e}", one.why)
        for one in verdict.holders[:_LISTED]
    ]
    headings = ("recipient", "verdict", "hits", "held", "by accident", "false accusation ≤", "why")
    title = f"{dump}: {done.reading.records:,} records, {len(done.sightings.planted):,} sightings"
    show.table(headings, rows, title=title)
    if len(verdict.holders) > _LISTED:
        click.echo(f"… and {len(verdict.holders) - _LISTED} more recipients (see --json)")
    click.echo(
        f"shadows: {verdict.shadow_hits} of {verdict.shadows:,} sighted, so fewer than {verdict.shadow_bound:.2g} "
        f"of the sightings are false (95 %); a sighting needs {done.sightings.threshold:.1f} bits"
    )
    if verdict.leaked_after or verdict.leaked_before:
        click.echo(f"left between {verdict.leaked_after or '…'} and {verdict.leaked_before or '…'}")
    for name in verdict.collusion:
        click.echo(f"in it together: {show.escape_controls(name)}")
    for warning in verdict.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
