"""Sample worlds with their truth: every dump is traced, and what was found stands beside what is true.

    python benchmarks/accuracy_worlds.py [WORLDS] [--json] [--output FOLDER]

WORLDS holds folders with `platforms/NAME/DATE.csv`, `dumps/`, `chains/` and `truth.json`; if left out it is
`../shared/worlds`.
Writes `accuracy_worlds.json` and `accuracy_worlds.md` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

from tracer.attribution.standing import Verdict
from tracer.findings import Findings
from tracer.registration import register
from tracer.tracing import trace
from tracer.vault.vault import Vault

HERE: Final = Path(__file__).parent
WORLDS: Final = HERE.parent.parent / "shared" / "worlds"
TELLING: Final = frozenset({"product", "limit", "amount", "account", "datetime"})
"""Roles of columns that only a platform can know of its customer."""
FEW: Final = 30
"""Rows from which a source is to be found."""


@dataclass(frozen=True)
class Truth:
    """What is true of a dump."""

    file: str
    kind: str
    sources: dict[str, int | None]
    """True registered sources → rows, None where the truth does not say."""
    unregistered: int
    day: str | None
    """When the records left; None where the truth only says when the dump was first seen."""


@dataclass(frozen=True)
class Answer:
    """What was found of one true source."""

    platform: str
    verdict: str
    true_rows: int | None
    rows: float
    rows_low: float
    rows_high: float
    after: str | None
    before: str | None

    @property
    def error(self) -> float | None:
        """Relative error of its rows, where they are enough to speak of one."""
        if self.true_rows is None or self.true_rows < FEW:
            return None
        return abs(self.rows - self.true_rows) / self.true_rows


@dataclass(frozen=True)
class Outcome:
    """One dump: what is true, and what was found."""

    world: str
    truth: Truth
    tells: bool
    records: int
    seconds: float
    answers: tuple[Answer, ...]
    innocents: tuple[str, ...]
    """Platforms that were established and supplied nothing."""

    def timely(self, answer: Answer) -> bool | None:
        """Whether the window of an established source holds the true day; None where there is nothing to judge."""
        day = self.truth.day
        if day is None or answer.verdict != Verdict.ESTABLISHED or (answer.after is None and answer.before is None):
            return None
        return (answer.after or "") <= day <= (answer.before or "9999")


def truths(told: dict[str, Any]) -> Iterator[Truth]:
    """Every seized dump of a world's `truth.json`."""
    for case in told["attribution"]:
        strangers = sum(case["unregistered"].values())
        yield Truth(case["file"], case["kind"], dict(case["sources"]), strangers, case["day"])
    for chain in told["chains"]:
        for node in chain["nodes"]:
            if node["file"]:
                known: dict[str, int | None] = {root: None for root in node["roots"] if root in told["registered"]}
                yield Truth(node["file"], f"chain-{node['op']}", known, len(node["roots"]) - len(known), None)


def registered(world: Path, folder: Path) -> Vault:
    """A vault that holds every snapshot of a world."""
    vault = Vault.create(folder)
    for table in sorted((world / "platforms").glob("*/*.csv")):
        vault, _ = register(vault, table, table.parent.name, date.fromisoformat(table.stem))
    return vault


def outcomes(world: Path, folder: Path) -> Iterator[Outcome]:
    """Trace every dump of a world; the vault is made in `folder`."""
    told = json.loads((world / "truth.json").read_text("utf-8"))
    vault = registered(world, folder)
    for true in truths(told):
        begun = perf_counter()
        findings = trace(world / true.file, vault)
        yield _outcome(world.name, true, findings, perf_counter() - begun)


def _outcome(world: str, true: Truth, findings: Findings, seconds: float) -> Outcome:
    found = {one.platform: one for one in findings.found}
    answers = []
    for name, rows in true.sources.items():
        one = found[name]
        after, before = (edge.isoformat() if edge else None for edge in (one.window.after, one.window.before))
        answers.append(Answer(name, one.verdict.value, rows, one.rows, one.rows_low, one.rows_high, after, before))
    named = tuple(one.platform for one in findings.established if one.platform not in true.sources)
    tells = any(column.role.value in TELLING for column in findings.dump.columns)
    return Outcome(world, true, tells, findings.dump.records, seconds, tuple(answers), named)


def totals(found: Sequence[Outcome]) -> dict[str, Any]:
    """The figures that matter, over all dumps."""
    pairs = [(one, answer) for one in found for answer in one.answers]
    enough = [(one, answer) for one, answer in pairs if (answer.true_rows or one.records) >= FEW]
    telling = [answer.verdict == Verdict.ESTABLISHED for one, answer in enough if one.tells]
    mute = [answer.verdict in {Verdict.ESTABLISHED, Verdict.CONSISTENT} for one, answer in enough if not one.tells]
    errors = [answer.error for one, answer in pairs if one.tells and answer.error is not None]
    all_errors = [answer.error for _, answer in pairs if answer.error is not None]
    held = [a.rows_low <= a.true_rows <= a.rows_high for _, a in pairs if a.true_rows is not None]
    windows = [kept for one, answer in pairs if (kept := one.timely(answer)) is not None]
    foreign = [not one.innocents for one in found if not one.answers]
    return {
        "dumps": len(found),
        "innocents established": sum(len(one.innocents) for one in found),
        "true sources with values established": _share(telling),
        "true sources without values at least consistent": _share(mute),
        "median relative row error, with values": median(errors) if errors else None,
        "median relative row error, all": median(all_errors) if all_errors else None,
        "greatest relative row error, with values": max(errors, default=None),
        "row intervals that hold the truth": _share(held),
        "windows that hold the true day": _share(windows),
        "dumps without a registered source that name nobody": _share(foreign),
        "seconds of tracing": round(sum(one.seconds for one in found), 1),
    }


def _share(held: Sequence[bool]) -> str:
    return f"{sum(held)} of {len(held)}" + (f" ({sum(held) / len(held):.1%})" if held else "")


def markdown(found: Sequence[Outcome], figures: dict[str, Any]) -> str:
    """Totals and a line a dump."""
    lines = ["# Accuracy on the sample worlds", "", "| | |", "| --- | --- |"]
    lines += [
        f"| {name} | {value:.4f} |" if isinstance(value, float) else f"| {name} | {value} |"
        for name, value in figures.items()
    ]
    lines += [
        "",
        "| dump | kind | records | truth | found | window | day | s |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for one in found:
        true = (
            ", ".join(f"{name} {rows or ''}".strip() for name, rows in one.truth.sources.items()) or "nobody registered"
        )
        told = [f"{a.platform} {a.verdict} {a.rows:.0f} [{a.rows_low:.0f}, {a.rows_high:.0f}]" for a in one.answers]
        told += [f"**{name} established, innocent**" for name in one.innocents]
        when = ", ".join(f"{a.after or '…'} to {a.before or '…'}" for a in one.answers if one.truth.day)
        cells = (f"{one.world}/{one.truth.file}", one.truth.kind, str(one.records), true, "; ".join(told) or "nobody")
        lines.append("| " + " | ".join((*cells, when, one.truth.day or "", f"{one.seconds:.1f}")) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("worlds", type=Path, nargs="?", default=WORLDS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    parser.add_argument("--output", type=Path, default=HERE / "results")
    options = parser.parse_args()
    folders = sorted(truth.parent for truth in options.worlds.glob("*/truth.json"))
    if not folders:
        sys.exit(f"{options.worlds}: no folder in it holds a truth.json")
    found = []
    for world in folders:
        with tempfile.TemporaryDirectory() as folder:
            found += list(outcomes(world, Path(folder) / "vault"))
    figures = totals(found)
    text = json.dumps({"totals": figures, "dumps": [asdict(one) for one in found]}, ensure_ascii=False, indent=1) + "\n"
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "accuracy_worlds.json").write_text(text, "utf-8")
    (options.output / "accuracy_worlds.md").write_text(markdown(found, figures), "utf-8")
    print(text if options.json else markdown(found, figures))


if __name__ == "__main__":
    main()
