from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from canaries.planting.suppress import is_suppressed, suppress_list

KEY = bytes(range(32))


@given(st.sets(st.text(min_size=1), max_size=80), st.text())
def test_the_list_answers_with_its_key_only(customers: set[str], other: str) -> None:
    """Every canary is on the list, nobody else is, and its size is a power of two that hides their number."""
    listed = set(suppress_list(KEY, customers))
    assert all(is_suppressed(KEY, listed, one) for one in customers)
    assert other in customers or not is_suppressed(KEY, listed, other)
    assert not any(is_suppressed(b"another key", listed, one) for one in customers)
    assert len(listed) & (len(listed) - 1) == 0
    assert len(listed) >= 2 * len(customers)
