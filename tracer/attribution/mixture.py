"""Every record's origin: the inclusion model fitted to classes of evidence, and every record's shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import special

from tracer.attribution.apart import Apart
from tracer.attribution.classes import Classes, classify
from tracer.attribution.inclusion import Floats, Inclusion, Patterns, fit, responsibilities, search
from tracer.attribution.showings import Rows
from tracer.linkage.exact import Links
from tracer.linkage.testimony import Testimony

_ROUNDS: Final = 200
_SETTLED: Final = 0.02
"""Rows by which two rounds may differ at the end."""


_FEW: Final = 2.0
"""Records by which it is believed, before any is counted, that all origins fill the columns that are usually filled."""
_NEVER: Final = 1e-9
"""How likely a record of a table apart is a platform's; the customer is its own all the same."""
_ALIKE: Final = 0.95
"""Squared cosine of two platforms' evidence from which they count as one."""
_SIZES: Final = 1.25
"""Ratio of two platforms' numbers of customers up to which they may be taken for each other."""


@dataclass(frozen=True)
class Mixture:
    """The records that are linked to anybody, and where they came from."""

    row: NDArray[np.int64]
    """(R,) the linked records, ascending."""
    pattern: NDArray[np.intp]
    """(R,) pattern of each."""
    patterns: Patterns
    """Counted over distinct people and evidence: a record repeated ten times is one observation."""
    inclusion: Inclusion
    entry_score: Floats
    """(K,) the root of the likelihood ratio at which each platform was last tried; NaN for those never tried."""
    repeated: float
    """How often a person's record with the same evidence stands in the dump, on average."""
    share: Floats
    """(patterns, origins in the model) chance of each, in the order of `inclusion.places`."""
    weight: Floats | None = None
    """(R,) how many records each row stands for; None where that is one each."""

    @property
    def linked(self) -> float:
        """How many records are linked to anybody."""
        return float(self.row.size if self.weight is None else self.weight.sum())

    @cached_property
    def unknown(self) -> Floats:
        """(patterns,) chance that a record came from nobody registered: the unknown source or a platform's shadow."""
        nobody = np.isin(self.inclusion.places, [1 + platform for platform in self.inclusion.active], invert=True)
        return np.asarray(self.share[:, nobody].sum(axis=1))

    def chance(self, platform: int) -> Floats:
        """(patterns,) chance that a record came from this platform."""
        if platform not in self.inclusion.active:
            return np.zeros(self.share.shape[0])
        return self.share[:, self.inclusion.places.index(platform + 1)]

    @cached_property
    def _place_at(self) -> NDArray[np.intp]:
        """(rows up to the last linked one,) place in `row` of each that is linked."""
        at = np.zeros(int(self.row[-1]) + 1 if self.row.size else 0, np.intp)
        at[self.row] = np.arange(self.row.size)
        return at

    def places_of(self, row: NDArray[np.integer]) -> NDArray[np.intp]:
        """Places of these linked rows in `row`."""
        return np.asarray(self._place_at[row])

    def pattern_of(self, row: NDArray[np.integer]) -> NDArray[np.intp]:
        """Pattern of each of these linked rows."""
        return np.asarray(self.pattern[self.places_of(row)])

    def shares_of(self, platform: int, links: Links) -> Floats:
        """(links,) chance that each record that is linked to it came from this platform."""
        return np.asarray(self.chance(platform)[self.pattern_of(links.row)])

    def unknown_of(self, links: Links) -> Floats:
        """(links,) chance that a linked record came from nobody registered."""
        return np.asarray(self.unknown[self.pattern_of(links.row)])

    @cached_property
    def alike(self) -> Floats:
        """(K, K) squared cosine of two platforms' evidence over the records: 1 if no record tells them apart."""
        weight = self.patterns.weight
        products = (weight * self.patterns.count[:, None]).T @ weight
        length = np.sqrt(np.maximum(np.diag(products), np.finfo(float).tiny))
        return np.asarray((products / np.outer(length, length)) ** 2)

    @cached_property
    def groups(self) -> tuple[tuple[int, ...], ...]:
        """Active platforms with those of about their size that no record tells from them."""
        customers = self.patterns.customers
        found: list[set[int]] = []
        for platform in self.inclusion.active:
            sizes = customers / customers[platform]
            twins = {
                other
                for other in np.flatnonzero((sizes > 1 / _SIZES) & (sizes < _SIZES)).tolist()
                if other == platform or self.alike[platform, other] > _ALIKE
            }
            if len(twins) > 1:
                met = [group for group in found if group & twins]
                found = [group for group in found if group not in met] + [twins.union(*met)]
        return tuple(tuple(sorted(group)) for group in found)

    @cached_property
    def many(self) -> Floats:
        """(patterns,) how many records have each."""
        return np.bincount(self.pattern, self.weight, self.patterns.count.size).astype(float)

    def expected(self, platform: int) -> float:
        """Expected number of records from this platform."""
        return float(self.many @ self.chance(platform))

    def rows(self, platform: int, level: float) -> tuple[float, float, float]:
        """Records from this platform: expected number, and an interval of the given level for the number itself."""
        return self.rows_of((platform,), level)

    def rows_of(self, platforms: Sequence[int], level: float) -> tuple[float, float, float]:
        """The same of some platforms together.

        The error has two parts: which record is whose (Σ γ (1 - γ)), and the fitted rates (delta method).
        """
        many, fitted = self.many, self.inclusion.rows
        places = [platform + 1 for platform in platforms]
        if not (fitted[places] > 0).any():
            return 0.0, 0.0, 0.0
        each = np.column_stack([self.chance(platform) for platform in platforms])
        own = each.sum(axis=1)
        expected = float(many @ own)
        slope = np.zeros_like(fitted)
        slope[list(self.inclusion.places)] = -((many * own) @ self.share)
        slope[places] += many @ each
        live = fitted > 0
        slope[live] /= fitted[live]
        # A record that was repeated goes wrong as often as it stands there.
        variance = float(many @ (own * (1 - own))) * self.repeated + float(slope @ self.inclusion.covariance @ slope)
        reach = float(special.ndtri(0.5 + level / 2)) * np.sqrt(max(variance, 0.0))
        return expected, max(0.0, expected - reach), min(float(many.sum()), expected + reach)


@dataclass(frozen=True, slots=True)
class Question:
    """What the mixture is asked."""

    testimonies: Sequence[Testimony]
    """One a platform."""
    telling: Sequence[Sequence[int]]
    """The columns that count as evidence, likewise."""
    supported: Mapping[int, Sequence[int]]
    """Places of the platforms whose customers' values agree beyond chance → the columns in which they do."""
    apart: Apart
    """What the columns that records fill say where nothing can be compared."""
    rows: Rows
    """What the rows of the links stand for."""
    registered: float
    """Distinct people over all platforms."""


def settle(question: Question, level: float) -> Mixture:
    """Find which platforms supplied records, and how many.

    Platforms whose customers' values agree beyond chance (`supported`) are in from the start. Others come in one by
    one while they explain more than the normal quantile of `level` allows to chance.

    Args:
        question: what was found of every platform.
        level: of the forward search for each platform.
    """
    testimonies, telling, supported = question.testimonies, question.telling, question.supported
    links = [one.links for one in testimonies]
    classes = [classify(one, columns) for one, columns in zip(testimonies, telling, strict=True)]
    row, pattern, table, ways = _patterns(links, classes, question.rows)
    weight_of = None if question.rows.many is None else question.rows.many[row]
    cores = [[columns.index(one) for one in supported.get(place, ())] for place, columns in enumerate(telling)]
    faithful = [one.guessed(core) for one, core in zip(classes, cores, strict=True)]
    elsewhere = [one.elsewhere() for one in classes]
    shadowed = tuple(place for place, one in enumerate(classes) if one.speaks)
    customers = np.array([max(1, one.platform.people) for one in links], float)
    count = question.rows.people(row, pattern, table.shape[0])
    repeated = float(row.size if weight_of is None else weight_of.sum()) / max(1.0, count.sum())
    threshold = float(special.ndtri(1 - level))
    ratios = [one.kept(f) / e for one, f, e in zip(classes, faithful, elsewhere, strict=True)]
    apart, closed = question.apart.elsewhere, question.apart.closed[ways]
    own = np.where(apart[ways], _NEVER, 1.0)
    values = own * np.column_stack([_weights(table[:, column], ratio) for column, ratio in enumerate(ratios)])
    # A single column cannot say how often it was edited where strangers are seen to share the customers.
    edited = [place for place in supported if classes[place].digit.shape[1] > 1 or not apart[:, place].any()]
    weight = values
    before = np.full(1 + len(links) + len(shadowed), np.inf)
    linked: dict[int, NDArray[np.intp]] = {}
    plainly: Floats | None = None
    for turn in range(_ROUNDS):
        patterns = Patterns(count, weight, customers, question.registered, shadowed, closed)
        if turn == 0:
            inclusion, entry_score = search(patterns, list(supported), threshold)
        else:
            inclusion = fit(patterns, inclusion.active, inclusion.rows)
        share = responsibilities(patterns, inclusion)
        mixture = Mixture(row, pattern, patterns, inclusion, entry_score, repeated, share, weight_of)
        plainly = mixture.unknown if plainly is None else plainly
        linked = linked or {platform: mixture.pattern_of(links[platform].row) for platform in edited}
        settled, before = before, mixture.inclusion.rows
        if np.abs(before - settled).max() < _SETTLED:
            break
        values = values.copy()
        # Without agreement beyond chance there is nothing to learn a platform's share of edited cells from.
        for platform in edited:
            one, shares = classes[platform], mixture.chance(platform)[linked[platform]]
            ratio = one.kept(one.faithful(shares)) / one.elsewhere(shares)
            values[:, platform] = own[:, platform] * _weights(table[:, platform], ratio)
        weight = values * _habits(mixture, ways, apart, plainly)
    return mixture


def _patterns(
    links: Sequence[Links], classes: Sequence[Classes], rows: Rows
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.int64], NDArray[np.intp]]:
    """Group the linked rows by their class at every platform and by the columns that they fill.

    Returns:
        The linked rows (R,), the pattern of each (R,), the class + 1 of each pattern at each platform (0 = no customer)
        (G, K), and the columns that each fills (G,).
    """
    filled = rows.filled
    linked = np.zeros(filled.size, bool)
    for one in links:
        linked[one.row] = True
    row = np.flatnonzero(linked)
    # Zobrist hashing: a random word for each (platform, class), so that one sort groups records over all platforms.
    generator = np.random.default_rng(0)
    code = generator.integers(0, 2**64, size=int(filled.max(initial=0)) + 1, dtype=np.uint64)[filled]
    for one, grouped in zip(links, classes, strict=True):
        words = generator.integers(0, 2**64, size=grouped.alone.size, dtype=np.uint64)
        code[one.row] ^= words[grouped.of_link]
    numbered = pl.DataFrame({"code": code[row]}).with_row_index()
    number = numbered.select(pl.col("index").first().over("code")).to_series()
    begins = number.is_first_distinct().to_numpy()
    example = row[begins]
    pattern = (np.cumsum(begins) - 1)[number.to_numpy()]
    table = np.zeros((example.size, len(links)), np.int64)
    of_record = np.zeros(filled.size, np.int64)
    for column, (one, grouped) in enumerate(zip(links, classes, strict=True)):
        of_record[one.row] = grouped.of_link + 1
        table[:, column] = of_record[example]
        of_record[one.row] = 0
    return row, pattern, table, filled[example]


def _habits(mixture: Mixture, ways: NDArray[np.intp], apart: NDArray[np.bool_], plainly: Floats) -> Floats:
    """(G, K) by how much likelier a record of each platform fills just these columns than one of nobody registered.

    Platforms hold different fields, and a seller who puts their tables together leaves empty what one of them lacks.

    Args:
        mixture: as fitted last.
        ways: (G,) the columns that each pattern fills.
        apart: (ways, K) tables apart, in which a platform has no records.
        plainly: (G,) chance that a record came from nobody registered, by the values alone. Where a table apart shows
            that strangers fill other columns, what differs here would else be taken for edited little by little: the
            more is, the fewer strangers seem to fill these.
    """
    inclusion, patterns = mixture.inclusion, mixture.patterns
    factor = np.ones_like(patterns.weight)
    if not ways.size or (ways == ways[0]).all():
        return factor
    usual = np.bincount(ways, patterns.count, apart.shape[0]) / patterns.count.sum()

    def habit(share: Floats, own: NDArray[np.bool_]) -> Floats:
        told = np.bincount(ways, patterns.count * share, own.size)
        return np.asarray((told + _FEW * usual * own) / (told.sum() + _FEW * (usual @ own)))

    for platform in inclusion.active:
        own = ~apart[:, platform]
        nobody = habit(mixture.unknown if own.all() else plainly, np.ones_like(own))
        ratio = np.where(own, habit(mixture.chance(platform), own) / np.maximum(nobody, np.finfo(float).tiny), 1.0)
        factor[:, platform] = ratio[ways]
    return factor


def _weights(of_pattern: NDArray[np.int64], ratio: Floats) -> Floats:
    """(G,) w_gk of one platform: its class's ratio, 0 where a pattern is none of its customers."""
    return np.concatenate(([0.0], ratio))[of_pattern]
