"""Other ways to ask which platform a dump came from, each run alone in a fresh process by `peers.py`.

    python benchmarks/peer_methods.py METHOD WORLD KEPT

WORLD is a folder of `world_scale.py`, KEPT where a method keeps what it prepared. The answer goes to stdout as JSON:
`rows` (platform → rows of the dump it holds) and `named_at` (threshold → platforms), where it gives them.
"""
# ruff: noqa: PLC0415 - each method imports only what it needs, for its start is timed too

from __future__ import annotations

import json
import pickle
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

PHONE = "手机号码"
PERMUTATIONS = 128
CHUNK = 20_000
THRESHOLDS = (0.2, 0.3, 0.6)

Answer = dict[str, Any]


def tables(world: Path) -> Iterator[tuple[str, Path]]:
    """Every platform and its CSV."""
    for path in sorted(world.glob("platforms/*/*.csv")):
        yield path.parent.name, path


def read_dump(world: Path, kept: Path) -> Answer:
    """Only read the dump, every cell of it: the floor."""
    del kept
    import polars as pl

    frame = pl.read_csv(world / "dump.csv", infer_schema=False)
    return {"cells": int(frame.select(pl.sum_horizontal(pl.all().str.len_bytes() > 0).sum()).item())}


def read_platform(world: Path, kept: Path) -> Answer:
    """Only read one platform's CSV: the floor of registering it."""
    del kept
    import polars as pl

    frame = pl.read_csv(next(path for _, path in tables(world)), infer_schema=False)
    return {"cells": int(frame.select(pl.sum_horizontal(pl.all().str.len_bytes() > 0).sum()).item())}


def read_platform_pandas(world: Path, kept: Path) -> Answer:
    """Only read one platform's CSV as text in pandas."""
    del kept
    import pandas as pd

    return {"rows_read": len(pd.read_csv(next(path for _, path in tables(world)), dtype=str))}


def read_platform_duckdb(world: Path, kept: Path) -> Answer:
    """Only read one platform's CSV as text in DuckDB."""
    del kept
    import duckdb

    path = next(path for _, path in tables(world))
    columns = duckdb.read_csv(str(path), all_varchar=True)
    return {"rows_read": columns.to_arrow_table().num_rows}


def luobo_start(world: Path, kept: Path) -> Answer:
    """Only load what a trace needs."""
    del world, kept
    import tracer.cli.trace
    import tracer.tracing

    return {"loaded": [tracer.cli.trace.__name__, tracer.tracing.__name__]}


def read_platforms(world: Path, kept: Path) -> Answer:
    """Only read all platforms' CSVs, one after the other."""
    del kept
    import polars as pl

    return {"rows_read": sum(pl.read_csv(path, infer_schema=False).height for _, path in tables(world))}


def polars_join(world: Path, kept: Path) -> Answer:
    """Semi-join the dump with each platform's CSV on the phone number, in Polars."""
    del kept
    import polars as pl

    dump = pl.read_csv(world / "dump.csv", columns=[PHONE], infer_schema=False)
    digits = pl.col(PHONE).str.normalize("NFKC").str.replace_all(r"[^0-9]", "").str.tail(11)
    dump = dump.select(pl.when(pl.col(PHONE).str.contains(r"^1[0-9]{10}$")).then(PHONE).otherwise(digits).alias(PHONE))
    # The platforms' numbers are plain in this world, so there is nothing to normalise.
    held = ((name, pl.scan_csv(path, infer_schema=False).select(PHONE)) for name, path in tables(world))
    return {"rows": {name: dump.lazy().join(phones, on=PHONE, how="semi").collect().height for name, phones in held}}


def _pandas_phones(path: Path) -> pd.Series[str]:
    import pandas as pd

    phones = pd.read_csv(path, usecols=[PHONE], dtype="str", engine="pyarrow")[PHONE]
    odd = ~phones.str.fullmatch(r"1[0-9]{10}")
    if odd.any():
        digits = phones[odd].str.normalize("NFKC").str.replace(r"[^0-9]", "", regex=True)
        phones = phones.mask(odd, digits.str[-11:])
    return phones


def _pandas_numbers(path: Path) -> pd.Series[int]:
    # Numbers merge about twice as fast as text; there are no other phones here than mainland mobiles.
    return _pandas_phones(path).astype("int64")


def _pandas_answer(world: Path, held: Iterable[tuple[str, pd.Series[int]]]) -> Answer:
    dump = _pandas_numbers(world / "dump.csv").to_frame()
    return {"rows": {name: len(dump.merge(phones.drop_duplicates(), on=PHONE)) for name, phones in held}}


def pandas_csv(world: Path, kept: Path) -> Answer:
    """Merge the dump with each platform's CSV on the normalised phone number, in pandas."""
    del kept
    return _pandas_answer(world, ((name, _pandas_numbers(path)) for name, path in tables(world)))


def pandas_prepare(world: Path, kept: Path) -> Answer:
    """Normalise all platforms' phone numbers once and keep them as Parquet, for `pandas_parquet`."""
    for name, path in tables(world):
        _pandas_numbers(path).to_frame().to_parquet(kept / f"{name}.parquet")
    return {}


def pandas_parquet(world: Path, kept: Path) -> Answer:
    """Merge the dump with each platform's prepared phone numbers, in pandas."""
    import pandas as pd

    return _pandas_answer(world, ((path.stem, pd.read_parquet(path)[PHONE]) for path in sorted(kept.glob("*.parquet"))))


def _sketch(phones: Iterable[str]) -> tuple[Any, int]:
    from datasketch import MinHash

    distinct = [phone.encode() for phone in set(phones)]
    sketch = MinHash(num_perm=PERMUTATIONS, seed=1, scheme="affine32")
    for start in range(0, len(distinct), CHUNK):
        sketch.update_batch(distinct[start : start + CHUNK])
    return sketch, len(distinct)


def minhash_prepare(world: Path, kept: Path) -> Answer:
    """Sketch every platform's phone numbers and index them in an LSH Ensemble a threshold, for `minhash`."""
    from datasketch import MinHashLSHEnsemble

    sketches = {name: _sketch(_pandas_phones(path).tolist()) for name, path in tables(world)}
    indices = {}
    for threshold in THRESHOLDS:
        indices[threshold] = MinHashLSHEnsemble(threshold=threshold, num_perm=PERMUTATIONS, num_part=4)
        indices[threshold].index((name, sketch, size) for name, (sketch, size) in sketches.items())
    (kept / "minhash.pickle").write_bytes(pickle.dumps((sketches, indices)))
    return {}


def minhash(world: Path, kept: Path) -> Answer:
    """Sketch the dump, ask the LSH Ensembles, and estimate from the sketches how much of it each platform holds."""
    sketches, indices = pickle.loads((kept / "minhash.pickle").read_bytes())  # noqa: S301 - we wrote it just now
    sketch, size = _sketch(_pandas_phones(world / "dump.csv").tolist())
    rows = {}
    for name, (theirs, held) in sketches.items():
        # |A and B| = J |A or B| = J (|A| + |B|) / (1 + J)
        jaccard = sketch.jaccard(theirs)
        rows[name] = round(jaccard * (size + held) / (1 + jaccard))
    named = {str(threshold): sorted(index.query(sketch, size)) for threshold, index in indices.items()}
    return {"rows": rows, "named_at": named}


METHODS: dict[str, Callable[[Path, Path], Answer]] = {
    method.__name__: method
    for method in (
        read_dump,
        read_platform,
        read_platform_duckdb,
        read_platform_pandas,
        luobo_start,
        read_platforms,
        polars_join,
        pandas_csv,
        pandas_prepare,
        pandas_parquet,
        minhash_prepare,
        minhash,
    )
}

if __name__ == "__main__":
    print(json.dumps(METHODS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
