from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from tests.tracer.contents import folder_of
from tests.tracer.linkage.registered import stolen, tables_of, vault_of
from tracer.cli.main import main
from tracer.demo import LeakPlan, WorldPlan, invent
from tracer.leaks import leaks, lineage_from
from tracer.vault.vault import Vault

DAY = date(2025, 9, 12)
FIRST, STRANGER = "huadai", "kedoudai"
FIELDS = ("name", "phone", "national_id", "product", "limit", "account")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> tuple[Vault, dict[str, str]]:
    """A vault; a registered platform's leak and its half, and a leak of one that is not registered."""
    folder = tmp_path_factory.mktemp("leaks")
    world = invent(WorldPlan(seed=61, people=8_000, platforms=3, customers=2_000, hidden=1))
    vault = vault_of(folder, tables_of(world))
    leaked = stolen(world, LeakPlan({FIRST: 800}, DAY, FIELDS, seed=1))
    strange = stolen(world, LeakPlan({STRANGER: 500}, DAY, FIELDS, seed=2))
    parts = {"leak": leaked, "half": leaked.gather_every(2).drop(leaked.columns[4]), "strange": strange}
    for name, rows in parts.items():
        rows.write_csv(folder / f"{name}.csv")
    return vault, {name: str(folder / f"{name}.csv") for name in parts}


def test_the_first_dump_leaked_from_the_platform(case: tuple[Vault, dict[str, str]]) -> None:
    """The edge from the platform goes to the leak, not to what was made of it, nor to a stranger's table."""
    vault, files = case
    found = lineage_from(list(files.values()), vault)
    assert [(one.platform, one.child) for one in found.leaks] == [(FIRST, files["leak"])]
    (edge,) = [one for one in found.to_dict()["edges"] if one["parent"].startswith("platform:")]
    assert edge["operation"] == "leak"
    assert edge["direction"] == "determined"
    assert edge["probability"] < 1
    assert ("leak.csv", "half.csv") in {(Path(one.parent).name, Path(one.child).name) for one in found.lineage.edges}


def test_the_command_takes_a_vault(case: tuple[Vault, dict[str, str]], tmp_path: Path) -> None:
    """`luobo lineage --vault` writes the leak among the edges."""
    vault, files = case
    target = tmp_path / "chain.json"
    assert main(["lineage", files["leak"], files["half"], "--vault", str(folder_of(vault)), "--json", str(target)]) == 0
    edges = json.loads(target.read_text("utf-8"))["edges"]
    assert ("platform:" + FIRST, files["leak"]) in {(one["parent"], one["child"]) for one in edges}


def test_a_platform_is_named_once_a_line(case: tuple[Vault, dict[str, str]]) -> None:
    """Of dumps in a line only the first has an edge from the platform; without known parents each has."""
    vault, files = case
    found = lineage_from([files["leak"]], vault)
    (leak,) = found.leaks
    assert leak.platform == FIRST
    assert leaks({}, {}) == ()
