"""The journal of a case: what was done, in order, signed; and the papers that entries name by their digest.

One SQLite file. Every write is one transaction that is on the disk before the act goes on (WAL, synchronous=FULL), and
writers wait for each other (BEGIN IMMEDIATE). An entry never holds personal data: what may hold some stands in a
paper, salted, and the entry holds the paper's digest. So the journal can be kept when the case is purged.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from tracer.custody.keys import PersonKey
from tracer.custody.verify import ENTRY_CONTEXT, VERSION, canonical, leaf, read_entry, stepped
from tracer.errors import CaseFault

_WAIT: Final = 60.0
"""Seconds a writer waits for another."""
_TABLES: Final = """
CREATE TABLE entry (seq INTEGER PRIMARY KEY, prev TEXT NOT NULL UNIQUE, line BLOB NOT NULL) STRICT;
CREATE TABLE paper (sha256 TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT;
CREATE TRIGGER entry_stays BEFORE UPDATE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never changed'); END;
CREATE TRIGGER entry_remains BEFORE DELETE ON entry BEGIN SELECT RAISE(ABORT, 'entries are never deleted'); END;
"""
_DIGEST: Final = re.compile(r"[0-9a-f]{32,}")
_PERSONAL: Final = re.compile(r"1[3-9]\d{9}|\d{15,}")
_FIRST: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Act:
    """What is to be written down."""

    name: str
    facts: Mapping[str, str | int]
    papers: tuple[bytes, ...] = ()
    countersign: bool = False
    """Whether it takes effect only when a second person signs it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What was written down."""

    line: bytes
    """Signature in hexadecimal, a space, the canonical body."""
    body: dict[str, Any]

    @property
    def seq(self) -> int:
        """Its number, from 0."""
        return int(self.body["seq"])

    @property
    def act(self) -> str:
        """What was done."""
        return str(self.body["act"])

    @property
    def leaf(self) -> str:
        """Its hash in chain and tree, hexadecimal."""
        return leaf(self.line).hex()


def paper(kind: str, content: Mapping[str, Any]) -> bytes:
    """A paper with a salt of its own: nobody guesses its content from the digest in the journal."""
    told = {"kind": kind, "salt": os.urandom(16).hex(), "content": content}
    return json.dumps(told, ensure_ascii=False, sort_keys=True).encode("utf-8", "backslashreplace")


class Journal:
    """The journal in a file."""

    def __init__(self, path: Path, case: str) -> None:
        self.path = path
        self.case = case

    @classmethod
    def create(cls, path: Path, case: str) -> Journal:
        """An empty journal.

        Raises:
            CaseFault: it cannot be written, or is there.
        """
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
        except OSError as fault:
            raise CaseFault(f"{path}: cannot be made ({fault.strerror})", hint="name a new directory") from None
        journal = cls(path, case)
        with journal._connected() as connection:
            connection.executescript(_TABLES)
        return journal

    def append(self, acts: Sequence[Act], by: PersonKey) -> list[Entry]:
        """Write acts down, all or none; when this returns, they are on the disk.

        Raises:
            CaseFault: the file is damaged, full, busy or not to be written, or an entry would hold personal data.
        """
        written = []
        with self._connected() as connection:
            connection.execute("BEGIN IMMEDIATE")
            last = connection.execute("SELECT line FROM entry ORDER BY seq DESC LIMIT 1").fetchone()
            before = self._entry(last[0]) if last else None
            for act in acts:
                entry = self._signed(act, before, by)
                prev, seq = entry.body["prev"], entry.seq
                connection.execute("INSERT INTO entry VALUES (?, ?, ?)", (seq, prev, entry.line))
                connection.executemany(
                    "INSERT OR IGNORE INTO paper VALUES (?, ?)", zip(entry.body["papers"], act.papers, strict=True)
                )
                written.append(entry)
                before = entry
            connection.execute("COMMIT")
        return written

    def entries(self) -> Iterator[Entry]:
        """Every entry, in order.

        Raises:
            CaseFault: the file is damaged.
        """
        with self._connected() as connection:
            for (line,) in connection.execute("SELECT line FROM entry ORDER BY seq"):
                yield self._entry(line)

    def papers(self) -> dict[str, bytes]:
        """Digest → paper.

        Raises:
            CaseFault: one is not what its digest says.
        """
        with self._connected() as connection:
            found = dict(connection.execute("SELECT sha256, content FROM paper ORDER BY sha256"))
        for digest, content in found.items():
            if hashlib.sha256(content).hexdigest() != digest:
                raise self._damaged()
        return found

    def destroy_papers(self) -> int:
        """Delete all papers and overwrite where they stood; entries stay. Gives how many there were."""
        with self._connected() as connection:
            connection.execute("PRAGMA secure_delete = ON")
            count = connection.execute("DELETE FROM paper").rowcount
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return count

    def _signed(self, act: Act, before: Entry | None, by: PersonKey) -> Entry:
        body = {
            "act": act.name,
            "boot": _boot(),
            "by": by.public,
            "case": self.case,
            "clock": time.clock_gettime_ns(_TIMER) // 1_000_000,
            "facts": dict(act.facts),
            "papers": [hashlib.sha256(one).hexdigest() for one in act.papers],
            "prev": before.leaf if before else _FIRST,
            "seq": before.seq + 1 if before else 0,
            "time": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "version": VERSION,
        }
        body |= {"countersign": True} if act.countersign else {}
        body |= {"anomaly": ["clock"]} if before and stepped(before.body, body) else {}
        _require_impersonal(act.facts.values())
        told = canonical(body)
        entry = self._entry(by.sign(ENTRY_CONTEXT + told).hex().encode() + b" " + told)
        if entry.body != body:
            raise self._damaged()
        return entry

    def _entry(self, line: bytes) -> Entry:
        body = read_entry(line)
        if body is None:
            raise self._damaged()
        return Entry(line, body)

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            with closing(sqlite3.connect(address, uri=True, timeout=_WAIT, isolation_level=None)) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
                yield connection
        except sqlite3.OperationalError as fault:
            # Its words are SQLite's own: a full disk, a lock, a missing file. They hold nothing of the content.
            message = f"{self.path}: the journal cannot be used ({fault})"
            raise CaseFault(message, hint="nothing was written; make room or wait, then do it again") from None
        except sqlite3.DatabaseError:
            raise self._damaged() from None

    def _damaged(self) -> CaseFault:
        return CaseFault(f"{self.path}: the journal is damaged", hint="restore the case from a backup")


_TIMER: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""A timer that nobody can set; on Linux it counts while the machine sleeps."""


def _boot() -> str:
    """Tells one run of the machine from another, and nothing more of it."""
    try:
        told = Path("/proc/sys/kernel/random/boot_id").read_bytes()
    except OSError:
        told = b"unknown"
    return hashlib.sha256(b"luobo boot" + told).hexdigest()[:8]


def _require_impersonal(values: Iterable[str | int]) -> None:
    """Refuse what looks like somebody's phone, identity or account number; digests may hold any digits."""
    for value in values:
        if isinstance(value, str) and not _DIGEST.fullmatch(value) and _PERSONAL.search(re.sub(r"[\s-]", "", value)):
            raise CaseFault(
                "an entry would hold a number of a person", hint="leave it out; the journal is kept for good"
            )
