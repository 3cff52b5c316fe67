"""What a report costs, and whether it is what it says it is: the case of `luobo demo`, each command a fresh process.

    python benchmarks/report.py

Writes `report.md` and `report.json` to `benchmarks/results/`. `pdffonts` (poppler) is asked as well where it is there.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

import pypdf
from measure import measured

HERE: Final = Path(__file__).parent
BIN: Final = Path(sys.executable).parent
FORMATS: Final = (("report.pdf", "zh"), ("report.pdf", "en"), ("report.html", "zh"), ("report.json", "zh"))
MORE: Final = (("report.xlsx", "zh"), ("report.jsonld", "zh"), ("report.prov.json", "zh"))
REPEAT: Final = 3


def written(folder: Path, name: str, lang: str) -> dict[str, Any]:
    """One format: the middle time of three runs, and whether all gave the same bytes."""
    digests, path = set(), folder / f"{lang}-{name}"
    command = [BIN / "luobo", "report", folder / "case", "-o", path, "--lang", lang, "--by", "李雷"]
    costs = []
    for _ in range(REPEAT):
        costs.append(measured(command))
        assert costs[-1].code == 0, costs[-1].errors
        digests.add(hashlib.sha256(path.read_bytes()).hexdigest())
    cost = sorted(costs, key=lambda one: one.wall)[REPEAT // 2]
    found = {"file": name, "lang": lang, "wall": round(cost.wall, 2), "cpu": round(cost.cpu, 2)}
    found |= {"peak_mib": round(cost.peak_mib), "bytes": path.stat().st_size, "alike": len(digests) == 1}
    if path.suffix == ".pdf":
        found["pages"] = len(pypdf.PdfReader(path).pages)
        found["seconds_per_20_pages"] = round(cost.wall * 20 / found["pages"], 2)
        found["fonts_embedded"] = embedded(path)
    return found


def embedded(path: Path) -> bool | None:
    """Whether `pdffonts` finds only embedded fonts; None where it is not there."""
    if shutil.which("pdffonts") is None:
        return None
    listed = subprocess.run(["pdffonts", path], capture_output=True, text=True, check=True).stdout.splitlines()  # noqa: S607
    rows = [line.split() for line in listed[2:]]
    return bool(rows) and all(row[-5] == "yes" for row in rows)


def main() -> None:
    """Make the case, write every format three times, and say what was measured."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "demo"
        demo = measured([BIN / "luobo", "demo", folder])
        assert demo.code == 0, demo.errors
        rows = [written(folder, name, lang) for name, lang in (*FORMATS, *MORE)]
        case = subprocess.run(
            [BIN / "case_validate", folder / "zh-report.jsonld"], capture_output=True, text=True, check=False
        )
    found = {"demo": {"wall": round(demo.wall, 1), "cpu": round(demo.cpu, 1)}, "case_validate": case.returncode == 0}
    told = [
        "# The report of the demonstration's case",
        "",
        "Fresh processes on two busy cores, the middle of three.",
        "",
    ]
    told += [
        "| file | language | pages | seconds | processor | MiB | bytes | alike | fonts embedded |",
        "|---|" + "---:|" * 8,
    ]
    for row in rows:
        fields = ("file", "lang", "pages", "wall", "cpu", "peak_mib", "bytes", "alike", "fonts_embedded")
        told.append("| " + " | ".join(str(row.get(name, "")) for name in fields) + " |")
    told += ["", f"`case_validate` accepts the CASE/UCO export: {found['case_validate']}."]
    told += [f"`luobo demo` as a whole: {found['demo']['wall']} s, {found['demo']['cpu']} s of processor time.", ""]
    (HERE / "results" / "report.md").write_text("\n".join(told), encoding="utf-8")
    (HERE / "results" / "report.json").write_text(json.dumps({**found, "files": rows}, indent=1), encoding="utf-8")
    print("\n".join(told))


if __name__ == "__main__":
    main()
