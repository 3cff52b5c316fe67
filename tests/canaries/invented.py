"""Invented customers for tests: names, numbers and loans drawn by chance from short lists; nobody is real."""

from __future__ import annotations

import random

import numpy as np
import polars as pl

from canaries.allotment import Shares, allot
from canaries.identity import taken
from canaries.mint import mint
from canaries.policy import DEFAULT, Policy, for_shadows
from canaries.register import Register
from canaries.table import Field, Table

FIELDS = (
    Field("姓名", "name"),
    Field("手机号", "phone"),
    Field("身份证号", "national_id"),
    Field("产品", "product"),
    Field("额度", "limit"),
    Field("余额", "amount"),
    Field("进件时间", "datetime"),
)
SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
GIVEN = "伟强磊军勇涛超明刚平辉鹏华飞鑫波斌宇浩凯芳娜敏静丽艳娟霞秀燕玲桂兰红梅洁莉丹萍颖琳雪晶倩婷慧莹璐佳怡欣悦"
PRODUCTS = ("消费贷", "公积金贷", "车抵贷", "小微贷", "闪电贷")
NAMES = tuple(one.name for one in FIELDS)


def customer(draw: random.Random) -> list[str | None]:
    name = draw.choice(SURNAMES) + "".join(draw.choice(GIVEN) for _ in range(draw.choice((1, 2, 2, 2))))
    phone = f"1{draw.choice('3578')}{draw.randrange(10)}{draw.randrange(10**8):08d}"
    region, born = draw.choice(("110101", "310104", "440305")), f"{draw.randrange(1960, 2004)}0{draw.randrange(1, 10)}1"
    identity = f"{region}{born}{draw.randrange(10)}"
    limit = draw.randrange(2, 160) * 500
    day = f"202{draw.randrange(3, 6)}-0{draw.randrange(1, 10)}-1{draw.randrange(10)}"
    joined = f"{day} {draw.randrange(7, 23):02d}:{draw.randrange(60):02d}"
    owed = f"{limit * draw.random():.2f}"
    return [name, phone, f"{identity}{draw.randrange(1000):03d}X", draw.choice(PRODUCTS), str(limit), owed, joined]


def table(rows: int = 1200, seed: int = 1) -> Table:
    """A platform's table: a balance never exceeds its limit, one cell in fifty of the product is empty."""
    draw = random.Random(seed)
    people = [customer(draw) for _ in range(rows)]
    for person in people:
        if draw.random() < 0.02:
            person[3] = None
    columns = {f"c{at}": pl.Series([person[at] for person in people], dtype=pl.String) for at in range(len(FIELDS))}
    return Table(FIELDS, pl.DataFrame(columns))


def register(
    customers: Table,
    recipients: int = 5,
    each: int = 20,
    shadows: int = 300,
    *,
    coded: int = 0,
    policy: Policy = DEFAULT,
) -> Register:
    """A register whose recipients are called r0, r1 …"""
    rng = np.random.default_rng(7)
    known, used = taken(customers), set[str]()
    shares = Shares(recipients * each, each, coded, shadows)
    made = mint(customers, shares.handed_out, policy, known, used, rng)
    made += mint(customers, shadows, for_shadows(policy), known, used, rng)
    empty = Register(bytes(range(32)), FIELDS, tuple(f"r{at}" for at in range(recipients)))
    return allot(empty, made, shares, rng)
