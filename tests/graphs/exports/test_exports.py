from __future__ import annotations

import csv
import io
import json
import re
import warnings
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree as ET

import networkx as nx
import pytest

from graphs.chain import Chain, Link, Node, from_json
from graphs.exports.flat import flat
from graphs.exports.formats import FORMATS, UnknownEnding, export
from graphs.exports.tables import _harmless
from tests.graphs.made import evidence, made_chain

NOW = datetime(2025, 10, 1, tzinfo=UTC)
CHAIN = made_chain(80)
EVIL = "</script><svg onload=alert(1)>'\"&`\\\n=1+1\x00\u2028{{7*7}}"


def hostile() -> Chain:
    """A chain whose every text tries to break out of where it is written."""
    nodes = (Node(f"dump:{EVIL}", "dump", EVIL, {EVIL: EVIL}), Node("campaign:b", "campaign", "=cmd|'/c calc'!A1"))
    item = evidence("content", 9.0, EVIL, EVIL)
    return Chain(nodes, (Link(nodes[0].id, "campaign:b", "dialled_in", (item,), alternatives=(EVIL,)),))


def written(ending: str, chain: Chain = CHAIN) -> str:
    return export(chain, f"chain{ending}", created=NOW)


@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_chain_gives_the_same_text(ending: str) -> None:
    """Every export of one chain at one time is the same, byte for byte."""
    assert written(ending) == written(ending, made_chain(80))


def test_graphml_is_read_back_equal() -> None:
    """Networkx reads the GraphML back with every node, link and attribute."""
    found: Any = nx.read_graphml(io.BytesIO(written(".graphml").encode()), force_multigraph=True)
    want = flat(CHAIN)
    assert found.nodes.keys() == want.nodes.keys()
    assert found.edges.keys() == want.edges.keys()
    assert all(found.nodes[node] == want.nodes[node] for node in want)
    assert all(found.edges[edge] == want.edges[edge] for edge in want.edges)


def test_gexf_is_read_back_equal_with_times() -> None:
    """Networkx reads the GEXF back with every attribute, and nodes and links have start and end."""
    found = nx.read_gexf(io.BytesIO(written(".gexf").encode()), version="1.2draft")
    want = flat(CHAIN)
    assert set(found) == set(want)
    for name, facts in want.nodes(data=True):
        assert {key: found.nodes[name][key] for key in facts} == facts
    edges = sorted((a, b, d["link"], d["evidence"], d["probability"]) for a, b, d in found.edges(data=True))
    assert edges == sorted((a, b, d["kind"], d["evidence"], d["probability"]) for a, b, d in want.edges(data=True))
    assert 'timeformat="date"' in written(".gexf")
    assert 'start="2025-' in written(".gexf")


def test_stix_is_valid() -> None:
    """`stix2` parses the bundle without custom content, and the OASIS validator finds no error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # both libraries use what Python deprecates
        import stix2  # noqa: PLC0415
        from stix2validator import ValidationOptions, validate_string  # noqa: PLC0415

        text = written(".stix.json")
        bundle = stix2.parse(text, allow_custom=False)
        assert validate_string(text, ValidationOptions(version="2.1", enforce_refs=True)).is_valid
    links = [one for one in bundle.objects if one["type"] == "relationship"]
    assert len(links) == len(CHAIN.links)
    assert all(0 <= link["confidence"] <= 100 for link in links)


def test_follow_the_money_knows_every_entity() -> None:
    """Every line is of a known schema, has only its properties, and every value survives cleaning."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from followthemoney import model  # noqa: PLC0415
        from followthemoney.proxy import EntityProxy  # noqa: PLC0415

        for line in written(".ftm.jsonl").splitlines():
            entity = json.loads(line)
            schema = model.get(entity["schema"])
            assert schema is not None
            assert not schema.validate(entity)
            proxy = EntityProxy.from_dict(entity, cleaned=False)
            assert {name: bool(proxy.get(name)) for name in entity["properties"]} == dict.fromkeys(
                entity["properties"], True
            )


def test_prov_is_read_by_prov() -> None:
    """`prov` reads the document, with one record a node and one a link, and dumps derive from dumps."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from prov.model import ProvDerivation, ProvDocument  # noqa: PLC0415

        document = ProvDocument.deserialize(content=written(".prov.json"), format="json")
    assert len(list(document.get_records())) == len(CHAIN.nodes) + len(CHAIN.links)
    copies = sum(link.kind in {"copied_to", "leaked_to", "offered_in", "forwarded_to"} for link in CHAIN.links)
    assert len(list(document.get_records(ProvDerivation))) == copies


def test_own_json_loses_nothing() -> None:
    """Luobo's own JSON gives the chain back."""
    assert from_json(json.loads(written(".json"))) == CHAIN


def test_csv_has_a_line_a_link_and_no_formula() -> None:
    """Each link is one record, and no cell can be taken for a formula by a spreadsheet."""
    rows = list(csv.reader(io.StringIO(written(".csv"))))
    assert len(rows) == len(CHAIN.links) + 1
    (_, row) = csv.reader(io.StringIO(written(".csv", hostile())))
    assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]
    for cell in ("＝1+1", " \u200b=1+1", "\n@x", "＠x", "|x"):
        assert _harmless(cell) == f"'{cell}"
    assert _harmless(-1.5) == -1.5


def test_cypher_cannot_be_broken_out_of() -> None:
    """However a name is written, each statement has balanced quotes and stays one line."""
    for line in written(".cypher", hostile()).splitlines():
        assert line.endswith(";")
        assert len(re.findall(r"(?<!\\)(?:\\\\)*'", line)) % 2 == 0
    assert written(".cypher").count("MERGE (n:Luobo") == len(CHAIN.nodes)


@pytest.mark.parametrize("ending", [".svg", ".graphml", ".gexf"])
def test_xml_is_well_formed_whatever_names_say(ending: str) -> None:
    """Hostile names leave XML well-formed and put no element or script into it."""
    root = ET.fromstring(written(ending, hostile()))  # noqa: S314 (our own text)
    assert not [one for one in root.iter() if one.tag.endswith("script") or "onload" in one.attrib]


@pytest.mark.parametrize("ending", FORMATS)
def test_numbers_of_people_leave_masked(ending: str) -> None:
    """A phone, an identity and a card number in names or evidence are masked in every export, and shown on demand."""
    private = ("13812345678", "420106199001011234", "6222021234567890123")
    nodes = (Node("dump:a", "dump", " ".join(private)), Node("seller:13812345678", "seller", "x", {"note": private[1]}))
    chain = Chain(nodes, (Link("dump:a", "seller:13812345678", "bought_by", (evidence(reference=private[0]),)),))
    text = export(chain, f"x{ending}", created=NOW)
    assert not [number for number in private if number in text]
    assert "13812345678" in export(chain, f"x{ending}", created=NOW, reveal=True)


def test_masking_never_makes_one_of_two() -> None:
    """Two sellers whose ids look alike once masked stay two."""
    nodes = tuple(Node(f"seller:138{place}2345678", "seller", "x") for place in range(10))
    document = json.loads(export(Chain(nodes, ()), "x.json", created=NOW))
    assert len({one["id"] for one in document["nodes"]}) == 10


def test_an_unknown_ending_is_refused() -> None:
    """The refusal names the endings that are known."""
    with pytest.raises(UnknownEnding, match=r"\.graphml"):
        export(CHAIN, "chain.doc", created=NOW)
