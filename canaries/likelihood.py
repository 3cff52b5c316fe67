"""How much a record speaks for one canary, in bits: log2 of P(record | it is this canary) / P(record | anybody's).

Fellegi & Sunter (1969), with the chances of agreement by accident counted in the dump at hand, and the chance of a
wrong character taken at two rates, a clean dump's and a retyped one's, between which the record itself decides. By
Markov's inequality a record of somebody else reaches w bits for a given canary with a chance of at most 2^-w, so among
N records and K canaries at most N·K·2^-w do. What columns tell together is discounted, for they depend on each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from rapidfuzz.distance import OSA

from canaries.dumps import Frequencies, Person, phone_like
from canaries.forms import Form
from canaries.odds import NOTHING, RATES, Logs, bits_of
from canaries.other_values import Others

DISCOUNT: Final = 0.85
"""Of the bits that other values tell together: products, limits and places are not independent."""
_HOPELESS: Final = 2.0
"""Bits of name and numbers below which other values cannot make a sighting any more."""
_IDENTITY_BITS: Final = 19.0
"""Of a region among five hundred and a sequence of three digits that both agree."""
_FEWEST: Final = 1 / 4000
"""No surname and no given character is taken to be rarer."""


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


def backdrop(forms: Iterable[Form]) -> Backdrop:
    """Count names of canaries, who are named as the platform's customers are."""
    surnames: dict[str, float] = {}
    given: dict[str, float] = {}
    total = 0
    for form in forms:
        if not form.name:
            continue
        total += 1
        surnames[form.name[0]] = surnames.get(form.name[0], 0) + 1
        for char in set(form.name[1:]):
            given[char] = given.get(char, 0) + 1
    share = 1 / max(1, total)
    return Backdrop(
        {key: n * share for key, n in surnames.items()},
        {key: n * share for key, n in given.items()},
    )


class Scale:
    """Weighs records of one dump."""

    def __init__(self, counts: Frequencies, customers: Backdrop, others: Others) -> None:
        self._counts, self._customers, self._others = counts, customers, others

    def weigh(self, form: Form, told: Sequence[str], who: Person) -> Agreement | None:
        """Weigh one record against one canary; None where name and numbers already speak against it.

        Args:
            form: the canary.
            told: canonical values of the record's cells.
            who: whom the record is about.
        """
        match: list[str] = []
        name = self._name(form, who, match)
        phone = self._phone(form, who, match)
        identity = self._identity(form, who, match)
        if max(map(sum, zip(name, phone, identity, strict=True))) < _HOPELESS and not self._others.finds(form, told):
            return None
        others, agreed = self._others.weigh(form, told)
        match += agreed
        totals = [
            name[rate] + phone[rate] + identity[rate] + (others[rate] * DISCOUNT if others[rate] > 0 else others[rate])
            for rate in range(len(RATES))
        ]
        best = max(totals)
        bits = best + math.log2(sum(2.0 ** (total - best) for total in totals) / len(totals))
        return Agreement(bits, tuple(match), agreed)

    def most(self, form: Form) -> float:
        """The most that a record may speak for a canary if nothing agrees of its phone, nor any value hardly shared."""
        name = -math.log2(self._chance(form, range(len(form.name)))) if form.name else 0.0
        identity = _IDENTITY_BITS if form.identity else 0.0
        return name + identity + DISCOUNT * self._others.most(form)

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
            return NOTHING
        length = len(form.name)
        words = [word for word in who.han if len(word) <= length + 2] or [word[: length + 1] for word in who.han]
        if any(form.name in word for word in who.han):
            match.append("name")
            accident = max(self._chance(form, range(length)), self._seen(form.name))
            return bits_of(lambda e: (1 - e) ** length / accident)
        if who.latin and form.pinyin and any(reading in who.latin for reading in form.pinyin):
            match.append("pinyin")
            accident = max(self._chance(form, range(length)) * 6, *(self._seen(reading) for reading in form.pinyin))
            return bits_of(lambda e: (1 - e) ** (3 * length) / accident)
        best = NOTHING if not self._counts.named else bits_of(lambda e: max(0.003, e))
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
                return bits_of(lambda _e: 0.9 / max(0.002, self._chance(form, kept))), "surname"
            return bits_of(lambda e: max(0.01, 3 * e * e) / max(0.05, self._chance(form, kept))), "part of name"
        # One wrong, lost, added or swapped character: each happens in a third of the errors, to one of the places.
        odd = 0.3 if wrong == 0 or len(word) < length else 1.0
        accident = max(self._chance(form, kept), 1e-9)
        return bits_of(lambda e: (1 - e) ** len(kept) * e * odd / accident * (0.5 if wrong else 1.0)), "like name"

    def _spelled_like(self, form: Form, word: str) -> tuple[Logs, str] | None:
        near = min(OSA.distance(reading, word, score_cutoff=2) for reading in form.pinyin)
        if near > 2 or len(word) < 5:
            return None
        accident = self._chance(form, range(len(form.name))) * 6 * (40 if near == 1 else 900)
        logs = bits_of(lambda e: (1 - e) ** (len(word) - near) * (e * len(word) / 2) ** near / min(1.0, accident))
        return logs, "like pinyin"

    # --- numbers -------------------------------------------------------------------------------------------------

    def _phone(self, form: Form, who: Person, match: list[str]) -> Logs:
        if not form.phone or not who.numbers:
            return NOTHING
        best: Logs | None = None
        told = ""
        for number in who.numbers:
            read = phone_like(number)
            logs, kind = self._digits(form.phone, read) if read else self._broken(form.phone, number)
            if best is None or sum(logs) > sum(best):
                best, told = logs, kind
        if best is None:
            return NOTHING
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
            return NOTHING
        ends = form.identity[:6], form.identity[14:17]
        for number in who.numbers:
            if len(number) >= 13 and number[:6] == ends[0] and ends[1] in number[-4:]:
                match.append("national_id" if "*" not in number + form.identity else "masked_id")
                return bits_of(lambda e: (1 - e) ** 9 * 2.0**_IDENTITY_BITS)
        return NOTHING
