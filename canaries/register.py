"""The register: every canary that was ever made, to whom each was given, and what became of it.

It is the one secret of the method. Whoever holds it can recognise canaries, and could frame a recipient by planting
them into a "dump"; so it is encrypted at rest and its Merkle head is sealed before any export leaves.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from canaries.canary import Canary, Kind, Planting, State, Turn
from canaries.errors import CanaryFault
from canaries.strongbox import Opener, lock, unlock
from canaries.table import Field

SCHEMA: Final = "luobo.register/1"


@dataclass(frozen=True, slots=True)
class Register:
    """All canaries of one platform. Values only: writing it anywhere is for the command."""

    secret: bytes = field(repr=False)
    """32 random bytes, from which salts, the signing key, codes and places are derived."""
    fields: tuple[Field, ...]
    """The platform's table."""
    recipients: tuple[str, ...] = ()
    canaries: tuple[Canary, ...] = ()
    numbers: tuple[str, ...] = ()
    """Numbers that were used, of any identifier; none is ever given to a second canary."""
    heads: tuple[Mapping[str, Any], ...] = ()
    """Signed heads, oldest first."""
    receipts: tuple[Mapping[str, Any], ...] = ()
    """What was put where, oldest first."""

    def derive(self, purpose: str, length: int = 32) -> bytes:
        """The secret for one purpose: HKDF-SHA256 (RFC 5869) without salt."""
        return HKDF(hashes.SHA256(), length=length, salt=None, info=f"luobo/canary/1/{purpose}".encode()).derive(
            self.secret
        )

    def of(self, holder: str) -> tuple[Canary, ...]:
        """The canaries that one recipient (or the platform) holds."""
        return tuple(canary for canary in self.canaries if holder in canary.holders)

    @property
    def shadows(self) -> tuple[Canary, ...]:
        """The canaries that were never handed out."""
        return tuple(canary for canary in self.canaries if canary.kind is Kind.SHADOW)

    @property
    def live(self) -> tuple[Canary, ...]:
        """The canaries that may be handed out or were: all but the shadows."""
        return tuple(canary for canary in self.canaries if canary.kind is not Kind.SHADOW)

    def find(self, identity: str) -> Canary:
        """The canary of that id.

        Raises:
            CanaryFault: there is none.
        """
        for canary in self.canaries:
            if canary.id == identity:
                return canary
        raise CanaryFault(f"{identity}: no such canary in this register", hint="see its canaries with: canary list")

    def changed(self, ids: Iterable[str], change: Callable[[Canary], Canary]) -> Register:
        """The register with these canaries changed."""
        wanted = set(ids)
        return replace(self, canaries=tuple(change(one) if one.id in wanted else one for one in self.canaries))

    def advanced(self, ids: Iterable[str], state: State) -> Register:
        """The register with these canaries at least as far as `state`; none goes back."""
        return self.changed(ids, lambda one: one if one.reached(state) else replace(one, state=state))


def encode(register: Register, opener: Opener) -> bytes:
    """A register as an encrypted file."""
    body = {
        "schema": SCHEMA,
        "secret": base64.b64encode(register.secret).decode(),
        "fields": [[one.name, one.role] for one in register.fields],
        "recipients": list(register.recipients),
        "canaries": [_canary_out(one) for one in register.canaries],
        "numbers": list(register.numbers),
        "heads": list(register.heads),
        "receipts": list(register.receipts),
    }
    return lock(json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode(), opener)


def decode(data: bytes, opener: Opener) -> Register:
    """A register from its encrypted file.

    Raises:
        CanaryFault: it is no register, damaged, or does not open.
    """
    try:
        body = json.loads(unlock(data, opener))
        if body["schema"] != SCHEMA:
            raise CanaryFault(f"a register of another version ({body['schema']})", hint="use the luobo that made it")
        return Register(
            base64.b64decode(body["secret"]),
            tuple(Field(name, role) for name, role in body["fields"]),
            tuple(body["recipients"]),
            tuple(_canary_in(one) for one in body["canaries"]),
            tuple(body["numbers"]),
            tuple(body["heads"]),
            tuple(body["receipts"]),
        )
    except (KeyError, TypeError, UnicodeDecodeError, json.JSONDecodeError):
        raise CanaryFault("the register is damaged", hint="take it from a backup") from None


def _canary_out(one: Canary) -> dict[str, Any]:
    return {
        "id": one.id,
        "kind": one.kind,
        "holders": list(one.holders),
        "cells": dict(one.cells),
        "proofs": dict(one.proofs),
        "state": one.state,
        "bias": one.bias,
        "clock": [[turn.since.isoformat(), turn.text] for turn in one.clock],
        "clock_field": one.clock_field,
        "sealed": None if one.sealed_holders is None else list(one.sealed_holders),
        "planted": [[each.place, each.on.isoformat(), each.holder] for each in one.planted],
    }


def _canary_in(body: Mapping[str, Any]) -> Canary:
    return Canary(
        body["id"],
        Kind(body["kind"]),
        tuple(body["holders"]),
        body["cells"],
        body["proofs"],
        State(body["state"]),
        body["bias"],
        tuple(Turn(date.fromisoformat(since), text) for since, text in body["clock"]),
        body["clock_field"],
        tuple(Planting(place, date.fromisoformat(on), holder) for place, on, holder in body["planted"]),
        None if body["sealed"] is None else tuple(body["sealed"]),
    )
