"""The words an invented world is made of: surnames and given names, cities, number heads, products, platforms.

Single words are real, for a reader must take them for what they are; who bears them together is drawn by chance. The
platforms are animals nobody would borrow from.
"""

from __future__ import annotations

from typing import Final

SURNAMES: Final = (
    *"王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔",
    *"钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤",
    *("欧阳", "上官", "司马", "诸葛", "皇甫", "尉迟"),
)
"""Commonest first, roughly; chance falls off with the rank."""

MALE: Final = (
    *"伟强磊军勇涛超明刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁",
    *"龙林阳建国志文海东晨杰峰亮成康毅博诚振立新庆世家豪子轩",
)
FEMALE: Final = (
    *"芳娜敏静丽艳娟霞秀燕玲桂兰红梅洁莉丹萍颖琳雪晶倩婷慧",
    *"莹璐佳怡欣悦蕾薇瑶菲月凤琴云秋春玉雅思梦诗涵紫若可晓",
)

CITIES: Final = (
    (110101, "北京市"), (110105, "北京市"), (120101, "天津市"), (130102, "石家庄市"), (130203, "唐山市"),
    (140105, "太原市"), (150102, "呼和浩特市"), (210102, "沈阳市"), (210202, "大连市"), (220102, "长春市"),
    (230102, "哈尔滨市"), (310101, "上海市"), (310115, "上海市"), (320102, "南京市"), (320505, "苏州市"),
    (330102, "杭州市"), (330203, "宁波市"), (340102, "合肥市"), (350102, "福州市"), (350203, "厦门市"),
    (360102, "南昌市"), (370102, "济南市"), (370202, "青岛市"), (410102, "郑州市"), (410305, "洛阳市"),
    (420102, "武汉市"), (420106, "武汉市"), (430102, "长沙市"), (440103, "广州市"), (440106, "广州市"),
    (440304, "深圳市"), (440305, "深圳市"), (440605, "佛山市"), (450102, "南宁市"), (460105, "海口市"),
    (500103, "重庆市"), (510104, "成都市"), (510107, "成都市"), (520102, "贵阳市"), (530102, "昆明市"),
    (610102, "西安市"), (620102, "兰州市"), (630102, "西宁市"), (640104, "银川市"), (650102, "乌鲁木齐市"),
)  # fmt: skip
"""District code (GB/T 2260) and the city it lies in."""

HEADS: Final = (
    *range(130, 140), *range(145, 150), 150, 151, 152, 153, *range(155, 160), 166, 173, *range(175, 179),
    *range(180, 190), 190, 191, 193, 195, 196, 197, 198, 199,
)  # fmt: skip
"""First three digits of mainland mobile numbers that people have."""

PRODUCTS: Final = (
    "消费贷", "信用贷", "公积金贷", "工薪贷", "装修贷", "小微贷", "商户贷", "车抵贷", "助学贷", "保单贷", "薪易贷",
    "随心借", "闪电贷", "教育分期", "租房分期",
)  # fmt: skip

PLATFORMS: Final = (
    "huadai", "shuitadai", "ciweidai", "kedoudai", "pangxiedai", "bianfudai", "tihudai", "hetundai", "bihudai",
    "zhangyudai", "shuimudai", "haixingdai", "yanchidai", "qiuyindai", "banlingdai", "haishidai", "luotuodai",
    "yingwudai", "shanquedai", "zonglvdai", "muerdai", "caitoudai", "mianshandai", "xiaqiedai", "gehuadai",
)  # fmt: skip
"""Names of invented platforms, in the order they are given out."""
