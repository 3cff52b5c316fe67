from __future__ import annotations

import math
import random
from itertools import combinations

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.chain import Chain, Link, Node
from graphs.layout import crossings, layered, timed
from graphs.ranking import cut, dominators, minimum_cut, suspects, without
from graphs.removal import key_set
from graphs.routes import COSTS, Routes, of_graph, path_shares, routes
from tests.graphs.made import evidence, made_chain


def chain_of(*links: str, undetermined: tuple[str, ...] = ()) -> Chain:
    """Links `source>target`; the kind of a node is its name without digits."""
    ends = dict.fromkeys(end for link in links for end in link.split(">"))
    nodes = tuple(Node(end, end.rstrip("0123456789"), end) for end in ends)
    made = (
        Link(*link.split(">"), "bought_by", (evidence(statistic=30.0),), determined=link not in undetermined)  # type: ignore[call-arg, arg-type, misc]
        for link in links
    )
    return Chain(nodes, tuple(made))


def random_ways(chance: random.Random) -> Routes:
    kinds = ["platform"] * 2 + ["dump"] * 3 + ["seller"] * 5 + ["group"] * 3 + ["buyer"] * 3 + ["campaign"] * 5
    names = [f"{kind}{place}" for place, kind in enumerate(kinds)]
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_nodes_from(names)
    for place, name in enumerate(names[2:], 2):
        for other in chance.sample(range(place), min(place, chance.randint(1, 2))):
            if kinds[other] != "campaign":
                graph.add_edge(names[other], name, p=chance.uniform(0.5, 1))
    return of_graph(graph, dict(zip(names, kinds, strict=True)))


def best(ways: Routes, most: int) -> int:
    return max(
        len(ways.fed()) - len(ways.fed(removed))
        for removed in combinations(ways.removable, min(most, len(ways.removable)))
    )


def test_whom_every_route_passes_is_named_in_a_sentence() -> None:
    """The seller between the root and both campaigns dominates them; of two parallel groups neither does."""
    chain = chain_of(
        "dump1>seller1", "seller1>group1", "seller1>group2", "group1>campaign1", "group2>campaign1", "group2>campaign2"
    )
    found = {one.node: one for one in dominators(routes(chain))}
    assert found["seller1"].campaigns == ("campaign1", "campaign2")
    assert "group1" not in found
    assert found["seller1"].sentence.startswith("Without seller seller1 no known route reaches the calls of campaign1")


@given(st.integers(0, 10_000))
def test_a_dominator_is_indispensable_and_nobody_else_is(seed: int) -> None:
    """Removing a dominator cuts its campaigns off, and removing anybody else leaves them fed."""
    ways = random_ways(random.Random(seed))
    served = {one.node: set(one.campaigns) for one in dominators(ways)}
    for node in set(ways.graph) - set(ways.campaigns):
        lost = ways.fed() - ways.fed([node])
        if node not in ways.roots or len(ways.roots) > 1:
            assert lost == served.get(node, set()) & ways.fed()


def test_an_undetermined_direction_makes_nobody_indispensable() -> None:
    """A link that may be the other way round can be passed both ways."""
    links = ("dump1>seller1", "seller1>campaign1", "dump1>seller2", "seller1>seller2")
    assert "seller1" in {one.node for one in dominators(routes(chain_of(*links)))}
    loose = chain_of(*links, "seller2>campaign1", undetermined=("seller1>seller2",))
    assert "seller1" not in {one.node for one in dominators(routes(loose))}


@given(st.integers(0, 10_000))
def test_the_minimum_cut_stops_every_route_at_least_cost(seed: int) -> None:
    """No campaign is fed after it, and no cheaper set of up to three does the same."""
    ways = random_ways(random.Random(seed))
    names, cost = minimum_cut(ways)
    if math.isinf(cost):
        assert ways.fed(ways.removable)
        return
    assert ways.fed(names) == set()
    assert cost == pytest.approx(sum(COSTS[ways.kinds[name]] for name in names))
    for size in range(1, 3):
        for other in combinations(ways.removable, size):
            if not ways.fed(other):
                assert sum(COSTS[ways.kinds[name]] for name in other) >= cost


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("most", [1, 2, 3])
def test_the_key_set_cuts_what_the_best_set_cuts(seed: int, most: int) -> None:
    """Against every set of that size: the key set cuts off as many campaigns, and its curve adds up."""
    ways = random_ways(random.Random(seed))
    steps = key_set(ways, most)
    assert len(steps) <= most
    assert (steps[-1].cut if steps else 0) == best(ways, most)
    assert sum(step.gain for step in steps) == pytest.approx(steps[-1].cut if steps else 0)
    assert without(ways, [step.node for step in steps]).still_fed == tuple(
        sorted(ways.fed([step.node for step in steps]))
    )


@given(st.integers(0, 10_000))
def test_path_shares_are_shares(seed: int) -> None:
    """They lie between 0 and 1, and in a chain without parallel routes everybody on the route has all of it."""
    shares = path_shares(random_ways(random.Random(seed)))
    assert all(0 <= share <= 1 for share in shares.values())
    line = path_shares(routes(chain_of("dump1>seller1", "seller1>campaign1")))
    assert line == pytest.approx({"dump1": 1.0, "seller1": 1.0, "campaign1": 1.0})


def test_rings_are_counted_once_and_have_roots() -> None:
    """Dumps copied back and forth neither hang the counting nor leave the chain without a root."""
    ring = chain_of("dump1>dump2", "dump2>dump1", "dump2>seller1", "seller1>campaign1")
    ways = routes(ring)
    assert set(ways.roots) == {"dump1", "dump2"}
    assert path_shares(ways)["seller1"] == pytest.approx(1.0)
    assert ring.circles() == [["dump1", "dump2"]]


def test_cut_answers_everything_at_once() -> None:
    """The answer for the command: dominators, the cheapest cut, the key set and shares of a large chain."""
    answer = cut(made_chain(150), most=3)
    assert len(answer.key_set) <= 3
    assert answer.shares
    assert suspects(routes(made_chain(150)), "campaign:0")


def test_layers_run_from_left_to_right() -> None:
    """Every kind stands right of the one before it, nothing lies on anything else, and the layout is the same again."""
    chain = made_chain(120)
    layout = layered(chain)
    columns = {
        kind: [layout.places[node.id][0] for node in chain.nodes if node.kind == kind]
        for kind in ("platform", "advert", "seller", "campaign")
    }
    assert max(columns["platform"]) < min(columns["advert"]) < min(columns["seller"]) < min(columns["campaign"])
    assert len(set(layout.places.values())) == len(chain.nodes)
    assert layered(chain) == layout
    assert len(set(timed(chain).places.values())) == len(chain.nodes)


def test_sweeping_lessens_crossings() -> None:
    """The swept order crosses fewer lines than the order of names."""
    chain = made_chain(120)
    layout = layered(chain)
    by_column: dict[float, list[str]] = {}
    for node in sorted(layout.places):
        by_column.setdefault(layout.places[node][0], []).append(node)
    named = {node: (x, float(row)) for x, nodes in by_column.items() for row, node in enumerate(nodes)}
    assert crossings(layout, chain) < crossings(type(layout)(named, layout.width, layout.height), chain)
