"""The accuracy page for people: `docs/accuracy.md`, made from the figures and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from regimes import REGIMES

_TABLES: Final = {
    "stated bounds": "The smallest bound on an innocent platform's agreeing values in a dump. Bounds are corrected for "
    "the platforms tested, so a level t should be passed in no more than a share t of the dumps.",
    "stated false accusation": "What was said of true sources and of suspected innocents, by the stated chance of a "
    "false accusation.",
    "stated origins": "Records whose likeliest origin is a registered platform, by the stated chance of it.",
    "stated unknown": "Records given to nobody, by the stated chance that no platform which is named supplied them.",
    "row errors by kind": "Relative error of the rows of established sources.",
    "innocents by what the dump is made of": "",
    "innocents by correlation of limits": "One person's limits at two platforms.",
    "innocents by taste in loans": "Share of people who take the same loan wherever it is sold.",
    "innocents by what the dump holds": "",
    "true sources by what the dump holds": "Of 30 rows and more. *Balance only* dumps hold what nobody registered "
    "unless a snapshot is near.",
    "true sources by rows": "",
    "identifiers alone by rows": "Of 30 rows and more.",
    "identifiers alone by when they left": "Of 30 rows and more. After the newest snapshot nobody is known who joined "
    "too late, so that hardly anything can speak.",
    "true sources by when they left": "Of 30 rows and more.",
    "true sources by filter": "Of 30 rows and more.",
    "true sources by correlation of limits": "Of 30 rows and more.",
    "true sources by damage": "Share of rows with a typing error in an identifier; of 30 rows and more.",
    "windows by joiners": "Windows of sources whose rows say when their customers joined. The day can be known no "
    "better than new customers are in the dump: at one in three days, not to a day.",
    "true sources by company": "Of 30 rows and more.",
}
_MARK: Final = {True: "yes", False: "**no**", None: ""}


def page(found: Mapping[str, Any]) -> str:
    """The page."""
    head = (
        "# Accuracy\n\nMade by `make accuracy`; do not edit.\n\n"
        f"{found['dumps']:,} invented dumps with {found['records']:,} records, in {found['worlds']} invented worlds of "
        f"{len(found['by regime'])} regimes, each traced, each beside its truth. Intervals are 95 % (Clopper and "
        "Pearson); dumps of one world share its platforms, so they are a little too narrow.\n\n"
    )
    told = (
        "\nA source's rows count here only if their customers are in one of its registered snapshots: of those who "
        "joined after the newest one, nobody can know anything.\n"
        f"\nIntervals of all true sources, named or not: {found['intervals of all true sources']} hold the truth.\n"
    )
    sections = [
        head,
        _missed([one for one in found["bars"] if one["met"] is False]),
        "## Bars\n\n",
        _table([_shown(one) for one in found["bars"]]),
        told,
        "\n## By regime\n\n",
        *(f"- **{one.name}**: {one.says}\n" for one in REGIMES if one.name in found["by regime"]),
        "\n",
        _table(_regimes(found["by regime"])),
        *(_section(name, says, found[name]) for name, says in _TABLES.items() if found[name]),
        _section("innocents established", "", found["innocents established"]),
        _section("innocents that came nearest", "", found["innocents that came nearest"]),
    ]
    return "".join(sections)


def _shown(one: Mapping[str, Any]) -> dict[str, Any]:
    return {"figure": one["figure"], "bar": one["bar"], "measured": one["measured"], "met": _MARK[one["met"]]}


def _section(title: str, says: str, rows: Sequence[Mapping[str, Any]]) -> str:
    parts = [f"## {title.capitalize()}", *([says] if says else []), _table(rows) if rows else "None.\n"]
    return "\n" + "\n\n".join(parts)


def _missed(missed: Sequence[Mapping[str, Any]]) -> str:
    if not missed:
        return "Every bar is met.\n\n"
    told = "".join(f"- {one['figure']}: {one['measured']}; the bar is {one['bar']}\n" for one in missed)
    return f"**Bars that are missed:**\n\n{told}\n"


def _regimes(regimes: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """One row a figure, one column a regime; a figure that misses its bar is bold."""
    rows = []
    for place, first in enumerate(next(iter(regimes.values()), ())):
        row = {"figure": f"{first['figure']} ({first['bar']})"}
        for name, bars in regimes.items():
            short = str(bars[place]["measured"]).partition(";")[0] + (
                ")" if ";" in str(bars[place]["measured"]) else ""
            )
            row[name] = f"**{short}**" if bars[place]["met"] is False else short
        rows.append(row)
    return rows


def _table(rows: Sequence[Mapping[str, Any]]) -> str:
    lines = [list(rows[0]), ["---"] * len(rows[0]), *([_cell(cell) for cell in row.values()] for row in rows)]
    return "".join("| " + " | ".join(line) + " |\n" for line in lines)


def _cell(cell: Any) -> str:
    if cell is None:
        return ""
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
