"""Run by `child` as a program of its own: one reader function on one file, under limits, its result as JSON.

It imports nothing of luobo, so that it starts in a twentieth of a second.
"""

from __future__ import annotations

import json
import os
import runpy
import sys

OUT_OF_MEMORY, FAILED = 3, 4
"""Exit codes."""


def main(script: str, function: str, path: str, memory: str, descriptor: str) -> int:
    """Call `function(path)` of the file `script` and write what it returns to the open `descriptor`."""
    try:
        import resource  # noqa: PLC0415 (not every system has it)

        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass  # where the system has no such limits, the time limit and the process border remain
    try:
        outcome = runpy.run_path(script)[function](path)
        with os.fdopen(int(descriptor), "w", encoding="utf-8", errors="replace") as result:
            json.dump(outcome, result, ensure_ascii=False)
    except MemoryError:
        return OUT_OF_MEMORY
    except Exception:  # noqa: BLE001 (the parser's words may quote the file: none of them leave this process)
        return FAILED
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
