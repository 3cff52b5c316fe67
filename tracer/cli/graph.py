"""`luobo graph`: the resale chain of a case as a file, and whom to cut."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import show
from tracer.cli.case.acting import CASE, JSON, open_case, person_options
from tracer.cli.routes import Questions, answered, print_answers, retracted
from tracer.errors import CaseFault, TracerError

if TYPE_CHECKING:
    from graphs.chain import Chain
    from graphs.ranking import Cut
    from graphs.score import Score, Support
    from tracer.case import Case

_LISTED = 20
_ENDINGS = "html,svg,graphml,gexf,json,stix.json,ftm.jsonl,cypher,prov.json,csv"


@click.command(epilog="Example: luobo graph case-7 -o chain.html; luobo graph case-7 --cut")
@CASE
@click.option(
    "-o",
    "--output",
    metavar=f"FILE.{{{_ENDINGS}}}",
    type=click.Path(path_type=Path),
    help="Write the chain; the ending says as what.",
)
@click.option("--cut", "cutting", is_flag=True, help="Say whom to cut, and what that stops.")
@click.option("--most", default=5, show_default=True, type=click.IntRange(1, 50), help="Size of the key set of --cut.")
@click.option("--back", multiple=True, metavar="NODE", help="Every known route from it back to the root. 溯源路径")
@click.option("--forward", multiple=True, metavar="NODE", help="Everyone whom it reaches. 流向")
@click.option("--without", multiple=True, metavar="NODE", help="What if it were gone? 假设移除")
@click.option(
    "--retract",
    multiple=True,
    metavar="REFERENCE",
    help="Answer without the evidence at this place; stores nothing.",
)
@click.option("--reveal", is_flag=True, help="People's numbers in the clear; journaled with its purpose. 明文")
@click.option("--purpose", default="", metavar="TEXT", help="What --reveal is for.")
@JSON
@person_options
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    output: Path | None,
    cutting: bool,  # noqa: FBT001 (click's flag)
    most: int,
    back: tuple[str, ...],
    forward: tuple[str, ...],
    without: tuple[str, ...],
    retract: tuple[str, ...],
    reveal: bool,  # noqa: FBT001 (click's flag)
    purpose: str,
    target: str | None,
    by: str | None,
    passphrase_file: Path | None,
) -> None:
    """Export the resale chain of CASE, or say whom to cut. The chain is built if it was not: luobo case chain. 关系图

    Who to cut: without whom no known route reaches the calls, the cheapest set that stops all of them, and the few
    removals that stop most. Everything is about known routes.
    """
    from graphs.exports.formats import UnknownEnding, export  # noqa: PLC0415 - `--help` must not wait for it
    from graphs.exports.masked import masked  # noqa: PLC0415 - as above
    from tracer.case import Case  # noqa: PLC0415 - as above

    asked = Questions(back, forward, without)
    if output is None and not cutting and not asked:
        raise click.UsageError(f"say what is wanted: -o FILE.{{{_ENDINGS}}}, --cut, --back, --forward or --without")
    if output is not None and retract:
        raise click.UsageError("--retract is for questions; what is written to a file rests on all evidence")
    case = Case.open(folder)
    if output is not None or reveal or case.book.chain is None:
        case = open_case(folder, by, passphrase_file)
    chain, built = _chain(case, purpose, reveal=reveal)
    if output is not None:
        try:
            text = export(chain, output.name, created=built, reveal=reveal)
        except UnknownEnding as fault:
            raise TracerError(f"{output}: {fault}", hint=f"name it FILE.{{{_ENDINGS}}}") from None
        content = text.encode("utf-8", "backslashreplace")
        facts: dict[str, str | int] = {
            "of": "chain",
            "sha256": hashlib.sha256(content).hexdigest(),
            "masked": int(not reveal),
        }
        case.record("export", facts, {"file": output.name})
        show.write_file(content, output)
        click.echo(f"{output}: {len(chain.nodes):,} nodes, {len(chain.links):,} links", err=True)
    if cutting or asked:
        _answer(retracted(masked(chain), retract), built, most if cutting else None, asked, target)


def _chain(case: Case, purpose: str, *, reveal: bool) -> tuple[Chain, datetime]:
    """The chain as it was last built, and when; in the clear it is built anew from the originals."""
    from graphs.chain import from_json  # noqa: PLC0415

    if reveal:
        case.reveal({"of": "chain"}, purpose)
        with show.progress("building the chain"):
            made = case.chain(purpose="reveal").chain
    elif case.book.chain is None:
        with show.progress("building the chain"):
            case.chain()
    recorded = case.book.chain
    if recorded is None or not recorded.document:
        raise CaseFault("the case has no chain", hint=f"build it: luobo case chain {case.folder}")
    return made if reveal else from_json(recorded.document["chain"]), recorded.at


def _answer(chain: Chain, built: datetime, most: int | None, asked: Questions, target: str | None) -> None:
    from graphs.ranking import cut  # noqa: PLC0415

    answers = answered(chain, asked)
    found = None if most is None else cut(chain, most=most)
    if target is not None:
        whom = {"schema": "luobo.cut/1"} if found is None else {**_document(chain, found), **_scores(chain, built)}
        show.write_json({**whom, **answers}, target)
    if target != "-":
        if found is not None:
            _print(chain, found)
        print_answers(chain, answers)


def _document(chain: Chain, found: Cut) -> dict[str, Any]:
    stops = found.minimum_cost not in {0.0, float("inf")}
    return {
        "schema": "luobo.cut/1",
        "campaigns": [node.id for node in chain.nodes if node.kind == "campaign"],
        "dominators": [
            {"node": one.node, "campaigns": list(one.campaigns), "sentence": one.sentence} for one in found.dominators
        ],
        "minimum_cut": {"nodes": list(found.minimum_cut), "cost": found.minimum_cost} if stops else None,
        "key_set": [{"node": one.node, "gain": one.gain, "cut": one.cut} for one in found.key_set],
        "shares": dict(found.shares),
    }


def _scores(chain: Chain, built: datetime) -> dict[str, Any]:
    """How much each seller matters and how far the evidence supports each platform; every point cites its evidence."""
    from graphs.score import score_seller, support_platform  # noqa: PLC0415

    today = built.astimezone().replace(tzinfo=None)  # chats write local times without a zone
    sellers = [score_seller(chain, node.id, today=today) for node in chain.nodes if node.kind == "seller"]
    platforms = [support_platform(chain, node.id) for node in chain.nodes if node.kind == "platform"]
    return {"sellers": [_told(one) for one in sellers], "platforms": [_told(one) for one in platforms]}


def _told(score: Score | Support) -> dict[str, Any]:
    told = asdict(score)
    for point in told["points"]:
        point["most"] = None if point["most"] == float("inf") else point["most"]
    return told


def _print(chain: Chain, found: Cut) -> None:
    labels = {node.id: f"{node.kind.replace('_', ' ')} {node.label or node.id}" for node in chain.nodes}
    if not any(node.kind == "campaign" for node in chain.nodes):
        click.echo("The case holds no calls: there is nothing to cut off yet (luobo case add … --kind calls).")
    for one in found.dominators[:_LISTED]:
        click.echo(show.escape_controls(one.sentence))
    if found.minimum_cut:
        named = ", ".join(labels[node] for node in found.minimum_cut)
        click.echo(show.escape_controls(f"The cheapest set that stops every known route: {named}"))
    elif found.minimum_cost == float("inf"):
        click.echo("Some route passes nobody who can be acted against: no set stops all of them.")
    if found.key_set:
        rows = [(labels[one.node], f"{one.gain:g}", f"{one.cut:g}") for one in found.key_set]
        show.table(("cut", "campaigns stopped", "together"), rows)
    ranked = sorted(found.shares.items(), key=lambda pair: (-pair[1], pair[0]))[:_LISTED]
    if ranked:
        show.table(("passed by", "share of routes"), [(labels[node], f"{share:.0%}") for node, share in ranked])
