"""The kinds of identifier by which a record is recognised as a person, and how each is made from a table's columns."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import polars as pl

from tracer.identifiers import account, bank_card, email, national_id, phone

SINGLE: Final = {
    "national_id": national_id.normalise,
    "phone": phone.normalise,
    "email": email.mailbox,
    "bank_card": bank_card.normalise,
    "account": account.normalise,
}
"""Kinds that are one column's normal form. The order is that of their weight: a national ID outweighs a phone number
that may have passed to somebody else, which outweighs a user name that many people may choose."""

EVERYWHERE: Final = frozenset({"national_id", "phone"})
"""Single kinds that a person brings along to every platform. A user name, a card or a mailbox may be another one on
each, so that a platform which does not know it may know its owner all the same."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """A kind made of a name and some digits."""

    name: str
    """Which part of the name: `whole` or `surname`."""
    digits: str
    """Which digits (see `visible.Seen`)."""


COMPOSITE: Final = {
    "name_id": Mixed("whole", "id_6_4"),
    "name_phone": Mixed("whole", "phone_3_4"),
    "name_birth_region": Mixed("whole", "id_first_14"),
    "name_phone_last_8": Mixed("whole", "phone_last_8"),
    "name_phone_first_7": Mixed("whole", "phone_first_7"),
    "name_id_last_4": Mixed("whole", "id_last_4"),
    "name_phone_last_4": Mixed("whole", "phone_last_4"),
    "surname_phone": Mixed("surname", "phone_3_4"),
}
"""Kinds made of a name by its sound and the digits that a masked or damaged ID or phone number still shows. Among
3.7 million people 99.94 % of the first two were unique, against 15 people for a masked phone number alone; the last
three are weak, and each trace measures whether it can use them."""

REPAIRED: Final = "repaired_id"
"""An ID whose check character fails, by the one-slip readings that pass: only in dumps."""

KINDS: Final = (*SINGLE, "name_id", "name_phone", REPAIRED, *list(COMPOSITE)[2:])
"""All kinds, the weightiest first."""

BIT: Final = {kind: 1 << (len(KINDS) - 1 - place) for place, kind in enumerate(KINDS)}
"""A set of kinds as a number of 16 bits; a weightier kind has a higher bit, so that the greater of two sets is the
better link."""

NUMBERING: Final = (*SINGLE, "name_id", "name_phone")
"""Kinds by which a platform's customers are told apart; the others are shared by too many."""

PART: Final = {kind: "id" if "id" in mixed.digits else "phone" for kind, mixed in COMPOSITE.items()} | {REPAIRED: "all"}
"""What the digits of a kind are of. Kinds of two parts have no digit in common (a repaired ID agrees in all digits
without the name), so that both hardly agree by chance."""


@dataclass(frozen=True, slots=True)
class Form:
    """One column of normal forms of one kind of identifier."""

    kind: str
    expr: pl.Expr
    """Utf8; null where the record has no such identifier."""


def whole_forms(columns: Iterable[tuple[str, str]]) -> list[Form]:
    """Forms of the identifiers that stand whole in a table.

    Args:
        columns: (key, role) of each column; two columns of one role give two forms.
    """
    return [Form(role, SINGLE[role](pl.col(key))) for key, role in columns if role in SINGLE]
