"""crm tag and crm segment: words put on records by hand, and queries kept under a name."""

import json

import pytest
from conftest import Crm
from test_customers import CUSTOMER_KEYS, refused

TAG_KEYS = "id name customers contacts deals".split()
SEGMENT_KEYS = "id uuid name noun query members week_change".split()


# ------------------------------------------------------------------ tags


def test_a_tag_is_put_on_a_record_and_taken_off(acme: Crm) -> None:
    result = acme.ok("tag add vip acme")
    assert result.err == "Tagged customer 1 with vip: Acme GmbH; undo: crm undo\nNew tag: vip\n"
    assert acme.rows("customer show acme")["tags"] == ["key", "vip"]
    assert acme.ok("tag add VIP acme").err == "Nothing to change: it is so already\n"
    assert acme.ok("tag remove vip acme").err == "Took vip off customer 1: Acme GmbH; undo: crm undo\n"
    assert acme.rows("customer show acme")["tags"] == ["key"]
    assert acme.ok("tag remove vip acme").err == "Nothing to change: it is so already\n"


def test_a_slip_in_a_tag_is_seen(acme: Crm) -> None:
    assert "New tag: keyy. Did you mean key?" in acme.ok("tag add keyy acme").err
    assert "New tag" not in acme.ok("tag add #KEY jane").err


def test_tags_of_several_nouns_in_one_stroke(acme: Crm) -> None:
    result = acme.ok("tag add vip acme jane deal:1")
    assert result.err.startswith("Tagged 3 records with vip; undo: crm undo\n")
    for line in ("customer show acme", "contact show jane", "deal show rollout"):
        assert "vip" in acme.rows(line)["tags"]
    rows = acme.rows("tag remove vip acme jane deal:1")
    assert [row["id"] for row in rows] == [1, 1, 1]
    assert list(rows[0]) == CUSTOMER_KEYS
    assert "customer_id" in rows[1]
    assert rows[2]["title"] == "Acme rollout"
    assert acme.ok("tag add vip acme jane --format ids").out == "customer:1\ncontact:1\n"


def test_tags_as_json_are_arrays_of_the_records(acme: Crm) -> None:
    assert [list(row) for row in acme.rows("tag add vip acme")] == [CUSTOMER_KEYS]


def test_tag_list_counts(acme: Crm) -> None:
    acme.ok("tag add vip acme jane rollout")
    rows = acme.rows("tag list")
    assert [list(row) for row in rows] == [TAG_KEYS, TAG_KEYS]
    assert [(r["name"], r["customers"], r["contacts"], r["deals"]) for r in rows] == [
        ("key", 1, 0, 0),
        ("vip", 1, 1, 1),
    ]


def test_a_query_tags_the_noun_that_has_its_fields(acme: Crm) -> None:
    refused(acme("tag add hot region:DACH"), 2, "1 record ", "--yes")
    assert [r["name"] for r in acme.rows("tag add hot region:DACH --yes")] == ["Acme GmbH"]
    assert [r["title"] for r in acme.rows("tag add hot stage:proposal --yes")] == ["Acme rollout"]
    assert [r["name"] for r in acme.rows("tag add hot role:decision-maker --yes")] == ["Jane Doe"]
    acme.ok("segment add offers stage:proposal")
    assert [r["title"] for r in acme.rows("tag remove hot @offers --yes")] == ["Acme rollout"]
    refused(acme("tag add hot stage:proposal acme --yes"), 2, "do not go together")


@pytest.mark.ci
@pytest.mark.parametrize(
    "line, code, part",
    [
        ("tag add", 2, "tag is missing"),
        ("tag add vip", 2, "REF is missing"),
        ('tag add "" acme', 2, "tag may not be empty"),
        ('tag add " # " acme', 2, "tag may not be empty"),
        ("tag add vip nobody", 3, "nobody"),
        ("tag remove vip acme", 3, "No tag is called vip"),
        ("tag remove ky acme", 3, "key"),
        ("tag rename vip x", 3, "No tag is called vip"),
        ("tag rename key", 2, "new name is missing"),
        ("tag rename key hot", 4, "hot is already there"),
        ("tag rename key 'a,b'", 2, "comma"),
        ("tag add " + "x" * 101 + " acme", 2, "tag is longer than 100 characters"),
    ],
)
def test_what_is_wrong_with_tags_is_refused(acme: Crm, line: str, code: int, part: str) -> None:
    acme.ok("tag add hot jane")
    before = acme.rows("tag list")
    refused(acme(line), code, part)
    assert acme.rows("tag list") == before


def test_rename_keeps_who_has_it(acme: Crm) -> None:
    assert acme.ok("tag rename key Core").err == "Renamed tag key to Core; undo: crm undo\n"
    assert acme.rows("customer show acme")["tags"] == ["Core"]
    assert list(acme.rows("tag rename core CORE")) == TAG_KEYS
    assert acme.ok("tag rename core CORE").err == "Nothing to change: it is so already\n"


def test_record_and_tag_in_the_wrong_order_are_answered(acme: Crm) -> None:
    refused(acme("tag add acme key"), 2, "crm tag add key acme")
    refused(acme("tag add jane vip"), 2, "crm tag add vip jane")
    refused(acme("tag remove 'Acme GmbH' key"), 2, "crm tag remove key 'Acme GmbH'")
    refused(acme("tag add key nobody"), 3, "nobody")


def test_commas_part_tags(acme: Crm) -> None:
    acme.ok('tag add "a, b，c" acme')
    assert acme.rows("customer show acme")["tags"] == ["a", "b", "c", "key"]


def test_a_trial_of_a_tag_changes_nothing(acme: Crm) -> None:
    before = acme.db.read_bytes()
    acme.ok("tag add vip acme --dry-run")
    acme.ok("tag remove key acme --dry-run")
    acme.ok("tag rename key x --dry-run")
    assert acme.db.read_bytes() == before


# ------------------------------------------------------------------ segments


def test_a_segment_is_kept_listed_shown_and_used(acme: Crm) -> None:
    result = acme.ok("segment add keys tag:key not:contacted:-30d..")
    assert result.err == "Added segment keys (customer): tag:key not:contacted:-30d..; undo: crm undo\n"
    (row,) = acme.rows("segment list")
    assert list(row) == SEGMENT_KEYS
    assert (row["name"], row["noun"], row["query"], row["members"]) == (
        "keys",
        "customer",
        "tag:key not:contacted:-30d..",
        1,
    )
    assert [r["id"] for r in acme.rows("segment show keys")] == [1]
    assert [r["id"] for r in acme.rows("customer list @keys")] == [1]
    assert [r["id"] for r in acme.rows("customer list segment:KEYS")] == [1]
    acme.ok("log call acme hello")
    assert acme.rows("customer list @keys") == []


def test_a_segment_added_as_json_is_an_object(acme: Crm) -> None:
    row = acme.rows("segment add keys tag:key")
    assert list(row) == SEGMENT_KEYS
    assert row["members"] == 1


@pytest.mark.parametrize(
    "query, noun",
    [
        ("tag:key", "customer"),
        ("stage:proposal", "deal"),
        ("status:open amount:10k..", "deal"),
        ("due:..today", "task"),
        ("channel:call", "interaction"),
        ("role:user", "contact"),
        ("'(tag:key or spent:50000..)'", "customer"),
        ("acme", "customer"),
    ],
)
def test_the_noun_follows_from_the_query(acme: Crm, query: str, noun: str) -> None:
    assert acme.rows(f"segment add x {query}")["noun"] == noun


def test_a_segment_of_deals_is_shown_as_deals_closed_ones_too(acme: Crm) -> None:
    acme.ok("segment add big amount:10k..")
    acme.ok("deal win rollout")
    assert [r["title"] for r in acme.rows("segment show big")] == ["Acme rollout"]


def test_a_segment_may_be_built_on_another(acme: Crm) -> None:
    acme.ok("segment add keys tag:key")
    acme.ok("segment add dach-keys @keys region:DACH")
    assert acme.rows("segment show dach-keys")[0]["id"] == 1
    refused(acme("segment remove keys"), 4, "used by dach-keys")
    assert "Segment dach-keys asks for it too: @core region:DACH" in acme.ok("segment edit keys --name core").err
    acme.ok("segment rename core keys")
    refused(acme("segment edit keys @dach-keys"), 2, "leads back to itself")
    acme.ok("segment add ke region:DACH")
    acme.ok("segment remove ke")  # only a part of the name of another: nothing is built on it
    acme.ok("segment remove dach-keys")
    acme.ok("segment remove keys")
    assert acme.rows("segment list") == []


def test_a_segment_is_edited(acme: Crm) -> None:
    acme.ok("segment add keys tag:key")
    assert (
        acme.ok("segment edit keys region:DACH").err == "Changed segment keys (customer): region:DACH; undo: crm undo\n"
    )
    row = acme.rows("segment edit keys stage:proposal --name offers")
    assert (row["name"], row["noun"], row["query"]) == ("offers", "deal", "stage:proposal")
    assert acme.ok("segment edit offers stage:proposal").err == "Nothing to change: it is so already\n"


def test_a_removed_segment_is_told(acme: Crm) -> None:
    acme.ok("segment add keys tag:key")
    assert acme.ok("segment remove keys").err == "Removed segment keys; undo: crm undo\n"
    acme.ok("segment add keys tag:key")
    assert [r["name"] for r in acme.rows("segment remove keys")] == ["keys"]


@pytest.mark.parametrize(
    "line, code, part",
    [
        ("segment add", 2, "name is missing"),
        ("segment add x", 2, "query is missing"),
        ("segment add x stge:proposal", 2, "stge"),
        ("segment add x stage:nonsense", 3, "No stage is called nonsense"),
        ("segment add x status:nonsense", 3, "nonsense"),
        ("segment add x @x", 3, "No segment is called x"),
        ("segment add x '(tag:key'", 2, "never closed"),
        ("segment add 'two words' tag:key", 2, "two words is no name"),
        ("segment add a:b tag:key", 2, "a:b is no name"),
        ("segment add KEYS tag:key", 4, "keys is already there"),
        ("segment show nobody", 3, "No segment is called nobody"),
        ("segment edit keys", 2, "Nothing says what to change"),
        ("segment edit keys tag:", 2, "tag:"),
        ("segment remove nobody", 3, "nobody"),
    ],
)
def test_what_is_wrong_with_segments_is_refused(acme: Crm, line: str, code: int, part: str) -> None:
    acme.ok("segment add keys tag:key")
    refused(acme(line), code, part)
    assert [r["query"] for r in acme.rows("segment list")] == ["tag:key"]


def test_a_segment_serves_a_change_by_query(acme: Crm) -> None:
    acme.ok("segment add keys tag:key")
    refused(acme("customer edit @keys --status customer"), 2, "--yes")
    acme.ok("customer edit @keys --status customer --yes")
    assert acme.rows("customer show acme")["status"] == "customer"


def test_an_unknown_segment_is_an_error_as_json(acme: Crm) -> None:
    error = json.loads(acme("customer list @nope --json").err)
    assert error["error"] == "not_found"


@pytest.mark.parametrize("name", ["重点客户", "big-spenders", "q4/2026", "[red]", "a%b", "=1+1"])
def test_a_segment_of_any_name_is_found_again(acme: Crm, name: str) -> None:
    acme.ok("segment", "add", name, "tag:key")
    assert [r["id"] for r in acme.rows("customer", "list", f"@{name}")] == [1]
    assert acme.rows("segment", "show", name)[0]["id"] == 1


def test_a_value_of_several_words_is_kept_whole(acme: Crm) -> None:
    acme.ok("customer edit acme --region 'East Coast'")
    acme.ok("segment", "add", "east", "region:East Coast", "tag:key")
    assert [r["id"] for r in acme.rows("customer list @east")] == [1]


@pytest.mark.ci
@pytest.mark.parametrize("name", ["[/]", "[red]x", "\x1b[2J", "=1+1", "张伟 😀 שלום", "{tag}", "\u202ex"])
def test_a_hostile_tag_does_no_harm(acme: Crm, name: str) -> None:
    said = acme.ok("tag", "add", name, "acme").err + acme.ok("tag list").out + acme.ok("customer show acme").out
    assert name in acme.rows("customer show acme")["tags"]
    assert [r["id"] for r in acme.rows("customer", "list", f'tag:"{name}"')] == [1]
    said += acme.ok("tag", "rename", name, name + "y").err + acme.ok("tag", "remove", name + "y", "acme").err
    assert not set("\x1b\u202e") & set(said)


def test_a_renamed_tag_is_renamed_in_the_segments_that_ask_for_it(acme: Crm) -> None:
    acme.ok("deal edit rollout --tag other")
    acme.ok('segment add keys "(tag:key or tag:other) not:city:key"')
    result = acme.ok("tag rename key crown")
    assert "Segment keys asks for it too" in result.err
    (row,) = acme.rows("segment list")
    assert row["query"] == "(tag:crown or tag:other) not:city:key"
    assert acme.ok("customer list @keys --format ids").out == "1\n"


def test_a_renamed_stage_is_renamed_in_the_segments_that_ask_for_it(acme: Crm) -> None:
    acme.ok("segment add offers stage:方案报价")
    acme.ok("stage edit proposal --name offer")
    assert acme.ok("deal list @offers --format ids").out == "1\n"
