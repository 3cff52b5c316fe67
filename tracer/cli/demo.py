"""`luobo demo`: an invented leak, traced before your eyes, and a case that is ready for a court."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli.trace import print_findings
from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.demo.casework import Finished
    from tracer.demo.guide import Outcome

_WRONG = 1


@click.command(epilog="Example: luobo demo demo-world")
@click.argument("directory", required=False, type=click.Path(path_type=Path))
@click.pass_context
def command(ctx: click.Context, directory: Path | None) -> None:
    """Invent platforms and leaks, run the whole job, and compare the findings with the truth. 演示

    It ends with a finished case: a report in Chinese and in English, the resale chain, and a bundle to verify.
    DIRECTORY keeps what was made, to play with; without it a new one is made for it. Every person is invented.
    """
    from tracer.demo.guide import perform  # noqa: PLC0415 - `--help` must not wait for it

    if directory is not None:
        _make(directory)
    folder = directory or Path(tempfile.mkdtemp(prefix="luobo-demo-"))
    performance = perform(folder, lambda line: click.echo(f"· {line}", err=True))
    for outcome in performance.outcomes:
        _tell(outcome)
    count = len(performance.outcomes)
    wrong = [outcome.scene.file for outcome in performance.outcomes if not outcome.right]
    click.echo(f"{count - len(wrong)} of {count} dumps answered rightly, no innocent platform named.\n")
    _hand_over(folder, performance.finished)
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


def _hand_over(folder: Path, finished: Finished) -> None:
    """Say what lies where, and end with the command to try."""
    click.echo(f"Everything is in {folder}, a case of two people is finished:")
    for path in finished.reports:
        click.echo(f"  report   {path}")
    if finished.unwritten:
        click.echo(f"  report   not written: {finished.unwritten}")
    click.echo(f"  chain    {finished.page}")
    click.echo(f"  bundle   {finished.bundle}")
    click.echo(f"Trace by hand: luobo trace {folder}/dumps/first-hand.csv --vault {folder}/vault")
    click.echo(f"Read the log:  luobo case log {finished.case}")
    click.echo(f"Verify it:     luobo verify {finished.bundle} --checkpoint {finished.checkpoint}")
