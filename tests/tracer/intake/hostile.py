"""Dumps made to break whoever reads them, or broken themselves. Each must end soon with a count or one clear line."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass

import xlsxwriter

from tests.tracer.intake.packed import (
    BOTH,
    CSV,
    SQLITE,
    locked,
    locked_workbook,
    old_workbook,
    seven,
    sheet,
    tarred,
    workbook,
    zipped,
)
from tests.tracer.intake.readable import FOLK, HEADER, N, lines, rows

_NOISE = random.Random(3)


@dataclass(frozen=True)
class Attack:
    """A file, and how many records must come out of it at least; None where it must be refused."""

    name: str
    make: Callable[[], bytes]
    records: int | None = None
    most: int | None = None
    light: bool = True
    """Whether it is small enough for every run of the tests; the others are for benchmarks/hostile.py."""


ATTACKS: list[Attack] = []
HEAVY = {
    "a_line_without_end", "one_line_of_100_mb", "many_short_lines_and_one_of_200_cells", "columns_5000",
    "one_cell_of_60_mb", "a_quote_in_every_cell", "xlsx_sheet_of_zeros", "xlsx_one_cell_of_200_mb", "gzip_bomb",
    "gzip_bomb_of_text", "bzip2_bomb", "xz_bomb", "zip_bomb", "nested_bombs", "many_members",
    "one_wide_line_among_narrow_ones",
}  # fmt: skip


def attack(records: int | None = None, most: int | None = None) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Register an attack; without `records` either outcome will do."""

    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        ATTACKS.append(Attack(make.__name__, make, records, most, light=make.__name__ not in HEAVY))
        return make

    return register


def quick(name: str, content: bytes, records: int | None = None) -> None:
    ATTACKS.append(Attack(name, lambda: content, records, light=len(content) < 800_000))


# --- nothing in it ----------------------------------------------------------------------------------------------------
quick("byte_order_mark", b"\xef\xbb\xbf")
quick("blank_lines", b"\n \r\n\t\n" * 1000)
quick("nul_bytes", bytes(1 << 20))
quick("random_bytes", _NOISE.randbytes(1 << 20))
quick("one_byte", b"x")
quick("half_utf16", b"\xff\xfeA")
quick("commas", b"," * 5_000_000)
quick("quotes", b'"' * 1_000_001)
quick("newlines", b"\n" * 5_000_000)
quick("carriage_returns", b"\r" * 5_000_000)
quick("backslashes", b"\\" * 2_000_000)
quick("control_characters", bytes(range(1, 32)) * 5000)
quick("elf", b"\x7fELF" + _NOISE.randbytes(5000))
quick("png", b"\x89PNG\r\n\x1a\n" + _NOISE.randbytes(5000))
quick("pdf", b"%PDF-1.7\n" + b"1 0 obj\n" * 500)
quick("rar", b"Rar!\x1a\x07\x01\x00" + _NOISE.randbytes(500))
quick("ole_noise", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + _NOISE.randbytes(5000))
quick("zip_noise", b"PK\x03\x04" + _NOISE.randbytes(5000))
quick("gzip_noise", b"\x1f\x8b\x08" + _NOISE.randbytes(5000))
quick("seven_noise", b"7z\xbc\xaf\x27\x1c" + _NOISE.randbytes(5000))
quick("xz_noise", b"\xfd7zXZ\x00" + _NOISE.randbytes(5000))
quick("sqlite_noise", b"SQLite format 3\x00" + _NOISE.randbytes(8000))
quick("tar_noise", b"x" * 257 + b"ustar\x0000" + _NOISE.randbytes(5000))
quick("empty_zip", b"PK\x05\x06" + bytes(18))
quick("parquet", b"PAR1" + _NOISE.randbytes(100) + b"PAR1")


# --- sizes ------------------------------------------------------------------------------------------------------------
@attack(records=2 * N)
def a_line_without_end() -> bytes:
    return CSV + b"x" * (80 << 20) + b"\n" + lines(",", rows(), None).encode()


@attack(records=0)
def one_line_of_100_mb() -> bytes:
    return b"13800000000," * (8 << 20)


@attack(records=200_000)
def one_wide_line_among_narrow_ones() -> bytes:
    narrow = b"".join(b"a%d,13%09d\n" % (i, i) for i in range(200_000))
    return narrow[: len(narrow) // 2 // 2] + narrow[len(narrow) // 2 // 2 :] + b"x," * 9_000 + b"\n"


@attack(records=2_000_000)
def many_short_lines_and_one_of_200_cells() -> bytes:
    return b"13800000000\n" * 2_000_000 + b"x," * 200 + b"\n"


@attack()
def lines_of_50_000_cells() -> bytes:
    return (b"a," * 50_000 + b"\n") * 40


@attack()
def columns_5000() -> bytes:
    return b"".join(b",".join(b"13%09d" % (i * j) for j in range(5000)) + b"\n" for i in range(300))


@attack()
def one_cell_of_60_mb() -> bytes:
    return "姓名,手机号\n张三,".encode() + b"1" * (60 << 20) + b"\n"


@attack(records=N)
def an_unclosed_quote_at_the_start() -> bytes:
    return b'"' + CSV * 1


@attack()
def a_quote_in_every_cell() -> bytes:
    return b'"a"b,"c""d,"e\n' * 200_000


@attack()
def regex_trap() -> bytes:
    return (b"a" * 5000 + b"!\n") * 300


@attack()
def mail_trap() -> bytes:
    return (b"a." * 5000 + b"@" + b"a." * 5000 + b"\n") * 200


@attack()
def labels_trap() -> bytes:
    return ("姓名：" * 3000 + "\n").encode() * 100


# --- encodings --------------------------------------------------------------------------------------------------------
@attack(records=N)
def bidirectional_and_zero_width() -> bytes:
    return lines(",", [["\u202e" + p.name + "\u202c\u200b", p.phone, p.identity] for p in FOLK], HEADER[:3]).encode()


@attack(records=N)
def nul_among_cells() -> bytes:
    return lines(",", [[p.name, p.phone + "\x00", p.identity] for p in FOLK], HEADER[:3]).encode()


@attack()
def utf16_with_half_pairs() -> bytes:
    return "﻿".encode("utf-16-le") + b"".join(
        struct.pack("<H", 0xD800) + f",{p.phone}\n".encode("utf-16-le") for p in FOLK
    )


@attack(records=N - 8)
def bad_bytes_in_some_lines() -> bytes:
    return b"".join(
        (b"\xff\xff\xff," if not i % 5 else b"") + ",".join(row).encode() + b"\n" for i, row in enumerate(rows())
    )


@attack()
def utf7_and_escapes() -> bytes:
    return b"+/v8-+AGE-\x1b$B4A\x1b(B," + CSV


@attack(records=N)
def formulas_in_cells() -> bytes:
    return lines(",", [["=cmd|'/c calc'!A1", p.phone, p.identity] for p in FOLK], HEADER[:3]).encode()


@attack(records=N)
def escape_sequences() -> bytes:
    return lines(",", [[f"\x1b[31m{p.name}\x1b]0;x\x07", p.phone, p.identity] for p in FOLK], HEADER[:3]).encode()


# --- JSON -------------------------------------------------------------------------------------------------------------
quick("json_brackets", b"[" * 1_000_000)
quick("json_braces", b'{"a":' * 300_000)
quick("json_deep_value", b'{"a":"13800000000"}\n{"a":' + b"[" * 200_000 + b"]" * 200_000 + b'}\n{"a":"2"}\n', 2)
quick("json_cut", b'[{"phone":"13800000000"},{"phone":"13800000001"},{"pho', 2)
quick("json_long_number", b'[{"n":' + b"9" * 2_000_000 + b'},{"n":1}]')
quick("json_100_000_keys", b"{" + b",".join(b'"k%d":%d' % (i, i) for i in range(100_000)) + b"}")
quick("json_a_new_key_each", b"".join(b'{"k%d":"13%09d"}\n' % (i, i) for i in range(3_000)), 3_000)
quick("json_half_surrogate", b'{"a":"\\ud800","b":"13800000000"}\n' * 50, 50)
quick("json_nan", b'[{"a":NaN,"b":Infinity,"c":-Infinity,"d":1e999}]', 1)
quick("json_no_objects", b"[1,2,3]")


# --- SQL --------------------------------------------------------------------------------------------------------------
quick("sql_brackets", b"INSERT INTO t VALUES " + b"(" * 500_000)
quick("sql_unclosed_string", b"INSERT INTO t (a,b) VALUES ('x','13800000000'),('y','13800000001'),('z", 2)
quick("sql_cuts", b"".join(b"INSERT INTO t VALUES ('a','1380000%04d'),('b\n" % i for i in range(2000)), 2000)
quick("sql_comments", b"/*" * 200_000 + b"\nINSERT INTO t VALUES ('a','13800000000');\n")
quick("sql_drop", b"DROP DATABASE x;\nDELETE FROM t;\n")
quick("sql_load_file", b"INSERT INTO t VALUES (LOAD_FILE('/etc/passwd'),'13800000000');\n", 1)
quick("sql_backslashes", b"INSERT INTO t VALUES ('" + b"\\" * 1_000_001 + b"','1');\n")
quick("sql_create_columns", b"CREATE TABLE t (" + b"a int," * 100_000 + b"b int);\nINSERT INTO t VALUES (1,2);\n")
quick("copy_without_end", b"COPY t (a,b) FROM stdin;\n" + b"x\t13800000000\n" * 100, 100)


# --- workbooks --------------------------------------------------------------------------------------------------------
@attack(records=5)
def far_cell() -> bytes:
    def fill(book: xlsxwriter.Workbook) -> None:
        made = sheet(book, "S", [[p.name, p.phone] for p in FOLK[:5]])
        made.write(1_048_575, 16_383, "x")

    return workbook(fill)


def parts(changed: dict[str, bytes]) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook(lambda book: sheet(book, "S", [HEADER, *rows()])))) as archive:
        content = {name: archive.read(name) for name in archive.namelist()}
    return zipped(content | changed)


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
    b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(20)
) + b"]><sst><si><t>&u;</t></si></sst>"  # fmt: skip
quick("xlsx_entity_bomb", parts({"xl/sharedStrings.xml": LAUGHS}))
quick(
    "xlsx_outside_entity",
    parts(
        {
            "xl/sharedStrings.xml": b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><sst><si><t>&a;</t></si></sst>'
        }
    ),
)
quick(
    "xlsx_huge_count",
    parts({"xl/sharedStrings.xml": b'<sst count="4294967295" uniqueCount="4294967295"><si><t>a</t></si></sst>'}),
)
quick("xlsx_without_sheet", parts({"xl/worksheets/sheet1.xml": b""}))
quick(
    "xlsx_bad_reference",
    parts(
        {
            "xl/worksheets/sheet1.xml": b'<worksheet><sheetData><row r="999999999"><c r="ZZZZ99999999"><v>1</v></c></row></sheetData></worksheet>'
        }
    ),
)
quick(
    "xlsx_negative_string",
    parts(
        {
            "xl/worksheets/sheet1.xml": b'<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>-5</v></c><c r="B1" t="s"><v>99999999</v></c></row></sheetData></worksheet>'
        }
    ),
)
quick("xlsx_cut", workbook(lambda book: sheet(book, "S", [HEADER, *rows()]))[:3000])


@attack()
def xlsx_sheet_of_zeros() -> bytes:
    return parts({"xl/worksheets/sheet1.xml": b"<worksheet><sheetData>" + b" " * (300 << 20)})


@attack()
def xlsx_one_cell_of_200_mb() -> bytes:
    return parts({"xl/sharedStrings.xml": b"<sst><si><t>" + b"a" * (200 << 20) + b"</t></si></sst>"})


@attack()
def xls_flipped() -> bytes:
    raw = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504) + _NOISE.randbytes(20_000))
    raw[24:34] = struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    return bytes(raw)


# --- databases --------------------------------------------------------------------------------------------------------
@attack(most=N)
def sqlite_flipped() -> bytes:
    raw = bytearray(SQLITE)
    for _ in range(200):
        raw[_NOISE.randrange(100, len(raw))] ^= 1 << _NOISE.randrange(8)
    return bytes(raw)


quick("sqlite_cut", SQLITE[: len(SQLITE) // 2])
quick(
    "sqlite_trap",
    SQLITE.replace(
        b"CREATE VIEW everybody AS SELECT xm, sjh FROM user", b"CREATE VIEW everybody AS SELECT xm, sjh FROM evil"
    ),
    N,
)


# --- archives ---------------------------------------------------------------------------------------------------------
@attack()
def gzip_bomb() -> bytes:
    return gzip.compress(bytes(600 << 20), 9)


@attack()
def gzip_bomb_of_text() -> bytes:
    return gzip.compress(b"13800000000,x\n" * (40 << 20), 1)


@attack()
def bzip2_bomb() -> bytes:
    return bz2.compress(bytes(400 << 20))


@attack()
def xz_bomb() -> bytes:
    return lzma.compress(bytes(400 << 20), preset=0)


@attack()
def zip_bomb() -> bytes:
    return zipped({f"{i}.csv": bytes(100 << 20) for i in range(6)})


@attack()
def nested_bombs() -> bytes:
    inner = zipped({"a.csv": bytes(50 << 20)})
    for _ in range(3):
        inner = zipped({f"{i}.zip": inner for i in range(12)}, zipfile.ZIP_STORED)
    return inner


@attack()
def zip_of_itself_twenty_deep() -> bytes:
    inner = zipped({"a.csv": CSV})
    for _ in range(20):
        inner = zipped({"a.zip": inner})
    return inner


@attack()
def many_members() -> bytes:
    return zipped({f"{i}.txt": b"x" for i in range(3000)}, zipfile.ZIP_STORED)


@attack(records=N)
def tar_with_links_and_devices() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, kind in (
            ("a", tarfile.SYMTYPE),
            ("b", tarfile.LNKTYPE),
            ("c", tarfile.CHRTYPE),
            ("d", tarfile.FIFOTYPE),
        ):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        info = tarfile.TarInfo("/../../tmp/evil.csv")
        info.size = len(CSV)
        archive.addfile(info, io.BytesIO(CSV))
    return out.getvalue()


@attack()
def zip_that_lies_about_sizes() -> bytes:
    raw = bytearray(zipped({"a.csv": CSV}))
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 10)
    return bytes(raw)


@attack()
def zip_with_a_wrong_checksum() -> bytes:
    raw = bytearray(zipped({"a.csv": CSV}, zipfile.ZIP_STORED))
    raw[100] ^= 1
    return bytes(raw)


quick("zip_locked_without_password", locked("x"))


@attack(records=N)
def zip_member_without_a_name() -> bytes:
    raw = bytearray(zipped({"a": CSV}, zipfile.ZIP_STORED))
    local, central, end = (raw.index(sign) for sign in (b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06"))
    size, at = struct.unpack_from("<II", raw, end + 12)
    struct.pack_into("<II", raw, end + 12, size - 1, at - 1)
    raw[local + 26] = raw[central + 28] = 0
    del raw[central + 46], raw[local + 30]
    return bytes(raw)


quick("workbook_locked_without_password", locked_workbook("x"))
quick("xls_cut", old_workbook()[:9_000])
quick("seven_locked_without_password", seven(BOTH, "x"))
quick("seven_cut", seven(BOTH)[:400])
quick("tar_cut", tarred(BOTH)[:3000], 20)
quick("gzip_cut", gzip.compress(CSV)[:-300], 1)
quick("zlib_raw", zlib.compress(CSV))


# --- markup -----------------------------------------------------------------------------------------------------------
quick("html_tables_in_tables", b"<table><tr><td>" * 20_000)
quick("html_huge_span", b"<table><tr><td colspan=999999 rowspan=999999>a</td></tr><tr><td>b</td></tr></table>")
quick("html_unclosed_comment", b"<html><!-- " + b"<table><tr><td>x" * 10_000)
quick("html_attributes", b"<table " + b'a="b" ' * 300_000 + b"><tr><td>1</td></tr></table>")
quick("xml_laughs", LAUGHS)
quick("xml_deep", b"<a>" * 200_000)
quick(
    "xml_outside",
    b'<?xml version="1.0"?><!DOCTYPE r [<!ENTITY e SYSTEM "file:///etc/passwd">]><r><row><a>&e;</a><b>1</b></row><row><a>1</a><b>2</b></row></r>',
)
quick("vcard_without_end", b"BEGIN:VCARD\nFN:x\n" * 10_000)
quick("vcard_folded", b"BEGIN:VCARD\nFN:x\n" + b" y\n" * 300_000 + b"END:VCARD\n", 1)
