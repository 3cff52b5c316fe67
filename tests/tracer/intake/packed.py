"""Readable dumps that are no plain text: workbooks, databases, archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import tarfile
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import py7zr
import pyzipper
import xlsxwriter
import xlwt
from msoffcrypto.format.ooxml import OOXMLFile

from tests.tracer.intake.readable import CASES, FOLK, FULL, HEADER, Case, N, lines, rows

CSV = lines(",", rows()).encode()
HALVES = lines(",", rows(FOLK[:20])).encode(), lines("\t", rows(FOLK[20:])).encode("gb18030")


def add(name: str, content: bytes, password: str | None = None, **expected: int) -> None:
    CASES.append(Case(name, content, password=password, **(expected or FULL)))


def written(make: Callable[[Path], None], ending: str = "") -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file" + ending)
        make(path)
        return path.read_bytes()


# --- workbooks --------------------------------------------------------------------------------------------------------
def workbook(fill: Callable[[xlsxwriter.Workbook], object]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    fill(book)
    book.close()
    return out.getvalue()


def sheet(book: xlsxwriter.Workbook, name: str, table: Sequence[Sequence[object]], start: int = 0) -> Any:
    made = book.add_worksheet(name)
    for i, row in enumerate(table):
        made.write_row(start + i, 0, row)
    return made


add("xlsx_plain", workbook(lambda book: sheet(book, "S", [HEADER, *rows()])))
add(
    "xlsx_phones_as_numbers",
    workbook(lambda book: sheet(book, "S", [[p.name, int(p.phone), p.identity] for p in FOLK])),
)
add("xlsx_no_header_second_column", workbook(lambda book: sheet(book, "S", [["", *row] for row in rows()])))


def _titled(book: xlsxwriter.Workbook) -> None:
    made = sheet(book, "名单", [HEADER, *rows()], 2)
    made.merge_range(0, 0, 0, 4, "某平台客户名单 2024年5月", None)
    made.write(N + 4, 0, "合计：40条")


def _hidden(book: xlsxwriter.Workbook) -> None:
    sheet(book, "一", [HEADER, *rows(FOLK[:20])])
    sheet(book, "二", [HEADER, *rows(FOLK[20:30])]).hide()
    sheet(book, "三", [HEADER, *rows(FOLK[30:])]).very_hidden()
    book.add_worksheet("空")


def _two_on_a_sheet(book: xlsxwriter.Workbook) -> None:
    made = sheet(book, "S", [HEADER, *rows(FOLK[:20])])
    for i, row in enumerate([("客户", "电话", "证件号码"), *([p.name, p.phone, p.identity] for p in FOLK[20:])]):
        made.write_row(23 + i, 0, row)


def _grouped(book: xlsxwriter.Workbook) -> None:
    made = sheet(book, "S", [["基本信息", None, None, "贷款", None], HEADER, *rows()])
    made.merge_range(0, 0, 0, 2, "基本信息", None)


add("xlsx_merged_title_and_sum", workbook(_titled))
add("xlsx_hidden_sheets", workbook(_hidden))
add("xlsx_two_tables_on_a_sheet", workbook(_two_on_a_sheet))
add("xlsx_grouped_header", workbook(_grouped))


def ods() -> bytes:
    out = io.BytesIO()
    body = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>' for cell in row
        )
        + "</table:table-row>"
        for row in [HEADER, *rows()]
    )
    spaces = 'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"'
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr(
            "META-INF/manifest.xml",
            '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
        )
        archive.writestr(
            "content.xml",
            f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet><table:table table:name="S">{body}</table:table></office:spreadsheet></office:body></office:document-content>',
        )
    return out.getvalue()


add("ods", ods())


def old_workbook() -> bytes:
    """A workbook of Excel 97, with a sheet that is hidden and phones that are numbers."""
    book = xlwt.Workbook()
    for name, people in (("名单", FOLK[:25]), ("旧", FOLK[25:])):
        made = book.add_sheet(name)
        made.visibility = int(name == "旧")
        for row, cells in enumerate([HEADER, *([p.name, int(p.phone), p.identity] for p in people)]):
            for column, cell in enumerate(cells):
                made.write(row, column, cell)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def locked_workbook(password: str) -> bytes:
    """A workbook encrypted as Excel does it ([MS-OFFCRYPTO], agile)."""
    plain = io.BytesIO(workbook(lambda book: sheet(book, "S", [HEADER, *rows()])))
    out = io.BytesIO()
    OOXMLFile(plain).encrypt(password, out)
    return out.getvalue()


add("xls", old_workbook())
add("xlsx_locked", locked_workbook("密码1234"), "密码1234")


# --- databases --------------------------------------------------------------------------------------------------------
def database(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE user (id INTEGER PRIMARY KEY, xm TEXT, sjh TEXT, sfz TEXT)")
    base.execute("CREATE TABLE 订单 (客户 TEXT, 电话 INTEGER, 证件 TEXT)")
    base.execute("CREATE VIEW everybody AS SELECT xm, sjh FROM user")
    base.execute("CREATE INDEX i ON user (sjh)")
    base.executemany(
        "INSERT INTO user (xm, sjh, sfz) VALUES (?,?,?)", [(p.name, p.phone, p.identity) for p in FOLK[:30]]
    )
    base.executemany("INSERT INTO 订单 VALUES (?,?,?)", [(p.name, int(p.phone), p.identity) for p in FOLK[30:]])
    base.commit()
    base.close()


def searchable(path: Path) -> None:
    base = sqlite3.connect(path)
    base.execute("CREATE VIRTUAL TABLE user USING fts5(xm, sjh, sfz)")
    base.executemany("INSERT INTO user VALUES (?,?,?)", [(p.name, p.phone, p.identity) for p in FOLK])
    base.commit()
    base.close()


SQLITE = written(database)
add("sqlite", SQLITE)
add("sqlite_full_text", written(searchable))


# --- archives ---------------------------------------------------------------------------------------------------------
def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def gbk_names(files: dict[str, bytes]) -> bytes:
    """As Chinese Windows writes them: GBK bytes and no flag."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(str(len(name)) * len(name.encode("gbk")), content)
    raw = out.getvalue()
    for name in files:
        raw = raw.replace(str(len(name)).encode() * len(name.encode("gbk")), name.encode("gbk"))
    return raw


def locked(password: str) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr("a.csv", CSV)
    return out.getvalue()


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def seven(files: dict[str, bytes], password: str | None = None) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=bool(password)) as archive:
        for name, content in files.items():
            archive.writestr(content, name)
    return out.getvalue()


BOTH = {"a.csv": HALVES[0], "目录/b.txt": HALVES[1]}
add("zip", zipped(BOTH))
add("zip_stored", zipped(BOTH, zipfile.ZIP_STORED))
add("zip_bzip2", zipped(BOTH, zipfile.ZIP_BZIP2))
add("zip_gbk_names", gbk_names({"名单一.csv": HALVES[0], "数据第二.csv": HALVES[1]}))
add("zip_in_zip_in_zip", zipped({"x.zip": zipped({"y.zip": zipped({"a.csv": CSV})})}))
add(
    "zip_with_workbook_and_base",
    zipped({"a.xlsx": workbook(lambda book: sheet(book, "S", [HEADER, *rows(FOLK[:10])])), "b.db": SQLITE}),
    records=50,
    phones=N,
    ids=N,
    names=N,
)
add(
    "zip_with_furniture",
    zipped(
        {
            "__MACOSX/._a.csv": b"\0\5\26\7junk",
            ".DS_Store": b"junk",
            "a.csv": CSV,
            "photo.jpg": b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4,
            "空.txt": b"",
        }
    ),
)
add("zip_aes", locked("密码123"), "密码123")
_CUT = zipped({"a.csv": CSV, "b.csv": CSV}, zipfile.ZIP_STORED)
add("zip_cut", _CUT[: _CUT.rindex(FOLK[10].name.encode())], records=N + 10, phones=N, ids=N, names=N)
add("tar", tarred(BOTH))
add("tar_gz", tarred(BOTH, "w:gz"))
add("tar_xz", tarred(BOTH, "w:xz"))
add("csv_gz", gzip.compress(CSV))
add("csv_gz_twice", gzip.compress(HALVES[0]) + gzip.compress(lines(",", rows(FOLK[20:]), None).encode()))
add("csv_bz2", bz2.compress(CSV))
add("csv_xz", lzma.compress(CSV))
add("seven", seven(BOTH))
add("seven_locked", seven(BOTH, "secret"), "secret")
add("zip_slip_names", zipped({"../../etc/passwd.csv": HALVES[0], "C:\\windows\\b.csv": HALVES[1]}))
