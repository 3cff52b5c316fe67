"""Platforms that registered a sketch alone. The people are numbers: invented phones, each once."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from numpy.typing import NDArray
from scipy import stats

from tests.tracer.contents import folder_of
from tests.tracer.linkage.registered import vault_of
from tracer.cli.main import main
from tracer.errors import VaultFault
from tracer.tracing import trace
from tracer.vault.folder import Folder
from tracer.vault.handover import hand_over
from tracer.vault.manifest import Manifest
from tracer.vault.shelf import kept_sketches
from tracer.vault.sketch import sketch_of, write_sketch
from tracer.vault.store import write_manifest
from tracer.vault.vault import Vault

DAY = date(2025, 6, 1)


def table(people: NDArray[np.int64], seed: int) -> pl.DataFrame:
    """Customers by number, with limits of this platform's own."""
    limits = np.random.default_rng(seed).integers(10, 90_000, people.size)
    return pl.DataFrame(
        {"手机号码": [f"139{number:08d}" for number in people], "授信额度": [str(one) for one in limits]}
    )


@dataclass(frozen=True)
class Town:
    """A vault with one platform's tokens and two platforms' sketches, and everybody's tables."""

    root: Path
    tables: dict[str, pl.DataFrame]
    sketches: dict[str, Path]


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Three platforms with customers drawn from 20,000 people."""
    folder = tmp_path_factory.mktemp("town")
    rng = np.random.default_rng(3)
    names = ("huadai", "leaky", "shy")
    tables = {name: table(rng.choice(20_000, 4_000, replace=False), seed) for seed, name in enumerate(names)}
    everybody = vault_of(folder, {name: {DAY: one} for name, one in tables.items()})
    sketches = {name: folder / f"{name}.sketch" for name in names}
    for name, path in sketches.items():
        write_sketch(sketch_of(everybody, everybody.platform(name)), everybody.key, path)
    hand_over(everybody, everybody.platform("huadai"), folder / "huadai.tokens")
    root = folder / "town"
    shutil.copytree(folder_of(everybody), root)
    shutil.rmtree(root / "parts")
    (root / "parts").mkdir()
    shutil.copy(folder / "vault.key", folder / "town.key")
    with Folder(root).locked() as writing:
        write_manifest(writing, Manifest(everybody.key.fingerprint))
    for path in (folder / "huadai.tokens", sketches["leaky"], sketches["shy"]):
        assert main(["vault", "import", str(root), str(path)]) == 0
    return Town(root, tables, sketches)


def test_a_sketch_fits_a_leak_and_names_nobody(town: Town) -> None:
    """Beside a found source a sketched platform that leaked is consistent, with its rows; one that did not is not."""
    leaked = pl.concat([town.tables["huadai"].sample(1_500, seed=1), town.tables["leaky"].sample(1_000, seed=2)])
    found = {one.platform: one for one in trace(leaked, Vault.open(town.root)).found}
    assert found["huadai"].verdict == "established"
    assert found["leaky"].verdict == "consistent"
    assert found["leaky"].false_accusation == 1
    assert found["leaky"].rows == pytest.approx(1_000, rel=0.15)
    assert found["leaky"].rows_low == 0
    assert found["shy"].verdict in {"indeterminate", "excluded"}
    assert found["shy"].rows == 0


def test_a_sketch_says_of_parts_what_it_says_of_the_whole(town: Town, tmp_path: Path) -> None:
    """A dump in two parts: the sketches' verdicts are the same, and the rows, told by one part, are about as many."""
    leaked = pl.concat([town.tables["huadai"].sample(1_500, seed=1), town.tables["leaky"].sample(1_000, seed=2)])
    leaked.write_csv(tmp_path / "dump.csv")
    vault = Vault.open(town.root)
    whole = {one.platform: one for one in trace(tmp_path / "dump.csv", vault).found}
    parted = {one.platform: one for one in trace(tmp_path / "dump.csv", vault, parts=2, scratch=tmp_path).found}
    assert {name: one.verdict for name, one in parted.items()} == {name: one.verdict for name, one in whole.items()}
    assert parted["leaky"].rows == pytest.approx(1_000, rel=0.2)


def test_innocent_sketches_fit_no_leak_of_others(town: Town) -> None:
    """Over 60 dumps of a found source and of strangers who are customers here and there, no sketch is consistent."""
    rng, vault = np.random.default_rng(4), Vault.open(town.root)
    fits = 0
    for seed in range(60):
        strangers = table(rng.choice(20_000, 600, replace=False), 100 + seed)
        leaked = pl.concat([town.tables["huadai"].sample(800, seed=seed), strangers])
        fits += sum(one.verdict == "consistent" for one in trace(leaked, vault).found if one.platform != "huadai")
    assert fits <= stats.binom.ppf(0.999, 120, 0.0025)


def test_what_is_kept_can_be_listed_and_is_watched(town: Town, capsys: pytest.CaptureFixture[str]) -> None:
    """Sketches are listed, one of a platform that registered more is refused, and a damaged one is told of."""
    capsys.readouterr()
    assert main(["vault", "list", str(town.root), "--json", "-"]) == 0
    assert [one["platform"] for one in json.loads(capsys.readouterr().out)["sketches"]] == ["leaky", "shy"]
    assert main(["vault", "import", str(town.root), str(town.sketches["huadai"])]) == 2
    assert "more than a sketch" in capsys.readouterr().err
    kept = next((town.root / "sketches").iterdir())
    whole = kept.read_bytes()
    kept.write_bytes(whole[:-100])
    try:
        with pytest.raises(VaultFault):
            kept_sketches(Vault.open(town.root))
    finally:
        kept.write_bytes(whole)
