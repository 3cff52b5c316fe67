"""Work in a process of its own that may be killed, forked from one that has loaded everything to start at once."""

from __future__ import annotations

import io
import itertools
import multiprocessing
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from tracer.cli.main import main
from tracer.errors import TracerError
from tracer.vault.snapshot import Snapshot
from tracer.vault.vault import Vault

PATIENCE = 120
"""Seconds after which a test gives up on a process."""


@dataclass(frozen=True)
class Ended:
    """What a run of luobo left behind."""

    code: int
    out: str
    err: str


def context() -> ForkServerContext:
    """Where processes come from. The server itself computes nothing, so that what it forks is whole."""
    made = multiprocessing.get_context("forkserver")
    made.set_forkserver_preload(["tests.tracer.apart", "tracer.cli.vault", "tracer.tracing"])
    return made


def start(work: Callable[..., object], *arguments: Any) -> ForkServerProcess:
    """Start `work` of an importable module in a process of its own."""
    process = context().Process(target=work, args=arguments, daemon=True)
    process.start()
    return process


def finish(process: ForkServerProcess) -> int:
    """Wait for its end: the exit code, or minus the signal that killed it."""
    process.join(PATIENCE)
    assert process.exitcode is not None, "it hangs"
    return process.exitcode


def await_file(process: ForkServerProcess, path: Path) -> None:
    """Wait until the process has made a file."""
    while not path.exists():
        assert process.is_alive(), f"it ended with {process.exitcode}"
        time.sleep(0.005)


def luobo(folder: Path, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> Ended:
    """Run luobo with these arguments; `folder` takes what it says."""
    out, err = folder / "stdout", folder / "stderr"
    code = finish(start(speak, list(arguments), out, err, dict(environment or {})))
    return Ended(code, out.read_text("utf-8"), err.read_text("utf-8"))


def speak(arguments: list[str], out: Path, err: Path, environment: dict[str, str]) -> None:
    """Be a luobo with these arguments, which says what it says into two files."""
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.update(environment)
    sys.exit(main(arguments))


def die_at(call: int, work: Callable[..., object], *arguments: Any) -> None:
    """Do `work`, but be killed right after the `call`-th moment (from 1) at which it changes the disk.

    These are the moments at which it opens a file to write, or forces, renames, makes or removes a file or folder.
    """
    left = [call]

    def mortal(act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*given: Any, **named: Any) -> Any:
            done = act(*given, **named)
            left[0] -= 1
            if not left[0]:
                os.kill(os.getpid(), signal.SIGKILL)
            return done

        return acted

    def opens(file: Any, mode: str = "r", *more: Any, **named: Any) -> Any:
        return (reads if "r" in mode else writes)(file, mode, *more, **named)

    reads, writes = io.open, mortal(io.open)
    # What a kill leaves is in the system's memory, forced to the disk or not; waiting for the disk would prove nothing.
    changed = {"fsync": mortal(lambda _: None)}
    changed |= {name: mortal(getattr(os, name)) for name in ("rename", "replace", "mkdir", "unlink", "rmdir")}
    for name, act in changed.items():
        setattr(os, name, act)
    setattr(io, "open", opens)  # noqa: B010 - mypy knows io.open as a function of many signatures
    work(*arguments)


def attempt(work: Callable[..., object], *arguments: Any) -> None:
    """Do `work`; exit code 3 tells that luobo refused and gave a hint."""
    try:
        work(*arguments)
    except TracerError as fault:
        sys.exit(3 if fault.hint else 4)


def add_for_ever(vault: Vault, snapshot: Snapshot, begun: Path) -> None:
    """Add one snapshot for ever earlier days until somebody ends it; `begun` appears when the first is done."""
    for back in itertools.count():
        origin = replace(snapshot.origin, taken_at=snapshot.origin.taken_at - timedelta(back))
        vault, _ = vault.add(replace(snapshot, origin=origin))
        begun.touch()
