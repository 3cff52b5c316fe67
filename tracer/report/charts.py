"""The report's charts as SVG: drawn once, the same on paper and on screen, byte for byte.

No script, no outside reference; every text is escaped, for platforms and files are named by others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from html import escape
from math import floor, log10
from typing import Any, Final

from graphs.exports.svg import shortened
from tracer.report.dossier import Trace
from tracer.report.wording import Wording, number

COLOURS: Final = {
    "established": "#9b2226",
    "consistent": "#b06a00",
    "indeterminate": "#6b7280",
    "excluded": "#2f6f3e",
    "unknown": "#9aa3ad",
}
"""One colour a verdict, each dark enough beside white (contrast of 4.5, WCAG 2.2 AA; the rest of the rows apart)."""
WIDTH: Final = 680
_LEFT, _RIGHT, _ROW, _TOP, _FOOT = 150, 70, 24, 8, 34
_FONTS: Final = "Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"
_SHOWN: Final = 12
BARS: Final = 40
"""Windows that one timeline shows."""
_FEW: Final = 3


def sources(found: Mapping[str, Any], words: Wording) -> str:
    """Records of each platform with their 95 % interval, and those of nobody registered."""
    rows = [
        (one["platform"], one["verdict"], one["rows"], one["rows_low"], one["rows_high"])
        for one in found["sources"][:_SHOWN]
    ]
    rest = found["unknown"]
    rows.append((words("f.unknown_row"), "unknown", rest["rows"], rest["rows_low"], rest["rows_high"]))
    most: int = max(1, found["dump"]["records"], *(row[4] for row in rows))

    def x(value: float) -> float:
        return float(_LEFT + (WIDTH - _LEFT - _RIGHT) * min(1.0, value / most))

    bottom = _TOP + _ROW * len(rows)
    parts = [_tick(x(value), number(value), bottom) for value in _steps(most)]
    for place, (name, verdict, count, low, high) in enumerate(rows):
        y, colour = _TOP + _ROW * (place + 0.5), COLOURS[verdict]
        parts += [
            _label(name, y),
            _bar(_LEFT, y - 6, x(count) - _LEFT, colour, 0.22),
            _whisker(x(low), x(high), y, colour),
            f'<circle cx="{x(count):.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>',
            f'<text x="{WIDTH - _RIGHT + 12}" y="{y + 4:.1f}" font-size="11" fill="#1f2933">{number(count)}</text>',
        ]
    parts.append(_text(WIDTH - _RIGHT, bottom + 30, words("f.axis"), "end", 10))
    return _drawn(parts, bottom + _FOOT)


def timeline(traces: Sequence[Trace]) -> str:
    """When the records of each named source left; empty where no day is known."""
    bars = windows(traces)[:BARS]
    days = [day for bar in bars for day in bar[2:4] if day is not None]
    if not days:
        return ""
    margin = max(5, (max(days) - min(days)).days // 12)
    first, last = min(days) - timedelta(days=margin), max(days) + timedelta(days=margin)

    def x(day: date) -> float:
        return _LEFT + 40 + (WIDTH - _LEFT - 60) * (day - first).days / max(1, (last - first).days)

    bottom = _TOP + _ROW * len(bars)
    parts = [_tick(x(day), told, bottom) for day, told in _ticks(first, last)]
    for place, (name, verdict, after, before) in enumerate(bars):
        y, colour = _TOP + _ROW * (place + 0.5), COLOURS[verdict]
        left, right = x(after or first), x(before or last)
        parts.append(_label(name, y, _LEFT + 30))
        parts.append(_bar(left, y - 6, max(3.0, right - left), colour, 0.75))
        for day, at, anchor, shift in ((after, left, "end", -5), (before, max(right, left + 3), "start", 5)):
            told = day.isoformat()[5:] if day else "…"
            parts.append(_text(at + shift, y + 3.5, told, anchor, 9))
    return _drawn(parts, bottom + _FOOT - 10)


def windows(traces: Sequence[Trace]) -> list[tuple[str, str, date | None, date | None]]:
    """(source, verdict, after, before) of every lot of a named source whose days are known at all."""
    bars = []
    for trace in traces:
        for one in trace.document["sources"]:
            if one["verdict"] not in {"established", "consistent"}:
                continue
            for part in one.get("lots") or (one,):
                after, before = _day(part["leaked_after"]), _day(part["leaked_before"])
                if after or before:
                    bars.append((f"{trace.exhibit} {one['platform']}", one["verdict"], after, before))
    return bars


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _ticks(first: date, last: date) -> list[tuple[date, str]]:
    """Days to mark: firsts of months, or every seventh day where that leaves too few."""
    months = [
        date(year, month, 1)
        for year in range(first.year, last.year + 1)
        for month in range(1, 13)
        if first <= date(year, month, 1) <= last
    ]
    if len(months) >= _FEW:
        return [(day, day.isoformat()[:7]) for day in months[:: -(-len(months) // 8)]]
    days = [first + timedelta(days=place) for place in range((last - first).days + 1)]
    return [(day, day.isoformat()) for day in days[:: max(7, -(-len(days) // 5))]]


def _steps(most: float) -> list[float]:
    """Round values from 0 to `most`, four to eight of them."""
    rough = most / 5
    unit = 10.0 ** floor(log10(rough)) if rough > 0 else 1.0
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= rough)
    step = max(1.0, step)
    return [place * step for place in range(int(most / step) + 1)]


def _tick(x: float, told: str, bottom: float) -> str:
    line = f'<path d="M{x:.1f} {_TOP}V{bottom:.1f}" stroke="#d5dae0" stroke-width="0.8"/>'
    return line + _text(x, bottom + 14, told, "middle", 9.5)


def _bar(x: float, y: float, width: float, colour: str, opacity: float) -> str:
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="12" rx="2"'
    return f'<rect {box} fill="{colour}" fill-opacity="{opacity}"/>'


def _whisker(low: float, high: float, y: float, colour: str) -> str:
    way = f"M{low:.1f} {y:.1f}H{high:.1f}M{low:.1f} {y - 4:.1f}v8M{high:.1f} {y - 4:.1f}v8"
    return f'<path d="{way}" stroke="{colour}" stroke-width="1.6" fill="none"/>'


def _label(name: str, y: float, right: float = _LEFT) -> str:
    return _text(right - 10, y + 4, shortened(name, 22), "end", 11)


def _text(x: float, y: float, told: str, anchor: str, size: float) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="#3e4c59">{escape(told)}</text>'
    )


def _drawn(parts: Sequence[str], height: float) -> str:
    box = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="{_FONTS}">\n' + "\n".join(parts) + "\n</svg>\n"
