"""PROV-JSON (W3C member submission, 2013): which data came from which, as provenance tools read it."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from graphs.chain import Chain, Link, Node

_SPACE = "urn:luobo:chain:"
_CLASSES = {
    "platform": "entity",
    "dump": "entity",
    "unseized_dump": "entity",
    "advert": "entity",
    "seller": "agent",
    "group": "entity",
    "buyer": "agent",
    "campaign": "activity",
}


def export(chain: Chain) -> str:
    """The chain as PROV-JSON: dumps and adverts are entities, people agents, campaigns activities."""
    kinds = {node.id: node.kind for node in chain.nodes}
    document: dict[str, Any] = {"prefix": {"luobo": _SPACE}}
    for node in chain.nodes:
        document.setdefault(_CLASSES[node.kind], {})[_name(node.id)] = _attributes(node)
    for link in chain.links:
        relation, ends = _relation(link, kinds)
        weight = link.weight
        facts: dict[str, Any] = {
            "luobo:link": link.kind,
            "luobo:probability": {"$": repr(weight.probability), "type": "xsd:double"},
            "luobo:status": weight.status,
        }
        if link.evidence:
            facts["luobo:evidence"] = [item.reference for item in link.evidence]
        document.setdefault(relation, {})[f"_:{hashlib.sha256('|'.join(link.key).encode()).hexdigest()[:16]}"] = (
            ends | facts
        )
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _name(identity: str) -> str:
    """A local name that every PROV reader takes; the id itself stands in `luobo:id`."""
    return f"luobo:n{hashlib.sha256(identity.encode()).hexdigest()[:16]}"


def _attributes(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {"prov:label": node.label or node.id, "luobo:id": node.id, "luobo:kind": node.kind}
    found |= {f"luobo:{key}": str(value) for key, value in node.facts.items()}
    if _CLASSES[node.kind] == "activity" and node.first:
        found |= {"prov:startTime": node.first, "prov:endTime": max(node.first, node.last)}
    elif node.first:
        found |= {"luobo:first": node.first, "luobo:last": node.last}
    return found


def _relation(link: Link, kinds: dict[str, str]) -> tuple[str, dict[str, str]]:
    source, target = _name(link.source), _name(link.target)
    classes = _CLASSES[kinds[link.source]], _CLASSES[kinds[link.target]]
    match classes:
        case "entity", "entity":
            return "wasDerivedFrom", {"prov:generatedEntity": target, "prov:usedEntity": source}
        case "entity", "agent" if link.kind == "made_by":
            return "wasAttributedTo", {"prov:entity": source, "prov:agent": target}
        case "entity", "activity":
            return "used", {"prov:activity": target, "prov:entity": source}
        case "agent", "activity":
            return "wasAssociatedWith", {"prov:activity": target, "prov:agent": source}
        case _:
            return "wasInfluencedBy", {"prov:influencee": target, "prov:influencer": source}
