"""How much a record's other values speak for a canary: product, limit, account, days, whatever the table has."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final

from rapidfuzz.distance import OSA, Levenshtein

from canaries.dumps import Frequencies
from canaries.forms import Form
from canaries.odds import NOTHING, RATES, Logs, added, bits_of

DRIFT: Final = 0.06
"""Chance that a value was changed after the canary left, by the platform or by a dealer."""
_RARE_BITS: Final = 16.0
"""The most that a value which nobody else has may tell: a dump cannot show how rare a thing is in the world."""
_MOMENTS: Final = ("d:", "t:")


class Others:
    """Weighs values of one dump's records."""

    def __init__(self, counts: Frequencies, mapped: Mapping[str, int], rare: frozenset[str]) -> None:
        """Take what was counted.

        Args:
            counts: of the dump.
            mapped: header of the platform's table → place of the dump's column.
            rare: headers under which hardly two customers have the same value.
        """
        self._counts, self._mapped, self._rare = counts, mapped, rare
        self._near: dict[tuple[int, str], float] = {}

    def finds(self, form: Form, told: Sequence[str]) -> bool:
        """Whether a value that hardly two records share is the canary's."""
        return any(value in told for header in self._rare for value in form.values.get(header, ()))

    def weigh(self, form: Form, told: Sequence[str]) -> tuple[Logs, dict[str, str]]:
        """The bits, and header → the value that agreed."""
        total, agreed = NOTHING, {}
        for header, mine in form.values.items():
            column = self._mapped.get(header)
            if header in self._rare:
                one, same = self._rarely(mine, told, column)
            elif column is not None and told[column]:
                one, same = self._often(mine, told[column], column)
            else:
                continue
            total = added(total, one)
            if same:
                agreed[header] = same
        return total, agreed

    def most(self, form: Form) -> float:
        """The bits of all values together that many share, if all of them agree."""
        shared = [header for header in form.values if header in self._mapped and header not in self._rare]
        told = [(form.values[header], self._mapped[header]) for header in shared]
        return sum(max(0.0, *(max(self._often(mine, one, column)[0]) for one in mine)) for mine, column in told)

    def _often(self, mine: tuple[str, ...], found: str, column: int) -> tuple[Logs, str]:
        """A value that many share: it tells as much as it is seldom in the dump."""
        counted = self._counts.values[column]
        total = sum(counted.values()) or self._counts.sampled
        if found in mine:
            usual = sum((max(0, counted.get(one, 0) - (one == found)) + 0.5) / (total + 10) for one in mine)
            return bits_of(lambda e: (1 - e) ** len(found) * (1 - DRIFT) / min(1.0, max(usual, 1e-4))), found
        size = max(2, len(found) - 2)
        long = len(found) >= (4 if found.isascii() else 3)
        one_off = size * 0.7
        if long and any(OSA.distance(one, found, score_cutoff=1) <= 1 for one in mine):
            usual = self._nearly(mine, column)
            return bits_of(lambda e: (DRIFT / 10 + e * size * (1 - e) ** (size - 1)) / usual), ""
        return bits_of(lambda e: min(1.0, DRIFT + (1 - (1 - e) ** size - one_off * e * (1 - e) ** (size - 1)))), ""

    def _nearly(self, mine: tuple[str, ...], column: int) -> float:
        """Share of the column that is within one edit of any of these values."""
        key = (column, mine[0])
        if key not in self._near:
            counted = self._counts.values[column]
            close = sum(
                n for value, n in counted.items() if any(OSA.distance(one, value, score_cutoff=1) <= 1 for one in mine)
            )
            self._near[key] = max(0.01, (close + 1) / ((sum(counted.values()) or 1) + 10))
        return self._near[key]

    def _rarely(self, mine: tuple[str, ...], told: Sequence[str], column: int | None) -> tuple[Logs, str]:
        """A value that hardly anybody shares, wherever it stands; damaged, where its column is known."""
        same = next((found for found in told if found and found in mine), "")
        if same:
            return bits_of(lambda e: (1 - e) ** len(same) * 2.0**_RARE_BITS), same
        moment = mine[0][:2] in _MOMENTS
        if moment and (shortened := self._same_day(mine, told)) is not None:
            return shortened, ""
        if column is None or not told[column]:
            return NOTHING, ""
        places = self._counts.places[column]
        logs = [placewise(_bare(one, moment=moment), _bare(told[column], moment=moment), places) for one in mine]
        return max(logs, key=sum), ""

    def _same_day(self, mine: tuple[str, ...], told: Sequence[str]) -> Logs | None:
        """A moment of which the dump kept the day only."""
        for place, found in enumerate(told):
            if found[:2] == "d:" and any(one[:2] == "t:" and one[2:10] == found[2:10] for one in mine):
                days = self._counts.days[place]
                usual = max(1e-4, (days.get(found[2:10], 1) + 0.5) / max(10, sum(days.values())))
                likely = [0.5 * (1 - e) ** 8 / usual for e in RATES]
                return math.log2(likely[0]), math.log2(likely[1])
        return None


def _bare(value: str, *, moment: bool) -> str:
    text = value[2:] if value[1:2] == ":" else value
    return "".join(char for char in text if char.isdigit()) if moment else text


def placewise(mine: str, found: str, places: Sequence[Mapping[str, float]]) -> Logs:
    """Characters of a damaged value, one by one: each right one speaks for as much as it is seldom at its place.

    Args:
        mine: the canary's.
        found: the record's.
        places: for each place of the column's values, how often each character stands there.
    """
    if not mine or not found or abs(len(mine) - len(found)) > 3:
        return bits_of(lambda _e: DRIFT)
    right: list[float] = []
    wrong = moved = 0
    for step in Levenshtein.opcodes(mine, found):
        if step.tag == "equal":
            for at in range(step.dest_start, step.dest_end):
                share = places[at].get(found[at], 0.0) if at < len(places) else 0.1
                right.append(max(share, 0.02))
        elif step.tag == "replace":
            wrong += step.src_end - step.src_start
        else:
            moved += max(step.src_end - step.src_start, step.dest_end - step.dest_start)
    # An accident has one character in about ten right anyway; where one may slip in or out is one place in a few.
    told = [
        sum(math.log2((1 - e) / share) for share in right) + wrong * math.log2(e / 0.9) + moved * math.log2(e / 3)
        for e in RATES
    ]
    floor = math.log2(DRIFT)
    return max(floor, min(told[0], _RARE_BITS)), max(floor, min(told[1], _RARE_BITS))
