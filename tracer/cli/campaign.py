"""`luobo campaign`: which dump a caller's numbers were dialled from."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import show
from tracer.cli.calls import entries, recognised
from tracer.custody.exhibit import Exhibit, seal
from tracer.errors import UnreadableInput

if TYPE_CHECKING:
    from graphs.campaigns import Campaign, DumpNumbers, Explanation

_NOTHING = 1
_FEW = 20


class DumpsCommand(click.Command):
    """Lets `--dumps` take several files in a row: `--dumps a.csv b.csv`, as well as once for each."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `--dumps` before each file that follows it."""
        spread: list[str] = []
        within = False
        for arg in args:
            if arg == "--dumps":
                within = True
            elif arg.startswith("-") and arg != "-":
                within = False
                spread.append(arg)
            elif within and not (spread and spread[-1] in {"--json", "--canaries"}):
                spread += ["--dumps", arg]
            else:
                spread.append(arg)
        return super().parse_args(ctx, spread)


@click.command(cls=DumpsCommand, epilog="Example: luobo campaign calls.csv --dumps seized.txt other.xlsx --json -")
@click.argument("calls", type=click.Path())
@click.option(
    "--dumps", multiple=True, required=True, metavar="FILE…", type=click.Path(), help="Dumps to compare with."
)
@click.option("--canaries", metavar="FILE", type=click.Path(), help="Numbers invented as canaries, one a line: proof.")
@click.option("--json", "target", metavar="OUT", help="Write the findings as JSON to a file, or to stdout with -.")
@click.pass_context
def command(ctx: click.Context, calls: str, dumps: tuple[str, ...], canaries: str | None, target: str | None) -> None:
    """Say which of the dumps the numbers in CALLS were dialled from, and how many no dump explains. 拨打号码溯源

    CALLS is a caller's list: an Android backup, an exchange's call records, a bill, a table, or one number a line.
    Numbers are counted once. Exit code 0 if a dump is established, 1 if none is, 2 if something cannot be read.
    """
    from graphs.campaigns import explain  # noqa: PLC0415 - `--help` must not wait for it

    for file in (calls, *dumps):
        show.spare(Path(file), target)
    if len(set(dumps)) < len(dumps):
        raise UnreadableInput("a dump was named twice", hint="name each dump once")
    with show.progress("reading calls and dumps"):
        exhibit = seal(calls)
        dialled, others = _dialled(exhibit)
        invented = _canaries(canaries) if canaries else frozenset()
        compared = [_numbers(seal(dump), invented) for dump in dumps]
        campaign = explain(dialled, compared)
    warnings = _warnings(campaign, compared, others)
    if target is not None:
        show.write_json(_document(exhibit, campaign, others, warnings), target)
    if target != "-":
        _print(exhibit, campaign)
    for warning in warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)
    if not any(one.verdict == "established" for one in campaign.explanations):
        ctx.exit(_NOTHING)


def _dialled(exhibit: Exhibit) -> tuple[frozenset[str], int]:
    """(mobile numbers dialled, how many calls went to anything else)."""
    from graphs.calls.call import UnreadCall  # noqa: PLC0415
    from graphs.calls.number import is_mobile  # noqa: PLC0415

    recognised(exhibit)
    numbers, others = set(), 0
    for entry in entries(exhibit):
        if isinstance(entry, UnreadCall):
            others += 1
        elif is_mobile(entry.dialled):
            numbers.add(entry.dialled)
        else:
            others += 1
    if not numbers:
        raise UnreadableInput(
            f"{exhibit.name}: no mobile number was dialled in it",
            hint="name the caller's list, not that of who was called",
        )
    return frozenset(numbers), others


def _numbers(exhibit: Exhibit, canaries: frozenset[str]) -> DumpNumbers:
    from graphs.campaigns import DumpNumbers  # noqa: PLC0415
    from tracer.intake.inventory import phones  # noqa: PLC0415
    from tracer.intake.reading import read  # noqa: PLC0415

    numbers = phones(read(exhibit))
    return DumpNumbers(exhibit.name, numbers, numbers & canaries)


def _canaries(path: str) -> frozenset[str]:
    from graphs.calls.number import is_mobile, normalise  # noqa: PLC0415

    exhibit = seal(path)
    lines = exhibit.path.read_text("utf-8", errors="replace").splitlines()
    numbers = frozenset(filter(is_mobile, map(normalise, lines)))
    if not numbers:
        raise UnreadableInput(f"{path}: holds no mobile number", hint="write one number a line")
    return numbers


def _warnings(campaign: Campaign, compared: list[DumpNumbers], others: int) -> list[str]:
    found = [
        f"{dump.name}: holds no full mobile number, so it cannot have been dialled from"
        for dump in compared
        if not dump.numbers
    ]
    if others:
        found.append(f"{others:,} calls went to no mobile number or could not be read, and were left out")
    if campaign.numbers < _FEW:
        found.append(f"only {campaign.numbers} numbers were dialled: too few to compare dumps that share customers")
    if campaign.cover:
        found.append("a list that nobody seized and that holds the same people would explain these calls as well")
    return found


def _document(exhibit: Exhibit, campaign: Campaign, others: int, warnings: list[str]) -> dict[str, object]:
    return {
        "schema": "luobo.campaign/1",
        "calls": {
            "file": exhibit.name,
            "sha256": exhibit.sha256,
            "bytes": exhibit.size,
            "numbers": campaign.numbers,
            "left_out": others,
        },
        "best": campaign.cover[0] if campaign.cover else None,
        "cover": list(campaign.cover),
        "dumps": [_explained(one) for one in campaign.explanations],
        "unexplained": {"numbers": campaign.unexplained, "share": round(campaign.unexplained_share, 4)},
        "warnings": warnings,
    }


def _explained(one: Explanation) -> dict[str, object]:
    facts = asdict(one)
    facts["file"] = facts.pop("dump")
    facts["canaries"] = len(one.canaries)
    facts["rivals"] = list(one.rivals)
    for name in ("expected", "exclusive_expected", "log_likelihood_ratio", "share", "share_low", "share_high"):
        facts[name] = round(facts[name], 4)
    return {"file": facts.pop("file"), **facts}


def _print(exhibit: Exhibit, campaign: Campaign) -> None:
    rows = [
        (
            one.dump,
            one.verdict,
            one.dialled,
            f"{one.expected:.3g}",
            one.exclusive,
            f"{one.share:.0%} ({one.share_low:.0%} – {one.share_high:.0%})" if one.share else None,
            "no bound" if one.false_accusation >= 1 else f"{one.false_accusation:.0e}",
            ", ".join(one.rivals) or None,
        )
        for one in campaign.explanations
    ]
    columns = (
        "dump",
        "verdict",
        "dialled",
        "by chance",
        "only here",
        "share of the list",
        "false accusation ≤",
        "rivals",
    )
    show.table(columns, rows, title=f"{exhibit.name}: {campaign.numbers:,} mobile numbers dialled")
    click.echo(
        f"Explained by no dump: {campaign.unexplained:,} numbers ({campaign.unexplained_share:.0%} of the list)."
    )
