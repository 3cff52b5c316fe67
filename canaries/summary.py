"""How many canaries there are, whose, and what became of them; no canary is named and no value shown."""

from __future__ import annotations

from collections import Counter
from typing import Any

from canaries.canary import Kind
from canaries.register import Register


def summary(register: Register) -> dict[str, Any]:
    """Counts by holder, kind and state, as JSON has them."""
    groups: Counter[tuple[str, str, str]] = Counter()
    for canary in register.canaries:
        holder = (
            "(nobody)" if not canary.holders else canary.holders[0] if canary.kind is not Kind.CODED else "(by code)"
        )
        groups[holder, canary.kind, canary.state] += 1
    return {
        "canaries": len(register.canaries),
        "recipients": list(register.recipients),
        "clocks": sum(bool(canary.clock) for canary in register.canaries),
        "sealed_heads": len(register.heads),
        "receipts": len(register.receipts),
        "groups": [
            {"holder": holder, "kind": kind, "state": state, "canaries": count}
            for (holder, kind, state), count in sorted(groups.items())
        ],
    }
