"""How often an identifier that is nobody's meets a customer: measured in each trace, for each kind.

Digits are dealt to other names inside the dump (a derangement), and identifiers are put together that nobody carries
(decoys). Both go through the same matcher as the dump's own, so that what they hit is what chance hits: with the dump's
own names, however common, its own regions, and however many customers a platform has.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import polars as pl

from tracer.identifiers import national_id, phone
from tracer.identifiers.visible import BELOW
from tracer.vault.composites import Clues

TRIALS: Final = 20_000
"""Invented records of one kind, about: chance is known to a hundredth of a percent."""
_WORTH_SAYING: Final = 5
WORDS: Final = {
    "name_phone": "name and masked phone number",
    "name_id": "name and masked ID",
    "repaired_id": "mistyped IDs without a name",
    "name_birth_region": "name, birth date and region",
    "name_phone_last_8": "name and the last eight digits of a phone number",
    "name_phone_first_7": "name and the first seven digits of a phone number",
    "name_id_last_4": "name and the last four characters of an ID",
    "name_phone_last_4": "name and the last four digits of a phone number",
    "surname_phone": "surname and masked phone number",
}
WORDS_ZH: Final = {
    "name_phone": "姓名与打码手机号",
    "name_id": "姓名与打码身份证号",
    "repaired_id": "写错一位的身份证号",
    "name_birth_region": "姓名、出生日期与地区",
    "name_phone_last_8": "姓名与手机号后八位",
    "name_phone_first_7": "姓名与手机号前七位",
    "name_id_last_4": "姓名与身份证号后四位",
    "name_phone_last_4": "姓名与手机号后四位",
    "surname_phone": "姓氏与打码手机号",
}
_BIRTHS: Final = (np.datetime64("1950-01-01"), np.datetime64("2005-01-01"))


@dataclass(frozen=True, slots=True)
class MatchRate:
    """What one kind of identifier found at one platform, and what chance finds."""

    kind: str
    platform: str
    records: int
    """Records that were tried by this kind."""
    links: int
    """Of these, records that hit exactly one customer."""
    trials: int
    """Invented records that were put through the same matcher."""
    hits: int
    """Of these, those that hit anybody."""
    method: str
    """`derangement` (digits dealt to other names) or `decoys` (identifiers that nobody carries)."""
    used: bool
    """Whether records were linked by this kind alone."""
    lost: int = 0
    """Records that this kind, had it been used, would have linked and nothing else did."""

    def plus(self, other: MatchRate) -> MatchRate:
        """This kind at this platform in two parts of a dump."""
        return MatchRate(
            self.kind,
            self.platform,
            self.records + other.records,
            self.links + other.links,
            self.trials + other.trials,
            self.hits + other.hits,
            self.method,
            self.used,
            self.lost + other.lost,
        )

    def scaled(self, factor: float) -> MatchRate:
        """As if so many times as many records had been tried; what was invented stays."""
        records, links, lost = (round(factor * many) for many in (self.records, self.links, self.lost))
        return replace(self, records=records, links=links, lost=lost)

    @property
    def rate(self) -> float:
        """Chance hits a record."""
        return self.hits / self.trials if self.trials else 0.0

    @property
    def by_chance(self) -> float:
        """Records that chance would link, at most: as if none of them were this platform's customers."""
        return self.rate * self.records


def left_out(rates: Sequence[MatchRate]) -> tuple[str, ...]:
    """What to say of the kinds that were not used though records depended on them."""
    said = []
    for kind, words in WORDS.items():
        mine = [rate for rate in rates if rate.kind == kind and not rate.used]
        worst = max(mine, key=lambda rate: rate.lost, default=None)
        if worst is not None and worst.lost >= _WORTH_SAYING:
            said.append(
                f"{worst.lost:,} records would be linked to {worst.platform} by {words} alone, and chance alone links "
                f"about {max(worst.by_chance, worst.records / worst.trials):,.1f}; such records were not linked"
            )
    return tuple(said)


@dataclass(frozen=True, slots=True)
class Dealt:
    """Invented clues of one kind."""

    clues: Clues
    """`row` numbers the invented records."""
    trials: int
    method: str


def deal(clues: Clues, kind_of_digits: str, seed: int) -> Dealt:
    """Give names digits that are not theirs.

    Args:
        clues: of the dump's records.
        kind_of_digits: see `visible.Seen`.
        seed: of the choice.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(clues.row.size)[:TRIALS]
    row, name, digits = clues.row[order], clues.name[order], clues.digits[order]
    rounds = min(max(1, -(-TRIALS // max(1, row.size))), max(1, row.size - 1))
    if row.size * rounds < TRIALS // 10:
        return _decoys(clues, kind_of_digits, rng)
    number = np.concatenate([row.astype(np.uint64) * np.uint64(rounds) + np.uint64(turn) for turn in range(rounds)])
    dealt = np.concatenate([np.roll(digits, turn + 1) for turn in range(rounds)])
    owner = np.concatenate([np.roll(name, turn + 1) for turn in range(rounds)])
    holder = np.tile(name, rounds)
    # Digits that went to a namesake may be back where they came from.
    kept = owner != holder
    record = np.unique(number[kept], return_inverse=True)[1].astype(np.uint32)
    return Dealt(Clues(record, holder[kept], dealt[kept]), int(record.max(initial=0)) + 1, "derangement")


def _decoys(clues: Clues, kind_of_digits: str, rng: np.random.Generator) -> Dealt:
    """Too few records to deal among: their names and first digits, with last digits drawn at random."""
    rounds = -(-TRIALS // max(1, clues.row.size))
    name, digits = np.tile(clues.name, rounds), np.tile(clues.digits, rounds)
    below = BELOW[kind_of_digits]
    if kind_of_digits == "id_first_14":
        days = _BIRTHS[0] + rng.integers(0, (_BIRTHS[1] - _BIRTHS[0]).astype(int), name.size)
        last = pl.Series(days).dt.strftime("%Y%m%d").cast(pl.Int64).to_numpy()
    else:
        last = rng.integers(0, below, name.size)
    return Dealt(
        Clues(np.arange(name.size, dtype=np.uint32), name, digits // below * below + last), name.size, "decoys"
    )


def decoy_phones(cells: pl.Series, seed: int) -> pl.Series:
    """Mainland numbers of which head, middle and end are three numbers' of the dump."""
    number = cells.to_frame("cell").select(phone.normalise(pl.col("cell")).cast(pl.Int64, strict=False)).to_series()
    whole = number.filter(number.is_between(13 * 10**9, 20 * 10**9)).to_numpy()
    rng = np.random.default_rng(seed)
    head, middle, end = (rng.permutation(whole) for _ in range(3))
    made = head // 10**8 * 10**8 + middle // 10**4 % 10**4 * 10**4 + end % 10**4
    return pl.Series(made[~np.isin(made, whole)]).cast(pl.String)


def decoy_ids(cells: pl.Series, seed: int) -> pl.Series:
    """Valid identity numbers of which region, birth date and sequence are three numbers' of the dump."""
    frame = cells.to_frame("cell").select(number=national_id.normalise(pl.col("cell")))
    whole = frame.get_column("number").drop_nulls()
    rng = np.random.default_rng(seed)
    region, born, sequence = (whole.gather(rng.permutation(whole.len())) for _ in range(3))
    body = region.str.slice(0, 6) + born.str.slice(6, 8) + sequence.str.slice(14, 3)
    made = body.to_frame("body").select(pl.col("body") + national_id.check_character(pl.col("body"))).to_series()
    return made.filter(~made.is_in(whole.implode())).drop_nulls()


def mistype(numbers: pl.Series, seed: int) -> pl.Series:
    """Each number with one of its first 17 digits wrong."""
    rng = np.random.default_rng(seed)
    place, step = rng.integers(0, 17, numbers.len()), rng.integers(1, 10, numbers.len())
    frame = pl.DataFrame({"number": numbers, "place": place, "step": step})
    text, at = pl.col("number"), pl.col("place")
    digit = (text.str.slice(at, 1).cast(pl.Int64, strict=False) + pl.col("step")) % 10
    return frame.select(text.str.slice(0, at) + digit.cast(pl.String) + text.str.slice(at + 1)).to_series()
