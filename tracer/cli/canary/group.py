"""`luobo canary`: invented customers that betray whoever leaked them."""

from __future__ import annotations

from typing import Any, Final

import click

from tracer.cli.verbs import Verbs
from tracer.errors import TracerError

VERBS: Final = {
    "plan": ("tracer.cli.canary.plan", "How many canaries are enough? 要多少"),
    "mint": ("tracer.cli.canary.mint", "Invent customers out of the platform's own table. 铸造"),
    "list": ("tracer.cli.canary.listing", "How many there are, whose, and what became of them. 列表"),
    "audit": ("tracer.cli.canary.audit", "Can a trained attacker tell them from customers? 自查"),
    "seal": ("tracer.cli.canary.seal", "Sign what is in the register, before anything leaves. 封存"),
    "inject": ("tracer.cli.canary.inject", "Put a recipient's canaries into an export. 注入"),
    "plant": ("tracer.cli.canary.plant", "Put the platform's canaries into a database. 植入"),
    "unplant": ("tracer.cli.canary.unplant", "Take them out of the database again. 撤出"),
    "turn": ("tracer.cli.canary.turn", "Turn the clock canaries in a database to today. 走钟"),
    "suppress": ("tracer.cli.canary.suppress", "A keyed list by which billing and reports skip canaries. 抑制名单"),
    "check": ("tracer.cli.canary.check", "Which canaries are in this dump, and who had them? 核查"),
    "tripwire": ("tracer.cli.canary.tripwire", "Calls, SMS and mails to canary numbers. 绊线"),
    "disclose": ("tracer.cli.canary.disclose", "Prove the hit canaries, and nothing more. 披露"),
    "verify": ("tracer.cli.canary.verify", "Check a proof against a sealed head. 验证"),
}
"""Verb → its module and what it does, in the order of the work."""


class CanaryVerbs(Verbs):
    """Turns what canaries refuse into luobo's own error."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the verb."""
        from canaries.errors import CanaryFault  # noqa: PLC0415 - `--help` must not wait for it

        try:
            return super().invoke(ctx)
        except CanaryFault as fault:
            raise TracerError(fault.message, hint=fault.hint) from None


@click.group(
    cls=CanaryVerbs, verbs=VERBS, epilog="Example: luobo canary mint customers.csv --register canaries.reg --count 300"
)
def command() -> None:
    """Invented customers that betray whoever leaked them, with a proof that stands in court. 诱饵记录"""
