"""`luobo verify`: is this bundle what it was?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tracer.cli import show
from tracer.cli.case.acting import JSON
from tracer.errors import UnreadableInput

_UNSOUND = 1
_LISTED = 50


@click.command(epilog="Example: luobo verify case-7.luobo --checkpoint point.txt")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--checkpoint",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A checkpoint that was handed over earlier: proves that nothing was cut or rewritten since.",
)
@JSON
@click.pass_context
def command(ctx: click.Context, bundle: Path, checkpoint: Path | None, target: str | None) -> None:
    """Check a bundle, offline and without the case: every fault with what it means and what to do. 核验

    Exit code 0 if it is sound, 1 if any check failed, 2 if it cannot be read.
    """
    from tracer.custody.verify import verify  # noqa: PLC0415 - `--help` must not wait for it

    show.spare(bundle, target)
    try:
        outside = checkpoint.read_bytes() if checkpoint else None
        with show.progress(f"verifying {bundle.name}"), bundle.open("rb") as stream:
            found = verify(stream, outside)
    except OSError as fault:
        name = fault.filename or bundle
        raise UnreadableInput(f"{name}: cannot be read ({fault.strerror})", hint="check the path") from None
    document = found.to_dict()
    if target is not None:
        show.write_json({**document, "file": str(bundle)}, target)
    if target != "-":
        noted = {one["check"] for one in document["notices"]}
        rows = [(one["number"], _result(one, noted), one["claim"]) for one in document["checks"]]
        show.table(("check", "result", "claim"), rows, title=f"{bundle.name}: {document['entries']:,} entries")
        for word, listed in (("FAULT", document["faults"]), ("note", document["notices"])):
            for one in listed[:_LISTED]:
                told = f"{word} (check {one['check']}) {one['place']}: {one['what']}; {one['advice']}"
                click.echo(show.escape_controls(told))
            if len(listed) > _LISTED:
                click.echo(f"… and {len(listed) - _LISTED:,} more (see --json)")
        for one in document["people"]:
            click.echo(show.escape_controls(f"signed by {one['name']}, key {one['key'][:16]}"))
        click.echo("The bundle is sound." if found.sound else "The bundle is NOT sound: do not rely on it.")
    if not found.sound:
        ctx.exit(_UNSOUND)


def _result(check: dict[str, Any], noted: set[int]) -> str:
    # Nothing failed where nothing could be checked; but that is no pass either.
    return "FAILED" if not check["passed"] else "see note" if check["number"] in noted else "passed"
