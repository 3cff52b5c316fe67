"""Invented people, and what a reader must find of them: drawn from a seed, with right check digits."""

from __future__ import annotations

import random
from dataclasses import dataclass

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任卢"
    "姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤"
)
_GIVEN = (
    "伟芳娜敏静强磊洋艳勇杰娟涛明超兰霞平刚桂英华玉萍红鹏飞宇浩凯博文思雨欣怡梓涵子轩佳琪晨曦俊峰海燕春梅"
    "建国志远晓东永康丽珍淑芬慧玲"
)
_REGIONS = ("110101", "310104", "440305", "420102", "510107", "330106", "610113", "230102")
_CITIES = ("北京", "上海", "深圳", "武汉", "成都", "杭州", "西安", "哈尔滨")
_PRODUCTS = ("消费贷", "信用贷", "车抵贷", "房抵贷", "助学贷", "闪电贷")
_HEADS = (
    "130",
    "131",
    "135",
    "136",
    "138",
    "139",
    "150",
    "151",
    "158",
    "159",
    "176",
    "177",
    "180",
    "186",
    "188",
    "199",
)


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    name: str
    phone: str
    identity: str
    email: str
    account: str
    city: str
    product: str
    limit: str
    applied: str

    @property
    def masked_phone(self) -> str:
        """As platforms show it."""
        return f"{self.phone[:3]}****{self.phone[-4:]}"


def crowd(count: int, seed: int = 7) -> list[Person]:
    """`count` people with names, phones and IDs that are all different."""
    draw = random.Random(seed)
    people: dict[str, Person] = {}
    names: set[str] = set()
    while len(people) < count:
        phone = draw.choice(_HEADS) + f"{draw.randrange(10**8):08d}"
        name = draw.choice(_SURNAMES) + "".join(draw.sample(_GIVEN, 2))
        if name in names or phone in people:
            continue
        names.add(name)
        place = draw.randrange(len(_REGIONS))
        born = f"{draw.randint(1955, 2003)}{draw.randint(1, 12):02d}{draw.randint(1, 28):02d}"
        body = f"{_REGIONS[place]}{born}{draw.randrange(1000):03d}"
        applied = (
            f"2024-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d} {draw.randint(8, 22):02d}:{draw.randint(10, 59)}"
        )
        people[phone] = Person(
            name, phone, body + check_character(body), f"u{draw.randrange(10**6)}@example.com",
            f"u{draw.getrandbits(40):010x}",
            _CITIES[place], draw.choice(_PRODUCTS), str(draw.randint(1, 60) * 1000), applied,
        )  # fmt: skip
    return list(people.values())


def check_character(seventeen: str) -> str:
    """ISO 7064 MOD 11-2, written down a second time, for a test must not ask the code it tests."""
    total = sum(int(digit) * (2 ** (17 - place) % 11) for place, digit in enumerate(seventeen))
    return "10X98765432"[total % 11]
