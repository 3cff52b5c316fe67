"""What can be said of a single cell, each as one Boolean expression."""

from __future__ import annotations

import polars as pl

from tracer.identifiers import account, bank_card, email, national_id, person_name, phone, value
from tracer.identifiers.text import tidy

_PROVINCE = "(?:" + "|".join(national_id.PROVINCES) + ")"
_SEXES = ["男", "女", "男性", "女性", "先生", "女士", "m", "f", "male", "female", "man", "woman", "0", "1", "2"]
_PRODUCT = r"贷|借|分期|白条|花呗|额度|保险|险$|信用卡|理财|基金|融|(?i:loan|credit|insur)"
_STREET = r"(?:路|街|道|巷|弄|里|村|镇|乡|小区|花园|大厦|广场|栋|幢|单元|室|组|号|省.+市|市.+[区县])"
_CITIES = (
    "北京 上海 天津 重庆 河北 山西 辽宁 吉林 黑龙江 江苏 浙江 安徽 福建 江西 山东 "
    "河南 湖北 湖南 广东 海南 四川 贵州 云南 陕西 甘肃 青海 台湾 内蒙古 广西 西藏 "
    "宁夏 新疆 香港 澳门 广州 深圳 杭州 南京 苏州 成都 武汉 西安 长沙 郑州 青岛 "
    "宁波 东莞 佛山 合肥 济南 沈阳 大连 厦门 福州 昆明 无锡 哈尔滨 长春 石家庄 南宁 "
    "南昌 太原 贵阳 兰州 海口 乌鲁木齐 银川 西宁 呼和浩特 拉萨 泉州 温州 常州 徐州 "
    "珠海 中山 惠州 烟台 洛阳"
)
_PLACE = r"^\p{Han}{2,12}(?:省|市|区|县|州|盟|旗)$|^(?:" + "|".join(_CITIES.split()) + ")"
_HIDDEN = r"[*#x●•.?_ -]*"
_ANONYMOUS = "(?:[*x×某○]{1,3}|先生|女士|小姐)"

_cell, _text, _number, _moment = pl.col("cell"), pl.col("text"), pl.col("number"), pl.col("moment")

BASES: dict[str, pl.Expr] = {
    "text": tidy(_cell).str.to_lowercase(),
    "number": value.number(_cell),
    "moment": value.moment(_cell),
    "phone": phone.valid(_cell),
    "masked_phone": phone.normalise_masked(_cell).is_not_null(),
    "national_id": national_id.valid(_cell),
    "masked_id": national_id.normalise_masked(_cell).is_not_null(),
    "email": email.valid(_cell),
    "bank_card": bank_card.valid(_cell),
    "name": person_name.valid(_cell),
    "account": account.valid(_cell),
}
"""What is worked out once for every cell, and what the traits are made of."""
_digits = _text.str.contains(r"^[0-9]+$")

TRAITS: dict[str, pl.Expr] = {
    "phone": pl.col("phone"),
    "like_phone": _text.str.replace_all(r"[\s-]", "").str.contains(r"^(?:\+?86)?1[0-9]{9,11}$"),
    "masked_phone": pl.col("masked_phone"),
    "national_id": pl.col("national_id"),
    "like_id": _text.str.contains(r"^[1-9][0-9]{5}(?:19|20)[0-9]{8,9}[0-9x]$"),
    "masked_id": pl.col("masked_id") & ~pl.col("masked_phone"),
    "email": pl.col("email"),
    "bank_card": pl.col("bank_card") & ~pl.col("national_id"),
    "like_card": _text.str.replace_all(r"[\s-]", "").str.contains(r"^[3-9][0-9]{14,18}$"),
    "name": pl.col("name"),
    "phone_piece": _text.str.contains(rf"^1[3-9][0-9]{_HIDDEN}[0-9]{{4}}$|^{_HIDDEN}[0-9]{{4}}$|^1\.[0-9]+e\+?10$"),
    "id_piece": _text.str.contains(
        rf"^[1-9][0-9]{{5}}{_HIDDEN}[0-9]{{3}}[0-9x]$|^{_HIDDEN}[0-9]{{3}}[0-9x]$|^[1-9]\.[0-9]+e\+?17$"
    ),
    "like_name": _text.str.contains(
        rf"^\p{{Han}}{{2,4}}$|·|^\p{{Han}}{{1,2}}{_ANONYMOUS}$|^\p{{Latin}}+(?:[ ,]\p{{Latin}}+){{0,3}}$"
    ),
    "account": pl.col("account") & _text.str.contains(r"[a-z]") & ~_text.str.contains(r"\*"),
    "sex": _text.is_in(_SEXES),
    "address": _text.str.contains(r"\p{Han}") & (_text.str.len_chars() >= 6) & (_text.str.count_matches(_STREET) >= 1),
    "place": _text.str.contains(_PLACE) & (_text.str.len_chars() <= 12),
    "division": _text.str.contains(rf"^{_PROVINCE}[0-9]{{4}}$"),
    "product": _text.str.contains(_PRODUCT) & (_text.str.len_chars() <= 20),
    "short": _text.str.len_chars() <= 20,
    "han": _text.str.contains(r"\p{Han}"),
    "spoken": _text.str.contains(r"[\p{L}]+\s+[\p{L}]+"),
    "code": _text.str.contains(r"^[a-z0-9_./-]+$") & _text.str.contains("[0-9a-z]"),
    "long_hex": _text.str.contains(r"^[0-9a-f]{32,128}$"),
    "moment": _moment.is_not_null(),
    "clock": (_moment.dt.hour() != 0) | (_moment.dt.minute() != 0),
    "born": _moment.dt.year().is_between(1925, 2012),
    "long_ago": _moment.dt.year() < 2008,
    "number": _number.is_not_null(),
    "digits": _digits,
    "long_digits": _digits & (_text.str.len_bytes() >= 10),
    "small": _number.is_between(0, 9) & _digits,
    "age": _number.is_between(0, 120) & _digits,
    "adult": _number.is_between(16, 99),
    "hundreds": _number % 100 == 0,
    "thousands": _number % 1000 == 0,
    "serial": _number.is_between(36_526, 73_050),  # days from 2000 to 2099
    "epoch": _number.is_between(1e9, 2e9) | _number.is_between(1e12, 2e12),
    "lately": _number.is_between(1.26e9, 2e9) | _number.is_between(1.26e12, 2e12),  # from 2010 on
}
"""Trait → whether a cell has it, over `cell` and the `BASES`."""
