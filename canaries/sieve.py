"""For dumps too large to read record by record: which records could be canaries at all, decided column by column.

Only exact agreement is looked for, as such a large dump asks for it anyway: among 10^8 records a damaged name or number
is no evidence. A record passes with both ends of a canary's phone, a canary's name in Han or in pinyin, or one of its
values that hardly two records share.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from canaries.dumps import Column
from canaries.forms import Form
from canaries.table import PHONES, Field, phone_digits
from canaries.writing import traditional


def passes(
    columns: Sequence[Column],
    known: Sequence[Form],
    fields: Sequence[Field],
    aligned: Mapping[str, int],
    rare: frozenset[str],
) -> pl.Expr:
    """Whether a record is worth reading, over a frame whose column `ci` is `columns[i]`."""
    ends = [form.phone[:3] + form.tail for form in known if form.phone]
    names = [form.name for form in known if form.name]
    words = list({*names, *traditional(names), *(reading for form in known for reading in form.pinyin)})
    tests = []
    for place, column in enumerate(columns):
        cell = pl.col(f"c{place}")
        if column.role in PHONES:
            digits = phone_digits(cell)
            tests.append((digits.str.slice(0, 3) + digits.str.slice(7, 4)).is_in(ends))
        elif column.role == "name":
            tests.append(_bare(cell).is_in(words))
        elif column.speaks and words:
            tests.append(_bare(cell).str.contains_any(words))
    for one in fields:
        at = aligned.get(one.name)
        if one.name in rare and at is not None:
            texts = [text for form in known for text in form.canary.versions(one.name)]
            tests.append(pl.col(f"c{at}").str.strip_chars().is_in(texts))
    return pl.any_horizontal(test.fill_null(False) for test in tests) if tests else pl.lit(True)


def _bare(cell: pl.Expr) -> pl.Expr:
    return cell.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[\s·']", "")
