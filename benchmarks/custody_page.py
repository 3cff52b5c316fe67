"""The page `results/custody.md`, out of what the custody benchmarks wrote."""

from __future__ import annotations

import json
from pathlib import Path

RESULTS = Path(__file__).with_name("results")


def told(name: str) -> dict[str, dict[str, object]]:
    """What a benchmark wrote; nothing where it was not run."""
    path = RESULTS / f"custody_{name}.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def table(title: str, facts: dict[str, object] | None) -> str:
    """One table of figures."""
    if not facts:
        return f"## {title}\n\nNot run.\n"
    rows = "\n".join(f"| {name.replace('_', ' ')} | {value} |" for name, value in facts.items())
    return f"## {title}\n\n| | |\n|---|---|\n{rows}\n"


def main() -> None:
    """Write the page."""
    flips, kills, speed = told("flips"), told("kills"), told("speed")
    parts = [
        "# Custody: what was attacked, killed, filled and timed\n",
        "Two shared cores, the speeds measured while nothing else ran; `custody_flips.py`, `custody_kills.py`,",
        "`custody_markers.py`, `custody_speed.py`.\n",
        table("Structured attacks, twenty cases", flips.get("structured")),
        table("Single bits flipped", flips.get("flips")),
        table("Two writers killed (SIGKILL)", kills.get("kills")),
        table("A disk that is full, every size from 16 KiB to enough", kills.get("full_disk")),
        table("Marker people", told("markers")),
        table("A bundle of 1 GB", speed.get("large")),
        table("A journal of 100,000 entries", speed.get("long")),
    ]
    (RESULTS / "custody.md").write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
