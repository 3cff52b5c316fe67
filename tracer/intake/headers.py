"""The names that leaked tables give their columns, in Chinese, English, pinyin and initials."""

from __future__ import annotations

import re

from tracer.identifiers.amount import without_unit
from tracer.intake.interface import Role

HEADERS: dict[Role, str] = {
    Role.NAME: (
        "姓名 客户姓名 真实姓名 用户姓名 借款人 借款人姓名 联系人 收件人 收货人 客户名称 户名 名字 持卡人 "
        "申请人 投保人 name realname truename custname customername fullname username_cn username_real xm "
        "xingming kehuxingming contactname"
    ),
    Role.PHONE: (
        "手机 手机号 手机号码 电话 电话号码 联系电话 联系方式 移动电话 注册手机 注册手机号 手机1 phone mobile "
        "tel telephone cellphone mobilephone phonenumber mobileno phoneno phonenum sjh shouji shoujihao "
        "dianhua dh lxdh sj"
    ),
    Role.MASKED_PHONE: (
        "手机尾号 手机号尾号 电话尾号 尾号 手机后四位 手机号后四位 脱敏手机 脱敏手机号 手机号脱敏 掩码手机 "
        "maskedphone phonemask mobilemask"
    ),
    Role.NATIONAL_ID: (
        "身份证 身份证号 身份证号码 证件号 证件号码 公民身份号码 身份证件号码 idcard idno idnumber idcardno "
        "certno certid identity identityno nationalid sfz sfzh sfzhm shenfenzheng zjh zjhm"
    ),
    Role.MASKED_ID: "证件尾号 身份证尾号 身份证后四位 脱敏身份证 身份证脱敏 maskedid idmask",
    Role.EMAIL: "邮箱 电子邮箱 电子邮件 邮件 email mail emailaddress yx youxiang",
    Role.BANK_CARD: (
        "银行卡 银行卡号 卡号 还款卡号 收款卡号 bankcard cardno bankcardno cardnumber bankno bankaccount yhk "
        "yhkh yinhangka kh"
    ),
    Role.ACCOUNT: (
        "用户名 账号 帐号 账户 商户用户名 商户 会员名 登录名 用户id 用户编号 用户号 客户编号 客户号 客户id 会员号 "
        "会员id qq qq号 微信 微信号 昵称 username account user userid userno uid login loginname nickname memberid "
        "memberno merchant custno custid customerid customerno yhm zhanghao zh"
    ),
    Role.ADDRESS: (
        "地址 住址 家庭住址 家庭地址 居住地址 联系地址 收货地址 详细地址 单位地址 户籍地址 address addr "
        "homeaddress dz dizhi zhuzhi"
    ),
    Role.REGION: (
        "城市 地区 省份 省 市 区县 归属地 户籍地 所在地 行政区划 行政区划代码 地区代码 city region province "
        "district area areacode citycode adcode cs chengshi sf shengfen dq"
    ),
    Role.SEX: "性别 sex gender xb xingbie",
    Role.AGE: "年龄 岁数 age nl nianling",
    Role.BIRTH_DATE: "出生日期 生日 出生年月 出生年月日 birthdate birthday dob birth csrq shengri",
    Role.PRODUCT: (
        "产品 贷款产品 信贷产品 产品名称 产品类型 贷款类型 业务类型 借款产品 product productname loantype "
        "loanproduct cp chanpin"
    ),
    Role.AMOUNT: (
        "借款金额 金额 在贷余额 余额 贷款余额 待还金额 放款金额 贷款金额 欠款 欠款金额 应还金额 本金 待还本金 剩余本金 "
        "未还本金 amount balance outstanding outstandingbalance principal loanamount money debt je jine ye yue"
    ),
    Role.LIMIT: (
        "额度 授信额度 额度信息 信用额度 贷款额度 可用额度 审批额度 授信金额 limit creditlimit creditline creditamount "
        "quota ed edu sxed shouxinedu"
    ),
    Role.DATE: "日期 申请日期 放款日期 到期日 还款日 到期日期 注册日期 date applydate loandate duedate rq riqi",
    Role.DATETIME: (
        "时间 进件时间 申请时间 放款时间 注册时间 创建时间 更新时间 登录时间 录入时间 time datetime "
        "createtime createdat updatetime applytime applied timestamp addtime sj_time sqsj jjsj shijian"
    ),
    Role.CODE: (
        "编号 序号 代码 编码 订单号 合同号 合同编号 流水号 状态 邮编 id no code orderno contractno serial "
        "status seq bh xh bianhao"
    ),
    Role.OTHER: (
        "收入 月收入 年收入 工资 月薪 年薪 薪资 资产 总资产 负债 学历 教育程度 文化程度 婚姻 婚姻状况 职业 行业 民族 "
        "芝麻分 芝麻信用 芝麻信用分 信用分 信用评分 评分 信用等级 风险等级 "
        "护照 护照号 护照号码 社保号 社保卡号 社保账号 公积金账号 医保卡号 学号 考号 驾照号 驾驶证号 档案编号 "
        "签发日期 发证日期 领证日期 有效期 有效期限 入网时间 入网日期 入网时长 在网时长 套餐 "
        "车牌 车牌号 车牌号码 号牌号码 车架号 车架号码 车辆识别代号 发动机号 发动机号码 车型 品牌型号 厂牌型号 车价 "
        "初登日期 初次登记日期 登记日期 上牌日期 上牌时间 统一社会信用代码 信用代码 成立日期 注册资本 "
        "income monthlyincome annualincome salary wage assets education marital maritalstatus occupation "
        "score creditscore creditrating passport passportno ssn socialsecurity vin plate plateno licenseplate "
        "imei imsi idfa oaid androidid deviceid mac macaddress"
    ),
    Role.TEXT: "备注 说明 单位 公司 工作单位 remark note comment memo company job bz beizhu",
}
"""Role → its known names, parted by blanks; compared without case, `_`, `-` and blanks."""

_JOINING = (
    "进件", "注册", "开户", "入会", "加入", "建档", "开通", "首次", "joined", "join_", "signup", "sign_up", "register",
    "created", "create_time", "opened", "zhuce", "jinjian",
)  # fmt: skip
"""What headers of columns that say when a customer joined tend to contain."""
_ANOTHER_DAY = (
    "车", "企业", "公司", "单位", "法人", "登记", "领证", "证件", "驾", "卡", "手机", "号码", "入网",
    "vehicle", "car_", "company", "corp", "licen", "card", "sim_", "plate",
)  # fmt: skip
"""What such headers hold where it is a car, a company, a card or a number that was registered then."""
_SAYS_NOTHING = (
    "本次 当前 现有 可用 剩余 最高 最大 最近 上次 末次 实际 平台 系统 申请 审批 批复 合同 订单 借款 贷款 放款 授信 "
    "信贷 用户 客户 会员 商户 账户 在贷 待还 未还 应还 "
    "current available remaining max last user customer member apply loan credit"
)
"""Words before a known name that leave it this platform's: not a card's limit, nor a loan's product elsewhere."""
_LENDING = ("申请", "进件", "放款", "借款", "授信", "apply", "loan")
"""What headers of days hold on which somebody asked this platform for something, or got it."""
_EMPLOYERS = ("单位", "公司", "employer", "company", "job")
"""How headers of columns that say where somebody works end."""

_TRIM = re.compile(r"[\s_\-.*:：（）()\[\]【】\"'`\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_TAIL = re.compile(r"\d{1,2}$")
_NO_WORD = re.compile(r"^[\W\d_]+")


def _fold(header: str) -> str:
    return _TRIM.sub("", header.strip().casefold())


_KNOWN = {_fold(name): role for role, known in HEADERS.items() for name in known.split()}


def hinted(header: str) -> Role | None:
    """The role a column name suggests, or None where the name is not known."""
    folded = _fold(header)
    role = _KNOWN.get(folded) or _KNOWN.get(_TAIL.sub("", folded)) or _KNOWN.get(_fold(without_unit(header)))
    if role is None and len(folded) <= 12:
        # 借款人手机号码, 第二联系人电话: the last noun of a Chinese compound is its head.
        for start in range(1, len(folded) - 1):
            role = role or _KNOWN.get(folded[start:]) if not folded[start:].isascii() else role
    return role


def transaction(header: str) -> Role | None:
    """What a column name says of this platform and its customer (a limit, a product, a user name …), or None.

    Of compounds only those count whose first words say nothing of their own: an available limit is the platform's, a
    credit card's limit is not.
    """
    folded = _NO_WORD.sub("", _TAIL.sub("", _fold(without_unit(header))))
    while folded not in _KNOWN:
        begun = next((word for word in _SAYS_NOTHING.split() if folded.startswith(word)), None)
        if begun is None:
            return None
        folded = folded.removeprefix(begun)
    return _KNOWN[folded]


def lending(header: str) -> bool:
    """Whether a column name suggests the day on which somebody asked this platform for something, or got it."""
    return _is_day_of(header, _LENDING)


def personal(header: str) -> bool:
    """Whether a column name suggests what is a person's own: circumstances, papers, scores, devices, cars, companies.

    Whoever asks is told the same.
    """
    return hinted(header) is Role.OTHER or _fold(header).endswith(_EMPLOYERS)


def joining(header: str) -> bool:
    """Whether a column name suggests the time at which a customer joined."""
    return _is_day_of(header, _JOINING)


def _is_day_of(header: str, words: tuple[str, ...]) -> bool:
    written = header.lower()
    return any(word in written for word in words) and not any(word in written for word in _ANOTHER_DAY)
