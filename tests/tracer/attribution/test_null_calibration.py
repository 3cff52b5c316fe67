from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="module")
def figures(root: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The reduced calibration, run as its users run it."""
    folder = tmp_path_factory.mktemp("calibration")
    script = root / "benchmarks" / "calibration.py"
    command: list[str | Path] = [sys.executable, "-W", "error", script, "--reduced", "--jobs", "1", "--output", folder]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=root)
    assert done.returncode == 0, done.stderr[-2000:]
    told: dict[str, Any] = json.loads((folder / "calibration.json").read_text("utf-8"))
    return told


def test_no_innocent_is_established(figures: dict[str, Any]) -> None:
    """Of 40 dumps and more from platforms nobody registered, and mixtures with such, none names an innocent one."""
    assert figures["null dumps"] >= 40
    assert figures["established innocents"] == []


def test_bounds_are_no_smaller_than_chance_allows(figures: dict[str, Any]) -> None:
    """Innocents' bounds fall below a level no more often than it says, three standard deviations allowed."""
    for row in figures["reliability"]:
        expected = row["expected"]
        assert row["below"] <= expected + 3 * expected**0.5 + (1 if expected > 0.01 else 0)


def test_true_sources_are_established(figures: dict[str, Any]) -> None:
    """Of the sources of 30 rows and more whose dumps hold a value, at least nine in ten are established."""
    rows = [row for row in figures["sources that tell, by rows"] if row["group"] in {"30+", "100+", "1000+"}]
    assert sum(row["established"] * row["sources"] for row in rows) >= 0.9 * sum(row["sources"] for row in rows)


def test_windows_hold_the_true_days(figures: dict[str, Any]) -> None:
    """At least nine in ten windows of established sources hold the day the records left."""
    rows = figures["sources that tell, by rows"]
    held = [(row["day in window"] or 0.0, row["sources"]) for row in rows if row["established"]]
    assert sum(share * count for share, count in held) >= 0.9 * sum(count for _, count in held)
