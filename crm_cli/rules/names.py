"""The fixed words of the trade and what they answer to in English and Chinese."""

# kind of word -> value as kept -> (Chinese name, further names it answers to)
_WORDS: dict[str, dict[str, tuple[str, tuple[str, ...]]]] = {
    "kind": {
        "company": ("公司", ("organization", "organisation", "account", "企业", "机构")),
        "person": ("个人", ("individual", "private", "自然人")),
    },
    "status": {
        "new": ("新客户", ("lead", "新", "线索", "新线索", "未联系")),
        "contacted": ("已联系", ("working", "联系中", "跟进中")),
        "qualified": ("意向客户", ("合格", "已确认")),
        "unqualified": ("无意向", ("不合格", "junk", "无效")),
        "customer": ("成交客户", ("client", "已成交", "成交")),
        "closed": ("已关闭", ("inactive", "关闭")),
    },
    "deal_status": {
        "open": ("进行中", ("ongoing",)),
        "won": ("赢单", ("closed won", "成交")),
        "lost": ("输单", ("closed lost", "丢单")),
    },
    "task_status": {
        "open": ("未完成", ("todo", "pending", "待办")),
        "done": ("已完成", ("completed", "closed", "完成")),
    },
    "stage": {
        "lead": ("线索", ()),
        "qualified": ("需求确认", ("合格",)),
        "proposal": ("方案报价", ("quote", "方案", "报价")),
        "negotiation": ("商务谈判", ("谈判",)),
        "won": ("赢单", ("closed won", "成交")),
        "lost": ("输单", ("closed lost", "丢单")),
    },
    "pipeline": {"sales": ("销售", ())},
    "stage_kind": {"open": ("进行中", ()), "won": ("赢单", ()), "lost": ("输单", ())},
    "channel": {
        "call": ("电话", ("phone", "phone call", "通话", "打电话")),
        "email": ("邮件", ("mail", "e-mail", "电子邮件", "邮箱")),
        "meeting": ("会议", ("meet", "demo", "开会", "面谈")),
        "visit": ("拜访", ("上门", "实地拜访")),
        "message": ("消息", ("chat", "im", "whatsapp", "即时消息")),
        "wechat": ("微信", ("weixin",)),
        "sms": ("短信", ("text message",)),
        "note": ("备注", ("笔记", "备忘")),
    },
    "direction": {
        "in": ("呼入", ("inbound", "incoming", "来")),
        "out": ("呼出", ("outbound", "outgoing", "去")),
    },
    "priority": {
        "low": ("低", ("lowest",)),
        "normal": ("普通", ("medium", "中", "一般")),
        "high": ("高", ("urgent", "highest", "重要", "紧急")),
    },
    "role": {
        "decision-maker": ("决策人", ("decision maker", "关键决策人", "拍板人")),
        "influencer": ("影响者", ("影响人",)),
        "user": ("使用者", ("end user", "用户")),
        "blocker": ("反对者", ("detractor", "阻碍者")),
        "champion": ("支持者", ("内部支持者",)),
        "evaluator": ("评估人", ("评估者",)),
        "buyer": ("采购", ("economic buyer", "采购人")),
    },
    "bucket": {
        "overdue": ("已逾期", ()),
        "today": ("今天", ()),
        "week": ("本周", ()),
        "later": ("以后", ()),
    },
    "followup_kind": {
        "task": ("任务", ()),
        "quiet": ("久未跟进", ()),
        "cadence": ("到期联系", ()),
        "risk": ("流失风险", ()),
    },
    "rfm_class": {
        "champions": ("冠军客户", ("champion",)),
        "loyal": ("忠诚客户", ("loyalist", "loyal customers")),
        "potential-loyalist": ("潜在忠诚客户", ("potential loyalists",)),
        "new": ("新客户", ("new customers",)),
        "promising": ("有前景客户", ()),
        "needs-attention": ("需关注客户", ("need attention",)),
        "about-to-sleep": ("即将沉睡客户", ()),
        "at-risk": ("有风险客户", ()),
        "cant-lose": ("不能失去客户", ("can't lose", "can't lose them", "cannot lose")),
        "hibernating": ("沉睡客户", ()),
        "lost": ("已流失客户", ()),
    },
    "rfm_group": {
        "key-value": ("重要价值", ("重要价值客户", "key value")),
        "key-keep": ("重要保持", ("重要保持客户", "key keep")),
        "key-develop": ("重要发展", ("重要发展客户", "key develop")),
        "key-retain": ("重要挽留", ("重要挽留客户", "key retain")),
        "value": ("一般价值", ("一般价值客户",)),
        "keep": ("一般保持", ("一般保持客户",)),
        "develop": ("一般发展", ("一般发展客户",)),
        "retain": ("一般挽留", ("一般挽留客户",)),
    },
    "lifecycle": {
        "prospect": ("潜在", ("潜在客户", "潜在期", "prospects")),
        "exploring": ("探索", ("探索期", "考察")),
        "growing": ("成长", ("成长期",)),
        "mature": ("成熟", ("成熟期",)),
        "declining": ("衰退", ("衰退期",)),
        "lost": ("流失", ("已流失", "流失期")),
        "won-back": ("赢回", ("挽回", "won back", "召回")),
    },
    "tier": {
        "vip": ("贵宾", ("vip客户", "重要客户")),
        "at-risk": ("风险", ("风险客户", "at risk")),
        "growing": ("成长", ("成长客户",)),
        "low-value": ("低价值", ("低价值客户", "low value")),
        "ordinary": ("普通", ("普通客户", "regular")),
    },
    "basis": {
        "consent": ("同意", ("opt-in", "个人同意")),
        "contract": ("履行合同", ("合同",)),
        "legal-obligation": ("法定义务", ("legal obligation", "法律义务", "law")),
        "vital-interests": ("重大利益", ("vital interests", "保护重大利益")),
        "public-task": ("公共职责", ("public task", "公共任务")),
        "legitimate-interests": ("正当利益", ("legitimate interest", "legitimate-interest", "合法利益")),
    },
    "consent_status": {
        "given": ("已同意", ()),
        "withdrawn": ("已撤回", ()),
    },
    "noun": {
        "customer": ("客户", ()),
        "contact": ("联系人", ()),
        "customer~contact": ("客户~联系人", ()),
        "deal": ("商机", ()),
        "interaction": ("互动记录", ("互动",)),
        "task": ("任务", ()),
        "order": ("订单", ()),
        "product": ("产品", ()),
    },
    "product_kind": {
        "product": ("产品", ("goods", "货品")),
        "service": ("服务", ("services",)),
    },
    "product_link": {
        "requires": ("需要", ("require", "required", "needs", "必需")),
        "recommended": ("推荐", ("recommends", "recommend", "建议")),
        "included": ("包含", ("includes", "include", "包括")),
        "replaces": ("替代", ("replace", "取代")),
    },
}

CHANNELS = tuple(_WORDS["channel"])


def values(group: str) -> list[str]:
    """The values of a group as they are kept."""
    return list(_WORDS[group])


def canonical(group: str, key: str) -> str | None:
    """A folded word as typed, in either language -> the value as it is kept; None when nobody answers to it."""
    words = _WORDS[group]
    for form in (key, key.replace("_", "-"), key.replace("_", " ").replace("-", " ")):
        if form in words:
            return form
        for value, (chinese, others) in words.items():
            if form == chinese or form in others:
                return value
    return None


def shown(group: str, value: str, language: str) -> str:
    """How a kept value is called in the user's language; a value of the user's own stays as it is."""
    if language == "zh" and group in _WORDS and value in _WORDS[group]:
        return _WORDS[group][value][0]
    return value


def plural(kind: str, language: str) -> str:
    """customers -> 客户: what records of a kind are called."""
    return shown("noun", kind.removesuffix("s"), language) if language == "zh" else kind


def names_of(group: str, value: str) -> list[str]:
    """Every name that a value answers to."""
    chinese, others = _WORDS[group][value]
    return [value, chinese, *others]
