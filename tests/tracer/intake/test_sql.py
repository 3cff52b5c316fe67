from __future__ import annotations

from collections.abc import Callable

from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.intake.interface import Reading

Row = tuple[str | None, ...]
Read = Callable[[bytes], Reading]
Cells = Callable[[Reading], list[Row]]

VALUE = st.none() | st.text(st.sampled_from("张三aZ'\"\\\n,();x0 "), min_size=1, max_size=8)
ESCAPES = {"\\": "\\\\", "'": "\\'", '"': '\\"', "\n": "\\n"}


def literal(value: str | None, *, doubled: bool) -> str:
    if value is None:
        return "NULL"
    escapes = ESCAPES | {"'": "''"} if doubled else ESCAPES
    return "'" + "".join(escapes.get(char, char) for char in value) + "'"


@settings(max_examples=40)
@given(
    rows=st.lists(st.tuples(VALUE, VALUE, VALUE), min_size=1, max_size=20),
    doubled=st.booleans(),
    a_statement=st.integers(1, 7),
    encoding=st.sampled_from(["utf-8", "gb18030", "utf-8-sig"]),
)
def test_what_was_dumped_is_read(
    *, reading: Read, cells: Cells, rows: list[Row], doubled: bool, a_statement: int, encoding: str
) -> None:
    """Rows come back the same from INSERT statements of any length, whatever their strings hold."""
    tuples = ["(" + ",".join(literal(value, doubled=doubled) for value in row) + ")" for row in rows]
    statements = [
        "INSERT INTO `t` (`a`,`b`,`c`) VALUES " + ",".join(tuples[i : i + a_statement]) + ";\n"  # noqa: S608
        for i in range(0, len(tuples), a_statement)
    ]
    result = reading(("-- it's a dump\n" + "".join(statements)).encode(encoding))
    assert [tuple(cell.strip() if cell else cell for cell in row) for row in cells(result)] == [
        tuple(cell.strip() or None if cell else cell for cell in row) for row in rows
    ] or cells(result) == rows
    assert cells(result) == rows
    assert result.rejects == ()


DUMP = r"""-- it's a dump
CREATE TABLE `t` (
  `id` int(11) NOT NULL DEFAULT '0' COMMENT 'a,(b',
  `name` varchar(20),
  `note` text,
  PRIMARY KEY (`id`,`name`)
);
INSERT INTO `t` VALUES (1,'O''Brien, \'x\'','a\nb\\'),(2,NULL,'NULL'),(-3.50,0xE5BCA0,_utf8mb4'x;y'),
 ( 4 , 'z' , NOW() );
INSERT INTO u (a,b) VALUES ('p(','q)');
insert ignore into db.`t` values (5,"say \"hi\"",'c');
"""


def test_every_literal_is_understood(cells: Cells, reading: Read) -> None:
    """Strings, numbers, NULL, hexadecimal, functions and column names from CREATE TABLE, over two tables."""
    found = reading(DUMP.encode())
    assert [table.name for table in found.tables] == ["t", "u"]
    assert [column.name for column in found.tables[0].columns] == ["id", "name", "note"]
    assert cells(found) == [
        ("1", "O'Brien, 'x'", "a\nb\\"), ("2", None, "NULL"), ("-3.50", "张", "x;y"), ("4", "z", "NOW()"),
        ("5", 'say "hi"', "c"), ("p(", "q)"),
    ]  # fmt: skip
    assert [row[0] for table in found.tables for row in table.frame.rows()] == list(range(6))


def test_damage_costs_no_more_than_itself(cells: Cells, reading: Read) -> None:
    """An unclosed string is one reject with its byte offset; its neighbours are read."""
    text = "INSERT INTO t (a,b) VALUES ('张','1'),('李,'2'),('王','3');\nINSERT INTO t (a,b) VALUES ('赵','4');\n"
    found = reading(text.encode("gb18030"))
    assert [row[0] for row in cells(found)] == ["张", "王", "赵"]
    assert [reject.offset for reject in found.rejects] == [38]
    raw = text.encode("gb18030")
    assert [raw[row[1] : row[1] + 1] for row in found.tables[0].frame.rows()] == [b"("] * 3


def test_a_cut_file_loses_its_last_tuple_only(reading: Read) -> None:
    """Where the file breaks off inside a tuple, that tuple is a reject."""
    found = reading("INSERT INTO t (a,b) VALUES ('张','1'),('李','2'),('王".encode())
    assert (found.records, len(found.rejects)) == (2, 1)


def test_statements_on_one_line_are_all_read(reading: Read, cells: Cells) -> None:
    """A dump without line ends between its statements loses none of them."""
    found = reading(b"INSERT INTO t (a) VALUES ('1');INSERT INTO t (a) VALUES ('i''s'); insert into t values ('3');")
    assert cells(found) == [("1",), ("i's",), ("3",)]


def test_junk_between_tuples_hides_none(reading: Read, cells: Cells) -> None:
    """What stands between two tuples and is none is a reject, and the tuples behind it are read."""
    found = reading(b"INSERT INTO t (a,b) VALUES ('1','x'),('2,'x'), xx ('3','y'),\n('4','z');")
    read = [row[0] for row in cells(found)]
    assert (read[0], read[-1]) == ("1", "4")
    assert found.rejects
