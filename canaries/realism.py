"""Can a trained attacker tell canaries from customers? Four try, with every row's cells, habits and relations.

A classifier two-sample test (Lopez-Paz & Oquab 2017): where no attacker beats a coin, no attacker of these kinds can.
For somebody who pays by the row, what counts is how many real rows must be thrown away to be rid of the canaries (D90).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from canaries.errors import CanaryFault
from canaries.features import features
from canaries.table import Field

Real = NDArray[np.float64]

AUC_BAR: Final = 0.52
"""The upper 95 % limit of the worst attacker's AUC must not be above it."""
D90_BAR: Final = 0.85
_FOLDS: Final = 4
_BINS: Final = 8
_CROSSED: Final = 12
_ONE_SIDED: Final = 1.645


@dataclass(frozen=True, slots=True)
class Attack:
    """How one attacker did."""

    attacker: str
    auc: float
    low: float
    high: float
    """95 % interval (one-sided each way) by the variance of the null (Hanley & McNeil 1982)."""
    d90: float
    """Share of the real rows that must be thrown away to remove 90 % of the canaries: 0.9 if nothing is known."""
    lift: float
    """How many times more canaries than expected are in the most suspect 1 %."""


@dataclass(frozen=True, slots=True)
class Audit:
    """All attackers, and what told most."""

    attacks: tuple[Attack, ...]
    tells: tuple[tuple[str, float], ...]
    """Feature and its AUC by itself, the most telling first."""
    customers: int
    canaries: int

    @property
    def worst(self) -> Attack:
        """The best attacker."""
        return max(self.attacks, key=lambda one: one.auc)

    @property
    def passed(self) -> bool:
        """Whether no attacker got above the bars."""
        return self.worst.high <= AUC_BAR and min(one.d90 for one in self.attacks) >= D90_BAR


def audit(fields: Sequence[Field], real: pl.DataFrame, invented: pl.DataFrame, seed: int) -> Audit:
    """Let every attacker learn on three quarters of the rows and judge the rest, four times over.

    Raises:
        CanaryFault: scikit-learn is missing.
    """
    try:
        import sklearn  # noqa: F401, PLC0415 - an extra
    except ModuleNotFoundError:
        raise CanaryFault("the audit needs the package scikit-learn", hint="pip install 'luobo[audit]'") from None
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn

    both = pl.concat([real, invented])
    names, values = features(fields, both)
    labels = np.concatenate([np.zeros(real.height), np.ones(invented.height)])
    attacks = []
    for attacker, judge in _ATTACKERS.items():
        # On a busy machine threads that wait for each other take many times as long as one.
        with warnings.catch_warnings(), threadpool_limits(1):
            warnings.simplefilter("ignore")  # a solver that wants more rounds is no finding
            suspicion = _cross_judged(judge, values, labels, seed)
        attacks.append(_attack(attacker, suspicion, labels))
    return Audit(tuple(attacks), _tells(names, values, labels), real.height, invented.height)


Judge = Callable[[Real, Real, Real, int], Real]
"""Training values, their labels, values to judge, seed → suspicion of each."""


def _cross_judged(judge: Judge, values: Real, labels: Real, seed: int) -> Real:
    suspicion = np.zeros(len(labels))
    for trained, judged in _folds(len(labels), seed):
        found = judge(values[trained], labels[trained], values[judged], seed)
        # Each fold's judge has a scale of its own: ranks make them comparable.
        suspicion[judged] = np.argsort(np.argsort(found)) / len(found)
    return suspicion


def _folds(rows: int, seed: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    order = np.random.default_rng(seed).permutation(rows)
    for fold in range(_FOLDS):
        judged = order[fold::_FOLDS]
        yield np.setdiff1d(order, judged), judged


def _boosting(train: Real, labels: Real, judged: Real, seed: int) -> Real:
    from sklearn.ensemble import HistGradientBoostingClassifier  # noqa: PLC0415

    made = HistGradientBoostingClassifier(max_iter=150, learning_rate=0.06, min_samples_leaf=30, random_state=seed)
    chances: Real = made.fit(train, labels).predict_proba(judged)[:, 1]
    return chances


def _logistic(train: Real, labels: Real, judged: Real, seed: int) -> Real:
    """Binned features and the crosses of the most telling ones."""
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from sklearn.preprocessing import OneHotEncoder  # noqa: PLC0415

    edges = [np.unique(np.nanquantile(column, np.linspace(0, 1, _BINS + 1)[1:-1])) for column in train.T]
    told = [abs(auc(np.nan_to_num(column, nan=-1.0), labels) - 0.5) for column in train.T]
    best = np.argsort(told)[::-1][:_CROSSED]

    def binned(values: Real) -> NDArray[np.int64]:
        cut = [np.where(np.isnan(c), _BINS, np.searchsorted(e, c)) for c, e in zip(values.T, edges, strict=True)]
        crosses = [cut[a] * (_BINS + 1) + cut[b] for at, a in enumerate(best) for b in best[:at]]
        return np.column_stack([*cut, *crosses]).astype(np.int64)

    coder = OneHotEncoder(handle_unknown="ignore", min_frequency=20)
    made = LogisticRegression(C=0.02, solver="liblinear", random_state=seed)
    made.fit(coder.fit_transform(binned(train)), labels)
    chances: Real = made.predict_proba(coder.transform(binned(judged)))[:, 1]
    return chances


def _standard(train: Real, *others: Real) -> list[Real]:
    mean, spread = np.nanmean(train, axis=0), np.nanstd(train, axis=0) + 1e-9
    return [np.nan_to_num((np.clip(values, -1e12, 1e12) - mean) / spread, nan=-3.0) for values in (train, *others)]


def _neighbours(train: Real, labels: Real, judged: Real, seed: int) -> Real:
    """Share of canaries among the rows nearest to it."""
    from sklearn.neighbors import KNeighborsClassifier  # noqa: PLC0415

    del seed
    scaled, wanted = _standard(train, judged)
    chances: Real = (
        KNeighborsClassifier(n_neighbors=40, weights="distance").fit(scaled, labels).predict_proba(wanted)[:, 1]
    )
    return chances


def _isolation(train: Real, labels: Real, judged: Real, seed: int) -> Real:
    """Without labels: who is odd?"""
    from sklearn.ensemble import IsolationForest  # noqa: PLC0415

    del labels
    scaled, wanted = _standard(train, judged)
    odd: Real = -IsolationForest(n_estimators=150, random_state=seed).fit(scaled).score_samples(wanted)
    return odd


_ATTACKERS: Final[dict[str, Judge]] = {
    "gradient boosting": _boosting,
    "logistic with crosses": _logistic,
    "nearest neighbours": _neighbours,
    "isolation forest": _isolation,
}


def auc(suspicion: Real, labels: Real) -> float:
    """Chance that a canary looks more suspect than a customer; ties count half (Mann & Whitney 1947)."""
    ranks = pl.Series(suspicion).rank("average").to_numpy()
    canaries = labels == 1
    count, others = int(canaries.sum()), int((~canaries).sum())
    return float((ranks[canaries].sum() - count * (count + 1) / 2) / max(1, count * others))


def _attack(name: str, suspicion: Real, labels: Real) -> Attack:
    reached = auc(suspicion, labels)
    canaries, customers = suspicion[labels == 1], suspicion[labels == 0]
    spread = math.sqrt((len(labels) + 1) / (12 * len(canaries) * len(customers)))
    d90 = float((customers >= np.quantile(canaries, 0.1)).mean())
    top = np.argsort(-suspicion)[: max(1, len(labels) // 100)]
    lift = float(labels[top].mean() / labels.mean())
    return Attack(name, reached, reached - _ONE_SIDED * spread, reached + _ONE_SIDED * spread, d90, lift)


def _tells(names: Sequence[str], values: Real, labels: Real) -> tuple[tuple[str, float], ...]:
    told = [(name, auc(np.nan_to_num(column, nan=-1e15), labels)) for name, column in zip(names, values.T, strict=True)]
    told.sort(key=lambda each: -abs(each[1] - 0.5))
    return tuple(told[:5])


def told(one: Audit) -> dict[str, Any]:
    """An audit as JSON has it."""
    return {
        "attackers": [
            {
                "attacker": a.attacker,
                "auc": a.auc,
                "auc_low": a.low,
                "auc_high": a.high,
                "d90": a.d90,
                "lift_top_1": a.lift,
            }
            for a in one.attacks
        ],
        "auc": one.worst.auc,
        "auc_high": one.worst.high,
        "d90": min(a.d90 for a in one.attacks),
        "lift_top_1": max(a.lift for a in one.attacks),
        "tells": [{"feature": name, "auc": value} for name, value in one.tells],
        "customers": one.customers,
        "canaries": one.canaries,
        "passed": one.passed,
    }
