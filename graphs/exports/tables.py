"""Links as CSV and the whole chain as Cypher and as luobo's own JSON."""

from __future__ import annotations

import csv
import io
import json
import re

from graphs.chain import Chain, to_json
from graphs.exports.flat import link_attributes, node_attributes

_COLUMNS = ("source", "source_kind", "source_name", "target", "target_kind", "target_name")
_NOT_KEY = re.compile(r"\W")
_DANGEROUS = re.compile(r"^[\s\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]*[=+\-@＝＋－＠|%]|^[\t\r\n]")
"""What a spreadsheet program runs, behind blanks and invisible letters too, and its full-width twins."""


def csv_links(chain: Chain) -> str:
    """One line a link with both ends, for a spreadsheet (RFC 4180).

    A cell that a spreadsheet would take for a formula is given a quote in front.
    """
    nodes = {node.id: node for node in chain.nodes}
    stream = io.StringIO()
    writer = csv.writer(stream)
    names = ("link", "probability", "low", "high", "status", "determined", "first", "last", "alternatives", "evidence")
    writer.writerow((*_COLUMNS, *names))
    for link in chain.links:
        source, target = nodes[link.source], nodes[link.target]
        facts = link_attributes(link)
        facts["link"] = facts.pop("kind")
        ends = (source.id, source.kind, source.label, target.id, target.kind, target.label)
        writer.writerow([_harmless(cell) for cell in (*ends, *(facts[name] for name in names))])
    return stream.getvalue()


def _harmless(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and _DANGEROUS.match(cell) else cell


def cypher(chain: Chain) -> str:
    """Statements that build the chain in Neo4j or another openCypher database; run again, they change nothing."""
    lines = ["CREATE CONSTRAINT luobo_id IF NOT EXISTS FOR (n:Luobo) REQUIRE n.id IS UNIQUE;"]
    for node in chain.nodes:
        label = "".join(word.capitalize() for word in node.kind.split("_"))
        facts = {"id": node.id, **node_attributes(node)}
        lines.append(f"MERGE (n:Luobo {{id: {_literal(node.id)}}}) SET n:{label}, n += {_map(facts)};")
    for link in chain.links:
        ends = f"MATCH (a:Luobo {{id: {_literal(link.source)}}}), (b:Luobo {{id: {_literal(link.target)}}})"
        lines.append(f"{ends} MERGE (a)-[r:{link.kind.upper()}]->(b) SET r += {_map(link_attributes(link))};")
    return "\n".join(lines) + "\n"


def _map(facts: dict[str, str | int | float | bool]) -> str:
    return "{" + ", ".join(f"`{_NOT_KEY.sub('_', key)}`: {_literal(value)}" for key, value in facts.items()) + "}"


def _literal(value: str | float | bool) -> str:  # noqa: FBT001 (a value of any kind)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        escaped = json.dumps(value, ensure_ascii=True)[1:-1].replace("'", "\\'")
        return f"'{escaped}'"
    return repr(value)


def own_json(chain: Chain) -> str:
    """The chain as `luobo.chain/1`: `graphs.chain.from_json` gives it back, nothing lost."""
    return json.dumps({**to_json(chain), "id": chain.id}, ensure_ascii=False, indent=2) + "\n"
