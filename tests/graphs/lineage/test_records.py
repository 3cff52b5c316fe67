from __future__ import annotations

import numpy as np

from graphs.lineage.records import people, records
from graphs.lineage.slots import align
from tests.graphs.lineage.tables import invented, mistyped, sketch


def test_a_typing_error_parts_nobody() -> None:
    """A person with a mistyped identity number is still recognised by the phone number."""
    rows = invented(50)
    first, second = people([sketch("a", rows), sketch("b", mistyped(rows, range(50)))])
    assert (first == second).all()


def test_a_number_of_many_joins_nobody() -> None:
    """A phone number that ten different people of one dump share joins none of them."""
    rows = invented(50)
    for row in rows[:10]:
        row["phone"] = "the shop's"
    (found,) = people([sketch("a", rows)])
    assert len(np.unique(found)) == 50


def test_no_dump_has_a_record_twice() -> None:
    """A person's second row is a record of its own, and finds its like in the other dump."""
    rows = invented(5)
    again = [*rows, {**rows[0], "limit": "another"}]
    dumps = [sketch("a", again), sketch("b", list(reversed(again)))]
    first, second = records(people(dumps), [dump.cells for dump in dumps])
    assert len(np.unique(first)) == len(first)
    assert (first == second[::-1]).all()


def test_columns_are_paired_by_their_values() -> None:
    """A column whose role was taken for another is still the same column."""
    rows = invented(60, columns=("phone", "national_id", "limit", "amount"))
    other = [{"amount": row["limit"], "limit": row["amount"], "national_id": row["national_id"]} for row in rows]
    dumps = [sketch("a", rows), sketch("b", other)]
    first, second = align(dumps, people(dumps))
    named = dict(zip(dumps[0].roles, first, strict=True))
    found = dict(zip(dumps[1].roles, second, strict=True))
    assert (found["amount"], found["limit"]) == (named["limit"], named["amount"])
