"""What ties an advert to a seized dump: its file, its sample records, how many records it says there are, and of what.

The file and the records are content and can prove that an advert offers a dump. Volume and fields only support it: many
dumps are of a kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

from graphs.evidence import Evidence
from graphs.market.market import Line

NUMBERS_IN_USE = 1.7e9
"""Mobile numbers in use on the mainland (MIIT, 2023)."""
_MASKED_FORMS = 60 * 1e4
"""Different `138****5678`: about sixty heads of three digits in use times 10,000 ends."""
_SIZES = math.log(1e9 / 1e4)
"""Sizes of dumps range over five powers of ten; equally likely on that scale."""
_MOST = 60.0
_ASIDE = {"phone": {"phone", "masked_phone"}, "national_id": {"national_id", "masked_id"}, "limit": {"limit", "amount"}}


@dataclass(frozen=True, slots=True)
class DumpFacts:
    """What is known of a dump without its rows."""

    name: str
    sha256: str
    size: int
    """Bytes."""
    records: int
    roles: frozenset[str]
    """Column roles: name, phone, national_id …"""
    numbers: frozenset[str] = field(default=frozenset())
    """Mobile numbers, normalised."""
    masked: frozenset[str] = field(default=frozenset())
    """`138****5678` of the numbers, and those that the dump holds masked."""


def ties(line: Line, dump: DumpFacts) -> list[Evidence]:
    """Every reason to think that this message offers this dump, or does not; empty where there is none."""
    reference, group = f"{line.file}#{line.index}", f"chat {line.file}"
    found = [*_file(line, dump, reference)]
    advert = line.advert
    if advert is None:
        return found
    found += _samples(line, dump, reference)
    if advert.volume and not advert.volume.daily and dump.records:
        statistic = _volume(advert.volume.records, dump.records)
        told = f"the advert says {advert.volume.records:,} records, the dump holds {dump.records:,}"
        found.append(Evidence("volume", reference, statistic, group, told))
    if advert.fields and dump.roles:
        missing = [name for name in advert.fields if not (_ASIDE.get(name, {name}) & dump.roles)]
        statistic = -1.0 * len(missing) if missing else 0.3 * len(advert.fields)
        told = (
            f"fields named that the dump lacks: {', '.join(missing)}" if missing else "every field named is in the dump"
        )
        found.append(Evidence("fields", reference, max(-3.0, min(1.5, statistic)), group, told))
    return found


def names_a_dump(items: Iterable[Evidence]) -> bool:
    """Whether there is more than likeness of description: the file itself or its records."""
    return any(item.kind in {"content", "file"} and item.statistic > 0 for item in items)


def _file(line: Line, dump: DumpFacts, reference: str) -> Iterable[Evidence]:
    message = line.message
    if message.file_name is None:
        return
    same_name = message.file_name.casefold() == dump.name.rsplit("/", 1)[-1].casefold()
    if message.file_size is not None and message.file_size == dump.size:
        # Bytes are counted exactly: another file of this order has this very size once in about its own size.
        statistic = math.log(max(2.0, dump.size / 10)) + (math.log(20) if same_name else 0.0)
        told = "a file of exactly the dump's size" + (" and name" if same_name else "") + " was sent"
        yield Evidence("content", reference, min(_MOST, statistic), f"file {dump.sha256[:12]}", told)
    elif same_name:
        against = message.file_size is not None
        told = "a file of the dump's name was sent" + (", but of another size" if against else "")
        yield Evidence("file", reference, 0.5 if against else math.log(20), f"file {dump.sha256[:12]}", told)


def _samples(line: Line, dump: DumpFacts, reference: str) -> Iterable[Evidence]:
    """Each record shown is in the dump or not; what a chance hit is worth depends on how much the dump holds."""
    advert = line.advert
    if advert is None:
        return
    for masked, known, space in ((False, dump.numbers, NUMBERS_IN_USE), (True, dump.masked, _MASKED_FORMS)):
        shown = [one.phone for one in advert.samples if one.phone and ("*" in one.phone) == masked]
        if not shown or not known:
            continue
        hits = sum(phone in known for phone in shown)
        chance = min(0.5, len(known) / space)
        # An advert that offers the dump shows its rows, but perhaps one in ten comes from elsewhere or is mistyped.
        statistic = hits * math.log(0.9 / chance) + (len(shown) - hits) * math.log(0.1 / (1 - chance))
        kind = "content" if not masked or chance < 0.01 else "text"
        told = f"{hits} of {len(shown)} {'masked ' if masked else ''}sample records are in the dump"
        yield Evidence(kind, reference, max(-_MOST, min(_MOST, statistic)), f"samples {reference}", told)


def _volume(said: int, held: int) -> float:
    """Sellers round: within a tenth it supports, beyond a factor of three it speaks against."""
    apart = abs(math.log(max(1, said) / held))
    return math.log(_SIZES / 0.4) if apart <= 0.1 else 0.5 if apart <= 0.5 else 0.0 if apart <= math.log(3) else -2.0
