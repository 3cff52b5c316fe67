"""The story of a case: exhibits are sealed, acts journaled and countersigned, dumps traced, results kept."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
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
    from tracer.resale import Resale
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
            findings.forget()
            found.append((exhibit, findings))
        return found

    def chain(
        self, *, seen: str | os.PathLike[str] | None = None, progress: Progress | None = None, purpose: str = "chain"
    ) -> Resale:
        """Build the resale chain of all exhibits that count and write it down, masked, before it is given back.

        Args:
            seen: a CSV `file,first_seen`: when dumps were first seen.
            progress: told what is being done.
            purpose: what the exhibits are read for, as the journal says it.

        Raises:
            TracerError: nothing counts yet, a chat or a list of calls is none, or the person may not.
        """
        from tracer.resale import Seized, resale  # noqa: PLC0415 - a case is opened for less

        exhibits = self._counting({"dump", "chat", "calls"}, None, "chain")
        names = distinct_names(exhibits)
        findings = {one.exhibit: (f"entry {one.number}", one.document) for one in self.book.findings}
        with self.reading(exhibits, purpose) as originals:
            told = [replace(one, name=names[exhibit.number]) for one, exhibit in zip(originals, exhibits, strict=True)]
            kinds = {
                kind: [one for one, exhibit in zip(told, exhibits, strict=True) if exhibit.kind == kind]
                for kind in ("dump", "chat", "calls")
            }
            traced = {names[one.number]: findings[one.number] for one in exhibits if one.number in findings}
            seized = Seized(kinds["dump"], kinds["chat"], kinds["calls"], traced)
            found = resale(seized, seen=seen, progress=progress or _silent)
        counts = {"nodes": len(found.chain.nodes), "links": len(found.chain.links), "campaigns": len(found.campaigns)}
        self.record("chain", counts, found.to_dict())
        return found

    def reveal(self, what: Mapping[str, str | int], purpose: str) -> None:
        """Write down that somebody is shown something in the clear, and what for, before it is shown.

        Raises:
            CaseFault: no purpose is given, or the person may not.
        """
        if not purpose.strip():
            raise CaseFault("nothing is shown in the clear without a purpose", hint="--purpose TEXT")
        self.record("reveal", what, {"purpose": purpose})

    def records(self, exhibit: int, rows: Sequence[int], purpose: str) -> list[dict[str, str | None]]:
        """Records of an exhibit in the clear, by their number from 0; the reveal is journaled first.

        Raises:
            TracerError: there is no such exhibit or record, no purpose is given, or the person may not.
        """
        from tracer.intake.reading import read  # noqa: PLC0415 - a case is opened for less

        self.reveal({"exhibit": exhibit, "records": len(rows)}, purpose)
        chosen = self._counting(set(KINDS), [exhibit], "reveal")
        shown: list[dict[str, str | None]] = []
        with self.reading(chosen, "reveal") as originals:
            tables = read(originals[0]).tables
        for row in rows:
            found = next((table for table in tables if row in table.frame.get_column("row")), None)
            if found is None:
                raise CaseFault(f"E{exhibit} has no record {row}", hint="records are counted from 0")
            cells = found.frame.filter(found.frame.get_column("row") == row).row(0, named=True)
            shown.append({column.name or column.key: cells[column.key] for column in found.columns})
        return shown

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

    def transfer(self, exhibit: int, told: Mapping[str, str]) -> Entry:
        """Write down that an exhibit changes hands, after its original was found to be what was sealed.

        Args:
            exhibit: its number.
            told: from, to, place, purpose …; it stands in a paper.

        Raises:
            CaseFault: there is no such exhibit, its original is missing or changed, or the person may not.
        """
        chosen = self._counting(set(KINDS), [exhibit], "transfer")
        with self.reading(chosen, "transfer"):
            pass
        return self.record("transfer", {"exhibit": exhibit, "sha256": chosen[0].sha256}, told)

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


def distinct_names(exhibits: Sequence[CaseExhibit]) -> dict[int, str]:
    """Number of each exhibit → its file's name, with its label where several files are called the same."""
    names = Counter(one.name for one in exhibits)
    return {one.number: f"{one.name} ({one.label})" if names[one.name] > 1 else one.name for one in exhibits}
