from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracer.linkage.registered import vault_of
from tracer.engines.here import Here
from tracer.intake.material import material
from tracer.linkage.dump import prepare
from tracer.linkage.exact import Census, Links, link_all
from tracer.settings import DEFAULT
from tracer.vault.vault import Vault

DAY = date(2025, 10, 28)
ADA, BO, CY = "11010519491231002X", "310101199003070270", "440304198805120035"
"""Three invented people's IDs."""
PHONES = ("13800001111", "13900002222", "15000003333")


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Vault:
    table = pl.DataFrame({"姓名": ["赵一", "钱二", "孙三"], "手机号": PHONES, "身份证号": [ADA, BO, CY]})
    return vault_of(tmp_path_factory.mktemp("exact"), {"one": {DAY: table}})


def linked(vault: Vault, **columns: list[str | None]) -> Links:
    frame = pl.DataFrame(columns)
    dump = prepare(material(frame, DEFAULT).reading.tables, vault.key)
    return link_all(dump, vault, Here())[0][0]


def test_an_id_outweighs_a_phone_number_that_is_somebody_elses(vault: Vault) -> None:
    """A record with one customer's phone and another's ID is about the owner of the ID, and says what it rests on."""
    links = linked(vault, 手机号=[PHONES[0]] * 3, 身份证号=[ADA, CY, None])
    assert links.row.tolist() == [0, 1, 2]
    ada, cy, by_phone = links.person.tolist()
    assert ada == by_phone
    assert cy != ada
    assert links.linked_by("national_id").tolist() == [True, True, False]
    assert links.linked_by("phone").tolist() == [True, False, True]
    assert links.linked_by_others("national_id").tolist() == [True, False, True]


def test_two_numbers_of_one_customer_are_one_kind(tmp_path: Path) -> None:
    """A record that carries a customer's old and new number and ID rests on phone and ID, and on nothing else."""
    tables = {
        day: pl.DataFrame({"姓名": ["赵一", "钱二"], "手机号": [number, PHONES[1]], "身份证号": [ADA, BO]})
        for day, number in ((date(2025, 5, 1), PHONES[0]), (DAY, PHONES[2]))
    }
    vault = vault_of(tmp_path, {"one": tables})
    links = linked(vault, 手机号=[PHONES[0]] * 3, 联系电话=[PHONES[2]] * 3, 身份证号=[ADA] * 3)
    assert links.linked_by("national_id").all()
    assert links.linked_by("phone").all()
    assert not links.linked_by("bank_card").any()


def test_a_record_is_about_one_customer_at_most(vault: Vault) -> None:
    """However often numbers repeat or contradict each other, every record is linked once, in order."""
    links = linked(vault, 手机号=[*PHONES, *PHONES], 联系电话=[*reversed(PHONES), *PHONES])
    assert links.row.tolist() == list(range(6))
    assert np.unique(links.row).size == links.row.size


def test_strangers_are_linked_to_nobody(vault: Vault) -> None:
    """Numbers that no customer has link nothing."""
    assert linked(vault, 手机号=["18600009999", "18600008888"]).row.size == 0


@given(
    memberships=st.lists(st.sets(st.integers(0, 40)), min_size=1, max_size=5).filter(any),
    place=st.integers(0, 4),
)
def test_a_census_counts_people_once(memberships: list[set[int]], place: int) -> None:
    """Distinct people are the union of all customers, and those outside are in none of the other platforms."""
    samples = tuple(np.array(sorted(one), np.uint64) for one in memberships)
    census = Census(tuple(len(one) for one in memberships), samples)
    assert census.distinct == pytest.approx(len(set().union(*memberships)))
    others = [k for k in range(len(memberships)) if k != place]
    elsewhere = set[int]().union(*(memberships[k] for k in others))
    expected = [len(one - elsewhere) / len(one) if one else 0.0 for one in memberships]
    assert census.outside(others) == pytest.approx(expected)
