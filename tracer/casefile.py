"""The file of a case: its directory, its journal, who acts in it and what that person may."""

from __future__ import annotations

import json
import os
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Self

import pyrage

from tracer.casebook import ROLES, Casebook, fold
from tracer.custody.access import grant, identity_for
from tracer.custody.checkpoint import checkpoint
from tracer.custody.journal import Act, Entry, Journal, paper
from tracer.custody.keys import PersonKey, load_key, new_key, save_key
from tracer.custody.verify import Verdict, read_journal
from tracer.errors import CaseFault, KeyFault, TracerError

SCHEMA: Final = "luobo.case/1"
_MARK, _JOURNAL = "case.json", "journal.sqlite"
_KEYS, _ACCESS, _ORIGINALS = "keys", "access", "originals"
_READS: Final = {"custodian", "investigator"}
_SIGNS: Final = {*_READS, "reviewer"}
_MAY: Final = {
    "add": _READS,
    "read": _READS,
    "trace": _READS,
    "chain": _READS,
    "reveal": _READS,
    "transfer": _READS,
    "approve": _SIGNS,
    "export": _SIGNS,
    "bundle": _SIGNS,
    "role": {"custodian"},
    "purge": {"custodian"},
    "checkpoint": set(ROLES),
}
"""Act → roles that may do it. An auditor sees the journal and takes checkpoints."""


class CaseFile:
    """A case in a directory, as the person `by` acts in it.

    The directory holds `case.json` (what it is), `journal.sqlite` (acts and papers), `originals/` (age files), `keys/`
    (one file a person) and `access/` (who can open the originals).
    """

    def __init__(self, folder: Path, journal: Journal, by: str | None, passphrase: str | None) -> None:
        self.folder = folder
        self.journal = journal
        self.by = by
        self._passphrase = passphrase
        self._key: PersonKey | None = None
        self._lines: list[bytes] = []
        self._book: Casebook | None = None

    @classmethod
    def create(  # noqa: PLR0913 - all that a case begins with
        cls,
        folder: str | os.PathLike[str],
        *,
        title: str,
        by: str,
        alone: str | None = None,
        recipients: Sequence[str] = (),
        about: Mapping[str, str] | None = None,
        passphrase: str | None = None,
    ) -> Self:
        """Make a case; whoever does becomes its custodian.

        Args:
            folder: a new or empty directory.
            title: of the case.
            by: name of the person.
            alone: why one person leads it alone; acts then need no second signature, and every report says so.
            recipients: further age public keys (an office's escrow) that can open all originals.
            about: `cause`, `office`, `procedure` and `purpose` for the head of reports, as far as they are known.
            passphrase: locks the person's key file.

        Raises:
            CaseFault: the directory is not empty or cannot be written, or a recipient is no age key.
        """
        path, name = Path(folder), _name(by)
        if alone is not None and not alone.strip():
            raise CaseFault("a case led by one person needs a reason", hint="--alone REASON")
        for one in recipients:
            _require_recipient(one)
        _require_empty(path)
        case = cls(path, Journal(path / _JOURNAL, secrets.token_hex(16)), name, passphrase)
        key, escrow = new_key(), pyrage.x25519.Identity.generate()
        save_key(key, path / _KEYS, passphrase)
        grant(path / _ACCESS, str(escrow), key.public, key.recipient)
        facts = {"name": name, "key": key.public, "recipient": key.recipient, "role": "custodian"}
        facts["opens"] = " ".join((str(escrow.to_public()), *recipients))
        told = {**(about or {}), "title": title, **({"alone": alone} if alone else {})}
        Journal.create(path / _JOURNAL, case.journal.case)
        act = Act("create", {**facts, **({"alone": 1} if alone else {})}, (paper("case", told),))
        case.journal.append([act], key)
        _write_mark(path, case.journal.case)
        return case

    @classmethod
    def open(cls, folder: str | os.PathLike[str], *, by: str | None = None, passphrase: str | None = None) -> Self:
        """Open a case, to read it, or with `by` to act in it.

        Raises:
            CaseFault: there is no case, or it is damaged.
        """
        path = Path(folder)
        try:
            mark = json.loads((path / _MARK).read_text("utf-8"))
            schema, case = mark["schema"], str(mark["case"])
        except (FileNotFoundError, NotADirectoryError):
            hint = f"make one with: luobo case create {path} --title T --by NAME"
            raise CaseFault(f"{path}: is no case", hint=hint) from None
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            raise CaseFault(f"{path / _MARK}: is damaged", hint="restore the case from a backup") from None
        if schema != SCHEMA:
            raise CaseFault(f"{path}: made by another version of luobo", hint="use the version that made it")
        return cls(path, Journal(path / _JOURNAL, case), _name(by) if by else None, passphrase)

    @property
    def book(self) -> Casebook:
        """What the journal says now, if all of it is linked and signed as it must be.

        Raises:
            CaseFault: the journal or a paper is damaged.
        """
        entries = list(self.journal.entries())
        lines = [entry.line for entry in entries]
        if self._book is None or lines != self._lines or self._book.purged:
            found = Verdict()
            told = read_journal(lines, found)
            if found.faults or told.case != self.journal.case:
                place = found.faults[0].place if found.faults else "its first entry"
                raise CaseFault(
                    f"{self.folder}: its journal is damaged at {place}", hint="restore the case from a backup"
                )
            self._lines, self._book = lines, fold(entries, self.journal.papers())
        return self._book

    @property
    def originals(self) -> Path:
        """Where the originals lie."""
        return self.folder / _ORIGINALS

    def identity(self, key: PersonKey) -> str:
        """The age identity that opens the originals, as far as this person may have it."""
        return identity_for(self.folder / _ACCESS, key)

    def enter(self) -> bool:
        """Unlock the key of the person who acts; a new name joins with a key made now, and that gives True.

        Raises:
            CaseFault: nobody is named.
            KeyFault: the key file is missing, damaged, or locked and the passphrase is missing or wrong.
        """
        if self.by is None:
            raise CaseFault("nobody is named who does this", hint="--by NAME, or set LUOBO_BY")
        if self._key is not None:
            return False
        book = self.book
        person = book.person(self.by)
        self._key = load_key(person.key, self.folder / _KEYS, self._passphrase) if person else self._joined(book)
        return person is None

    def acting(self, act: str) -> tuple[PersonKey, Casebook]:
        """The key of the person who acts and the casebook, if the person's role allows the act."""
        self.enter()
        book = self.book
        person = book.person(self.by or "")
        role = person.role if person else "nobody"
        if self._key is None or role not in _MAY[act]:
            raise CaseFault(f"{self.by} is {role} and may not do this", hint=f"who may: {', '.join(sorted(_MAY[act]))}")
        return self._key, book

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

    def assign(self, name: str, role: str) -> int:
        """Say what a person may do; it counts when a second person has signed. Gives the number of the entry.

        Who may read gets access to the originals, who may not loses it.

        Raises:
            CaseFault: no such role or person, or the person who acts may not.
        """
        if role not in ROLES:
            raise CaseFault("no such role", hint=f"known are {', '.join(ROLES)}")
        key, book = self.acting("role")
        person = book.person(_name(name))
        if person is None:
            raise CaseFault("no such person in the case", hint="a person joins by a first act, log CASE lists them")
        if role in _READS:
            grant(self.folder / _ACCESS, self.identity(key), person.key, person.recipient)
        else:
            (self.folder / _ACCESS / f"{person.key}.age").unlink(missing_ok=True)
        facts = {"key": person.key, "role": role}
        return self.journal.append([Act("role", facts, countersign=True)], key)[0].seq

    def record(self, act: str, facts: Mapping[str, str | int], document: Mapping[str, object]) -> Entry:
        """Write down a result with its document as a paper."""
        key, _ = self.acting(act)
        (entry,) = self.journal.append([Act(act, facts, (paper(act, document),))], key)
        return entry

    def checkpoint(self) -> str:
        """A signed checkpoint over all entries so far: print it, hand it over."""
        key, _ = self.acting("checkpoint")
        return checkpoint(self.journal.case, [bytes.fromhex(one.leaf) for one in self.journal.entries()], key)

    def _joined(self, book: Casebook) -> PersonKey:
        assert self.by is not None  # noqa: S101 - asked by the caller
        key = new_key()
        save_key(key, self.folder / _KEYS, self._passphrase)
        facts = {"name": self.by, "key": key.public, "recipient": key.recipient, "role": "investigator"}
        self.journal.append([Act("join", facts)], key)
        for person in book.people:
            # Whoever may use an unlocked key here lets the new one in; else somebody does so by `case role`.
            try:
                known = load_key(person.key, self.folder / _KEYS, self._passphrase)
                grant(self.folder / _ACCESS, identity_for(self.folder / _ACCESS, known), key.public, key.recipient)
            except TracerError:
                continue
            break
        return key


def _name(by: str) -> str:
    """A person's name as the journal keeps it (NFC, without what cannot be seen)."""
    name = unicodedata.normalize("NFC", by).strip()
    if not name or len(name) > 80 or any(unicodedata.category(char)[0] == "C" for char in name):
        raise CaseFault("this is no name of a person", hint="--by NAME, up to 80 visible characters")
    return name


def _require_recipient(one: str) -> None:
    try:
        pyrage.x25519.Recipient.from_str(one)
    except pyrage.RecipientError:
        raise KeyFault("a recipient is no age public key", hint="age-keygen prints one: age1…") from None


def _require_empty(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o700)
        empty = not any(path.iterdir())
    except OSError as fault:
        raise CaseFault(f"{path}: cannot be used ({fault.strerror})", hint="name a new directory") from None
    if not empty:
        raise CaseFault(f"{path}: is not empty", hint="name a new directory")


def _write_mark(path: Path, case: str) -> None:
    try:
        (path / _MARK).write_text(json.dumps({"schema": SCHEMA, "case": case}) + "\n", "utf-8")
    except OSError as fault:
        raise CaseFault(f"{path}: cannot be written ({fault.strerror})", hint="make room, then start anew") from None
