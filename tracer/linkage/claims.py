"""Do a record's other values agree with what a platform holds about the customer it was linked to?

That somebody is a customer says little: people are customers of many platforms. That the record carries this platform's
credit limit for this customer says much. Columns are paired by measured agreement, never by their headers, and every
agreement stands beside what chance alone would give: the same comparison after the dump's values were dealt out to
other people (a derangement).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.intake.headers import hinted, personal
from tracer.linkage.dump import PERSONAL, Value
from tracer.linkage.exact import Links
from tracer.linkage.holdings import Flags, Holdings, Places, arrange
from tracer.linkage.testimony import MISSING, Pairing, Testimony
from tracer.tokens import claim_tokens
from tracer.vault.growth import claim_file
from tracer.vault.manifest import Platform
from tracer.vault.snapshot import Claim
from tracer.vault.vault import Vault

TRANSACTIONAL: Final = frozenset({"product", "amount", "limit", "datetime"})
"""Roles that describe what happened between this platform and this customer."""
TELLING: Final = TRANSACTIONAL | {"account"}
"""Roles that are compared even where a pilot sample shows no agreement beyond chance."""
_NATURES: Final = {
    "n": {"amount", "limit", "code", "other", "text"},
    "d": {"date", "datetime", "code", "other", "text"},
    "t": {"date", "datetime", "other", "text"},
    "s": {"product", "account", "code", "other", "text"},
    "i": {"product", "account", "code", "other", "text"},
}
"""What a column of numbers, days, moments or text may be at a platform."""

MONEY: Final = frozenset({"amount", "limit"})
"""Roles of sums, which nobody picks for liking them."""
_FEW, _MANY = 0.02, 0.5
"""Distinct values over values: a column of a few words cannot be one in which hardly two are equal."""
_FEW_VALUES: Final = 100
"""Different values below which a column has few, however few customers there are."""
_PILOT: Final = 4_000
"""Linked customers on which columns are paired."""
_FEW_DRAWS: Final = 8_000
_DRAWS: Final = 200_000
"""Deranged comparisons that a chance rate rests on: few, and many where the few do not explain the agreements."""
_MOST_DEALS: Final = 400
_EXCESS: Final = 6.0
"""Standard deviations beyond chance at which two columns are taken to hold the same thing."""
_LEAST: Final = 3
"""Agreements that this needs at least."""


class Comparison:
    """The values of a dump beside what one platform holds; every column is read and tokenised once."""

    def __init__(self, values: Sequence[Value], vault: Vault, links: Links, *, dated: bool = False) -> None:
        """Compare `values` with what the platform of `links` holds in `vault`, with its days if `dated`."""
        self.values, self.links = values, links
        self._vault, self._dated = vault, dated
        self._held: dict[Claim, Holdings] = {}
        self._tokens: dict[int, tuple[NDArray[np.uint32], Flags]] = {}

    @property
    def platform(self) -> Platform:
        """The platform that the dump is compared with."""
        return self.links.platform

    def comparable(self, value: Value) -> Callable[[Claim], bool]:
        """Whether a claim may hold what a column of the dump holds: values of its nature, and as few or as many."""
        variety = dict(zip(self.platform.claims, self.platform.variety, strict=True))

        def may_hold(claim: Claim) -> bool:
            if claim.role in PERSONAL or personal(claim.name) or claim.role not in _NATURES[value.nature]:
                return False
            few, many = sorted((variety[claim], value.variety))
            return not (few < _FEW and many > _MANY and value.present.sum() > _PILOT)

        return may_hold

    def ahead(self) -> None:
        """Fetch the claims that some column may hold, where fetching takes time."""
        tests = [self.comparable(value) for value in self.values]
        claims = enumerate(self.platform.claims)
        self._vault.ahead(self.platform, [claim_file(at) for at, claim in claims if any(test(claim) for test in tests)])

    def held(self, claim: Claim) -> Holdings:
        """One claim of the platform."""
        if claim not in self._held:
            runs = self._vault.claims(self.platform, claim, dated=self._dated)
            self._held[claim] = arrange(runs, self.platform.people)
        return self._held[claim]

    def tokens(self, value: Value) -> tuple[NDArray[np.uint32], Flags]:
        """(links,) tokens of a column, and whether there is a value at all."""
        if id(value) not in self._tokens:
            row = self.links.row
            token = claim_tokens(value.digest[row], self._vault.key, self.platform.name)
            self._tokens[id(value)] = token, value.present[row]
        return self._tokens[id(value)]

    def chosen(self, value: Value, links: Places) -> tuple[NDArray[np.uint32], Flags]:
        """The same of some links."""
        token, present = self.tokens(value)
        return token[links], present[links]

    def runs(self, value: Value, claim: Claim) -> tuple[Places, Flags]:
        """For each link the run of the claim that its value agrees with, or -1; and whether both sides have a value."""
        token, present = self.tokens(value)
        held = self.held(claim)
        both = present & held.knows(self.links.person)
        if claim.role == "account":
            # A link that rests on the user name alone cannot also be confirmed by it.
            both &= self.links.linked_by_others("account")
        return np.where(both, held.held(self.links.person, token), -1), both


def testify(comparison: Comparison, seed: int, *, thorough: bool = False) -> Testimony:  # noqa: PT028 - no test
    """Pair the columns of a dump with the claims of one platform and compare every linked record.

    Args:
        comparison: the dump's values and the platform.
        seed: of the derangements and of the pilot sample.
        thorough: deal as often as if the agreements were many, for these are not all the links there are.
    """
    links = comparison.links
    comparison.ahead()
    generator = np.random.default_rng(seed)
    once = links.once
    pilot = np.sort(generator.choice(once, _PILOT, replace=False)) if once.size > _PILOT else once
    pairs, tried = _pair(comparison, pilot, generator)
    agree = np.full((links.row.size, len(pairs)), MISSING, np.int8)
    for column, (value, claim) in enumerate(pairs):
        run, both = comparison.runs(value, claim)
        agree[:, column] = np.where(both, run >= 0, MISSING)
    dealt, giver = _deal(comparison, pairs, once, _FEW_DRAWS, generator)
    if thorough or _unexplained(agree[once], dealt):
        more, givers = _deal(comparison, pairs, once, _DRAWS - _FEW_DRAWS, generator)
        dealt, giver = np.concatenate([dealt, more]), np.concatenate([giver, givers])
    pairings = tuple(
        Pairing(
            value,
            claim,
            volatile=_is_volatile(links.platform, claim),
            trusted=_is_trusted(value, claim),
            agreed=int((agree[once, column] == 1).sum()),
            by_chance=float((dealt[:, column] == 1).sum() / max(1, (dealt[:, column] != MISSING).sum())),
            familiar=_familiar(comparison, value, claim, pilot, agree[:, column]),
            pairs_tried=tried,
            spoken=_is_spoken(comparison, value, claim, pilot),
            few=_has_few(links.platform, claim),
        )
        for column, (value, claim) in enumerate(pairs)
    )
    return Testimony(links, once, pairings, agree, dealt, giver)


def _is_trusted(value: Value, claim: Claim) -> bool:
    """Whether a column is about the customer of this one platform, as far as its header and its values say."""
    if claim.role == "account":
        return value.nature == "i"
    return claim.role in TRANSACTIONAL and hinted(claim.name) == claim.role


def _is_spoken(comparison: Comparison, value: Value, claim: Claim, pilot: Places) -> bool:
    """Whether a platform writes such things as the dump does: it holds nearly all words of the column about somebody.

    One platform's "bachelor" is another's "undergraduate", and where two differ in this they may yet mean the same. Not
    asked about are transactions, and what is different for everybody and not written in words.
    """
    if _is_trusted(value, claim) or (value.nature != "s" and value.variety > _MANY):
        return True
    token, present = comparison.chosen(value, pilot)
    return bool(present.any()) and float(comparison.held(claim).known(token[present]).mean()) >= _NEARLY_ALL


def _has_few(platform: Platform, claim: Claim) -> bool:
    if claim.role in MONEY:
        return False
    variety = platform.variety[platform.claims.index(claim)]
    return variety < _FEW or variety * platform.people < _FEW_VALUES


def _is_volatile(platform: Platform, claim: Claim) -> bool:
    share = platform.volatility[platform.claims.index(claim)]
    # After a single snapshot nobody knows; balances move everywhere.
    return claim.role == "amount" if share is None else share > _VOLATILE


def _familiar(comparison: Comparison, value: Value, claim: Claim, pilot: Places, agree: NDArray[np.int8]) -> bool:
    if (agree == 1).any():
        return True
    if _is_volatile(comparison.platform, claim):
        return False
    token, present = comparison.chosen(value, pilot)
    return comparison.held(claim).familiar(token[present]) > _MOSTLY


_MOSTLY: Final = 0.5
_NEARLY_ALL: Final = 0.9
_VOLATILE: Final = 0.25
"""Share of customers for whom a value ever changed from which it is volatile."""


def _unexplained(agree: NDArray[np.int8], dealt: NDArray[np.int8]) -> bool:
    """Whether some column, or all together, agree more often than the few deranged comparisons suggest."""
    if not dealt.size:
        return False
    columns = [agree[:, [column]] for column in range(agree.shape[1])] + [agree]
    chances = [dealt[:, [column]] for column in range(agree.shape[1])] + [dealt]
    for fact, chance in zip(columns, chances, strict=True):
        agreed = int((fact == 1).all(axis=1).sum())
        expected = fact.shape[0] * ((chance == 1).all(axis=1).sum() + 1) / chance.shape[0]
        if agreed >= _LEAST and agreed > expected + 3 * np.sqrt(expected):
            return True
    return False


def _deal(
    comparison: Comparison,
    pairs: Sequence[tuple[Value, Claim]],
    once: Places,
    draws: int,
    generator: np.random.Generator,
) -> tuple[NDArray[np.int8], Places]:
    """Compare again with whole records dealt out to other people, so that chance keeps its own correlations.

    Returns:
        (comparisons, pairings) outcomes and (comparisons,) the link whose values were dealt. Nobody gets his own.
    """
    if once.size <= 1 or not pairs:
        return np.empty((0, len(pairs)), np.int8), np.empty(0, np.int64)
    giver, taker = [], []
    for _ in range(min(_MOST_DEALS, -(-draws // once.size))):
        # Everybody gets the values of whoever stands before him in a random order.
        order = once[generator.permutation(once.size)]
        giver.append(np.roll(order, 1)[:draws])
        taker.append(order[:draws])
    given, taken = np.concatenate(giver), comparison.links.person[np.concatenate(taker)]
    outcome = np.full((given.size, len(pairs)), MISSING, np.int8)
    for column, (value, claim) in enumerate(pairs):
        token, present = comparison.chosen(value, given)
        held = comparison.held(claim)
        both = present & held.knows(taken)
        outcome[:, column] = np.where(both, held.agrees(taken, token), MISSING)
    return outcome, given


def _pair(
    comparison: Comparison, pilot: Places, generator: np.random.Generator
) -> tuple[list[tuple[Value, Claim]], int]:
    """For each column of the dump the claim it agrees with most beyond chance; else the one claim of its own role.

    Returns:
        The pairs, and how many were tried.
    """
    person = comparison.links.person[pilot]
    order = generator.permutation(pilot.size)
    differs = person[order] != person
    scores = []
    for place, value in enumerate(comparison.values):
        token, present = comparison.chosen(value, pilot)
        for claim in filter(comparison.comparable(value), comparison.platform.claims):
            held = comparison.held(claim)
            known = held.knows(person)
            both, dealt = present & known, present[order] & known & differs
            agreed = int(held.agrees(person[both], token[both]).sum())
            by_chance = int(held.agrees(person[dealt], token[order][dealt]).sum())
            chance = (by_chance + 0.5) / (int(dealt.sum()) + 1)
            expected = int(both.sum()) * chance
            scores.append(((agreed - expected) / np.sqrt(expected + 1), agreed, place, claim))
    scores.sort(key=lambda one: -one[0])
    return _matching(comparison.values, comparison.platform.claims, scores), max(1, len(scores))


def _matching(
    values: Sequence[Value], claims: Sequence[Claim], scores: Sequence[tuple[float, int, int, Claim]]
) -> list[tuple[Value, Claim]]:
    """Take pairs greedily while they agree beyond chance; then pairs that are alone with their role on both sides."""
    taken: dict[int, Claim] = {}
    for excess, agreed, place, claim in scores:
        if excess > _EXCESS and agreed >= _LEAST and place not in taken and claim not in taken.values():
            taken[place] = claim
    for place, value in enumerate(values):
        same = [claim for claim in claims if claim.role == value.role and claim not in taken.values()]
        alone = sum(one.role == value.role for one in values) == 1
        if place not in taken and len(same) == 1 and alone and value.role in TELLING:
            taken[place] = same[0]
    return [(values[place], claim) for place, claim in sorted(taken.items())]
