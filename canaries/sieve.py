"""For dumps too large to read record by record: which records could be canaries at all, decided column by column.

Only exact agreement is looked for, as such a large dump asks for it anyway: among 10^8 records a damaged name or
number is no evidence. A record passes with both ends of a canary's phone; with a canary's name, in Han or in pinyin,
and half of its last four digits; with a name alone where that can be enough; or with one of its values that hardly two
records share.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from canaries.dumps import Column
from canaries.forms import Form
from canaries.table import PHONES, Field, phone_digits
from canaries.writing import traditional


def passes(  # noqa: PLR0913 - all that a sieve is made of
    columns: Sequence[Column],
    known: Sequence[Form],
    fields: Sequence[Field],
    aligned: Mapping[str, int],
    rare: frozenset[str],
    alone: Callable[[Form], bool],
) -> pl.Expr:
    """Whether a record is worth reading, over a frame whose column `ci` is `columns[i]`.

    Args:
        columns: of the dump.
        known: the canaries.
        fields: of the platform's table.
        aligned: header → column of the dump.
        rare: headers whose values hardly two records share.
        alone: whether a canary's name can be enough where nothing of its phone agrees.
    """
    dialled = [place for place, column in enumerate(columns) if column.role in PHONES]
    ends = [form.phone[:3] + form.tail for form in known if form.phone]
    words = _words(known)
    sufficient = [word for form, own in zip(known, words, strict=True) if not dialled or alone(form) for word in own]
    halves = [half for form, own in zip(known, words, strict=True) for word in own for half in _halves(word, form.tail)]
    anywhere = [word for own in words for word in own]
    tests = []
    for place in dialled:
        digits = phone_digits(pl.col(f"c{place}"))
        tests.append((digits.str.slice(0, 3) + digits.str.slice(7, 4)).is_in(ends))
    for place, column in enumerate(columns):
        cell = _bare(pl.col(f"c{place}"))
        if column.role == "name":
            tests.append(cell.is_in(sufficient))
            for other in dialled:
                tail = phone_digits(pl.col(f"c{other}")).str.slice(7, 4)
                first, last = tail.str.slice(0, 2), tail.str.slice(2, 2)
                tests += [(cell + first).is_in(halves), (cell + "." + last).is_in(halves)]
        elif column.speaks and column.role not in PHONES and anywhere:
            tests.append(cell.str.contains_any(anywhere))
    for one in fields:
        at = aligned.get(one.name)
        if one.name in rare and at is not None:
            texts = [text for form in known for text in form.canary.versions(one.name)]
            tests.append(pl.col(f"c{at}").str.strip_chars().is_in(texts))
    return pl.any_horizontal(test.fill_null(False) for test in tests) if tests else pl.lit(True)


def _words(known: Sequence[Form]) -> list[set[str]]:
    """For each canary its name in every writing that is looked for."""
    names = [form.name for form in known]
    return [{form.name, other, *form.pinyin} - {""} for form, other in zip(known, traditional(names), strict=True)]


def _halves(word: str, tail: str) -> tuple[str, str]:
    return word + tail[:2], f"{word}.{tail[2:]}"


def _bare(cell: pl.Expr) -> pl.Expr:
    return cell.str.normalize("NFKC").str.to_lowercase().str.replace_all(r"[\s·']", "")
