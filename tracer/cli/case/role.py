"""`luobo case role`: what a person may do."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli.case.acting import CASE, open_case, person_options

_ROLES = ["custodian", "investigator", "reviewer", "auditor"]


@click.command(epilog='Example: luobo case role case-7 "Han Mei" reviewer --by "Li Lei"')
@CASE
@click.argument("name", metavar="NAME")
@click.argument("role", type=click.Choice(_ROLES))
@person_options
def command(folder: Path, name: str, role: str, by: str | None, passphrase_file: Path | None) -> None:
    """Say what NAME may do in CASE; a second person signs it. 角色

    A custodian may do everything, an investigator all but roles and purging. A reviewer countersigns and exports but
    never opens an original; an auditor sees the journal and takes checkpoints. Who joins is an investigator.
    """
    entry = open_case(folder, by, passphrase_file).assign(name, role)
    click.echo(f"entry {entry}: {name} is {role} once a second person signs")
