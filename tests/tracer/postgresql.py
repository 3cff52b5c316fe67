"""A real PostgreSQL for tests, started for them and ended with them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest


def binaries() -> Path | None:
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((folder for folder in reversed(folders) if (folder / "initdb").exists()), None)


def humble() -> dict[str, int]:
    """PostgreSQL refuses to run as root: then it runs as its own user, or as nobody."""
    if os.geteuid():
        return {}
    names = {user.pw_name: user for user in pwd.getpwall()}
    user = names.get("postgres") or names["nobody"]
    return {"user": user.pw_uid, "group": user.pw_gid}


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A real PostgreSQL of its own, on a socket in a temporary folder."""
    folder = binaries()
    if folder is None:
        pytest.skip("PostgreSQL is not installed: apt install postgresql")
    who = humble()
    with tempfile.TemporaryDirectory(prefix="luobo-pg-") as home:
        if who:
            os.chown(home, who["user"], who["group"])
        data, folder_of = f"{home}/data", str(folder)
        options = f"-k {home} -c listen_addresses='' -c fsync=off"
        run(home, who, f"{folder_of}/initdb", "-D", data, "-A", "trust", "-E", "UTF8", "-U", "luobo")
        run(home, who, f"{folder_of}/pg_ctl", "-D", data, "-o", options, "-w", "-l", f"{home}/log", "start")
        try:
            yield f"postgresql://luobo@/postgres?host={quote(home, safe='')}"
        finally:
            run(home, who, f"{folder_of}/pg_ctl", "-D", data, "-m", "immediate", "stop")


def run(home: str, who: dict[str, int], *command: str) -> None:
    subprocess.run(
        command,
        cwd=home,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        user=who.get("user"),
        group=who.get("group"),
    )
