from __future__ import annotations

import io

import pypdf
import pytest

from tests.tracer.conftest import Town
from tests.tracer.report.made import dossier, traced
from tracer.report.dossier import Dossier
from tracer.report.writing import written


@pytest.fixture(scope="session")
def case(town: Town) -> Dossier:
    """An invented case with real findings."""
    return dossier(traced(town))


def pages(made: bytes) -> list[str]:
    """The text of every page of a PDF."""
    return [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(made)).pages]


@pytest.fixture(scope="session")
def files(case: Dossier) -> dict[tuple[str, str], bytes]:
    """The case as (ending, language) → file."""
    endings = (".pdf", ".html", ".json", ".xlsx", ".jsonld", ".prov.json")
    return {(ending, lang): written(case, f"r{ending}", lang) for ending in endings for lang in ("zh", "en")}
