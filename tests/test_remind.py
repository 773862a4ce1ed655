"""crm remind: what is due told once or again, in every format, in an empty environment, and the lines for cron."""

import os
import re
import shlex
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import Crm

from crm_cli.rules.text import width

CRM = str(Path(sys.executable).parent / "crm")


@pytest.fixture
def due(acme: Crm) -> Crm:
    """One late, one today, one tomorrow, one later, one without a day."""
    acme.ok('task add "send the quote" --customer acme --due yesterday')
    acme.ok("task add demo --deal rollout --due today@14:00")
    acme.ok("task add report --due tomorrow")
    acme.ok("task add review --due +2d")
    acme.ok("task add someday")
    return acme


def refs(crm: Crm, *words: str) -> list[str]:
    return crm.ok("remind", *words, "--format", "ids").out.split()


# ------------------------------------------------------------------ what is due


@pytest.mark.parametrize(
    "more", ["", "--format text", "--format table", "--format md", "--format html", "--format ids"]
)
def test_it_is_silent_when_nothing_is_due(crm: Crm, more: str) -> None:
    crm.ok("customer add Zeta")
    before = crm.db.read_bytes()
    for line in (f"remind {more}", f"remind --since-last {more}", f"remind --exit-code {more}"):
        result = crm(line)
        assert (result.code, result.out, result.err) == (0, "", "")
    assert crm.db.read_bytes() == before


@pytest.mark.parametrize("more", ["", "--json", "--format html", "--since-last", "--exit-code", "--dry-run"])
def test_a_database_that_is_not_there_is_told(crm: Crm, more: str) -> None:
    """cron with a mistyped path would be silent for ever."""
    path = crm.folder / "cmr.db"
    result = crm(f"remind {more} --db {path}")
    assert (result.code, result.out) == (5, "")
    assert f"There is no database at {path}, so nothing can be due" in result.err
    assert "CRM_DB" in result.err
    assert not path.exists()


@pytest.mark.process
def test_cron_is_told_of_a_missing_database(tmp_path: Path) -> None:
    done = subprocess.run(
        [CRM, "remind"], env={"CRM_DB": str(tmp_path / "no.db")}, capture_output=True, stdin=subprocess.DEVNULL
    )
    assert (done.returncode, done.stdout) == (5, b"")
    assert str(tmp_path / "no.db").encode() in done.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [("foo:bar", 2, "Unknown field foo"), ("@nobody", 3, "nobody"), ("--owner zoe", 3, "No member is called zoe")],
)
def test_what_cron_would_ask_is_checked(acme: Crm, words: str, code: int, told: str) -> None:
    acme.ok("member add Ana")
    result = acme(f"remind {words} --print-crontab")
    assert (result.code, result.out) == (code, "")
    assert told in result.err


def test_machines_get_an_empty_list(crm: Crm) -> None:
    crm.ok("customer add Zeta")
    assert crm.ok("remind --json").out == "[]\n"
    assert crm.ok("remind --format jsonl").out == ""
    assert crm.ok("remind --format csv").out.startswith("ref,kind,bucket,")
    assert crm.ok("remind --format ics").out.count("BEGIN:") == 1


def test_what_is_late_today_or_tomorrow_is_due(due: Crm) -> None:
    assert refs(due) == ["task:1", "task:2", "task:3"]
    assert refs(due, "--within", "0") == ["task:1", "task:2"]
    assert refs(due, "--within", "2d") == ["task:1", "task:2", "task:3", "task:4"]
    assert refs(due, "--within", "1d") == [row["ref"] for row in due.rows("followups --within 1d")]
    assert due.rows("remind") == due.rows("followups --within 1d")
    assert due("remind --within 3m").code == 2


def test_exit_code_10_says_that_something_is_due(due: Crm) -> None:
    assert due("remind --exit-code").code == 10
    assert due("remind").code == 0
    assert due("remind tag:nobody --exit-code").code == 3
    assert due("remind region:nowhere --exit-code").code == 0
    assert due("remind --exit-code --since-last").code == 10
    assert due("remind --exit-code --since-last").code == 0


def test_a_query_is_over_customers_and_an_owner_a_member(due: Crm) -> None:
    due.ok("member add Ana")
    due.ok("task edit 1 --owner ana")
    assert refs(due, "tag:key") == ["task:1", "task:2"]
    assert refs(due, "not:tag:key") == []
    assert refs(due, "--owner", "ana") == ["task:1"]
    assert due.ok("remind --mine --format ids", env={"CRM_USER": "ana"}).out == "task:1\n"
    assert due("remind --owner nobody").code == 3
    assert due("remind --owner ana --mine").code == 2
    assert due("remind", "--owner", " ").code == 2


def test_quiet_deals_and_cadences_are_told_and_snoozed_ones_stay_away(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 7d")
    acme.ok("log call deal:rollout hello")
    later = acme.at("2026-12-20T09:00:00")
    assert sorted(refs(later)) == ["customer:1", "deal:1"]
    later.ok("snooze deal:1 2026-12-24")
    assert refs(later) == ["customer:1"]


def test_the_next_of_a_recurring_task_comes_when_this_one_is_done(acme: Crm) -> None:
    acme.ok("task add report --customer acme --every mon --due 2026-11-30")
    late = acme.at("2026-12-23T09:00:00")  # three Mondays were missed
    assert refs(late) == ["task:1"]
    late.ok("done task:1")
    assert refs(late) == []
    assert [row["due_on"] for row in late.rows("task list")] == ["2026-12-28"]
    assert refs(acme.at("2026-12-28T09:00:00"), "--since-last") == ["task:2"]


def test_a_monthly_task_counts_from_its_first_day(acme: Crm) -> None:
    acme.ok("task add invoice --customer acme --every month --due 2026-12-31")
    acme.at("2027-03-05T09:00:00").ok("done task:1")
    assert [row["due_on"] for row in acme.at("2027-03-05T09:00:00").rows("task list")] == ["2027-03-31"]


# ------------------------------------------------------------------ each thing once


def test_each_thing_is_told_once_to_each_name(due: Crm) -> None:
    assert refs(due, "--since-last") == ["task:1", "task:2", "task:3"]
    assert refs(due, "--since-last") == []
    assert refs(due, "--since-last=boss", "--within", "0") == ["task:1", "task:2"]
    assert refs(due, "--since-last= BOSS ") == ["task:3"]
    assert refs(due, "--since-last=default") == []
    assert refs(due) == ["task:1", "task:2", "task:3"]
    assert refs(due.at("2026-11-26T09:00:00"), "--since-last") == ["task:4"]


def test_missed_days_are_caught_up_and_a_clock_set_back_repeats_nothing(acme: Crm) -> None:
    for day in range(26, 31):
        acme.ok(f"task add day{day} --due 2026-11-{day}")
    today = ["--since-last", "--within", "0"]
    assert refs(acme.at("2026-11-26T07:00:00"), *today) == ["task:1"]
    assert refs(acme.at("2026-11-29T07:00:00"), *today) == ["task:2", "task:3", "task:4"]
    assert refs(acme.at("2026-11-25T07:00:00"), *today) == []
    assert refs(acme.at("2026-11-29T07:00:00"), *today) == []
    assert refs(acme.at("2026-11-30T07:00:00"), *today) == ["task:5"]


def test_what_is_put_off_is_told_again_on_its_new_day(due: Crm) -> None:
    assert len(refs(due, "--since-last")) == 3
    due.ok("snooze task:1 2026-11-27")
    assert refs(due, "--since-last", "--within", "0") == []
    assert refs(due.at("2026-11-27T09:00:00"), "--since-last", "--within", "0") == ["task:4", "task:1"]


def test_an_appointment_is_told_again_at_its_new_time_but_not_in_another_zone(due: Crm) -> None:
    assert len(refs(due, "--since-last")) == 3
    shanghai = due.ok("remind --since-last --format ids", env={"CRM_TZ": "Asia/Shanghai"})
    assert shanghai.out == ""
    due.ok("task edit 2 --due today@16:00")
    assert refs(due, "--since-last") == ["task:2"]


def test_a_deal_that_falls_quiet_again_is_told_again(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 300d")
    acme.ok("log call deal:rollout hello")
    first = acme.at("2026-12-07T09:00:00")
    assert refs(first, "--since-last") == ["deal:1"]
    assert refs(first, "--since-last") == []
    first.ok("log call deal:rollout hello")
    assert refs(acme.at("2026-12-19T09:00:00"), "--since-last") == ["deal:1"]


def test_a_quiet_deal_put_off_is_told_again_when_that_is_over(acme: Crm) -> None:
    acme.ok("log call deal:rollout hello")
    told = acme.at("2026-12-07T09:00:00")
    assert refs(told, "--since-last") == ["deal:1"]
    told.ok("snooze deal:1 2026-12-10")
    assert refs(acme.at("2026-12-09T09:00:00"), "--since-last") == []
    assert refs(acme.at("2026-12-10T09:00:00"), "--since-last") == ["deal:1"]
    assert refs(acme.at("2026-12-11T09:00:00"), "--since-last") == []


def test_a_trial_tells_and_claims_nothing(due: Crm) -> None:
    assert len(refs(due, "--since-last", "--dry-run")) == 3
    assert due.sql("SELECT count(*) FROM reminder_claim") == [(0,)]
    assert len(refs(due, "--since-last")) == 3
    assert refs(due, "--since-last", "--dry-run") == []


def test_claims_are_no_operation_of_a_person(due: Crm) -> None:
    before = due.ok("followups --json").out
    due.ok("remind --since-last")
    assert due.ok("followups --json").out == before
    assert due.sql("SELECT name, item, due_on FROM reminder_claim ORDER BY id") == [
        ("default", "task:1", "2026-11-24"),
        ("default", "task:2", "2026-11-25T14:00:00Z"),
        ("default", "task:3", "2026-11-26"),
    ]


def test_a_name_without_its_equals_sign_is_not_taken_for_a_query(due: Crm) -> None:
    result = due("remind --since-last boss --exit-code")
    assert (result.code, result.out) == (2, "")
    assert result.err.splitlines() == [
        "crm: --since-last boss can be read in two ways",
        "As a name type: crm remind --since-last=boss --exit-code. As a query: crm remind boss --since-last --exit-code",
    ]
    assert refs(due, "--since-last", "tag:key") == ["task:1", "task:2"]
    assert refs(due, "acme", "--since-last=x") == ["task:1", "task:2"]
    assert due("remind --since-last= --json").code == 2
    assert due("remind --since-last --json --bogus").err.startswith('{"error": "usage"')
    assert due("remind", "--since-last=" + "x" * 101).code == 2


def test_a_stranger_s_trigger_on_claims_is_refused(due: Crm) -> None:
    due.sql("CREATE TRIGGER odd AFTER INSERT ON reminder_claim BEGIN DELETE FROM task; END")
    result = due("remind --since-last")
    assert (result.code, result.out) == (5, "")
    assert "odd" in result.err


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_database_that_cannot_be_written_is_named(due: Crm) -> None:
    due.db.chmod(0o400)
    assert due("remind").code == 0
    assert due("remind --since-last").code == 5


def test_a_database_that_cannot_be_written_is_named_before_anything_is_due(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    crm.ok("customer add Acme")
    monkeypatch.setattr("crm_cli.store.claims.os.access", lambda path, mode: False)
    result = crm("remind --since-last")
    assert (result.code, result.out) == (5, "")
    assert "may not be written by you" in result.err
    assert crm("remind --since-last --dry-run").code == 0


# ------------------------------------------------------------------ the letter


def test_the_letter(due: Crm) -> None:
    assert due.ok("remind").out.splitlines() == [
        "3 things are due, 1 late: Acme GmbH, report",
        "Jane Doe (Acme GmbH): send the quote",
        "  +49301234567  due yesterday  task:1",
        "Jane Doe (Acme GmbH): demo",
        "  +49301234567  today at 14:00  task:2",
        "report",
        "  due tomorrow  task:3",
    ]


def test_one_thing_is_said_whole_in_the_first_line(acme: Crm) -> None:
    acme.ok('task add "send the quote" --customer acme --due today')
    assert acme.ok("remind").out.splitlines()[0] == "1 thing is due: Jane Doe (Acme GmbH): send the quote"
    acme.ok("task edit 1 --clear customer")
    assert acme.ok("remind").out == "1 thing is due: send the quote\nsend the quote\n  due today  task:1\n"


def test_the_letter_in_chinese(crm: Crm) -> None:
    crm.ok("customer", "add", "星河软件技术有限公司" * 5, "--phone", "+86 139 1234 5678")
    crm.ok("task", "add", "把报价单发给对方的采购经理" * 6, "--customer", "星河", "--due", "yesterday")
    crm.ok("task", "add", "演示", "--customer", "星河", "--due", "today")
    lines = crm.ok("remind --lang zh").out.splitlines()
    assert lines[0].startswith("2 件事到期，其中 1 件已逾期：星河软件")
    assert lines[2] == "  +8613912345678  昨天到期  task:1"
    assert all(width(line) <= 60 for line in lines)


@pytest.mark.ci
def test_the_letter_says_how_many_names_it_leaves_out(crm: Crm) -> None:
    for number in range(30):
        crm.ok(f'customer add "Customer number {number}" --duplicate')
        crm.ok(f'task add call --customer "customer:{number + 1}" --due today')
    lines = crm.ok("remind").out.splitlines()
    assert lines[0] == "30 things are due: Customer number 0 and 29 more"
    assert len(lines) == 61


@pytest.mark.parametrize(
    ("phone", "shown"),
    [("+49 (30) 123-45 67", "+49301234567"), ("0049 30 1234567 ext. 12", "+49301234567 ext. 12"), ("12345", "12345")],
)
def test_a_phone_can_tap_the_number(crm: Crm, phone: str, shown: str) -> None:
    crm.ok("customer", "add", "Acme", "--phone", phone)
    crm.ok("task add call --customer acme --due today")
    assert crm.ok("remind").out.splitlines()[2] == f"  {shown}  due today  task:1"


def test_hostile_values_stay_within_their_lines(crm: Crm) -> None:
    address = "a" * 60 + "@" + "b" * 60 + ".example"
    crm.ok("customer", "add", "\x1b[31mred [link=x]" + "w" * 300, "--email", address)
    crm.ok("task", "add", "first\nsecond\x07 " + "字" * 200, "--customer", "1", "--due", "today")
    lines = crm.ok("remind").out.splitlines()
    assert len(lines) == 3
    assert all(width(line) <= 60 and line.isprintable() for line in lines)


# ------------------------------------------------------------------ other formats


def test_the_formats_of_a_letter_are_refused_elsewhere(due: Crm) -> None:
    assert due("followups --format ics").code == 2
    assert "text html ics" in due("remind --format xlsx").err
    assert due.ok("remind", env={"CRM_FORMAT": "ids"}).out == "task:1\ntask:2\ntask:3\n"
    assert due.ok("remind", env={"CRM_FORMAT": "vcf"}).out.startswith("3 things")


def test_as_markdown_the_sentence_stands_above_the_table(due: Crm) -> None:
    lines = due.ok("remind --format md").out.splitlines()
    assert lines[0] == "3 things are due, 1 late: Acme GmbH, report"
    assert lines[2].startswith("| ref | customer |")
    assert len(lines) == 7


class Page(HTMLParser):
    """Tags, links and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.tags: set[str] = set()
        self.words = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.links += [value or "" for name, value in attrs if name == "href"]
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data


def test_the_page_reads_in_a_mail_client(due: Crm) -> None:
    due.ok('log call acme "wants a quote"')
    text = due.ok("remind --format html").out
    page = Page(text)
    assert text.startswith('<!doctype html>\n<html lang="en">')
    assert '<html lang="zh-Hans">' in due.ok("remind --format html --lang zh").out
    assert page.links[:2] == ["tel:+49301234567", "mailto:jane@acme.example"]
    assert page.words.count("3 things are due, 1 late: Acme GmbH, report") == 2
    assert '2026-11-25: "wants a quote"' in page.words
    assert not page.tags & {"script", "img", "link", "style"}


def test_nothing_in_the_data_becomes_part_of_the_page(crm: Crm) -> None:
    crm.ok("customer", "add", '<script>alert("x")</script>', "--email", "a&b?bcc=c@acme.example")
    crm.ok("log", "call", "1", '"><img src=x onerror=y>')
    crm.ok("task", "add", "</li><b>\x1b[31m & 'so'", "--customer", "1", "--due", "today")
    page = Page(crm.ok("remind --format html").out)
    assert not page.tags & {"script", "img", "b"}
    assert page.links == ["mailto:a%26b%3Fbcc%3Dc@acme.example"]
    assert "</li><b>\\x1b[31m & 'so'" in page.words


def test_the_calendar(due: Crm) -> None:
    text = due.ok("remind --format ics --within 2d").out
    lines = text.replace("\r\n ", "").split("\r\n")
    assert text.count("\n") == text.count("\r\n")
    assert [line for line in lines if line.startswith("BEGIN:V") and "ALARM" not in line] == [
        "BEGIN:VCALENDAR", "BEGIN:VTODO", "BEGIN:VEVENT", "BEGIN:VTODO", "BEGIN:VTODO",
    ]  # fmt: skip
    tasks = due.rows("task list")
    assert sorted(line[4:] for line in lines if line.startswith("UID:")) == sorted(
        task["uuid"] for task in tasks if task["due_on"]
    )
    assert lines.count("BEGIN:VALARM") == 4
    assert "DUE;VALUE=DATE:20261124" in lines
    assert "DTSTART:20261125T140000Z" in lines
    assert "SUMMARY:Jane Doe (Acme GmbH): send the quote" in lines
    assert "DTSTAMP:20261125T090000Z" in lines
    assert due.at("2026-11-25T10:00:00").ok("remind --format ics --within 2d").out == text


def test_quiet_deals_and_cadences_have_ids_of_their_own(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 7d")
    acme.ok("log call deal:rollout hello")
    text = acme.at("2026-12-20T09:00:00").ok("remind --format ics").out
    uuids = {row["uuid"] for noun in ("customer", "deal") for row in acme.rows(f"{noun} list")}
    assert set(re.findall(r"UID:([0-9a-f-]{36})-(?:quiet|cadence)\r\n", text)) == uuids


# ------------------------------------------------------------------ without anything around it


def bare(*words: str, tail: str = "", env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    line = shlex.join(["env", "-i", *(f"{k}={v}" for k, v in (env or {}).items()), CRM, *words]) + " " + tail
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, encoding="utf-8", check=False)


@pytest.mark.process
def test_an_empty_environment_is_enough(crm: Crm) -> None:
    crm.ok("customer", "add", "星河软件 😀", "--phone", "+86 139 1234 5678")
    crm.ok("task add 演示 --customer 1 --due 2020-01-01")
    database = ["--db", str(crm.db)]
    done = bare(*database, "remind", tail="<&-")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[1:2] == ["星河软件 😀: 演示"]
    assert bare(*database, "remind", env={"LANG": "C"}, tail="<&-").stdout == done.stdout
    for tail in ("<&- >&-", "<&- 2>&-", "<&- >&- 2>&-"):
        assert bare(*database, "remind", tail=tail).returncode == 0
    closed = bare(*database, "remind", "--since-last", tail="<&- >&-")
    assert (closed.returncode, closed.stderr) == (5, "crm: Nothing was told: standard output is closed\n")
    once = bare(*database, "remind", "--since-last", "--exit-code", tail="<&-")
    assert (once.returncode, once.stdout) == (10, done.stdout)
    assert crm.sql("PRAGMA integrity_check") == [("ok",)]


# ------------------------------------------------------------------ the crontab


def settings(lines: list[str]) -> dict[str, str]:
    found = dict(line.split("=", 1) for line in lines if not line.startswith(("#", "0 ", "*")))
    return {name: value.strip("\"'") for name, value in found.items()}


def test_the_lines_for_cron(crm: Crm) -> None:
    result = crm.ok("remind --print-crontab", env={"CRM_TZ": "Europe/Berlin", "MAILTO": "ann@acme.example"})
    lines = result.out.splitlines()
    assert settings(lines) == {
        "PATH": f"{Path(CRM).parent}:/usr/local/bin:/usr/bin:/bin",
        "CRM_DB": str(crm.db),
        "CRM_TZ": "Europe/Berlin",
        "CRM_LANG": "en",
        "CRM_USER": "tester",
        "MAILTO": "ann@acme.example",
        "CONTENT_TYPE": "text/plain; charset=UTF-8",
    }
    assert [line for line in lines if CRM in line and "=" not in line] == [
        f"0 7 * * 1-5 {CRM} remind",
        f"#*/10 7-19 * * * {CRM} remind --since-last --within 0",
    ]
    assert result.err == f"{crm.db} is not there yet; the first write makes it\n"
    assert not crm.db.exists()


def test_the_lines_for_cron_carry_what_was_typed(acme: Crm) -> None:
    acme.ok("member add Ana --email ana@acme.example")
    result = acme.ok(
        "remind tag:key --owner ana --since-last=boss --format html --print-crontab", env={"CRM_USER": "ana"}
    )
    assert result.out.splitlines()[-1] == (
        f"*/10 7-19 * * * {CRM} remind tag:key --owner ana --format html --since-last=boss"
    )
    assert settings(result.out.splitlines()[:-1])["MAILTO"] == "ana@acme.example"
    assert 'CONTENT_TYPE="text/html; charset=UTF-8"' in result.out


def test_the_lines_for_cron_survive_spaces_quotes_and_percent_signs(crm: Crm) -> None:
    folder = crm.folder / "100% sure 'n' so"
    folder.mkdir()
    database = folder / "crm.db"
    line = crm.ok("--db", str(database), "remind", "name:50%", "it's", "--print-crontab").out.splitlines()
    assert settings(line[:-1])["CRM_DB"] == str(database)
    assert line[-1] == f"0 7 * * 1-5 {CRM} remind name:50\\% 'it'\"'\"'s'"
    odd = crm("--db", str(crm.folder / "a\nb.db"), "remind", "--print-crontab")
    assert (odd.code, odd.out) == (2, "")


def test_a_config_that_cron_would_not_find_is_named(crm: Crm) -> None:
    crm.ok("config set country DE")
    assert f'CRM_CONFIG="{crm.folder}/config/crm/config.toml"' in crm.ok("remind --print-crontab").out


def test_readme_and_docs_show_the_lines_as_they_are_printed(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_cli.commands.crontab.program_line", lambda: ["/opt/crm/bin/crm"])
    crm.environ.pop("CRM_USER")
    env = {"CRM_DB": "/srv/crm/crm.db", "CRM_TZ": "Europe/Berlin", "MAILTO": "ann@acme.example"}
    lines = crm.ok("remind --print-crontab", env=env).out
    root = Path(__file__).parent.parent
    for page in (root / "README.md", root / "docs" / "cron.md"):
        assert f"```crontab\n{lines}```\n" in page.read_text(encoding="utf-8"), page.name
