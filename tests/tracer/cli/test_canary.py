from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from tests.canaries import invented
from tests.tracer.canary_town import HEADERS, RECIPIENTS, Office, export, furnish, masked_rows
from tracer.cli.canary.opening import open_register
from tracer.cli.main import main
from tracer.tracing import trace
from tracer.vault.vault import Vault

VERDICTS = {"established", "consistent", "indeterminate", "excluded"}


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office whose canaries are minted and sealed; to be read only."""
    office = furnish(tmp_path_factory.mktemp("office"))
    line = ["canary", "mint", str(office.table), "--register", str(office.register), "--count", "60", "--clocks", "0.5"]
    assert main([*line, "--recipients", str(office.recipients), "--shadows", "400"]) == 0
    assert main(["canary", "seal", str(office.register), "-o", str(office.folder / "head.json")]) == 0
    return office


@pytest.fixture
def office(sealed: Office, tmp_path: Path) -> Office:
    """A copy of it, to be written."""
    shutil.copytree(sealed.folder, tmp_path, dirs_exist_ok=True)
    return Office(tmp_path)


def said(capsys: pytest.CaptureFixture[str], *line: str, code: int = 0) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*line, "--json", "-"]) == code
    told: dict[str, Any] = json.loads(capsys.readouterr().out)
    return told


def inject(office: Office, name: str, recipient: str = RECIPIENTS[0]) -> Path:
    out = office.folder / f"out-{name}"
    line = ["canary", "inject", str(office.folder / name), "--register", str(office.register), "--recipient", recipient]
    assert main([*line, "-o", str(out)]) == 0
    return out


@pytest.mark.parametrize("shape", ["csv", "gb18030", "quoted", "jsonl"])
def test_injection_changes_nothing_else(office: Office, shape: str) -> None:
    """Taken out again, the canaries' lines leave the export byte for byte; the same export gives the same file."""
    name = f"export.{'jsonl' if shape == 'jsonl' else 'csv'}"
    original = export(office.folder / name, shape)
    out = inject(office, name)
    lines = out.read_bytes().splitlines(keepends=True)
    own = original.splitlines(keepends=True)
    extra, at = [], 0
    for line in lines:
        if at < len(own) and line.rstrip(b"\r\n") == own[at].rstrip(b"\r\n"):
            at += 1
        else:
            extra.append(line)
    assert at == len(own)
    assert len(extra) == 20
    first = out.read_bytes()
    assert inject(office, name).read_bytes() == first
    encoding = "gb18030" if shape == "gb18030" else "utf-8"
    assert all("****" in line.decode(encoding) for line in extra)


def test_cover_hides_canaries_from_a_comparison(tmp_path: Path) -> None:
    """With cover two partners who compare their exports find at most one canary among twenty one-sided rows."""
    office = furnish(tmp_path)
    rows = invented.table(8000, 3).frame.rows()
    text = [",".join(invented.NAMES), *(",".join(cell or "" for cell in row) for row in rows)]
    office.table.write_text("\n".join(text) + "\n", "utf-8")
    line = ["canary", "mint", str(office.table), "--register", str(office.register), "--count", "36", "--shadows", "0"]
    assert main([*line, "--recipients", str(office.recipients)]) == 0
    exports = []
    for name in RECIPIENTS[:2]:
        out = tmp_path / f"for {name}.csv"
        line = [
            "canary",
            "inject",
            str(office.table),
            "--register",
            str(office.register),
            "--recipient",
            name,
            "--cover",
        ]
        assert main([*line, "-o", str(out)]) == 0
        exports.append(set(out.read_text("utf-8").splitlines()))
    own, other = exports
    one_sided = own - other
    canaries = own - set(text)
    assert len(canaries) == 12
    assert len(canaries) / len(one_sided) <= 0.05


def test_canaries_are_found_in_parts(office: Office, tmp_path: Path) -> None:
    """A dump that is traced in parts shows the same canaries, in the same rows, with the same verdicts."""
    export(office.folder / "export.csv", "csv")
    dump = inject(office, "export.csv")
    root = tmp_path / "city.vault"
    assert main(["vault", "create", str(root)]) == 0
    line = ["vault", "add", str(root), str(office.table), "--platform", "huadai", "--taken-at", "2025-10-01"]
    assert main(line) == 0
    registers = [open_register(office.register, None, None).register]
    whole = trace(dump, Vault.open(root), registers=registers)
    parted = trace(dump, Vault.open(root), registers=registers, parts=3, scratch=tmp_path)
    assert whole.canaries is not None
    assert whole.canaries["hits"]
    assert parted.canaries == whole.canaries


def test_a_workbook_keeps_its_cells(office: Office) -> None:
    """In a workbook all other cells stay, in order, on every sheet, and numbers stay numbers."""
    export(office.folder / "export.xlsx", "xlsx")
    book = load_workbook(inject(office, "export.xlsx"))
    rows = [list(row) for row in book["客户"].iter_rows(values_only=True)]
    own = [[*row[:2], row[2] or None, int(row[3]), row[4]] for row in masked_rows()]
    rest = [row for row in rows[1:] if row not in own]
    assert [row for row in rows[1:] if row in own] == own
    assert len(rest) == 20
    assert tuple(rows[0]) == HEADERS
    assert {type(row[3]) for row in rest} == {int}
    assert book["说明"]["A1"].value == "内部使用"


@pytest.mark.parametrize("shape", ["csv", "gb18030", "jsonl", "xlsx"])
def test_a_leaked_export_names_its_recipient(office: Office, shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The export of one recipient names that recipient, with the promised keys, and nobody else."""
    name = {"jsonl": "export.jsonl", "xlsx": "export.xlsx"}.get(shape, "export.csv")
    export(office.folder / name, shape)
    out = inject(office, name, RECIPIENTS[1])
    told = said(capsys, "canary", "check", str(out), "--register", str(office.register))
    assert told["schema"] == "luobo.canary/1"
    keys = ["schema", "dump", "hits", "recipients", "shadow", "leaked_after", "leaked_before", "warnings"]
    assert list(told)[:8] == keys
    assert {one["recipient"]: one["verdict"] for one in told["recipients"]} == {
        RECIPIENTS[1]: "established",
        RECIPIENTS[0]: "excluded",
        RECIPIENTS[2]: "excluded",
    }
    assert [set(one) for one in told["hits"]] == [{"canary", "row", "match", "weight"}] * 20
    assert {"recipient", "verdict", "false_accusation", "hits", "expected"} <= set(told["recipients"][0])
    assert told["shadow"]["planted"] == told["shadow"]["hits"] == 0
    assert told["leaked_after"] is not None


def test_a_clean_export_names_nobody(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Without canaries in it a dump leaves everybody indeterminate, and the exit code says so."""
    export(office.folder / "export.csv", "csv")
    told = said(
        capsys, "canary", "check", str(office.folder / "export.csv"), "--register", str(office.register), code=1
    )
    assert {one["verdict"] for one in told["recipients"]} == {"indeterminate"}
    assert told["hits"] == []


def test_a_hit_is_proven(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """From the check to the verified proof, and a changed proof no longer holds."""
    export(office.folder / "export.csv", "csv")
    out = inject(office, "export.csv")
    folder = office.folder
    line = ["canary", "check", str(out), "--register", str(office.register), "--json", str(folder / "hits.json")]
    assert main(line) == 0
    disclosed = ["canary", "disclose", str(office.register), "--hits", str(folder / "hits.json")]
    assert main([*disclosed, "-o", str(folder / "proof.json")]) == 0
    verified = ["canary", "verify", str(folder / "proof.json"), "--head", str(folder / "head.json")]
    assert said(capsys, *verified)["holds"]
    proof = (folder / "proof.json").read_bytes()
    (folder / "proof.json").write_bytes(proof.replace(RECIPIENTS[0].encode(), RECIPIENTS[2].encode(), 1))
    assert not said(capsys, *verified, code=1)["holds"]


def test_a_trace_shows_canaries_beside(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """`trace --register` puts the canaries' verdict beside the attribution, with how the two are combined."""
    export(office.folder / "export.csv", "csv")
    out, vault = inject(office, "export.csv"), str(office.folder / "vault")
    assert main(["vault", "create", vault]) == 0
    assert main(["vault", "add", vault, str(office.table), "--platform", "p", "--taken-at", "2025-10-01"]) == 0
    told = said(capsys, "trace", str(out), "--vault", vault, "--register", str(office.register))["canaries"]
    assert told["recipients"][0]["verdict"] == "established"
    assert told["combined"]["false_accusation"] <= 1e-4
    assert told["shadow"]["hits"] == 0


def test_nobody_is_allotted_twice(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Minting again adds canaries and changes none."""
    before = said(capsys, "canary", "list", str(office.register))
    line = ["canary", "mint", str(office.table), "--register", str(office.register), "--count", "30"]
    assert main([*line, "--shadows", "0"]) == 0
    after = said(capsys, "canary", "list", str(office.register))
    assert after["canaries"] == before["canaries"] + 40
    assert [one for one in after["groups"] if one["state"] == "sealed"] == before["groups"]


def test_a_register_without_recipients_allots_on_demand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where no recipients were named, an export's recipient gets canaries of its own, and is named by them."""
    office = furnish(tmp_path)
    assert main(["canary", "mint", str(office.table), "--register", str(office.register), "--count", "200"]) == 0
    export(tmp_path / "export.csv", "csv")
    out = inject(office, "export.csv", "somebody new")
    told = said(capsys, "canary", "check", str(out), "--register", str(office.register))
    assert (told["recipients"][0]["recipient"], told["recipients"][0]["verdict"]) == ("somebody new", "established")


def test_a_passphrase_is_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a passphrase there is no key file, and without it or with another one the register stays shut."""
    office = furnish(tmp_path)
    monkeypatch.setenv("LUOBO_PASSPHRASE", "right words")
    assert main(["canary", "mint", str(office.table), "--register", str(office.register), "--count", "10"]) == 0
    assert not list(tmp_path.glob("*.key"))
    assert main(["canary", "list", str(office.register)]) == 0
    for words in ("wrong words", ""):
        monkeypatch.setenv("LUOBO_PASSPHRASE", words)
        assert main(["canary", "list", str(office.register)]) == 2


def test_owned_numbers_and_their_calls(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Whole numbers come from the file only, and calls to one recipient's numbers name it."""
    office = furnish(tmp_path)
    sims = [f"1390000{at:04d}" for at in range(200)]
    (tmp_path / "sims.txt").write_text("\n".join(sims), "utf-8")
    (tmp_path / "policy.toml").write_text('[phone]\npolicy = "owned"\nnumbers = "sims.txt"\n', "utf-8")
    line = ["canary", "mint", str(office.table), "--register", str(office.register), "--count", "60"]
    line += ["--identifiers", str(tmp_path / "policy.toml"), "--recipients", str(office.recipients)]
    assert main(line) == 0
    out = inject(office, "customers.csv")
    own = set(office.table.read_text("utf-8").splitlines())
    numbers = [row.split(",")[1] for row in out.read_text("utf-8").splitlines() if row not in own]
    assert set(numbers) <= set(sims)
    calls = [
        "主叫号码,被叫号码,通话时间",
        *(f"1770000{at:04d},{to},2026-01-0{at % 9 + 1} 10:00" for at, to in enumerate(numbers)),
    ]
    (tmp_path / "calls.csv").write_text("\n".join(calls), "utf-8")
    told = said(capsys, "canary", "tripwire", str(tmp_path / "calls.csv"), "--register", str(office.register))
    assert told["recipients"][0]["recipient"] == RECIPIENTS[0]
    assert told["recipients"][0]["verdict"] == "established"
    sms = "".join(f'<sms address="1770000{at:04d}" date="1767323045000" type="1" body="x" />' for at in range(30))
    (tmp_path / "sms.xml").write_text(f"<?xml version='1.0' encoding='UTF-8'?><smses count='30'>{sms}</smses>", "utf-8")
    line = ["canary", "tripwire", str(tmp_path / "sms.xml"), "--register", str(office.register), "--of"]
    told = said(capsys, *line, f"+86 {numbers[0]}")
    assert told["recipients"][0] | {"false_accusation": 0} == {
        "recipient": RECIPIENTS[0],
        "verdict": "established",
        "false_accusation": 0,
        "events": 30,
        "numbers": 1,
        "first": "2026-01-02 11:04:05",
    }
    assert main([*line, "nobody"]) == 2


def test_the_plan(capsys: pytest.CaptureFixture[str]) -> None:
    """The plan answers as JSON and in words."""
    told = said(
        capsys, "canary", "plan", "--rows", "1000000", "--recipients", "100", "--colluders", "3", "--sample", "0.01"
    )
    assert told["canaries"] == 459
    assert told["coded_slots"] <= 900
    assert main(["canary", "plan", "--sample", "0.001"]) == 0
    assert "4,603" in capsys.readouterr().out


def test_an_audit_names_the_tell(sealed: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """The audit measures every attacker, exits as its verdict says, and sets beside it Faker, whose tells it names."""
    capsys.readouterr()
    code = main(
        ["canary", "audit", str(sealed.table), "--register", str(sealed.register), "--count", "400", "--json", "-"]
    )
    told = json.loads(capsys.readouterr().out)
    assert code == (0 if told["passed"] else 1)
    assert len(told["attackers"]) == 4
    assert told["auc"] < 0.58
    assert told["faker"]["auc"] > 0.95
    assert abs(told["faker"]["tells"][0]["auc"] - 0.5) > 0.3


BAD = {
    "no such register": "canary check {table} --register {folder}/none",
    "no register": "canary check {table} --register {table}",
    "no such dump": "canary check {folder}/none.csv --register {register}",
    "no such recipient": "canary inject {table} --register {register} --recipient nobody -o {folder}/x",
    "over the export": "canary inject {table} --register {register} --recipient 甲公司 -o {table}",
    "over the register": "canary inject {table} --register {register} --recipient 甲公司 -o {register}",
    "no such policy": "canary mint {table} --register {folder}/new --count 5 --identifiers {folder}/none",
    "a table as policy": "canary mint {table} --register {folder}/new --count 5 --identifiers {table}",
    "no such table": "canary mint {folder}/none --register {folder}/new --count 5",
    "another table": "canary mint {recipients} --register {register} --count 5",
    "hits that are none": "canary disclose {register} --hits {table} -o {folder}/x",
    "no such head": "canary verify {table} --head {folder}/none",
    "no such database": "canary plant {register} --database postgresql://nobody@127.0.0.1:1/none --table t",
    "another database": "canary plant {register} --database mysql://x/y --table t",
    "more colluders than recipients": "canary plan --recipients 2 --colluders 3",
    "an unknown field": "canary suppress {register} --field nothing -o {folder}/x --key-out {folder}/y",
    "a log without numbers": "canary tripwire {recipients} --register {register}",
    "an unknown verb": "canary sing",
}


@pytest.mark.parametrize("line", BAD.values(), ids=list(BAD))
def test_mistakes_are_explained(line: str, sealed: Office, capsys: pytest.CaptureFixture[str]) -> None:
    """Every mistake ends with code 2, one line and a hint, no traceback, and nothing is written."""
    before = {path: path.read_bytes() for path in sealed.folder.iterdir()}
    places = {
        "table": sealed.table,
        "folder": sealed.folder,
        "register": sealed.register,
        "recipients": sealed.recipients,
    }
    capsys.readouterr()
    assert main(line.format(**places).split()) == 2
    told = capsys.readouterr().err.strip().splitlines()
    assert told[0].startswith("luobo: ")
    assert told[1].startswith("hint: ")
    assert len(told) == 2
    assert {path: path.read_bytes() for path in sealed.folder.iterdir()} == before


def test_no_canary_is_shown(sealed: Office, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Neither lists nor heads show a name, a phone or who holds which canary."""
    capsys.readouterr()
    assert main(["canary", "list", str(sealed.register)]) == 0
    shown = capsys.readouterr().out + (sealed.folder / "head.json").read_text("utf-8")
    assert "****" not in shown
