"""What a canary is: an invented customer, to whom it was given, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

PLATFORM: Final = "platform"
"""Who holds the canaries that live in the platform's own tables."""


class State(StrEnum):
    """What became of a canary. It never goes back and is never reissued."""

    MINTED = "minted"
    SEALED = "sealed"
    PLANTED = "planted"
    HIT = "hit"
    BURNED = "burned"
    """Disclosed: whoever reads the proof knows it now."""
    RETIRED = "retired"


class Kind(StrEnum):
    """What a canary is for."""

    EXCLUSIVE = "exclusive"
    """One holder only: its presence names that holder."""
    CODED = "coded"
    """Several holders, drawn by a collusion-secure code: it survives the comparison of overlapping exports."""
    SHADOW = "shadow"
    """Made alike, sealed, and never handed out: where one is found, the matching errs, or the register leaked."""


_ORDER: Final = tuple(State)


@dataclass(frozen=True, slots=True)
class Turn:
    """From a day on, a clock canary carries this value."""

    since: date
    text: str


@dataclass(frozen=True, slots=True)
class Planting:
    """One time a canary left the register."""

    place: str
    """Digest of the export it was put into, or the database table."""
    on: date
    holder: str


@dataclass(frozen=True, slots=True)
class Canary:
    """One invented customer. `cells` holds its value under every header of the platform's table."""

    id: str
    kind: Kind
    holders: tuple[str, ...]
    cells: Mapping[str, str | None]
    proofs: Mapping[str, str]
    """Header of an identifying field → the policy under which it may be written, with its proof."""
    state: State = State.MINTED
    bias: float | None = None
    """The chance with which each recipient was given a coded canary."""
    clock: tuple[Turn, ...] = ()
    clock_field: str | None = None
    planted: tuple[Planting, ...] = field(default=())
    sealed_holders: tuple[str, ...] | None = None
    """To whom it was given when it was sealed: that is what its commitment says."""

    def at(self, day: date) -> dict[str, str | None]:
        """Its cells as they read on a day."""
        cells = dict(self.cells)
        turned = [turn.text for turn in self.clock if turn.since <= day]
        if self.clock_field is not None and turned:
            cells[self.clock_field] = turned[-1]
        return cells

    def versions(self, header: str) -> tuple[str, ...]:
        """Every value it may show under a header: several where its clock turns it."""
        own = self.cells.get(header)
        texts = [own] if own else []
        if header == self.clock_field:
            texts += [turn.text for turn in self.clock]
        return tuple(dict.fromkeys(texts))

    def reached(self, state: State) -> bool:
        """Whether it has come as far as `state`."""
        return _ORDER.index(self.state) >= _ORDER.index(state)
