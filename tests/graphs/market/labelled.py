"""The advert texts with their labels, and how well a reading of them agrees."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from graphs.market.advert.advert import Advert, advert

FOLDER = Path(__file__).parent / "adverts"
SINGLE = ("side", "data_kind", "freshness", "hand", "price_per_record", "volume", "sample_records")
SETS = ("contacts", "guarantee", "fields")


def labelled(name: str) -> list[dict[str, Any]]:
    """The texts of `seen` or `aside`."""
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


def scores(texts: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """F1 of telling adverts (`advert`) and of every field of those that were told."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
    for text in texts:
        found, wanted = advert(text["text"]), text["side"] is not None
        _add(counts["advert"], int(wanted and found is not None), int(found is not None), int(wanted))
        if found is None or not wanted:
            continue
        for name, value in _single(found).items():
            want = text.get(name)
            same = value is not None and want is not None and _same(value, want)
            _add(counts[name], int(same), int(value is not None), int(want is not None))
        for name, values in _sets(found).items():
            want = (
                {(one["kind"], one["value"]) for one in text.get(name, [])}
                if name == "contacts"
                else set(text.get(name, []))
            )
            _add(counts[name], len(values & want), len(values), len(want))
    return {
        name: 2 * right / (found + wanted) if found + wanted else 1.0 for name, (right, found, wanted) in counts.items()
    }


def _add(count: list[int], right: int, found: int, wanted: int) -> None:
    count[0] += right
    count[1] += found
    count[2] += wanted


def _same(value: Any, want: Any) -> bool:
    if isinstance(want, float):
        return bool(abs(value - want) <= 0.01 * want)
    return bool(value == want)


def _single(found: Advert) -> dict[str, Any]:
    return {
        "side": found.side,
        "data_kind": found.kind,
        "freshness": found.freshness,
        "hand": found.hand,
        "price_per_record": found.price.value if found.price else None,
        "volume": found.volume.records if found.volume else None,
        "sample_records": len(found.samples) or None,
    }


def _sets(found: Advert) -> dict[str, set[Any]]:
    return {
        "contacts": {(one.kind, one.value) for one in found.contacts},
        "guarantee": set(found.guarantee),
        "fields": set(found.fields),
    }
