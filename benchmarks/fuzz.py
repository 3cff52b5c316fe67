"""Every reader under atheris, one after the other; a crash of the parent is kept as a file and counted.

    python benchmarks/fuzz.py [--minutes N] [--only READER …]      # needs: pip install atheris
    python benchmarks/fuzz.py --seeds                               # write the seeds anew from the tests' corpus

Seeds lie in `benchmarks/seeds/READER`; what is found on the way is kept in `benchmarks/work/fuzz/READER` and used
again. Each reader's figures are added to `benchmarks/results/fuzz.json` and `fuzz.md` as it ends.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from typing import Any

HERE = Path(__file__).parent
SEEDS, WORK, RESULTS = HERE / "seeds", HERE / "work" / "fuzz", HERE / "results"
READERS = (
    "Workbook", "Sqlite", "VCard", "Markup", "Xml", "JsonLines", "JsonDocument", "SqlDump", "Labelled", "Stanzas",
    "Delimited", "SheetParts", "Archives",
)  # fmt: skip
LONGEST = 16_384
"""Bytes of an input."""
MOST_SEEDS, LARGEST_SEED = 6, 12_000


def fuzz(reader: str, minutes: float) -> dict[str, Any]:
    """Run one reader's target for so long, again after every crash; what came of it."""
    found = WORK / reader
    found.mkdir(parents=True, exist_ok=True)
    begun, runs, crashes = monotonic(), [], 0
    while (left := 60 * minutes - (monotonic() - begun)) > 5:
        statistics = WORK / f"{reader}.json"
        statistics.write_text("{}", encoding="utf-8")
        command = [
            sys.executable, HERE / "fuzz_target.py", reader, statistics, f"-max_total_time={int(left)}",
            f"-max_len={LONGEST}", "-timeout=60", "-rss_limit_mb=4096", "-verbosity=0",
            f"-artifact_prefix={WORK}/{reader}-", found, SEEDS / reader,
        ]  # fmt: skip
        with tempfile.TemporaryFile() as said:
            alone = os.environ | {"POLARS_MAX_THREADS": "1"}
            code = subprocess.run(list(map(str, command)), stdout=said, stderr=said, env=alone, check=False).returncode
            if code:
                crashes += 1
                said.seek(0)
                (WORK / f"{reader}-crash-{crashes}.txt").write_bytes(said.read()[-20_000:])
        runs.append(json.loads(statistics.read_text(encoding="utf-8")))
    raised: dict[str, int] = {}
    for run in runs:
        for place, times in run.get("raised", {}).items():
            raised[place] = raised.get(place, 0) + times
    totals = {
        key: sum(run.get(key, 0) for run in runs) for key in ("executions", "understood", "read", "refused", "broken")
    }
    return {
        "reader": reader, "minutes": round((monotonic() - begun) / 60, 1), **totals, "raised": raised,
        "crashes": crashes, "on": datetime.now(UTC).date().isoformat(),
    }  # fmt: skip


def write_seeds() -> None:
    """The smallest files of the corpus for each reader."""
    sys.path.insert(0, str(HERE.parent))
    from tests.tracer.intake import packed  # noqa: PLC0415 (only here)
    from tests.tracer.intake.readable import CASES  # noqa: PLC0415
    from tracer.intake.archives.compressed import compression_of  # noqa: PLC0415
    from tracer.intake.archives.walk import _ARCHIVES  # noqa: PLC0415
    from tracer.intake.member import Member  # noqa: PLC0415
    from tracer.intake.shapes import shape_of  # noqa: PLC0415

    assert packed.CSV  # its cases are in the corpus
    kinds: dict[str, list[tuple[int, str, bytes]]] = {reader: [] for reader in READERS}
    for case in CASES:
        with tempfile.TemporaryFile(buffering=0) as file:
            file.write(case.content)
            member = Member(case.name, file, len(case.content))
            head = member.head()
            archive = compression_of(head) or any(kind.recognises(member, head) for kind in _ARCHIVES)
            kind = "Archives" if archive else type(shape_of(member)).__name__
        kinds[kind].append((len(case.content), case.name, case.content))
    kinds["SheetParts"] = kinds["Workbook"]
    kinds["Sqlite"] = [(0, "small_pages", _database())]
    shutil.rmtree(SEEDS, ignore_errors=True)
    for kind, files in kinds.items():
        (SEEDS / kind).mkdir(parents=True)
        for size, name, content in sorted(files)[:: max(1, len(files) // MOST_SEEDS)][:MOST_SEEDS]:
            if size <= LARGEST_SEED:
                (SEEDS / kind / name).write_bytes(content)


def _database() -> bytes:
    """An SQLite database of small pages: those of the corpus are too large to be changed byte by byte."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "seed.db"
        with contextlib.closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA page_size = 512")
            database.execute("CREATE TABLE loans (name TEXT, phone TEXT, amount REAL)")
            database.executemany(
                "INSERT INTO loans VALUES (?, ?, ?)", [("张三", f"1380000{i:04d}", i) for i in range(9)]
            )
            database.execute("CREATE VIEW v AS SELECT phone FROM loans")
            database.commit()
        return path.read_bytes()


def keep(figures: dict[str, Any]) -> None:
    """Add one reader's figures to the results."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "fuzz.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else []
    known = [one for one in known if one["reader"] != figures["reader"]] + [figures]
    known.sort(key=lambda one: READERS.index(one["reader"]))
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    lines = [
        (
            "| reader | minutes | executions | understood by the parent | of these refused | deaths of the reader "
            "| crashes of the parent |"
        ),
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    lines += [
        f"| {one['reader']} | {one['minutes']} | {one['executions']:,} | {one['understood']:,} | {one['refused']:,} "
        f"| {one['broken']:,} | {one['crashes']} |"
        for one in known
    ]
    (RESULTS / "fuzz.md").write_text("\n".join(lines) + "\n", encoding="utf-8")


def main() -> int:
    """Fuzz the readers that were named, or all."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=10, help="of each reader (default 10)")
    parser.add_argument("--only", nargs="*", default=READERS, choices=READERS, metavar="READER")
    parser.add_argument("--seeds", action="store_true", help="write the seeds anew and stop")
    options = parser.parse_args()
    if options.seeds:
        write_seeds()
        return 0
    crashes = 0
    for reader in options.only:
        figures = fuzz(reader, options.minutes)
        keep(figures)
        crashes += figures["crashes"]
        print(f"{reader}: {figures['executions']:,} executions, {figures['crashes']} crashes", file=sys.stderr)
    return int(crashes > 0)


if __name__ == "__main__":
    sys.exit(main())
