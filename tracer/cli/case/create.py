"""`luobo case create`: a new case."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.case.acting import BY, CASE, JSON, named, person_options
from tracer.cli.unlock import given


@click.command(epilog='Example: luobo case create case-7 --title "Loan lists" --by "Li Lei"')
@CASE
@click.option("--title", required=True, metavar="T", help="What the case is called.")
@click.option(
    "--alone", metavar="REASON", help="One person leads it alone: no second signatures, said in every report."
)
@click.option("--cause", metavar="TEXT", help="What it is about, for the head of reports.")
@click.option("--office", metavar="WHO", help="Who commissioned it.")
@click.option("--procedure", metavar="NO", help="Number of the legal document.")
@click.option("--purpose", metavar="TEXT", help="Purpose and scope.")
@click.option(
    "--recipient", "recipients", multiple=True, metavar="AGE1…", help="Another age key that can open all originals."
)
@JSON
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    title: str,
    alone: str | None,
    recipients: tuple[str, ...],
    target: str | None,
    by: str | None,
    passphrase_file: Path | None,
    **head: str | None,
) -> None:
    """Make a case in the new directory CASE. Whoever does becomes its custodian. 立案

    Acts that load or destroy evidence wait for a second person, unless --alone says why there is none.
    """
    from tracer.case import Case  # noqa: PLC0415 - `--help` must not wait for it

    name = named(by)
    if name is None:
        raise click.UsageError(f"say who does this: --by NAME, or set {BY}")
    case = Case.create(
        folder,
        title=title,
        by=name,
        alone=alone,
        recipients=recipients,
        about={field: value for field, value in head.items() if value},
        passphrase=given(passphrase_file),
    )
    book = case.book
    if target is not None:
        people = [{"name": one.name, "role": one.role, "key": one.key} for one in book.people]
        show.write_json(
            {"schema": "luobo.case/1", "case": book.case, "title": title, "alone": alone, "people": people}, target
        )
    if target != "-":
        click.echo(f"case:      {folder} ({book.case})\ncustodian: {case.by}, key {book.people[0].key[:16]}")
        if book.alone is not None:
            click.echo("One person leads this case alone: every report and every verification says so.", err=True)
