from __future__ import annotations

import datetime as dt
import json
import os
import pty
import sys
import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.cli import show
from tracer.errors import TracerError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.text(st.characters()))
def test_escaped_text_cannot_steer(text: str) -> None:
    """Nothing that is left after escaping moves a cursor, breaks a line, turns the direction or is no Unicode."""
    escaped = show.escape_controls(text)
    assert not {unicodedata.category(char) for char in escaped} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(st.characters(exclude_categories=["C", "Zl", "Zp"])))
def test_harmless_text_stays(text: str) -> None:
    """Chinese, emoji and everything else a person can read is shown as it is."""
    assert show.escape_controls(text) == text


@given(value=JSON)
def test_json_comes_back(tmp_path_factory: pytest.TempPathFactory, value: object) -> None:
    """What was written is what is read, for every JSON value."""
    target = tmp_path_factory.mktemp("json") / "out.json"
    show.write_json(value, str(target))
    assert json.loads(target.read_bytes()) == value


def test_json_goes_to_stdout(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`-` is stdout, in UTF-8, with Chinese characters as themselves and dates in ISO form."""
    show.write_json({"platform": "云贷", "day": dt.date(2025, 5, 1)}, "-")
    shown = capfdbinary.readouterr().out.decode()
    assert shown == '{\n  "platform": "云贷",\n  "day": "2025-05-01"\n}\n'


def test_a_name_that_is_no_utf8_survives_json(tmp_path: Path) -> None:
    """A file name with stray bytes is written as JSON's own escape and read back as the same name."""
    name = os.fsdecode(b"\xff\xfe.csv")
    show.write_json({"file": name}, str(tmp_path / "out.json"))
    assert json.loads((tmp_path / "out.json").read_text("utf-8")) == {"file": name}


def test_a_failed_write_leaves_the_old_file(tmp_path: Path) -> None:
    """A value that has no JSON form changes nothing on disk."""
    target = tmp_path / "out.json"
    target.write_text("old")
    with pytest.raises(ValueError, match="not JSON compliant"):
        show.write_json(float("nan"), str(target))
    with pytest.raises(TypeError, match="bytes has no JSON form"):
        show.write_json(b"", str(target))
    assert target.read_text() == "old"
    assert os.listdir(tmp_path) == ["out.json"]  # noqa: PTH208 (names only)


def test_a_target_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    """A missing directory is named in a TracerError with a hint."""
    with pytest.raises(TracerError, match="cannot be written") as caught:
        show.write_json({}, str(tmp_path / "absent" / "out.json"))
    assert caught.value.hint


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    """Writing through a link replaces what it points to."""
    (tmp_path / "link.json").symlink_to(tmp_path / "real.json")
    show.write_json([1], str(tmp_path / "link.json"))
    assert (tmp_path / "link.json").is_symlink()
    assert json.loads((tmp_path / "real.json").read_text()) == [1]


def test_a_device_is_never_replaced() -> None:
    """Writing to /dev/null leaves a device there."""
    show.write_json([1], os.devnull)
    assert not Path(os.devnull).is_file()


def test_a_table_without_terminal_is_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """In a pipe a table has no colour codes, and its cells are whole, escaped and readable."""
    platform = "a long name of a platform " * 4
    rows = [(platform, 1234567, "established"), ("[red]\x1b云贷", None, "excluded")]
    show.table(["platform", "rows", "verdict"], rows, title="sources")
    shown = capsys.readouterr().out
    for text in ("sources", platform.strip(), "1,234,567", "[red]\\x1b云贷", "–", "excluded"):
        assert text in shown
    assert "\x1b" not in shown


def test_a_table_may_be_empty(capsys: pytest.CaptureFixture[str]) -> None:
    """A table of nothing shows its headings."""
    show.table(["platform", "rows"], [])
    assert "platform" in capsys.readouterr().out


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Where stderr is a file or a pipe, no progress is written."""
    with show.progress("reading", total=2) as advance:
        advance(2)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(("patience", "seen"), [(0.0, True), (60.0, False)], ids=["slow work", "quick work"])
def test_progress_shows_only_what_takes_long(monkeypatch: pytest.MonkeyPatch, patience: float, *, seen: bool) -> None:
    """On a terminal a bar appears once the work outlasts the patience, and not before."""
    ours, theirs = pty.openpty()
    monkeypatch.setattr(show, "PATIENCE", patience)
    with os.fdopen(ours, "rb", buffering=0) as screen, os.fdopen(theirs, "w") as terminal:
        monkeypatch.setattr(sys, "stderr", terminal)
        with show.progress("reading", total=2) as advance:
            time.sleep(0.3)
            advance(1)
        terminal.write("end")
        terminal.flush()
        shown = screen.read(65536)
        while not shown.endswith(b"end"):
            shown += screen.read(65536)
    assert (b"reading" in shown) is seen


def test_one_is_no_plural() -> None:
    """One edge, no edges, two thousand edges."""
    assert [show.counted(number, "edge") for number in (1, 0, 2_000)] == ["1 edge", "0 edges", "2,000 edges"]
