"""Lists: columns, order, limits and formats, the same for every noun."""

import csv
import io
import json
import re
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from conftest import FAST, Crm

from crm_cli.queries.conditions import Asker
from crm_cli.queries.records import list_records
from crm_cli.rules.fields import FIELDS, NOUNS
from crm_cli.store.reader import open_reader


@pytest.fixture(scope="module")
def team_database(acme_database: Path) -> Iterator[Path]:
    """Three customers with money won in two of them, three deals, a task and a talk; made once."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST, ignore_cleanup_errors=True) as folder:
        acme = Crm(Path(folder))
        shutil.copy2(acme_database, acme.db)
        _fill(acme)
        yield acme.db


@pytest.fixture
def team(crm: Crm, team_database: Path) -> Crm:
    shutil.copy2(team_database, crm.db)
    return crm


def _fill(acme: Crm) -> None:
    acme.ok('customer add "Zeta" --kind person --size 5 --region Öst')
    acme.ok('customer add "beta" --size 40 --region alpha')
    for title, customer, money in (("yen", "zeta", "500000 --currency JPY"), ("dinar", "beta", "900.5 --currency KWD")):
        acme.ok(f"deal add {title} --customer {customer} --amount {money}")
        acme.ok(f"deal win {title}")
    acme.ok('log call acme "wants, a ""quote""" --next "send it" --due fri')
    acme.ok("product add Seat --code P-1 --price 100EUR")
    acme.ok("order add zeta --line P-1:2 --number A-1")


def column(crm: Crm, line: str, key: str) -> list[object]:
    return [row[key] for row in crm.rows(f"{line} --columns {key}")]


@pytest.mark.ci
@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv", "md", "table", "ids"])
@pytest.mark.parametrize("noun", NOUNS)
def test_every_noun_speaks_every_format(team: Crm, noun: str, form: str) -> None:
    result = team.ok(f"{noun} list --format {form}")
    assert result.out.endswith("\n")
    assert result.out == team.ok(f"{noun} list", env={"CRM_FORMAT": form}).out
    assert team.ok(f"{noun} list nothing-like-it --format {form}").code == 0


@pytest.mark.parametrize("noun", ["tag", "segment", "stage", "member"])
@pytest.mark.parametrize("form", ["json", "jsonl", "csv", "tsv", "md", "table", "ids"])
def test_small_nouns_speak_every_format(team: Crm, noun: str, form: str) -> None:
    team.ok("segment add s tag:key") if noun == "segment" else None
    team.ok("member add Ana") if noun == "member" else None
    assert team.ok(f"{noun} list --format {form}").out


def test_an_empty_list_is_empty_in_its_format(crm: Crm) -> None:
    assert crm.ok("customer list --json").out == "[]\n"
    assert crm.ok("customer list --format jsonl").out == ""
    assert crm.ok("customer list --format ids").out == ""
    assert crm.ok("customer list --format csv --columns id,name").out == "id,name\n"
    assert crm.ok("customer list").out == ""
    assert crm.ok("customer list").err == "Nothing found.\n"
    assert not crm.db.exists()


def test_columns_pick_and_order_in_every_format(team: Crm) -> None:
    line = "customer list acme --columns region,name"
    assert team.ok(f"{line} --format csv").out == "region,name\nDACH,Acme GmbH\n"
    assert team.ok(f"{line} --format tsv").out == "region\tname\nDACH\tAcme GmbH\n"
    assert team.ok(f"{line} --format jsonl").out == '{"region": "DACH", "name": "Acme GmbH"}\n'
    assert team.ok(f"{line} --format md").out.splitlines()[2] == "| DACH | Acme GmbH |"
    assert team.ok(line).out == "region  name\nDACH    Acme GmbH\n"
    assert team.ok(f"{line} --format ids").out == "1\n"
    assert list(team.rows("deal list --columns days-in-stage,阶段,days_in_stage")[0]) == ["days_in_stage", "stage"]


@pytest.mark.ci
@pytest.mark.parametrize(("noun", "key"), [(noun, field.key) for noun in NOUNS for field in FIELDS[noun]])
def test_every_key_can_be_shown_sorted_by_and_asked_for(team: Crm, noun: str, key: str) -> None:
    for form in ("table", "json", "csv"):
        for sort in (key, f"-{key}", f"{key}:desc,id"):
            result = team.ok(noun, "list", "--columns", key, "--sort", sort, "--format", form)
            assert result.code == 0
    present = {row["id"] for row in team.rows(f"{noun} list has:{key}")}
    absent = {row["id"] for row in team.rows(f"{noun} list no:{key}")}
    assert not present & absent
    every = ["--all"] if noun in ("deal", "task") else []
    whole = {row["id"]: row[key] for row in team.rows(noun, "list", "--columns", f"id,{key}", *every)}
    empty = (None, [], {}, 0) if key == "open_deals" else (None, [], {})
    assert present == {i for i, value in whole.items() if value not in empty and i in present | absent}


def test_an_amount_alone_in_a_table_keeps_its_currency(team: Crm) -> None:
    assert team.ok("deal list rollout --columns amount,title").out.splitlines()[1].startswith("EUR 48,000")
    assert "JPY 500,000" in team.ok("customer list zeta --columns name,spent").out


def test_sort_takes_several_keys_and_both_spellings(team: Crm) -> None:
    assert column(team, "customer list --sort name", "name") == ["Acme GmbH", "beta", "Zeta"]
    assert column(team, "customer list --sort -name", "name") == ["Zeta", "beta", "Acme GmbH"]
    assert column(team, "customer list --sort name:desc", "name") == ["Zeta", "beta", "Acme GmbH"]
    assert column(team, "customer list --sort kind,-size", "name") == ["beta", "Acme GmbH", "Zeta"]
    assert column(team, "customer list --sort kind:desc,名称:asc", "name") == ["Zeta", "Acme GmbH", "beta"]
    assert column(team, "customer list --sort region", "region") == ["alpha", "DACH", "Öst"]


def test_money_is_sorted_by_its_units_whatever_its_decimals(team: Crm) -> None:
    assert column(team, "customer list --sort -spent,name", "name") == ["Zeta", "beta", "Acme GmbH"]
    assert column(team, "customer list --sort spent:asc", "name") == ["beta", "Zeta", "Acme GmbH"]
    assert column(team, "deal list --all --sort amount", "title") == ["dinar", "Acme rollout", "yen"]


def test_empty_values_come_last_in_both_directions(team: Crm) -> None:
    assert column(team, "customer list --sort size", "size") == [5, 40, None]
    assert column(team, "customer list --sort -size", "size") == [40, 5, None]


def test_limit_and_offset_walk_through_and_say_what_is_left(team: Crm) -> None:
    first = team.ok("customer list --limit 2 --format ids")
    assert (first.out, first.err) == ("1\n3\n", "1 more: leave --limit out to see it\n")
    last = team.ok("customer list --limit 2 --offset 2 --format ids")
    assert (last.out, last.err) == ("2\n", "")
    assert team.ok("customer list --offset 1 --format ids").out == "3\n2\n"
    assert team.ok("customer list --limit 0 --format ids").err == "3 more: leave --limit out to see them\n"
    assert team.ok("customer list --limit 2 --format ids -q").err == ""
    assert team.ok("customer list --limit 3 --format ids").err == ""


def test_a_limited_list_of_open_deals_is_the_beginning_of_the_whole(crm: Crm) -> None:
    crm.ok("customer add Acme")
    for n, (stage, close) in enumerate(
        [
            ("lead", "2027-03-01"),
            ("proposal", "2027-01-01"),
            ("lead", ""),
            ("negotiation", "2027-02-01"),
            ("lead", "2027-01-01"),
        ]
    ):
        day = ["--close", close] if close else []
        crm.ok("deal", "add", f"d{n}", "--customer", "acme", "--stage", stage, *day)
    crm.ok("deal add gone --customer acme --close 2026-12-01")
    crm.ok("deal win gone")
    whole = crm.ok("deal list --format ids").out.split()
    assert whole == ["2", "5", "4", "1", "3"]
    for limit in range(7):
        for offset in range(6):
            page = crm.ok(f"deal list --format ids --limit {limit} --offset {offset}").out.split()
            assert page == whole[offset : offset + limit]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("customer list --format xml", "xml is no format of this command"),
        ("customer list --format text", "text is no format"),
        ("customer list --columns nme", "Did you mean name?"),
        ("customer list --columns ,", "names no column"),
        ("deal list --sort ammount", "Did you mean amount?"),
        ("deal list --sort amount:sideways", "amount:asc or amount:desc"),
        ("customer list --limit many", "--limit takes a whole number, not many"),
        ("customer list --limit -1", "--limit takes a whole number"),
        ("customer list --offset 1.5", "--offset takes a whole number"),
        ("customer list --limit", "--limit needs a value"),
    ],
)
def test_wrong_options_of_a_list_are_refused(team: Crm, line: str, said: str) -> None:
    result = team(line)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_an_unknown_crm_format_is_passed_over(team: Crm) -> None:
    assert team.ok("customer list", env={"CRM_FORMAT": "text"}).out == team.ok("customer list").out


def test_csv_guards_formulas_and_keeps_everything_else(crm: Crm) -> None:
    names = ["=1+1", "+1+1", "-1", "@x", 'quote " and, comma', "\u5f20\u4f1f", "'single"]
    for name in names:
        crm.ok("customer", "add", "--kind", "company", "--note", "line one\nline two", "--", name)
    rows = list(csv.DictReader(io.StringIO(crm.ok("customer list --sort id --format csv").out)))
    assert [row["name"] for row in rows] == ["'=1+1", "'+1+1", "'-1", "'@x", *names[4:6], "''single"]
    assert rows[0]["note"] == "line one\nline two"
    assert [row["name"] for row in crm.rows("customer list --sort id")] == names


def test_csv_joins_several_values(crm: Crm) -> None:
    crm.ok("customer add Acme --email a@x.example --email b@x.example --tag one --tag two")
    assert crm.ok("customer list --format csv --columns emails,tags").out == (
        "emails,tags\na@x.example; b@x.example,one; two\n"
    )


def test_json_amounts_are_exact_numbers(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("deal add Large --customer acme --amount 89999999999999.99 --currency EUR")
    crm.ok("deal add Small --customer acme --amount 0.10 --currency EUR")
    out = crm.ok("deal list --json --columns amount --sort -amount").out
    assert '{"amount": 89999999999999.99}' in out
    assert '{"amount": 0.1}' in out
    assert crm.ok("deal list --format csv --columns amount --sort -amount").out == "amount\n89999999999999.99\n0.1\n"


@pytest.mark.ci
def test_a_list_of_thousands_is_streamed_in_order(crm: Crm) -> None:
    lines = ["name"] + [f"Customer {n:05}" for n in range(4500)]
    made = crm("import", "-", "--as", "customers", stdin="\n".join(lines) + "\n")
    assert made.code == 0, made
    names = [json.loads(line)["name"] for line in crm.ok("customer list --format jsonl").out.splitlines()]
    assert names == lines[1:]
    assert len(crm.ok("customer list").out.splitlines()) == 4501


# ------------------------------------------------------------------ order


def test_full_width_marks_count_as_ascii_in_columns_and_sort(team: Crm) -> None:
    plain = team.rows("customer list --columns name,kind --sort kind,-name")
    assert team.rows("customer list --columns 名称，kind --sort kind，－name") == plain
    assert team.rows("customer list --columns name、类型 --sort 类型、name：desc") == plain


def test_equal_values_keep_the_order_of_their_ids(crm: Crm) -> None:
    for n in range(6):
        crm.ok("customer", "add", f"C{n}", "--region", "same", "--size", str(n % 2))
    assert crm.ok("customer list --sort region --format ids").out.split() == list("123456")
    assert crm.ok("customer list --sort region,-size --format ids").out.split() == list("642531")
    assert crm.ok("customer list --sort -size,region --format ids").out.split() == list("246135")


def test_a_list_that_ends_before_the_offset_says_so(team: Crm) -> None:
    result = team.ok("customer list --offset 9")
    assert (result.out, result.err) == ("", "Nothing behind the first 9\n")
    assert team.ok("customer list --offset 9 --json").out == "[]\n"
    assert team.ok("customer list --limit 0").err == "3 more: leave --limit out to see them\n"
    assert team("customer list --sort ,").code == 2


# ------------------------------------------------------------------ answers and small nouns


def test_columns_pick_and_order_in_answers_too(team: Crm) -> None:
    ((ref, late),) = [(row["ref"], row["days_late"]) for row in team.rows("followups --within 9d")]
    assert team.ok("followups --columns days-late,ref --format csv --within 9d").out == f"days_late,ref\n{late},{ref}\n"
    assert team.ok("followups --columns ref,what --within 9d").out == f"ref     what\n{ref}  send it\n"
    assert team.rows("find acme --columns name,ref")[0] == {"name": "Acme GmbH", "ref": "customer:1"}
    rows = team.rows("funnel currency:EUR --columns stage,amount")
    assert rows[0] == {"stage": "lead", "amount": 0}
    assert "proposal     EUR 48,000" in team.ok("funnel currency:EUR --columns stage,amount").out.splitlines()
    assert set(team.rows("funnel --by owner --columns owner,deals")[0]) == {"owner", "deals"}
    assert team.ok("followups --columns 客户，原因 --lang zh --within 9d").out.split()[:2] == ["客户", "原因"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("followups --columns days", "Did you mean days_late?"),
        ("funnel --columns amont", "Did you mean amount?"),
        ("find acme --columns nmae", "Did you mean name?"),
        ("tag list --columns nam", "Did you mean name?"),
        ("stage list --sort probabilty", "Did you mean probability?"),
        ("funnel --columns ,", "names no column"),
        ("followups --columns ref --format text", "A letter has no columns"),
    ],
)
def test_an_unknown_column_of_an_answer_is_answered_with_the_nearest(team: Crm, line: str, said: str) -> None:
    result = team(line)
    assert (result.code, result.out) == (2, "")
    assert said in result.err


def test_the_call_sheet_can_be_walked_in_pages(team: Crm) -> None:
    for n in range(5):
        team.ok(f"task add t{n} --customer acme --due 2026-11-2{n}")
    whole = team.ok("followups --format ids").out.split()
    pages = [team.ok(f"followups --format ids --limit 2 --offset {at}").out.split() for at in (0, 2, 4)]
    assert [ref for page in pages for ref in page] == whole[:6]
    assert team.ok("followups --limit 2 --offset 2").err == f"{len(whole) - 4} more: leave --limit out to see them\n"


def test_small_nouns_are_sorted_cut_and_picked_like_the_others(team: Crm) -> None:
    for name, refs in (("bee", "1 2"), ("ant", "1"), ("Äpfel", "2")):
        team.ok(f"tag add {name} {refs}")
    assert column(team, "tag list --sort name", "name") == ["ant", "Äpfel", "bee", "key"]
    assert column(team, "tag list --sort -customers,name:desc", "name") == ["bee", "key", "Äpfel", "ant"]
    page = team.ok("tag list --sort name --columns name --format csv --limit 2 --offset 1")
    assert (page.out, page.err) == ("name\nÄpfel\nbee\n", "1 more: leave --limit out to see it\n")
    stages = column(team, "stage list --sort -quiet_after_days", "quiet_after_days")
    assert stages == sorted((n for n in stages if n is not None), reverse=True) + [None] * stages.count(None)


# ------------------------------------------------------------------ rows for other programs

AWKWARD = 'tab\there | pipe\nnew line "quoted", comma'


def test_markdown_and_tsv_stay_well_formed_whatever_the_data(crm: Crm) -> None:
    crm.ok("customer", "add", "Acme", "--note", AWKWARD, "--region", "a\\|b")
    tsv = crm.ok("customer list --format tsv --columns name,note,region").out
    assert list(csv.reader(io.StringIO(tsv), delimiter="\t")) == [
        ["name", "note", "region"],
        ["Acme", AWKWARD, "a\\|b"],
    ]
    lines = crm.ok("customer list --format md --columns name,note,region").out.splitlines()
    assert len(lines) == 3
    assert [len(re.findall(r"(?<!\\)(?:\\\\)*\|", line)) for line in lines] == [4, 4, 4]


def test_a_spreadsheet_gets_sums_that_can_be_read(team: Crm) -> None:
    team.ok("deal add more --customer zeta --amount 1200.50USD")
    team.ok("deal win more")
    out = team.ok("customer list --columns name,won,open --sort name --format csv").out
    assert out == "name,won,open\nAcme GmbH,,EUR 48000\nbeta,KWD 900.5,\nZeta,JPY 500000; USD 1200.5,\n"
    limited = team.ok("customer list --columns name,won,open --sort name --format csv --limit 9").out
    assert limited == out
    again = team("import", "-", "--as", "customers", "--json", stdin=team.ok("export customers").out)
    assert (again.code, again.json["added"], again.json["failed"]) == (0, 0, 0)


def test_a_list_that_is_printed_slowly_keeps_nobody_from_writing(crm: Crm) -> None:
    names = "".join(f"Firm {n}\n" for n in range(2500))
    crm.ok("import - --as customers", stdin=f"name\n{names}")
    db = open_reader(str(crm.db))
    rows = list_records(db, "customer", Asker(datetime(2026, 6, 15, 9, tzinfo=UTC), 1), keys=["name"])
    assert next(rows)["name"] == "Firm 0"
    other = sqlite3.connect(crm.db, isolation_level=None, timeout=0)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("ROLLBACK")
    assert len(list(rows)) == 2499
