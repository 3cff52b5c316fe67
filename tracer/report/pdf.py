"""The report as PDF/A-2a, tagged, set by typst from data: no text of a case is ever markup.

The same pages give the same bytes. Only the package's own font is used, so nothing depends on the machine.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Any, Final, Literal

from tracer.errors import MissingExtra, TracerError
from tracer.report import fonts
from tracer.report.page import Cell, Page
from tracer.report.pictures import picture
from tracer.report.plain import characters, plain
from tracer.report.wording import wording

_WIDTH: Final = 470.0
"""Points between the margins."""
_MONO: Final = 4.05
"""Points that a character of a digest is wide."""
_LETTER: Final = 4.4
"""… and a letter in a table."""
_INSET: Final = 9.0
_LINE, _HALF, _NARROW = 84, 58, 26
"""Letters of a line, of a fact's value, and of one of two facts beside each other."""
_UNBROKEN: Final = r"[^\s\u2e80-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
"""What no line may be broken in: everything but spaces and Chinese."""
_DIGEST: Final = re.compile(r"[0-9a-f]{40,}")
_STANDARDS: Final[list[Literal["a-2a", "ua-1"]]] = ["a-2a", "ua-1"]
"""Archival, with the structure of the text (ISO 19005-2), and accessible (ISO 14289-1)."""
_VERDICTS: Final = ("established", "consistent", "indeterminate", "excluded")


def pdf(page: Page) -> bytes:
    """The file.

    Raises:
        MissingExtra: the extra `report` is not installed.
        TracerError: a character has no glyph.
    """
    try:
        import typst  # noqa: PLC0415 - 80 MB that only a report needs
    except ModuleNotFoundError:
        raise MissingExtra("PDF cannot be written here", hint="pip install 'luobo[report]'") from None
    told = _set(page)
    fonts.ask(characters(told))
    issued = datetime.fromisoformat(page.issued)
    source = resources.files("tracer.report").joinpath("templates", "report.typ").read_bytes()
    faces = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=[str(fonts.folder())])
    compiler = typst.Compiler(input=source, font_paths=faces, sys_inputs={"data": json.dumps(told, ensure_ascii=False)})
    try:
        made = compiler.compile(format="pdf", pdf_standards=[*_STANDARDS], timestamp=int(issued.timestamp()))
    except typst.TypstError as fault:
        raise TracerError(f"the report could not be set as PDF ({fault.message})", hint="write it as .html") from None
    assert isinstance(made, bytes)  # noqa: S101 - one PDF is one file
    return made


def _set(page: Page) -> dict[str, Any]:
    """The plain pages with what the typesetter needs besides."""
    told = plain(page)
    issued = datetime.fromisoformat(page.issued)
    told["day"] = {"year": issued.year, "month": issued.month, "day": issued.day}
    cover = page.cover[0]
    told["running"] = str(dict(getattr(cover, "rows", ())).get(page.labels["case"], ""))
    words = wording(page.lang)
    verdicts = {words(f"verdict.{one}"): one for one in _VERDICTS}
    for block in _blocks(told):
        _fold(block)
        if block["type"] == "Table":
            block["words"] = verdicts
        elif block["type"] == "Figure":
            block.update({**asdict(picture(block["svg"])), "share": block["width"]})
    return told


def _blocks(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from told["cover"]
    for section in told["sections"]:
        yield from section["blocks"]


def _fold(block: dict[str, Any]) -> None:
    """Break words that are wider than where they stand, digests for one, into lines of equal length."""
    if block["type"] == "Table":
        total = sum(block["widths"])
        for column, width in enumerate(block["widths"]):
            letter = _MONO if column in block["mono"] else _LETTER
            room = max(6, int((_WIDTH * width / total - _INSET) / letter))
            for row in block["rows"]:
                row[column] = _folded(row[column], room)
    elif block["type"] == "Facts":
        room = _NARROW if block["paired"] else _HALF
        block["rows"] = [
            [label, value if _DIGEST.fullmatch(value or "") else _folded(value, room)] for label, value in block["rows"]
        ]
    elif block["type"] == "Bullets":
        block["items"] = [_folded(one, _LINE) for one in block["items"]]
    else:
        for name in {"text", "title", "caption"} & block.keys():
            block[name] = _folded(block[name], _LINE)


def _folded(text: Cell, room: int) -> Cell:
    if text is None:
        return None
    return re.sub(rf"{_UNBROKEN}{{{room + 1},}}", lambda found: "\n".join(_pieces(found[0], room)), text)


def _pieces(word: str, room: int) -> Iterator[str]:
    """A word in pieces that fit: broken after a sign where one is near, a digest into pieces of one length."""
    length = -(-len(word) // -(-len(word) // room)) if word.isalnum() else room
    while len(word) > room:
        sign = max(word.rfind(char, room // 2, length) for char in "-_./\\")
        cut = length if sign < 0 else sign + 1
        yield word[:cut]
        word = word[cut:]
    yield word
