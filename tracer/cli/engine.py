"""Where bulk work runs, as it is said on the command line."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracer.errors import MissingExtra
from tracer.vault.address import is_address

if TYPE_CHECKING:
    from tracer.engines.interface import Engine


def engine_of(name: str, master: str | None, shared: Path | None, vault: str) -> AbstractContextManager[Engine]:
    """The engine of this name, to be used in a `with`.

    Args:
        name: `here` or `spark`.
        master: address of the Spark cluster.
        shared: a folder that all its machines see; the one the vault lies in if left out.
        vault: where the vault is.

    Raises:
        UsageError: the vault is in a store, and there is no folder beside it.
        MissingExtra: Spark is not installed.
        EngineFault: there is no such cluster.
    """
    if name == "here" or master is None:
        from tracer.engines.here import HERE  # noqa: PLC0415 - `--help` must not wait for it

        return nullcontext(HERE)
    if shared is None and is_address(vault):
        raise click.UsageError("beside a vault in a store, --spark-folder says which folder all machines share")
    try:
        from tracer.engines.spark import Spark  # noqa: PLC0415 - an extra
    except ModuleNotFoundError:
        raise MissingExtra("the Spark engine needs the package pyspark", hint="pip install 'luobo[spark]'") from None
    return Spark.connect(master, shared or Path(vault).parent)
