"""crm customer: added, shown, changed, removed and restored; references by the whole ladder; hostile names."""

import json

import pytest
from conftest import Crm

CUSTOMER_KEYS = (
    "id uuid name kind status parent parent_id email emails phone phones website websites messengers industry size"
    " region country city address source referred_by language prefers birthday cadence_days owner tags note"
    " last_contact_on next_task_on open_deals won open won_amount open_amount currency created_at updated_at removed_at"
    " external_source external_id custom"
).split()


def refused(result: object, code: int, *parts: str) -> None:
    """Exit code, an empty stdout, one clear sentence without a traceback, each part in it."""
    assert result.code == code, result  # type: ignore[attr-defined]
    assert result.out == "", result  # type: ignore[attr-defined]
    err = result.err  # type: ignore[attr-defined]
    assert err and "Traceback" not in err and "bug in crm" not in err, result
    for part in parts:
        assert part in err, result


# ------------------------------------------------------------------ add


def test_add_prints_one_sentence_on_stderr(crm: Crm) -> None:
    result = crm.ok('customer add "Acme GmbH"')
    assert result.out == ""
    assert result.err == "Added customer 1: Acme GmbH (company); undo: crm undo\n"


def test_add_as_json_is_an_object_with_the_public_keys(crm: Crm) -> None:
    row = crm.rows('customer add "Acme GmbH" --email sales@acme.example')
    assert list(row) == CUSTOMER_KEYS
    assert row["id"] == 1
    assert row["name"] == "Acme GmbH"
    assert row["email"] == "sales@acme.example"
    assert row["emails"] == [{"value": "sales@acme.example", "label": None}]
    assert row["phone"] is None
    assert row["phones"] == []
    assert row["tags"] == []
    assert row["created_at"] == "2026-11-25T09:00:00+00:00"


def test_every_option_of_add_is_kept(crm: Crm) -> None:
    crm.ok('customer add "Holding AG"')
    row = crm.rows(
        'customer add "Acme GmbH" --kind company --status qualified --email sales@acme.example --email work:b@acme.example'
        ' --phone "+49 30 1234567" --website https://www.acme.example/de --messenger wechat:acme --industry Retail'
        ' --size 1,200 --region DACH --country Germany --city Berlin --address "Main St 1" --source fair'
        " --referred-by holding --parent holding --tag key --tag vip --language de --prefers phone --cadence 30d"
        ' --note "likes tea" --set contract=A-17 --set "plan=gold"'
    )
    assert (row["kind"], row["status"]) == ("company", "qualified")
    assert [e["value"] for e in row["emails"]] == ["sales@acme.example", "b@acme.example"]
    assert row["emails"][1]["label"] == "work"
    assert row["website"] == "https://www.acme.example/de"
    assert row["messengers"] == [{"value": "acme", "label": "wechat"}]
    assert (row["industry"], row["size"], row["region"]) == ("Retail", 1200, "DACH")
    assert (row["country"], row["city"], row["address"]) == ("Germany", "Berlin", "Main St 1")
    assert (row["source"], row["referred_by"], row["parent"], row["parent_id"]) == (
        "fair",
        "Holding AG",
        "Holding AG",
        1,
    )
    assert (row["language"], row["prefers"], row["cadence_days"]) == ("de", "call", 30)
    assert row["tags"] == ["key", "vip"]
    assert row["note"] == "likes tea"
    assert row["custom"] == {"contract": "A-17", "plan": "gold"}


def test_a_birthday_makes_a_person_and_the_echo_says_so(crm: Crm) -> None:
    result = crm.ok('customer add "Zhang Wei" --birthday 1990-05-17')
    assert result.err == "Added customer 1: Zhang Wei (person, birthday Thu 1990-05-17); undo: crm undo\n"
    assert crm.rows("customer show 1")["kind"] == "person"


def test_a_kind_typed_wins_over_the_birthday(crm: Crm) -> None:
    assert crm.rows('customer add "Zhang & Co" --birthday 1990-05-17 --kind company')["kind"] == "company"


@pytest.mark.parametrize(
    "typed, kept", [("公司", "company"), ("个人", "person"), ("Person", "person"), ("individual", "person")]
)
def test_kinds_answer_to_their_names(crm: Crm, typed: str, kept: str) -> None:
    assert crm.rows("customer", "add", "X", "--kind", typed)["kind"] == kept


@pytest.mark.parametrize("typed, kept", [("已联系", "contacted"), ("Qualified", "qualified"), ("成交客户", "customer")])
def test_statuses_answer_to_their_names(crm: Crm, typed: str, kept: str) -> None:
    assert crm.rows("customer", "add", "X", "--status", typed)["status"] == kept


@pytest.mark.parametrize("option, value", [("--kind", "compny"), ("--status", "qualifed")])
def test_an_unknown_kind_or_status_names_the_nearest(crm: Crm, option: str, value: str) -> None:
    result = crm("customer", "add", "X", option, value)
    refused(result, 2, option, value, "Did you mean")
    assert not crm.db.exists() or crm.rows("customer list") == []


@pytest.mark.ci
@pytest.mark.parametrize(
    "options, part",
    [
        ("--email nonsense", "nonsense is not an e-mail address"),
        ("--phone call-me", "call-me is not a phone number"),
        ("--website nonsense", "nonsense is not a website"),
        ("--birthday 1990-02-30", "does not exist in the calendar"),
        ("--birthday 2030-01-01", "has not come yet"),
        ("--cadence 0", "--cadence"),
        ("--cadence soon", "--cadence"),
        ("--size many", "many is not a whole number"),
        ("--size -5", "is not a whole number"),
        ("--set nonsense", "nonsense is no key=value"),
        ('--industry ""', "--industry may not be empty"),
        ('--tag "#"', "tag may not be empty"),
        ('--email ""', "--email may not be empty"),
        ("--owner me", "You are not a member of this database"),
    ],
)
def test_a_bad_value_is_named_and_nothing_is_kept(crm: Crm, options: str, part: str) -> None:
    crm.ok("customer add First")
    result = crm(f"customer add X {options}")
    refused(result, 3 if "owner" in options else 2, part)
    assert [row["name"] for row in crm.rows("customer list")] == ["First"]


def test_a_reference_of_an_option_that_is_not_there_is_not_found(crm: Crm) -> None:
    refused(crm("customer add X --referred-by nobody"), 3, "nobody")
    refused(crm("customer add X --parent nobody"), 3, "nobody")


def test_a_missing_name_is_asked_wrongly_in_a_script(crm: Crm) -> None:
    refused(crm("customer add"), 2, "name is missing", "crm customer add --help")


@pytest.mark.parametrize("name", ["", "   ", "\t\n", "\u3000", "\u00a0"])
def test_a_name_of_only_spaces_is_refused(crm: Crm, name: str) -> None:
    refused(crm("customer", "add", name), 2, "name may not be empty")


def test_a_name_of_500_characters_is_kept_and_one_more_is_refused(crm: Crm) -> None:
    assert crm.rows("customer", "add", "é" * 500)["name"] == "é" * 500
    refused(crm("customer", "add", "x" * 501), 2, "name is longer than 500 characters")


def test_a_nul_character_is_refused(crm: Crm) -> None:
    refused(crm("customer", "add", "a\x00b"), 2, "NUL")
    refused(crm("customer", "add", "a", "--tag", "b\x00c"), 2, "NUL")
    refused(crm("customer", "add", "a", "--set", "k=b\x00c"), 2, "NUL")


def test_two_words_without_quotes_are_one_word_too_many(crm: Crm) -> None:
    result = crm("customer add Acme GmbH")
    refused(result, 2, "Quote a name of several words")
    assert result.err.startswith("crm: GmbH is one word too many"), result


def test_an_unknown_option_names_the_nearest(crm: Crm) -> None:
    refused(crm("customer add Acme --emial a@b.example"), 2, "--emial", "--email")


# ------------------------------------------------------------------ duplicates


@pytest.mark.parametrize(
    "line",
    [
        'customer add "ACME  gmbh"',
        "customer add Other --email SALES@acme.example",
        'customer add Other --phone "0049 (0)30 123-4567"',
        "customer add Other --website http://www.acme.example/en",
    ],
)
def test_what_is_already_there_is_refused(crm: Crm, line: str) -> None:
    crm.ok('customer add "Acme GmbH" --email sales@acme.example --phone "+49 30 1234567" --website acme.example')
    result = crm(line)
    refused(result, 4, "Acme GmbH is already there", "customer:1", "--duplicate")
    assert len(crm.rows("customer list")) == 1
    crm.ok(line + " --duplicate")
    assert len(crm.rows("customer list")) == 2


def test_yes_never_stands_for_duplicate(acme: Crm) -> None:
    refused(acme('customer add "Acme GmbH" --yes'), 4, "--duplicate")


def test_a_duplicate_as_json_names_the_candidate(acme: Crm) -> None:
    result = acme('customer add "Acme GmbH" --json')
    assert result.code == 4
    assert result.out == ""
    error = json.loads(result.err)
    assert error["error"] == "conflict"
    assert "Acme GmbH is already there" in error["message"]
    assert [(c["ref"], c["id"], c["name"]) for c in error["candidates"]] == [("customer:1", 1, "Acme GmbH")]


def test_a_removed_customer_is_no_duplicate(crm: Crm) -> None:
    crm.ok("customer add Acme --email a@acme.example")
    crm.ok("customer remove acme")
    crm.ok("customer add Acme --email a@acme.example")


def test_the_email_of_a_contact_is_free_for_a_customer(acme: Crm) -> None:
    acme.ok('customer add "Jane Doe Consulting" --email jane@acme.example')


# ------------------------------------------------------------------ errors as JSON


@pytest.mark.parametrize(
    "line, code, kind",
    [
        ("customer add --json", 2, "usage"),
        ("customer add X --status foo --json", 2, "usage"),
        ("customer add X --bogus --json", 2, "usage"),
        ("customer add X --bogus --format json", 2, "usage"),
        ("customer add X --format json --bogus", 2, "usage"),
        ("customer show nobody --json", 3, "not_found"),
    ],
)
def test_with_json_asked_for_errors_are_json(crm: Crm, line: str, code: int, kind: str) -> None:
    result = crm(line)
    assert result.code == code
    assert result.out == ""
    error = json.loads(result.err)
    assert error["error"] == kind
    assert error["message"]
    assert error["candidates"] == []


# ------------------------------------------------------------------ references


@pytest.fixture
def several(crm: Crm) -> Crm:
    crm.ok(
        'customer add "Acme GmbH" --email sales@acme.example --phone "+49 30 1234567" --website https://acme.example'
    )
    crm.ok('customer add "Acme Bau" --email bau@acme-bau.example')
    crm.ok('customer add "Müller & Söhne" --messenger wechat:mueller88')
    crm.ok("customer add 张伟贸易")
    crm.ok('customer add "Global Acme"')
    return crm


@pytest.mark.ci
@pytest.mark.parametrize(
    "ref, found",
    [
        ("1", 1),
        ("customer:2", 2),
        ("customer:bau", 2),
        ("CUSTOMER:2", 2),
        ("acme gmbh", 1),
        ("ＡＣＭＥ　ＧｍｂＨ", 1),
        ("SALES@ACME.EXAMPLE", 1),
        ("mailto:sales@acme.example", 1),
        ("+49 30 1234567", 1),
        ("0049301234567", 1),
        ("+49 (0)30 / 123-45-67", 1),
        ("tel:+49-30-1234567", 1),
        ("www.acme.example", 1),
        ("https://acme.example/some/page", 1),
        ("mueller88", 3),
        ("muller", 3),
        ("Söhne", 3),
        ("sohne", 3),
        ("张伟", 4),
        ("global", 5),
        ("acme b", 2),
    ],
)
def test_a_reference_is_found_in_any_spelling(several: Crm, ref: str, found: int) -> None:
    assert several.rows("customer", "show", ref)["id"] == found


def test_a_national_phone_number_is_read_by_the_country_of_the_config(several: Crm) -> None:
    several.ok("config set country DE")
    assert several.rows("customer", "show", "030 1234567")["id"] == 1


def test_several_hits_in_a_step_are_ambiguous_with_candidates(several: Crm) -> None:
    result = several("customer show acme")
    refused(result, 4, "acme", "customer:1", "Acme GmbH", "customer:2", "Acme Bau")
    assert "Global Acme" not in result.err  # the beginning decides before the part
    error = json.loads(several("customer show acme --json").err)
    assert error["error"] == "ambiguous"
    assert [c["ref"] for c in error["candidates"]] == ["customer:1", "customer:2"]


def test_an_exact_name_wins_over_a_beginning(several: Crm) -> None:
    several.ok("customer add Acme")
    assert several.rows("customer show acme")["name"] == "Acme"


def test_digits_are_an_id_and_then_a_phone(several: Crm) -> None:
    assert several.rows("customer show 2")["name"] == "Acme Bau"
    assert several.rows("customer show 0049301234567")["name"] == "Acme GmbH"
    refused(several("customer show 99"), 3, "99")


def test_a_percent_sign_matches_nothing_by_magic(several: Crm) -> None:
    refused(several("customer show %"), 3)
    refused(several("customer show _cme"), 3)


def test_what_is_not_found_names_the_nearest(several: Crm) -> None:
    refused(several("customer show globl"), 3, "globl", "Global Acme")


def test_an_empty_reference_is_refused(several: Crm) -> None:
    refused(several("customer", "show", ""), 2)
    refused(several("customer", "edit", "", "--status", "closed"), 2)


def test_the_kind_of_a_reference_must_fit(acme: Crm) -> None:
    refused(acme("customer show contact:1"), 2, "contact")


def test_show_picks_a_customer_over_a_contact_and_a_contact_over_a_deal(crm: Crm) -> None:
    crm.ok("customer add Zeta")
    crm.ok('contact add "Zeta Jones" --customer zeta')
    crm.ok('deal add "Zeta deal" --customer zeta')
    assert "kind" in crm.rows("show zeta")
    assert "title" in crm.rows('show "zeta d"')
    assert crm.rows("show zeta/jones")["name"] == "Zeta Jones"
    assert crm.rows("show zeta/deal")["title"] == "Zeta deal"
    assert crm.rows("show contact:zeta")["name"] == "Zeta Jones"


# ------------------------------------------------------------------ show and list


def test_show_nests_what_belongs_to_a_customer(acme: Crm) -> None:
    acme.ok("log call acme hello --next again --due fri")
    row = acme.rows("customer show acme")
    assert list(row)[: len(CUSTOMER_KEYS)] == CUSTOMER_KEYS
    assert [p["name"] for p in row["contacts"]] == ["Jane Doe"]
    assert [d["title"] for d in row["deals"]] == ["Acme rollout"]
    assert [x["text"] for x in row["tasks"]] == ["again"]
    assert [i["text"] for i in row["interactions"]] == ["hello"]
    assert row["last_contact_on"] == "2026-11-25"
    assert row["next_task_on"] == "2026-11-27"
    assert row["open"] == [{"amount": 48000, "currency": "EUR", "deals": 1}]


def test_list_without_a_verb_is_the_list(acme: Crm) -> None:
    assert acme.rows("customer") == acme.rows("customers") == acme.rows("customer list")


def test_a_solo_database_never_mentions_owners(acme: Crm) -> None:
    acme.ok("log call acme hello --next again --due today")
    lines = (
        "customer list",
        "customer show acme",
        "deal list",
        "deal show rollout",
        "task list",
        "followups",
        "today",
        "interaction list",
    )
    for line in lines:
        result = acme.ok(line)
        assert "owner" not in (result.out + result.err).lower(), line


# ------------------------------------------------------------------ edit


def test_an_option_sets_and_the_echo_names_the_record(acme: Crm) -> None:
    result = acme.ok('customer edit acme --status qualified --city Berlin --name "Acme SE" --birthday 1990-05-17')
    assert result.err == "Changed customer 1: Acme SE; undo: crm undo\nUnderstood: birthday Thu 1990-05-17\n"
    row = acme.rows("customer show 1")
    assert (row["name"], row["status"], row["city"]) == ("Acme SE", "qualified", "Berlin")
    assert acme.rows('customer show "acme se"')["id"] == 1


def test_edit_as_json_is_an_array(acme: Crm) -> None:
    rows = acme.rows("customer edit acme --city Berlin")
    assert [list(row) for row in rows] == [CUSTOMER_KEYS]
    assert rows[0]["city"] == "Berlin"


def test_what_can_be_several_gains_one_made_first(acme: Crm) -> None:
    row = acme.rows(
        "customer edit acme --email new@acme.example --phone +4930999 --tag hot --website acme.example --messenger wechat:acme"
    )[0]
    assert [e["value"] for e in row["emails"]] == ["new@acme.example", "sales@acme.example"]
    assert row["email"] == "new@acme.example"
    assert [p["value"] for p in row["phones"]] == ["+4930999", "+49 30 1234567"]
    assert row["tags"] == ["hot", "key"]
    again = acme.rows("customer edit acme --email SALES@acme.example")[0]
    assert [e["value"] for e in again["emails"]] == ["SALES@acme.example", "new@acme.example"]


def test_clear_empties_fields_and_takes_all_of_several(acme: Crm) -> None:
    acme.ok('customer edit acme --cadence 30d --source fair --note "x" --set a=1 --email b@acme.example')
    row = acme.rows(
        "customer edit acme --clear cadence --clear source --clear note --clear region --clear emails --clear phone --clear tags --clear custom"
    )[0]
    assert (row["cadence_days"], row["source"], row["note"], row["region"]) == (None, None, None, None)
    assert (row["emails"], row["email"], row["phones"], row["tags"], row["custom"]) == ([], None, [], [], {})


def test_clear_answers_to_chinese_names(acme: Crm) -> None:
    row = acme.rows("customer edit acme --clear 地区 --clear 电话")[0]
    assert (row["region"], row["phones"]) == (None, [])


@pytest.mark.parametrize("field", ["name", "kind", "status", "bogus", "id"])
def test_what_must_stay_cannot_be_cleared(acme: Crm, field: str) -> None:
    refused(acme(f"customer edit acme --clear {field}"), 2, f"{field} cannot be cleared", "What can:")


def test_drop_takes_one_value_away(acme: Crm) -> None:
    acme.ok("customer edit acme --email b@acme.example --tag hot")
    row = acme.rows('customer edit acme --drop email=SALES@acme.example --drop tag=KEY --drop "phone=0049 30 1234567"')[
        0
    ]
    assert [e["value"] for e in row["emails"]] == ["b@acme.example"]
    assert (row["tags"], row["phones"]) == (["hot"], [])


@pytest.mark.parametrize("text", ["email", "email=", "name=x", "bogus=1"])
def test_a_drop_that_says_nothing_is_refused(acme: Crm, text: str) -> None:
    refused(acme("customer", "edit", "acme", "--drop", text), 2, text, "FIELD=VALUE")


@pytest.mark.parametrize("text", ["email=nobody@acme.example", "tag=unknown", "phone=+4911111111"])
def test_a_drop_of_what_is_not_there_is_not_found(acme: Crm, text: str) -> None:
    refused(acme("customer", "edit", "acme", "--city", "Berlin", "--drop", text), 3, text.partition("=")[2])
    assert acme.rows("customer show acme")["city"] is None


def test_set_keeps_custom_fields_and_an_empty_one_goes(acme: Crm) -> None:
    assert acme.rows("customer edit acme --set a=1 --set b=x=y")[0]["custom"] == {"a": "1", "b": "x=y"}
    assert acme.rows("customer edit acme --set a=")[0]["custom"] == {"b": "x=y"}


def test_an_edit_that_says_nothing_is_refused(acme: Crm) -> None:
    refused(acme("customer edit acme"), 2, "Nothing says what to change")


def test_an_edit_that_changes_nothing_says_so(acme: Crm) -> None:
    before = acme.sql("SELECT updated_at FROM customer")
    result = acme.at("2026-11-26T09:00:00").ok("customer edit acme --region DACH --tag key --clear website")
    assert result.err == "Nothing to change: it is so already\n"
    assert acme.sql("SELECT updated_at FROM customer") == before


def test_several_references_are_changed_in_one_stroke(several: Crm) -> None:
    result = several.ok("customer edit 1 bau 张伟 --status qualified")
    assert result.err == "Changed 3 records; undo: crm undo\n"
    assert [r["id"] for r in several.rows("customer list status:qualified --sort id")] == [1, 2, 4]
    assert several.ok("customer edit 1 2 3 --status qualified").err == "Changed 1 of 3 records; undo: crm undo\n"
    refused(several("customer edit 1 nobody --status closed"), 3, "nobody")
    assert several.rows("customer show 1")["status"] == "qualified"


def test_the_same_record_named_twice_counts_once(several: Crm) -> None:
    assert len(several.rows("customer edit 1 customer:1 sales@acme.example --city Berlin")) == 1


def test_a_change_by_query_needs_yes_in_a_script(several: Crm) -> None:
    refused(several("customer edit name:acme --status closed"), 2, "3 records", "--yes")
    assert several.rows("customer list status:closed") == []
    assert [r["id"] for r in several.rows("customer edit name:acme --status closed --yes")] == [1, 2, 5]


def test_a_query_that_fits_nothing_is_not_found(several: Crm) -> None:
    refused(several("customer edit name:nobody --status closed --yes"), 3, "customer")


def test_a_query_and_references_together_are_refused(several: Crm) -> None:
    refused(
        several("customer edit name:acme bau --status closed --yes"),
        2,
        "A query and references do not go together",
        "bau",
    )


def test_a_trial_changes_nothing(several: Crm) -> None:
    before = several.db.read_bytes()
    assert "Trial" in several.ok("customer add New --dry-run").err
    assert several.rows("customer add New --dry-run")["name"] == "New"
    assert "Trial" in several.ok("customer edit 1 --status closed --dry-run").err
    assert len(several.rows("customer edit name:acme --status closed --dry-run")) == 3
    assert several.rows("customer edit 1 --status closed --dry-run")[0]["status"] == "closed"
    several.ok("customer remove 1 --dry-run")
    assert several.db.read_bytes() == before


def test_quiet_says_nothing(several: Crm) -> None:
    result = several.ok("customer edit 1 --status closed --quiet")
    assert (result.out, result.err) == ("", "")


def test_nobody_stands_above_or_refers_itself(several: Crm) -> None:
    refused(several("customer edit 1 --parent 1"), 2, "cannot stand above itself")
    refused(several("customer edit 1 --referred-by 1"), 2, "cannot refer itself")
    several.ok("customer edit 1 --parent 2")
    several.ok("customer edit 2 --parent 3")
    refused(several("customer edit 3 --parent 1"), 2, "cannot stand above itself")


def test_a_new_word_is_echoed_with_the_nearest_in_use(crm: Crm) -> None:
    assert "New region: DACH" in crm.ok("customer add A --region DACH").err
    assert "New region" not in crm.ok("customer add B --region dach").err
    assert "New region: DACHH. Did you mean DACH?" in crm.ok("customer add C --region DACHH").err


def test_the_cadence_runs_from_the_last_contact(acme: Crm) -> None:
    acme.ok("log call acme hello --at 2026-11-20")
    acme.ok("customer edit acme --cadence 30d")
    assert acme.sql("SELECT cadence_due_on FROM customer") == [("2026-12-20",)]
    acme.ok("customer edit acme --clear cadence")
    assert acme.sql("SELECT cadence_due_on FROM customer") == [(None,)]


# ------------------------------------------------------------------ remove and restore


def test_remove_hides_a_customer_with_all_that_hangs_on_it(acme: Crm) -> None:
    acme.ok("log call acme hello --next again --due fri")
    result = acme.ok("customer remove acme")
    assert (
        result.err == "Removed customer 1: Acme GmbH, with 1 contact, 1 deal, 1 task, 1 interaction; undo: crm undo\n"
    )
    for noun in ("customer", "contact", "deal", "task", "interaction"):
        assert acme.rows(f"{noun} list") == []
    refused(acme("customer edit acme --city X"), 3, "Acme GmbH was removed", "crm customer restore 1")
    (row,) = acme.rows("customer list --removed")
    assert row["removed_at"] == "2026-11-25T09:00:00+00:00"
    assert acme.ok("customer restore acme").err == "Restored customer 1: Acme GmbH; undo: crm undo\n"
    for noun in ("customer", "contact", "deal", "task", "interaction"):
        assert len(acme.rows(f"{noun} list")) == 1


def test_remove_and_restore_as_json_are_arrays(acme: Crm) -> None:
    (gone,) = acme.rows("customer remove acme")
    assert gone["removed_at"]
    (back,) = acme.rows("customer restore 1")
    assert back["removed_at"] is None


def test_what_was_removed_on_its_own_does_not_come_back_with_the_customer(acme: Crm) -> None:
    acme.ok("contact remove jane")
    later = acme.at("2026-11-26T09:00:00")
    later.ok("customer remove acme")
    refused(later("contact restore jane"), 4, "Acme GmbH is removed too", "crm customer restore 1")
    later.ok("customer restore acme")
    assert later.rows("contact list") == []
    later.ok("contact restore jane")
    assert len(later.rows("contact list")) == 1


def test_restore_looks_only_among_what_was_removed(acme: Crm) -> None:
    refused(acme("customer restore acme"), 3, "Acme GmbH is not removed")
    refused(acme("customer restore nobody"), 3)


def test_restore_by_query(several: Crm) -> None:
    several.ok("customer remove 1 2 3")
    refused(several("customer restore name:acme"), 2, "2 records", "--yes")
    assert [r["id"] for r in several.rows("customer restore name:acme --yes")] == [1, 2]


def test_remove_by_query(several: Crm) -> None:
    refused(several("customer remove name:acme"), 2, "3 records", "--yes")
    assert several.ok("customer remove name:acme --yes").err == "Removed 3 records; undo: crm undo\n"


# ------------------------------------------------------------------ hostile names

HOSTILE = [
    "[/]",
    "[red]x",
    "\x1b[2J",
    "=1+1",
    "张伟 😀 שלום",
    "{name}",
    "%s %(x)s",
    "a\nb",
    "--help",
    "'; DROP TABLE customer; --",
    "\u202egnp.exe",
    "[link=https://x.example]y[/link]",
]


@pytest.mark.ci
@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_does_no_harm(crm: Crm, name: str) -> None:
    added = crm("customer", "add", "--", name)
    assert added.code == 0, added
    row = crm.rows("customer show 1")
    assert row["name"] == name
    shown = crm.ok("customer show 1").out + crm.ok("customer list").out + added.err
    shown += crm.ok("customer edit 1 --tag x").err + crm("customer", "add", "--", name).err
    shown += crm.ok("customer remove 1").err + crm.ok("customer restore 1").err
    for sign in "\x1b\u202e\x00":
        assert sign not in shown
    assert crm.ok("customer", "show", "--json", "--", name).json["id"] == 1
    assert "Traceback" not in shown


def test_a_hostile_name_in_an_error_is_cleaned(crm: Crm) -> None:
    result = crm("customer", "show", "\x1b[2Jnobody")
    assert result.code == 3
    assert "\x1b" not in result.err


def test_a_channel_answers_to_its_chinese_name(acme: Crm) -> None:
    assert acme.rows("log", "电话", "acme", "你好")["channel"] == "call"
    refused(acme("log fax acme hello"), 3, "fax")


# ------------------------------------------------------------------ nearly the same name


@pytest.mark.ci
@pytest.mark.parametrize(
    ("known", "new"),
    [
        ("Acme GmbH", "Acme"),
        ("Acme", "ACME GmbH"),
        ("Acme", "Acme, Inc."),
        ("Acme GmbH", "Acme GmbH Berlin"),
        ("星河软件", "星河软件有限公司"),
        ("星河软件股份有限公司", "星河软件"),
        ("星河软件", "星河软件（上海）有限公司"),
    ],
)
def test_a_name_that_is_nearly_another_one_is_told(crm: Crm, known: str, new: str) -> None:
    crm.ok("customer", "add", known)
    result = crm.ok("customer", "add", new)
    assert f"There is {known} as well (customer:1)\n" in result.err
    crm.ok("customer remove 1 2 --yes")
    assert "as well" not in crm.ok("customer", "add", new).err


@pytest.mark.parametrize(
    ("known", "new"), [("Acme GmbH", "Acm"), ("Acme", "Acmeon"), ("星河软件", "星河"), ("100%", "100")]
)
def test_other_names_are_not_told(crm: Crm, known: str, new: str) -> None:
    crm.ok("customer", "add", known)
    assert "as well" not in crm.ok("customer", "add", new, "--duplicate").err
    assert "as well" not in crm.ok("customer", "add", "Zeta").err
