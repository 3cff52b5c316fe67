"""What happens in the reading process: bind it, unpack, find each member's shape, hand over its records."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tracer.errors import UnreadableInput
from tracer.intake.archives.walk import Archived, Walk
from tracer.intake.confined import confine, die_with_parent
from tracer.intake.limits import Limits
from tracer.intake.member import Member
from tracer.intake.shapes import shape_of
from tracer.intake.spool import Spool


@dataclass(frozen=True, slots=True)
class Job:
    """One run over an exhibit; after a death the next run goes on behind the member that killed the last."""

    name: str
    size: int
    limits: Limits
    password: str | None = None
    first: int = 0
    """The first member to be read, by its number in the order of the walk."""
    dead: tuple[int, ...] = ()
    """Members that killed their readers."""
    careful: int = -1
    """A member that is to be read by the slow and sturdy reader of its shape, where there is one."""


def run(message: dict[str, Any], descriptors: Sequence[int]) -> int:
    """Do a job: `descriptors` are the exhibit, the spool, the ledger, and files to unpack into. Gives the exit code."""
    die_with_parent()
    limits = Limits(**message.pop("limits"))
    job = Job(limits=limits, **message)
    confine(limits.memory, limits.output)
    exhibit, cells, ledger, *scratch = descriptors
    spool = Spool(cells, ledger)
    with os.fdopen(exhibit, "rb", buffering=0) as stream:
        member = Member(job.name, stream, job.size)
        walk = Walk(job.limits, job.password, [os.fdopen(one, "w+b", buffering=0) for one in scratch], spool)
        for found in walk.members(member):
            if found.number in job.dead or found.number < job.first:
                continue
            _read(found, spool, careful=found.number == job.careful)
    spool.flush()
    spool.enter(kind="done")
    return 0


def _read(found: Archived, spool: Spool, *, careful: bool) -> None:
    try:
        for part in shape_of(found.member, careful=careful).read(found.member):
            spool.put(part)
    except UnreadableInput as fault:
        spool.flush()
        spool.enter(kind="fault", message=fault.message, hint=fault.hint)
    spool.flush()
    spool.enter(kind="end")
