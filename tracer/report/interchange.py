"""The dossier for other programs: CASE/UCO as JSON-LD, and W3C PROV as PROV-JSON.

CASE (Cyber-investigation Analysis Standard Expression, 1.4) says who did what to which exhibit with which tool; names
end with a UUID of version 5, so the same case gives the same graph.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from typing import Any, Final

from tracer.report.dossier import Act, Dossier, Exhibit
from tracer.report.legibility import legible

_SPACE: Final = "urn:luobo:case:"
_CONTEXT: Final = {
    "kb": _SPACE,
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-tool": "https://ontology.unifiedcyberontology.org/uco/tool/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def jsonld(dossier: Dossier) -> bytes:
    """The case in CASE/UCO."""
    shown = legible(dossier)
    graph = list(_Names(shown).graph())
    return _text({"@context": _CONTEXT, "@graph": graph})


def prov(dossier: Dossier) -> bytes:
    """The case in PROV-JSON: exhibits are entities, acts activities, people and the tool agents."""
    shown, names = legible(dossier), _Names(legible(dossier))
    told: dict[str, Any] = {"prefix": {"kb": _SPACE, "luobo": "urn:luobo:terms:"}}
    tool = names("tool", shown.tool.name)
    told["agent"] = {
        names("person", one.key or one.name): {"prov:type": "prov:Person", "prov:label": one.name}
        for one in shown.people
    } | {tool: {"prov:type": "prov:SoftwareAgent", "prov:label": f"{shown.tool.name} {shown.tool.version}"}}
    told["entity"] = {
        names("exhibit", one.number): {"prov:label": f"{one.number} {one.name}", "luobo:sha256": one.sha256}
        for one in shown.exhibits
    }
    keys = {one.name: one.key or one.name for one in shown.people}
    known = {one.number for one in shown.exhibits}
    for act in shown.acts:
        name = names("act", str(act.seq))
        facts = {"prov:label": act.action, "prov:startTime": act.time, "prov:endTime": act.time}
        told.setdefault("activity", {})[name] = facts
        for at, agent in enumerate((*((names("person", keys[act.actor]),) if act.actor in keys else ()), tool)):
            link = {"prov:activity": name, "prov:agent": agent}
            told.setdefault("wasAssociatedWith", {})[f"_:with-{act.seq}-{at}"] = link
        if act.subject in known:
            kind = "wasGeneratedBy" if act.action == "add" else "used"
            link = {"prov:activity": name, "prov:entity": names("exhibit", act.subject)}
            told.setdefault(kind, {})[f"_:{kind}-{act.seq}"] = link
    for one in shown.exhibits:
        if one.parent in known:
            link = {
                "prov:generatedEntity": names("exhibit", one.number),
                "prov:usedEntity": names("exhibit", one.parent),
            }
            told.setdefault("wasDerivedFrom", {})[f"_:from-{one.number}"] = link
    return _text(told)


class _Names:
    """The nodes of one case's graph, each with a name that the same case gives again."""

    def __init__(self, dossier: Dossier) -> None:
        self._dossier = dossier
        self._space = uuid.uuid5(uuid.NAMESPACE_URL, _SPACE + (dossier.head.case or dossier.head.number))

    def __call__(self, kind: str, identity: str) -> str:
        return f"kb:{kind}-{uuid.uuid5(self._space, f'{kind}/{identity}')}"

    def graph(self) -> Iterator[dict[str, Any]]:
        """Every node."""
        told = self._dossier
        yield {
            "@id": self("investigation", told.head.number),
            "@type": "case-investigation:Investigation",
            "uco-core:name": told.head.title,
            "uco-core:description": [f"content SHA-256 {told.digest}"],
            "uco-core:object": [
                *({"@id": self("exhibit", one.number)} for one in told.exhibits),
                *({"@id": self("act", str(act.seq))} for act in told.acts),
            ],
        }
        yield {
            "@id": self("tool", told.tool.name),
            "@type": "uco-tool:Tool",
            "uco-core:name": told.tool.name,
            "uco-tool:version": told.tool.version,
        }
        for one in told.people:
            yield {
                "@id": self("person", one.key or one.name),
                "@type": "uco-identity:Person",
                "uco-core:name": one.name,
                "uco-core:description": [f"{one.role}, signing key {one.key}"],
            }
        for exhibit in told.exhibits:
            yield from self._exhibit(exhibit)
        before = None
        for act in told.acts:
            yield self._act(act, before)
            before = act

    def _exhibit(self, one: Exhibit) -> Iterator[dict[str, Any]]:
        # The ontology's vocabulary of digests knows no SM3.
        described = {"uco-core:description": [f"SM3 {one.sm3}"]} if one.sm3 else {}
        yield {
            "@id": self("exhibit", one.number),
            "@type": "uco-observable:File",
            "uco-core:name": one.name,
            **described,
            "uco-core:hasFacet": [
                {
                    "@id": self("file-facet", one.number),
                    "@type": "uco-observable:FileFacet",
                    "uco-observable:fileName": one.name,
                    "uco-observable:sizeInBytes": _typed(str(one.bytes), "integer"),
                },
                {
                    "@id": self("content-facet", one.number),
                    "@type": "uco-observable:ContentDataFacet",
                    "uco-observable:sizeInBytes": _typed(str(one.bytes), "integer"),
                    "uco-observable:hash": [
                        {
                            "@id": self("hash", one.number),
                            "@type": "uco-types:Hash",
                            "uco-types:hashMethod": "SHA256",
                            "uco-types:hashValue": _typed(one.sha256, "hexBinary"),
                        }
                    ],
                },
            ],
        }
        yield {
            "@id": self("provenance", one.number),
            "@type": "case-investigation:ProvenanceRecord",
            "case-investigation:exhibitNumber": one.number,
            "uco-core:object": [{"@id": self("exhibit", one.number)}],
        }

    def _act(self, act: Act, before: Act | None) -> dict[str, Any]:
        people = {one.name: one.key or one.name for one in self._dossier.people}
        exhibits = {one.number for one in self._dossier.exhibits}
        node: dict[str, Any] = {
            "@id": self("act", str(act.seq)),
            "@type": "case-investigation:InvestigativeAction",
            "uco-core:name": act.action,
            "uco-action:startTime": _typed(act.time, "dateTime"),
            "uco-action:endTime": _typed(act.time, "dateTime"),
            "uco-action:instrument": [{"@id": self("tool", self._dossier.tool.name)}],
        }
        if act.actor in people:
            node["uco-action:performer"] = {"@id": self("person", people[act.actor])}
        if act.subject in exhibits:
            role = "result" if act.action == "add" else "object"
            record = {"@id": self("provenance", act.subject)}
            node[f"uco-action:{role}"] = [{"@id": self("exhibit", act.subject)}, record]
        if before is not None:
            node["case-investigation:wasInformedBy"] = [{"@id": self("act", str(before.seq))}]
        return node


def _typed(value: str, kind: str) -> dict[str, str]:
    return {"@type": f"xsd:{kind}", "@value": value}


def _text(told: dict[str, Any]) -> bytes:
    return (json.dumps(told, ensure_ascii=False, indent=2) + "\n").encode("utf-8", "backslashreplace")
