"""Purging a case: what opens the originals goes first, then originals and papers; a signed certificate stays."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tracer.casefile import CaseFile
from tracer.custody.journal import Act, paper
from tracer.custody.keys import PersonKey
from tracer.errors import CaseFault

_CERTIFICATE: Final = "certificate.txt"


def purge(case: CaseFile, reason: str) -> Path | None:
    """Ask for a purge, or carry out one that a second person has signed.

    The journal stays: it holds no personal data. Afterwards nobody can open a copy of the originals either, for the
    only key to them existed wrapped in the files that were destroyed; further recipients named at the creation of the
    case (an escrow) still can, if they kept a copy.

    Returns:
        The certificate, or None while the purge waits for a second person.

    Raises:
        CaseFault: no reason is given, it was purged before, or the person may not.
    """
    if not reason.strip():
        raise CaseFault("a case is not purged without a reason", hint="--reason TEXT")
    key, book = case.acting("purge")
    if book.purged:
        raise CaseFault("the case was purged before", hint=f"its certificate: {case.folder / _CERTIFICATE}")
    asked = [step for step in book.steps if step.act == "purge"]
    if not asked:
        case.journal.append([Act("purge", {"exhibits": len(book.exhibits)}, countersign=True)], key)
        asked = [step for step in case.book.steps if step.act == "purge"]
    if asked[-1].status == "waiting":
        return None
    for path in (case.folder / "access").glob("*.age"):
        path.unlink()
    for path in case.originals.glob("*.age"):
        path.unlink()
    papers = case.journal.destroy_papers()
    facts: dict[str, str | int] = {"exhibits": len(book.exhibits), "papers": papers, "purge": asked[-1].number}
    (entry,) = case.journal.append([Act("destroyed", facts, (paper("certificate", {"reason": reason}),))], key)
    signers = ", ".join(asked[-1].approved_by) or f"nobody ({book.alone})"
    digests = [f"{one.label} {one.sha256}" for one in book.exhibits]
    lines = [
        f"luobo.certificate/{book.case}",
        "These originals, the key to them and all papers of the case were destroyed; the journal was kept.",
        *digests,
        f"papers {papers}",
        f"asked for by {asked[-1].by}, countersigned by {signers}",
        f"carried out by {case.by} on {entry.body['time']}, entry {entry.seq}, hash {entry.leaf}",
        "Disks and backups may keep what was deleted; without the key it is only noise.",
    ]
    return _signed("\n".join(lines) + "\n", case.folder / _CERTIFICATE, key)


def _signed(text: str, path: Path, key: PersonKey) -> Path:
    try:
        path.write_text(f"{text}\n— {key.public} {key.sign(text.encode()).hex()}\n", "utf-8")
    except OSError as fault:
        raise CaseFault(f"{path}: cannot be written ({fault.strerror})", hint="the purge itself is done") from None
    return path
