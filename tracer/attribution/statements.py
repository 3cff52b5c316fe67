"""The evidence for a verdict in words that need no statistics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from tracer.attribution.anachronism import Anachronism
from tracer.attribution.dating import EPOCH
from tracer.attribution.doubles import Sharing
from tracer.attribution.overlap import Expectation, Overlap
from tracer.attribution.separation import separating
from tracer.attribution.standing import Estimate, Standing, Verdict
from tracer.linkage.chance import WORDS, WORDS_ZH, MatchRate
from tracer.linkage.clientele import JOINED


@dataclass(frozen=True, slots=True)
class Evidence:
    """One piece of evidence: what kind, in words, and its figure."""

    kind: str
    statement: str
    statement_zh: str
    value: float


def explain(standing: Standing, anachronism: Anachronism | None, verdict: Verdict) -> tuple[Evidence, ...]:
    """The evidence in words that need no statistics, the weightiest first."""
    said = [_of_values(standing), _of_times(standing, anachronism), _of_identifiers(standing)]
    said += [_of_regression(standing)]
    said += [_of_chance(rate) for rate in standing.rates]
    said += [_of_sharing(one) for one in standing.sharings]
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
    if verdict is Verdict.CONSISTENT:
        said.append(_of_separation(standing))
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


_LEFT_OUT: Final = {
    None: ("", ""),
    "customers": (
        ", without the customers of others whose values agree as well",
        "（不计字段同样相符的其他平台的客户）",
    ),
    "records": (
        ", without the records whose values agree with another platform's",
        "（不计字段与其他平台相符的记录）",
    ),
}


def _of_values(standing: Standing) -> Evidence | None:
    agreement, name = standing.agreement, standing.name
    if not agreement.core:
        return None
    columns = [standing.testimony.pairings[place].claim.name for place in agreement.core]
    chance, stranger = agreement.compared * agreement.by_chance, agreement.compared * agreement.elsewhere
    apart, apart_zh = _LEFT_OUT[agreement.left_out]
    listed = " and ".join(filter(None, (", ".join(columns[:-1]), columns[-1])))
    most = f"{stranger:,.0f}" if stranger >= 1 else f"{stranger:,.1f}"
    also = f", and at most about {most} if a stranger's customers were the same" if stranger > chance else ""
    also_zh = f"，若来自另一家客户相同的平台，至多约{most}人" if stranger > chance else ""
    return Evidence(
        "values",
        f"of {agreement.compared:,} people in the dump whom {name} knows{apart}, {agreement.agreed:,} also carry "
        f"{name}'s {listed}; by chance {chance:,.1f} would{also}",
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
        standing.covered,
    )


def of_coverage(standing: Standing, shares: Sequence[float], chance: float) -> Evidence:
    """How much of the dump is the platform's customers, beside what registered platforms have in common.

    Args:
        standing: of the platform.
        shares: of each registered platform, the greatest share of its customers that one other has too, ascending.
        chance: that somebody who is like them reaches what the platform has of the dump.
    """
    covered, most, usual, many = standing.covered, shares[-1], shares[len(shares) // 2], len(shares)
    beyond = "; no two have as much in common" if covered > most else ""
    beyond_zh = "；没有任何两家的重合达到这一程度" if covered > most else ""
    return Evidence(
        "coverage",
        f"{covered:.1%} of the records are about customers of {standing.name}; of {many:,} registered platforms, as "
        f"far as samples show, half have {usual:.0%} of their customers or more in common with one other, and the one "
        f"that has most {most:.0%}"
        f"{beyond}: a stranger who is like them reaches that with a chance of at most {chance:.2g}, which names nobody",
        f"{covered:.1%}的记录涉及{standing.name}的客户；据抽样，在{many:,}家已登记的平台中，半数与另一家的客户重合达"
        f"{usual:.0%}以上，最高为{most:.0%}{beyond_zh}：情况与之相当的未登记平台达到这一比例的概率至多{chance:.2g}，仅此不能认定任何平台",
        chance,
    )


def _of_chance(rate: MatchRate) -> Evidence:
    invented = "dealt to other names" if rate.method == "derangement" else "invented"
    invented_zh = "与他人姓名对调的" if rate.method == "derangement" else "虚构的"
    return Evidence(
        "chance",
        f"by {WORDS[rate.kind]}, {rate.links:,} of the {rate.records:,} records that no whole phone number or ID links "
        f"meet one customer of {rate.platform}; of {rate.trials:,} {invented}, {rate.hits:,} meet anybody",
        f"凭{WORDS_ZH[rate.kind]}，未能凭完整手机号或身份证号识别的{rate.records:,}条记录中有{rate.links:,}条恰好对应{rate.platform}的一名客户；"
        f"{invented_zh}{rate.trials:,}条中有{rate.hits:,}条会碰上",
        rate.rate,
    )


def _of_sharing(one: Sharing) -> Evidence:
    if one.columns:
        why = f"{' and '.join(one.columns)} agree with what {one.other.name} holds too"
        why_zh = f"其{'、'.join(one.columns)}与{one.other.name}所登记的也相同"
    else:
        why = f"their people are customers of {one.other.name} too, and no value speaks against it"
        why_zh = f"其中人员也是{one.other.name}的客户，且没有字段与之矛盾"
    return Evidence(
        "shared",
        f"{one.rows:,} of {one.of:,} records that fit {one.source.name} could be {one.other.name}'s as well: {why}",
        f"与{one.source.name}相符的{one.of:,}条记录中，有{one.rows:,}条也可能来自{one.other.name}：{why_zh}",
        one.rows / max(1, one.of),
    )


def _of_regression(standing: Standing) -> Evidence | None:
    told, name = standing.regression, standing.name
    if told is None or not told.tells:
        return None
    plain, strict = told.unstratified, told.stratified
    if told.strata:
        within = (
            f"{told.cells} strata of its customers by {' and '.join(told.strata)}, which the selection seems to follow"
        )
        within_zh = f"筛选所依据的{_named_zh(told.strata)}将其客户分为{told.cells}层"
    else:
        within, within_zh = "the strata of the other sources", "其他来源的分层"
    differ = "" if told.agrees else "; the two differ, and the verdict rests on the more doubtful one"
    differ_zh = "" if told.agrees else "；两者不一致，结论以存疑较多者为准"
    (counted, counted_zh), (otherwise, otherwise_zh) = (_counted(one, standing.records) for one in (strict, plain))
    return Evidence(
        "strata",
        f"{counted} records are {name}'s, counted within {within}; {otherwise}, counted as if nothing "
        f"had been selected{differ}",
        f"按{within_zh}计算，{name}的记录为{counted_zh}；若视为未经筛选，为{otherwise_zh}{differ_zh}",
        strict.rows,
    )


def _counted(one: Estimate, records: int) -> tuple[str, str]:
    rows, low, high = one.whole(records)
    return f"{rows:,} ({low:,} to {high:,})", f"{rows:,}条（{low:,}至{high:,}条）"


def _named_zh(strata: tuple[str, ...]) -> str:
    return "、".join("加入月份" if one == JOINED else one for one in strata)


def of_overlap(platform: str, source: str, overlap: Overlap) -> Evidence:
    """Whether an established source's customers explain those of a platform that is consistent."""
    plain, strict = overlap.unstratified, overlap.stratified
    finer = finer_zh = ""
    if overlap.strata:
        finer = f"; drawn within {', '.join(overlap.strata)}, which the selection seems to follow, {_expected(strict)}"
        finer_zh = f"；若在名单看来据以筛选的{_named_zh(overlap.strata)}之内抽取，{_expected_zh(strict)}"
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


def _of_separation(standing: Standing) -> Evidence:
    shown = [pairing.claim.name for pairing in standing.testimony.pairings]
    said, said_zh = separating(standing.testimony.links.platform, shown, standing.sharers)
    return Evidence(
        "separation",
        f"what may tell them apart: {'; '.join(said)}",
        f"可能加以区分的证据：{'；'.join(said_zh)}",
        float(len(said)),
    )
