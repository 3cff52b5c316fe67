"""What the process that reads a dump may not do: take more memory, write anywhere, start or call anybody.

Set before the first byte of the dump is looked at; nothing that runs afterwards can take it back.
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
import sys

_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # <linux/prctl.h>
_CREATE_RULESET, _RESTRICT_SELF = 444, 446  # <asm-generic/unistd.h>
_VERSION = 1
# <linux/landlock.h>: EXECUTE, WRITE_FILE, the removing and making of files (bits 4 to 12), REFER, TRUNCATE, IOCTL_DEV.
_EXECUTE_WRITE_MAKE = 0b1_1111_1111_0011
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_TCP = 0b11
_DENIED = ("os.exec", "os.fork", "os.posix_spawn", "os.system", "socket.connect", "socket.bind", "subprocess.Popen")
_CHANGES = ("os.remove", "os.rename", "os.link", "os.symlink", "os.mkdir", "os.rmdir", "os.truncate", "shutil.move")


def confine(memory: int, output: int) -> None:
    """Bind this process for good.

    Args:
        memory: bytes of address space beyond those it has.
        output: greatest size of a file that it writes to.
    """
    held = _address_space()
    _at_most(resource.RLIMIT_CORE, 0)
    _at_most(resource.RLIMIT_FSIZE, output)
    _at_most(resource.RLIMIT_NOFILE, 256)
    if held:
        _at_most(resource.RLIMIT_AS, held + memory)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # writing too much is an error of that write, told like any other
    if not (sys.platform == "linux" and _landlock()):
        sys.addaudithook(_refuse)


def die_with_parent() -> None:
    """Let the kernel kill this process when the one that made it is gone (Linux; elsewhere the time limit remains)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _at_most(what: int, limit: int) -> None:
    _, hard = resource.getrlimit(what)
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(what, (limit, limit))


def _address_space() -> int:
    """Bytes of address space in use, 0 where the system does not tell."""
    try:
        with open("/proc/self/statm", "rb") as statistics:  # noqa: PTH123 (a third of pathlib's cost, in every child)
            return int(statistics.read().split()[0]) * resource.getpagesize()
    except (OSError, ValueError):
        return 0


def _landlock() -> bool:
    """Forbid every change of the file system, every program and every TCP connection; False where Linux is too old.

    Files that are open already stay as they are, and reading stays allowed: Python finds its modules by it.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(_VERSION))
    if version < 1:
        return False
    rights = _EXECUTE_WRITE_MAKE | (_REFER if version >= 2 else 0) | (_TRUNCATE if version >= 3 else 0)
    rights |= _IOCTL if version >= 5 else 0
    ruleset = struct.pack("<QQ", rights, _TCP) if version >= 4 else struct.pack("<Q", rights)
    descriptor = libc.syscall(_CREATE_RULESET, ruleset, ctypes.c_size_t(len(ruleset)), ctypes.c_uint32(0))
    if descriptor < 0:
        return False
    libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    bound = libc.syscall(_RESTRICT_SELF, ctypes.c_int(descriptor), ctypes.c_uint32(0)) == 0
    os.close(descriptor)
    return bool(bound)


def _refuse(event: str, arguments: tuple[object, ...]) -> None:
    """The same for what Python itself does, where the kernel cannot help."""
    if event == "open":
        flags = arguments[2]
        changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
        if isinstance(flags, int) and flags & changing and not isinstance(arguments[0], int):
            raise PermissionError("a reader writes nowhere")
    elif event.startswith(_DENIED) or event in _CHANGES:
        raise PermissionError("a reader changes nothing")
