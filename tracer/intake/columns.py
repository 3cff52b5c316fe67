"""What every column means, found from its values; its header is a hint and no more.

A column's values settle which roles are possible at all. Phones, identity numbers, e-mails and bank cards speak for
themselves; between roles whose values look alike (an amount and a limit, an account and a code) the header decides, and
without a known header the one that the values resemble most.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from tracer.intake.headers import hinted
from tracer.intake.interface import Column, Role
from tracer.intake.sampling import spread
from tracer.intake.traits import BASES, TRAITS

SAMPLED = 1_000
"""How many cells of a column are looked at, spread evenly over it."""

_MOST_CELLS = 200_000
_MANY = 30
"""Values that are no chance any more where they all look alike."""
_COUNTED = frozenset({Role.ACCOUNT, Role.CODE, Role.AMOUNT, Role.LIMIT, Role.PRODUCT, Role.BANK_CARD})
"""Roles that a header may give to numbers of ten digits."""
"""How many cells of all columns of a table are looked at, but for fifty of each."""

_PHRASES: dict[Role, str] = {
    Role.NAME: "look like personal names",
    Role.PHONE: "are valid mobile numbers",
    Role.MASKED_PHONE: "are masked mobile numbers",
    Role.NATIONAL_ID: "are identity numbers with the right check character",
    Role.MASKED_ID: "are masked identity numbers",
    Role.EMAIL: "are e-mail addresses",
    Role.BANK_CARD: "are bank card numbers with the right check digit",
    Role.ACCOUNT: "are possible account names",
    Role.ADDRESS: "are postal addresses",
    Role.REGION: "are administrative divisions",
    Role.SEX: "are words or marks for a sex",
    Role.AGE: "are possible ages",
    Role.BIRTH_DATE: "are possible days of birth",
    Role.PRODUCT: "are short names that come back, as products do",
    Role.AMOUNT: "are numbers",
    Role.LIMIT: "are round numbers",
    Role.DATE: "are days",
    Role.DATETIME: "are moments with a time of day",
    Role.CODE: "are codes",
    Role.TEXT: "are free text",
}
_FORMS = _PHRASES | {
    Role.PHONE: "have the form of mobile numbers",
    Role.NATIONAL_ID: "have the form of identity numbers",
    Role.BANK_CARD: "have the form of bank card numbers",
}
"""Where the header says what most cells are that are not valid."""


@dataclass(frozen=True, slots=True)
class _Profile:
    """What is known of a column's values: how many were sampled, how varied they are, and the share of each trait."""

    cells: int
    distinct: int
    shares: Mapping[str, float]

    def __getitem__(self, trait: str) -> float:
        return self.shares.get(trait) or 0.0

    @property
    def recurs(self) -> bool:
        """Whether the values are few kinds of thing, as products and sexes are, and names are not."""
        return self.distinct <= max(3, min(60, 0.2 * self.cells))


def assign(frame: pl.DataFrame, headers: tuple[str, ...]) -> tuple[Column, ...]:
    """The role of every column of a table, with the reason.

    Args:
        frame: a table's frame; its columns `c0`, `c1` … are looked at.
        headers: their names, in the same order.
    """
    return assign_all([(frame, headers)])[0]


def assign_all(tables: Sequence[tuple[pl.DataFrame, tuple[str, ...]]]) -> list[tuple[Column, ...]]:
    """The same of several tables (frame, headers) at once, for a table of one record costs as much as one of many."""
    samples = [_sample(frame[f"c{i}"], _most(headers)) for frame, headers in tables for i in range(len(headers))]
    profiles = iter(_profiles(samples))
    return [tuple(_column(f"c{i}", name, next(profiles)) for i, name in enumerate(headers)) for _, headers in tables]


def _most(headers: tuple[str, ...]) -> int:
    return max(50, min(SAMPLED, _MOST_CELLS // max(1, len(headers))))


def _profiles(samples: list[pl.Series]) -> list[_Profile]:
    """All columns are profiled at once: their samples stand below each other in one column of cells."""
    if not samples:
        return []
    cells = pl.concat(samples, rechunk=True)
    of = np.repeat(np.arange(len(samples), dtype=np.uint32), [len(sample) for sample in samples])
    bases = (
        pl.DataFrame({"of": of, "cell": cells})
        .lazy()
        .with_columns(expr.alias(name) for name, expr in BASES.items())
        .collect()
    )
    traits = bases.lazy().select("of", "cell", *(expr.alias(name) for name, expr in TRAITS.items()))
    shares = traits.group_by("of").agg(
        pl.col("cell").n_unique().alias("distinct"), *(pl.col(name).mean() for name in TRAITS)
    )
    found = {row.pop("of"): row for row in shares.collect().to_dicts()}
    return [
        _Profile(len(sample), found.get(i, {}).pop("distinct", 0), found.get(i, {})) for i, sample in enumerate(samples)
    ]


def _sample(series: pl.Series, most: int) -> pl.Series:
    filled = series.drop_nulls() if series.null_count() else series
    return (filled if len(filled) <= most else filled[spread(len(filled), most)]).alias("cell")


def _column(key: str, name: str, profile: _Profile) -> Column:
    if not profile.cells:
        return Column(key, name, Role.OTHER, "no cell holds anything")
    certain = max(_certain(profile), key=lambda found: found[1], default=None)
    if certain is not None:
        return Column(key, name, certain[0], _why(*certain, profile))
    hint = hinted(name)
    possible = dict(_possible(profile, hint))
    if not possible:
        return Column(key, name, Role.OTHER, f"{profile.cells:,} sampled cells have nothing in common")
    role = hint if hint in possible else next(iter(possible))
    why = _why(role, possible[role], profile, _FORMS)
    if role == hint and len(possible) > 1:
        why += ", and the header says so"
    return Column(key, name, role, why)


def _why(role: Role, share: float, profile: _Profile, phrases: Mapping[Role, str] = _PHRASES) -> str:
    return f"{share:.0%} of {profile.cells:,} sampled cells {phrases[role]}"


def _certain(p: _Profile) -> Iterator[tuple[Role, float]]:
    """Roles whose values speak for themselves, whatever the header says, with their shares."""
    yield from (
        (role, p[trait])
        for role, trait, least in (
            (Role.PHONE, "phone", 0.5),
            (Role.MASKED_PHONE, "masked_phone", 0.5),
            (Role.NATIONAL_ID, "national_id", 0.4),
            (Role.MASKED_ID, "masked_id", 0.5),
            (Role.EMAIL, "email", 0.5),
            (Role.BANK_CARD, "bank_card", 0.5),
        )
        if p[trait] >= least
    )


def _possible(p: _Profile, hint: Role | None) -> Iterator[tuple[Role, float]]:
    """Roles that the values allow, the likeliest first. A hint lowers what a role needs, never to nothing."""
    yield from _identifiers(p, hint)
    if p["sex"] >= 0.9 and (p["number"] < 0.5 or hint is Role.SEX):
        yield Role.SEX, p["sex"]
    if p["moment"] >= 0.8:
        yield from _moments(p)
    elif p["number"] >= 0.8:
        yield from _numbers(p, hint)
    else:
        words = list(_words(p, hint))
        yield from words
        if not words and p["sex"] < 0.9 and (p["han"] >= 0.3 or p["spoken"] >= 0.3):
            yield Role.TEXT, max(p["han"], p["spoken"])


def _identifiers(p: _Profile, hint: Role | None) -> Iterator[tuple[Role, float]]:
    """Identifiers damaged so badly that only the header tells: most cells still have the shape."""
    for role, trait in (
        (Role.PHONE, "like_phone"),
        (Role.NATIONAL_ID, "like_id"),
        (Role.BANK_CARD, "like_card"),
        (Role.EMAIL, "email"),
    ):
        if hint is role and p[trait] >= 0.3 and p["lately"] < 1:  # sj is shouji as well as shijian
            yield role, p[trait]
    for whole, role, trait in (
        (Role.PHONE, Role.MASKED_PHONE, "phone_piece"),
        (Role.NATIONAL_ID, Role.MASKED_ID, "id_piece"),
    ):
        if hint in (whole, role) and p[trait] >= 0.8:
            yield role, p[trait]


def _moments(p: _Profile) -> Iterator[tuple[Role, float]]:
    roles = [Role.DATETIME, Role.DATE] if p["clock"] >= 0.2 else [Role.DATE, Role.DATETIME]
    if p["clock"] < 0.2 and p["born"] >= 0.9:
        # Days before 2008 in their great majority: a lender's own dates are younger.
        roles.insert(0 if p["long_ago"] >= 0.8 else 1, Role.BIRTH_DATE)
    yield from ((role, p["born"] if role is Role.BIRTH_DATE else p["moment"]) for role in roles)


def _numbers(p: _Profile, hint: Role | None) -> Iterator[tuple[Role, float]]:
    if p["division"] >= 0.9 and (p["thousands"] < 0.5 or hint is Role.REGION):
        # Of six-digit numbers one in three begins like a division by chance: nine in ten are divisions, and no sums.
        yield Role.REGION, p["division"]
        return
    if p["age"] >= 0.95 and ((p["adult"] >= 0.95 and p.distinct > 10) or hint is Role.AGE):
        yield Role.AGE, p["age"]
    if hint in (Role.DATETIME, Role.DATE) and (counted := max(p["epoch"], p["serial"])) >= 0.9:
        yield hint, counted
    if hint not in _COUNTED and p["lately"] == 1 and p.distinct >= _MANY:
        # Of ten-digit user names, such as QQ numbers, one in four begins like a second of these years.
        yield Role.DATETIME, p["lately"]
    if p["digits"] >= 0.95 and hint in (Role.ACCOUNT, Role.CODE, Role.PRODUCT):
        yield hint, p["digits"]
    if p["digits"] >= 0.95 and (p["long_digits"] >= 0.5 or p["small"] >= 0.95):
        yield Role.CODE, p["digits"]
    rounded = p["hundreds"] >= 0.8
    yield from ((role, p["number"]) for role in ((Role.LIMIT, Role.AMOUNT) if rounded else (Role.AMOUNT, Role.LIMIT)))
    if p["digits"] >= 0.95:
        yield Role.CODE, p["digits"]


def _words(p: _Profile, hint: Role | None) -> Iterator[tuple[Role, float]]:
    if p["name"] >= 0.6 and p["product"] < 0.3 and (not p.recurs or hint is Role.NAME or p.cells < _MANY):
        yield Role.NAME, p["name"]
    elif hint is Role.NAME and p["like_name"] >= 0.8 and p["product"] < 0.3 and p["place"] < 0.3:
        yield Role.NAME, p["like_name"]  # rare surnames
    if p["address"] >= 0.5:
        yield Role.ADDRESS, p["address"]
    if p["division"] + p["place"] >= 0.6:
        yield Role.REGION, p["division"] + p["place"]
    if p["short"] >= 0.9 and (p["product"] >= 0.5 or (hint is Role.PRODUCT and p.distinct <= max(20, 0.3 * p.cells))):
        yield Role.PRODUCT, max(p["product"], p["short"])
    if p["account"] >= 0.8:
        yield from ((role, p["account"]) for role in _accounts(p))
    elif p["code"] >= 0.8:
        yield Role.CODE, p["code"]


def _accounts(p: _Profile) -> tuple[Role, ...]:
    if p.recurs and p.cells >= _MANY:
        return (Role.CODE, Role.TEXT, Role.PRODUCT)
    return (Role.ACCOUNT, Role.CODE) if p["long_hex"] < 0.5 else (Role.CODE, Role.ACCOUNT)
