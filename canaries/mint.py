"""Minting: invented customers out of the platform's own table, coherent as its rows are, and nobody in it.

Three donors that are near each other are mixed (see `donors`), near-unique cells are spliced (see `splice`), names and
numbers are drawn anew (see `identity`), identifiers follow the policy (see `policy`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from canaries import splice
from canaries.columns import Column, Treated, observe, orders
from canaries.donors import blocks, deal, neighbourhood, profile
from canaries.errors import CanaryFault
from canaries.identity import Free, NameDeck, NumberDeck, Taken, masked_identity, surname_of, unlike
from canaries.policy import Policy, Rule
from canaries.table import PHONES, Table, phone_digits

POOL: Final = 6_000
"""From how many rows at most donors are taken."""
LEAST_ROWS: Final = 20
_TRIES: Final = 40
_SHIFT: Final = 2_700
"""Seconds by which a moment is moved at most."""


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
    donors = deal(neighbourhood(mould.profile, rng), count, rng)
    return [mould.cast(trio, used, rng) for trio in donors]


@dataclass(frozen=True, slots=True)
class Kin:
    """What a canary must not have from its own donors.

    They lend it their profile; with a like name or number as well, a donor's row would pass for a damaged canary.
    """

    names: tuple[str, ...]
    tails: tuple[str, ...]
    sex: str | None
    surname: str = ""
    """The canary's own, once it has a name."""


class Mould:
    """Everything about a sample of the table that casting one canary after the other needs."""

    def __init__(self, sample: Table, policy: Policy, known: Taken) -> None:
        self._policy, self._known = policy, known
        self._columns = observe(sample)
        kinds = {column.key: column.profile for column in self._columns if column.profile is not None}
        derived = {f"{column.key}.{name}": cells for column in self._columns for name, cells in column.derived.items()}
        columns = kinds | derived
        if not columns:
            columns = {"length": pl.Series([str(place % 3) for place in range(sample.rows)])}
        self.profile = profile(columns)
        self._orders = orders(sample, self._columns)
        self._blocks = blocks(self.profile, [(one.key, other.key) for one, other in self._orders])
        self._sex = next((cells for name, cells in columns.items() if name.endswith(".sex")), None)
        if self._sex is None:
            self._sex = next(
                (c.profile for c in self._columns if c.field.role == "sex" and c.profile is not None), None
            )
        sexes: list[str | None] = self._sex.to_list() if self._sex is not None else [None] * sample.rows
        names = next((column.cells for column in self._columns if column.treated is Treated.NAME), None)
        self._names = None if names is None else NameDeck([n or "" for n in names], sexes)
        self._called: list[str | None] = next(
            (list(one.cells) for one in self._columns if one.treated is Treated.NAME), [None] * sample.rows
        )
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

    def cast(
        self, trio: np.ndarray[tuple[int], np.dtype[np.int64]], used: set[str], rng: np.random.Generator
    ) -> Minted:
        """One canary out of three donors."""
        for _ in range(_TRIES):
            giver = self._givers(trio, rng)
            made = self._cells(giver, trio, used, rng)
            if self._orderly(made):
                break
        cells, proofs, spent = made
        used.update(spent)
        return Minted(cells, proofs, spent)

    def _givers(
        self, trio: Sequence[int] | np.ndarray[tuple[int], np.dtype[np.int64]], rng: np.random.Generator
    ) -> dict[str, int]:
        """Which donor gives each column: one for each block, never the same for all."""
        turns = rng.integers(0, 3, len(self._blocks))
        if len(turns) > 1 and len(set(turns.tolist())) == 1:
            turns[rng.integers(len(turns))] = (turns[0] + 1) % 3
        return {name: int(trio[turn]) for turn, block in zip(turns, self._blocks, strict=True) for name in block}

    def _cells(
        self,
        giver: dict[str, int],
        trio: np.ndarray[tuple[int], np.dtype[np.int64]],
        used: set[str],
        rng: np.random.Generator,
    ) -> tuple[dict[str, str | None], dict[str, str], tuple[str, ...]]:
        anchor = int(trio[0])
        seconds = int(rng.integers(120, _SHIFT)) * (1 if rng.random() < 0.5 else -1)
        sex = self._sex[giver.get(self._sex.name, anchor)] if self._sex is not None else None
        kin = Kin(
            tuple(name for row in trio if (name := self._called[row]) is not None),
            tuple(number[7:] for row in trio if (number := self._dialled[row]) is not None),
            sex,
        )
        cells: dict[str, str | None] = {}
        proofs: dict[str, str] = {}
        spent: list[str] = []
        for column in self._columns:
            row = giver.get(column.key, anchor)
            cell = column.cells[row]
            match column.treated:
                case Treated.NAME:
                    cell = self._name(kin, rng)
                    kin = replace(kin, surname=surname_of(cell or ""))
                    proofs[column.field.name] = "recombined"
                case Treated.POLICED:
                    row = giver.get(f"{column.key}.{column.lead}", row)
                    cell = self._policed(column, row, kin, used, rng)
                    treatment = self._policy[column.kind or ""]
                    proofs[column.field.name] = f"{treatment.rule}{' ' if treatment.proof else ''}{treatment.proof}"
                    spent += [cell] if cell else []
                case Treated.NUMBER if cell:
                    cell = splice.number(cell, column.deck, rng)
                case Treated.SERIAL if cell:
                    cell = self._serial(column, cell, used, rng)
                    spent.append(cell)
                case Treated.ADDRESS if cell:
                    cell = splice.address(cell, rng)
                case Treated.MOMENT if cell:
                    moved = splice.shifted(cell, seconds)
                    cell = moved if moved <= column.last else splice.shifted(cell, -abs(seconds))
                case Treated.WITHHELD if cell and cell not in column.common:
                    cell = None
                case _:
                    pass
            cells[column.field.name] = cell
        return cells, proofs, tuple(spent)

    def _name(self, kin: Kin, rng: np.random.Generator) -> str | None:
        if self._names is None:
            return None
        name = ""
        for _ in range(_TRIES):
            name = self._names.draw(kin.sex, rng)
            if all(len(set(name) & set(other)) < 2 for other in kin.names):
                break
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

    def _policed(self, column: Column, row: int, kin: Kin, used: set[str], rng: np.random.Generator) -> str | None:
        kind = column.kind or ""
        rule = self._policy[kind].rule
        if rule is Rule.OMIT:
            return None
        if rule is Rule.MASKED and kind == "phone":
            numbers: NumberDeck = column.numbers
            head = column.derived["head"][row] or numbers.heads[rng.integers(len(numbers.heads))]
            return numbers.masked(head, kin.surname, kin.tails, Free(self._known, used), rng) or None
        if rule is Rule.MASKED:
            region = column.derived["region"][row]
            return (
                masked_identity(region, kin.sex, column.tails, Free(self._known, used), rng) or None if region else None
            )
        free = self._free[kind]
        place = next((at for at in rng.permutation(len(free))[:_TRIES] if unlike(free[at][-4:], kin.tails)), 0)
        return free.pop(int(place))

    def _orderly(self, made: tuple[dict[str, str | None], dict[str, str], tuple[str, ...]]) -> bool:
        """Whether what is always in order in the table is so here too (a balance is at most the limit)."""
        return not any(one.reads(made[0]) > other.reads(made[0]) for one, other in self._orders)
