"""What speaks to an object store: fsspec, imported when an address is used. Its errors become ours."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final

from tracer.errors import MissingExtra, TracerError, VaultFault
from tracer.vault.place import Place

_CONDITION: Final = (409, 412)
"""HTTP: somebody else is at it, a condition does not hold."""
_OPTIONS: Final[dict[str, dict[str, Any]]] = {
    "s3": {
        # With more, each object would be asked for its size before it is read.
        "max_concurrency": 1,
        "config_kwargs": {"connect_timeout": 5, "read_timeout": 30, "retries": {"mode": "standard", "max_attempts": 3}},
    }
}


@cache
def driver(scheme: str) -> Any:
    """What fsspec speaks to a kind of store with; it finds credentials and endpoint in the surroundings.

    Raises:
        MissingExtra: it is not installed.
        VaultFault: fsspec knows no such store.
    """
    try:
        import fsspec  # noqa: PLC0415 - only vaults in a store need it

        return fsspec.filesystem(scheme, use_listings_cache=False, **_OPTIONS.get(scheme, {}))
    except ImportError:
        extra = "pip install 'luobo[s3]'" if scheme == "s3" else f"install fsspec and its driver for {scheme}://"
        raise MissingExtra(f"{scheme}:// needs a driver that is not installed", hint=extra) from None
    except ValueError:
        message = f"{scheme}:// is no kind of store that is known"
        raise VaultFault(message, hint="s3://, gs://, az:// and whatever else fsspec knows") from None


class Refused(VaultFault):
    """A request that failed."""

    def __init__(self, fault: Exception, message: str) -> None:
        super().__init__(message, hint="check the address, the credentials and the way to the store")
        self.condition = isinstance(fault, FileExistsError) or _status(fault) in _CONDITION
        """Whether a condition did not hold."""


def _status(fault: Exception) -> int | None:
    """What the store answered, where s3fs says no more than that something was invalid."""
    answer = getattr(fault.__cause__, "response", None) or {}
    status: int | None = answer.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return status


@contextmanager
def asked(place: Place, what: str) -> Iterator[None]:
    """Whatever a driver raises becomes one line of ours; its own words may hold an address or a credential.

    Raises:
        FileNotFoundError: as the driver says.
        VaultFault: everything else.
    """
    try:
        yield
    except TracerError:
        raise
    except FileNotFoundError:
        raise FileNotFoundError(str(place)) from None
    except PermissionError:
        message = f"{place}: access denied"
        raise VaultFault(message, hint="check the credentials, and what they may do with this bucket") from None
    except Exception as fault:  # noqa: BLE001 - every driver has errors of its own
        known = os.strerror(fault.errno) if isinstance(fault, OSError) and fault.errno else type(fault).__name__
        raise Refused(fault, f"{place}: cannot be {what} ({known})") from None
