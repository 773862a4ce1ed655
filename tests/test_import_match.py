"""Which record a row of a file is about: uuid, id, e-mail, phone, website, name; and what is told where it is in doubt."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci


def put(crm: Crm, text: str, *options: str, name: str = "rows.csv", code: int = 0) -> Any:
    """Import a CSV; its report."""
    path = crm.folder / name
    path.write_text(text, encoding="utf-8")
    result = crm("import", str(path), "--json", *options)
    assert result.code == code, result
    return result.json


def counts(report: Any) -> tuple[int, ...]:
    return tuple(report[key] for key in ("read", "added", "updated", "unchanged", "failed"))


def names(crm: Crm, noun: str = "customer") -> list[str]:
    return [
        row["name"] for row in crm.rows(f"{noun} list --all --sort id" if noun == "deal" else f"{noun} list --sort id")
    ]


# ------------------------------------------------------------------ by uuid


def elsewhere(crm: Crm, tmp_path: Path) -> Crm:
    """Another database."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    return Crm(folder)


def test_customers_of_one_name_in_an_export_of_ours_stay_two(crm: Crm, tmp_path: Path) -> None:
    crm.ok("customer", "add", "王伟", "--kind", "person")
    crm.ok("customer", "add", "王伟", "--kind", "person", "--duplicate")
    crm.ok("customer", "add", "Acme GmbH", "--email", "a@acme.example")
    crm.ok("customer", "add", "Acme AG", "--email", "a@acme.example", "--duplicate")
    text = crm.ok("export customers --format csv").out
    other = elsewhere(crm, tmp_path)
    assert counts(put(other, text)) == (4, 4, 0, 0, 0)
    assert counts(put(other, text)) == (4, 0, 0, 4, 0)
    assert counts(put(crm, text)) == (4, 0, 0, 4, 0)
    ours = {row["uuid"]: row["name"] for row in crm.rows("customer list")}
    assert {row["uuid"]: row["name"] for row in other.rows("customer list")} == ours


def test_a_renamed_customer_is_known_by_its_uuid(crm: Crm) -> None:
    crm.ok("customer", "add", "Acme GmbH", "--email", "a@acme.example")
    uuid = crm.rows("customer list")[0]["uuid"]
    assert counts(put(crm, f"uuid,name,city\n{uuid.upper()},Acme Holding,Berlin\n")) == (1, 0, 1, 0, 0)
    [row] = crm.rows("customer list")
    assert (row["name"], row["city"], row["email"]) == ("Acme Holding", "Berlin", "a@acme.example")


def test_a_uuid_and_an_id_of_two_records_are_a_conflict(crm: Crm) -> None:
    put(crm, "Customer ID,Name\n7,Acme\n8,Beta\n")
    one = crm.rows("customer list --sort id")[0]["uuid"]
    report = put(crm, f"uuid,Customer ID,Name\n{one},8,Acme\n", code=65)
    assert [error["reason"] for error in report["errors"]] == [
        "This row fits several records: customer:1 Acme (uuid); customer:2 Beta (id); merge them, or give the row an"
        " external id."
    ]


def test_a_removed_customer_of_an_old_export_stays_removed_and_new_adds_it(crm: Crm) -> None:
    crm.ok("customer", "add", "王伟", "--kind", "person")
    crm.ok("customer", "add", "王伟", "--kind", "person", "--duplicate")
    text = crm.ok("export customers --format csv").out
    crm.ok("customer remove customer:1 --yes")
    report = put(crm, text)
    assert (counts(report), report["skipped"], report["removed"]) == ((2, 0, 0, 1, 0), 1, 1)
    alone = "\n".join(line for line in text.splitlines() if not line.startswith("2,")) + "\n"
    assert counts(put(crm, alone, "--on-duplicate", "new")) == (1, 1, 0, 0, 0)
    assert len({uuid for (uuid,) in crm.sql("SELECT uuid FROM customer")}) == 3


def test_two_of_ours_that_look_like_one_record_here_are_added(crm: Crm, tmp_path: Path) -> None:
    crm.ok("customer", "add", "王伟", "--kind", "person")
    crm.ok("customer", "add", "王伟", "--kind", "person", "--duplicate")
    text = crm.ok("export customers --format csv").out
    other = elsewhere(crm, tmp_path)
    other.ok("customer", "add", "王伟", "--kind", "person")
    assert counts(put(other, text)) == (2, 2, 0, 0, 0)
    assert counts(put(other, text)) == (2, 0, 0, 2, 0)


def test_one_of_ours_meets_the_record_here_that_has_its_email(crm: Crm, tmp_path: Path) -> None:
    crm.ok("customer", "add", "Acme GmbH", "--email", "a@acme.example", "--city", "Berlin")
    text = crm.ok("export customers --format csv").out
    other = elsewhere(crm, tmp_path)
    other.ok("customer", "add", "Acme", "--email", "A@acme.example")
    assert counts(put(other, text)) == (1, 0, 1, 0, 0)
    assert names(other) == ["Acme GmbH"]


def test_equal_tasks_and_deals_of_ours_stay_as_many(crm: Crm, tmp_path: Path) -> None:
    crm.ok("customer", "add", "Acme")
    for _ in range(2):
        crm.ok("task", "add", "call again", "--customer", "acme", "--due", "2026-12-01")
        crm.ok("deal", "add", "Rollout", "--customer", "acme", "--amount", "1000 EUR", "--duplicate")
        crm.ok("log", "call", "acme", "said hello", "--at", "2026-11-20")
    other = elsewhere(crm, tmp_path)
    for kind in ("customers", "deals", "tasks", "interactions"):
        text = crm.ok(f"export {kind} --format csv").out
        expected = 1 if kind == "customers" else 2
        assert counts(put(other, text, "--as", kind)) == (expected, expected, 0, 0, 0), kind
        assert counts(put(other, text, "--as", kind)) == (expected, 0, 0, expected, 0), kind


def test_the_same_uuid_twice_is_one_record(crm: Crm) -> None:
    uuid = "0197f0a2-6f1e-7c4b-9a53-0f3d5d1f6b11"
    assert counts(put(crm, f"uuid,name,city\n{uuid},Acme,\n{uuid},Acme Ltd,Rome\n")) == (2, 1, 1, 0, 0)
    assert [(row["uuid"], row["name"], row["city"]) for row in crm.rows("customer list")] == [
        (uuid, "Acme Ltd", "Rome")
    ]


def test_a_column_called_uuid_with_something_else_in_it_is_a_field_of_ones_own(crm: Crm) -> None:
    put(crm, "uuid,name\nA-17,Acme\n")
    [row] = crm.rows("customer list --columns name,uuid,custom")
    assert row["custom"] == {"uuid": "A-17"} and row["uuid"] != "A-17"


def test_on_duplicate_new_refuses_a_uuid_that_is_there(crm: Crm) -> None:
    crm.ok("customer", "add", "Acme")
    uuid = crm.rows("customer list")[0]["uuid"]
    report = put(crm, f"uuid,name\n{uuid},Acme\n", "--on-duplicate", "new", code=65)
    assert report["errors"] == [
        {"line": 2, "column": "uuid", "value": uuid, "reason": "This record is already there: customer:1 Acme."}
    ]


# ------------------------------------------------------------------ by name


def test_another_spelling_of_a_companys_name_is_the_company(crm: Crm) -> None:
    put(crm, "Name,City\nAcme Inc,\nGlobex GmbH,\n北京市华联有限责任公司,\n")
    text = 'Name,City\n"ACME, Inc.",Rome\nGlobex G.m.b.H.,Bonn\n北京华联有限公司,北京市\n'
    assert counts(put(crm, text)) == (3, 0, 3, 0, 0)
    assert [(row["name"], row["city"]) for row in crm.rows("customer list --sort id")] == [
        ("ACME, Inc.", "Rome"), ("Globex G.m.b.H.", "Bonn"), ("北京华联有限公司", "北京"),
    ]  # fmt: skip
    assert counts(put(crm, text)) == (3, 0, 0, 3, 0)


def test_another_legal_person_is_only_named(crm: Crm) -> None:
    put(crm, "Name\nAcme GmbH\n北京华联有限公司\n")
    path = crm.folder / "more.csv"
    path.write_text("Name\nAcme Inc.\n上海华联有限公司\nAcme\n华北制药\n", encoding="utf-8")
    result = crm.ok("import", str(path))
    assert len(names(crm)) == 6
    assert "Acme Inc. of line 2 looks like customer:1 Acme GmbH; both are kept: crm dupes" in result.err
    assert "上海华联有限公司 of line 3 looks like customer:2 北京华联有限公司; both are kept: crm dupes" in result.err
    assert "Acme of line 4 looks like customer:1 Acme GmbH; both are kept: crm dupes" in result.err
    assert "华北制药" not in result.err


def test_spellings_within_a_file_are_one_company(crm: Crm) -> None:
    text = 'Name,City\nAcme Incorporated,\n"Acme, Inc.",Rome\nAcme GmbH,Bonn\n'
    assert counts(put(crm, text)) == (3, 2, 1, 0, 0)
    assert names(crm) == ["Acme, Inc.", "Acme GmbH"]


def test_a_spelling_does_not_match_against_other_emails(crm: Crm) -> None:
    put(crm, "Name,Email\nAcme Inc,a@one.example\n")
    assert counts(put(crm, 'Name,Email\n"Acme, Inc.",b@two.example\n')) == (1, 1, 0, 0, 0)


def test_a_spelling_of_two_companies_is_a_conflict(crm: Crm) -> None:
    put(crm, 'Name,Email\nAcme Inc,a@one.example\n"Acme, Inc",b@two.example\n')
    report = put(crm, "Name\nAcme Incorporated\n", code=65)
    assert report["errors"][0]["reason"].startswith("This row fits several records: customer:1 ")


def test_a_company_is_no_person_of_its_name_or_email(crm: Crm) -> None:
    crm.ok("customer", "add", "Baker Ltd", "--kind", "person")
    crm.ok("customer", "add", "Jane Doe", "--kind", "person", "--email", "jane@doe.example")
    text = "Name,Email\nBaker Ltd,\nDoe Holding Inc,jane@doe.example\n"
    assert counts(put(crm, text)) == (2, 2, 0, 0, 0)
    assert [(row["name"], row["kind"]) for row in crm.rows("customer list --sort id")][2:] == [
        ("Baker Ltd", "company"), ("Doe Holding Inc", "company"),
    ]  # fmt: skip


def test_a_company_and_a_person_of_a_file_stay_two(crm: Crm) -> None:
    assert counts(put(crm, "Name,Kind\nBaker,company\nBaker,person\n", "--as", "customers")) == (2, 2, 0, 0, 0)


# ------------------------------------------------------------------ parents


def test_circles_of_parents_are_refused_with_their_rows(crm: Crm) -> None:
    report = put(crm, "Name,Parent\nA,B\nB,C\nC,A\nD,A\nE,D\n", code=65)
    assert [(error["line"], error["column"], error["reason"]) for error in report["errors"]] == [
        (2, "Parent", "A would stand above itself, by way of line 3 B; line 4 C."),
        (3, "Parent", "B would stand above itself, by way of line 4 C; line 2 A."),
        (4, "Parent", "C would stand above itself, by way of line 2 A; line 3 B."),
    ]
    assert not crm.db.exists()


def test_a_circle_through_customers_that_are_there_is_refused(crm: Crm) -> None:
    put(crm, "Name,Parent\nTop,\nMiddle,Top\nLow,Middle\n")
    report = put(crm, "Name,Parent\nTop,Low\n", code=65)
    assert [error["reason"] for error in report["errors"]] == [
        "Top would stand above itself, by way of customer:3 Low; customer:2 Middle."
    ]
    assert counts(put(crm, "Name,Parent\nLow,Top\nMiddle,Low\n")) == (2, 0, 2, 0, 0)
    assert [(row["name"], row["parent"]) for row in crm.rows("customer list --sort id")] == [
        ("Top", None), ("Middle", "Low"), ("Low", "Top"),
    ]  # fmt: skip


# ------------------------------------------------------------------ what cells are kept as


def test_what_is_spelled_anew_is_counted(crm: Crm) -> None:
    text = (
        "Name,Email,Phone,Website,Country,Region,City\n"
        "Ａｃｍｅ　ＧｍｂＨ,Sales@Acme.example,+49 30 901820,https://www.acme.example,Deutschland,Berlin,Berlin\n"
        "Beta  Ltd,mailto:b@beta.example,+44 20 79460958,beta.example,UK,,London\n"
        "华联,h@hualian.example,13800138000,,中国,浙江省,杭州市\n"
        "Gamma,g@gamma.example,,https://www.linkedin.com/company/gamma,usa,ca,Napa\n"
    )
    report = put(crm, text)
    assert report["normalised"] == {"name": 2, "email": 2, "website": 1, "country": 4, "region": 2, "city": 1}
    rows = crm.rows("customer list --sort id")
    assert [row["name"] for row in rows] == ["Acme GmbH", "Beta Ltd", "华联", "Gamma"]
    assert [row["email"] for row in rows][:2] == ["Sales@Acme.example", "b@beta.example"]
    assert [row["country"] for row in rows] == ["Germany", "United Kingdom", "China", "United States"]
    assert [row["region"] for row in rows] == ["Berlin", None, "浙江", "California"]
    assert [row["city"] for row in rows] == ["Berlin", "London", "杭州", "Napa"]
    assert rows[3]["websites"] == []
    assert rows[3]["messengers"] == [{"value": "https://www.linkedin.com/company/gamma", "label": "linkedin"}]
    assert crm.sql("SELECT value_key FROM reach WHERE kind = 'messenger'") == [("company/gamma",)]
    assert counts(put(crm, text)) == (4, 0, 0, 4, 0)


def test_an_export_of_ours_is_not_spelled_anew(crm: Crm, tmp_path: Path) -> None:
    crm.ok("customer", "add", "x", "--email", "x@x.example")
    text = crm.ok("export customers --format csv").out.replace(",x,", ",Ａｃｍｅ　Ｘ,", 1)
    report = put(crm, text)
    assert (report["updated"], report["normalised"].get("name")) == (1, None)
    assert names(crm) == ["Ａｃｍｅ　Ｘ"]


def test_two_who_share_a_social_site_are_two(crm: Crm) -> None:
    text = "Name,Website\nAcme,https://facebook.com/acme\nBeta,https://facebook.com/beta\n"
    assert counts(put(crm, text)) == (2, 2, 0, 0, 0)
    assert counts(put(crm, text)) == (2, 0, 0, 2, 0)


def test_a_country_is_found_in_every_language(crm: Crm) -> None:
    put(
        crm,
        "Name,Country,Region\nA,德国,Bayern\nB,Germany,\nC,PRC,Zhejiang\nD,中国,浙江省\nS,Sweden,\nE,Atlantis,Beijing\n",
    )
    asked = {
        "country:德国": "AB", "country:=DE": "AB", "region:=zhejiang": "CD", "country:de": "AB", "country:Deutschland": "AB", "country:China": "CD", "country:中国": "CD",
        "region:浙江省": "CD", "region:zhejiang": "CD", "region:北京": "E", "country:atlantis": "E", "region:bay": "A",
    }  # fmt: skip
    found = {
        query: "".join(row["name"] for row in crm.rows("customer", "list", query, "--sort", "name")) for query in asked
    }
    assert found == asked


def test_what_is_typed_is_spelled_as_what_is_imported(crm: Crm) -> None:
    crm.ok(
        "customer", "add", "Ａｃｍｅ  GmbH", "--country", "德国", "--region", "北京市", "--email", "Jane <Jane@Acme.example>",
        "--website", "https://x.com/acme", "--website", "acme.example",
    )  # fmt: skip
    [row] = crm.rows("customer list")
    assert (row["name"], row["country"], row["region"], row["emails"][0]["value"]) == (
        "Acme GmbH", "Germany", "北京", "Jane@Acme.example",
    )  # fmt: skip
    assert [one["value"] for one in row["websites"]] == ["acme.example"]
    assert row["messengers"] == [{"value": "https://x.com/acme", "label": "x"}]
    assert crm.ok("check").out == ""
    crm.ok("customer edit customer:1 --country US --region tx")
    assert crm.rows("customer list")[0]["region"] == "Texas"
