"""How a command reads a dump: the password that opens it, and limits that were raised for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def reading_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options `--password` and `--limit`."""
    opens = click.option("--password", metavar="P", help="Password of an encrypted archive or workbook.")
    raises = click.option(
        "--limit", "limits", metavar="NAME=N", multiple=True, help="Raise a limit, e.g. depth=5; it is noted."
    )
    return opens(raises(command))
