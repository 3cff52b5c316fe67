"""A dump as a file: CSV, text lines, JSON lines, SQL or a spreadsheet, as sellers pass them on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import polars as pl

from tracer.demo.damage import damage
from tracer.demo.styles import Style, styled
from tracer.errors import MissingExtra

_BATCH: Final = 500
"""Rows of one INSERT."""


def write(rows: pl.DataFrame, path: Path, style: Style) -> None:
    """Write a leak to `path` in a style, without its columns `truth` and `person`.

    Raises:
        MissingExtra: a spreadsheet is wanted and the `report` extra is not installed.
    """
    table = styled(damage(rows, style.damage, style.seed), style)
    if style.shape == "xlsx":
        _write_xlsx(table, path, style)
    else:
        path.write_bytes(_TEXTS[style.shape](table, style).encode(style.encoding))


def _csv(table: pl.DataFrame, style: Style) -> str:
    return table.write_csv(separator=style.separator, include_header=style.header is not None)


def _txt(table: pl.DataFrame, style: Style) -> str:
    lines = table.select(pl.concat_str(pl.all().fill_null(""), separator="----")).to_series().to_list()
    head = ["----".join(table.columns)] if style.header is not None else []
    return "\n".join([*head, *lines, ""])


def _jsonl(table: pl.DataFrame, style: Style) -> str:
    del style
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in table.iter_rows(named=True))


def _sql(table: pl.DataFrame, style: Style) -> str:
    del style
    names = ",".join(f"`{name}`" for name in table.columns)
    quoted = pl.concat_str(_quoted(pl.all()), separator=",")
    values = table.select(pl.format("({})", quoted)).to_series().to_list()
    head = f"INSERT INTO `t_user` ({names}) VALUES "  # noqa: S608  # it is written to a file, not run
    return "-- MySQL dump 10.13\n" + "".join(head + ",".join(batch) + ";\n" for batch in _batches(values))


def _quoted(cell: pl.Expr) -> pl.Expr:
    escaped = cell.str.replace_all("\\", "\\\\", literal=True).str.replace_all("'", "''", literal=True)
    return (pl.lit("'") + escaped + "'").fill_null("NULL")


def _batches(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), _BATCH):
        yield values[start : start + _BATCH]


def _write_xlsx(table: pl.DataFrame, path: Path, style: Style) -> None:
    try:
        table.write_excel(path, include_header=style.header is not None)
    except ModuleNotFoundError:
        hint = "pip install 'luobo[report]', or write a csv"
        raise MissingExtra("spreadsheets need the package xlsxwriter", hint=hint) from None


_TEXTS: Final[dict[str, Callable[[pl.DataFrame, Style], str]]] = {
    "csv": _csv,
    "txt": _txt,
    "jsonl": _jsonl,
    "sql": _sql,
}
