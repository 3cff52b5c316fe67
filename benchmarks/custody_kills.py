"""Two writers are killed at random moments (SIGKILL): is an acknowledged entry lost, does the journal fork?

    python benchmarks/custody_kills.py [kills]

Each writer is a process of its own that writes entries without a pause and reports each on a pipe after the journal
has taken it. What kill -9 cannot show is a loss of power: SQLite's own promise (WAL, synchronous=FULL) covers that as
far as the disk keeps its word.

Then a case is made on a disk (a tmpfs, where this may be mounted) that is full at every size between empty and enough.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

from tracer.case import Case
from tracer.custody.journal import Act, Journal, paper
from tracer.custody.keys import PersonKey, load_key
from tracer.errors import TracerError

_PAGE = 4
"""KiB in which a disk in memory grows."""
_MOUNT, _UNMOUNT = shutil.which("mount") or "mount", shutil.which("umount") or "umount"
OUT = Path(__file__).with_name("results") / "custody_kills.json"


class Writer:
    """A process that writes until it is killed."""

    def __init__(self, journal: Journal, key: PersonKey) -> None:
        self.journal, self.key = journal, key
        self.acknowledged: list[tuple[int, str]] = []
        self.start()

    def start(self) -> None:
        """Fork it."""
        self.pipe, end = os.pipe()
        self.process = os.fork()
        if self.process == 0:
            os.close(self.pipe)
            count = 0
            while True:
                acts = [Act("note", {"count": count}, (paper("note", {"count": count}),))]
                (entry,) = self.journal.append(acts, self.key)
                os.write(end, f"{entry.seq} {entry.leaf}\n".encode())
                count += 1
        os.close(end)

    def kill(self) -> None:
        """End it where it stands, and read what it had reported."""
        os.kill(self.process, signal.SIGKILL)
        os.waitpid(self.process, 0)
        told = b""
        while chunk := os.read(self.pipe, 1 << 16):
            told += chunk
        os.close(self.pipe)
        for line in told.decode().splitlines():
            seq, leaf = line.split()
            self.acknowledged.append((int(seq), leaf))


def kills(count: int, folder: Path) -> dict[str, object]:
    """Kill one of two writers `count` times."""
    case = Case.create(folder / "case", title="Kills", by="A", alone="a benchmark")
    keys = [load_key(case.book.people[0].key, folder / "case" / "keys", None)] * 2
    writers, chance = [Writer(case.journal, key) for key in keys], random.Random(3)
    begun = time.perf_counter()
    for _ in range(count):
        time.sleep(chance.uniform(0.0, 0.06))
        one = chance.choice(writers)
        one.kill()
        one.start()
    for one in writers:
        one.kill()
    seconds = time.perf_counter() - begun
    entries = list(case.journal.entries())
    written = {entry.seq: entry.leaf for entry in entries}
    acknowledged = [told for one in writers for told in one.acknowledged]
    lost = sum(written.get(seq) != leaf for seq, leaf in acknowledged)
    forks = sum(entry.body["prev"] != before.leaf or entry.seq != before.seq + 1 for before, entry in pairwise(entries))
    papers = case.journal.papers()
    missing = sum(digest not in papers for entry in entries for digest in entry.body["papers"])
    return {
        "kills": count,
        "seconds": round(seconds, 1),
        "entries": len(entries),
        "acknowledged": len(acknowledged),
        "acknowledged_lost": lost,
        "forks": forks,
        "papers_missing": missing,
    }


def full_disk(folder: Path) -> dict[str, object] | None:
    """Make a case on disks that are full one page later each, from 16 KiB until it fits: so every write meets it once.

    Each refusal must be one clear line.
    """
    place = folder / "small"
    place.mkdir()
    source = folder / "exhibit.csv"
    source.write_bytes(b"invented,1\n" * 8_000)
    sizes = refused = unclear = damaged = lost = 0
    for size in range(16, 2048, _PAGE):
        if subprocess.run([_MOUNT, "-t", "tmpfs", "-o", f"size={size}k", "tmpfs", place], check=False).returncode:
            return None
        try:
            sizes += 1
            done, outcome = _worked(place / "case", source)
            refused += outcome == "refused"
            unclear += outcome == "unclear"
            if done:
                # What was acknowledged must be there once there is room again.
                subprocess.run([_MOUNT, "-o", "remount,size=16m", place], check=True)
                try:
                    kept = [entry.seq for entry in Case.open(place / "case").journal.entries()]
                    lost += len(set(done) - set(kept))
                except TracerError:
                    damaged += 1
        finally:
            subprocess.run([_UNMOUNT, place], check=True)
    return {"sizes": sizes, "refused": refused, "unclear": unclear, "damaged": damaged, "acknowledged_lost": lost}


def _worked(folder: Path, source: Path) -> tuple[list[int], str]:
    """Numbers of the entries that were acknowledged, and how it ended: done, refused or unclear."""
    done: list[int] = []
    try:
        case = Case.create(folder, title="Full", by="A", alone="a benchmark")
        done.append(0)
        for _ in range(3):
            done += [one.number for one in case.add([source], kind="dump", circumstances={})]
            done.append(case.record("export", {"of": "report"}, {"text": "x" * 20_000}).seq)
        case.bundle(folder / "case.luobo")
    except TracerError:
        return done, "refused"
    except Exception:  # noqa: BLE001 - whatever is not ours is not clear
        return done, "unclear"
    return done, "done"


def main() -> None:
    """Run both and write what was found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 2_500
    scratch = Path(tempfile.mkdtemp())
    try:
        told = {"kills": kills(count, scratch), "full_disk": full_disk(scratch)}
    finally:
        shutil.rmtree(scratch)
    OUT.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
