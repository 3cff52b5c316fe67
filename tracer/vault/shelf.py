"""The sketches that a vault keeps of platforms which registered nothing else."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path
from typing import Final

from tracer.custody.exhibit import seal
from tracer.errors import UnreadableInput, VaultFault
from tracer.vault.sketch import ENTRY, Sketch, read_sketch, write_sketch
from tracer.vault.store import DAMAGE, locked, sync_folder
from tracer.vault.vault import Vault

_FOLDER: Final = "sketches"


def keep_sketch(vault: Vault, path: Path) -> Sketch:
    """Put a platform's sketch into the vault, in the place of the one it had.

    Raises:
        UnreadableInput: the file is no sketch, or damaged, or its platform has registered all its tokens.
        KeyFault: its tokens were made with another key.
        VaultFault: somebody else is writing the vault.
    """
    sketch = read_sketch(path, vault.key)
    if any(platform.name == sketch.platform for platform in vault.platforms):
        message = f"{path}: {sketch.platform} has registered more than a sketch already"
        raise UnreadableInput(message, hint=f"see: luobo vault list {vault.root}")
    name = hashlib.sha256(sketch.platform.encode()).hexdigest()[:16]
    with locked(vault.root):
        folder = vault.root / _FOLDER
        folder.mkdir(exist_ok=True)
        write_sketch(sketch, vault.key, folder / f"{name}.sketch")
        sync_folder(folder)
    return sketch


def kept_sketches(vault: Vault) -> tuple[Sketch, ...]:
    """The sketches of platforms that registered nothing else, ordered by name.

    Raises:
        VaultFault: one of them is damaged.
    """
    try:
        kept = [read_sketch(path, vault.key) for path in (vault.root / _FOLDER).glob("*.sketch")]
    except UnreadableInput as fault:
        raise VaultFault(f"{fault.message} any more", hint="import it once more, or restore the vault") from None
    known = {platform.name for platform in vault.platforms}
    return tuple(sorted((one for one in kept if one.platform not in known), key=lambda one: one.platform))


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
