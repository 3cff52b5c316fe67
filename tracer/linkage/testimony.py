"""What the other values of linked records say about one platform."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.linkage.dump import Value
from tracer.linkage.exact import Links
from tracer.linkage.holdings import Flags, Places
from tracer.vault.snapshot import Claim

MISSING: Final = np.int8(-1)


@dataclass(frozen=True, slots=True)
class Pairing:
    """A column of the dump that is paired with a claim of a platform."""

    value: Value
    claim: Claim
    trusted: bool
    """Whether the platform's own header says, as the values do, that this is about a transaction; of account names,
    whether a service gave them out."""
    volatile: bool
    """Whether such values change so often that differing says nothing."""
    agreed: int
    """Distinct linked customers for whom both sides have the same value."""
    by_chance: float
    """Share that agrees after a derangement."""
    familiar: bool
    """Whether it agrees beyond chance, or the platform holds most of the dump's values about somebody; of volatile ones
    the latter is not asked."""
    pairs_tried: int
    """How many pairs of columns were tried to find this one."""
    spoken: bool = True
    """Whether the platform writes such things as the dump does, as far as that can be seen."""
    commonplace: bool = False
    """Whether the same people may well show the same elsewhere: a product that they like and of which there are few, or
    the day on which they went borrowing in several places."""


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the other values of the linked records say about one platform."""

    links: Links
    once: Places
    """One link of each distinct customer."""
    pairings: tuple[Pairing, ...]
    agree: NDArray[np.int8]
    """(links, pairings): 1 the values agree, 0 they differ, -1 one side has none."""
    dealt: NDArray[np.int8]
    """(deranged comparisons, pairings): the same after the dump's values were dealt out to other people."""
    giver: Places
    """(deranged comparisons,) the link whose values were dealt."""
    many: NDArray[np.float64] | None = None
    """(links,) records that each link stands for; None where that is one each."""
    customers: NDArray[np.float64] | None = None
    """(once,) distinct customers that each of them stands for; None where that is one each."""

    def without(self, rows: Flags) -> Testimony:
        """The same without the links of these (rows,), and without what was dealt from them."""
        kept = ~rows[self.links.row]
        given = kept[self.giver]
        links = replace(
            self.links, row=self.links.row[kept], person=self.links.person[kept], kinds=self.links.kinds[kept]
        )
        left = replace(
            self,
            links=links,
            agree=self.agree[kept],
            dealt=self.dealt[given],
            giver=(np.cumsum(kept) - 1)[self.giver[given]],
        )
        if self.many is None or self.customers is None:
            return replace(left, once=links.once)
        many, customers = self.many[kept], self.customers[kept]
        return replace(left, once=np.arange(many.size), many=many, customers=customers)

    def counted(self, which: Flags) -> float:
        """Records of these (links,)."""
        return float(np.count_nonzero(which) if self.many is None else self.many[which].sum())

    def summed(self, values: NDArray[np.float64]) -> float:
        """Sum of values (links,) over all records."""
        return float(values.sum() if self.many is None else values @ self.many)

    @property
    def idle(self) -> Flags:
        """(pairings,) which never agree, and of which the platform mostly never held the values about anybody.

        A seller rewrote such a column, or another platform wrote it. Which of the two cannot be known, so it speaks
        neither way.
        """
        return np.array([one.agreed == 0 and not one.familiar for one in self.pairings], bool)

    @property
    def linked(self) -> int:
        """Records that are linked."""
        return self.links.row.size if self.many is None else round(self.many.sum())
