from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tracer import apart
from tests.tracer.conftest import DAYS, Town
from tests.tracer.contents import picture

WORDS = "萝卜 words"


def run(folder: Path, *arguments: str | Path, passphrase: str | None = None) -> apart.Ended:
    environment = {} if passphrase is None else {"LUOBO_PASSPHRASE": passphrase}
    return apart.luobo(folder, [str(word) for word in arguments], environment)


def test_the_whole_way(town: Town, tmp_path: Path) -> None:
    """create, add, list, export, import and trace, one after the other, as an investigator types them."""
    vault, second = tmp_path / "city.vault", tmp_path / "second.vault"
    made = run(tmp_path, "vault", "create", vault)
    assert made.code == 0
    assert "back it up" in made.err
    assert vault.with_name("city.vault.key").stat().st_mode & 0o777 == 0o600
    for name in town.world.registered:
        for day in DAYS:
            added = run(
                tmp_path,
                "vault",
                "add",
                vault,
                town.table(name, day),
                "--platform",
                name,
                "--taken-at",
                day.isoformat(),
            )
            assert (added.code, added.err) == (0, "")
            assert f"{name} {day}: " in added.out
    listed = json.loads(run(tmp_path, "vault", "list", vault, "--json", "-").out)
    assert [one["platform"] for one in listed["platforms"]] == sorted(town.world.registered)
    assert all(one["snapshots"] == [day.isoformat() for day in DAYS] for one in listed["platforms"])
    tokens = tmp_path / "first.tokens"
    assert run(tmp_path, "vault", "export", vault, "--platform", town.first, "-o", tokens).code == 0
    assert run(tmp_path, "vault", "create", second).code == 0
    assert run(tmp_path, "vault", "import", second, tokens).code == 2
    key = ("--key", vault.with_name("city.vault.key"))
    assert run(tmp_path, "trace", town.dump, "--vault", second, *key).code == 2
    assert run(tmp_path, "vault", "import", vault, tokens).code == 0
    traced = run(tmp_path, "trace", town.dump, "--vault", vault)
    assert traced.code == 0
    assert f"{town.first} (" in traced.out


def test_adding_twice_is_told(vault: Path, town: Town, tmp_path: Path) -> None:
    """A snapshot that was registered before is told as such, exit code 0, and changes nothing."""
    before = picture(vault)
    line = (
        "vault",
        "add",
        vault,
        town.table(town.first, DAYS[0]),
        "--platform",
        town.first,
        "--taken-at",
        str(DAYS[0]),
    )
    ended = run(tmp_path, *line)
    assert (ended.code, ended.err) == (0, "")
    assert "nothing changed" in ended.out
    assert json.loads(run(tmp_path, *line, "--json", "-").out)["unchanged"] is True
    assert picture(vault) == before


def test_what_add_says_as_json(vault: Path, town: Town, tmp_path: Path) -> None:
    """`vault add --json -` prints its counts and nothing else on stdout."""
    table = town.table(town.third, DAYS[0])
    line = ("vault", "add", vault, table, "--platform", town.third, "--taken-at", str(DAYS[0]), "--json", "-")
    rows = town.world.table(town.third, DAYS[0]).height
    assert json.loads(run(tmp_path, *line).out) == {
        "platform": town.third,
        "taken_at": DAYS[0].isoformat(),
        "rows": rows,
        "people": rows,
        "new_people": rows,
        "unidentified": 0,
        "unchanged": False,
        "rejected": 0,
    }


def test_the_list_for_people(town: Town, tmp_path: Path) -> None:
    """`vault list` shows every platform with its customers, first and newest snapshot; and nobody's data."""
    shown = run(tmp_path, "vault", "list", town.vault).out
    for name in town.world.registered[:2]:
        assert name in shown
    assert str(DAYS[0]) in shown
    assert str(DAYS[-1]) in shown
    assert not [one for one in town.personal if one in shown]


def test_a_column_that_was_said(vault: Path, town: Town, tmp_path: Path) -> None:
    """--column and --joined reach the registration; a name may hold an equals sign."""
    table = tmp_path / "table.csv"
    frame = town.world.table(town.third, DAYS[0])
    frame.rename({"城市": "a=b", "进件时间": "t"}).write_csv(table)
    line = ("vault", "add", vault, table, "--platform", "said", "--taken-at", str(DAYS[0]))
    assert run(tmp_path, *line, "--column", "a=b=text", "--column", "用户名=text", "--joined", "t").code == 0
    listed = json.loads(run(tmp_path, "vault", "list", vault, "--json", "-").out)
    said = next(one for one in listed["platforms"] if one["platform"] == "said")
    assert {"name": "a=b", "role": "text"} in said["claims"]
    assert "account" not in said["identifiers"]
    assert said["joined_known"] is True


@pytest.mark.parametrize("way", ["environment", "file"])
def test_a_passphrase_all_the_way(town: Town, tmp_path: Path, way: str) -> None:
    """With LUOBO_PASSPHRASE or --passphrase-file a locked vault is made, filled, traced; without it nothing opens."""
    vault, table, words = tmp_path / "vault", town.table(town.first, DAYS[1]), tmp_path / "words"
    words.write_text(f"{WORDS}\nsecond line\n", "utf-8")
    option = ("--passphrase-file", words) if way == "file" else ()
    around = WORDS if way == "environment" else None
    for line in (
        ("vault", "create", vault),
        ("vault", "add", vault, table, "--platform", town.first, "--taken-at", str(DAYS[1])),
        ("vault", "list", vault),
        ("trace", town.dump, "--vault", vault),
    ):
        ended = run(tmp_path, *line, *option, passphrase=around)
        assert ended.code == 0, (line, ended.err)
        assert WORDS not in ended.out + ended.err
    assert WORDS not in vault.with_name("vault.key").read_text("utf-8")
    locked = run(tmp_path, "trace", town.dump, "--vault", vault)
    assert locked.code == 2
    assert "LUOBO_PASSPHRASE" in locked.err
    assert run(tmp_path, "trace", town.dump, "--vault", vault, passphrase="wrong").code == 2


def test_the_file_goes_before_the_environment(town: Town, tmp_path: Path) -> None:
    """Where both are given, the passphrase file counts."""
    words = tmp_path / "words"
    words.write_text(WORDS, "utf-8")
    vault = tmp_path / "vault"
    assert run(tmp_path, "vault", "create", vault, "--passphrase-file", words, passphrase="other").code == 0
    assert run(tmp_path, "vault", "list", vault, passphrase=WORDS).code == 0
    assert run(tmp_path, "vault", "list", vault, passphrase="other").code == 2
