"""Texts of a case as a report may print them: personal numbers masked, nothing invisible, nothing that reorders.

A dump is written by criminals. A right-to-left override makes one file name look like another, and a control character
can hide what follows; both are printed as the escapes they are (Unicode Technical Report 36, 3.2).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, Final, TypeVar

from graphs.chain import Chain
from graphs.exports.masked import mask_text, masked
from tracer.report.dossier import Dossier

_KEPT: Final = frozenset({"sha256", "sm3", "digest", "root", "checkpoint", "key"})
"""Fields of digests and signatures, which masking would break."""
_UNSAFE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_EMAIL: Final = re.compile(r"\b([\w.+-])[\w.+-]*@(?=[\w-]+\.)")
_Value = TypeVar("_Value")


def legible(dossier: Dossier) -> Dossier:
    """The dossier with every text masked and made visible."""
    chain = dossier.chain
    return replace(_fields(replace(dossier, chain=None)), chain=None if chain is None else _chain(masked(chain)))


def visible(text: str, *, lines: bool = False) -> str:
    r"""`text` with every character that is invisible or moves others written as `\uNNNN`.

    A line end is one of them, for a name of two lines can pass for two names; with `lines` it stays.
    """
    if text.isprintable():
        return text
    return "".join(
        char.encode("unicode_escape").decode("ascii")
        if unicodedata.category(char) in _UNSAFE and not (lines and char == "\n")
        else char
        for char in text
    )


def _text(text: str) -> str:
    return visible(_EMAIL.sub(r"\1***@", mask_text(text)))


def _plain(value: Any, name: str) -> Any:
    if isinstance(value, str):
        return visible(value, lines=True) if name in _KEPT else _text(value)
    if isinstance(value, tuple | list):
        made = [_plain(one, name) for one in value]
        return tuple(made) if isinstance(value, tuple) else made
    if isinstance(value, Mapping):
        return {_text(str(key)): _plain(one, str(key)) for key, one in value.items()}
    if hasattr(value, "__dataclass_fields__"):
        return _fields(value)
    return value


def _fields(value: _Value) -> _Value:
    made = {one.name: _plain(getattr(value, one.name), one.name) for one in fields(value)}  # type: ignore[arg-type]
    return replace(value, **made)  # type: ignore[type-var]


def _chain(chain: Chain) -> Chain:
    """The chain with every text made visible; ids change alike in nodes and links."""
    nodes = tuple(
        replace(
            node,
            id=visible(node.id),
            label=visible(node.label),
            facts={visible(key): visible(one) if isinstance(one, str) else one for key, one in node.facts.items()},
        )
        for node in chain.nodes
    )
    links = tuple(
        replace(
            link,
            source=visible(link.source),
            target=visible(link.target),
            alternatives=tuple(map(visible, link.alternatives)),
            evidence=tuple(
                replace(one, reference=visible(one.reference), statement=visible(one.statement))
                for one in link.evidence
            ),
        )
        for link in chain.links
    )
    return Chain(nodes, links)
