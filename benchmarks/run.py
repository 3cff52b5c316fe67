"""Every benchmark, one after the other; the results are files in `benchmarks/results`.

    python benchmarks/run.py [WORLDS]

`accuracy_worlds.py` needs a folder of sample worlds with their truth and is left out where there is none. The accuracy
programme takes up to an hour: `make accuracy` runs it.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> int:
    """Run them; the first failure ends it."""
    worlds = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE.parent.parent / "shared" / "worlds"
    runs = [
        ["intake.py"],
        ["hostile.py"],
        ["peers.py"],
        ["linkage_damage.py"],
        ["shortlist.py"],
        ["selection.py"],
        ["few_records.py"],
        ["many_platforms.py"],
        ["huge_dump.py"],
        ["febrl.py"],
        ["comparison_regimes.py"],
        ["comparison_scale.py"],
        ["adverts.py"],
        ["campaigns.py"],
        ["removal.py"],
        ["chats.py"],
        ["aliases.py"],
        ["canary_bars.py"],
        ["canary_realism.py"],
        ["canary_codes.py"],
        ["lineage_families.py"],
        ["custody_flips.py"],
        ["custody_kills.py"],
        ["custody_markers.py"],
        ["custody_speed.py"],
        ["custody_page.py"],
        ["report.py"],
        ["registration.py"],
        ["spark_scaling.py"],
    ]
    if worlds.is_dir():
        runs.insert(0, ["accuracy_worlds.py", str(worlds)])
    for script, *arguments in runs:
        print(f"== {script}", file=sys.stderr)
        code = subprocess.run([sys.executable, HERE / script, *arguments], check=False).returncode
        if code:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main())
