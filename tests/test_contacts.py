"""crm contact: the people at a customer."""

import pytest
from conftest import Crm
from test_customers import refused

CONTACT_KEYS = (
    "id uuid name customer customer_id title role email emails phone phones prefers birthday tags note last_contact_on"
    " created_at updated_at external_id custom"
).split()


@pytest.fixture
def two(acme: Crm) -> Crm:
    acme.ok("customer add Globex")
    acme.ok('contact add "John Smith" --customer globex --email john@globex.example --phone "+1 202 555 0100"')
    return acme


def test_add_prints_one_sentence(acme: Crm) -> None:
    result = acme.ok('contact add "John Smith" --customer acme --birthday 1980-02-29')
    assert result.out == ""
    assert result.err == "Added contact 2: John Smith at Acme GmbH (birthday Fri 1980-02-29); undo: crm undo\n"


def test_every_option_of_add_is_kept(acme: Crm) -> None:
    row = acme.rows(
        'contact add "李雷" --customer acme --title CTO --role 决策人 --email li@acme.example --email 手机:li2@acme.example'
        ' --phone 手机:+8613812345678 --messenger wechat:lilei --birthday 1985-01-02 --prefers wechat --tag vip --note "x" --set a=1'
    )
    assert list(row) == CONTACT_KEYS
    assert (row["name"], row["customer"], row["customer_id"]) == ("李雷", "Acme GmbH", 1)
    assert (row["title"], row["role"], row["prefers"]) == ("CTO", "decision-maker", "wechat")
    assert [e["value"] for e in row["emails"]] == ["li@acme.example", "li2@acme.example"]
    assert row["phones"] == [{"value": "+8613812345678", "label": "mobile"}]
    assert (row["birthday"], row["tags"], row["note"], row["custom"]) == ("1985-01-02", ["vip"], "x", {"a": "1"})


def test_a_role_of_ones_own_is_kept_and_echoed(acme: Crm) -> None:
    result = acme.ok('contact add X --customer acme --role "budget holder"')
    assert "New role: budget holder" in result.err
    assert "New role" not in acme.ok("contact add Y --customer acme --role Decision_Maker").err
    assert acme.rows("contact show Y")["role"] == "decision-maker"


@pytest.mark.parametrize(
    "line, code, part",
    [
        ("contact add", 2, "name is missing"),
        ("contact add X", 2, "--customer is missing"),
        ('contact add " " --customer acme', 2, "name may not be empty"),
        ('contact add X --customer ""', 2, "--customer may not be empty"),
        ("contact add X --customer nobody", 3, "No customer fits nobody"),
        ("contact add X --customer acme --email bad", 2, "bad is not an e-mail address"),
        ("contact add X --customer acme --birthday tomorrow", 2, "has not come yet"),
        ("contact add X --customer contact:jane", 2, "contact"),
        ("contact add X --customer acme --website acme.example", 2, "--website"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_kept(acme: Crm, line: str, code: int, part: str) -> None:
    refused(acme(line), code, part)
    assert len(acme.rows("contact list")) == 1


@pytest.mark.parametrize(
    "line",
    [
        'contact add "JANE DOE" --customer acme',
        'contact add "jane doe" --customer acme --title CTO',
        "contact add Other --customer acme --email JOHN@globex.example",
        'contact add Other --customer acme --phone "001 202 5550100"',
    ],
)
def test_who_is_already_there_is_refused(two: Crm, line: str) -> None:
    refused(two(line), 4, "is already there", "--duplicate")
    two.ok(line + " --duplicate")


def test_the_refusal_has_the_line_that_adds_all_the_same(two: Crm) -> None:
    result = two('contact add "Jane Doe" --customer acme --title CTO')
    assert result.err.splitlines()[-1] == "Type: crm contact add 'Jane Doe' --customer acme --title CTO --duplicate"
    behind = two("contact add --customer acme -- Jane Doe".replace("Jane Doe", "'Jane Doe'"))
    assert behind.err.splitlines()[-1] == "Type: crm contact add --customer acme --duplicate -- 'Jane Doe'"


def test_people_of_one_name_at_two_companies_are_two_people(two: Crm) -> None:
    result = two.ok('contact add "JANE DOE" --customer globex')
    assert result.err.splitlines()[1:] == ["There is Jane Doe at Acme GmbH as well (contact:1)"]
    refused(two('contact add "Jane Doe" --customer globex'), 4, "contact:3")
    two.ok("contact remove 1 --yes")
    two.ok("customer add Third")
    told = two.ok('contact add "Jane Doe" --customer third').err
    assert "There is JANE DOE at Globex as well (contact:3)" in told
    assert "as well" not in two.ok('contact add "Jane Doe" --customer third --duplicate').err


@pytest.mark.parametrize(
    "ref", ["1", "contact:1", "jane", "JANE@acme.example", "acme/jane", "1/doe", "Acme GmbH/Jane Doe"]
)
def test_a_person_is_found_in_any_spelling(two: Crm, ref: str) -> None:
    assert two.rows("contact", "show", ref)["name"] == "Jane Doe"


def test_a_person_of_another_customer_is_not_found_by_the_path(two: Crm) -> None:
    refused(two("contact show globex/jane"), 3)


def test_show_nests_deals_and_interactions(acme: Crm) -> None:
    acme.ok("deal edit rollout --contact jane:champion")
    acme.ok("log call jane hello")
    row = acme.rows("contact show jane")
    assert [d["title"] for d in row["deals"]] == ["Acme rollout"]
    assert [i["text"] for i in row["interactions"]] == ["hello"]
    assert row["last_contact_on"] == "2026-11-25"


def test_edit_sets_adds_clears_and_drops(two: Crm) -> None:
    (row,) = two.rows(
        'contact edit jane --name "Jane Roe" --customer globex --title CEO --email roe@acme.example --tag a --prefers 电话'
    )
    assert (row["name"], row["customer"], row["title"], row["prefers"], row["tags"]) == (
        "Jane Roe",
        "Globex",
        "CEO",
        "call",
        ["a"],
    )
    assert [e["value"] for e in row["emails"]] == ["roe@acme.example", "jane@acme.example"]
    (row,) = two.rows("contact edit roe --clear title --clear role --drop email=jane@acme.example --drop tag=a")
    assert (row["title"], row["role"], row["tags"]) == (None, None, [])
    assert [e["value"] for e in row["emails"]] == ["roe@acme.example"]
    refused(two("contact edit roe --clear customer"), 2, "cannot be cleared")
    refused(two("contact edit roe --drop website=x.example"), 2, "FIELD=VALUE")
    refused(two("contact edit roe"), 2, "Nothing says what to change")


def test_changes_by_query_need_yes(two: Crm) -> None:
    refused(two("contact edit customer:globex --role user"), 2, "1 record ", "--yes")
    assert [r["role"] for r in two.rows("contact edit customer:globex --role user --yes")] == ["user"]


def test_remove_and_restore(two: Crm) -> None:
    assert two.ok("contact remove jane").err == "Removed contact 1: Jane Doe; undo: crm undo\n"
    refused(two("contact remove jane"), 3, "Jane Doe was removed")
    assert two.ok("contact restore jane").err == "Restored contact 1: Jane Doe; undo: crm undo\n"
    assert two.rows("contact show jane")["emails"][0]["value"] == "jane@acme.example"


def test_near_verbs_are_answered_with_the_line(acme: Crm) -> None:
    refused(acme("contact rm jane"), 2, "crm contact remove jane")
    refused(acme("contact new X"), 2, "crm contact add X")


@pytest.mark.ci
@pytest.mark.parametrize("name", ["[/]", "[red]x", "\x1b[2J", "=1+1", "张伟 😀 שלום", "jane:champion", "a/b"])
def test_a_hostile_name_does_no_harm(acme: Crm, name: str) -> None:
    said = acme.ok("contact", "add", name, "--customer", "acme", "--title", name, "--role", name).err
    assert acme.rows("contact show 2")["name"] == name
    said += acme.ok("contact show 2").out + acme.ok("contact list").out + acme.ok("customer show acme").out
    said += acme.ok("contact", "remove", "2").err + acme.ok("contact", "restore", name).err
    assert "\x1b" not in said
