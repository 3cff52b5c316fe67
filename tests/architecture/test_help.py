from __future__ import annotations

import subprocess
import sys
import time

HEAVY = ("polars", "pandas", "numpy", "pyarrow", "rich", "cryptography", "datasketch", "networkx")
BAR = 0.3
"""Seconds `luobo --help` may take."""

ASK = f"""
import sys
from tracer.cli.main import main
main(["--help"])
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""


def test_help_imports_nothing_heavy() -> None:
    """`luobo --help` loads none of the libraries that the work itself needs."""
    run = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert run.stderr == "[]\n"


def test_help_is_there_at_once() -> None:
    """`luobo --help` answers within the bar; the best of five, for other programs may be busy."""
    command = [sys.executable, "-m", "tracer.cli.main", "--help"]
    best = BAR + 1
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(command, capture_output=True, check=True)
        best = min(best, time.perf_counter() - start)
    assert best <= BAR


def test_a_trace_loads_only_what_it_needs() -> None:
    """What a trace loads before it begins holds no library that only few traces need."""
    late = ("datasketch", "scipy.stats", "pyspark")
    ask = f"import sys, tracer.tracing; print([one for one in {late!r} if one in sys.modules])"
    run = subprocess.run([sys.executable, "-c", ask], capture_output=True, text=True, check=True)
    assert run.stdout == "[]\n"
