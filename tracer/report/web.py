"""The report as one HTML page: no script, nothing loaded, every text escaped by Jinja2.

A Content-Security-Policy (Level 3) forbids all but the page's own style, so the page cannot tell anybody that it was
read.
"""

from __future__ import annotations

import base64
import hashlib
from importlib import resources
from typing import Final

from tracer.errors import MissingExtra
from tracer.report.page import Page
from tracer.report.plain import plain
from tracer.report.wording import wording

_VERDICTS: Final = ("established", "consistent", "indeterminate", "excluded")


def web(page: Page) -> bytes:
    """The file, UTF-8.

    Raises:
        MissingExtra: the extra `report` is not installed.
    """
    try:
        import jinja2  # noqa: PLC0415 - only who asks for HTML needs it
    except ModuleNotFoundError:
        raise MissingExtra("HTML cannot be written here", hint="pip install 'luobo[report]'") from None
    folder = resources.files("tracer.report").joinpath("templates")
    style = folder.joinpath("report.css").read_text("utf-8")
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["lines"] = lambda text: text.split("\n")
    words = wording(page.lang)
    template = environment.from_string(folder.joinpath("report.html").read_text("utf-8"))
    made = template.render(
        **plain(page),
        verdicts={words(f"verdict.{one}"): one for one in _VERDICTS},
        style=style,
        style_digest=base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
    )
    return made.encode("utf-8", "backslashreplace")
