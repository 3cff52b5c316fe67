"""The pages as values that JSON holds: what the typesetter is given."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from tracer.report.page import Block, Page


def plain(page: Page) -> dict[str, Any]:
    """The whole report; every block names its type."""
    return {
        "lang": page.lang,
        "title": page.title,
        "subtitle": page.subtitle,
        "digest": page.digest,
        "labels": page.labels,
        "cover": [_block(block) for block in page.cover],
        "sections": [
            {"letter": one.letter, "title": one.title, "blocks": [_block(block) for block in one.blocks]}
            for one in page.sections
        ],
    }


def characters(value: Any) -> set[str]:
    """Every character of every text in a plain value."""
    if isinstance(value, str):
        return set(value)
    if isinstance(value, dict):
        return set().union(*(characters(one) for one in value.values()))
    if isinstance(value, list | tuple):
        return set().union(*(characters(one) for one in value))
    return set()


def _block(block: Block) -> dict[str, Any]:
    return {"type": type(block).__name__} | {one.name: _value(getattr(block, one.name)) for one in fields(block)}


def _value(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return [_value(one) for one in value]
    return value
