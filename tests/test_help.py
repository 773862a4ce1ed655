"""Help is true: each example is played on a small database, each topic is checked against the tables that it speaks of."""

import os
import re
import shlex
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import ENVIRONMENT, FAST, Crm, Result
from sentences import PACKAGE

from crm_cli.app import NOUNS
from crm_cli.config import SETTINGS
from crm_cli.errors import CrmError, Misuse
from crm_cli.lazy import Entry, load
from crm_cli.output import manual
from crm_cli.output.output import FORMATS
from crm_cli.queries.states import STATES
from crm_cli.rules import dates, money

EXAMPLES = PACKAGE / "locale" / "examples.tsv"


class Line(NamedTuple):
    """A line of examples.tsv that is to be typed."""

    command: str
    line: str
    what: str
    line_zh: str
    what_zh: str


def cells() -> list[list[str]]:
    text = EXAMPLES.read_text(encoding="utf-8")
    return [row.split("\t") for row in text.splitlines() if not row.startswith("#")]


LINES = [Line(*row) for row in cells() if row[1] != "see"]
SEE = {row[0]: [name.strip() for name in row[2].split(",")] for row in cells() if row[1] == "see"}


def commands() -> Iterator[str]:
    """Every noun and every command, as typed behind crm."""
    for name, line in NOUNS.items():
        command = load(name, Entry(*line))
        yield name
        yield from (f"{name} {verb}" for verb, info in getattr(command, "infos", {}).items() if not info.hidden)


COMMANDS = list(commands())

# ------------------------------------------------------------------ the table


def test_each_command_has_two_examples_in_both_languages() -> None:
    few = [command for command in COMMANDS if sum(line.command == command for line in LINES) < 2]
    assert not few, "Add two lines for each to crm_cli/locale/examples.tsv:\n" + "\n".join(few)


def test_each_command_says_what_to_read_next() -> None:
    assert [command for command in COMMANDS if command not in SEE] == []
    known = {*COMMANDS, *(f"help {topic}" for topic in manual.TOPICS), *(f"fields {noun}" for noun in NOUNS)}
    assert [(command, name) for command, names in SEE.items() for name in names if name not in known] == []
    assert [command for command, names in SEE.items() if command in names] == []


def test_each_line_is_of_a_command_that_there_is() -> None:
    assert [row for row in cells() if row[0] not in COMMANDS] == []
    assert [line for line in LINES if not all((line.line, line.what, line.what_zh))] == []
    doubled = [line for line in LINES if sum(line.line == other.line for other in LINES) > 2]
    assert doubled == []


def test_a_topic_has_no_name_of_a_command() -> None:
    words = {word for name, others in manual.TOPICS.items() for word in (name, *others)}
    assert not words & set(NOUNS)
    assert not words & {line[4] for line in NOUNS.values()}


# ------------------------------------------------------------------ the small database

WORLD = """
member add tester
member add Ana --email ana@us.example
member add 李雷
stage add pilot --after proposal --probability 60
stage add 试点 --after pilot --probability 65
config set currency EUR
config set country DE
customer add "Acme GmbH" --email sales@acme.example --phone "+49 30 1234567" --region DACH --tag key --cadence 30d
contact add "Jane Doe" --customer acme --title CTO --role decision-maker --phone "+49 170 1234567"
deal add "Acme rollout" --customer acme --amount 48k --stage proposal --close 2026-12-31 --tag key --opened 2026-10-01
task add "send the quote" --deal rollout --due fri
customer add "Beta AG" --region DACH --email info@beta.example --owner ana
contact add "Tom Ford" --customer beta
deal add "Beta support" --customer beta --amount "CHF 9k" --stage negotiation --opened 2026-09-01
deal add "Beta pilot" --customer beta --amount "CHF 2k" --opened 2026-03-01
deal lose "beta pilot" --reason price
deal add "Beta start" --customer beta --amount "CHF 5k" --opened 2026-02-01
deal win "beta start"
customer add "Old Mill"
customer remove "Old Mill"
contact add "Tom Gone" --customer beta
contact remove "Tom Gone"
deal add "Old deal" --customer beta
deal remove "Old deal"
task add "send the invoice" --customer beta --due today
task done invoice
task add "ring Tom" --customer beta --due today
task add "old task" --customer beta
task remove "old task"
log call acme asked for a quote for support --at 2026-09-01
log call beta talked about support --deal support --at 2026-09-01
log note beta wrong
interaction remove 3
segment add quiet-keys tag:key contacted:..-30d
view save pipeline --kind deals --columns title,stage,amount --sort stage
customer add 星河软件 --region 华东 --phone "+86 138 0013 8000" --tag 重点 --cadence 30d --owner 李雷
contact add 张伟 --customer 星河 --title 采购经理 --role 决策人 --phone "+86 139 1234 5678"
deal add 官网改版 --customer 星河 --amount 12万 --currency CNY --stage 方案报价 --close 2026-12-31 --tag 重点 --opened 2026-10-01
task add 发报价 --deal 官网改版 --due 周五
customer add 云帆科技 --region 华东
contact add 赵云 --customer 云帆
deal add 谈判项目 --customer 云帆 --amount 8万 --currency CNY --stage 商务谈判
deal add 试用方案 --customer 云帆 --amount 2万 --currency CNY
deal lose 试用方案 --reason 价格
deal add 首单 --customer 云帆 --amount 3万 --currency CNY
deal win 首单
customer add 旧客户
customer remove 旧客户
contact add 钱去 --customer 云帆
contact remove 钱去
deal add 旧商机 --customer 云帆
deal remove 旧商机
task add 开发票 --customer 云帆 --due 今天
task done 开发票
task add 旧任务 --customer 云帆
task remove 旧任务
log 电话 星河 询问报价 --at 2026-09-01
tag add lost tom
tag add 流失 赵云
privacy consent jane --channel email --basis consent --source fair
privacy consent 张伟 --channel 邮件 --basis 同意 --source 展会
backup make
product add "CRM seat" --code CRM-10 --price 100EUR --category software/crm
product add Support --code SUP-1 --kind service --price 20EUR
product link SUP-1 CRM-10 --as recommended
product add "Old seat" --code OLD-1
product remove OLD-1
product add 企业版 --code QY-10 --price 1.2万CNY --category 软件/CRM
product add 服务 --code FW-1 --kind 服务 --price 300CNY
product link FW-1 QY-10 --as 推荐
product add 旧版 --code JIU-1
product remove JIU-1
rate base EUR
rate add CHF 1.05 --on 2026-01-01
rate add CNY 0.13 --on 2026-01-01
order add acme --amount 1200EUR --on -40d
order add 星河 --amount 900EUR --on -20d
order add acme --line SUP-1:3 --number A-7
order add acme --amount 50EUR --number A-8
order remove A-8
tier add partner --query tag:key
tier add 伙伴 --query 标签:重点
lifecycle edit mature --playbook "offer the yearly contract"
icp add core --region DACH
icp add 核心 --region 华东
icp add old-core --region DACH
icp remove old-core
icp add 旧核心 --region 华东
icp remove 旧核心
score
segment add 久未联系 标签:重点 最近联系:..-30d
view save 在谈 --kind 商机 --columns title,stage,amount --sort stage
"""

FILES = {
    "leads.csv": b"Company;E-mail;Phone\nEpsilon AG;info@epsilon.example;+41 44 668 18 00\n",
    "old.csv": b"Firm,Town\nZeta Ltd,Leeds\n",
    "mixed.csv": b"Company,E-mail\nEta Ltd,info@eta.example\nTheta Ltd,not an address\n",
    "客户.csv": "客户名称,手机\n天成公司,13500135000\n".encode("gb18030"),
    "closed.csv": b"Title,Customer,Stage,Opened\n"
    + b"".join(f"Closed {n},Acme GmbH,{'lost' if n % 2 else 'won'},2026-10-01\n".encode() for n in range(20)),
    "rates.csv": b"date,currency,rate\n2026-09-01,USD,0.91\n2026-10-01,USD,0.92\n",
    "ecb.csv": b"Date,USD,CHF\n2026-10-01,1.0901,0.9412\n2026-10-02,1.0885,0.9398\n",
    "旧系统.csv": "单位,驻地\n天地公司,苏州\n".encode(),
    "day.txt": b'# a call, as it was\nlog call acme "wants a quote" --next "send it" --due fri\n',
    "有错.csv": "客户名称,邮箱\n天行公司,a@b.example\n天高公司,不是邮箱\n".encode(),
}


@pytest.fixture(scope="module")
def world() -> Iterator[Path]:
    """The folder that each example begins with, made once."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        crm = Crm(Path(folder))
        for line in WORLD.strip().splitlines():
            crm.ok(line)
        for name, content in FILES.items():
            (crm.folder / name).write_bytes(content)
        yield crm.folder


@pytest.fixture
def small(crm: Crm, world: Path, monkeypatch: pytest.MonkeyPatch) -> Crm:
    """The small database and its files, to be changed; TMPDIR is the folder too."""
    shutil.copytree(world, crm.folder, dirs_exist_ok=True)
    crm.environ["TMPDIR"] = str(crm.folder)
    monkeypatch.chdir(crm.folder)
    monkeypatch.setattr(tempfile, "tempdir", str(crm.folder))
    return crm


# what a command changes: the table where a row must come, go or change
CHANGES = {
    "log": "interaction", "shell": "interaction", "done": "task", "snooze": "task snooze", "tag add": "tagging", "tag remove": "tagging", "tag rename": "tag",
    "order add": "sales_order", "order edit": "sales_order", "order remove": "sales_order", "order restore": "sales_order", "score": "score_run",
    "rate import": "rate", "tier reset": "tier", "lifecycle edit": "setting",
    "import": "customer", "product edit": "product product_price", "product link": "product_link", "product unlink": "product_link", "task done": "task", "task snooze": "task", "undo": "operation", "redo": "operation", "backup restore": "operation", "privacy erase": "operation",
}  # fmt: skip
BEFORE = {  # what has to be typed first
    "icp": "import closed.csv --as deals",
    "redo": "undo",
    "dupes": 'customer add "The Acme Group" --phone "+49 30 1234567" --email sales@acme.example --region DACH --duplicate',
}
WRITES = {"add", "edit", "remove", "restore", "move", "win", "lose", "reopen", "merge", "rename", "save"}
CODES = {"--rejects": 6, "--exit-code": 10}
FROM_OUTSIDE = re.compile(r"[|<>]")  # a line for a shell


def tables_of(line: str) -> list[str]:
    """The tables of which one must differ after a line; none for a read and for a trial."""
    words = shlex.split(line.rpartition("| ")[2] if line.startswith("printf") else line)[1:]
    if "--dry-run" in words or "--explain" in words:
        return []
    if words[0] == "remind":
        return ["reminder_claim"] if any(word.startswith("--since-last") for word in words) else []
    if words[:2] == ["dupes", "--not"]:
        return ["not_duplicate"]
    if words[:2] == ["rate", "base"]:
        return ["setting"] if len(words) > 2 else []
    if words[:2] == ["privacy", "consent"]:
        return ["consent"] if "--channel" in words else []
    command = next((" ".join(words[:n]) for n in (2, 1) if " ".join(words[:n]) in CHANGES), "")
    if command:
        return CHANGES[command].split()
    return [words[0]] if len(words) > 1 and words[1] in WRITES and words[0] in NOUNS else []


def rows_of(database: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table of the program, by table."""
    connection = sqlite3.connect(database)
    try:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
            if not name.startswith("sqlite_") and "_fts" not in name
        ]
        return {name: connection.execute(f"SELECT * FROM {name}").fetchall() for name in names}
    finally:
        connection.close()


def typed(crm: Crm, line: str) -> Result:
    """A line as a person types it: in this process, or in a shell where it needs one."""
    if not FROM_OUTSIDE.search(re.sub(r"'[^']*'|\"[^\"]*\"", "", line)):
        return crm(*shlex.split(line)[1:])
    environ = {**ENVIRONMENT, **crm.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, env=environ, check=False)
    return Result(done.returncode, done.stdout, done.stderr)


# where the one who types lives
HERE = {"en": {"CRM_LANG": "en"}, "zh": {"CRM_LANG": "zh", "CRM_COUNTRY": "CN"}}
PLAYED = [
    pytest.param(command, language, id=f"{command} {language}" if language == "zh" else command)
    for command in COMMANDS
    for language in ("en", "zh")
    if command != "next"  # asks for keys: below
]


@pytest.mark.ci
@pytest.mark.parametrize(("command", "language"), PLAYED)
def test_an_example_does_what_it_says(small: Crm, world: Path, command: str, language: str) -> None:
    small.environ.update(HERE[language])
    lines = [line.line if language == "en" else line.line_zh for line in LINES if line.command == command]
    for line in filter(None, lines):
        shutil.copytree(world, small.folder, dirs_exist_ok=True)
        _play(small, line)


def _play(crm: Crm, line: str) -> None:
    first = BEFORE.get(shlex.split(line)[1])
    if first:
        crm.ok(first)
    before = rows_of(crm.db)
    settings = (crm.folder / "config" / "crm" / "config.toml").read_text()
    result = typed(crm, line)
    after = rows_of(crm.db)
    words = shlex.split(line)
    code = next((CODES[word] for word in words if word in CODES), 0)
    assert result.code == code, f"{line}\n{result}"
    tables = tables_of(line)
    if line.startswith(("crm config set", "crm config unset")):
        assert (crm.folder / "config" / "crm" / "config.toml").read_text() != settings, line
    elif tables:
        assert any(before[table] != after[table] for table in tables), f"{line} changes nothing\n{result}"
        assert result.err or result.out, line
    else:
        assert before == after, f"{line} is no read"
        assert _has_answer(crm, words, result), f"{line} answers nothing\n{result}"


def _has_answer(crm: Crm, words: list[str], result: Result) -> bool:
    """Whether a read printed records, or wrote them to the file that was named."""
    target = next((words[words.index(mark) + 1] for mark in ("-o", ">") if mark in words), "")
    if words[1:3] == ["backup", "make"]:
        return (crm.folder / target).stat().st_size > 0 if target else result.err.startswith(("Copied to", "已备份到"))
    if words[1] == "check" and "--env" not in words:  # of what is sound there is nothing to say
        return not (result.out or result.err)
    if target.endswith(".zip"):
        return (crm.folder / target).stat().st_size > 0
    if target:
        return len((crm.folder / target).read_text(encoding="utf-8").splitlines()) > 1
    if "--format" in words or "--json" in words:
        format_ = words[words.index("--format") + 1] if "--format" in words else "json"
        least = {"csv": 2, "tsv": 2, "md": 3, "json": 1, "ids": 1, "jsonl": 1}.get(format_, 1)
        return len(result.out.splitlines()) >= least and result.out.strip() not in ("[]", "[\n]")
    return bool(result.out.strip() or ("--dry-run" in words and result.err))


@pytest.mark.ci
@pytest.mark.process
def test_the_examples_of_next_begin_and_end(small: Crm) -> None:
    import pexpect

    before = rows_of(small.db)
    environ = {**small.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "TERM": "xterm"}
    for line in [line.line for line in LINES if line.command == "next"]:
        child = pexpect.spawn("bash", ["-c", line], env=environ, encoding="utf-8", timeout=20, dimensions=(40, 100))
        child.expect("Acme GmbH|Beta AG")
        child.send("q")
        child.expect(pexpect.EOF)
        child.close()
        assert child.exitstatus == 0, line
    assert rows_of(small.db) == before


# ------------------------------------------------------------------ the pages


def test_a_help_page_shows_its_examples_so_that_they_can_be_pasted(crm: Crm) -> None:
    for columns in ("100", "80", "60", "40"):
        page = crm.ok("deal add --help", env={"COLUMNS": columns}).out
        pasted = re.sub(r" \\\n +", " ", page)
        for line in (line for line in LINES if line.command == "deal add"):
            assert f"  $ {line.line}\n" in pasted, page
    assert "# 12,000 euro, to close at the end of next month\n" in crm.ok("deal add --help").out
    chinese = crm.ok("deal add --help --lang zh").out
    assert "  $ crm deal add 培训项目 --customer 星河 --amount 1.2万 --currency CNY --close 下月底\n" in chinese
    assert "另见：crm deal move, crm stage list" in chinese


@pytest.mark.parametrize("command", [command for command in COMMANDS if " " in command] + ["log", "import", "funnel"])
def test_options_stand_under_what_they_are_about(crm: Crm, command: str) -> None:
    page = crm.ok(f"{command} --help").out
    heads = [line for line in page.splitlines() if line and not line.startswith(" ") and page.index(line) > 0]
    heads = [head for head in heads if head in GROUPS]
    assert len(heads) == len(set(heads))
    if "Output" in heads:
        assert heads[-1] == "Output"


GROUPS = (
    "Which records",
    "What it sets",
    "What it takes away",
    "What is there already",
    "How the file is read",
    "Doubles, and rows with errors",
    "Options",
    "Output",
)


def test_options_are_grouped(crm: Crm) -> None:
    page = crm.ok("deal edit --help").out
    assert page.index("What it sets\n") < page.index("--amount") < page.index("What it takes away\n")
    page = crm.ok("deal list --help").out
    assert page.index("Which records\n") < page.index("--mine") < page.index("Output\n") < page.index("--columns")


def test_the_first_page_is_short_and_begins_with_the_day(crm: Crm) -> None:
    for language in ("en", "zh"):
        lines = crm.ok("--help", "--lang", language, env={"COLUMNS": "80"}).out.splitlines()
        assert len(lines) <= len(NOUNS) + 17  # a line a command, and little beside
        assert [line.split()[0] for line in lines[3:6]] == ["today", "followups", "log"] or lines[3].split()[
            0
        ] == "today"
        assert all(any(line.startswith(f"  {name} ") for line in lines) for name in NOUNS)
    page = crm.ok("--help").out
    assert (
        page.index("Every day\n")
        < page.index("Look up\n")
        < page.index("Customers and deals\n")
        < page.index("Files\n")
    )
    assert "crm help start" in page
    assert all(topic in page for topic in manual.TOPICS)


def test_help_of_a_noun_says_what_it_is(crm: Crm) -> None:
    page = crm.ok("help deals").out
    assert page.startswith("Usage: crm deal VERB ...\n\nPossible sales, from lead to won or lost.\n")
    assert crm.ok("deal help").out == page == crm.ok("deals --help").out
    assert crm.ok("deal help move").out == crm.ok("help deal move").out == crm.ok("deals move --help").out


TOPIC_PAGES = [(topic, language) for topic in manual.TOPICS for language in ("en", "zh")]


@pytest.mark.parametrize("columns", [100, 80, 60, 40, 20])
def test_pages_fit_the_screen(crm: Crm, columns: int) -> None:
    from crm_cli.rules.text import width

    environ = {"COLUMNS": str(columns)}
    lines = [["help", topic, "--lang", language] for topic, language in TOPIC_PAGES]
    lines += [
        [command, "--help", "--lang", language]
        for command in ("deal add", "import", "log", "", "deal")
        for language in ("en", "zh")
    ]
    for words in lines:
        page = crm.ok(*" ".join(words).split(), env=environ).out
        assert max(map(width, page.splitlines())) <= columns, page


# ------------------------------------------------------------------ the topics


@pytest.mark.parametrize(("topic", "language"), TOPIC_PAGES)
def test_a_topic_is_there_in_both_languages(crm: Crm, topic: str, language: str) -> None:
    page = crm.ok("help", topic, "--lang", language).out
    assert page.splitlines()[0] == title(topic, language)
    assert bool(re.search("[㐀-鿿]", page.splitlines()[0])) == (language == "zh")
    assert "\t" not in page
    for other in manual.TOPICS[topic]:
        assert crm.ok("help", other, "--lang", language).out == page
    typed_en, typed_zh = ([line for line in lines_of(topic, x) if line.startswith("$ ")] for x in ("en", "zh"))
    assert len(typed_en) == len(typed_zh)


def lines_of(topic: str, language: str) -> list[str]:
    return (PACKAGE / "locale" / "topics" / f"{topic}.{language}.txt").read_text(encoding="utf-8").splitlines()


def title(topic: str, language: str) -> str:
    return lines_of(topic, language)[0]


def pairs(topic: str, language: str) -> list[tuple[str, str]]:
    """The pairs of a page."""
    found = [line.partition("\t") for line in lines_of(topic, language) if "\t" in line]
    return [(left, right) for left, _, right in found]


WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)
# how a paragraph begins -> what the pairs below it are
BELOW = {
    "A time of day": "moment",
    "Ranges": "span",
    "Refused": "refused",
    "时间写在": "moment",
    "查询的范围": "span",
    "有两种": "refused",
}


def sorted_pairs(topic: str, language: str) -> Iterator[tuple[str, str, str]]:
    """(what it is, left, right) of the pairs of a page."""
    kind = ""
    for line in lines_of(topic, language):
        left, tab, right = line.partition("\t")
        if tab:
            yield kind, left, right
        elif line:
            kind = next((name for head, name in BELOW.items() if line.startswith(head)), "")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_page_of_dates_says_is_read_so(language: str) -> None:
    for kind, left, _ in sorted_pairs("dates", language):
        for text in left.split(" | "):
            if kind == "refused":
                with pytest.raises(Misuse):
                    dates.parse_when(text, now=WEDNESDAY, ahead=True)
            elif kind == "span":
                first, last = dates.parse_span(text, now=WEDNESDAY, ahead=False)
                assert first < last, text
            else:
                found = dates.parse_when(text, now=WEDNESDAY, ahead=True)
                assert (found.at is not None) == (kind == "moment"), text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_the_page_of_money_says_is_read_so(language: str) -> None:
    for kind, left, right in sorted_pairs("money", language):
        usual = "EUR" if "€" in left else "CNY"
        for text in left.split(" | "):
            if kind == "refused":
                with pytest.raises(Misuse):
                    money.parse_money(text, currency=usual)
                continue
            meant = re.match(r"(?:([A-Z]{3}) )?([\d,]+)", right)
            assert meant, right
            found = money.parse_money(text, currency=usual)
            assert found.amount == int(meant[2].replace(",", "")) * 100, text
            assert meant[1] in (None, found.currency), text


@pytest.mark.ci
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_term_of_the_page_of_queries_is_understood(small: Crm, language: str) -> None:
    small.ok("customer edit 1 --set seats=250 --set 座位数=250")
    for left, _ in pairs("queries", language):
        words = shlex.split(left)
        codes = [small(noun, "list", *words).code for noun in ("customer", "deal", "task", "order", "product")]
        assert 0 in codes, left
    states = {left for left, _ in pairs("queries", language) if left.startswith("is:")}
    assert states == {f"is:{name}" for known in STATES.values() for name in known}


@pytest.mark.ci
@pytest.mark.parametrize("language", ["en", "zh"])
def test_each_way_of_the_page_of_references_finds_its_record(small: Crm, language: str) -> None:
    small.environ.update(HERE[language])
    for left, _ in pairs("references", language):
        assert small("show", left).code == 0, left


def every_error() -> Iterator[type[CrmError]]:
    waiting = [CrmError]
    while waiting:
        kind = waiting.pop()
        yield kind
        waiting += kind.__subclasses__()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_pages_name_what_the_tables_have(language: str) -> None:
    assert [left for left, _ in pairs("formats", language)] == [*FORMATS, "text"]
    codes = {int(code) for left, _ in pairs("exit-codes", language) for code in left.split(", ")}
    assert {kind.code for kind in every_error()} <= codes
    assert codes == {0, 1, 2, 3, 4, 5, 6, 10, 65, 75, 129, 130, 143}
    kept = [
        (left, right.partition("：" if language == "zh" else ":")[0]) for left, right in pairs("settings", language)
    ]
    assert kept[: len(SETTINGS)] == [(name, variable) for name, (variable, _, _) in SETTINGS.items()]


@pytest.mark.ci
@pytest.mark.parametrize(("topic", "language"), TOPIC_PAGES)
def test_what_a_page_types_works(
    crm: Crm, world: Path, monkeypatch: pytest.MonkeyPatch, topic: str, language: str
) -> None:
    """The first page is one day in a new database; the others are played on the small one."""
    monkeypatch.chdir(crm.folder)
    crm.environ.update(HERE[language])
    for name, content in FILES.items():
        (crm.folder / name).write_bytes(content)
    if topic != "start":
        shutil.copytree(world, crm.folder, dirs_exist_ok=True)
    for line in (line[2:] for line in lines_of(topic, language) if line.startswith("$ ")):
        result = typed(crm, line)
        assert result.code == 0, f"{line}\n{result}"
    if topic == "start":
        assert crm.rows("deal list status:won")[0]["status"] == "won"
        assert len(crm.rows("customer list")) == 1  # the import was undone
