"""Fit the curve that turns what speaks for an edge of a lineage into its probability.

    python benchmarks/lineage_calibration.py [--seeds FIRST LAST] [--dumps N] [--rows N]

Families of the three regimes of `lineage_families`, on seeds that its table does not use, and families of short lists
that are hardly ever mistyped, so that few damaged cells are not taken for none. A logistic sum with a ridge
is fitted to whether each edge is true, and one to whether those between true kin point the right way; both for families
in which damage was copied and for those in which it was not. Its values, for
each seed by a fit without that seed, are then put right by isotonic regression. Writes `graphs/lineage/curve.json`.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from lineage_families import REGIMES, Case, case, names, plan
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression, minimize

from graphs.lineage.calibration import FEATURES, Signs, features, kind
from graphs.lineage.confidence import beliefs
from graphs.lineage.family import families
from graphs.lineage.inference import infer
from graphs.lineage.weights import START
from tracer.demo.resale import FamilyPlan

CURVE: Final = Path(__file__).parent.parent / "graphs" / "lineage" / "curve.json"
SHORT: Final = "0.1 % errors, 15 % unseized, 600 rows"
_RIDGE: Final = 1.0
_LEAST: Final = 25
"""Edges that each step of the rising line stands on."""


@dataclass(frozen=True)
class Told:
    """One edge of an answer: what spoke for it, and whether it is true or the true one turned round."""

    seed: int
    signs: Signs
    right: bool
    turned: bool


def told(seed: int, known: Case) -> list[Told]:
    """The edges inferred for one family."""
    found = []
    for family in families(known.sketches):
        if len(family.members) > 1:
            story = infer(family, START)
            name = names(story)
            for belief in beliefs(story):
                parent, child = (name[one] for one in belief.arc)
                right, turned = (parent, child) in known.truth.edges, (child, parent) in known.truth.edges
                found.append(Told(seed, belief.signs, right, turned))
    return found


def fitted(edges: Sequence[Told]) -> dict[str, Any]:
    """The curves of both kinds of family."""
    made = {}
    for family in ("clean", "damaged"):
        mine = [edge for edge in edges if kind(edge.signs) == family]
        kin = [edge for edge in mine if edge.right or edge.turned]
        made[family] = {"edge": _curve(mine), "direction": _curve(kin)}
    return made


def _curve(edges: Sequence[Told]) -> dict[str, Any]:
    rows = np.array([features(edge.signs) for edge in edges])
    right = np.array([edge.right for edge in edges], float)
    seed = np.array([edge.seed for edge in edges])
    raw = np.zeros(len(edges))
    for one in np.unique(seed):
        raw[seed == one] = _logistic(rows[seed == one] @ _weights(rows[seed != one], right[seed != one]))
    order = np.argsort(raw, kind="stable")
    steps = np.array_split(order, max(1, len(order) // _LEAST))
    size = np.array([len(step) for step in steps], float)
    true = np.array([right[step].sum() for step in steps])
    rising = isotonic_regression(true / size, weights=size).x
    # Edges that are all true do not make the next one certain: half an edge is added on either side of each level.
    for level in np.unique(rising):
        within = rising == level
        rising[within] = (true[within].sum() + 0.5) / (size[within].sum() + 1)
    rising = np.maximum.accumulate(rising)
    return {
        "edges": len(edges),
        "weights": [round(float(one), 4) for one in _weights(rows, right)],
        "raw": [round(float(raw[step].mean()), 5) for step in steps],
        "probability": [round(float(one), 4) for one in rising],
    }


def _weights(rows: NDArray[np.float64], right: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic sum with the least loss and ridge."""

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        value = rows @ weights
        slope = rows.T @ (_logistic(value) - right) + _RIDGE * weights
        return float(np.logaddexp(0, value).sum() - right @ value + _RIDGE / 2 * weights @ weights), slope

    best: NDArray[np.float64] = minimize(loss, np.zeros(rows.shape[1]), jac=True).x
    return best


def _logistic(value: NDArray[np.float64]) -> NDArray[np.float64]:
    chance: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(value, -50, 50)))
    return chance


def main() -> int:
    """Invent the families, fit the curve and write it."""
    parser = argparse.ArgumentParser(description="Fit the curve of a lineage's probabilities.")
    parser.add_argument("--seeds", nargs=2, type=int, default=(0, 50), metavar=("FIRST", "LAST"))
    parser.add_argument("--dumps", type=int, default=40)
    parser.add_argument("--rows", type=int, default=2_000)
    asked = parser.parse_args()
    edges: list[Told] = []
    for seed in range(*asked.seeds):
        for regime in REGIMES:
            edges += told(seed, case(plan(seed, regime, asked.dumps, asked.rows)))
        edges += told(seed, case(short(seed, asked.dumps)))
        print(f"seed {seed}: {len(edges)} edges", file=sys.stderr)
    write(edges, {"made_by": "benchmarks/lineage_calibration.py", **vars(asked), "regimes": [*REGIMES, SHORT]})
    return 0


def short(seed: int, dumps: int) -> FamilyPlan:
    """A family of short lists with few errors; every second one has acts that the inference has no word for."""
    return FamilyPlan(seed, dumps, 600, errors=0.001, unseized=0.15, strange=0.0 if seed % 2 else 0.15)


def write(edges: Sequence[Told], made: dict[str, Any]) -> None:
    """Write the curve, and how it was made."""
    CURVE.write_text(json.dumps({"made": made, "features": FEATURES, **fitted(edges)}, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    sys.exit(main())
