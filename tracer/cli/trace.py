"""`luobo trace`: which platforms a dump came from."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import show
from tracer.cli.canary.opening import open_register
from tracer.cli.engine import engine_of
from tracer.cli.reading import reading_options
from tracer.cli.unlock import key_options, open_vault

if TYPE_CHECKING:
    from tracer.comparing import Compared
    from tracer.findings import Findings

_NOTHING = 1
_LISTED = 12


@click.command(epilog="Example: luobo trace dump.csv --vault city.vault --rows rows.parquet --json findings.json")
@click.argument("dump")
@click.option("--vault", "root", metavar="VAULT", help="What the platforms registered.")
@click.option("--against", metavar="TABLE", help="Instead of a vault: one clear table, a platform's own customers.")
@click.option(
    "--rows", metavar="FILE.parquet", type=click.Path(path_type=Path), help="Write each record's likely source."
)
@click.option(
    "--register",
    "registers",
    multiple=True,
    metavar="REGISTER",
    type=click.Path(path_type=Path),
    help="Canaries to look for.",
)
@click.option(
    "--engine", type=click.Choice(["here", "spark"]), default="here", show_default=True, help="Where bulk work runs."
)
@click.option("--spark-master", metavar="URL", help="The Spark cluster: spark://HOST:PORT, yarn, or local[2].")
@click.option(
    "--spark-folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder that all its machines share; the one the vault lies in if left out.",
)
@click.option(
    "--memory", metavar="SIZE", help="What tracing may take, 2G if left out: a longer dump is traced in parts."
)
@click.option(
    "--scratch",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where these parts lie, encrypted, until it is done; the system's folder for temporary files if left out.",
)
@click.option("--json", "target", metavar="OUT", help="Write the findings as JSON to a file, or to stdout with -.")
@reading_options
@key_options
@click.pass_context
def command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    dump: str,
    root: str | None,
    against: str | None,
    rows: Path | None,
    registers: tuple[Path, ...],
    engine: str,
    spark_master: str | None,
    spark_folder: Path | None,
    memory: str | None,
    scratch: Path | None,
    target: str | None,
    password: str | None,
    limits: tuple[str, ...],
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Say which platforms DUMP came from, how many records of each, how sure, and when. 溯源

    A dump too long for the memory is traced in parts; the same command given again after a kill goes on where it was.

    With --against a platform checks a dump against its own clear table, in any language, without a vault.

    Exit code 0 if a platform is established, 1 if none is, 2 if something cannot be read.
    """
    if (root is None) == (against is None):
        raise click.UsageError("name what the dump is traced to: either --vault VAULT or --against TABLE")
    if against is not None and registers:
        raise click.UsageError("--register goes with --vault; for one alone there is: luobo canary check")
    if (engine == "spark") != (spark_master is not None) or (against is not None and engine == "spark"):
        raise click.UsageError("--engine spark and --spark-master go together, and with --vault")
    show.spare(Path(dump), rows, target)
    from tracer.intake.limits import raised  # noqa: PLC0415 - `--help` must not wait for it

    allowed = raised(limits)
    findings: Findings | Compared
    if root is not None:
        from tracer.intake.child import begin  # noqa: PLC0415 - as above

        begin()  # it makes itself ready while the rest is loaded
        from tracer.division.plan import memory_of  # noqa: PLC0415 - as above
        from tracer.tracing import trace  # noqa: PLC0415 - as above

        room = memory_of(memory)
        opened = [open_register(path, None, passphrase_file).register for path in registers]
        vault = open_vault(root, key_path, passphrase_file)
        with show.progress(f"tracing {dump}"), engine_of(engine, spark_master, spark_folder, root) as where:
            findings = trace(
                dump,
                vault,
                engine=where,
                registers=opened,
                limits=allowed,
                password=password,
                memory=room,
                scratch=scratch,
            )
    else:
        from tracer.comparing import compare  # noqa: PLC0415 - as above
        from tracer.intake.child import begin  # noqa: PLC0415 - as above

        begin()
        assert against is not None  # noqa: S101 - one of the two is given
        show.spare(Path(against), rows, target)
        with show.progress(f"comparing {dump}"):
            findings = compare(dump, against, limits=allowed, password=password)
    if rows is not None:
        write_rows(findings, rows)
    if target is not None:
        show.write_json(findings.to_dict(), target)
    if target != "-":
        print_findings(findings)
    if findings.recorded is not None:
        findings.recorded.forget()
    if not findings.established:
        ctx.exit(_NOTHING)


def write_rows(findings: Findings | Compared, target: Path) -> None:
    """Each record's likely source as Parquet, in pieces where the dump was traced in parts.

    Raises:
        TracerError: the file cannot be written.
    """
    if findings.recorded is None:
        table = io.BytesIO()
        findings.rows.write_parquet(table)
        show.write_file(table.getvalue(), target)
        return
    from pyarrow import parquet  # noqa: PLC0415 - only long dumps need it

    pieces = findings.pieces()
    first = next(pieces).to_arrow()
    with show.whole_file(target) as stream, parquet.ParquetWriter(stream, first.schema, compression="zstd") as writer:
        writer.write_table(first)
        for piece in pieces:
            writer.write_table(piece.to_arrow().cast(first.schema))


def print_findings(findings: Findings | Compared) -> None:
    """The findings as tables a person can read."""
    document = findings.to_dict()
    listed = document["sources"]
    _print_sources(findings, listed[:_LISTED])
    if len(listed) > _LISTED:
        click.echo(f"… and {len(listed) - _LISTED} more platforms (see --json)")
    for one in listed:
        if len(listed) == 1 or one["verdict"] in {"established", "consistent"}:
            for evidence in one["evidence"]:
                click.echo(f"{one['platform']}: {show.escape_controls(evidence['statement'])}")
            if one["rivals"]:
                click.echo(f"{one['platform']}: would also fit: {show.escape_controls('; '.join(one['rivals']))}")
    for group in findings.indistinguishable:
        click.echo(f"cannot be told apart: {', '.join(group)}")
    click.echo(findings.conclusion())
    canaries = document["canaries"]
    for one in canaries["recipients"] if canaries else ():
        if one["hits"]:
            click.echo(f"canaries of {show.escape_controls(one['recipient'])}: {one['verdict']}, {one['why']}")
    for warning in findings.warnings:
        click.echo(f"note: {show.escape_controls(warning)}", err=True)


def _print_sources(findings: Findings | Compared, listed: list[dict[str, Any]]) -> None:
    dump, unknown = findings.dump, findings.unknown
    rows: list[tuple[object, ...]] = [
        (
            one["platform"],
            one["verdict"],
            one["rows"],
            f"{one['rows_low']:,} – {one['rows_high']:,}",
            f"{one['share']:.1%}",
            _bound(one["false_accusation"]),
            f"{one['leaked_after'] or '…'} – {one['leaked_before'] or '…'}" if one["rows"] else None,
        )
        for one in listed
    ]
    interval = f"{unknown.rows_low:,} – {unknown.rows_high:,}"
    share = f"{unknown.rows / dump.records:.1%}" if dump.records else None
    rest = "(nobody registered)" if findings.attribution else "(elsewhere)"
    rows.append((rest, None, unknown.rows, interval, share, None, None))
    headings = ("platform", "verdict", "rows", "95 % interval", "share", "false accusation ≤", "left between")
    title = f"{dump.file}: {dump.records:,} records, {dump.rejected:,} rejected, {dump.people:,} people"
    show.table(headings, rows, title=title)


def _bound(chance: float) -> str:
    if chance >= 1:
        return "no bound"
    return f"{chance:.0e}"
