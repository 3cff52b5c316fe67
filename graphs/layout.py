"""Where everything is drawn: layers from left to right as the goods go, or along the time when it was first seen.

Inside a layer the order comes from barycentre sweeps (Sugiyama, Tagawa and Toda, 1981). A layer with many nodes is
broken into columns, so that the picture keeps a shape that can be looked at.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import networkx as nx

from graphs.chain import KINDS, Chain

COLUMN, ROW = 190.0, 46.0
"""Distance between columns and between rows, in picture units."""
_WIDER, _FLATTER = 148.0 / ROW, 72.0 / COLUMN
"""What makes room for boxes that are wider than they are high."""
_SWEEPS = 8
_SHAPE = 1.5
"""Width to height that a picture of many nodes should have."""
_LEAST = 20


Point = tuple[float, float]
_ASIDE = 0.48
"""Part of a row that a link keeps from the middle of a box which it passes."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Positions of the nodes."""

    places: Mapping[str, Point]
    width: float
    height: float
    bends: Mapping[tuple[str, str], tuple[Point, Point]] = field(default_factory=dict)
    """Between which two points a link from one node to another runs straight, past the boxes of the columns between."""


def layered(chain: Chain) -> Layout:
    """Left to right by kind; dumps made from others stand behind them."""
    graph = chain.graph()
    depth = _depths(chain, graph)
    layers: dict[tuple[int, int], list[str]] = defaultdict(list)
    for node in chain.nodes:
        kind = "dump" if node.kind == "unseized_dump" else node.kind
        layers[KINDS.index(kind), depth.get(node.id, 0)].append(node.id)
    ordered = [sorted(layers[key]) for key in sorted(layers)]
    _sweep(ordered, graph)
    tallest = max(_LEAST, round(math.sqrt(len(chain.nodes) * COLUMN / (ROW * _SHAPE))))
    layout = _placed([column for layer in ordered for column in _columns(layer, tallest)])
    ends = {(link.source, link.target) for link in chain.links}
    bent = {pair: way for pair in ends if (way := _past(layout.places, *(layout.places[end] for end in pair)))}
    return replace(layout, bends=bent)


def _past(places: Mapping[str, Point], start: Point, end: Point) -> tuple[Point, Point] | None:
    """The straight part of a link that passes columns, as near to its middle as no box stands; None if it passes none.

    A link that ran behind somebody's box would seem to end there.
    """
    left, right = sorted((start[0], end[0]))
    between = [place for place in places.values() if left + COLUMN / 2 < place[0] < right - COLUMN / 2]
    if not between:
        return None
    middle = (start[1] + end[1]) / 2
    free = [middle, *(y + side * _ASIDE * ROW for _, y in between for side in (-1, 1))]
    lane = min(
        (y for y in free if all(abs(y - other) >= _ASIDE * ROW - 1e-9 for _, other in between)),
        key=lambda y: (abs(y - middle), y),
    )
    first, last = min(x for x, _ in between) - COLUMN * 0.35, max(x for x, _ in between) + COLUMN * 0.35
    return ((first, lane), (last, lane)) if start[0] < end[0] else ((last, lane), (first, lane))


def downwards(layout: Layout) -> Layout:
    """The same with the layers below each other instead of from left to right: a long chain then fits a page."""

    def turned(point: Point) -> Point:
        return point[1] * _WIDER, point[0] * _FLATTER

    places = {node: turned(point) for node, point in layout.places.items()}
    bends = {pair: (turned(first), turned(last)) for pair, (first, last) in layout.bends.items()}
    return Layout(places, layout.height * _WIDER, layout.width * _FLATTER, bends)


def timed(chain: Chain) -> Layout:
    """Left to right by the time something was first seen; what has no time stands at the left."""
    times = {node: _seconds(first) for node, first in _firsts(chain).items()}
    known = [time for time in times.values() if time is not None]
    begin, span = min(known, default=0.0), (max(known, default=0.0) - min(known, default=0.0)) or 1.0
    width = COLUMN * 8
    rows = {node: place[1] for node, place in layered(chain).places.items()}
    places: dict[str, tuple[float, float]] = {}
    taken: dict[int, list[float]] = defaultdict(list)
    for node in sorted(times, key=lambda one: (rows[one], one)):
        time = times[node]
        x = COLUMN / 2 if time is None else COLUMN * 1.5 + (time - begin) / span * width
        # Two nodes of nearly one time would lie on each other.
        slot, y = int(x // COLUMN), rows[node]
        while any(abs(y - other) < ROW * 0.7 for near in (slot - 1, slot, slot + 1) for other in taken[near]):
            y += ROW * 0.7
        taken[slot].append(y)
        places[node] = (x, y)
    return _sized(places)


def _depths(chain: Chain, graph: nx.MultiDiGraph[str]) -> dict[str, int]:
    """How many copies lie between a dump and its first known form; rings count as one."""
    dumps = [node.id for node in chain.nodes if node.kind in {"dump", "unseized_dump"}]
    parts = nx.condensation(nx.DiGraph(graph.subgraph(dumps)))
    level: dict[int, int] = {}
    for part in nx.topological_sort(parts):
        level[part] = max((level[before] + 1 for before in parts.predecessors(part)), default=0)
    return {node: level[part] for part in parts for node in parts.nodes[part]["members"]}


def _sweep(layers: list[list[str]], graph: nx.MultiDiGraph[str]) -> None:
    """Order each layer by the mean place of what its nodes are linked with, to and fro."""
    place = {node: number / max(1, len(layer)) for layer in layers for number, node in enumerate(layer)}
    neighbours = {node: [*graph.predecessors(node), *graph.successors(node)] for node in graph}
    for number in range(_SWEEPS):
        for layer in layers if number % 2 == 0 else reversed(layers):
            mean = {node: _mean([place[other] for other in neighbours[node]], place[node]) for node in layer}
            layer.sort(key=lambda node: (mean[node], node))
            place.update({node: rank / max(1, len(layer)) for rank, node in enumerate(layer)})


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _columns(layer: Sequence[str], tallest: int) -> list[Sequence[str]]:
    """A layer of many nodes in several columns next to each other, in reading order from top to bottom."""
    count = -(-len(layer) // tallest)
    return [layer[number::count] for number in range(count)] if count > 1 else [layer]


def _placed(columns: Sequence[Sequence[str]]) -> Layout:
    tallest = max(map(len, columns), default=1)
    places = {}
    for number, column in enumerate(columns):
        gap = ROW * tallest / max(1, len(column))
        for row, node in enumerate(column):
            places[node] = (COLUMN * (number + 0.5), gap * (row + 0.5))
    return _sized(places)


def _sized(places: Mapping[str, tuple[float, float]]) -> Layout:
    width = max((x for x, _ in places.values()), default=0.0) + COLUMN / 2
    height = max((y for _, y in places.values()), default=0.0) + ROW
    return Layout(places, width, height)


def _firsts(chain: Chain) -> dict[str, str]:
    """When each node was first seen: its own date, else the earliest of its links."""
    dates: dict[str, list[str]] = defaultdict(list)
    for link in chain.links:
        for end in (link.source, link.target) if link.first else ():
            dates[end].append(link.first)
    return {node.id: node.first or min(dates[node.id], default="") for node in chain.nodes}


def _seconds(text: str) -> float | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None).timestamp() if text else None
    except ValueError:
        return None


def crossings(layout: Layout, chain: Chain) -> int:
    """How many pairs of links cross, for comparing layouts; only links between the same two columns are looked at."""
    between: dict[tuple[float, float], list[tuple[float, float]]] = defaultdict(list)
    for link in chain.links:
        (x1, y1), (x2, y2) = layout.places[link.source], layout.places[link.target]
        between[x1, x2].append((y1, y2))
    total = 0
    for ends in between.values():
        ordered = [second for _, second in sorted(ends)]
        total += sum(one > other for number, one in enumerate(ordered) for other in ordered[number + 1 :])
    return total
