"""The report as PDF/A-2a, tagged, set by typst from data: no text of a case is ever markup.

The same pages give the same bytes. Only the package's own font is used, so nothing depends on the machine.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import Any, Final, Literal

from tracer.errors import MissingExtra, TracerError
from tracer.report import fonts
from tracer.report.page import Page
from tracer.report.pictures import picture
from tracer.report.plain import characters, plain
from tracer.report.wording import wording

_WIDTH: Final = 470.0
"""Points between the margins."""
_MONO: Final = 4.05
"""Points that a character of a digest is wide."""
_INSET: Final = 9.0
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
        if block["type"] == "Table":
            block["words"] = verdicts
            _fold(block)
        elif block["type"] == "Figure":
            block.update({**asdict(picture(block["svg"])), "share": block["width"]})
    return told


def _blocks(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from told["cover"]
    for section in told["sections"]:
        yield from section["blocks"]


def _fold(table: dict[str, Any]) -> None:
    """Break digests and commands that are wider than their column into lines of equal length."""
    total = sum(table["widths"])
    for column in table["mono"]:
        room = int((_WIDTH * table["widths"][column] / total - _INSET) / _MONO)
        for row in table["rows"]:
            if row[column] is not None:
                row[column] = "\n".join(_lines(row[column], max(8, room)))


def _lines(text: str, room: int) -> list[str]:
    if len(text) <= room:
        return [text]
    if " " in text:
        return [text]
    count = -(-len(text) // room)
    length = -(-len(text) // count)
    return [text[place : place + length] for place in range(0, len(text), length)]
