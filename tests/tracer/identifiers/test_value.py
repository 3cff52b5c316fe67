"""Any other cell: equal values have equal text."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.tracer.identifiers.columns import cells, one, through
from tracer.identifiers import amount, value

WIDE = str.maketrans("0123456789.,", "０１２３４５６７８９．，")
amounts = st.decimals(0, 10**11, places=2, allow_nan=False, allow_infinity=False)


@settings(max_examples=80, deadline=None)
@given(amount=amounts)
def test_every_writing_of_an_amount_gives_the_same(amount: Decimal) -> None:
    """Grouping, zeros, width, marks of the yuan and exponents change nothing, and no digit is lost."""
    minimal = f"{amount:f}".rstrip("0").rstrip(".")
    grouped, plain = f"{amount:,.2f}", f"{amount:.2f}"
    writings = [grouped, plain, f"{amount:.4f}", f"¥{grouped}", f"￥{plain}元", f"{plain} 元", grouped.translate(WIDE)]
    writings += [f"RMB {plain}", f"+{plain}", f"{plain}e0", f"{amount.scaleb(-4):f}万", f"{amount.scaleb(-8):f}亿元"]
    writings += [f"{amount.scaleb(-3):f}e3", f"{amount.scaleb(2):f}E-2"]
    assert set(through(value.canonical, writings)) == {f"n:{minimal}"}
    assert set(through(value.number, writings)) == {float(minimal)}
    negative = "n:0" if minimal == "0" else f"n:-{minimal}"
    assert set(through(value.canonical, [f"-{plain}", f"−{grouped}", f"-¥{plain}"])) == {negative}


@settings(max_examples=80, deadline=None)
@given(day=st.dates(date(1900, 1, 1), date(2099, 12, 31)))
def test_every_writing_of_a_day_gives_the_same(day: date) -> None:
    """Marks, order, padding and a midnight change nothing."""
    y, m, d = day.year, day.month, day.day
    writings = [
        f"{day:%Y-%m-%d}",
        f"{y}/{m}/{d}",
        f"{day:%Y%m%d}",
        f"{y}年{m}月{d}日",
        f"{y}.{m:02d}.{d:02d}",
        f"{y}-{m}-{d}",
    ]
    writings += [f"{day:%Y-%m-%d} 00:00:00", f"{day:%Y/%m/%d} 0:00", f"{day:%Y-%m-%d}T00:00:00.000"]
    writings += [f"{d:02d}.{m:02d}.{y}", f"{m}/{d}/{y}"] if d > 12 else []
    assert set(through(value.canonical, writings)) == {f"d:{day}"}
    assert set(through(value.day, writings)) == {day}


@settings(max_examples=80, deadline=None)
@given(moment=st.datetimes(datetime(1900, 1, 1, 0, 1), datetime(2099, 12, 31)))
def test_every_writing_of_a_moment_gives_the_same(moment: datetime) -> None:
    """Marks, padding, fractions and zones change nothing; zero seconds are left out."""
    moment = moment.replace(microsecond=0, minute=moment.minute or 1)
    writings = [f"{moment:%Y-%m-%d %H:%M:%S}", f"{moment:%Y-%m-%dT%H:%M:%S}", f"{moment:%Y/%m/%d %H:%M:%S}"]
    writings += [f"{moment:%Y-%m-%dT%H:%M:%S}.123", f"{moment:%Y-%m-%dT%H:%M:%S}+08:00", f"{moment:%Y%m%d%H%M%S}"]
    writings += [f"{moment.year}年{moment.month}月{moment.day}日 {moment.hour}时{moment.minute}分{moment.second}秒"]
    writings += [f"{moment.year}/{moment.month}/{moment.day} {moment.hour}:{moment.minute:02d}:{moment.second:02d}"]
    writings += [f"{moment:%Y%m%dT%H%M%S}", f"{moment:%Y%m%d %H:%M:%S}"]
    seconds = ":%S" if moment.second else ""
    assert set(through(value.canonical, writings)) == {f"t:{moment:%Y-%m-%dT%H:%M}" + moment.strftime(seconds)}
    assert set(through(value.moment, writings)) == {moment}
    assert set(through(value.day, writings)) == {moment.date()}


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("007", "s:007"),
        ("1234567890123456", "s:1234567890123456"),
        ("440304197103134235", "s:440304197103134235"),
        ("123456789012345", "n:123456789012345"),
        ("1e20", "s:1e20"),
        ("1e99", "s:1e99"),
        ("3.5e-3", "n:0.0035"),
        ("u1e964", "s:u1e964"),
        ("1,23", "s:1,23"),
        ("$500", "s:$500"),
        ("3万5", "s:3万5"),
        ("24期", "s:24期"),
        ("1.2.2024", "s:1.2.2024"),
        ("2024-02-30", "s:2024-02-30"),
        ("2024-01", "s:2024-01"),
        ("20241320", "n:20241320"),
        ("2024-01-20T11:56:00Z", "t:2024-01-20T19:56"),
        ("2024-01-20 25:00", "s:2024-01-20 25:00"),
        ("ＡＢＣ  Def", "s:abc def"),
        ("助学贷", "s:助学贷"),
    ],
)
def test_codes_and_ambiguous_writings_stay_text(written: str, canonical: str) -> None:
    """Codes, impossible days and writings with two readings are not guessed at."""
    assert one(value.canonical, written) == canonical


@settings(max_examples=200, deadline=None)
@given(cell=cells)
def test_a_canonical_value_is_marked_and_stable(cell: str) -> None:
    """Every text has one of four marks, and what stands behind it has the same canonical form."""
    canonical = one(value.canonical, cell)
    if canonical is None:
        return
    assert canonical[:2] in {"n:", "d:", "t:", "s:"}
    if canonical[:2] != "s:":
        assert one(value.canonical, canonical[2:]) == canonical


_at_sight = st.one_of(
    cells,
    st.from_regex(r"(?:19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][ tT][0-2][0-9]:[0-6][0-9](?::[0-6][0-9])?", fullmatch=True),
    st.from_regex(r"(?:19|20)[0-9]{2}-(?:02-(?:28|29|30)|[01][0-9]-3[01])(?:[ T]00:00(?::0[01])?)?", fullmatch=True),
    st.from_regex(r"(?:rmb|cny|e|w)?[a-z_]{0,3}[0-9_.@-]{0,4}[kwe0-9]{0,2}", fullmatch=True),
    st.from_regex("[\u4e00\u9fff\uf900\u3400万元年]{1,3}", fullmatch=True),
)


@given(seen=st.lists(_at_sight, min_size=1, max_size=20))
def test_what_is_read_at_sight_is_read_the_same_at_leisure(seen: list[str]) -> None:
    """The short ways of common writings give what the long way gives."""
    cell = pl.Series("cell", seen).str.strip_chars().to_frame().filter(pl.col("cell") != "")
    short = cell.select(value.canonical(pl.col("cell")))
    long = cell.select(value._at_leisure(pl.col("cell")))
    assert short.equals(long)
    for sight in value._SIGHTS:
        told = cell.select(sight(pl.col("cell")).alias("sight"), long.to_series().alias("cell")).drop_nulls("sight")
        assert told.get_column("sight").equals(told.get_column("cell"))


@given(seen=st.lists(_at_sight, min_size=1, max_size=20))
def test_a_day_is_read_the_same_at_sight(seen: list[str]) -> None:
    """The short way to a day gives what reading the moment gives."""
    cell = pl.DataFrame({"cell": seen})
    short = cell.select(value.day(pl.col("cell")))
    assert short.equals(cell.select(value.moment(pl.col("cell")).dt.date().alias("cell")))


@pytest.mark.parametrize("order", ["%d/%m/%Y", "%m/%d/%Y"])
@given(days=st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), min_size=1, max_size=9))
def test_a_column_says_in_which_order_its_days_are(order: str, days: list[date]) -> None:
    """03/05/2024 is what the other cells of its column say that it is; where they say nothing, or both, it is text."""
    known = [*days, date(2024, 5, 20)]
    assert through(value.canonical, [one.strftime(order) for one in known]) == [f"d:{one}" for one in known]
    both = ["20/05/2024", "05/20/2024", "03/05/2024"]
    assert through(value.canonical, both) == ["d:2024-05-20", "d:2024-05-20", "s:03/05/2024"]


@given(steps=st.integers(10**5, 10**9), scale=st.sampled_from([3, 4, 7, 100, 10_000, 100_000_000]))
def test_what_a_computer_adds_to_a_number_is_dropped(steps: int, scale: int) -> None:
    """A quotient as the double that comes of it, with 17 digits or as few as are needed, is that of 15."""
    quotient = steps / scale
    writings = [f"{quotient!r}", f"{quotient:.17g}", f"{quotient:.15g}"]
    assert len(set(through(value.canonical, writings))) == 1
    assert through(value.canonical, ["0.35000000000000003万", "3500.0000000000003"]) == ["n:3500", "n:3500"]
    assert through(value.canonical, ["116.397428123456", "0.123456789012345"]) == [
        "n:116.397428123456",
        "n:0.123456789012345",
    ]


@given(moment=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1)).map(lambda one: one.replace(microsecond=0)))
def test_counted_moments_are_those_that_are_written(moment: datetime) -> None:
    """Seconds and milliseconds since 1970, and a spreadsheet's days, are the moment that they count, in Beijing."""
    posix = round((moment - datetime(1970, 1, 1)).total_seconds()) - 8 * 3_600
    serial = (moment - datetime(1899, 12, 30)).total_seconds() / 86_400
    written = f"{moment:%Y-%m-%d %H:%M:%S}"
    counts = [f"{posix:010d}", f"{posix}000", f"{serial:.10f}"]
    if posix >= 10**9:
        assert set(through(value.canonical_moment, [written, *counts])) == set(through(value.canonical, [written]))
        assert set(through(value.day, counts)) == {moment.date()}


def test_numbers_are_no_moments_where_nothing_says_so() -> None:
    """Elsewhere a number stays one; and what is no count stays what it is in a column of moments as well."""
    assert through(value.canonical, ["45474", "1717200000"]) == ["n:45474", "n:1717200000"]
    kept = ["123", "99999", "2024-01-20 19:56", "昨天", None]
    assert through(value.canonical_moment, kept) == through(value.canonical, kept)


@pytest.mark.parametrize(
    ("header", "unit"),
    [
        *(
            ("额度(万)", "万"),
            ("金额（万元）", "万"),
            ("借款金额万元", "万"),
            ("余额【单位：千元】", "千"),
            ("amount(k)", "k"),
        ),
        *(
            ("余额(分)", "e-2"),
            ("金额/分", "e-2"),
            ("额度", ""),
            ("积分", ""),
            ("金额(元)", ""),
            ("balance", ""),
            ("work", ""),
        ),
    ],
)
def test_headers_say_in_what_sums_are(header: str, unit: str) -> None:
    """A header may end with the unit of its column; a word that ends alike is none."""
    assert amount.unit(header) == unit


def test_a_unit_belongs_to_bare_numbers() -> None:
    """Under 额度(万) 5 is 50,000, and what says its own unit is what it says."""
    assert through(
        lambda cell: value.canonical(amount.with_unit(cell, "万")), ["5", "1.05", "5万", "3000元", None]
    ) == [
        *("n:50000", "n:10500", "n:50000", "n:3000"),
        None,
    ]
    assert through(lambda cell: value.canonical(amount.with_unit(cell, "e-2")), ["5000000", "1,250"]) == [
        "n:50000",
        "n:12.5",
    ]
