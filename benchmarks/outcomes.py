"""What was said about one invented dump, beside the truth: one line of JSON a dump."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

import numpy as np
import polars as pl
from regimes import COLUMNS, Regime, Trial, knowledge

from tracer.attribution.verdict import Source
from tracer.demo import PERSON, TRUTH, World
from tracer.demo.platforms import DAY, days_of
from tracer.findings import Findings

NAMED: Final = "established"
FITS: Final = "consistent"
ENOUGH: Final = 30
"""Rows from which a true source must be found."""
EDGES: Final = (0.0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97, 0.99, 0.999, 1.0)
"""Bins of stated chances of a record's origin."""


@dataclass(frozen=True)
class Sentence:
    """What was said of one platform about one dump, beside the truth."""

    platform: str
    true_rows: int
    verdict: str
    rows: float
    rows_low: float
    rows_high: float
    false_accusation: float
    bound: float
    """Chance of its agreeing values if it supplied nothing, corrected for all that was tried; 1 if nothing agrees."""
    after: str | None
    before: str | None
    day: str | None
    """When the rows left; None for innocents."""
    holds: str
    """What the dump holds that only this platform can know, see `regimes.Knowledge`."""
    dated: bool
    """Whether a column says when its customers joined."""
    known: int
    """Of its rows, those of customers who are in one of its registered snapshots: nobody can recognise the others."""
    joiners: float
    """Of its rows, those of customers who joined in the two months before they left, a day."""

    @property
    def innocent(self) -> bool:
        """Whether nothing came from it."""
        return self.true_rows == 0

    @property
    def enough(self) -> bool:
        """Whether so many rows came from it, of customers it registered, that it must be found."""
        return self.known >= ENOUGH

    @property
    def row_error(self) -> float:
        """Relative error of its rows."""
        return abs(self.rows - self.true_rows) / self.true_rows

    @property
    def rows_hold(self) -> bool:
        """Whether the interval of its rows holds the truth; it is of whole records."""
        return int(self.rows_low) <= self.true_rows <= -int(-self.rows_high // 1)

    @property
    def timely(self) -> bool | None:
        """Whether its window holds the true day; None where it has no window."""
        if self.day is None or (self.after is None and self.before is None):
            return None
        return (self.after or "") <= self.day <= (self.before or "9999")

    @property
    def days_wide(self) -> float:
        """How long the window is; infinite where an end is open."""
        if self.after is None or self.before is None:
            return float("inf")
        return float((date.fromisoformat(self.before) - date.fromisoformat(self.after)).days)


@dataclass(frozen=True)
class Outcome:
    """One dump: how it was invented, and what was said."""

    regime: str
    world: int
    dump: int
    content: str
    when: str
    filter: str
    masked: bool
    damage: float
    written: bool
    correlation: float
    taste: float
    """Share of people who take the same loan wherever it is sold."""
    strangers: int
    """Rows of platforms nobody registered."""
    records: int
    tested: int
    """Platforms."""
    spacing: float
    """Days between snapshots."""
    seconds: float
    said: tuple[Sentence, ...]
    """Of every true source, and of every innocent of whom anything can be held."""
    origins: tuple[tuple[int, float, int], ...]
    """Records whose likeliest origin is a platform, by the stated chance (see `EDGES`): how many, the sum of the
    chances, how many came from it."""
    nobodies: tuple[tuple[int, float, int], ...]
    """Likewise those that are given to nobody, by the stated chance that no established platform supplied them."""

    @property
    def key(self) -> tuple[str, int, int]:
        """Which dump it is."""
        return self.regime, self.world, self.dump

    @property
    def kind(self) -> str:
        """What the dump is made of."""
        guilty = any(not one.innocent for one in self.said)
        if guilty:
            return "mixed" if self.strangers else "registered alone"
        return "unregistered alone" if self.strangers else "invented people"

    def line(self) -> str:
        """As a line of JSON."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"


def outcome_from(line: str) -> Outcome:
    """What `Outcome.line` wrote."""
    body: dict[str, Any] = json.loads(line)
    body["said"] = tuple(Sentence(**one) for one in body["said"])
    body["origins"] = tuple(tuple(one) for one in body["origins"])
    body["nobodies"] = tuple(tuple(one) for one in body["nobodies"])
    return Outcome(**body)


@dataclass(frozen=True)
class Case:
    """One dump with its truth."""

    regime: Regime
    number: int
    """Of the world."""
    place: int
    """Of the dump."""
    world: World
    trial: Trial
    rows: pl.DataFrame
    """See `tracer.demo.leak`; in the order in which they were written."""


def judge(case: Case, findings: Findings, seconds: float) -> Outcome:
    """Set what was found beside what is true."""
    world, trial = case.world, case.trial
    counts: dict[str, int] = dict(case.rows[TRUTH].value_counts().iter_rows())
    said = [_sentence(case, one, counts.get(one.platform, 0), len(findings.found)) for one in findings.found]
    origins, nobodies = _chances(case.rows, findings)
    days = world.plan.snapshots
    return Outcome(
        regime=case.regime.name,
        world=case.number,
        dump=case.place,
        content=trial.content,
        when=trial.when,
        filter=trial.filter,
        masked=trial.style.mask_phone,
        damage=trial.style.damage,
        written=trial.written,
        correlation=world.plan.correlation,
        taste=world.plan.taste,
        strangers=sum(counts.get(name, 0) for name in world.hidden),
        records=findings.dump.records,
        tested=len(findings.found),
        spacing=float(np.median([(then - first).days for first, then in pairwise(days)])),
        seconds=round(seconds, 2),
        said=tuple(one for one in said if not one.innocent or _suspected(one)),
        origins=origins,
        nobodies=nobodies,
    )


def _suspected(one: Sentence) -> bool:
    return one.verdict in {NAMED, FITS} or min(one.false_accusation, one.bound) < 1


def _sentence(case: Case, source: Source, true_rows: int, tested: int) -> Sentence:
    window, columns = source.window, COLUMNS[case.trial.content]
    values = [one.value for one in source.evidence if one.kind == "values"]
    days = [part.day for part in case.trial.parts if part.platform == source.platform]
    known, joiners = _customers(case, source.platform, days[0]) if days else (0, 0.0)
    return Sentence(
        platform=source.platform,
        true_rows=true_rows,
        verdict=source.verdict.value,
        rows=source.rows,
        rows_low=source.rows_low,
        rows_high=min(source.rows_high, 1e9),
        false_accusation=source.false_accusation,
        bound=min([1.0, *(one * tested for one in values)]),
        after=window.after.isoformat() if window.after else None,
        before=window.before.isoformat() if window.before else None,
        day=days[0].isoformat() if days else None,
        holds=knowledge(case.world, case.trial, source.platform),
        dated="joined" in columns and case.world.platform(source.platform).holds("joined"),
        known=known,
        joiners=joiners,
    )


def _customers(case: Case, name: str, day: date) -> tuple[int, float]:
    """Rows of customers that a platform registered, and rows a day of customers who joined in the last two months."""
    world, platform = case.world, case.world.platform(name)
    taken = case.rows.filter(pl.col(TRUTH) == name)[PERSON].to_numpy()
    order = np.argsort(platform.person)
    place = order[np.searchsorted(platform.person, taken, sorter=order)]
    registered = np.unique(np.concatenate([world.present(name, one) for one in world.plan.snapshots]))
    recent = platform.joined[place] >= (days_of(day) + 1 - _RECENT) * DAY
    return int(np.isin(place, registered).sum()), round(float(recent.sum()) / _RECENT, 3)


_RECENT: Final = 60


Bins = tuple[tuple[int, float, int], ...]


def _chances(rows: pl.DataFrame, findings: Findings) -> tuple[Bins, Bins]:
    """Stated chances of records' origins beside how often they are right; empty where records were lost in reading."""
    told = findings.rows.sort("row")
    if told.height != rows.height:
        return (), ()
    established = {one.platform for one in findings.established}
    others = pl.Series([name not in established for name in rows[TRUTH]])
    platform, chance = told["platform"], told["probability"].to_numpy()
    named = platform.is_not_null().to_numpy()
    right = (platform == rows[TRUTH]).fill_null(value=False).to_numpy()
    return _binned(chance[named], right[named]), _binned(chance[~named], others.to_numpy()[~named])


def _binned(chance: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> Bins:
    place = np.clip(np.searchsorted(EDGES, chance, side="left") - 1, 0, len(EDGES) - 2)
    return tuple(
        (int((place == bin_).sum()), float(chance[place == bin_].sum()), int(right[place == bin_].sum()))
        for bin_ in range(len(EDGES) - 1)
    )
