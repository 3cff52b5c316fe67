"""Splink and `recordlinkage` on a pair of files, each as its documentation would have it done, without labels.

Run by `febrl.py` with the interpreter of the peer's own environment:

    python febrl_peers.py splink|recordlinkage A.csv B.csv PAIRS.csv

Writes the linked pairs as row numbers (`a,b,score`), every pair the peer scored above one half.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

FIELDS = (
    *("given_name", "surname", "street_number", "address_1", "address_2", "suburb"),
    *("postcode", "state", "date_of_birth", "soc_sec_id"),
)
"""All columns but the record's own name, which is the answer."""


def by_splink(a: str, b: str) -> list[tuple[int, int, float]]:
    """Link with Splink 5 on DuckDB: EM in two sessions, as its Febrl 4 example does."""
    import pandas as pd  # noqa: PLC0415 - only this peer's environment has what it needs
    import splink.comparison_library as cl  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    database = DuckDBAPI()
    frames = []
    for path in (a, b):
        frame = pd.read_csv(path, dtype=str, keep_default_na=False).replace("", None)
        frame.insert(0, "unique_id", range(len(frame)))
        frames.append(frame)
    tables = [database.register(frame, table_name=name) for frame, name in zip(frames, ("a", "b"), strict=True)]
    names = [cl.NameComparison(name).configure(term_frequency_adjustments=True) for name in ("given_name", "surname")]
    texts = [cl.JaroWinklerAtThresholds(name, [0.9, 0.7]) for name in ("address_1", "address_2", "suburb")]
    codes = [cl.DamerauLevenshteinAtThresholds(name, [1, 2]) for name in ("soc_sec_id", "date_of_birth", "postcode")]
    exact = [cl.ExactMatch("street_number"), cl.ExactMatch("state")]
    blocks = [
        *(block_on(name) for name in ("soc_sec_id", "date_of_birth")),
        *(block_on("given_name", "surname"), block_on("address_1", "suburb"), block_on("postcode", "street_number")),
        *(block_on("given_name", "postcode"), block_on("surname", "postcode"), block_on("address_1", "street_number")),
    ]
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=[*names, *texts, *codes, *exact],
        blocking_rules_to_generate_predictions=blocks,
    )
    linker = Linker(tables, settings)
    linker.training.estimate_probability_two_random_records_match(
        [block_on("soc_sec_id"), block_on("given_name", "surname", "date_of_birth")], recall=0.9
    )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("date_of_birth"))
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("postcode"))
    found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
    pairs = []
    for left, right, one, other, score in zip(
        found["source_dataset_l"], found["source_dataset_r"], found["unique_id_l"], found["unique_id_r"],
        found["match_probability"], strict=True,
    ):  # fmt: skip
        assert {left, right} == {"a", "b"}
        pairs.append((int(one), int(other), float(score)) if left == "a" else (int(other), int(one), float(score)))
    return pairs


def by_recordlinkage(a: str, b: str) -> list[tuple[int, int, float]]:
    """Link with the Python Record Linkage Toolkit: its unsupervised ECM classifier (Fellegi-Sunter)."""
    import pandas as pd  # noqa: PLC0415
    import recordlinkage  # noqa: PLC0415

    one, other = (pd.read_csv(path, dtype=str) for path in (a, b))
    index = recordlinkage.Index()
    for columns in (
        "soc_sec_id", "date_of_birth", ["given_name", "surname"], ["address_1", "suburb"],
        ["postcode", "street_number"], ["given_name", "postcode"], ["surname", "postcode"],
    ):  # fmt: skip
        index.block(columns)
    pairs = index.index(one, other)
    compare = recordlinkage.Compare()
    for name in ("given_name", "surname", "address_1", "address_2", "suburb"):
        compare.string(name, name, method="jarowinkler", threshold=0.85, label=name)
    for name in ("street_number", "postcode", "state", "date_of_birth", "soc_sec_id"):
        compare.exact(name, name, label=name)
    features = compare.compute(pairs, one, other)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    chance = classifier.prob(features)
    return [(int(pair[0]), int(pair[1]), float(score)) for pair, score in chance.items() if score > 0.5]


PEERS = {"splink": by_splink, "recordlinkage": by_recordlinkage}

if __name__ == "__main__":
    peer, a_path, b_path, target = sys.argv[1:]
    with Path(target).open("w", newline="") as stream:
        csv.writer(stream).writerows(PEERS[peer](a_path, b_path))
