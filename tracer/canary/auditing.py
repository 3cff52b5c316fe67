"""The story of an audit: a test batch is minted, shown beside customers as an export would, and attacked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from canaries.foil import foil
from canaries.identity import mask_identity, taken
from canaries.mint import mint
from canaries.policy import Policy, for_shadows
from canaries.realism import Audit, audit
from canaries.table import IDS, PHONES, Table, phone_digits
from tracer.errors import UnreadableInput

SIDE: Final = 10_000
"""How many rows a side are shown at most: with fewer, customers against other customers fail the bars by chance."""
HELD_OUT: Final = 5_000
"""A side, above which customers and donors are different rows."""
_FEWEST: Final = 200


@dataclass(frozen=True, slots=True)
class Audited:
    """The audit of canaries, and of Faker's rows beside it."""

    canaries: Audit
    faker: Audit | None


def audit_batch(
    table: Table, policy: Policy, count: int = SIDE, *, with_faker: bool = True, seed: int | None = None
) -> Audited:
    """Mint a batch that is never planted and let attackers tell it from customers.

    Identifiers are shown as the policy would show them on both sides: phones by their ends, IDs by their ends or not at
    all. An export that shows them whole needs owned numbers.

    Args:
        table: the platform's.
        policy: for identifiers.
        count: rows a side, at most.
        with_faker: whether Faker's rows are audited as well.
        seed: of everything drawn; by chance where none is given.

    Raises:
        UnreadableInput: the table has too few rows for an audit.
    """
    if table.rows < _FEWEST:
        raise UnreadableInput(f"{table.rows} rows are too few for an audit", hint=f"give {_FEWEST} rows at least")
    seed = secrets.randbits(32) if seed is None else seed
    shown = for_shadows(policy)
    donors, customers = table, table
    if table.rows >= 2 * HELD_OUT:
        # Customers who lent their values are left out: with them each canary would have its donors on the other side.
        mixed = table.sample(table.rows, seed)
        half = table.rows // 2
        donors, customers = Table(table.fields, mixed.frame[:half]), Table(table.fields, mixed.frame[half:])
    side = min(count, customers.rows)
    made = mint(donors, side, shown, taken(table), set(), np.random.default_rng(seed))
    cells = {f"c{at}": [one.cells[field.name] for one in made] for at, field in enumerate(table.fields)}
    invented = pl.DataFrame({key: pl.Series(texts, dtype=pl.String) for key, texts in cells.items()})
    real = as_shown(table, customers.sample(side, seed + 1).frame, shown)
    faker = None
    if with_faker:
        faker = audit(table.fields, real, as_shown(table, foil(table, side, seed), shown), seed)
    return Audited(audit(table.fields, real, invented, seed), faker)


def as_shown(table: Table, frame: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Rows with their identifiers as a policy for exports shows them."""
    changed = []
    for at, field in enumerate(table.fields):
        cell = pl.col(f"c{at}")
        kind = "phone" if field.role in PHONES else "national_id" if field.role in IDS else field.role
        treatment = policy.get(kind)
        if treatment is None:
            continue
        if treatment.rule == "omit":
            changed.append(pl.lit(None, pl.String).alias(f"c{at}"))
        elif kind == "phone":
            digits = phone_digits(cell)
            changed.append((digits.str.slice(0, 3) + "****" + digits.str.slice(7, 4)).alias(f"c{at}"))
        else:
            changed.append(mask_identity(cell.str.to_uppercase()).alias(f"c{at}"))
    return frame.with_columns(changed)
