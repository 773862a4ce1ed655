"""Headers of foreign files -> the fields that they mean, per kind of record, in English and Chinese."""

import re
from typing import NamedTuple
from unicodedata import normalize

from crm_cli.rules.currencies import is_currency
from crm_cli.rules.fields import SCORED, find_field
from crm_cli.rules.header_words import (
    BESIDE,
    CONTACTS,
    CUSTOMER,
    CUSTOMER_KEY,
    DEAL,
    EXTERNAL,
    NOTE,
    OWNER,
    PERSON,
    SHARED,
    SOURCE,
    TAGS,
)
from crm_cli.rules.sales_words import ORDERS, PRODUCTS

KINDS = {
    "customers": "customer",
    "contacts": "contact",
    "deals": "deal",
    "interactions": "interaction",
    "tasks": "task",
    "orders": "order",
    "products": "product",
}


class Target(NamedTuple):
    """The field that a header means, the label of a way to reach somebody, and its rank among headers of one field."""

    field: str
    label: str = ""
    rank: int = 0


# A word of these at the head of a header only repeats what kind of record it is: `Deal - Value`, `Account Industry`.
_PREFIXES = {
    "customers": (
        "customer",
        "account",
        "company",
        "organization",
        "organisation",
        "lead",
        "client",
        "billing",
        "客户",
    ),
    "contacts": ("contact", "person", "lead", "mailing", "联系人"),
    "deals": ("deal", "opportunity", "oppty", "商机"),
    "interactions": ("interaction", "activity", "call", "event", "跟进"),
    "tasks": ("task", "activity", "todo", "任务"),
    "orders": ("order", "invoice", "salesorder", "订单"),
    "products": ("product", "item", "产品", "商品"),
}

# Fields of a kind -> headers, best first: where two headers of a file mean one field, the better one is asked first.
_ALIASES: dict[str, dict[str, str]] = {
    "customers": PERSON
    | SHARED
    | BESIDE
    | {
        "name": "name 名称 firma firmenname unternehmen"
        " customername companyname company accountname account organizationname organisationname"
        " organization organisation businessname clientname client firm customer 客户名称 客户名 公司名称 公司"
        " 公司名 企业名称"
        " 企业 单位名称 单位 机构名称 线索名称 客户 fullname displayname leadname 客户姓名 姓名",
        "kind": "kind customertype accounttype isacompany 类型 客户类型 客户性质",
        "status": "status leadstatus customerstatus accountstatus lifecyclestage 状态 客户状态 成交状态 客户阶段"
        " 线索进度 跟进状态 跟进阶段 stage leadstage customerstage 阶段 销售阶段",
        "parent": "parent parentaccount parentcompany parentorganization parentname parentid parentaccountid"
        " relatedcompany 上级公司 上级客户 母公司",
        "referred_by": "referredby referrer introducedby 推荐人 介绍人 转介绍人",
        "industry": "industry sector vertical businesssegment branche 行业 客户行业 所属行业",
        "size": "size employees numberofemployees noofemployees employeecount companysize headcount staff 规模 员工数"
        " 员工人数 人员规模 公司规模 企业规模 人数",
        "region": "region state province stateregion stateprovince billingaddressstateprovince addressregion territory"
        " businessstate bundesland 地区 区域 大区 所在地区 所在省份 所在省 省 省份",
        "country": "country countryregion billingaddresscountryregion addresscountryregion addresscountry nation"
        " businesscountry businesscountryregion land 国家 国家地区 所在国家",
        "city": "city town billingaddresscity addresscity businesscity ort stadt 城市 市 所在城市",
        "address": "address street anschrift strasse"
        " streetaddress fulladdress address1 addressline1 billingaddressstreet businessstreet"
        " 地址 详细地址 联系地址 公司地址 办公地址 街道",
        "source": SOURCE,
        "language": "language preferredlanguage 语言",
        "cadence_days": "cadencedays cadence contactfrequency 联系周期 跟进周期",
        "owner": OWNER,
        "tags": TAGS,
        "note": NOTE,
        "external_id": f"{EXTERNAL} customerid customernumber customerno accountid leadid 客户编号 客户id",
    },
    "contacts": PERSON
    | SHARED
    | {
        "name": "name fullname contactname contact personname person displayname fileas 姓名 联系人姓名 联系人"
        " 联系人名称"
        " 客户姓名 名称 名字",
        "customer": CUSTOMER,
        "customer_key": CUSTOMER_KEY,
        "title": "jobtitle organizationtitle organization1title title position designation occupation 职位 职务"
        " 职称 岗位",
        "role": "role buyingrole contactrole 角色 决策角色",
        "tags": TAGS,
        "note": NOTE,
        "external_id": f"{EXTERNAL} contactid personid 联系人编号",
    },
    "deals": SHARED
    | {
        "title": "title dealname dealtitle opportunityname name deal opportunity subject projectname project"
        " 商机名称 商机"
        " 项目名称 机会名称 交易名称 标题 名称",
        "customer": CUSTOMER,
        "customer_key": CUSTOMER_KEY,
        "contacts": CONTACTS,
        "stage": "stage dealstage stagename salesstage pipelinestage stagepipeline 阶段 商机阶段 销售阶段",
        "pipeline": "pipeline pipelinename salesprocess salespipeline 销售流程 商机状态组",
        "status": "status dealstatus 状态 商机状态",
        "amount": "amount value dealvalue dealamount closevalue totalamount price dealsize 金额 商机金额 预计金额"
        " 预计销售金额 合同金额 成交金额 销售金额",
        "currency": "currency currencycode currencyofvalue currencyisocode dealcurrency 币种 货币",
        "probability": "probability winprobability probabilitypercent likelihood chance 概率 可能性 赢率 成交概率",
        "expected_close_on": "expectedcloseon expectedclosedate expectedclose expectedclosingdate estimatedclosedate"
        " estimatedclose forecastclosedate 预计成交 预计成交日期 预计成交时间 预计结单日期",
        "closed_on": "closedon closeddate closedat actualclosedate wontime wondate losttime lostdate 关闭日期 成交日期"
        " 成交时间 赢单日期 输单日期",
        "close_on": "closedate closingdate dealclosedate 结单日期 结束时间",
        "opened_on": "openedon opened opendate openeddate startdate engagedate 开始日期 立项日期",
        "source": SOURCE,
        "risk": "risk risks 风险",
        "product": "product productname products productinterest item 产品 产品名称 意向产品 商品 商品名称",
        "lost_reason": "lostreason reasonlost closedlostreason reasonforloss lossreason 丢单原因 输单原因 失败原因",
        "owner": OWNER,
        "tags": TAGS,
        "external_id": f"{EXTERNAL} dealid opportunityid 商机编号 业务编码",
    },
    "interactions": SHARED
    | {
        "correspondents": "correspondents",  # of letters and appointments: see imports/correspondents.py
        "channel": "channel type activitytype interactiontype kind medium method 渠道 跟进方式 跟进类型 沟通方式"
        " 方式 类型",
        "direction": "direction calldirection 方向 呼叫方向",
        "at": "at when date datetime time activitydate calldate callstarttime starttime start timestamp occurredat"
        " happenedon 时间 日期 跟进时间 跟进日期 联系时间 沟通时间 拜访时间 回访时间",
        "text": "text content notecontent body note notes details description summary message comment comments subject"
        " notetitle 内容 跟进内容 跟进记录 沟通内容 详情 备注 客户反馈",
        "outcome": "outcome result callresult disposition 结果 跟进结果",
        "duration_minutes": "durationminutes duration minutes callduration 时长 通话时长",
        "customer": CUSTOMER,
        "customer_key": CUSTOMER_KEY,
        "contacts": CONTACTS,
        "deal": DEAL,
        "deal_key": "dealid opportunityid dealnameid 商机编号",
        "owner": OWNER,
        "external_id": f"{EXTERNAL} interactionid activityid callid noteid",
    },
    "tasks": SHARED
    | {
        "correspondents": "correspondents",
        "text": "text task subject title tasksubject taskname name todo what 任务 任务名称 任务内容 标题 主题"
        " 内容 待办",
        "due_on": "dueon due duedate deadline date dueby enddate remindon 截止日期 截止时间 到期日 到期时间"
        " 到期日期 提醒日期"
        " 提醒时间 下次联系时间 下次跟进时间",
        "due_at": "dueat duetime 约定时间",
        "priority": "priority importance urgency 优先级 紧急程度",
        "every": "every repeat recurrence recurring 重复",
        "done_at": "doneat done completedat completedon completed completeddate datecompleted closedtime finished"
        " 完成时间 完成日期",
        "status": "status taskstatus 状态 任务状态",
        "customer": CUSTOMER,
        "customer_key": CUSTOMER_KEY,
        "deal": DEAL,
        "deal_key": "dealid opportunityid dealnameid 商机编号",
        "owner": OWNER,
        "external_id": f"{EXTERNAL} taskid activityid",
    },
}

_ALIASES |= {"orders": ORDERS, "products": PRODUCTS}

_LABELS = {
    "work": "work business office direct 工作 办公 单位 公司 企业",
    "home": "home private personal 家庭 家 个人 私人",
    "mobile": "mobile cell 手机 移动",
    "main": "main primary companymain general 主 总机",
    "other": "other secondary second alternate alternative additional car 其他 备用 第二",
}
_LABEL_OF = {word: label for label, words in _LABELS.items() for word in words.split()}
_LABEL = "|".join(sorted(_LABEL_OF, key=len, reverse=True))
_MAIL = "(?:电子邮箱|电子邮件|邮箱|邮件|emails?|mail)(?:address|地址)?"
_MOBILE = (
    "mobiltelefon|handynummer|handy|mobilephonenumber|mobilenumber|mobilephone|mobile|cellphonenumber|cellphone|cellular|cell|"
    "移动电话|手机号码|手机号|手机"
)
_FIXED = (
    "phonenumbers?|phones?|telephonenumber|telephone|telefonnummer|telefon|telno|tel|"
    "联系电话|电话号码|固定电话|座机|电话"
)
_REACH: list[tuple[str, "re.Pattern[str]"]] = [
    ("email", re.compile(f"({_LABEL})?{_MAIL}[0-9]?(?:value|address)?({_LABEL})?")),
    ("mobile", re.compile(f"({_LABEL})?(?:{_MOBILE})[0-9]?(?:value)?({_LABEL})?")),
    ("phone", re.compile(f"({_LABEL})?(?:{_FIXED})[0-9]?(?:value)?({_LABEL})?")),
    (
        "website",
        re.compile(
            "(?:公司|company)?(?:websites?|websiteurl|webpage|web|homepage|url|domain|domainname|网址|网站|官网|主页)"
            "[0-9]?(?:value)?()()"
        ),
    ),
]
_MESSENGERS = {
    "wechat": "wechat wechatid weixin 微信 微信号",
    "whatsapp": "whatsapp whatsappnumber",
    "telegram": "telegram",
    "qq": "qq qq号 qq号码",
    "skype": "skype skypeid skypename",
    "linkedin": "linkedin linkedinurl linkedinprofile",
    "line": "line lineid",
}
_OF_CONTACT = re.compile("(?:primary|main|key)?contact(?:person)?s?|(?:主要|首要)?联系人(?:的)?|对接人")
_OF_COMPANY = ("company", "account", "organization", "organisation", "main", "公司", "单位", "企业", "客户", "总机")
_COMPANY = {*CUSTOMER.split(), "firm"} - {"客户", "relatedto", "customer", "customername", "client", "clientname"}
_MESSENGER_OF = {word: label for label, words in _MESSENGERS.items() for word in words.split()}
# Public keys that stand for a way to reach somebody, and those that are computed: an import never sets these.
_REACH_KEYS = {
    "email": "email",
    "emails": "email",
    "phone": "phone",
    "phones": "phone",
    "website": "website",
    "websites": "website",
    "messengers": "messenger",
}
COMPUTED = {
    "customers": "id uuid parent_id last_contact_on next_task_on open_deals won open won_amount open_amount currency"
    " removed_at".split(),
    "contacts": "id uuid customer_id last_contact_on".split(),
    "deals": "id uuid customer_id weighted next_step next_step_on last_touch_on days_in_stage".split(),
    "interactions": "id uuid customer_id deal_id".split(),
    "tasks": "id uuid customer_id deal_id".split(),
    "orders": "id uuid customer_id deal_id margin".split(),
    "products": "id uuid".split(),
}
COMPUTED["customers"] += [field.key for field in SCORED]  # a column `revenue` of another program is a field of its own
COMPUTED["deals"].append("slips")
_tables: dict[str, dict[str, Target]] = {}


def normal(header: str) -> str:
    """A header blind to case, width, spaces and punctuation: `E-mail *` and `ｅＭａｉｌ` are both `email`."""
    return "".join(sign for sign in normalize("NFKC", header).casefold() if sign.isalnum())


def aliases(kind: str) -> dict[str, Target]:
    """Normal header -> what it means for this kind."""
    if kind not in _tables:
        _tables[kind] = {
            normal(word): Target(field, rank=rank)
            for field, words in reversed(_ALIASES[kind].items())
            for rank, word in reversed(list(enumerate(words.split())))
        }
    return _tables[kind]


def fields_of(kind: str) -> list[str]:
    """What a header of this kind can be mapped to."""
    own = [field for field in _ALIASES[kind] if field not in ("customer_key", "deal_key", "close_on", "correspondents")]
    reach = {
        "customers": ["email", "phone", "website", "messenger", "contact_email", "contact_phone"],
        "contacts": ["email", "phone"],
    }.get(kind, [])
    return sorted({*own, *reach, "custom"})


def target_of(kind: str, header: str) -> Target | None:
    """What a header means for this kind of record; None when nobody answers to it.

    A public key, its short name and its Chinese name always count; a computed one comes back as itself.
    """
    plain = normal(header)
    known = aliases(kind)
    field = find_field(KINDS[kind], header)
    if field is not None and field.key not in COMPUTED[kind]:
        if field.key in _REACH_KEYS:
            return reach_of(kind, plain) or Target(_REACH_KEYS[field.key])
        return Target(field.key, rank=known[plain].rank if plain in known and known[plain].field == field.key else 0)
    if plain in known:
        return known[plain]
    if field is not None:
        return Target(field.key)
    if kind == "products" and (priced := _priced(plain)):
        return priced
    return (
        reach_of(kind, plain) or (_of_contact(plain) if kind == "customers" else None) or _without_prefix(kind, plain)
    )


def _priced(plain: str) -> Target | None:
    """`Price EUR`, `Unit Price (USD)`: a price with its currency as the label."""
    code = plain[-3:].upper()
    known = aliases("products").get(plain[:-3].removesuffix("in"))
    return Target("price", code) if is_currency(code) and known is not None and known.field == "price" else None


def _of_contact(plain: str) -> Target | None:
    """`Contact Phone`, 联系人手机, 联系人邮箱 of a file of customers: how the person there is reached."""
    head = _OF_CONTACT.match(plain)
    found = reach_of("customers", plain[head.end() :]) if head else None
    if found is None or found.field not in ("email", "phone"):
        return found
    return found._replace(field=f"contact_{found.field}")


def is_of_company(header: str) -> bool:
    """Whether a header says that a phone or e-mail is that of the company: 公司电话, `Company Phone`, 总机."""
    return normal(header).startswith(_OF_COMPANY)


def names_companies(header: str) -> bool:
    """Whether a header names companies, so that the names of people beside it are not those of the customers."""
    return normal(header) in _COMPANY


def label_of(word: str) -> str:
    """The label that a word of another system stands for: `Mobile Phone`, 公司; empty where there is none for it."""
    plain = normal(word)
    return _LABEL_OF.get(plain) or next((label for part, label in _LABEL_OF.items() if plain.startswith(part)), "")


def names_people(header: str) -> bool:
    """Whether a header names customers as people: 姓名, `Full Name`."""
    return normal(header) in ("姓名", "客户姓名", "fullname")


def _without_prefix(kind: str, plain: str) -> Target | None:
    for prefix in _PREFIXES[kind]:
        rest = plain.removeprefix(prefix)
        if rest != plain and rest:
            found = aliases(kind).get(rest) or reach_of(kind, rest)
            if found and found.field != "external_id":
                return found._replace(rank=found.rank + 100)
    return None


def reach_of(kind: str, plain: str) -> Target | None:
    """Headers of e-mails, phones, websites, messengers, with their labels: `Work Phone 2`, 手机, `E-mail 1 - Value`."""
    if kind not in ("customers", "contacts"):
        return None
    if kind == "customers" and plain in _MESSENGER_OF:
        return Target("messenger", _MESSENGER_OF[plain])
    for field, pattern in _REACH:
        found = pattern.fullmatch(plain)
        if found and (field != "website" or kind == "customers"):
            label = _LABEL_OF.get(found[1] or found[2] or "", "mobile" if field == "mobile" else "")
            return Target("phone" if field == "mobile" else field, label)
    return None
