"""`luobo demo`: an invented leak, traced before your eyes."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.trace import print_findings
from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.demo.guide import Outcome

_WRONG = 1


@click.command(epilog="Example: luobo demo demo-world")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, directory: Path | None) -> None:
    """Invent platforms and leaks, run the whole job, and compare the findings with the truth. 演示

    DIRECTORY keeps what was made, to play with; without it everything is thrown away. Every person is invented.
    """
    from tracer.demo.guide import perform  # noqa: PLC0415 - `--help` must not wait for it

    if directory is not None:
        _make(directory)
    with tempfile.TemporaryDirectory(prefix="luobo-demo-") as scratch:
        outcomes = perform(directory or Path(scratch), lambda line: click.echo(f"· {line}", err=True))
    for outcome in outcomes:
        _tell(outcome)
    wrong = [outcome.scene.file for outcome in outcomes if not outcome.right]
    click.echo(f"{len(outcomes) - len(wrong)} of {len(outcomes)} dumps answered rightly, no innocent platform named.")
    if directory is not None:
        click.echo(
            f"Everything is in {directory}; try: luobo trace {directory}/dumps/first-hand.csv --vault {directory}/vault"
        )
    if wrong:
        click.echo(f"wrong: {', '.join(wrong)}", err=True)
        ctx.exit(_WRONG)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        empty = not any(directory.iterdir())
    except OSError as fault:
        raise TracerError(f"{directory}: cannot be used ({fault.strerror})", hint="name a new directory") from None
    if not empty:
        raise TracerError(f"{directory}: is not empty", hint="name a new directory")


def _tell(outcome: Outcome) -> None:
    click.echo(f"\n{'─' * 100}\n{outcome.scene.story}\n")
    print_findings(outcome.findings)
    truth = (
        ", ".join(f"{name} {rows:,} rows" for name, rows in outcome.true_sources.items()) or "no registered platform"
    )
    click.echo(f"The truth: {truth}, taken on {outcome.scene.plan.day}.")
    if outcome.true_sources:
        worst = max(outcome.row_error(name) for name in outcome.true_sources)
        click.echo(f"Greatest error of a row count: {worst:.2%}.")
    click.echo(f"The finding is {'right' if outcome.right else 'WRONG'}.")
