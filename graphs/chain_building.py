"""From what was read and weighed to the chain: adverts, sellers, attributions, lineage and campaigns become links."""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from graphs.campaigns import Campaign
from graphs.chain import Chain, Link, Node, merged
from graphs.evidence import Evidence
from graphs.market.market import Line
from graphs.market.seller import Sellers
from graphs.market.tie import DumpFacts, names_a_dump, ties

Facts = dict[str, str | int | float | bool]

_MOST = 60.0
_SEEN_SELLING = 12.0
"""Nats of an account's own message: that it was written is as sure as the chat log."""
_ASKED = 1.5
_ANSWERED = 3.0


@dataclass(frozen=True, slots=True)
class Attribution:
    """A platform found in a dump by a trace."""

    platform: str
    dump: str
    """Name of the dump."""
    rows: int
    false_accusation: float
    """The trace's bound; its negative logarithm is what the link weighs."""
    reference: str
    """Entry of the journal or name of the findings."""


@dataclass(frozen=True, slots=True)
class Derivation:
    """A dump that was made from another, as the lineage has it."""

    parent: str
    child: str
    probability: float
    determined: bool
    """Whether the direction is known."""
    operation: str
    reference: str


@dataclass(frozen=True, slots=True)
class CallCampaign:
    """A caller's list and what explains it."""

    name: str
    found: Campaign
    reference: str
    buyer: str = ""
    """Account (`file#sender_id`) of whoever called, where that is known."""
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """All that a chain is built from."""

    lines: tuple[Line, ...] = ()
    """Messages; those without advert and without file are passed over."""
    sellers: Sellers | None = None
    dumps: tuple[DumpFacts, ...] = ()
    unseized: tuple[str, ...] = ()
    """Names of dumps that must have existed; `Derivation` refers to them."""
    attributions: tuple[Attribution, ...] = ()
    derivations: tuple[Derivation, ...] = ()
    campaigns: tuple[CallCampaign, ...] = field(default=())


def build(material: Material) -> Chain:
    """The chain of a case. The same material gives the same chain, node for node."""
    links = [
        *_leaks(material.attributions),
        *_copies(material.derivations),
        *_dialled(material.campaigns),
        *_market(material),
    ]
    nodes = {node.id: node for node in (*_fixed(material), *_people(material))}
    ends = {end for link in links for end in (link.source, link.target)}
    missing = sorted(ends - nodes.keys())
    for end in missing:
        kind, _, label = end.partition(":")
        nodes[end] = Node(end, kind, label)
    wanted = (
        ends | {f"dump:{dump.name}" for dump in material.dumps} | {f"campaign:{one.name}" for one in material.campaigns}
    )
    kept = tuple(node for node in sorted(nodes.values(), key=lambda node: node.id) if node.id in wanted)
    return Chain(kept, tuple(sorted(merged(links), key=lambda link: link.key)))


def _leaks(attributions: Iterable[Attribution]) -> Iterator[Link]:
    for one in attributions:
        statistic = min(_MOST, -math.log(max(1e-26, one.false_accusation)))
        told = f"{one.rows:,} rows; chance of naming the platform falsely at most {one.false_accusation:.0e}"
        item = Evidence("attribution", one.reference, statistic, f"trace {one.dump}", told)
        yield Link(f"platform:{one.platform}", f"dump:{one.dump}", "leaked_to", (item,), prior=0.5)


def _copies(derivations: Iterable[Derivation]) -> Iterator[Link]:
    for one in derivations:
        chance = min(max(one.probability, 1e-9), 1 - 1e-9)
        # The lineage gives a posterior; against even odds it is its own likelihood ratio.
        item = Evidence(
            "content", one.reference, math.log(chance / (1 - chance)), "lineage", f"made by {one.operation}"
        )
        source, target = (_dump(name) for name in (one.parent, one.child))
        yield Link(source, target, "copied_to", (item,), prior=0.5, determined=one.determined)


def _dump(name: str) -> str:
    return name if name.startswith("unseized_dump:") else f"dump:{name}"


def _dialled(campaigns: Iterable[CallCampaign]) -> Iterator[Link]:
    for campaign in campaigns:
        for one in campaign.found.explanations:
            if one.verdict not in {"established", "consistent"}:
                continue
            kind = "canary" if one.canaries else "content"
            statistic = min(_MOST, -math.log(max(1e-26, one.false_accusation)))
            told = f"{one.dialled} of {campaign.found.numbers} numbers are in the dump, {one.expected:.2g} by chance"
            item = Evidence(kind, campaign.reference, statistic, f"calls {campaign.reference}", told)
            yield Link(
                f"dump:{one.dump}",
                f"campaign:{campaign.name}",
                "dialled_in",
                (item,),
                prior=0.5,
                first=campaign.first,
                last=campaign.last,
                alternatives=(*one.rivals, "a list that nobody seized and that holds the same people"),
            )
        if campaign.buyer:
            item = Evidence(
                "account", campaign.reference, _SEEN_SELLING, f"calls {campaign.reference}", "the caller's list"
            )
            yield Link(f"buyer:{campaign.buyer}", f"campaign:{campaign.name}", "used_in", (item,), prior=0.5)


def _market(material: Material) -> Iterator[Link]:
    people = _names(material.sellers)
    by_key = {(line.file, line.message.key): line for line in material.lines}
    for line in material.lines:
        if line.advert is None and line.message.file_name is None:
            yield from _answer(line, by_key, people)
            continue
        yield from _offer(line, material.dumps, people)


def _offer(line: Line, dumps: Iterable[DumpFacts], people: dict[str, str]) -> Iterator[Link]:
    reference, log = f"{line.file}#{line.index}", f"chat {line.file}"
    when = line.message.time.isoformat() if line.message.time else ""
    who, group = people.get(line.account, line.account), f"group:{line.message.chat or line.file}"
    seen = Evidence("account", reference, _SEEN_SELLING, log, "written from this account")
    if line.advert is not None and line.advert.side == "wanted":
        asks = Evidence("text", reference, _ASKED, log, "asks for such data in the group")
        yield Link(group, f"buyer:{who}", "bought_by", (asks,), prior=0.2, first=when, last=when)
        return
    if line.advert is not None:
        yield Link(f"seller:{who}", group, "sells_in", (seen,), first=when, last=when)
    if line.message.forwarded_from:
        passed = Evidence("forward", reference, _SEEN_SELLING, log, "passed on, by its own mark")
        origin = f"group:{line.message.forwarded_from}"
        if origin != group:
            yield Link(origin, group, "forwarded_to", (passed,), first=when, last=when)
    for dump in dumps:
        items = ties(line, dump)
        if not names_a_dump(items):
            continue
        advert = f"advert:{reference}"
        yield Link(f"dump:{dump.name}", advert, "offered_in", tuple(items), first=when, last=when)
        yield Link(advert, f"seller:{who}", "made_by", (seen,), first=when, last=when)


def _answer(line: Line, by_key: dict[tuple[str, str | None], Line], people: dict[str, str]) -> Iterator[Link]:
    """Somebody answers an offer: interest, not yet a sale."""
    asked = by_key.get((line.file, line.message.reply_to)) if line.message.reply_to else None
    if asked is None or asked.advert is None or asked.advert.side != "offer" or asked.account == line.account:
        return
    when = line.message.time.isoformat() if line.message.time else ""
    item = Evidence("text", f"{line.file}#{line.index}", _ANSWERED, f"chat {line.file}", "answers the seller's advert")
    seller, buyer = people.get(asked.account, asked.account), people.get(line.account, line.account)
    if seller != buyer:
        yield Link(f"seller:{seller}", f"buyer:{buyer}", "bought_by", (item,), prior=0.1, first=when, last=when)


def _names(sellers: Sellers | None) -> dict[str, str]:
    """Account → the person, called by the first of its accounts."""
    return {account: group[0] for group in (sellers.groups if sellers else ()) for account in group}


def _fixed(material: Material) -> Iterator[Node]:
    for dump in material.dumps:
        facts: Facts = {"sha256": dump.sha256, "bytes": dump.size, "records": dump.records}
        yield Node(f"dump:{dump.name}", "dump", dump.name, facts)
    for name in material.unseized:
        yield Node(_dump(f"unseized_dump:{name}"), "unseized_dump", name)
    for one in material.campaigns:
        counts: Facts = {"numbers": one.found.numbers, "unexplained": one.found.unexplained}
        yield Node(f"campaign:{one.name}", "campaign", one.name, counts, one.first, one.last)


def _people(material: Material) -> Iterator[Node]:
    """Sellers, buyers and adverts as the messages show them."""
    people = _names(material.sellers)
    seen: dict[str, list[Line]] = defaultdict(list)
    for line in material.lines:
        if line.advert is not None:
            role = "buyer" if line.advert.side == "wanted" else "seller"
            seen[f"{role}:{people.get(line.account, line.account)}"].append(line)
    for identity, lines in seen.items():
        times = sorted(line.message.time.isoformat() for line in lines if line.message.time)
        names = sorted({line.message.sender for line in lines})
        facts: Facts = {
            "adverts": len(lines),
            "accounts": len({line.account for line in lines}),
            "files": len({line.file for line in lines}),
        }
        kind = identity.partition(":")[0]
        yield Node(identity, kind, names[0] if names else identity, facts, *(times[:1] or [""]), *(times[-1:] or [""]))
    for line in material.lines:
        label = hashlib.sha256(line.message.text.encode()).hexdigest()[:8]
        time = line.message.time.isoformat() if line.message.time else ""
        told = f"{line.advert.kind} {label}" if line.advert else label
        yield Node(f"advert:{line.file}#{line.index}", "advert", told, {}, time, time)
