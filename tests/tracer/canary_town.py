"""An invented platform on disk for the canary commands: a customer table and its exports, made by chance."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import xlsxwriter

from tests.canaries import invented

RECIPIENTS = ("甲公司", "乙公司", "partner C")


@dataclass(frozen=True)
class Office:
    """A folder with the platform's files."""

    folder: Path

    @property
    def table(self) -> Path:
        """1,200 customers, as CSV."""
        return self.folder / "customers.csv"

    @property
    def recipients(self) -> Path:
        """Three names."""
        return self.folder / "recipients.txt"

    @property
    def register(self) -> Path:
        """Where the register goes."""
        return self.folder / "canaries.reg"


def furnish(folder: Path) -> Office:
    office = Office(folder)
    rows = invented.table().frame.rows()
    with office.table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(invented.NAMES)
        writer.writerows([cell or "" for cell in row] for row in rows)
    office.recipients.write_text("\n".join(RECIPIENTS) + "\n", "utf-8")
    return office


def masked_rows() -> list[list[str]]:
    """Name, masked phone, product, limit and moment of every customer, as a partner would get them."""
    return [
        [row[0], f"{row[1][:3]}****{row[1][7:]}", row[3] or "", row[4], row[6]] for row in invented.table().frame.rows()
    ]


HEADERS = ("姓名", "手机号", "产品", "额度", "进件时间")


def export(path: Path, shape: str) -> bytes:
    """An export in some shape; its bytes."""
    rows = masked_rows()
    text = "\r\n".join([",".join(HEADERS), *(",".join(row) for row in rows), ""])
    match shape:
        case "csv":
            path.write_bytes(b"\xef\xbb\xbf" + text.encode())
        case "gb18030":
            path.write_bytes(text.encode("gb18030"))
        case "quoted":
            lines = ["\t".join(f'"{cell}"' for cell in row) for row in [list(HEADERS), *rows]]
            path.write_text("\n".join(lines), "utf-8")
        case "jsonl":
            made = [{**dict(zip(HEADERS, row, strict=True)), "额度": int(row[3])} for row in rows]
            path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in made), "utf-8")
        case "xlsx":
            with xlsxwriter.Workbook(path) as book:
                sheet = book.add_worksheet("客户")
                sheet.write_row(0, 0, HEADERS)
                for at, row in enumerate(rows, 1):
                    sheet.write_row(at, 0, [*row[:3], int(row[3]), row[4]])
                book.add_worksheet("说明").write(0, 0, "内部使用")
    return path.read_bytes()
