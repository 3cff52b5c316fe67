"""The story of a case: exhibits are sealed, acts journaled and countersigned, dumps traced, results kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracer.casebook import KINDS, CaseExhibit
from tracer.casefile import CaseFile
from tracer.custody.bundle import Parts, write_bundle
from tracer.custody.checkpoint import checkpoint
from tracer.custody.exhibit import Exhibit
from tracer.custody.journal import Act, Entry, paper
from tracer.custody.originals import opened, take_in
from tracer.errors import CaseFault
from tracer.settings import DEFAULT, Settings

if TYPE_CHECKING:
    from canaries.register import Register
    from tracer.findings import Findings
    from tracer.vault.vault import Vault

Progress = Callable[[str], None]


def _silent(_step: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Bundled:
    """A bundle that was written."""

    sha256: str
    entries: int
    checkpoint: str
    """The same that is inside, to be kept by somebody else."""


class Case(CaseFile):
    """A case as the person `by` acts in it."""

    def add(
        self,
        files: Sequence[str | os.PathLike[str]],
        *,
        kind: str,
        circumstances: Mapping[str, str],
        parent: int | None = None,
    ) -> list[CaseExhibit]:
        """Seal files into the case. They count when a second person has signed.

        Args:
            files: to be taken in; they are not changed.
            kind: dump, chat, calls or other.
            circumstances: `seized_at` and what else is known: from, medium, seal_number, holder, witness, method.
            parent: number of the exhibit that they were derived from.

        Raises:
            TracerError: a file cannot be read, or the person may not.
        """
        if kind not in KINDS:
            raise CaseFault("no such kind of exhibit", hint=f"known are {', '.join(KINDS)}")
        key, book = self.acting("add")
        if parent is not None and book.exhibit(parent) is None:
            raise CaseFault(f"there is no exhibit E{parent}", hint="luobo case log CASE lists them")
        identity = self.identity(key)
        recipients = str(book.steps[0].facts["opens"]).split()
        numbers = []
        for file in files:
            sealed = take_in(file, self.originals, recipients, identity)
            facts: dict[str, str | int] = {
                "kind": kind,
                "sha256": sealed.sha256,
                "sm3": sealed.sm3,
                "bytes": sealed.size,
                "sealed_sha256": sealed.sealed_sha256,
                "sealed_bytes": sealed.sealed_size,
                **({"parent": parent} if parent is not None else {}),
            }
            times = {"sealing_begun": sealed.begun.isoformat(), "sealing_ended": sealed.ended.isoformat()}
            told = paper("exhibit", {"name": Path(file).name, **circumstances, **times})
            (entry,) = self.journal.append([Act("add", facts, (told,), countersign=True)], key)
            numbers.append(entry.seq)
        after = self.book
        return [found for number in numbers if (found := after.exhibit(number)) is not None]

    def approve(self, which: int | None = None) -> list[int]:
        """Countersign one act, or all that wait and are not one's own. Gives their numbers.

        Raises:
            CaseFault: there is no such act, or it is one's own.
        """
        key, book = self.acting("approve")
        waiting = {step.number: step for step in book.waiting}
        if which is None:
            chosen = [step for step in waiting.values() if step.by != self.by]
            if not chosen and waiting:
                raise CaseFault(f"all acts that wait are {self.by}'s own", hint="somebody else signs: --by OTHER")
        else:
            if which not in waiting:
                raise CaseFault(
                    f"entry {which} does not wait for a signature", hint="luobo case log CASE shows what does"
                )
            chosen = [waiting[which]]
            if chosen[0].by == self.by:
                raise CaseFault(f"entry {which} is {self.by}'s own act", hint="somebody else signs: --by OTHER")
        if chosen:
            self.journal.append([Act("approve", {"of": step.number, "leaf": step.leaf}) for step in chosen], key)
        return [step.number for step in chosen]

    def trace(
        self,
        vault: Vault,
        *,
        registers: Sequence[Register] = (),
        exhibits: Sequence[int] | None = None,
        settings: Settings = DEFAULT,
        progress: Progress | None = None,
    ) -> list[tuple[CaseExhibit, Findings]]:
        """Trace every dump of the case (or some exhibits) and write the findings down before they are given back.

        Raises:
            TracerError: no dump counts yet, one cannot be read, or the person may not.
        """
        from tracer.tracing import trace  # noqa: PLC0415 - a case is opened for less

        told, found = progress or _silent, []
        for exhibit in self._counting({"dump"}, exhibits, "trace"):
            told(exhibit.label)
            with self.reading([exhibit], "trace") as (original,):
                findings = trace(original, vault, registers=registers, settings=settings)
            facts: dict[str, str | int] = {
                "exhibit": exhibit.number,
                "vault": vault.key.fingerprint,
                "registers": len(registers),
                "records": findings.dump.records,
                "rejected": findings.dump.rejected,
                "established": len(findings.established),
            }
            self.record("trace", facts, findings.to_dict())
            found.append((exhibit, findings))
        return found

    def record(self, act: str, facts: Mapping[str, str | int], document: Mapping[str, object]) -> Entry:
        """Write down a result with its document as a paper."""
        key, _ = self.acting(act)
        (entry,) = self.journal.append([Act(act, facts, (paper(act, document),))], key)
        return entry

    @contextmanager
    def reading(self, exhibits: Sequence[CaseExhibit], purpose: str) -> Iterator[list[Exhibit]]:
        """Originals in the clear for as long as the block runs: journaled first, verified, never under a name on disk.

        Raises:
            CaseFault: one is missing or changed, or the person may not.
        """
        key, _ = self.acting("read")
        identity = self.identity(key)
        acts = [Act("read", {"exhibit": one.number, "for": purpose, "sha256": one.sha256}) for one in exhibits]
        self.journal.append(acts, key)
        with ExitStack() as stack:
            yield [
                stack.enter_context(opened(self.originals, one.sealed_sha256, one.sha256, identity, one.name))
                for one in exhibits
            ]

    def checkpoint(self) -> str:
        """A signed checkpoint over all entries so far: print it, hand it over."""
        key, _ = self.acting("checkpoint")
        return checkpoint(self.journal.case, [bytes.fromhex(one.leaf) for one in self.journal.entries()], key)

    def bundle(self, target: str | os.PathLike[str], *, originals: bool = True) -> Bundled:
        """Write the bundle for the other side; the journal then holds its digest.

        Raises:
            CaseFault: it cannot be written, an original is missing or changed, or the person may not.
        """
        key, _ = self.acting("bundle")
        self.journal.append([Act("bundle", {"originals": int(originals)})], key)
        entries = list(self.journal.entries())
        sealed = [str(one.body["facts"]["sealed_sha256"]) for one in entries if one.act == "add"]
        purged = any(one.act == "destroyed" for one in entries)
        places = {one: self.originals / f"{one}.age" for one in sealed if originals and not purged}
        note = checkpoint(self.journal.case, [bytes.fromhex(one.leaf) for one in entries], key)
        parts = Parts([one.line for one in entries], note, self.journal.papers(), places)
        digest = write_bundle(parts, Path(target), key)
        self.journal.append([Act("bundled", {"sha256": digest, "entries": len(entries)})], key)
        return Bundled(digest, len(entries), note)

    def _counting(self, kinds: set[str], chosen: Sequence[int] | None, act: str) -> list[CaseExhibit]:
        """Exhibits of these kinds that count, each content once."""
        _, book = self.acting(act)
        if book.purged:
            raise CaseFault("the case was purged", hint="its journal can still be shown: luobo case log CASE")
        wanted = [one for one in book.exhibits if one.kind in kinds and (chosen is None or one.number in chosen)]
        counting = [one for one in wanted if one.effective]
        if not wanted:
            raise CaseFault(
                "the case has no such exhibit", hint="luobo case add CASE FILE --kind dump --seized-at DATE"
            )
        if not counting or (chosen is not None and len(counting) < len(wanted)):
            waiting = ", ".join(one.label for one in wanted if not one.effective)
            message = f"{waiting}: a second person has not signed yet"
            raise CaseFault(message, hint="luobo case approve CASE all --by OTHER")
        return list({one.sha256: one for one in reversed(counting)}.values())[::-1]
