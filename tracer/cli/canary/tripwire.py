"""`luobo canary tripwire`: who calls, writes or mails to canaries."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import json_option, open_register, opening_options, register_option
from tracer.errors import UnreadableInput

_NOBODY = 1


@click.command(epilog="Example: luobo canary tripwire calls.csv --register canaries.reg --own our-numbers.txt")
@click.argument("log", metavar="LOG")
@register_option
@click.option(
    "--own",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="The platform's own callers, one a line; they do not count.",
)
@click.option(
    "--of",
    "owner",
    metavar="NUMBER",
    default="",
    help="The phone LOG is a backup of: what came in came to this number.",
)
@json_option
@opening_options
@click.pass_context
def command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    log: str,
    path: Path,
    own: Path | None,
    owner: str,
    target: str | None,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Look for canaries' numbers and addresses in LOG, and compare with wrong numbers to shadow numbers. 绊线

    LOG is a table of calls, messages or mails, an Asterisk call record, or the backup of one phone (--of) in the XML of
    SMS Backup & Restore.
    Only canaries with owned numbers can be reached. Exit code 0 if somebody is established, 1 if nobody is.
    """
    from canaries.tripwires import trip  # noqa: PLC0415 - `--help` must not wait for it
    from tracer.canary.events import events  # noqa: PLC0415
    from tracer.cli.canary.mint import read_names  # noqa: PLC0415
    from tracer.custody.exhibit import seal  # noqa: PLC0415

    show.spare(Path(log), target)
    register = open_register(path, key_path, passphrase_file).register
    done = trip(register, events(seal(log), _number(owner)), read_names(own) if own is not None else ())
    if target is not None:
        shadow = {"numbers": done.shadow_numbers, "events": done.shadow_events}
        told = {
            "recipients": [asdict(one) for one in done.recipients],
            "shadow": shadow,
            "warnings": list(done.warnings),
        }
        show.write_json({"schema": "luobo.canary-tripwire/1", **told}, target)
    if target != "-":
        rows = [
            (one.recipient, one.verdict, one.events, one.numbers, f"{one.false_accusation:.0e}", one.first)
            for one in done.recipients
        ]
        title = f"{log}: {done.shadow_events} events at {done.shadow_numbers} shadow numbers"
        show.table(("recipient", "verdict", "events", "numbers", "false accusation ≤", "first"), rows, title=title)
        for warning in done.warnings:
            click.echo(f"note: {warning}", err=True)
    if not any(one.verdict == "established" for one in done.recipients):
        ctx.exit(_NOBODY)


def _number(text: str) -> str:
    """A phone's number in its one writing.

    Raises:
        UnreadableInput: it is none.
    """
    from graphs.calls.number import normalise  # noqa: PLC0415

    if text and not (number := normalise(text)).isdigit():
        raise UnreadableInput("--of is no phone number", hint="give it as --of 13800000000")
    return number if text else ""
