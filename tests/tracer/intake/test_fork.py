"""The copy of a process that reading is done from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tracer.settings import SINGLE_THREADED

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells what threads a process has")
_PROGRAM = """
import json, os, sys
from tracer.cli.main import main
forked = []
fork = os.fork
os.fork = lambda: forked.append(fork()) or forked[-1]
code = main(["inspect", sys.argv[1], "--json", sys.argv[2]])
print(json.dumps([code, len(forked)]))
"""
_COPY = """
import os, signal, subprocess, sys, threading
from tracer.intake.fork import Copy, can_fork
assert can_fork()
ours, theirs = os.pipe()
copy = Copy(lambda channel: os.write(channel, b"here") and signal.pause(), theirs)
assert os.read(ours, 4) == b"here" and copy.poll() is None
try:
    copy.wait(0.01)
except subprocess.TimeoutExpired:
    copy.kill()
assert copy.wait() == -signal.SIGKILL
threading.Thread(target=signal.pause, daemon=True).start()
assert not can_fork()
sys.stdout.write("done")
sys.stdout.flush()
os._exit(0)
"""


def run(*line: str) -> str:
    surroundings = os.environ | SINGLE_THREADED
    line = (sys.executable, "-c", *line)
    done = subprocess.run(line, capture_output=True, text=True, check=True, env=surroundings, timeout=120)
    return done.stdout


@LINUX
def test_a_fresh_command_reads_in_a_copy_of_itself(tmp_path: Path) -> None:
    """A command forks once, before any thread runs, and what it finds is what an interpreter of its own finds."""
    table, forked, alone = tmp_path / "table.csv", tmp_path / "forked.json", tmp_path / "alone.json"
    table.write_text("name,phone\n赵一,13800001111\n钱二,13900002222\n", "utf-8")
    assert json.loads(run(_PROGRAM, str(table), str(forked)).splitlines()[-1]) == [0, 1]
    threaded = "import threading, signal; threading.Thread(target=signal.pause, daemon=True).start()\n" + _PROGRAM
    assert json.loads(run(threaded, str(table), str(alone)).splitlines()[-1])[0] == 0
    assert json.loads(forked.read_text()) == json.loads(alone.read_text())


@LINUX
def test_a_copy_is_waited_for_and_ended_like_any_process() -> None:
    """A copy keeps its one descriptor, is waited for with patience, can be killed, and is not made beside threads."""
    assert run(_COPY) == "done"
