"""A hundred recipients, three colluders, five strategies: who is established, and is anybody innocent?

    python benchmarks/canary_codes.py [STRATEGY …]

Strategies: mix union majority minority intersection; one that is not asked for keeps its figures of the last run.
Each run allots 900 coded canaries and 12 exclusive ones a recipient beside 2,000 shadows, leaks what the coalition's
strategy leaves of them, and asks `luobo canary check`'s own verdict for a false-accusation bound of 1e-6 after
correction for all hundred. Innocents are counted in these runs, in leaks of strangers (100,000 plain nulls), and, as a
rate that is too small to be counted, by importance sampling: holdings are drawn under the exponential tilt at which the
accusing score is usual, and weighed back (Siegmund 1976). Writes benchmarks/results/canary_codes.md and .json.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit, log_expit

sys.path.insert(0, str(Path(__file__).parent.parent))

from measure import RESULTS, publish

from canaries.canary import Canary, Kind
from canaries.register import Register
from canaries.sightings import Sighting, Sightings
from canaries.tardos import Bits, Score, accuse, biases, chernoff, code, scores
from canaries.verdict import conclude
from tests.canaries.test_tardos import ATTACKS, attack

EPSILON, RECIPIENTS, COLLUDERS = 1e-6, 100, 3
SLOTS, OWN, SHADOWS = 900, 12, 2000
RUNS = 1000
NULLS = 100_000
SAMPLED, DUMPS = 20_000, 20
FIRM = 60.0
"""Bits of a whole row in a full leak: name, masked phone and what else a table has."""

Real = NDArray[np.float64]
Figures = dict[str, Any]


def leak(strategy: str, run: int) -> tuple[Register, Sightings]:
    """A register, and what a coalition of its first three recipients leaves of it."""
    rng = np.random.default_rng([run, ATTACKS.index(strategy)])
    chances = biases(SLOTS, rng)
    held = code(chances, RECIPIENTS, rng)
    own = np.repeat(np.eye(RECIPIENTS, dtype=bool), OWN, axis=1)
    seen = attack(strategy, np.hstack([held, own])[:COLLUDERS], rng)
    names = tuple(f"r{at}" for at in range(RECIPIENTS))
    coded = [
        Canary(f"c{at}", Kind.CODED, tuple(name for name, has in zip(names, held[:, at], strict=True) if has), {}, {},
               bias=float(chances[at]))
        for at in range(SLOTS)
    ]  # fmt: skip
    exclusive = [Canary(f"e{at}", Kind.EXCLUSIVE, (names[at // OWN],), {}, {}) for at in range(OWN * RECIPIENTS)]
    shadows = [Canary(f"s{at}", Kind.SHADOW, (), {}, {}) for at in range(SHADOWS)]
    known = [*coded, *exclusive]
    sighted = tuple(Sighting(known[at].id, int(at), "name+phone", FIRM) for at in np.flatnonzero(seen))
    register = Register(bytes(32), (), names, (*known, *shadows))
    return register, Sightings(sighted, (), sighted, 40.0, 1_000_000, fuzzy=True, ambiguous=0)


def established(strategy: str, runs: int) -> Figures:
    """In how many runs a true colluder is established, and how many innocents."""
    caught = every = innocent = 0
    for run in range(runs):
        register, sightings = leak(strategy, run)
        verdict = conclude(register, sightings, date(2026, 1, 1))
        named = {one.recipient for one in verdict.holders if one.false_accusation <= EPSILON}
        guilty = {f"r{at}" for at in range(COLLUDERS)}
        caught, every, innocent = (
            caught + bool(named & guilty),
            every + (named >= guilty),
            innocent + len(named - guilty),
        )
    return {"runs": runs, "a_colluder": caught / runs, "all_colluders": every / runs,
            "innocents": runs * (RECIPIENTS - COLLUDERS), "innocents_accused": innocent}  # fmt: skip


def nulls(strategy: str, recipients: int) -> int:
    """How many of so many recipients are accused of leaks that none of them had part in."""
    accused = 0
    for run in range(recipients // RECIPIENTS):
        rng = np.random.default_rng([7, run, ATTACKS.index(strategy)])
        chances = biases(SLOTS, rng)
        seen = attack(strategy, code(chances, COLLUDERS, rng), rng)
        bounds = accuse(code(chances, RECIPIENTS, rng), chances, seen) * RECIPIENTS * 2
        accused += int((bounds <= EPSILON).sum())
    return accused


def rate(strategy: str) -> tuple[float, float]:
    """The greatest chance over some dumps that anybody of a hundred innocents is accused, and its standard error.

    The sum over the scores that are tried, so an upper bound of the chance that any of them accuses.
    """
    worst = (0.0, 0.0)
    for run in range(DUMPS):
        rng = np.random.default_rng([11, run, ATTACKS.index(strategy)])
        chances = biases(SLOTS, rng)
        seen = attack(strategy, code(chances, COLLUDERS, rng), rng)
        tried = scores(chances, seen)
        told = [tail(one, chances, EPSILON / RECIPIENTS / 2 / len(tried), rng) for one in tried]
        mean = RECIPIENTS * sum(each for each, _ in told)
        worst = max(worst, (mean, RECIPIENTS * float(np.sqrt(sum(error**2 for _, error in told)))))
    return worst


def tail(score: Score, chances: Real, bound: float, rng: np.random.Generator) -> tuple[float, float]:
    """P(an innocent's score reaches what Chernoff bounds by `bound`), and its standard error."""
    odds, gain = np.log(chances / (1 - chances)), score.held - score.lacked
    least = score.lacked.sum()

    def usual(tilt: float) -> float:
        return float(least + (expit(odds + tilt * gain) * gain).sum())

    def excess(tilt: float) -> float:
        return float(np.log(chernoff(score, chances, np.array([usual(tilt)]))[0] / bound))

    most = 30.0
    if excess(most) > 0:  # not even the highest score would accuse
        return 0.0, 0.0
    tilt = brentq(excess, 1e-4, most, xtol=1e-6)
    reached = usual(tilt)
    held: Bits = rng.random((SAMPLED, len(chances))) < expit(odds + tilt * gain)
    total = np.where(held, score.held, score.lacked).sum(axis=1)
    cumulant = np.logaddexp(log_expit(odds) + tilt * score.held, log_expit(-odds) + tilt * score.lacked).sum()
    weight = np.where(total >= reached, np.exp(cumulant - tilt * total), 0.0)
    return float(weight.mean()), float(weight.std() / np.sqrt(SAMPLED))


def main() -> int:
    """Run the strategies named on the command line, or all; print, write."""
    begun = process_time()
    target = RESULTS / "canary_codes.json"
    for strategy in sys.argv[1:] or ATTACKS:
        mean, error = rate(strategy)
        figures = {
            **established(strategy, RUNS),
            "plain_nulls": NULLS,
            "nulls_accused": nulls(strategy, NULLS),
            "anybody_innocent": mean,
            "standard_error": error,
        }
        print(strategy, json.dumps(figures), file=sys.stderr)
        told = {**(json.loads(target.read_text("utf-8")) if target.exists() else {}), strategy: figures}
        told = {name: told[name] for name in ATTACKS if name in told}
        publish("canary_codes", told, page(told))
    print(f"{process_time() - begun:.0f} s of processor time", file=sys.stderr)
    return 0


def page(told: Figures) -> str:
    """The results as a page; strategies that were not run to their end are named."""
    rows = [
        f"| {name} | {one['runs']:,} | {one['a_colluder']:.1%} | {one['all_colluders']:.1%} | "
        f"{one['innocents_accused']} of {one['innocents']:,} | {one['nulls_accused']} of {one['plain_nulls']:,} | "
        f"{one['anybody_innocent']:.1e} ± {one['standard_error']:.0e} |\n"
        for name, one in told.items()
    ]
    missing = [name for name in ATTACKS if name not in told]
    head = (
        f"# Colluding recipients\n\n{RECIPIENTS} recipients, {COLLUDERS} colluders, {SLOTS} coded canaries and {OWN} "
        f"exclusive ones each, false accusation of anybody ≤ {EPSILON:.0e}, full leak.\n"
        f"The last column is the importance-sampled chance that anybody of {RECIPIENTS} innocents is accused by the "
        f"coded canaries: the worst of {DUMPS} dumps.\n\n"
        "| strategy | runs | a colluder established | all three | innocents accused | plain nulls accused "
        "| anybody innocent |\n|---|---|---|---|---|---|---|\n"
    )
    return head + "".join(rows) + (f"\nNot run to the end: {', '.join(missing)}.\n" if missing else "")


if __name__ == "__main__":
    sys.exit(main())
