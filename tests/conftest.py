from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# A busy machine must not fail a true claim: hypothesis looks for counterexamples, not for slow moments.
settings.register_profile("luobo", deadline=None, print_blob=True)
settings.load_profile("luobo")


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def worlds() -> Path:
    folder = ROOT.parent / "shared" / "worlds"
    if not folder.is_dir():
        pytest.skip("the sample worlds are not on this machine")
    return folder


pytest_plugins = ("tests.tracer.postgresql", "tests.tracer.mariadb", "tests.tracer.object_store")
