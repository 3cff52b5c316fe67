"""Which rows of which dumps are the same record: joined by whatever names the person, typing errors notwithstanding.

A typing error in the phone number leaves the identity number to recognise the person by, so rows are joined through
any identifier they have in common, transitively. Identifiers that many different rows of one dump carry (a shop's
number, a placeholder) join nobody.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from graphs.lineage.sketch import Cells, Identifiers, Sketch

Numbers = NDArray[np.int64]

_CROWD = 3
"""Different rows of one dump with the same identifier, beyond which it names nobody."""


def people(sketches: Sequence[Sketch]) -> list[Numbers]:
    """(rows,) a number of the person for each row of each dump; rows without identifiers are a person each."""
    starts = np.cumsum([0, *(sketch.rows for sketch in sketches)])
    total = int(starts[-1])
    if not total:
        return [np.zeros(0, np.int64) for _ in sketches]
    dump = np.repeat(np.arange(len(sketches)), np.diff(starts))
    distinct, bare = _distinct(sketches), _bare(sketches)
    person = np.arange(total)
    strong = max(sketch.strong for sketch in sketches)
    for kind in range(max(sketch.identifiers.shape[1] for sketch in sketches)):
        token = np.concatenate([_kind(sketch.identifiers, kind) for sketch in sketches])
        row = np.flatnonzero(token)
        if not len(row) or (kind >= strong and not bare[row].any()):
            continue
        names, number = np.unique(token[row], return_inverse=True)
        refused = _crowded(dump[row], number, distinct[row], len(names), _CROWD if kind < strong else 1)
        if kind >= strong:
            needed = np.zeros(len(names), bool)
            needed[number[bare[row]]] = True
            refused |= ~needed
        usable = ~refused[number]
        person = _joined(person, row[usable], number[usable])
    person = np.unique(person, return_inverse=True)[1].astype(np.int64)
    return [person[begin:end] for begin, end in pairwise(starts.tolist())]


def _joined(person: Numbers, row: Numbers, token: Numbers) -> Numbers:
    """People anew where those of rows with the same token are one; kind by kind, for all at once is much to hold."""
    count = int(person.max()) + 1
    if not len(row):
        return person
    size = count + int(token.max()) + 1
    graph = coo_matrix((np.ones(len(row), np.int8), (person[row], token + count)), shape=(size, size))
    joined: Numbers = connected_components(graph, directed=False)[1][person].astype(np.int64)
    return joined


def _kind(identifiers: Identifiers, kind: int) -> Identifiers:
    return identifiers[:, kind] if kind < identifiers.shape[1] else np.zeros(len(identifiers), np.uint64)


def _distinct(sketches: Sequence[Sketch]) -> NDArray[np.bool_]:
    """Whether a row is the first of its dump with these cells: repeated rows make no crowd."""
    marks = []
    for sketch in sketches:
        mark = np.zeros(sketch.rows, bool)
        mark[np.unique(_mixed(sketch.cells), return_index=True)[1]] = True
        marks.append(mark)
    return np.concatenate(marks)


def _mixed(cells: Cells) -> NDArray[np.uint64]:
    """(rows,) one number for the cells of a row."""
    mixed = np.zeros(len(cells), np.uint64)
    for column in range(cells.shape[1]):
        mixed = (mixed ^ cells[:, column]) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return mixed


def _bare(sketches: Sequence[Sketch]) -> NDArray[np.bool_]:
    """Whether a row has nothing that names a person by itself."""
    return np.concatenate([~(sketch.identifiers[:, : sketch.strong] != 0).any(axis=1) for sketch in sketches])


def _crowded(dump: Numbers, token: Numbers, distinct: NDArray[np.bool_], tokens: int, most: int) -> NDArray[np.bool_]:
    """(tokens,) whether a token stands in too many different rows of some dump."""
    pair, count = np.unique(dump[distinct] * np.int64(tokens) + token[distinct], return_counts=True)
    crowded = np.zeros(tokens, bool)
    crowded[pair[count > most] % tokens] = True
    return crowded


def once(person: Numbers, cells: Cells) -> tuple[Numbers, NDArray[np.bool_]]:
    """The rows of a dump, ascending, without those that say the same of the same person once more.

    Beside it, for each of them, whether it stands once.
    """
    mixed = _mixed(cells) ^ (person.astype(np.uint64) * np.uint64(0xC2B2AE3D27D4EB4F))
    _, first, count = np.unique(mixed, return_index=True, return_counts=True)
    order = np.argsort(first)
    return first[order].astype(np.int64), count[order] == 1


def records(person: Sequence[Numbers], cells: Sequence[Cells]) -> list[Numbers]:
    """(rows,) a number of the record for each row, so that no dump has a record twice.

    A person's second row in a dump is a record of its own: in another dump it is the row most like it.

    Args:
        person: of each row of each dump, 0 … people - 1.
        cells: (rows, slots) of each dump, columns aligned.
    """
    count = max((int(one.max()) + 1 for one in person if len(one)), default=0)
    twice = np.zeros(count, bool)
    for one in person:
        twice |= np.bincount(one, minlength=count) > 1
    if not twice.any():
        return list(person)
    numbered = [one.copy() for one in person]
    several: dict[int, list[tuple[int, int]]] = {}
    for dump, one in enumerate(person):
        for at in np.flatnonzero(twice[one]).tolist():
            several.setdefault(int(one[at]), []).append((dump, at))
    following = count
    for places in several.values():
        groups: list[tuple[set[int], list[int], int]] = []
        # Dumps that have the person twice say what there is to tell apart; the others join the row most like theirs.
        often = Counter(dump for dump, _ in places)
        for dump, row in sorted(places, key=lambda place: (-often[place[0]], place)):
            values = cells[dump][row].tolist()
            joined = _join(groups, dump, values)
            if joined is None:
                number = int(person[dump][row]) if not groups else following
                following += int(bool(groups))
                groups.append(({dump}, values, number))
                joined = number
            numbered[dump][row] = joined
    return numbered


def _join(groups: list[tuple[set[int], list[int], int]], dump: int, values: list[int]) -> int | None:
    """The record among `groups` that the row of these values is, or None if it is a new one."""
    best, found = -1.0, None
    for place, (dumps, known, _) in enumerate(groups):
        if dump in dumps:
            continue
        pairs = [(a, b) for a, b in zip(known, values, strict=True) if a and b]
        alike = sum(a == b for a, b in pairs) / len(pairs) if pairs else 0.5
        if alike > best:
            best, found = alike, place
    if found is None:
        return None
    dumps, known, number = groups[found]
    dumps.add(dump)
    groups[found] = (dumps, [a or b for a, b in zip(known, values, strict=True)], number)
    return number
