"""Readable dumps in every shape we could think of, each with what is in it. Everybody in them is invented."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tests.tracer.intake.people import Person, crowd

N = 40
FOLK = crowd(N)
HEADER = ("姓名", "手机号", "身份证号", "产品", "额度")
Row = Sequence[str]


@dataclass(frozen=True)
class Case:
    """A dump and what a reader must find."""

    name: str
    content: bytes
    records: int = N
    phones: int = N
    masked: int = 0
    ids: int = 0
    names: int = 0
    rejected: int = 0
    password: str | None = None


CASES: list[Case] = []


def case(**expected: Any) -> Callable[[Callable[[], bytes | str]], Callable[[], bytes | str]]:
    """Register the dump a function makes."""

    def register(make: Callable[[], bytes | str]) -> Callable[[], bytes | str]:
        content = make()
        raw = content.encode() if isinstance(content, str) else content
        CASES.append(Case(make.__name__, raw, **expected))
        return make

    return register


def rows(people: Sequence[Person] = FOLK) -> list[list[str]]:
    return [[p.name, p.phone, p.identity, p.product, p.limit] for p in people]


def lines(separator: str, table: Sequence[Row], header: Row | None = HEADER) -> str:
    return "".join(separator.join(row) + "\n" for row in ([header] if header else []) + list(table))


FULL: dict[str, Any] = {"ids": N, "names": N}

# --- separators and encodings -----------------------------------------------------------------------------------------
SEPARATORS = {
    "comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "dashes": "----", "three_pipes": "|||", "two_dashes": "--",
    "hash": "##", "at": "@@", "dollar": "$$", "caret": "^", "tilde": "~", "hive": "\x01", "unit": "\x1f", "wide_comma": "，",
    "ideographic": "、", "slash": "//", "colons": "::", "wide_bar": "｜", "arrow": "=>", "spaced_bar": " | ", "spaced_comma": ", ",
}  # fmt: skip
for name, sign in SEPARATORS.items():
    CASES.append(Case(f"separator_{name}", lines(sign, rows()).encode(), **FULL))
    CASES.append(Case(f"separator_{name}_bare", lines(sign, rows(), None).encode(), **FULL))
for encoding in ("utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be", "utf-32"):
    CASES.append(Case(f"encoding_{encoding}", lines(",", rows()).encode(encoding), **FULL))
    CASES.append(
        Case(f"encoding_{encoding}_crlf_tab", lines("\t", rows()).replace("\n", "\r\n").encode(encoding), **FULL)
    )


@case(**FULL)
def big5_traditional() -> bytes:
    table = [
        ["陳" + p.name[1:2] + "華"[:0], p.phone, p.identity, "貸款", p.limit, "臺北市中山區民權東路"] for p in FOLK
    ]
    # names must be those of Big5
    given = "建國志明淑芬美玲家豪怡君雅婷俊傑冠宇宗翰承恩柏翰彥廷"
    table = [
        ["陳林黃張李王吳劉蔡楊"[i % 10] + given[i % 26] + given[(i * 7 + i // 10 + 3) % 26], *row[1:]]
        for i, row in enumerate(table)
    ]
    CASES.append(
        Case(
            "big5_names",
            b"x" if not table else lines(",", table, ("姓名", "電話", "身份證", "產品", "額度", "地址")).encode("big5"),
            ids=N,
            names=len({r[0] for r in table}),
        )
    )
    return lines(",", rows()).encode()


@case(**FULL)
def mixed_encodings() -> bytes:
    return b"".join(
        (",".join(row) + "\n").encode("utf-8" if i % 3 else "gb18030") for i, row in enumerate([list(HEADER), *rows()])
    )


@case(**FULL)
def carriage_returns_only() -> str:
    return lines(",", rows()).replace("\n", "\r")


@case(**FULL)
def no_final_line_end() -> str:
    return lines(",", rows()).rstrip("\n")


@case(ids=N, names=N)
def rare_characters() -> bytes:
    table = [
        ["𬎆" + p.name if not i else p.name, *row[1:]] for i, (p, row) in enumerate(zip(FOLK, rows(), strict=True))
    ]
    return lines(",", table).encode("gb18030").replace("𬎆".encode("gb18030"), b"")


# --- headers ----------------------------------------------------------------------------------------------------------
for name, header in {
    "pinyin": ("xingming", "shoujihao", "shenfenzheng", "chanpin", "edu"),
    "initials": ("xm", "sjh", "sfzh", "cp", "ed"),
    "english": ("name", "mobile", "id_card", "product", "credit_limit"),
    "upper": ("NAME", "MOBILE", "IDCARD", "PRODUCT", "CREDIT_LIMIT"),
    "misleading": ("手机号", "身份证", "姓名", "额度", "产品"),
    "unknown": ("甲", "乙", "丙", "丁", "戊"),
    "spreadsheet": ("A", "B", "C", "D", "E"),
    "numbered": ("字段1", "字段2", "字段3", "字段4", "字段5"),
    "repeated": ("信息", "信息", "信息", "信息", "信息"),
    "partly_empty": ("姓名", "", "身份证", "", "额度"),
    "spaced": (" 姓 名 ", "手 机 号", "身份证号 ", "产品", "额度(元)"),
    "zero_width": ("\u200b姓名", "手机号\u200b", "身份证号", "产品", "额度"),
}.items():
    CASES.append(Case(f"header_{name}", lines(",", rows(), header).encode(), **FULL))


@case(**FULL)
def header_in_two_languages() -> str:
    return "name,phone,idcard,product,limit\n" + lines(",", rows())


@case(**FULL)
def header_of_groups_above() -> str:
    return "基本信息,,,贷款信息,\n" + lines(",", rows())


@case(**FULL)
def header_repeated_every_ten() -> str:
    return "".join(lines(",", rows(FOLK[i : i + 10])) for i in range(0, N, 10))


# --- furniture --------------------------------------------------------------------------------------------------------
@case(**FULL)
def banner_above_and_below() -> str:
    return (
        "★★★ 独家一手数据 加微信 abc12345 ★★★\n2024年最新 长期供应\n\n"
        + lines(",", rows())
        + "\n共40条\n更多数据联系 QQ 123456\n"
    )


@case(**FULL)
def adverts_between_rows() -> str:
    table = [",".join(row) for row in rows()]
    for at in (31, 20, 9):
        table.insert(at, "【广告】一手实时数据 飞机 @abcd1234 诚信合作")
    return "姓名,手机号,身份证号,产品,额度\n" + "\n".join(table) + "\n"


@case(**FULL)
def adverts_with_a_phone() -> str:
    table = [",".join(row) for row in rows()]
    table.insert(12, "出售各类数据 联系电话 加微信 vx88888")
    return "\n".join(table) + "\n-- 数据来源: 内部 --\n"


@case(**FULL)
def rules_between_rows() -> str:
    return "姓名,手机号,身份证号,产品,额度\n" + "".join(",".join(row) + "\n----------\n" for row in rows())


@case(**FULL)
def blank_lines_between_rows() -> str:
    return "\n\n".join(",".join(row) for row in [list(HEADER), *rows()])


@case(**FULL)
def sums_at_the_end() -> str:
    return lines(",", rows()) + "合计,,,,1234000\n"


@case(**FULL)
def comments_at_the_top() -> str:
    return "# export 2024-05-01\n# table: users\n" + lines("\t", rows())


# --- several tables ---------------------------------------------------------------------------------------------------
@case(**FULL)
def two_tables_with_headers() -> str:
    first = [[p.name, p.phone, p.identity] for p in FOLK[:25]]
    second = [[p.phone, p.name, p.identity, p.product, p.limit, p.city] for p in FOLK[25:]]
    return (
        lines(",", first, HEADER[:3])
        + "\n"
        + lines(",", second, ("mobile", "name", "idcard", "product", "limit", "city"))
    )


@case(**FULL)
def three_tables_of_other_widths() -> str:
    parts = [
        lines(",", [[p.name, p.phone, p.identity] for p in FOLK[:13]], HEADER[:3]),
        lines(",", [[p.name, p.phone, p.identity, p.city] for p in FOLK[13:26]], (*HEADER[:3], "城市")),
        lines(",", [[p.name, p.phone, p.identity, p.city, p.limit, p.product, p.account] for p in FOLK[26:]], (*HEADER[:3], "城市", "额度", "产品", "用户名")),
    ]  # fmt: skip
    return "第一部分\n" + parts[0] + "\n第二部分\n" + parts[1] + "\n第三部分\n" + parts[2]


@case(**FULL)
def two_separators() -> str:
    return lines(",", rows(FOLK[:22])) + lines("----", rows(FOLK[22:]), None)


@case(**FULL)
def commas_then_tabs() -> str:
    return lines(",", rows(FOLK[:15])) + "\n" + lines("\t", rows(FOLK[15:]))


# --- ragged and quoted ------------------------------------------------------------------------------------------------
@case(**FULL)
def ragged() -> str:
    return lines(",", [row[: 3 + i % 3] for i, row in enumerate(rows())])


@case(**FULL)
def trailing_separators() -> str:
    return lines(",", [[*row, "", ""] for row in rows()])


@case(**FULL)
def all_quoted() -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([HEADER, *rows()])
    return out.getvalue()


@case(**FULL)
def single_quoted() -> str:
    return lines(",", [[f"'{cell}'" for cell in row] for row in rows()])


@case(**FULL)
def quoted_line_ends() -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [[*HEADER, "备注"], *([*row, '第一行\n第二行, "引"\n'] for row in rows())]
    )
    return out.getvalue()


@case(**FULL)
def broken_quotes() -> str:
    table = [",".join([*row, "备注" if i % 9 else '他说"好']) for i, row in enumerate(rows())]
    table[5] = table[5].replace(",", ',"', 1)
    return "\n".join([",".join([*HEADER, "备注"]), *table]) + "\n"


@case(**FULL)
def unquoted_line_ends() -> str:
    table = [
        ",".join(
            [
                p.name,
                p.phone,
                p.identity,
                "北京市朝阳区" + ("\n" if i % 8 == 3 else "") + "建国路1号",
                p.limit,
                p.product,
            ]
        )
        for i, p in enumerate(FOLK)
    ]
    return "姓名,手机号,身份证号,地址,额度,产品\n" + "\n".join(table) + "\n"


@case(**FULL)
def excel_text_formulas() -> str:
    return lines(",", [[p.name, f'="{p.phone}"', f'="{p.identity}"', p.product, p.limit] for p in FOLK])


@case(**FULL)
def apostrophes() -> str:
    return lines(",", [[p.name, f"'{p.phone}", f"'{p.identity}", p.product, p.limit] for p in FOLK])


# --- columns ----------------------------------------------------------------------------------------------------------
@case(ids=0, names=N)
def phones_as_floats() -> str:
    return lines(",", [[p.name, f"{p.phone}.0"] for p in FOLK], HEADER[:2])


@case(ids=0, names=N)
def phones_in_many_writings() -> str:
    ways = ("{}", "+86{}", "+86 {}", "0086{}", "86-{}", "({})")
    return lines(",", [[p.name, ways[i % 6].format(p.phone)] for i, p in enumerate(FOLK)], HEADER[:2])


@case(phones=0, masked=N, names=N)
def masked_phones() -> str:
    return lines(",", [[p.name, p.masked_phone] for p in FOLK], HEADER[:2])


@case(ids=0, names=N)
def wide_digits() -> str:
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    return lines(",", [[p.name, p.phone.translate(wide)] for p in FOLK], HEADER[:2])


@case(records=N // 2, phones=N, names=N // 2)
def two_phone_columns() -> str:
    return lines(
        ",",
        [[a.name, a.phone, b.phone] for a, b in zip(FOLK[::2], FOLK[1::2], strict=True)],
        ("姓名", "手机1", "手机2"),
    )


@case(names=N)
def merged_name_and_phone() -> str:
    return "".join(f"{p.name}{p.phone}\n" for p in FOLK)


@case(**FULL)
def merged_in_a_column() -> str:
    return lines(",", [[f"{p.name}{p.phone}", p.identity, p.product] for p in FOLK], ("联系人", "证件", "产品"))


@case(ids=N, names=N)
def merged_phone_and_identity() -> str:
    return lines(",", [[p.name, p.phone + p.identity] for p in FOLK], None)


@case(names=0)
def phones_alone() -> str:
    return "".join(p.phone + "\n" for p in FOLK)


@case(ids=N, phones=0, names=0)
def identities_alone() -> str:
    return "".join(p.identity + "\n" for p in FOLK)


@case(phones=0, names=0)
def accounts_alone() -> str:
    return "".join(p.account + "\n" for p in FOLK)


@case(phones=0, names=0)
def mail_and_password() -> str:
    return "".join(f"{p.email}:pass{i}word\n" for i, p in enumerate(FOLK))


@case(names=0)
def phone_and_password() -> str:
    return "".join(f"{p.phone}:abc{i}!\n" for i, p in enumerate(FOLK))


@case(**FULL)
def identifiers_in_a_note() -> str:
    return lines(
        ",", [[p.name, p.city, f"客户电话{p.phone}，证件{p.identity}，已联系"] for p in FOLK], ("姓名", "城市", "备注")
    )


@case(ids=N - 5, names=N)
def wrong_check_digits() -> str:
    table = rows()
    for row in table[:5]:
        row[2] = row[2][:-1] + ("1" if row[2][-1] != "1" else "2")
    return lines(",", table)


# --- blanks, labels, free text ----------------------------------------------------------------------------------------
@case(**FULL)
def single_blanks() -> str:
    return lines(" ", rows(), None)


@case(**FULL)
def wide_blanks() -> str:
    return lines("\u3000", rows(), None)


@case(**FULL)
def fixed_width_by_characters() -> str:
    return "".join("".join(f"{cell:<20}" for cell in row).rstrip() + "\n" for row in [HEADER, *rows()])


@case(**FULL)
def fixed_width_by_display() -> str:
    def pad(cell: str) -> str:
        return cell + " " * (22 - sum(2 if ord(c) > 255 else 1 for c in cell))

    return "".join("".join(pad(cell) for cell in row).rstrip() + "\n" for row in [HEADER, *rows()])


@case(**FULL)
def fixed_width_with_holes() -> str:
    table = [[p.name, p.phone, "" if i % 3 else p.city, p.identity] for i, p in enumerate(FOLK)]
    return "".join("".join(f"{cell:<20}" for cell in row).rstrip() + "\n" for row in table)


@case(**FULL)
def mysql_box() -> str:
    rule = "+------+-------------+--------------------+------+------+\n"
    return (
        rule
        + "| 姓名 | 手机号 | 身份证号 | 产品 | 额度 |\n"
        + rule
        + "".join("| " + " | ".join(row) + " |\n" for row in rows())
        + rule
        + f"{N} rows in set (0.00 sec)\n"
    )


@case(**FULL)
def psql_table() -> str:
    return (
        " name | phone | idcard | product | credit \n------+-------+--------+---------+--------\n"
        + "".join(" " + " | ".join(row) + "\n" for row in rows())
        + f"({N} rows)\n\n"
    )


@case(**FULL)
def markdown_table() -> str:
    return "| 姓名 | 手机号 | 身份证号 | 产品 | 额度 |\n|---|---|---|---|---|\n" + "".join(
        "| " + " | ".join(row) + " |\n" for row in rows()
    )


@case(**FULL)
def sqlplus_table() -> str:
    head = "NAME                 PHONE                IDCARD               PRODUCT\n-------------------- -------------------- -------------------- ----------\n"
    return (
        head
        + "".join(f"{p.name:<20} {p.phone:<20} {p.identity:<20} {p.product}\n" for p in FOLK)
        + "\n40 rows selected.\n"
    )


@case(**FULL)
def mysql_vertical() -> str:
    return (
        "".join(
            f"*************************** {i + 1}. row ***************************\n    name: {p.name}\n  mobile: {p.phone}\n  idcard: {p.identity}\n    note: NULL\n"
            for i, p in enumerate(FOLK)
        )
        + f"{N} rows in set (0.01 sec)\n"
    )


@case(**FULL)
def psql_expanded() -> str:
    return "".join(
        f"-[ RECORD {i + 1} ]-----\nname  | {p.name}\nphone | {p.phone}\nidcard | {p.identity}\n"
        for i, p in enumerate(FOLK)
    )


@case(**FULL)
def labelled_blocks() -> str:
    return "\n".join(f"姓名：{p.name}\n电话：{p.phone}\n身份证：{p.identity}\n额度：{p.limit}\n" for p in FOLK)


@case(**FULL)
def labelled_blocks_without_gaps() -> str:
    return "".join(f"姓名: {p.name}\n手机: {p.phone}\n身份证号: {p.identity}\n" for p in FOLK)


@case(**FULL)
def labelled_blocks_with_holes() -> str:
    return "\n".join(
        f"姓名：{p.name}\n电话：{p.phone}\n" + (f"城市：{p.city}\n" if i % 2 else "") + f"身份证：{p.identity}\n"
        for i, p in enumerate(FOLK)
    )


@case(**FULL)
def labelled_lines() -> str:
    return "".join(f"姓名:{p.name},电话:{p.phone},身份证:{p.identity}\n" for p in FOLK)


@case(**FULL)
def labelled_lines_with_blanks() -> str:
    return "".join(f"姓名：{p.name} 电话：{p.phone} 身份证：{p.identity} 额度：{p.limit}\n" for p in FOLK)


@case(**FULL)
def query_strings() -> str:
    return "".join(f"name={p.name}&phone={p.phone}&idcard={p.identity}&limit={p.limit}\n" for p in FOLK)


@case(**FULL)
def free_text_in_any_order() -> str:
    ways = (
        "{n} {p} {i}",
        "{p}，{n}，{i}",
        "身份证{i} 电话{p} 姓名{n}",
        "{n}/{p}/{i}",
        "客户{n}，手机{p}，证件号：{i}。",
    )
    return "".join(ways[k % 5].format(n=p.name, p=p.phone, i=p.identity) + "\n" for k, p in enumerate(FOLK))


@case(names=N)
def free_text_with_spaced_phones() -> str:
    return "".join(f"{p.name} 电话 {p.phone[:3]} {p.phone[3:7]} {p.phone[7:]} 已打\n" for p in FOLK)


@case(**FULL)
def blocks_without_labels() -> str:
    return "\n".join(f"{p.name}\n{p.phone}\n{p.identity}\n" for p in FOLK)


@case(**FULL)
def numbered_lines() -> str:
    return "".join(f"{i + 1}. {p.name} {p.phone} {p.identity}\n" for i, p in enumerate(FOLK))


# --- JSON -------------------------------------------------------------------------------------------------------------
def record(p: Person) -> dict[str, object]:
    return {"name": p.name, "mobile": p.phone, "idCard": p.identity, "limit": int(p.limit)}


@case(**FULL)
def json_lines() -> str:
    return "".join(json.dumps(record(p), ensure_ascii=False) + "\n" for p in FOLK)


@case(**FULL)
def json_lines_escaped() -> str:
    return "".join(json.dumps(record(p)) + "\n" for p in FOLK)


@case(**FULL)
def json_array() -> str:
    return json.dumps([record(p) for p in FOLK], ensure_ascii=False)


@case(**FULL)
def json_array_indented() -> str:
    return json.dumps([record(p) for p in FOLK], ensure_ascii=False, indent=4)


@case(**FULL)
def json_objects_indented() -> str:
    return "\n".join(json.dumps(record(p), ensure_ascii=False, indent=2) for p in FOLK)


@case(**FULL)
def json_objects_on_one_line() -> str:
    return "".join(json.dumps(record(p), ensure_ascii=False) for p in FOLK)


@case(**FULL)
def json_envelope() -> str:
    return json.dumps(
        {"code": 0, "msg": "ok", "data": {"total": N, "list": [record(p) for p in FOLK]}}, ensure_ascii=False
    )


@case(**FULL)
def json_envelopes_a_line() -> str:
    return "".join(
        json.dumps({"code": 0, "data": {"list": [record(p) for p in FOLK[i : i + 8]]}}, ensure_ascii=False) + "\n"
        for i in range(0, N, 8)
    )


@case(**FULL)
def json_two_tables() -> str:
    return json.dumps(
        {"users": [record(p) for p in FOLK[:30]], "vips": [record(p) for p in FOLK[30:]]}, ensure_ascii=False
    )


@case(**FULL)
def json_nested() -> str:
    return json.dumps(
        [
            {"id": i, "user": {"name": p.name, "contact": {"phone": p.phone}}, "cert": {"no": p.identity}}
            for i, p in enumerate(FOLK)
        ],
        ensure_ascii=False,
    )


@case(records=N // 2, ids=0, names=N)
def json_with_contacts() -> str:
    pairs = zip(FOLK[::2], FOLK[1::2], strict=True)
    return "".join(
        json.dumps(
            {"name": a.name, "phone": a.phone, "contacts": [{"name": b.name, "phone": b.phone}]}, ensure_ascii=False
        )
        + "\n"
        for a, b in pairs
    )


@case(**FULL)
def json_rows_with_header() -> str:
    return json.dumps([list(HEADER), *rows()], ensure_ascii=False)


@case(**FULL)
def json_columns_and_data() -> str:
    return json.dumps({"columns": HEADER, "data": rows()}, ensure_ascii=False)


@case(**FULL)
def json_by_columns() -> str:
    return json.dumps({name: [row[i] for row in rows()] for i, name in enumerate(HEADER)}, ensure_ascii=False)


@case(**FULL)
def json_by_number() -> str:
    return json.dumps({str(i): record(p) for i, p in enumerate(FOLK)}, ensure_ascii=False)


@case(**FULL)
def json_mongo() -> str:
    return "".join(
        json.dumps(
            {
                "_id": {"$oid": f"{i:024x}"},
                "name": p.name,
                "phone": p.phone,
                "id": p.identity,
                "n": {"$numberInt": "5"},
            },
            ensure_ascii=False,
        )
        + "\n"
        for i, p in enumerate(FOLK)
    )


@case(**FULL)
def json_elastic() -> str:
    return "".join(
        json.dumps({"_index": "u", "_id": str(i), "_source": record(p)}, ensure_ascii=False) + "\n"
        for i, p in enumerate(FOLK)
    )


@case(**FULL)
def json_elastic_bulk() -> str:
    return "".join(
        json.dumps({"index": {"_index": "u", "_id": str(i)}}) + "\n" + json.dumps(record(p), ensure_ascii=False) + "\n"
        for i, p in enumerate(FOLK)
    )


@case(**FULL)
def json_trailing_comma() -> str:
    return "[\n" + "".join(json.dumps(record(p), ensure_ascii=False) + ",\n" for p in FOLK) + "]\n"


@case(**FULL)
def json_in_gb18030() -> bytes:
    return json.dumps([record(p) for p in FOLK], ensure_ascii=False).encode("gb18030")


@case(**FULL)
def json_script() -> str:
    return "var data = " + json.dumps([record(p) for p in FOLK], ensure_ascii=False) + ";\n"


# --- SQL --------------------------------------------------------------------------------------------------------------
def values(p: Person) -> str:
    return f"('{p.name}','{p.phone}','{p.identity}',{p.limit},NULL)"


@case(**FULL)
def mysqldump() -> str:
    return (
        "-- MySQL dump 10.13\n/*!40101 SET NAMES utf8 */;\nDROP TABLE IF EXISTS `user`;\nCREATE TABLE `user` (\n  `xm` varchar(20) DEFAULT NULL COMMENT '姓名',\n  `sjh` varchar(20),\n  `sfz` varchar(20),\n  `ed` int,\n  `bz` text,\n  KEY `a` (`xm`)\n) ENGINE=InnoDB;\nLOCK TABLES `user` WRITE;\n"
         "INSERT INTO `user` VALUES " + ",".join(map(values, FOLK)) + ";\nUNLOCK TABLES;\n"
    )  # fmt: skip


@case(**FULL)
def phpmyadmin() -> str:
    return "INSERT INTO `user` (`xm`, `sjh`, `sfz`, `ed`, `bz`) VALUES\n" + ",\n".join(map(values, FOLK)) + ";\n"


@case(**FULL)
def sql_a_statement_a_row() -> str:
    return "".join(f"insert into user(xm,sjh,sfz,ed,bz) values {values(p)};\n" for p in FOLK)


@case(**FULL)
def sql_server() -> str:
    return "USE [x]\nGO\nSET IDENTITY_INSERT [dbo].[user] ON\n" + "".join(
        f"INSERT [dbo].[user] ([id], [xm], [sjh], [sfz], [t]) VALUES ({i}, N'{p.name}', N'{p.phone}', N'{p.identity}', CAST(N'{p.applied}:00.000' AS DateTime))\n"
        + ("GO\n" if i % 10 == 9 else "")
        for i, p in enumerate(FOLK)
    )


@case(**FULL)
def sql_oracle() -> str:
    return "REM INSERTING into USERS\nSET DEFINE OFF;\n" + "".join(
        f"Insert into USERS (XM,SJH,SFZ,T) values ('{p.name}','{p.phone}','{p.identity}',to_date('{p.applied}','YYYY-MM-DD HH24:MI'));\n"
        for p in FOLK
    )


@case(**FULL)
def sql_insert_all() -> str:
    return (
        "INSERT ALL\n"
        + "".join(f"  INTO users (xm,sjh,sfz) VALUES ('{p.name}','{p.phone}','{p.identity}')\n" for p in FOLK)
        + "SELECT * FROM dual;\n"
    )


@case(**FULL)
def sql_union() -> str:
    return (
        "INSERT INTO users (xm,sjh,sfz)\n"
        + "\nUNION ALL\n".join(f"SELECT '{p.name}','{p.phone}','{p.identity}'" for p in FOLK)
        + ";\n"
    )


@case(**FULL)
def sql_set() -> str:
    return "".join(f"INSERT INTO users SET xm='{p.name}', sjh='{p.phone}', sfz='{p.identity}';\n" for p in FOLK)


@case(**FULL)
def pg_copy() -> str:
    return (
        "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\nCOPY public.users (id, name, phone, idcard, note) FROM stdin;\n"
        + "".join(f"{i}\t{p.name}\t{p.phone}\t{p.identity}\t\\N\n" for i, p in enumerate(FOLK)) + "\\.\n\n-- done\n"
    )  # fmt: skip


@case(**FULL)
def sql_two_tables() -> str:
    return (
        "INSERT INTO a (xm,sjh,sfz,x,y) VALUES "
        + ",".join(map(values, FOLK[:20]))
        + ";\nINSERT INTO b (n,p,i,x,y) VALUES "
        + ",".join(map(values, FOLK[20:]))
        + ";\n"
    )


@case(**FULL)
def sql_in_gbk() -> bytes:
    return ("INSERT INTO `user` VALUES " + ",".join(map(values, FOLK)) + ";\n").encode("gbk")


# --- pages, cards, XML ------------------------------------------------------------------------------------------------
def html_row(cells: Sequence[str], tag: str = "td") -> str:
    return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>\n"


@case(**FULL)
def html_table() -> str:
    return (
        "<html><head><meta charset=utf-8><style>td{}</style></head><body><h1>名单</h1><table>"
        + html_row(HEADER, "th")
        + "".join(map(html_row, rows()))
        + "</table></body></html>"
    )


@case(**FULL)
def html_unclosed() -> str:
    return "<table border=1><tr><td>姓名<td>手机<td>身份证\n" + "".join(
        f"<tr><td>{p.name}<td>{p.phone}<td>{p.identity}\n" for p in FOLK
    )


@case(**FULL)
def html_two_tables() -> str:
    return (
        "<html><body><table>"
        + html_row(HEADER, "th")
        + "".join(map(html_row, rows(FOLK[:20])))
        + "</table><p>x</p><table>"
        + html_row(HEADER, "th")
        + "".join(map(html_row, rows(FOLK[20:])))
        + "</table></body></html>"
    )


@case(**FULL)
def html_called_xls_in_gbk() -> bytes:
    return (
        "<html xmlns:x='urn:schemas-microsoft-com:office:excel'><head><meta http-equiv=Content-Type content='text/html; charset=gb2312'></head><body><table>"
        + html_row(HEADER)
        + "".join(map(html_row, rows()))
        + "</table></body></html>"
    ).encode("gbk")


@case(**FULL)
def excel_2003_xml() -> str:
    def row(cells: Sequence[str]) -> str:
        return "<Row>" + "".join(f'<Cell><Data ss:Type="String">{cell}</Data></Cell>' for cell in cells) + "</Row>\n"

    return (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n<Styles><Style ss:ID="a"/></Styles><Worksheet ss:Name="S"><Table>\n'
        + row(HEADER) + "".join(map(row, rows())) + "</Table></Worksheet></Workbook>"
    )  # fmt: skip


@case(**FULL)
def mysql_xml() -> str:
    return (
        '<?xml version="1.0"?>\n<mysqldump>\n<database name="x">\n<table_data name="user">\n'
        + "".join(
            f'<row>\n<field name="xm">{p.name}</field>\n<field name="sjh">{p.phone}</field>\n<field name="sfz">{p.identity}</field>\n</row>\n'
            for p in FOLK
        )
        + "</table_data>\n</database>\n</mysqldump>\n"
    )


@case(**FULL)
def plain_xml() -> str:
    return (
        '<?xml version="1.0" encoding="UTF-8"?><RECORDS>'
        + "".join(f"<RECORD><name>{p.name}</name><phone>{p.phone}</phone><id>{p.identity}</id></RECORD>" for p in FOLK)
        + "</RECORDS>"
    )


@case(names=N)
def vcards() -> str:
    return "".join(
        f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{p.name}\r\nN:{p.name[0]};{p.name[1:]};;;\r\nTEL;TYPE=CELL:{p.phone}\r\nEND:VCARD\r\n"
        for p in FOLK
    )


@case(names=N)
def vcards_quoted_printable() -> str:
    def quoted(text: str) -> str:
        return "".join(f"={byte:02X}" for byte in text.encode())

    return "".join(
        f"BEGIN:VCARD\nVERSION:2.1\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;{quoted(p.name)};;;\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:{quoted(p.name)}\nTEL;CELL:{p.phone[:3]}-{p.phone[3:7]}-{p.phone[7:]}\nEND:VCARD\n"
        for p in FOLK
    )
