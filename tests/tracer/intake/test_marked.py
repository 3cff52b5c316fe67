"""Lists as they are typed and pasted: what marks the cells of a line differs, what they hold is the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tracer.intake.interface import Reading, Role
from tracer.intake.marked import marks

Read = Callable[[bytes], Reading]
PEOPLE = [
    (name, f"138{number:08d}", str(1_000 * (number % 90 + 3)))
    for number, name in enumerate((a + b for a in "张李王赵孙周" for b in "伟芳敏静秀丽强磊小军"), 20_260_001)
]
STYLES: dict[str, str] = {
    "labels": "姓名:{0} 电话:{1} 额度:{2}",
    "labels and commas": "姓名：{0}，手机号：{1}，额度：{2}元",
    "query": "name={0}&phone={1}&limit={2}",
    "log": "INFO loan name={0} mobile={1} limit={2} status=ok",
    "brackets": "【{0}】【{1}】【{2}】",
    "parentheses": "{0}（{1}）{2}",
    "pictures": "📱{1} 👤{0} 💰{2}",
    "numbers": "{3}、{0} {1} {2}",
    "dashes": "{0}-{1}-{2}",
    "glued": "{0}{1}额度{2}",
    "glued with a blank": "{1}{0} 可借{2}元",
    "stars": "{0}*{1}*{2}",
    "tuples": "('{0}','{1}',{2}),",
    "Python": "{{'name': '{0}', 'phone': '{1}', 'limit': {2}}}",
    "elements": "<row><name>{0}</name><phone>{1}</phone><limit>{2}</limit></row>",
    "YAML": "- name: {0}\n  phone: {1}\n  limit: {2}",
}


def listed(style: str) -> list[str]:
    return [STYLES[style].format(*person, number) for number, person in enumerate(PEOPLE, 1)]


def told(found: Reading) -> list[tuple[str, ...]]:
    """(name, phone, limit) of all records, empty where there is none."""
    (table,) = found.tables
    keys = {column.role: column.key for column in table.columns}
    wanted = [keys[role] for role in (Role.NAME, Role.PHONE, Role.LIMIT)]
    rows = table.frame.select(wanted).rows()
    return [(name or "", phone or "", (limit or "").removesuffix("元")) for name, phone, limit in rows]


@pytest.mark.parametrize("style", STYLES)
def test_every_way_of_writing_gives_the_same_cells(reading: Read, style: str) -> None:
    """Names, numbers and limits come out whole, and nothing else does. Until now most of these lost the limit."""
    found = reading(("\n".join(listed(style)) + "\n").encode())
    assert told(found) == PEOPLE
    assert found.rejected == 0


@pytest.mark.parametrize("style", ["labels", "query", "brackets", "pictures"])
def test_adverts_between_the_lines_are_no_records(reading: Read, style: str) -> None:
    """Lines without a mark stay uncut, and are told apart as in any other list."""
    lines = listed(style)
    lines[20:20] = ["一手数据 长期供应 加微信 abc123"]
    assert told(reading("\n".join(lines).encode())) == PEOPLE


def test_an_address_glued_to_a_number_stays_whole(reading: Read) -> None:
    """Of name, number and address without anything between them each comes out whole, whatever numbers streets have."""
    homes = ["建国路8号", "世纪大道100号3单元201室", "人民南路2号嘉里中心"]
    lines = [f"{name}{phone}北京市朝阳区{homes[number % 3]}" for number, (name, phone, _) in enumerate(PEOPLE)]
    (table,) = reading("\n".join(lines).encode()).tables
    assert [column.role for column in table.columns] == [Role.NAME, Role.PHONE, Role.ADDRESS]
    rows = table.frame.select(column.key for column in table.columns).rows()
    assert rows[1] == (PEOPLE[1][0], PEOPLE[1][1], "北京市朝阳区世纪大道100号3单元201室")


def test_sentences_are_not_cut(reading: Read) -> None:
    """Where numbers stand in sentences of different make, these stay whole, and the numbers are taken out of them."""
    makes = ["您好{0}先生，请回电{1}谢谢", "{0} 逾期 电话{1}", "{1}是客户{0}的手机，借了{2}，逾期12天，请处理"]
    lines = [makes[number % 3].format(*person) for number, person in enumerate(PEOPLE)]
    (table,) = reading("\n".join(lines).encode()).tables
    phones = next(column for column in table.columns if column.role is Role.PHONE)
    assert table.frame.get_column(phones.key).to_list() == [phone for _, phone, _ in PEOPLE]
    assert table.columns[0].role is Role.TEXT


def test_a_label_that_is_missing_or_moved_shifts_nothing(reading: Read) -> None:
    """Each labelled cell lies in the column of its label, wherever it stands in the line."""
    lines = listed("labels")
    lines[3], lines[7] = "电话:13900000001 姓名:钱八 额度:9000", "姓名:周九 电话:13900000002"
    (table,) = reading("\n".join(lines).encode()).tables
    assert [column.name for column in table.columns] == ["姓名", "电话", "额度"]
    rows = table.frame.select(column.key for column in table.columns).rows()
    assert rows[3] == ("钱八", "13900000001", "9000")
    assert rows[7] == ("周九", "13900000002", None)


@pytest.mark.parametrize("line", ["{'a', 'b'}", "{'a': " + "[" * 300 + "]" * 300 + "}", "{'a': 1e9999}", "{'a': b'x'}"])
def test_strange_literals_are_rejects_or_cells(reading: Read, line: str) -> None:
    """Whatever Python's notation allows, a line is a record or a counted reject."""
    lines = [*listed("Python"), line]
    found = reading("\n".join(lines).encode())
    assert sum(table.frame.height for table in found.tables) + found.rejected == len(lines)


@pytest.mark.parametrize(("style", "without"), [("brackets", "【】"), ("pictures", ""), ("query", "limit=")])
def test_cells_that_are_empty_shift_nothing(reading: Read, style: str, without: str) -> None:
    """Every fifth limit is missing: names and numbers stay where they are."""
    written, given = {
        "brackets": ("【{2}】【{0}】【{1}】", "【{2}】"),
        "pictures": ("💰{2} 👤{0} 📱{1}", "💰{2} "),
        "query": ("limit={2}&name={0}&phone={1}", "limit={2}"),
    }[style]
    lines = [
        (written if number % 5 else written.replace(given, without)).format(*person)
        for number, person in enumerate(PEOPLE)
    ]
    found = told(reading("\n".join(lines).encode()))
    assert found == [(name, phone, limit if number % 5 else "") for number, (name, phone, limit) in enumerate(PEOPLE)]


def test_tuples_hold_separators_and_quotes(reading: Read) -> None:
    """A comma or a doubled quote within quotes parts nothing."""
    lines = [f"('{name}', '{phone}', '￥{int(limit):,}.00', 'it''s')," for name, phone, limit in PEOPLE]
    (table,) = reading("\n".join(lines).encode()).tables
    assert [column.role for column in table.columns][:3] == [Role.NAME, Role.PHONE, Role.LIMIT]
    assert table.frame.row(0)[3:] == (PEOPLE[0][0], PEOPLE[0][1], f"￥{int(PEOPLE[0][2]):,}.00", "it's")


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("tags", [("name", "phone", "limit"), ("姓名", "手机号", "额度")])
def test_elements_without_a_root_are_read_in_any_encoding(reading: Read, encoding: str, tags: tuple[str, ...]) -> None:
    """Lines of elements carry no declaration that would name their encoding."""
    cells = [zip(tags, person, strict=True) for person in PEOPLE]
    lines = ["<row>" + "".join(f"<{tag}>{cell}</{tag}>" for tag, cell in row) + "</row>" for row in cells]
    assert told(reading("\n".join(lines).encode(encoding))) == PEOPLE


def test_later_lines_are_cut_as_the_first() -> None:
    """A file is read in runs of lines: the columns of one are those of the next, in whatever order its labels come."""
    first, later = listed("labels"), [" ".join(reversed(line.split())) for line in listed("labels")]
    how = marks(first, "")
    assert how is not None
    assert marks(later, "", how) is how
    assert how(later[0]) == how(first[0])
    assert marks([",".join(person) for person in PEOPLE], ",", how) is None
