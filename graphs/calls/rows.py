"""Rows of a separated text file, each with the byte at which it begins."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from graphs.lines import HEAD, glimpse, lines

_SEPARATORS = ",\t;|"


def separator_of(head: bytes) -> str:
    """The separator that most lines of the head have, and the same number of times."""
    text = glimpse(head).splitlines()[:200]

    def regular(separator: str) -> int:
        counts = [line.count(separator) for line in text if line.strip()]
        return sum(count == max(counts, key=counts.count) for count in counts) if any(counts) else 0

    def good(separator: str) -> tuple[int, int]:
        return (sum(line.count(separator) > 0 for line in text), regular(separator))

    return max(_SEPARATORS, key=good)


def rows(stream: BinaryIO) -> Iterator[tuple[int, list[str] | None]]:
    """Every record as (byte offset, its cells trimmed); None for one that is no record."""
    stream.seek(0)
    separator = separator_of(stream.read(HEAD))
    stream.seek(0)
    begun: list[int] = []

    def counted() -> Iterator[str]:
        for offset, line in lines(stream):
            begun.append(offset)
            yield line + "\n"

    reader = csv.reader(counted(), delimiter=separator)
    while True:
        begun.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield (begun[0] if begun else 0), None
            continue
        if any(cell.strip() for cell in cells):
            # A bill writes ="138…" or a tab before a number so that a spreadsheet leaves it alone.
            yield begun[0], [cell.strip().removeprefix("=").strip('"\t\ufeff ') for cell in cells]
