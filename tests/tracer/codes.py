"""AES-256-CMAC of one text by another implementation."""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.cmac import CMAC


def expected_code(text: str, key: bytes) -> int:
    """The first 64 bits; of a text of more than 256 bytes, the code of 0xff and its SHA-256."""
    content = text.encode()
    code = CMAC(algorithms.AES(key))
    code.update(content if len(content) <= 256 else b"\xff" + hashlib.sha256(content).digest())
    return int.from_bytes(code.finalize()[:8], "big")
