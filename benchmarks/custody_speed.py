"""How long a bundle of 1 GB and a journal of 100,000 entries take to verify, beside hashing the same file.

python benchmarks/custody_speed.py [MB] [entries]
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from tracer.case import Case
from tracer.custody.bundle import Parts, write_bundle
from tracer.custody.checkpoint import checkpoint
from tracer.custody.journal import Act
from tracer.custody.keys import load_key
from tracer.custody.verify import verify

OUT = Path(__file__).with_name("results") / "custody_speed.json"


def timed(bundle: Path) -> dict[str, object]:
    """Seconds of hashing and of verifying, the better of two."""
    hashing = verifying = processor = 1e9
    for _ in range(2):
        begun = time.perf_counter()
        with bundle.open("rb") as stream:
            hashlib.file_digest(stream, "sha256")
        hashing = min(hashing, time.perf_counter() - begun)
        begun, used = time.perf_counter(), time.process_time()
        with bundle.open("rb") as stream:
            found = verify(stream)
        verifying = min(verifying, time.perf_counter() - begun)
        processor = min(processor, time.process_time() - used)
        assert found.sound
    return {
        "bytes": bundle.stat().st_size,
        "entries": found.facts["entries"],
        "hashing_s": round(hashing, 2),
        "verify_s": round(verifying, 2),
        "verify_processor_s": round(processor, 2),
        "ratio": round(verifying / hashing, 2),
    }


def large(folder: Path, megabytes: int) -> dict[str, object]:
    """A case with one exhibit of this size."""
    with (folder / "exhibit.bin").open("wb") as stream:
        for _ in range(megabytes):
            stream.write(os.urandom(1_000_000))
    case = Case.create(folder / "large", title="Large", by="A", alone="a benchmark")
    begun = time.perf_counter()
    case.add([folder / "exhibit.bin"], kind="dump", circumstances={})
    sealing = time.perf_counter() - begun
    (folder / "exhibit.bin").unlink()
    case.bundle(folder / "large.luobo")
    return {**timed(folder / "large.luobo"), "sealing_s": round(sealing, 1)}


def long(folder: Path, entries: int) -> dict[str, object]:
    """A case with so many entries."""
    case = Case.create(folder / "long", title="Long", by="A", alone="a benchmark")
    key = load_key(case.book.people[0].key, folder / "long" / "keys", None)
    for _ in range(0, entries, 1_000):
        case.journal.append([Act("read", {"exhibit": 1, "for": "trace"})] * 1_000, key)
    written = list(case.journal.entries())
    note = checkpoint(case.journal.case, [bytes.fromhex(one.leaf) for one in written], key)
    parts = Parts([one.line for one in written], note, case.journal.papers(), {})
    write_bundle(parts, folder / "long.luobo", key)
    return timed(folder / "long.luobo")


def main() -> None:
    """Run both and write what was found."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    entries = int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with tempfile.TemporaryDirectory() as scratch:
        told = {"large": large(Path(scratch), megabytes), "long": long(Path(scratch), entries)}
    OUT.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
