"""A copy of this process, made before it has threads: the quick way to a process that has everything loaded."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Final

_WAITING: Final = frozenset({"polars-ooc-clea"})
"""Threads, as the system names them, that do nothing until Polars computes something."""
_TASKS: Final = Path("/proc/self/task")


def can_fork() -> bool:
    """Whether nothing runs in this process but this thread: a lock that another one holds would never be released."""
    if sys.platform != "linux":
        return False
    try:
        names = {task.name: (task / "comm").read_text().strip() for task in _TASKS.iterdir()}
    except OSError:
        return False
    del names[str(os.getpid())]
    return _WAITING.issuperset(names.values())


class Copy:
    """A forked process, spoken of like one of `subprocess`."""

    def __init__(self, run: Callable[[int], None], channel: int) -> None:
        """Fork; the copy does `run(channel)` and ends. Of our open files it keeps the descriptor `channel` alone."""
        self.code: int | None = None
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 counts the waiting thread
            self.pid = os.fork()
        if self.pid == 0:
            try:
                _leave_behind(channel)
                run(channel)
            finally:
                os._exit(0)

    def poll(self) -> int | None:
        """Its exit code, None while it runs."""
        if self.code is None:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            self.code = os.waitstatus_to_exitcode(status) if done else None
        return self.code

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            subprocess.TimeoutExpired: it runs after `timeout` seconds.
        """
        if self.poll() is None:
            ended = os.pidfd_open(self.pid)
            try:
                if not select.select([ended], [], [], timeout)[0] and timeout is not None:
                    raise subprocess.TimeoutExpired("luobo", timeout)
            finally:
                os.close(ended)
        return self.poll() or 0

    def kill(self) -> None:
        """End it now."""
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)


def _leave_behind(channel: int) -> None:
    os.setpgid(0, 0)  # Ctrl-C is for whoever forked us
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1) if os.environ.get("LUOBO_DEBUG") == "1" else (0, 1, 2):
        os.dup2(nothing, stream)
    os.closerange(3, channel)
    os.closerange(channel + 1, os.sysconf("SC_OPEN_MAX"))
