"""Every export by the ending of its file name: what `luobo graph CASE -o FILE` needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from graphs.chain import Chain
from graphs.exports import ftm, gexf, graphml, html, prov, stix, svg, tables
from graphs.exports.masked import masked

Export = Callable[[Chain, datetime], str]

FORMATS: Mapping[str, Export] = {
    ".stix.json": lambda chain, created: stix.export(chain, created=created),
    ".ftm.jsonl": lambda chain, _: ftm.export(chain),
    ".prov.json": lambda chain, _: prov.export(chain),
    ".json": lambda chain, _: tables.own_json(chain),
    ".graphml": lambda chain, _: graphml.export(chain),
    ".gexf": lambda chain, _: gexf.export(chain),
    ".cypher": lambda chain, _: tables.cypher(chain),
    ".csv": lambda chain, _: tables.csv_links(chain),
    ".svg": lambda chain, _: svg.export(chain),
    ".html": lambda chain, _: html.export(chain),
}
"""Ending → export; longer endings stand before the shorter ones that they end with."""


class UnknownEnding(ValueError):
    """No export has this ending."""


def export(chain: Chain, name: str, *, created: datetime, reveal: bool = False) -> str:
    """The chain in the format that a file called `name` asks for, masked unless `reveal`.

    Raises:
        UnknownEnding: no export has the ending of `name`.
    """
    for ending, make in FORMATS.items():
        if name.lower().endswith(ending):
            return make(chain if reveal else masked(chain), created)
    raise UnknownEnding(f"no export is called so; known endings are {', '.join(FORMATS)}")
