from __future__ import annotations

from collections.abc import Sequence

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from tracer.vault.customers import number_customers

Row = dict[str, int]
"""Kind of identifier → its token, for one row of a table."""


def identifiers(rows: Sequence[Row]) -> dict[str, pl.DataFrame]:
    kinds = {kind for row in rows for kind in row}
    schema = {"row": pl.UInt32, "token": pl.UInt64}
    return {
        kind: pl.DataFrame(
            [(place, row[kind]) for place, row in enumerate(rows) if kind in row], schema=schema, orient="row"
        )
        for kind in kinds
    }


def known(people: Sequence[Row]) -> dict[str, pl.DataFrame]:
    """The customers there were, numbered from 0; each token once."""
    kinds = {kind for person in people for kind in person}
    schema = {"token": pl.UInt64, "person": pl.UInt32}
    return {
        kind: pl.DataFrame(
            [(one[kind], person) for person, one in enumerate(people) if kind in one], schema=schema, orient="row"
        ).unique("token", keep="first", maintain_order=True)
        for kind in kinds
    }


def number(rows: Sequence[Row], before: Sequence[Row] = ()) -> list[int | None]:
    person = number_customers(identifiers(rows), len(rows), known(before), len(before))
    assert person.dtype == pl.UInt32
    return person.to_list()


def test_the_first_snapshot_numbers_from_nought() -> None:
    """New customers are numbered in the order of their first rows."""
    assert number([{"national_id": 9}, {"national_id": 8}, {"national_id": 9}]) == [0, 1, 0]


def test_the_same_id_is_the_same_customer() -> None:
    """Who changed the phone number but not the ID is the customer who was there."""
    assert number([{"national_id": 1, "phone": 21}], [{"national_id": 1, "phone": 20}]) == [0]


def test_a_phone_that_passed_on_is_a_new_customer() -> None:
    """A phone number under another ID is another person's now."""
    assert number([{"national_id": 2, "phone": 20}], [{"national_id": 1, "phone": 20}]) == [1]


def test_the_old_owner_of_a_phone_stays() -> None:
    """When a number passes from one customer to another who was there too, both keep their numbers."""
    before = [{"national_id": 1, "phone": 20}, {"national_id": 2, "phone": 30}]
    assert number([{"national_id": 1, "phone": 40}, {"national_id": 2, "phone": 20}], before) == [0, 1]


def test_a_phone_recognises_where_there_is_no_id() -> None:
    """A platform without IDs knows its customers by their phone numbers, and by user names where those change."""
    before = [{"phone": 20, "account": 70}, {"phone": 30, "account": 71}]
    assert number([{"phone": 30}, {"phone": 21, "account": 70}, {"phone": 22}], before) == [1, 0, 2]


def test_an_id_that_is_told_later() -> None:
    """A customer who had only a phone number is recognised by it in a table that has IDs too."""
    assert number([{"national_id": 5, "phone": 20}], [{"phone": 20}]) == [0]


def test_a_loan_table_has_a_customer_many_times() -> None:
    """Rows of one ID are one customer, whatever else they hold."""
    rows = [{"national_id": 1, "phone": 20}, {"national_id": 1, "phone": 21}, {"national_id": 2}, {"national_id": 1}]
    assert number(rows) == [0, 0, 1, 0]
    assert number(rows, [{"national_id": 2}, {"phone": 20}]) == [1, 1, 0, 1]


def test_rows_without_any_identifier_are_nobody() -> None:
    """A row that names nobody gets no number and takes none."""
    assert number([{}, {"phone": 20}, {}, {"phone": 21}]) == [None, 0, None, 1]
    assert number([{}, {}]) == [None, None]


def test_a_row_that_lacks_the_id_is_its_owners() -> None:
    """A row with only the phone number of a customer with an ID is about that customer, now and in every snapshot."""
    rows = [{"national_id": 1, "phone": 20}, {"phone": 20}, {"phone": 30}]
    assert number(rows) == [0, 0, 1]
    assert number(rows, [{"national_id": 1, "phone": 20}, {"phone": 30}]) == [0, 0, 1]


def test_a_shared_phone_is_not_one_customer() -> None:
    """Husband and wife with one phone number are two customers, in every snapshot the same two."""
    couple = [{"national_id": 1, "phone": 20}, {"national_id": 2, "phone": 20}]
    assert number(couple) == [0, 1]
    assert number(couple[::-1], couple) == [1, 0]


ROWS = st.lists(
    st.dictionaries(st.sampled_from(["national_id", "phone", "account"]), st.integers(0, 5), max_size=3), max_size=8
)


@given(rows=ROWS, before=ROWS)
def test_numbers_are_dense_and_rows_with_identifiers_have_one(rows: list[Row], before: list[Row]) -> None:
    """Exactly the rows with an identifier are numbered, and new numbers follow the old ones without a gap."""
    person = number(rows, before)
    assert [one is None for one in person] == [not row for row in rows]
    fresh = {one for one in person if one is not None and one >= len(before)}
    assert fresh == set(range(len(before), len(before) + len(fresh)))


@given(rows=ROWS, before=ROWS)
def test_one_id_is_one_customer_and_two_are_two(rows: list[Row], before: list[Row]) -> None:
    """Rows with IDs share a number exactly where they share the ID."""
    person = number(rows, before)
    named = [(row["national_id"], one) for row, one in zip(rows, person, strict=True) if "national_id" in row]
    assert len({one for _, one in named}) == len({token for token, _ in named}) == len(set(named))


@given(rows=ROWS)
def test_the_same_table_again_brings_nobody_new(rows: list[Row]) -> None:
    """A table that comes once more has the same customers."""
    first = number(rows)
    people = [dict[str, int]() for _ in range(max((one for one in first if one is not None), default=-1) + 1)]
    for row, one in zip(rows, first, strict=True):
        if one is not None:
            people[one] = row | people[one]
    again = number(rows, people)
    assert max((one for one in again if one is not None), default=-1) < len(people)
