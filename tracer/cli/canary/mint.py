"""`luobo canary mint`: invent customers and enter them into the register."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.cli import show
from tracer.cli.canary.opening import Opened, json_option, new_opener, open_register, opening_options, register_option
from tracer.errors import UnreadableInput

if TYPE_CHECKING:
    from canaries.allotment import Shares
    from canaries.canary import Canary
    from canaries.identity import Taken
    from canaries.policy import Policy
    from canaries.register import Register
    from canaries.table import Field, Table

_LEAST_SHADOWS = 2_000


@click.command(
    epilog="Example: luobo canary mint customers.csv --register canaries.reg --count 300 --recipients partners.txt"
)
@click.argument("customers", metavar="CUSTOMERS")
@register_option
@click.option(
    "--count", required=True, type=click.IntRange(1, 1_000_000), metavar="N", help="How many for the recipients."
)
@click.option(
    "--recipients", "recipients_path", metavar="FILE", type=click.Path(path_type=Path), help="One name a line."
)
@click.option(
    "--identifiers",
    "policy_path",
    metavar="POLICY.toml",
    type=click.Path(path_type=Path),
    help="Which identifiers they may carry.",
)
@click.option(
    "--coded", type=click.IntRange(0), default=0, show_default=True, help="Coded canaries, for overlapping exports."
)
@click.option(
    "--platform", type=click.IntRange(0), help="Canaries for the platform's own tables. [default: a recipient's share]"
)
@click.option("--shadows", type=click.IntRange(0), help="Canaries that are never planted. [default: 2,000 or 2 × N]")
@click.option(
    "--clocks", type=click.FloatRange(0, 1), default=0.1, show_default=True, help="Share with a turning limit."
)
@json_option
@opening_options
def command(  # noqa: PLR0913 - one parameter an option
    customers: str,
    path: Path,
    count: int,
    recipients_path: Path | None,
    policy_path: Path | None,
    coded: int,
    platform: int | None,
    shadows: int | None,
    clocks: float,
    target: str | None,
    key_path: Path | None,
    passphrase_file: Path | None,
) -> None:
    """Invent N customers out of the table CUSTOMERS and enter them into the register, which is made if need be. 铸造

    No canary carries a whole ID, or a phone number that the platform does not own, unless POLICY.toml allows it with a
    file of numbers as its proof.
    """
    from canaries.identity import taken  # noqa: PLC0415 - `--help` must not wait for it
    from canaries.policy import DEFAULT  # noqa: PLC0415
    from tracer.canary.customers import customers as read_customers  # noqa: PLC0415
    from tracer.canary.policies import read_policy  # noqa: PLC0415

    show.spare(Path(customers), path, target)
    policy = read_policy(policy_path) if policy_path is not None else DEFAULT
    names = read_names(recipients_path) if recipients_path is not None else ()
    with show.progress("minting"):
        source = read_customers(customers)
        opened = _opened(path, key_path, passphrase_file, source.table.fields)
        opened = replace(opened, register=_with_recipients(opened.register, names))
        shares = _shares(opened.register, count, coded, platform, shadows, policy)
        register = _minted(opened.register, shares, source.table, policy, taken(source.table))
        register = _wound(register, source.table, clocks)
        opened.save(register)
    made = register.canaries[len(opened.register.canaries) :]
    _tell(path, register, made, _collisions(policy, taken(source.table)), target)


def read_names(path: Path) -> tuple[str, ...]:
    """The names of a file, one a line; blank lines are skipped.

    Raises:
        UnreadableInput: it cannot be read, holds none, or one twice.
    """
    try:
        lines = [line.strip().lstrip("\ufeff") for line in path.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError):
        raise UnreadableInput(f"{path}: cannot be read as names", hint="write one recipient a line, in UTF-8") from None
    names = [line for line in lines if line]
    if not names or len(set(names)) < len(names):
        raise UnreadableInput(f"{path}: holds no name, or one twice", hint="write each recipient once, one a line")
    return tuple(names)


def _opened(path: Path, key_path: Path | None, passphrase_file: Path | None, fields: tuple[Field, ...]) -> Opened:
    from canaries.register import Register  # noqa: PLC0415

    if path.exists():
        opened = open_register(path, key_path, passphrase_file)
        if opened.register.fields != fields:
            headers = ", ".join(one.name for one in opened.register.fields)
            raise UnreadableInput(
                f"{path}: was minted from a table with other columns ({headers})",
                hint="use the same export of the table, or a register of its own",
            )
        return opened
    opener = new_opener(path, key_path, passphrase_file)
    return Opened(path, Register(secrets.token_bytes(32), fields), opener)


def _with_recipients(register: Register, names: tuple[str, ...]) -> Register:
    return replace(register, recipients=tuple(dict.fromkeys((*register.recipients, *names))))


def _shares(  # noqa: PLR0913 - what a user may say about shares
    register: Register, count: int, coded: int, platform: int | None, shadows: int | None, policy: Policy
) -> Shares:
    from canaries.allotment import Shares  # noqa: PLC0415

    recipients = len(register.recipients)
    numbered = any(treatment.numbers for treatment in policy.values())
    if platform is None:
        platform = -(-count // recipients) if recipients and not numbered else 0
    if shadows is None:
        shadows = max(_LEAST_SHADOWS, 2 * count) if not register.shadows else 0
    return Shares(count, platform, coded, shadows)


def _minted(register: Register, shares: Shares, table: Table, policy: Policy, known: Taken) -> Register:
    import numpy as np  # noqa: PLC0415

    from canaries.allotment import allot  # noqa: PLC0415
    from canaries.mint import mint, spare  # noqa: PLC0415
    from canaries.policy import for_shadows  # noqa: PLC0415

    rng = np.random.default_rng(secrets.randbits(128))
    used = set(register.numbers)
    made = mint(table, shares.handed_out, policy, known, used, rng)
    reachable = min(spare(policy, known, used) // 2, shares.shadows, shares.handed_out)
    if reachable:  # shadows with numbers of their own measure how often wrong numbers are dialled
        made += mint(table, reachable, policy, known, used, rng)
    if shares.shadows > reachable:
        made += mint(table, shares.shadows - reachable, for_shadows(policy), known, used, rng)
    return allot(register, made, shares, rng)


def _wound(register: Register, table: Table, share: float) -> Register:
    import numpy as np  # noqa: PLC0415

    from canaries.allotment import wind  # noqa: PLC0415

    observed = {
        one.name: table.cells(place).drop_nulls().unique().to_list()
        for place, one in enumerate(register.fields)
        if one.role == "limit"
    }
    return wind(register, share, observed, datetime.now(UTC).date(), np.random.default_rng(secrets.randbits(128)))


def _collisions(policy: Policy, known: Taken) -> int:
    taken = known.phones | known.identities | known.others
    return sum(number in taken for treatment in policy.values() for number in treatment.numbers)


def _tell(path: Path, register: Register, made: tuple[Canary, ...], collisions: int, target: str | None) -> None:
    from canaries.summary import summary  # noqa: PLC0415

    told = {"schema": "luobo.canary-mint/1", "register": str(path), "minted": len(made), **summary(register)}
    if target is not None:
        show.write_json(told, target)
    if collisions:
        click.echo(f"note: {collisions} numbers of the policy are customers' and were not used", err=True)
    if target == "-":
        return
    rows = [(one["holder"], one["kind"], one["canaries"], one["state"]) for one in told["groups"]]
    show.table(("holder", "kind", "canaries", "state"), rows, title=f"{path}: {len(made):,} canaries minted")
    click.echo("Seal it before anything leaves: luobo canary seal", err=True)
