"""The story of a case's resale chain: what its dumps, chats and calls say together, and what was traced before."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from graphs.calls.call import Call
from graphs.calls.number import is_mobile
from graphs.calls.reading import CALL_LISTS
from graphs.campaigns import Campaign, DumpNumbers, explain
from graphs.chain import Chain, to_json
from graphs.chain_building import Attribution, CallCampaign, Derivation, Material, build
from graphs.exports.masked import mask_text, masked
from graphs.lineage.lineage import Lineage
from graphs.market.market import Line, Market
from graphs.market.seller import Sellers
from graphs.market.tie import DumpFacts
from graphs.registry import UnknownFormat
from tracer.custody.exhibit import Exhibit
from tracer.errors import UnreadableInput
from tracer.intake.interface import Reading, Role
from tracer.intake.inventory import phones
from tracer.intake.reading import read
from tracer.lineage.story import Account, lineage
from tracer.settings import DEFAULT, Settings

SCHEMA: Final = "luobo.case.chain/1"
_NAMED: Final = {"established", "consistent"}

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Seized:
    """Exhibits of a case in the clear, each with a name of its own."""

    dumps: Sequence[Exhibit]
    chats: Sequence[Exhibit] = ()
    calls: Sequence[Exhibit] = ()
    findings: Mapping[str, tuple[str, Mapping[str, Any]]] | None = None
    """Name of a dump → (entry that wrote them down, findings as `luobo.trace/1`)."""


@dataclass(frozen=True, slots=True)
class Resale:
    """The chain and what it was built from."""

    chain: Chain
    account: Account | None
    campaigns: tuple[CallCampaign, ...]
    sellers: Sellers
    adverts: int
    warnings: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """As it is kept and reported: people's numbers masked."""
        return {
            "schema": SCHEMA,
            "chain": to_json(masked(self.chain)),
            "lineage": self.account.to_dict() if self.account else None,
            "campaigns": [_campaign(one) for one in self.campaigns],
            "adverts": self.adverts,
            "aliases": [[mask_text(account) for account in group] for group in self.sellers.groups],
            "warnings": list(self.warnings),
        }


def resale(
    seized: Seized,
    *,
    seen: str | os.PathLike[str] | None = None,
    settings: Settings = DEFAULT,
    progress: Progress = lambda _step: None,
) -> Resale:
    """Build the resale chain of what was seized.

    Args:
        seized: dumps, chats and calls in the clear, and what was traced.
        seen: a CSV `file,first_seen`: when dumps were first seen.
        settings: of the run.
        progress: told what is being done.

    Raises:
        TracerError: a chat or a list of calls is none, or `seen` cannot be read. A dump that cannot be read is a
            warning: the others still tell.
    """
    warnings: list[str] = []
    progress("reading dumps")
    readable, facts = _dumps(seized.dumps, settings, warnings)
    progress("comparing dumps")
    account = lineage(readable, seen=seen, settings=settings) if readable else None
    progress("reading chats")
    lines, market = _messages(seized.chats)
    progress("reading calls")
    numbers = [DumpNumbers(one.name, one.numbers) for one in facts]
    campaigns = tuple(found for one in seized.calls if (found := _dialled(one, numbers, warnings)))
    sellers = market.sellers()
    material = Material(
        lines=tuple(lines),
        sellers=sellers,
        dumps=tuple(facts),
        unseized=tuple(one.name for one in account.lineage.missing) if account else (),
        attributions=tuple(_attributions(seized.findings or {})),
        derivations=tuple(_derivations(account.lineage)) if account else (),
        campaigns=campaigns,
    )
    if account:
        warnings += account.warnings
    if market.lost_count:
        warnings.append(f"{market.lost_count:,} places of the chats could not be read as messages")
    adverts = sum(line.advert is not None for line in lines)
    return Resale(build(material), account, campaigns, sellers, adverts, tuple(warnings))


def _dumps(
    exhibits: Sequence[Exhibit], settings: Settings, warnings: list[str]
) -> tuple[list[Exhibit], list[DumpFacts]]:
    readable, facts = [], []
    for exhibit in exhibits:
        try:
            reading = read(exhibit, settings)
        except UnreadableInput as fault:
            warnings.append(fault.message)
            continue
        readable.append(exhibit)
        facts.append(_facts(exhibit, reading, settings))
    return readable, facts


def _facts(exhibit: Exhibit, reading: Reading, settings: Settings) -> DumpFacts:
    roles = frozenset(column.role.value for table in reading.tables for column in table.columns)
    numbers = phones(reading, settings)
    masks = frozenset(f"{number[:3]}****{number[-4:]}" for number in numbers) | _masked(reading)
    return DumpFacts(exhibit.name, exhibit.sha256, exhibit.size, reading.records, roles, numbers, masks)


def _masked(reading: Reading) -> frozenset[str]:
    found: set[str] = set()
    for table in reading.tables:
        for column in table.columns:
            if column.role is Role.MASKED_PHONE:
                found.update(table.frame[column.key].drop_nulls().unique())
    return frozenset(found)


def _messages(chats: Sequence[Exhibit]) -> tuple[list[Line], Market]:
    """Messages that may tell of a sale, and the market that remembers their writers."""
    market, lines = Market(), []
    for exhibit in chats:
        try:
            with exhibit.path.open("rb") as stream:
                lines += [line for line in market.read(exhibit.name, stream) if _tells(line)]
        except UnknownFormat:
            raise UnreadableInput(
                f"{exhibit.name}: is no chat export of a known kind", hint="luobo chats says which are known"
            ) from None
    return lines, market


def _tells(line: Line) -> bool:
    message = line.message
    return line.advert is not None or message.file_name is not None or message.reply_to is not None


def _dialled(exhibit: Exhibit, dumps: Sequence[DumpNumbers], warnings: list[str]) -> CallCampaign | None:
    """The campaign of one list of calls, if it shows mobile numbers that were dialled."""
    calls: list[Call] = []
    try:
        with exhibit.path.open("rb") as stream:
            calls += [call for call in CALL_LISTS.format_of(stream).read(stream) if isinstance(call, Call)]
    except UnknownFormat:
        raise UnreadableInput(
            f"{exhibit.name}: is no list of calls of a known kind", hint="luobo calls says which are known"
        ) from None
    dialled = [call for call in calls if is_mobile(call.dialled)]
    if not dialled:
        warnings.append(f"{exhibit.name}: no mobile number was dialled in it")
        return None
    times = sorted(call.time.isoformat() for call in dialled if call.time)
    found = explain(frozenset(call.dialled for call in dialled), dumps)
    return CallCampaign(exhibit.name, found, exhibit.name, "", *(times[:1] or [""]), *(times[-1:] or [""]))


def _attributions(findings: Mapping[str, tuple[str, Mapping[str, Any]]]) -> list[Attribution]:
    return [
        Attribution(source["platform"], dump, source["rows"], source["false_accusation"], entry)
        for dump, (entry, document) in findings.items()
        for source in document["sources"]
        if source["verdict"] in _NAMED and source["rows"]
    ]


def _derivations(found: Lineage) -> list[Derivation]:
    missing = {one.name for one in found.missing}

    def name(dump: str) -> str:
        return f"unseized_dump:{dump}" if dump in missing else dump

    edges = [
        Derivation(name(one.parent), name(one.child), one.probability, one.determined, one.operation, "lineage")
        for one in found.edges
    ]
    known = {(one.parent, one.child) for one in edges}
    # The lineage gives no probability for what was not seized; that it existed is likely, no more.
    edges += [
        Derivation(name(one.name), child, _UNSEIZED, True, "a dump that was not seized", "lineage")
        for one in found.missing
        for child in one.children
        if (name(one.name), child) not in known
    ]
    return edges


_UNSEIZED: Final = 0.9


def _campaign(one: CallCampaign) -> dict[str, Any]:
    found: Campaign = one.found
    return {
        "name": mask_text(one.name),
        "first": one.first,
        "last": one.last,
        "numbers": found.numbers,
        "unexplained": found.unexplained,
        "cover": list(found.cover),
        "dumps": [{**asdict(told), "canaries": len(told.canaries)} for told in found.explanations],
    }
