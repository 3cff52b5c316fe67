"""Rows as evidence, masked: who holds the dumps can find them by their number, and nobody else learns anything."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import polars as pl

from graphs.lineage.evidence import Place
from tracer.identifiers import account, bank_card, email, national_id, person_name, phone
from tracer.identifiers.mask import mask_any
from tracer.intake.interface import Reading, Role

_MASKS: Final[dict[Role, Callable[[pl.Expr], pl.Expr]]] = {
    Role.PHONE: lambda cell: phone.mask(phone.normalise(cell)),
    Role.MASKED_PHONE: phone.normalise_masked,
    Role.NATIONAL_ID: lambda cell: national_id.mask(national_id.normalise(cell)),
    Role.MASKED_ID: national_id.normalise_masked,
    Role.NAME: lambda cell: person_name.mask(person_name.normalise(cell)),
    Role.EMAIL: lambda cell: email.mask(email.normalise(cell)),
    Role.BANK_CARD: lambda cell: bank_card.mask(bank_card.normalise(cell)),
    Role.ACCOUNT: lambda cell: account.mask(account.normalise(cell)),
}
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Sample:
    """One record that two dumps share."""

    statement: str
    rows: tuple[int, int]
    """Its row in the parent and in the child, from 0."""


def sample(place: Place, parent: Reading, child: Reading) -> Sample:
    """A record in words: why it is shown, where it stands in both dumps, and its masked cells there."""
    one, other = _masked(parent, place.parent_row), _masked(child, place.child_row)
    return Sample(
        f"{place.why}: row {place.parent_row} of the parent ({one}) is row {place.child_row} of the child ({other})",
        (place.parent_row, place.child_row),
    )


def _masked(reading: Reading, row: int) -> str:
    """The cells that name the person of a row, masked; damaged ones show nothing at all."""
    for table in reading.tables:
        if row < table.frame.height:
            cells = table.frame[row]
            masked = [
                cells.select(pl.coalesce(_MASKS[column.role](pl.col(column.key)), mask_any(pl.col(column.key)))).item()
                for column in table.columns
                if column.role in _MASKS
            ]
            return " ".join(str(text) for text in masked[:_SHOWN] if text) or "no name in it"
        row -= table.frame.height
    return "not at hand"
