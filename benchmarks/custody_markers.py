"""Marker people: after a whole case, does any of their names or numbers stand anywhere in the clear?

    python benchmarks/custody_markers.py [people]

Two dumps, a chat with sample records and a list of calls, all about invented people whose names and numbers are
searched for afterwards: in every file of the case and the vault, the exports, the reports in every format and both
languages (the text of each PDF's pages, the parts of each workbook), the bundle, what was printed, and the folder for
temporary files. What --reveal shows on purpose is looked at apart.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import random
import sys
import tempfile
import zipfile
from pathlib import Path

from pypdf import PdfReader

from graphs.exports.formats import FORMATS
from tracer.cli.main import main as luobo

OUT = Path(__file__).with_name("results") / "custody_markers.json"
REPORTS = ("pdf", "html", "json", "xlsx", "jsonld", "prov.json")
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
GIVEN = "翊珩煜宸懿昀筱瑾芮琋奕霁曦珂睿沐祺澄"


def people(count: int) -> list[tuple[str, str, str]]:
    """Name, phone and identity number of invented people, all different."""
    chance = random.Random(7)
    made = {}
    while len(made) < count:
        name = chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN)
        phone = f"1{chance.choice('3589')}{chance.randrange(10**9):09d}"
        body = f"110101{chance.randrange(1960, 2005)}{chance.randrange(1, 13):02d}{chance.randrange(1, 29):02d}"
        body += f"{chance.randrange(1000):03d}"
        check = "10X98765432"[sum(int(one) * 2 ** (17 - at) for at, one in enumerate(body)) % 11]
        made[phone] = (name, phone, body + check)
    return list(made.values())


def written(folder: Path, made: list[tuple[str, str, str]]) -> None:
    """The platform's table, two dumps, a chat and a list of calls."""
    table = "姓名,手机号,身份证号,授信额度\n" + "".join(
        f"{a},{b},{c},{5000 + i % 90}\n" for i, (a, b, c) in enumerate(made)
    )
    (folder / "platform.csv").write_text(table, "utf-8")
    head, *rows = table.splitlines()
    (folder / "leak.csv").write_text("\n".join([head, *rows[: len(rows) // 2]]), "utf-8")
    (folder / "half.csv").write_text("\n".join([head, *rows[: len(rows) // 2 : 2]]), "utf-8")
    shown = "\n".join(f"{a} {b} {c}" for a, b, c in made[:5])
    chat = f"2025-09-15 20:00:00 卖家(70001)\n网贷料 1.3一条 一手实时 加薇：liao_zs01\n{shown}\n\n"
    chat += "2025-09-15 21:00:00 买家(70002)\n收网贷料 一手\n\n"
    (folder / "group.txt").write_text(chat, "utf-8")
    calls = "\n".join(["number,time", *(f"{b},2025-09-20 10:00:00" for _, b, _ in made[: len(made) // 4])])
    (folder / "calls.csv").write_text(calls, "utf-8")


def run(*words: object) -> str:
    """One command; gives everything it printed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = luobo([*map(str, words)])
    assert code in {0, 1}, err.getvalue()
    return out.getvalue() + err.getvalue()


def whole(folder: Path) -> str:
    """A case from the seal to the bundle; gives what was printed on the way."""
    case, vault = folder / "out" / "case", folder / "vault"
    seized = ("--seized-at", "2025-10-08", "--by", "A")
    printed = run("vault", "create", vault)
    printed += run("vault", "add", vault, folder / "platform.csv", "--platform", "loans", "--taken-at", "2025-09-01")
    printed += run("case", "create", case, "--title", "Markers", "--alone", "a benchmark", "--by", "A")
    printed += run("case", "add", case, folder / "leak.csv", folder / "half.csv", "--kind", "dump", *seized)
    printed += run("case", "add", case, folder / "group.txt", "--kind", "chat", *seized)
    printed += run("case", "add", case, folder / "calls.csv", "--kind", "calls", *seized)
    printed += run("case", "trace", case, "--vault", vault, "--json", folder / "out" / "trace.json", "--by", "A")
    printed += run("case", "chain", case, "--json", folder / "out" / "chain.json", "--by", "A")
    for ending in FORMATS:
        printed += run("graph", case, "-o", folder / "out" / f"graph{ending}", "--by", "A")
    printed += run("graph", case, "--cut", "--json", folder / "out" / "cut.json")
    for ending in REPORTS:
        for language in ("zh", "en"):
            output = folder / "out" / f"report-{language}.{ending}"
            printed += run("report", case, "-o", output, "--lang", language, "--by", "A")
    printed += run("bundle", case, "-o", folder / "out" / "case.luobo", "--by", "A")
    printed += run("verify", folder / "out" / "case.luobo", "--json", folder / "out" / "verdict.json")
    return printed + run("case", "log", case, "--json", folder / "out" / "log.json")


def content(path: Path) -> bytes:
    """What stands in a file, unpacked where it is packed."""
    data = path.read_bytes()
    if path.suffix == ".pdf":
        return data + "\n".join(page.extract_text() for page in PdfReader(path).pages).encode()
    if path.suffix == ".xlsx":
        with zipfile.ZipFile(path) as parts:
            return data + b"\n".join(map(parts.read, parts.namelist()))
    return data


def main() -> None:
    """Run it, look everywhere, and write what was found."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "out").mkdir()
        (folder / "tmp").mkdir()
        os.environ["TMPDIR"] = tempfile.tempdir = str(folder / "tmp")
        made = people(count)
        written(folder, made)
        printed = whole(folder)
        files = [path for part in ("out", "tmp") for path in (folder / part).rglob("*") if path.is_file()]
        files += [path for path in (folder / "vault").rglob("*") if path.is_file()]
        texts = {str(path.relative_to(folder)): content(path) for path in files} | {"printed": printed.encode()}
        markers = [told.encode() for one in made for told in one]
        found = {name: sum(marker in text for marker in markers) for name, text in texts.items()}
        revealed = run("case", "reveal", folder / "out" / "case", "E1", "--row", 0, "--purpose", "check", "--by", "A")
        told = {
            "people": count,
            "markers": len(markers),
            "places": len(texts),
            "bytes": sum(map(len, texts.values())),
            "found": {name: hits for name, hits in found.items() if hits},
            "shown_by_reveal": sum(marker.decode() in revealed for marker in markers[:3]),
        }
    OUT.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(json.dumps(told, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
