"""`luobo chats`: what was said, what was offered, and by whom."""

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
    from graphs.market.market import Line, Market
    from graphs.market.seller import Sellers

_LISTED = 20
_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
_quoted = json.encoder.encode_basestring
_KNOWN = "QQ txt or mht, Telegram result.json, WeChat CSV or txt, Discord JSON"


@click.command(epilog="Example: luobo chats group.txt result.json --json chats.json")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path())
@click.option("--json", "target", metavar="OUT", help="Write everything as JSON to a file, or to stdout with -.")
@click.option("--reveal", is_flag=True, help="Also write the words of adverts and the sample records in them. 明文")
def command(files: tuple[str, ...], target: str | None, reveal: bool) -> None:  # noqa: FBT001 (click's flag)
    """Read chat exports and find the adverts of personal data in them. 聊天记录

    Each FILE is an export of QQ (txt, mht), Telegram (result.json), WeChat (CSV, txt) or Discord (JSON); the kind is
    told from the content. Contacts in adverts are how the sellers are joined and are shown; the records of people
    that adverts show as samples are counted and never shown without --reveal.
    """
    from graphs.market.market import Market  # noqa: PLC0415 - `--help` must not wait for it

    for file in files:
        show.spare(Path(file), target)
    if len(set(files)) < len(files):
        raise UnreadableInput("a file was named twice", hint="name each file once")
    exhibits = [_recognised(seal(file)) for file in files]
    market = Market()
    seen = _Seen()
    with show.progress("reading messages", sum(one.size for one in exhibits)) as advance:
        lines = seen.passing(_lines(market, exhibits, advance))
        if target is None:
            for _ in lines:
                pass
        else:
            show.write_json_parts(_document(market, exhibits, lines, reveal=reveal), target)
    if target != "-":
        _print(market, seen)
    if market.lost_count:
        click.echo(f"note: {market.lost_count:,} places could not be read as messages", err=True)


def _recognised(exhibit: Exhibit) -> Exhibit:
    """The exhibit, if it is a chat export at all: asked before anything is written."""
    from graphs.market.reading import CHATS  # noqa: PLC0415
    from graphs.registry import UnknownFormat  # noqa: PLC0415

    try:
        with exhibit.path.open("rb") as stream:
            CHATS.format_of(stream)
    except UnknownFormat:
        raise UnreadableInput(
            f"{exhibit.name}: is no chat export of a known kind", hint=f"known are {_KNOWN}"
        ) from None
    return exhibit


def _lines(market: Market, exhibits: Iterable[Exhibit], advance: Any) -> Iterator[Line]:
    for exhibit in exhibits:
        passed = 0
        with exhibit.path.open("rb") as stream:
            for line in market.read(exhibit.name, stream):
                if line.index % 4096 == 0:
                    advance(line.message.offset - passed)
                    passed = line.message.offset
                yield line
        advance(exhibit.size - passed)


class _Seen:
    """What the tables for people need of the lines that pass."""

    def __init__(self) -> None:
        self.messages: Counter[str] = Counter()
        self.adverts: Counter[str] = Counter()
        self.shown: list[Line] = []

    def passing(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            self.messages[line.file] += 1
            if line.advert is not None:
                self.adverts[line.file] += 1
                if len(self.shown) < _LISTED:
                    self.shown.append(line)
            yield line


def _document(market: Market, exhibits: list[Exhibit], lines: Iterable[Line], *, reveal: bool) -> Iterator[str]:
    """The JSON text in pieces: a million messages are written as they are read."""
    yield '{\n  "schema": "luobo.chats/1",\n  "messages": ['
    comma = "\n    "
    for line in lines:
        yield comma
        yield _talk(line) if _is_talk(line) else _JSON(_message(line, reveal=reveal))
        comma = ",\n    "
    yield "\n  ],\n"
    sellers = market.sellers()
    rest = {
        "aliases": sellers.groups,
        "templates": market.templates(),
        "joins": [{"accounts": [one.one, one.other], "reason": one.reason} for one in sellers.joins],
        "refused_joins": [{"accounts": [one.one, one.other], "reason": one.reason} for one in sellers.refused],
        "shared_handles": [str(one) for one in sellers.stopped],
        "similar_handles": [[str(one), str(other), round(score, 1)] for one, other, score in sellers.similar],
        "files": [
            {"file": one.name, "sha256": one.sha256, "bytes": one.size, "format": market.formats[one.name]}
            for one in exhibits
        ],
        "unread": market.lost_count,
        "unread_places": [
            {"file": one.file, "offset": one.unread.offset, "reason": one.unread.reason} for one in market.lost
        ],
    }
    yield json.dumps(rest, ensure_ascii=False, indent=2)[2:] + "\n"


def _is_talk(line: Line) -> bool:
    message = line.message
    return line.advert is None and message.file_name is None and message.forwarded_from is None


def _talk(line: Line) -> str:
    """What `_message` gives for a message without advert, put together by hand: most messages are such."""
    message = line.message
    time = f'"{message.time.isoformat()}"' if message.time else "null"
    identity = "null" if message.sender_id is None else _quoted(message.sender_id)
    return (
        f'{{"file": {_quoted(line.file)}, "index": {line.index}, "sender_id": {identity}, '
        f'"sender": {_quoted(message.sender)}, "time": {time}, "is_advert": false, "side": null, "data_kind": null, '
        '"price_per_record": null, "volume": null, "freshness": null, "hand": null, "contacts": [], '
        '"sample_records": 0, '
        f'"spans": {{}}, "chat": {_quoted(message.chat)}, "offset": {message.offset}, '
        f'"service": {"true" if message.service else "false"}}}'
    )


def _message(line: Line, *, reveal: bool) -> dict[str, object]:
    message, advert = line.message, line.advert
    row: dict[str, object] = {
        "file": line.file,
        "index": line.index,
        "sender_id": message.sender_id,
        "sender": message.sender,
        "time": message.time.isoformat() if message.time else None,
        "is_advert": advert is not None,
        "side": None,
        "data_kind": None,
        "price_per_record": None,
        "volume": None,
        "freshness": None,
        "hand": None,
        "contacts": [],
        "sample_records": 0,
        "spans": {},
        "chat": message.chat,
        "offset": message.offset,
        "service": message.service,
    }
    if message.file_name is not None:
        row |= {"file_name": message.file_name, "file_size": message.file_size}
    if message.forwarded_from is not None:
        row["forwarded_from"] = message.forwarded_from
    if advert is None:
        return row
    row |= {
        "side": advert.side,
        "data_kind": advert.kind,
        "price_per_record": float(f"{advert.price.value:.6g}") if advert.price else None,
        "volume": advert.volume.records if advert.volume else None,
        "freshness": advert.freshness,
        "hand": advert.hand,
        "contacts": [{"kind": one.kind, "value": one.value, "role": one.role} for one in advert.contacts],
        "sample_records": len(advert.samples),
        "spans": {name: list(span) for name, span in advert.spans.items()},
        "fields": list(advert.fields),
        "guarantee": list(advert.guarantee),
        "volume_is_daily": bool(advert.volume and advert.volume.daily),
        "price_converted": bool(advert.price and advert.price.converted),
        "confidence": round(advert.confidence, 3),
    }
    if reveal:
        row |= {"text": message.text, "samples": [list(one.cells) for one in advert.samples]}
    return row


def _print(market: Market, seen: _Seen) -> None:
    rows = [(file, format_, seen.messages[file], seen.adverts[file]) for file, format_ in market.formats.items()]
    show.table(("file", "format", "messages", "adverts"), rows)
    if seen.shown:
        listed = [_row(line) for line in seen.shown]
        columns = (
            "message",
            "sender",
            "side",
            "data",
            "yuan a record",
            "volume",
            "fresh",
            "hand",
            "contacts",
            "samples",
        )
        total = seen.adverts.total()
        title = (
            f"adverts ({total:,})" if total <= _LISTED else f"first {_LISTED} of {total:,} adverts (all with --json)"
        )
        show.table(columns, listed, title=title)
    _print_people(market.sellers(), market.templates())


def _row(line: Line) -> tuple[object, ...]:
    advert = line.advert
    assert advert is not None  # noqa: S101 (only adverts are kept)
    return (
        f"{line.file}#{line.index}",
        line.message.sender,
        advert.side,
        advert.kind,
        f"{advert.price.value:.4g}" if advert.price else None,
        advert.volume.records if advert.volume else None,
        advert.freshness,
        advert.hand,
        " ".join(f"{one.kind}:{one.value}" for one in advert.contacts),
        len(advert.samples) or None,
    )


def _print_people(sellers: Sellers, templates: list[list[str]]) -> None:
    if sellers.groups:
        reasons: dict[str, str] = {}
        for join in sellers.joins:
            reasons.setdefault(join.one, join.reason)
            reasons.setdefault(join.other, join.reason)
        rows = [(" = ".join(group), reasons.get(group[0])) for group in sellers.groups[:_LISTED]]
        show.table(("one person", "because of"), rows, title=f"aliases ({len(sellers.groups):,})")
    if templates:
        listed = [(len(group), " ".join(group[:6]) + (" …" if len(group) > 6 else "")) for group in templates[:_LISTED]]
        title = f"same template, not therefore the same seller ({len(templates):,})"
        show.table(("adverts", "which"), listed, title=title)
