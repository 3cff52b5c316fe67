"""A million bits flipped in a bundle, one at a time, and structured attacks on twenty cases: what the verifier misses.

    python benchmarks/custody_flips.py [flips]

A bundle is unsound as soon as one check finds a fault, so for most flips only the first part of the verifier is run
(container, digest, signature: checks 1 to 3); every fiftieth flip goes through all of it. The attacks are those of the
tests; most are an insider's, who holds every key and signs anew. The second verifier (verify.html, run in Node) judges
the same bundles.
"""

from __future__ import annotations

import io
import json
import random
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.tracer.custody.attacks import attacks
from tests.tracer.custody.forger import honest
from tests.tracer.custody.second import verdicts
from tracer.case import Case
from tracer.custody.verify import Verdict, _container, verify

OUT = Path(__file__).with_name("results") / "custody_flips.json"
CASES = 20


def flips(count: int, folder: Path) -> dict[str, object]:
    """Flip `count` random bits, one at a time."""
    (folder / "exhibit.csv").write_bytes(b"invented,1\n" * 30)
    case = Case.create(folder / "flips", title="Flips", by="A", alone="a benchmark")
    case.add([folder / "exhibit.csv"], kind="dump", circumstances={"seized_at": "2025-10-08"})
    case.bundle(folder / "flips.luobo")
    whole, chance = (folder / "flips.luobo").read_bytes(), random.Random(11)
    missed, through, begun = 0, 0, time.perf_counter()
    for number in range(count):
        at, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        flipped = bytearray(whole)
        flipped[at] ^= bit
        if number % 50:
            found = Verdict()
            _container(io.BytesIO(flipped), found)
            missed += found.sound
        else:
            missed += verify(io.BytesIO(flipped)).sound
            through += 1
    seconds = round(time.perf_counter() - begun, 1)
    return {"bytes": len(whole), "flips": count, "through_all_checks": through, "missed": missed, "seconds": seconds}


def structured(folder: Path) -> dict[str, object]:
    """Every attack of the tests on `CASES` different cases."""
    tried = missed = right = alarms = honest_ones = apart = 0
    kinds = set()
    for number in range(CASES):
        place = folder / str(number)
        place.mkdir()
        tries = list(attacks(honest(place)))
        for attack, second in zip(tries, verdicts(tries), strict=True):
            found = verify(io.BytesIO(attack.data), attack.outside)
            apart += found.sound == bool(second)
            if attack.check == 0:
                honest_ones += 1
                alarms += not found.sound
                continue
            kinds.add(attack.name)
            tried += 1
            missed += found.sound
            right += attack.check in {fault.check for fault in found.faults}
    return {
        "kinds": len(kinds),
        "attacks": tried,
        "missed": missed,
        "right_reason": right,
        "honest_bundles": honest_ones,
        "false_alarms": alarms,
        "second_verifier_disagrees": apart,
    }


def main() -> None:
    """Run both and write what was found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as scratch:
        told = {"structured": structured(Path(scratch)), "flips": flips(count, Path(scratch))}
    OUT.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
