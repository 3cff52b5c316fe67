"""What is said of platforms that a dump was not joined with: how much they can have supplied at the most."""

from __future__ import annotations

from datetime import date

from tracer.attribution.attribution import newcomers
from tracer.attribution.dating import NO_WINDOW
from tracer.attribution.standing import Verdict
from tracer.attribution.statements import Evidence
from tracer.attribution.verdict import Source, negligible
from tracer.linkage.shortlist import Dropped, Sampling
from tracer.vault.manifest import Platform


def unjoined(  # noqa: PLR0913 - two platforms' and two dump's figures, and a day
    platform: Platform, dropped: Dropped, sampling: Sampling, records: int, carried: int, sealed_on: date
) -> Source:
    """A platform whose customers were only looked for in a sample of the dump.

    Args:
        platform: not joined.
        dropped: what its sample holds.
        sampling: how the dump was looked at.
        records: of the dump.
        carried: records with the identifier that most of them have, as far as they were looked at.
        sealed_on: day on which the dump was seized or sealed.
    """
    most = min(float(records), dropped.most * records / max(1, carried))
    whole = most + min(float(records), newcomers(platform, sealed_on))
    verdict = Verdict.EXCLUDED if negligible(whole, records) else Verdict.INDETERMINATE
    part, part_zh = "", ""
    if sampling.rate < 1:
        share = round(1 / sampling.rate)
        part, part_zh = f", of which one in {share} was looked at", f"（按{share}分之一抽样）"
    said = Evidence(
        "sample",
        f"of the identifiers in the dump{part}, {dropped.hits:,} are of customers of {platform.name}: at most "
        f"{most:,.0f} records can be, and among so many platforms that singles nobody out",
        f"名单中的标识{part_zh}有{dropped.hits:,}个属于{platform.name}的客户：全部记录中至多{most:,.0f}条与之有关，在众多平台中并不突出",
        most,
    )
    return Source(platform.name, verdict, 0.0, 0.0, whole, 1.0, NO_WINDOW, (said,), ())
