from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.identifiers.kinds import COMPOSITE
from tracer.tokens import TokenKey, composite_tokens, name_digests
from tracer.vault.composites import Columns, clues, has_clues

KEY = TokenKey(b"k" * 32)
COLUMNS = [("name", "name"), ("phone", "phone"), ("id", "national_id")]
ADA = {"name": "张三", "phone": "13812345678", "id": "11010519491231002X"}


def tokens(columns: Columns, cells: dict[str, str], *, mistyped: bool = True) -> dict[str, set[int]]:
    """Kind → tokens of one record."""
    frame = pl.DataFrame({name: [cell] for name, cell in cells.items()})
    made = clues(frame, columns, KEY, mistyped=mistyped)
    return {kind: set(found.tokens(KEY, kind).get_column("token").to_list()) for kind, found in made.items()}


@pytest.fixture(scope="module")
def ada() -> dict[str, set[int]]:
    return tokens(COLUMNS, ADA, mistyped=False)


def test_a_platform_makes_every_kind_once(ada: dict[str, set[int]]) -> None:
    """A whole record gives one token of each composite kind."""
    assert set(ada) == set(COMPOSITE)
    assert all(len(found) == 1 for found in ada.values())


@pytest.mark.parametrize(
    ("cells", "kinds"),
    [
        ({"name": "Zhang San", "phone": "138****5678"}, {"name_phone", "name_phone_last_4"}),
        ({"name": "San Zhang", "phone": "138-XXXX-5678"}, {"name_phone", "name_phone_last_4"}),
        ({"name": "張三", "phone": "*******5678"}, {"name_phone_last_4"}),
        ({"name": "张**", "phone": "138****5678"}, {"surname_phone"}),
        ({"name": "张先生", "phone": "13812345678"}, {"surname_phone"}),
        ({"name": "章三", "phone": "13812345679"}, {"name_phone_first_7"}),
        ({"name": "张三", "phone": "1381345678"}, {"name_phone", "name_phone_last_4"}),
        ({"name": "张三", "phone": "13182345678"}, {"name_phone", "name_phone_last_4"}),
        ({"name": "张三", "id": "110105********002X"}, {"name_id", "name_id_last_4"}),
        ({"name": "张三", "id": "110105194912310000"}, {"name_birth_region"}),
        ({"name": "张三", "id": "11010519491231002"}, {"name_birth_region"}),
    ],
)
def test_a_damaged_record_meets_its_customer(cells: dict[str, str], kinds: set[str], ada: dict[str, set[int]]) -> None:
    """What a damaged record still shows gives tokens its customer has."""
    columns = [(name, role) for name, role in COLUMNS if name in cells]
    met = {kind for kind, found in tokens(columns, cells).items() if found & ada[kind]}
    assert met >= kinds
    assert met <= kinds | {"name_phone_last_4", "name_phone_last_8", "surname_phone", "name_id_last_4"}


def test_region_and_birth_date_meet_an_id(ada: dict[str, set[int]]) -> None:
    """A record without an ID but with birth date, region and name meets the customer with that ID."""
    columns = [("name", "name"), ("born", "birth_date"), ("region", "region")]
    told = tokens(columns, {"name": "张三", "born": "1949/12/31", "region": "110105"})
    assert told == {"name_birth_region": ada["name_birth_region"]}


def test_tables_without_names_have_no_clues() -> None:
    """Digits alone are no identifier: a masked phone number is fifteen people's."""
    assert not has_clues([("phone", "phone"), ("id", "national_id")])
    assert not has_clues([("name", "name"), ("born", "birth_date")])
    assert clues(pl.DataFrame({"phone": ["13812345678"]}), [("phone", "phone")], KEY, mistyped=True) == {}


@given(digits=st.lists(st.integers(0, 10**14), min_size=2, max_size=20, unique=True))
def test_tokens_of_different_pairs_differ(digits: list[int]) -> None:
    """Other digits, another name, kind or key give another token; the same give the same."""
    number = np.array(digits, np.int64)
    one, other = name_digests(pl.Series(["zhangsan", "lisi"]), KEY, "whole")
    names = np.full(number.size, one)
    told = composite_tokens(names, number, KEY, "name_phone")
    assert np.unique(told).size == number.size
    assert (told == composite_tokens(names, number, KEY, "name_phone")).all()
    for foreign in (
        composite_tokens(names, number, KEY, "name_id"),
        composite_tokens(np.full(number.size, other), number, KEY, "name_phone"),
        composite_tokens(names, number, TokenKey(b"l" * 32), "name_phone"),
    ):
        assert not (told == foreign).any()


def test_a_surname_is_not_a_name() -> None:
    """The digest of a surname is another than that of a whole name that sounds alike; nulls have none."""
    whole, surname = (name_digests(pl.Series(["zhang", None]), KEY, part) for part in ("whole", "surname"))
    assert whole[0] != surname[0]
    assert whole[1] == surname[1] == 0
