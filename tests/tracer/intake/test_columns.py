from __future__ import annotations

import random
from collections.abc import Callable

import polars as pl
import pytest

from tracer.identifiers import national_id
from tracer.intake.columns import assign
from tracer.intake.headers import transaction
from tracer.intake.interface import Role

DRAW = random.Random(5)
ROWS = 300


def identity() -> str:
    region, year = DRAW.choice((110101, 310104, 440305)), DRAW.randint(1955, 2004)
    body = f"{region}{year}{DRAW.randint(1, 12):02d}{DRAW.randint(1, 28):02d}{DRAW.randint(0, 999):03d}"
    check = pl.select(national_id.check_character(pl.lit(body))).item()
    return body + str(check)


def phone() -> str:
    return f"1{DRAW.choice('3578')}{DRAW.randint(0, 999_999_999):09d}"


def spoilt(text: str) -> str:
    place = DRAW.randrange(len(text))
    return text[:place] + text[place + 1 :] if DRAW.random() < 0.25 else text


MAKERS: dict[Role, Callable[[], str]] = {
    Role.NAME: lambda: (
        DRAW.choice("王李张刘陈杨赵黄周吴") + DRAW.choice("伟芳娜敏静强磊洋艳勇") + DRAW.choice("杰娟涛明超兰霞平刚桂")
    ),
    Role.PHONE: lambda: spoilt(phone()),
    Role.MASKED_PHONE: lambda: phone()[:3] + "****" + phone()[-4:],
    Role.NATIONAL_ID: identity,
    Role.MASKED_ID: lambda: "110101********" + f"{DRAW.randint(0, 9999):04d}",
    Role.EMAIL: lambda: f"user{DRAW.randint(0, 9999)}@example.com",
    Role.ACCOUNT: lambda: f"u{DRAW.getrandbits(40):010x}",
    Role.ADDRESS: lambda: f"北京市朝阳区建国路{DRAW.randint(1, 200)}号{DRAW.randint(1, 30)}室",
    Role.REGION: lambda: DRAW.choice(("110101", "310104", "440305", "420102", "510107", "330106")),
    Role.SEX: lambda: DRAW.choice("男女"),
    Role.BIRTH_DATE: lambda: f"{DRAW.randint(1950, 2004)}-{DRAW.randint(1, 12):02d}-{DRAW.randint(1, 28):02d}",
    Role.PRODUCT: lambda: DRAW.choice(("消费贷", "信用贷", "车抵贷", "房抵贷")),
    Role.LIMIT: lambda: str(DRAW.randint(1, 60) * 1000),
    Role.AMOUNT: lambda: f"{DRAW.uniform(10, 90_000):.2f}",
    Role.DATE: lambda: f"2024-{DRAW.randint(1, 12):02d}-{DRAW.randint(1, 28):02d}",
    Role.DATETIME: lambda: (
        f"2024/{DRAW.randint(1, 12)}/{DRAW.randint(1, 28)} {DRAW.randint(0, 23)}:{DRAW.randint(10, 59)}"
    ),
    Role.TEXT: lambda: DRAW.choice(("客户说 下周再联系", "电话没人接 短信已发", "已结清 不要再打")),
}


@pytest.mark.parametrize("header", ["column 1", "姓名", "手机号", "amount", "sfz", "备注"])
@pytest.mark.parametrize("role", MAKERS)
def test_values_beat_a_misleading_header(role: Role, header: str) -> None:
    """A column has the role of its values under no header, and under one that means something else."""
    frame = pl.DataFrame({"c0": [MAKERS[role]() for _ in range(ROWS)]})
    (column,) = assign(frame, (header,))
    alike = {Role.LIMIT: {Role.AMOUNT}}.get(role, set())
    assert column.role in {role, *alike}
    assert column.key == "c0"


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("授信额度", Role.LIMIT),
        ("借款金额", Role.AMOUNT),
        ("ed", Role.LIMIT),
        ("balance", Role.AMOUNT),
        ("编号", Role.CODE),
    ],
)
def test_the_header_decides_among_what_the_values_allow(header: str, role: Role) -> None:
    """Round numbers are a limit, an amount or a code, as the header says."""
    frame = pl.DataFrame({"c0": [MAKERS[Role.LIMIT]() for _ in range(ROWS)]})
    assert assign(frame, (header,))[0].role == role


def test_the_reason_holds_no_content() -> None:
    """`why` gives a share and a number of cells, and never a cell."""
    for role, make in MAKERS.items():
        cells = [make() for _ in range(ROWS)]
        (column,) = assign(pl.DataFrame({"c0": cells}), ("x",))
        assert "sampled cells" in column.why, role
        assert not any(cell in column.why for cell in cells)


def test_an_empty_column_means_nothing() -> None:
    """A column without a cell is `other`, whatever its header."""
    frame = pl.DataFrame({"c0": pl.Series([None, None], dtype=pl.String)})
    assert assign(frame, ("手机号",))[0].role is Role.OTHER


@pytest.mark.parametrize(("header", "role"), [("F9", Role.DATETIME), ("sj", Role.DATETIME), ("编号", Role.CODE)])
def test_seconds_of_these_years_are_moments(header: str, role: Role) -> None:
    """Ten digits that are all seconds since 2010 are moments, unless the header says that they count something."""
    frame = pl.DataFrame({"c0": [str(DRAW.randint(1_690_000_000, 1_760_000_000)) for _ in range(ROWS)]})
    assert assign(frame, (header,))[0].role is role


def test_numbers_of_ten_digits_are_no_moments() -> None:
    """User names such as QQ numbers, which begin like other years too, stay numbers."""
    frame = pl.DataFrame({"c0": [str(DRAW.randint(1_000_000_000, 3_900_000_000)) for _ in range(ROWS)]})
    assert assign(frame, ("F9",))[0].role is Role.CODE


@pytest.mark.parametrize(
    ("header", "role"),
    [
        ("授信额度", Role.LIMIT),
        ("可用授信额度", Role.LIMIT),
        ("user_credit_limit", Role.LIMIT),
        ("100% `额度`", Role.LIMIT),
        ("额度(万)", Role.LIMIT),
        ("本次借款金额", Role.AMOUNT),
        ("信用卡额度", None),
        ("总借款金额", None),
        ("住房贷款产品", None),
        ("手机入网时间", None),
        ("F6", None),
        ("", None),
    ],
)
def test_a_header_names_a_transaction_as_a_whole(header: str, role: Role | None) -> None:
    """A known name counts, also behind words and signs that say nothing of their own; not behind any others."""
    assert transaction(header) is role
