"""What a hostile dump cannot do: write, start anything, outlive its reader, or be swapped unseen."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.tracer.intake.packed import zipped
from tests.tracer.intake.readable import lines, rows
from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput
from tracer.intake.reading import read

CSV = lines(",", rows()).encode()
DEEDS = {
    "write": "open('here', 'w')",
    "append": "open(sys.argv[1], 'ab')",
    "remove": "os.unlink(sys.argv[1])",
    "rename": "os.rename(sys.argv[1], sys.argv[1] + '2')",
    "make a folder": "os.mkdir('folder')",
    "link": "os.symlink('/etc/passwd', 'link')",
    "run a program": "os.execv('/bin/true', ['true'])",
    "connect": "socket.create_connection(('127.0.0.1', 9), 1)",
    "take memory": "bytearray(1 << 30)",
}
SCRIPT = """
import os, socket, sys
from tracer.intake.confined import confine
confine(256 << 20, 1 << 20)
try:
    {deed}
except (OSError, MemoryError) as fault:
    sys.exit(7 if isinstance(fault, (PermissionError, MemoryError)) else 8)
sys.exit(0)
"""


@pytest.mark.parametrize("deed", DEEDS)
def test_a_bound_process_can_do_no_harm(deed: str, tmp_path: Path) -> None:
    """Once bound, a process is refused every change of the file system, every program, connection and more memory."""
    victim = tmp_path / "victim"
    victim.write_bytes(CSV)
    command = [sys.executable, "-c", SCRIPT.format(deed=DEEDS[deed]), str(victim)]
    done = subprocess.run(command, cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 7, done.stderr.decode()[-500:]
    assert [one.name for one in tmp_path.iterdir()] == ["victim"]
    assert victim.read_bytes() == CSV


def test_names_that_climb_are_written_nowhere(tmp_path: Path) -> None:
    """Members named with .., a drive or an absolute path are read, and no file appears anywhere near."""
    home = tmp_path / "a" / "b"
    home.mkdir(parents=True)
    mark = f"evil-{os.getpid()}.csv"
    names = (f"../../{mark}", f"/tmp/{mark}", f"C:\\{mark}", f"..\\..\\{mark}")  # noqa: S108 (it must not appear)
    (home / "dump.zip").write_bytes(zipped(dict.fromkeys(names, CSV)))
    done = subprocess.run(
        [sys.executable, "-m", "tracer.cli.main", "inspect", "dump.zip", "--json", "-"],
        cwd=home, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0
    assert '"records": 160' in done.stdout
    assert [one.name for one in tmp_path.rglob("*") if one.is_file()] == ["dump.zip"]
    assert not Path("/tmp", mark).exists()  # noqa: S108


@pytest.mark.parametrize("change", [CSV + b"x\n", CSV[::-1], b""], ids=["longer", "other bytes", "emptied"])
def test_a_file_that_changes_is_refused(change: bytes, tmp_path: Path) -> None:
    """What is no longer what was sealed yields no record, whether its length changed or its bytes alone."""
    path = tmp_path / "dump"
    path.write_bytes(CSV)
    exhibit = seal(path)
    path.write_bytes(change)
    with pytest.raises(UnreadableInput, match="changed while it was being read"):
        read(exhibit)


def test_a_file_that_goes_away_is_refused(tmp_path: Path) -> None:
    """A dump that is removed after it was sealed is refused with one line."""
    path = tmp_path / "dump"
    path.write_bytes(CSV)
    exhibit = seal(path)
    path.unlink()
    with pytest.raises(UnreadableInput):
        read(exhibit)


def test_special_files_are_refused_at_once(tmp_path: Path) -> None:
    """A FIFO that nobody writes to, a device and a link to one are refused without waiting."""
    fifo, link = tmp_path / "fifo", tmp_path / "link"
    os.mkfifo(fifo)
    link.symlink_to("/dev/zero")
    begun = time.monotonic()
    for path in (fifo, link, Path("/dev/zero")):
        with pytest.raises(UnreadableInput):
            seal(path)
    assert time.monotonic() - begun < 2


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel of Linux ends the child; elsewhere its time limit does")
def test_the_death_of_the_parent_ends_the_child(tmp_path: Path) -> None:
    """When the command is killed in the midst of reading, none of its processes is left soon after."""
    (tmp_path / "dump").write_bytes(CSV * 20_000)
    parent = subprocess.Popen(
        [sys.executable, "-m", "tracer.cli.main", "inspect", "dump"],
        cwd=tmp_path, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        assert _wait_for(lambda: len(_running(tmp_path)) >= 3)  # itself, the nursery and the reader
    finally:
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    assert _wait_for(lambda: not _running(tmp_path))


def _wait_for(condition: object) -> bool:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.02)
    return False


def _running(folder: Path) -> list[str]:
    """Processes that work in the folder, zombies left out."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == folder and ") Z " not in (process / "stat").read_text():
                found.append(process.name)
        except OSError:
            continue
    return found
