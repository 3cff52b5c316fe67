from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import custody_markers


def test_no_marker_person_is_left_in_the_clear(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a whole case none of 300 invented people stands in a file, an export, the bundle, or what was printed."""
    monkeypatch.setattr(custody_markers, "OUT", tmp_path / "markers.json")
    monkeypatch.setattr("sys.argv", ["custody_markers.py", "300"])
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    custody_markers.main()
    told = json.loads((tmp_path / "markers.json").read_text("utf-8"))
    assert told["found"] == {}
    assert told["places"] > 30
    assert told["shown_by_reveal"] == 3
