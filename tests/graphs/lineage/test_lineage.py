from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from graphs.lineage.cost import costs
from graphs.lineage.family import families
from graphs.lineage.inference import infer
from graphs.lineage.lineage import Lineage, trace_lineage
from graphs.lineage.options import Option
from graphs.lineage.weights import START
from tests.graphs.lineage.tables import Row, invented, mistyped, sketch


def edges(found: Lineage) -> set[tuple[str, str]]:
    return {(edge.parent, edge.child) for edge in found.edges}


def drawn(rows: list[Row], share: float, seed: int) -> list[Row]:
    rng = np.random.default_rng(seed)
    return [row for row in rows if rng.random() < share]


def test_errors_tell_who_copied_whom() -> None:
    """Three lists with ever more damaged cells stand in the order in which the damage grew."""
    first = invented(400)
    second = mistyped(first, range(0, 400, 40))
    third = mistyped(second, range(5, 400, 40))
    found = trace_lineage([sketch("third", third), sketch("first", first), sketch("second", second)])
    assert edges(found) == {("first", "second"), ("second", "third")}
    assert all(edge.determined for edge in found.edges)
    assert found.roots["third"] == ("first",)


def test_containment_alone_has_no_direction() -> None:
    """A list and a random part of it without errors, columns or days: kin, and nobody can say which came first."""
    rows = invented(400)
    rng = np.random.default_rng(1)
    part = [rows[place] for place in rng.permutation(400)[:250]]
    found = trace_lineage([sketch("all", rows), sketch("part", part)])
    (edge,) = found.edges
    assert not edge.determined
    assert any(fact.kind == "direction" for fact in edge.facts)


@pytest.mark.parametrize("kind", ["shuffled", "ordered", "cut"])
def test_a_selection_and_an_addition_cost_the_same(kind: str) -> None:
    """Telling the large list and the small one from it costs, but for the acts' names, as much as the other way.

    Also where the order is kept, and where the small one is the beginning of the large one.
    """
    rows = invented(400)
    rng = np.random.default_rng(1)
    shuffled = rng.permutation(400)[:350]
    kept = {"shuffled": shuffled, "ordered": np.sort(shuffled), "cut": np.arange(350)}[kind]
    part = [rows[place] for place in kept]
    (family,) = families([sketch("all", rows), sketch("part", part)])
    found = infer(family, START)
    nats = dict(zip(found.book.options, costs(found.book, START)[:, 0], strict=True))
    down = nats[Option(0, ())] + nats[Option(1, (0,))]
    up = nats[Option(1, ())] + nats[Option(0, (1,))]
    assert abs(down - up) < 10


def test_days_tell_what_containment_does_not() -> None:
    """The same pair with days: the one that was seen months before is the parent."""
    rows = invented(400)
    rng = np.random.default_rng(1)
    part = [rows[place] for place in rng.permutation(400)[:250]]
    early, late = date(2025, 3, 1), date(2025, 9, 1)
    for first, second in (("all", "part"), ("part", "all")):
        days = {first: early, second: late}
        found = trace_lineage([sketch("all", rows, days["all"]), sketch("part", part, days["part"])])
        assert edges(found) == {(first, second)}


def test_a_merge_has_both_parents() -> None:
    """A list put together from two has both as parents, and both their beginnings as roots."""
    one, other = invented(300), invented(300, start=1_000)
    both = [*mistyped(one, [5, 9]), *mistyped(other, [7])]
    found = trace_lineage([sketch("both", both), sketch("one", one), sketch("other", other)])
    assert edges(found) == {("one", "both"), ("other", "both")}
    assert {edge.operation for edge in found.edges} == {"merge"}
    assert found.roots["both"] == ("one", "other")


def test_left_out_columns_do_not_come_back() -> None:
    """Of two equal lists the one with fewer columns is the child."""
    rows = invented(300, columns=("phone", "national_id", "limit", "amount"))
    fewer = [{name: text for name, text in row.items() if name != "amount"} for row in rows]
    found = trace_lineage([sketch("fewer", fewer), sketch("more", rows)])
    assert edges(found) == {("more", "fewer")}
    assert found.edges[0].operation == "drop columns"
    assert found.edges[0].determined


def test_strangers_are_not_kin() -> None:
    """Lists without anybody in common have no edge."""
    found = trace_lineage([sketch("one", invented(100)), sketch("other", invented(100, start=500))])
    assert found.edges == ()
    assert found.missing == ()


def test_customers_of_two_platforms_are_not_kin() -> None:
    """The same people with other accounts, limits and sums are two platforms' customers."""
    columns = ("phone", "national_id", "limit", "amount", "account")
    one = invented(200, columns=columns)
    other = [{**row, **{name: row[name] + " elsewhere" for name in columns[2:]}} for row in one]
    found = trace_lineage([sketch("one", one), sketch("other", other)])
    assert found.edges == ()


def test_shared_errors_without_a_carrier_imply_a_dump() -> None:
    """Two halves of a list that nobody seized: their ancestor is implied, with a size, a day and no name."""
    rows = invented(800)
    lost = mistyped(rows, range(0, 800, 20))
    first, second = mistyped(drawn(lost, 0.5, 1), range(3, 300, 30)), mistyped(drawn(lost, 0.5, 2), range(8, 300, 30))
    days = (date(2025, 5, 1), date(2025, 5, 3))
    found = trace_lineage([sketch("first", first, days[0]), sketch("second", second, days[1])])
    (missing,) = found.missing
    assert set(missing.children) == {"first", "second"}
    assert missing.before == days[0]
    assert 600 <= missing.records <= 1_000
    assert found.edges == ()


@pytest.mark.parametrize("count", [0, 1])
def test_few_dumps_are_no_trouble(count: int) -> None:
    """No dump and a single dump have a lineage without edges."""
    found = trace_lineage([sketch("a", invented(10))][:count])
    assert found.edges == ()
    assert list(found.roots) == ["a"][:count]


def test_a_dump_without_records_is_a_root() -> None:
    """A dump without records is kin to nobody."""
    empty = sketch("empty", invented(1)[:0] or [])
    found = trace_lineage([sketch("a", invented(30)), empty])
    assert found.roots["empty"] == ("empty",)


def test_the_same_case_gives_the_same_lineage() -> None:
    """Two runs and any order of the files give the same edges and the same figures."""
    first = invented(200)
    dumps = [sketch("a", first), sketch("b", mistyped(first, range(0, 200, 20))), sketch("c", first[:120])]
    one, other = trace_lineage(dumps), trace_lineage(dumps)
    assert one == other
    assert edges(trace_lineage(dumps[::-1])) == edges(one)


def test_several_workers_say_the_same() -> None:
    """Two processes that share the families find what one does, in the same order."""
    dumps = [
        sketch(f"{start}-{name}", rows)
        for start in (0, 10_000, 20_000)
        for name, rows in (
            ("a", invented(150, start=start)),
            ("b", mistyped(invented(150, start=start), range(0, 150, 15))),
        )
    ]
    assert trace_lineage(dumps, workers=2) == trace_lineage(dumps)


def test_a_family_can_be_looked_at_through_a_sample() -> None:
    """A sample is of the same people in every dump, of about as many as asked for, and rows keep their places."""
    rows = invented(2_000)
    (family,) = families([sketch("a", rows), sketch("b", rows[::-1])], rows=400)
    one, other = family.members
    assert 300 < one.size < 500
    assert set(one.record.tolist()) == set(other.record.tolist())
    assert (one.place + other.place == len(rows) - 1).all()
