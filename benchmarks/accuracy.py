"""Does what a trace says hold? Thousands of invented dumps in many regimes, each traced, each beside its truth.

    python benchmarks/accuracy.py [--jobs N] [--only REGIME]… [--limit N] [--so-far] [--page FILE] [--output FOLDER]

Every finished dump is a line in `benchmarks/work/accuracy-….jsonl`, so that a run which was broken off goes on where it
was; the file is named after the code that was measured, so that changed code is measured anew.
Writes `accuracy.json` to `benchmarks/results/`, and the page `docs/accuracy.md`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import os
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from time import perf_counter
from typing import Final

# One thread each: the processes share the machine, and small frames gain nothing from more.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

from accuracy_page import page
from outcomes import Case, Outcome, judge, outcome_from
from regimes import REGIMES, invented, trials
from reliability import figures

from tracer.demo import World, invent, write
from tracer.demo.chance import generator
from tracer.demo.damage import damage
from tracer.demo.styles import styled
from tracer.findings import Findings
from tracer.registration import register
from tracer.tracing import trace
from tracer.vault.vault import Vault

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parent
Key = tuple[str, int, int]
"""Regime, world, dump."""
_A_FEW: Final = 16
_LONG: Final = ("large", "crowd", "dates")


def measured() -> str:
    """A name of the code that is measured: twelve hexadecimal digits, changed by any change to it."""
    digest = hashlib.sha256()
    sources = [path for path in (ROOT / "tracer").rglob("*.py") if "cli" not in path.parts]
    for path in sorted([*sources, HERE / "regimes.py", HERE / "outcomes.py"]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def mend(book: Path) -> None:
    """Cut off a last line that was broken off."""
    if book.exists():
        text = book.read_bytes()
        book.write_bytes(text[: text.rfind(b"\n") + 1])


def read(book: Path) -> dict[Key, Outcome]:
    """The outcomes in a file."""
    lines = book.read_text("utf-8").splitlines() if book.exists() else []
    return {one.key: one for one in map(outcome_from, lines)}


def wanted(only: Sequence[str], limit: int | None) -> list[Key]:
    """The dumps to trace; of a limited run every regime's share, from as many worlds as a few dumps each allow."""
    chosen = [regime for regime in REGIMES if not only or regime.name in only]
    whole = sum(regime.worlds * regime.dumps for regime in chosen)
    keys: list[Key] = []
    for regime in chosen:
        of_regime = [(regime.name, world, dump) for world in range(regime.worlds) for dump in range(regime.dumps)]
        of_regime.sort(key=lambda key: (key[2] // _A_FEW, key[1]))
        keys += of_regime[: len(of_regime) if limit is None else -(-len(of_regime) * limit // whole)]
    return keys


def run(name: str, number: int, places: frozenset[int], book: Path) -> int:
    """Trace the dumps of one world at these places; each outcome is appended to the book as soon as it is there."""
    regime = next(regime for regime in REGIMES if regime.name == name)
    world = invent(regime.plan(number, generator(name, number)))
    with tempfile.TemporaryDirectory() as folder:
        vault = registered(world, Path(folder))
        for place, trial in enumerate(trials(regime, world, number)):
            if place not in places:
                continue
            case = Case(regime, number, place, world, trial, invented(world, trial))
            begun = perf_counter()
            findings = traced(case, vault, Path(folder) / "dump")
            outcome = judge(case, findings, perf_counter() - begun)
            with book.open("a", encoding="utf-8") as stream:
                stream.write(outcome.line())
    return len(places)


def registered(world: World, folder: Path) -> Vault:
    """A vault that holds the tables of a world's registered platforms."""
    vault = Vault.create(folder / "vault")
    table = folder / "table.csv"
    for name in world.registered:
        for day in world.plan.snapshots:
            world.table(name, day).write_csv(table)
            vault, _ = register(vault, table, name, day)
    return vault


def traced(case: Case, vault: Vault, path: Path) -> Findings:
    """What is found in a dump, as a file or as a frame."""
    style = case.trial.style
    if case.trial.written:
        write(case.rows, path, style)
        return trace(path, vault)
    return trace(styled(damage(case.rows, style.damage, style.seed), style), vault)


def parallel(keys: Sequence[Key], book: Path, jobs: int) -> None:
    """Trace dumps in several processes, a world at a time."""
    by_world: dict[tuple[str, int], set[int]] = {}
    for name, number, place in keys:
        by_world.setdefault((name, number), set()).add(place)
    done, begun = 0, perf_counter()
    # The longest first, so that no process is left alone with them at the end.
    tasks = sorted(by_world.items(), key=lambda task: task[0][0] not in _LONG and jobs > 1)
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        futures = [pool.submit(run, *world, frozenset(places), book) for world, places in tasks]
        for future in as_completed(futures):
            done += future.result()
            print(f"{done} of {len(keys)} dumps, {perf_counter() - begun:.0f} s", file=sys.stderr)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", action="append", default=[], choices=[one.name for one in REGIMES], metavar="REGIME")
    parser.add_argument("--limit", type=int, metavar="N", help="so many dumps, of all regimes")
    parser.add_argument("--so-far", action="store_true", help="trace nothing more; show what has been traced")
    parser.add_argument("--page", type=Path, default=ROOT / "docs" / "accuracy.md")
    parser.add_argument("--output", type=Path, default=HERE / "results")
    parser.add_argument("--work", type=Path, default=HERE / "work")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    book = options.work / f"accuracy-{measured()}.jsonl"
    keys = wanted(options.only, options.limit)
    mend(book)
    done = read(book)
    missing = [key for key in keys if key not in done]
    if missing and not options.so_far:
        parallel(missing, book, options.jobs)
    outcomes = [one for key, one in sorted(read(book).items()) if key in set(keys)]
    found = figures(outcomes)
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "accuracy.json").write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", "utf-8")
    options.page.write_text(page(found), "utf-8")
    print(page(found))


if __name__ == "__main__":
    main()
