from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from graphs.exports.html import export
from tests.graphs.exports.test_exports import hostile
from tests.graphs.made import made_chain

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Page:
    """A page open in Chromium, with what it logged and asked the network for."""

    def __init__(self, page: Any) -> None:
        self.page = page
        self.logged: list[str] = []
        self.asked: list[str] = []
        page.on("console", lambda message: self.logged.append(message.text))
        page.on("pageerror", lambda fault: self.logged.append(str(fault)))
        page.on("request", lambda request: self.asked.append(request.url))

    def open(self, path: Path, text: str) -> Any:
        """Write the page, open it and wait until it says that it is painted."""
        path.write_text(text, "utf-8")
        self.page.goto(path.as_uri())
        # Not by a script: the page's own policy forbids to evaluate one.
        self.page.wait_for_selector("html[data-painted]:not([data-painted=''])", state="attached")
        return self.page


@pytest.fixture
def page() -> Iterator[Page]:
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        yield Page(browser.new_page(viewport={"width": 1400, "height": 900}))
        browser.close()


def test_a_thousand_nodes_are_painted_quietly(page: Page, tmp_path: Path) -> None:
    """A page of 1,000 nodes draws them all, logs nothing and asks the network for nothing but itself."""
    shown = page.open(tmp_path / "chain.html", export(made_chain(1_000)))
    assert shown.locator("#boxes g").count() == 1_000
    assert page.logged == []
    assert len(page.asked) == 1


def test_a_click_shows_the_evidence(page: Page, tmp_path: Path) -> None:
    """A box tells its facts and links; a link tells its probability and every item of evidence."""
    chain = made_chain(60)
    shown = page.open(tmp_path / "chain.html", export(chain, title="案件 7"))
    assert shown.text_content("#title") == "案件 7"
    number = next(place for place, node in enumerate(chain.nodes) if node.kind == "seller")
    shown.locator(f"[data-node='{number}']").dispatch_event("click")
    assert chain.nodes[number].label in shown.text_content("#told")
    shown.locator("#told .link").first.click()
    assert shown.locator("#told .item").count() >= 1
    assert "chat.txt#" in shown.text_content("#told")
    assert page.logged == []


def test_filters_search_path_and_languages_work(page: Page, tmp_path: Path) -> None:
    """Types can be hidden, names found, families collapsed, routes shown, and the page speaks Chinese."""
    chain = made_chain(90)
    shown = page.open(tmp_path / "chain.html", export(chain))
    shown.locator("#kinds input").first.uncheck()
    assert shown.locator("#boxes g.gone").count() == sum(node.kind == "platform" for node in chain.nodes)
    shown.fill("#search", "campaign3")
    assert shown.locator("#boxes g.hit").count() == sum(
        "campaign3" in f"{node.label} {node.id}" for node in chain.nodes
    )
    shown.fill("#search", "")
    link = next(one for one in chain.links if one.kind == "dialled_in")
    places = {node.id: place for place, node in enumerate(chain.nodes)}
    for end in (link.source, link.target):
        shown.locator(f"[data-node='{places[end]}']").dispatch_event("click", {"shiftKey": True})
    assert "route" in shown.text_content("#path-told")
    assert shown.locator("#lines .onway").count() >= 1
    shown.check("#collapse")
    assert shown.locator("#boxes g.gone").count() > 1
    shown.click("#by-time")
    shown.click("#language")
    assert shown.text_content("#by-time") == "时间"
    assert page.logged == []


def test_facts_of_a_box_have_words_in_both_languages(page: Page, tmp_path: Path) -> None:
    """Every fact the chain tells of its dumps, people and campaigns is named in the language of the page."""
    told = ("sha256", "bytes", "records", "numbers", "unexplained", "adverts", "accounts", "files")
    chain = made_chain(60)
    nodes = tuple(replace(node, facts=dict.fromkeys(told, 7)) for node in chain.nodes)
    for language, word in (("en", "numbers called"), ("zh", "拨打号码数")):
        shown = page.open(tmp_path / f"{language}.html", export(replace(chain, nodes=nodes), lang=language))
        shown.locator("[data-node='0']").dispatch_event("click")
        names = shown.locator("#told dl dt").all_text_contents()[: len(told)]
        assert word in names
        assert not set(names) & {"numbers", "unexplained"}
        assert language == "en" or all(name == "SHA-256" or not name.isascii() for name in names)


def test_hostile_names_stay_text(page: Page, tmp_path: Path) -> None:
    """Names made of markup are shown as they are written; nothing runs, nothing is logged."""
    shown = page.open(tmp_path / "chain.html", export(hostile(), title="</title><script>alert(1)</script>"))
    assert shown.locator("svg[onload]").count() == 0
    assert shown.locator("script").count() == 2
    assert page.logged == []
    assert len(page.asked) == 1


def test_the_policy_names_the_scripts_digest() -> None:
    """The policy forbids all but the one script and the one style by their digests; the page holds no address."""
    text = export(made_chain(20))
    assert "default-src 'none'; script-src 'sha256-" in text
    assert "unsafe" not in text
    assert "src=" not in text.replace("-src", "")
    assert [one for one in text.split('"') if one.startswith("http")] == ["http://www.w3.org/2000/svg"]
