"""The figures of the accuracy programme and the page that shows them: what was stated beside what was observed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any, Final

from outcomes import EDGES, ENOUGH, FITS, NAMED, Outcome, Sentence
from scipy import special

LEVELS: Final = (1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-9)
_NEAREST: Final = 12
_RARE: Final = 1e-3
Told = tuple[Outcome, Sentence]


@dataclass(frozen=True)
class Share:
    """How many of how many, with a 95 % interval (Clopper and Pearson 1934)."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share; None of nothing."""
        return self.part / self.whole if self.whole else None

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the truth lies; dumps of one world are taken as if they were of many."""
        part, rest = self.part, self.whole - self.part
        low = float(special.betaincinv(part, rest + 1, 0.025)) if part else 0.0
        return low, float(special.betaincinv(part + 1, rest, 0.975)) if rest else 1.0

    def __str__(self) -> str:
        if not self.whole:
            return "none"
        low, high = self.interval
        return f"{self.part / self.whole:.1%} ({self.part} of {self.whole}; {low:.1%} to {high:.1%})"


def share(held: Iterable[bool]) -> Share:
    """Of the answers, those that are yes."""
    answers = list(held)
    return Share(sum(answers), len(answers))


@dataclass(frozen=True)
class Bar:
    """A figure, what it must be, and whether it is."""

    name: str
    bar: str
    value: float | None
    """None where nothing was measured."""
    told: str
    """The figure with its counts and interval."""
    met: bool | None


def _of(name: str, bar: str, held: Share, low: float, high: float = 1.0) -> Bar:
    value = held.value
    return Bar(name, bar, value, str(held), None if value is None else low <= value <= high)


def _most(name: str, value: float | None, most: float, form: str) -> Bar:
    told = "none" if value is None else f"{value:{form}}"
    return Bar(name, f"≤ {most:{form}}", value, told, None if value is None else value <= most)


def bars(outcomes: Sequence[Outcome]) -> list[Bar]:
    """The figures that are promised, of some dumps."""
    told = [(one, sentence) for one in outcomes for sentence in one.said]
    guilty = [(one, sentence) for one, sentence in told if not sentence.innocent]
    enough = [(one, sentence) for one, sentence in guilty if sentence.enough]
    innocents = sum(one.tested for one in outcomes) - len(guilty)
    accused = share(sentence.innocent for one, sentence in told if sentence.innocent and sentence.verdict == NAMED)
    values = share(sentence.verdict == NAMED for _, sentence in enough if sentence.holds == "values")
    mute = share(sentence.verdict == NAMED for _, sentence in enough if sentence.holds == "identifiers")
    fits = share(sentence.verdict in {NAMED, FITS} for _, sentence in enough if sentence.holds == "identifiers")
    named = [(one, sentence) for one, sentence in enough if sentence.verdict == NAMED]
    errors = [sentence.row_error for _, sentence in named]
    held = share(sentence.rows_hold for _, sentence in named)
    timely = share(bool(kept) for _, sentence in named if (kept := sentence.timely) is not None)
    dated = [sentence.days_wide for _, sentence in named if sentence.dated]
    undated = [sentence.days_wide / one.spacing for one, sentence in named if not sentence.dated]
    zero = Share(accused.part, innocents)
    return [
        Bar("innocents established", "0", float(zero.part), str(zero), zero.part == 0 if innocents else None),
        _bounded(outcomes),
        _of(f"true sources of {ENOUGH} rows with a value, established", "≥ 97 %", values, 0.97),
        _of("identifiers alone, established", "≥ 80 %", mute, 0.8),
        _of("identifiers alone, at least consistent", "≥ 97 %", fits, 0.97),
        _most("relative row error, median", _median(errors), 0.01, ".2%"),
        _of("95 % row intervals that hold the truth", "93 to 97 %", held, 0.93, 0.97),
        _of("leak windows that hold the true day", "≥ 95 %", timely, 0.95),
        _most("days wide with dates in the rows, median", _median(dated), 3, ".0f"),
        _most("width without, in spacings of snapshots, median", _median(undated), 1, ".2f"),
    ]


def _bounded(outcomes: Sequence[Outcome]) -> Bar:
    """Whether small bounds on innocents are as rare as they say; not met where chance alone does not explain it."""
    below = share(min([1.0, *(one.bound for one in each.said if one.innocent)]) <= _RARE for each in outcomes)
    met = None if below.value is None else below.interval[0] <= _RARE
    return Bar(f"dumps in which an innocent's values are bounded by {_RARE:g}", "≤ 0.1 %", below.value, str(below), met)


def _median(values: Sequence[float]) -> float | None:
    return median(values) if values else None


def _percent(value: float | None) -> str:
    return "none" if value is None else f"{value:.2%}"


def _days(value: float | None) -> str:
    return "none" if value is None else f"{value:.0f}"


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Everything, as JSON."""
    told = [(one, sentence) for one in outcomes for sentence in one.said]
    named = [pair for pair in told if not pair[1].innocent and pair[1].verdict == NAMED]
    return {
        "dumps": len(outcomes),
        "worlds": len({(one.regime, one.world) for one in outcomes}),
        "records": sum(one.records for one in outcomes),
        "seconds of tracing": round(sum(one.seconds for one in outcomes)),
        "bars": [_bar(one) for one in bars(outcomes)],
        "by regime": {
            name: [_bar(one) for one in bars([each for each in outcomes if each.regime == name])]
            for name in dict.fromkeys(one.regime for one in outcomes)
        },
        "innocents established": [_case(*pair) for pair in told if pair[1].innocent and pair[1].verdict == NAMED],
        "innocents that came nearest": [_case(*pair) for pair in _nearest(told)],
        "stated bounds": _stated(outcomes),
        "stated false accusation": _accusations(outcomes),
        "stated origins": _chances([one.origins for one in outcomes if one.origins]),
        "stated unknown": _chances([one.nobodies for one in outcomes if one.nobodies]),
        "intervals of all true sources": str(share(one.rows_hold for _, one in told if not one.innocent)),
        "row errors by kind": _errors(named),
        "innocents by what the dump is made of": _nulls(outcomes, lambda one: one.kind),
        "innocents by correlation of limits": _nulls(outcomes, lambda one: f"{one.correlation:g}"),
        "innocents by taste in loans": _nulls(outcomes, lambda one: f"{one.taste:g}"),
        "innocents by what the dump holds": _nulls(outcomes, lambda one: one.content),
        "true sources by what the dump holds": _sources(told, lambda pair: pair[0].content),
        "true sources by rows": _sources(told, lambda pair: _size(pair[1].true_rows), enough=False),
        "identifiers alone by rows": _sources(_mute(told), lambda pair: _size(pair[1].true_rows)),
        "identifiers alone by when they left": _sources(_mute(told), lambda pair: pair[0].when),
        "true sources by when they left": _sources(told, lambda pair: pair[0].when),
        "true sources by filter": _sources(told, lambda pair: pair[0].filter or "none"),
        "true sources by correlation of limits": _sources(told, lambda pair: f"{pair[0].correlation:g}"),
        "true sources by damage": _sources(told, lambda pair: f"{pair[0].damage:.0%}{', masked' * pair[0].masked}"),
        "windows by joiners": _windows(named),
        "true sources by company": _sources(told, lambda pair: pair[0].kind),
        "missed": [_case(*pair) for pair in _missed(told)],
        "row errors above a tenth": [_case(*pair) for pair in named if pair[1].enough and pair[1].row_error > 0.1],
        "windows that missed the day": [_case(*pair) for pair in named if pair[1].timely is False],
    }


def _bar(one: Bar) -> dict[str, Any]:
    value = None if one.value is None or one.value == float("inf") else round(one.value, 6)
    return {"figure": one.name, "bar": one.bar, "measured": one.told, "value": value, "met": one.met}


def _case(one: Outcome, sentence: Sentence) -> dict[str, Any]:
    """One sentence and how to trace it again."""
    return {
        "regime": one.regime,
        "world": one.world,
        "dump": one.dump,
        "kind": one.kind,
        "content": one.content,
        "when": one.when,
        "filter": one.filter,
        "damage": one.damage,
        "platform": sentence.platform,
        "true rows": sentence.true_rows,
        "known": sentence.known,
        "records": one.records,
        "verdict": sentence.verdict,
        "rows": f"{sentence.rows:.0f} [{sentence.rows_low:.0f}, {sentence.rows_high:.0f}]",
        "bound": min(sentence.bound, sentence.false_accusation),
        "window": f"{sentence.after or '…'} to {sentence.before or '…'}",
        "day": sentence.day,
    }


def _missed(told: Sequence[Told]) -> list[Told]:
    return [
        (one, sentence)
        for one, sentence in told
        if sentence.enough and sentence.verdict != NAMED and sentence.holds == "values"
    ]


def _mute(told: Sequence[Told]) -> list[Told]:
    return [pair for pair in told if pair[1].holds == "identifiers"]


def _nearest(told: Sequence[Told]) -> list[Told]:
    innocent = [pair for pair in told if pair[1].innocent and min(pair[1].bound, pair[1].false_accusation) < 1]
    return sorted(innocent, key=lambda pair: min(pair[1].bound, pair[1].false_accusation))[:_NEAREST]


def _stated(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """How often the smallest bound on an innocent's values in a dump falls below a level, beside the level.

    Bounds are corrected for the platforms tested, so no more than a share t of the dumps should show a bound of t.
    """
    least = [(each.correlation, min([1.0, *(one.bound for one in each.said if one.innocent)])) for each in outcomes]
    kinds = sorted({correlation for correlation, _ in least})
    return [
        {
            "level": level,
            "dumps": len(least),
            "at most expected": round(level * len(least), 3),
            "below": sum(one <= level for _, one in least),
            **{f"below, correlation {each:g}": sum(c == each and one <= level for c, one in least) for each in kinds},
        }
        for level in LEVELS
    ]


def _accusations(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """Of the sentences with a stated chance of a false accusation in a bin, how many are about innocents."""
    sentences = [sentence for one in outcomes for sentence in one.said]
    rows = []
    for low, high in pairwise((0.0, 1e-9, 1e-6, 1e-4, 1e-2, 1e-1, 0.999, 1.0)):
        chosen = [one for one in sentences if low < one.false_accusation <= high]
        rows.append(
            {
                "stated": f"{low:g} to {high:g}",
                "sentences": len(chosen),
                "expected at most": round(sum(one.false_accusation for one in chosen), 3),
                "innocent": sum(one.innocent for one in chosen),
            }
        )
    return rows


def _chances(bins: Sequence[Sequence[tuple[int, float, int]]]) -> list[dict[str, Any]]:
    rows = []
    for place, (low, high) in enumerate(pairwise(EDGES)):
        count = sum(each[place][0] for each in bins)
        if count:
            stated, right = sum(each[place][1] for each in bins), sum(each[place][2] for each in bins)
            cell = {"stated": f"{low:g} to {high:g}", "records": count}
            rows.append({**cell, "mean stated": round(stated / count, 4), "observed": round(right / count, 4)})
    return rows


def _errors(named: Sequence[Told]) -> list[dict[str, Any]]:
    """Relative row errors of established sources: what of them is newcomers, and what is misjudged."""
    rows = []
    for label, chosen in (
        ("values, left by the newest snapshot", [s for o, s in named if s.holds == "values" and o.when != "after"]),
        ("values, left after it", [s for o, s in named if s.holds == "values" and o.when == "after"]),
        ("identifiers alone", [s for _, s in named if s.holds == "identifiers"]),
    ):
        errors = sorted(one.row_error for one in chosen if one.enough)
        cell = {"sources": label, "count": len(errors), "median": _percent(_median(errors))}
        worst = _percent(errors[int(0.95 * len(errors))]) if errors else "none"
        rows.append({**cell, "95th percentile": worst, "intervals hold": str(share(one.rows_hold for one in chosen))})
    return rows


def _windows(named: Sequence[Told]) -> list[dict[str, Any]]:
    """How narrow the windows of dated rows are, by how many rows a day of joining could show the day."""
    rows = []
    for low, high in pairwise((0.0, 0.1, 0.3, 1.0, 3.0, 1e9)):
        chosen = [one for _, one in named if one.dated and low <= one.joiners < high]
        rows.append(
            {
                "new customers a day in the dump": f"{low:g} to {high:g}" if high < 1e9 else f"{low:g} and more",
                "windows": len(chosen),
                "days wide, median": _days(_median([one.days_wide for one in chosen])),
                "hold": _part(share(bool(kept) for one in chosen if (kept := one.timely) is not None)),
            }
        )
    return rows


def _nulls(outcomes: Sequence[Outcome], of: Callable[[Outcome], str]) -> list[dict[str, Any]]:
    rows = []
    for label in dict.fromkeys(map(of, outcomes)):
        chosen = [one for one in outcomes if of(one) == label]
        guilty = sum(not sentence.innocent for one in chosen for sentence in one.said)
        verdicts = Counter(sentence.verdict for one in chosen for sentence in one.said if sentence.innocent)
        cell = {"group": label, "dumps": len(chosen), "innocents": sum(one.tested for one in chosen) - guilty}
        rows.append({**cell, NAMED: verdicts[NAMED], FITS: verdicts[FITS]})
    return rows


def _sources(told: Sequence[Told], of: Callable[[Told], str], *, enough: bool = True) -> list[dict[str, Any]]:
    guilty = [pair for pair in told if not pair[1].innocent and (pair[1].enough or not enough)]
    rows = []
    for label in sorted(set(map(of, guilty))):
        chosen = [pair for pair in guilty if of(pair) == label]
        named = [sentence for _, sentence in chosen if sentence.verdict == NAMED]
        rows.append(
            {
                "group": label,
                "sources": len(chosen),
                NAMED: _part(share(sentence.verdict == NAMED for _, sentence in chosen)),
                "at least consistent": _part(share(sentence.verdict in {NAMED, FITS} for _, sentence in chosen)),
                "row error, median": _percent(_median([one.row_error for one in named])),
                "intervals hold": _part(share(one.rows_hold for one in named)),
                "windows hold": _part(share(bool(k) for one in named if (k := one.timely) is not None)),
                "days wide, median": _days(_median([one.days_wide for one in named])),
            }
        )
    return rows


def _part(held: Share) -> str:
    return "" if held.value is None else f"{held.value:.1%}"


def _size(rows: int) -> str:
    return next((f"{low:>6,}+" for low in (100_000, 10_000, 1_000, 100, 30) if rows >= low), " under 30")
