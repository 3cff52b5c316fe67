"""`luobo calls`: who was called or written to, and what the numbers are."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracer.cli import show
from tracer.custody.exhibit import Exhibit, seal
from tracer.errors import UnreadableInput

if TYPE_CHECKING:
    from graphs.calls.call import Call

_LISTED = 20
KNOWN = "Android SMS Backup & Restore XML, Asterisk CDR CSV, carriers' bills, any CSV with a heading"


@click.command(epilog="Example: luobo calls bill.csv calls.xml --json calls.json")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path())
@click.option("--json", "target", metavar="OUT", help="Write everything as JSON to a file, or to stdout with -.")
@click.option("--reveal", is_flag=True, help="Show people's numbers and the words of text messages in full. 明文")
def command(files: tuple[str, ...], target: str | None, reveal: bool) -> None:  # noqa: FBT001 (click's flag)
    """Read lists of calls and text messages: who, when, how long, and what kind of number. 通话记录

    Each FILE is an Android backup (XML), an Asterisk call record (CSV), a carrier's bill (CSV, GB18030 or UTF-8) or
    any table with a heading. People's numbers are masked; those of enterprises and services are shown.
    """
    for file in files:
        show.spare(Path(file), target)
    if len(set(files)) < len(files):
        raise UnreadableInput("a file was named twice", hint="name each file once")
    exhibits = [seal(file) for file in files]
    tally = _Tally({exhibit.name: recognised(exhibit) for exhibit in exhibits})
    with show.progress("reading calls"):
        calls = tally.passing(exhibits)
        if target is None:
            for _ in calls:
                pass
        else:
            show.write_json_parts(_document(tally, exhibits, calls, reveal=reveal), target)
    if target != "-":
        _print(tally, reveal=reveal)
    for file, reasons in tally.unread.items():
        total = sum(reasons.values())
        click.echo(f"note: {show.escape_controls(file)}: {total:,} records could not be read", err=True)


def recognised(exhibit: Exhibit) -> str:
    """The format of a list of calls, asked before anything is written.

    Raises:
        UnreadableInput: it is none.
    """
    from graphs.calls.reading import CALL_LISTS  # noqa: PLC0415 - `--help` must not wait for it
    from graphs.registry import UnknownFormat  # noqa: PLC0415

    try:
        with exhibit.path.open("rb") as stream:
            return CALL_LISTS.format_of(stream).name
    except UnknownFormat:
        raise UnreadableInput(
            f"{exhibit.name}: is no list of calls of a known kind", hint=f"known are {KNOWN}"
        ) from None


def entries(exhibit: Exhibit) -> Iterator[Any]:
    """Every call of an exhibit, and what could not be read as one."""
    from graphs.calls.reading import CALL_LISTS  # noqa: PLC0415

    with exhibit.path.open("rb") as stream:
        yield from CALL_LISTS.format_of(stream).read(stream)


class _Tally:
    """What the tables and the end of the JSON need of the calls that pass."""

    def __init__(self, formats: dict[str, str]) -> None:
        self.formats = formats
        self.calls: Counter[str] = Counter()
        self.numbers: Counter[str] = Counter()
        self.unread: dict[str, Counter[str]] = {}
        self.places: list[dict[str, object]] = []

    def passing(self, exhibits: Iterable[Exhibit]) -> Iterator[tuple[str, int, Call]]:
        from graphs.calls.call import UnreadCall  # noqa: PLC0415

        for exhibit in exhibits:
            for entry in entries(exhibit):
                if isinstance(entry, UnreadCall):
                    self.unread.setdefault(exhibit.name, Counter())[entry.reason] += 1
                    if len(self.places) < 100:
                        self.places.append({"file": exhibit.name, "offset": entry.offset, "reason": entry.reason})
                    continue
                if entry.other:
                    self.numbers[entry.other] += 1
                yield exhibit.name, self.calls[exhibit.name], entry
                self.calls[exhibit.name] += 1


def _document(
    tally: _Tally, exhibits: list[Exhibit], calls: Iterable[tuple[str, int, Call]], *, reveal: bool
) -> Iterator[str]:
    from graphs.calls.number import class_of, mask  # noqa: PLC0415

    def shown(number: str) -> str | None:
        return (number if reveal else mask(number)) or None

    yield '{\n  "schema": "luobo.calls/1",\n  "calls": ['
    comma = "\n"
    for file, index, call in calls:
        row = {
            "file": file,
            "index": index,
            "kind": call.kind,
            "direction": call.direction,
            "caller": shown(call.caller),
            "callee": shown(call.callee),
            "number": shown(call.other),
            "class": class_of(call.other).name if call.other else None,
            "time": call.time.isoformat() if call.time else None,
            "seconds": call.seconds,
            "offset": call.offset,
        }
        if reveal and call.text:
            row["text"] = call.text
        yield comma + "    " + json.dumps(row, ensure_ascii=False)
        comma = ",\n"
    yield "\n  ],\n"
    rest = {
        "numbers": [
            {
                "number": shown(number),
                "class": class_of(number).name,
                "meaning": class_of(number).meaning,
                "calls": count,
            }
            for number, count in tally.numbers.most_common()
        ],
        "files": [
            {
                "file": one.name,
                "sha256": one.sha256,
                "bytes": one.size,
                "format": tally.formats[one.name],
                "calls": tally.calls[one.name],
                "unread": sum(tally.unread.get(one.name, Counter()).values()),
            }
            for one in exhibits
        ],
        "unread_places": tally.places,
    }
    yield json.dumps(rest, ensure_ascii=False, indent=2)[2:] + "\n"


def _print(tally: _Tally, *, reveal: bool) -> None:
    from graphs.calls.number import class_of, mask  # noqa: PLC0415

    rows = [
        (file, format_, tally.calls[file], sum(tally.unread.get(file, Counter()).values()))
        for file, format_ in tally.formats.items()
    ]
    show.table(("file", "format", "calls and messages", "unread"), rows)
    most = [
        (number if reveal else mask(number), class_of(number).name, count, class_of(number).meaning)
        for number, count in tally.numbers.most_common(_LISTED)
    ]
    show.table(("number", "class", "calls", "what that is"), most, title=f"numbers ({len(tally.numbers):,})")
