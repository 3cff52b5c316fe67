"""Is the stated chance of a false accusation true? Invented dumps whose origin is known, traced by the hundred.

    python benchmarks/calibration.py [--reduced] [--jobs N] [--output FOLDER]

Most of the dumps come from platforms nobody registered, most of whose customers a registered platform has too: nobody
may be established for them. The others say how often a true source is established and whether its intervals hold
the truth.
Writes `calibration.json` and `calibration.md` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

# One thread each: the processes share the machine, and small frames gain nothing from more.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from trials import CORRELATIONS, Trial, invented, trials, world_plan

from tracer.attribution.verdict import Source
from tracer.demo import World, invent, truth, write
from tracer.demo.damage import damage
from tracer.demo.styles import styled
from tracer.findings import Findings
from tracer.registration import register
from tracer.tracing import trace
from tracer.vault.vault import Vault

HERE: Final = Path(__file__).parent
LEVELS: Final = (1e-1, 1e-2, 1e-3, 1e-4, 1e-6, 1e-9)
FULL: Final = (16, 16, 12)
"""Worlds, null dumps of each, and dumps with a registered source of each."""
REDUCED: Final = (4, 11, 3)
NAMED: Final = "established"


@dataclass(frozen=True)
class Sentence:
    """What was said of one platform about one dump, beside the truth."""

    world: int
    correlation: float
    dump: int
    kind: str
    content: str
    when: str
    day: str
    written: bool
    tells: bool
    records: int
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

    @property
    def innocent(self) -> bool:
        """Whether nothing came from it."""
        return self.true_rows == 0

    @property
    def row_error(self) -> float:
        """Relative error of its rows."""
        return abs(self.rows - self.true_rows) / self.true_rows

    @property
    def rows_hold(self) -> bool:
        """Whether the interval of its rows holds the truth; it is of whole records."""
        return int(self.rows_low) <= self.true_rows <= -int(-self.rows_high // 1)

    @property
    def timely(self) -> bool:
        """Whether its window holds the true day."""
        return (self.after or "") <= self.day <= (self.before or "9999")

    @property
    def days_wide(self) -> int | None:
        """How long the window is, where it has both ends."""
        if self.after is None or self.before is None:
            return None
        return (date.fromisoformat(self.before) - date.fromisoformat(self.after)).days


def registered(world: World, folder: Path) -> Vault:
    """A vault that holds the tables of a world's registered platforms."""
    vault = Vault.create(folder / "vault")
    table = folder / "table.csv"
    for name in world.registered:
        for day in world.plan.snapshots:
            world.table(name, day).write_csv(table)
            vault, _ = register(vault, table, name, day)
    return vault


def tried(task: tuple[int, int, int]) -> list[Sentence]:
    """Everything said about the dumps of one world."""
    number, nulls, positives = task
    world = invent(world_plan(number))
    with tempfile.TemporaryDirectory() as folder:
        vault = registered(world, Path(folder))
        said = []
        for place, trial in enumerate(trials(world, number, nulls, positives)):
            rows = invented(world, trial)
            findings = _traced(rows, trial, vault, Path(folder) / "dump")
            told = Told(number, place, world, trial, truth(world, rows), findings)
            said += [_sentence(told, one) for one in findings.found]
    return said


def _traced(rows: Any, trial: Trial, vault: Vault, path: Path) -> Findings:
    if trial.written:
        write(rows, path, trial.style)
        return trace(path, vault)
    return trace(styled(damage(rows, trial.style.damage, trial.style.seed), trial.style), vault)


@dataclass(frozen=True)
class Told:
    """One dump: what is true, and what was found."""

    number: int
    """Of the world."""
    place: int
    """Of the dump."""
    world: World
    trial: Trial
    truth: dict[str, Any]
    findings: Findings


def _sentence(told: Told, source: Source) -> Sentence:
    trial, findings, window = told.trial, told.findings, source.window
    values = [one.value for one in source.evidence if one.kind == "values"]
    return Sentence(
        world=told.number,
        correlation=told.world.plan.correlation,
        dump=told.place,
        kind=trial.kind,
        content=trial.content,
        when=trial.when,
        day=trial.day.isoformat(),
        written=trial.written,
        tells=trial.tells,
        records=findings.dump.records,
        platform=source.platform,
        true_rows=told.truth["sources"].get(source.platform, 0),
        verdict=source.verdict.value,
        rows=source.rows,
        rows_low=source.rows_low,
        rows_high=source.rows_high,
        false_accusation=source.false_accusation,
        bound=min([1.0, *(one * len(findings.found) for one in values)]),
        after=window.after.isoformat() if window.after else None,
        before=window.before.isoformat() if window.before else None,
    )


def nulls_by(said: Sequence[Sentence], of: Callable[[Sentence], str]) -> list[dict[str, Any]]:
    """What was said of innocent platforms, grouped."""
    rows = []
    for label in dict.fromkeys(map(of, said)):
        chosen = [one for one in said if of(one) == label and one.innocent]
        verdicts = Counter(one.verdict for one in chosen)
        rows.append(
            {
                "group": label,
                "dumps": len({(one.world, one.dump) for one in chosen}),
                "innocents": len(chosen),
                **{word: verdicts[word] for word in (NAMED, "consistent", "indeterminate", "excluded")},
                "smallest": min((one.false_accusation for one in chosen), default=1.0),
            }
        )
    return rows


def reliability(said: Sequence[Sentence]) -> list[dict[str, Any]]:
    """How often a bound on an innocent's values falls below a level, beside the level itself.

    The smallest of a dump counts: bounds are corrected for the platforms tested, so no more than a share t of the dumps
    should have an innocent platform with a bound of t or less.
    """
    worst: dict[tuple[int, int, float], float] = {}
    for one in said:
        if one.innocent:
            dump = (one.world, one.dump, one.correlation)
            worst[dump] = min(one.bound, worst.get(dump, 1.0))
    rows = []
    for level in LEVELS:
        below = Counter(dump[2] for dump, bound in worst.items() if bound <= level)
        apart = {f"below, correlation {each:g}": below[each] for each in CORRELATIONS}
        rows.append(
            {"level": level, "dumps": len(worst), "expected": level * len(worst), "below": below.total(), **apart}
        )
    return rows


def smallest_bounds(said: Sequence[Sentence]) -> list[dict[str, Any]]:
    """The innocents that came nearest to being named."""
    nearest = sorted((one for one in said if one.innocent and one.bound < 1), key=lambda one: one.bound)[:15]
    names = ("bound", "verdict", "correlation", "kind", "content", "records", "world", "dump", "platform")
    return [{name: getattr(one, name) for name in names} for one in nearest]


def positives_by(said: Sequence[Sentence], of: Callable[[Sentence], str]) -> list[dict[str, Any]]:
    """What was said of true sources, grouped."""
    guilty = [one for one in said if not one.innocent]
    return [
        {"group": label, **_positive([one for one in guilty if of(one) == label])}
        for label in dict.fromkeys(map(of, guilty))
    ]


def _positive(chosen: Sequence[Sentence]) -> dict[str, Any]:
    named = [one for one in chosen if one.verdict == NAMED]
    large = [one.row_error for one in named if one.true_rows >= 30]
    widths = [one.days_wide for one in named if one.days_wide is not None]
    fits = sum(one.verdict in {NAMED, "consistent"} for one in chosen)
    return {
        "sources": len(chosen),
        "established": _share(len(named), len(chosen)),
        "at least consistent": _share(fits, len(chosen)),
        "row error, median": round(median(large), 4) if large else None,
        "row error, greatest": round(max(large), 4) if large else None,
        "rows in interval": _share(sum(one.rows_hold for one in named), len(named)),
        "day in window": _share(sum(one.timely for one in named), len(named)),
        "closed windows": len(widths),
        "days wide, median": median(widths) if widths else None,
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None


def size_class(one: Sentence) -> str:
    """Rows of a true source, in classes."""
    return next((f"{low}+" for low in (1000, 100, 30, 10) if one.true_rows >= low), "under 10")


def report(said: Sequence[Sentence], seconds: float) -> dict[str, Any]:
    """All tables."""
    telling = [one for one in said if one.tells]
    return {
        "worlds": len({one.world for one in said}),
        "dumps": len({(one.world, one.dump) for one in said}),
        "null dumps": len({(one.world, one.dump) for one in said if one.kind in {"unregistered", "invented"}}),
        "seconds": round(seconds, 1),
        "established innocents": [asdict(one) for one in said if one.innocent and one.verdict == NAMED],
        "nulls by kind": nulls_by(said, lambda one: one.kind),
        "nulls by content": nulls_by(said, lambda one: one.content),
        "nulls by correlation": nulls_by(said, lambda one: f"{one.correlation}"),
        "reliability": reliability(said),
        "innocents that came nearest": smallest_bounds(said),
        "sources that tell, by rows": sorted(positives_by(telling, size_class), key=lambda row: str(row["group"])),
        "sources by content": positives_by(said, lambda one: one.content),
        "sources by day": positives_by(telling, lambda one: one.when),
        "sources by correlation": positives_by(telling, lambda one: f"{one.correlation}"),
        "sources in mixtures": positives_by(telling, lambda one: one.kind),
    }


def markdown(figures: dict[str, Any]) -> str:
    """The tables for people."""
    named = len(figures["established innocents"])
    head = (
        f"# Calibration\n\n{figures['dumps']} invented dumps in {figures['worlds']} worlds, {figures['null dumps']} of "
        f"them without a registered source; limits correlate {CORRELATIONS[0]:g} to {CORRELATIONS[-1]:g} between "
        f"platforms. Innocent platforms established: **{named}**. {figures['seconds']} s.\n"
    )
    tables = [
        f"\n## {title.capitalize()}\n\n{_table(rows)}"
        for title, rows in figures.items()
        if isinstance(rows, list) and rows
    ]
    return head + "".join(tables)


def _table(rows: Iterable[dict[str, Any]]) -> str:
    rows = list(rows)
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([_cell(cell) for cell in row.values()] for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _cell(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:.3g}" if isinstance(cell, float) else str(cell)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--reduced", action="store_true", help="a tenth of it, as the tests run it")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--output", type=Path, default=HERE / "results")
    options = parser.parse_args()
    worlds, nulls, positives = REDUCED if options.reduced else FULL
    begun = perf_counter()
    tasks = [(number, nulls, positives) for number in range(worlds)]
    if options.jobs == 1:
        said = [one for task in tasks for one in tried(task)]
    else:
        with ProcessPoolExecutor(options.jobs, multiprocessing.get_context("spawn")) as pool:
            said = [one for part in pool.map(tried, tasks) for one in part]
    figures = report(said, perf_counter() - begun)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "calibration.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    text = markdown(figures)
    (options.output / "calibration.md").write_text(text, "utf-8")
    print(text)


if __name__ == "__main__":
    main()
