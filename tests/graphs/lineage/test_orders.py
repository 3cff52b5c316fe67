from __future__ import annotations

from math import lgamma

import numpy as np
import pytest

from graphs.lineage.family import families
from graphs.lineage.ledger import Ledger, opened
from graphs.lineage.options import Option
from graphs.lineage.orders import orders
from graphs.lineage.weights import START
from tests.graphs.lineage.tables import Row, invented, sketch

RNG = np.random.default_rng(5)
FIRST = invented(400)
SHUFFLED = [FIRST[place] for place in RNG.permutation(400)]


def laid(**lists: list[Row]) -> tuple[Ledger, dict[str, int]]:
    (family,) = families([sketch(name, rows) for name, rows in lists.items()])
    return opened(family, START), {member.sketch.name: at for at, member in enumerate(family.members)}


def nats(book: Ledger, child: int, *parents: int) -> float:
    return float(orders(book.tables[child], [Option(child, tuple(sorted(parents)))])[0])


def test_an_order_that_nothing_explains_is_one_of_all() -> None:
    """A list without parents, and one shuffled anew, take the logarithm of n! to tell."""
    book, at = laid(first=FIRST, shuffled=SHUFFLED)
    for parents in ((), (at["first"],)):
        assert nats(book, at["shuffled"], *parents) == pytest.approx(lgamma(401))


def test_a_part_keeps_its_parents_order() -> None:
    """A part of the shuffled list stands as there: told by it it takes nothing, by the first list nearly everything."""
    part = [SHUFFLED[place] for place in np.sort(RNG.permutation(400)[:250])]
    book, at = laid(first=FIRST, shuffled=SHUFFLED, part=part)
    assert nats(book, at["part"], at["shuffled"]) == 0
    assert nats(book, at["part"], at["first"]) > 0.9 * lgamma(251)


def test_lists_put_together_stand_one_behind_the_other() -> None:
    """Two lists with people in common, put together without repetition: both orders are kept, and it takes little."""
    other = [*[SHUFFLED[place] for place in range(0, 400, 8)], *invented(200, start=1_000)]
    both = [*SHUFFLED, *other[50:]]
    book, at = laid(first=SHUFFLED, other=other, both=both)
    assert nats(book, at["both"], at["first"], at["other"]) < 20


def test_moved_stretches_take_little_and_drawn_rows_more() -> None:
    """A list cut in three and put together anew takes little; every third row taken to the front takes much more."""
    moved = [*FIRST[250:], *FIRST[:100], *FIRST[100:250]]
    drawn = [*FIRST[::3], *[row for place, row in enumerate(FIRST) if place % 3]]
    book, at = laid(first=FIRST, moved=moved, drawn=drawn)
    assert nats(book, at["moved"], at["first"]) < 50
    assert 150 < nats(book, at["drawn"], at["first"]) < 0.3 * lgamma(401)
