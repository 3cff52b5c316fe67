"""Billing, marketing and reports skip canaries without a visible flag: a keyed list, padded, useless without its key.

The list holds HMAC-SHA256 (RFC 2104) of customers' numbers under a key that only one service has. It is padded with
random entries to a power of two, so neither the list nor the database tells how many canaries there are, or which.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from typing import Final

SIZE: Final = 16
"""Bytes of an entry."""
_FEWEST: Final = 64


def entry(key: bytes, customer: str) -> str:
    """The entry of one customer, by the number or name that the other systems know it by."""
    return hmac.new(key, customer.encode(), hashlib.sha256).hexdigest()[: 2 * SIZE]


def suppress_list(key: bytes, customers: Iterable[str]) -> list[str]:
    """Sorted entries of some customers among as many random ones as a power of two asks for."""
    found = {entry(key, customer) for customer in customers}
    size = _FEWEST
    while size < 2 * len(found):
        size *= 2
    while len(found) < size:
        found.add(secrets.token_hex(SIZE))
    return sorted(found)


def is_suppressed(key: bytes, listed: AbstractSet[str], customer: str) -> bool:
    """Whether a customer is to be skipped."""
    return entry(key, customer) in listed
