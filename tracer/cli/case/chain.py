"""`luobo case chain`: the resale chain of a case."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON, open_case, person_options

if TYPE_CHECKING:
    from tracer.resale import Resale

_LISTED = 100


@click.command(epilog='Example: luobo case chain case-7 --seen seen.csv --by "Li Lei"')
@CASE
@click.option("--seen", metavar="SEEN.csv", type=click.Path(), help="When dumps were first seen: file,first_seen.")
@JSON
@person_options
def command(folder: Path, seen: str | None, target: str | None, by: str | None, passphrase_file: Path | None) -> None:
    """Join the dumps, chats and calls of CASE and what was traced into one resale chain. 倒卖链

    Platforms, dumps, adverts, sellers, groups, buyers and campaigns; every link with its evidence. It stays in the
    case: luobo graph CASE draws and exports it, luobo graph CASE --cut says whom to cut.
    """
    case = open_case(folder, by, passphrase_file)
    with show.progress("building the chain"):
        found = case.chain(seen=seen)
    if target is not None:
        show.write_json(found.to_dict(), target)
    if target != "-":
        print_chain(found)


def print_chain(found: Resale) -> None:
    """The chain as tables a person can read, people's numbers masked."""
    from graphs.exports.masked import masked  # noqa: PLC0415 - `--help` must not wait for it

    chain = masked(found.chain)
    counts = Counter(node.kind.replace("_", " ") for node in chain.nodes)
    show.table(("kind", "nodes"), sorted(counts.items()), title=f"resale chain, {len(chain.links):,} links")
    labels = {node.id: f"{node.kind.replace('_', ' ')} {node.label or node.id}" for node in chain.nodes}
    ranked = sorted(chain.links, key=lambda link: (-link.weight.probability, link.key))
    rows = [
        (labels[link.source], "→" if link.determined else "–", labels[link.target], link.kind.replace("_", " "),
         f"{link.weight.probability:.2f}", link.weight.status)
        for link in ranked[:_LISTED]
    ]  # fmt: skip
    show.table(("from", "", "to", "link", "probability", "status"), rows)
    if len(ranked) > _LISTED:
        click.echo(f"… and {len(ranked) - _LISTED:,} more links (see luobo graph)")
    for warning in found.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
