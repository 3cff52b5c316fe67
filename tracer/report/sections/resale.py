"""F, the resale chain: which dump was made from which, who offered it, and who used it."""

from __future__ import annotations

from typing import Final

from graphs.chain import KINDS, Chain
from graphs.evidence import percent
from graphs.exports import svg
from graphs.layout import downwards, layered
from tracer.report.dossier import Dossier
from tracer.report.page import Block, Figure, Heading, Table, Text
from tracer.report.translation import translated
from tracer.report.wording import MINUS, Wording, number

DRAWN: Final = 80
"""Nodes up to which the picture can be read on paper."""
_LISTED: Final = 200
_FULL, _LEGEND = 680.0, 560.0
"""Picture units that fill the text's width, and those that the legend needs."""


def blocks(dossier: Dossier, words: Wording) -> list[Block]:
    """Lineage and chain, as far as they were asked for."""
    told: list[Block] = [Heading(words("resale.title"))]
    if dossier.lineage is None and dossier.chain is None:
        return [*told, Text(words("resale.none"))]
    if dossier.chain is not None and dossier.chain.nodes:
        told += _chain(dossier.chain, words)
    if dossier.lineage is not None:
        told += _lineage(dossier, words)
    return told


def _chain(chain: Chain, words: Wording) -> list[Block]:
    told: list[Block] = [Text(words("resale.opening", nodes=len(chain.nodes), links=len(chain.links)))]
    if len(chain.nodes) <= DRAWN:
        described = words("resale.described", nodes=len(chain.nodes), links=len(chain.links))
        told.append(_picture(chain, described, words))
    else:
        told.append(Text(words("resale.undrawn", nodes=len(chain.nodes))))
    labels = {node.id: node.label or node.id for node in chain.nodes}
    links = sorted(chain.links, key=lambda link: (-link.weight.probability, link.key))
    rows = tuple(
        (
            labels[link.source],
            words.known(f"link.{link.kind}", link.kind),
            labels[link.target],
            words.known(f"status.{link.weight.status}", link.weight.status),
            percent(link.weight.probability),
            str(link.weight.groups),
            translated(_why(link.evidence), words.lang),
        )
        for link in links[:_LISTED]
    )
    columns = ("from", "link", "to", "status", "probability", "groups", "because")
    heads = tuple(words(f"resale.{head}") for head in columns)
    table = Table(
        words("resale.links_caption", shown=len(rows), count=len(links)),
        heads,
        rows,
        (1.6, 1.2, 1.6, 1, 0.9, 0.7, 2.8),
        right=frozenset({4, 5}),
    )
    return [*told, table]


def _picture(chain: Chain, described: str, words: Wording) -> Figure:
    across = layered(chain)
    layout = min(across, downwards(across), key=lambda one: one.width)
    legend = {kind: words(f"node.{kind}") for kind in KINDS} | {"strokes": words("resale.strokes")}
    caption = words("resale.picture", id=chain.id[:16])
    drawn = svg.export(chain, layout, legend, down=layout is not across)
    return Figure(drawn, caption, described, min(1.0, max(_LEGEND, layout.width) / _FULL))


def _why(items: tuple[object, ...]) -> str:
    told = [item for item in items if not getattr(item, "retracted", False)]
    best = max(told, key=lambda item: float(getattr(item, "statistic", 0.0)), default=None)
    return str(getattr(best, "statement", "")) or MINUS


def _lineage(dossier: Dossier, words: Wording) -> list[Block]:
    assert dossier.lineage is not None  # noqa: S101 - asked by the caller
    edges = sorted(dossier.lineage["edges"], key=lambda edge: (edge["child"], -edge["probability"]))
    rows = tuple(
        (
            _base(edge["parent"]),
            "→" if edge["direction"] == "determined" else "—",
            _base(edge["child"]),
            percent(edge["probability"]),
            translated(edge["operation"], words.lang),
            words(f"direction.{edge['direction']}"),
        )
        for edge in edges[:_LISTED]
    )
    heads = tuple(
        words(f"resale.{head}") for head in ("parent", "way", "child", "probability", "operation", "direction")
    )
    told: list[Block] = []
    if rows:
        widths = (2, 0.5, 2, 0.9, 1.8, 1.3)
        caption = words("resale.lineage_caption", shown=len(rows), count=len(edges))
        told.append(Table(caption, heads, rows, widths, right=frozenset({3})))
    missing = tuple(
        (
            one["id"],
            number(one["records_estimate"]),
            one["before"] or MINUS,
            words.join([_base(child) for child in one["children"]]),
        )
        for one in dossier.lineage["unseized"]
    )
    if missing:
        heads = tuple(words(f"resale.{head}") for head in ("unseized", "records", "before", "children"))
        told.append(Text(words("resale.unseized_text")))
        told.append(Table(words("resale.unseized_caption"), heads, missing, (1.2, 1, 1.2, 3), right=frozenset({1})))
    return told


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
