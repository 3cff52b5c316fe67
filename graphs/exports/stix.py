"""STIX 2.1 (OASIS, 2021): a bundle for OpenCTI, MISP and other threat-intelligence platforms.

Platforms are identities, dumps files, adverts notes' objects (grouped as reports), sellers and buyers threat actors,
groups infrastructure, campaigns campaigns. What STIX has no word for stands in an extension of ours, as section 7.3
asks.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from graphs.chain import Chain, Link, Node
from graphs.evidence import to_dict

_SPACE = uuid.UUID("6f0a6b8e-6a3d-5f64-9d0b-1f2f3a6c8d10")
"""Namespace of our identifiers: the same node has the same one in every export (RFC 9562, version 5)."""
_FILES = uuid.UUID("00abedb4-aa42-466c-9c01-fed23315a9b7")
"""Namespace that STIX 2.1 prescribes for observable objects."""
_TYPES = {
    "platform": "identity",
    "dump": "file",
    "unseized_dump": "file",
    "advert": "note",
    "seller": "threat-actor",
    "group": "infrastructure",
    "buyer": "threat-actor",
    "campaign": "campaign",
}
_RELATIONS = {
    "leaked_to": "related-to",
    "copied_to": "derived-from",
    "offered_in": "related-to",
    "made_by": "related-to",
    "sells_in": "uses",
    "bought_by": "related-to",
    "forwarded_to": "related-to",
    "used_in": "attributed-to",
    "dialled_in": "related-to",
}
_TURNED = frozenset({"copied_to", "used_in"})
"""Relations that STIX reads the other way: child derived-from parent, campaign attributed-to actor."""
_LINK_EXTENSION = "extension-definition--5a1c1a0e-3a52-5f1c-8a0e-7d0d9f7c2b11"
_AUTHOR = f"identity--{uuid.uuid5(_SPACE, 'luobo')}"


def export(chain: Chain, *, created: datetime) -> str:
    """The chain as a STIX 2.1 bundle.

    Args:
        chain: the chain.
        created: the time stamp of all objects; the same chain and time give the same text.
    """
    stamp = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    names = {node.id: _identifier(node) for node in chain.nodes}
    objects = [_author(stamp), _extension(stamp)]
    objects += [_object(node, names, stamp) for node in chain.nodes if node.kind != "advert"]
    objects += [_advert(node, chain, names, stamp) for node in chain.nodes if node.kind == "advert"]
    objects += [_relation(link, names, stamp) for link in chain.links]
    bundle = {"type": "bundle", "id": f"bundle--{uuid.uuid5(_SPACE, chain.id + stamp)}", "objects": objects}
    return json.dumps(bundle, ensure_ascii=False, indent=2) + "\n"


def _identifier(node: Node) -> str:
    kind = _TYPES[node.kind]
    if kind == "file":
        return f"file--{uuid.uuid5(_FILES, json.dumps(_file_key(node), sort_keys=True, separators=(',', ':')))}"
    return f"{kind}--{uuid.uuid5(_SPACE, node.id)}"


def _file_key(node: Node) -> dict[str, object]:
    """What identifies a file in STIX: its digest and name."""
    digest = str(node.facts.get("sha256", ""))
    return {"hashes": {"SHA-256": digest}, "name": node.label} if digest else {"name": node.id}


def _author(stamp: str) -> dict[str, Any]:
    return {
        "type": "identity",
        "spec_version": "2.1",
        "id": _AUTHOR,
        "created": stamp,
        "modified": stamp,
        "name": "luobo",
        "identity_class": "system",
    }


def _extension(stamp: str) -> dict[str, Any]:
    return {
        "type": "extension-definition",
        "spec_version": "2.1",
        "id": _LINK_EXTENSION,
        "created": stamp,
        "modified": stamp,
        "created_by_ref": _AUTHOR,
        "name": "luobo evidence",
        "description": "Kind, probability, status and evidence items of a link of the resale chain.",
        "schema": "luobo.chain/1",
        "version": "1.0.0",
        "extension_types": ["property-extension"],
    }


def _object(node: Node, names: Mapping[str, str], stamp: str) -> dict[str, Any]:
    kind = _TYPES[node.kind]
    made: dict[str, Any] = {"type": kind, "spec_version": "2.1", "id": names[node.id]}
    if kind == "file":
        made["name"] = node.label or node.id
        digest, size = node.facts.get("sha256"), node.facts.get("bytes")
        if digest:
            made["hashes"] = {"SHA-256": digest}
        if isinstance(size, int):
            made["size"] = size
        if not digest:
            made["name"] = node.id
        return made
    made |= {"created": stamp, "modified": stamp, "created_by_ref": _AUTHOR, "name": node.label or node.id}
    made["description"] = "; ".join(f"{key}: {value}" for key, value in node.facts.items()) or node.kind
    if kind == "identity":
        made["identity_class"] = "organization"
    elif kind == "threat-actor":
        made["threat_actor_types"] = ["criminal"]
        made["roles"] = ["agent" if node.kind == "buyer" else "director"]
    elif kind == "infrastructure":
        made["infrastructure_types"] = ["hosting-target-lists"]
    if kind in {"threat-actor", "infrastructure", "campaign"} and node.first:
        made |= {"first_seen": _time(node.first), "last_seen": _time(max(node.first, node.last))}
    return made


def _advert(node: Node, chain: Chain, names: Mapping[str, str], stamp: str) -> dict[str, Any]:
    """A note about the dump it offers and the seller who made it."""
    ends = {link.source for link in chain.links if link.target == node.id}
    ends |= {link.target for link in chain.links if link.source == node.id}
    about = sorted(names[end] for end in ends) or [_AUTHOR]
    return {
        "type": "note",
        "spec_version": "2.1",
        "id": names[node.id],
        "created": stamp,
        "modified": stamp,
        "created_by_ref": _AUTHOR,
        "abstract": node.label or node.id,
        "content": f"advert {node.id}",
        "object_refs": about,
    }


def _relation(link: Link, names: Mapping[str, str], stamp: str) -> dict[str, Any]:
    weight = link.weight
    source, target = (link.target, link.source) if link.kind in _TURNED else (link.source, link.target)
    made: dict[str, Any] = {
        "type": "relationship",
        "spec_version": "2.1",
        "id": f"relationship--{uuid.uuid5(_SPACE, '|'.join(link.key))}",
        "created": stamp,
        "modified": stamp,
        "created_by_ref": _AUTHOR,
        "relationship_type": _RELATIONS[link.kind],
        "source_ref": names[source],
        "target_ref": names[target],
        "confidence": round(100 * weight.probability),
        "description": "; ".join(item.statement for item in link.evidence if item.statement) or link.kind,
        "extensions": {
            _LINK_EXTENSION: {
                "extension_type": "property-extension",
                "link": link.kind,
                "status": weight.status,
                "probability": weight.probability,
                "direction_determined": link.determined,
                "evidence": [to_dict(item) for item in link.evidence],
            }
        },
    }
    if link.first:
        made["start_time"] = _time(link.first)
        if link.last > link.first:
            made["stop_time"] = _time(link.last)
    return made


def _time(text: str) -> str:
    """STIX knows UTC only; local times without a zone are taken for Chinese time (UTC+8)."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = datetime.fromisoformat(moment.isoformat() + "+08:00")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
