"""Mutants of the verifier: in each, one single check is gone."""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import types
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from tracer.custody import verify as original

_REPORTS = ("faults.append", "faults.extend", "notices.append", "return broken", "return None", "return False")
_VERDICTS = (
    "_well_formed",
    "read_entry",
    "read_note",
    "_member",
    "stepped",
    "_countersigned",
    "signed_by",
    "_approvals",
)
"""Functions whose value is a verdict: every part of a condition in them is a check."""


_GROUPS = ("_manifest(", "_parents(", "_checkpoint(", "_files(", "_second_persons(", "_clock(", "_outside(")


class Mutant(NamedTuple):
    """The verifier without one check."""

    name: str
    module: types.ModuleType


def mutants() -> Iterator[Mutant]:
    """One for every check: a condition that reports, a part of one, a call of a group of checks."""
    source = inspect.getsource(original)
    tree = ast.parse(source)
    for function, path, change in _places(tree):
        changed = copy.deepcopy(tree)
        target: ast.AST = changed
        for step in path:
            attribute, place = step
            value = getattr(target, attribute)
            target = value if place is None else value[place]
        before = ast.unparse(target)
        change_at(changed, path, change)
        name = f"{function}: {before[:90]} → {change}"
        yield Mutant(name, _module(changed, len(name)))


Path = tuple[tuple[str, int | None], ...]


def _walk(node: ast.AST, path: Path = ()) -> Iterator[tuple[ast.AST, Path]]:
    yield node, path
    for attribute, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield from _walk(value, (*path, (attribute, None)))
        elif isinstance(value, list):
            for place, one in enumerate(value):
                if isinstance(one, ast.AST):
                    yield from _walk(one, (*path, (attribute, place)))


def _places(tree: ast.Module) -> Iterator[tuple[str, Path, str]]:
    """(function, place, change) of every check."""
    for number, function in enumerate(tree.body):
        if not isinstance(function, ast.FunctionDef) or function.name in {"main", "header", "trailer"}:
            continue
        for node, path in _walk(function, (("body", number),)):
            for at, change in _changes(tree, function.name, node, path):
                yield function.name, at, change


def _changes(tree: ast.Module, function: str, node: ast.AST, path: Path) -> Iterator[tuple[Path, str]]:
    match node:
        case ast.If() if any(word in ast.unparse(node.body[0]) for word in _REPORTS):
            yield (*path, ("test", None)), "False"
        case ast.BoolOp() if function in _VERDICTS or _in_report(tree, path):
            neutral = "True" if isinstance(node.op, ast.And) else "False"
            yield from (((*path, ("values", place)), neutral) for place in range(len(node.values)))
        case ast.Dict() if function == "_well_formed":
            yield from (((*path, ("values", place)), "'(?s).*'") for place in range(len(node.keys)))
        case ast.Compare() if len(node.ops) > 1:
            yield path, "first comparison only"
            yield path, "last comparison only"
        case ast.Compare(left=ast.Tuple()) if isinstance(node.left, ast.Tuple):
            yield from ((path, f"without part {place}") for place in range(len(node.left.elts)))
        case ast.Expr() if ast.unparse(node).startswith(_GROUPS):
            yield path, "pass"


def _in_report(tree: ast.Module, path: Path) -> bool:
    """Whether a part of a condition belongs to an `if` that reports."""
    node: ast.AST = tree
    for attribute, place in path:
        if isinstance(node, ast.If) and attribute == "test":
            return any(word in ast.unparse(node.body[0]) for word in _REPORTS)
        value = getattr(node, attribute)
        node = value if place is None else value[place]
    return False


def change_at(tree: ast.Module, path: Path, change: str) -> None:
    """Make the change at a place of the tree."""
    node: ast.AST = tree
    for attribute, place in path[:-1]:
        value = getattr(node, attribute)
        node = value if place is None else value[place]
    attribute, place = path[-1]
    old: Any = getattr(node, attribute) if place is None else getattr(node, attribute)[place]
    if change == "pass":
        new: Any = ast.Pass()
    elif change.endswith("comparison only"):
        first = change.startswith("first")
        new = (
            ast.Compare(old.left, old.ops[:1], old.comparators[:1])
            if first
            else ast.Compare(old.comparators[-2], old.ops[-1:], old.comparators[-1:])
        )
    elif change.startswith("without part"):
        part = int(change.rpartition(" ")[2])
        new = copy.deepcopy(old)
        del new.left.elts[part]
        del new.comparators[0].elts[part]
    else:
        new = ast.parse(change, mode="eval").body
    if place is None:
        setattr(node, attribute, new)
    else:
        getattr(node, attribute)[place] = new
    ast.fix_missing_locations(tree)


def _module(tree: ast.Module, number: int) -> types.ModuleType:
    module = types.ModuleType(f"verify_mutant_{number}")
    sys.modules[module.__name__] = module  # dataclasses look their module up
    exec(compile(tree, "mutant", "exec"), module.__dict__)  # noqa: S102 - our own source, changed by us
    module.__dict__["signed_by"] = _signed_by
    return module


_signed_by = lru_cache(maxsize=None)(original.signed_by)
"""No mutant changes it, and each asks for the same signatures again."""
