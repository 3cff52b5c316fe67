"""The demonstration's case: sealed by one person, signed by another, traced, chained and reported."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from graphs.exports.html import export
from graphs.exports.masked import masked
from tracer.case import Case
from tracer.errors import MissingExtra
from tracer.findings import Findings
from tracer.reporting import report
from tracer.vault.vault import Vault

FIRST: Final = "李雷"
SECOND: Final = "韩梅梅"
_TITLE: Final = "演示：贷款名单泄露案"
_HEAD: Final = {
    "cause": "侵犯公民个人信息（虚构）",
    "office": "演示市公安局（虚构）",
    "purpose": "查明名单来源及转卖经过",
}
_FOUND: Final = {
    "seized_at": date(2025, 10, 8).isoformat(),
    "from": "演示市数据路1号，电脑硬盘",
    "holder": "周某（虚构）",
    "medium": "SSD 512 GB，序列号 DEMO-0001",
    "seal_number": "封-2025-0001",
    "method": "只读设备复制镜像",
}
"""How the dumps and the chat were found; who witnessed it is left out, and the report says so."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A case that is ready for the other side."""

    case: Path
    reports: tuple[Path, ...]
    page: Path
    """The resale chain, to be looked at."""
    bundle: Path
    checkpoint: Path
    unwritten: str = ""
    """Why there are no reports, where there are none."""


@dataclass(frozen=True, slots=True)
class Casework:
    """A case in the making."""

    case: Case
    folder: Path

    @classmethod
    def opened(cls, folder: Path, dumps: Sequence[Path], chat: Path, calls: Path) -> Casework:
        """Seal what was seized; a second person signs."""
        case = Case.create(folder / "case", title=_TITLE, by=FIRST, about=_HEAD)
        case.add(dumps, kind="dump", circumstances=_FOUND)
        case.add([chat], kind="chat", circumstances=_FOUND)
        case.add([calls], kind="calls", circumstances={"seized_at": _FOUND["seized_at"], "from": "运营商调取"})
        Case.open(folder / "case", by=SECOND).approve()
        return cls(case, folder)

    def traced(self, vault: Vault, tell: Callable[[str], None]) -> Mapping[str, Findings]:
        """The findings of each dump by its name."""
        return {
            exhibit.name: findings
            for exhibit, findings in self.case.trace(vault, progress=lambda label: tell(f"tracing {label}"))
        }

    def finished(self, tell: Callable[[str], None]) -> Finished:
        """Chain, reports in both languages, bundle and the checkpoint that somebody else keeps."""
        tell("building the resale chain")
        chain = masked(self.case.chain().chain)
        page = self.folder / "chain.html"
        drawn = export(chain, title=_TITLE, lang="zh").encode("utf-8", "backslashreplace")
        facts: dict[str, str | int] = {"of": "chain", "sha256": hashlib.sha256(drawn).hexdigest(), "masked": 1}
        self.case.record("export", facts, {"file": page.name})
        page.write_bytes(drawn)
        reports, unwritten = [], ""
        for lang, name in (("zh", "report.pdf"), ("en", "report.en.pdf")):
            tell(f"writing {name}")
            try:
                made, _ = report(self.case, name, lang)
            except MissingExtra as fault:
                unwritten = f"{fault.message}; {fault.hint}"
                break
            (self.folder / name).write_bytes(made)
            reports.append(self.folder / name)
        tell("writing the bundle")
        bundle = self.folder / "case.luobo"
        checkpoint = bundle.with_name(f"{bundle.name}.checkpoint")
        checkpoint.write_text(self.case.bundle(bundle).checkpoint, encoding="utf-8")
        return Finished(self.folder / "case", tuple(reports), page, bundle, checkpoint, unwritten)
