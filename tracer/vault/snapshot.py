"""A snapshot: what one platform's table held on one day, as tokens and nothing else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date
from itertools import accumulate
from typing import Final

import polars as pl

from tracer.errors import UnreadableInput
from tracer.identifiers import amount, value
from tracer.identifiers.kinds import KINDS, SINGLE, whole_forms
from tracer.tokens import TokenKey, claim_digest, claim_tokens, identifier_token
from tracer.vault.composites import clues, has_clues

MOMENTS: Final = frozenset({"date", "datetime"})
"""Roles of columns in which a number is a moment."""
SUMS: Final = frozenset({"amount", "limit"})
"""Roles of columns whose header may say in what unit they are."""
_SAMPLE: Final = 10_000
_FEW: Final = 0.2
"""A column with fewer distinct values than this share of a sample is worked value by value instead of row by row."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A column of values that a platform holds about its customers."""

    name: str
    """The column's header at the platform."""
    role: str
    """What its values are."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a snapshot comes from."""

    platform: str
    taken_at: date
    sha256: str
    """Digest of the file it was read from."""
    stated: tuple[Claim, ...] = ()
    """Columns of which somebody said what they are."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Tokens of one platform's table on one day; every frame leaves out the rows that have no token."""

    origin: Origin
    rows: int
    identifiers: dict[str, pl.DataFrame]
    """Kind → (`row` UInt32, `token` UInt64)."""
    claims: dict[Claim, pl.DataFrame]
    """Claim → (`row` UInt32, `token` UInt32)."""
    joined: pl.DataFrame | None
    """(`row` UInt32, `joined` Date): when each customer joined; None where the table does not say."""


def tokenise(
    frame: pl.DataFrame,
    columns: Sequence[tuple[str, str, str]],
    origin: Origin,
    key: TokenKey,
    joined: pl.Series | None,
) -> Snapshot:
    """Turn a platform's table into a snapshot.

    Args:
        frame: Utf8 columns.
        columns: (key in `frame`, header, role) of each column.
        origin: the platform, the day and the file's digest.
        key: the vault's key.
        joined: (rows,) Date, when each row's customer joined, or None.

    Raises:
        UnreadableInput: no column holds an identifier, so nobody in the table could ever be recognised.
    """
    roles = [(column, role) for column, _, role in columns]
    forms = whole_forms(roles)
    if not forms and not has_clues(roles):
        message = f"{origin.platform} {origin.taken_at}: no column holds phone numbers, IDs or another identifier"
        raise UnreadableInput(message, hint="say which column is which with --column NAME=phone")
    held = _claims(columns)
    wide = frame.lazy().select(
        *(identifier_token(form.expr, key, form.kind).alias(f"i{place}") for place, form in enumerate(forms)),
        *(digests(pl.col(column), claim, key).alias(f"v{place}") for place, (column, claim) in enumerate(held)),
    )
    with ThreadPoolExecutor(1) as beside:  # names are made ready on one core while the other makes tokens
        named = beside.submit(clues, frame, roles, key, mistyped=False)
        tokens = wide.collect(engine="in-memory").with_row_index("row")
    by_kind: dict[str, list[pl.DataFrame]] = {kind: [] for kind in KINDS}
    for place, form in enumerate(forms):
        by_kind[form.kind].append(_present(tokens, f"i{place}"))
    for kind, found in named.result().items():
        by_kind[kind].append(found.tokens(key, kind))
    return Snapshot(
        origin=origin,
        rows=frame.height,
        identifiers={kind: pl.concat(parts) for kind, parts in by_kind.items() if parts},
        claims={claim: _held(tokens.get_column(f"v{place}"), key, origin) for place, (_, claim) in enumerate(held)},
        joined=None if joined is None else pl.DataFrame({"joined": joined}).with_row_index("row").drop_nulls(),
    )


def together(parts: Sequence[Snapshot]) -> Snapshot:
    """One table's portions, one at least, as one snapshot: the rows of each behind those of the one before."""
    if len(parts) == 1:
        return parts[0]
    told = list(zip(accumulate((part.rows for part in parts), initial=0), parts, strict=False))
    kinds = [kind for kind in KINDS if any(kind in part.identifiers for part in parts)]
    claims = dict.fromkeys(claim for part in parts for claim in part.claims)
    return Snapshot(
        origin=parts[0].origin,
        rows=sum(part.rows for part in parts),
        identifiers={kind: _below((at, one.identifiers.get(kind)) for at, one in told) for kind in kinds},
        claims={claim: _below((at, one.claims.get(claim)) for at, one in told) for claim in claims},
        joined=_below((at, one.joined) for at, one in told) if any(one.joined is not None for one in parts) else None,
    )


def _below(frames: Iterable[tuple[int, pl.DataFrame | None]]) -> pl.DataFrame:
    """Frames below each other, the `row` of each counted from where its portion begins."""
    return pl.concat(
        frame.with_columns(pl.col("row") + pl.lit(begin, pl.UInt32)) for begin, frame in frames if frame is not None
    )


def _claims(columns: Sequence[tuple[str, str, str]]) -> list[tuple[str, Claim]]:
    """(key, claim) of the columns that are claims; of columns with one header the later ones are numbered."""
    met: Counter[str] = Counter()
    held = []
    for column, header, role in columns:
        if is_claim(role):
            met[header] += 1
            held.append((column, Claim(header if met[header] == 1 else f"{header} ({met[header]})", role)))
    return held


def is_claim(role: str) -> bool:
    """Whether a column's values are claims. A user name is both: it names a person, and may be this platform's own."""
    return role == "account" or role not in SINGLE


def digests(text: pl.Expr, claim: Claim, key: TokenKey) -> pl.Expr:
    """Digests (UInt64) of a column of clear values (Utf8), value by value where it has few."""
    return _by_distinct_value(text, lambda values: claim_digest(canonical(values, claim), key))


def canonical(values: pl.Expr, claim: Claim) -> pl.Expr:
    """One text for every writing of a value in a column of this header and role, see `value.canonical`."""
    if claim.role in MOMENTS:
        return value.canonical_moment(values)
    unit = amount.unit(claim.name) if claim.role in SUMS else ""
    return value.canonical(amount.with_unit(values, unit) if unit else values)


def _held(digest: pl.Series, key: TokenKey, origin: Origin) -> pl.DataFrame:
    row = digest.is_not_null().arg_true()
    return pl.DataFrame({"row": row, "token": claim_tokens(digest.drop_nulls().to_numpy(), key, origin.platform)})


def _by_distinct_value(text: pl.Expr, step: Callable[[pl.Expr], pl.Expr]) -> pl.Expr:
    """Apply `step` to each distinct value of a column that has few, else to each row; the answer is the same."""

    def work(series: pl.Series) -> pl.Series:
        sample = series.gather_every(max(1, series.len() // _SAMPLE))
        name = series.name
        if sample.n_unique() > _FEW * sample.len():
            return series.to_frame().select(step(pl.col(name))).to_series()
        answers = series.unique().to_frame("text").with_columns(answer=step(pl.col("text")))
        matched = series.to_frame("text").join(answers, on="text", how="left", nulls_equal=True, maintain_order="left")
        return matched.get_column("answer").rename(name)

    return text.map_batches(work, return_dtype=pl.UInt64)


def _present(tokens: pl.DataFrame, column: str) -> pl.DataFrame:
    return tokens.select("row", token=column).drop_nulls()
