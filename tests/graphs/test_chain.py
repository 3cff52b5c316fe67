from __future__ import annotations

import io
import math
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graphs.campaigns import DumpNumbers, explain
from graphs.chain import Chain, ChainFault, Link, Node, from_json, to_json
from graphs.chain_building import Attribution, CallCampaign, Derivation, Material, build
from graphs.evidence import Evidence, percent, weigh
from graphs.market.market import Line, Market
from graphs.market.message import Message
from graphs.market.tie import DumpFacts, names_a_dump, ties
from graphs.score import score_seller, support_platform
from tests.graphs.made import evidence, made_chain
from tests.graphs.market import exports
from tests.graphs.market.exports import Said

DAY = datetime(2025, 6, 1)
NUMBERS = frozenset(f"138{place:08d}" for place in range(1_000))
DUMP = DumpFacts("leak.csv", "ab" * 32, 45_678, 30_000, frozenset({"name", "phone"}), NUMBERS)
STATISTICS = st.floats(-30, 30)
ITEMS = st.lists(
    st.builds(
        evidence, st.sampled_from(["content", "text"]), STATISTICS, st.sampled_from("abc"), st.sampled_from("xyz")
    ),
    min_size=1,
    max_size=6,
)


def lines(*said: Said) -> tuple[Line, ...]:
    return tuple(Market().read("a.txt", io.BytesIO(exports.qq_text(list(said)).encode())))


def test_ten_forwards_of_one_advert_count_once() -> None:
    """Items of one group are one piece of evidence: repeating the strongest changes nothing, another group adds."""
    one = evidence("content", 5.0, "chat a")
    assert weigh([one] * 10) == weigh([one])
    assert weigh([one, evidence("content", 5.0, "chat b")]).log_odds == pytest.approx(weigh([one]).log_odds + 5)


@given(ITEMS)
def test_evidence_adds_up_over_groups_only(items: list[Evidence]) -> None:
    """The log odds are the prior's plus each group's best and worst; the interval holds the probability."""
    weight = weigh(items, prior=0.5)
    groups = {item.group for item in items}
    total = sum(
        max([0.0, *(item.statistic for item in items if item.group == group)])
        + min([0.0, *(item.statistic for item in items if item.group == group)])
        for group in groups
    )
    assert weight.log_odds == pytest.approx(total, abs=1e-9)
    assert 0 <= weight.low <= weight.probability <= weight.high <= 1
    assert weight.groups == len(groups)


@given(ITEMS, st.sampled_from("xyz"))
def test_retracting_recomputes(items: list[Evidence], reference: str) -> None:
    """A chain from which a reference is retracted weighs its links as if the items had never been."""
    nodes = (Node("dump:a", "dump", "a"), Node("campaign:b", "campaign", "b"))
    chain = Chain(nodes, (Link("dump:a", "campaign:b", "dialled_in", tuple(items)),))
    left = chain.retract(reference).links[0].weight
    assert left == weigh([item for item in items if item.reference != reference])
    assert len(chain.retract(reference).links[0].evidence) == len(items)


def test_a_status_says_what_it_rests_on() -> None:
    """Text alone is never proof, contradiction is a dispute, nothing left is retracted."""
    strong = [evidence("text", 30.0)]
    assert weigh(strong).status == "probable"
    assert weigh([evidence("content", 30.0)]).status == "proved"
    assert weigh([evidence("content", 30.0), evidence("content", -30.0, "b")]).status == "disputed"
    assert weigh([evidence("text", 1.0)]).status == "possible"
    assert weigh([]).status == "retracted"


def test_json_loses_nothing() -> None:
    """A chain written as JSON and read again is the same chain with the same id."""
    chain = made_chain(80)
    assert from_json(to_json(chain)) == chain
    assert from_json(to_json(chain)).id == chain.id
    with pytest.raises(ChainFault):
        from_json({"nodes": 3})


def test_nodes_and_links_must_fit() -> None:
    """A link into nowhere, an unknown kind and a doubled id are refused."""
    node = Node("dump:a", "dump", "a")
    for nodes, links in (
        ((node,), (Link("dump:a", "dump:b", "copied_to", ()),)),
        ((node, node), ()),
        ((Node("x", "person", "x"),), ()),
    ):
        with pytest.raises(ChainFault):
            Chain(nodes, links)


def test_a_file_of_the_dumps_size_ties_an_advert_to_it() -> None:
    """Name and exact size of a sent file are content evidence; the size of another file is not."""
    message = next(iter(lines(Said("77777", "x", DAY, "出网贷料 1元一条"))))
    for size, tied in ((45_678, True), (45_679, False)):
        sent = Line("a.txt", 0, _with_file(message, "leak.csv", size), message.advert)
        found = [item for item in ties(sent, DUMP) if item.kind == "content"]
        assert bool(found) == tied


def _with_file(line: Line, name: str, size: int) -> Message:
    return line.message._replace(file_name=name, file_size=size)


def test_sample_records_tie_and_description_does_not() -> None:
    """Records shown in the advert that the dump holds tie it; a fitting volume and fitting fields alone never do."""
    shown = "网贷料 1元一条 3万条\n张三,13800000001,杭州\n李四,13800000002,宁波"
    (sample,) = lines(Said("77777", "x", DAY, shown))
    (described,) = lines(Said("77777", "x", DAY, "出网贷料 姓名 电话 1元一条 总共30000条"))
    assert names_a_dump(ties(sample, DUMP))
    assert ties(described, DUMP)
    assert not names_a_dump(ties(described, DUMP))
    (foreign,) = lines(Said("77777", "x", DAY, shown.replace("138", "139")))
    assert sum(item.statistic for item in ties(foreign, DUMP) if item.kind == "content") < 0


def material() -> Material:
    """A platform's dump, its copy, an advert with samples, a seller in a group, a buyer, and his calls."""
    said = lines(
        Said("77777", "卖家", DAY, "网贷料 一手 1元一条\n张三,13800000001,杭州\n李四,13800000002,宁波"),
        Said("88888", "买家", DAY + timedelta(1), "求购网贷料 实时 1块以内"),
    )
    calls = [f"138{place:08d}" for place in range(0, 300, 2)]
    found = explain(calls, [DumpNumbers("leak.csv", NUMBERS)])
    return Material(
        lines=said,
        dumps=(DUMP,),
        attributions=(Attribution("cloudloan", "first.csv", 28_000, 1e-9, "trace 1"),),
        derivations=(
            Derivation("first.csv", "leak.csv", 0.97, determined=True, operation="subset", reference="lineage 1"),
        ),
        campaigns=(CallCampaign("calls.csv", found, "calls.csv", buyer="a.txt#88888"),),
    )


def test_from_a_call_back_to_the_root_and_forward_again() -> None:
    """A built chain leads from the campaign back to the platform, and from the platform to everybody."""
    chain = build(material())
    routes = chain.back("campaign:calls.csv")
    assert ["campaign:calls.csv", "dump:leak.csv", "dump:first.csv", "platform:cloudloan"] in routes
    reached = chain.forward("platform:cloudloan")
    assert {"dump:leak.csv", "advert:a.txt#0", "seller:a.txt#77777", "group:数据群", "campaign:calls.csv"} <= set(
        reached
    )
    assert build(material()).id == chain.id
    assert chain.circles() == []


def test_every_edge_carries_its_evidence() -> None:
    """Each edge of the networkx graph has its link and weight, and no link is without evidence."""
    graph = build(material()).graph()
    assert graph.number_of_edges() >= 6
    for *_, facts in graph.edges(data=True):
        assert facts["link"].evidence
        assert 0 < facts["weight"].probability <= 1


def test_no_telephone_number_is_in_a_chain() -> None:
    """Sample records and dialled numbers stay outside: the chain cites places, not people."""
    assert "1380000000" not in str(to_json(build(material())))


def test_a_score_cites_its_evidence_or_is_withheld() -> None:
    """A seller tied by content has points with references; one known from one chat log's text alone has no number."""
    chain = build(material())
    score = score_seller(chain, "seller:a.txt#77777", today=DAY + timedelta(days=10))
    assert score.total is not None
    assert 0 < score.total <= 100
    assert all(point.references for point in score.points if point.points > 0)
    bare = build(Material(lines=lines(Said("77777", "x", DAY, "出网贷料 一手 1元一条"))))
    withheld = score_seller(bare, "seller:a.txt#77777", today=DAY)
    assert withheld.total is None
    assert "withheld" in withheld.why


def test_support_for_a_platform_names_other_explanations() -> None:
    """The grade follows the likelihood ratio, and vendors and carriers are always named as other explanations."""
    support = support_platform(build(material()), "platform:cloudloan")
    assert support.grade == "A"
    assert support.log_ratio == pytest.approx(-math.log(1e-9))
    assert len(support.competing) >= 2
    weak = build(Material(attributions=(Attribution("cloudloan", "first.csv", 3, 0.2, "trace 1"),)))
    assert support_platform(weak, "platform:cloudloan").grade == "E"


@pytest.mark.parametrize(
    ("probability", "told"),
    [(1.0, "> 99%"), (0.9951, "> 99%"), (0.994, "99%"), (0.5, "50%"), (0.004, "< 1%"), (0.0, "0%")],
)
def test_nothing_is_said_to_be_certain(probability: float, told: str) -> None:
    """No probability is rounded to certainty where people read it."""
    assert percent(probability) == told
