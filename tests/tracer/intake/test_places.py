from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.tracer.intake.readable import FOLK, HEADER, lines, rows
from tracer.intake.interface import Reading

Read = Callable[[bytes], Reading]
TUPLES = ",\n".join("('" + "','".join(row) + "')" for row in rows())
NAMED = "".join(f"姓名: {p.name}\n手机: {p.phone}\n身份证: {p.identity}\n\n" for p in FOLK)
CARDS = "".join(f"BEGIN:VCARD\nFN:{p.name}\nTEL:{p.phone}\nEND:VCARD\n" for p in FOLK)
OBJECTS = [json.dumps({"name": p.name, "phone": p.phone}, ensure_ascii=False) for p in FOLK]
SHAPES = {
    "csv": lines(",", rows()),
    "crlf": lines(",", rows()).replace("\n", "\r\n"),
    "quoted": "".join('"' + '","'.join(row) + '"\n' for row in rows()),
    "sql": f"INSERT INTO t (a,b,c,d,e) VALUES {TUPLES};\n",  # noqa: S608 (a dump)
    "copy": "COPY t (a,b,c,d,e) FROM stdin;\n" + lines("\t", rows(), None) + "\\.\n",
    "jsonl": "\n".join(OBJECTS) + "\n",
    "json": "[" + ",\n ".join(OBJECTS) + "]",
    "blocks": NAMED,
    "vcard": CARDS,
}


@pytest.mark.parametrize(
    ("shape", "encoding"),
    [
        (shape, code)
        for shape in SHAPES
        for code in ("utf-8", "gb18030", "utf-16")
        if (shape, code) != ("vcard", "utf-16")
    ],
)
def test_the_bytes_of_a_record_are_its_own(reading: Read, shape: str, encoding: str) -> None:
    """Offset and length of each record cut exactly its text out of the exhibit, whatever the shape and encoding."""
    raw = SHAPES[shape].encode(encoding)
    codec = "utf-16-le" if encoding == "utf-16" else encoding
    (table,) = reading(raw).tables
    assert len(table.frame) == len(FOLK)
    places = table.frame.select("offset", "length").rows()
    for person, (offset, length) in zip(FOLK, places, strict=True):
        text = raw[offset : offset + length].decode(codec)
        assert person.phone in text
        assert sum(other.phone in text for other in FOLK) == 1
        assert HEADER[0] not in text or shape == "blocks"
