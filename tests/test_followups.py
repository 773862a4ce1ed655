"""The call sheet: tasks that are due, deals that went quiet, cadences that ran out; ranked, with the reason in words."""

import pytest
from conftest import Crm

KEYS = [
    "ref", "kind", "bucket", "what", "customer", "customer_id", "contact", "contact_id", "phone", "email", "deal", "deal_id",
    "task_id", "due_on", "due_at", "days_late", "last_word", "last_on", "reason", "owner",
]  # fmt: skip


def sheet(crm: Crm, *words: str) -> list[dict]:
    return crm.rows("followups", *words)


def one(crm: Crm, *words: str) -> dict:
    (row,) = sheet(crm, *words)
    return row


# ------------------------------------------------------------------ tasks


def test_an_empty_sheet_is_an_empty_list_and_exit_0(crm: Crm) -> None:
    assert sheet(crm) == []
    assert crm.ok("followups").out == ""
    assert crm.ok("followups --format text").out != ""


def test_a_row_has_all_its_keys(acme: Crm) -> None:
    acme.ok('log call jane wants a quote --deal rollout --at mon --next "send the quote" --due fri@14:00')
    row = one(acme)
    assert list(row) == KEYS
    assert row == {
        "ref": "task:1", "kind": "task", "bucket": "week", "what": "send the quote", "customer": "Acme GmbH",
        "customer_id": 1, "contact": "Jane Doe", "contact_id": 1, "phone": "+49 30 1234567",
        "email": "jane@acme.example", "deal": "Acme rollout", "deal_id": 1, "task_id": 1, "due_on": "2026-11-27",
        "due_at": "2026-11-27T14:00:00+00:00", "days_late": 0, "last_word": "wants a quote", "last_on": "2026-11-23",
        "reason": "due in 2 days", "owner": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("due", "bucket", "late", "reason"),
    [
        ("2026-11-15", "overdue", 10, "due 10 days ago"), ("yesterday", "overdue", 1, "due yesterday"),
        ("today", "today", 0, "due today"), ("today@14:00", "today", 0, "today at 14:00"),
        ("tomorrow", "week", 0, "due tomorrow"), ("2026-12-02", "week", 0, "due in 7 days"),
        ("2026-12-03", "later", 0, "due in 8 days"), (None, "later", None, "no due day"),
    ],
)  # fmt: skip
def test_open_tasks_stand_in_the_bucket_of_their_day(
    acme: Crm, due: str | None, bucket: str, late: int | None, reason: str
) -> None:
    acme.ok("task", "add", "call", "--customer", "acme", *(["--due", due] if due else []))
    row = one(acme)
    assert (row["bucket"], row["days_late"], row["reason"]) == (bucket, late, reason)


def test_done_tasks_are_not_on_it(acme: Crm) -> None:
    acme.ok("task add call --customer acme --due today")
    acme.ok("done 1")
    assert sheet(acme) == []


def test_a_task_of_nobody_is_on_it_too(crm: Crm) -> None:
    crm.ok("task add tidy the desk --due today")
    row = one(crm)
    assert (row["what"], row["customer"], row["contact"], row["phone"], row["last_word"]) == (
        "tidy the desk", None, None, None, None,
    )  # fmt: skip


def test_overdue_comes_first_then_today_by_time_then_by_day(acme: Crm) -> None:
    for text, due, more in (
        ("undated", None, []), ("later", "+20d", []), ("friday", "fri", []), ("today", "today", []),
        ("noon", "today@12:00", []), ("nine", "today@09:30", []), ("a bit late", "yesterday", []),
        ("very late", "2026-11-01", []), ("urgent and late", "yesterday", ["--priority", "high"]),
        ("minor and very late", "2026-10-01", ["--priority", "low"]), ("friday first", "fri", ["--priority", "high"]),
    ):  # fmt: skip
        acme.ok("task", "add", text, *(["--due", due] if due else []), *more)
    assert [row["what"] for row in sheet(acme)] == [
        "urgent and late", "very late", "a bit late", "minor and very late", "nine", "noon", "today", "friday first",
        "friday", "later", "undated",
    ]  # fmt: skip


def test_within_leaves_later_tasks_out(acme: Crm) -> None:
    for due in ("yesterday", "today", "tomorrow", "+7d", "+8d"):
        acme.ok("task", "add", due, "--due", due)
    acme.ok("task add undated")
    assert [row["what"] for row in sheet(acme, "--within", "1d")] == ["yesterday", "today", "tomorrow"]
    assert [row["what"] for row in sheet(acme, "--within", "7d")] == ["yesterday", "today", "tomorrow", "+7d"]
    assert [row["what"] for row in sheet(acme, "--within", "0")] == ["yesterday", "today"]
    assert len(sheet(acme)) == 6
    assert acme("followups --within 3m").code == 2


def test_much_later_tasks_are_counted_and_shown_on_request(crm: Crm) -> None:
    crm.ok("customer add Acme --tag key")
    for number in range(3):
        crm.ok(f"task add soon{number} --due +{number}d --customer acme")
    body = "text,customer,due_on\n" + "".join(f"late{n},Acme,2027-01-{n % 28 + 1:02}\n" for n in range(140))
    crm.ok("import - --as tasks", stdin=body)
    result = crm.ok("followups --format json")
    shown = len(result.json)
    assert 53 <= shown < 143
    assert f"{143 - shown} more are due later: crm followups --all" in result.err
    assert len(sheet(crm, "--all")) == 143
    days = [row["due_on"] for row in result.json]
    assert days == sorted(days)
    assert all(row["due_on"] > days[-1] for row in sheet(crm, "--all")[shown:])
    assert "crm followups tag:key --all" in crm.ok("followups tag:key").err
    assert "140 more" in crm.ok("followups --limit 3").err
    assert "more" not in crm.ok("followups --within 30d").err


def test_what_is_due_much_later_is_counted_no_further_than_quickly(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    crm.ok("customer add Acme")
    body = "text,customer,due_on\n" + "".join(f"late{n},Acme,2027-01-01\n" for n in range(60))
    body += "".join(f"later{n},Acme,2027-02-01\n" for n in range(40)) + "undated,Acme,\n"
    crm.ok("import - --as tasks", stdin=body)
    monkeypatch.setattr("crm_cli.queries.followups.COUNTED", 40)
    assert "More than 40 more are due later: crm followups --all" in crm.ok("followups").err
    assert "More than 50 more: leave --limit out" in crm.ok("followups --limit 50").err
    assert "另有超过 40 项以后到期" in crm.ok("followups", env={"CRM_LANG": "zh"}).err
    monkeypatch.setattr("crm_cli.queries.followups.COUNTED", 41)
    assert "41 more are due later: crm followups --all" in crm.ok("followups").err


# ------------------------------------------------------------------ quiet deals


def test_a_deal_nobody_ever_touched_is_not_quiet(acme: Crm) -> None:
    assert sheet(acme.at("2028-01-01T09:00:00")) == []


@pytest.mark.parametrize(("stage", "allowed"), [("lead", 14), ("qualified", 14), ("proposal", 10), ("negotiation", 7)])
def test_a_deal_is_quiet_when_its_last_touch_is_longer_ago_than_its_stage_allows(
    crm: Crm, stage: str, allowed: int
) -> None:
    crm.ok("customer add Acme")
    crm.ok(f"deal add Rollout --customer acme --stage {stage}")
    crm.ok("log call deal:rollout hello --at 2026-11-01")
    last = crm.at(f"2026-11-{1 + allowed:02}T23:59:00")
    assert sheet(last) == []
    row = one(crm.at(f"2026-11-{2 + allowed:02}T00:00:00"))
    assert (row["ref"], row["kind"], row["bucket"], row["what"]) == ("deal:1", "quiet", "overdue", "Rollout")
    assert (row["due_on"], row["days_late"]) == (f"2026-11-{1 + allowed:02}", 1)
    assert row["reason"] == f"quiet for {allowed + 1} days, this stage allows {allowed}"
    assert (row["deal"], row["deal_id"], row["task_id"], row["last_word"], row["last_on"]) == (
        "Rollout", 1, None, "hello", "2026-11-01",
    )  # fmt: skip


def test_a_move_to_another_stage_is_a_touch(acme: Crm) -> None:
    acme.ok("deal move rollout negotiation")
    assert one(acme.at("2026-12-03T09:00:00"))["reason"] == "quiet for 8 days, this stage allows 7"


def test_a_task_done_is_a_touch_and_a_planned_one_is_not(acme: Crm) -> None:
    acme.ok("log call deal:rollout hello")
    acme.at("2026-12-04T09:00:00").ok("task add quote --deal rollout --due 2027-03-01")
    quiet = acme.at("2026-12-07T09:00:00")
    assert [row["ref"] for row in sheet(quiet)] == ["deal:1", "task:1"]
    quiet.ok("done task:1")
    assert sheet(quiet) == []
    assert [row["ref"] for row in sheet(acme.at("2026-12-18T09:00:00"))] == ["deal:1"]


def test_an_interaction_with_the_customer_alone_does_not_touch_the_deal(acme: Crm) -> None:
    acme.ok("log call deal:rollout hello")
    acme.at("2026-12-06T09:00:00").ok("log call customer:1 hello")
    assert [row["ref"] for row in sheet(acme.at("2026-12-07T09:00:00"))] == ["deal:1"]


def test_an_interaction_that_is_removed_was_no_touch(acme: Crm) -> None:
    acme.ok("log call deal:rollout hello")
    acme.ok("interaction remove 1")
    assert sheet(acme.at("2027-12-07T09:00:00")) == []


def test_closed_deals_are_not_quiet(acme: Crm) -> None:
    acme.ok("log call deal:rollout hello")
    acme.ok("deal win rollout")
    assert sheet(acme.at("2027-12-07T09:00:00")) == []


def test_a_stage_that_allows_everything_has_no_quiet_deals(acme: Crm) -> None:
    acme.ok("log call deal:rollout hello")
    acme.ok("stage edit proposal --clear quiet-after")
    assert sheet(acme.at("2027-12-07T09:00:00")) == []
    acme.ok("stage edit proposal --quiet-after 30d")
    assert "allows 30" in one(acme.at("2027-12-07T09:00:00"))["reason"]


def test_the_query_language_knows_the_same_quiet_deals(acme: Crm) -> None:
    acme.ok("log call deal:rollout hello")
    later = acme.at("2026-12-07T09:00:00")
    assert [row["id"] for row in later.rows("deal list is:quiet")] == [1]
    assert [row["id"] for row in later.rows("customer list is:quiet")] == [1]
    assert acme.rows("deal list is:quiet") == []


# ------------------------------------------------------------------ cadences


def test_a_cadence_runs_out(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 14d")
    acme.ok("log call acme hello --at 2026-11-02")
    assert sheet(acme.at("2026-11-15T23:00:00")) == []
    row = one(acme)
    assert row["reason"] == "no contact for 23 days, cadence 14"
    assert (row["ref"], row["kind"], row["bucket"], row["what"]) == (
        "customer:1",
        "cadence",
        "overdue",
        "keep in touch",
    )
    assert (row["due_on"], row["days_late"], row["deal"], row["task_id"]) == ("2026-11-16", 9, None, None)


def test_on_the_day_it_runs_out_it_is_due_today(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 14d")
    acme.ok("log call acme hello --at 2026-11-11")
    row = one(acme)
    assert (row["bucket"], row["days_late"], row["reason"]) == ("today", 0, "no contact for 14 days, cadence 14")


@pytest.mark.parametrize(
    "line", ["log note acme x", "log call jane x", "log email deal:rollout x", "log call acme x --at 2026-11-20"]
)
def test_any_interaction_resets_a_cadence(acme: Crm, line: str) -> None:
    acme.at("2026-10-01T09:00:00").ok("log call acme hello")
    acme.ok("customer edit acme --cadence 14d")
    assert one(acme)["kind"] == "cadence"
    acme.ok(line)
    assert sheet(acme) == []


def test_a_cadence_of_a_customer_never_contacted_counts_from_the_making(crm: Crm) -> None:
    crm.ok("customer add Acme --cadence 14d")
    assert sheet(crm) == []
    assert one(crm.at("2026-12-09T09:00:00"))["reason"] == "never contacted, cadence 14"


def test_a_task_done_does_not_reset_a_cadence(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 14d")
    acme.ok("log call acme hello --at 2026-11-02")
    acme.ok("task add write --customer acme --due today")
    acme.ok("done task:1")
    assert [row["ref"] for row in sheet(acme)] == ["customer:1"]


def test_no_cadence_no_row(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 14d")
    acme.ok("log call acme hello --at 2026-11-02")
    acme.ok("customer edit acme --clear cadence")
    assert sheet(acme) == []


# ------------------------------------------------------------------ who, and the last word


def test_the_person_of_the_deal_comes_before_the_one_who_decides_at_the_customer(acme: Crm) -> None:
    acme.ok('contact add "Bob Roe" --customer acme --phone "+49 30 7654321"')
    acme.ok("deal edit rollout --contact bob:user")
    acme.ok("task add quote --deal rollout --due today")
    acme.ok("task add call --customer acme --due today")
    rows = {row["what"]: row for row in sheet(acme)}
    assert (rows["quote"]["contact"], rows["quote"]["phone"]) == ("Bob Roe", "+49 30 7654321")
    assert rows["call"]["contact"] == "Jane Doe"


def test_a_customer_without_people_stands_for_itself(crm: Crm) -> None:
    crm.ok('customer add "Acme GmbH" --phone "+49 30 1234567" --email a@acme.example')
    crm.ok("task add call --customer acme --due today")
    row = one(crm)
    assert (row["customer"], row["contact"], row["phone"], row["email"]) == (
        "Acme GmbH", None, "+49 30 1234567", "a@acme.example",
    )  # fmt: skip


def test_the_table_shows_the_number_or_the_address_as_preferred(acme: Crm) -> None:
    acme.ok("task add quote --customer acme --due today")
    assert "+49 30 1234567" in acme.ok("followups").out
    acme.ok("contact edit jane --prefers email")
    out = acme.ok("followups").out
    assert "jane@acme.example" in out
    assert "+49 30 1234567" not in out


def test_the_table_names_the_person_and_the_reference(acme: Crm) -> None:
    acme.ok('task add "send the quote" --customer acme --due yesterday')
    out = acme.ok("followups").out
    for text in ("task:1", "Jane Doe", "Acme GmbH", "send the quote", "due yesterday"):
        assert text in out


def test_the_last_word_is_the_newest_that_was_said(acme: Crm) -> None:
    acme.ok("log call acme newest --at 2026-11-20")
    acme.ok("log call acme older --at 2026-11-10")
    acme.ok("log call acme --at 2026-11-22")
    acme.ok("task add quote --customer acme --due today")
    row = one(acme)
    assert (row["last_word"], row["last_on"]) == ("newest", "2026-11-20")
    acme.ok("interaction remove 1")
    assert one(acme)["last_word"] == "older"


# ------------------------------------------------------------------ narrowed


@pytest.fixture
def team(acme: Crm) -> Crm:
    acme.ok("member add Ana")
    acme.ok("member add Ben")
    acme.ok("customer add Globex --region Nord --owner ben --cadence 7d")
    acme.ok("task add hers --customer acme --due today --owner ana")
    acme.ok("task add his --customer globex --due today --owner ben")
    return acme


def test_mine_are_those_that_i_own(team: Crm) -> None:
    assert [row["what"] for row in team.rows("followups --mine", env={"CRM_USER": "ana"})] == ["hers"]
    later = team.at("2026-12-10T09:00:00")
    rows = later.rows("followups --mine", env={"CRM_USER": "ben"})
    assert sorted(row["ref"] for row in rows) == ["customer:2", "task:2"]
    assert {row["owner"] for row in rows} == {"Ben"}


def test_mine_for_somebody_who_is_no_member_says_so(team: Crm) -> None:
    assert team("followups --mine").code == 3


@pytest.mark.ci
@pytest.mark.parametrize(
    ("query", "found"),
    [(["region:nord"], ["his"]), (["tag:key"], ["hers"]), (["not:tag:key"], ["his"]), (["globex"], ["his"]),
     (["region:nord or tag:key"], ["hers", "his"]), (["region:nowhere"], [])],
)  # fmt: skip
def test_a_query_is_over_customers(team: Crm, query: list[str], found: list[str]) -> None:
    assert [row["what"] for row in sheet(team, *query)] == found


def test_a_query_reaches_deals_and_cadences_and_tasks_of_deals(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 7d")
    acme.ok("log call deal:rollout hello")
    acme.ok("task add quote --deal rollout --due 2026-12-30")
    later = acme.at("2026-12-20T09:00:00")
    assert sorted(row["kind"] for row in sheet(later, "tag:key")) == ["cadence", "quiet", "task"]
    assert sheet(later, "not:tag:key") == []


def test_a_query_over_an_unknown_field_is_refused(acme: Crm) -> None:
    assert acme("followups regoin:nord").code == 2


def test_removed_records_never_appear(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 7d")
    acme.ok("log call deal:rollout hello")
    acme.ok("task add quote --deal rollout --due today")
    acme.ok("task add call --customer acme --due today")
    later = acme.at("2026-12-20T09:00:00")
    assert len(sheet(later)) == 4
    later.ok("contact remove jane --yes")
    assert {row["contact"] for row in sheet(later)} == {None}
    later.ok("deal remove rollout --yes")
    assert sorted(row["ref"] for row in sheet(later)) == ["customer:1", "task:2"]
    later = acme.at("2026-12-20T10:00:00")
    later.ok("customer remove acme --yes")
    assert sheet(later) == []
    later.ok("customer restore acme")
    assert sorted(row["ref"] for row in sheet(later)) == ["customer:1", "task:2"]


# ------------------------------------------------------------------ zones


def test_the_day_is_the_one_where_i_am(acme: Crm) -> None:
    acme.ok("task add call --due 2026-11-26")
    night = acme.at("2026-11-25T20:00:00+00:00")
    assert night.rows("followups")[0]["bucket"] == "week"
    assert night.rows("followups", env={"CRM_TZ": "Asia/Shanghai"})[0]["bucket"] == "today"
    assert night.rows("followups", env={"CRM_TZ": "America/Los_Angeles"})[0]["reason"] == "due tomorrow"


def test_an_appointment_is_on_the_day_that_it_has_where_i_am(acme: Crm) -> None:
    acme.ok("task add demo --due 2026-11-25@23:30")
    here = acme.rows("followups")[0]
    assert (here["bucket"], here["reason"], here["due_on"]) == ("today", "today at 23:30", "2026-11-25")
    there = acme.rows("followups", env={"CRM_TZ": "Asia/Shanghai", "CRM_NOW": "2026-11-25T17:00:00"})[0]
    assert (there["bucket"], there["due_on"], there["due_at"]) == ("week", "2026-11-26", "2026-11-26T07:30:00+08:00")
    near = acme.rows("followups", "--within", "0", env={"CRM_TZ": "Asia/Shanghai", "CRM_NOW": "2026-11-25T17:00:00"})
    assert near == []


def test_days_are_counted_over_a_clock_change(crm: Crm) -> None:
    berlin = {"CRM_TZ": "Europe/Berlin"}
    crm.at("2026-03-27T23:30:00").ok("customer add Acme --cadence 2d", env=berlin)
    crm.at("2026-03-27T23:30:00").ok("log call acme hello", env=berlin)
    row = crm.at("2026-03-29T00:30:00").rows("followups", env=berlin)[0]
    assert (row["bucket"], row["reason"], row["last_on"]) == ("today", "no contact for 2 days, cadence 2", "2026-03-27")
    assert crm.at("2026-03-28T23:59:00").rows("followups", env=berlin) == []


# ------------------------------------------------------------------ formats


def test_ids_are_references_that_done_takes(acme: Crm) -> None:
    acme.ok("task add one --due today")
    acme.ok("customer edit acme --cadence 7d")
    later = acme.at("2026-12-20T09:00:00")
    printed = later.ok("followups --format ids").out.split()
    assert printed == ["task:1", "customer:1"]
    later.ok("done", *printed)
    assert sheet(later) == []


def test_the_letter_is_narrow(acme: Crm) -> None:
    acme.ok(
        "log call acme " + "very long words " * 20 + '--next "send the quote with all its many annexes" --due today'
    )
    letter = acme.ok("followups --format text").out
    assert max(len(line) for line in letter.splitlines()) <= 60
    assert "Jane Doe" in letter


def test_the_reason_is_in_chinese_for_a_person_and_in_english_for_a_program(acme: Crm) -> None:
    acme.ok("task add quote --customer acme --due yesterday")
    assert acme.rows("followups --lang zh")[0]["reason"] == "due yesterday"
    assert "due yesterday" not in acme.ok("followups --lang zh").out
