from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.case import Case
from tracer.errors import CaseFault

PEOPLE = ("A", "B", "C")
ACTS = st.lists(st.tuples(st.sampled_from(["add", "approve", "role"]), st.sampled_from(PEOPLE)), max_size=7)


@settings(max_examples=15)
@given(ACTS)
def test_nothing_counts_without_two_keys(acts: list[tuple[str, str]]) -> None:
    """Whatever people do in whatever order: an exhibit counts if, and only if, somebody else signed it afterwards."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "one.csv").write_text("invented,1\n", "utf-8")
        Case.create(folder / "case", title="T", by="A")
        signed: dict[int, bool] = {}
        owner: dict[int, str] = {}
        for act, name in acts:
            case = Case.open(folder / "case", by=name)
            try:
                if act == "add":
                    (made,) = case.add([folder / "one.csv"], kind="dump", circumstances={})
                    signed[made.number], owner[made.number] = False, name
                elif act == "approve":
                    for number in case.approve():
                        if number in signed:
                            signed[number] = True
                            assert owner[number] != name
                else:
                    case.assign(PEOPLE[2], "investigator")
            except CaseFault:
                continue
        book = Case.open(folder / "case").book
        assert {one.number: one.effective for one in book.exhibits} == signed
        for one in book.exhibits:
            assert one.effective == bool(set(one.approved_by) - {one.added_by})


def test_a_transfer_verifies_the_original_first(tmp_path: Path) -> None:
    """A transfer is an entry after the original was read and compared; where it changed there is none."""
    (tmp_path / "one.csv").write_text("invented,1\n", "utf-8")
    case = Case.create(tmp_path / "case", title="T", by="A", alone="a test")
    (made,) = case.add([tmp_path / "one.csv"], kind="dump", circumstances={})
    case.transfer(made.number, {"from": "A", "to": "lab", "purpose": "second opinion"})
    assert [step.act for step in case.book.steps] == ["create", "add", "read", "transfer"]
    (original,) = case.originals.glob("*.age")
    original.write_bytes(original.read_bytes()[:-1])
    try:
        case.transfer(made.number, {"to": "lab"})
    except CaseFault:
        assert case.book.steps[-1].act == "read"
    else:
        raise AssertionError
