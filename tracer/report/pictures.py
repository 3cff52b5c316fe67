"""A picture's lines and its words apart: the words are then set by whoever sets the page, in the page's own font.

The typesetter draws SVG but knows no weights of a variable font there; and words that are text can be searched and read
aloud.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Final

_TEXT: Final = re.compile(r"<text\b([^>]*)>([^<]*)</text>")
_ATTRIBUTE: Final = re.compile(r'([\w-]+)="([^"]*)"')
_BOX: Final = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_SHIFTS: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}


@dataclass(frozen=True, slots=True)
class Label:
    """A word of a picture, in picture units."""

    x: float
    y: float
    """Of the base line."""
    size: float
    shift: float
    """Share of its width that stands left of `x`."""
    colour: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """Lines and words."""

    width: float
    height: float
    svg: str
    """Without its words."""
    labels: tuple[Label, ...]


def picture(svg: str) -> Picture:
    """Take an SVG of ours apart.

    Raises:
        ValueError: it has no view box that begins at 0.
    """
    box = _BOX.search(svg)
    if box is None:
        raise ValueError("a picture needs a view box that begins at 0 0")
    labels = tuple(_label(dict(_ATTRIBUTE.findall(found[1])), found[2]) for found in _TEXT.finditer(svg))
    return Picture(float(box[1]), float(box[2]), _TEXT.sub("", svg), labels)


def _label(facts: dict[str, str], text: str) -> Label:
    return Label(
        x=float(facts["x"]),
        y=float(facts["y"]),
        size=float(facts["font-size"]),
        shift=_SHIFTS[facts.get("text-anchor", "start")],
        colour=_six(facts.get("fill", "#1f2933")),
        text=html.unescape(text),
    )


def _six(colour: str) -> str:
    """A colour as six digits."""
    return "#" + "".join(digit * 2 for digit in colour[1:]) if len(colour) == 4 else colour
