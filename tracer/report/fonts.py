"""The font of the report, and whether it has every character that is to be printed.

Noto Sans CJK has the 8,105 characters of the Table of General Standard Chinese Characters and some 22,000 more. A name
that it cannot print is an error and never a blank box: a name is evidence.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from tracer.errors import MissingExtra, TracerError

FACE: Final = "Noto Sans CJK SC"
_HINT: Final = "pip install 'luobo[report]'"
_SHOWN: Final = 12


def folder() -> Path:
    """Where the font file lies.

    Raises:
        MissingExtra: the extra `report` is not installed.
    """
    try:
        place = Path(str(resources.files("manimgx_fonts_cjk")))
    except ModuleNotFoundError:
        raise MissingExtra("the report's Chinese font is not installed", hint=_HINT) from None
    if not any(place.glob("*.ttc")):
        raise MissingExtra(f"{place}: holds no font", hint=f"{_HINT} --force-reinstall")
    return place


def ask(characters: set[str]) -> None:
    """Make sure that the font has every one of `characters`.

    Raises:
        TracerError: some have no glyph.
        MissingExtra: the extra `report` is not installed.
    """
    missing = sorted(char for char in characters if ord(char) not in _coverage() and char != "\n")
    if missing:
        told = ", ".join(f"U+{ord(char):04X}" for char in missing[:_SHOWN])
        more = f" and {len(missing) - _SHOWN} more" if len(missing) > _SHOWN else ""
        message = f"the PDF's font has no glyph for {told}{more}, and leaving them out would change what is reported"
        raise TracerError(message, hint="write the report as .html, .json or .xlsx, which need no glyphs of their own")


@cache
def _coverage() -> frozenset[int]:
    try:
        from fontTools.ttLib import TTCollection  # noqa: PLC0415 - only who prints needs it
    except ModuleNotFoundError:
        raise MissingExtra("the report's font cannot be read here", hint=_HINT) from None
    path = next(iter(sorted(folder().glob("*.ttc"))))
    with TTCollection(path, lazy=True) as collection:
        for font in collection.fonts:
            if font["name"].getDebugName(1) == FACE:
                return frozenset(font.getBestCmap())
    raise MissingExtra(f"{path}: holds no {FACE}", hint=f"{_HINT} --force-reinstall")
