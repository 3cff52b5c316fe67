"""A Spark cluster of real processes on this machine, started for tests and ended with them."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pyspark
import pytest

ROOT = Path(__file__).parents[3]
HERE = "127.0.0.1"
WORKERS = 2
_PATIENCE = 120
_SOON = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"
"""For processes that live for a minute: start soon rather than run fast."""


@dataclass(frozen=True)
class Cluster:
    """The cluster as a user sees it, and its processes."""

    master: str
    shared: Path
    workers: tuple[subprocess.Popen[bytes], ...]

    def kill_worker(self) -> None:
        """End one machine as a power cut would: its worker and all executors, at once."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)
        self.workers[0].wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HERE, 0))
        return int(probe.getsockname()[1])


def start(role: str, folder: Path, *options: str) -> subprocess.Popen[bytes]:
    program = Path(pyspark.__file__).parent / "bin" / "spark-class"
    env = os.environ | {
        "SPARK_LOCAL_IP": HERE,
        "SPARK_WORKER_DIR": str(folder),
        "PYSPARK_PYTHON": sys.executable,
        "PYTHONPATH": str(ROOT),
        "SPARK_DAEMON_JAVA_OPTS": _SOON,
        "SPARK_DAEMON_MEMORY": "256m",
    }
    with (folder / f"{role.rpartition('.')[2]}-{time.monotonic_ns()}.log").open("wb") as log:
        return subprocess.Popen(
            ["/bin/bash", str(program), role, "--host", HERE, *options],
            env=env, stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip


def end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def awaited(port: int, workers: int) -> None:
    """Until the master knows so many workers."""
    last = time.monotonic() + _PATIENCE
    while time.monotonic() < last:
        with suppress(OSError), urllib.request.urlopen(f"http://{HERE}:{port}/json/", timeout=5) as page:
            if json.load(page)["aliveworkers"] == workers:
                return
        time.sleep(0.2)
    raise TimeoutError("the Spark cluster does not start")


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A standalone cluster: a master and two workers with a core each."""
    if shutil.which("java") is None:
        pytest.skip("Java is not installed: apt install openjdk-17-jre-headless")
    home = tmp_path_factory.mktemp("spark")
    port, page = free_port(), free_port()
    package = "org.apache.spark.deploy"
    running = [start(f"{package}.master.Master", home, "--port", str(port), "--webui-port", str(page))]
    master = f"spark://{HERE}:{port}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", HERE)
        patch.setenv("SPARK_CONF_DIR", str(home))
        settings = [f"spark.{side}.extraJavaOptions {_SOON}" for side in ("driver", "executor")]
        (home / "spark-defaults.conf").write_text("\n".join([*settings, "spark.sql.codegen.wholeStage false", ""]))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        try:
            for _ in range(WORKERS):
                options = ("--webui-port", "0", "-c", "1", "-m", "1g", "-d", str(home), master)
                running.append(start(f"{package}.worker.Worker", home, *options))
            awaited(page, WORKERS)
            yield Cluster(master, home, tuple(running[1:]))
        finally:
            for process in running:
                end(process)
