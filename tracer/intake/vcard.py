"""Address books: vCard 2.1, 3.0 and 4.0 (RFC 6350). A card is a record."""

from __future__ import annotations

import base64
import quopri
import re
from collections.abc import Iterator

from tracer.intake.decode import texts
from tracer.intake.encoding import glimpse
from tracer.intake.interface import Part, Reject, Shape
from tracer.intake.json_values import Row, frame_of, piece
from tracer.intake.member import Member

_BEGINS = re.compile(r"(?im)^BEGIN:VCARD\s*$")
_LINE = re.compile(r"^(?:[\w-]+\.)?([\w-]+)((?:;[^:]*)?):(.*)$", re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NAMES = {
    "FN": "姓名",
    "TEL": "电话",
    "EMAIL": "邮箱",
    "ADR": "地址",
    "ORG": "单位",
    "NOTE": "备注",
    "BDAY": "生日",
    "TITLE": "职务",
}
_LEFT_OUT = {"PHOTO", "LOGO", "SOUND", "KEY", "BEGIN", "END", "VERSION", "PRODID", "REV", "UID"}
_BATCH = 20_000


class VCard:
    """Any number of cards."""

    format = "vcard"

    def recognises(self, member: Member, head: bytes) -> bool:
        """Whether a card begins in it, before anything else."""
        return re.match(r"(?i)\s*BEGIN:VCARD\b", glimpse(head)) is not None

    def read(self, member: Member) -> Iterator[Part]:  # noqa: C901 (one case for each thing that may come)
        """Every card a record; one that does not end is a reject."""
        rows: list[Row] = []
        places: list[tuple[int, int]] = []
        said = False
        card: list[str] | None = None
        begun = (0, 0)
        for text in texts(member):
            if not said:
                said = True
                yield Shape("vcard", text.encoding)
            yield from text.rejects
            where = text.offsets.tolist(), text.ends.tolist(), text.numbers.tolist()
            for line, at, end, number in zip(text.data.decode().split("\n"), *where, strict=False):
                bare = line.rstrip("\r")
                word = bare.strip().upper()
                if word == "BEGIN:VCARD":
                    if card is not None:
                        yield Reject(*begun, "a card that does not end")
                    card, begun = [], (at, number)
                elif word == "END:VCARD" and card is not None:
                    rows.append(_row(card))
                    places.append((begun[0], end))
                    card = None
                elif card is not None:
                    card.append(bare)
            if len(rows) >= _BATCH:
                yield piece("", frame_of(rows), places)
                rows, places = [], []
        if card is not None:
            yield Reject(*begun, "a card that does not end")
        if rows:
            yield piece("", frame_of(rows), places)


def _row(lines: list[str]) -> Row:
    row: Row = {}
    for name, value in _properties(lines):
        title = _NAMES.get(name, name)
        count = 2
        key = title
        while key in row:
            key, count = f"{title}{count}", count + 1
        row[key] = value
    if "姓名" not in row and "N" in row:
        row["姓名"] = row["N"]
    return {key: value for key, value in row.items() if key != "N"}


def _properties(lines: list[str]) -> Iterator[tuple[str, str]]:
    for line in _unfolded(lines):
        found = _LINE.match(line)
        if not found:
            continue
        name, parameters, value = found[1].upper(), found[2].upper(), found[3]
        if name in _LEFT_OUT or "ENCODING=B" in parameters:
            continue
        if "QUOTED-PRINTABLE" in parameters:
            raw = quopri.decodestring(value.encode())
            charset = re.search(r"CHARSET=([\w-]+)", parameters)
            value = _decoded(raw, charset[1] if charset else "utf-8")
        elif "BASE64" in parameters:
            try:
                value = _decoded(base64.b64decode(value), "utf-8")
            except ValueError:
                continue
        if name == "N":
            parts = [_plain(part) for part in value.split(";")]
            value = "".join(parts[:1] + parts[2:3] + parts[1:2])
        elif name in ("ADR", "ORG"):
            value = " ".join(filter(None, (_plain(part) for part in value.split(";"))))
        else:
            value = _plain(value.removeprefix("tel:"))
        if value:
            yield name, value


def _unfolded(lines: list[str]) -> Iterator[str]:
    """Lines that begin with a blank, or follow a quoted-printable line ending in `=`, go on with the one before."""
    held = ""
    for line in lines:
        if line[:1] in (" ", "\t"):
            held += line[1:]
        elif held.endswith("=") and "QUOTED-PRINTABLE" in held.upper():
            held = held[:-1] + line
        else:
            if held:
                yield held
            held = line
    if held:
        yield held


def _plain(value: str) -> str:
    return _ESCAPE.sub(lambda found: "\n" if found[1] in "nN" else found[1], value).strip()


def _decoded(raw: bytes, charset: str) -> str:
    try:
        return raw.decode(charset)
    except (UnicodeDecodeError, LookupError):
        return raw.decode("gb18030", errors="replace")
