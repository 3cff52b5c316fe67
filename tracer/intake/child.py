"""Reading in a process of its own, from the side of whoever asks: start it, wait, stop it, say what became of it."""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import IO, Any

from tracer.errors import UnreadableInput
from tracer.intake.fork import Copy, can_fork
from tracer.intake.nursery import OUT_OF_MEMORY, main
from tracer.settings import SINGLE_THREADED

_PROGRAM = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[2]); "
    "from tracer.intake.nursery import main; main(int(sys.argv[1]))"
)
_GLANCE = 0.2
"""Seconds between two looks at how far a child has come."""


@dataclass(slots=True)
class Nursery:
    """The process that forks reading processes, started when it is first needed."""

    process: subprocess.Popen[bytes] | Copy | None = None
    channel: socket.socket | None = None
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> socket.socket:
        """The socket to a nursery that is alive."""
        if self.process is None or self.channel is None or self.process.poll() is not None:
            self.close()
            ours, theirs = socket.socketpair()
            self.process = Copy(main, theirs.fileno()) if can_fork() else _interpreter(theirs.fileno())
            theirs.close()
            self.channel = ours
        return self.channel

    def close(self) -> None:
        """End it and whatever it forked."""
        if self.channel is not None:
            self.channel.close()
        if self.process is not None:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(1)
            self.process.kill()
            self.process.wait()
        self.process = self.channel = None

    def forget(self) -> None:
        """In a forked copy of this process the nursery is the parent's."""
        self.process = self.channel = None
        self.lock = threading.Lock()


def _interpreter(channel: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(  # noqa: S603 (our own interpreter and our own module)
        [sys.executable, "-P", "-c", _PROGRAM, str(channel), json.dumps(sys.path)],
        pass_fds=(channel,),
        env=os.environ | SINGLE_THREADED,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=None if os.environ.get("LUOBO_DEBUG") == "1" else subprocess.DEVNULL,
        process_group=0,  # Ctrl-C is for us: we end it
    )


_NURSERY = Nursery()
atexit.register(_NURSERY.close)
os.register_at_fork(after_in_child=_NURSERY.forget)


def begin() -> None:
    """Start the nursery now, so that it is ready when it is needed; before any work it is quickest, being a fork."""
    with _NURSERY.lock, contextlib.suppress(OSError):
        _NURSERY.open()


def read_in_child(job: dict[str, Any], files: list[IO[bytes]], patience: Callable[[], float]) -> str:
    """Do a job of reading in a process of its own and say in words what it died of, "" if it did not.

    Args:
        job: what `reader.run` takes.
        files: what the process may read and write; nothing else.
        patience: how many seconds it may take, by what is known so far.

    Raises:
        UnreadableInput: no process can be started.
    """
    with _NURSERY.lock:
        try:
            return _watched(_NURSERY.open(), job, files, patience)
        except OSError as fault:
            _NURSERY.close()
            raise UnreadableInput(
                f"no process to read in can be started ({fault.strerror})", hint="are there too many processes?"
            ) from None
        except BaseException:
            _NURSERY.close()  # interrupted: the child must not outlive us
            raise


def _watched(channel: socket.socket, job: dict[str, Any], files: list[IO[bytes]], patience: Callable[[], float]) -> str:
    begun = monotonic()
    socket.send_fds(channel, [json.dumps(job).encode()], [file.fileno() for file in files])
    answers = b""
    child = late = 0
    while answers.count(b"\n") < 2:
        if select.select([channel], [], [], _GLANCE)[0]:
            piece = channel.recv(64)
            if not piece:
                break  # the nursery died, and its child with it
            answers += piece
            child = int(answers.split(b"\n")[0]) if b"\n" in answers else 0
        elif child and not late and _spent(child, monotonic() - begun) > patience():
            late = 1
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    code = int(answers.split(b"\n")[1]) if answers.count(b"\n") > 1 else -signal.SIGKILL
    if not code:
        return ""
    if late:
        return "reading it took too long and was stopped"
    if code < 0:
        with contextlib.suppress(ValueError):
            return f"its reader died of {signal.Signals(-code).name}"
    return "its reader ran out of memory" if code == OUT_OF_MEMORY else "its reader broke down on it"


def _spent(child: int, waited: float) -> float:
    """Seconds a child has used: of the processor, where the system tells, for other programs may hold it up."""
    with contextlib.suppress(OSError, ValueError, IndexError), open(f"/proc/{child}/stat", "rb") as state:  # noqa: PTH123
        fields = state.read().rsplit(b")", 1)[1].split()
        return max(sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK"), waited / _CROWDED)
    return waited


_CROWDED = 4
"""How much slower a crowded machine may be before a child is thought to stand still."""


def nameless() -> IO[bytes]:
    """A file without a name, for this process and a child.

    Raises:
        UnreadableInput: there is no room for temporary files.
    """
    try:
        return tempfile.TemporaryFile(buffering=0)
    except OSError as fault:
        raise UnreadableInput(
            f"no temporary file can be made ({fault.strerror})", hint="set TMPDIR to a folder with room"
        ) from None
