"""What the reader gets to see: tables, JSON files and progress bars; colour lives only here."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import sys
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO

import click

from tracer.errors import TracerError

# rich is imported by the functions that draw: `luobo --help` and an error line must not wait for it.

STYLES = {"established": "bold red", "consistent": "yellow", "indeterminate": "dim", "excluded": "green"}
"""Colour of a cell that is a verdict word."""

PATIENCE = 2.0
"""Seconds of work after which a progress bar appears."""

_PIPE_WIDTH = 200
# Cc controls, Cf invisible formatting (right-to-left overrides disguise file names), Cs bytes that are no UTF-8,
# Zl and Zp line breaks (Unicode 15, table 4-4).
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def escape_controls(text: str) -> str:
    r"""Give `text` with every character that could move the cursor or hide others written as `\xNN` or `\uNNNN`."""
    return "".join(
        char.encode("unicode_escape").decode("ascii") if unicodedata.category(char) in _UNSAFE else char
        for char in text
    )


def counted(number: int, noun: str) -> str:
    """A number of things in words: 1 edge, 2,000 edges."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "") -> None:
    """Print `rows` under the headings `columns` on stdout.

    Integers get separators and stand right, None is a dash, verdict words have their colour; everything else is shown
    as its text with control characters escaped. Colour is left out where stdout is no terminal or NO_COLOR is set.
    """
    from rich import box  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    cells = [list(row) for row in rows]
    heading = Text(escape_controls(title)) if title else None
    drawing = Table(title=heading, box=box.SIMPLE, title_justify="left", pad_edge=False)
    for place, name in enumerate(columns):
        numeric = bool(cells) and all(row[place] is None or isinstance(row[place], int | float) for row in cells)
        drawing.add_column(Text(escape_controls(name)), justify="right" if numeric else "left", overflow="fold")
    for row in cells:
        texts = [_cell(value) for value in row]
        drawing.add_row(*(Text(text, style=STYLES.get(text, "")) for text in texts))
    console = Console(file=sys.stdout, width=None if sys.stdout.isatty() else _PIPE_WIDTH)
    console.print(drawing)


def _cell(value: object) -> str:
    if value is None:
        return "–"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return escape_controls(str(value))


def write_json(value: object, target: str) -> None:
    """Write `value` as JSON to the file `target`, or to stdout where `target` is `-`.

    UTF-8, indented by two, Chinese characters as themselves, ISO dates. A file appears whole or not at all, and only
    its owner may read it. NaN and infinities are refused, for JSON has none (RFC 8259, section 6).

    Raises:
        TracerError: the file cannot be written.
    """
    text = json.dumps(value, ensure_ascii=False, indent=2, allow_nan=False, default=_plain) + "\n"
    # A file name that is no UTF-8 becomes \udcNN, which inside a JSON string is JSON's own escape for the same.
    content = text.encode("utf-8", errors="backslashreplace")
    if target == "-":
        click.echo(content, nl=False)
        return
    write_file(content, Path(target))


def write_json_parts(parts: Iterable[str], target: str) -> None:
    """Write the pieces of one JSON text to the file `target`, or to stdout where `target` is `-`, as they come.

    For what is too much to hold at once. A file appears whole or not at all, as with `write_json`.

    Raises:
        TracerError: the file cannot be written.
    """
    contents = (part.encode("utf-8", errors="backslashreplace") for part in parts)
    if target == "-":
        for content in contents:
            click.echo(content, nl=False)
        return
    try:
        _write_whole(Path(target), contents)
    except OSError as fault:
        message = f"{target}: cannot be written ({fault.strerror})"
        raise TracerError(message, hint="check that its directory exists and may be written to") from None


def write_file(content: bytes, target: Path) -> None:
    """Write a file that appears whole or not at all, and that only its owner may read.

    Raises:
        TracerError: it cannot be written.
    """
    try:
        _write_whole(target, (content,))
    except OSError as fault:
        message = f"{target}: cannot be written ({fault.strerror})"
        raise TracerError(message, hint="check that its directory exists and may be written to") from None


@contextlib.contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file to be written piece by piece, which appears whole or not at all, and that only its owner may read.

    Raises:
        TracerError: it cannot be written.
    """
    path = target.resolve()  # a link stays a link
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".luobo-")
        try:
            with os.fdopen(descriptor, "wb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(path)
        finally:
            Path(name).unlink(missing_ok=True)
    except OSError as fault:
        message = f"{target}: cannot be written ({fault.strerror})"
        raise TracerError(message, hint="check that its directory exists and may be written to") from None


def _plain(value: object) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    message = f"{type(value).__name__} has no JSON form"
    raise TypeError(message)


def spare(evidence: Path, *outputs: Path | str | None) -> None:
    """Refuse outputs that would be written over `evidence`; None and `-` are no files.

    Raises:
        TracerError: one of them is the evidence itself, under whatever name.
    """
    for output in outputs:
        if output is None or output == "-":
            continue
        path = Path(output)
        if path.exists() and evidence.exists() and path.samefile(evidence):
            raise TracerError(f"{output}: is what is to be read", hint="write to another file")


def _write_whole(path: Path, contents: Iterable[bytes]) -> None:
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:  # a device or a FIFO is written to, never replaced
            stream.writelines(contents)
        return
    path = path.resolve()  # a link stays a link
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".luobo-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.writelines(contents)
            stream.flush()
            os.fsync(stream.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


@contextlib.contextmanager
def progress(label: str, total: int | None = None) -> Iterator[Callable[[int], None]]:
    """Show a bar on stderr while the block runs, if stderr is a terminal and the work takes over `PATIENCE` seconds.

    Gives a function to call with the number of units done since the last call; `total` is how many there are, None
    when nobody knows.
    """
    if not sys.stderr.isatty():
        yield lambda _done: None
        return
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415

    text = TextColumn("{task.description}", markup=False)
    bar = Progress(text, BarColumn(), TimeElapsedColumn(), console=Console(stderr=True), transient=True)
    task = bar.add_task(escape_controls(label), total=total)
    alarm = threading.Timer(PATIENCE, bar.start)
    alarm.daemon = True
    alarm.start()
    try:
        yield lambda done: bar.advance(task, done)
    finally:
        alarm.cancel()
        alarm.join()
        bar.stop()
