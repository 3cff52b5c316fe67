"""What a vault says, in a form that may be compared whatever its parts and customers are numbered."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tracer.vault.history import unpack
from tracer.vault.manifest import Platform
from tracer.vault.vault import Vault

Facts = dict[str, set[tuple[object, ...]]]
"""Name of a frame → its rows, where a customer is named by the token of the national ID."""


def contents(vault: Vault) -> dict[str, Facts]:
    """Everything that a vault holds, platform by platform; reading it checks every digest."""
    return {platform.name: facts(vault, platform) for platform in vault.platforms}


def facts(vault: Vault, platform: Platform) -> Facts:
    names = vault.identifiers(platform, "national_id").group_by("person").agg(customer=pl.col("token").min())
    frames = {kind: vault.identifiers(platform, kind) for kind in platform.kinds}
    frames |= {claim.name: vault.claims(platform, claim) for claim in platform.claims}
    frames["presence"] = vault.presence(platform)
    joined = vault.joined(platform)
    if joined is not None:
        frames["joined"] = joined
    return {
        name: set(
            unpack(frame)
            .join(names, on="person", how="left")
            .select("customer", pl.exclude("person", "customer"))
            .iter_rows()
        )
        for name, frame in frames.items()
    }


def folder_of(vault: Vault) -> Path:
    """The folder that a vault lies in."""
    return Path(str(vault.place))


def picture(folder: Path) -> dict[str, bytes | None]:
    """Every file of a vault and the key beside it, byte for byte; folders are None. The lock says nothing."""
    beside = folder.with_name(folder.name + ".key")
    paths = [*folder.rglob("*"), *([beside] if beside.exists() else [])]
    held = [path for path in paths if path != folder / "lock"]
    return {str(path.relative_to(folder.parent)): path.read_bytes() if path.is_file() else None for path in held}
