"""`luobo canary plan`: how many canaries are enough."""

from __future__ import annotations

import click

from tracer.cli import show
from tracer.cli.canary.opening import json_option


@click.command(
    epilog="Example: luobo canary plan --rows 1000000 --recipients 100 --colluders 3 --sample 0.01 --epsilon 1e-6"
)
@click.option("--rows", type=click.IntRange(1), default=1_000_000, show_default=True, help="Rows of an export.")
@click.option("--recipients", type=click.IntRange(1), default=1, show_default=True, help="How many get exports.")
@click.option("--colluders", type=click.IntRange(1), default=1, show_default=True, help="How many may mix theirs.")
@click.option(
    "--sample",
    type=click.FloatRange(0, 1, min_open=True),
    default=1.0,
    show_default=True,
    help="Share of the rows that is sold.",
)
@click.option(
    "--epsilon",
    type=click.FloatRange(0, 1, min_open=True),
    default=1e-6,
    show_default=True,
    help="Chance of accusing anybody innocent.",
)
@click.option(
    "--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.99, show_default=True
)
@json_option
def command(  # noqa: PLR0913 - one parameter an option
    rows: int, recipients: int, colluders: int, sample: float, epsilon: float, confidence: float, target: str | None
) -> None:
    """Say how many canaries each recipient needs, so that what is sold shows them. 要多少"""
    from canaries.plan import plan  # noqa: PLC0415 - `--help` must not wait for it

    made = plan(rows, recipients, colluders, sample, epsilon, confidence)
    told = {
        "schema": "luobo.canary-plan/1",
        "rows": rows,
        "recipients": recipients,
        "colluders": colluders,
        "sample": sample,
        "epsilon": epsilon,
        "confidence": confidence,
        "canaries": made.canaries,
        "exclusive_per_recipient": made.exclusive,
        "coded_slots": made.coded_slots,
        "coded_per_recipient": made.coded_per_recipient,
        "cover_rows": made.cover,
        "needs": [
            {"hits": one.hits, "colluders": one.colluders, "canaries": one.canaries, "fixed_size": one.fixed_size}
            for one in made.needs
        ],
    }
    if target is not None:
        show.write_json(told, target)
    if target == "-":
        return
    lines = [
        (
            f"{one.hits} or more seen of {'one leaker' if one.colluders == 1 else f'each of {one.colluders} leakers'}",
            one.canaries,
            one.fixed_size,
        )
        for one in made.needs
    ]
    title = f"{sample:.4g} of {rows:,} rows sold, {confidence:.4g} sure"
    show.table(
        ("canaries per recipient, so that", "each row by chance", f"exactly {max(1, round(rows * sample)):,} rows"),
        lines,
        title=title,
    )
    click.echo(
        f"Mint {made.exclusive:,} exclusive canaries for each recipient, {made.exclusive * recipients:,} in all."
    )
    if recipients > 1:
        click.echo(
            f"Where exports overlap, add {made.coded_slots:,} coded ones (each recipient holds about half): "
            f"{colluders} colluders, accusing anybody innocent at most {epsilon:.0e}."
        )
        click.echo(
            f"Withhold {made.cover:,} real rows from each export: then joining two exports finds one canary in 20 rows."
        )
