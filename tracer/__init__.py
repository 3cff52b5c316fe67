"""luobo's workbench: trace leaked records back to the platform they leaked from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracer.errors import TracerError

if TYPE_CHECKING:
    from tracer.case import Case
    from tracer.comparing import Compared, compare
    from tracer.findings import Findings
    from tracer.registration import register
    from tracer.resemblance import similar
    from tracer.tracing import trace
    from tracer.vault.vault import Vault

__all__ = ["Case", "Compared", "Findings", "TracerError", "Vault", "compare", "register", "similar", "trace"]

_ROOMS = {
    "Case": "tracer.case",
    "Compared": "tracer.comparing",
    "compare": "tracer.comparing",
    "Findings": "tracer.findings",
    "Vault": "tracer.vault.vault",
    "register": "tracer.registration",
    "similar": "tracer.resemblance",
    "trace": "tracer.tracing",
}


def __getattr__(name: str) -> Any:
    """Load what is named when it is asked for, so that `luobo --help` does not wait for the workbench."""
    if name not in _ROOMS:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    from importlib import import_module  # noqa: PLC0415 - only needed here

    return getattr(import_module(_ROOMS[name]), name)
