from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_layers_hold(root: Path) -> None:
    """Every import obeys the layers of docs/design.md, as pyproject.toml writes them down."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
