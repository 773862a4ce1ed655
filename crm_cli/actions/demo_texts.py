"""What is said and done in the made-up company, in English and Chinese: the live scenes, and words for the rest."""

from typing import NamedTuple


class Scene(NamedTuple):
    """An open deal (or a customer alone, without a title) as it stands today, and its next step (or none).

    Days are counted from today: `opened` and `touched` back, `due` and `close` ahead. The amount is in units.
    """

    key: str
    title: str
    stage: str
    amount: int
    opened: int
    touched: int
    channel: str
    close: int
    said: str = ""
    task: str = ""
    due: int = 0
    time: str = ""
    priority: str = "normal"


def scenes() -> list[Scene]:
    """What is going on today: overdue, due, appointments, this week, quiet."""
    found: list[Scene] = []
    for line in _SCENES.strip().splitlines():
        if line.startswith("  > "):
            task, due, time, priority = line[4:].split("; ")
            found[-1] = found[-1]._replace(task=task, due=int(due), time=time, priority=priority)
        elif line.startswith("  "):
            found[-1] = found[-1]._replace(said=line.strip())
        else:
            key, title, stage, amount, opened, touched, channel, close = line.split("; ")
            found.append(Scene(key, title, stage, int(amount), int(opened), int(touched), channel, int(close)))
    return found


# key; title; stage; amount; opened and touched so many days ago; channel; to be closed in so many days
#   what was said
#   > what is to be done; in so many days; at what time; priority
_SCENES = """
acme; Warehouse rollout; negotiation; 48000; 96; 4; call; 4
  wants a quote for 200 seats, and to know where the data are kept
  > send the quote for 200 seats; -2; ; high
nordlicht; Handheld scanners; proposal; 31500; 61; 6; meeting; 24
  the works council asks who can see the scan times
  > send the privacy sheet; -4; ; normal
xinghe; 仓储系统上线; proposal; 680000; 74; 5; wechat; 19
  价格可以接受，希望分两期付款
  > 发送分期付款方案; -1; ; high
bluebird; Cross-dock pilot; qualified; 22000; 43; 8; call; 50
  budget is set for next quarter; asks for two references
  > send two references; -6; ; normal
meridien; Support renewal; negotiation; 18400; 52; 3; email; 2
  legal has read the contract, three clauses left
  > walk through the three open clauses; 0; 11:00; high
lanhai; 扫码试点; qualified; 260000; 38; 6; call; 45
  对扫码入库感兴趣，想看现场演示
  > 视频演示：扫码入库; 0; 15:30; normal
alpenglueh; Second site; proposal; 27000; 49; 7; email; 14
  the board meets this week and has our offer on the table
  > ask what the board said; 0; ; normal
lindqvist; ; ; 0; 0; 16; message; 0
  the new shop in Lund has opened, the till works
  > congratulate, and ask for a reference; 0; ; low
harbor; Warehouse rollout; negotiation; 96000; 118; 2; email; 3
  redline from their lawyer: only the liability cap is open
  > call their lawyer about the liability cap; 1; 10:00; high
kestrel; ERP interface; proposal; 14500; 35; 3; call; 27
  the brewery system has an API after all, their IT sends the manual
  > price the interface; 2; ; normal
yuanshan; 移动端用户扩容; negotiation; 150000; 66; 1; call; 3
  合同已发出，等对方盖章
  > 确认合同盖章进度; 2; ; normal
mainblick; Validation package; qualified; 54000; 29; 5; visit; 70
  saw the sterile store; the auditors come in spring
  > send the validation plan; 3; ; normal
hirondelle; Tool crib; proposal; 72500; 57; 4; meeting; 33
  two sites instead of one, wants a volume discount
  > work out the price for two sites; 4; ; normal
gusu; 年度维护续约; negotiation; 88000; 40; 2; wechat; 4
  财务要求开增值税专用发票
  > 准备续约合同; 4; ; normal
thistle; Mobile app seats; lead; 9800; 12; 4; call; 60
  the floor staff want it on their own phones
  > find out how many phones; 5; ; low
hudson; Cold-room sensors; proposal; 38000; 44; 2; call; 29
  the lab director wants it before the audit
rheinwerk; Scanner pilot; proposal; 19900; 83; 23; call; 21
  will come back to us after the stocktaking
prairie; Second silo; qualified; 41000; 90; 31; email; 80
  harvest first, then we talk
yunqi; 第二仓库扩展; negotiation; 420000; 88; 12; call; 16
  领导出差，下周再谈
delacroix; Training days; lead; 6400; 40; 26; email; 55
  likes the idea, asks again after the vintage
"""

# customers whose cadence ran out: key, days of it, days since the last contact, what was said then
CADENCES = (
    ("seeblick", 60, 66, "visit", "all stock counted in one night, very happy"),
    ("jinling", 30, 39, "wechat", "系统运行稳定，月底对账也快了"),
    ("maple", 90, 97, "call", "thinks of the Ottawa store next year"),
)

# what is said as a deal goes on: channel, text, outcome, the task that it ticks off
TALKS: dict[str, list[tuple[str, str, str, str]]] = {
    "lead": [
        ("call", "asked how they count their stock today: paper and a spreadsheet", "interested", "first call"),
        ("email", "sent the one-page overview and two customer stories", "", "send the overview"),
        ("call", "left a message with the front desk", "no answer", ""),
        ("meeting", "met at the fair, showed the scanner on our own shelf", "interested", ""),
        ("message", "wants to see prices before a meeting", "", ""),
        ("call", "loses two hours a day looking for pallets", "interested", "call back"),
    ],
    "qualified": [
        ("meeting", "demo for the shift leads; they liked picking by light", "interested", "prepare the demo"),
        ("visit", "walked the warehouse: 4 docks, 2 mezzanines, poor wifi at the back", "", "plan the visit"),
        ("call", "budget is there, the decision is with the managing director", "", "ask about the budget"),
        ("email", "they sent a list of 31 requirements, we meet 29", "", "answer the list of requirements"),
        ("note", "the old system runs out of support in June", "", ""),
    ],
    "proposal": [
        ("email", "sent the offer with three options", "offer sent", "write the offer"),
        ("call", "option two fits, the training days are too many", "", "call about the offer"),
        ("meeting", "went through the offer with the controller", "", "prepare the numbers"),
        ("email", "asks for references in the same trade", "", "send references"),
        ("call", "compares us with one other house, we are slightly dearer", "", ""),
    ],
    "negotiation": [
        ("call", "asked for 10 % on three years; offered 7 %", "", "settle the discount"),
        ("email", "contract sent, they want the notice period shorter", "contract sent", "send the contract"),
        ("meeting", "agreed on go-live after the season", "", "agree on the go-live"),
        ("call", "purchasing has to sign too, back on Thursday", "", ""),
    ],
    "won": [
        ("call", "signed, kick-off in two weeks", "signed", "get the signature"),
        ("email", "the order is in, thanked everybody", "signed", ""),
    ],
    "lost": [
        ("call", "they decided otherwise; stays friendly, call again next year", "lost", ""),
        ("email", "the project is stopped for now", "lost", ""),
    ],
    "care": [
        ("call", "go-live went well, two printers needed a restart", "happy", "call after the go-live"),
        ("visit", "quarterly visit: uses half of the reports, showed the rest", "", "quarterly visit"),
        ("email", "sent the release notes, they asked about the label editor", "", ""),
        ("call", "an invoice had the wrong cost centre, mended", "settled", "mend the invoice"),
        ("note", "the warehouse manager leaves in summer, her deputy takes over", "", ""),
        ("message", "would speak at our customer day", "happy", ""),
    ],
}
TALKS_ZH: dict[str, list[tuple[str, str, str, str]]] = {
    "lead": [
        ("wechat", "加了微信，发了产品介绍", "有兴趣", "发送产品介绍"),
        ("call", "目前用表格管库存，每天对不上账", "有兴趣", "首次电话"),
        ("meeting", "展会上看了扫码演示，留了名片", "有兴趣", ""),
        ("call", "前台转接，负责人不在", "无人接听", ""),
    ],
    "qualified": [
        ("visit", "参观仓库：三个库区，后区网络信号差", "", "安排拜访"),
        ("meeting", "给主管做了演示，对拣货流程很满意", "有兴趣", "准备演示"),
        ("call", "预算已批，由总经理拍板", "", "确认预算"),
        ("note", "旧系统六月停止维护", "", ""),
    ],
    "proposal": [
        ("email", "发送报价，共三个方案", "已报价", "写报价单"),
        ("wechat", "方案二合适，培训天数偏多", "", "跟进报价"),
        ("call", "正在和另一家比较，我们价格略高", "", ""),
    ],
    "negotiation": [
        ("call", "要求三年期优惠一成，答应七个点", "", "敲定折扣"),
        ("email", "合同已发送，付款条款待确认", "已发合同", "发送合同"),
        ("meeting", "商定旺季之后上线", "", ""),
    ],
    "won": [
        ("call", "合同已签，两周后启动", "已签约", "拿到签字"),
        ("wechat", "订单已下，感谢大家", "已签约", ""),
    ],
    "lost": [
        ("call", "选择了别家，明年再联系", "未成交", ""),
        ("wechat", "项目暂停", "未成交", ""),
    ],
    "care": [
        ("visit", "季度回访：报表只用了一半，演示了其余部分", "", "季度回访"),
        ("wechat", "上线顺利，打印机重启后正常", "满意", "上线回访"),
        ("call", "发票抬头有误，已更正", "已解决", "更正发票"),
    ],
}

TITLES = (
    "Warehouse rollout", "Scanner pilot", "Support renewal", "Training days", "Second site", "Mobile app seats",
    "ERP interface", "Label printing", "Stocktaking module", "Cold-room sensors", "Returns desk", "Web shop link",
    "Picking by light", "Reporting package",
)  # fmt: skip
TITLES_ZH = (
    "仓储系统上线",
    "扫码试点",
    "年度维护续约",
    "第二仓库扩展",
    "移动端用户扩容",
    "ERP 接口",
    "培训服务",
    "标签打印",
)

NEXT_STEPS = ("call again", "send the offer", "plan the demo", "ask about the budget", "visit the second warehouse")
NEXT_STEPS_ZH = ("再次联系", "发送报价", "安排演示", "确认预算")
REASONS = ("price", "price", "competitor", "no budget", "no decision", "timing")
REASONS_ZH = ("价格", "竞争对手", "预算不足", "项目暂停")
RISKS = ("budget not approved", "purchasing wants three offers", "our champion changes jobs", "price")
RISKS_ZH = ("预算未批", "竞争对手报价更低")

NOTES = {
    "acme": "Runs two shifts; best reached before 10. Jane wants figures, not slides.",
    "nordlicht": "The works council has to agree to anything that measures people.",
    "harbor": "Everything goes through their lawyer, allow a week.",
    "xinghe": "付款走集团流程，一般两周。",
    "hirondelle": "Badge needed at the gate: announce visitors two days ahead.",
    "thistle": "Family business, decisions on Fridays.",
    "yuanshan": "合同需法务和行政两次盖章。",
    "seeblick": "Stocktaking every January, no visits then.",
}
TAGS = {
    "key": "acme nordlicht harbor xinghe hirondelle mainblick lanhai seeblick jinling maple pennine bluebird",
    "vip": "acme harbor xinghe seeblick",
    "reference": "isarhof tulip claddagh redwood lindqvist yongjiang donau",
    "trade-fair": "falkensee savoie silverlake donghai pengcheng atelier copper",
    "newsletter": "spreeholz velo beacon morgan qiantang rosenthal lehner",
    "partner": "gotthard norrsken",
}
REFERRED = {
    "spreeholz": "acme", "elbkraft": "nordlicht", "pharmavie": "meridien", "aurora": "maple", "lingnan": "lanhai",
    "claddagh": "kestrel", "donghai": "xinghe",
}  # fmt: skip
PARENTS = {"hanseatik": "nordlicht", "nanfeng": "lanhai"}
# name, noun, query
SEGMENTS = (
    ("quiet-keys", "customer", "tag:key contacted:..-30d"),
    ("big-deals", "deal", "amount:40000.. is:open"),
    ("华东", "customer", "region:华东"),
)
