"""F, counts: how many items of personal information, as Chinese criminal law asks for them.

Interpretation 法释〔2017〕10号 of the Supreme People's Court and Procuratorate: article 5 sets 50, 500 and 5,000 items
by the kind of information, article 11 how items are counted: sold after being acquired they count once, sold to several
buyers they are added up, and bulk counts stand unless items are shown to be false or double.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any, Final

from tracer.report.dossier import Dossier, Trace
from tracer.report.page import Block, Bullets, Heading, Table, Text
from tracer.report.wording import MINUS, Wording, number

TIERS: Final[tuple[tuple[int, frozenset[str]], ...]] = (
    (50, frozenset({"amount", "limit", "bank_card", "account"})),
    (500, frozenset({"product", "address"})),
    (5_000, frozenset()),
)
"""Threshold of `serious circumstances` → roles of columns that make information of that kind possible.

What a column legally is, is for the court: a credit limit may be property or credit information, an order may be a
transaction.
"""
_SURER: Final = ("proved", "probable", "possible", "disputed")
_SERIOUS: Final = 10
"""Times the threshold from which circumstances are especially serious (article 5, second paragraph)."""


def tier(columns: list[dict[str, Any]]) -> int:
    """The lowest threshold that the columns of a dump may fall under."""
    roles = {column["role"] for column in columns}
    return next(threshold for threshold, telling in TIERS if telling & roles or not telling)


def blocks(dossier: Dossier, words: Wording) -> list[Block]:
    """The counts of each dump, of each tier and of each buyer."""
    if not dossier.traces:
        return []
    told: list[Block] = [Heading(words("count.title")), Text(words("count.opening"))]
    told += [_each(dossier.traces, words), _tiers(dossier.traces, words)]
    told += _buyers(dossier, words)
    total = number(dossier.people_in_all) if dossier.people_in_all is not None else None
    union = words("count.union", people=total) if total else words("count.no_union")
    told.append(Bullets((words("count.once"), words("count.classes"), union, words("count.validity"))))
    return told


def _each(traces: tuple[Trace, ...], words: Wording) -> Table:
    rows = []
    for trace in traces:
        dump = trace.document["dump"]
        rows.append(
            (
                trace.exhibit,
                number(dump["records"] + dump["rejected"]),
                number(dump["records"]),
                number(dump["rejected"]),
                number(dump["people"]),
                number(dump["records"] - dump["people"]),
                f"≥ {number(tier(dump['columns']))}",
            )
        )
    columns = ("exhibit", "raw", "parsed", "rejected", "people", "double", "tier")
    heads = tuple(words(f"count.{head}") for head in columns)
    figures = frozenset({1, 2, 3, 4, 5, 6})
    return Table(words("count.caption"), heads, tuple(rows), (1, 1.2, 1.2, 1.2, 1.2, 1.3, 1.1), right=figures)


def _tiers(traces: tuple[Trace, ...], words: Wording) -> Table:
    rows = []
    for threshold, _ in TIERS:
        inside = [trace.document["dump"] for trace in traces if tier(trace.document["dump"]["columns"]) == threshold]
        people = sum(dump["people"] for dump in inside)
        rows.append(
            (
                number(threshold),
                words(f"count.kind_{threshold}"),
                number(len(inside)),
                number(people),
                _reached(people, threshold, words),
            )
        )
    heads = tuple(words(f"count.{head}") for head in ("threshold", "kinds", "dumps", "people", "reached"))
    return Table(words("count.tiers_caption"), heads, tuple(rows), (0.9, 3.6, 0.8, 1, 2), right=frozenset({0, 2, 3}))


def _reached(people: int, threshold: int, words: Wording) -> str:
    if people >= threshold * _SERIOUS:
        return words("count.especially", least=number(threshold * _SERIOUS))
    return words("count.serious" if people >= threshold else "count.below", least=number(threshold))


def _buyers(dossier: Dossier, words: Wording) -> list[Block]:
    """What each buyer got: the same record sold to several buyers counts for each of them."""
    if dossier.chain is None:
        return [Text(words("count.no_chain"))]
    people = {_base(trace.document["dump"]["file"]): trace.document["dump"]["people"] for trace in dossier.traces}
    labels = {node.id: node for node in dossier.chain.nodes}
    got: dict[str, set[str]] = defaultdict(set)
    sure: dict[str, str] = {}
    for link in dossier.chain.links:
        target = labels[link.target]
        if link.weight.status == "retracted" or target.kind not in {"buyer", "campaign"}:
            continue
        dumps = {link.source} if labels[link.source].kind == "dump" else set()
        sure[link.target] = min(sure.get(link.target, link.weight.status), link.weight.status, key=_SURER.index)
        got[link.target] |= dumps or _supplied(dossier, link.source)
    rows = []
    for buyer, dumps in sorted(got.items()):
        names = sorted(_base(labels[dump].label) for dump in dumps)
        known = [people[name] for name in names if name in people]
        node = labels[buyer]
        rows.append(
            (
                node.label,
                words.known(f"node.{node.kind}", node.kind),
                words.known(f"status.{sure[buyer]}", sure[buyer]),
                words.join(names) if names else MINUS,
                number(sum(known)) if known else MINUS,
            )
        )
    if not rows:
        return [Text(words("count.no_buyer"))]
    heads = tuple(words(f"count.{head}") for head in ("buyer", "buyer_kind", "status", "lists", "people"))
    return [Table(words("count.buyers_caption"), heads, tuple(rows), (1.6, 1.1, 1, 3, 1), right=frozenset({4}))]


def _supplied(dossier: Dossier, start: str) -> set[str]:
    """The dumps from which somebody in the chain was supplied."""
    assert dossier.chain is not None  # noqa: S101 - asked by the caller
    graph = dossier.chain.graph(least=0.5)
    kinds = {node.id: node.kind for node in dossier.chain.nodes}
    seen, stack, found = {start}, [start], set()
    while stack:
        here = stack.pop()
        if kinds[here] == "dump":
            found.add(here)
            continue
        before = set(graph.predecessors(here)) - seen
        seen |= before
        stack += sorted(before)
    return found


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2]
