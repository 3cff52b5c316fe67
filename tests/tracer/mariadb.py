"""A real MariaDB for tests, started for them and ended with them."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pymysql
import pytest

from tests.tracer.postgresql import humble, run

_PATIENCE = 60


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """A real MariaDB of its own, on a socket in a temporary folder, that lets everybody in."""
    install, daemon = shutil.which("mariadb-install-db"), shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    if install is None or not os.access(daemon, os.X_OK):
        pytest.skip("MariaDB is not installed: apt install mariadb-server")
    who = humble()
    with tempfile.TemporaryDirectory(prefix="luobo-my-") as home:
        if who:
            os.chown(home, who["user"], who["group"])
        data, socket = f"{home}/data", f"{home}/socket"
        run(home, who, install, "--no-defaults", f"--datadir={data}", "--skip-test-db")
        server = subprocess.Popen(
            [
                *(daemon, "--no-defaults", f"--datadir={data}", f"--socket={socket}", "--skip-networking"),
                *("--skip-grant-tables", "--innodb-flush-log-at-trx-commit=0", f"--pid-file={home}/pid"),
            ],
            cwd=home,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=who.get("user"),
            group=who.get("group"),
        )
        try:
            _awaited(socket)
            yield f"mysql://luobo@/shop?unix_socket={quote(socket, safe='')}"
        finally:
            server.terminate()
            server.wait(_PATIENCE)


def connected(address: str, database: str | None = "shop") -> pymysql.Connection:
    """A client that may write."""
    socket = address.partition("unix_socket=")[2].replace("%2F", "/")
    return pymysql.connect(unix_socket=socket, user="luobo", database=database, charset="utf8mb4", autocommit=True)


def _awaited(socket: str) -> None:
    for _ in range(10 * _PATIENCE):
        if not Path(socket).exists():
            time.sleep(0.1)
            continue
        try:
            with connected(f"unix_socket={socket}", None) as client, client.cursor() as cursor:
                cursor.execute("CREATE DATABASE IF NOT EXISTS shop CHARACTER SET utf8mb4")
                return
        except pymysql.Error:
            time.sleep(0.1)
    raise TimeoutError("MariaDB does not answer")
