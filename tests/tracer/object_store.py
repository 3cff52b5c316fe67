"""Real object stores for tests, started for them and ended with them. A bucket is a folder, an object a file in it."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.tracer import apart
from tracer.vault.bucket import Bucket

KEY, SECRET = "AKIAEXAMPLEEXAMPLE", "sEcReT/of+the/store"
_PATIENCE = 60


@dataclass(frozen=True)
class ObjectStore:
    """A server that speaks S3, and the one bucket it has."""

    home: Path
    port: int

    @property
    def bucket(self) -> Path:
        """The folder of its bucket."""
        return self.home / "data" / "bucket"

    @property
    def environment(self) -> dict[str, str]:
        """What tells a client how to find it and what to say."""
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.port}",
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    def requests(self) -> list[tuple[str, str]]:
        """(method, path) of what was asked for so far, in its order."""
        return re.findall(r'"([A-Z]+) (\S+) HTTP/', (self.home / "log").read_text("utf-8"))

    def luobo(self, folder: Path, *words: str | Path, **more: str) -> apart.Ended:
        """Run luobo beside this store."""
        return apart.luobo(folder, [str(word) for word in words], self.environment | more)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def begun(store: ObjectStore, *command: str) -> subprocess.Popen[bytes]:
    """The server, once it answers."""
    store.bucket.mkdir(parents=True, exist_ok=True)
    with (store.home / "log").open("ab") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, env=os.environ | {"PYTHONUNBUFFERED": "1"})
    for _ in range(_PATIENCE * 20):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", store.port)) == 0:
                return server
        time.sleep(0.05)
    server.kill()
    raise TimeoutError("the object store does not answer")


def local_bucket(store: ObjectStore) -> subprocess.Popen[bytes]:
    """A small store that keeps the condition that an object is not there yet, and asks nobody who he is."""
    return begun(store, sys.executable, "-m", "localbucket", str(store.home / "data"), "--port", str(store.port))


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A store that keeps conditions."""
    made = ObjectStore(tmp_path_factory.mktemp("store"), free_port())
    server = local_bucket(made)
    try:
        yield made
    finally:
        server.terminate()
        server.wait(_PATIENCE)


@pytest.fixture(scope="session")
def careless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """A store that asks for credentials and overlooks conditions."""
    made = ObjectStore(tmp_path_factory.mktemp("careless"), free_port())
    command = [str(Path(sys.executable).with_name("rclone")), "serve", "s3", str(made.home / "data")]
    server = begun(made, *command, "--auth-key", f"{KEY},{SECRET}", "--addr", f"127.0.0.1:{made.port}")
    try:
        yield made
    finally:
        server.terminate()
        server.wait(_PATIENCE)


def die_after(writes: int, environment: dict[str, str], work: Callable[..., object], *arguments: Any) -> None:
    """Do `work`, but be killed right after so many objects were written or removed."""
    os.environ.update(environment)
    left = [writes]

    def mortal(act: Callable[..., Any]) -> Callable[..., Any]:
        def acted(*given: Any, **named: Any) -> Any:
            try:
                return act(*given, **named)
            finally:
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)

        return acted

    for name in ("put", "remove"):
        setattr(Bucket, name, mortal(getattr(Bucket, name)))
    work(*arguments)
