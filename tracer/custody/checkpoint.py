"""Checkpoints: how many entries a journal has and the root over them, as a few lines to print and hand over.

The text is a C2SP tlog-checkpoint in a C2SP signed note, so other programs can read it too.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime

from tracer.custody.keys import PersonKey
from tracer.custody.verify import ORIGIN, note_id, root


def checkpoint(case: str, leaves: Sequence[bytes], signer: PersonKey, at: datetime | None = None) -> str:
    """The checkpoint of a journal with these leaves, signed.

    Args:
        case: 32 hexadecimal digits.
        leaves: the hash of each entry.
        signer: whose word it is.
        at: time to state; now if left out.
    """
    told = base64.b64encode(root(leaves)).decode()
    body = f"{ORIGIN}{case}\n{len(leaves)}\n{told}\n{(at or datetime.now(UTC)).isoformat(timespec='seconds')}\n"
    stamp = base64.b64encode(note_id(signer.public) + signer.sign(body.encode())).decode()
    return f"{body}\n— {signer.public} {stamp}\n"
