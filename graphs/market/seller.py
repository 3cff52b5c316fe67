"""Which accounts are one person: only by a shared contact handle of their own, or by the account itself.

A likeness of texts or of names never joins two accounts. Handles that stand in everybody's adverts (escrow, agencies)
join nobody. Every join is kept with its reason and can be taken back: the clusters are computed anew from sightings
and judgements, nothing is overwritten.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from rapidfuzz import fuzz

_DIGITS = re.compile(r"\d")
HUB = 5
"""Accounts sharing a handle from which it may be an agency's."""
_INDEPENDENT = 0.6
"""Share of them with another handle of their own, from which it is one."""
_SIMILAR = 88.0
"""Likeness (rapidfuzz ratio, 0 to 100) from which two handles are shown to the analyst as perhaps one."""


@dataclass(frozen=True, slots=True, order=True)
class Handle:
    """An account id or a contact: what can be written to."""

    kind: str
    value: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.value}"


@dataclass(frozen=True, slots=True)
class Judgement:
    """Somebody decided whether two accounts are one person. The later judgement on a pair counts."""

    one: str
    other: str
    same: bool
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Join:
    """Why two accounts are taken for one person."""

    one: str
    other: str
    reason: str
    """`account qq:…`, `handle telegram:…` or `judgement of …`."""


@dataclass(frozen=True, slots=True)
class Sellers:
    """The accounts by person."""

    groups: tuple[tuple[str, ...], ...]
    """Accounts (`file#sender_id`) of one person, persons with two accounts or more."""
    joins: tuple[Join, ...]
    refused: tuple[Join, ...]
    """Joins that a cannot-link forbade."""
    stopped: tuple[Handle, ...]
    """Handles that join nobody because everybody has them."""
    similar: tuple[tuple[Handle, Handle, float], ...]
    """Handles of different persons that differ by little: a typing error or an impostor; they join nobody."""
    bridges: tuple[Handle, ...]
    """Handles whose loss alone would split a person in two."""


def handle(kind: str, value: str) -> Handle:
    """A handle in the writing that is compared: only e-mail, Telegram and WeChat names ignore case, wallets do not."""
    if kind in {"wechat", "telegram", "email"}:
        value = value.lower()
    # A phone or QQ number given as WeChat name is the phone or the QQ account.
    if kind == "wechat" and value.isdigit():
        kind = "phone" if len(value) == 11 and value[0] == "1" else "qq"
    return Handle(kind, value)


def resolve(
    accounts: Mapping[str, Handle | None],
    own: Mapping[str, Iterable[Handle]],
    *,
    apart: Iterable[tuple[str, str]] = (),
    judgements: Iterable[Judgement] = (),
) -> Sellers:
    """Join accounts.

    Args:
        accounts: every account (`file#sender_id`) and the platform's own id of it, None where the export has none.
        own: account → handles under which it wants to be reached, from its own adverts.
        apart: pairs that cannot be one person.
        judgements: what analysts decided; a decision overrides what is found, either way.
    """
    decided = {frozenset((one.one, one.other)): one for one in judgements}
    users: dict[Handle, set[str]] = defaultdict(set)
    for account, handles in own.items():
        for one in handles:
            users[one].add(account)
    stopped = frozenset(_hubs(users, own))
    holders: dict[Handle, set[str]] = defaultdict(set)
    for account, identity in accounts.items():
        if identity is not None:
            holders[identity].add(account)
    links = [*_links(holders, users, stopped), *_decisions(decided.values())]
    forbidden = {frozenset(pair) for pair in apart if not _same(decided, pair)}
    forbidden |= {pair for pair, one in decided.items() if not one.same}
    clusters = _Clusters(forbidden)
    joins: list[Join] = []
    refused: list[Join] = []
    for link in links:
        (joins if clusters.join(link.one, link.other) else refused).append(link)
    groups = clusters.groups()
    return Sellers(
        groups=groups,
        joins=tuple(joins),
        refused=tuple(refused),
        stopped=tuple(sorted(stopped)),
        similar=tuple(_similar(users, clusters)),
        bridges=tuple(_bridges(groups, users, stopped)),
    )


def _same(decided: Mapping[frozenset[str], Judgement], pair: tuple[str, str]) -> bool:
    one = decided.get(frozenset(pair))
    return one is not None and one.same


def _hubs(users: Mapping[Handle, set[str]], own: Mapping[str, Iterable[Handle]]) -> Iterable[Handle]:
    """Handles of many accounts, most of which also have one that nobody else in the crowd has."""
    for one, crowd in users.items():
        if len(crowd) < HUB:
            continue
        independent = sum(any(len(users[other] & crowd) == 1 for other in own[account]) for account in crowd)
        if independent >= _INDEPENDENT * len(crowd):
            yield one


def _links(
    holders: Mapping[Handle, set[str]], users: Mapping[Handle, set[str]], stopped: frozenset[Handle]
) -> Iterable[Join]:
    for identity, accounts in holders.items():
        first, *rest = sorted(accounts)
        yield from (Join(first, other, f"account {identity}") for other in rest)
    for one, crowd in users.items():
        if one in stopped:
            continue
        everybody = sorted(crowd | holders.get(one, set()))
        yield from (Join(everybody[0], other, f"handle {one}") for other in everybody[1:])


def _decisions(judgements: Iterable[Judgement]) -> Iterable[Join]:
    return (Join(one.one, one.other, f"judgement of {one.by}: {one.reason}") for one in judgements if one.same)


class _Clusters:
    """Union-find that refuses to put two accounts together that cannot be one person."""

    def __init__(self, forbidden: set[frozenset[str]]) -> None:
        self._parent: dict[str, str] = {}
        self._members: dict[str, set[str]] = {}
        self._enemies: dict[str, set[str]] = defaultdict(set)
        for pair in forbidden:
            if len(pair) == 2:
                one, other = pair
                self._enemies[one].add(other)
                self._enemies[other].add(one)

    def root(self, account: str) -> str:
        self._members.setdefault(account, {account})
        self._parent.setdefault(account, account)
        while self._parent[account] != account:
            self._parent[account] = self._parent[self._parent[account]]
            account = self._parent[account]
        return account

    def join(self, one: str, other: str) -> bool:
        left, right = self.root(one), self.root(other)
        if left == right:
            return True
        small, great = sorted((left, right), key=lambda root: len(self._members[root]))
        if any(
            self._enemies[member] & self._members[great] for member in self._members[small] if member in self._enemies
        ):
            return False
        self._parent[small] = great
        self._members[great] |= self._members.pop(small)
        return True

    def groups(self) -> tuple[tuple[str, ...], ...]:
        return tuple(sorted(tuple(sorted(group)) for group in self._members.values() if len(group) > 1))


def _similar(users: Mapping[Handle, set[str]], clusters: _Clusters) -> Iterable[tuple[Handle, Handle, float]]:
    """Pairs of nearly one spelling, of the handles of one kind that begin or end with the same three characters."""
    blocks: dict[tuple[str, str], set[Handle]] = defaultdict(set)
    for one in users:
        if len(one.value) >= 6 and not one.value.isdigit() and one.kind != "wallet":
            blocks[one.kind, "^" + one.value[:3]].add(one)
            blocks[one.kind, one.value[-3:] + "$"].add(one)
    found = {}
    for block in blocks.values():
        if len(block) > 400:
            continue  # a fashion of the trade, not a person's spelling
        for one, other in combinations(sorted(block), 2):
            if _in_series(one.value, other.value):
                continue
            likeness = fuzz.ratio(one.value, other.value)
            if likeness >= _SIMILAR and clusters.root(min(users[one])) != clusters.root(min(users[other])):
                found[one, other] = likeness
    return [(one, other, likeness) for (one, other), likeness in sorted(found.items())]


def _in_series(one: str, other: str) -> bool:
    """Whether two names differ in their digits only, as `shop01` and `shop02` do: numbered, not misspelled."""
    return len(one) == len(other) and _DIGITS.sub("", one) == _DIGITS.sub("", other)


def _bridges(
    groups: Iterable[tuple[str, ...]], users: Mapping[Handle, set[str]], stopped: frozenset[Handle]
) -> Iterable[Handle]:
    """In each group, the handles without which it would fall apart (only among joins by handle)."""
    of_group = {account: number for number, group in enumerate(groups) for account in group}
    shared: dict[int, list[tuple[Handle, frozenset[str]]]] = defaultdict(list)
    for one, crowd in users.items():
        if one not in stopped and len(crowd) > 1 and min(crowd) in of_group:
            shared[of_group[min(crowd)]].append((one, frozenset(crowd)))
    for links in shared.values():
        for place, (one, members) in enumerate(links):
            clusters = _Clusters(set())
            for other in (links[:place] + links[place + 1 :])[:200]:
                first, *rest = sorted(other[1])
                for account in rest:
                    clusters.join(first, account)
            if len({clusters.root(account) for account in members}) > 1:
                yield one
