"""`luobo canary verify`: check a proof against a sealed head, as the other side would."""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import json_option
from tracer.errors import UnreadableInput

_DOES_NOT_HOLD = 1


@click.command(epilog="Example: luobo canary verify proof.json --head head.json")
@click.argument("proof", metavar="PROOF", type=click.Path(path_type=Path))
@click.option(
    "--head", required=True, metavar="HEAD", type=click.Path(path_type=Path), help="The head sealed beforehand."
)
@json_option
@click.pass_context
def command(ctx: click.Context, proof: Path, head: Path, target: str | None) -> None:
    """Check every signature, commitment, path, count and time of PROOF, and say what it cannot prove. 验证

    No register and no key is needed. Exit code 0 if everything holds, 1 if anything does not. The same check without
    luobo: python canaries/verify.py PROOF HEAD.
    """
    from canaries.verify import CANNOT_PROVE, examine  # noqa: PLC0415 - `--help` must not wait for it

    show.spare(proof, target)
    show.spare(head, target)
    checks = examine(_bytes(proof), _bytes(head))
    holds = all(check.passed for check in checks)
    if target is not None:
        listed = [{"check": one.name, "passed": one.passed, "detail": one.detail} for one in checks]
        told = {"schema": "luobo.canary-verify/1", "holds": holds, "checks": listed, "cannot_prove": list(CANNOT_PROVE)}
        show.write_json(told, target)
    if target != "-":
        show.table(
            ("check", "", "detail"), [(one.name, "ok" if one.passed else "FAILED", one.detail) for one in checks]
        )
        for line in CANNOT_PROVE:
            click.echo(f"cannot be proven: {line}")
        click.echo("The proof holds." if holds else "The proof does NOT hold.")
    if not holds:
        ctx.exit(_DOES_NOT_HOLD)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise UnreadableInput(f"{path}: cannot be read ({fault.strerror})", hint="check the path") from None
