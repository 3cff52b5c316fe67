from __future__ import annotations

from tracer.demo.resale import FIELDS, FamilyPlan, family

PLAN = FamilyPlan(seed=3, dumps=14, rows=150, strange=0.3)


def test_a_plan_gives_one_family() -> None:
    """The same plan invents the same dumps; another seed others."""
    one, again = family(PLAN), family(PLAN)
    assert [dump.rows.equals(other.rows) for dump, other in zip(one, again, strict=True)] == [True] * PLAN.dumps
    assert not family(FamilyPlan(seed=4, dumps=3, rows=150))[0].rows.equals(one[0].rows)


def test_parents_come_first_and_are_never_younger() -> None:
    """Every dump was made after its parents and seen after it was made."""
    dumps = family(PLAN)
    for dump in dumps:
        assert all(parent < dump.number and dumps[parent].made <= dump.made for parent in dump.parents)
        assert dump.first_seen is None or dump.first_seen >= dump.made
        assert set(dump.rows.columns) <= set(FIELDS)
        assert dump.rows.height >= PLAN.rows
