"""The rarer ways to fill a table, rewritten as INSERT … VALUES.

Oracle's INSERT ALL, SQL Server's INSERT … SELECT … UNION ALL, MySQL's INSERT … SET. Line ends stay where
they are, so every record keeps its line.
"""

from __future__ import annotations

import re
from functools import lru_cache

_STRING = rb"'(?:[^'\\]|\\.|'')*+'"
_PLAIN_STRING = rb"'(?:[^']|'')*+'"
_ALL = re.compile(rb"INSERT\s+(?:ALL|FIRST)\b", re.IGNORECASE)
_ALL_CAPITALS = re.compile(rb"INSERT\s+(?:ALL|FIRST)\b")
_INTO = re.compile(rb"(?im)(^\s*|\)\s*)INTO(?=\s+[\w\"`\[.]+\s*\()")
_SELECT = re.compile(
    rb"(?i)\b(INSERT\s+(?:INTO\s+)?[\w\"`\[\].\x80-\xff]+\s*(?:\([^()]*\))?\s*)SELECT\b((?:"
    + _STRING
    + rb"|[^';])*+)(?=;|\Z)"
)
_UNION = re.compile(
    rb"(?i)("
    + _STRING
    + rb")|\bUNION(?:\s+ALL)?\s+SELECT\b|\bFROM\s+(?:SYS\s*\.\s*)?DUAL\b|\b(FROM|WHERE|JOIN)\b|(\bAS\s+[\w\"`\[\]]+)"
)
_SET = re.compile(
    rb"(?i)\b((?:INSERT|REPLACE)\s+(?:IGNORE\s+)?(?:INTO\s+)?[\w\"`.\x80-\xff]+)\s+SET\s+((?:"
    + _STRING
    + rb"|[^';])*+)(?=;|\Z)"
)
_PAIR = re.compile(rb"\s*([`\"\w\x80-\xff]+)\s*=\s*((?:" + _STRING + rb"|[^',])*+)(?:,|\Z)")
_UNESCAPED = re.compile(
    rb"\[dbo\]|^SET IDENTITY_INSERT|^GO\r?$|PostgreSQL database dump|^SET DEFINE OFF|standard_conforming_strings",
    re.MULTILINE,
)


@lru_cache(maxsize=1)
def capitals(data: bytes) -> bytes:
    """The text with a to z as capitals, every word where it was; made once for all who look for one."""
    return data.upper()


def escapes(head: bytes) -> bool:
    """Whether a backslash in a string escapes what follows (MySQL), or is a sign like any other (all the others)."""
    return _UNESCAPED.search(head) is None


def as_inserts(data: bytes) -> bytes:
    """The text with every such statement as INSERT … VALUES."""
    upper = capitals(data)
    if _ALL_CAPITALS.search(upper):
        data = _INTO.sub(rb"\1INSERT INTO", _ALL.sub(lambda found: b" " * len(found[0]), data))
    if b"SELECT" in upper:
        data = _SELECT.sub(_values_of_select, data)
    if b" SET " in upper or b"\nSET" in upper:
        data = _SET.sub(_values_of_set, data)
    return data


def _values_of_select(found: re.Match[bytes]) -> bytes:
    genuine = False

    def change(part: re.Match[bytes]) -> bytes:
        nonlocal genuine
        if part[1]:
            return part[1]
        if part[2]:
            genuine = True
        if part[3] or part[0].upper().startswith(b"FROM"):
            return b""
        return b"),\n(" if b"\n" in part[0] else b"),("

    body = _UNION.sub(change, found[2])
    return found[0] if genuine else found[1] + b"VALUES (" + body.strip() + b")"


def _values_of_set(found: re.Match[bytes]) -> bytes:
    pairs = _PAIR.findall(found[2])
    names = b",".join(name for name, _ in pairs)
    values = b",".join(value.strip() for _, value in pairs)
    return found[1] + b" (" + names + b") VALUES (" + values + b")"
