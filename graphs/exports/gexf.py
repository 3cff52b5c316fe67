"""GEXF 1.2 with times, for Gephi's timeline."""

from __future__ import annotations

import io

import networkx as nx

from graphs.chain import Chain
from graphs.exports.flat import flat


def export(chain: Chain) -> str:
    """The chain as GEXF; nodes and links carry when they were first and last seen as start and end."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(mode="dynamic")
    source = flat(chain)
    for node, attributes in source.nodes(data=True):
        graph.add_node(node, label=attributes["name"], **_dated(attributes))
    for number, (one, other, key, attributes) in enumerate(source.edges(keys=True, data=True)):
        dated = _dated(attributes)
        dated["link"] = dated.pop("kind")
        graph.add_edge(one, other, key=f"{number} {key}", id=f"{number} {key}", **dated)
    stream = io.BytesIO()
    nx.write_gexf(graph, stream, version="1.2draft")
    # networkx calls every text a date; the schema's word for a date with a time of day is dateTime.
    return stream.getvalue().decode("utf-8").replace('timeformat="date"', 'timeformat="dateTime"', 1)


def _dated(attributes: dict[str, str | int | float | bool]) -> dict[str, str | int | float | bool]:
    found = dict(attributes)
    first, last = str(found.get("first") or ""), str(found.get("last") or "")
    if first:
        found["start"] = first
        found["end"] = max(first, last)
    return found
