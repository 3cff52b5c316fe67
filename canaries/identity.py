"""Names, masked numbers and IDs that fit the table and are nobody's in it."""

from __future__ import annotations

import operator
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from canaries.splice import Cards
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

CROWDED: Final = 0.05
"""Share of customers with the same signature as another, from which on more of the name belongs to it."""
_SURNAME: Final = 1
_WHOLE: Final = 9
_TRIAL: Final = 2_000
_TRIES: Final = 60


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
    """What no canary may share (see `signed`)."""
    names: frozenset[str]
    identities: frozenset[str]
    """Whole IDs and `110101********1234`."""
    others: frozenset[str]
    """E-mails, bank cards and accounts."""
    characters: int = 0
    """How many characters of the name belong to a signature: none, the first, or all.

    The fewest with which fewer than one customer in twenty shares a signature: a canary never does, so wherever many
    customers do it would be told by that.
    """


def signed(number: str, name: str, characters: int) -> str:
    """The signature of somebody with a masked number: `138****1234`, with the name's first characters behind."""
    return f"{number}|{name[:characters]}"


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
    ends = [_ends(number) for number in digits]
    ids = [_identity(pl.col(key)) for role in IDS for key in by_role.get(role, ())]
    others = [
        pl.col(key).str.strip_chars() for role in ("email", "bank_card", "account") for key in by_role.get(role, ())
    ]
    name = names[0].fill_null("") if names else pl.lit("")
    characters = 0
    for characters in (0, _SURNAME, _WHOLE) if names and ends else ():
        signatures = frame.select((ends[0] + "|" + name.str.slice(0, characters)).alias("signature")).collect()
        if _crowd(signatures.to_series().drop_nulls()) < CROWDED:
            break
    return Taken(
        cells(*digits),
        cells(*(end + "|" + name.str.slice(0, characters) for end in ends)),
        cells(*names),
        cells(*ids, *(mask_identity(number) for number in ids)),
        cells(*others),
        characters,
    )


def _crowd(signatures: pl.Series) -> float:
    return int(signatures.is_duplicated().sum()) / max(1, signatures.len())


def _ends(number: pl.Expr) -> pl.Expr:
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


class NameDeck:
    """The parts of customers' names, to be put together anew: a new pair is nobody's by design.

    A given name that is lent is never alone in the table. By Turing's reckoning (Good 1953) the next customer's would
    be new with the share of names that one customer bears. So often, in all, is one new that is put together from the
    letters of others; where letters go together by chance, nearly every name is put together so.
    """

    def __init__(self, names: Sequence[str | None], sexes: Sequence[str | None]) -> None:
        self._names = [name or "" for name in names]
        self._surnames = [surname_of(name) for name in self._names]
        self._given = [name[len(first) :] for name, first in zip(self._names, self._surnames, strict=True)]
        self._sexes = sexes
        self._borne = Counter(given for given, first in zip(self._given, self._surnames, strict=True) if first)
        letters: dict[tuple[str | None, int, int], list[str]] = defaultdict(list)
        for given, first, sex in zip(self._given, self._surnames, sexes, strict=True):
            for at, letter in enumerate(given[:-1] if first else ""):
                letters[sex, len(given), at].append(letter)
        self._letters = {which: Cards(pool) for which, pool in letters.items()}
        self._together = self._share()
        self._foreign = [name for name, first in zip(self._names, self._surnames, strict=True) if name and not first]

    def name(self, first: int, last: int, rng: np.random.Generator) -> str:
        """The surname of one donor with the given name of another; empty where the first has no name."""
        surname = self._surnames[first]
        if not surname:
            return self._mixed(rng) if self._names[first] else ""
        given = self._given[last] if self._surnames[last] else ""
        return surname + (self._put_together(last, rng) if rng.random() < self._together else given)

    def another(self, donor: int, rng: np.random.Generator) -> int:
        """A donor of the same sex whose given name is as long."""
        for _ in range(_TRIES):
            other = int(rng.integers(len(self._names)))
            same = self._sexes[other] == self._sexes[donor]
            if same and bool(self._surnames[other]) and len(self._given[other]) == len(self._given[donor]):
                return other
        return donor

    def _put_together(self, donor: int, rng: np.random.Generator) -> str:
        """A given name that ends as the donor's and is as long, each other letter somebody's of the same sex."""
        given, sex = self._given[donor] if self._surnames[donor] else "", self._sexes[donor]
        return "".join(self._letters[sex, len(given), at].draw(rng) for at in range(len(given) - 1)) + given[-1:]

    def _share(self) -> float:
        """How many names are put together."""
        rng = np.random.default_rng(len(self._names))
        tried = [self._put_together(int(at), rng) for at in rng.integers(0, max(1, len(self._names)), _TRIAL)]
        novel = sum(bool(one) and one not in self._borne for one in tried) / _TRIAL if self._names else 0.0
        alone = sum(count == 1 for count in self._borne.values()) / max(1, self._borne.total())
        return min(1.0, alone / novel) if novel > 0 else 0.0

    def _mixed(self, rng: np.random.Generator) -> str:
        """A name of another script: the first part of one and the last part of another."""
        one, other = (self._foreign[rng.integers(len(self._foreign))] for _ in range(2))
        for sign in ("·", " "):
            if sign in one and sign in other:
                return one.rpartition(sign)[0] + sign + other.rpartition(sign)[2]
        return one[: (len(one) + 1) // 2] + other[len(other) // 2 + 1 :] if min(len(one), len(other)) > 1 else one


class NumberDeck:
    """Visible ends of mobile numbers: the head of a real one, the last four digits as in the table, place by place."""

    def __init__(self, numbers: list[str]) -> None:
        tails = [number[7:] for number in numbers if number[7:].isdigit()]
        self._halves = Cards([tail[:2] for tail in tails]), Cards([tail[2:] for tail in tails])
        self.heads = [number[:3] for number in numbers] or ["138"]

    def tail(self, rng: np.random.Generator) -> str:
        """Four digits, the first two of one customer and the last two of another."""
        if not len(self._halves[0]):
            return f"{int(rng.integers(10_000)):04d}"
        return "".join(half.draw(rng) for half in self._halves)

    def masked(self, head: str, name: str, kin: Sequence[str], free: Free, rng: np.random.Generator) -> str:
        """`138****1234` whose signature no customer has; no other canary of that surname has it either.

        Empty where none is free.

        Args:
            head: its first three digits.
            name: of the canary.
            kin: last four digits of its donors, which it must be unlike.
            free: what is taken.
            rng: chance.
        """
        known = free.known
        for attempt in range(_TRIES):
            tail = self.tail(rng) if attempt < _TRIES // 2 else f"{int(rng.integers(10_000)):04d}"
            number = f"{head}****{tail}"
            taken_already = (
                signed(number, name, known.characters) in known.signatures or for_canaries(number, name) in free.used
            )
            if not taken_already and unlike(tail, kin):
                return number
        return ""


def for_canaries(number: str, name: str) -> str:
    """The signature by which canaries are told from each other: always with the surname's first character."""
    return signed(number, name, _SURNAME)


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
