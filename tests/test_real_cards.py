"""Address cards and calendars of other programs: every file goes in with the right counts, or says what is wrong."""

import os
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

REAL = os.environ.get("CRM_REAL_DATA")
pytestmark = pytest.mark.skipif(not REAL, reason="CRM_REAL_DATA is not set")
TABLE = [
    line.split("\t")
    for line in (Path(__file__).parent / "real_cards.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]


def told(report: dict[str, Any]) -> str:
    """`customers:4 contacts:2`, or what is wrong."""
    if "errors" not in report:
        return str(report["message"])
    if report["errors"]:
        return "; ".join(f"{error['line']}: {error['reason']}" for error in report["errors"])
    parts = report.get("parts", [report])
    return " ".join(f"{part['as']}:{part['added']}" for part in parts)


@pytest.mark.ci
def test_every_file(crm: Crm) -> None:
    crm.ok("customer add Acme")
    wrong = []
    for name, code, expected in TABLE:
        result = crm("import", str(Path(REAL or "") / name), "--dry-run", "--json")
        found = told(result.json) if result.out else result.err
        if result.code != int(code) or (expected not in found if not result.out else expected != found):
            wrong.append((name, expected, result.code, found))
    assert not wrong


def test_no_file_is_missing() -> None:
    listed = {name for name, _, _ in TABLE}
    found = {
        path.relative_to(REAL or "").as_posix()
        for folder in ("vcard", "ics")
        for path in Path(REAL or "", folder).rglob("*.[viV][cC]*")
        if path.suffix.lower() in (".vcf", ".ics", ".vcs")
    }
    assert found <= listed


def field_by_field(crm: Crm, name: str, noun: str) -> dict[str, Any]:
    crm.ok("import", str(Path(REAL or "") / "contacts_csv" / name), "--create", "customers", "--json")
    (row,) = crm.rows(f"{noun} list")
    return dict(row)


SAME = "name customer title role email phone phones birthday note".split()


def test_the_table_says_what_the_cards_expected_of_it_say(crm: Crm, tmp_path: Path) -> None:
    for source, noun, keys in (("gmail", "contact", SAME), ("outlook", "customer", ["name", "email", "emails"])):
        sides = []
        for ending in ("csv", "expected.vcf"):
            folder = tmp_path / f"{source}{ending}"
            folder.mkdir()
            sides.append(field_by_field(Crm(folder), f"roundcube_{source}.{ending}", noun))
        table, card = sides
        assert {key: table[key] for key in keys} == {key: card[key] for key in keys}
        assert [one["value"] for one in table["emails"]] == [one["value"] for one in card["emails"]]
