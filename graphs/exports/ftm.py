"""FollowTheMoney entities, one JSON object a line, for Aleph and OpenAleph.

FtM has no word for a data set made from another: such links are UnknownLink with their role; luobo's own JSON stays the
complete form.
"""

from __future__ import annotations

import hashlib
import json

from graphs.chain import Chain, Link, Node

_SCHEMATA = {
    "platform": "Company",
    "dump": "Document",
    "unseized_dump": "Document",
    "advert": "Message",
    "seller": "LegalEntity",
    "group": "Organization",
    "buyer": "LegalEntity",
    "campaign": "Event",
}
_DOCUMENTS = frozenset({"Document", "Message"})


def export(chain: Chain) -> str:
    """The chain as FtM entities (JSON lines); links carry role, dates, status and their evidence as `summary`."""
    lines = [*map(_entity, chain.nodes), *map(_link, chain.links)]
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _identifier(text: str) -> str:
    return "luobo-" + hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


def _entity(node: Node) -> dict[str, object]:
    schema = _SCHEMATA[node.kind]
    name = node.label or node.id
    told = "; ".join(f"{key}: {value}" for key, value in sorted(node.facts.items()))
    properties: dict[str, list[str]] = {}
    if schema in _DOCUMENTS:
        properties["title"] = [name]
        if node.kind == "dump":
            properties["fileName"] = [name.rsplit("/", 1)[-1]]
            if "bytes" in node.facts:
                properties["fileSize"] = [str(node.facts["bytes"])]
        if node.first:
            properties["date"] = [node.first]
    else:
        properties["name"] = [name]
        if schema == "Event" and node.first:
            properties |= {"startDate": [node.first], "endDate": [max(node.first, node.last)]}
    properties["summary"] = ["; ".join(filter(None, (node.kind, told)))]
    return {"id": _identifier(node.id), "schema": schema, "properties": properties}


def _link(link: Link) -> dict[str, object]:
    weight = link.weight
    told = [f"{item.kind} {item.reference}: {item.statement}" for item in link.evidence if not item.retracted]
    properties = {
        "subject": [_identifier(link.source)],
        "object": [_identifier(link.target)],
        "role": [link.kind],
        "status": [weight.status],
        "summary": [f"probability {weight.probability:.4f}", *told],
        "recordId": ["|".join(link.key)],
    }
    if link.first:
        properties |= {"startDate": [link.first], "endDate": [max(link.first, link.last)]}
    return {"id": _identifier("|".join(link.key)), "schema": "UnknownLink", "properties": properties}
