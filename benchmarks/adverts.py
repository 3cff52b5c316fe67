"""How well adverts are read: F1 of every field on the labelled texts, the third that was kept aside apart.

Prints and writes `results/adverts.json` and `.md`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from measure import publish

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.graphs.market.labelled import labelled, scores  # noqa: E402 (the texts lie with the tests)


def main() -> int:
    """Measure, print, write."""
    figures = {name: scores(labelled(name)) for name in ("seen", "aside")}
    names = list(figures["seen"])
    lines = [
        f"| {name.replace('_', ' ')} | {figures['seen'][name]:.3f} | {figures['aside'][name]:.3f} |" for name in names
    ]
    head = "F1 on 179 texts written before the rules; `aside` was looked at once, when the rules were finished."
    text = f"# Adverts\n\n{head}\n\n| | seen | aside |\n|---|---|---|\n" + "\n".join(lines) + "\n"
    publish("adverts", figures, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
