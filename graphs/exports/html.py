"""One page that holds the whole chain and works without a network: search, filters, evidence, paths, two layouts.

Nothing is loaded: script and style are inside and named by their digests in a Content-Security-Policy that forbids
all else (CSP Level 3), so the page can lie on a machine without internet and cannot tell anybody that it was opened.
"""

from __future__ import annotations

import base64
import hashlib
import json
from html import escape
from pathlib import Path
from typing import Any

from graphs.chain import KINDS, Chain
from graphs.evidence import to_dict
from graphs.exports.svg import COLOURS
from graphs.layout import layered, timed

_PAGE = Path(__file__).with_name("page")


def export(chain: Chain, *, title: str = "", lang: str = "en") -> str:
    """The page.

    Args:
        chain: the chain.
        title: what the page is called, the case's title say.
        lang: language it opens in, `en` or `zh`; the reader can switch.
    """
    style = (_PAGE / "page.css").read_text("utf-8")
    script = (_PAGE / "page.js").read_text("utf-8")
    policy = (
        f"default-src 'none'; script-src '{_digest(script)}'; style-src '{_digest(style)}'; "
        "img-src data: blob:; base-uri 'none'; form-action 'none'"
    )
    page = (_PAGE / "page.html").read_text("utf-8")
    filled = {
        "LANG": "zh-CN" if lang == "zh" else "en",
        "POLICY": policy,
        "TITLE": escape(title or "luobo · 转卖链"),
        "STYLE": style,
        "DATA": _data(chain, title, lang),
        "SCRIPT": script,
    }
    for name, text in filled.items():
        before, mark, after = page.partition(f"<!--{name}-->")
        page = before + text + after if mark else page
    return page


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _data(chain: Chain, title: str, lang: str) -> str:
    """The chain with its positions as JSON that cannot end the element it stands in."""
    layers, times = layered(chain), timed(chain)
    number = {node.id: place for place, node in enumerate(chain.nodes)}
    families = _families(chain, number)
    document: dict[str, Any] = {
        "id": chain.id,
        "title": title,
        "lang": lang,
        "kinds": list(KINDS),
        "colours": COLOURS,
        "sizes": {"layers": [layers.width, layers.height], "time": [times.width, times.height]},
        "nodes": [
            {
                "id": node.id,
                "kind": node.kind,
                "label": node.label or node.id,
                "facts": dict(node.facts),
                "first": node.first,
                "last": node.last,
                "family": families.get(place, -1),
                "layers": _rounded(layers.places[node.id]),
                "time": _rounded(times.places[node.id]),
            }
            for place, node in enumerate(chain.nodes)
        ],
        "links": [
            {
                "source": number[link.source],
                "target": number[link.target],
                "kind": link.kind,
                "p": round(weight.probability, 6),
                "low": round(weight.low, 6),
                "high": round(weight.high, 6),
                "status": weight.status,
                "determined": link.determined,
                "bends": [_rounded(point) for point in layers.bends.get((link.source, link.target), ())],
                "first": link.first,
                "last": link.last,
                "alternatives": list(link.alternatives),
                "evidence": [to_dict(item) for item in link.evidence],
            }
            for link in chain.links
            for weight in [link.weight]
        ],
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def _rounded(place: tuple[float, float]) -> list[float]:
    return [round(place[0], 1), round(place[1], 1)]


def _families(chain: Chain, number: dict[str, int]) -> dict[int, int]:
    """Dumps that were made from one another: place of the node → place of the family's first dump."""
    parent = {number[node.id]: number[node.id] for node in chain.nodes if node.kind in {"dump", "unseized_dump"}}

    def root(place: int) -> int:
        while parent[place] != place:
            place = parent[place]
        return place

    for link in chain.links:
        if link.kind == "copied_to":
            one, other = sorted((root(number[link.source]), root(number[link.target])))
            parent[other] = one
    roots = {place: root(place) for place in parent}
    sizes = list(roots.values())
    return {place: one for place, one in roots.items() if sizes.count(one) > 1}
