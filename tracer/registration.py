"""The story of one registration: a platform's table is sealed, read, tokenised and folded into its history."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Final

import polars as pl

from tracer.custody.exhibit import seal
from tracer.errors import UnknownName, UnreadableInput
from tracer.intake.columns import assign
from tracer.intake.databases.stream import Stream
from tracer.intake.joining import look
from tracer.intake.limits import DEFAULT_LIMITS, Limits
from tracer.intake.material import material
from tracer.intake.reading import survey
from tracer.platform_table import Meaning, Reading, Tokens, Wish, choose, meaning
from tracer.settings import DEFAULT, Settings
from tracer.tokens import TokenKey
from tracer.vault.long_table import LongTable
from tracer.vault.snapshot import Snapshot
from tracer.vault.vault import Added, Vault

if TYPE_CHECKING:
    import pandas as pd
    from pyspark.sql import DataFrame as SparkFrame

    from tracer.engines.spark import Spark

_SAMPLED: Final = 500
"""Rows from all over a table that are enough to understand its columns by, where not all are at hand."""


def register(  # noqa: PLR0913 - all a user may say about a table
    vault: Vault,
    file: str | os.PathLike[str] | pd.DataFrame | pl.DataFrame,
    platform: str,
    taken_at: date,
    *,
    table: str | None = None,
    roles: Mapping[str, str] | None = None,
    joined: str | None = None,
    settings: Settings = DEFAULT,
    limits: Limits = DEFAULT_LIMITS,
    password: str | None = None,
) -> tuple[Vault, Added]:
    """Register what a platform's table held on the day `taken_at`.

    Args:
        vault: where to.
        file: the table, in any shape intake reads, or a pandas or Polars frame.
        platform: its name.
        taken_at: the day of the snapshot.
        table: which table (sheet, SQL table) of the file, where it holds several.
        roles: header → role, where the role found from the values is wrong.
        joined: header of the column that says when a customer joined; found by its header and values if left out.
        settings: of the run.
        limits: what reading the file may cost.
        password: of an encrypted archive or workbook.

    Raises:
        TracerError: the file cannot be read, a name is wrong, or the vault cannot be written.
    """
    wish = Wish(platform, taken_at, table, roles, joined)
    if not isinstance(file, str | os.PathLike):
        held = material(file, settings)
        one = choose(held.reading.tables, held.name, table)
        made = meaning(held.name, one.columns, one.frame, wish).tokens(one.frame, vault.key)
        return _added(vault, held.name, replace(made, origin=replace(made.origin, sha256=held.sha256)), wish)
    exhibit = seal(file)
    reading = Reading(exhibit.name, wish, vault.key)
    found = survey(exhibit, limits=limits, password=password, watch=reading.watch)
    reading.go_on(found)
    vault, added = _added(vault, exhibit.name, reading.tokens.whole(exhibit.sha256), wish)
    return vault, replace(added, rejected=found.rejected, warnings=found.warnings)


def register_stream(  # noqa: PLR0913 - all a user may say about a table
    vault: Vault,
    stream: Stream,
    platform: str,
    taken_at: date,
    *,
    roles: Mapping[str, str] | None = None,
    joined: str | None = None,
) -> tuple[Vault, Added]:
    """Register a database's table, of which no more than a few portions are ever in memory.

    Args:
        vault: where to.
        stream: the table, see `tracer.intake.databases.opening.streamed`.
        platform: its name.
        taken_at: the day of the snapshot.
        roles: header → role, where the role found from the values is wrong.
        joined: header of the column that says when a customer joined; found by its header and values if left out.

    Raises:
        TracerError: the database refuses, a name is wrong, or the vault cannot be written.
    """
    portions = stream.portions()
    first = next(portions, None)
    if first is None:
        raise UnreadableInput(f"{stream.name}: has no rows", hint="name a table that holds records")
    sample = first if stream.sample is None or stream.sample.height < _SAMPLED else stream.sample
    wish = Wish(platform, taken_at, None, roles, joined)
    meant = _meant(stream.name, sample, wish)
    tokens = _taken(chain([first], portions), meant, vault.key)
    return _added(vault, stream.name, tokens.whole(stream.sha256), wish)


def register_spark(  # noqa: PLR0913 - all a user may say about a table
    vault: Vault,
    table: SparkFrame,
    spark: Spark,
    platform: str,
    taken_at: date,
    *,
    roles: Mapping[str, str] | None = None,
    joined: str | None = None,
) -> tuple[Vault, Added]:
    """Register a table of a Spark cluster: its executors make the tokens, and the rows never leave them.

    Args:
        vault: where to.
        table: a DataFrame, also of a Hive table.
        spark: the cluster, see `tracer.engines.spark.Spark`.
        platform: its name.
        taken_at: the day of the snapshot.
        roles: header → role, where the role found from the values is wrong.
        joined: header of the column that says when a customer joined; found by its header and values if left out.

    Raises:
        TracerError: the cluster gives up, a name is wrong, or the vault cannot be written.
    """
    sample = spark.sample(table, _SAMPLED)
    if sample.is_empty():
        raise UnreadableInput("the table has no rows", hint="give a table that holds records")
    wish = Wish(platform, taken_at, None, roles, joined)
    tokens, digest = Tokens(), hashlib.sha256()
    for part in spark.portions(table, partial(_portion, _meant("the table", sample, wish), vault.key)):
        tokens.take(part)
        digest.update(part.origin.sha256.encode())
    return _added(vault, "the table", tokens.whole(digest.hexdigest()), wish)


def _meant(name: str, sample: pl.DataFrame, wish: Wish) -> Meaning:
    """What the columns of a table mean of which a sample is at hand."""
    keyed = _keyed(sample)
    return meaning(name, assign(keyed, tuple(sample.columns)), keyed, wish)


def _keyed(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.rename({name: f"c{place}" for place, name in enumerate(frame.columns)})


def _portion(meant: Meaning, key: TokenKey, portion: pl.DataFrame) -> Snapshot:
    """The tokens of some rows, with their digest."""
    made = meant.tokens(_keyed(portion), key)
    digest = hashlib.sha256(portion.write_csv().encode()).hexdigest()
    return replace(made, origin=replace(made.origin, sha256=digest))


def _taken(portions: Iterator[pl.DataFrame], meant: Meaning, key: TokenKey) -> Tokens:
    """Those of all portions, made of one while the next one comes."""
    tokens = Tokens()

    def take(portion: pl.DataFrame) -> None:
        tokens.take(meant.tokens(_keyed(portion), key))

    with ThreadPoolExecutor(1) as worker:
        waiting: Future[None] | None = None
        for portion in portions:
            if waiting is not None:
                waiting.result()
            waiting = worker.submit(take, portion)
        if waiting is not None:
            waiting.result()
    return tokens


def _added(vault: Vault, name: str, made: Snapshot | LongTable, wish: Wish) -> tuple[Vault, Added]:
    if wish.joined is not None and not (made.joined is not None and len(made.joined)):
        raise UnknownName(f"{name}: its column {wish.joined} holds no dates", hint=look(name))
    return vault.add(made)
