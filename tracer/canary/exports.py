"""An export and a register become the export with canaries in it, and the receipt."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from canaries.canary import Canary, Planting, State
from canaries.plan import COVER
from canaries.planting import lines, workbook
from canaries.planting.export import Insertion, insertion
from canaries.register import Register
from tracer.canary.customers import Customers
from tracer.errors import UnreadableInput

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Injected:
    """The new file and what it changes in the register."""

    data: bytes
    register: Register
    receipt: dict[str, Any]
    warnings: tuple[str, ...]


def inject(register: Register, recipient: str, export: Customers, on: date, *, cover: bool = False) -> Injected:
    """Put a recipient's canaries into an export; all its own bytes stay as they are (in XLSX: all its own cells).

    With `cover` some real records are withheld, other ones from each export: see `canaries.plan.COVER`.

    Raises:
        UnreadableInput: the export has a shape that rows cannot be put into.
        CanaryFault: the recipient has no canaries, or the export holds them already.
    """
    rows = insertion(register, recipient, export.table, export.exhibit.sha256, on)
    original = export.exhibit.path.read_bytes()
    withheld = _withheld(register, recipient, export, len(rows.rows)) if cover else frozenset()
    data = _merged(original, export, rows, withheld)
    ids = [row.canary for row in rows.rows]
    receipt = {
        "schema": "luobo.canary-receipt/1",
        "recipient": recipient,
        "export_sha256": export.exhibit.sha256,
        "output_sha256": hashlib.sha256(data).hexdigest(),
        "records": export.table.rows,
        "canaries": len(ids),
        "withheld": len(withheld),
        "on": on.isoformat(),
        "made_at": datetime.now(UTC).isoformat(),
    }
    known = {(each["output_sha256"], each["recipient"]) for each in register.receipts if "output_sha256" in each}
    again = (receipt["output_sha256"], recipient) in known
    planting = Planting(export.exhibit.sha256, on, recipient)
    changed = register if again else _planted(register, ids, planting)
    receipts = register.receipts if again else (*register.receipts, receipt)
    return Injected(data, replace(changed, receipts=receipts), receipt, rows.warnings)


def _planted(register: Register, ids: list[str], planting: Planting) -> Register:
    def planted(canary: Canary) -> Canary:
        return replace(canary, planted=(*canary.planted, planting))

    return register.changed(ids, planted).advanced(ids, State.PLANTED)


def _withheld(register: Register, recipient: str, export: Customers, canaries: int) -> frozenset[int]:
    """Which records this recipient's export goes without: a keyed choice."""
    wanted, rows = COVER * canaries, export.table.rows
    if wanted > rows // 20:
        hint = "give the recipient fewer canaries, or leave out --cover"
        raise UnreadableInput(f"cover for {canaries} canaries needs {wanted} of {rows} records", hint=hint)
    rng = np.random.default_rng(list(register.derive(f"cover/{recipient}/{export.exhibit.sha256}")))
    return frozenset(int(at) for at in rng.choice(rows, wanted, replace=False))


def _merged(original: bytes, export: Customers, rows: Insertion, withheld: frozenset[int]) -> bytes:
    names = tuple(one.name for one in export.table.fields)
    if export.format == "xlsx" and original.startswith(b"PK") and not withheld:
        return workbook.merged(original, rows.rows, names, export.table.rows)
    if export.format not in {"csv", "text", "jsonl"} or export.offsets.null_count():
        hint = "canaries can be put into CSV, text, JSON-lines and XLSX exports"
        raise UnreadableInput(f"{export.exhibit.name}: rows cannot be put into this shape ({export.format})", hint=hint)
    shown = export.table.frame.head(_SHOWN).rows()
    begins = export.offsets.to_list()
    source = lines.Lines(original, begins, _codec(export.encoding), names, shown)
    return b"".join(lines.merged(source, rows.rows, keys=export.format == "jsonl", withheld=withheld))


def _codec(encoding: str) -> str:
    # The mark stands before the first record and is no part of any.
    return {"utf-8-sig": "utf-8", "": "utf-8"}.get(encoding, encoding)
