"""find and show: a word of anything leads to its record; everything about one record stands in one place."""

import pytest
from conftest import Crm, begin


@pytest.fixture
def full(acme: Crm, begun: dict[str, bytes]) -> Crm:
    lines = (
        'customer add "Müller & Söhne" --note "met at the Zürich fair, likes Kaffee"',
        'customer add 上海宏远科技 --phone "+86 21 5555 6666" --region 华东',
        "contact add 张伟 --customer 上海 --email zhang@hongyuan.example",
        'deal add "Zürich pilot" --customer müller',
        'task add "send the Zürich brochure" --customer müller --due fri',
        "log call acme wants a quote for 200 seats, mentioned a competitor",
        "log wechat 上海 客户想要新的报价单",
    )
    begin(acme, begun, "to be found", *(("2026-11-25", line) for line in lines))
    return acme


def refs(crm: Crm, *words: str) -> list[str]:
    return [row["ref"] for row in crm.rows("find", *words)]


# ------------------------------------------------------------------ find


def test_a_hit_has_its_keys(full: Crm) -> None:
    (row,) = full.rows("find competitor")
    assert list(row) == ["ref", "kind", "id", "name", "customer", "snippet"]
    assert (row["ref"], row["kind"], row["id"], row["name"], row["customer"]) == (
        "interaction:1",
        "interaction",
        1,
        "call",
        "Acme GmbH",
    )
    assert "competitor" in row["snippet"]


def test_nothing_found_is_an_empty_list_and_exit_0(full: Crm) -> None:
    assert full.rows("find unicorn") == []
    assert full.ok("find unicorn").out == ""


def test_every_kind_of_record_is_found(full: Crm) -> None:
    assert refs(full, "zurich") == ["deal:2", "task:1", "customer:2"]
    assert refs(full, "jane") == ["contact:1"]


@pytest.mark.parametrize("word", ["muller", "MÜLLER", "ｍüller", "sohne", "Müller & Söhne", "kaffee"])
def test_case_accents_and_width_do_not_count(full: Crm, word: str) -> None:
    assert "customer:2" in refs(full, word)


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("宏远", ["customer:3"]),
        ("张伟", ["contact:2"]),
        ("报价", ["interaction:2"]),
        ("报价单", ["interaction:2"]),
        ("新的 客户", ["interaction:2"]),
    ],
)
def test_chinese_words_are_found(full: Crm, word: str, found: list[str]) -> None:
    assert refs(full, word) == found


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("sales@acme.example", ["customer:1"]), ("SALES@ACME.EXAMPLE", ["customer:1"]), ("acme.example", ["customer:1", "contact:1"]),
        ("+49 30 1234567", ["customer:1"]), ("0049 (30) 123-4567", ["customer:1"]), ("+49301234567", ["customer:1"]),
        ("1234567", ["customer:1"]), ("55556666", ["customer:3"]),
    ],
)  # fmt: skip
def test_ways_to_reach_are_found_in_any_spelling(full: Crm, word: str, found: list[str]) -> None:
    assert refs(full, word) == found


def test_every_word_has_to_be_there(full: Crm) -> None:
    assert refs(full, "quote", "competitor") == ["interaction:1"]
    assert refs(full, "quote unicorn") == []
    assert refs(full, "jane", "acme") == ["contact:1"]


def test_the_name_itself_comes_first_however_many_are_like_it(crm: Crm) -> None:
    crm.ok('customer add "Acme"')
    body = "name\n" + "".join(f"Acme branch {n}\n" for n in range(260)) + "".join(f"Big Acme {n}\n" for n in range(260))
    crm.ok("import - --as customers", stdin=body)
    crm.ok("contact add Acme --customer customer:1")
    result = crm.ok("find acme --format json")
    found = [row["name"] for row in result.json]
    assert found[:2] == ["Acme", "Acme"]
    assert all(name.startswith("Acme") for name in found[:200])
    assert "more words" in result.err


def test_the_newest_talk_comes_first(acme: Crm) -> None:
    acme.ok("log call acme old quote --at 2026-01-01")
    acme.ok("log call acme new quote --at 2026-11-01")
    acme.ok("log call acme middle quote --at 2026-06-01")
    assert refs(acme, "quote") == ["interaction:2", "interaction:3", "interaction:1"]


def test_the_passage_stands_around_the_hit(acme: Crm) -> None:
    acme.ok("log", "call", "acme", "first words " * 20 + "then he said Größe matters\nand more " + "last words " * 20)
    (row,) = acme.rows("find grosse")
    assert "Größe matters and" in row["snippet"]
    assert row["snippet"].startswith("…")
    assert row["snippet"].endswith("…")
    assert len(row["snippet"]) <= 62


def test_outcomes_are_searched(acme: Crm) -> None:
    acme.ok("log call acme hello --outcome voicemail")
    (row,) = acme.rows("find voicemail")
    assert (row["ref"], row["snippet"]) == ("interaction:1", "voicemail")


def test_removed_records_are_not_found(full: Crm) -> None:
    full.ok("customer remove müller --yes")
    assert refs(full, "zurich") == []
    full.ok("interaction remove 1")
    assert refs(full, "competitor") == []


def test_done_tasks_and_closed_deals_are_found(full: Crm) -> None:
    full.ok("done task:1")
    full.ok("deal win 2")
    assert refs(full, "zurich") == ["deal:2", "task:1", "customer:2"]


def test_signs_of_sql_are_plain_characters(acme: Crm) -> None:
    acme.ok("customer add 100%_sure")
    assert refs(acme, "100%_") == ["customer:2"]
    assert refs(acme, "%") == ["customer:2"]
    assert refs(acme, "'; drop table customer; --") == []


def test_limit_and_ids(full: Crm) -> None:
    result = full.ok("find zurich --limit 1 --format ids")
    assert result.out == "deal:2\n"
    assert "2 more" in result.err


def test_find_without_words_is_exit_2(acme: Crm) -> None:
    assert acme("find").code == 2
    assert acme("find", " ").code == 2


# ------------------------------------------------------------------ show


def test_a_customer_shows_everything_that_is_its(acme: Crm) -> None:
    acme.ok("log call jane hello --deal rollout --at 2026-11-20")
    acme.ok("log call acme newer")
    acme.ok("task add second --customer acme --due fri")
    acme.ok("task add first --deal rollout --due tomorrow")
    acme.ok("task add finished --customer acme")
    acme.ok("done finished")
    row = acme.rows("show acme")
    assert row["name"] == "Acme GmbH"
    assert [person["name"] for person in row["contacts"]] == ["Jane Doe"]
    assert [deal["title"] for deal in row["deals"]] == ["Acme rollout"]
    assert [task["text"] for task in row["tasks"]] == ["first", "second", "finished"]
    assert [talk["text"] for talk in row["interactions"]] == ["newer", "hello"]
    assert row == acme.rows("customer show acme")


def test_a_person_shows_deals_tasks_and_talks(acme: Crm) -> None:
    acme.ok("deal edit rollout --contact jane")
    acme.ok("task add quote --deal rollout")
    acme.ok("log call jane hello")
    row = acme.rows("show jane")
    assert (row["customer"], row["role"]) == ("Acme GmbH", "decision-maker")
    assert [deal["title"] for deal in row["deals"]] == ["Acme rollout"]
    assert [task["text"] for task in row["tasks"]] == ["quote"]
    assert [talk["text"] for talk in row["interactions"]] == ["hello"]


def test_a_deal_shows_its_history(acme: Crm) -> None:
    acme.ok("deal edit rollout --contact jane:user")
    acme.at("2026-11-28T09:00:00").ok("deal move rollout negotiation")
    acme.at("2026-12-01T09:00:00").ok("deal lose rollout --reason price")
    row = acme.rows("show rollout")
    assert row["contacts"] == [{"id": 1, "name": "Jane Doe", "role": "user"}]
    assert [(step["from"], step["to"], step["on"], step["days_spent"]) for step in row["stage_changes"]] == [
        (None, "proposal", "2026-11-25", None), ("proposal", "negotiation", "2026-11-28", 3),
        ("negotiation", "lost", "2026-12-01", 3),
    ]  # fmt: skip


@pytest.mark.parametrize("ref", ["task:1", "task:quote", "quote"])
def test_a_task_is_shown(acme: Crm, ref: str) -> None:
    acme.ok("task add quote --deal rollout")
    assert acme.rows("show", ref)["text"] == "quote"


def test_an_interaction_is_shown(acme: Crm) -> None:
    acme.ok("log call jane hello")
    row = acme.rows("show interaction:1")
    assert (row["text"], row["contacts"][0]["name"]) == ("hello", "Jane Doe")


def test_a_customer_wins_over_a_contact_and_a_contact_over_a_deal(acme: Crm) -> None:
    acme.ok("customer add Twin")
    acme.ok("contact add Twin --customer acme")
    acme.ok("deal add Twin --customer acme")
    assert "name" in acme.rows("show twin")
    assert acme.rows("show contact:twin")["customer"] == "Acme GmbH"
    assert acme.rows("show deal:twin")["title"] == "Twin"
    assert acme.rows("show acme/twin")["customer"] == "Acme GmbH"


def test_two_of_a_kind_are_ambiguous_with_their_ids(acme: Crm) -> None:
    acme.ok('customer add "Acme Ltd"')
    result = acme("show acme --json")
    assert result.code == 4
    import json

    error = json.loads(result.err)
    assert error["error"] == "ambiguous"
    assert [candidate["ref"] for candidate in error["candidates"]] == ["customer:1", "customer:2"]


def test_nobody_is_not_found_with_the_nearest(acme: Crm) -> None:
    result = acme("show acmee")
    assert result.code == 3
    assert acme("show").code == 2
    assert acme("show customer:99").code == 3


def test_a_removed_record_is_not_shown(acme: Crm) -> None:
    acme.ok("deal remove rollout --yes")
    assert acme("show rollout").code == 3
    assert acme.rows("show acme")["deals"] == []


def test_the_screen_has_the_parts(acme: Crm) -> None:
    acme.ok("log call jane wants a quote --deal rollout")
    out = acme.ok("show acme").out
    for text in ("Acme GmbH", "Jane Doe", "Acme rollout", "wants a quote", "EUR 48,000"):
        assert text in out


# ------------------------------------------------------------------ phones as people type them


@pytest.fixture
def german(crm: Crm) -> Crm:
    crm.ok("config set country DE")
    crm.ok('customer add "Acme GmbH" --phone "0171 1234567"')
    crm.ok("contact add 李四 --customer acme --phone 13800000000")
    return crm


@pytest.mark.parametrize("typed", ["0171", "171", "0171 1234567", "01711234567", "0171-123", "+49 171 1234567"])
def test_a_phone_is_found_by_a_piece_of_it_as_it_was_typed(german: Crm, typed: str) -> None:
    assert refs(german, typed) == ["customer:1"]


@pytest.mark.ci
@pytest.mark.parametrize("typed", ["0171 1234567", "01711234567", "0171/1234567"])
def test_a_phone_is_found_as_it_is_kept_whatever_the_country_is_now(german: Crm, typed: str) -> None:
    german.ok("config unset country")
    assert refs(german, typed) == ["customer:1"]
    assert german.rows("show", typed)["name"] == "Acme GmbH"
    assert german("show 017112345").code == 3  # a piece is no whole number


def test_the_phone_of_a_contact_leads_to_the_contact(german: Crm) -> None:
    assert refs(german, "13800000000") == ["contact:1"]
    assert german.rows("show 138-0000-0000")["name"] == "李四"


@pytest.fixture
def spelled(crm: Crm, begun: dict[str, bytes]) -> Crm:
    names = ("Müller AG", "Mueller GmbH", "Muller BV", "Blum", "Blue Sky", "O'Brien Ltd", "D\u2019Angelo", "Obrist")
    lines = [("2026-11-25", f'customer add "{name}" --kind company') for name in names]
    begin(crm, begun, "spelled", *lines, ("2026-11-25", 'log call Blum asked for the "Lösung mit Öl"'))
    return crm


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("mueller", ["Mueller GmbH", "Müller AG"]),
        ("müller", ["Müller AG", "Muller BV", "Mueller GmbH"]),
        ("muller", ["Muller BV", "Müller AG"]),
        ("blue", ["Blue Sky"]),
        ("o'brien", ["O'Brien Ltd"]),
        ("o\u2019brien", ["O'Brien Ltd"]),
        ("d'angelo", ["D\u2019Angelo"]),
        ("obrien", ["O'Brien Ltd"]),
    ],
)
def test_one_name_in_two_spellings_is_found_by_both(spelled: Crm, words: str, names: list[str]) -> None:
    found = spelled.ok("find", words, "--format", "json").json
    assert sorted(row["name"] for row in found) == sorted(names)


def test_words_spelled_without_dots_are_found_in_what_was_said(spelled: Crm) -> None:
    assert [row["kind"] for row in spelled.rows("find loesung oel")] == ["interaction"]
