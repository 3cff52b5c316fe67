"""An invented case as a dossier: the findings are real traces of the invented town, the rest is made up here."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphs.chain import Chain
from graphs.chain_building import Attribution, Derivation, Material, build
from graphs.market.tie import DumpFacts
from tests.tracer.conftest import Town
from tracer.report.dossier import Act, Dossier, Exhibit, Head, Journal, Person, Reading, Step, Tool, Trace
from tracer.tracing import trace
from tracer.vault.vault import Vault

NOTE = "luobo.case/7f3a91\n14\nzc3Nzc3Nzc3Nzc3N\n\n— Li QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo=\n"
BARE = Dossier(
    Head("An empty case", "case-1", "2025-11-20T08:00:00+00:00", "2025-11-20T08:00:00+00:00"),
    Tool("luobo", "0.1.0", "ef" * 32),
)


def traced(town: Town) -> list[dict[str, Any]]:
    """The findings of the town's two dumps."""
    vault = Vault.open(town.vault)
    found = [trace(str(path), vault).to_dict() for path in (town.dump, town.stranger)]
    for one, path in zip(found, (town.dump, town.stranger), strict=True):
        one["dump"]["file"] = path.name
    return found


def dossier(found: list[dict[str, Any]]) -> Dossier:
    """A case of two investigators with these findings."""
    people = (
        Person("李雷", "custodian", "a1" * 32, "2025-11-20T08:00:00+00:00"),
        Person("闻人梅", "investigator", "b2" * 32, "2025-11-20T08:01:00+00:00", vouched=False),
    )
    exhibits = tuple(
        Exhibit(
            number=f"E{place}",
            name=one["dump"]["file"],
            kind="dump",
            bytes=one["dump"]["bytes"],
            sha256=one["dump"]["sha256"],
            seized_at="2025-11-19",
            format=one["dump"]["format"],
        )
        for place, one in enumerate(found, 1)
    )
    acts = tuple(
        Act(place, f"2025-11-20T09:{place:02}:00+00:00", "李雷", name, f"E{place % 2 + 1}", digest=f"{place:02}" * 32)
        for place, name in enumerate(("create", "add", "add", "approve", "trace", "trace"))
    )
    acts = (*acts[:-1], replace(acts[-1], state="pending", facts={"records": 330, "vault": "c3" * 32}))
    return Dossier(
        head=Head("三份贷款名单", "case-7", "2025-11-20T08:00:00+00:00", "2025-11-20T09:05:00+00:00", alone="夜班"),
        tool=BARE.tool,
        people=people,
        exhibits=exhibits,
        acts=acts,
        journal=Journal(6, "cd" * 32, NOTE, (("entries are numbered without gap", True, ""),), ("entry 4: the clock",)),
        readings=tuple(
            Reading(f"E{place}", one["dump"]["records"], 1, {"not valid UTF-8": 1}, ((100, "not valid UTF-8"),))
            for place, one in enumerate(found, 1)
        ),
        steps=(Step("trace", ("E1",), "vault", "out", "luobo case trace CASE --vault VAULT"),),
        traces=tuple(Trace(f"E{place}", one, 3 + place) for place, one in enumerate(found, 1)),
        lineage={
            "edges": [
                {
                    "parent": "leak.csv",
                    "child": "stranger.csv",
                    "probability": 0.97,
                    "direction": "determined",
                    "operation": "subset + pad",
                }
            ],
            "unseized": [{"id": "unseized-1", "records_estimate": 900, "before": None, "children": ["leak.csv"]}],
        },
        chain=chain(found),
    )


def chain(found: list[dict[str, Any]]) -> Chain:
    """Who leaked what, and one copy."""
    names = [one["dump"]["file"] for one in found]
    dumps = tuple(
        DumpFacts(one["dump"]["file"], one["dump"]["sha256"], one["dump"]["bytes"], one["dump"]["records"], frozenset())
        for one in found
    )
    leaks = tuple(
        Attribution(source["platform"], one["dump"]["file"], source["rows"], source["false_accusation"], "entry 4")
        for one in found
        for source in one["sources"]
        if source["verdict"] == "established"
    )
    copies = (Derivation(names[0], names[1], 0.97, determined=True, operation="subset", reference="lineage"),)
    return build(Material(dumps=dumps, attributions=leaks, derivations=copies))
