"""The story of a report: a case becomes a dossier, the dossier a file, and the journal holds the file's digest first.

The report covers the journal up to its last act that was no report, so a case that is reported twice gives the same
bytes twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from importlib import metadata, resources
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from graphs.chain import from_json
from tracer.case import Case
from tracer.casebook import Casebook, CaseExhibit, Recorded, Step
from tracer.custody.bundle import Parts, write_bundle
from tracer.custody.checkpoint import checkpoint
from tracer.custody.verify import CHECKS, verify
from tracer.report import dossier as told
from tracer.report.dossier import Dossier
from tracer.report.writing import format_of, written

_REPORT: Final = "report"
_PLAIN: Final = frozenset(
    {
        "exhibit",
        "for",
        "of",
        "leaf",
        "name",
        "recipient",
        "opens",
        "parent",
        "sm3",
        "sealed_sha256",
        "sealed_bytes",
        "what",
    }
)
"""Facts of an entry that stand elsewhere in the report, or say nothing to a reader."""
_TWICE: Final = {("sha256", "add"), ("sha256", "read"), ("sha256", "transfer")}
"""… and those that the list of exhibits has."""
_STEPS: Final = {"trace": "luobo case trace CASE --vault VAULT", "chain": "luobo case chain CASE"}
_STATES: Final = {"waiting": "pending", "alone": "override"}
_ELSEWHERE: Final = frozenset({1, 9, 12})
"""Checks of a bundle that a report cannot make: of its own file, of originals, and against a checkpoint handed over."""
_PACKAGES: Final = ("tracer", "canaries", "graphs")


def report(case: Case, name: str, lang: str, sign: Callable[[bytes], bytes] | None = None) -> tuple[bytes, Dossier]:
    """The report for a file called `name`; that it was made is in the journal when this returns.

    Args:
        case: opened to act in it.
        name: its ending says the format.
        lang: zh or en.
        sign: puts a signature into the file.

    Raises:
        TracerError: no such format, the person may not, or a character cannot be printed.
    """
    kind = format_of(name)
    case.acting("export")
    dossier = compiled(case)
    made = written(dossier, name, lang)
    made = made if sign is None else sign(made)
    facts: dict[str, str | int] = {"what": _REPORT, "format": kind, "lang": lang}
    case.record("export", {**facts, "sha256": hashlib.sha256(made).hexdigest()}, {})
    return made, dossier


def compiled(case: Case) -> Dossier:
    """The case as a report sees it, before the reports that were written last."""
    book = case.book
    steps = list(book.steps)
    while len(steps) > 1 and steps[-1].act == "export" and steps[-1].facts.get("what") == _REPORT:
        steps.pop()
    chain = book.chain.document if book.chain else {}
    return Dossier(
        head=_head(book, steps),
        tool=told.Tool("luobo", metadata.version("luobo"), _sources()),
        people=tuple(_people(book, len(steps))),
        exhibits=tuple(_exhibit(one, _document(book, one)) for one in book.exhibits),
        derived=tuple(_derived(steps)),
        acts=tuple(_act(one) for one in steps),
        journal=_journal(case, steps),
        readings=tuple(_reading(one) for one in book.findings),
        steps=tuple(_processed(one, book) for one in steps if one.act in _STEPS),
        traces=tuple(told.Trace(f"E{one.exhibit}", one.document, one.number) for one in book.findings),
        lineage=chain.get("lineage"),
        chain=from_json(chain["chain"]) if chain.get("chain") else None,
    )


def _head(book: Casebook, steps: list[Step]) -> told.Head:
    about = steps[0].about
    return told.Head(
        title=book.title,
        number=f"{book.case}-{len(steps)}",
        created=book.created.isoformat(),
        issued=steps[-1].time.isoformat(),
        cause=about.get("cause"),
        office=about.get("office"),
        procedure=about.get("procedure"),
        purpose=about.get("purpose"),
        alone=book.alone,
        case=book.case,
    )


def _people(book: Casebook, entries: int) -> Iterator[told.Person]:
    for one in book.people:
        if one.joined < entries:
            joined = book.steps[one.joined]
            about = joined.about
            yield told.Person(
                name=one.name,
                role=one.role,
                key=one.key,
                since=joined.time.isoformat(),
                vouched=one.vouched,
                unit=about.get("unit"),
                badge=about.get("badge"),
            )


def _document(book: Casebook, exhibit: CaseExhibit) -> Mapping[str, Any]:
    found = next((one.document for one in book.findings if one.exhibit == exhibit.number), {})
    dump: Mapping[str, Any] = found.get("dump", {})
    return dump


def _exhibit(one: CaseExhibit, dump: Mapping[str, Any]) -> told.Exhibit:
    known = one.circumstances
    return told.Exhibit(
        number=one.label,
        name=one.name,
        kind=one.kind,
        bytes=one.size,
        sha256=one.sha256,
        sm3=one.sm3,
        sealed_at=known.get("sealing_ended", one.added_at.isoformat()),
        sealed_by=one.added_by,
        seized_at=known.get("seized_at"),
        holder=known.get("holder"),
        place=known.get("from"),
        medium=known.get("medium"),
        seal_number=known.get("seal_number"),
        method=known.get("method"),
        witness=known.get("witness"),
        format=dump.get("format") or None,
        encoding=dump.get("encoding") or None,
        begun_at=known.get("sealing_begun"),
        clock_offset=known.get("clock_offset"),
        write_blocker=known.get("write_blocker"),
        seal_photo=known.get("seal_photo"),
        parent=None if one.parent is None else f"E{one.parent}",
    )


def _derived(steps: list[Step]) -> Iterator[told.Derived]:
    for one in steps:
        if one.act == "export" and "sha256" in one.facts:
            what = str(one.facts.get("what", "graph"))
            ending = str(one.facts.get("format", ""))
            yield told.Derived(f"{what}{ending}", str(one.facts["sha256"]), (), f"luobo {what} CASE -o FILE{ending}")


def _act(one: Step) -> told.Act:
    facts = one.facts
    subject = f"E{one.number}" if one.act == "add" else f"E{facts['exhibit']}" if "exhibit" in facts else ""
    if one.act == "approve":
        subject = f"#{facts.get('of')}"
    elif one.act in {"join", "role", "create"} and "name" in facts:
        subject = str(facts["name"])
    return told.Act(
        seq=one.number,
        time=one.time.isoformat(),
        actor=one.by,
        action=str(facts.get("what", one.act)),
        subject=subject,
        purpose=str(one.about.get("purpose", facts.get("for", ""))),
        moved=_moved(one),
        second=", ".join(one.approved_by),
        state=_STATES.get(one.status, "effective"),
        facts={name: value for name, value in facts.items() if name not in _PLAIN and (name, one.act) not in _TWICE},
        digest=one.leaf,
    )


def _moved(one: Step) -> str:
    if one.act != "transfer":
        return ""
    about = one.about
    way = f"{about.get('from', one.by)} → {about.get('to', '')}"
    return f"{way}, {about['place']}" if about.get("place") else way


def _journal(case: Case, steps: list[Step]) -> told.Journal:
    """The journal as the verifier of bundles finds it, without the originals: those are verified when they are read."""
    key, _ = case.acting("export")
    entries = list(case.journal.entries())[: len(steps)]
    note = checkpoint(case.journal.case, [bytes.fromhex(one.leaf) for one in entries], key, steps[-1].time)
    named = {digest for one in entries for digest in one.body["papers"]}
    papers = {digest: content for digest, content in case.journal.papers().items() if digest in named}
    with TemporaryDirectory(prefix="luobo-") as folder:
        bundle = Path(folder) / "journal.luobo"
        write_bundle(Parts([one.line for one in entries], note, papers, {}), bundle, key)
        with bundle.open("rb") as stream:
            verdict = verify(stream)
    failed: dict[int, list[str]] = {}
    for fault in verdict.faults:
        failed.setdefault(fault.check, []).append(f"{fault.place}: {fault.what}")
    return told.Journal(
        entries=len(steps),
        root=str(verdict.facts["root"]),
        checkpoint=note,
        checks=tuple(
            (claim, check not in failed, "; ".join(failed.get(check, ())))
            for check, claim in CHECKS.items()
            if check not in _ELSEWHERE
        ),
        anomalies=tuple(f"{one.place}: {one.what}" for one in verdict.notices if one.check not in _ELSEWHERE),
    )


def _reading(one: Recorded) -> told.Reading:
    dump = one.document["dump"]
    return told.Reading(
        exhibit=f"E{one.exhibit}",
        records=dump["records"],
        rejected=dump["rejected"],
        reasons=dump.get("causes", {}),
        first=tuple((reject["offset"], reject["reason"]) for reject in dump.get("rejects", ())),
        warnings=tuple(dump.get("notes", ())),
    )


def _processed(one: Step, book: Casebook) -> told.Step:
    facts, exhibit = one.facts, one.facts.get("exhibit")
    whole = [each.label for each in book.exhibits if each.effective and each.number < one.number]
    return told.Step(
        action=one.act,
        inputs=tuple(whole) if exhibit is None else (f"E{exhibit}",),
        parameters=" ".join(f"{name}={facts[name]}" for name in ("vault", "registers") if name in facts),
        output=one.leaf,
        command=_STEPS[one.act],
    )


def _sources() -> str:
    """SHA-256 over every file of the program and its rules, with its name, in order of names."""
    whole = hashlib.sha256()
    for package in _PACKAGES:
        root = Path(str(resources.files(package)))
        for path in sorted(root.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                whole.update(f"{package}/{path.relative_to(root).as_posix()}\n".encode())
                whole.update(hashlib.sha256(path.read_bytes()).digest())
    return whole.hexdigest()
