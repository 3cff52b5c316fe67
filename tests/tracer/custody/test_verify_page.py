"""The second verifier where people meet it: a page in a real Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.tracer.custody.second import PAGE
from tracer.cli.main import main

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture
def page() -> Iterator[Any]:
    """The page, opened; whatever it logs or asks the network for fails the test."""
    if BROWSER is None:
        pytest.skip("no Chromium on this machine")
    api = pytest.importorskip("playwright.sync_api")
    said: list[str] = []
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda fault: said.append(str(fault)))
        page.on("request", lambda request: said.append(request.url))
        page.goto(PAGE.as_uri())
        yield page
        browser.close()
    assert said == [PAGE.as_uri()]


def test_the_page_tells_a_sound_bundle_from_a_changed_one(page: Any, tmp_path: Path) -> None:
    """A bundle is sound with its people, one flipped bit makes it unsound with the check that failed, offline."""
    case, bundle, changed = tmp_path / "case", tmp_path / "case.luobo", tmp_path / "changed.luobo"
    assert main(["case", "create", str(case), "--title", "T", "--by", "Li Lei", "--alone", "a test"]) == 0
    assert main(["bundle", str(case), "-o", str(bundle), "--by", "Li Lei"]) == 0
    data = bytearray(bundle.read_bytes())
    data[600] ^= 1
    changed.write_bytes(data)
    verdict = page.locator("#verdict")
    page.locator("#bundle").set_input_files(str(bundle))
    verdict.get_by_text("Sound").wait_for()
    assert "Li Lei" in verdict.inner_text()
    page.locator("#bundle").set_input_files(str(changed))
    verdict.get_by_text("NOT sound").wait_for()
    assert "check 2" in verdict.inner_text()
