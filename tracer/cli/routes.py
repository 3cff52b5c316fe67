"""Questions about the routes of a resale chain: back to the root, forward to everyone, and what a removal changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import show
from tracer.errors import UnknownName

if TYPE_CHECKING:
    from graphs.chain import Chain

_LISTED = 20


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked; nodes are given by id or by the name they are shown with."""

    back: Sequence[str] = ()
    """From these, every known route back to what nothing leads to."""
    forward: Sequence[str] = ()
    """Whom these reach."""
    without: Sequence[str] = ()
    """What if these were gone?"""

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return bool(self.back or self.forward or self.without)


def retracted(chain: Chain, references: Sequence[str]) -> Chain:
    """The chain without what rests on the evidence at these places; nothing is deleted.

    Raises:
        UnknownName: no evidence is there.
    """
    there = {item.reference for link in chain.links for item in link.evidence}
    for reference in references:
        if reference not in there:
            raise UnknownName(f"{reference}: no evidence of the chain is there", hint="references: graph -o FILE.json")
        chain = chain.retract(reference)
    return chain


def answered(chain: Chain, asked: Questions) -> dict[str, Any]:
    """The answers, for machines.

    Raises:
        UnknownName: a node is not in the chain, or several have its name.
    """
    from graphs.ranking import without  # noqa: PLC0415 - `--help` must not wait for it
    from graphs.routes import routes  # noqa: PLC0415 - as above

    told: dict[str, Any] = {}
    if asked.back:
        told["back"] = {one: chain.back(one) for one in _ids(chain, asked.back)}
    if asked.forward:
        told["forward"] = {one: chain.forward(one) for one in _ids(chain, asked.forward)}
    if asked.without:
        outcome = without(routes(chain), _ids(chain, asked.without))
        told["without"] = {
            "removed": list(outcome.removed),
            "lost": list(outcome.lost),
            "still_fed": list(outcome.still_fed),
        }
    return told


def print_answers(chain: Chain, told: dict[str, Any]) -> None:
    """The answers, for people."""
    labels = {node.id: f"{node.kind.replace('_', ' ')} {node.label or node.id}" for node in chain.nodes}

    def named(nodes: Sequence[str]) -> str:
        return show.escape_controls(", ".join(labels[node] for node in nodes) or "none")

    for start, ways in told.get("back", {}).items():
        click.echo(show.escape_controls(f"Known routes back from {labels[start]}, the most probable first:"))
        for way in ways[:_LISTED]:
            click.echo("  " + show.escape_controls(" ← ".join(labels[node] for node in way)))
        if len(ways) > _LISTED:
            click.echo(f"  … and {len(ways) - _LISTED:,} more (see --json)")
    for start, reached in told.get("forward", {}).items():
        click.echo(show.escape_controls(f"{labels[start]} reaches: ") + named(reached))
    if "without" in told:
        one = told["without"]
        click.echo(f"Without {named(one['removed'])}:")
        click.echo(f"  no known route reaches any more: {named(one['lost'])}")
        click.echo(f"  still reached: {named(one['still_fed'])}")


def _ids(chain: Chain, names: Sequence[str]) -> list[str]:
    return [_id(chain, name) for name in names]


def _id(chain: Chain, name: str) -> str:
    found = [node.id for node in chain.nodes if node.id == name] or [
        node.id for node in chain.nodes if node.label == name
    ]
    if len(found) != 1:
        what = "is not in the chain" if not found else f"is the name of {len(found)} nodes"
        raise UnknownName(f"{name}: {what}", hint="nodes and their ids: luobo graph CASE -o FILE.json")
    return found[0]
