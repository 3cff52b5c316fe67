"""A report as a file, in the format that its name asks for."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from tracer.errors import TracerError
from tracer.report.assembly import assemble
from tracer.report.dossier import SCHEMA, Dossier
from tracer.report.interchange import jsonld, prov
from tracer.report.legibility import legible
from tracer.report.pdf import pdf
from tracer.report.web import web
from tracer.report.wording import LANGUAGES
from tracer.report.workbook import workbook


def written(dossier: Dossier, name: str, lang: str) -> bytes:
    """The report for a file called `name`; the same dossier gives the same bytes.

    Args:
        dossier: the case.
        name: its ending says the format, one of `FORMATS`.
        lang: zh or en.

    Raises:
        TracerError: no such format or language, or a character cannot be printed.
        MissingExtra: the extra `report` is not installed.
    """
    if lang not in LANGUAGES:
        raise TracerError(f"{lang}: no report in this language", hint=f"known are {', '.join(LANGUAGES)}")
    return FORMATS[format_of(name)](dossier, lang)


def format_of(name: str) -> str:
    """The format that a file's name asks for.

    Raises:
        TracerError: none of ours.
    """
    for ending in FORMATS:
        if name.lower().endswith(ending):
            return ending
    raise TracerError(f"{name}: no report is called so", hint=f"known endings are {', '.join(FORMATS)}")


def _json(dossier: Dossier, lang: str) -> bytes:
    shown = legible(dossier)
    told = {"schema": SCHEMA, "digest": shown.digest, "lang": lang} | shown.to_dict()
    text = json.dumps(told, ensure_ascii=False, indent=2, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


FORMATS: Final[dict[str, Callable[[Dossier, str], bytes]]] = {
    ".prov.json": lambda dossier, _: prov(dossier),
    ".jsonld": lambda dossier, _: jsonld(dossier),
    ".pdf": lambda dossier, lang: pdf(assemble(dossier, lang)),
    ".html": lambda dossier, lang: web(assemble(dossier, lang)),
    ".json": _json,
    ".xlsx": lambda dossier, lang: workbook(assemble(dossier, lang)),
}
"""Ending → the file; longer endings stand before the shorter ones that they end with."""
