"""Which dump was made from which, from sketches of the dumps alone."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date
from multiprocessing import get_context

import numpy as np

from graphs.lineage.calibration import LEAST
from graphs.lineage.confidence import Belief, beliefs
from graphs.lineage.evidence import Fact, Place, examples, facts
from graphs.lineage.family import Family, families
from graphs.lineage.inference import Inference, infer
from graphs.lineage.latent import unseized
from graphs.lineage.operations import operation
from graphs.lineage.sketch import Sketch
from graphs.lineage.weights import START, Weights


@dataclass(frozen=True, slots=True)
class Edge:
    """One dump was made from another."""

    parent: str
    child: str
    probability: float
    determined: bool
    """Whether the direction is sure, at odds of 20 to 1."""
    operation: str
    facts: tuple[Fact, ...]
    examples: tuple[Place, ...]
    """Rows that show it."""
    alternatives: tuple[tuple[tuple[str, ...], float], ...]
    """Other parents of the child, and by how many nats each is worse."""


@dataclass(frozen=True, slots=True)
class Missing:
    """A dump that must have existed and was not seized."""

    name: str
    children: tuple[str, ...]
    records: int
    before: date | None


@dataclass(frozen=True, slots=True)
class Lineage:
    """What was made from what."""

    edges: tuple[Edge, ...]
    missing: tuple[Missing, ...]
    roots: dict[str, tuple[str, ...]]
    """Dump → the dumps at the beginning of its lines, itself where it has no parent."""


def trace_lineage(
    sketches: Sequence[Sketch],
    *,
    weights: Weights = START,
    seed: int = 0,
    workers: int = 1,
    progress: Callable[[int], None] | None = None,
) -> Lineage:
    """Infer the lineage of the dumps of a case.

    Args:
        sketches: of different dumps, names distinct, made under one key.
        weights: of events.
        seed: of the bootstrap.
        workers: processes that look at families side by side; the answer is the same with any number.
        progress: told how many dumps are done.
    """
    edges: list[Edge] = []
    missing: list[Missing] = []
    for size, (drawn, implied) in _each(families(sketches), weights, seed, workers):
        edges += drawn
        missing += [replace(one, name=f"unseized-{len(missing) + 1 + at}") for at, one in enumerate(implied)]
        if progress is not None:
            progress(size)
    return Lineage(tuple(edges), tuple(missing), _roots([sketch.name for sketch in sketches], edges))


Told = tuple[list[Edge], list[Missing]]


def _each(several: Iterable[Family], weights: Weights, seed: int, workers: int) -> Iterator[tuple[int, Told]]:
    """How many dumps each family has and what was found of it, in the order of the families."""
    if workers < 2:
        for family in several:
            yield len(family.members), _family(family, weights, seed)
        return
    # Processes are started afresh: a fork of a process with threads may hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        waiting: deque[tuple[int, Future[Told]]] = deque()
        for family in several:
            waiting.append((len(family.members), pool.submit(_family, family, weights, seed)))
            while len(waiting) > 2 * workers:
                size, found = waiting.popleft()
                yield size, found.result()
        for size, found in waiting:
            yield size, found.result()


def _family(family: Family, weights: Weights, seed: int) -> Told:
    """Edges of one family, and the unseized dumps that it implies, still without names."""
    if len(family.members) < 2:
        return [], []
    found = infer(family, weights)
    names = [member.sketch.name for member in family.members]
    edges = [_edge(found, names, belief) for belief in beliefs(found, seed=seed) if belief.probability >= LEAST]
    implied = unseized(found)
    missing = [Missing("", tuple(names[child] for child in one.children), one.records, one.before) for one in implied]
    return edges, missing


def _edge(found: Inference, names: Sequence[str], belief: Belief) -> Edge:
    parent, child = belief.arc
    option = found.chosen[child]
    return Edge(
        names[parent],
        names[child],
        belief.probability,
        belief.determined,
        operation(found.family, found.book, option),
        facts(found, belief),
        examples(found, belief.arc),
        _alternatives(found, names, child),
    )


def _alternatives(found: Inference, names: Sequence[str], child: int) -> tuple[tuple[tuple[str, ...], float], ...]:
    """The three next best sets of parents in the order found."""
    before = set(found.answer.order[: found.answer.order.index(child)])
    mine = found.chosen[child].parents
    best: dict[tuple[int, ...], float] = {}
    for place in np.flatnonzero(found.card.child == child).tolist():
        option = found.book.options[place]
        if option.parents != mine and set(option.before) <= before:
            nats = float(found.nats[place] - found.nats[found.answer.chosen[child]])
            best[option.parents] = min(nats, best.get(option.parents, nats))
    ranked = sorted(best.items(), key=lambda item: item[1])[:3]
    return tuple((tuple(names[parent] for parent in parents), round(nats, 1)) for parents, nats in ranked)


def _roots(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, tuple[str, ...]]:
    parents: dict[str, list[str]] = {name: [] for name in names}
    for edge in edges:
        parents[edge.child].append(edge.parent)
    known: dict[str, tuple[str, ...]] = {}

    def first(name: str) -> tuple[str, ...]:
        if name not in known:
            above = {root for parent in parents[name] for root in first(parent)}
            known[name] = tuple(sorted(above)) or (name,)
        return known[name]

    return {name: first(name) for name in names}
