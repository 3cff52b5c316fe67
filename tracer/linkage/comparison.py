"""The values of a dump beside what one platform holds about the customers it was linked to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.intake.headers import joining, personal
from tracer.linkage.dump import NO_DAY, PERSONAL, Value
from tracer.linkage.exact import Links
from tracer.linkage.holdings import Flags, Holdings, Places, arrange
from tracer.linkage.joining import UNKNOWN, joining_days
from tracer.tokens import claim_tokens
from tracer.vault.growth import JOINED, claim_file
from tracer.vault.manifest import Platform
from tracer.vault.snapshot import Claim
from tracer.vault.vault import Vault

JOINING: Final = "joining day"
"""Role of the claim that a platform makes besides its columns: on which day each customer joined, whatever the hour."""
FEW, MANY = 0.02, 0.5
"""Distinct values over values: a column of a few words cannot be one in which hardly two are equal."""
PILOT: Final = 4_000
"""Linked customers on which columns are paired."""
_NATURES: Final = {
    "n": {"amount", "limit", "code", "other", "text"},
    "d": {"date", "datetime", "code", "other", "text"},
    "t": {"date", "datetime", "other", "text"},
    "s": {"product", "account", "code", "other", "text"},
    "i": {"product", "account", "code", "other", "text"},
}
"""What a column of numbers, days, moments or text may be at a platform."""


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

    @property
    def claims(self) -> tuple[Claim, ...]:
        """What the platform holds; the day of joining last, for a dump may have lost the hour."""
        claims = self.platform.claims
        if not self.platform.joined:
            return claims
        said = (one.name for one in claims if one.role in {"date", "datetime"} and joining(one.name))
        return (*claims, Claim(next(said, JOINED), JOINING))

    def comparable(self, value: Value) -> Callable[[Claim], bool]:
        """Whether a claim may hold what a column of the dump holds: values of its nature, and as few or as many."""
        variety = dict(zip(self.platform.claims, self.platform.variety, strict=True))

        def may_hold(claim: Claim) -> bool:
            if claim.role == JOINING:
                return value.day is not None
            if claim.role in PERSONAL or personal(claim.name) or claim.role not in _NATURES[value.nature]:
                return False
            few, many = sorted((variety[claim], value.variety))
            return not (few < FEW and many > MANY and value.present.sum() > PILOT)

        return may_hold

    def ahead(self) -> None:
        """Fetch the claims that some column may hold, where fetching takes time."""
        tests = [self.comparable(value) for value in self.values]
        files = [*map(claim_file, range(len(self.platform.claims))), JOINED]
        needed = [file for file, claim in zip(files, self.claims, strict=False) if any(test(claim) for test in tests)]
        self._vault.ahead(self.platform, needed)

    def held(self, claim: Claim) -> Holdings:
        """One claim of the platform."""
        if claim not in self._held:
            self._held[claim] = self._joined() if claim.role == JOINING else self._runs(claim)
        return self._held[claim]

    def _runs(self, claim: Claim) -> Holdings:
        return arrange(self._vault.claims(self.platform, claim, dated=self._dated), self.platform.people)

    def _joined(self) -> Holdings:
        day = joining_days(self._vault, self.platform)
        known = day != UNKNOWN
        return Holdings(np.concatenate(([0], np.cumsum(known))), day[known].view(np.uint32), None)

    def tokens(self, value: Value, claim: Claim) -> tuple[NDArray[np.uint32], Flags]:
        """(links,) tokens of a column as they stand in a claim, and whether there is a value at all."""
        row = self.links.row
        if claim.role == JOINING and value.day is not None:
            day = value.day[row]
            return day.view(np.uint32), day != NO_DAY
        if id(value) not in self._tokens:
            token = claim_tokens(value.digest[row], self._vault.key, self.platform.name)
            self._tokens[id(value)] = token, value.present[row]
        return self._tokens[id(value)]

    def spoken(self, digest: NDArray[np.uint64], claim: Claim) -> Flags:
        """(values,) which of these digests the platform holds about anybody."""
        return self.held(claim).known(claim_tokens(digest, self._vault.key, self.platform.name))

    def chosen(self, value: Value, claim: Claim, links: Places) -> tuple[NDArray[np.uint32], Flags]:
        """The same of some links."""
        token, present = self.tokens(value, claim)
        return token[links], present[links]

    def runs(self, value: Value, claim: Claim) -> tuple[Places, Flags]:
        """For each link the run of the claim that its value agrees with, or -1; and whether both sides have a value."""
        token, present = self.tokens(value, claim)
        held = self.held(claim)
        both = present & held.knows(self.links.person)
        if claim.role == "account":
            # A link that rests on the user name alone cannot also be confirmed by it.
            both &= self.links.linked_by_others("account")
        return np.where(both, held.held(self.links.person, token), -1), both
