"""What a platform's sketch says about a dump: how many of its people are customers there, and no more.

Whoever leaked nothing has strangers' people and other platforms' people in like measure. So the share of a sketched
platform's customers among the people whom no found source explains is set beside its share among the others. A greater
share fits a leak, and fits an unregistered platform with the same customers as well: a sketch names nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tracer.attribution.agreement import lower_limit, upper_limit
from tracer.attribution.dating import NO_WINDOW
from tracer.attribution.standing import Verdict
from tracer.attribution.statements import Evidence
from tracer.attribution.verdict import UNREGISTERED, Source, negligible
from tracer.linkage.dump import Dump
from tracer.vault.sketch import Containment, KindSketch, Sketch, containment

_ENOUGH: Final = 200
"""People of found sources from which the usual share is known; of fewer, half of all people must be customers."""
_HALF: Final = 0.5
_CHANCE: Final = 1e-3
"""Chance at which each of two shares is taken for what it is not."""


@dataclass(frozen=True, slots=True)
class _Among:
    """Some people of a dump, and how many of them are a platform's customers."""

    held: Containment
    """The share of just these people; the interval is what the sketch leaves open."""
    people: int

    @property
    def least(self) -> float:
        """The smallest share of a public of which these people may be a sample."""
        return lower_limit(self.held.low * self.people, self.people, 1 - _CHANCE)

    @property
    def most(self) -> float:
        """The greatest."""
        return upper_limit(self.held.high * self.people, self.people, 1 - _CHANCE)


def sketched(sketch: Sketch, dump: Dump, unclaimed: NDArray[np.bool_], level: float) -> Source:
    """What is found of a platform that registered a sketch.

    Args:
        sketch: of the platform.
        dump: that was traced.
        unclaimed: (records,) which came from nobody found.
        level: of the intervals.
    """
    kind = _kind(sketch, dump)
    records = int(unclaimed.sum())
    if kind is None or not records:
        return _source(sketch.platform, Verdict.INDETERMINATE, 0.0, float(records), ())
    theirs, others = (_among(dump, kind, sketch.kinds[kind], who, level) for who in (unclaimed, ~unclaimed))
    if theirs is None:
        return _source(sketch.platform, Verdict.INDETERMINATE, 0.0, float(records), ())
    usual, most_usual = (0.0, _HALF) if others is None else (others.held.share, others.most)
    fits = theirs.least > most_usual
    rows = records * (theirs.held.share - usual) / (1 - usual) if fits else 0.0
    most = records * theirs.held.high
    verdict = Verdict.CONSISTENT if fits else Verdict.INDETERMINATE
    if not fits and negligible(most, dump.records):
        verdict = Verdict.EXCLUDED
    return _source(sketch.platform, verdict, rows, most, (_in_words(sketch.platform, records, theirs, others),))


def _kind(sketch: Sketch, dump: Dump) -> str | None:
    """The kind of identifier that most records carry, of those that are sketched."""
    common = [kind for kind in dump.identifiers if kind in sketch.kinds]
    return max(common, key=lambda kind: dump.identifiers[kind].height, default=None)


def _among(dump: Dump, kind: str, sketch: KindSketch, who: NDArray[np.bool_], level: float) -> _Among | None:
    """How many of these records' people are customers; None where there are too few to tell."""
    carried = dump.identifiers[kind]
    tokens = np.unique(carried.get_column("token").to_numpy()[who[carried.get_column("row").to_numpy()]])
    return _Among(containment(tokens, sketch, level), tokens.size) if tokens.size >= _ENOUGH else None


def _source(platform: str, verdict: Verdict, rows: float, most: float, evidence: tuple[Evidence, ...]) -> Source:
    rivals = (UNREGISTERED,) if verdict is Verdict.CONSISTENT else ()
    return Source(platform, verdict, rows, 0.0, most, 1.0, NO_WINDOW, evidence, rivals)


def _in_words(platform: str, records: int, theirs: _Among, others: _Among | None) -> Evidence:
    beside = f", and of the other people {_percent(others.held)}" if others else ""
    beside_zh = f"，其余人员中为{_percent_zh(others.held)}" if others else ""
    return Evidence(
        "sketch",
        f"of the people in {records:,} records that no found source explains, {_percent(theirs.held)} are customers of "
        f"{platform}{beside}, as far as the sketch it registered can tell; a sketch names nobody",
        f"在没有已认定来源可解释的{records:,}条记录所涉人员中，{_percent_zh(theirs.held)}是{platform}的客户{beside_zh}"
        "（仅据其登记的抽样摘要推算）；摘要不能用于认定任何平台",
        theirs.held.share,
    )


def _percent(one: Containment) -> str:
    return f"{one.share:.1%} ({one.low:.1%} to {one.high:.1%})"


def _percent_zh(one: Containment) -> str:
    return f"{one.share:.1%}（{one.low:.1%}至{one.high:.1%}）"
