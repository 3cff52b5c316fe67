"""Account names: those that a platform gives out name it, those that people choose name nobody."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from tests.tracer.attribution.lenders import lenders
from tests.tracer.linkage.registered import tables_of, vault_of
from tracer.attribution.standing import Verdict
from tracer.demo import HEADERS, LeakPlan, World, leak
from tracer.demo.styles import Style, styled
from tracer.findings import Findings
from tracer.tracing import trace
from tracer.vault.vault import Vault

PHONE, ACCOUNT = HEADERS["phone"], HEADERS["account"]
DAY = date(2025, 6, 19)


def chosen(phones: Sequence[str]) -> list[str]:
    """A name that the holder of each phone number uses everywhere: syllables, and digits of no fixed length."""
    words = ("xiao", "da", "lao", "ai", "wo", "mei", "ming", "hong", "li", "wang", "long")
    numbers = [int.from_bytes(hashlib.sha256(phone.encode()).digest()[:8]) for phone in phones]
    return [words[one % 11] + words[one // 11 % 11] + str(one // 121 % 10 ** (2 + one // 7 % 5)) for one in numbers]


def digested(phones: Sequence[str]) -> list[str]:
    """The MD5 of each phone number, by which services compare their customers."""
    return [hashlib.md5(phone.encode(), usedforsecurity=False).hexdigest() for phone in phones]


def vault_with(world: World, folder: Path, own: Callable[[Sequence[str]], list[str]]) -> Vault:
    """A vault in which the first lender's account names are `own`, and the others' what they gave out themselves."""
    tables = tables_of(world)
    first = world.registered[0]
    tables[first] = {
        day: one.with_columns(pl.Series(ACCOUNT, own(one[PHONE].to_list()))) for day, one in tables[first].items()
    }
    return vault_of(folder, tables)


def found(world: World, vault: Vault, whose: str, rows: int, own: Callable[[Sequence[str]], list[str]]) -> Findings:
    """Phone numbers and `own` account names of some customers of one platform, traced."""
    records = leak(world, LeakPlan({whose: rows}, DAY, ("phone",), 0, 1))
    return trace(records.select(手机号=pl.col("phone"), 用户名=pl.Series(own(records["phone"].to_list()))), vault)


@pytest.mark.parametrize("own", [chosen, digested])
def test_names_that_people_bring_along_name_nobody(own: Callable[[Sequence[str]], list[str]], tmp_path: Path) -> None:
    """A stranger's list carries the very account names of a registered platform, on which no other agrees: not named.

    Until now the other platforms, which give out names of their own, made it look like the registered one's list.
    """
    for seed in range(3):
        world = lenders(seed)
        (tmp_path / str(seed)).mkdir()
        vault = vault_with(world, tmp_path / str(seed), own)
        for rows in (100, 1_000):
            assert not found(world, vault, world.hidden[0], rows, own).established


def test_ten_names_that_a_platform_gave_out_name_it(tmp_path: Path) -> None:
    """Ten phone numbers with the user names that the platform gave these customers are enough; a stranger's are not."""
    world = lenders(7)
    vault = vault_of(tmp_path, tables_of(world))
    for place, name in enumerate((*world.registered, *world.hidden)):
        rows = leak(world, LeakPlan({name: 10}, DAY, ("phone", "account"), 0, place))
        sources = trace(styled(rows, Style()), vault).established
        assert [one.platform for one in sources] == [one for one in world.registered if one == name]
        assert all(one.verdict is Verdict.ESTABLISHED and one.rows == pytest.approx(10) for one in sources)


def test_user_names_are_evidence_beside_masked_phones(tmp_path: Path) -> None:
    """A list of names, masked phones and the platform's user names names it: these do not hang on the user name alone.

    Until now such a record counted as recognised by its user name, and its masked phone was not looked at.
    """
    world = lenders(11)
    vault = vault_of(tmp_path, tables_of(world))
    for place, name in enumerate((*world.registered, *world.hidden)):
        rows = leak(world, LeakPlan({name: 200}, DAY, ("name", "phone", "account"), 0, place))
        found = trace(styled(rows, Style(mask_phone=True)), vault)
        assert [one.platform for one in found.established] == [one for one in world.registered if one == name]
        assert all(one.rows == pytest.approx(200, abs=2) for one in found.established)
        linked = {one.name: one.testimony.linked for one in found.attribution.standings}
        assert min(linked.values()) > 0, "whoever is a customer of several platforms is seen to be"
