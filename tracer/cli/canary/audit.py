"""`luobo canary audit`: can a trained attacker tell canaries from customers?"""

from __future__ import annotations

from pathlib import Path

import click

from tracer.cli import show
from tracer.cli.canary.opening import json_option, open_register, opening_options, register_option
from tracer.errors import UnreadableInput

_TOLD_APART = 1


@click.command(epilog="Example: luobo canary audit customers.csv --register canaries.reg --json audit.json")
@click.argument("customers", metavar="CUSTOMERS")
@register_option
@click.option(
    "--count", type=click.IntRange(200, 50_000), default=6_000, show_default=True, help="Rows a side at most."
)
@click.option("--no-faker", is_flag=True, help="Leave out the comparison with Faker.")
@json_option
@opening_options
@click.pass_context
def command(  # noqa: PLR0913 - one parameter an option
    ctx: click.Context,
    customers: str,
    path: Path,
    count: int,
    no_faker: bool,  # noqa: FBT001 - click's flag
    target: str | None,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Mint a batch as the register's canaries are, never to be planted, and let four attackers learn to tell it. 自查

    Exit code 1 if an attacker does better than the bars, with the features that told.
    """
    from canaries.realism import AUC_BAR, D90_BAR, told  # noqa: PLC0415 - `--help` must not wait for it
    from tracer.canary.auditing import audit_batch  # noqa: PLC0415
    from tracer.canary.customers import customers as read_customers  # noqa: PLC0415
    from tracer.canary.policies import policy_of  # noqa: PLC0415

    show.spare(Path(customers), path, target)
    with show.progress("attacking"):
        register = open_register(path, key_path, passphrase_file).register
        table = read_customers(customers).table
        if [one.name for one in table.fields] != [one.name for one in register.fields]:
            raise UnreadableInput(
                f"{customers}: has other columns than the register's table", hint="give the table it was minted from"
            )
        done = audit_batch(table, policy_of(register), count, with_faker=not no_faker)
    result = done.canaries
    if target is not None:
        beside = {"faker": told(done.faker) if done.faker is not None else None}
        show.write_json({"schema": "luobo.canary-audit/1", **told(result), **beside}, target)
    if target != "-":
        rows = [
            (one.attacker, f"{one.auc:.3f}", f"{one.low:.3f} – {one.high:.3f}", f"{one.d90:.2f}", f"{one.lift:.2f}")
            for one in result.attacks
        ]
        if done.faker is not None:
            worst = done.faker.worst
            rows.append(
                (
                    f"Faker ({worst.attacker})",
                    f"{worst.auc:.3f}",
                    f"{worst.low:.3f} – {worst.high:.3f}",
                    f"{worst.d90:.2f}",
                    f"{worst.lift:.2f}",
                )
            )
        title = f"{result.canaries:,} canaries among {result.customers:,} customers"
        show.table(("attacker", "AUC", "95 % interval", "D90", "lift of the top 1 %"), rows, title=title)
        click.echo(f"asked for: upper AUC ≤ {AUC_BAR}, D90 ≥ {D90_BAR}")
        if not result.passed:
            for name, value in result.tells:
                click.echo(f"tell: {show.escape_controls(name)} alone has AUC {value:.3f}")
        if min(result.customers, result.canaries) < 5_000:
            click.echo(
                "note: fewer than 5,000 rows a side: the interval is too wide to pass the bar even by chance", err=True
            )
    if not result.passed:
        click.echo("canaries CAN be told from customers", err=True)
        ctx.exit(_TOLD_APART)
