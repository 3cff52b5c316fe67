"""Names, masked numbers and IDs that fit the table and are nobody's in it."""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from canaries.table import IDS, PHONES, Table, phone_digits

COMPOUND: Final = frozenset(
    [
        "欧阳",
        "司马",
        "上官",
        "诸葛",
        "东方",
        "皇甫",
        "尉迟",
        "公孙",
        "慕容",
        "令狐",
        "司徒",
        "夏侯",
        "轩辕",
        "长孙",
        "宇文",
        "端木",
        "独孤",
        "南宫",
        "西门",
        "呼延",
        "申屠",
        "淳于",
        "单于",
        "钟离",
        "鲜于",
        "闾丘",
        "拓跋",
        "赫连",
        "澹台",
        "歐陽",
        "司馬",
        "諸葛",
    ]
)
"""Surnames of two characters that are borne today."""

_TRIES: Final = 60
_TRIAL: Final = 400


def surname_of(name: str) -> str:
    """The surname of a Han name; empty where the name has none that can be told (other scripts, a middle dot)."""
    if not (2 <= len(name) <= 4) or not all("\u4e00" <= char <= "\u9fff" for char in name):
        return ""
    return name[:2] if len(name) > 2 and name[:2] in COMPOUND else name[:1]


@dataclass(frozen=True, slots=True)
class Taken:
    """What the platform's own customers have, so that no canary has it too."""

    phones: frozenset[str]
    """Whole numbers."""
    signatures: frozenset[str]
    """Visible ends of the numbers: `138****1234`, and the same with the surname behind."""
    names: frozenset[str]
    identities: frozenset[str]
    """Whole IDs and `110101********1234`."""
    others: frozenset[str]
    """E-mails, bank cards and accounts."""


def taken(table: Table) -> Taken:
    """Read off a whole table what is taken."""
    frame = table.frame.lazy()
    keys = [f"c{place}" for place in range(len(table.fields))]
    by_role: dict[str, list[str]] = {}
    for key, field in zip(keys, table.fields, strict=True):
        by_role.setdefault(field.role, []).append(key)

    def cells(*exprs: pl.Expr) -> frozenset[str]:
        found: set[str] = set()
        for expr in exprs:
            found |= set(frame.select(expr.alias("cell")).collect().to_series().drop_nulls().to_list())
        return frozenset(found)

    digits = [phone_digits(pl.col(key)) for role in PHONES for key in by_role.get(role, ())]
    names = [pl.col(key).str.strip_chars() for key in by_role.get("name", ())]
    ends = [signature(number) for number in digits]
    ids = [_identity(pl.col(key)) for role in IDS for key in by_role.get(role, ())]
    others = [
        pl.col(key).str.strip_chars() for role in ("email", "bank_card", "account") for key in by_role.get(role, ())
    ]
    return Taken(
        cells(*digits),
        cells(*ends, *(end + "|" + name.str.slice(0, 1) for end in ends for name in names)),
        cells(*names),
        cells(*ids, *(mask_identity(number) for number in ids)),
        cells(*others),
    )


def signature(number: pl.Expr) -> pl.Expr:
    """`138****1234` of eleven characters."""
    return pl.concat_str(number.str.slice(0, 3), pl.lit("****"), number.str.slice(7, 4))


def _identity(cell: pl.Expr) -> pl.Expr:
    bare = cell.str.replace_all(r"[^0-9xX*]", "").str.to_uppercase()
    return pl.when(bare.str.len_chars() == 18).then(bare)


def mask_identity(number: pl.Expr) -> pl.Expr:
    """`110101********1234` of eighteen characters."""
    return pl.concat_str(number.str.slice(0, 6), pl.lit("*" * 8), number.str.slice(14, 4))


@dataclass(frozen=True, slots=True)
class Free:
    """What is not free: customers' identifiers, and those of earlier canaries."""

    known: Taken
    used: set[str]


def unlike(tail: str, kin: Sequence[str]) -> bool:
    """Whether the last four digits have at most one in common, place by place, with any of these."""
    return all(sum(map(operator.eq, tail, other)) <= 1 for other in kin)


class GivenNames:
    """Given names of one sex, new to the table as often as a customer's is.

    A copy of a customer's given name is never alone in the table; one put together from the letters of two often is. By
    Turing's reckoning (Good 1953) the next customer's would be new with the share of names that one customer bears: so
    often, in all, is one put together that is new.
    """

    def __init__(self, names: list[str]) -> None:
        self._names = names
        borne = Counter(names)
        self._letters: dict[tuple[int, int], list[str]] = defaultdict(list)
        for name in names:
            for at, letter in enumerate(name):
                self._letters[len(name), at].append(letter)
        rng = np.random.default_rng(len(names))
        tried = [self._put_together(rng) for _ in range(_TRIAL)]
        novel = sum(name not in borne for name in tried) / _TRIAL
        alone = sum(count == 1 for count in borne.values()) / len(names)
        self._share = min(1.0, alone / novel) if novel > 0 else 1.0

    def draw(self, rng: np.random.Generator) -> str:
        """One given name."""
        if rng.random() < self._share:
            return self._put_together(rng)
        return self._names[rng.integers(len(self._names))]

    def _put_together(self, rng: np.random.Generator) -> str:
        length = len(self._names[rng.integers(len(self._names))])
        pools = [self._letters[length, at] for at in range(length)]
        return "".join(pool[rng.integers(len(pool))] for pool in pools)


class NameDeck:
    """Real surnames and given names by sex, where the table tells it; a new pair is nobody's by design."""

    def __init__(self, names: list[str], sexes: list[str | None]) -> None:
        parts = [(surname_of(name), name, sex) for name, sex in zip(names, sexes, strict=True)]
        self._surnames = [surname for surname, _, _ in parts if surname]
        given: dict[str | None, list[str]] = defaultdict(list)
        for surname, name, sex in parts:
            if surname:
                given[sex].append(name[len(surname) :])
        self._given = {sex: GivenNames(pool) for sex, pool in given.items()}
        self._everybody = GivenNames([name for pool in given.values() for name in pool]) if given else None
        self._whole = [name for name in names if name and not surname_of(name)]
        self._foreign = len(self._whole) / max(1, len(names))

    def draw(self, sex: str | None, rng: np.random.Generator) -> str:
        """A surname of one customer with a given name that suits the sex."""
        given = self._given.get(sex, self._everybody)
        if given is None or rng.random() < self._foreign:
            return self._mixed(rng)
        return self._surnames[rng.integers(len(self._surnames))] + given.draw(rng)

    def _mixed(self, rng: np.random.Generator) -> str:
        """A name of another script: the first part of one and the last part of another."""
        if not self._whole:
            return ""
        one, other = (self._whole[rng.integers(len(self._whole))] for _ in range(2))
        for sign in ("·", " "):
            if sign in one and sign in other:
                return one.rpartition(sign)[0] + sign + other.rpartition(sign)[2]
        return one[: (len(one) + 1) // 2] + other[len(other) // 2 + 1 :] if min(len(one), len(other)) > 1 else one


class NumberDeck:
    """Visible ends of mobile numbers: the head of a real one, the last four digits as in the table, place by place."""

    def __init__(self, numbers: list[str]) -> None:
        self._tails = [number[7:] for number in numbers if number[7:].isdigit()] or ["0000"]
        self._shown = bool([number for number in numbers if number[7:].isdigit()])
        self.heads = [number[:3] for number in numbers] or ["138"]

    def tail(self, rng: np.random.Generator) -> str:
        """Four digits, the first two of one customer and the last two of another."""
        if not self._shown:
            return f"{int(rng.integers(10_000)):04d}"
        one, other = (self._tails[rng.integers(len(self._tails))] for _ in range(2))
        return one[:2] + other[2:]

    def masked(self, head: str, surname: str, kin: Sequence[str], free: Free, rng: np.random.Generator) -> str:
        """`138****1234` that no customer shares; where the table is too full for that, none of this surname does.

        Args:
            head: its first three digits.
            surname: of the canary.
            kin: last four digits of its donors, which it must be unlike.
            free: what is taken.
            rng: chance.
        """
        best = ""
        for attempt in range(_TRIES):
            tail = self.tail(rng) if attempt < _TRIES // 2 else f"{int(rng.integers(10_000)):04d}"
            number = f"{head}****{tail}"
            if number in free.used or not unlike(tail, kin):
                continue
            if number not in free.known.signatures:
                return number
            if f"{number}|{surname}" not in free.known.signatures and not best:
                best = number
        return best


def masked_identity(region: str, sex: str | None, tails: list[str], free: Free, rng: np.random.Generator) -> str:
    """`110101********1234` that no customer shares; odd sequences for men (GB 11643-1999). Empty where none is free."""
    for _ in range(_TRIES):
        one, other = (
            tails[rng.integers(len(tails))] if tails else f"{int(rng.integers(10_000)):04d}" for _ in range(2)
        )
        digit = int(one[2])
        if sex is not None and digit % 2 != (sex == "M"):
            digit = (digit + 1) % 10
        number = f"{region}{'*' * 8}{one[:2]}{digit}{other[3]}"
        if number not in free.used and number not in free.known.identities:
            return number
    return ""
