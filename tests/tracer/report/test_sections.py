from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from graphs.chain import Chain, Link, Node
from tests.graphs.made import evidence
from tests.tracer.report.made import BARE
from tracer.report import charts
from tracer.report.assembly import assemble
from tracer.report.dossier import Dossier, Trace
from tracer.report.page import Callout, Facts, Table, defects
from tracer.report.pictures import picture
from tracer.report.sections import canaries, counts, custody, resale
from tracer.report.wording import wording

EN = wording("en")


def tables(blocks: Any) -> list[Table]:
    return [block for block in blocks if isinstance(block, Table)]


def document(people: int, roles: tuple[str, ...], file: str = "a.csv") -> dict[str, Any]:
    """Findings of one dump as `luobo trace` writes them."""
    columns = [{"name": role, "role": role, "why": ""} for role in roles]
    dump = {"file": file, "records": people + 5, "rejected": 2, "people": people, "columns": columns}
    return {"dump": dump, "sources": [], "unknown": {"rows": 0}, "canaries": None, "warnings": []}


@pytest.mark.parametrize(
    ("roles", "tier"),
    [(("name", "phone", "limit"), 50), (("name", "phone", "product"), 500), (("name", "phone"), 5_000)],
)
def test_a_dump_goes_by_its_most_sensitive_column(roles: tuple[str, ...], tier: int) -> None:
    """Property and credit columns put a dump into the tier of 50, transactions of 500, all else of 5,000."""
    assert counts.tier([{"role": role} for role in roles]) == tier


def test_counts_add_up() -> None:
    """Raw is parsed plus rejected, double is parsed less people, and ten times a threshold is said."""
    found = replace(BARE, traces=(Trace("E1", document(600, ("phone", "amount"))),))
    each, tiers = tables(counts.blocks(found, EN))[:2]
    assert each.rows == (("E1", "607", "605", "2", "600", "5", "≥ 50"),)
    assert tiers.rows[0][2:] == ("1", "600", "10 × reached (≥ 500)")
    assert tiers.rows[2][2:] == ("0", "0", "not reached (< 5,000)")


def test_the_same_records_count_for_each_buyer() -> None:
    """Two buyers of one dump are each counted with all of its people; what cannot be traced to a dump is a dash."""
    nodes = (
        Node("dump:a.csv", "dump", "a.csv"),
        Node("seller:s", "seller", "s"),
        Node("advert:x", "advert", "x"),
        Node("buyer:b", "buyer", "b"),
        Node("campaign:c", "campaign", "c"),
        Node("buyer:z", "buyer", "z"),
        Node("group:g", "group", "g"),
    )
    strong = (evidence("content", 20.0, "r", "g"),)
    links = (
        Link("dump:a.csv", "advert:x", "offered_in", strong),
        Link("advert:x", "seller:s", "made_by", strong),
        Link("seller:s", "buyer:b", "bought_by", strong),
        Link("dump:a.csv", "campaign:c", "dialled_in", strong),
        Link("group:g", "buyer:z", "bought_by", strong),
    )
    found = replace(BARE, traces=(Trace("E1", document(600, ("phone",))),), chain=Chain(nodes, links))
    buyers = tables(counts.blocks(found, EN))[2]
    assert [(row[0], row[3], row[4]) for row in buyers.rows] == [
        ("b", "a.csv", "600"),
        ("z", "–", "–"),
        ("c", "a.csv", "600"),
    ]


def test_a_pending_act_is_called_out(case: Dossier) -> None:
    """Acts that lack a second signature are named in front of the log."""
    told = [block for block in custody.section(case, EN).blocks if isinstance(block, Callout)]
    assert [one.title for one in told] == ["Second signatures outstanding"]
    assert "5" in told[0].text


def test_canaries_name_recipients() -> None:
    """Every recipient of a register that was asked stands in the table with its verdict and bound."""
    found = document(10, ("phone",))
    found["canaries"] = {
        "recipients": [
            {"recipient": "agency", "verdict": "established", "hits": 5, "expected": 0.01, "false_accusation": 1e-9}
        ],
        "shadow": {"hits": 0, "bound": 1e-6},
        "leaked_after": "2025-01-01",
        "leaked_before": None,
    }
    (table,) = tables(canaries.blocks(replace(BARE, traces=(Trace("E1", found),)), EN))
    assert table.rows == (("E1", "agency", "established", "5", "0.01", "< 1 / 1,000,000"),)


def test_a_chain_too_large_is_listed_only(case: Dossier) -> None:
    """A chain of hundreds of nodes is not drawn on paper; its links are listed all the same."""
    nodes = tuple(Node(f"seller:{place}", "seller", str(place)) for place in range(resale.DRAWN + 1))
    links = (Link("seller:0", "seller:1", "bought_by", (evidence("text", 3.0, "r", "g"),)),)
    told = resale.blocks(replace(case, chain=Chain(nodes, links), lineage=None), EN)
    assert [type(block).__name__ for block in told] == ["Heading", "Text", "Text", "Table"]


def test_defects_are_gathered_by_fact() -> None:
    """What lacks is gathered by section and fact, each with those whom it lacks."""
    page = assemble(BARE, "en")
    found = {(one.section, one.what): one.subjects for one in defects(page.sections)}
    assert ("A", "Cause") in found
    assert all(found.values())
    facts = [block for block in page.sections[0].blocks if isinstance(block, Facts)]
    assert sum(value is None for block in facts for _, value in block.rows) == sum(one == "A" for one, _ in found)


def test_charts_are_well_formed(case: Dossier) -> None:
    """Charts are XML whatever platforms are called, with a mark for every platform and the unknown rest."""
    found = json.loads(json.dumps(case.traces[0].document))
    found["sources"][0]["platform"] = "<&\"'>"
    drawn = ET.fromstring(charts.sources(found, EN))  # noqa: S314 - our own picture
    circles = drawn.findall("{http://www.w3.org/2000/svg}circle")
    assert len(circles) == len(found["sources"]) + 1
    ET.fromstring(charts.timeline(case.traces))  # noqa: S314 - as above


def test_the_chart_shows_the_interval(case: Dossier) -> None:
    """The mark of the first source stands where its rows are on the axis, inside its interval."""
    found = case.traces[0].document
    svg = charts.sources(found, EN)
    low, high = map(float, re.findall(r"M([\d.]+) [\d.]+H([\d.]+)M", svg)[0])
    mark = float(re.findall(r'<circle cx="([\d.]+)"', svg)[0])
    assert low <= mark <= high
    source, records = found["sources"][0], found["dump"]["records"]
    assert (mark - 150) / 460 == pytest.approx(source["rows"] / records, abs=0.001)


def test_no_day_is_no_timeline() -> None:
    """Where no leak window is known nothing is drawn."""
    assert not charts.timeline((Trace("E1", document(5, ("phone",))),))


def test_words_of_a_picture_are_taken_apart(case: Dossier) -> None:
    """A picture's words are all found, with their places, and none stays in the lines."""
    svg = charts.sources(case.traces[0].document, EN)
    apart = picture(svg)
    assert "<text" not in apart.svg
    assert len(apart.labels) == svg.count("<text")
    assert case.traces[0].document["sources"][0]["platform"] in {one.text for one in apart.labels}
