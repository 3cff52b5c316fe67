"""A country's platforms: what a trace costs when thousands are registered, and whether it still names the right ones.

    python benchmarks/many_platforms.py [--only N …] [--keep]

Token tables are made directly, 100,000 customers a platform out of fifty million invented people, each with a limit, so
that ten thousand platforms are a thousand million pairs of person and platform. A fifth of the dump's 300,000 rows are
one platform's, 15 % another's, the rest of people nobody sold, who are customers of all by chance. The last size is a
hundred platforms of a million customers each and a dump of 3,000,000 rows, beside Polars merely reading that. Every
trace is a fresh process. `--only` takes places in the list of sizes, from 0. Writes `many_platforms.json` and
`many_platforms.md` to `benchmarks/results/`.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
import polars as pl
from measure import measured, publish
from numpy.typing import NDArray

from tracer.identifiers import value
from tracer.identifiers.kinds import COMPOSITE, SINGLE
from tracer.tokens import TokenKey, claim_digest, claim_tokens, identifier_token, order
from tracer.vault.growth import PRESENCE, SAMPLE, SAMPLED, claim_file, identifier_file
from tracer.vault.history import pack
from tracer.vault.index import INDEX, RATE, sampled
from tracer.vault.manifest import Manifest, Platform, SnapshotEntry
from tracer.vault.place import Writing
from tracer.vault.snapshot import Claim
from tracer.vault.store import write_manifest, write_part
from tracer.vault.vault import Vault

HERE: Final = Path(__file__).parent
WORK: Final = HERE / "work" / "many"
LUOBO: Final = Path(sys.executable).with_name("luobo")
PEOPLE: Final = 50_000_000
SOLD: Final = {7: 0.2, 42: 0.15}
"""Platform → its share of the dump."""
LIMITS: Final = [str(1_000 * step) for step in range(1, 201)]
DAY: Final = date(2025, 10, 1)
LIMIT: Final = Claim("授信额度", "limit")


@dataclass(frozen=True, slots=True)
class Size:
    """Of one measurement."""

    platforms: int
    customers: int = 100_000
    rows: int = 300_000

    @property
    def pairs(self) -> int:
        """Of person and platform."""
        return self.platforms * self.customers

    @property
    def home(self) -> Path:
        """Where its vault and its dump lie."""
        return WORK / f"{self.platforms}-{self.customers}"


SIZES: Final = (Size(100), Size(1_000), Size(10_000), Size(100, 1_000_000, 3_000_000))


def phone(person: NDArray[np.int64]) -> pl.Series:
    """The invented number of each person."""
    number = pl.Series("手机号", person + 13_800_000_000)
    return number.cast(pl.String)


def customers(number: int, many: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Of one platform: who they are, and which of the limits each has."""
    rng = np.random.default_rng([number, 1])
    person = np.unique(rng.integers(0, PEOPLE, many + many // 20))
    person = rng.permutation(person)[:many]
    return person, rng.integers(0, len(LIMITS), person.size)


def tokens(key: TokenKey) -> NDArray[np.uint64]:
    """(people,) the token of everybody's number."""
    step = 1_000_000
    parts = [
        phone(np.arange(at, at + step)).to_frame().select(identifier_token(pl.col("手机号"), key, "phone")).to_series()
        for at in range(0, PEOPLE, step)
    ]
    return np.concatenate([part.to_numpy() for part in parts])


def register(
    vault: Vault, writing: Writing, number: int, many: int, told: tuple[NDArray[np.uint64], NDArray[np.uint64]]
) -> Platform:
    """Write one platform's part; `told` are the tokens of all people and the digests of all limits."""
    name, (token, digest) = f"p{number:05}", told
    person, limit = customers(number, many)
    days = {"since": pl.lit(DAY), "until": pl.lit(DAY)}
    placed = order(token[person])
    person, limit = person[placed], limit[placed]
    rows = pl.DataFrame({"person": np.arange(person.size, dtype=np.uint32), "token": token[person]})
    held = {"phone": rows.with_columns(**days)}
    worth = claim_tokens(digest[limit], vault.key, name)
    claim = pl.DataFrame({"person": rows["person"], "token": worth}).with_columns(**days)
    frames = {
        identifier_file("phone"): pack(held["phone"]),
        INDEX: sampled(held, SINGLE, RATE),
        SAMPLE: sampled(held, COMPOSITE, 1 / SAMPLED),
        claim_file(0): pack(claim),
        PRESENCE: pack(rows.select("person").with_columns(**days)),
    }
    part, files = write_part(writing, {f"{frame}.parquet": content for frame, content in frames.items()})
    variety, entry = len(LIMITS) / person.size, SnapshotEntry(DAY, "0" * 64, person.size, ("phone",), (LIMIT.name,))
    return Platform(name, part, person.size, False, None, (LIMIT,), (variety,), (None,), (entry,), files)


def invent(size: Size) -> None:
    """The vault of so many platforms, made once, and the dump beside it."""
    if (size.home / "dump.csv").exists():
        return
    shutil.rmtree(size.home, ignore_errors=True)
    size.home.mkdir(parents=True)
    vault = Vault.create(size.home / "vault")
    worth = pl.DataFrame({"limit": LIMITS}).select(claim_digest(value.canonical(pl.col("limit")), vault.key))
    told = tokens(vault.key), worth.to_series().to_numpy()
    with vault.place.locked() as writing:
        written = tuple(register(vault, writing, number, size.customers, told) for number in range(size.platforms))
        write_manifest(writing, Manifest(vault.key.fingerprint, written))
    dump(size).write_csv(size.home / "dump.csv")


def dump(size: Size) -> pl.DataFrame:
    """What is sold: two platforms' customers with their limits, and others with any."""
    rng = np.random.default_rng(3)
    parts = []
    for number, share in SOLD.items():
        person, limit = customers(number, size.customers)
        chosen = rng.choice(person.size, round(share * size.rows), replace=False)
        parts.append((person[chosen], limit[chosen]))
    others = size.rows - sum(person.size for person, _ in parts)
    parts.append((rng.integers(0, PEOPLE, others), rng.integers(0, len(LIMITS), others)))
    person, limit = (np.concatenate(column) for column in zip(*parts, strict=True))
    mixed = rng.permutation(person.size)
    return pl.DataFrame({"手机号": phone(person[mixed]), "授信额度": np.array(LIMITS)[limit[mixed]]})


def trace(size: Size) -> dict[str, Any]:
    """One trace in a fresh process, its cost and its answer beside the truth."""
    # In a process of its own: a child's peak memory is never reported below that of the process that started it.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        pool.submit(invent, size).result()
    file, vault = size.home / "dump.csv", size.home / "vault"
    cost = measured([LUOBO, "trace", file, "--vault", vault, "--json", "-"])
    if cost.code not in {0, 1}:
        raise SystemExit(cost.errors)
    floor = measured([sys.executable, "-c", READ, file], repeat=3)
    said = json.loads(cost.output)["sources"]
    named = {one["platform"]: one["rows"] for one in said if one["verdict"] == "established"}
    held = sum(
        path.stat().st_size
        for pattern in ("identifier-*.parquet", "index.parquet", "sample.parquet")
        for path in (vault / "parts").glob(f"*/{pattern}")
    )
    return {
        "platforms": size.platforms, "pairs": size.pairs, "rows": size.rows, "seconds": round(cost.wall, 2),
        "cpu": round(cost.cpu, 2), "reading": round(floor.wall, 2), "peak_mib": round(cost.peak_mib), "named": named,
        "right": set(named) == {f"p{number:05}" for number in SOLD}, "said_of": len(said),
        "bytes_a_pair": round(held / size.pairs, 2),
    }  # fmt: skip


READ: Final = "import sys, polars; polars.read_csv(sys.argv[1], infer_schema=False)"


def markdown(rows: list[dict[str, Any]]) -> str:
    """The table for people."""
    lines = [
        "| platforms | pairs | rows | s | CPU s | Polars reads the dump, s | peak MiB | bytes a pair | named | rows |",
        "|---:|---:|---:|---:|---:|---:|---:|---:|---|---|",
    ]
    for row in rows:
        named = ", ".join(row["named"])
        counted = ", ".join(f"{many:,}" for many in row["named"].values())
        lines.append(
            f"| {row['platforms']:,} | {row['pairs']:,} | {row['rows']:,} | {row['seconds']} | {row['cpu']} "
            f"| {row['reading']} | {row['peak_mib']:,} | {row['bytes_a_pair']} | {named} | {counted} |"
        )
    alike = [row for row in rows if row["rows"] == rows[0]["rows"]]
    first, last = alike[0], alike[-1]
    growth = math.log(last["cpu"] / first["cpu"]) / math.log(last["platforms"] / first["platforms"])
    return "\n".join(lines) + (
        "\n\nTruth: 20 and 15 % of the rows."
        f" Processor time grows as the {growth:.2f}th power of the number of platforms with the same dump."
    )


def main() -> None:
    """Measure all sizes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, nargs="*", default=range(len(SIZES)), metavar="N")
    parser.add_argument("--keep", action="store_true", help="keep the vaults")
    asked = parser.parse_args()
    rows = []
    for place in asked.only:
        rows.append(trace(SIZES[place]))
        print(rows[-1], file=sys.stderr)
        if not asked.keep:
            shutil.rmtree(SIZES[place].home)
    if len(rows) == len(SIZES):
        publish("many_platforms", rows, markdown(rows))


if __name__ == "__main__":
    main()
