"""Who acts in a case, and what opens that person's key: the options that every act has."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli.unlock import PASSPHRASE, given
from tracer.errors import KeyFault

if TYPE_CHECKING:
    from tracer.case import Case

BY = "LUOBO_BY"

CASE = click.argument("folder", metavar="CASE", type=click.Path(path_type=Path))
JSON = click.option("--json", "target", metavar="OUT", help="Write the same as JSON to a file, or to stdout with -.")


def person_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--by` and `--passphrase-file`."""
    who = click.option("--by", metavar="NAME", help=f"Who does this (or set {BY}). A new name joins the case.")
    opens = click.option(
        "--passphrase-file",
        type=click.Path(path_type=Path),
        help=f"File whose first line opens that person's key (or set {PASSPHRASE}).",
    )
    return who(opens(command))


def open_case(folder: Path, by: str | None, passphrase_file: Path | None) -> Case:
    """Open a case to act in it, asking for the passphrase on a terminal if the person's key file needs one."""
    from tracer.case import Case  # noqa: PLC0415 - `--help` must not wait for it

    passphrase = given(passphrase_file)
    case = Case.open(folder)
    case = Case.open(folder, by=named(by) or _only_person(case), passphrase=passphrase)
    try:
        newcomer = case.enter()
    except KeyFault as fault:
        if passphrase is not None or not fault.locked or not sys.stdin.isatty():
            raise
        asked = click.prompt("Passphrase", hide_input=True, err=True)
        case = Case.open(folder, by=case.by, passphrase=asked)
        newcomer = case.enter()
    if newcomer:
        click.echo(f"note: {case.by} joined the case with a key made just now", err=True)
    return case


def named(by: str | None) -> str | None:
    """The name given, by option or environment."""
    return by or os.environ.get(BY) or None


def _only_person(case: Case) -> str:
    """Who leads the case alone; where several do, somebody must be named."""
    book = case.book
    if book.alone is None or len(book.people) != 1:
        raise click.UsageError(f"say who does this: --by NAME, or set {BY}")
    return book.people[0].name
