"""Chinese at home: a list of customers as sellers keep them, words typed in Chinese, screens without English, columns."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FAST, Crm
from terminal import Terminal

LIST = (
    "客户名称,行业,阶段,等级,联系人,职位,电话,邮箱,下一步,提醒日期,备注\n"
    "云帆软件,软件,已约见,重点,陈晨,采购经理,13812345678,chen@yunfan.example,发送方案,2026/12/1,关注成本\n"
    '"青松制造,总部",制造业,线索,B,周敏,总监,021-62345678,,回访,2026年12月2日,\n'
    '白鹭设计,设计,成交,A,吴迪,,13987654321,wu@bailu.example,续约,46361,"他说""可以"""\n'
    ",零售,线索,C,郑爽,店长,13700001111,,,,还没有公司\n"
)
AT_HOME = {"CRM_LANG": "zh", "CRM_USER": "李雷"}
COUNTS = ("read", "added", "updated", "unchanged", "skipped", "failed")


def put(crm: Crm, text: str, name: str = "名单.csv", encoding: str = "utf-8") -> str:
    path = crm.folder / name
    path.write_bytes(text.encode(encoding))
    return str(path)


def load(crm: Crm, text: str, *more: str) -> Any:
    return crm.ok("import", put(crm, text), *more, "--json").json


def counted(report: Any) -> str:
    """`3 added, 2 contacts`: what is not zero."""
    parts = [f"{report[key]} {key}" for key in COUNTS[1:] if report[key]]
    return ", ".join([*parts, *(f"{n} {key}" for key, n in report["beside"].items() if n)])


def image(crm: Crm) -> list[Any]:
    tables = ("customer", "contact", "reach", "task", "interaction", "tagging")
    return [row for table in tables for row in crm.sql(f"SELECT * FROM {table} ORDER BY id")]


# ------------------------------------------------------------------ the list of a seller


def test_a_list_in_gbk_is_imported_without_an_option(crm: Crm) -> None:
    path = put(crm, LIST, encoding="gbk")
    done = crm.ok("import", path, env={"CRM_LANG": "zh"})
    assert done.out == f"{path}：读取 4 行，新增 4，更新 0，未变 0，跳过 0，出错 0\n同时新增：3 位联系人、3 项任务\n"
    assert done.err == (
        f"{path} 按客户读取；要按其他类型导入：--as KIND\n"
        "有 1 行只有联系人、没有客户名称，已把该联系人作为客户（个人）\n"
        "已作为自定义字段保存的列：等级。用 --map 列名=字段 可对应到字段\n"
        "撤销：crm undo\n"
    )
    customers = {row["name"]: row for row in crm.rows("customer list")}
    assert {name: (row["status"], row["kind"], row["industry"]) for name, row in customers.items()} == {
        "云帆软件": ("contacted", "company", "软件"),
        "青松制造,总部": ("new", "company", "制造业"),
        "白鹭设计": ("customer", "company", "设计"),
        "郑爽": ("new", "person", "零售"),
    }
    # what the word says beyond the status is kept; the phone of a person without a company is the customer's
    assert customers["云帆软件"]["custom"] == {"等级": "重点", "阶段": "已约见"}
    assert (customers["云帆软件"]["phone"], customers["郑爽"]["phone"]) == (None, "13700001111")
    assert customers["郑爽"]["custom"] == {"等级": "C", "职位": "店长"}
    assert customers["白鹭设计"]["note"] == '他说"可以"'
    people = [(row["name"], row["customer"], row["title"], row["phone"], row["email"]) for row in crm.rows("contacts")]
    assert sorted(people) == [
        ("吴迪", "白鹭设计", None, "13987654321", "wu@bailu.example"),
        ("周敏", "青松制造,总部", "总监", "021-62345678", None),
        ("陈晨", "云帆软件", "采购经理", "13812345678", "chen@yunfan.example"),
    ]
    tasks = [(row["text"], row["due_on"], row["customer"]) for row in crm.rows("tasks")]
    assert sorted(tasks) == [
        ("发送方案", "2026-12-01", "云帆软件"),
        ("回访", "2026-12-02", "青松制造,总部"),
        ("续约", "2026-12-05", "白鹭设计"),
    ]
    assert crm.rows("followups")[0]["phone"] == "13812345678"


def test_the_same_list_again_changes_nothing(crm: Crm) -> None:
    assert counted(load(crm, LIST)) == "4 added, 3 contacts, 3 tasks"
    before = image(crm)
    assert counted(load(crm.at("2026-12-20T09:00"), LIST)) == "4 unchanged"
    assert image(crm) == before
    crm.ok("done 1")
    assert counted(load(crm, LIST)) == "4 unchanged"
    assert [row["text"] for row in crm.rows("tasks")] == ["回访", "续约"]
    crm.ok("undo 2")
    assert [crm.rows(noun) for noun in ("customers", "contacts", "tasks")] == [[], [], []]


def test_a_trial_tells_what_would_be_made(crm: Crm) -> None:
    report = load(crm, LIST, "--dry-run")
    assert (counted(report), report["written"], report["as"]) == ("4 added, 3 contacts, 3 tasks", False, "customers")
    assert not crm.db.exists()


def test_a_list_that_went_on_updates_what_it_says(crm: Crm) -> None:
    load(crm, LIST)
    later = LIST.replace("2026/12/1,", "2026/12/8,").replace("采购经理,13812345678", "总监,13812345679")
    assert counted(load(crm, later)) == "1 updated, 3 unchanged"
    assert crm.sql("SELECT due_on FROM task WHERE text = '发送方案'") == [("2026-12-08",)]
    shown = crm.rows("contact show 陈晨")
    assert (shown["title"], [one["value"] for one in shown["phones"]]) == ("总监", ["13812345678", "13812345679"])
    crm.ok("done 1")
    assert counted(load(crm, later.replace("2026/12/8,", "2026/12/9,"))) == "1 updated, 3 unchanged, 1 tasks"


def test_a_row_for_each_contact_is_one_customer(crm: Crm) -> None:
    rows = (
        "客户名称,联系人,手机,下次联系时间\n云帆,陈晨,13812345678,2026-12-01\n"
        "云帆,周敏,13912345678,\n云帆,陈晨,13712345678,2026-12-01\n"
    )
    assert counted(load(crm, rows)) == "1 added, 2 updated, 2 contacts, 1 tasks"
    assert [(row["name"], len(row["phones"])) for row in crm.rows("contacts")] == [("周敏", 1), ("陈晨", 2)]
    assert [row["text"] for row in crm.rows("tasks")] == ["跟进"]
    before = image(crm)
    assert counted(load(crm, rows)) == "3 unchanged"
    assert image(crm) == before


def test_the_same_in_english(crm: Crm) -> None:
    rows = (
        "Company,Company Phone,Contact Person,Job Title,Contact Phone,Email,Next step,Next contact date,Last contacted,Last note\n"
        "Beta AG,+41 44 668 18 00,Ann Lee,CEO,+41 79 123 45 67,ann@beta.example,send the quote,2026-12-03,2026-11-20,liked it\n"
        "Gamma SA,,,,+41 79 123 45 68,info@gamma.example,,2026-12-04 14:30,,\n"
    )
    assert counted(load(crm, rows)) == "2 added, 1 contacts, 2 tasks, 1 interactions"
    beta, gamma = crm.rows("customer list --sort name")
    assert (beta["phone"], beta["email"], beta["last_contact_on"]) == ("+41 44 668 18 00", None, "2026-11-20")
    assert (gamma["phone"], gamma["email"]) == ("+41 79 123 45 68", "info@gamma.example")
    assert crm.rows("contact show ann")["phone"] == "+41 79 123 45 67"
    assert [(row["text"], row["due_on"], row["due_at"]) for row in crm.rows("tasks")] == [
        ("send the quote", "2026-12-03", None),
        ("follow up", "2026-12-04", "2026-12-04T14:30:00+00:00"),
    ]
    assert [(row["channel"], row["text"]) for row in crm.rows("interactions")] == [("note", "liked it")]
    before = image(crm)
    assert counted(load(crm, rows)) == "2 unchanged"
    assert image(crm) == before


def test_nobody_was_spoken_to_tomorrow(crm: Crm) -> None:
    refused = crm("import", put(crm, "客户名称,最近联系时间\n云帆,2026-12-24\n"), env={"CRM_LANG": "zh"})
    assert refused.code == 65
    assert "2026-12-24 还没有到" in refused.out


def test_two_contacts_of_one_name_are_told_apart_by_their_phone(crm: Crm) -> None:
    crm.ok("customer add 云帆")
    crm.ok("contact add 陈晨 --customer 云帆 --phone 13812345678")
    crm.ok("contact add 陈晨 --customer 云帆 --phone 13912345678 --duplicate")
    assert counted(load(crm, "客户名称,联系人,手机,职位\n云帆,陈晨,13912345678,总监\n")) == "1 updated"
    assert crm.sql("SELECT title FROM contact ORDER BY id") == [(None,), ("总监",)]
    refused = crm("import", put(crm, "客户名称,联系人,职位\n云帆,陈晨,总监\n"))
    assert (refused.code, "contact:1 陈晨; contact:2 陈晨" in refused.out) == (65, True)


@pytest.mark.ci
@pytest.mark.parametrize(
    ("header", "kind"),
    [
        ("客户名称,联系人,电话", "customers"),
        ("姓名,公司,电话", "contacts"),
        ("姓名,电话", "customers"),
        ("name,email", "customers"),
        ("First Name,Last Name,Company,Email", "customers"),  # the company, and the person at it
        ("First Name,Last Name,Email,Job Title", "contacts"),
        ("商机名称,客户名称,商机金额,预计成交日期", "deals"),
        ("跟进时间,跟进方式,客户名称,跟进内容", "interactions"),
        ("任务名称,截止日期,客户", "tasks"),
        ("Subject,Due Date,Status,Related To", "tasks"),
        ("Deal Name,Account Name,Stage,Amount", "deals"),
    ],
)
def test_the_kind_is_told_by_the_headers(crm: Crm, header: str, kind: str) -> None:
    assert load(crm, header + "\n")["as"] == kind


def test_what_the_headers_do_not_tell_is_asked_for(crm: Crm) -> None:
    path = put(crm, "colour,series\nA,B\n", "a b.csv")
    refused = crm("import", path)
    assert (refused.code, refused.out) == (2, "")
    assert refused.err == (
        "crm: The columns do not tell what the rows are: colour, series\n"
        f'Say it, for example: crm import "{path}" --as customers.'
        " It may be one of: customers contacts deals interactions tasks orders products\n"
    )
    assert not crm.db.exists()


def test_customers_by_number_are_refused_with_the_line_to_type(crm: Crm) -> None:
    path = put(crm, "客户编号,年龄\n0001,19\n", "a.csv")
    refused = crm("import", path)
    assert refused.code == 65
    line = f'crm import {path} --as customers --map "客户编号=name"'
    assert line in refused.err
    crm.ok(line.removeprefix("crm "))
    assert [row["name"] for row in crm.rows("customers")] == ["0001"]


# ------------------------------------------------------------------ words typed in Chinese


@pytest.fixture(scope="session")
def day_database() -> Iterator[Path]:
    """The file that each `day` begins with, made once."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        crm = Crm(Path(folder))
        crm.environ.update(AT_HOME)
        for line in (
            "member add 李雷",
            "customer add 云帆 --kind 公司 --status 意向客户 --region 华东 --phone 021-66668888 --tag 重点 --owner 我"
            " --prefers 微信 --cadence 两周",
            "customer add 张伟 --kind 个人 --status 线索 --region 华南 --email zw@x.example --birthday 1990年5月17日",
            "contact add 王芳 --customer 云帆 --role 决策人",
            "deal add 年度合同 --customer 云帆 --amount 十二万元 --currency 人民币 --stage 方案 --close 下月底"
            " --next 发合同 --due 周五下午2点",
            "deal add 试点 --customer 云帆 --amount 3万5 --stage 线索",
            "log 电话 云帆 要报价 --duration 一刻钟 --direction 呼出",
            "deal lose 试点 --reason 价格",
        ):
            crm.ok(line)
        yield crm.db


@pytest.fixture
def day(crm: Crm, day_database: Path) -> Crm:
    shutil.copy2(day_database, crm.db)
    crm.environ.update(AT_HOME)
    return crm


@pytest.mark.ci
@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("customer list 地区:华东", "1"),
        ("customer list 地区：华东", "1"),
        ("customer list 标签:重点 负责人:我", "1"),
        ("customer list 类型:个人", "2"),
        ("customer list 状态:线索", "2"),
        ("customer list 偏好渠道:微信", "1"),
        ("customer list 非:标签:重点", "2"),
        ("customer list 地区:华东 或 类型:个人 --sort id", "1 2"),
        ("customer list '（地区：华东　或　地区：华南）　有：邮箱'", "2"),
        ("customer list 无:邮箱", "1"),
        ("customer list 创建时间:最近7天 --sort id", "1 2"),
        ("deal list 阶段:方案", "1"),
        ("deal list 阶段:输单", "2"),
        ("deal list 状态:进行中", "1"),
        ("deal list 状态:输单 丢单原因:价格", "2"),
        ("deal list 金额:10万..", "1"),
        ("deal list 金额：三万..4w 状态:任意", "2"),
        ("deal list 金额：三万..4w --all", "2"),
        ("deal list 预计成交:本月..12月底", "1"),
        ("task list 截止日期:本周", "1"),
        ("task list 优先级:普通 状态:未完成", "1"),
        ("interaction list 渠道:电话 方向:呼出 时间:今天", "1"),
    ],
)
def test_queries_in_chinese(day: Crm, line: str, ids: str) -> None:
    assert day.ok(f"{line} --format ids").out.split() == ids.split()


def test_a_segment_in_chinese(day: Crm) -> None:
    day.ok("segment add 华东重点 '地区:华东 且 非:无:电话'")
    assert day.ok("customer list ＠华东重点 --sort id --format ids").out.split() == ["1"]
    assert day.ok("customer list 客群:华东重点 --format ids").out.split() == ["1"]


@pytest.mark.parametrize(
    ("typed", "due"),
    [
        ("大后天", "2026-11-28"),
        ("半个月后", "2026-12-10"),
        ("两周后", "2026-12-09"),
        ("十二月三日", "2026-12-03"),
        ("二〇二七年一月五日", "2027-01-05"),
        ("12月底", "2026-12-31"),
        ("下月底", "2026-12-31"),
        ("15日", "2026-12-15"),
        ("明早9点", "2026-11-26 09:00"),
        ("周五上午十点半", "2026-11-27 10:30"),
    ],
)
def test_days_in_chinese(day: Crm, typed: str, due: str) -> None:
    row = day.rows("task", "add", "回访", "--customer", "云帆", "--due", typed)
    assert (row["due_at"] or row["due_on"]).replace("T", " ").removesuffix(":00+00:00") == due


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("五万", 50000),
        ("一百二十万", 1200000),
        ("三万五千元", 35000),
        ("1万2", 12000),
        ("1.2w", 12000),
        ("￥１２０００", 12000),
        ("1.5亿", 150000000),
        ("一万零五十块", 10050),
    ],
)
def test_amounts_in_chinese(day: Crm, typed: str, amount: int) -> None:
    assert day.rows("deal", "add", "新单", "--customer", "云帆", "--amount", typed)["amount"] == amount


@pytest.mark.parametrize("typed", ["万", "十十", "五六", "百", "一千零", "二百三百"])
def test_numerals_that_are_no_number_are_refused(day: Crm, typed: str) -> None:
    assert day("deal", "add", "新单", "--customer", "云帆", "--amount", typed).code == 2


@pytest.mark.parametrize(
    ("typed", "every"),
    [("每周一", "mon"), ("每两周", "2w"), ("双周", "2w"), ("隔周", "2w"), ("隔天", "2d"), ("每半年", "6mo"), ("每月", "1mo"),
     ("每个工作日", "mon,tue,wed,thu,fri")],
)  # fmt: skip
def test_recurrence_in_chinese(day: Crm, typed: str, every: str) -> None:
    line = ("task", "add", "回访", "--customer", "云帆", "--due", "明天", "--every", typed)
    assert day.rows(*line)["every"] == every


def test_what_has_two_readings_names_both(day: Crm) -> None:
    refused = day("task add 回访 --customer 云帆 --due 明天 --every 每隔两周")
    assert refused.code == 2
    assert "“每隔两周”可能是 每2周 或 每3周。请输入其中一个。" in refused.err


# ------------------------------------------------------------------ nothing in English

STORIES = sorted((Path(__file__).parent / "stories").glob("*.txt"))
# What is typed as it is, and what scripts read: lines to paste, options, references, addresses, places for a value.
TYPED = re.compile(
    r"HEADER=field|crm [a-z].*|--[a-z-]+|(?:task|deal|customer|contact|interaction|op):[0-9]+|[\w.]+@[\w.]+|\b[A-Z]+\b"
    r"|[^ ]+\.(?:csv|toml)\b"
)


@pytest.mark.parametrize("page", STORIES, ids=lambda page: page.name)
def test_a_chinese_story_shows_no_english(page: Path) -> None:
    chinese = exported = False
    left = []
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith(("$ ", "# ")):
            chinese = chinese or line == "$ export CRM_LANG=zh"
            exported = "crm export" in line
        elif chinese and not exported:
            words = re.findall("[A-Za-z]{2,}", TYPED.sub(" ", line.replace("crm: ", "")))
            left += [(word, line) for word in words if word != "currency"]
    assert chinese
    assert not left


# ------------------------------------------------------------------ columns on a screen

NAMES = [
    "星河软件",
    "ＡＢＣ公司",
    "甲·乙—丙“丁”①",
    "🚀火箭",
    "Café Zürich",
    "한국 상사",
    "ｶﾅ商店",
    "Acme",
    "ไทยกำ",
    "㈱①②③",
]


@pytest.mark.process
@pytest.mark.parametrize("columns", [80, 40])
def test_columns_line_up_whatever_the_names_are_made_of(crm: Crm, columns: int) -> None:
    rows = "".join(f"{name},R{n:02},F{n:02}\n" for n, name in enumerate(NAMES))
    load(crm, "名称,地区,来源\n" + rows)
    words = ("customer", "list", "--sort", "id", "--columns", "name,region,source")
    terminal = Terminal(crm, *words, env={"CRM_LANG": "zh"}, columns=columns, rows=30)
    assert terminal.end() == 0
    places = set()
    for n in range(len(NAMES)):
        lines = [line for line in terminal.screen.buffer.values() if f"F{n:02}" in "".join(line[i].data for i in line)]
        assert len(lines) == 1
        cells = [lines[0][i].data for i in range(columns)]
        places.add((cells.index("R"), cells.index("F", cells.index("R"))))
    assert len(places) == 1, terminal.shown()
