"""`luobo vault`: what platforms register beforehand."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.reading import reading_options
from tracer.cli.unlock import given, key_options, open_vault
from tracer.errors import UnknownName

_VAULT = click.argument("root", metavar="VAULT")
_JSON = click.option("--json", "target", metavar="OUT", help="Write the same as JSON to a file, or to stdout with -.")


@click.group(epilog="Example: luobo vault create city.vault")
def command() -> None:
    """What the platforms registered: keyed tokens of their customer tables, never the tables. 平台数据登记"""


@command.command(epilog="Example: luobo vault create city.vault")
@_VAULT
@key_options
def create(root: str, key_path: Path | None, passphrase_file: Path | None) -> None:
    """Make an empty vault and its key file beside it (mode 0600). 新建

    VAULT is a path, or an address such as s3://bucket/folder. Then --key must say where on this machine the key file
    lies, here and with every other command: it is never put into the store.

    With a passphrase (--passphrase-file or LUOBO_PASSPHRASE) the key file is locked by it.
    """
    from tracer.vault.vault import Vault  # noqa: PLC0415

    passphrase = given(passphrase_file)
    vault = Vault.create(root, key_path=key_path, passphrase=passphrase)
    click.echo(f"vault: {root}\nkey:   {key_path or vault.place.key_path()} ({vault.key.fingerprint})")
    click.echo("Keep the key apart from the vault and back it up: without it the vault is worthless.", err=True)


@command.command(epilog="Example: luobo vault add city.vault customers.csv --platform huadai --taken-at 2025-05-01")
@_VAULT
@click.argument("file")
@click.option("--platform", required=True, metavar="NAME", help="Whose table it is.")
@click.option(
    "--taken-at", required=True, type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="The day of the table."
)
@click.option("--table", metavar="T", help="Which table or sheet of the file.")
@click.option(
    "--column", "columns", multiple=True, metavar="NAME=ROLE", help="What a column is, where its header does not say."
)
@click.option("--joined", metavar="COLUMN", help="The column that says when a customer joined.")
@_JSON
@reading_options
@key_options
def add(  # noqa: PLR0913 - one parameter an option
    root: str,
    file: str,
    platform: str,
    taken_at: datetime,
    table: str | None,
    columns: tuple[str, ...],
    joined: str | None,
    target: str | None,
    password: str | None,
    limits: tuple[str, ...],
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Register what a platform's table held on one day. 登记

    Later and earlier snapshots of the same platform are folded into its history; adding one twice changes nothing.
    """
    from tracer.intake.databases.opening import is_database, streamed  # noqa: PLC0415

    database = is_database(file)
    if not database:
        from tracer.intake.child import begin  # noqa: PLC0415

        begin()  # it makes itself ready while the rest is loaded
        show.spare(Path(file), target)
    from tracer.intake.limits import raised  # noqa: PLC0415
    from tracer.registration import register, register_stream  # noqa: PLC0415

    allowed = raised(limits)
    roles = dict(_named(column) for column in columns)
    with show.progress(f"registering {platform}"):
        vault = open_vault(root, key_path, passphrase_file)
        if database:
            with streamed(file, table) as stream:
                _, added = register_stream(vault, stream, platform, taken_at.date(), roles=roles, joined=joined)
        else:
            _, added = register(
                vault, file, platform, taken_at.date(),
                table=table, roles=roles, joined=joined, limits=allowed, password=password,
            )  # fmt: skip
    if target is not None:
        show.write_json(
            {
                "platform": added.platform,
                "taken_at": added.taken_at,
                "rows": added.rows,
                "people": added.people,
                "new_people": added.new_people,
                "unidentified": added.unidentified,
                "unchanged": added.unchanged,
                "rejected": added.rejected,
            },
            target,
        )
    if target == "-":
        return
    if added.unchanged:
        click.echo(f"{platform} {added.taken_at}: registered before, nothing changed")
        return
    click.echo(
        f"{platform} {added.taken_at}: {added.rows:,} rows, {added.new_people:,} new of {added.people:,} customers"
    )
    if added.unidentified:
        click.echo(f"note: {added.unidentified:,} rows hold no identifier and cannot be recognised", err=True)
    if added.rejected:
        hint = "luobo inspect lists them with --rejects"
        click.echo(f"note: {added.rejected:,} records could not be read and are not registered; {hint}", err=True)
    for warning in added.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)


def _named(column: str) -> tuple[str, str]:
    name, equals, role = column.rpartition("=")
    if not equals:
        raise UnknownName(f"--column {column}: is not NAME=ROLE", hint="for example --column 联系方式=phone")
    return name, role


@command.command(name="list", epilog="Example: luobo vault list city.vault")
@_VAULT
@_JSON
@key_options
def list_(root: str, target: str | None, key_path: Path | None, passphrase_file: Path | None) -> None:
    """Which platforms are registered, with how many customers and from when to when. 列表"""
    from tracer.vault.shelf import kept_sketches  # noqa: PLC0415

    vault = open_vault(root, key_path, passphrase_file)
    sketches = kept_sketches(vault)
    platforms = [
        {
            "platform": platform.name,
            "people": platform.people,
            "snapshots": platform.days,
            "identifiers": sorted(platform.kinds),
            "claims": [{"name": claim.name, "role": claim.role} for claim in platform.claims],
            "joined_known": platform.joined,
            "bytes": platform.size,
        }
        for platform in vault.platforms
    ]
    if target is not None:
        listed = {
            "schema": "luobo.vault-list/1",
            "key": vault.key.fingerprint,
            "platforms": platforms,
            "sketches": [
                {"platform": one.platform, "newest": one.newest, "identifiers": sorted(one.kinds)} for one in sketches
            ],
        }
        show.write_json(listed, target)
    if target == "-":
        return
    rows: list[tuple[object, ...]] = [
        (
            one.name,
            one.people,
            len(one.days),
            one.days[0],
            one.days[-1],
            ", ".join(claim.name for claim in one.claims),
            one.size,
        )
        for one in vault.platforms
    ]
    rows += [(f"{one.platform} (sketch)", None, None, None, one.newest, "", None) for one in sketches]
    show.table(("platform", "customers", "snapshots", "first", "newest", "claims", "bytes"), rows, title=root)


@command.command(epilog="Example: luobo vault export city.vault --platform huadai -o huadai.tokens")
@_VAULT
@click.option("--platform", required=True, metavar="NAME")
@click.option("-o", "--output", required=True, metavar="FILE", type=click.Path(path_type=Path))
@click.option("--sketch", is_flag=True, help="A small sample only: how much of a dump it holds, and nothing else.")
@key_options
def export(  # noqa: PLR0913 - one parameter an option
    root: str, platform: str, output: Path, *, sketch: bool, key_path: Path | None, passphrase_file: Path | None
) -> None:
    """Write what is registered of one platform into one file: keyed tokens only. 导出"""
    from tracer.vault.handover import hand_over  # noqa: PLC0415
    from tracer.vault.sketch import sketch_of, write_sketch  # noqa: PLC0415

    vault = open_vault(root, key_path, passphrase_file)
    if sketch:
        write_sketch(sketch_of(vault, vault.platform(platform)), vault.key, output)
    else:
        hand_over(vault, vault.platform(platform), output)
    what = "a sketch" if sketch else "tokens only"
    click.echo(f"{platform}: {output} ({output.stat().st_size:,} bytes, {what})")


@command.command(name="import", epilog="Example: luobo vault import city.vault huadai.tokens")
@_VAULT
@click.argument("file", type=click.Path(path_type=Path))
@key_options
def import_(root: str, file: Path, key_path: Path | None, passphrase_file: Path | None) -> None:
    """Take in what another vault with the same key exported. 导入"""
    from tracer.vault.handover import take_over  # noqa: PLC0415
    from tracer.vault.shelf import is_sketch, keep_sketch  # noqa: PLC0415

    vault = open_vault(root, key_path, passphrase_file)
    if is_sketch(file):
        sketch = keep_sketch(vault, file)
        held = ", ".join(f"{one.tokens:,} {kind}" for kind, one in sketch.kinds.items())
        click.echo(f"{sketch.platform}: a sketch of {held}; it takes part in traces and names nobody")
        return
    platform = take_over(vault, file)
    click.echo(f"{platform.name}: {platform.people:,} customers, {len(platform.days)} snapshots")


@command.command(epilog="Example: luobo vault unlock s3://bucket/city.vault")
@_VAULT
def unlock(root: str) -> None:
    """Let others write a vault in a store whose writer was killed. 解锁

    Make sure first that nobody is writing: whoever still is will be refused, and has to run again. A vault in a folder
    needs none of this, for its lock ends with its holder.
    """
    from tracer.vault.address import place_of  # noqa: PLC0415

    since = place_of(root).freed()
    click.echo(f"{root}: nobody held it" if since is None else f"{root}: freed, it was held since {since}")
