"""Exports of ours in a second database: members and stages that they name are made unasked, and that is said."""

from pathlib import Path

import pytest
from conftest import Crm
from test_import_match import put

Files = dict[str, str]


@pytest.fixture
def other(tmp_path: Path) -> Crm:
    return Crm(tmp_path)


@pytest.fixture
def files(crm: Crm) -> Files:
    """Customers and deals of a team with stages of its own, as CSV."""
    crm.ok("member add Ana")
    crm.ok("stage add Pilot --after proposal --probability 60")
    crm.ok("stage add Signed --kind won")
    crm.ok("customer add Acme --owner Ana")
    crm.ok("deal add Rollout --customer acme --amount 100 --currency EUR --stage Pilot --owner Ana")
    crm.ok("deal add Renewal --customer acme --amount 50 --currency EUR")
    crm.ok("deal move Renewal Signed")
    return {kind: crm.ok(f"export {kind}").out for kind in ("customers", "deals")}


def test_members_and_stages_are_made_and_named(other: Crm, files: Files) -> None:
    for kind in files:
        (other.folder / f"{kind}.csv").write_text(files[kind], encoding="utf-8")
    said = other.ok("import", str(other.folder / "customers.csv"), str(other.folder / "deals.csv")).err
    assert "Members made since the file names them: Ana" in said
    assert "Stages made since the file names them: Pilot, Signed" in said
    assert {row["title"]: (row["stage"], row["status"], row["owner"]) for row in other.rows("deal list --all")} == {
        "Rollout": ("Pilot", "open", "Ana"),
        "Renewal": ("Signed", "won", None),
    }
    steps = {row["name"]: (row["kind"], row["probability"]) for row in other.rows("stage list")}
    assert (steps["Pilot"], steps["Signed"]) == (("open", 60), ("won", 100))
    assert other("check").code == 0


def test_what_comes_out_of_the_second_database_is_what_went_in(crm: Crm, other: Crm, files: Files) -> None:
    for text in files.values():
        put(other, text)
    assert other.ok("export customers").out == files["customers"]
    told = "export deals --columns uuid,title,stage,status,probability,weighted,owner,closed_on,days_in_stage"
    assert other.ok(told).out == crm.ok(told).out


def test_a_file_that_is_not_ours_still_asks(other: Crm, files: Files) -> None:
    put(other, files["customers"])
    report = put(other, "title,customer,stage,owner\nBig,Acme,Handshake,Eva\n", "--as", "deals", code=65)
    assert len(report["errors"]) == 2
