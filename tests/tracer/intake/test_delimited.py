from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tracer.intake.interface import Reading

Row = tuple[str | None, ...]
Read = Callable[[bytes], Reading]
Cells = Callable[[Reading], list[Row]]

PEOPLE = ["张三", "李四", "王小五", "欧阳娜娜", "𬎆䶮", "O'Neil", "赵 六"]
NAME = st.sampled_from(PEOPLE)
PHONE = st.integers(13_000_000_000, 19_999_999_999).map(str)
NOTE = st.text(st.sampled_from("北京朝阳区甲乙丙丁abcXYZ019 .()"), max_size=12).map(str.strip).map(lambda t: t or None)
QUOTED_NOTE = st.text(st.sampled_from('北京,"\n;|ab '), max_size=8).map(lambda t: t or None)


def padded(rows: list[Row], width: int) -> list[Row]:
    return [row + (None,) * (width - len(row)) for row in rows]


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(NAME, PHONE, NOTE), min_size=2, max_size=30),
    separator=st.sampled_from([",", "\t", ";", "|", "----", "|||", "^", "~", "---", "-----", "\x01", "，", "##"]),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"]),
    header=st.booleans(),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    final=st.booleans(),
    blank=st.booleans(),
)
def test_what_was_written_is_read(
    *,
    reading: Read,
    cells: Cells,
    rows: list[Row],
    separator: str,
    encoding: str,
    header: bool,
    end: str,
    final: bool,
    blank: bool,
) -> None:
    """Rows come back the same through every separator, encoding and line end, with a header or none."""
    lines = [separator.join(cell or "" for cell in row) for row in rows]
    if header:
        lines.insert(0, separator.join(("姓名", "手机号", "备注")))
    if blank:
        lines.insert(len(lines) // 2, "")
    result = reading((end.join(lines) + (end if final else "")).encode(encoding))
    found = cells(result)
    assert [row[:2] for row in found] == [row[:2] for row in rows]
    assert padded(found, 3) == rows
    assert result.rejects == ()
    assert [row[0] for table in result.tables for row in table.frame.rows()] == list(range(len(rows)))


@settings(max_examples=40)
@given(rows=st.lists(st.tuples(NAME, PHONE, QUOTED_NOTE), min_size=2, max_size=20), everything=st.booleans())
def test_quoted_cells_come_back(*, reading: Read, cells: Cells, rows: list[Row], everything: bool) -> None:
    """Separators, quotes and line ends inside quoted cells stay inside; quotes round nearly all cells are no text."""
    notes = [note for _, _, note in rows if note]
    assume(sum(len(note) > 2 and note[0] == note[-1] == '"' for note in notes) < 0.8 * len(notes) or not notes)
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL if everything else csv.QUOTE_MINIMAL, lineterminator="\n")
    writer.writerow(("姓名", "手机号", "备注"))
    writer.writerows(rows)
    assert cells(reading(out.getvalue().encode())) == rows


@given(rows=st.lists(st.tuples(NAME, PHONE, NOTE), min_size=3, max_size=20), at=st.integers(0, 19))
def test_a_stray_quote_costs_nothing_else(reading: Read, cells: Cells, rows: list[Row], at: int) -> None:
    """An unclosed quote is a sign in its cell; every other row stays what it was."""
    broken = at % len(rows)
    lines = [",".join(cell or "" for cell in row) for row in rows]
    lines[broken] = lines[broken].replace(",", ',"', 1)
    found = cells(reading(("姓名,手机号,备注\n" + "\n".join(lines) + "\n").encode()))
    expected = padded(rows, 3)
    expected[broken] = (rows[broken][0], '"' + str(rows[broken][1]), rows[broken][2])
    assert padded(found, 3) == expected


@given(
    phones=st.lists(PHONE, min_size=1, max_size=30),
    style=st.sampled_from(["{}", "+86 {}", "86-{}", "0086{}"]),
    header=st.sampled_from(["", "手机号", "mobile", "联系电话"]),
)
def test_phones_alone_are_a_table(reading: Read, cells: Cells, phones: list[str], style: str, header: str) -> None:
    """A list of phones is one column, however they are written and whether or not it has a header."""
    lines = ([header] if header else []) + [style.format(phone) for phone in phones]
    result = reading(("\n".join(lines) + "\n").encode())
    assert cells(result) == [(style.format(phone),) for phone in phones]
    assert [str(column.role) for column in result.tables[0].columns] == ["phone"]


@settings(max_examples=40)
@given(rows=st.lists(st.lists(PHONE, min_size=1, max_size=5), min_size=1, max_size=30))
def test_ragged_rows_are_kept(reading: Read, cells: Cells, rows: list[list[str]]) -> None:
    """Short rows are padded, long ones keep their cells."""
    found = cells(reading(("\n".join(",".join(row) for row in rows) + "\n").encode()))
    if found and len(found[0]) >= max(map(len, rows)):
        assert [[cell for cell in row if cell] for row in found] == rows
    else:  # most lines have one cell, so a comma is no separator: the line is the cell
        assert [row[0] for row in found] == [",".join(row) for row in rows]


@settings(max_examples=40)
@given(
    lines=st.lists(st.sampled_from(["utf-8", "gb18030", "spoilt"]), min_size=6, max_size=40).filter(
        lambda kinds: kinds.count("spoilt") * 3 < len(kinds)
    )
)
def test_records_and_rejects_are_all_there_is(reading: Read, cells: Cells, lines: list[str]) -> None:
    """In a file of mixed and damaged encodings, records + rejects = physical records, each reject with its place."""
    content = bytearray()
    spoilt = []
    for number, kind in enumerate(lines):
        if kind == "spoilt":
            spoilt.append((len(content), number + 1))
            content += b"\xff\xff\xfe,13800000000\n"
        else:
            content += f"张三,138{number:08d}\n".encode(kind)
    result = reading(bytes(content))
    assert result.records + len(result.rejects) == len(lines)
    assert [(reject.offset, reject.line) for reject in result.rejects] == spoilt
    assert {row[0] for row in cells(result)} == {"张三"}


def test_four_byte_characters_are_exact(reading: Read, cells: Cells) -> None:
    """GB18030 characters of four bytes come back, beyond the basic plane too."""
    rows = [("𬎆三", "13800000001"), ("䶮四", "13800000002"), ("㑇五", "13800000003")]
    content = "姓名,手机号\n" + "".join(",".join(row) + "\n" for row in rows)
    result = reading(content.encode("gb18030"))
    assert (result.encoding, cells(result)) == ("gb18030", rows)


def test_big5_is_told_from_gb18030(reading: Read, cells: Cells) -> None:
    """Traditional Chinese in Big5 is read as such."""
    rows = [(f"陳{given}華", f"138000000{i:02d}", "臺北市中山區民權東路") for i, given in enumerate("建國志明淑芬美玲")]
    content = "姓名,電話,地址\n" + "".join(",".join(row) + "\n" for row in rows)
    result = reading(content.encode("big5"))
    assert (result.encoding, cells(result)) == ("big5hkscs", rows)


def test_what_is_no_record_is_not_counted(reading: Read, cells: Cells) -> None:
    """Titles, repeated headers, rules, blank lines, adverts and footers are no records."""
    lines = [
        "2024年客户名单", "", "姓名,手机号,额度", "张三,13800000001,5", "姓名,手机号,额度", "李四,13800000002,6",
        "----------", "共2条", "加微信 abc 更多数据", "",
    ]  # fmt: skip
    result = reading("\n".join(lines).encode())
    assert cells(result) == [("张三", "13800000001", "5"), ("李四", "13800000002", "6")]
    assert [column.name for column in result.tables[0].columns] == ["姓名", "手机号", "额度"]


@pytest.mark.parametrize(
    ("header", "known"),
    [("xm,sjh,sfz", True), ("xingming,shouji,shenfenzheng", True), ("甲,乙,丙", True), ("a1,b2,c3", True)],
)
def test_a_header_is_told_from_the_values(*, reading: Read, header: str, known: bool) -> None:
    """Words above numbers are a header, known or not."""
    content = header + "\n" + "".join(f"张三,1380000000{i},11010119900307{i}111\n" for i in range(5))
    result = reading(content.encode())
    assert (result.records == 5) is known
    assert [column.name for column in result.tables[0].columns] == header.split(",")


BLANKS = {
    "plain": ("张三 13800001234 5000", 3),
    "words": ("13800001234 u1e964 极速贷 张三", 4),
    "full width": ("张三 １３８０００１１２３４ 极速贷", 3),
    "decimals": ("u1e964 13800001234.0", 2),
    "thousands": ("极速贷 13800001234 ￥5,000.00 张三", 4),
    "day": ("13800001234 2024年01月20日 张三", 3),
    "time": ("13800001234 2024-01-20 19:56 张三", 3),
    "blanks in a number": ("138 0000 1234 u1e964 张三", 3),
    "a prefix": ("u1e964 +86 13800001234 张三", 3),
    "a mask": ("u1e964 138XXXX1234 张三 5000", 4),
}


@pytest.mark.parametrize("header", [True, False])
@pytest.mark.parametrize("style", BLANKS)
def test_single_blanks_part_cells(*, reading: Read, cells: Cells, style: str, header: bool) -> None:
    """Cells parted by one blank come apart; a time stays with its day and a number in one piece."""
    line, width = BLANKS[style]
    names = ("极", "极速", "极速贷款")
    lines = [
        line.replace("1234", f"{1000 + 7 * i}").replace("极速贷", names[i % 3] + "贷").replace("1e964", f"{i:04x}")
        for i in range(40)
    ]
    head = [" ".join(f"列{place + 1}" for place in range(width))] if header else []
    result = reading("\n".join([*head, *lines]).encode())
    assert [len(row) for row in cells(result)] == [width] * 40
    assert " ".join(map(str, cells(result)[7])) == lines[7]


@pytest.mark.parametrize("heading", ["F", "列", "column ", "C_"])
def test_a_numbered_header_is_one_wherever_it_stands(reading: Read, cells: Cells, heading: str) -> None:
    """Names such as F1, F2 are a header above words and masks too, and are no record where they come again."""
    head = ",".join(f"{heading}{place}" for place in (1, 8, 2))
    rows: list[Row] = [("张三", f"u{i:04x}a", f"138XXXX{1000 + i}") for i in range(60)]
    lines = [",".join(map(str, row)) for row in rows]
    result = reading("\n".join([head, *lines[:30], head, *lines[30:]]).encode())
    assert cells(result) == rows
    assert [column.name for column in result.tables[0].columns] == head.split(",")


@pytest.mark.parametrize(("header", "lines"), [
    ("银行卡号", ("6222021234567890128", "6222 0212 3456 7890 128", "6222-0212-3456-7890-128")),
    ("mobile", ("+91 9829513222", "009198 2951 3222", "+919829513222", "13800138000")),
    ("电话", ("+1 (212) 555-0143", "+12125550143", "0012125550143", "13800138000")),
    ("QQ号", ("4540177400", "90872415", "245105217")),
    ("微信号", ("wxid_1a2b3c4d5e", "zhang_san88", "li-si.2020")),
])  # fmt: skip
def test_a_list_of_one_column_keeps_its_header_and_all_records(
    reading: Read, cells: Cells, header: str, lines: tuple[str, ...]
) -> None:
    """However its numbers are grouped, none is taken for a title, nor its header for an advert; adverts are no records.

    Until now half of such a list of cards or foreign numbers was said to be no records.
    """
    people = [line for line in lines for _ in range(10)]
    found = reading("\n".join([header, *people, "一手数据 加微信 abc", "共 30 条"]).encode())
    assert [table.columns[0].name for table in found.tables] == [header]
    assert [row[0] for row in cells(found)] == people
