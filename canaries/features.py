"""What an attacker can see in a row, as numbers: its cells, habits and relations, and what public validators say."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from canaries.table import IDS, PHONES, Field

Real = NDArray[np.float64]

_MOMENTS: Final = ("date", "datetime", "birth_date")
_NUMERIC: Final = ("amount", "limit", "age")


def features(fields: Sequence[Field], frame: pl.DataFrame) -> tuple[list[str], Real]:
    """Names and values (rows, features) of everything that is looked at; missing is NaN.

    Args:
        fields: of the table.
        frame: rows of customers and canaries together: how often a value occurs counts over both.
    """
    columns: dict[str, Real] = {}
    numbers: dict[str, Real] = {}
    for place, one in enumerate(fields):
        cells = frame.to_series(place)
        told = _common(cells)
        if one.role in _MOMENTS:
            told |= _moment(cells)
        elif one.role == "name":
            told |= _name(cells)
        elif one.role in (*PHONES, *IDS):
            told |= _digits(cells) | _validated(one.role, cells)
        else:
            number = _number(cells)
            if one.role in _NUMERIC or np.isfinite(number).mean() > 0.5:
                told |= _sum(number, cells)
                numbers[one.name] = number
            told["code"] = cells.rank("dense").cast(pl.Float64).fill_null(float("nan")).to_numpy()
            told |= _ends(cells)
        columns |= {f"{one.name}: {name}": values for name, values in told.items()}
    columns |= _ratios(numbers)
    kept = {
        name: values
        for name, values in columns.items()
        if np.nanmax(values, initial=-np.inf) > np.nanmin(values, initial=np.inf)
    }
    return list(kept), np.column_stack(list(kept.values())) if kept else np.zeros((frame.height, 0))


def _common(cells: pl.Series) -> dict[str, Real]:
    texts = cells.fill_null("").to_list()
    counts = Counter(texts)
    return {
        "missing": np.array([not text for text in texts], float),
        "length": np.array([len(text) for text in texts], float),
        "blanks": np.array([text != text.strip() for text in texts], float),
        "how often": np.array([min(counts[text], 1000) for text in texts], float),
    }


def _moment(cells: pl.Series) -> dict[str, Real]:
    digits = cells.fill_null("").str.extract_all(r"\d+").to_list()
    parts = np.full((len(digits), 6), np.nan)
    for row, found in enumerate(digits):
        for at, text in enumerate(found[:6]):
            parts[row, at] = float(text[:8])
    day = parts[:, 0] * 372 + parts[:, 1] * 31 + parts[:, 2]
    names = ("month", "day", "hour", "minute", "second")
    told = dict(zip(names, parts[:, 1:].T, strict=True))
    ordinal = np.array([_ordinal(row) for row in parts])
    return {"day of all": day, "weekday": ordinal % 7, **told}


def _ordinal(parts: Real) -> float:
    from datetime import date  # noqa: PLC0415

    try:
        return float(date(int(parts[0]), int(parts[1]), int(parts[2])).toordinal())
    except (ValueError, OverflowError):
        return float("nan")


def _name(cells: pl.Series) -> dict[str, Real]:
    texts = cells.fill_null("").to_list()
    counts = [Counter(text[at : at + 1] for text in texts) for at in range(4)]
    told = {
        f"character {at}": np.array([ord(t[at]) if len(t) > at else np.nan for t in texts], float) for at in range(3)
    }
    told |= {f"frequency {at}": np.array([counts[at][t[at : at + 1]] for t in texts], float) for at in range(3)}
    pairs = Counter(text[1:] for text in texts)
    return told | {"given name": np.array([pairs[text[1:]] for text in texts], float)}


def _digits(cells: pl.Series) -> dict[str, Real]:
    texts = cells.fill_null("").to_list()
    head = [text[:3] for text in texts]
    counts = Counter(head)
    told = {f"place {at}": np.array([_digit(text, at) for text in texts]) for at in (*range(1, 6), -4, -3, -2, -1)}
    tails = Counter(text[-4:] for text in texts)
    return told | {
        "head": np.array([counts[one] for one in head], float),
        "tail": np.array([tails[text[-4:]] for text in texts], float),
        "stars": np.array([text.count("*") for text in texts], float),
    }


def _digit(text: str, at: int) -> float:
    place = at if at >= 0 else len(text) + at
    return float(text[place]) if 0 <= place < len(text) and text[place].isdigit() else np.nan


def _validated(role: str, cells: pl.Series) -> dict[str, Real]:
    """1 where a public validator accepts the cell, 0 where it does not; nothing where the validator is not there."""
    judges = _phone_judges() if role in PHONES else _id_judges()
    texts = cells.fill_null("").to_list()
    return {name: np.array([float(judge(text)) for text in texts]) for name, judge in judges.items()}


def _phone_judges() -> dict[str, Callable[[str], bool]]:
    judges: dict[str, Callable[[str], bool]] = {}
    try:
        import phonenumbers  # noqa: PLC0415

        def by_numbers(text: str) -> bool:
            try:
                return bool(phonenumbers.is_valid_number(phonenumbers.parse(text, "CN")))
            except phonenumbers.NumberParseException:
                return False

        judges["phonenumbers"] = by_numbers
    except ModuleNotFoundError:
        pass
    try:
        from phone import Phone  # noqa: PLC0415 - an extra

        known = Phone()
        judges["phone"] = lambda text: text.isdigit() and len(text) == 11 and known.find(text) is not None
    except ModuleNotFoundError:
        pass
    return judges


def _id_judges() -> dict[str, Callable[[str], bool]]:
    judges: dict[str, Callable[[str], bool]] = {}
    try:
        from stdnum.cn import ric  # noqa: PLC0415 - an extra

        judges["python-stdnum"] = ric.is_valid
    except ModuleNotFoundError:
        pass
    try:
        from id_validator import validator  # noqa: PLC0415 - an extra

        judges["id-validator"] = lambda text: bool(text) and bool(validator.is_valid(text))
    except ModuleNotFoundError:
        pass
    return judges


def _number(cells: pl.Series) -> Real:
    bare = cells.str.replace_all(r"[,¥￥元]", "").cast(pl.Float64, strict=False)
    return bare.fill_null(float("nan")).to_numpy()


def _sum(number: Real, cells: pl.Series) -> dict[str, Real]:
    texts = cells.fill_null("").to_list()
    whole = [text.partition(".")[0] for text in texts]
    with np.errstate(invalid="ignore"):
        rounded = [np.where(np.isfinite(number), number % step == 0, np.nan) for step in (10, 100, 500, 1000)]
    return {
        "value": number,
        "digits": np.array([len(text) for text in whole], float),
        "decimals": np.array([len(text.partition(".")[2]) for text in texts], float),
        "last digit": np.array([_digit(text, -1) for text in texts]),
        "last digit of the whole": np.array([_digit(text, -1) for text in whole]),
        **{f"a multiple of {step}": each for step, each in zip((10, 100, 500, 1000), rounded, strict=True)},
    }


def _ends(cells: pl.Series) -> dict[str, Real]:
    texts = cells.fill_null("").to_list()
    told = {f"letter {at}": np.array([ord(t[at]) if len(t) > at else np.nan for t in texts], float) for at in (0, 1, 2)}
    return told | {"last letter": np.array([ord(t[-1]) if t else np.nan for t in texts], float)}


def _ratios(numbers: dict[str, Real]) -> dict[str, Real]:
    names = list(numbers)[:6]
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            f"{one} / {other}": np.where(numbers[other] != 0, numbers[one] / numbers[other], np.nan)
            for at, one in enumerate(names)
            for other in names[:at]
        }
