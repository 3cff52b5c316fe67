"""The chain as a picture: SVG 1.1 without scripts, for a report or a printer."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from html import escape

from graphs.chain import Chain, Link, Node
from graphs.evidence import percent
from graphs.exports.flat import legal
from graphs.layout import COLUMN, Layout, Point, layered

COLOURS = {
    "platform": "#0b5d7a",
    "dump": "#b4531a",
    "unseized_dump": "#b4531a",
    "advert": "#8a6d00",
    "seller": "#9c2445",
    "group": "#5b4a9e",
    "buyer": "#2f6f3e",
    "campaign": "#343f4b",
}
"""One colour a kind, all dark enough for white text (contrast of 4.5, WCAG 2.2 AA)."""
STROKES = {"proved": "", "probable": "", "possible": "2 4", "disputed": "8 3 2 3"}
_STROKES_TOLD = "solid: proved or probable · dotted: possible, or not seized · dashed: direction not determined"
_FONTS = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_ARROW = (
    '<defs><marker id="to" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0 0 8 4 0 8z" fill="#66707a"/></marker></defs>'
)
_WIDE, _HIGH = 132.0, 28.0
_LEGEND = 56.0
_ENTRY, _LINE = 130.0, 20.0
_NARROWEST = 560.0
"""Width that the legend needs."""


def export(
    chain: Chain, layout: Layout | None = None, words: Mapping[str, str] | None = None, *, down: bool = False
) -> str:
    """The picture. Retracted links are left out.

    Args:
        chain: the chain.
        layout: where nodes stand; layered if left out.
        words: those of the legend in another language: one for each kind of node, and one called `strokes`.
        down: whether the layout goes downwards.
    """
    layout = layout or layered(chain)
    width = max(_NARROWEST, layout.width) + 20
    legend = _legend(chain, layout.height + 14, width, words or {})
    height = layout.height + _LEGEND + _LINE * (_lines(chain, width) - 1)
    box = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="{_FONTS}">',
        "<title>luobo: resale chain 转卖链</title>",
        _ARROW,
        f'<rect width="{width:.0f}" height="{height:.0f}" fill="#ffffff"/>',
        *(_path(link, layout, descent if down else curve) for link in chain.links if link.weight.status != "retracted"),
        *(_box(node, layout) for node in chain.nodes),
        legend,
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def curve(start: Point, end: Point, bends: tuple[Point, Point] | None = None) -> str:
    """The path of a link: a soft S between two boxes, a bow where they stand in one column, past others by `bends`."""
    (x1, y1), (x2, y2) = start, end
    if abs(x2 - x1) < COLUMN / 2:
        side = x1 + _WIDE / 2
        return f"M{side:.0f} {y1:.0f}C{side + 60:.0f} {y1:.0f} {side + 60:.0f} {y2:.0f} {side:.0f} {y2:.0f}"
    way = 1 if x2 > x1 else -1
    points = [(x1 + way * _WIDE / 2, y1), *(bends or ()), (x2 - way * _WIDE / 2, y2)]
    return f"M{points[0][0]:.0f} {y1:.0f}" + "".join(map(_sideways, points, points[1:]))


def _sideways(start: Point, end: Point) -> str:
    (x1, y1), (x2, y2) = start, end
    bend = (x2 - x1) / 2
    return f"C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"


def shortened(text: str, most: int = 18) -> str:
    """As much of a name as its box holds; a Chinese character counts twice."""
    used = 0
    for place, char in enumerate(text):
        used += 2 if unicodedata.east_asian_width(char) in "WF" else 1
        if used > most:
            return text[:place] + "…"
    return text


def descent(start: Point, end: Point, bends: tuple[Point, Point] | None = None) -> str:
    """The path of a link from one layer down to another."""
    (x1, y1), (x2, y2) = start, end
    if abs(y2 - y1) < _HIGH:
        return curve(start, end)
    way = 1 if y2 > y1 else -1
    points = [(x1, y1 + way * _HIGH / 2), *(bends or ()), (x2, y2 - way * _HIGH / 2)]
    return f"M{x1:.0f} {points[0][1]:.0f}" + "".join(map(_down, points, points[1:]))


def _down(start: Point, end: Point) -> str:
    (x1, y1), (x2, y2) = start, end
    bend = (y2 - y1) / 2
    return f"C{x1:.0f} {y1 + bend:.0f} {x2:.0f} {y2 - bend:.0f} {x2:.0f} {y2:.0f}"


def _path(link: Link, layout: Layout, way: Callable[[Point, Point, tuple[Point, Point] | None], str]) -> str:
    weight = link.weight
    dashes = STROKES.get(weight.status, "") if link.determined else "7 5"
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    arrow = ' marker-end="url(#to)"' if link.determined else ""
    told = escape(legal(f"{link.kind}: {percent(weight.probability)}, {weight.status}"))
    thick = 0.8 + 1.8 * weight.probability
    bends = layout.bends.get((link.source, link.target))
    path = way(layout.places[link.source], layout.places[link.target], bends)
    return (
        f'<path d="{path}" fill="none" stroke="#66707a" stroke-opacity="{0.3 + 0.6 * weight.probability:.2f}" '
        f'stroke-width="{thick:.1f}"{dashed}{arrow}><title>{told}</title></path>'
    )


def _box(node: Node, layout: Layout) -> str:
    x, y = layout.places[node.id]
    colour = COLOURS[node.kind]
    hollow = node.kind == "unseized_dump"
    fill, ink = ("#ffffff", colour) if hollow else (colour, "#ffffff")
    dashed = ' stroke-dasharray="2 3"' if hollow else ""
    name = legal(node.label or node.id)
    return (
        f'<g><title>{escape(node.kind)}: {escape(name)}</title><rect x="{x - _WIDE / 2:.0f}" y="{y - _HIGH / 2:.0f}" '
        f'width="{_WIDE:.0f}" height="{_HIGH:.0f}" rx="7" fill="{fill}" stroke="{colour}"{dashed}/>'
        f'<text x="{x:.0f}" y="{y + 4:.0f}" font-size="11.5" text-anchor="middle" fill="{ink}">'
        f"{escape(shortened(name))}</text></g>"
    )


def _legend(chain: Chain, y: float, width: float, words: Mapping[str, str]) -> str:
    across = _across(width)
    parts = []
    for place, kind in enumerate(_kinds(chain)):
        x, top = 20 + place % across * _ENTRY, y + place // across * _LINE
        parts.append(f'<rect x="{x:.0f}" y="{top:.0f}" width="14" height="14" rx="3" fill="{COLOURS[kind]}"/>')
        parts.append(f'<text x="{x + 20:.0f}" y="{top + 11:.0f}" font-size="11">{_word(kind, words)}</text>')
    told, below = escape(words.get("strokes", _STROKES_TOLD)), y + 32 + _LINE * (_lines(chain, width) - 1)
    parts.append(f'<text x="20" y="{below:.0f}" font-size="11" fill="#444">{told}</text>')
    return "".join(parts)


def _kinds(chain: Chain) -> list[str]:
    return [kind for kind in COLOURS if any(node.kind == kind for node in chain.nodes)]


def _across(width: float) -> int:
    return max(1, int((width - 20) // _ENTRY))


def _lines(chain: Chain, width: float) -> int:
    return max(1, -(-len(_kinds(chain)) // _across(width)))


def _word(kind: str, words: Mapping[str, str]) -> str:
    return escape(words.get(kind, kind.replace("_", " ")))
