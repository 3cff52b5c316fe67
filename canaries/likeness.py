"""What one canary has of its donors, before it has a name and numbers of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from canaries.synthesis import Drawn

_MUCH = 2
"""From so many traits on a donor is close to the canary."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """Traits of one canary: from whom each is."""

    donors: Mapping[str, int]
    """Key of the trait → row of the donor."""
    numbers: Mapping[str, float]
    """Key of the trait → the number made anew."""
    anybody: int
    """Row of the donor of everything that is no trait."""

    @classmethod
    def of(cls, drawn: Mapping[str, Drawn], place: int, anybody: int) -> Likeness:
        """The canary at one place of those that were drawn."""
        return cls(
            {key: int(one.donors[place]) for key, one in drawn.items()},
            {key: float(one.numbers[place]) for key, one in drawn.items() if one.numbers is not None},
            anybody,
        )

    def donor(self, key: str) -> int:
        """Row of the donor of a trait."""
        return self.donors.get(key, self.anybody)

    def close(self) -> list[int]:
        """Rows of donors who lent several traits."""
        return [row for row, traits in Counter(self.donors.values()).items() if traits >= _MUCH]


@dataclass(frozen=True, slots=True)
class Kin:
    """What a canary must not have of those who are close to it.

    With a like name or number as well, such a donor's row would pass for a damaged canary.
    """

    names: tuple[str, ...]
    tails: tuple[str, ...]
    """Last four digits of their phones."""
    sex: str | None
    """The canary's own."""
    name: str = ""
    """The canary's own, once it has a name."""
