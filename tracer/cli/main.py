"""The front door: it finds the command, and turns whatever goes wrong into a line a person can act on."""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import io
import os
import select
import sys
import traceback
from collections.abc import Sequence
from typing import NamedTuple, NoReturn

import click

from tracer.cli.show import escape_controls
from tracer.errors import TracerError
from tracer.settings import SINGLE_THREADED

INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 + SIGINT, as shells report it."""
READER_GONE = 141
"""Exit code when whoever read our output stopped reading (`luobo … | head`): 128 + SIGPIPE."""
FAULT = 2
"""Exit code of the user's mistake, unreadable input and anything unforeseen."""


class Entry(NamedTuple):
    """One command as the front door knows it, before anything of it is loaded."""

    module: str
    """Where it lives; the module's `command` is the click command."""
    summary: str
    """What it does, in English and Chinese, on one line."""


COMMANDS = {
    "inspect": Entry("tracer.cli.inspect", "What is in this file; nothing is matched. 看清文件内容"),
    "trace": Entry("tracer.cli.trace", "Which platform did this dump come from? 溯源"),
    "similar": Entry("tracer.cli.similar", "How much of one dump is in another? 数据相似度"),
    "canary": Entry("tracer.cli.canary.group", "Invented customers that betray who leaked them. 诱饵记录"),
    "vault": Entry("tracer.cli.vault", "What the platforms registered. 平台数据登记"),
    "chats": Entry("tracer.cli.chats", "Chat exports: the adverts in them and who makes them. 聊天记录"),
    "calls": Entry("tracer.cli.calls", "Call lists: who was called, and what the numbers are. 通话记录"),
    "campaign": Entry("tracer.cli.campaign", "Which dump were these numbers dialled from? 拨打号码溯源"),
    "lineage": Entry("tracer.cli.lineage", "Which dump was made from which? 倒卖链"),
    "case": Entry("tracer.cli.case.group", "A case: sealed exhibits, signed journal, results. 案件"),
    "graph": Entry("tracer.cli.graph", "The resale chain of a case as a file, and whom to cut. 关系图"),
    "report": Entry("tracer.cli.report", "What a court reads: PDF, HTML, JSON, XLSX. 出具报告"),
    "bundle": Entry("tracer.cli.bundle", "What the other side gets of a case. 移交包"),
    "verify": Entry("tracer.cli.verify", "Is this bundle what it was? 核验"),
    "demo": Entry("tracer.cli.demo", "An invented leak, traced before your eyes. 演示"),
}
"""The table of contents, in the order in which a newcomer meets the commands."""


class FrontDoor(click.Group):
    """A group that shows its commands from the table and loads only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 (click's signature)
        """Give the commands in the order of the table, not of the alphabet."""
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Replace the entry of the table by the real command."""
        name, entry, rest = super().resolve_command(ctx, args)
        if name is None or entry is None:
            return name, entry, rest
        command: click.Command = importlib.import_module(COMMANDS[name].module).command
        return name, command, rest


@click.group(
    cls=FrontDoor,
    commands={name: click.Command(name, short_help=entry.summary) for name, entry in COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Every command explains itself: luobo trace --help",
)
@click.version_option(package_name="luobo", prog_name="luobo")
def luobo() -> None:
    """Pull up the radish with the mud: which platform leaked this dump, and how sure is that? 拔出萝卜带出泥。"""


_MANY = 50_000, 20, 20
"""Objects made, and rounds, before Python looks for garbage: the libraries make more than that, and it is none."""


def process() -> NoReturn:
    """Be the program `luobo`: do what the command line says, and leave.

    Python would give the memory back piece by piece on its way out, which the system does at once; what libraries and
    ourselves have to do at the end is done.
    """
    gc.set_threshold(*_MANY)
    code = main()
    atexit._run_exitfuncs()  # noqa: SLF001 - there is no other way to have them run
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError):
            stream.flush()
    os._exit(code)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line `arguments` (those of the process by default) and give its exit code.

    This is the one place where errors become text. No exception leaves it but `SystemExit`.
    """
    for name, value in SINGLE_THREADED.items():
        os.environ.setdefault(name, value)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A name the terminal cannot show must not stop a finding from being shown.
            stream.reconfigure(errors="backslashreplace")
    try:
        code = _run(sys.argv[1:] if arguments is None else list(arguments))
        sys.stdout.flush()
    except SystemExit:
        raise
    # Not only Exception: Ctrl-C is none, nor is a panic of a compiled library.
    except BaseException as fault:  # noqa: BLE001
        if os.environ.get("LUOBO_DEBUG") == "1":
            traceback.print_exception(fault)
        return _explain(fault)
    return code


def _run(arguments: list[str]) -> int:
    # Not click's own main(): it would take a lost child process (EOFError) for Ctrl-C.
    try:
        with luobo.make_context("luobo", arguments) as context:
            luobo.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    return 0


def _explain(fault: BaseException) -> int:
    """Say on stderr what went wrong and give the exit code."""
    match fault:
        case TracerError():
            _complain(fault.message, fault.hint)
            return fault.exit_code
        case click.exceptions.NoArgsIsHelpError():
            click.echo(fault.format_message(), err=True)
        case click.UsageError():
            command = fault.ctx.command_path if fault.ctx else "luobo"
            _complain(fault.format_message(), f"see {command} --help")
        case click.ClickException():
            _complain(fault.format_message())
        case KeyboardInterrupt() | click.Abort():
            _complain("interrupted")
            return INTERRUPTED
        case BrokenPipeError() if _reader_is_gone():
            return READER_GONE
        case _:
            _complain(f"unexpected {_kind(fault)} in {_place(fault)}", _advice(fault))
    return FAULT


def _complain(message: str, hint: str = "") -> None:
    # Where even stderr is gone, the exit code still speaks.
    with contextlib.suppress(OSError):
        click.echo(f"luobo: {escape_controls(message)}", err=True)
        if hint:
            click.echo(f"hint: {escape_controls(hint)}", err=True)


def _reader_is_gone() -> bool:
    """Whether it is our own output that nobody reads, and not the pipe to some other process."""
    try:
        output = sys.stdout.fileno()
    except OSError:
        return False
    poll = select.poll()
    poll.register(output, select.POLLOUT)
    # POLLERR: the reading end of a pipe is closed; POLLHUP: that of a socket (poll(2)).
    gone = any(events & (select.POLLERR | select.POLLHUP) for _, events in poll.poll(0))
    if gone:
        # Else the interpreter would try once more on its way out, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), output)
    return gone


def _kind(fault: BaseException) -> str:
    """Name the class of `fault`, never its text: that may hold a row of somebody's data."""
    name = type(fault).__name__
    reason = os.strerror(fault.errno) if isinstance(fault, OSError) and fault.errno else ""
    return f"{name} ({reason})" if reason else name


def _place(fault: BaseException) -> str:
    """Name the module and line of ours where `fault` arose, or the innermost line of all."""
    frames = [(frame.f_globals.get("__name__", "?"), line) for frame, line in traceback.walk_tb(fault.__traceback__)]
    ours = [place for place in frames if place[0].partition(".")[0] in {"tracer", "canaries", "graphs"}]
    module, line = (ours or frames or [("luobo", 0)])[-1]
    return f"{module}, line {line}"


def _advice(fault: BaseException) -> str:
    if isinstance(fault, MemoryError):
        return "this machine has too little free memory for the file; close other programs or use a larger machine"
    return "please report this line; LUOBO_DEBUG=1 shows the whole traceback, which may hold personal data"


if __name__ == "__main__":
    process()
