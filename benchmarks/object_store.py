"""What a trace from an object store costs beside the same vault on disk.

    python benchmarks/object_store.py [--platforms N] [--customers N] [--delay MS ...] [--repeat N]

A vault of invented platforms is registered in a folder and copied, file by file, into the bucket of a real server on
this machine. The same dump is traced from both, each time in a fresh process; the findings must be the same bytes.
Between trace and server stands a relay that holds every answer back for some milliseconds, as the way to a store does.
Writes `object_store.md` and `object_store.json` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from measure import Cost, measured, publish

HERE: Final = Path(__file__).parent
WORK: Final = HERE / "work" / "object_store"
PORT: Final = 18471
LUOBO: Final = [sys.executable, "-c", "import sys; from tracer.cli.main import main; sys.exit(main())"]
INVENT: Final = """
import sys
from datetime import date
from pathlib import Path
from tracer.demo import LeakPlan, Style, WorldPlan, invent, leak, write
from tracer.registration import register
from tracer.vault.vault import Vault
home, platforms, customers = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
days = (date(2025, 5, 1), date(2025, 10, 28))
world = invent(WorldPlan(seed=4, people=4 * customers, platforms=platforms, customers=customers, snapshots=days))
vault = Vault.create(home / "data" / "bucket" / "vault", key_path=home / "key")
for name in world.registered:
    for day in days:
        world.table(name, day).write_csv(home / "table.csv")
        vault, _ = register(vault, home / "table.csv", name, day)
fields = ("name", "phone", "product", "limit")
stolen = LeakPlan({world.registered[0]: customers // 5}, date(2025, 9, 1), fields, junk=customers // 50, seed=1)
write(leak(world, stolen), home / "dump.csv", Style())
"""


def invented(platforms: int, customers: int) -> Path:
    """A vault where a server finds it, its key and a dump; made once."""
    home = WORK / f"{platforms}-{customers}"
    if not (home / "dump.csv").exists():
        shutil.rmtree(home, ignore_errors=True)
        (home / "data" / "bucket").mkdir(parents=True)
        subprocess.run([sys.executable, "-c", INVENT, str(home), str(platforms), str(customers)], check=True)
    return home


@contextmanager
def served(home: Path, port: int) -> Iterator[None]:
    """A real server over the folder; what it is asked stands in `home/log`."""
    with (home / "log").open("wb") as log:
        command = [sys.executable, "-m", "localbucket", str(home / "data"), "--port", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
    time.sleep(2)
    try:
        yield
    finally:
        server.terminate()
        server.wait()


@contextmanager
def relayed(port: int, towards: int, delay: float) -> Iterator[None]:
    """A relay in a process of its own that holds back what a server answers."""
    relay = subprocess.Popen([sys.executable, __file__, "--relay", str(port), str(towards), str(delay)])
    time.sleep(2)
    try:
        yield
    finally:
        relay.terminate()
        relay.wait()


async def relay(port: int, towards: int, delay: float) -> None:
    """Hand bytes on, those of the server so many seconds later."""

    async def hand_on(source: asyncio.StreamReader, target: asyncio.StreamWriter, wait: float) -> None:
        loop = asyncio.get_running_loop()
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def let_go() -> None:
            while True:
                due, data = await held.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if not data:
                    target.close()
                    return
                target.write(data)
                await target.drain()

        going = asyncio.create_task(let_go())
        data = b"-"
        while data:
            data = await source.read(1 << 18)
            held.put_nowait((loop.time() + wait, data))
        await going

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        back, forth = await asyncio.open_connection("127.0.0.1", towards)
        await asyncio.gather(hand_on(reader, forth, 0), hand_on(back, writer, delay), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1", port)
    await server.serve_forever()


def traced(home: Path, vault: str) -> Cost:
    """A trace in a fresh process."""
    cost = measured([*LUOBO, "trace", home / "dump.csv", "--vault", vault, "--key", home / "key", "--json", "-"])
    if cost.code not in {0, 1}:
        raise SystemExit(cost.errors)
    return cost


def asked(home: Path) -> tuple[int, int]:
    """How many objects the server was asked for, and how many bytes that were."""
    paths = re.findall(r'"GET /(\S+) HTTP/', (home / "log").read_text("utf-8"))
    return len(paths), sum((home / "data" / path).stat().st_size for path in paths)


def figures(home: Path, delays: list[int], repeat: int) -> list[dict[str, Any]]:
    """A row for the disk and one for each delay: of runs that take turns, the quickest, for others use this machine."""
    os.environ |= {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_DEFAULT_REGION": "us-east-1"}
    runs: dict[int | None, list[Cost]] = {None: [], **{delay: [] for delay in delays}}
    with ExitStack() as open_ends:
        open_ends.enter_context(served(home, PORT))
        for place, delay in enumerate(delays, 1):
            open_ends.enter_context(relayed(PORT + place, PORT, delay / 1000))
        for _ in range(repeat):
            runs[None].append(traced(home, str(home / "data" / "bucket" / "vault")))
            for place, delay in enumerate(delays, 1):
                os.environ["AWS_ENDPOINT_URL"] = f"http://127.0.0.1:{PORT + place}"
                runs[delay].append(traced(home, "s3://bucket/vault"))
        objects, size = (number // (repeat * len(delays)) for number in asked(home))
    assert len({one.output for costs in runs.values() for one in costs}) == 1, "the findings differ"
    quickest = {delay: min(costs, key=lambda one: one.wall) for delay, costs in runs.items()}
    disk = quickest.pop(None)
    far = [row(f"a store, {delay} ms away", cost, disk, objects, size) for delay, cost in quickest.items()]
    return [row("a folder", disk, disk, 0, 0), *far]


def row(what: str, cost: Cost, disk: Cost, objects: int, size: int) -> dict[str, Any]:
    """One row of the table."""
    return {
        "the vault lies in": what, "wall s": round(cost.wall, 2), "CPU s": round(cost.cpu, 2),
        "peak MiB": round(cost.peak_mib), "s more than from disk": round(cost.wall - disk.wall, 2),
        "GET requests": objects, "MB fetched": round(size / 1e6, 1),
    }  # fmt: skip


def page(rows: list[dict[str, Any]], platforms: int, customers: int, size: float) -> str:
    """The table for people."""
    records = customers // 5 + customers // 50
    lines = [
        "# A trace from an object store",
        "",
        f"{platforms} platforms of about {customers:,} customers, two snapshots each ({size:.0f} MB).",
        f"A dump of {records:,} records. The store is a server on the same machine;",
        "every answer is held back as said. The findings are the same bytes. The quickest of several runs.",
        "",
        "| " + " | ".join(rows[0]) + " |",
        "|" + "---|" * len(rows[0]),
    ]
    lines += ["| " + " | ".join(f"{value}" for value in one.values()) + " |" for one in rows]
    return "\n".join([*lines, "", f"Load average at the end: {os.getloadavg()[0]:.1f}.", ""])


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--platforms", type=int, default=6)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--delay", type=int, nargs="*", default=[0, 30, 100], help="milliseconds")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--relay", nargs=3, metavar=("PORT", "TOWARDS", "SECONDS"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.relay:
        port, towards, delay = options.relay
        asyncio.run(relay(int(port), int(towards), float(delay)))
        return
    home = invented(options.platforms, options.customers)
    size = sum(path.stat().st_size for path in (home / "data").rglob("*") if path.is_file()) / 1e6
    rows = figures(home, options.delay, options.repeat)
    text = page(rows, options.platforms, options.customers, size)
    publish("object_store", rows, text)
    print(text)


if __name__ == "__main__":
    main()
