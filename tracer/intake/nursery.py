"""The process that makes reading processes: it has everything loaded and forks one for each dump.

Starting an interpreter with its libraries takes a third of a second, forking one takes a hundredth. It runs nothing
itself, so that every child starts clean, and it ends when whoever started it is gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import socket
import sys
import time

OUT_OF_MEMORY, FAILED = 3, 4
"""Exit codes of a reading process."""
_DESCRIPTORS = 64
"""Most open files that come with a job."""
_MESSAGE = 1 << 16


def main(channel: int) -> None:
    """Serve jobs from the open socket `channel` until it is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever started us; we hear of it by the socket
    # What takes a third of a second, and what numpy would load in every child anew.
    import numpy.ma  # noqa: F401, PLC0415
    import python_calamine  # noqa: F401, PLC0415

    from tracer.intake import reader  # noqa: PLC0415

    with socket.socket(fileno=channel) as jobs:
        while True:
            message, descriptors, _, _ = socket.recv_fds(jobs, _MESSAGE, _DESCRIPTORS)
            if not message:
                return
            child = os.fork()
            if child == 0:
                _end(reader.run, jobs, json.loads(message), descriptors)
            for descriptor in descriptors:
                os.close(descriptor)
            jobs.sendall(b"%d\n" % child)
            jobs.sendall(b"%d\n" % _awaited(child, jobs))


def _end(run: object, jobs: socket.socket, job: dict[str, object], descriptors: list[int]) -> None:
    """Do one job in this process and leave it, without anything that Python does on its way out."""
    code = FAILED
    try:
        jobs.close()
        code = run(job, descriptors)  # type: ignore[operator]
    except MemoryError:
        code = OUT_OF_MEMORY
    except BaseException:  # noqa: BLE001 (the words of a parser may quote the file: none of them leave this process)
        if os.environ.get("LUOBO_DEBUG") == "1":
            import traceback  # noqa: PLC0415

            with contextlib.suppress(Exception):
                traceback.print_exc()
        code = FAILED
    finally:
        os._exit(code)


def _awaited(child: int, jobs: socket.socket) -> int:
    """The exit code of the child, negative for a signal; it is killed where nobody waits for it any more."""
    poll = select.poll()
    poll.register(jobs, select.POLLIN | select.POLLHUP)
    if hasattr(os, "pidfd_open"):
        ended = os.pidfd_open(child)
        poll.register(ended, select.POLLIN)
        found = dict(poll.poll())
        os.close(ended)
        if jobs.fileno() in found:
            os.kill(child, signal.SIGKILL)
    else:
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return os.waitstatus_to_exitcode(status)
            if poll.poll(0):
                os.kill(child, signal.SIGKILL)
            time.sleep(0.01)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    main(int(sys.argv[1]))
