"""The story of a case's dumps up to the platforms: which was made from which, and which leaked from whose table.

A platform's snapshot can be a parent as a dump can; then the edge is the leak itself. Only keyed tokens of a vault can
be compared, and what they tell of a dump is weighed where all attributions are: an edge from a platform is drawn where
a trace establishes it, and at no lower bar.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from tracer.attribution.standing import Verdict
from tracer.attribution.verdict import Source
from tracer.errors import UnreadableInput
from tracer.lineage.story import Account, Leak, lineage
from tracer.settings import DEFAULT, Settings
from tracer.tracing import trace
from tracer.vault.vault import Vault

Progress = Callable[[int], None]


def lineage_from(
    files: Sequence[str | os.PathLike[str]],
    vault: Vault,
    *,
    seen: str | os.PathLike[str] | None = None,
    settings: Settings = DEFAULT,
    progress: Progress = lambda _done: None,
) -> Account:
    """The lineage of dumps, with the platforms of a vault as parents.

    Args:
        files: the dumps.
        vault: what platforms registered.
        seen: a CSV `file,first_seen`.
        settings: of the run.
        progress: told how many dumps were read, compared or traced.

    Raises:
        TracerError: a file cannot be read, or the vault is empty or damaged.
    """
    account = lineage(files, seen=seen, settings=settings, progress=progress)
    sources: dict[str, tuple[Source, ...]] = {}
    warnings: list[str] = []
    for dump in account.dumps:
        try:
            sources[dump.file] = trace(dump.file, vault, settings=settings).found
        except UnreadableInput as fault:
            warnings.append(f"{dump.file}: not traced to the vault: {fault.message}")
        progress(1)
    parents: dict[str, set[str]] = {dump.file: set() for dump in account.dumps}
    for edge in account.lineage.edges:
        parents[edge.child].add(edge.parent)
    return replace(account, leaks=leaks(sources, parents), warnings=(*account.warnings, *warnings))


def leaks(sources: Mapping[str, Sequence[Source]], parents: Mapping[str, Iterable[str]]) -> tuple[Leak, ...]:
    """One edge for each platform and each dump in which it is established, but in none that this one was made from.

    Args:
        sources: of every dump that was traced.
        parents: of every dump.
    """
    platforms = {dump: {one.platform for one in found if _named(one)} for dump, found in sources.items()}
    return tuple(
        Leak(
            platform=source.platform,
            child=dump,
            rows=round(source.rows),
            false_accusation=source.false_accusation,
            after=source.window.after,
            before=source.window.before,
            rivals=source.rivals,
        )
        for dump, found in sources.items()
        for source in found
        if _named(source) and not any(source.platform in platforms.get(one, ()) for one in _above(dump, parents))
    )


def _named(source: Source) -> bool:
    return source.verdict is Verdict.ESTABLISHED and source.rows > 0


def _above(dump: str, parents: Mapping[str, Iterable[str]]) -> set[str]:
    """All dumps that a dump descends from."""
    found: set[str] = set()
    waiting = list(parents.get(dump, ()))
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.add(one)
            waiting += parents.get(one, ())
    return found
