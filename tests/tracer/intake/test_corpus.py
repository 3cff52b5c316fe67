from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.tracer.intake import packed
from tests.tracer.intake.hostile import ATTACKS, Attack
from tests.tracer.intake.readable import CASES, Case
from tracer.cli.main import main
from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput
from tracer.intake.inventory import take
from tracer.intake.reading import Survey, survey

LIGHT = [attack for attack in ATTACKS if attack.light]


def attempt(path: Path) -> tuple[Survey | None, UnreadableInput | None]:
    try:
        found = survey(seal(path))
        take(found)
    except UnreadableInput as refusal:
        return None, refusal
    return found, None


def test_the_corpus_is_large_enough() -> None:
    """At least 60 readable and 60 hostile files, each under a name of its own."""
    assert packed.CSV
    assert len({case.name for case in CASES}) == len(CASES) >= 60
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_readable_dump_is_read_to_the_last_record(case: Case, tmp_path: Path) -> None:
    """Records, rejects and every kind of identifier are exactly those that were written."""
    path = tmp_path / "dump"
    path.write_bytes(case.content)
    found = survey(seal(path), password=case.password)
    counted = take(found)
    assert (found.records, found.rejected) == (case.records, case.rejected)
    assert (counted.phones, counted.masked_phones) == (case.phones, case.masked)
    assert (counted.ids, counted.names) == (case.ids, case.names)


@pytest.mark.parametrize("attack", LIGHT, ids=lambda attack: attack.name)
def test_a_hostile_dump_ends_with_a_count_or_a_clear_line(attack: Attack, tmp_path: Path) -> None:
    """It is read as far as that goes, or refused in one line with a hint; nothing is written beside it."""
    path = tmp_path / "dump"
    path.write_bytes(attack.make())
    found, refusal = attempt(path)
    if refusal is not None:
        assert attack.records is None, refusal.message
        assert refusal.hint
        assert "\n" not in refusal.message + refusal.hint
        assert "13800000000" not in refusal.message + refusal.hint
    if found is not None:
        assert found.records >= (attack.records or 0)
        assert attack.most is None or found.records <= attack.most
    assert [one.name for one in tmp_path.iterdir()] == ["dump"]


def test_no_traceback_reaches_the_user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The command ends with 0 or 2, at most three lines of explanation and JSON where there is a count."""
    for attack in LIGHT[::9]:
        path = tmp_path / "dump"
        path.write_bytes(attack.make())
        code = main(["inspect", str(path), "--json", "-"])
        shown = capsys.readouterr()
        assert code in (0, 2)
        if code:
            assert len(shown.err.strip().splitlines()) <= 3
            assert "unexpected" not in shown.err
        else:
            assert json.loads(shown.out)["schema"] == "luobo.inspect/1"
