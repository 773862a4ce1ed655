"""Every public key once: its name, short name, type, Chinese name and an example; views, queries and imports read it.

`type` says how a value is compared and shown:
  text    contains, blind to case, width and accents
  word    the whole value or one of its names in either language, never a part
  number  money  day  moment  percent    compared and taken in ranges
  worth   money in the base currency, worked out by `crm score`
  flag, list, sums, json                 shown; asked with has: and no:
"""

from collections.abc import Iterable
from typing import NamedTuple

from crm_cli.rules.relations import is_path

# What leads to several records may stand before a colon itself: deals:rollout, "deals:(stage:won amount:10k..)".
_MANY = ("contacts", "deals", "interactions", "tasks", "orders")


class Field(NamedTuple):
    """One key of one noun. `ask` is false for a key that can be shown but not be asked for; `on_request` is true for
    one that is shown only where it is named."""

    key: str
    type: str
    short: str
    chinese: str
    example: str
    ask: bool = True
    on_request: bool = False


NOUNS = ("customer", "contact", "deal", "interaction", "task", "order", "product")

_ID = Field("id", "number", "", "编号", "12")
_UUID = Field("uuid", "text", "", "全局编号", "0197f0a2-6f1e-7c4b-9a53-0f3d5d1f6b11")
_OWNER = Field("owner", "word", "", "负责人", "ana")
_TAGS = Field("tags", "word", "tag", "标签", "vip")
_CREATED = Field("created_at", "moment", "created", "创建时间", "2026-01-15..")
_UPDATED = Field("updated_at", "moment", "updated", "更新时间", "-7d..")
_EXTERNAL_SOURCE = Field("external_source", "word", "", "外部来源", "csv")
_EXTERNAL_ID = Field("external_id", "text", "", "外部编号", "A-1001")
_CUSTOM = Field("custom", "json", "", "自定义", "", ask=False)
_CUSTOMER = Field("customer", "text", "", "客户", "acme")
_CUSTOMER_ID = Field("customer_id", "number", "", "客户编号", "12")
_PREFERS = Field("prefers", "word", "", "偏好渠道", "phone")
_BIRTHDAY = Field("birthday", "day", "", "生日", "1990-05-17")
_NOTE = Field("note", "text", "", "备注", "trade fair")
_EMAIL = Field("email", "text", "", "邮箱", "@acme.example")
_PHONE = Field("phone", "text", "", "电话", "+4930")
_LAST_CONTACT = Field("last_contact_on", "day", "contacted", "最近联系", "..-30d")


def _scored(key: str, type_: str, short: str, chinese: str, example: str) -> Field:
    return Field(key, type_, short, chinese, example, on_request=True)


# What `crm score` works out of a customer (queries/scored.py).
SCORED = [
    _scored("order_count", "number", "", "订单数", "3.."),
    _scored("first_order_on", "day", "", "首次下单", "2026-01-01.."),
    _scored("last_order_on", "day", "ordered", "最近下单", "..-90d"),
    _scored("revenue", "worth", "", "累计收入", "10k.."),
    _scored("margin", "worth", "", "累计毛利", "5k.."),
    _scored("growth", "percent", "", "增长", "20.."),
    _scored("rfm_class", "word", "rfm.class", "RFM类别", "champions"),
    _scored("rfm_group", "word", "rfm.group", "RFM客户群", "重要价值"),
    _scored("rfm_r", "number", "rfm.r", "近度分", "4.."),
    _scored("rfm_f", "number", "rfm.f", "频度分", "4.."),
    _scored("rfm_m", "number", "rfm.m", "额度分", "4.."),
    _scored("tier", "word", "", "价值层级", "vip"),
    _scored("lifecycle", "word", "", "生命周期", "declining"),
    _scored("lifecycle_since_on", "day", "", "阶段开始", "-30d.."),
    _scored("risk", "number", "", "流失风险", "60.."),
    _scored("alive", "percent", "", "存活概率", "..50"),
    _scored("clv", "worth", "", "客户终身价值", "10k.."),
    _scored("next_order_on", "day", "", "预计下单", "..+14d"),
    _scored("fit", "number", "", "匹配度", "70.."),
    _scored("priority", "number", "", "优先度", "50.."),
]
_NUMBER_OF_ORDER = Field("number", "text", "", "订单号", "A-1001")

FIELDS: dict[str, list[Field]] = {
    "customer": [
        _ID,
        _UUID,
        Field("name", "text", "", "名称", "acme"),
        Field("kind", "word", "", "类型", "company"),
        Field("status", "word", "", "状态", "qualified"),
        Field("parent", "text", "", "上级公司", "acme"),
        Field("parent_id", "number", "", "上级公司编号", "12"),
        _EMAIL,
        Field("emails", "list", "", "全部邮箱", "", ask=False),
        _PHONE,
        Field("phones", "list", "", "全部电话", "", ask=False),
        Field("website", "text", "", "网址", "acme.example"),
        Field("websites", "list", "", "全部网址", "", ask=False),
        Field("messengers", "list", "messenger", "即时通讯", "zhangwei"),
        Field("industry", "text", "", "行业", "retail"),
        Field("size", "number", "", "规模", "50..200"),
        Field("region", "text", "", "地区", "华东"),
        Field("country", "text", "", "国家", "germany"),
        Field("city", "text", "", "城市", "berlin"),
        Field("address", "text", "", "地址", "main street"),
        Field("source", "word", "", "来源", "referral"),
        Field("referred_by", "text", "", "推荐人", "acme"),
        Field("language", "word", "", "语言", "zh"),
        _PREFERS,
        _BIRTHDAY,
        Field("cadence_days", "number", "cadence", "联系周期", "..30"),
        _OWNER,
        _TAGS,
        _NOTE,
        _LAST_CONTACT,
        Field("next_task_on", "day", "next", "下次任务", "..today"),
        Field("open_deals", "number", "", "进行中商机", "1.."),
        Field("won", "sums", "", "赢单金额", "", ask=False),
        Field("open", "sums", "", "在谈金额", "", ask=False),
        Field("won_amount", "money", "spent", "成交额", "50000.."),
        Field("open_amount", "money", "", "在谈额", "10k.."),
        Field("currency", "word", "", "币种", "EUR"),
        _CREATED,
        _UPDATED,
        Field("removed_at", "moment", "removed", "移除时间", "-7d.."),
        _EXTERNAL_SOURCE,
        _EXTERNAL_ID,
        _CUSTOM,
        *SCORED,
    ],
    "contact": [
        _ID,
        _UUID,
        Field("name", "text", "", "姓名", "jane"),
        _CUSTOMER,
        _CUSTOMER_ID,
        Field("title", "text", "", "职位", "cto"),
        Field("role", "word", "", "角色", "decision-maker"),
        _EMAIL,
        Field("emails", "list", "", "全部邮箱", "", ask=False),
        _PHONE,
        Field("phones", "list", "", "全部电话", "", ask=False),
        _PREFERS,
        _BIRTHDAY,
        _TAGS,
        _NOTE,
        _LAST_CONTACT,
        _CREATED,
        _UPDATED,
        _EXTERNAL_ID,
        _CUSTOM,
    ],
    "deal": [
        _ID,
        _UUID,
        Field("title", "text", "", "商机名称", "rollout"),
        _CUSTOMER,
        _CUSTOMER_ID,
        Field("contacts", "text", "contact", "联系人", "jane"),
        Field("stage", "word", "", "阶段", "proposal"),
        Field("pipeline", "word", "", "销售流程", "sales"),
        Field("status", "word", "", "状态", "open"),
        Field("amount", "money", "", "金额", "10k.."),
        Field("currency", "word", "", "币种", "EUR"),
        Field("probability", "percent", "", "概率", "50.."),
        Field("weighted", "money", "", "加权金额", "5000.."),
        Field("expected_close_on", "day", "close", "预计成交", "..2026-12-31"),
        Field("opened_on", "day", "opened", "开始日期", "2026-01-01.."),
        Field("closed_on", "day", "closed", "关闭日期", "2026-10-01.."),
        Field("source", "word", "", "来源", "referral"),
        Field("next_step", "text", "", "下一步", "quote"),
        Field("next_step_on", "day", "next", "下一步日期", "..today"),
        Field("risk", "text", "", "风险", "budget"),
        Field("lost_reason", "text", "reason", "输单原因", "price"),
        _OWNER,
        _TAGS,
        Field("last_touch_on", "day", "touched", "最近跟进", "..-14d"),
        Field("days_in_stage", "number", "", "停留天数", "30.."),
        Field("slips", "number", "", "推迟次数", "3..", on_request=True),
        _CREATED,
        _UPDATED,
        _EXTERNAL_ID,
        _CUSTOM,
    ],
    "interaction": [
        _ID,
        _UUID,
        Field("channel", "word", "", "渠道", "call"),
        Field("direction", "word", "", "方向", "in"),
        Field("at", "moment", "", "时间", "-7d.."),
        Field("text", "text", "", "内容", "quote"),
        Field("outcome", "text", "", "结果", "interested"),
        Field("duration_minutes", "number", "duration", "时长", "15.."),
        _CUSTOMER,
        _CUSTOMER_ID,
        Field("contacts", "text", "contact", "联系人", "jane"),
        Field("deal", "text", "", "商机", "rollout"),
        Field("deal_id", "number", "", "商机编号", "7"),
        _OWNER,
        _CREATED,
        _UPDATED,
        _EXTERNAL_SOURCE,
        _EXTERNAL_ID,
        _CUSTOM,
    ],
    "task": [
        _ID,
        _UUID,
        Field("text", "text", "", "任务", "quote"),
        Field("due_on", "day", "due", "截止日期", "..today"),
        Field("due_at", "moment", "", "约定时间", "today"),
        Field("priority", "word", "", "优先级", "high"),
        Field("every", "text", "", "重复", "1w"),
        Field("done_at", "moment", "done", "完成时间", "-7d.."),
        _CUSTOMER,
        _CUSTOMER_ID,
        Field("deal", "text", "", "商机", "rollout"),
        Field("deal_id", "number", "", "商机编号", "7"),
        _OWNER,
        _CREATED,
        _UPDATED,
        _EXTERNAL_SOURCE,
        _EXTERNAL_ID,
        _CUSTOM,
    ],
    "order": [
        _ID,
        _UUID,
        _NUMBER_OF_ORDER,
        _CUSTOMER,
        _CUSTOMER_ID,
        Field("deal", "text", "", "商机", "rollout"),
        Field("deal_id", "number", "", "商机编号", "7"),
        Field("ordered_on", "day", "ordered", "下单日期", "2026-10-01.."),
        Field("amount", "money", "", "金额", "10k.."),
        Field("currency", "word", "", "币种", "EUR"),
        Field("cost", "money", "", "成本", "5k.."),
        Field("margin", "money", "", "毛利", "1k.."),
        Field("lines", "list", "", "明细", "", ask=False),
        _OWNER,
        _NOTE,
        _CREATED,
        _UPDATED,
        _EXTERNAL_SOURCE,
        _EXTERNAL_ID,
        _CUSTOM,
    ],
    "product": [
        _ID,
        _UUID,
        Field("code", "text", "", "产品编码", "P-100"),
        Field("name", "text", "", "产品名称", "seat"),
        Field("kind", "word", "", "类型", "service"),
        Field("category", "text", "", "类目", "software/crm"),
        Field("unit", "text", "", "单位", "seat"),
        Field("price", "money", "", "单价", "100.."),
        Field("currency", "word", "", "币种", "EUR"),
        Field("prices", "sums", "", "全部价格", "", ask=False),
        Field("cost", "money", "", "成本", "50.."),
        Field("cost_currency", "word", "", "成本币种", "EUR"),
        Field("audience", "text", "for", "适用对象", "retail"),
        Field("active", "flag", "", "在售", "", ask=False),
        _NOTE,
        _CREATED,
        _UPDATED,
        _EXTERNAL_SOURCE,
        _EXTERNAL_ID,
        _CUSTOM,
    ],
}

# Asked for only: a task is open or done by its done_at, a product is in the lines of an order or a deal.
TASK_STATUS = Field("status", "word", "", "状态", "open")
_BOUGHT = Field("bought", "text", "", "买过", "P-100")
_PRODUCT = Field("product", "text", "", "产品", "P-100")
ASKED_ONLY = {"task": (TASK_STATUS,), "customer": (_BOUGHT,), "order": (_PRODUCT,), "deal": (_PRODUCT,)}

# Keys of answers that are no records: follow-ups, the funnel, what find gives, and the small nouns.
ANSWER_KEYS: dict[str, list[str]] = {
    "followup": (
        "ref kind bucket what customer customer_id contact contact_id phone email deal deal_id task_id due_on due_at"
        " days_late last_word last_on reason owner"
    ).split(),
    "funnel": "stage kind position deals amount currency weighted share conversion median_days".split(),
    "find": "ref kind id name customer snippet".split(),
    "stage": "id uuid name pipeline position kind probability quiet_after_days deals".split(),
    "tag": "id name customers contacts deals".split(),
    "segment": "id uuid name noun query members week_change".split(),
    "view": "id uuid name noun query columns sort group_by problem".split(),
    "activity": "interactions customers minutes incoming outgoing weeks".split(),
    "sources": "source customers buyers deals open won lost win_rate won_amount open_amount".split(),
    "rfm": "customers share money money_share currency recency frequency monetary".split(),
    "rfm_customer": "id name recency frequency monetary currency last_order_on r f m class group".split(),
    "tier": "id uuid name position query cadence_days owner playbook asks_risk customers problem".split(),
    "icp": "id uuid name version versions criteria created_at".split(),
    "icp_fit": "field wanted value state points most".split(),
    "icp_learn": "field value won lost win_rate smoothed lift proposed".split(),
    "portrait": "about fact ref on".split(),
    "why": "about fact value on rule".split(),
    "life": "lifecycle customers share entered left median_days playbook".split(),
    "life_flow": "month from to customers".split(),
    "playbook": "lifecycle playbook changed".split(),
    "repurchase": "cohort customers in_30 in_90 in_180 in_365 again rate".split(),
    "predict": (
        "id name orders first_order_on last_order_on silent_days interval_days state risk too_little alive expected_30"
        " expected_90 expected_365 money_30 money_90 money_365 clv currency next_order_on within_days expected money"
    ).split(),
    "predict_fit": (
        "as_of chosen currency too_little customers repeaters r alpha a b log_likelihood converged edge p q v"
        " spend_customers spend_log_likelihood spend_converged spend_edge mean_spend correlation interval_days discount"
        " holdout rhythm"
    ).split(),
    "score_run": "computed_on customers buyers tiered at_risk changes currency fitted_on".split(),
    "explained": (
        "customers orders returns only_returns ordered_before_the_window ordered_at_another_time changes deals"
        " won_deals lost_deals open_deals without_amount without_probability without_close_day lost_without_history"
        " won_without_amount without_orders future without_cost"
    ).split(),
    "forecast": (
        "won_deals won_amount open_deals open_amount weighted expected currency without_probability unweighted_amount"
        " overdue slipped doubtful"
    ).split(),
    "conversion": (
        "stage kind position deals reached conversion overall lost open median_days unfinished pipeline"
    ).split(),
    "velocity": (
        "opportunities won lost win_rate average_won cycle_days velocity currency first_closed_on last_closed_on"
    ).split(),
    "wins": "deals amount currency share amount_share average won lost win_rate value_win_rate".split(),
    "sales": "orders returns customers quantity amount currency average margin margin_percent".split(),
    "coming": "on change ref id name members".split(),
    "member": "id uuid name email open_deals open_tasks".split(),
    "rate": "id uuid currency rate base on source".split(),
    "base": "base set used others".split(),
    "rates_read": "read added changed unchanged empty left_out currencies base from to".split(),
    "operation": "op at by command changes kind undone_by".split(),
    "change": "at by op ref change field old new command undone_by".split(),
    "backup": "name at reason size records op command problem path".split(),
    "finding": "check ref message mend fixable".split(),
    "setting": "key value".split(),
    "consent": "ref channel status basis source on recorded_at in_force".split(),
    "stale": "ref kind id name customer last_on".split(),
    "erasure": "what count".split(),
    "dupe": ("score group kind id name attached other_id other_name other_attached reasons merge").split(),
    "difference": "kind id name other_id other_name at op".split(),
}


def field_key(text: str) -> str:
    """A field's name as typed -> as a key: `_` and `-` are the same, case does not matter."""
    return text.strip().lower().replace("-", "_").replace(" ", "_")


_ALSO = {"丢单原因": "输单原因"}  # other Chinese names


def find_field(noun: str, text: str) -> Field | None:
    """The field of a noun by key, short name or Chinese name; None when there is none."""
    key = _ALSO.get(field_key(text), field_key(text))
    for field in FIELDS[noun]:
        if key == field.key or (field.short and key == field.short) or key == field.chinese.lower():
            return field
    return None


def asked_field(noun: str, text: str) -> Field | None:
    """Like find_field, with what can only be asked for and is no key."""
    field = find_field(noun, text)
    if field is None:
        typed = field_key(text)
        field = next((only for only in ASKED_ONLY.get(noun, ()) if typed in (only.key, only.chinese)), None)
    return field


def is_any_field(text: str) -> bool:
    """Whether some noun has such a field, or a way to other records that begins so."""
    return any(asked_field(noun, text) is not None for noun in NOUNS) or is_path(text) or text.lower() in _MANY


def is_asked(noun: str, text: str) -> bool:
    """Whether a word before a colon is one that a query over the noun may have."""
    return asked_field(noun, text) is not None or is_path(text) or text.lower() in _MANY


def keys_of(noun: str) -> list[str]:
    """The public keys of a noun, in their order, but for those that are shown on request."""
    return [field.key for field in FIELDS[noun] if not field.on_request]


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word most like the typed one, else the shortest that it is a part of; None when nothing is near."""
    from difflib import get_close_matches

    low, words = word.lower(), list(known)
    hits = get_close_matches(low, words, n=1, cutoff=0.6)
    if not hits and len(low) > 1:
        hits = sorted((name for name in words if low in name), key=lambda name: (not name.startswith(low), len(name)))
    return hits[0] if hits else None
