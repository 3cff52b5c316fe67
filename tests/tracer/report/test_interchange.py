from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import prov.model
import pytest

from tracer.report.dossier import Dossier
from tracer.report.writing import written


def test_case_validate_accepts_the_graph(case: Dossier, tmp_path: Path) -> None:
    """The CASE/UCO export conforms to the ontology's shapes, as `case_validate` of the CASE project judges."""
    path = tmp_path / "case.jsonld"
    path.write_bytes(written(case, path.name, "en"))
    program = str(Path(sys.executable).with_name("case_validate"))
    run = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "Conforms: True" in run.stdout


def test_case_validate_would_refuse(case: Dossier, tmp_path: Path) -> None:
    """The check can fail: a digest that is no hexadecimal number is refused."""
    path = tmp_path / "case.jsonld"
    path.write_bytes(written(case, path.name, "en").replace(case.exhibits[0].sha256.encode(), b"no digest"))
    program = str(Path(sys.executable).with_name("case_validate"))
    run = subprocess.run([program, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode != 0


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_prov_is_read_back(case: Dossier) -> None:
    """The PROV export is read by the reference library and comes back equal; every act and exhibit is there."""
    made = written(case, "case.prov.json", "en")
    document: Any = prov.model.ProvDocument.deserialize(content=made.decode())
    assert prov.model.ProvDocument.deserialize(content=document.serialize()) == document
    kinds = [type(one).__name__ for one in document.get_records()]
    assert kinds.count("ProvActivity") == len(case.acts)
    assert kinds.count("ProvEntity") == len(case.exhibits)
