"""The sketches that a vault keeps of platforms which registered nothing else."""

from __future__ import annotations

import zipfile
from pathlib import Path

from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput, VaultFault
from tracer.vault.manifest import SketchEntry
from tracer.vault.place import SKETCHES
from tracer.vault.sketch import ENTRY, Sketch, read_sketch, sealed_sketch, unsealed_sketch
from tracer.vault.store import DAMAGE, read_manifest, read_sketch_file, write_manifest, write_sketch_file
from tracer.vault.vault import Vault


def keep_sketch(vault: Vault, path: Path) -> Sketch:
    """Put a platform's sketch into the vault, in the place of the one it had.

    Raises:
        UnreadableInput: the file is no sketch, or damaged, or its platform has registered all its tokens.
        KeyFault: its tokens were made with another key.
        VaultFault: somebody else is writing the vault.
    """
    sketch = read_sketch(path, vault.key)
    with vault.place.locked() as writing:
        manifest = read_manifest(vault.place)
        if any(platform.name == sketch.platform for platform in manifest.platforms):
            message = f"{path}: {sketch.platform} has registered more than a sketch already"
            raise UnreadableInput(message, hint=f"see: luobo vault list {vault.place}")
        file = write_sketch_file(writing, sealed_sketch(sketch, vault.key))
        write_manifest(writing, manifest.with_sketch(SketchEntry(sketch.platform, file)))
    return sketch


def kept_sketches(vault: Vault) -> tuple[Sketch, ...]:
    """The sketches of platforms that registered nothing else, ordered by name.

    Raises:
        VaultFault: one of them is damaged.
    """
    entries = vault.manifest.sketches
    vault.place.ahead({f"{SKETCHES}/{entry.file.name}": entry.file.size for entry in entries})
    try:
        return tuple(unsealed_sketch(read_sketch_file(vault.place, one), vault.key, one.platform) for one in entries)
    except UnreadableInput as fault:
        raise VaultFault(f"{fault.message} any more", hint="import it once more, or restore the vault") from None


def is_sketch(path: Path) -> bool:
    """Whether a file is meant to be a sketch, and no handover of a platform's tokens.

    Raises:
        UnreadableInput: it is no file that can be read.
    """
    seal(path)  # refuses what would block, such as a FIFO
    try:
        with zipfile.ZipFile(path) as archive:
            return ENTRY in archive.namelist()
    except DAMAGE:
        return False
