"""The killable process in which a parser runs that a hostile file could make abort."""

from __future__ import annotations

import contextlib
import json
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake.confined import OUT_OF_MEMORY

MEMORY = 4 << 30
"""Most bytes of address space the child may take."""
SECONDS = 300.0
"""Longest a child may run."""

_CONFINED = Path(__file__).with_name("confined.py")


def read_in_child(
    script: Path, function: str, exhibit: Exhibit, *, memory: int = MEMORY, seconds: float = SECONDS
) -> Any:
    """What `function(path of the exhibit)` of the Python file `script` returns, run in a process of its own.

    Args:
        script: a file that imports nothing of luobo (it is run by itself, which keeps the start short).
        function: the name of a function in it whose result is JSON.
        exhibit: what it reads.
        memory: greatest address space of the child in bytes.
        seconds: longest run time.

    Raises:
        UnreadableInput: the child died, ran out of memory or time, or its reader failed.
    """
    with tempfile.TemporaryFile() as result:
        channel = result.fileno()
        target = str(exhibit.path.absolute())
        arguments = [str(_CONFINED), str(script), function, target, str(memory), str(channel)]
        child = subprocess.Popen(  # noqa: S603 (our own interpreter and our own script)
            [sys.executable, "-I", *arguments],
            pass_fds=(channel,),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            code = child.wait(seconds)
        except subprocess.TimeoutExpired:
            raise UnreadableInput(
                f"{exhibit.name}: reading it took over {seconds:.0f} seconds and was stopped",
                hint="it may be made to exhaust its reader",
            ) from None
        finally:
            if child.poll() is None:
                child.kill()
                child.wait()
        if code:
            hint = "it is damaged, protected by a password, or made to crash its reader"
            raise UnreadableInput(f"{exhibit.name}: {_cause(code)}", hint=hint)
        result.seek(0)
        return json.load(result)


def _cause(code: int) -> str:
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"its reader died of {signal.Signals(-code).name}"
    return "its reader ran out of memory" if code == OUT_OF_MEMORY else "cannot be read as what it claims to be"
