"""Do a record's other values agree with what a platform holds about the customer it was linked to?

That somebody is a customer says little: people are customers of many platforms. That the record carries this platform's
credit limit for this customer says much. Columns are paired by measured agreement, never by their headers, and every
agreement stands beside what chance alone would give: the same comparison after the dump's values were dealt out to other
people (a derangement).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from tracer.linkage.dump import Value
from tracer.linkage.exact import Links
from tracer.tokens import TokenKey, claim_token
from tracer.vault.snapshot import Claim, by_distinct_value
from tracer.vault.vault import Vault

MISSING: Final = np.int8(-1)
PERSONAL: Final = frozenset(
    {"name", "sex", "age", "birth_date", "region", "address", "phone", "masked_phone", "national_id", "masked_id"}
)
"""Roles that describe the person and are the same on every platform: they agree whoever leaked the record."""
TRANSACTIONAL: Final = frozenset({"product", "amount", "limit", "datetime"})
"""Roles that describe what happened between this platform and this customer."""
TELLING: Final = TRANSACTIONAL | {"account"}
"""Roles that are compared even where a pilot sample shows no agreement beyond chance."""

_PILOT: Final = 4_000
"""Linked records on which columns are paired."""
_DRAWS: Final = 200_000
"""Deranged comparisons that a chance rate rests on, at least."""
_MOST_DEALS: Final = 400


@dataclass(frozen=True, slots=True)
class Holdings:
    """One claim of a platform as arrays: customer p held `token[start[p]:start[p + 1]]`."""

    start: NDArray[np.int64]
    token: NDArray[np.uint64]
    since: NDArray[np.int32]
    """Day (days since 1970-01-01) from which each was seen."""
    until: NDArray[np.int32]

    def held(self, person: NDArray[np.uint32], token: NDArray[np.uint64]) -> NDArray[np.int64]:
        """For each pair, the index of the customer's last run with this token, or -1."""
        found = np.full(person.size, -1, np.int64)
        first, last = self.start[person], self.start[person.astype(np.int64) + 1]
        open_ = np.flatnonzero(first < last)
        while open_.size:
            place = first[open_]
            same = self.token[place] == token[open_]
            found[open_[same]] = place[same]
            first[open_] += 1
            open_ = open_[first[open_] < last[open_]]
        return found

    def familiar(self, token: NDArray[np.uint64]) -> float:
        """Share of these tokens that the platform holds about anybody."""
        return float(np.isin(token, self.token).mean()) if token.size else 0.0

    def knows(self, person: NDArray[np.uint32]) -> NDArray[np.bool_]:
        """Whether the platform holds any value of this claim about these customers."""
        return self.start[person] < self.start[person.astype(np.int64) + 1]


@dataclass(frozen=True, slots=True)
class Pairing:
    """A column of the dump that is paired with a claim of a platform."""

    value: str
    """The dump's column."""
    value_role: str
    claim: Claim
    compared: int
    """Linked customers for whom both sides have a value."""
    agreed: int
    by_chance: float
    """Share that agrees after a derangement."""
    familiar: float
    """Share of the dump's values that the platform holds about anybody at all."""
    pairs_tried: int
    """How many pairs of columns were tried to find this one."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the other values of the linked records say about one platform."""

    links: Links
    pairings: tuple[Pairing, ...]
    agree: NDArray[np.int8]
    """(links, pairings): 1 the values agree, 0 they differ, -1 one side has none."""
    run: NDArray[np.int64]
    """(links, pairings): index of the agreeing run in the claim's `Holdings`, or -1."""
    dealt: NDArray[np.int8]
    """(deranged comparisons, pairings): the same after the dump's values were dealt out to other people."""
    giver: NDArray[np.int64]
    """(deranged comparisons,) the link whose values were dealt."""
    holdings: tuple[Holdings, ...]
    """One for each pairing."""


def arrange(runs: pl.DataFrame, people: int) -> Holdings:
    """Runs (`person`, `token`, `since`, `until`) ordered by person and time, of customers 0 to `people` - 1, as arrays."""
    person = runs.get_column("person").to_numpy()
    start = np.searchsorted(person, np.arange(people + 1, dtype=np.uint32)).astype(np.int64)
    since, until = (runs.get_column(edge).cast(pl.Int32).to_numpy() for edge in ("since", "until"))
    return Holdings(start, runs.get_column("token").to_numpy(), since, until)


class Comparison:
    """The values of a dump beside what one platform holds; tokenises each column once."""

    def __init__(self, values: Sequence[Value], vault: Vault, links: Links) -> None:
        """Compare `values` with what the platform of `links` holds in `vault`."""
        self.values, self.links = values, links
        self._key: TokenKey = vault.key
        self._vault = vault
        self._held: dict[Claim, Holdings] = {}

    def held(self, claim: Claim) -> Holdings:
        """One claim of the platform."""
        if claim not in self._held:
            platform = self.links.platform
            self._held[claim] = arrange(self._vault.claims(platform, claim), platform.people)
        return self._held[claim]

    def tokens(self, value: Value, chosen: NDArray[np.int64]) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """Tokens of a column for the chosen links (indices), and whether there is a value at all."""
        rows = pl.DataFrame({"row": self.links.row[chosen]}, schema={"row": pl.UInt32})
        text = rows.join(value.text, on="row", how="left", maintain_order="left").select("text")
        platform = self.links.platform.name
        step = by_distinct_value(pl.col("text"), lambda one: claim_token(one, self._key, platform), pl.UInt64())
        token = text.select(step).to_series()
        return token.fill_null(0).to_numpy(), token.is_not_null().to_numpy()


def _differing(person: NDArray[np.uint32], generator: np.random.Generator) -> NDArray[np.int64]:
    """A random order in which few people get their own values; `-1` where one would."""
    order = generator.permutation(person.size)
    order[person[order] == person] = -1
    return order


def testify(comparison: Comparison, seed: int) -> Testimony:
    """Pair the columns of a dump with the claims of one platform and compare every linked record.

    Args:
        comparison: the dump's values and the platform.
        seed: of the derangements and of the pilot sample.
    """
    links = comparison.links
    generator = np.random.default_rng(seed)
    once = np.unique(links.person, return_index=True)[1].astype(np.int64)
    pilot = np.sort(generator.choice(once, _PILOT, replace=False)) if once.size > _PILOT else once
    found = _pair(comparison, pilot, generator)
    every = np.arange(links.row.size, dtype=np.int64)
    agree = np.full((links.row.size, len(found)), MISSING, np.int8)
    run = np.full((links.row.size, len(found)), -1, np.int64)
    tokens = []
    for column, (value, claim, _) in enumerate(found):
        token, present = comparison.tokens(value, every)
        held = comparison.held(claim)
        present &= held.knows(links.person)
        run[:, column] = np.where(present, held.held(links.person, token), -1)
        if claim.role == "account":
            # A link that rests on the user name alone cannot also be confirmed by it.
            present &= links.linked_by_others("account")
        agree[:, column] = np.where(present, (run[:, column] >= 0).astype(np.int8), MISSING)
        tokens.append((token, present))
    dealt, giver = _deal(comparison, found, tokens, once, generator)
    pairings = tuple(
        Pairing(
            value.name,
            value.role,
            claim,
            int((agree[once, column] != MISSING).sum()),
            int((agree[once, column] == 1).sum()),
            float((dealt[:, column] == 1).sum() / max(1, (dealt[:, column] != MISSING).sum())),
            comparison.held(claim).familiar(tokens[column][0][pilot][tokens[column][1][pilot]]),
            tried,
        )
        for column, (value, claim, tried) in enumerate(found)
    )
    return Testimony(links, pairings, agree, run, dealt, giver, tuple(comparison.held(claim) for _, claim, _ in found))


def _deal(
    comparison: Comparison,
    found: Sequence[tuple[Value, Claim, int]],
    tokens: Sequence[tuple[NDArray[np.uint64], NDArray[np.bool_]]],
    once: NDArray[np.int64],
    generator: np.random.Generator,
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """Compare again and again with whole records dealt out to other people, so that chance keeps its own correlations."""
    if once.size < 2 or not found:
        return np.empty((0, len(found)), np.int8), np.empty(0, np.int64)
    person = comparison.links.person[once]
    deals, givers = [], []
    for _ in range(min(_MOST_DEALS, -(-_DRAWS // once.size))):
        order = _differing(person, generator)
        dealt = np.flatnonzero(order >= 0)
        giver = once[order[dealt]]
        outcome = np.full((dealt.size, len(found)), MISSING, np.int8)
        for column, ((_, claim, _), (token, present)) in enumerate(zip(found, tokens, strict=True)):
            held = comparison.held(claim)
            both = present[giver] & held.knows(person[dealt])
            same = held.held(person[dealt], token[giver]) >= 0
            outcome[:, column] = np.where(both, same.astype(np.int8), MISSING)
        deals.append(outcome)
        givers.append(giver)
    return np.concatenate(deals), np.concatenate(givers)


def _pair(
    comparison: Comparison, pilot: NDArray[np.int64], generator: np.random.Generator
) -> list[tuple[Value, Claim, int]]:
    """For each column of the dump the claim it agrees with most beyond chance; else the one claim of its own role."""
    person = comparison.links.person[pilot]
    claims = comparison.links.platform.claims
    tried = len(comparison.values) * len(claims)
    scores = []
    order = _differing(person, generator)
    dealt = np.flatnonzero(order >= 0)
    for place, value in enumerate(comparison.values):
        token, present = comparison.tokens(value, pilot)
        for claim in claims:
            if (value.role in PERSONAL) != (claim.role in PERSONAL):
                continue
            held = comparison.held(claim)
            both = present & held.knows(person)
            compared = int(both.sum())
            agreed = int((held.held(person, token)[both] >= 0).sum())
            by_chance = int((held.held(person[dealt], token[order[dealt]])[present[order[dealt]]] >= 0).sum())
            chance = (by_chance + 0.5) / (dealt.size + 1)
            excess = (agreed - compared * chance) / np.sqrt(compared * chance + 1)
            scores.append((excess, agreed, place, claim))
    return _matching(comparison.values, claims, sorted(scores, key=lambda one: -one[0]), tried)


def _matching(
    values: Sequence[Value], claims: Sequence[Claim], scores: Sequence[tuple[float, int, int, Claim]], tried: int
) -> list[tuple[Value, Claim, int]]:
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
    return [(values[place], claim, tried) for place, claim in sorted(taken.items())]


_EXCESS: Final = 6.0
"""Standard deviations beyond chance at which two columns are taken to hold the same thing."""
_LEAST: Final = 3
"""Agreements that this needs at least."""
