"""`luobo canary disclose`: prove the hit canaries, and nothing more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import click

from tracer.cli import show
from tracer.cli.canary.opening import open_register, opening_options
from tracer.errors import UnreadableInput

_SHOWN: Final = ("name", "phone", "masked_phone")


@click.command(epilog="Example: luobo canary disclose canaries.reg --hits hits.json -o proof.json")
@click.argument("path", metavar="REG", type=click.Path(path_type=Path))
@click.option(
    "--hits",
    required=True,
    metavar="HITS.json",
    type=click.Path(path_type=Path),
    help="What luobo canary check --json wrote.",
)
@click.option("-o", "--output", required=True, metavar="PROOF", type=click.Path(path_type=Path), help="The proof.")
@click.option("--field", "fields", multiple=True, metavar="HEADER", help="Field to show besides name and phone.")
@click.option(
    "--digest", type=click.Choice(["sha256", "sm3"]), default="sha256", show_default=True, help="Of the tree."
)
@opening_options
def command(  # noqa: PLR0913 - one parameter an option
    path: Path,
    hits: Path,
    output: Path,
    fields: tuple[str, ...],
    digest: str,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Open the sighted canaries of HITS.json, their names, phones and allotment only, with their proofs. 披露

    The canaries in PROOF are burned: whoever reads it knows them. Replace them by minting new ones.
    """
    from canaries.sealing import Disclosure, disclose  # noqa: PLC0415 - `--help` must not wait for it

    show.spare(path, output)
    show.spare(hits, output)
    told = _read(hits)
    with show.progress("disclosing"):
        opened = open_register(path, key_path, passphrase_file)
        register = opened.register
        wanted = {one.name for one in register.fields if one.role in _SHOWN} | set(fields)
        ids = dict.fromkeys(one["canary"] for one in told["hits"])
        held = {one: [header for header in sorted(wanted) if register.find(one).cells.get(header)] for one in ids}
        dump = {part: told["dump"][part] for part in ("sha256", "bytes", "records", "sealed_at")}
        changed, proof = disclose(register, Disclosure(held, dump, told["shadow"]), digest)
        show.write_file(proof, output)
        opened.save(changed)
    click.echo(f"{output}: {len(held)} canaries disclosed, {len(proof) // max(1, len(held)):,} bytes each")
    click.echo("They are burned now; mint new ones in their place.", err=True)


def _read(hits: Path) -> dict[str, Any]:
    try:
        told = json.loads(hits.read_text("utf-8"))
        right = told["schema"] == "luobo.canary/1" and all(isinstance(one["canary"], str) for one in told["hits"])
        _ = (
            told["dump"]["sealed_at"],
            told["dump"]["sha256"],
            told["dump"]["bytes"],
            told["dump"]["records"],
            told["shadow"],
        )
    except OSError:
        raise UnreadableInput(f"{hits}: cannot be read", hint="check the path") from None
    except (ValueError, KeyError, TypeError):
        hint = "give what luobo canary check --json wrote"
        raise UnreadableInput(f"{hits}: is not the JSON of a check", hint=hint) from None
    if not right:
        raise UnreadableInput(f"{hits}: is not the JSON of a check", hint="give what luobo canary check --json wrote")
    if not told["hits"]:
        raise UnreadableInput(f"{hits}: holds no hit, so there is nothing to disclose", hint="check another dump")
    result: dict[str, Any] = told
    return result
