"""`luobo chats` on a million messages: messages a second and memory, QQ text and Telegram JSON.

One message in ten is an advert, of 400 templates with ever new numbers and handles; the rest is talk.
Two speeds are reported: reading alone, and the whole command with adverts, aliases and JSON.

    python benchmarks/chats.py [MESSAGES]
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from measure import Cost, measured, publish

HERE = Path(__file__).parent
TALK = (
    "好的",
    "收到，辛苦了",
    "今天天气不错啊大家吃饭了吗",
    "明天早上8点开会带上上个月的数据报表",
    "哈哈哈",
    "[图片]",
    "有人在吗",
    "这个价格太高了吧能不能便宜点",
    "你看下群文件",
    "刚刚那个手机号打不通",
)
GOODS = ("网贷料", "股民数据", "楼盘业主名单", "车险到期客户", "保健品老年数据", "BC料", "学生家长电话", "电商订单")
HOW = ("一手实时", "隔天", "历史", "二手", "昨日新出", "没打过", "当天")
WORTH = ("1.5元/条", "8毛一条", "三毛五一条", "0.3/条", "每条2元", "10万条打包3000元", "单价0.45")
PLUS = ("日出3w", "量大从优", "空号包赔", "先测后付", "走担保", "姓名+电话+身份证", "总量120w")
READ = (
    "import sys; from graphs.market.reading import CHATS\n"
    "with open(sys.argv[1], 'rb') as stream:\n"
    "    print(sum(1 for _ in CHATS.format_of(stream).read(stream)))"
)


def messages(count: int) -> Iterator[tuple[int, str]]:
    """(number of the sender, text)."""
    chance = random.Random(1)
    templates = [[chance.choice(part) for part in (GOODS, HOW, WORTH, PLUS)] for _ in range(400)]
    for _ in range(count):
        sender = chance.randrange(10_000)
        if chance.random() < 0.1:
            text = f"出{' '.join(chance.choice(templates))} 薇❤：liao{sender:05d}x {chance.randrange(10**6)}"
        else:
            text = f"{chance.choice(TALK)}{chance.randrange(1000)}"
        yield 10_000_000 + sender, text


def qq(path: Path, count: int) -> None:
    """A group's export by QQ's message manager."""
    with path.open("w", encoding="utf-8") as out:
        rule = "=" * 64
        out.write(
            f"消息记录（此消息记录为文本格式，不支持重新导入）\n\n{rule}\n消息分组:群\n{rule}\n消息对象:数据\n{rule}\n\n"
        )
        for place, (sender, text) in enumerate(messages(count)):
            day, second = divmod(place * 7, 86_400)
            clock = f"{second // 3600}:{second // 60 % 60:02d}:{second % 60:02d}"
            out.write(f"2024-{day // 28 % 12 + 1:02d}-{day % 28 + 1:02d} {clock} 用户{sender}({sender})\n{text}\n\n")


def telegram(path: Path, count: int) -> None:
    """A chat's result.json."""
    with path.open("w", encoding="utf-8") as out:
        out.write('{\n "name": "数据",\n "type": "private_supergroup",\n "id": 7,\n "messages": [')
        for place, (sender, text) in enumerate(messages(count)):
            item = {
                "id": place,
                "type": "message",
                "date": f"2024-03-{place // 40_000 % 28 + 1:02d}T10:{place // 60 % 60:02d}:{place % 60:02d}",
                "date_unixtime": str(1_709_251_200 + place),
                "from": f"用户{sender}",
                "from_id": f"user{sender}",
                "text": text,
                "text_entities": [{"type": "plain", "text": text}],
            }
            out.write(("," if place else "") + "\n  " + json.dumps(item, ensure_ascii=False))
        out.write("\n ]\n}\n")


def row(name: str, cost: Cost, count: int) -> dict[str, object]:
    """What one run cost."""
    assert cost.code == 0, cost.errors
    return {"what": name, "messages": count, "a_second": round(count / cost.cpu), "peak_mib": round(cost.peak_mib)}


def main() -> int:
    """Write the files, measure, print, write."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for write, name in ((qq, "QQ text"), (telegram, "Telegram JSON")):
            path = Path(scratch) / "export"
            write(path, count)
            rows.append(row(f"{name}: reading", measured([sys.executable, "-c", READ, path]), count))
            command = [sys.executable, "-m", "tracer.cli.main", "chats", path, "--json", Path(scratch) / "out.json"]
            rows.append(row(f"{name}: luobo chats --json", measured(command), count))
    lines = [f"| {one['what']} | {one['a_second']:,} | {one['peak_mib']:,} |" for one in rows]
    head = f"{count:,} messages, a tenth of them adverts; messages a second of processor time, whole process."
    text = f"# Chats\n\n{head}\n\n| | a second | peak MiB |\n|---|---|---|\n" + "\n".join(lines) + "\n"
    publish("chats", rows, text)
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
