from __future__ import annotations

import subprocess
import sys
import types
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from tracer.cli import main as door
from tracer.cli import show
from tracer.errors import TracerError, UnreadableInput

SECRET = "13800001234"

Act = Callable[[], object]
Install = Callable[[Act], None]


class Panic(BaseException):
    """What a compiled library throws: no Exception."""


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Install:
    """Give a function that puts a command `act` behind the front door."""
    monkeypatch.delenv("LUOBO_DEBUG", raising=False)

    def behind_the_door(act: Act) -> None:
        room = types.ModuleType("tests_act")
        room.__dict__["command"] = click.Command("act", callback=act)
        monkeypatch.setitem(sys.modules, "tests_act", room)
        monkeypatch.setitem(door.COMMANDS, "act", door.Entry("tests_act", "a test"))
        monkeypatch.setitem(door.luobo.commands, "act", click.Command("act"))

    return behind_the_door


def throw(fault: BaseException) -> Act:
    """Make a command that fails with `fault`."""

    def act() -> None:
        raise fault

    return act


def run(*arguments: str) -> int:
    return door.main(arguments)


def test_help_lists_the_table_in_its_order(capsys: pytest.CaptureFixture[str]) -> None:
    """`luobo --help` shows every command with its summary, in the order of the table."""
    assert run("--help") == 0
    shown = capsys.readouterr().out
    places = [shown.index(entry.summary) for entry in door.COMMANDS.values()]
    assert places == sorted(places)


def test_no_arguments_is_a_mistake_answered_with_help(capsys: pytest.CaptureFixture[str]) -> None:
    """`luobo` alone shows the help on stderr and exits with 2."""
    assert run() == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Commands:" in captured.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """`luobo --version` names the program and a version."""
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("luobo, version ")


def test_every_entry_of_the_table_opens() -> None:
    """Each command of the table exists and has a help text with an example."""
    for name in door.COMMANDS:
        with click.Context(door.luobo, info_name="luobo") as context:
            _, command, _ = door.luobo.resolve_command(context, [name])
        assert isinstance(command, click.Command), name
        assert "luobo" in command.get_help(click.Context(command, info_name=f"luobo {name}")), name


def test_a_known_fault_is_two_lines(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """A TracerError becomes its message, its hint and its exit code."""
    install(throw(UnreadableInput("a.csv: is empty", hint="check that it was copied whole")))
    assert run("act") == 2
    assert capsys.readouterr().err == "luobo: a.csv: is empty\nhint: check that it was copied whole\n"


def test_a_fault_without_a_hint_is_one_line(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """No empty hint is printed."""
    install(throw(TracerError("a.csv: is empty")))
    assert run("act") == 2
    assert capsys.readouterr().err == "luobo: a.csv: is empty\n"


def test_file_names_cannot_steer_the_terminal(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """Escape sequences and line breaks in a file's name are shown, not obeyed."""
    install(throw(UnreadableInput("\x1b[2Ja\nb\u202egpj.csv: is empty")))
    run("act")
    assert capsys.readouterr().err == "luobo: \\x1b[2Ja\\nb\\u202egpj.csv: is empty\n"


@pytest.mark.parametrize("arguments", [["trcae"], ["--no-such-option"], ["act", "--nothing"], ["act", "surplus"]])
def test_a_usage_error_is_the_users(install: Install, capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    """A wrong command line exits with 2 and points at the help."""
    install(lambda: None)
    assert run(*arguments) == 2
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("luobo: ")
    assert second.startswith("hint: see luobo")


def test_a_mistyped_command_is_guessed(capsys: pytest.CaptureFixture[str]) -> None:
    """A near miss of a command's name is answered with that name."""
    run("trcae")
    assert "'trace'" in capsys.readouterr().err


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), click.Abort()])
def test_an_interruption_is_one_line(
    install: Install, capsys: pytest.CaptureFixture[str], fault: BaseException
) -> None:
    """Ctrl-C, also at a question, exits with 130 and one line."""
    install(throw(fault))
    assert run("act") == 130
    assert capsys.readouterr().err == "luobo: interrupted\n"


@pytest.mark.parametrize("kind", [ValueError, EOFError, MemoryError, BrokenPipeError, RecursionError, Panic])
def test_the_unforeseen_tells_its_kind_and_place_only(
    install: Install, capsys: pytest.CaptureFixture[str], kind: type[BaseException]
) -> None:
    """Any other exception is named with module and line, never with its text, which may hold personal data."""
    install(throw(kind(f"cannot read {SECRET}")))
    assert run("act") == 2
    message, hint = capsys.readouterr().err.splitlines()
    assert message.startswith(f"luobo: unexpected {kind.__name__} in tracer.cli.main, line ")
    assert hint.startswith("hint: ")
    assert SECRET not in message + hint


def test_the_place_is_ours_even_when_a_library_fails(
    install: Install, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The line named is the innermost one of luobo's own, not one of the library it called."""
    install(lambda: show.write_json(object(), str(tmp_path / "out.json")))
    run("act")
    assert "unexpected TypeError in tracer.cli.show, line " in capsys.readouterr().err


def test_the_systems_reason_is_told(install: Install, capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk is named as such, without the path."""
    install(throw(OSError(28, SECRET, SECRET)))
    assert run("act") == 2
    message = capsys.readouterr().err
    assert "OSError (No space left on device)" in message
    assert SECRET not in message


def test_debug_shows_the_traceback(
    install: Install, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """LUOBO_DEBUG=1 adds the traceback and changes nothing else."""
    install(throw(ValueError("detail")))
    monkeypatch.setenv("LUOBO_DEBUG", "1")
    assert run("act") == 2
    shown = capsys.readouterr().err
    assert "Traceback" in shown
    assert "luobo: unexpected ValueError" in shown


def test_a_commands_exit_code_is_the_programs(install: Install) -> None:
    """A command that found nothing exits with 1 through the front door."""
    install(lambda: click.get_current_context().exit(1))
    assert run("act") == 1


@pytest.mark.parametrize("mode", [[], ["-u"]], ids=["buffered", "unbuffered"])
def test_a_reader_that_leaves_is_no_fault(mode: list[str]) -> None:
    """When nobody reads the output any more, luobo ends silently with 141, as `head` expects."""
    command = [sys.executable, *mode, "-m", "tracer.cli.main", "--help"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        complaint = process.stderr.read()
    assert complaint == b""
    assert process.returncode == 141


def test_the_program_leaves_nothing_unsaid_or_undone() -> None:
    """Through a pipe all of the output arrives, what is to be done at the end is done, and the exit code is right."""
    late = "import atexit, sys; from tracer.cli.main import process; atexit.register(print, 'done'); "
    for arguments, code, said in ((["--help"], 0, "Usage"), (["inspect", "no/such/file"], 2, "")):
        program = f"{late} sys.argv = ['luobo', *{arguments}]; process()"
        left = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
        assert left.returncode == code
        assert left.stdout.startswith(said)
        assert left.stdout.endswith("done\n")
        assert ("no such file" in left.stderr) == (code == 2)
