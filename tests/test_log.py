"""log: one line takes down what happened, closes the task behind it and begins the next step."""

import shlex

import pytest
from conftest import Crm

KEYS = [
    "id", "uuid", "channel", "direction", "at", "text", "outcome", "duration_minutes", "customer", "customer_id",
    "contacts", "deal", "deal_id", "owner", "created_at", "updated_at", "external_source", "external_id", "custom",
]  # fmt: skip


def newest(crm: Crm) -> dict:
    return crm.rows("interaction list --limit 1")[0]


def customer(crm: Crm, ref: str = "acme") -> dict:
    return crm.rows("customer", "show", ref)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("call", "call"), ("email", "email"), ("e-mail", "email"), ("meeting", "meeting"), ("visit", "visit"),
        ("message", "message"), ("wechat", "wechat"), ("sms", "sms"), ("note", "note"), ("CALL", "call"),
        ("phone", "call"), ("电话", "call"), ("邮件", "email"), ("会议", "meeting"), ("拜访", "visit"),
        ("消息", "message"), ("微信", "wechat"), ("短信", "sms"), ("备注", "note"), ("ca", "call"), ("vis", "visit"),
    ],
)  # fmt: skip
def test_a_channel_answers_to_its_names_in_both_languages(acme: Crm, typed: str, kept: str) -> None:
    assert acme.rows("log", typed, "acme", "hello")["channel"] == kept


def test_a_channel_of_the_config_is_taken(acme: Crm) -> None:
    env = {"CRM_CHANNELS": "fair, Letter"}
    assert acme.rows("log fair acme met at the booth", env=env)["channel"] == "fair"
    assert acme.rows("log letter acme posted", env=env)["channel"] == "Letter"
    assert acme("log fair acme met").code == 3


def test_an_unknown_channel_is_not_found_and_names_the_nearest(acme: Crm) -> None:
    result = acme("log cal acme hello there")
    assert result.code == 0
    result = acme("log emial acme hello")
    assert result.code == 3
    assert "email" in result.err


def test_two_channels_with_the_same_beginning_are_ambiguous(acme: Crm) -> None:
    result = acme("log me acme hello")
    assert result.code == 4
    assert "meeting" in result.err
    assert "message" in result.err
    assert acme.rows("interaction list") == []


def test_channel_and_customer_turned_round_are_answered_with_the_line(acme: Crm) -> None:
    result = acme("log acme call wants a quote")
    assert result.code == 3
    assert "crm log call acme wants a quote" in result.err


def test_the_json_of_an_interaction_has_all_keys(acme: Crm) -> None:
    row = acme.rows(
        "log call acme wants a quote --contact jane --deal rollout --at 2026-11-20@14:00 --duration 1h30m"
        " --direction in --outcome interested"
    )
    assert list(row) == KEYS
    assert row["at"] == "2026-11-20T14:00:00+00:00"
    assert (row["channel"], row["direction"], row["outcome"], row["duration_minutes"]) == (
        "call",
        "in",
        "interested",
        90,
    )
    assert (row["customer"], row["customer_id"], row["deal"], row["deal_id"]) == ("Acme GmbH", 1, "Acme rollout", 1)
    assert row["contacts"] == [{"id": 1, "name": "Jane Doe", "role": "decision-maker"}]
    assert row["text"] == "wants a quote"


def test_the_words_behind_who_are_the_text(acme: Crm) -> None:
    acme.ok("log call acme said: call me  on friday")
    assert newest(acme)["text"] == "said: call me on friday"


def test_a_log_without_words_has_no_text(acme: Crm) -> None:
    assert acme.rows("log call acme")["text"] is None


def test_a_dash_reads_the_text_from_stdin(acme: Crm) -> None:
    acme.ok("log email acme -", stdin="Dear all,\r\n\r\n报价单 attached.\n")
    assert newest(acme)["text"] == "Dear all,\n\n报价单 attached."


def test_stdin_that_is_no_text_is_refused(acme: Crm) -> None:
    result = acme("log email acme -", stdin=b"\xff\xfe\x00")
    assert result.code == 2
    assert acme.rows("interaction list") == []


@pytest.mark.parametrize(
    "who",
    [
        "1",
        "acme gmbh",
        "ACME",
        "sales@acme.example",
        "+49 (30) 1234567",
        "0049301234567",
        "customer:1",
        "customer:acme",
        "gmbh",
    ],
)
def test_who_is_a_customer_by_the_whole_ladder(acme: Crm, who: str) -> None:
    row = acme.rows("log", "call", who, "hello")
    assert (row["customer"], row["contacts"], row["deal"]) == ("Acme GmbH", [], None)


@pytest.mark.parametrize("who", ["jane doe", "jane", "jane@acme.example", "contact:1", "acme/jane", "doe"])
def test_who_is_a_person(acme: Crm, who: str) -> None:
    row = acme.rows("log", "call", who, "hello")
    assert row["customer"] == "Acme GmbH"
    assert [person["name"] for person in row["contacts"]] == ["Jane Doe"]


@pytest.mark.parametrize("who", ["deal:1", "deal:rollout", "rollout", "acme/rollout"])
def test_who_is_a_deal(acme: Crm, who: str) -> None:
    row = acme.rows("log", "call", who, "hello")
    assert (row["customer"], row["deal"], row["contacts"]) == ("Acme GmbH", "Acme rollout", [])


def test_an_ambiguous_who_is_never_the_first_of_several(acme: Crm) -> None:
    acme.ok('customer add "Acme Ltd"')
    result = acme("log call acme hello")
    assert result.code == 4
    assert "customer:1" in result.err
    assert "customer:2" in result.err
    assert acme.rows("interaction list") == []


def test_nobody_of_that_name_is_not_found(acme: Crm) -> None:
    result = acme("log call nobody hello")
    assert result.code == 3


def test_digits_alone_are_no_piece_of_a_name(acme: Crm) -> None:
    acme.ok('customer add "Studio 54"')
    assert acme("log call 54 hello").code == 3


def test_the_echo_says_whom_and_when_with_the_weekday(acme: Crm) -> None:
    assert "Logged call with Acme GmbH, Wed 2026-11-25" in acme.ok("log call acme hello").err
    assert "Fri 2026-11-20 14:00" in acme.ok("log call acme hello --at fri@14:00").err


@pytest.mark.parametrize(
    ("typed", "at"),
    [
        ("yesterday", "2026-11-24T12:00:00+00:00"), ("mon", "2026-11-23T12:00:00+00:00"),
        ("thu", "2026-11-19T12:00:00+00:00"), ("fri@14:00", "2026-11-20T14:00:00+00:00"),
        ("-2h", "2026-11-25T07:00:00+00:00"), ("today", "2026-11-25T09:00:00+00:00"),
        ("2026-11-01", "2026-11-01T12:00:00+00:00"), ("昨天", "2026-11-24T12:00:00+00:00"),
        ("周五下午2点", "2026-11-20T14:00:00+00:00"), ("08:30", "2026-11-25T08:30:00+00:00"),
    ],
)  # fmt: skip
def test_at_looks_back(acme: Crm, typed: str, at: str) -> None:
    assert acme.rows("log", "call", "acme", "hello", "--at", typed)["at"] == at


@pytest.mark.parametrize(
    ("who", "more", "due_on", "due_at", "deal"),
    [
        ("acme", ["--at", "tomorrow"], "2026-11-26", None, None),
        ("acme", ["--at", "2026-12-24@14:00"], "2026-12-24", "2026-12-24T14:00:00+00:00", None),
        ("jane", ["--at", "+2h"], "2026-11-25", "2026-11-25T11:00:00+00:00", None),
        ("deal:rollout", ["--at", "+3d"], "2026-11-28", None, "Acme rollout"),
        ("acme", ["--at", "+3d", "--deal", "rollout"], "2026-11-28", None, "Acme rollout"),
    ],
)
def test_a_log_in_the_future_is_refused_with_the_task_line_that_works(
    acme: Crm, who: str, more: list[str], due_on: str, due_at: str | None, deal: str | None
) -> None:
    result = acme("log", "call", who, "ask about Jane's", "$budget", *more)
    assert result.code == 2
    assert acme.rows("interaction list") == []
    line = next(line for line in result.err.splitlines() if "crm task add" in line)
    words = shlex.split(line[line.index("crm task add") :])
    task = acme.rows(*words[1:])
    assert (task["text"], task["due_on"], task["due_at"]) == ("ask about Jane's $budget", due_on, due_at)
    assert (task["customer"], task["deal"]) == ("Acme GmbH", deal)


def test_the_task_line_of_a_future_log_without_words_works_too(acme: Crm) -> None:
    result = acme("log call acme --at tomorrow")
    line = next(line for line in result.err.splitlines() if "crm task add" in line)
    assert acme.rows(*shlex.split(line[line.index("crm task add") :])[1:])["text"] == "call Acme GmbH"


def test_a_log_touches_the_customer_the_person_and_the_deal(acme: Crm) -> None:
    acme.ok("log call jane hello --deal rollout --at 2026-11-20")
    assert customer(acme)["last_contact_on"] == "2026-11-20"
    assert acme.rows("contact show jane")["last_contact_on"] == "2026-11-20"
    assert acme.rows("deal show rollout")["last_touch_on"] == "2026-11-20"


def test_a_log_with_the_customer_alone_touches_no_deal_and_no_person(acme: Crm) -> None:
    acme.ok("log call acme hello")
    assert customer(acme)["last_contact_on"] == "2026-11-25"
    assert acme.rows("contact show jane")["last_contact_on"] is None
    assert acme.rows("deal show rollout")["last_touch_on"] is None


def test_an_older_log_never_moves_the_last_contact_back(acme: Crm) -> None:
    acme.ok("log call jane hello --deal rollout")
    acme.ok("log call jane forgotten --deal rollout --at 2026-10-01")
    assert customer(acme)["last_contact_on"] == "2026-11-25"
    assert acme.rows("contact show jane")["last_contact_on"] == "2026-11-25"
    assert acme.rows("deal show rollout")["last_touch_on"] == "2026-11-25"


def test_the_day_of_a_log_is_the_day_where_i_am(acme: Crm) -> None:
    acme.at("2026-11-25T01:00:00").ok("log call acme hello", env={"CRM_TZ": "Asia/Shanghai"})
    assert customer(acme)["last_contact_on"] == "2026-11-25"
    assert acme.sql("SELECT at FROM interaction") == [("2026-11-24T17:00:00Z",)]


def test_the_deal_of_another_customer_is_refused(acme: Crm) -> None:
    acme.ok('customer add "Globex"')
    acme.ok('deal add "Globex pilot" --customer globex --amount 5k --currency EUR')
    result = acme("log call acme hello --deal pilot")
    assert result.code == 2
    assert "Globex" in result.err
    assert acme.rows("interaction list") == []


def test_a_deal_of_the_customer_wins_over_one_of_the_same_name_elsewhere(acme: Crm) -> None:
    acme.ok('customer add "Globex"')
    acme.ok('deal add "Globex rollout" --customer globex')
    assert acme.rows("log call acme hello --deal rollout")["deal"] == "Acme rollout"


def test_due_without_next_is_refused(acme: Crm) -> None:
    result = acme("log call acme hello --due fri")
    assert result.code == 2
    assert "--next" in result.err
    assert acme.rows("interaction list") == []


def test_next_becomes_a_task_of_the_customer_and_the_deal(acme: Crm) -> None:
    result = acme.ok('log call acme hello --deal rollout --next "send the quote" --due fri')
    assert "Next: send the quote, Fri 2026-11-27 (task 1)" in result.err
    (task,) = acme.rows("task list")
    assert (task["text"], task["due_on"], task["customer"], task["deal"]) == (
        "send the quote", "2026-11-27", "Acme GmbH", "Acme rollout",
    )  # fmt: skip
    assert acme.rows("deal show rollout")["next_step"] == "send the quote"


def test_next_without_a_day_has_none(acme: Crm) -> None:
    assert "no due day" in acme.ok('log call acme hello --next "think about it"').err
    assert acme.rows("task list")[0]["due_on"] is None


def test_a_next_step_with_a_bad_day_leaves_nothing_behind(acme: Crm) -> None:
    assert acme('log call acme hello --next "x" --due 05/06').code == 2
    assert acme.rows("interaction list") == []
    assert customer(acme)["last_contact_on"] is None


def test_done_closes_the_task_that_is_due_first(acme: Crm) -> None:
    acme.ok("task add later --customer acme --due +9d")
    acme.ok("task add sooner --customer acme --due tomorrow")
    acme.ok("task add sometime --customer acme")
    result = acme.ok("log call acme hello --done")
    assert "Done: task 2, sooner" in result.err
    assert [task["text"] for task in acme.rows("task list")] == ["later", "sometime"]


def test_done_about_a_deal_closes_the_deals_task_first(acme: Crm) -> None:
    acme.ok("task add general --customer acme --due tomorrow")
    acme.ok("task add quote --deal rollout --due +5d")
    assert "quote" in acme.ok("log call deal:rollout hello --done").err
    assert "general" in acme.ok("log call deal:rollout hello --done").err


def test_done_about_a_deal_never_closes_a_task_of_another_deal(acme: Crm) -> None:
    acme.ok("deal add Support --customer acme")
    acme.ok("task add contract --deal support --due tomorrow")
    assert "no open task" in acme.ok("log call deal:rollout hello --done").err
    assert len(acme.rows("task list")) == 1


def test_done_with_two_tasks_due_alike_asks_for_the_number(acme: Crm) -> None:
    acme.ok("task add one --customer acme --due tomorrow")
    acme.ok("task add two --customer acme --due tomorrow")
    result = acme("log call acme hello --done")
    assert result.code == 4
    assert "task:1" in result.err
    assert "task:2" in result.err
    assert acme.rows("interaction list") == []
    acme.ok("log call acme hello --done 2")
    assert [task["text"] for task in acme.rows("task list")] == ["one"]


@pytest.mark.parametrize("words", [["--done", "2"], ["--done", "task:2"], ["--done=2"], ["--done", "task:quote"]])
def test_done_takes_the_number_of_a_task(acme: Crm, words: list[str]) -> None:
    acme.ok("task add first --customer acme --due today")
    acme.ok("task add quote --customer acme --due +9d")
    acme.ok("log", "call", "acme", *words, "hello")
    assert [task["text"] for task in acme.rows("task list")] == ["first"]
    assert newest(acme)["text"] == "hello"


def test_done_of_a_task_that_is_not_there_changes_nothing(acme: Crm) -> None:
    assert acme("log call acme hello --done 77").code == 3
    assert acme.rows("interaction list") == []


def test_done_of_somebody_elses_task_is_refused(acme: Crm) -> None:
    acme.ok("customer add Globex")
    acme.ok("task add theirs --customer globex --due today")
    result = acme("log call acme hello --done 1")
    assert result.code == 2
    assert "Globex" in result.err
    assert acme.rows("interaction list") == []


def test_done_without_an_open_task_says_so_and_logs_all_the_same(acme: Crm) -> None:
    result = acme.ok("log call acme hello --done")
    assert "no open task" in result.err
    assert len(acme.rows("interaction list")) == 1


def test_done_and_next_in_one_line(acme: Crm) -> None:
    acme.ok("task add quote --deal rollout --due today")
    acme.ok('log call acme sent it --deal rollout --done --next "ask what they think" --due +1w')
    (task,) = acme.rows("task list")
    assert (task["text"], task["due_on"]) == ("ask what they think", "2026-12-02")


def test_several_people_took_part(acme: Crm) -> None:
    acme.ok('contact add "Bob Roe" --customer acme')
    row = acme.rows("log meeting acme kick-off --contact jane --contact bob --contact jane")
    assert [person["name"] for person in row["contacts"]] == ["Jane Doe", "Bob Roe"]
    assert acme.rows("contact show bob")["last_contact_on"] == "2026-11-25"


@pytest.mark.parametrize(
    ("option", "value"),
    [
        ("--duration", "3x"),
        ("--direction", "sideways"),
        ("--at", "nonsense"),
        ("--at", "2026-02-30"),
        ("--at", "05/06"),
    ],
)
def test_an_impossible_option_is_refused_by_name(acme: Crm, option: str, value: str) -> None:
    result = acme("log", "call", "acme", "hello", option, value)
    assert result.code == 2
    assert option in result.err
    assert acme.rows("interaction list") == []


def test_missing_words_are_exit_2_in_a_script(acme: Crm) -> None:
    assert acme("log").code == 2
    assert acme("log call").code == 2


def test_a_trial_keeps_nothing(acme: Crm) -> None:
    assert "Trial" in acme.ok('log call acme hello --next "x" --due fri --dry-run').err
    assert acme.rows("interaction list") == []
    assert acme.rows("task list") == []


def test_a_log_wakes_a_snoozed_deal_and_cadence(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 7d")
    later = acme.at("2027-01-10T09:00:00")
    later.ok("snooze customer:1 2027-03-01")
    assert later.rows("followups") == []
    later.ok("log call acme hello --at 2026-12-01")
    assert [row["ref"] for row in later.rows("followups")] == ["customer:1"]


def test_a_person_without_a_customer_is_logged_with_alone(crm: Crm) -> None:
    crm.ok("customer add Acme")
    crm.ok("contact add Solo --customer acme")
    row = crm.rows("log call solo hi")
    assert row["customer"] == "Acme"
