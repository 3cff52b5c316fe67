"""The verdict on each platform, and the evidence for it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tracer.attribution.agreement import Agreement
from tracer.attribution.dating import Window
from tracer.linkage.claims import Testimony


class Verdict(StrEnum):
    """What may be said of a platform. Nobody is ever said to be guilty."""

    ESTABLISHED = "established"
    """Named: the false-accusation bound, corrected for everything tested, is at most the nominal level."""
    CONSISTENT = "consistent"
    """Fits, but another explanation fits too."""
    INDETERMINATE = "indeterminate"
    """Too little to say."""
    EXCLUDED = "excluded"
    """What should have been seen if it had leaked was not."""


UNREGISTERED: Final = "a platform nobody registered, with the same customers"
"""The rival that identifiers alone can never rule out."""

_NEGLIGIBLE_SHARE: Final = 0.01
_NEGLIGIBLE_ROWS: Final = 3.0
"""A platform is excluded if more than this many records from it, or this share, would have been seen."""


_LEAST_BOUND: Final = 1e-12
"""No smaller bound is stated: the assumptions are not known that well."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: what kind, in words, and its figure."""

    kind: str
    statement: str
    value: float


@dataclass(frozen=True, slots=True)
class Source:
    """What is found of one platform."""

    platform: str
    verdict: Verdict
    rows: float
    rows_low: float
    rows_high: float
    false_accusation: float
    """Upper bound of the chance that an innocent platform would look like this, corrected for everything tested; 1
    where no bound can be given."""
    window: Window
    evidence: tuple[Evidence, ...]
    rivals: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures on which the verdict on one platform rests."""

    testimony: Testimony
    agreement: Agreement
    active: bool
    """Whether the fitted model gives it records."""
    score: float
    """Its efficient score when it was last outside the model; NaN if it never was."""
    rows: float
    rows_low: float
    rows_high: float
    newcomers: float
    """Records that may be of customers it won after its newest snapshot, whom nobody can recognise."""
    twins: tuple[str, ...]
    """Platforms that the evidence cannot tell from it."""
    tested: int
    """Platforms tested."""
    records: int
    """Records of the dump."""


def decide(standing: Standing, level: float) -> tuple[Verdict, float]:
    """The verdict, and the false-accusation bound."""
    bound = min(1.0, max(_LEAST_BOUND, standing.agreement.bound * standing.tested))
    if standing.active and standing.twins:
        return Verdict.CONSISTENT, 1.0
    if standing.active and bound <= level and standing.rows_low > 0:
        return Verdict.ESTABLISHED, bound
    if standing.active:
        return Verdict.CONSISTENT, 1.0
    if standing.rows_high + standing.newcomers <= max(_NEGLIGIBLE_ROWS, _NEGLIGIBLE_SHARE * standing.records):
        return Verdict.EXCLUDED, 1.0
    return Verdict.INDETERMINATE, 1.0


def explain(standing: Standing, verdict: Verdict) -> tuple[Evidence, ...]:
    """The evidence in words that need no statistics, the weightiest first."""
    agreement, testimony = standing.agreement, standing.testimony
    name = testimony.links.platform.name
    linked = testimony.links.row.size
    said = []
    if agreement.core:
        columns = " and ".join(testimony.pairings[place].claim.name for place in agreement.core)
        chance, stranger = agreement.compared * agreement.by_chance, agreement.compared * agreement.elsewhere
        also = f", and at most about {stranger:,.0f} if a stranger's customers were the same" if stranger else ""
        said.append(
            Evidence(
                "values",
                f"of {agreement.compared:,} people in the dump whom {name} knows, {agreement.agreed:,} also carry "
                f"{name}'s {columns}; by chance {chance:,.1f} would{also}",
                agreement.bound,
            )
        )
    said.append(
        Evidence(
            "identifiers",
            f"{linked:,} of {standing.records:,} records are about customers of {name}",
            linked / max(1, standing.records),
        )
    )
    if verdict is Verdict.CONSISTENT and not agreement.core:
        said.append(
            Evidence(
                "limits",
                "the dump holds no value that only this platform could know; customers alone name nobody",
                standing.score,
            )
        )
    if verdict is Verdict.EXCLUDED:
        said.append(
            Evidence(
                "absence",
                f"more than {standing.rows_high + standing.newcomers:,.0f} records from {name} would have been seen",
                standing.rows_high + standing.newcomers,
            )
        )
    return tuple(one for one in said if one.value == one.value)


def rivals(standing: Standing, verdict: Verdict, active: Sequence[str]) -> tuple[str, ...]:
    """Who else would explain the records."""
    if verdict is not Verdict.CONSISTENT:
        return ()
    name = standing.testimony.links.platform.name
    return (
        *standing.twins,
        *(other for other in active if other != name and other not in standing.twins),
        UNREGISTERED,
    )


def conclude(standing: Standing, window: Window, active: Sequence[str], level: float) -> Source:
    """Everything that is found of one platform."""
    verdict, bound = decide(standing, level)
    certain = verdict is Verdict.ESTABLISHED
    # A leak from before the newest snapshot holds nobody who joined after it.
    newcomers = standing.newcomers if window.before is None else 0.0
    return Source(
        platform=standing.testimony.links.platform.name,
        verdict=verdict,
        rows=standing.rows,
        rows_low=standing.rows_low if certain else 0.0,
        rows_high=standing.rows_high + newcomers,
        false_accusation=bound,
        window=window,
        evidence=explain(standing, verdict),
        rivals=rivals(standing, verdict, active),
    )
