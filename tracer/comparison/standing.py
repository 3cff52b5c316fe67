"""What the links and the claims say about one table: the verdict, the rows, and the evidence in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy import special

from tracer.attribution.agreement import tail, upper_limit
from tracer.attribution.dating import NO_WINDOW
from tracer.attribution.standing import Verdict
from tracer.attribution.statements import Evidence
from tracer.attribution.verdict import UNREGISTERED, Source
from tracer.comparison.claims import Agreement
from tracer.comparison.links import Links
from tracer.settings import Settings

_STRANGERS: Final = 0.999
"""Level of the upper limit of how often strangers are linked."""
_NEGLIGIBLE_ROWS, _NEGLIGIBLE_SHARE = 3.0, 0.01
_LEAST_BOUND: Final = 1e-12
_LOOK_ALIKE: Final = 0.05
"""Share of a stranger's records about the same people whose claims may agree, as in `claims`."""
_TO_DENY: Final = 20
"""Records with claims that must be compared before their difference speaks against the table."""
_LOST: Final = 0.005
"""Share of a source's records that may be damaged beyond what the control shows."""
_POWER: Final = 0.9
"""Share of the table's own people that must be recognised before their absence means anything."""


@dataclass(frozen=True, slots=True)
class Strangers:
    """How often people who are not in a table are taken for somebody in it, tried on people who are."""

    tried: int
    taken: int
    recognised: float
    """Share of those people who are recognised as themselves when they are looked for like the dump's."""

    @property
    def limit(self) -> float:
        """Upper limit of the share."""
        return upper_limit(self.taken, self.tried, _STRANGERS) if self.tried else 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The figures on which the verdict rests."""

    table: str
    links: Links
    claims: Agreement
    """Of the linked records."""
    strangers: Strangers
    told_by_claims: bool
    """Whether claims were needed to tell people apart, so that they cannot also testify."""

    def conclude(self, settings: Settings) -> Source:
        """Everything that is found of the table."""
        verdict, bound = self._decide(settings.nominal_level)
        rows, low, high = self._rows(settings.confidence)
        return Source(
            platform=self.table,
            verdict=verdict,
            rows=rows,
            rows_low=low if verdict is Verdict.ESTABLISHED else 0.0,
            rows_high=high,
            false_accusation=bound,
            window=NO_WINDOW,
            evidence=self._evidence(),
            rivals=(UNREGISTERED,) if verdict is Verdict.CONSISTENT else (),
        )

    def _decide(self, level: float) -> tuple[Verdict, float]:
        links = self.links
        beyond = tail(links.people, links.looked_for, self.strangers.limit)
        if beyond > level:
            few = links.expected <= max(_NEGLIGIBLE_ROWS, _NEGLIGIBLE_SHARE * links.records)
            excluded = few and self.strangers.recognised >= _POWER
            return (Verdict.EXCLUDED if excluded else Verdict.INDETERMINATE), 1.0
        bound = self.claims.bound
        if self.told_by_claims:
            bound = tail(links.people, links.looked_for, max(self.strangers.limit, _LOOK_ALIKE))
        bound = max(_LEAST_BOUND, bound, beyond)
        if bound <= level:
            return Verdict.ESTABLISHED, bound
        return (Verdict.INDETERMINATE if self._denied else Verdict.CONSISTENT), 1.0

    @property
    def _denied(self) -> bool:
        """Whether enough claims were compared, and hardly one record says what the table says."""
        told = (self.claims.outcome != -1).any(axis=1).sum()
        return bool(told >= _TO_DENY and self.claims.own.mean() < _LOOK_ALIKE)

    def _rows(self, confidence: float) -> tuple[float, float, float]:
        """Records of the dump that are this table's, with their interval."""
        chance = self.links.chance * self.claims.own
        rows = float(chance.sum()) + self.links.doubtful
        reach = float(special.ndtri(0.5 + confidence / 2))
        doubt = reach * float(np.sqrt((chance * (1 - chance)).sum() + self.links.doubtful))
        unlinked = self.links.records - self.links.record.size
        missed = min(1.0, 1.0 - self.strangers.recognised)
        share = max(_LOST, missed / max(1e-9, 1 - missed))
        lost = float(unlinked) if missed > 1 - _POWER else min(float(unlinked), rows * share)
        return rows, max(0.0, rows - doubt), min(float(self.links.records), rows + doubt + lost)

    def _evidence(self) -> tuple[Evidence, ...]:
        links, claims, name = self.links, self.claims, self.table
        said = []
        if claims.core and not self.told_by_claims:
            columns = [claims.names[place] for place in claims.core]
            chance = f"{claims.compared * claims.by_chance:,.1f}"
            said.append(
                Evidence(
                    "values",
                    f"of {claims.compared:,} records that are about people in {name}, {claims.agreed:,} also carry "
                    f"its {' and '.join(columns)}; by chance {chance} would",
                    f"{claims.compared:,} 条记录所指的人在 {name} 中，其中 {claims.agreed:,} 条的"
                    f"{'、'.join(columns)}也与之相同；仅凭巧合约有 {chance} 条",
                    claims.bound,
                )
            )
        said.append(
            Evidence(
                "identifiers",
                f"{links.record.size:,} of {links.records:,} records are about people in {name}, compared by "
                f"{', '.join(links.traits)}",
                f"{links.records:,} 条记录中有 {links.record.size:,} 条所指的人在 {name} 中，"
                f"比对依据：{'、'.join(links.traits)}",
                links.record.size / max(1, links.records),
            )
        )
        control = self.strangers
        said.append(
            Evidence(
                "strangers",
                f"of {control.tried:,} people of {name} who were looked for among all its others, {control.taken:,} "
                f"were taken for somebody else; of those who were there themselves {control.recognised:.1%} were known",
                f"对照：在 {name} 的其他人中查找它自己的 {control.tried:,} 人，有 {control.taken:,} 人被误认；"
                f"本人在内时，{control.recognised:.1%} 被认出",
                control.limit,
            )
        )
        if not claims.core and links.record.size:
            said.append(
                Evidence(
                    "limits",
                    "no value that only this table could hold was compared; people name nobody",
                    "没有比对到只有这张表才会有的值；仅凭人员相同不能指认任何一方",
                    1.0,
                )
            )
        return tuple(said)
