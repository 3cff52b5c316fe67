from __future__ import annotations

import pytest

from tests.tracer.custody.attacks import Attack, attacks
from tests.tracer.custody.forger import Forged, honest


@pytest.fixture(scope="session")
def good(tmp_path_factory: pytest.TempPathFactory) -> Forged:
    """An honest bundle in pieces, with every key."""
    return honest(tmp_path_factory.mktemp("honest"))


@pytest.fixture(scope="session")
def attempts(good: Forged) -> list[Attack]:
    """Every structured attack, honest bundles among them."""
    return list(attacks(good))
