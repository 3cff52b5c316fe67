from __future__ import annotations

import hashlib
import io
import json
import re
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import openpyxl
import pypdf
import pytest

from tests.tracer.conftest import Town
from tests.tracer.report.conftest import pages
from tests.tracer.report.made import BARE
from tracer.errors import MissingExtra, TracerError
from tracer.report.dossier import Dossier, Trace
from tracer.report.writing import FORMATS, written

Files = dict[tuple[str, str], bytes]
LANGUAGES = ("zh", "en")
EVIL = '#read("/etc/passwd") </style><script>alert(1)</script> =1+1 {{7*7}} $x$ \u202egpj.exe\x07'


def fonts(value: Any, seen: set[int]) -> Iterator[Any]:
    """Every font below an object of a PDF."""
    found = value.get_object()
    if id(found) in seen:
        return
    seen.add(id(found))
    if isinstance(found, dict):
        if found.get("/Type") == "/Font":
            yield found
        for key, one in found.items():
            if key != "/Parent":
                yield from fonts(one, seen)
    elif isinstance(found, list):
        for one in found:
            yield from fonts(one, seen)


def cells(made: bytes) -> list[Any]:
    """Every cell of a workbook."""
    book = openpyxl.load_workbook(io.BytesIO(made))
    return [cell for sheet in book for row in sheet.iter_rows() for cell in row]


def told(files: Files, ending: str, lang: str) -> str:
    """The text that a reader of a file sees."""
    made = files[ending, lang]
    if ending == ".pdf":
        return "\n".join(pages(made))
    if ending == ".xlsx":
        return "\n".join(str(cell.value) for cell in cells(made))
    return made.decode("utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", FORMATS)
def test_the_same_case_gives_the_same_bytes(case: Dossier, files: Files, ending: str, lang: str) -> None:
    """A report that is written twice is the same, byte for byte, in every format and language."""
    assert written(case, f"again{ending}", lang) == files[ending, lang]


def test_the_digest_is_that_of_the_content(files: Files) -> None:
    """Whoever has the JSON report takes its digest again, as annex J says; both languages have the same one."""
    digests = set()
    for lang in LANGUAGES:
        content = json.loads(files[".json", lang])
        digest = content.pop("digest")
        content.pop("lang")
        text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        assert hashlib.sha256(text.encode()).hexdigest() == digest
        digests.add(digest)
    assert len(digests) == 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_page_names_itself(files: Files, lang: str) -> None:
    """Every page of the PDF carries the content's digest, its number and how many there are."""
    digest = json.loads(files[".json", lang])["digest"]
    found = pages(files[".pdf", lang])
    for number, text in enumerate(found, 1):
        assert digest in re.sub(r"\s", "", text)
        numbered = f"第{number}页/共{len(found)}页" if lang == "zh" else f"page{number}of{len(found)}"
        assert numbered in re.sub(r"\s", "", text)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_fonts_are_embedded(files: Files, lang: str) -> None:
    """Every font of the PDF is inside it, so it looks the same everywhere; it is tagged, and PDF/A."""
    reader = pypdf.PdfReader(io.BytesIO(files[".pdf", lang]))
    descriptors = [
        font["/FontDescriptor"] for font in fonts(reader.trailer["/Root"], set()) if "/FontDescriptor" in font
    ]
    assert descriptors
    assert all({"/FontFile", "/FontFile2", "/FontFile3"} & set(one) for one in descriptors)
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert b"pdfaid:part" in root["/Metadata"].get_data()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", [".pdf", ".html"])
def test_all_sections_are_there(files: Files, ending: str, lang: str) -> None:
    """The sections A to J follow each other, and a finding stands on the first page."""
    text = told(files, ending, lang)
    titles = {
        "zh": ("报告首部", "检材", "检验结果", "附件"),
        "en": ("Head of the report", "Exhibits", "Findings", "Annexes"),
    }
    for title in titles[lang]:
        assert title in text
    assert ("确定来源" if lang == "zh" else "Established:") in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", FORMATS)
def test_nobody_is_told_who_is_in_a_dump(town: Town, files: Files, ending: str, lang: str) -> None:
    """No name, phone, identity number or account of anybody in the dumps or tables stands in any report."""
    text = told(files, ending, lang)
    found = [one for one in town.personal if len(one) >= 3 and one in text]
    assert not found


def test_what_was_not_recorded_is_said(files: Files) -> None:
    """A fact that nobody recorded is printed as such where it belongs, and annex J lists it with whom it lacks."""
    text = told(files, ".html", "en")
    assert text.count("not recorded") > 20
    annex = text[text.index('<section id="J">') :]
    assert re.search(r"<td>C</td><td>Seal number</td><td>E1, E2</td>", annex)
    assert re.search(r"<td>A</td><td>Legal document</td>", annex)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", FORMATS)
def test_an_empty_case_has_a_report(ending: str, lang: str) -> None:
    """A case without exhibits, findings or journal is reported as what it is."""
    assert written(BARE, f"r{ending}", lang)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_dump_writes_no_markup(case: Dossier, lang: str) -> None:
    """What a dump calls itself is text: no markup, no formula, no script, nothing that turns the line around."""
    found = json.loads(json.dumps(case.traces[0].document))
    found["sources"][0]["platform"] = EVIL
    found["dump"]["columns"][0]["name"] = EVIL
    exhibits = (replace(case.exhibits[0], name=EVIL), *case.exhibits[1:])
    evil = replace(case, exhibits=exhibits, traces=(Trace("E1", found),))
    text = re.sub(r"\s", "", "".join(pages(written(evil, "r.pdf", lang))))
    assert '#read("/etc/passwd")' in text
    assert "root:" not in text
    assert "\u202e" not in text
    page = written(evil, "r.html", lang).decode()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "\u202e" not in page
    assert all(cell.data_type != "f" for cell in cells(written(evil, "r.xlsx", lang)))


def test_a_rare_name_is_printed(case: Dossier) -> None:
    """Characters of rare names, beyond the basic plane too, are printed as themselves."""
    rare = "𬎆䶮㛃喆堃昇翀垚犇骉"
    text = "".join(pages(written(replace(case, head=replace(case.head, title=rare)), "r.pdf", "zh")))
    assert rare in text


def test_a_missing_glyph_is_an_error(case: Dossier) -> None:
    """A character that the font lacks is named and refused, never left out; HTML can still be written."""
    unknown = replace(case, head=replace(case.head, title="𪻐"))
    with pytest.raises(TracerError, match=r"no glyph for U\+2AED0") as fault:
        written(unknown, "r.pdf", "zh")
    assert ".html" in fault.value.hint
    assert "𪻐" in written(unknown, "r.html", "zh").decode()


@pytest.mark.parametrize(
    ("ending", "module"),
    [(".pdf", "typst"), (".html", "jinja2"), (".xlsx", "xlsxwriter"), (".pdf", "manimgx_fonts_cjk")],
)
def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch, ending: str, module: str) -> None:
    """Without the libraries of the report the error says what to install."""
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtra) as fault:
        written(BARE, f"r{ending}", "en")
    assert "luobo[report]" in fault.value.hint


def test_an_unknown_ending_is_refused() -> None:
    """A file name that asks for no format is answered with those there are."""
    with pytest.raises(TracerError, match="docx") as fault:
        written(BARE, "r.docx", "en")
    assert ".pdf" in fault.value.hint


def test_the_page_loads_nothing(files: Files) -> None:
    """The HTML has a policy that forbids everything but its own style, and no address of anything."""
    page = files[".html", "en"].decode()
    assert "default-src &#39;none&#39;" in page or "default-src 'none'" in page
    assert not re.search(r"""(?:src|href)\s*=\s*["'](?!#)""", page)
    assert "url(" not in page.replace("url(#to)", "")
