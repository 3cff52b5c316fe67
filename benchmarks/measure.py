"""What a command costs: wall time, processor time and memory of a fresh process and of all it starts.

Only the standard library is imported here: on Linux a child's peak memory is never reported below that of the process
that started it.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

_KIB = 1 if sys.platform != "darwin" else 1 / 1024
_EVERY = 0.05


@dataclass(frozen=True)
class Cost:
    """One run of a command, or the middle one of several."""

    wall: float
    """Seconds."""
    cpu: float
    """Seconds of user and system time, its children's included."""
    peak_mib: float
    """Most memory held at once, MiB. One process: the kernel's own figure (ru_maxrss). A command that starts others:
    the most seen of their proportional sets together (Pss, sampled 20 times a second), where that is more."""
    code: int
    output: str
    """What it wrote to stdout."""
    errors: str
    """The last it wrote to stderr."""


RESULTS = Path(__file__).parent / "results"


def publish(name: str, figures: Any, page: str) -> None:
    """Keep what was measured: for machines in `results/NAME.json`, for people in `results/NAME.md`."""
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    (RESULTS / f"{name}.md").write_text(page, "utf-8")


def measured(command: Sequence[str | os.PathLike[str]], *, repeat: int = 1) -> Cost:
    """Run a command `repeat` times, each in a fresh process; the run of median wall time."""
    runs = sorted((_once(command) for _ in range(repeat)), key=lambda cost: cost.wall)
    return next((run for run in runs if run.code), runs[statistics.median_low(range(len(runs)))])


def _once(command: Sequence[str | os.PathLike[str]]) -> Cost:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        seen, done = [0.0], threading.Event()
        begun = perf_counter()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True)
        watch = threading.Thread(target=_watch, args=(child.pid, seen, done), daemon=True)
        watch.start()
        # wait4 counts the child and every process it waited for.
        _, status, usage = os.wait4(child.pid, 0)
        wall = perf_counter() - begun
        done.set()
        watch.join()
        child.returncode = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, err):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    peak = max(usage.ru_maxrss * _KIB / 1024, seen[0])
    return Cost(wall, usage.ru_utime + usage.ru_stime, peak, child.returncode, texts[0], texts[1][-2000:])


def _watch(session: int, seen: list[float], done: threading.Event) -> None:
    """Note the most memory that a family of two or more processes holds together, MiB."""
    while not done.wait(_EVERY):
        family = [each for each in Path("/proc").glob("[0-9]*") if _session(each) == session]
        if len(family) > 1:
            seen[0] = max(seen[0], sum(map(_pss, family)))


def _session(process: Path) -> int:
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[3])
    except (OSError, IndexError, ValueError):
        return -1


def _pss(process: Path) -> float:
    try:
        lines = (process / "smaps_rollup").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:")), 0.0)
