"""What other systems export goes in at the first try: driven by import_presets.tsv (file, options, what comes of it)."""

import csv
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

from crm_cli.formats.presets import presets, recognise
from crm_cli.rules.aliases import KINDS

pytestmark = pytest.mark.ci

HERE = Path(__file__).parent
FIXTURES = HERE / "fixtures" / "presets"
REAL = os.environ.get("CRM_REAL_DATA")
USUAL = {"CRM_COUNTRY": "US"}


def table() -> list[list[str]]:
    """file, options, exit code, counts, beside, preset or a part of what is said."""
    with open(HERE / "fixtures" / "import_presets.tsv", encoding="utf-8", newline="") as lines:
        return [row for row in csv.reader(lines, delimiter="\t") if row and not row[0].startswith("#")]


def where(name: str) -> Path:
    """A made file, or one of other people's, which begins with real/."""
    if not name.startswith("real/"):
        return FIXTURES / name
    if not REAL:
        pytest.skip("CRM_REAL_DATA is not set")
    return Path(REAL) / name.removeprefix("real/")


def dump(crm: Crm) -> list[str]:
    """Every row in the database but those of the journal, and the counters of ids, which never go back."""
    connection = sqlite3.connect(crm.db)
    kept = ('INSERT INTO "journal', 'INSERT INTO "operation', 'INSERT INTO "sqlite_sequence')
    lines = [line for line in connection.iterdump() if line.startswith("INSERT") and not line.startswith(kept)]
    connection.close()
    return lines


def counts(report: dict[str, Any]) -> str:
    return " ".join(str(report[key]) for key in ("read", "added", "updated", "unchanged", "skipped", "failed"))


# One of each system is quick to try; the others run with the slow tests.
QUICK = (
    "zoho_leads hubspot_contacts salesforce_opportunity pipedrive_deals wukong_customers google_new outlook_92".split()
)
ROWS = [
    pytest.param(
        row,
        id=f"{row[0]} {row[1]}".strip(),
        marks=() if row[0].removesuffix(".csv") in QUICK else (pytest.mark.slow,),
    )
    for row in table()
]


@pytest.mark.parametrize("row", ROWS)
def test_a_file_goes_in_at_the_first_try(crm: Crm, row: list[str]) -> None:
    name, options, code, counted, beside, said = row
    path = str(where(name))
    if options.startswith("AFTER "):
        first, _, options = options.removeprefix("AFTER ").partition(" | ")
        crm.ok("import", *first.split()[1:], str(where(first.split()[0])), env=USUAL)
    crm.ok('customer add "Somebody Else" --kind company')
    before = dump(crm)
    words = ["import", path, *options.split()]
    told = crm(*words, "--dry-run", env=USUAL)
    assert said in told.out + told.err, told
    assert dump(crm) == before
    done = crm(*words, "--format", "json", env=USUAL)
    assert (done.code, counts(done.json)) == (int(code), counted), done
    assert " ".join(str(n) for n in done.json["beside"].values()) == beside
    if done.code:
        assert dump(crm) == before
        return
    full = dump(crm)
    again = crm.ok(*words, "--format", "json", env=USUAL).json
    assert (again["added"], again["updated"], again["written"]) == (0, 0, True), again
    assert set(again["beside"].values()) == {0}
    assert dump(crm) == full
    crm.ok("undo")
    assert dump(crm) == before


# ------------------------------------------------------------------ links, whatever order the files come in

SYSTEMS = {
    "zoho": "zoho_leads zoho_accounts zoho_contacts zoho_deals zoho_notes zoho_calls zoho_tasks",
    "hubspot": "hubspot_companies hubspot_contacts hubspot_deals hubspot_tickets hubspot_activities",
    "salesforce": "salesforce_lead salesforce_account salesforce_contact salesforce_opportunity",
    "pipedrive": "pipedrive_organizations pipedrive_persons pipedrive_deals pipedrive_activities pipedrive_notes",
    "wukong": "wukong_customers wukong_contacts wukong_deals wukong_followups",
    "cordys": "cordys_customers cordys_contacts cordys_deals cordys_followups",
}


def picture(crm: Crm) -> dict[str, Any]:
    """All records without ids of ours and without the moment of their last change."""
    found: dict[str, Any] = {}
    for kind in KINDS:
        rows = crm.rows("export", kind, "--format", "json")
        plain = [
            {key: value for key, value in row.items() if not key.endswith("id") and key not in ("updated_at",)}
            | {"external_id": row["external_id"]}
            | {"contacts": sorted(one["name"] for one in row.get("contacts") or ())}
            for row in rows
        ]
        found[kind] = sorted(plain, key=str)
    return found


@pytest.mark.parametrize(
    "system", [pytest.param(name, marks=() if name == "salesforce" else (pytest.mark.slow,)) for name in SYSTEMS]
)
def test_the_order_of_the_files_makes_no_difference(crm: Crm, tmp_path: Path, system: str) -> None:
    names = SYSTEMS[system].split()
    pictures = []
    for order in (names, names[::-1], names[1::2] + names[::2]):
        other = Crm(tmp_path / "-".join(order)[:40])
        other.folder.mkdir()
        for name in order:
            other.ok("import", str(FIXTURES / f"{name}.csv"), env=USUAL)
        pictures.append(picture(other))
        assert "awaited_" not in str(pictures[-1])
        for name in order:
            again = other.ok("import", str(FIXTURES / f"{name}.csv"), "--json", env=USUAL).json
            assert again["added"] == 0, (name, again)
        other.ok("check", env=USUAL)
    for kind in KINDS:
        assert pictures[1][kind] == pictures[0][kind]
        assert pictures[2][kind] == pictures[0][kind]


def test_a_link_that_waits_is_named_and_comes_back_with_undo(crm: Crm) -> None:
    deals, accounts = FIXTURES / "salesforce_opportunity.csv", FIXTURES / "salesforce_account.csv"
    told = crm.ok("import", str(deals)).err
    assert (
        "Rows that wait for customers who are not there yet: 3 (001000000000001AAA, 001000000000002AAA)."
        " Importing these links them\n" in told
    )
    waiting = crm.rows("deal list status:any --columns title,customer,custom --sort title")
    assert [row["customer"] for row in waiting] == [None, None, None]
    assert waiting[0]["custom"]["awaited_customer"] == "001000000000001AAA"
    before = dump(crm)
    assert "Records that waited for what came now, and are linked: 3\n" in crm.ok("import", str(accounts)).err
    linked = crm.rows("deal list status:any --columns title,customer,custom --sort title")
    assert [row["customer"] for row in linked] == ["Iris Ltd (example)", *["Iris North (example)"] * 2]
    assert not [row for row in linked if "awaited_customer" in row["custom"]]
    crm.ok("undo")
    assert dump(crm) == before


# ------------------------------------------------------------------ stages, owners, what is kept


def test_stages_of_a_system_stand_for_ours_or_are_made_as_they_are(crm: Crm) -> None:
    path = str(FIXTURES / "salesforce_opportunity.csv")
    told = crm.ok("import", path).err
    assert "Stages made since the file names them: Verbal Commit\n" in told
    rows = crm.rows("deal list status:any --columns title,stage,status,closed_on,custom --sort title")
    assert [(row["title"], row["stage"], row["custom"].get("StageName")) for row in rows] == [
        ("Iris renewal", "qualified", "Value Proposition"),
        ("North extras", "Verbal Commit", None),
        ("North pilot", "won", "Signed"),
    ]
    assert rows[2]["closed_on"] == "2024-03-31"
    crm.ok("undo")
    crm.ok("import", path, "--create", "stages")
    assert ("Value Proposition", 30) in crm.sql("SELECT name, probability FROM stage")
    assert crm.rows("deal list renewal --columns stage") == [{"stage": "Value Proposition"}]


def test_owners_stay_texts_until_they_are_members(crm: Crm) -> None:
    path = str(FIXTURES / "zoho_accounts.csv")
    told = crm.ok("import", path).err
    assert "Owners who are no members stay a field of your own, Account Owner: Ana Diaz." in told
    assert crm.sql("SELECT count(*) FROM member") == [(0,)]
    crm.ok("import", path, "--create", "owners")
    assert crm.sql("SELECT m.name, count(*) FROM customer c JOIN member m ON m.id = c.owner_id GROUP BY 1") == [
        ("Ana Diaz", 2)
    ]


def test_ids_and_moments_of_the_other_system_are_kept(crm: Crm) -> None:
    crm.ok("import", str(FIXTURES / "hubspot_contacts.csv"))
    assert crm.sql("SELECT name, kind, external_source, external_id, status, created_at FROM customer ORDER BY id") == [
        ("Fox Optics (example)", "company", "hubspot", "900", "customer", "2024-03-12T09:14:00Z"),
        ("Solo Singer", "person", "hubspot-person", "900", "new", "2024-03-14T10:00:00Z"),
    ]
    assert crm.sql("SELECT name, title, role, external_source, external_id, created_at FROM contact ORDER BY id") == [
        ("Lena Fox", "CFO", "decision-maker", "hubspot", "101", "2024-03-12T09:14:00Z"),
        ("Max Fox", None, None, "hubspot", "102", "2024-03-13T09:14:00Z"),
    ]


def test_an_address_book_keeps_people_apart(crm: Crm) -> None:
    crm.ok("import", str(FIXTURES / "google_new.csv"))
    assert crm.sql(
        "SELECT c.name, x.kind, x.value, x.label FROM reach x JOIN contact c ON c.id = x.contact_id"
        " ORDER BY c.id, x.kind, x.position"
    ) == [
        ("Ada Quill", "email", "ada@quill.example", "work"),  # marked with a star: comes first
        ("Ada Quill", "email", "ada@home.example", "home"),
        ("Ada Quill", "phone", "+49 151 5550101", "mobile"),
        ("Ada Quill", "phone", "+49 151 5550102", "mobile"),
        ("Ben Quill", "email", "ben@quill.example", "work"),
    ]
    assert crm.sql("SELECT name, note, birthday, custom FROM contact ORDER BY id") == [
        ("Ada Quill", "line one\nline two", "1985-12-10", '{"Address 1 - City": "Ulm"}'),
        ("Ben Quill", "brother", None, None),
    ]
    assert crm.sql("SELECT name, kind, city, address, birthday FROM customer ORDER BY id") == [
        ("Quill Books (example)", "company", None, None, None),
        ("Cleo Rain", "person", "Bonn", "Weg 3", "1990-01-02"),
        ("nameless@rain.example", "person", None, None, None),
    ]
    assert crm.sql("SELECT name FROM tag") == [("Readers",)]


def test_a_person_beside_a_company_in_a_plain_list(crm: Crm) -> None:
    crm.ok("import", str(FIXTURES / "people_with_company.csv"), "--as", "customers")
    assert crm.rows("contact list --columns name,customer,email --sort name") == [
        {"name": "Pia Oak", "customer": "Acorn (example)", "email": "pia@acorn.example"},
        {"name": "Rob Oak", "customer": "Acorn (example)", "email": "rob@acorn.example"},
    ]
    assert crm.sql("SELECT custom FROM customer") == [(None,)]


# ------------------------------------------------------------------ what was typed is believed


def test_as_and_map_are_stronger_than_what_is_recognised(crm: Crm) -> None:
    path = str(FIXTURES / "zoho_accounts.csv")
    told = crm.ok("import", path, "--map", "Industry=region", "--dry-run").err
    assert "recognised as Zoho CRM: Accounts" in told
    crm.ok("import", path, "--map", "Industry=region")
    assert crm.sql("SELECT region, industry FROM customer ORDER BY id") == [("Biotech", None), ("Logistics", None)]
    crm.ok("undo")
    crm.ok("import", path, "--as", "customers", "--extra", "drop", "--map", "Account Owner=ignore")
    assert crm.sql("SELECT DISTINCT external_source FROM customer") == [("csv",)]


def test_from_names_a_preset_or_lists_what_there_is(crm: Crm) -> None:
    path = str(FIXTURES / "zoho_accounts.csv")
    unknown = crm("import", path, "--from", "zohoo")
    assert (unknown.code, unknown.err.splitlines()[0]) == (3, "crm: No preset and no mapping is called zohoo")
    assert "salesforce-leads" in unknown.err
    assert "zoho-accounts" in unknown.err
    other = crm("import", path, "--from", "linkedin")
    assert (other.code, other.err.splitlines()[0]) == (3, "crm: These columns are none that linkedin exports.")
    crm.ok("import", path, "--from", "zoho", "--save-as", "monthly")
    crm.ok("undo 2")
    crm.ok("import", path, "--from", "zoho", "--save-as", "monthly")
    assert crm.ok("import", path, "--from", "monthly", "--json").json["unchanged"] == 2


def test_a_preset_of_ones_own(crm: Crm, tmp_path: Path) -> None:
    folder = crm.folder / "config" / "crm" / "presets"
    folder.mkdir(parents=True)
    (folder / "shop.tsv").write_text(
        "called\tOur shop\nholds\tcustomers\nids\tshop\nneeds\tKonto\tFirma\nexternal_id\tKonto\nname\tFirma\n"
        "value\tstatus\tcustomer\tA\nstatus\tStufe\ndrop\tZeit\n"
    )
    file = tmp_path / "shop.csv"
    file.write_text("Konto,Firma,Stufe,Zeit\n7,Nadel AG,A,12:00\n")
    assert "recognised as Our shop" in crm.ok("import", str(file)).err
    assert crm.sql("SELECT name, status, external_source, external_id, custom FROM customer") == [
        ("Nadel AG", "customer", "shop", "7", '{"Stufe": "A"}')
    ]
    (folder / "shop.tsv").write_text("holds\tcustomers\nnonsense\tFirma\n")
    bad = crm("import", str(file))
    assert (bad.code, f"{folder}/shop.tsv, line 2: a preset cannot say this: nonsense" in bad.err) == (65, True)


def test_what_create_would_make_is_named_at_once(crm: Crm, tmp_path: Path) -> None:
    file = tmp_path / "deals.csv"
    file.write_text("title,stage,owner,customer\nA,Engaging,Ana,Acme\nB,Signed,Bo,Acme\n")
    refused = crm("import", str(file), "--as", "deals")
    assert refused.code == 65
    assert "Stages that are not there: Engaging, Signed\n" in refused.err
    assert "Owners who are no members: Ana, Bo\n" in refused.err
    assert "Customers who are not there: Acme\n" in refused.err
    assert "To make them, add to the line: --create owners,customers,stages\n" in refused.err
    crm.ok("import", str(file), "--as", "deals", "--create", "owners,customers,stages")


# ------------------------------------------------------------------ the files themselves


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.name)
def test_a_preset_is_recognised_by_its_own_headers(preset: Any) -> None:
    assert preset.kind in KINDS
    assert preset.needs
    for needs in preset.needs:
        found = recognise(sorted(needs))
        assert found is not None, needs
        assert found.kind == preset.kind, (needs, found.name)
