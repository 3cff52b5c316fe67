"""GraphML, for yEd, Gephi, Neo4j and igraph."""

from __future__ import annotations

import io

import networkx as nx

from graphs.chain import Chain
from graphs.exports.flat import flat


def export(chain: Chain) -> str:
    """The chain as GraphML; networkx reads it back equal."""
    stream = io.BytesIO()
    nx.write_graphml(flat(chain), stream, named_key_ids=True)
    return stream.getvalue().decode("utf-8")
