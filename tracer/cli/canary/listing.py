"""`luobo canary list`: what is in a register."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import json_option, open_register, opening_options


@click.command(name="list", epilog="Example: luobo canary list canaries.reg")
@click.argument("path", metavar="REG", type=click.Path(path_type=Path))
@json_option
@opening_options
def command(path: Path, target: str | None, key_path: Path | None, passphrase_file: Path | None) -> None:
    """How many canaries there are, whose, and what became of them; none is named. 列表"""
    from canaries.summary import summary  # noqa: PLC0415 - `--help` must not wait for it

    told = summary(open_register(path, key_path, passphrase_file).register)
    if target is not None:
        show.write_json({"schema": "luobo.canary-list/1", **told}, target)
    if target != "-":
        rows = [(one["holder"], one["kind"], one["state"], one["canaries"]) for one in told["groups"]]
        title = f"{path}: {told['canaries']:,} canaries, {told['clocks']} clocks, {told['sealed_heads']} sealed heads"
        show.table(("holder", "kind", "state", "canaries"), rows, title=title)
