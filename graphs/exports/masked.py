"""No phone, identity number or card of a person leaves in an export unless somebody asks for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from graphs.chain import Chain, Link, Node

_LONG = re.compile(r"(?<![0-9A-Za-z])(?:\+?86[ -]?)?(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?![0-9A-Za-z])")
_ID = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[\dXx])(?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])(62\d{4})\d{6,9}(\d{4})(?![0-9A-Za-z])")


def mask_text(text: str) -> str:
    """Text with the middle of every phone, identity and card number hidden."""
    text = _ID.sub(r"\1********\2", text)
    text = _CARD.sub(r"\1******\2", text)
    return _LONG.sub(r"\1****\2", text)


def masked(chain: Chain) -> Chain:
    """The chain with every text masked, the ids that links refer to by the same rule.

    Ids that become alike by masking get a number, so that no two nodes become one.
    """
    names: dict[str, str] = {}
    taken: set[str] = set()
    for node in chain.nodes:
        name, count = mask_text(node.id), 1
        while name in taken:
            count += 1
            name = f"{mask_text(node.id)} ({count})"
        taken.add(name)
        names[node.id] = name
    return Chain(
        tuple(_node(node, names) for node in chain.nodes),
        tuple(_link(link, names) for link in chain.links),
    )


def _node(node: Node, names: Mapping[str, str]) -> Node:
    facts = {
        key: mask_text(value) if isinstance(value, str) and key != "sha256" else value
        for key, value in node.facts.items()
    }
    return replace(node, id=names[node.id], label=mask_text(node.label), facts=facts)


def _link(link: Link, names: Mapping[str, str]) -> Link:
    evidence = tuple(
        replace(
            item, reference=mask_text(item.reference), statement=mask_text(item.statement), group=mask_text(item.group)
        )
        for item in link.evidence
    )
    return replace(
        link,
        source=names[link.source],
        target=names[link.target],
        evidence=evidence,
        alternatives=tuple(map(mask_text, link.alternatives)),
    )
