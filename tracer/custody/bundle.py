"""Writing a bundle: one canonical file with journal, checkpoint, papers and originals, and a digest over all of it."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tracer.custody.keys import PersonKey
from tracer.custody.verify import (
    BUNDLE_CONTEXT,
    CHECKPOINT,
    JOURNAL,
    MANIFEST,
    ORIGINALS,
    PAPERS,
    VERSION,
    canonical,
    header,
    trailer,
)
from tracer.errors import CaseFault

_CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Parts:
    """What goes into a bundle."""

    lines: Sequence[bytes]
    """Of the journal."""
    checkpoint: str
    papers: Mapping[str, bytes]
    """By digest."""
    originals: Mapping[str, Path]
    """By digest of the age file; empty for a bundle without them."""


def write_bundle(parts: Parts, target: Path, signer: PersonKey) -> str:
    """Write a bundle; it appears whole or not at all, and only its owner may read it. Gives its digest.

    The same parts give the same bytes up to the signature of the checkpoint inside, which holds its time.

    Raises:
        CaseFault: it cannot be written, or an original is missing or changed.
    """
    target = target.resolve()
    fresh = target.parent / f".{secrets.token_hex(8)}"
    whole, file = hashlib.sha256(), hashlib.sha256()
    try:
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "wb") as stream:
            for block in _blocks(parts):
                whole.update(block)
                stream.write(block)
            digest = whole.hexdigest()
            end = trailer(digest, signer.public, signer.sign(BUNDLE_CONTEXT + digest.encode() + b"\n"))
            stream.write(end)
            file = whole.copy()
            file.update(end)
            stream.flush()
            os.fsync(stream.fileno())
        fresh.replace(target)
    except OSError as fault:
        raise CaseFault(
            f"{target}: cannot be written ({fault.strerror})", hint="check the folder and its free space"
        ) from None
    finally:
        fresh.unlink(missing_ok=True)
    return file.hexdigest()


def _blocks(parts: Parts) -> Iterator[bytes]:
    small = {JOURNAL: b"".join(line + b"\n" for line in parts.lines), CHECKPOINT: parts.checkpoint.encode()}
    small |= {f"{PAPERS}{digest}.json": parts.papers[digest] for digest in sorted(parts.papers)}
    large = {f"{ORIGINALS}{digest}.age": parts.originals[digest] for digest in sorted(parts.originals)}
    told = {name: (hashlib.sha256(content).hexdigest(), len(content)) for name, content in small.items()}
    told |= {name: (path.stem, path.stat().st_size) for name, path in large.items()}
    members = [{"name": name, "sha256": digest, "size": size} for name, (digest, size) in told.items()]
    small = {MANIFEST: canonical({"members": members, "version": VERSION}), **small}
    for name, content in small.items():
        yield header(name, len(content)) + content + bytes(-len(content) % 512)
    for name, path in large.items():
        digest, size = told[name]
        yield header(name, size)
        yield from _unchanged(path, digest)
        yield bytes(-size % 512)
    yield bytes(1024)


def _unchanged(path: Path, digest: str) -> Iterator[bytes]:
    seen = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            seen.update(chunk)
            yield chunk
    if seen.hexdigest() != digest:
        raise CaseFault(f"{path}: the original changed", hint="restore it from a backup")
