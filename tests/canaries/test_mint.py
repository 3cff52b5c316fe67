from __future__ import annotations

import random
import re

import numpy as np
import polars as pl
import pytest

from canaries.errors import CanaryFault
from canaries.identity import NameDeck, signed, taken
from canaries.mint import Minted, mint
from canaries.policy import DEFAULT, Policy, Rule, Treatment
from canaries.table import Table
from tests.canaries import invented
from tests.canaries.invented import NAMES

RNG = np.random.default_rng(3)


def minted(customers: Table, count: int, policy: Policy = DEFAULT) -> list[Minted]:
    return mint(customers, count, policy, taken(customers), set(), np.random.default_rng(11))


@pytest.fixture(scope="module")
def batch(customers: Table) -> list[Minted]:
    return minted(customers, 400)


def test_no_whole_identifier_by_default(batch: list[Minted]) -> None:
    """By default no canary has a whole phone number or any part of an ID."""
    for one in batch:
        assert re.fullmatch(r"1\d\d\*{4}\d{4}", one.cells["手机号"] or "")
        assert one.cells["身份证号"] is None


def test_no_customer_shares_a_signature(customers: Table, batch: list[Minted]) -> None:
    """No customer has a canary's masked phone number, and no other canary has it with the same surname."""
    own = {f"{phone[:3]}****{phone[7:]}" for phone in customers.cells(1).to_list()}
    shown = [(one.cells["手机号"], (one.cells["姓名"] or "")[:1]) for one in batch]
    assert not own & {number for number, _ in shown}
    assert len(set(shown)) == len(shown)


@pytest.mark.parametrize(("rows", "ends", "characters"), [(200, 10_000, 0), (1_000, 1_000, 1), (12_000, 1_000, 9)])
def test_a_signature_is_as_long_as_the_table_asks(rows: int, ends: int, characters: int) -> None:
    """The more customers show one number, the more of the name is signed; nobody shares that, and few stand out."""
    draw = random.Random(rows)
    table = invented.table(rows, 3)
    shown = pl.Series([f"1380000{draw.randrange(ends):04d}" for _ in range(rows)])
    crowded = Table(table.fields, table.frame.with_columns(c1=shown))
    known = taken(crowded)
    assert known.characters == characters
    batch = mint(crowded, 200, DEFAULT, known, set(), np.random.default_rng(5))
    own = {signed(one.cells["手机号"] or "", one.cells["姓名"] or "", characters) for one in batch}
    numbers = [f"{number[:3]}****{number[7:]}" for number in shown.to_list()]
    customers = {signed(end, name, characters) for end, name in zip(numbers, table.cells(0).to_list(), strict=True)}
    assert not own & customers
    assert len({signed(one.cells["手机号"] or "", one.cells["姓名"] or "", 1) for one in batch}) == len(batch)
    shared = sum((one.cells["手机号"] or "") in numbers for one in batch) / len(batch)
    assert shared == pytest.approx(1 - (1 - 1 / ends) ** rows, abs=0.15) if characters else shared == 0


def test_a_number_is_signed_with_the_name_wherever_that_stands(customers: Table) -> None:
    """In a table with the phone before the name nobody shares a canary's number and surname either."""
    frame = pl.DataFrame([customers.cells(1).alias("c0"), customers.cells(0).alias("c1")])
    turned = Table((customers.fields[1], customers.fields[0]), frame)
    used: set[str] = set()
    for one in mint(turned, 50, DEFAULT, taken(turned), used, np.random.default_rng(1)):
        assert list(one.cells) == ["手机号", "姓名"]
        assert signed(one.cells["手机号"] or "", one.cells["姓名"] or "", 1) in used


def test_every_cell_is_as_in_the_table(customers: Table, batch: list[Minted]) -> None:
    """Products and limits are the table's, balances keep below limits, and moments are written as the table's."""
    products, limits = (set(customers.cells(at).to_list()) for at in (3, 4))
    for one in batch:
        assert one.cells["产品"] in products
        assert one.cells["额度"] in limits
        assert float(one.cells["余额"] or 0) <= float(one.cells["额度"] or 0)
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", one.cells["进件时间"] or "")


def test_none_is_a_near_copy(customers: Table, batch: list[Minted]) -> None:
    """No canary has two near-unique cells (name, phone's end, balance, moment) of one and the same customer."""
    rows = [set(zip((0, 5, 6), (row[0], row[5], row[6]), strict=True)) for row in customers.frame.rows()]
    for one in batch:
        own = {(0, one.cells["姓名"]), (5, one.cells["余额"]), (6, one.cells["进件时间"])}
        assert max(len(own & row) for row in rows) <= 1


def test_missing_cells_are_inherited(customers: Table) -> None:
    """Cells are empty about as often as the table's are."""
    batch = minted(customers, 1500)
    empty = sum(one.cells["产品"] is None for one in batch)
    assert 5 <= empty <= 80


def test_a_new_name_ends_as_its_donors() -> None:
    """A given name that is put together is as long as its donor's and ends as it does: both tell age and sex."""
    draw = random.Random(2)
    letters = "".join(map(chr, range(0x4E00, 0x4E00 + 300)))
    names = ["王" + draw.choice(letters) + draw.choice(letters) for _ in range(500)]
    deck, rng = NameDeck(names, [None] * len(names)), np.random.default_rng(1)
    made = [deck.name(0, donor, rng) for donor in range(500)]
    assert all(one[-1] == other[-1] and len(one) == len(other) for one, other in zip(made, names, strict=True))
    assert sum(one not in names for one in made) > 400


def test_owned_numbers_only(customers: Table) -> None:
    """Under `owned` every phone is of the file, each once, none a customer's, and the proof is kept with it."""
    numbers = [f"1390000{at:04d}" for at in range(150)] + customers.cells(1).to_list()[:20]
    policy = {**DEFAULT, "phone": Treatment(Rule.OWNED, tuple(numbers), "sims.txt sha256:0")}
    batch = minted(customers, 150, policy)
    shown = [one.cells["手机号"] for one in batch]
    assert set(shown) == set(numbers[:150])
    assert {one.proofs["手机号"] for one in batch} == {"owned sims.txt sha256:0"}


def test_too_few_numbers_are_refused(customers: Table) -> None:
    """More canaries than free numbers is refused, and no number is told."""
    policy = {**DEFAULT, "phone": Treatment(Rule.OWNED, ("13900000001", "13900000002"), "sims")}
    with pytest.raises(CanaryFault, match="2 of 2 phone numbers are free, 3 are needed"):
        minted(customers, 3, policy)


def test_a_masked_id_shows_its_ends_only(customers: Table) -> None:
    """Under `masked` an ID shows region and last four, and no customer has the same."""
    batch = minted(customers, 100, {**DEFAULT, "national_id": Treatment(Rule.MASKED)})
    own = {f"{cell[:6]}{'*' * 8}{cell[14:]}" for cell in customers.cells(2).to_list()}
    for one in batch:
        assert re.fullmatch(r"\d{6}\*{8}\d{3}[\dX]", one.cells["身份证号"] or "")
        assert one.cells["身份证号"] not in own


def test_tables_of_other_shapes() -> None:
    """A table without names, phones or anything usual still gives canaries with its own headers."""
    from canaries.table import Field  # noqa: PLC0415

    frame = pl.DataFrame({"c0": [f"A{at:05d}" for at in range(60)], "c1": ["x", "y", None] * 20})
    batch = minted(Table((Field("no", "code"), Field("kind", "other")), frame), 10)
    assert {tuple(one.cells) for one in batch} == {("no", "kind")}
    assert not {one.cells["no"] for one in batch} & set(frame["c0"])


def test_a_tiny_table_is_refused(customers: Table) -> None:
    """Fewer than twenty rows cannot hide anybody."""
    with pytest.raises(CanaryFault, match="too few"):
        minted(customers.sample(5, 1), 3)


def test_headers_are_all_there(batch: list[Minted]) -> None:
    """A canary has a cell, perhaps empty, under every header."""
    assert all(tuple(one.cells) == NAMES for one in batch)
