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
SCALED = 50
"""One in so many hashes is in a FracMinHash sketch."""

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
    """Only load what a trace needs, one after the other."""
    del world, kept
    import tracer.cli.trace
    import tracer.tracing
    import tracer.undivided

    return {"loaded": [tracer.cli.trace.__name__, tracer.tracing.__name__, tracer.undivided.__name__]}


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


def read_platforms_duckdb(world: Path, kept: Path) -> Answer:
    """Only read all platforms' CSVs in DuckDB, every column of them."""
    del kept
    import duckdb

    paths = [str(path) for _, path in tables(world)]
    return {"rows_read": duckdb.read_csv(paths, all_varchar=True).to_arrow_table().num_rows}


def duckdb_prepare(world: Path, kept: Path) -> Answer:
    """Write down of each phone number in DuckDB which platforms know it, one bit a platform, for `duckdb_bits`."""
    import duckdb

    held = " UNION ALL ".join(
        f"SELECT {PHONE} AS phone, {1 << place}::BIGINT AS bit FROM read_csv('{path}', all_varchar = true)"
        for place, (_, path) in enumerate(tables(world))
    )
    with duckdb.connect(kept / "bits.duckdb") as database:
        database.execute(f"CREATE TABLE known AS SELECT phone, bit_or(bit) AS bits FROM ({held}) GROUP BY phone")
    return {}


def duckdb_bits(world: Path, kept: Path) -> Answer:
    """Join the dump with those bits, and count the rows of each platform."""
    import duckdb

    written = f"regexp_replace(nfkc({PHONE}), '[^0-9]', '', 'g')"
    database = duckdb.connect(kept / "bits.duckdb", read_only=True)
    database.create_function("nfkc", _nfkc, ["VARCHAR"], "VARCHAR")  # type: ignore[list-item, arg-type]
    counts = database.execute(
        f"SELECT bits, count(*) FROM (SELECT right({written}, 11) AS phone FROM "
        f"read_csv('{world / 'dump.csv'}', all_varchar = true)) JOIN known USING (phone) GROUP BY bits"
    ).fetchall()
    names = [name for name, _ in tables(world)]
    return {
        "rows": {name: sum(n for bits, n in counts if bits >> place & 1) for place, name in enumerate(names)},
    }


def _nfkc(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFKC", text)


def _rensa(phones: Iterable[str]) -> tuple[Any, int]:
    from rensa import RMinHash

    distinct = list(set(phones))
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=1)
    sketch.update(distinct)
    return sketch, len(distinct)


def rensa_prepare(world: Path, kept: Path) -> Answer:
    """Sketch every platform's phone numbers with rensa, for `rensa`."""
    sketches = {name: _rensa(_pandas_phones(path).tolist()) for name, path in tables(world)}
    (kept / "rensa.pickle").write_bytes(pickle.dumps(sketches))
    return {}


def rensa(world: Path, kept: Path) -> Answer:
    """Sketch the dump with rensa, and estimate from the sketches how much of it each platform holds."""
    sketches = pickle.loads((kept / "rensa.pickle").read_bytes())  # noqa: S301 - we wrote it just now
    sketch, size = _rensa(_pandas_phones(world / "dump.csv").tolist())
    rows = {}
    for name, (theirs, held) in sketches.items():
        jaccard = sketch.jaccard(theirs)
        rows[name] = round(jaccard * (size + held) / (1 + jaccard))
    return {"rows": rows}


def _fracminhash(path: Path) -> Any:
    import pandas as pd
    from sourmash import MinHash

    hashes = pd.util.hash_array(_pandas_phones(path).to_numpy(object))
    sketch = MinHash(n=0, ksize=21, scaled=SCALED)
    sketch.add_many([int(one) for one in hashes if one < 2**64 // SCALED])
    return sketch


def sourmash_prepare(world: Path, kept: Path) -> Answer:
    """Sketch every platform's phone numbers with sourmash's FracMinHash, for `sourmash_gather`."""
    sketches = {name: _fracminhash(path) for name, path in tables(world)}
    (kept / "sourmash.pickle").write_bytes(pickle.dumps(sketches))
    return {}


def sourmash_gather(world: Path, kept: Path) -> Answer:
    """As sourmash's `gather`: the platform that covers most of the dump, then what covers most of the rest, and so on.

    (Minimum metagenome cover: Irber et al. 2022.)
    """
    sketches = pickle.loads((kept / "sourmash.pickle").read_bytes())  # noqa: S301 - we wrote it just now
    left = _fracminhash(world / "dump.csv")
    rows: dict[str, int] = {}
    while len(left) and len(rows) < len(sketches):
        name = max(sketches.keys() - rows.keys(), key=lambda one: sketches[one].count_common(left))
        rows[name] = sketches[name].count_common(left) * SCALED
        left.remove_many([one for one in left.hashes if one in sketches[name].hashes])
    return {"rows": rows}


def splink(world: Path, kept: Path) -> Answer:
    """Link the dump to all platforms' customers with Splink 5 on DuckDB, and count each row's likeliest customer."""
    del kept
    import duckdb
    import splink.comparison_library as compare
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    database = duckdb.connect()
    database.create_function("nfkc", _nfkc, ["VARCHAR"], "VARCHAR")  # type: ignore[list-item, arg-type]
    columns = "客户姓名 AS name, 贷款产品 AS product, 在贷余额 AS amount"
    held = " UNION ALL ".join(
        f"SELECT '{name}-' || row_number() OVER () AS unique_id, {PHONE} AS phone, {columns} "
        f"FROM read_csv('{path}', all_varchar = true)"
        for name, path in tables(world)
    )
    database.execute(f"CREATE TABLE held AS {held}")
    database.execute(
        f"CREATE TABLE dump AS SELECT row_number() OVER () AS unique_id, {columns}, "
        f"right(regexp_replace(nfkc({PHONE}), '[^0-9]', '', 'g'), 11) AS phone "
        f"FROM read_csv('{world / 'dump.csv'}', all_varchar = true)"
    )
    api = DuckDBAPI(database)
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[compare.ExactMatch(name) for name in ("phone", "name", "product", "amount")],
        blocking_rules_to_generate_predictions=[block_on("phone")],
    )
    linker = Linker([api.register("dump", table_name="a"), api.register("held", table_name="b")], settings)
    linker.training.estimate_probability_two_random_records_match([block_on("phone", "name", "amount")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("name", "amount"))
    found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    dumped = found["source_dataset_l"] == "a"
    row = found["unique_id_l"].where(dumped, found["unique_id_r"])
    name = found["unique_id_r"].where(dumped, found["unique_id_l"]).str.partition("-")[0]
    best = found.assign(row=row, name=name).sort_values("match_probability").drop_duplicates("row", keep="last")
    return {"rows": {str(key): int(count) for key, count in best["name"].value_counts().items()}}


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
        read_platforms_duckdb,
        duckdb_prepare,
        duckdb_bits,
        rensa_prepare,
        rensa,
        sourmash_prepare,
        sourmash_gather,
        splink,
    )
}

if __name__ == "__main__":
    print(json.dumps(METHODS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))))
