"""Minting: invented customers out of the platform's own table, coherent as its rows are, and nobody in it.

Each cell is a customer's who is alike in those before it (see `synthesis`): one canary has several donors. Near-unique
numbers are made between two donors', accounts are spliced (see `splice`), names and numbers are drawn anew (see
`identity`), identifiers follow the policy (see `policy`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from canaries import splice
from canaries.columns import Column, Treated, observe, orders, value_of
from canaries.errors import CanaryFault
from canaries.identity import Free, NameDeck, NumberDeck, Taken, for_canaries, masked_identity, unlike
from canaries.likeness import Kin, Likeness
from canaries.policy import Policy, Rule
from canaries.synthesis import Synthesiser, dealt
from canaries.table import PHONES, Table, phone_digits
from canaries.traits import key, traits_of

POOL: Final = 40_000
"""From how many rows at most donors are taken."""
LEAST_ROWS: Final = 20
_TRIES: Final = 40


@dataclass(frozen=True, slots=True)
class Minted:
    """One invented customer: its cells by header, and per identifying header the policy that allows them."""

    cells: dict[str, str | None]
    proofs: dict[str, str]
    numbers: tuple[str, ...]
    """Identifiers it uses up."""


def spare(policy: Policy, known: Taken, used: set[str]) -> int:
    """How many canaries the policy's numbers still suffice for; 0 where it has none."""
    taken = known.phones | known.identities | known.others | used
    return min((len(set(one.numbers) - taken) for one in policy.values() if one.numbers), default=0)


def mint(  # noqa: PLR0913 - all that minting depends on
    table: Table, count: int, policy: Policy, known: Taken, used: set[str], rng: np.random.Generator
) -> list[Minted]:
    """Make `count` invented customers.

    Args:
        table: the platform's rows, any number of them.
        count: how many.
        policy: for identifiers.
        known: what the platform's customers have.
        used: identifiers given to earlier canaries; those of the new ones are added.
        rng: chance.

    Raises:
        CanaryFault: the table is too small, or the policy's numbers do not suffice.
    """
    if table.rows < LEAST_ROWS:
        hint = f"give the platform's own table, {LEAST_ROWS} rows at least"
        raise CanaryFault(f"{table.rows} rows are too few to mint from", hint=hint)
    mould = Mould(table.sample(POOL, int(rng.integers(2**62))), policy, known)
    mould.ready(count, used)
    return mould.cast(count, used, rng)


class Mould:
    """Everything about a sample of the table that casting canaries needs."""

    def __init__(self, sample: Table, policy: Policy, known: Taken) -> None:
        self._policy, self._known = policy, known
        self._columns = observe(sample)
        self._rows = sample.rows
        self._made = Synthesiser(traits_of(self._columns), sample.rows)
        self._orders = orders(sample, self._columns)
        self._sex = _sexes(self._columns)
        sexes = self._sex[1] if self._sex is not None else [None] * sample.rows
        called = next((column.cells for column in self._columns if column.treated is Treated.NAME), None)
        self._called: Sequence[str | None] = called if called is not None else [None] * sample.rows
        self._names = NameDeck(self._called, sexes)
        phones = sample.first(*PHONES)
        self._dialled: list[str | None] = [None] * sample.rows
        if phones is not None:
            self._dialled = (
                sample.cells(phones).to_frame("cell").select(phone_digits(pl.col("cell"))).to_series().to_list()
            )
        self._free: dict[str, list[str]] = {}

    def ready(self, count: int, used: set[str]) -> None:
        """Set numbers aside for `count` canaries.

        Raises:
            CanaryFault: there are fewer than that.
        """
        for column in self._columns:
            treatment = self._policy.get(column.kind or "")
            if treatment is None or not treatment.numbers or column.kind in self._free:
                continue
            taken = self._known.phones | self._known.identities | self._known.others
            free = [number for number in treatment.numbers if number not in used and number not in taken]
            if len(free) < count:
                message = f"{len(free)} of {len(treatment.numbers)} {column.kind} numbers are free, {count} are needed"
                hint = "numbers of canaries and of customers cannot be used: add numbers or mint fewer"
                raise CanaryFault(message, hint=hint)
            self._free[column.kind or ""] = free

    def cast(self, count: int, used: set[str], rng: np.random.Generator) -> list[Minted]:
        """Make canaries; what always is in order in the table is so in them (a balance is at most the limit)."""
        made: list[Minted] = []
        for attempt in range(_TRIES):
            wanted = count - len(made)
            if not wanted:
                break
            drawn = self._made.draw(wanted, rng)
            anybody = dealt(np.arange(self._rows), wanted, rng).tolist()
            for place in range(wanted):
                likeness = Likeness.of(drawn, place, anybody[place])
                cells = {column.key: self._lent(column, likeness, rng) for column in self._columns}
                if self._orderly(cells) or attempt == _TRIES - 1:
                    made.append(self._finished(cells, likeness, used, rng))
        return made

    def _orderly(self, cells: Mapping[str, str | None]) -> bool:
        return not any(value_of(cells[one.key]) > value_of(cells[other.key]) for one, other in self._orders)

    def _lent(self, column: Column, likeness: Likeness, rng: np.random.Generator) -> str | None:
        """A cell that says what kind of customer somebody is; None of one that says who."""
        row = likeness.donor(key(column))
        cell = column.cells[row]
        match column.treated:
            case Treated.MOMENT:
                return _moment(column, likeness)
            case Treated.NUMBER if cell:
                number = likeness.numbers.get(key(column))
                told = None
                if number is not None and not np.isnan(number):
                    told = splice.written(number, cell, rng, heaps=column.heaps)
                return told if told is not None else splice.number(cell, column.deck, rng)
            case Treated.ADDRESS if cell:
                return splice.address(cell, rng)
            case Treated.WITHHELD if cell not in column.common:
                return None
            case Treated.COPIED | Treated.WITHHELD | Treated.SERIAL:
                return cell
            case _:
                return None

    def _finished(
        self, lent: Mapping[str, str | None], likeness: Likeness, used: set[str], rng: np.random.Generator
    ) -> Minted:
        """The canary with a name and numbers of its own."""
        close = likeness.close()
        kin = Kin(
            tuple(name for row in close if (name := self._called[row]) is not None),
            tuple(number[7:] for row in close if (number := self._dialled[row]) is not None),
            self._sex[1][likeness.donor(self._sex[0])] if self._sex is not None else None,
        )
        cells: dict[str, str | None] = {}
        proofs: dict[str, str] = {}
        spent: list[str] = []
        # A number is signed with the name, whichever column comes first.
        for column in sorted(self._columns, key=lambda one: one.treated is not Treated.NAME):
            cell, header = lent[column.key], column.field.name
            if column.treated is Treated.NAME:
                cell = self._name(column, likeness, kin, rng)
                kin = replace(kin, name=cell or "")
                proofs[header] = "recombined"
            elif column.treated is Treated.POLICED:
                cell = self._policed(column, likeness, kin, used, rng)
                treatment = self._policy[column.kind or ""]
                proofs[header] = f"{treatment.rule}{' ' if treatment.proof else ''}{treatment.proof}"
                spent += [cell, for_canaries(cell, kin.name)] if cell and "*" in cell else [cell] if cell else []
            elif column.treated is Treated.SERIAL and cell:
                cell = self._serial(column, cell, used, rng)
                spent.append(cell)
            cells[header] = cell
        used.update(spent)
        return Minted({one.field.name: cells[one.field.name] for one in self._columns}, proofs, tuple(spent))

    def _name(self, column: Column, likeness: Likeness, kin: Kin, rng: np.random.Generator) -> str | None:
        first, last = likeness.donor(key(column, "surname")), likeness.donor(key(column, "given"))
        name = self._names.name(first, last, rng)
        for _ in range(_TRIES):
            if all(len(set(name) & set(other)) < 2 for other in kin.names):
                break
            name = self._names.name(first, self._names.another(last, rng), rng)
        return name or None

    def _serial(self, column: Column, cell: str, used: set[str], rng: np.random.Generator) -> str:
        for _ in range(_TRIES):
            drawn = splice.account(cell, column.deck, rng)
            if drawn not in self._known.others and drawn not in column.seen and drawn not in used:
                return drawn
        longer = f"{cell}{int(rng.integers(10)):d}"
        while longer in used or longer in column.seen:
            longer += str(int(rng.integers(10)))
        return longer

    def _policed(
        self, column: Column, likeness: Likeness, kin: Kin, used: set[str], rng: np.random.Generator
    ) -> str | None:
        kind = column.kind or ""
        rule = self._policy[kind].rule
        if rule is Rule.OMIT:
            return None
        if rule is Rule.MASKED and kind == "phone":
            numbers: NumberDeck = column.numbers
            head = column.traits["head"][likeness.donor(key(column, "head"))]
            head = head or numbers.heads[rng.integers(len(numbers.heads))]
            return numbers.masked(head, kin.name, kin.tails, Free(self._known, used), rng) or None
        if rule is Rule.MASKED:
            region = column.traits["region"][likeness.donor(key(column, "region"))]
            return (
                masked_identity(region, kin.sex, column.tails, Free(self._known, used), rng) or None if region else None
            )
        free = self._free[kind]
        place = next((at for at in rng.permutation(len(free))[:_TRIES] if unlike(free[at][-4:], kin.tails)), 0)
        return free.pop(int(place))


def _sexes(columns: Sequence[Column]) -> tuple[str, list[str | None]] | None:
    """The key of the trait that is the sex, and every donor's; None where the table does not tell."""
    for column in columns:
        if "sex" in column.traits:
            return key(column, "sex"), column.traits["sex"].to_list()
    for column in columns:
        if column.field.role == "sex" and column.traits:
            return key(column), list(column.cells)
    return None


def _moment(column: Column, likeness: Likeness) -> str | None:
    """The day of one donor at another's time of day, but no later than the newest customer came."""
    day = column.traits["day"][likeness.donor(key(column, "day"))]
    clock = column.traits["clock"][likeness.donor(key(column, "clock"))]
    if day is None:
        return None
    told = f"{day}{clock or ''}" if day.strip() else str(day)
    return told if told <= column.last else min(f"{day}{column.earliest}", column.last)
