"""Imports: foreign files in, by the function that the command calls; what came of it is read back with SQL."""

import csv
import io
import json
import os
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crm_cli.actions.imports.engine import ImportOptions, ImportResult, import_file
from crm_cli.errors import BadData, Busy, Conflict, CrmError, FileError, Misuse
from crm_cli.rules.aliases import KINDS as NOUNS_OF
from crm_cli.rules.aliases import fields_of
from crm_cli.store.reader import open_reader

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
REAL = os.environ.get("CRM_REAL_DATA")
needs_real = pytest.mark.skipif(not REAL, reason="CRM_REAL_DATA is not set")
COUNTS = ("read", "added", "updated", "unchanged", "skipped", "failed")


class Desk:
    """A folder with a database and files to import."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.db = folder / "crm.db"

    def load(
        self, text: str | bytes | Path, kind: str = "customers", now: datetime = NOW, **given: Any
    ) -> ImportResult:
        path = text if isinstance(text, Path) else self.folder / "in.csv"
        if not isinstance(text, Path):
            path.write_bytes(text.encode() if isinstance(text, str) else text)
        maps = given.pop("maps", {})
        result = import_file(str(self.db), str(path), ImportOptions(kind=kind, maps=maps, now=now, user="ana", **given))
        report = result.report
        assert report["read"] == sum(report[key] for key in COUNTS[1:]), report
        return result

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        reader = open_reader(str(self.db))
        try:
            return reader.rows(sql)
        finally:
            reader.close()

    def value(self, sql: str) -> Any:
        found = self.rows(sql)
        return found[0][0] if found else None

    def image(self) -> list[tuple[Any, ...]]:
        """Every row of every table."""
        tables = [row[0] for row in self.rows("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
        return [(table, *row) for table in tables for row in self.rows(f"SELECT * FROM {table}")]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def counted(result: ImportResult) -> str:
    """`3 added`, `1 updated 2 unchanged`: what is not zero."""
    return " ".join(f"{result.report[key]} {key}" for key in COUNTS[1:] if result.report[key])


def reasons(result: ImportResult) -> str:
    return "\n".join(str(error["reason"]) for error in result.report["errors"])


def table(*rows: str) -> str:
    return "\n".join(rows) + "\n"


# ------------------------------------------------------------------ the happy path of each kind


def test_customers_with_everything(desk: Desk) -> None:
    result = desk.load(
        table(
            "name,kind,status,email,phone,website,industry,size,region,country,city,address,source,language,prefers,"
            "birthday,cadence_days,owner,tags,note,created_at,Level",
            'Acme,company,qualified,Sales@Acme.example,+49 30 1234567,https://www.acme.example/,retail,"1,234",DACH,'
            "Germany,Berlin,Main 1,fair,de,phone,1990-05-17,2w,Ana,vip; key,hello,2025-01-02,gold",
        ),
        create=frozenset({"owners"}),
    )
    assert (result.code, counted(result)) == (0, "1 added")
    assert desk.rows(
        "SELECT name, name_key, kind, status, industry, size, region, country, city, address, source, language, prefers,"
        " birthday, cadence_days, note, cadence_due_on, created_at, updated_at, external_id, custom FROM customer"
    ) == [
        (
            *(
                "Acme",
                "acme",
                "company",
                "qualified",
                "retail",
                1234,
                "DACH",
                "Germany",
                "Berlin",
                "Main 1",
                "fair",
                "de",
            ),
            *("call", "1990-05-17", 14, "hello", "2025-01-16", "2025-01-02T12:00:00Z", "2026-11-25T09:00:00Z", None),
            '{"Level": "gold"}',
        )
    ]
    assert desk.rows("SELECT kind, value, value_key, label, position FROM reach ORDER BY id") == [
        ("email", "Sales@Acme.example", "sales@acme.example", "", 0),
        ("phone", "+49 30 1234567", "+49301234567", "", 0),
        ("website", "https://www.acme.example/", "acme.example", "", 0),
    ]
    assert desk.rows("SELECT m.name FROM customer c JOIN member m ON m.id = c.owner_id") == [("Ana",)]
    assert desk.rows("SELECT g.name FROM tagging x JOIN tag g ON g.id = x.tag_id ORDER BY 1") == [("key",), ("vip",)]


def test_every_row_gets_a_uuid_of_version_7(desk: Desk) -> None:
    desk.load(table("name,email", "A,a@x.example", "B,b@x.example"))
    import uuid

    found = [row[0] for row in desk.rows("SELECT uuid FROM customer UNION ALL SELECT uuid FROM reach")]
    assert len(set(found)) == 4
    assert {uuid.UUID(one).version for one in found} == {7}
    assert {uuid.UUID(one).variant for one in found} == {uuid.RFC_4122}


def test_contacts_with_their_customer(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    result = desk.load(
        table(
            "Full Name,Company,Job Title,Role,Work Email,Mobile,Birthday,Tags",
            "Jane Doe,ACME,CTO,Decision Maker,j@acme.example,0171 1234567,1990-05-17,a",
        ),
        "contacts",
        country="DE",
    )
    assert counted(result) == "1 added"
    assert desk.rows("SELECT name, customer_id, title, role, birthday FROM contact") == [
        ("Jane Doe", 1, "CTO", "decision-maker", "1990-05-17")
    ]
    assert desk.rows("SELECT kind, value_key, label FROM reach WHERE contact_id = 1 ORDER BY id") == [
        ("email", "j@acme.example", "work"),
        ("phone", "+491711234567", "mobile"),
    ]


def test_deals_with_money_and_stage(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    desk.load(table("name,customer", "Jane Doe,Acme"), "contacts")
    result = desk.load(
        table(
            "title,customer,stage,amount,currency,probability,expected_close_on,opened_on,source,risk,contacts,tags",
            "Rollout,acme,Proposal,48000.50,EUR,60%,2026-12-31,2026-10-01,fair,budget,Jane Doe; Nobody,vip",
        ),
        "deals",
    )
    assert counted(result) == "1 added"
    assert desk.rows(
        "SELECT title, customer_id, stage_id, furthest_stage_id, amount, currency, probability, expected_close_on,"
        " opened_on, closed_on, stage_since_on, last_touch_on, source, risk, custom FROM deal"
    ) == [
        (
            *("Rollout", 1, 3, 3, 4800050, "EUR", 60, "2026-12-31", "2026-10-01", None, "2026-10-01", None, "fair"),
            *("budget", '{"contacts": "Nobody"}'),
        )
    ]
    assert desk.rows("SELECT deal_id, contact_id, role FROM deal_contact") == [(1, 1, None)]
    assert desk.rows(
        "SELECT from_stage_id, to_stage_id, changed_on, changed_at, changed_by, days_spent FROM stage_change"
    ) == [(None, 3, "2026-10-01", "2026-10-01T12:00:00Z", "ana", None)]


def test_interactions_touch_whom_they_were_with(desk: Desk) -> None:
    desk.load(table("name,cadence_days", "Acme,30"))
    desk.load(table("name,customer", "Jane Doe,Acme"), "contacts")
    desk.load(table("title,customer", "Rollout,Acme"), "deals")
    result = desk.load(
        table(
            "channel,at,text,customer,deal,contacts,direction,duration,outcome",
            "Phone,2026-11-20 14:30,wants a quote,Acme,rollout,Jane Doe,Outbound,15m,interested",
            ",2026-11-10,older,Acme,,,,,",
        ),
        "interactions",
    )
    assert counted(result) == "2 added"
    assert desk.rows(
        "SELECT channel, at, text, customer_id, deal_id, direction, duration_minutes, outcome FROM interaction"
    ) == [
        ("call", "2026-11-20T14:30:00Z", "wants a quote", 1, 1, "out", 15, "interested"),
        ("note", "2026-11-10T12:00:00Z", "older", 1, None, None, None, None),
    ]
    assert desk.rows("SELECT last_contact_on, cadence_due_on FROM customer") == [("2026-11-20", "2026-12-20")]
    assert desk.value("SELECT last_contact_on FROM contact") == "2026-11-20"
    assert desk.value("SELECT last_touch_on FROM deal") == "2026-11-20"
    assert desk.rows("SELECT interaction_id, contact_id FROM interaction_contact") == [(1, 1)]


def test_tasks_open_and_done(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    desk.load(table("title,customer", "Rollout,Acme"), "deals")
    result = desk.load(
        table(
            "Subject,Due Date,Priority,Status,Closed Time,Every,Customer,Deal",
            "send quote,2026-12-01,High,Not Started,,,Acme,",
            "call,2026-12-02 14:00,,,,2w,,Rollout",
            "visit,2026-11-01,low,Completed,2026-11-02 10:00,,Acme,Rollout",
            "think,,,Completed,,,,",
        ),
        "tasks",
    )
    assert counted(result) == "4 added"
    assert desk.rows(
        "SELECT text, due_on, due_at, priority, every, anchor_on, done_at, customer_id, deal_id FROM task"
    ) == [
        ("send quote", "2026-12-01", None, "high", None, None, None, 1, None),
        ("call", "2026-12-02", "2026-12-02T14:00:00Z", "normal", "2w", "2026-12-02", None, 1, 1),
        ("visit", "2026-11-01", None, "low", None, None, "2026-11-02T10:00:00Z", 1, 1),
        ("think", None, None, "normal", None, None, "2026-11-25T09:00:00Z", None, None),
    ]
    assert desk.value("SELECT last_touch_on FROM deal") == "2026-11-02"


KINDS = {
    "customers": table(
        "name,email,owner,tags,level", "Acme,a@x.example,Ana,vip,1", "Beta,,Ben,,2", "贝塔,b@x.example,,重点,"
    ),
    "contacts": table("name,customer,email,title", "Jane,Acme,j@x.example,CTO", "Bob,Acme,,", "Ann,,a@x.example,"),
    "deals": table(
        "external_id,title,customer,stage,amount,opened_on,closed_on,contacts",
        "1,Rollout,Acme,won,100,2026-01-01,2026-02-01,Jane",
        "2,,Acme,Neu,200,2026-01-01,,Nobody",
        "3,,,lost,,,2026-03-01,",
        ",Renewal,Acme,,300,2026-01-05,,",
    ),
    "interactions": table(
        "channel,at,text,customer,contacts",
        "call,2026-11-01 10:00,hello,Acme,Jane",
        "email,2026-11-02,,Acme,",
        ",2026-11-03,x,,",
    ),
    "tasks": table(
        "text,due,customer,status", "call,2026-12-01,Acme,", "send,2026-12-01 14:00,,", "done,,Acme,Completed"
    ),
}


@pytest.mark.ci
@pytest.mark.parametrize("kind", KINDS)
def test_a_second_run_changes_nothing(desk: Desk, kind: str) -> None:
    before_it: dict[str, tuple[str, ...]] = {"customers": (), "contacts": ("customers",)}
    for name in before_it.get(kind, ("customers", "contacts")):
        desk.load(KINDS[name], name, create=frozenset({"customers", "owners"}))
    asked: dict[str, Any] = {"create": frozenset({"customers", "owners", "stages"}), "currency": "EUR"}
    first = desk.load(KINDS[kind], kind, **asked)
    assert first.report["added"] == first.report["read"] > 0
    before = desk.image()
    second = desk.load(KINDS[kind], kind, now=datetime(2026, 12, 24, tzinfo=UTC), **asked)
    assert counted(second) == f"{first.report['read']} unchanged"
    assert desk.image() == before


# ------------------------------------------------------------------ headers


HEADERS: list[tuple[str, str, str, str, Any]] = [
    ("customers", "Full Name", "name", "Acme", "Acme"),
    ("customers", "ACCOUNT-NAME", "name", "Acme", "Acme"),
    ("customers", "客户名称*", "name", "星河", "星河"),
    ("customers", "公司名称", "name", "星河", "星河"),
    ("customers", "ｎａｍｅ", "name", "Acme", "Acme"),
    ("customers", "Company,# Employees", "size", "Acme,12", 12),
    ("customers", "name,行业", "industry", "Acme,零售", "零售"),
    ("customers", "name,来源", "source", "Acme,展会", "展会"),
    ("customers", "name,Billing City", "city", "Acme,Berlin", "Berlin"),
    ("customers", "name,State/Region", "region", "Acme,CA", "CA"),
    ("customers", "name,Record Id", "external_id", "Acme,zcrm_1", "zcrm_1"),
    ("customers", "客户编号,名称", "external_id", "0001,星河", "0001"),
    ("customers", "name,Lead Status", "status", "Acme,Qualified", "qualified"),
    ("customers", "name,cadence", "cadence_days", "Acme,30", 30),
    ("contacts", "First Name,Last Name", "name", "Jane,Doe", "Jane Doe"),
    ("contacts", "名,姓", "name", "伟,张", "张伟"),
    ("contacts", "姓名", "name", "张三", "张三"),
    ("contacts", "Person - Name*", "name", "Jane", "Jane"),
    ("contacts", "name,职务", "title", "张三,经理", "经理"),
    ("contacts", "name,Title,Job Title", "title", "Jane,Dr.,CTO", "CTO"),
    ("deals", "Deal - Title", "title", "Rollout", "Rollout"),
    ("deals", "Opportunity Name", "title", "Rollout", "Rollout"),
    ("deals", "商机名称,商机金额,币种", "amount", "上线,12000,CNY", 1200000),
    ("deals", "title,Closed Lost Reason", "lost_reason", "Rollout,price", "price"),
    ("deals", "title,Closing Date", "expected_close_on", "Rollout,2026-12-31", "2026-12-31"),
    ("deals", "title,close", "expected_close_on", "Rollout,2026-12-31", "2026-12-31"),
    ("interactions", "跟进时间,跟进内容", "text", "2026-11-01,你好", "你好"),
    ("tasks", "任务名称,截止日期", "due_on", "打电话,2026年12月1日", "2026-12-01"),
]


@pytest.mark.ci
@pytest.mark.parametrize(("kind", "header", "column", "cells", "expected"), HEADERS)
def test_headers_in_both_languages(desk: Desk, kind: str, header: str, column: str, cells: str, expected: Any) -> None:
    assert desk.load(table(header, cells), kind).code == 0
    assert desk.value(f"SELECT {column} FROM {kind[:-1]}") == expected


def test_several_ways_to_reach_somebody_keep_their_labels(desk: Desk) -> None:
    desk.load(
        table(
            "name,E-mail 1 - Value,Home Email,手机,Business Phone 2,微信",
            "Jane,a@x.example ::: b@x.example,B@x.example,+86 138 0000 0000,+49 30 1234567;+49 30 7654321,zhangwei",
        )
    )
    assert desk.rows("SELECT kind, value_key, label, position FROM reach ORDER BY kind, position") == [
        ("email", "a@x.example", "", 0),
        ("email", "b@x.example", "home", 1),
        ("messenger", "zhangwei", "wechat", 0),
        ("phone", "+8613800000000", "mobile", 0),
        ("phone", "+49301234567", "work", 1),
        ("phone", "+49307654321", "work", 2),
    ]


def test_what_is_no_field_becomes_custom(desk: Desk) -> None:
    text = table("name,Level,Zip,称呼,职位", "Acme,gold,10115,张总,CTO", "Beta,,,,")
    desk.load(text)
    assert desk.rows("SELECT custom FROM customer ORDER BY id") == [
        ('{"Level": "gold", "Zip": "10115", "称呼": "张总", "职位": "CTO"}',),
        (None,),
    ]


def test_extra_drop_leaves_them_out(desk: Desk) -> None:
    desk.load(table("name,Level,status", "Acme,gold,prospect"), extra="drop")
    assert desk.rows("SELECT custom, status FROM customer") == [(None, "new")]


def test_foreign_words_are_kept_beside_the_default(desk: Desk) -> None:
    desk.load(table("name,Lead Status,employees,Type", "Acme,Working - hot,51-200,Prospect"))
    assert desk.rows("SELECT status, size, kind, custom FROM customer") == [
        ("new", 51, "company", '{"Lead Status": "Working - hot", "Type": "Prospect", "employees": "51-200"}')
    ]


def test_custom_fields_of_a_second_file_join_the_first(desk: Desk) -> None:
    desk.load(table("name,b", "Acme,1"))
    assert counted(desk.load(table("name,a,b", "Acme,2,"))) == "1 updated"
    assert desk.value("SELECT custom FROM customer") == '{"a": "2", "b": "1"}'


def test_repeated_and_empty_headers(desk: Desk) -> None:
    desk.load(table("account,account,,sector", "Acme,x,y,retail"))
    assert desk.rows("SELECT name, industry, custom FROM customer") == [
        ("Acme", "retail", '{"account 2": "x", "column 3": "y"}')
    ]


def test_two_columns_of_one_field_fill_each_other(desk: Desk) -> None:
    desk.load(table("name,Billing City,City", "A,Bonn,", "B,,Ulm", "C,Kiel,Mainz"))
    assert desk.rows("SELECT city, custom FROM customer ORDER BY id") == [
        ("Bonn", None),
        ("Ulm", None),
        ("Mainz", '{"Billing City": "Kiel"}'),
    ]


def test_map_wins_over_the_header(desk: Desk) -> None:
    result = desk.load(table("name,firm,sector", "Jane,Acme,x"), maps={"FIRM": "name", "sector": "industry"})
    assert desk.rows("SELECT name, industry, custom FROM customer") == [("Acme", "x", '{"name": "Jane"}')]
    assert [column["field"] for column in result.understood["columns"]] == ["custom.name", "name", "industry"]


def test_map_can_leave_a_column_out(desk: Desk) -> None:
    desk.load(table("name,secret", "Acme,x"), maps={"secret": "ignore"})
    assert desk.value("SELECT custom FROM customer") is None


@pytest.mark.parametrize(
    ("maps", "told"),
    [({"acount": "name"}, "The file has no column acount."), ({"account": "nmae"}, "nmae is no field")],
)
def test_a_wrong_map_is_named_with_the_nearest(desk: Desk, maps: dict[str, str], told: str) -> None:
    with pytest.raises(Misuse) as caught:
        desk.load(table("account,x", "Acme,1"), maps=maps)
    assert told in caught.value.message()
    assert "Did you mean" in caught.value.advice()


@pytest.mark.parametrize(
    ("kind", "field"), [("customers", "name"), ("deals", "title"), ("tasks", "text"), ("interactions", "at")]
)
def test_a_missing_column_is_named_with_what_to_type(desk: Desk, kind: str, field: str) -> None:
    with pytest.raises(BadData) as caught:
        desk.load(table("foo,bar", "1,2"), kind)
    assert "foo, bar" in caught.value.message()
    assert f'--map "foo={field}"' in caught.value.advice()
    assert not desk.db.exists()


def test_a_header_alone_is_no_row(desk: Desk) -> None:
    result = desk.load("name,email\n")
    assert (result.code, result.report["read"], result.report["errors"]) == (0, 0, [])


# ------------------------------------------------------------------ encodings and tables


@pytest.mark.ci
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters(desk: Desk, encoding: str, delimiter: str) -> None:
    lines = [
        "客户名称,邮箱,备注",
        "星河示例科技有限公司,a@x.example,关注成本和交付时间",
        "远山示例制造集团,b@x.example,下周回访客户",
    ]
    text = "\n".join(lines).replace(",", delimiter) + "\n"
    result = desk.load(text.encode(encoding))
    assert counted(result) == "2 added"
    assert desk.rows("SELECT name, note FROM customer ORDER BY id") == [
        ("星河示例科技有限公司", "关注成本和交付时间"),
        ("远山示例制造集团", "下周回访客户"),
    ]


def test_stdin(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"name\nAcme\n")))
    result = import_file(str(desk.db), "-", ImportOptions(kind="customers", maps={}, now=NOW, user="ana"))
    assert counted(result) == "1 added"


def test_newlines_and_formula_guards_inside_of_cells(desk: Desk) -> None:
    desk.load('name,note\n"a\nb","one\r\ntwo"\n\'=1+1,\'@x\n  \'hello  ,"  "\n')
    assert desk.rows("SELECT name, note FROM customer ORDER BY id") == [
        ("a\nb", "one\ntwo"),
        ("=1+1", "@x"),
        ("'hello", None),
    ]


def test_a_row_with_too_many_cells_is_bad(desk: Desk) -> None:
    result = desk.load(table("name,city", "Acme,Berlin,Germany"))
    assert result.code == 65
    assert "The row has 3 cells" in reasons(result)


@pytest.mark.parametrize("content", [b"", b"\x89PNG\r\n\x1a\n\0\0", b'name\n"A\n'])
def test_a_file_that_is_no_table_is_refused(desk: Desk, content: bytes) -> None:
    with pytest.raises(BadData):
        desk.load(content)
    assert not desk.db.exists()


def test_a_file_that_is_not_there(desk: Desk) -> None:
    with pytest.raises(FileError):
        desk.load(desk.folder / "nothing.csv")


# ------------------------------------------------------------------ who is who


def test_the_external_id_decides(desk: Desk) -> None:
    desk.load(table("id,name,email", "1,Acme,a@x.example", "2,Acme,b@x.example"))
    result = desk.load(table("id,name,email", "1,Acme Inc,new@x.example", "3,Acme,a@x.example"))
    assert counted(result) == "1 added 1 updated"
    assert desk.rows("SELECT external_id, name FROM customer ORDER BY id") == [
        ("1", "Acme Inc"),
        ("2", "Acme"),
        ("3", "Acme"),
    ]


def test_ids_of_another_source_are_other_ids(desk: Desk) -> None:
    desk.load(table("id,name,email", "1,Acme,a@x.example"), source_name="zoho")
    assert counted(desk.load(table("id,name", "1,Beta"), source_name="hubspot")) == "1 added"
    assert counted(desk.load(table("id,name", "1,Acme Ltd"), source_name="zoho")) == "1 updated"
    same = table("id,name,email", "77,Acme Ltd,a@x.example")
    assert counted(desk.load(same, source_name="hubspot")) == "1 unchanged"


def test_a_record_without_an_id_gains_it(desk: Desk) -> None:
    desk.load(table("name,email", "Acme,a@x.example", "Beta,"))
    text = table("id,name,email", "7,Acme,a@x.example", "8,Beta,")
    assert counted(desk.load(text)) == "2 updated"
    assert desk.rows("SELECT external_source, external_id FROM customer") == [("csv", "7"), ("csv", "8")]
    assert counted(desk.load(text)) == "2 unchanged"


@pytest.mark.ci
@pytest.mark.parametrize(
    ("header", "first", "second"),
    [
        ("email", "Sales@Acme.example", "mailto:sales@acme.example"),
        ("phone", "+49 30 1234567", "0049 (30) 123-4567"),
        ("website", "https://www.acme.example/shop", "ACME.example"),
    ],
)
def test_an_email_a_phone_or_a_website_in_any_spelling(desk: Desk, header: str, first: str, second: str) -> None:
    desk.load(table(f"name,{header}", f"Acme,{first}"))
    assert counted(desk.load(table(f"name,{header},city", f"Acme Corporation,{second},Berlin"))) == "1 updated"
    assert desk.rows("SELECT name, city FROM customer") == [("Acme Corporation", "Berlin")]
    assert desk.rows("SELECT value FROM reach") == [(first,)]


def test_the_folded_name_is_the_last_resort(desk: Desk) -> None:
    desk.load(table("name", "Müller GmbH"))
    assert counted(desk.load(table("name,email", "MULLER  gmbh,m@x.example"))) == "1 updated"
    assert desk.value("SELECT count(*) FROM customer") == 1


def test_two_people_of_one_name_stay_two(desk: Desk) -> None:
    text = table("name,phone", "张伟,+86 138 0000 0001", "张伟,+86 138 0000 0002")
    assert counted(desk.load(text)) == "2 added"
    assert counted(desk.load(text)) == "2 unchanged"
    assert counted(desk.load(table("name,phone", "张伟,+86 138 0000 0003"))) == "1 added"


def test_a_name_that_several_have_is_refused_with_both(desk: Desk) -> None:
    desk.load(table("name,phone", "张伟,+86 138 0000 0001", "张伟,+86 138 0000 0002"))
    result = desk.load(table("name,city", "张伟,上海"))
    assert result.code == 65
    assert "customer:1 张伟; customer:2 张伟" in reasons(result)


def test_keys_of_two_records_are_refused_with_both(desk: Desk) -> None:
    desk.load(table("name,email,phone", "Acme,a@x.example,", "Beta,,+49 30 1234567"))
    before = desk.image()
    result = desk.load(table("name,email,phone", "Acme,a@x.example,+49 30 1234567"))
    assert result.code == 65
    assert result.report["errors"][0]["line"] == 2
    assert "customer:1 Acme (email); customer:2 Beta (phone)" in reasons(result)
    assert desk.image() == before


def test_an_email_of_one_and_the_name_of_another_are_refused(desk: Desk) -> None:
    result = desk.load(table("name,email", "BobCo,", "Cindy,bobco@x.example", "BobCo,bobco@x.example"))
    assert result.code == 65
    assert "line 2" in reasons(result) and "line 3" in reasons(result)
    desk.load(table("name,email", "BobCo,", "Cindy,bobco@x.example"))
    result = desk.load(table("name,email", "BobCo,bobco@x.example"))
    assert "customer:1 BobCo (name); customer:2 Cindy (email)" in reasons(result)


def test_people_behind_one_switchboard_stay_people(desk: Desk) -> None:
    text = table("name,email,phone", "Jane,j@x.example,+49 30 1234567", "Bob,b@x.example,+49 30 1234567")
    assert counted(desk.load(text, "contacts")) == "2 added"
    assert counted(desk.load(text, "contacts")) == "2 unchanged"


def test_rows_of_one_file_about_one_record_are_one_record(desk: Desk) -> None:
    text = table(
        "name,email,city,phone",
        "Acme,a@x.example,,",
        "ACME Inc,a@x.example,Berlin,",
        "Beta,,,",
        "acme inc,a@x.example,,+49 30 1234567",
        "beta,,,",
    )
    result = desk.load(text)
    assert counted(result) == "2 added 3 updated"
    assert desk.rows("SELECT name, city FROM customer ORDER BY id") == [("acme inc", "Berlin"), ("beta", None)]
    assert desk.value("SELECT count(*) FROM reach") == 2
    before = desk.image()
    assert counted(desk.load(text)) == "5 unchanged"
    assert desk.image() == before


def test_the_same_row_twice_is_one_record(desk: Desk) -> None:
    assert counted(desk.load(table("name,email,tags", "A,a@x.example,t", "A,a@x.example,t"))) == "1 added 1 unchanged"
    assert counted(desk.load(table("name,email,tags", "A,a@x.example,t", "A,a@x.example,u"))) == "1 updated 1 unchanged"


def test_contacts_of_one_name_at_two_customers(desk: Desk) -> None:
    text = table("name,customer", "Jane,Acme", "Jane,Beta", "Jane,Acme")
    assert counted(desk.load(text, "contacts", create=frozenset({"customers"}))) == "2 added 1 unchanged"
    assert counted(desk.load(text, "contacts")) == "3 unchanged"


def test_deals_are_the_same_by_customer_title_and_day(desk: Desk) -> None:
    desk.load(table("name", "Acme", "Beta"))
    text = table(
        "title,customer,opened_on",
        "Renewal,Acme,2026-01-01",
        "renewal,acme,2026-01-01",
        "Renewal,Acme,2026-02-01",
        "Renewal,Beta,2026-01-01",
    )
    assert counted(desk.load(text, "deals")) == "3 added 1 updated"
    assert counted(desk.load(text, "deals")) == "4 unchanged"


def test_interactions_and_tasks_are_the_same_by_what_they_say(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    calls = table(
        "channel,at,text,customer",
        "call,2026-11-01 10:00,hi,Acme",
        "call,2026-11-01 10:00,hi,Acme",
        "call,2026-11-01 10:01,hi,Acme",
    )
    assert counted(desk.load(calls, "interactions")) == "2 added 1 unchanged"
    assert counted(desk.load(calls, "interactions")) == "3 unchanged"
    tasks = table(
        "text,due,customer", "call,2026-12-01,Acme", "CALL,2026-12-01,Acme", "call,,Acme", "call,2026-12-02,Acme"
    )
    assert counted(desk.load(tasks, "tasks")) == "3 added 1 updated"
    assert counted(desk.load(tasks, "tasks")) == "4 unchanged"


# ------------------------------------------------------------------ what happens to duplicates


def test_an_empty_cell_never_erases(desk: Desk) -> None:
    desk.load(table("name,email,city,note,size", "Acme,a@x.example,Berlin,hello,5"))
    assert counted(desk.load(table("name,email,city,note,size", "Acme,a@x.example,,,"))) == "1 unchanged"
    assert desk.rows("SELECT city, note, size FROM customer") == [("Berlin", "hello", 5)]


def test_an_update_touches_what_changed(desk: Desk) -> None:
    desk.load(table("name,email,city", "A,a@x.example,Bonn", "B,b@x.example,Bonn"))
    later = datetime(2026, 12, 1, tzinfo=UTC)
    result = desk.load(table("name,email,city,phone", "A,a@x.example,Ulm,", "B,b@x.example,,+49 30 1234567"), now=later)
    assert counted(result) == "2 updated"
    assert desk.rows("SELECT city, updated_at, created_at FROM customer ORDER BY id") == [
        ("Ulm", "2026-12-01T00:00:00Z", "2026-11-25T09:00:00Z"),
        ("Bonn", "2026-12-01T00:00:00Z", "2026-11-25T09:00:00Z"),
    ]


@pytest.mark.parametrize(
    ("mode", "code", "counts", "names"),
    [
        ("update", 0, "1 added 2 updated", ["Acme Inc", "New"]),
        ("skip", 0, "1 added 2 skipped", ["Acme", "New"]),
        ("new", 0, "3 added", ["Acme", "Acme Inc", "New", "New"]),
        ("fail", 65, "1 skipped 2 failed", ["Acme"]),
    ],
)
def test_on_duplicate(desk: Desk, mode: str, code: int, counts: str, names: list[str]) -> None:
    desk.load(table("name,email", "Acme,a@x.example"))
    text = table("name,email,city", "Acme Inc,a@x.example,", "New,n@x.example,", "New,n@x.example,Ulm")
    result = desk.load(text, on_duplicate=mode)
    assert (result.code, counted(result)) == (code, counts)
    assert [row[0] for row in desk.rows("SELECT name FROM customer ORDER BY name")] == names


def test_new_still_refuses_an_id_that_is_there(desk: Desk) -> None:
    desk.load(table("id,name", "1,Acme"))
    result = desk.load(table("id,name", "1,Acme", "2,Acme"), on_duplicate="new")
    assert (result.code, counted(result)) == (65, "1 skipped 1 failed")
    assert "customer:1 Acme" in reasons(result)


# ------------------------------------------------------------------ bad rows


BAD: list[tuple[str, str, str, str, str]] = [
    ("customers", "name,email", "Acme,not-an-address", "email", "is not an e-mail address"),
    ("customers", "name,email", ",a@x.example", "name", "There is no name"),
    ("customers", "name,phone", "Acme,none", "phone", "is not a phone number"),
    ("customers", "name,website", "Acme,n/a", "website", "is not a website"),
    ("customers", "name,birthday", "Acme,2026-02-30", "birthday", "does not exist in the calendar"),
    ("customers", "name,birthday", "Acme,4623", "birthday", "plain number"),
    ("customers", "name,birthday", "Acme,146235", "birthday", "plain number"),
    ("customers", "name,cadence", "Acme,often", "cadence", "not a number of days"),
    ("customers", "name,owner", "Acme,Ana", "owner", "No member is called Ana"),
    ("customers", "name,parent", "Acme,Nobody", "parent", "No customer is called Nobody"),
    ("customers", "name", "x" * 501, "name", "too long"),
    ("contacts", "name,customer", "Jane,Nobody", "customer", "No customer is called Nobody"),
    ("contacts", "name,customer_id", "Jane,77", "customer_id", "No customer has the id 77"),
    ("deals", "title,amount,currency", "A,-5,EUR", "amount", "below zero"),
    ("deals", "title,amount,currency", "A,12x,EUR", "amount", "not an amount"),
    ("deals", "title,amount", "A,5", "amount", "no currency"),
    ("deals", "title,amount,currency", "A,5,XYZ", "currency", "not a currency"),
    ("deals", "title,stage", "A,Engaging", "stage", "No stage is called Engaging"),
    ("deals", "title,probability", "A,120", "probability", "above 100"),
    ("deals", "title,customer,x", ",,1", "title", "There is no title"),
    ("interactions", "at,text", ",hello", "at", "There is no time"),
    ("interactions", "at,text", "2027-01-01,hello", "at", "is in the future"),
    ("interactions", "at,text,deal", "2026-01-01,hello,Rollout", "deal", "No deal of this customer is called"),
    ("tasks", "text,due", ",2026-12-01", "text", "There is no text"),
    ("tasks", "text,due", "call,soonish", "due", "is not a date"),
    ("tasks", "text,every", "call,now and then", "every", "how often"),
]


@pytest.mark.ci
@pytest.mark.parametrize(("kind", "header", "row", "column", "told"), BAD)
def test_a_bad_row_is_named_and_nothing_is_written(
    desk: Desk, kind: str, header: str, row: str, column: str, told: str
) -> None:
    result = desk.load(table(header, row), kind)
    assert (result.code, counted(result), result.report["written"]) == (65, "1 failed", False)
    error = result.report["errors"][0]
    assert (error["line"], error["column"]) == (2, column)
    assert told in error["reason"]
    assert not desk.db.exists()


def test_nothing_of_a_file_with_one_bad_row_is_written(desk: Desk) -> None:
    desk.load(table("name", "Old"))
    before = desk.image()
    result = desk.load(table("name,email", "A,a@x.example", '"B\nB",b', "C,c@x.example"))
    assert (result.code, counted(result)) == (65, "2 skipped 1 failed")
    assert result.report["errors"] == [
        {"line": 3, "column": "email", "value": "b", "reason": "b is not an e-mail address"}
    ]
    assert desk.image() == before


def test_every_bad_cell_of_a_row_is_named_and_the_row_counted_once(desk: Desk) -> None:
    result = desk.load(table("name,email,birthday", "A,x,2026-02-30"))
    assert (counted(result), [error["column"] for error in result.report["errors"]]) == (
        "1 failed",
        ["birthday", "email"],
    )


def test_the_list_of_errors_ends_with_a_count(desk: Desk) -> None:
    result = desk.load(table("name,email", *(f"c{n},x" for n in range(1500))))
    errors = result.report["errors"]
    assert (len(errors), result.report["failed"]) == (1001, 1500)
    assert errors[-1] == {"line": None, "column": None, "value": None, "reason": "and 500 more that are not listed"}


def test_a_phone_with_words_is_kept_as_typed(desk: Desk) -> None:
    desk.load(table("name,phone", "Acme,13800000000(张三)"))
    assert desk.rows("SELECT value, value_key FROM reach") == [("13800000000(张三)", "13800000000")]


def test_reports_are_english_and_can_be_translated(desk: Desk) -> None:
    problem = desk.load(table("name,email", "Acme,x")).problems[0]
    assert (problem.sentence, problem.holes) == ("{value} is not an e-mail address", {"value": "x"})


# ------------------------------------------------------------------ rejected rows


def test_rejects_are_mended_and_fed_back(desk: Desk) -> None:
    bad = desk.folder / "bad.csv"
    text = table("name,email,Level", "A,a@x.example,1", '"B ""x"", y",nope,2', "C,c@x.example,3")
    result = desk.load(text, rejects=str(bad))
    assert (result.code, counted(result), result.report["written"]) == (6, "2 added 1 failed", True)
    rows = list(csv.DictReader(bad.open(encoding="utf-8", newline="")))
    assert rows == [
        {"name": 'B "x", y', "email": "nope", "Level": "2", "reason": "line 3, email: nope is not an e-mail address"}
    ]
    assert oct(bad.stat().st_mode & 0o777) == "0o600"
    bad.write_text(bad.read_text().replace("nope,", "b@x.example,"))
    again = desk.load(bad, rejects=str(bad))
    assert (again.code, counted(again)) == (0, "1 added")
    assert desk.rows("SELECT name, custom FROM customer WHERE id = 3") == [('B "x", y', '{"Level": "2"}')]
    assert not bad.exists()


def test_rejects_name_what_only_the_database_knows(desk: Desk) -> None:
    bad = desk.folder / "bad.csv"
    desk.load(table("name", "Acme"))
    text = table("title;customer;stage", "Good;Acme;lead", "Lost;Nobody;lead", "Odd;Acme;Engaging")
    result = desk.load(text, "deals", rejects=str(bad))
    assert (result.code, counted(result)) == (6, "1 added 2 failed")
    lines = bad.read_text().splitlines()
    assert lines[0] == "title;customer;stage;reason"
    assert [line.split(";")[0] for line in lines[1:]] == ["Lost", "Odd"]
    result = desk.load(bad, "deals", rejects=str(bad), create=frozenset({"stages", "customers"}))
    assert (result.code, counted(result)) == (0, "2 added")
    assert not bad.exists()


def test_the_next_run_replaces_its_own_file(desk: Desk) -> None:
    bad = desk.folder / "bad.csv"
    desk.load(table("name,email", "A,x", "B,y"), rejects=str(bad))
    desk.load(table("name,email", "A,a@x.example", "B,y"), rejects=str(bad))
    assert bad.read_text().splitlines() == [
        "name,email,reason",
        'B,y,"line 3, email: y is not an e-mail address"',
    ]
    desk.load(table("name,email", "B,b@x.example"), rejects=str(bad))
    assert not bad.exists()


def test_a_file_of_somebody_else_is_not_replaced(desk: Desk) -> None:
    other = desk.folder / "other.csv"
    other.write_text("name,email\nA,x\n")
    with pytest.raises(Conflict):
        desk.load(table("name,email", "A,x"), rejects=str(other))
    with pytest.raises(Conflict):
        desk.load(other, rejects=str(other))
    assert other.read_text() == "name,email\nA,x\n"


def test_a_reason_of_ones_own_is_data(desk: Desk) -> None:
    desk.load(table("title,stage,closed_on,reason", "A,lost,2026-01-01,price"), "deals")
    assert desk.value("SELECT lost_reason FROM deal") == "price"
    desk.load(table("name,reason", "Acme,because"))
    assert desk.value("SELECT custom FROM customer") == '{"reason": "because"}'


def test_rejects_that_cannot_be_written_stop_the_import(desk: Desk) -> None:
    with pytest.raises(CrmError):
        desk.load(table("name,email", "A,a@x.example", "B,x"), rejects=str(desk.folder / "no" / "bad.csv"))
    assert not desk.db.exists() or desk.value("SELECT count(*) FROM customer") == 0


def test_a_row_with_too_many_cells_can_be_mended(desk: Desk) -> None:
    bad = desk.folder / "bad.csv"
    desk.load(table("name,city", "A,Bonn", "B,Bonn,Germany"), rejects=str(bad))
    assert bad.read_text().splitlines()[1].startswith('B,Bonn,"line 3: The row has 3 cells')
    assert desk.rows("SELECT name FROM customer") == [("A",)]


# ------------------------------------------------------------------ trials and accidents


def test_a_trial_counts_and_changes_nothing(desk: Desk) -> None:
    result = desk.load(table("name,email", "A,a@x.example"), dry_run=True)
    assert (result.code, counted(result), result.report["written"], result.report["dry_run"]) == (
        0,
        "1 added",
        False,
        True,
    )
    assert not desk.db.exists()
    desk.load(table("name,email", "A,a@x.example"))
    before = desk.image()
    result = desk.load(table("name,email", "A Inc,a@x.example", "B,b@x.example"), dry_run=True)
    assert counted(result) == "1 added 1 updated"
    assert desk.image() == before


def test_a_trial_writes_no_rejects(desk: Desk) -> None:
    bad = desk.folder / "bad.csv"
    result = desk.load(table("name,email", "A,x", "B,b@x.example"), dry_run=True, rejects=str(bad))
    assert (result.code, counted(result)) == (6, "1 added 1 failed")
    assert not bad.exists()


def test_somebody_else_writing_is_busy_and_nothing_changes(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("crm_cli.store.bulk.BUSY_SECONDS", 0.1)
    desk.load(table("name", "Acme"))
    before = desk.image()
    other = sqlite3.connect(desk.db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Busy):
        desk.load(table("name", "Beta"))
    other.execute("ROLLBACK")
    other.close()
    assert desk.image() == before


def test_reading_and_judging_hold_no_lock(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    from crm_cli.actions.imports.rows import Loader

    desk.load(table("name", "Acme"))
    whole = Loader.load

    def load(self: Loader, records: Any) -> None:
        other = sqlite3.connect(desk.db, isolation_level=None, timeout=0.1)
        other.execute("BEGIN EXCLUSIVE")
        whole(self, records)
        other.execute("ROLLBACK")
        other.close()

    monkeypatch.setattr(Loader, "load", load)
    assert counted(desk.load(table("name", "Beta"))) == "1 added"


def test_an_error_in_the_middle_of_writing_leaves_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    desk.load(table("name", "Acme"))
    before = desk.image()

    def fail(_: Any) -> None:
        raise RuntimeError("power cut")

    monkeypatch.setattr("crm_cli.actions.imports.effects.finish_customers", fail)
    with pytest.raises(RuntimeError):
        desk.load(table("name", "Beta"))
    assert desk.image() == before


def test_the_database_is_private(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    assert oct(desk.db.stat().st_mode & 0o777) == "0o600"
    assert sorted(path.name for path in desk.folder.iterdir()) == ["crm.db", "in.csv"]


# ------------------------------------------------------------------ links


def test_a_customer_by_name_email_website_or_external_id(desk: Desk) -> None:
    desk.load(table("id,name,email,website", "C-7,Acme,a@acme.example,acme.example"))
    text = table("title,customer", "A,ACME", "B,a@acme.example", "C,https://acme.example/", "D,C-7")
    assert counted(desk.load(text, "deals")) == "4 added"
    assert desk.rows("SELECT DISTINCT customer_id FROM deal") == [(1,)]
    assert counted(desk.load(table("title,customer_id", "E,C-7"), "deals")) == "1 added"


def test_customers_are_made_when_asked(desk: Desk) -> None:
    text = table("name,company", "Jane,Acme", "Bob,acme", "Ann,Beta", "Solo,")
    result = desk.load(text, "contacts", create=frozenset({"customers"}))
    assert counted(result) == "4 added"
    assert desk.rows("SELECT name, kind, status FROM customer ORDER BY name") == [
        ("Acme", "company", "new"),
        ("Beta", "company", "new"),
    ]
    assert desk.rows(
        "SELECT p.name, c.name FROM contact p LEFT JOIN customer c ON c.id = p.customer_id ORDER BY p.id"
    ) == [
        ("Jane", "Acme"),
        ("Bob", "Acme"),
        ("Ann", "Beta"),
        ("Solo", None),
    ]


def test_an_ambiguous_customer_is_refused(desk: Desk) -> None:
    desk.load(table("id,name", "1,Acme", "2,Acme"))
    result = desk.load(table("title,customer", "A,Acme"), "deals")
    assert result.code == 65
    assert "Several customers are called Acme" in reasons(result)


def test_a_parent_may_come_later_in_the_file(desk: Desk) -> None:
    text = table("name,parent,referred_by", "Sub,Holding,Friend", "Holding,,", "Friend,,")
    assert counted(desk.load(text)) == "3 added"
    assert desk.rows("SELECT parent_id, referred_by_id FROM customer ORDER BY id") == [
        (2, 3),
        (None, None),
        (None, None),
    ]
    assert counted(desk.load(text)) == "3 unchanged"


def test_a_parent_that_was_rejected_takes_its_children_along(desk: Desk) -> None:
    bad = desk.folder / "bad.csv"
    text = table("name,parent,email", "Child,Sub,", "Sub,Holding,", "Holding,,x", "Other,,")
    result = desk.load(text, rejects=str(bad))
    assert (result.code, counted(result)) == (6, "1 added 3 failed")


def test_a_parent_is_made_when_asked(desk: Desk) -> None:
    assert counted(desk.load(table("name,parent", "Sub,Holding"), create=frozenset({"customers"}))) == "1 added"
    assert desk.rows("SELECT c.name, p.name FROM customer c JOIN customer p ON p.id = c.parent_id") == [
        ("Sub", "Holding")
    ]


def test_nobody_is_above_himself(desk: Desk) -> None:
    assert "cannot stand above itself" in reasons(desk.load(table("name,parent", "Acme,acme")))


def test_owners_by_name_or_email(desk: Desk) -> None:
    desk.load(table("name,owner", "A,ana@x.example", "B,Ben"), create=frozenset({"owners"}))
    assert desk.rows("SELECT name, email FROM member ORDER BY id") == [
        ("ana@x.example", "ana@x.example"),
        ("Ben", None),
    ]
    assert counted(desk.load(table("name,owner", "C,ANA@x.example", "D,ben"))) == "2 added"
    assert desk.value("SELECT count(*) FROM member") == 2


# ------------------------------------------------------------------ stages, days and money


def test_stages_are_made_in_order_of_appearance_before_won(desk: Desk) -> None:
    text = table(
        "title,stage", "A,Closed Won", "B,Engaging", "C,LOST", "D,Prospecting", "E,engaging", "F,赢单", "G,Lead"
    )
    assert desk.load(text, "deals", create=frozenset({"stages"})).code == 0
    assert desk.rows("SELECT name, kind, probability FROM stage ORDER BY position") == [
        ("lead", "open", 10),
        ("qualified", "open", 25),
        ("proposal", "open", 50),
        ("negotiation", "open", 75),
        ("Engaging", "open", None),
        ("Prospecting", "open", None),
        ("won", "won", 100),
        ("lost", "lost", 0),
    ]
    assert [row[0] for row in desk.rows("SELECT s.name FROM deal d JOIN stage s ON s.id = d.stage_id ORDER BY d.id")] == [
        "won", "Engaging", "lost", "Prospecting", "Engaging", "won", "lead",
    ]  # fmt: skip


def test_a_pipeline_is_made_with_its_stages(desk: Desk) -> None:
    text = table("title,pipeline,stage", "A,Partners,Invited", "B,sales,lead", "C,Partners,won")
    assert counted(desk.load(text, "deals", create=frozenset({"stages"}))) == "3 added"
    sql = "SELECT p.name, s.name, s.kind FROM deal d JOIN stage s ON s.id = d.stage_id JOIN pipeline p ON p.id = s.pipeline_id"
    assert desk.rows(sql + " ORDER BY d.id") == [
        ("Partners", "Invited", "open"), ("sales", "lead", "open"), ("Partners", "won", "won"),
    ]  # fmt: skip


def test_the_status_of_a_deal_closes_it(desk: Desk) -> None:
    text = table(
        "title,stage,status,won time,close date",
        "A,proposal,Won,2026-03-01 10:00,",
        "B,proposal,lost,,",
        "C,proposal,open,,2027-01-31",
    )
    desk.load(text, "deals")
    assert desk.rows("SELECT stage_id, furthest_stage_id, closed_on, expected_close_on FROM deal ORDER BY id") == [
        (5, None, "2026-03-01", None),
        (6, 3, "2026-11-25", None),
        (3, 3, None, "2027-01-31"),
    ]


def test_days_of_deals(desk: Desk) -> None:
    text = table(
        "title,stage,opened_on,closed_on,created_at",
        "a,won,2026-01-01,2026-02-01,",
        "b,won,,2026-02-01,",
        "c,lost,,,",
        "d,lead,,,2026-05-05",
        "e,lead,2026-01-01,2026-02-01,",
        "f,,,,",
    )
    desk.load(text, "deals")
    assert desk.rows("SELECT title, opened_on, closed_on, stage_since_on FROM deal ORDER BY id") == [
        ("a", "2026-01-01", "2026-02-01", "2026-02-01"),
        ("b", "2026-02-01", "2026-02-01", "2026-02-01"),
        ("c", "2026-11-25", "2026-11-25", "2026-11-25"),
        ("d", "2026-05-05", None, "2026-11-25"),
        ("e", "2026-01-01", None, "2026-01-01"),
        ("f", "2026-11-25", None, "2026-11-25"),
    ]
    assert desk.value("SELECT count(*) FROM stage_change") == 6


def test_a_deal_without_title_is_called_by_customer_and_id(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    desk.load(table("external_id,customer,stage", "X1,Acme,lead", "X2,,lead", ",Acme,lead"), "deals")
    assert desk.rows("SELECT title, customer_id FROM deal ORDER BY id") == [("Acme X1", 1), ("X2", None), ("Acme", 1)]


def test_a_title_given_by_hand_survives_a_file_without_titles(desk: Desk) -> None:
    text = table("external_id,stage", "X1,lead")
    desk.load(text, "deals")
    with sqlite3.connect(desk.db) as connection:
        connection.execute("UPDATE deal SET title = 'Mine', title_key = 'mine'")
    connection.close()
    assert counted(desk.load(text, "deals")) == "1 unchanged"


def test_a_move_is_a_stage_change_of_its_own(desk: Desk) -> None:
    desk.load(table("external_id,title,stage,opened_on", "1,A,proposal,2026-11-01", "2,B,lead,2026-11-01"), "deals")
    result = desk.load(table("external_id,title,stage,closed_on", "1,A,lost,2026-11-11", "2,B,negotiation,"), "deals")
    assert counted(result) == "2 updated"
    assert desk.rows(
        "SELECT from_stage_id, to_stage_id, changed_on, days_spent FROM stage_change WHERE from_stage_id IS NOT NULL ORDER BY deal_id"
    ) == [
        (3, 6, "2026-11-11", 10),
        (1, 4, "2026-11-25", 24),
    ]
    assert desk.rows(
        "SELECT stage_id, furthest_stage_id, stage_since_on, closed_on, last_touch_on FROM deal ORDER BY id"
    ) == [
        (6, 3, "2026-11-11", "2026-11-11", "2026-11-11"),
        (4, 4, "2026-11-25", None, "2026-11-25"),
    ]


@pytest.mark.ci
@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["13/06/2026", "05/06/2026"], ["2026-06-13", "2026-06-05"]),
        (["06/13/2026", "05/06/2026 14:30"], ["2026-06-13", "2026-05-06"]),
        (["1.2.2026", "2026/3/4"], ["2026-02-01", "2026-03-04"]),
        (["07/07/2026", "5-20-26"], ["2026-07-07", "2026-05-20"]),
        (["20260908", "2026年8月2日"], ["2026-09-08", "2026-08-02"]),
        (["September 12, 2026", "0/0/00"], ["2026-09-12", None]),
        (["2026-03-12 09:14", "2006-04-15T03:23:15.000Z"], ["2026-03-12", "2006-04-15"]),
    ],
)
def test_the_column_says_how_a_day_reads(desk: Desk, cells: list[str], expected: list[str]) -> None:
    desk.load(table("title,expected close date", *(f'"t{n}","{cell}"' for n, cell in enumerate(cells))), "deals")
    assert [row[0] for row in desk.rows("SELECT expected_close_on FROM deal ORDER BY id")] == expected


def test_a_day_that_the_column_leaves_open_is_refused_with_both(desk: Desk) -> None:
    text = table("title,expected close date", "a,05/06/2026", "b,07/07/2026")
    result = desk.load(text, "deals")
    assert (result.code, counted(result)) == (65, "1 skipped 1 failed")
    assert '"05/06/2026" could be 2026-06-05 or 2026-05-06' in reasons(result)
    assert "--date-order" in reasons(result)
    assert result.report["errors"][0]["value"] == "05/06/2026"
    assert desk.load(text, "deals", date_order="mdy").code == 0
    assert desk.value("SELECT expected_close_on FROM deal") == "2026-05-06"


def test_a_column_with_both_orders_is_refused(desk: Desk) -> None:
    result = desk.load(table("title,expected close date", "a,13/06/2026", "b,06/13/2026", "c,05/06/2026"), "deals")
    assert counted(result) == "2 skipped 1 failed"


@pytest.mark.parametrize(
    ("cells", "given", "expected"),
    [
        (["1234.56", "12,000"], {"currency": "EUR"}, [(123456, "EUR"), (1200000, "EUR")]),
        (["1234,56", "12.000"], {"currency": "EUR"}, [(123456, "EUR"), (1200000, "EUR")]),
        (["1,234,567", "12,000"], {"currency": "USD"}, [(123456700, "USD"), (1200000, "USD")]),
        (["12,000"], {"currency": "EUR", "decimal": "."}, [(1200000, "EUR")]),
        (["€12k", "1200 USD"], {}, [(1200000, "EUR"), (120000, "USD")]),
        (["5000", ""], {"currency": "JPY"}, [(5000, "JPY"), (None, "JPY")]),
        (["1.2万"], {"currency": "CNY"}, [(1200000, "CNY")]),
    ],
)
def test_amounts(desk: Desk, cells: list[str], given: dict[str, str], expected: list[Any]) -> None:
    result = desk.load(table("title,amount", *(f'"t{n}","{cell}"' for n, cell in enumerate(cells))), "deals", **given)
    assert result.code == 0, reasons(result)
    assert desk.rows("SELECT amount, currency FROM deal ORDER BY id") == expected


def test_an_amount_with_two_readings_is_refused_with_both(desk: Desk) -> None:
    result = desk.load(table("title,amount", 'A,"12,000"'), "deals", currency="EUR")
    assert result.code == 65
    assert "12000" in reasons(result) and "12.00" in reasons(result)


def test_the_last_currency_of_the_customer_is_taken(desk: Desk) -> None:
    desk.load(table("name", "Acme", "Beta"))
    desk.load(table("title,customer,amount,currency", "A,Acme,1,CHF"), "deals")
    assert counted(desk.load(table("title,customer,amount", "B,Acme,1234.50"), "deals")) == "1 added"
    assert desk.rows("SELECT amount, currency FROM deal WHERE id = 2") == [(123450, "CHF")]
    assert "no currency for 7" in reasons(desk.load(table("title,customer,amount", "C,Beta,7"), "deals"))


# ------------------------------------------------------------------ our own exports


def export(desk: Desk, noun: str) -> str:
    """What `crm export` writes."""
    from crm_cli.formats.writing import write_delimited
    from crm_cli.queries.conditions import Asker
    from crm_cli.queries.records import Page, list_records
    from crm_cli.rules.fields import keys_of

    reader = open_reader(str(desk.db))
    stream = io.StringIO()
    try:
        rows = list_records(reader, noun, Asker(NOW), page=Page("id"))
        write_delimited(stream, keys_of(noun), rows, delimiter=",", guard=True)
    finally:
        reader.close()
    return stream.getvalue()


def plain(text: str) -> list[dict[str, str]]:
    left_out = ("id", "uuid", "updated_at", "customer_id", "deal_id", "parent_id", "contacts")
    return [
        {k: v for k, v in row.items() if k not in left_out} for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


@pytest.mark.ci
def test_our_own_export_comes_back_as_it_was(desk: Desk, tmp_path: Path) -> None:
    desk.load(
        table(
            "id,name,email,Home Email,phone,website,wechat,tags,level,owner,parent,created_at,note,cadence_days",
            '7,=Acme,a@x.example,h@x.example,+49 30 1234567,acme.example,zw,"a, b; c",gold,Ana,Beta,2025-01-02,"x\ny",30',
            ",Beta,,,,,,,,,,,'quoted,",
        ),
        create=frozenset({"owners"}),
    )
    desk.load(table("name,customer,email,role", "Jane,=Acme,j@x.example,buyer"), "contacts")
    desk.load(
        table(
            "title,customer,stage,amount,currency,contacts,closed_on,opened_on,probability",
            "A,=Acme,won,12.5,EUR,Jane,2026-02-01,2026-01-01,",
            "B,Beta,lead,,,,,2026-03-01,35",
        ),
        "deals",
    )
    desk.load(table("channel,at,text,customer,deal,contacts", "call,2026-11-01 10:00,hi,=Acme,A,Jane"), "interactions")
    desk.load(table("text,due,customer,every", "call,2026-12-01 10:00,Beta,1w", "done,2026-10-01,Beta,"), "tasks")
    nouns = ("customer", "contact", "deal", "interaction", "task")
    files = {noun: export(desk, noun) for noun in nouns}
    other = Desk(tmp_path / "other")
    other.folder.mkdir()
    for noun in nouns:
        assert other.load(files[noun], f"{noun}s", create=frozenset({"owners"})).code == 0
    for noun in nouns:
        assert plain(export(other, noun)) == plain(files[noun])
    before = other.image()
    for noun in nouns:
        result = other.load(files[noun], f"{noun}s")
        assert result.report["unchanged"] == result.report["read"]
    assert other.image() == before


NAMES = [
    "=1+1", "+44 20 7946 0958", "-5", "@home", "O'Brien", "a,b", 'a"b', "a\nb", "007", "1e5", "true", "NULL",
    "2026-01-02", " x ", "X", "[red]x[/]", "\\N", "#N/A", "\u200d", "e\u0301", "é", "a\u00a0b", "张伟 👩\u200d👧", "a\r\nb", "\u202eabc",
    "line\ttab", "(", "ß", "SS", " ", "\u00a0\n",
]  # fmt: skip


def test_names_come_back_as_they_were(desk: Desk) -> None:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(["name", "email"])
    writer.writerows((name, f"u{n}@x.example") for n, name in enumerate(NAMES))
    result = desk.load(stream.getvalue())
    assert (result.code, counted(result)) == (0, f"{len(NAMES)} added"), reasons(result)
    expected = [name.strip() or f"u{n}@x.example" for n, name in enumerate(NAMES)]
    assert [row[0] for row in desk.rows("SELECT name FROM customer ORDER BY id")] == expected


# ------------------------------------------------------------------ faults of other programs (style.md), and size


@pytest.mark.ci
def test_many_rows_are_all_there_and_linear(desk: Desk) -> None:
    text = table("name,email", *(f"Customer {n},c{n}@x.example" for n in range(60_000)))
    assert counted(desk.load(text)) == "60000 added"
    assert desk.value("SELECT count(*) FROM customer") == 60_000
    assert counted(desk.load(text)) == "60000 unchanged"


def test_links_and_not_texts(desk: Desk) -> None:
    text = table("Full Name;E-mail;Company", *(f"Person {n};p{n}@x.example;Company {n % 10}" for n in range(100)))
    assert counted(desk.load(text, "contacts", create=frozenset({"customers"}))) == "100 added"
    assert desk.value("SELECT count(*) FROM contact p JOIN customer c ON c.id = p.customer_id") == 100


def test_tomorrow_is_a_day(desk: Desk) -> None:
    desk.load(table("text,due", "call,tomorrow"), "tasks")
    assert desk.value("SELECT due_on FROM task") == "2026-11-26"


# ------------------------------------------------------------------ real files

ACCOUNTS = {"account": "name", "sector": "industry", "office_location": "country", "employees": "size"}
PIPELINE = {
    "opportunity_id": "external_id",
    "account": "customer",
    "deal_stage": "stage",
    "sales_agent": "owner",
    "engage_date": "opened_on",
    "close_date": "closed_on",
    "close_value": "amount",
}


@needs_real
def test_the_maven_files(desk: Desk) -> None:
    folder = Path(str(REAL)) / "crm" / "maven"
    assert counted(desk.load(folder / "accounts.csv", maps=ACCOUNTS)) == "85 added"
    given: dict[str, Any] = {"maps": PIPELINE, "create": frozenset({"stages", "owners"}), "currency": "USD"}
    assert counted(desk.load(folder / "sales_pipeline.csv", "deals", **given)) == "8800 added"
    assert desk.rows(
        "SELECT s.name, count(*), sum(d.amount), min(d.currency), max(d.currency) FROM deal d JOIN stage s ON s.id = d.stage_id"
        " GROUP BY s.id ORDER BY s.position"
    ) == [
        ("Engaging", 1589, None, "USD", "USD"),
        ("Prospecting", 500, None, "USD", "USD"),
        ("won", 4238, 1000553400, "USD", "USD"),
        ("lost", 2473, 0, "USD", "USD"),
    ]
    assert desk.value("SELECT sum(amount) FROM deal WHERE closed_on >= '2017-10-01'") == 280249600
    assert desk.value("SELECT count(*) FROM deal WHERE customer_id IS NULL") == 1425
    assert desk.value("SELECT count(*) FROM stage_change") == 8800
    before = desk.image()
    later = datetime(2027, 1, 1, tzinfo=UTC)
    assert counted(desk.load(folder / "sales_pipeline.csv", "deals", now=later, **given)) == "8800 unchanged"
    assert counted(desk.load(folder / "accounts.csv", maps=ACCOUNTS)) == "85 unchanged"
    assert desk.image() == before


@needs_real
def test_the_salesforce_files(desk: Desk) -> None:
    folder = Path(str(REAL)) / "crm" / "salesforce_dataloader"
    assert counted(desk.load(folder / "accountData.csv", encoding="cp1252")) == "423 added"
    refused = desk.load(folder / "opportunityData.csv", "deals", currency="USD")
    assert (refused.code, "No stage is called" in reasons(refused)) == (65, True)
    given: dict[str, Any] = {"currency": "USD", "create": frozenset({"stages"})}
    result = desk.load(folder / "opportunityData.csv", "deals", **given)
    assert (result.code, counted(result)) == (0, "38 added"), reasons(result)
    assert counted(desk.load(folder / "opportunityData.csv", "deals", **given)) == "38 unchanged"
    assert counted(desk.load(folder / "accountData.csv", encoding="cp1252")) == "423 unchanged"


@needs_real
def test_the_chinese_files(desk: Desk) -> None:
    folder = Path(str(REAL)) / "zh"
    assert counted(desk.load(folder / "客户信息_ragged_bom.csv")) == "10 added"
    result = desk.load(folder / "客户名称_crm_gbk.csv", country="CN")
    # the row without a customer names a person, who is the customer
    assert (result.code, counted(result)) == (0, "4 added")
    assert result.report["beside"] == {"contacts": 3, "tasks": 3, "interactions": 0}
    assert desk.rows("SELECT name, kind FROM customer WHERE note = '缺客户名称'") == [("赵六", "person")]
    before = desk.image()
    assert counted(desk.load(folder / "客户名称_crm_gbk.csv", country="CN")) == "4 unchanged"
    assert desk.image() == before
    for name in ("商场客户.csv", "商场客户_gbk.csv", "商场客户_utf16le_bom.csv"):
        with pytest.raises(BadData) as caught:
            desk.load(folder / name)
        assert "客户编号" in caught.value.message()
        assert desk.load(folder / name, maps={"客户编号": "name"}).code == 0


def test_the_report_has_its_public_keys(desk: Desk) -> None:
    report = desk.load(table("name", "Acme")).report
    assert list(report) == [
        *COUNTS,
        "errors",
        "written",
        "dry_run",
        "op",
        "as",
        "beside",
        "normalised",
        "removed",
        "notes",
    ]
    assert (report["as"], list(report["beside"])) == ("customers", ["contacts", "tasks", "interactions"])
    json.dumps(report)


# ------------------------------------------------------------------ shortcuts that must not make a difference


@pytest.mark.parametrize(
    ("kind", "cells"),
    [
        ("email", ["a@x.example", "", "A.B+c@Mail.X-y.Example", "info@xn--p1ai.example"]),
        (
            "phone",
            ["+49 30 1234567", "", "+1 (305) 600-0001", "+86 138 0013 8000", "+8613800138000", "+44.20.7946.0958"],
        ),
        ("website", ["acme.example", "", "https://www.acme.example/", "http://www.x-1.co.example", "a.example/"]),
    ],
)
def test_a_plain_column_reads_as_its_cells_do(kind: str, cells: list[str]) -> None:
    from crm_cli.rules import normalise
    from crm_cli.rules.reach_cells import plain_column

    expected = [normalise.reach_key(kind, cell, country=None) if cell else "" for cell in cells]
    assert plain_column(kind, cells) == expected


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("email", "no"), ("email", " a@x.example"), ("email", "a@x.example; b@x.example"), ("email", "é@x.example"),
        ("phone", "+49 (0)30 1234567"), ("phone", "+49 030 1234567"), ("phone", "030 1234567"), ("phone", "+49 30 12 ext 5"),
        ("website", "acme.example/shop"), ("website", "www.com"), ("website", "Acme.example"),
    ],
)  # fmt: skip
def test_what_is_not_plain_is_judged_cell_by_cell(kind: str, cell: str) -> None:
    from crm_cli.rules.reach_cells import plain_column

    assert plain_column(kind, [cell]) is None


def test_an_import_leaves_the_schema_as_it_is(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    sql = "SELECT name, sql FROM sqlite_schema ORDER BY name"
    before = desk.rows(sql)
    assert counted(desk.load(table("name,email", *(f"C{n},c{n}@x.example" for n in range(30_000))))) == "30000 added"
    assert desk.rows(sql) == before
    assert desk.value("PRAGMA integrity_check") == "ok"
    assert desk.rows("PRAGMA foreign_key_check") == []


@pytest.mark.ci
def test_rows_of_one_record_far_apart_in_a_file(desk: Desk) -> None:
    rows = [f"C{n % 3000},c{n % 3000}@x.example,{'' if n < 3000 else 'Ulm'}" for n in range(6000)]
    text = table("name,email,city", *rows)
    assert counted(desk.load(text)) == "3000 added 3000 updated"
    assert desk.rows("SELECT count(*), count(DISTINCT city), min(city) FROM customer") == [(3000, 1, "Ulm")]
    assert counted(desk.load(text)) == "6000 unchanged"


def test_a_hotline_tells_nobody(desk: Desk) -> None:
    text = table("name,email,phone", *(f"P{n},p{n}@x.example,+49 30 1234567" for n in range(50)))
    assert counted(desk.load(text, "contacts")) == "50 added"
    assert counted(desk.load(text, "contacts")) == "50 unchanged"
    assert counted(desk.load(table("name,phone", "New,+49 30 1234567"), "contacts")) == "1 added"


def test_a_deal_closed_before_it_was_opened_is_a_bad_row(desk: Desk) -> None:
    desk.load(table("name", "Acme"))
    result = desk.load(table("title,customer,stage,closed,opened", "Odd,Acme,won,2020-01-01,2026-01-01"), "deals")
    assert result.code == 65
    assert "lies before the day the deal was opened" in reasons(result)


# ------------------------------------------------------------------ what a new user stumbled over


@pytest.mark.ci
@pytest.mark.parametrize(
    "header",
    [
        "Name,Next step,Due",
        "Name,Next step,Next date",
        "Name,Next step,Due date",
        "Name,Next step,Follow-up date",
        "Name,Next step,Date",
        "Name,Due,Next step",
        "客户名称,下一步,截止日期",
        "客户名称,下一步,日期",
        "客户名称,下一步计划,下次日期",
    ],
)
def test_the_day_beside_a_next_step_is_its_day(desk: Desk, header: str) -> None:
    cells = "A,2026-12-01,call" if header.endswith("Next step") else "A,call,2026-12-01"
    assert counted(desk.load(table(header, cells), "")) == "1 added"
    assert desk.rows("SELECT text, due_on FROM task") == [("call", "2026-12-01")]
    assert desk.value("SELECT custom FROM customer") is None


@pytest.mark.parametrize("header", ["Name,City,Due", "Name,Next step,City,Date", "Name,Date,Next step"])
def test_a_day_that_is_not_that_of_a_step_stays_a_field_of_ones_own(desk: Desk, header: str) -> None:
    sample = {"Name": "A", "City": "X", "Next step": "call", "Due": "2026-12-01", "Date": "2026-12-01"}
    desk.load(table(header, ",".join(sample[name] for name in header.split(","))))
    assert "2026-12-01" in desk.value("SELECT custom FROM customer")


def test_map_custom_keeps_a_due_day_apart(desk: Desk) -> None:
    desk.load(table("Name,Next step,Due", "A,call,2026-12-01"), maps={"Due": "custom"})
    assert desk.value("SELECT due_on FROM task") is None
    assert "2026-12-01" in desk.value("SELECT custom FROM customer")


@pytest.mark.parametrize("typed", ["due", "next", "next-task-on"])
def test_the_field_of_the_day_is_named_where_another_one_is_typed(desk: Desk, typed: str) -> None:
    with pytest.raises(Misuse) as caught:
        desk.load(table("Name,When", "A,2026-12-01"), maps={"When": typed})
    assert caught.value.advice().startswith("Did you mean next_on? Fields are: ")


def test_the_page_on_import_lists_what_map_takes() -> None:
    page = (Path(__file__).parent.parent / "docs" / "import.md").read_text(encoding="utf-8")
    for kind in NOUNS_OF:
        listed = page.partition(f"\n  - {kind}: ")[2].partition("\n  - ")[0].partition("\n- ")[0].split()
        assert listed == [field for field in fields_of(kind) if field != "custom"], kind


def test_all_that_is_wrong_with_the_links_of_a_deal_is_told_at_once(desk: Desk) -> None:
    text = table("title,customer,stage,owner", "A,Nobody,odd,zoe", "B,,odd,")
    result = desk.load(text, "deals")
    told = [(error["line"], error["column"], error["value"]) for error in result.report["errors"]]
    assert told == [(2, "owner", "zoe"), (2, "customer", "Nobody"), (2, "stage", "odd"), (3, "stage", "odd")]
    assert result.report["failed"] == 2


def test_a_row_that_is_refused_makes_no_stage(desk: Desk) -> None:
    text = table("title,customer,stage", "A,Nobody,odd", "B,,lead")
    result = desk.load(text, "deals", create=frozenset({"stages"}), rejects=str(desk.folder / "bad.csv"))
    assert counted(result) == "1 added 1 failed"
    assert desk.rows("SELECT name FROM stage WHERE name = 'odd'") == []


def test_an_amount_with_two_readings_names_the_setting(desk: Desk) -> None:
    result = desk.load(table("title,amount", "A,12.000"), "deals", currency="EUR")
    assert reasons(result) == (
        '"12.000" could be 12000 or 12.00: crm config set decimal , for the first, crm config set decimal . for the'
        " second."
    )
    assert counted(desk.load(table("title,amount", "A,12.000"), "deals", currency="EUR", decimal=",")) == "1 added"
    assert desk.value("SELECT amount FROM deal") == 1200000


@pytest.mark.parametrize(
    ("headers", "hint"),
    [
        ("客户编号,性别", "It has no names. Its numbers can stand for them: "),
        ("Customer No.,Age", "It has no names. Its numbers can stand for them: "),
        ("Nickname,Age", "Say which one it is, for example: "),
    ],
)
def test_numbers_are_offered_as_names_only_as_what_they_are(desk: Desk, headers: str, hint: str) -> None:
    with pytest.raises(BadData) as caught:
        desk.load(table(headers, "1,2"))
    first = headers.partition(",")[0]
    assert caught.value.advice().startswith(hint)
    assert caught.value.advice().endswith(f'--as customers --map "{first}=name"')
