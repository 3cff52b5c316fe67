"""The verdict on each platform, and the evidence for it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from tracer.attribution.agreement import Agreement
from tracer.attribution.anachronism import Anachronism
from tracer.attribution.dating import EPOCH, Window
from tracer.attribution.lots import Lot
from tracer.attribution.overlap import Expectation, Overlap
from tracer.linkage.chance import WORDS, WORDS_ZH, MatchRate
from tracer.linkage.clientele import JOINED
from tracer.linkage.testimony import Testimony


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
"""The rival that people alone cannot rule out."""

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
    statement_zh: str
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
    lots: tuple[Lot, ...] = ()
    """Two, the earlier one first, if its records cannot have left on one day."""
    overlaps: tuple[tuple[str, Overlap], ...] = ()
    """If it is `consistent`, for each established source whether that one's customers explain its own."""

    def beside(self, overlaps: Sequence[tuple[str, Overlap]]) -> Source:
        """With what the overlaps with established sources say."""
        said = tuple(_of_overlap(self.platform, source, one) for source, one in overlaps)
        return replace(self, overlaps=tuple(overlaps), evidence=(*self.evidence, *said))


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
    rates: tuple[MatchRate, ...] = ()
    """Of the masked and damaged kinds of identifier that linked records to it."""

    @property
    def name(self) -> str:
        """The platform's."""
        return self.testimony.links.platform.name

    def bound(self, anachronism: Anachronism | None) -> float:
        """Chance that an innocent platform would look like this, corrected for the platforms and tests made; at most 1.

        Args:
            anachronism: what the platform's times say, where they were asked.
        """
        asked = [self.agreement.bound] if self.agreement.core else []
        asked += [] if anachronism is None else [anachronism.bound]
        return min(1.0, max(_LEAST_BOUND, min(asked, default=1.0) * max(1, len(asked)) * self.tested))


def decide(standing: Standing, anachronism: Anachronism | None, level: float) -> tuple[Verdict, float]:
    """The verdict, and the false-accusation bound."""
    bound = standing.bound(anachronism)
    if standing.active and standing.twins:
        return Verdict.CONSISTENT, 1.0
    if standing.active and bound <= level and standing.rows_low > 0:
        return Verdict.ESTABLISHED, bound
    if standing.active:
        return Verdict.CONSISTENT, 1.0
    if negligible(standing.rows_high + standing.newcomers, standing.records):
        return Verdict.EXCLUDED, 1.0
    return Verdict.INDETERMINATE, 1.0


def negligible(most: float, records: int) -> bool:
    """Whether a platform that supplied no more of a dump's records than `most` is excluded."""
    return most <= max(_NEGLIGIBLE_ROWS, _NEGLIGIBLE_SHARE * records)


def explain(standing: Standing, anachronism: Anachronism | None, verdict: Verdict) -> tuple[Evidence, ...]:
    """The evidence in words that need no statistics, the weightiest first."""
    said = [_of_values(standing), _of_times(standing, anachronism), _of_identifiers(standing)]
    said += [_of_chance(rate) for rate in standing.rates]
    if verdict is Verdict.CONSISTENT and not standing.agreement.core:
        said.append(
            Evidence(
                "limits",
                "the dump holds no value that only this platform could know, and its people do not tell it from a "
                "platform with the same customers",
                "名单中没有只有该平台才可能掌握的字段，单凭其中的人员，无法排除另一家客户相同的平台",
                standing.score,
            )
        )
    if verdict is Verdict.EXCLUDED:
        most = standing.rows_high + standing.newcomers
        said.append(
            Evidence(
                "absence",
                f"more than {most:,.0f} records from {standing.name} would have been seen",
                f"若有超过{most:,.0f}条记录来自{standing.name}，本应能够看到",
                most,
            )
        )
    return tuple(one for one in said if one is not None and one.value == one.value)


def _of_values(standing: Standing) -> Evidence | None:
    agreement, name = standing.agreement, standing.name
    if not agreement.core:
        return None
    columns = [standing.testimony.pairings[place].claim.name for place in agreement.core]
    chance, stranger = agreement.compared * agreement.by_chance, agreement.compared * agreement.elsewhere
    apart = ", without the customers of others whose values agree as well" if agreement.apart else ""
    apart_zh = "（不计字段同样相符的其他平台的客户）" if agreement.apart else ""
    also = f", and at most about {stranger:,.0f} if a stranger's customers were the same" if stranger > chance else ""
    also_zh = f"，若来自另一家客户相同的平台，至多约{stranger:,.0f}人" if stranger > chance else ""
    return Evidence(
        "values",
        f"of {agreement.compared:,} people in the dump whom {name} knows{apart}, {agreement.agreed:,} also carry "
        f"{name}'s {' and '.join(columns)}; by chance {chance:,.1f} would{also}",
        f"名单中有{agreement.compared:,}人是{name}的客户{apart_zh}，其中{agreement.agreed:,}人的{'、'.join(columns)}与{name}所登记的相同；"
        f"若纯属偶然，约{chance:,.1f}人会相同{also_zh}",
        agreement.bound,
    )


def _of_times(standing: Standing, anachronism: Anachronism | None) -> Evidence | None:
    if anachronism is None or not anachronism.expected:
        return None
    name, day = standing.name, EPOCH + timedelta(days=anachronism.day)
    return Evidence(
        "times",
        f"of {anachronism.held:,} identifiers that {name} held on {day}, {anachronism.carried:,} are in the dump; of "
        f"{anachronism.foreign:,} that it won later or had given up by then, {anachronism.found:,} are; a stranger's "
        f"dump with the same customers would carry at least about {anachronism.expected:,.1f} of these",
        f"{name}在{day}持有的{anachronism.held:,}个标识中，有{anachronism.carried:,}个出现在名单里；此后才取得或此前已停用的"
        f"{anachronism.foreign:,}个中，出现{anachronism.found:,}个；若名单来自另一家客户相同的平台，至少应出现约"
        f"{anachronism.expected:,.1f}个",
        anachronism.bound,
    )


def _of_identifiers(standing: Standing) -> Evidence:
    linked = standing.testimony.linked
    return Evidence(
        "identifiers",
        f"{linked:,} of {standing.records:,} records are about customers of {standing.name}",
        f"{standing.records:,}条记录中有{linked:,}条涉及{standing.name}的客户",
        linked / max(1, standing.records),
    )


def _of_chance(rate: MatchRate) -> Evidence:
    invented = "dealt to other names" if rate.method == "derangement" else "invented"
    invented_zh = "与他人姓名对调的" if rate.method == "derangement" else "虚构的"
    return Evidence(
        "chance",
        f"by {WORDS[rate.kind]}, {rate.links:,} of the {rate.records:,} records without a whole identifier meet one "
        f"customer of {rate.platform}; of {rate.trials:,} {invented}, {rate.hits:,} meet anybody",
        f"凭{WORDS_ZH[rate.kind]}，没有完整标识的{rate.records:,}条记录中有{rate.links:,}条恰好对应{rate.platform}的一名客户；"
        f"{invented_zh}{rate.trials:,}条中有{rate.hits:,}条会碰上",
        rate.rate,
    )


def _of_overlap(platform: str, source: str, overlap: Overlap) -> Evidence:
    plain, strict = overlap.unstratified, overlap.stratified
    finer = finer_zh = ""
    if overlap.strata:
        finer = f"; drawn within {', '.join(overlap.strata)}, which the selection seems to follow, {_expected(strict)}"
        strata = "、".join("加入月份" if one == JOINED else one for one in overlap.strata)
        finer_zh = f"；若在名单看来据以筛选的{strata}之内抽取，{_expected_zh(strict)}"
    return Evidence(
        "overlap",
        f"of {overlap.drawn:,} customers of {source} in the dump, {plain.seen:,} are {platform}'s too; drawn at random "
        f"from all its customers, {_expected(plain)}{finer}",
        f"名单中{source}的{overlap.drawn:,}名客户里，有{plain.seen:,}人同时是{platform}的客户；若从其全部客户中随机抽取，"
        f"{_expected_zh(plain)}{finer_zh}",
        strict.chance,
    )


def _expected(one: Expectation) -> str:
    return f"{one.expected:,.1f} ± {one.deviation:,.1f} would be (chance of as many: {one.chance:.2g})"


def _expected_zh(one: Expectation) -> str:
    return f"应有{one.expected:,.1f} ± {one.deviation:,.1f}人（达到此数的概率{one.chance:.2g}）"


def rivals(standing: Standing, verdict: Verdict, active: Sequence[str]) -> tuple[str, ...]:
    """Who else would explain the records."""
    if verdict is not Verdict.CONSISTENT:
        return ()
    return (
        *standing.twins,
        *(other for other in active if other != standing.name and other not in standing.twins),
        UNREGISTERED,
    )


def conclude(
    standing: Standing, window: Window, anachronism: Anachronism | None, active: Sequence[str], level: float
) -> Source:
    """Everything that is found of one platform."""
    verdict, bound = decide(standing, anachronism, level)
    low = standing.rows_low if verdict is Verdict.ESTABLISHED else 0.0
    if anachronism is not None and standing.bound(None) > level:
        # Its people alone name it: a stranger may have supplied some of them all the same.
        low *= 1 - anachronism.strangers
    # A leak from before the newest snapshot holds nobody who joined after it.
    newcomers = standing.newcomers if window.before is None else 0.0
    return Source(
        platform=standing.name,
        verdict=verdict,
        rows=standing.rows,
        rows_low=low,
        rows_high=standing.rows_high + newcomers,
        false_accusation=bound,
        window=window,
        evidence=explain(standing, anachronism, verdict),
        rivals=rivals(standing, verdict, active),
    )
