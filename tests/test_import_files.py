"""Import through the door: several files at once, what was understood, what a person at a terminal is asked."""

import pytest
from conftest import Crm
from terminal import Terminal

CUSTOMERS = "name,email\nAcme,a@acme.example\nBeta,b@beta.example\n"
CONTACTS = "name,company,email,job title\nAna Roth,Acme,ana@acme.example,CTO\n"
DEALS = "title,customer,stage,amount,currency\nRollout,Acme,proposal,100,EUR\n"
TASKS = "text,customer,due\nring up,Acme,2026-12-01\n"


def put(crm: Crm, **files: str | bytes) -> None:
    for name, text in files.items():
        path = crm.folder / f"{name}.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())


def told(crm: Crm, text: str) -> list[str]:
    """The lines without the folder of the test."""
    return text.replace(f"{crm.folder}/", "").splitlines()


# --- several files


def test_several_files_come_in_the_order_of_their_links(crm: Crm) -> None:
    put(crm, d_tasks=TASKS, a_deals=DEALS, c_people=CONTACTS, b_firms=CUSTOMERS)
    done = crm.ok("import", str(crm.folder / "*.csv"))
    assert told(crm, done.out) == [
        "b_firms.csv: 2 rows read, 2 added, 0 updated, 0 unchanged, 0 skipped, 0 failed",
        "c_people.csv: 1 rows read, 1 added, 0 updated, 0 unchanged, 0 skipped, 0 failed",
        "a_deals.csv: 1 rows read, 1 added, 0 updated, 0 unchanged, 0 skipped, 0 failed",
        "d_tasks.csv: 1 rows read, 1 added, 0 updated, 0 unchanged, 0 skipped, 0 failed",
        "4 files: 5 rows read, 5 added, 0 updated, 0 unchanged, 0 skipped, 0 failed",
    ]
    assert done.err.splitlines()[-1] == "Undo: crm undo 4"
    again = crm.ok("import", *[str(crm.folder / f"{name}.csv") for name in ("a_deals", "b_firms", "d_tasks")])
    assert told(crm, again.out)[-1] == ("3 files: 4 rows read, 0 added, 0 updated, 4 unchanged, 0 skipped, 0 failed")


def test_a_trial_of_several_files_links_them_too_and_writes_nothing(crm: Crm) -> None:
    put(crm, deals=DEALS, firms=CUSTOMERS)
    done = crm.ok("import", str(crm.folder / "*.csv"), "--explain")
    assert told(crm, done.out)[-1] == "2 files: 3 rows read, 3 added, 0 updated, 0 unchanged, 0 skipped, 0 failed"
    assert done.out.count("This was a trial: nothing was written.") == 2
    assert not crm.db.exists() and "Undo" not in done.err
    crm.ok("customer add Gamma")
    before = crm.db.read_bytes()
    reports = crm.rows("import", str(crm.folder / "*.csv"), "--dry-run")
    assert [(one["as"], one["added"], one["written"], one["dry_run"], one["op"]) for one in reports] == [
        ("customers", 2, False, True, None), ("deals", 1, False, True, None),
    ]  # fmt: skip
    assert crm.db.read_bytes() == before


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        ('name,email\nZeta,"z@zeta.example\n', "bad.csv: Line 2: a quote opens and is never closed."),
        ("name,email\nZ\xe9ta,x\n".encode("cp1252"), "bad.csv is not UTF-8 and its encoding is not certain."),
        (b"name\0,x\n", "bad.csv: Line 1: there is a NUL character in the text."),
        ("x1,x2\n1,2\n", "bad.csv: The columns do not tell what the rows are: x1, x2"),
    ],
)
def test_when_one_cannot_be_read_none_is_imported(crm: Crm, bad: str | bytes, why: str) -> None:
    put(crm, a=CUSTOMERS, bad=bad)
    refused = crm("import", str(crm.folder / "a.csv"), str(crm.folder / "bad.csv"))
    assert refused.code in (2, 65) and refused.out == ""
    assert why in refused.err.replace(f"{crm.folder}/", "")
    assert "Of the files nothing was imported." in refused.err
    assert not crm.db.exists()


def test_a_refused_file_stops_those_behind_it_and_names_them(crm: Crm) -> None:
    put(crm, a=CUSTOMERS, b=DEALS.replace("Acme", "Nobody"), c=TASKS)
    refused = crm("import", str(crm.folder / "*.csv"))
    assert refused.code == 65
    assert "Not imported, because b.csv was refused: c.csv" in refused.err.replace(f"{crm.folder}/", "")
    assert told(crm, refused.out)[0].startswith("a.csv: 2 rows read, 2 added")
    assert told(crm, refused.out)[-1] == "2 files: 3 rows read, 2 added, 0 updated, 0 unchanged, 0 skipped, 1 failed"
    assert [row["name"] for row in crm.rows("customer list")] == ["Acme", "Beta"]


def test_each_of_several_files_has_its_own_rejects(crm: Crm) -> None:
    put(crm, a="name,email\nAcme,not-an-address\nBeta,b@b.example\n", b="name,birthday\nGamma,nonsense\n", c=CUSTOMERS)
    bad = crm.folder / "bad.csv"
    done = crm("import", str(crm.folder / "[abc].csv"), "--rejects", str(bad))
    assert done.code == 6
    assert sorted(path.name for path in crm.folder.glob("bad*")) == ["bad.a.csv", "bad.b.csv"]
    assert "not-an-address" in (crm.folder / "bad.a.csv").read_text()


def test_a_pattern_that_fits_nothing_and_one_that_is_a_name(crm: Crm) -> None:
    refused = crm("import", str(crm.folder / "*.csv"))
    assert refused.code == 5
    assert f"No file fits {crm.folder}/*.csv." in refused.err
    (crm.folder / "[1].csv").write_text(CUSTOMERS)
    assert "2 added" in crm.ok("import", str(crm.folder / "[1].csv")).out


def test_standard_input_among_several(crm: Crm) -> None:
    put(crm, deals=DEALS)
    done = crm.ok("import", str(crm.folder / "deals.csv"), "-", stdin=CUSTOMERS)
    assert [line.partition(":")[0] for line in told(crm, done.out)] == ["-", "deals.csv", "2 files"]


# --- formats through the door


def test_json_of_an_export_comes_in_again_as_it_went_out(acme: Crm) -> None:
    acme.ok("customer edit acme --phone mobile:+4915112345678 --phone +493012345 --set tier=gold --tag 'a b'")
    for noun in ("customers", "contacts", "deals", "interactions", "tasks"):
        for form in ("json", "jsonl"):
            path = acme.folder / f"{noun}.{form}"
            path.write_text(acme.ok("export", noun, "--format", form).out)
            if path.read_text() in ("", "[]\n"):
                continue
            report = acme.rows("import", str(path))
            assert (report["as"], report["unchanged"], report["failed"]) == (noun, report["read"], 0), report
    other = Crm(acme.folder)
    other.environ["CRM_DB"] = str(acme.folder / "other.db")
    other.ok("member add ana")
    other.ok("import", str(acme.folder / "customers.json"), "--create", "owners")
    shown = "export customers --format csv --columns name,kind,status,emails,phones,websites,owner,tags,note,custom,created_at"
    assert other.ok(shown).out == acme.ok(shown).out


def test_a_workbook_twice_makes_no_doubles(crm: Crm) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    pytest.importorskip("python_calamine")
    path = crm.folder / "客户.xlsx"
    made = xlsxwriter.Workbook(str(path))
    page = made.add_worksheet("名单")
    page.merge_range("A1:D1", "客户名单")
    page.write_row(1, 0, ["客户名称", "电话", "下次跟进", "客户编号"])
    page.write_row(2, 0, ["星河科技", 13800000000, 46357, 1001])
    page.write_row(3, 0, ["远山制造", 13900000000, 46358, 1002])
    made.close()
    assert "2 added" in crm.ok("import", str(path)).out
    assert "2 unchanged" in crm.ok("import", str(path)).out
    rows = crm.rows("customer list --columns name,phone,next_task_on,external_id")
    assert rows[0]["phone"] == "13800000000" and rows[0]["external_id"] == "1001"
    assert rows[0]["next_task_on"] == "2026-12-01"


def test_a_sheet_is_chosen_and_the_others_are_named(crm: Crm) -> None:
    xlsxwriter = pytest.importorskip("xlsxwriter")
    pytest.importorskip("python_calamine")
    path = crm.folder / "book.xlsx"
    made = xlsxwriter.Workbook(str(path))
    for name in ("One", "Two"):
        page = made.add_worksheet(name)
        page.write_row(0, 0, ["name", "email"])
        page.write_row(1, 0, [name, f"{name}@x.example"])
    made.close()
    assert "The sheet One was read; there is also Two. --sheet NAME reads another" in crm.ok("import", str(path)).err
    crm.ok("import", str(path), "--sheet", "2")
    assert [row["name"] for row in crm.rows("customer list")] == ["One", "Two"]


# --- explain


LEADS = "Leads of May\n\nname;created;amount of staff;email\nAcme;13/06/2026;12;A@acme.example\nBeta;01/02/2026;;\n"


def test_explain_says_all_that_was_understood(crm: Crm) -> None:
    put(crm, leads=LEADS)
    done = crm.ok("import", str(crm.folder / "leads.csv"), "--explain")
    assert told(crm, done.out) == [
        "leads.csv: customers",
        "Encoding utf-8, delimiter ';', headers in line 3",
        "column           field                   examples",
        "name             name                    Acme, Beta",
        "created          created_at              13/06/2026, 01/02/2026",
        "amount of staff  custom.amount of staff  12",
        "email            email                   A@acme.example",
        "Days in created_at are read as 31/12/2026",
        "Written in one spelling, cells: created_at 2, email 1",
        "leads.csv: 2 rows read, 2 added, 0 updated, 0 unchanged, 0 skipped, 0 failed",
        "This was a trial: nothing was written.",
    ]
    assert told(crm, done.err) == [
        "leads.csv was read as customers; another kind: --as KIND",
        "1 line above the headers was skipped: Leads of May",
    ]
    understood = crm.rows("import", str(crm.folder / "leads.csv"), "--explain")["understood"]
    assert {key: understood[key] for key in ("kind", "encoding", "delimiter", "header_line", "dates", "notes")} == {
        "kind": "customers", "encoding": "utf-8", "delimiter": ";", "header_line": 3, "dates": {"created_at": "dmy"},
        "notes": ["1 line above the headers was skipped: Leads of May"],
    }  # fmt: skip
    assert understood["columns"][0] == {"header": "name", "field": "name", "examples": ["Acme", "Beta"]}
    assert not crm.db.exists()


def test_both_orders_of_days_are_refused_until_one_is_said(crm: Crm) -> None:
    put(crm, people="name,birthday\nAcme,03/04/1980\nBeta,05/06/1981\n")
    refused = crm("import", str(crm.folder / "people.csv"), "--as", "customers")
    assert refused.code == 65
    assert '"03/04/1980" could be 1980-04-03 or 1980-03-04' in " ".join(refused.out.split())
    crm.ok("import", str(crm.folder / "people.csv"), "--as", "customers", "--date-order", "mdy")
    assert [row["birthday"] for row in crm.rows("customer list --columns birthday")] == ["1980-03-04", "1981-05-06"]


# --- at a terminal


@pytest.mark.process
def test_a_new_layout_is_shown_and_agreed_to_once(crm: Crm) -> None:
    put(crm, firms=CUSTOMERS, more="name,email\nGamma,g@g.example\n", other="name,city\nDelta,Bonn\n")

    def typed(name: str, *words: str) -> Terminal:
        return Terminal(crm, "import", str(crm.folder / f"{name}.csv"), *words, columns=140)

    assert typed("firms").expect("like this?").type("n").end() == 130
    assert not crm.db.exists()
    assert typed("firms").expect("a@acme.example, b@beta.example").expect("like this?").type("y").end() == 0
    assert typed("more").end() == 0  # the same layout
    assert typed("other").expect("like this?").type("n").end() == 130
    assert typed("other", "--yes").end() == 0
    assert [row["name"] for row in crm.rows("customer list")] == ["Acme", "Beta", "Delta", "Gamma"]
    crm.ok("check")
    crm.ok("undo 3")
    assert typed("firms").expect("like this?").type("n").end() == 130


@pytest.mark.process
def test_the_encoding_is_asked_for(crm: Crm) -> None:
    put(crm, firms="name,city\nM\xfcller,K\xf6ln\n".encode("cp1252"))
    terminal = Terminal(crm, "import", str(crm.folder / "firms.csv"), columns=140)
    terminal.expect("could be: cp1252").expect("--encoding").type("cp1252\r").expect("like this?").type("y")
    assert terminal.end() == 0
    assert [row["city"] for row in crm.rows("customer list --columns city")] == ["Köln"]


def test_without_a_terminal_nothing_is_asked(crm: Crm) -> None:
    put(crm, firms=CUSTOMERS)
    assert "2 added" in crm.ok("import", str(crm.folder / "firms.csv")).out
    assert crm.sql("SELECT count(*) FROM import_mapping") == [(0,)]
