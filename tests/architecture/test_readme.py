from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from tracer.cli.main import luobo

ROOT = Path(__file__).resolve().parents[2]
ENGLISH, CHINESE = ROOT / "README.md", ROOT / "docs" / "README.zh.md"
DOCUMENTS = [ENGLISH, CHINESE]


def blocks(path: Path, language: str) -> list[str]:
    """Give the fenced blocks of `path` written in `language`."""
    return re.findall(rf"^```{language}\n(.*?)^```$", path.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def lines(path: Path) -> list[list[str]]:
    """Give every `luobo …` command line of `path` as words, continued lines joined."""
    text = "\n".join(blocks(path, "console")).replace("\\\n", " ")
    found = re.findall(r"^\$ (luobo\b.*)$", text, flags=re.MULTILINE)
    return [shlex.split(line, comments=True) for line in found]


def parse(words: list[str]) -> None:
    """Walk `words` down the program: every command and option must be there."""
    command: click.Command = luobo
    rest = words[1:]
    with click.Context(luobo, info_name="luobo") as context:
        while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
            _, found, rest = command.resolve_command(context, rest)
            assert found is not None
            command = found
        known = {option for each in command.get_params(context) for option in each.opts}
    given = {word.partition("=")[0] for word in rest if word.startswith("-") and word != "-"}
    assert given <= known, f"{' '.join(words)}: no {given - known}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_commands_shown_exist(path: Path) -> None:
    """Every `luobo …` line of a README is a command of this program, with options it has."""
    shown = lines(path)
    assert shown
    for words in shown:
        parse(words)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_the_python_shown_compiles(path: Path) -> None:
    """Every Python example of a README is Python."""
    for block in blocks(path, "python"):
        compile(block, str(path), "exec")


def test_the_twins_show_the_same() -> None:
    """The English and the Chinese README show the same command lines and the same Python."""
    assert lines(ENGLISH) == lines(CHINESE)
    assert blocks(ENGLISH, "python") == blocks(CHINESE, "python")


@pytest.mark.parametrize("path", sorted([ENGLISH, *(ROOT / "docs").rglob("*.md")]), ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link of a document names a file that exists."""
    for target in re.findall(r"\]\(([^)#\s]+)", path.read_text("utf-8")):
        assert "://" in target or (path.parent / target).exists(), f"{path.name}: {target}"


def test_the_make_targets_named_exist() -> None:
    """Every `make …` a document tells people to run is a target."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), flags=re.MULTILINE))
    for path in DOCUMENTS:
        assert set(re.findall(r"`?make ([a-z-]+)", "\n".join(blocks(path, "console")))) <= targets
