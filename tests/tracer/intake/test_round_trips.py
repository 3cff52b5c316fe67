"""Rows of invented people written in a random shape, encoding and wrapping come back cell by cell."""

from __future__ import annotations

import bz2
import csv
import gzip
import html
import io
import json
import lzma
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import xlsxwriter
import xlwt
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracer.intake.packed import seven, tarred, zipped
from tests.tracer.intake.people import crowd
from tracer.custody.exhibit import seal
from tracer.intake.reading import read

CROWD = crowd(60, seed=11)
HEADERS = {
    "name": "姓名", "phone": "手机号", "identity": "身份证号", "email": "邮箱", "city": "城市", "product": "产品",
    "limit": "额度", "applied": "申请时间",
}  # fmt: skip
ROLES = {
    "name": "name", "phone": "phone", "identity": "national_id", "email": "email", "city": "region",
    "product": "product", "applied": "datetime",
}  # fmt: skip
Table = tuple[Sequence[str], Sequence[Sequence[str]]]
ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le")


def delimited(separator: str, *, quoted: bool = False, end: str = "\n") -> Callable[[Table], str]:
    def write(table: Table) -> str:
        header, rows = table
        out = io.StringIO()
        if len(separator) == 1:
            writer = csv.writer(out, delimiter=separator, lineterminator=end, quoting=1 if quoted else 0)
            writer.writerows([header, *rows])
            return out.getvalue()
        return "".join(separator.join(row) + end for row in (header, *rows))

    return write


def insert(table: Table) -> str:
    header, rows = table
    names = ",".join(f"`{name}`" for name in header)
    tuples = ",\n".join("(" + ",".join("'" + cell.replace("'", "''") + "'" for cell in row) + ")" for row in rows)
    return f"-- MySQL dump 10.13\nINSERT INTO `t` ({names}) VALUES {tuples};\n"


def copy(table: Table) -> str:
    header, rows = table
    lines = "".join("\t".join(row) + "\n" for row in rows)
    names = ", ".join(f'"{name}"' for name in header)
    return f"-- PostgreSQL database dump\nCOPY public.t ({names}) FROM stdin;\n{lines}\\.\n"


def json_lines(table: Table) -> str:
    header, rows = table
    return "".join(json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False) + "\n" for row in rows)


def json_array(table: Table) -> str:
    header, rows = table
    return json.dumps([dict(zip(header, row, strict=True)) for row in rows], ensure_ascii=False, indent=1)


def blocks(table: Table) -> str:
    header, rows = table
    return "".join("".join(f"{name}: {cell}\n" for name, cell in zip(header, row, strict=True)) + "\n" for row in rows)


def page(table: Table) -> str:
    lines = ("".join(f"<td>{html.escape(cell)}</td>" for cell in row) for row in (table[0], *table[1]))
    return "<html><meta charset='CODEC'><table>" + "".join(f"<tr>{line}</tr>\n" for line in lines) + "</table></html>"


TEXTS: dict[str, Callable[[Table], str]] = {
    "comma": delimited(","), "tab": delimited("\t"), "semicolon": delimited(";"), "bar": delimited("|"),
    "dashes": delimited("----"), "bars": delimited("|||"), "quoted": delimited(",", quoted=True),
    "crlf": delimited(",", end="\r\n"), "insert": insert, "copy": copy, "lines": json_lines, "array": json_array,
    "blocks": blocks, "page": page,
}  # fmt: skip


def xlsx(table: Table) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    for place, row in enumerate((table[0], *table[1])):
        for column, cell in enumerate(row):
            sheet.write_string(place, column, cell)
    book.close()
    return out.getvalue()


def xls(table: Table) -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for place, row in enumerate((table[0], *table[1])):
        for column, cell in enumerate(row):
            sheet.write(place, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def database(table: Table) -> bytes:
    header, rows = table
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "db")
        base = sqlite3.connect(path)
        base.execute("CREATE TABLE t (" + ",".join(f'"{name}" TEXT' for name in header) + ")")
        base.executemany(f"INSERT INTO t VALUES ({','.join('?' * len(header))})", rows)  # noqa: S608 (names of ours)
        base.commit()
        base.close()
        return path.read_bytes()


BINARY = {"xlsx": xlsx, "xls": xls, "database": database}
WRAPPINGS: dict[str, Callable[[bytes], bytes]] = {
    "bare": bytes, "gzip": gzip.compress, "bzip2": bz2.compress, "xz": lzma.compress,
    "zip": lambda raw: zipped({"名单": raw}), "tar": lambda raw: tarred({"a/b": raw}),
    "7z": lambda raw: seven({"a": raw}), "zip in tar.gz": lambda raw: gzip.compress(tarred({"z": zipped({"a": raw})})),
}  # fmt: skip


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], Table]:
    """(which facts of a person the columns hold, the table): a phone at least, people in any order."""
    facts = ["phone", *draw(st.lists(st.sampled_from([*HEADERS][:1] + [*HEADERS][2:]), min_size=2, unique=True))]
    facts = draw(st.permutations(facts))
    people = draw(st.lists(st.sampled_from(CROWD), min_size=4, max_size=25, unique=True))
    return facts, ([HEADERS[fact] for fact in facts], [[getattr(one, fact) for fact in facts] for one in people])


@settings(max_examples=60, deadline=None)
@given(
    table=tables(), shape=st.sampled_from([*TEXTS, *BINARY]), encoding=st.sampled_from(ENCODINGS),
    wrapping=st.sampled_from([*WRAPPINGS]),
)  # fmt: skip
def test_what_was_written_comes_back(table: tuple[list[str], Table], shape: str, encoding: str, wrapping: str) -> None:
    """Every cell, every header, no more records and no reject; names, phones, IDs and e-mails have their roles."""
    facts, (header, rows) = table
    if shape in BINARY:
        raw = BINARY[shape]((header, rows))
    else:
        codec = "utf-8-sig" if shape == "copy" and encoding.startswith("utf-16") else encoding
        raw = TEXTS[shape]((header, rows)).replace("CODEC", codec).encode(codec)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "dump")
        path.write_bytes(WRAPPINGS[wrapping](raw))
        found = read(seal(path))
    (got,) = found.tables
    assert found.rejected == 0
    names = [column.name for column in got.columns]
    assert sorted(names) == sorted(header)
    written = [dict(zip(header, row, strict=True)) for row in rows]
    assert [dict(zip(names, row[3:], strict=True)) for row in got.frame.rows()] == written
    roles = {column.name: str(column.role) for column in got.columns}
    for fact in ("name", "phone", "identity", "email"):
        if fact in facts:
            assert roles[HEADERS[fact]] == ROLES[fact]
