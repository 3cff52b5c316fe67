"""Environments of their own for peers, whose packages might not go with ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

WORK = Path(__file__).parent / "work"


def environment(name: str, packages: Sequence[str]) -> Path:
    """The interpreter of an environment with these packages, which is made if it is not there."""
    folder = WORK / f"{name}-environment"
    python, told = folder / "bin" / "python", folder / "packages"
    if not told.exists() or told.read_text("utf-8").split() != list(packages):
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        subprocess.run([python, "-m", "pip", "--disable-pip-version-check", "install", "-q", *packages], check=True)
        told.write_text("\n".join(packages), "utf-8")
    return python
