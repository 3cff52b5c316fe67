"""The story of one dump: seal, read, and trace it in one piece or, where it is too long for that, in parts."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from tracer.custody.exhibit import Exhibit, seal
from tracer.division.plan import DEFAULT_MEMORY, parts_of
from tracer.division.scratch import Scratch, job_key
from tracer.engines.here import HERE
from tracer.engines.interface import Engine
from tracer.errors import VaultFault
from tracer.intake.child import begin
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import material, of_exhibit
from tracer.intake.reading import survey, whole
from tracer.settings import DEFAULT, Settings
from tracer.vault.vault import Vault

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

    from canaries.register import Register
    from tracer.division.answer import Division
    from tracer.findings import Findings

Progress = Callable[[str], None]
"""Told what is being done."""


def _silent(_step: str) -> None:
    """Tell nobody."""


def trace(  # noqa: PLR0913 - all a user may say about a trace
    dump: str | os.PathLike[str] | Exhibit | pd.DataFrame | pl.DataFrame,
    vault: Vault,
    *,
    engine: Engine = HERE,
    settings: Settings = DEFAULT,
    progress: Progress | None = None,
    registers: Sequence[Register] = (),
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
    memory: int = DEFAULT_MEMORY,
    scratch: str | os.PathLike[str] | None = None,
    parts: int | None = None,
) -> Findings:
    """Trace a dump to the platforms it came from.

    A file too long for the memory is divided by people and traced part by part. What was done lies encrypted in a
    working folder until the findings are there, so that the same trace, asked for again after a kill, goes on.

    Args:
        dump: a file in any shape intake reads, an exhibit of a case, or a pandas or Polars frame.
        vault: what platforms registered.
        engine: where bulk work runs; in this process if left out.
        settings: of the run.
        progress: told what is being done.
        registers: of canaries, to be looked for beside.
        limits: what reading the dump may cost.
        password: of an encrypted archive or workbook.
        memory: bytes that all of it may take.
        scratch: the folder that working folders are made in; the system's own for temporary files if left out.
        parts: into how many a file is divided; by its size and the memory if left out.

    Raises:
        TracerError: the dump cannot be read, the vault is empty or damaged, or there is no room.
    """
    if not vault.platforms:
        raise VaultFault(
            f"{vault.place}: nothing is registered in it", hint="register a platform with: luobo vault add"
        )
    progress = progress or _silent
    if not isinstance(dump, str | os.PathLike | Exhibit):
        from tracer.undivided import undivided  # noqa: PLC0415 - see `_load`

        progress("reading the dump")
        return undivided(material(dump, settings), vault, engine, settings, progress, registers)
    begin()  # before there is another thread, for then no process could be forked
    Thread(target=_load).start()
    exhibit = dump if isinstance(dump, Exhibit) else seal(dump)
    told = (limits, memory, parts, tuple(one.derive("job") for one in registers))
    folder = Scratch.of(Path(scratch or tempfile.gettempdir()), job_key(vault, exhibit.sha256, settings, *told))

    def division() -> Division:
        from tracer.division.answer import Division  # noqa: PLC0415 - as above

        return Division(vault, engine, settings, exhibit.sealed_at.date(), folder, memory, progress)

    with folder.held():
        journal = division().journal() if folder.path.is_dir() else None
        if journal is None:
            progress("reading the dump")
            found = survey(exhibit, limits=limits, password=password)
            many = parts or parts_of(found.held, found.records, vault, memory)
            if many == 1:
                from tracer.undivided import undivided  # noqa: PLC0415 - as above

                return undivided(of_exhibit(exhibit, whole(found)), vault, engine, settings, progress, registers)
            journal = division().begin(found, exhibit, many, registers)
            del found  # and with it the cells that the reader left on the disk
        return division().answer(journal)


def _load() -> None:
    """Load what weighs evidence: it takes as long as reading a dump, and is done while another process does that."""
    with suppress(ImportError):  # whoever needs it says so
        import_module("tracer.undivided")
