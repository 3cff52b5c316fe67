from __future__ import annotations

import pytest

from canaries.register import Register
from canaries.table import Table
from tests.canaries import invented


@pytest.fixture(scope="session")
def customers() -> Table:
    return invented.table()


@pytest.fixture(scope="session")
def register(customers: Table) -> Register:
    return invented.register(customers)
