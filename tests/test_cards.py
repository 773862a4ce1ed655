"""Address cards in and out: what is read of them, what is refused and where, and that they come back the same."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import FAST, Crm

pytestmark = pytest.mark.ci

BOOK = """BEGIN:VCARD\r
VERSION:3.0\r
UID:abc-1\r
N:Doe;Jane;;Dr.;\r
FN:Dr. Jane Doe\r
ORG:Acme GmbH;Research\r
TITLE:CTO\r
ROLE:decision-maker\r
TEL;TYPE=CELL,PREF:+49 170 1234567\r
TEL;TYPE=WORK,FAX:+49 30 1234568\r
item1.EMAIL;type=INTERNET:jane@acme.example\r
item1.X-ABLabel:_$!<Work>!$_\r
BDAY:1980-03-22\r
NOTE:likes \\"tea\\"\\, cakes\\; and\\nlong walks that go on and on and on until the line has to be folded\r
  somewhere\r
CATEGORIES:vip,myContacts\r
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQ\r
 AAAA\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:4.0\r
KIND:org\r
FN:Globex\r
ORG:Globex\r
URL:https://globex.example/?a=1\\,2\r
ADR;TYPE=work:;;1 Main St;Springfield;IL;62701;USA\r
END:VCARD\r
BEGIN:VCARD\r
VERSION:2.1\r
N;CHARSET=GBK;ENCODING=QUOTED-PRINTABLE:=D5=C5;=CE=B0\r
TEL;CELL:13800138000\r
X-WECHAT:zhangwei\r
BDAY:--0229\r
NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=E7=AC=AC=E4=B8=80=\r
=E8=A1=8C=0D=0Asecond\r
END:VCARD\r
"""


def take(crm: Crm, text: str | bytes, *words: str, name: str = "book.vcf", code: int = 0) -> Any:
    path = crm.folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    result = crm("import", str(path), "--json", *words)
    assert result.code == code, result
    return result.json if result.out else result.err


def cards(*bodies: str, version: str = "3.0") -> str:
    return "".join(f"BEGIN:VCARD\nVERSION:{version}\n{body}\nEND:VCARD\n" for body in bodies)


def test_people_of_a_firm_are_contacts_and_everybody_else_is_a_customer(crm: Crm) -> None:
    report = take(crm, BOOK)
    assert [(part["as"], part["added"]) for part in report["parts"]] == [("customers", 2), ("contacts", 1)]
    assert (report["read"], report["added"], report["failed"]) == (3, 3, 0)
    (jane,) = crm.rows("contact list")
    shown = {key: jane[key] for key in ("name", "customer", "title", "role", "birthday", "tags", "note", "external_id")}
    assert shown == {
        "name": "Dr. Jane Doe",
        "customer": "Acme GmbH",
        "title": "CTO",
        "role": "decision-maker",
        "birthday": "1980-03-22",
        "tags": ["vip"],
        "note": 'likes "tea", cakes; and\nlong walks that go on and on and on until the line has to be folded somewhere',
        "external_id": "abc-1",
    }
    assert jane["phones"] == [
        {"value": "+49 170 1234567", "label": "mobile"},
        {"value": "+49 30 1234568", "label": "fax"},
    ]
    assert jane["emails"] == [{"value": "jane@acme.example", "label": "work"}]
    assert jane["custom"] == {"department": "Research"}
    globex, zhang, acme = crm.rows("customer list --sort id")
    assert (acme["name"], acme["kind"]) == ("Acme GmbH", "company")
    assert [globex[key] for key in ("name", "kind", "website", "address", "city", "custom")] == [
        "Globex", "company", "https://globex.example/?a=1,2", "1 Main St", "Springfield", {"postal code": "62701"},
    ]  # fmt: skip
    assert [zhang[key] for key in ("name", "kind", "phone", "birthday", "note")] == [
        "张伟", "person", "13800138000", "1604-02-29", "第一行\nsecond",
    ]  # fmt: skip
    assert zhang["messengers"] == [{"value": "zhangwei", "label": "wechat"}]


def test_what_is_left_out_is_counted_and_one_undo_takes_all_back(crm: Crm) -> None:
    (crm.folder / "book.vcf").write_text(BOOK, encoding="utf-8", newline="")
    result = crm.ok("import", str(crm.folder / "book.vcf"))
    assert "Pictures, sounds and keys of cards that were left out: 1" in result.err
    assert "Birthdays without a year, kept under the year 1604: 1" in result.err
    assert "customers: 2 added, 0 updated, 0 unchanged" in result.out
    assert result.err.rstrip().endswith("Undo: crm undo")
    crm.ok("undo")
    assert crm.rows("customer list") == crm.rows("contact list") == []


def test_a_second_import_changes_nothing(crm: Crm) -> None:
    take(crm, BOOK)
    again = take(crm, BOOK)
    assert (again["added"], again["updated"], again["unchanged"], again["op"]) == (0, 0, 3, None)


def test_a_birthday_without_a_year_has_no_age(crm: Crm) -> None:
    take(crm, BOOK)
    day = crm.at("2027-02-26T09:00:00")
    assert day.rows("today")["birthdays"][0]["age"] is None
    assert "has a birthday on Sun 2027-02-28" in day.ok("today --format text").out


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("BEGIN:VCARD\nFN:A\n", 1, "The card that begins here has no END:VCARD."),
        (cards("FN:A") + "BEGIN:VCARD\nFN:B\nBEGIN:VCARD\nFN:C\nEND:VCARD\n", 5, "The card that begins here has no END:VCARD."),
        (cards("FN:A\nthis is no property"), 4, "This line has no colon: it is no property."),
        (cards("NOTE:nobody"), 1, "This card has no name, and no address or number to call it by."),
        (
            cards("FN;ENCODING=QUOTED-PRINTABLE:Iksi=F1ski", version="2.1"),
            3,
            "These letters are in no encoding that is known here; say it with --encoding, as cp1252",
        ),
        (cards("FN:A") + cards("NOTE:" + "x" * 10_500_000), 8, "This line is longer than 10 MB."),
    ],
)  # fmt: skip
def test_a_broken_card_is_refused_with_its_line(crm: Crm, text: str, line: int, reason: str) -> None:
    report = take(crm, text, code=65)
    assert [(error["line"], error["reason"]) for error in report["errors"]] in ([(line, reason)], [(line - 1, reason)])
    assert report["errors"][0]["line"] == (line if "10 MB" not in reason else 7)
    assert not crm.db.exists()


def test_a_bad_card_of_one_kind_keeps_those_of_the_other_out(acme: Crm) -> None:
    report = take(acme, cards("FN:Alone", "FN:Jane\nORG:Umbrella\nBDAY:2030-01-01"), code=65)
    assert [error["reason"] for error in report["errors"]] == ["2030-01-01 has not come yet."]
    assert (report["read"], report["added"], report["skipped"], report["written"]) == (2, 0, 1, False)
    assert [row["name"] for row in acme.rows("customer list")] == ["Acme GmbH"]


def test_good_cards_go_in_and_bad_ones_to_files_of_their_kind(crm: Crm) -> None:
    text = cards("FN:Good", "NOTE:none", "FN:Jane\nORG:Acme\nEMAIL:jane@acme.example")
    bad = crm.folder / "bad.csv"
    report = take(crm, text, "--rejects", str(bad), code=6)
    assert (report["added"], report["failed"], report["errors"][0]["line"]) == (2, 1, 5)
    assert "This card has no name" in bad.read_text(encoding="utf-8")


def test_letters_of_the_whole_file_and_of_one_line(crm: Crm) -> None:
    take(crm, cards("FN:张伟", "FN:李娜，王芳和北京的朋友们都在这里").encode("gb18030"), name="gbk.vcf")
    take(crm, cards("FN;CHARSET=windows-1252:Zo\xeb").encode("latin-1"), name="latin.vcf")
    take(crm, ("\ufeff" + cards("FN:Ünal")).encode("utf-16-le"), name="wide.vcf")
    take(crm, cards("FN:Iksiński").encode("cp1250"), "--encoding", "cp1250", name="polish.vcf")
    take(crm, cards("FN:one").replace("\n", "\r\r\n") + cards("FN:two").replace("\n", "\r"), name="ends.vcf")
    names = {row["name"] for row in crm.rows("customer list")}
    assert names == {"张伟", "李娜，王芳和北京的朋友们都在这里", "Zoë", "Ünal", "Iksiński", "one", "two"}


def test_cards_within_cards_and_glued_files(crm: Crm) -> None:
    agent = "FN:Boss\nAGENT:\nBEGIN:VCARD\nFN:Helper\nTEL:1234567\nEND:VCARD\nTEL:7654321"
    report = take(crm, cards(agent, version="2.1").rstrip("\n") + cards("FN:Glued"))
    assert report["added"] == 2
    boss, glued = crm.rows("customer list --sort name")
    assert (boss["name"], boss["phone"], glued["name"]) == ("Boss", "7654321", "Glued")


def test_what_is_no_phone_or_address_is_kept_and_lists_are_left_out(crm: Crm) -> None:
    text = cards(
        "FN:A\nTEL:none\nTEL:12345678\nEMAIL:not an address\nURL:??\nBDAY:circa 1800", "KIND:group\nFN:Friends"
    )
    assert take(crm, text)["added"] == 1
    (row,) = crm.rows("customer list")
    assert row["custom"] == {"birthday": "circa 1800", "email": "not an address", "phone": "none", "website": "??"}
    assert [one["value"] for one in row["phones"]] == ["12345678"]


def test_the_kind_that_was_asked_for(crm: Crm) -> None:
    text = cards("FN:Alone", "FN:Jane\nORG:Acme", "FN:Acme\nORG:Acme")
    assert take(crm, text, "--as", "contacts", "--dry-run")["added"] == 2
    assert take(crm, text, "--as", "customers", "--dry-run")["added"] == 2
    assert (
        "holds no deals: it can be read as customers contacts"
        in crm("import", str(crm.folder / "book.vcf"), "--as", "deals").err
    )


# ------------------------------------------------------------------ out

HOSTILE = [
    "Semi;colon, comma\\ and \\n no break", "张伟", "END:VCARD", "欧阳娜娜", "Zoë " + "ü" * 90, "a\u2028b", "🙂 " * 30,
    "x" * 74 + "ö", "Jane Q. Public", '"quoted"',
]  # fmt: skip


@pytest.fixture(scope="module")
def made() -> Iterator[Path]:
    """A database of customers and contacts that are hard to write down."""
    with tempfile.TemporaryDirectory(prefix="crm-", dir=FAST) as folder:
        crm = Crm(Path(folder))
        fill(crm)
        yield crm.db


@pytest.fixture
def people(crm: Crm, made: Path) -> Crm:
    shutil.copy2(made, crm.db)
    return crm


def fill(crm: Crm) -> None:
    for place, name in enumerate(HOSTILE):
        kind = "person" if place % 2 else "company"
        crm.ok("customer", "add", name, "--kind", kind, "--email", f"work:a{place}@b.example", "--email", f"c{place}@b.example",
               "--phone", f"mobile:+49 30 90{place:04}", "--phone", f"office:+49 40 90{place:04}", "--website", f"h{place}.example",
               "--tag", "a, b", "--tag", "vip", "--note", f"{name}\nline\\n two;", "--city", "Köln", "--country", "Germany",
               "--set", f"key;{place}={name}", "--set", "nickname=Nick", "--birthday", "1990-02-28" if place % 2 else "1988-02-29")  # fmt: skip
        crm.ok("contact", "add", f"{name} Doe", "--customer", f"customer:{place + 1}", "--title", "CTO, Chief;",
               "--role", "user", "--email", f"d{place}@b.example", "--note", name, "--duplicate")  # fmt: skip
    crm.ok("customer edit customer:1 --email extra@b.example")


def plain(crm: Crm) -> list[dict[str, Any]]:
    rows = [*crm.rows("customer list --sort uuid"), *crm.rows("contact list --sort uuid")]
    return [
        {key: value for key, value in row.items() if key not in ("id", "customer_id", "created_at")} for row in rows
    ]


@pytest.mark.parametrize("form", ["vcf", "vcf4"])
def test_an_export_read_into_a_new_database_is_the_same(people: Crm, tmp_path: Path, form: str) -> None:
    crm = people
    files = []
    for noun in ("customers", "contacts"):
        files.append(tmp_path / f"{noun}.vcf")
        crm.ok("export", noun, "--format", form, "-o", str(files[-1]), "--force")
    other = Crm(tmp_path)
    for file in files:
        other.ok("import", str(file))
        assert other.ok("import", str(file), "--json").json["unchanged"] == len(HOSTILE)
    assert plain(other) == plain(crm)
    for noun, file in zip(("customers", "contacts"), files, strict=True):
        assert other.ok("export", noun, "--format", form).out.encode() == file.read_bytes()
    again = crm.ok("import", str(files[0]), "--json").json
    assert (again["added"], again["updated"]) == (0, 0)


def test_lines_are_folded_within_75_octets_and_an_independent_reader_agrees(people: Crm) -> None:
    vobject, crm = pytest.importorskip("vobject"), people
    text = crm.ok("export customers --format vcf").out
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    assert "\n" not in text.replace("\r\n", "")
    read = list(vobject.readComponents(text))
    rows = crm.rows("customer list --sort id")
    assert [card.fn.value for card in read] == [row["name"] for row in rows]
    assert [card.note.value for card in read] == [row["note"] for row in rows]
    assert [[mail.value for mail in card.email_list] for card in read] == [
        [mail["value"] for mail in row["emails"]] for row in rows
    ]
    assert [card.categories.value for card in read] == [row["tags"] for row in rows]
    assert [card.uid.value for card in read] == [row["uuid"] for row in rows]
    names = {card.fn.value: card.n.value for card in read}
    assert (names["欧阳娜娜"].family, names["欧阳娜娜"].given) == ("欧阳", "娜娜")
    assert (names["张伟"].family, names["张伟"].given, names["END:VCARD"].family) == ("张", "伟", "")
    assert [label.value for label in read[0].contents["x-ablabel"]] == ["office"]


def test_a_card_keeps_the_uid_of_its_address_book(crm: Crm) -> None:
    take(crm, BOOK)
    text = crm.ok("export contacts --format vcf").out
    assert "UID:abc-1\r\n" in text
    assert "BDAY;X-APPLE-OMIT-YEAR=1604:1604-02-29" in crm.ok("export customers --format vcf").out
    assert "BDAY:--0229" in crm.ok("export customers --format vcf4").out


def test_what_has_no_card(crm: Crm) -> None:
    crm.ok("customer add Acme")
    assert crm("export deals --format vcf").code == 2
    assert "no columns to choose" in crm("export customers --format vcf --columns name").err


# ------------------------------------------------------------------ the address book of mail programs


def test_mail_programs_ask_for_addresses(acme: Crm) -> None:
    assert acme.ok("export addresses").out == (
        "2 addresses found\nsales@acme.example\tAcme GmbH\t\njane@acme.example\tJane Doe\tCTO, Acme GmbH\n"
    )
    assert acme.ok("export addresses jane").out.splitlines()[1:] == ["jane@acme.example\tJane Doe\tCTO, Acme GmbH"]
    assert acme.ok("export", "addresses", "doe acme.ex").out.splitlines()[0] == "1 address found"
    assert acme.ok("export", "addresses", "100%_").out == "0 addresses found\n"
    assert acme.ok("export contacts title:cto --format mutt").out.splitlines()[1:] == [
        "jane@acme.example\tJane Doe\tCTO, Acme GmbH"
    ]
    assert acme("export addresses --format csv").code == 2
