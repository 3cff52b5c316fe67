"""Invented dumps of any size for `intake.py`: one table of people, drawn from a seed, as CSV, SQL or XLSX."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

WORK = Path(__file__).parent / "work" / "intake"
HEADER = ("姓名", "手机号", "身份证号", "产品", "额度", "进件时间", "城市")
_SURNAMES = "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
_GIVEN = "伟芳娜敏静强磊洋艳勇杰娟涛明超兰霞平刚桂英华玉萍红鹏飞宇浩凯博文思雨欣怡梓涵子轩佳琪晨曦俊峰海燕春梅"
_HEADS = (130, 131, 135, 136, 138, 139, 150, 151, 158, 159, 176, 177, 180, 186, 188, 199)
_PLACES = (110101, 310104, 440305, 420102, 510107, 330106, 610113, 230102)
_CITIES = ("北京", "上海", "深圳", "武汉", "成都", "杭州", "西安", "哈尔滨")
_PRODUCTS = ("消费贷", "信用贷", "车抵贷", "房抵贷", "助学贷", "闪电贷")
_PIECE = 250_000


def people(seed: int, count: int = _PIECE) -> pl.DataFrame:
    """`count` rows of people who do not exist, all of them text, with right check characters (ISO 7064 MOD 11-2)."""
    draw = np.random.default_rng(seed)

    def of(signs: Any, size: int = count) -> pl.Series:
        return pl.Series(list(signs))[draw.integers(0, len(signs), size)]

    place = draw.integers(0, len(_PLACES), count)
    born = draw.integers(1955, 2004, count) * 10_000 + draw.integers(1, 13, count) * 100 + draw.integers(1, 29, count)
    body = (np.array(_PLACES)[place] * 10**8 + born) * 1_000 + draw.integers(0, 1_000, count)
    total = sum((body // 10 ** (16 - i) % 10) * (2 ** (17 - i) % 11) for i in range(17)) % 11
    when = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp()) + draw.integers(0, 366 * 24 * 60, count) * 60
    return pl.DataFrame(
        {
            "姓名": of(_SURNAMES) + of(_GIVEN) + of(_GIVEN),
            "手机号": np.array(_HEADS)[draw.integers(0, len(_HEADS), count)] * 10**8 + draw.integers(0, 10**8, count),
            "身份证号": pl.Series(body).cast(pl.String) + pl.Series(list("10X98765432"))[total],
            "产品": of(_PRODUCTS),
            "额度": draw.integers(1, 61, count) * 1_000,
            "进件时间": pl.from_epoch(pl.Series(when)).dt.to_string("%Y-%m-%d %H:%M"),
            "城市": pl.Series(_CITIES)[place],
        }
    ).cast(pl.String)


def csv(path: Path, size: int, encoding: str = "utf-8") -> int:
    """A CSV of at least `size` bytes; how many records it holds."""
    with path.open("wb") as out:
        out.write((",".join(HEADER) + "\n").encode(encoding))
        return _fill(out, size, lambda piece: piece.write_csv(include_header=False).encode(encoding))


def sql(path: Path, size: int) -> int:
    """A dump as mysqldump writes it, of at least `size` bytes; how many records it holds."""
    columns = ", ".join(f"`{name}` varchar(64) DEFAULT NULL" for name in HEADER)

    def inserts(piece: pl.DataFrame) -> bytes:
        cells = [pl.format("'{}'", pl.col(name)) for name in HEADER]
        rows = piece.select(pl.format("({})", pl.concat_str(cells, separator=","))).to_series()
        statements = (",".join(rows[i : i + 5_000]) for i in range(0, len(rows), 5_000))
        return "".join(f"INSERT INTO `loan_user` VALUES {each};\n" for each in statements).encode()  # noqa: S608

    with path.open("wb") as out:
        out.write(f"-- MySQL dump 10.13\n\nCREATE TABLE `loan_user` (\n  {columns}\n);\n".encode())
        return _fill(out, size, inserts)


def xlsx(path: Path, rows: int) -> int:
    """A workbook of one sheet; how many records it holds."""
    import xlsxwriter  # noqa: PLC0415 (only here)

    book = xlsxwriter.Workbook(path, {"constant_memory": True})
    sheet = book.add_worksheet("名单")
    sheet.write_row(0, 0, HEADER)
    at = 1
    for piece in _pieces(rows):
        for row in piece.iter_rows():
            sheet.write_row(at, 0, row)
            at += 1
    book.close()
    return at - 1


def _pieces(rows: int) -> Iterator[pl.DataFrame]:
    for seed, start in enumerate(range(0, rows, _PIECE)):
        yield people(seed, min(_PIECE, rows - start))


def _fill(out: Any, size: int, written: Any) -> int:
    records = seed = 0
    while out.tell() < size:
        piece = people(seed)
        out.write(written(piece))
        records, seed = records + piece.height, seed + 1
    return records
