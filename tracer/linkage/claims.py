"""Do a record's other values agree with what a platform holds about the customer it was linked to?

That somebody is a customer says little: people are customers of many platforms. That the record carries this platform's
credit limit for this customer says much. Columns are paired by measured agreement, never by their headers, and every
agreement stands beside what chance alone would give: the same comparison after the dump's values were dealt out to
other people (a derangement).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.intake.headers import hinted, joining, lending, transaction
from tracer.linkage.alignment import TELLING, Pair, align
from tracer.linkage.comparison import FEW, JOINING, MANY, PILOT, Comparison
from tracer.linkage.holdings import Places
from tracer.linkage.testimony import MISSING, Pairing, Testimony
from tracer.vault.manifest import Platform
from tracer.vault.snapshot import SUMS, Claim

_FEW_VALUES: Final = 100
"""Different values below which a column has few, however few customers there are."""
_FEW_DRAWS: Final = 8_000
_DRAWS: Final = 200_000
"""Deranged comparisons that a chance rate rests on: few, and many where the few do not explain the agreements."""
_MOST_DEALS: Final = 400
_LEAST: Final = 3
"""Agreements that chance has to explain."""


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
    pilot = np.sort(generator.choice(once, PILOT, replace=False)) if once.size > PILOT else once
    pairs, tried = align(comparison, pilot, generator)
    agree = np.full((links.row.size, len(pairs)), MISSING, np.int8)
    for column, one in enumerate(pairs):
        run, both = comparison.runs(one.value, one.claim)
        agree[:, column] = np.where(both, run >= 0, MISSING)
    dealt, giver = _deal(comparison, pairs, once, _FEW_DRAWS, generator)
    if thorough or _unexplained(agree[once], dealt):
        more, givers = _deal(comparison, pairs, once, _DRAWS - _FEW_DRAWS, generator)
        dealt, giver = np.concatenate([dealt, more]), np.concatenate([giver, givers])
    pairings = tuple(
        Pairing(
            one.value,
            one.claim,
            volatile=_is_volatile(links.platform, one.claim),
            trusted=_is_trusted(links.platform, one),
            agreed=int((agree[once, column] == 1).sum()),
            by_chance=float((dealt[:, column] == 1).sum() / max(1, (dealt[:, column] != MISSING).sum())),
            familiar=_familiar(comparison, one, pilot),
            pairs_tried=tried,
            spoken=_is_spoken(comparison, one, pilot),
            commonplace=_is_commonplace(links.platform, one),
        )
        for column, one in enumerate(pairs)
    )
    return Testimony(links, once, pairings, agree, dealt, giver)


def _is_trusted(platform: Platform, pair: Pair) -> bool:
    """Whether a column is about the customer of this one platform, as far as its header and its values say."""
    value, claim = pair.value, pair.claim
    if claim.role == JOINING:
        return True
    if claim.role in _DATED and joining(claim.name):
        return platform.joined  # else it is cars or companies that were registered then
    if claim.role == "date":
        return lending(claim.name)
    if claim.role == "account" and value.nature != "i":
        return False
    # Of a header that says nothing whoever registered the table may say what it is.
    stated = hinted(claim.name) is None and platform.is_stated(claim)
    return claim.role in TELLING and (stated or transaction(claim.name) == claim.role)


def _is_spoken(comparison: Comparison, pair: Pair, pilot: Places) -> bool:
    """Whether a platform writes such things as the dump does: it holds nearly all words of the column about somebody.

    One platform's "bachelor" is another's "undergraduate", and where two differ in this they may yet mean the same. Not
    asked about are transactions, and what is different for everybody and not written in words.
    """
    if _is_trusted(comparison.platform, pair) or (pair.value.nature != "s" and pair.value.variety > MANY):
        return True
    token, present = comparison.chosen(pair.value, pair.claim, pilot)
    return bool(present.any()) and float(comparison.held(pair.claim).known(token[present]).mean()) >= _NEARLY_ALL


def _is_commonplace(platform: Platform, pair: Pair) -> bool:
    claim = pair.claim
    if claim.role == JOINING or (claim.role in _DATED and pair.value.nature == "d"):
        return True
    variety = platform.variety[platform.claims.index(claim)]
    few = variety < FEW or variety * platform.people < _FEW_VALUES
    return few and claim.role not in SUMS  # nobody picks a sum for liking it


def _is_volatile(platform: Platform, claim: Claim) -> bool:
    if claim.role == JOINING:
        return False
    share = platform.volatility[platform.claims.index(claim)]
    # After a single snapshot nobody knows; balances move everywhere.
    return claim.role == "amount" if share is None else share > _VOLATILE


def _familiar(comparison: Comparison, pair: Pair, pilot: Places) -> bool:
    if pair.agrees:
        return True
    if _is_volatile(comparison.platform, pair.claim):
        return False
    token, present = comparison.chosen(pair.value, pair.claim, pilot)
    return comparison.held(pair.claim).familiar(token[present]) > _MOSTLY


_DATED: Final = frozenset({"date", "datetime"})
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
    pairs: Sequence[Pair],
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
    for column, one in enumerate(pairs):
        token, present = comparison.chosen(one.value, one.claim, given)
        held = comparison.held(one.claim)
        both = present & held.knows(taken)
        outcome[:, column] = np.where(both, held.agrees(taken, token), MISSING)
    return outcome, given
