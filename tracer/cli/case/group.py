"""`luobo case`: a case that nobody can doubt."""

from __future__ import annotations

from typing import Final

import click

from tracer.cli.verbs import Verbs

VERBS: Final = {
    "create": ("tracer.cli.case.create", "A new case, and its custodian. 立案"),
    "add": ("tracer.cli.case.add", "Seal exhibits into the case. 封存物证"),
    "approve": ("tracer.cli.case.approve", "The second signature of an act. 复核签名"),
    "trace": ("tracer.cli.case.trace", "Trace its dumps to platforms. 溯源"),
    "chain": ("tracer.cli.case.chain", "Build the resale chain. 倒卖链"),
    "log": ("tracer.cli.case.log", "What was done, by whom, and is it intact? 操作日志"),
    "checkpoint": ("tracer.cli.case.checkpoint", "A few lines that pin the journal, to hand over. 检查点"),
    "reveal": ("tracer.cli.case.reveal", "Records of an exhibit in the clear, for a stated purpose. 明文查看"),
    "transfer": ("tracer.cli.case.transfer", "An exhibit changes hands. 移交物证"),
    "role": ("tracer.cli.case.role", "What a person may do. 角色"),
    "purge": ("tracer.cli.case.purge", "Destroy keys and originals, leave a certificate. 销毁"),
}
"""Verb → its module and what it does, in the order of the work."""


@click.group(cls=Verbs, verbs=VERBS, epilog='Example: luobo case create case-7 --title "Loan lists" --by "Li Lei"')
def command() -> None:
    """A case: sealed exhibits, a signed journal, and results that the other side can verify. 案件

    Acts that load or destroy evidence count only when a second person has signed them (luobo case approve).
    """
