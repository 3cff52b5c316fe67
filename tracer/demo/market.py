"""What else is seized in the demonstration: a group that is offered the lists, and the bill of whoever dialled one.

The accounts and numbers are invented like everybody else in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from tracer.demo.chance import generator

_RULE: Final = "=" * 64
_PREAMBLE: Final = "消息记录（此消息记录为文本格式，不支持重新导入）"
_GROUP: Final = "贷款资源对接群"
_BEGIN: Final = datetime(2025, 9, 15, 9, 12, 5)  # noqa: DTZ001 - QQ writes local time without a zone
_FIRST, _SECOND, _BUYER = ("老周数据", "2810046"), ("小陈资源", "3094471"), ("客服九号", "1776203")
_CALLED: Final = 120
_STRANGERS: Final = 6


def group(leaks: Mapping[str, pl.DataFrame]) -> str:
    """A group's talk as QQ's message manager writes it: two sellers, each with samples of a list, and a buyer.

    Args:
        leaks: the clear rows of `first-hand.csv` and `resold-mixture.txt`.
    """
    first, mixed = leaks["first-hand.csv"], leaks["resold-mixture.txt"]
    said = [
        (_FIRST, f"出一手网贷数据，昨天的，{first.height}条，1.2元一条\n{_samples(first)}\n要的加QQ{_FIRST[1]}"),
        (_SECOND, f"网贷资源{mixed.height}条打包，混合的，0.3一条\n{_samples(mixed)}\n加QQ{_SECOND[1]}"),
        (_BUYER, "求购网贷数据，要一手的，量大，联系QQ1776203"),
        (_FIRST, f"还有货，一手网贷数据{first.height}条，1.2元一条，支持测试\n{_samples(first, 40)}\nQQ{_FIRST[1]}"),
    ]
    body = "".join(
        f"{_BEGIN + timedelta(hours=7 * place):%Y-%m-%d %H:%M:%S} {name}({account})\n{text}\n\n"
        for place, ((name, account), text) in enumerate(said)
    )
    return f"{_PREAMBLE}\n\n{_RULE}\n消息分组:我的QQ群\n{_RULE}\n消息对象:{_GROUP}\n{_RULE}\n\n{body}"


def bill(rows: pl.DataFrame) -> str:
    """A call list of somebody who dialled numbers of a list, and a few others."""
    rng = generator("demo", "calls")
    listed = rows["phone"].unique(maintain_order=True).to_list()
    called = [listed[place] for place in rng.choice(len(listed), _CALLED, replace=False)]
    called += [f"139{rng.integers(10**8):08}" for _ in range(_STRANGERS)]
    lines = ["呼叫类型,对方号码,起始时间,通话时长"]
    for place, number in enumerate(called):
        lines.append(
            f"主叫,{number},{_BEGIN + timedelta(days=3, minutes=2 * place):%Y-%m-%d %H:%M:%S},{35 + place % 50}秒"
        )
    return "\n".join([*lines, ""])


def _samples(rows: pl.DataFrame, start: int = 3) -> str:
    """Three rows with stars, as sellers show them."""
    shown = rows.slice(start, 3).select("name", "phone", "product", "limit").iter_rows()
    return "\n".join(
        f"{name[0]}** {phone[:3]}****{phone[-4:]} {product} {limit}" for name, phone, product, limit in shown
    )
