"""How much a record speaks for one canary, in bits: log2 of P(record | it is this canary) / P(record | anybody's).

Fellegi & Sunter (1969), with the chances of agreement by accident counted in the dump at hand, and the chance of a
wrong character taken at two rates, a clean dump's and a retyped one's, between which the record itself decides. By
Markov's inequality a record of somebody else reaches w bits for a given canary with a chance of at most 2^-w, so among N
records and K canaries at most N·K·2^-w do. What columns tell together is discounted, for they depend on each other.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA, Levenshtein

from canaries.dumps import Frequencies, Person, phone_like
from canaries.forms import Form

RATES: Final = (0.004, 0.11)
"""Chances that a character is wrong, in a clean dump and in a retyped one."""
DRIFT: Final = 0.06
"""Chance that a value was changed after the canary left, by the platform or by a dealer."""
DISCOUNT: Final = 0.85
"""Of the bits that values other than name and numbers tell together: products, limits and places are not independent."""
_RARE_BITS: Final = 16.0
"""The most that a value which nobody else has may tell: a dump cannot show how rare a thing is in the world."""
_HOPELESS: Final = 2.0
"""Bits of name and numbers below which other values cannot make a sighting any more."""
_MOMENTS: Final = ("d:", "t:")
_FEWEST: Final = 1 / 4000
"""No surname and no given character is taken to be rarer."""

Logs = tuple[float, float]
"""Bits under either rate."""
_NOTHING: Final[Logs] = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Agreement:
    """What one record and one canary have in common."""

    bits: float
    match: tuple[str, ...]
    """What agreed: name, pinyin, phone, masked_phone, national_id, and headers of other values."""
    values: Mapping[str, str]
    """Header → the canonical value that agreed."""


@dataclass(frozen=True, slots=True)
class Backdrop:
    """How frequent names are among the platform's own customers; the dump's own counts are added to it."""

    surnames: Mapping[str, float]
    given: Mapping[str, float]
    syllables: Mapping[str, float]


def backdrop(forms: Iterable[Form]) -> Backdrop:
    """Count names of canaries, who are named as the platform's customers are."""
    surnames: dict[str, float] = {}
    given: dict[str, float] = {}
    spelled: dict[str, float] = {}
    total = 0
    for form in forms:
        if not form.name:
            continue
        total += 1
        surnames[form.name[0]] = surnames.get(form.name[0], 0) + 1
        for char in set(form.name[1:]):
            given[char] = given.get(char, 0) + 1
        for reading in form.pinyin[:1]:
            spelled[reading] = spelled.get(reading, 0) + 1
    share = 1 / max(1, total)
    return Backdrop(
        {key: n * share for key, n in surnames.items()},
        {key: n * share for key, n in given.items()},
        {key: n * share for key, n in spelled.items()},
    )


class Scale:
    """Weighs records of one dump."""

    def __init__(
        self, counts: Frequencies, customers: Backdrop, mapped: Mapping[str, int], rare: frozenset[str]
    ) -> None:
        self._counts, self._customers, self._mapped, self._rare = counts, customers, mapped, rare
        self._near: dict[tuple[int, str], float] = {}

    def weigh(self, form: Form, told: Sequence[str], who: Person) -> Agreement | None:
        """Weigh one record against one canary; None where name and numbers already speak against it.

        Args:
            form: the canary.
            told: canonical values of the record's cells.
            who: whom the record is about.
        """
        match: list[str] = []
        agreed: dict[str, str] = {}
        name = self._name(form, who, match)
        phone = self._phone(form, who, match)
        identity = self._identity(form, who, match)
        if max(map(sum, zip(name, phone, identity, strict=True))) < _HOPELESS and not self._shares_rare(form, told):
            return None
        others = self._values(form, told, match, agreed)
        totals = [
            name[rate] + phone[rate] + identity[rate] + (others[rate] * DISCOUNT if others[rate] > 0 else others[rate])
            for rate in range(len(RATES))
        ]
        best = max(totals)
        bits = best + math.log2(sum(2.0 ** (total - best) for total in totals) / len(totals))
        return Agreement(bits, tuple(match), agreed)

    def _shares_rare(self, form: Form, told: Sequence[str]) -> bool:
        return any(value in told for header in self._rare for value in form.values.get(header, ()))

    # --- the name ------------------------------------------------------------------------------------------------

    def _chance(self, form: Form, kept: Iterable[int]) -> float:
        """Chance that an accidental name has the characters of the canary's name at these places."""
        chance = 1.0
        for place in kept:
            char = form.name[place]
            counted, backed = (
                (self._counts.surnames, self._customers.surnames)
                if place == 0
                else (self._counts.given, self._customers.given)
            )
            in_dump = (counted.get(char, 0) + 0.5) / (self._counts.words + 50)
            chance *= max(in_dump, backed.get(char, 0.0), _FEWEST)
        return chance

    def _name(self, form: Form, who: Person, match: list[str]) -> Logs:
        if not form.name or not (who.han or who.latin):
            return _NOTHING
        length = len(form.name)
        words = [word for word in who.han if len(word) <= length + 2] or [word[: length + 1] for word in who.han]
        if any(form.name in word for word in who.han):
            match.append("name")
            accident = max(self._chance(form, range(length)), self._seen(form.name))
            return _logs(lambda e: (1 - e) ** length / accident)
        if who.latin and form.pinyin and any(reading in who.latin for reading in form.pinyin):
            match.append("pinyin")
            accident = max(self._chance(form, range(length)) * 6, *(self._seen(reading) for reading in form.pinyin))
            return _logs(lambda e: (1 - e) ** (3 * length) / accident)
        best = _NOTHING if not self._counts.named else _logs(lambda e: max(0.003, e))
        alike = [self._like(form, word) for word in words]
        if form.pinyin:
            alike += [self._spelled_like(form, word) for word in who.latin]
        found = max((one for one in alike if one is not None), key=lambda one: sum(one[0]), default=None)
        if found is None or sum(found[0]) <= sum(best):
            return best
        match.append(found[1])
        return found[0]

    def _seen(self, word: str) -> float:
        """Share of the dump's records with just this word as a name, less the one that is being weighed."""
        return max(0, self._counts.names.get(word, 0) - 1) / max(1, self._counts.sampled)

    def _like(self, form: Form, word: str) -> tuple[Logs, str] | None:
        kept = [place for place, char in enumerate(form.name) if char in word]
        length, wrong = len(form.name), len(form.name) - len(kept)
        if not kept:
            return None
        if wrong > 1 or OSA.distance(form.name, word) > 1:
            if len(word) == 1 and kept == [0]:  # 张**: the stars are no Han characters
                return _logs(lambda _e: 0.9 / max(0.002, self._chance(form, kept))), "surname"
            return _logs(lambda e: max(0.01, 3 * e * e) / max(0.05, self._chance(form, kept))), "part of name"
        # One wrong, lost, added or swapped character: each happens in a third of the errors, to one of the places.
        odd = 0.3 if wrong == 0 or len(word) < length else 1.0
        accident = max(self._chance(form, kept), 1e-9)
        return _logs(lambda e: (1 - e) ** len(kept) * e * odd / accident * (0.5 if wrong else 1.0)), "like name"

    def _spelled_like(self, form: Form, word: str) -> tuple[Logs, str] | None:
        near = min(OSA.distance(reading, word, score_cutoff=2) for reading in form.pinyin)
        if near > 2 or len(word) < 5:
            return None
        accident = self._chance(form, range(len(form.name))) * 6 * (40 if near == 1 else 900)
        logs = _logs(lambda e: (1 - e) ** (len(word) - near) * (e * len(word) / 2) ** near / min(1.0, accident))
        return logs, "like pinyin"

    # --- numbers -------------------------------------------------------------------------------------------------

    def _phone(self, form: Form, who: Person, match: list[str]) -> Logs:
        if not form.phone or not who.numbers:
            return _NOTHING
        best: Logs | None = None
        told = ""
        for number in who.numbers:
            read = phone_like(number)
            logs, kind = self._digits(form.phone, read) if read else self._broken(form.phone, number)
            if best is None or sum(logs) > sum(best):
                best, told = logs, kind
        if best is None:
            return _NOTHING
        if told:
            match.append(told)
        return best

    def _digits(self, mine: str, read: str) -> tuple[Logs, str]:
        """Place by place: a right digit speaks for, a wrong one against; a hidden one says nothing."""
        right = wrong = 0
        for place in range(3, 11):
            if mine[place] == "*" or read[place] == "*":
                continue
            right, wrong = right + (mine[place] == read[place]), wrong + (mine[place] != read[place])
        heads = [(one, other) for one, other in zip(mine[:3], read[:3], strict=True) if "*" not in (one, other)]
        missed = sum(one != other for one, other in heads)
        # An accidental head is drawn from the heads of this dump.
        usual = (self._counts.heads.get(read[:3], 0) + 1) / (self._counts.phones + 40)
        head = [
            0.0
            if not heads
            else math.log2(max(1e-9, (1 - e) ** (len(heads) - missed) * (e / 9) ** missed) / max(usual, 1e-3))
            for e in RATES
        ]
        tail = [right * math.log2((1 - e) / 0.1) + wrong * math.log2(e / 9 / 0.1) for e in RATES]
        whole = "*" not in read and "*" not in mine
        kind = (
            ("phone" if whole else "masked_phone")
            if wrong + missed == 0
            else "like phone"
            if wrong + missed == 1
            else ""
        )
        floor = [math.log2(max(0.004, e)) - 3 for e in RATES]
        return (max(head[0] + tail[0], floor[0]), max(head[1] + tail[1], floor[1])), kind

    def _broken(self, mine: str, number: str) -> tuple[Logs, str]:
        """A number that lost or gained a digit: the visible ends are compared as text."""
        seen, bare = mine.replace("*", ""), number.replace("*", "")
        if not 5 <= len(bare) <= 13 or abs(len(seen) - len(bare)) > 4:
            return (-4.0, -3.0), ""
        if len(bare) > len(seen) + 2:  # a whole number against visible ends
            bare = bare[:3] + bare[-4:]
        edits = OSA.distance(seen, bare, score_cutoff=3)
        if edits > 2 or edits == 0:
            return (-6.0, -4.0), ""
        length = min(len(seen), len(bare))
        usual = (self._counts.heads.get(bare[:3], 0) + 1) / (self._counts.phones + 40)
        told = [
            (length - 3 - edits) * math.log2(10)
            - math.log2(max(usual, 1e-3))
            + edits * math.log2(e / 3)
            + length * math.log2(1 - e)
            for e in RATES
        ]
        return (told[0], told[1]), "like phone" if edits == 1 else ""

    def _identity(self, form: Form, who: Person, match: list[str]) -> Logs:
        if not form.identity:
            return _NOTHING
        ends = form.identity[:6], form.identity[14:17]
        for number in who.numbers:
            if len(number) >= 13 and number[:6] == ends[0] and ends[1] in number[-4:]:
                match.append("national_id" if "*" not in number + form.identity else "masked_id")
                return _logs(lambda e: (1 - e) ** 9 / (2e-3 * 1e-3))
        return _NOTHING

    # --- other values --------------------------------------------------------------------------------------------

    def _values(self, form: Form, told: Sequence[str], match: list[str], agreed: dict[str, str]) -> Logs:
        total = [0.0, 0.0]
        for header, mine in form.values.items():
            column = self._mapped.get(header)
            if header in self._rare:
                logs = self._rarely(header, mine, told, column, match, agreed)
            elif column is not None and told[column]:
                logs = self._often(header, mine, told[column], column, match, agreed)
            else:
                continue
            total = [one + other for one, other in zip(total, logs, strict=True)]
        return total[0], total[1]

    def _often(
        self, header: str, mine: tuple[str, ...], found: str, column: int, match: list[str], agreed: dict[str, str]
    ) -> Logs:
        counted = self._counts.values[column]
        total = sum(counted.values()) or self._counts.sampled
        if found in mine:
            match.append(header)
            agreed[header] = found
            usual = sum((max(0, counted.get(one, 0) - (one == found)) + 0.5) / (total + 10) for one in mine)
            return _logs(lambda e: (1 - e) ** len(found) * (1 - DRIFT) / min(1.0, max(usual, 1e-4)))
        near = any(OSA.distance(one, found, score_cutoff=1) <= 1 for one in mine) and len(found) >= (
            4 if found.isascii() else 3
        )
        size = max(2, len(found) - 2)
        if near:
            usual = self._nearly(mine, column)
            return _logs(lambda e: (DRIFT / 10 + e * size * (1 - e) ** (size - 1)) / usual)
        return _logs(lambda e: min(1.0, DRIFT + (1 - (1 - e) ** size - 0.7 * e * size * (1 - e) ** (size - 1))))

    def _nearly(self, mine: tuple[str, ...], column: int) -> float:
        """Share of the column that is within one edit of any of these values."""
        key = (column, mine[0])
        if key not in self._near:
            counted = self._counts.values[column]
            total = sum(counted.values()) or 1
            close = sum(
                n for value, n in counted.items() if any(OSA.distance(one, value, score_cutoff=1) <= 1 for one in mine)
            )
            self._near[key] = max(0.01, (close + 1) / (total + 10))
        return self._near[key]

    def _rarely(
        self,
        header: str,
        mine: tuple[str, ...],
        told: Sequence[str],
        column: int | None,
        match: list[str],
        agreed: dict[str, str],
    ) -> Logs:
        for found in told:
            if found and found in mine:
                match.append(header)
                agreed[header] = found
                size = len(found)
                return _logs(lambda e: (1 - e) ** size * 2.0**_RARE_BITS)
        moment = mine[0][:2] in _MOMENTS
        if moment and (shortened := self._same_day(mine, told)) is not None:
            return shortened
        if column is None or not told[column]:
            return _NOTHING
        places = self._counts.places[column]
        logs = [_placewise(_bare(one, moment=moment), _bare(told[column], moment=moment), places) for one in mine]
        return max(logs, key=sum)

    def _same_day(self, mine: tuple[str, ...], told: Sequence[str]) -> Logs | None:
        """A moment of which the dump kept the day only."""
        for place, found in enumerate(told):
            if found[:2] == "d:" and any(one[:2] == "t:" and one[2:10] == found[2:10] for one in mine):
                days = self._counts.days[place]
                usual = (days.get(found[2:10], 1) + 0.5) / max(10, sum(days.values()))
                return _logs(lambda e: (1 - e) ** 8 * 0.5 / max(usual, 1e-4))
        return None


def _bare(value: str, *, moment: bool) -> str:
    text = value[2:] if value[1:2] == ":" else value
    return "".join(char for char in text if char.isdigit()) if moment else text


def _placewise(mine: str, found: str, places: Sequence[Mapping[str, float]]) -> Logs:
    """Characters of a damaged value, one by one: each right one speaks for as much as it is seldom at its place."""
    if not mine or not found or abs(len(mine) - len(found)) > 3:
        return _logs(lambda _e: DRIFT)
    right: list[float] = []
    wrong = moved = 0
    for tag, start, end, first, last in Levenshtein.opcodes(mine, found):
        if tag == "equal":
            for at in range(first, last):
                share = places[at].get(found[at], 0.0) if at < len(places) else 0.1
                right.append(max(share, 0.02))
        elif tag == "replace":
            wrong += end - start
        else:
            moved += max(end - start, last - first)
    told = []
    for e in RATES:
        bits = sum(math.log2((1 - e) / share) for share in right)
        # An accident has one character in about nine right anyway; where it may slip in or out is one place in a few.
        told.append(bits + wrong * math.log2(e / 0.9) + moved * math.log2(e / 3))
    floor = math.log2(DRIFT)
    return max(floor, min(told[0], _RARE_BITS)), max(floor, min(told[1], _RARE_BITS))


def _logs(ratio: Callable[[float], float]) -> Logs:
    """The bits of a ratio under either rate."""
    first, second = (math.log2(max(1e-6, ratio(e))) for e in RATES)
    return first, second
