"""Tasks, done and snooze: what is to be done by when, once or again and again, and any ref of the call sheet."""

import pytest
from conftest import Crm

KEYS = [
    "id", "uuid", "text", "due_on", "due_at", "priority", "every", "done_at", "customer", "customer_id", "deal", "deal_id",
    "owner", "created_at", "updated_at", "external_source", "external_id", "custom",
]  # fmt: skip


def texts(crm: Crm, *query: str) -> list[str]:
    return [task["text"] for task in crm.rows("task", "list", *query)]


def dues(crm: Crm) -> list[str | None]:
    return [task["due_on"] for task in crm.rows("task list")]


# ------------------------------------------------------------------ added


def test_a_task_has_all_its_keys(acme: Crm) -> None:
    task = acme.rows("task add send the quote --deal rollout --due fri@14:00 --priority high")
    assert list(task) == KEYS
    assert (task["text"], task["due_on"], task["due_at"]) == (
        "send the quote",
        "2026-11-27",
        "2026-11-27T14:00:00+00:00",
    )
    assert (task["priority"], task["every"], task["done_at"]) == ("high", None, None)
    assert (task["customer"], task["customer_id"], task["deal"], task["deal_id"]) == ("Acme GmbH", 1, "Acme rollout", 1)


def test_the_echo_names_the_customer_and_the_day_with_its_weekday(acme: Crm) -> None:
    assert "call for Acme GmbH, Fri 2026-11-27" in acme.ok("task add call --customer acme --due fri").err
    assert "Fri 2026-11-27 14:00" in acme.ok("task add call --customer acme --due fri@14:00").err
    assert "no due day" in acme.ok("task add call").err
    assert "周五" in acme.ok("task add call --due 周五 --lang zh").err


def test_a_deal_of_somebody_else_is_refused(acme: Crm) -> None:
    acme.ok("customer add Globex")
    assert acme("task add call --customer globex --deal rollout").code == 2
    assert texts(acme) == []


@pytest.mark.parametrize(
    "line",
    ["task add", "task add call --due 05/06", "task add call --due wed", "task add call --due 2026-02-30",
     "task add call --priority soon", "task add call --every sometimes", "task add call --every 3m"],
)  # fmt: skip
def test_what_cannot_be_is_refused(acme: Crm, line: str) -> None:
    assert acme(line).code == 2
    assert texts(acme) == []


def test_an_unknown_customer_or_deal_is_not_found(acme: Crm) -> None:
    assert acme("task add call --customer nobody").code == 3
    assert acme("task add call --deal nothing").code == 3


def test_for_adds_one_task_for_each_customer_of_a_query(acme: Crm) -> None:
    acme.ok("customer add Globex --tag key")
    acme.ok("customer add Initech")
    result = acme("task add call again --due fri --for tag:key")
    assert result.code == 2
    assert "2" in result.err
    assert "--yes" in result.err
    assert texts(acme) == []
    rows = acme.rows("task add call again --due fri --for tag:key --yes")
    assert [(row["customer"], row["due_on"]) for row in rows] == [("Acme GmbH", "2026-11-27"), ("Globex", "2026-11-27")]


def test_for_and_a_customer_do_not_go_together(acme: Crm) -> None:
    assert acme("task add call --for tag:key --customer acme --yes").code == 2


def test_for_a_query_that_fits_nobody_adds_nothing(acme: Crm) -> None:
    assert acme("task add call --for region:nowhere --yes").code == 3


# ------------------------------------------------------------------ listed and changed


def test_the_list_is_by_day_and_time_and_leaves_done_ones_out(acme: Crm) -> None:
    for line in (
        "undated",
        "friday --due fri",
        "early --due tomorrow@08:00",
        "late --due tomorrow@17:00",
        "day --due tomorrow",
    ):
        acme.ok(f"task add {line}")
    acme.ok("task add gone --due today")
    acme.ok("task done gone")
    result = acme.ok("task list --format json")
    assert [row["text"] for row in result.json] == ["early", "late", "day", "friday", "undated"]
    assert "1 done task left out" in result.err
    assert len(acme.rows("task list --all")) == 6
    assert texts(acme, "is:done") == ["gone"]


def test_tasks_sort_by_priority(acme: Crm) -> None:
    for line in ("a --priority low", "b", "c --priority high", "d --priority 高"):
        acme.ok(f"task add {line}")
    ordered = texts(acme, "--sort", "-priority")
    assert (sorted(ordered[:2]), ordered[2:]) == (["c", "d"], ["b", "a"])


def test_an_edit_changes_what_was_typed_and_nothing_else(acme: Crm) -> None:
    acme.ok("task add call --customer acme --due fri@14:00 --priority high")
    (task,) = acme.rows("task edit call --text ring --due +3d")
    assert (task["text"], task["due_on"], task["due_at"], task["priority"]) == ("ring", "2026-11-28", None, "high")
    (task,) = acme.rows("task edit 1 --clear due --clear customer --priority low")
    assert (task["due_on"], task["customer"], task["priority"]) == (None, None, "low")


def test_an_edit_refuses_a_customer_that_the_deal_is_not_of(acme: Crm) -> None:
    acme.ok("customer add Globex")
    acme.ok("task add call --deal rollout")
    assert acme("task edit 1 --customer globex").code == 2
    (task,) = acme.rows("task edit 1 --customer globex --clear deal")
    assert (task["customer"], task["deal"]) == ("Globex", None)


def test_a_required_field_cannot_be_cleared(acme: Crm) -> None:
    acme.ok("task add call")
    assert acme("task edit 1 --clear text").code == 2
    assert acme("task edit 1 --clear nothing").code == 2


def test_a_removed_task_is_nowhere_and_comes_back(acme: Crm) -> None:
    acme.ok("task add call --customer acme --due today")
    acme.ok("task remove call")
    assert texts(acme) == []
    assert acme.rows("followups") == []
    assert acme("task done 1").code == 3
    acme.ok("task restore call")
    assert texts(acme) == ["call"]


# ------------------------------------------------------------------ done


@pytest.mark.parametrize(
    "line", ["done 1", "done task:1", "done call", "done task:call", "task done 1", "task done call"]
)
def test_a_task_is_done_by_any_of_its_names(acme: Crm, line: str) -> None:
    acme.ok("task add call back --due today")
    (row,) = acme.rows(line)
    assert row["done_at"] == "2026-11-25T09:00:00+00:00"
    assert texts(acme) == []


def test_several_are_done_at_once(acme: Crm) -> None:
    for text in ("one", "two", "three"):
        acme.ok(f"task add {text}")
    acme.ok("done 1 task:3")
    assert texts(acme) == ["two"]


def test_the_same_one_twice_is_done_once(acme: Crm) -> None:
    acme.ok("task add water --every 1w --due today")
    acme.ok("done 1 task:1 water")
    assert dues(acme) == ["2026-12-02"]


def test_a_query_needs_a_yes(acme: Crm) -> None:
    acme.ok("task add one --due today")
    acme.ok("task add two --due today")
    acme.ok("task add three --due fri")
    assert acme("done due:..today").code == 2
    assert len(texts(acme)) == 3
    acme.ok("done due:..today --yes")
    assert texts(acme) == ["three"]


def test_a_query_and_references_together_are_refused(acme: Crm) -> None:
    acme.ok("task add one --due today")
    assert acme("task done due:..today 1 --yes").code == 2
    assert acme("done due:..today one --yes").code == 2
    assert texts(acme) == ["one"]


def test_a_done_task_is_not_done_again(acme: Crm) -> None:
    acme.ok("task add send 1 quote")
    acme.ok("task add send 2 quotes")
    acme.ok("done 1")
    assert acme("done 1").code == 3
    assert texts(acme) == ["send 2 quotes"]


def test_one_bad_reference_leaves_all_as_they_were(acme: Crm) -> None:
    acme.ok("task add one")
    assert acme("done 1 task:77").code == 3
    assert texts(acme) == ["one"]


def test_a_done_task_touches_its_deal_but_not_the_customer(acme: Crm) -> None:
    acme.ok("task add quote --deal rollout")
    acme.ok("done 1")
    assert acme.rows("deal show rollout")["last_touch_on"] == "2026-11-25"
    assert acme.rows("customer show acme")["last_contact_on"] is None


def test_reopening_takes_the_touch_back(acme: Crm) -> None:
    acme.ok("task add quote --deal rollout")
    acme.ok("done 1")
    (task,) = acme.rows("task reopen quote")
    assert task["done_at"] is None
    assert acme.rows("deal show rollout")["last_touch_on"] is None
    assert acme("task reopen 1").code == 3


def test_removing_a_done_task_takes_the_touch_back_and_restoring_brings_it(acme: Crm) -> None:
    acme.ok("task add quote --deal rollout")
    acme.ok("done 1")
    acme.ok("task remove 1")
    assert acme.rows("deal show rollout")["last_touch_on"] is None
    acme.ok("task restore 1")
    assert acme.rows("deal show rollout")["last_touch_on"] == "2026-11-25"


def test_a_done_task_that_moves_to_another_deal_takes_its_touch_along(acme: Crm) -> None:
    acme.ok("deal add Support --customer acme")
    acme.ok("task add quote --deal rollout")
    acme.ok("done 1")
    acme.at("2026-11-26T09:00:00").ok("task edit task:1 --deal support")
    assert acme.rows("deal show rollout")["last_touch_on"] is None
    assert acme.rows("deal show support")["last_touch_on"] == "2026-11-25"


# ------------------------------------------------------------------ done and snooze of the other refs


@pytest.fixture
def quiet(acme: Crm) -> Crm:
    """Seven weeks on: a deal that went quiet and a cadence that ran out."""
    acme.ok("customer edit acme --cadence 14d")
    acme.ok("log call acme hello --deal rollout")
    return acme.at("2027-01-13T09:00:00")


def refs(crm: Crm) -> list[str]:
    return [row["ref"] for row in crm.rows("followups")]


def test_a_quiet_deal_and_a_cadence_can_be_done(quiet: Crm) -> None:
    assert sorted(refs(quiet)) == ["customer:1", "deal:1"]
    (row,) = quiet.rows("done deal:1")
    assert (row["channel"], row["deal"], row["customer"]) == ("note", "Acme rollout", "Acme GmbH")
    assert refs(quiet) == []


def test_a_cadence_done_leaves_the_quiet_deal(quiet: Crm) -> None:
    quiet.ok("done customer:1")
    assert refs(quiet) == ["deal:1"]
    assert quiet.rows("customer show 1")["last_contact_on"] == "2027-01-13"


def test_refs_of_several_kinds_are_done_together(quiet: Crm) -> None:
    quiet.ok("task add call --due today")
    rows = quiet.rows("done task:1 deal:1 customer:1")
    assert len(rows) == 3
    assert refs(quiet) == []


def test_what_is_not_on_the_call_sheet_is_not_done(acme: Crm) -> None:
    for ref in ("deal:1", "customer:1"):
        result = acme("done", ref)
        assert result.code == 3
        assert "call sheet" in result.err
        assert f"crm log call {ref}" in result.err
    assert acme.rows("interaction list") == []


def test_done_by_a_name_looks_among_open_tasks_before_it_guesses(acme: Crm) -> None:
    acme.ok("task add call Acme GmbH --customer acme")
    acme.ok("done acme")
    assert texts(acme) == []


def test_a_snoozed_deal_stays_away_until_the_day(quiet: Crm) -> None:
    quiet.ok("snooze deal:1 2027-01-20")
    assert refs(quiet) == ["customer:1"]
    assert refs(quiet.at("2027-01-19T23:59:00")) == ["customer:1"]
    assert sorted(refs(quiet.at("2027-01-20T00:00:00"))) == ["customer:1", "deal:1"]


def test_a_snoozed_cadence_stays_away_until_the_day_or_a_log(quiet: Crm) -> None:
    quiet.ok("snooze customer:1 +30d")
    assert refs(quiet) == ["deal:1"]
    later = quiet.at("2027-01-15T09:00:00")
    later.ok("log call acme back then --at 2026-12-24")
    assert sorted(refs(later)) == ["customer:1", "deal:1"]


def test_snoozing_again_replaces_the_day(quiet: Crm) -> None:
    quiet.ok("snooze deal:1 +30d")
    quiet.ok("snooze deal:1 tomorrow")
    assert "deal:1" in refs(quiet.at("2027-01-14T09:00:00"))


def test_several_refs_are_snoozed_together(quiet: Crm) -> None:
    quiet.ok("task add call --due today")
    quiet.ok("snooze task:1 deal:1 customer:1 +7d")
    assert [(row["ref"], row["bucket"]) for row in quiet.rows("followups")] == [("task:1", "week")]


@pytest.mark.parametrize("day", ["yesterday", "2026-11-24", "-3d", "2020-01-01", "today@08:00"])
def test_a_past_day_is_refused(acme: Crm, day: str) -> None:
    acme.ok("task add call --due today")
    assert acme("snooze", "1", day).code == 2
    assert acme("task", "snooze", "1", day).code == 2
    assert dues(acme) == ["2026-11-25"]


def test_a_quiet_deal_is_not_snoozed_until_today(quiet: Crm) -> None:
    result = quiet("snooze deal:1 today")
    assert result.code == 2
    assert "deal:1" in refs(quiet)


@pytest.mark.parametrize(
    "line", ["snooze 1 fri", "snooze task:1 fri", "snooze call fri", "task snooze 1 fri", "task snooze 1 --to fri"]
)
def test_a_task_is_put_off(acme: Crm, line: str) -> None:
    acme.ok("task add call --due today")
    (task,) = acme.rows(line)
    assert (task["due_on"], task["due_at"]) == ("2026-11-27", None)


def test_an_appointment_keeps_its_time_when_it_is_put_off(acme: Crm) -> None:
    acme.ok("task add demo --due today@14:00")
    assert "Mon 2026-11-30 14:00" in acme.ok("snooze 1 mon").err
    (task,) = acme.rows("task list")
    assert task["due_at"] == "2026-11-30T14:00:00+00:00"
    (task,) = acme.rows("snooze 1 tue@09:30")
    assert task["due_at"] == "2026-12-01T09:30:00+00:00"


def test_an_appointment_keeps_its_time_over_a_clock_change(acme: Crm) -> None:
    berlin = {"CRM_TZ": "Europe/Berlin"}
    crm = acme.at("2027-03-26T09:00:00")
    crm.ok("task add demo --due today@14:00", env=berlin)
    (task,) = crm.rows("snooze 1 2027-03-29", env=berlin)
    assert task["due_at"] == "2027-03-29T14:00:00+02:00"


def test_snooze_of_a_query_needs_a_yes(acme: Crm) -> None:
    acme.ok("task add one --due today")
    acme.ok("task add two --due today")
    assert acme("snooze due:today mon").code == 2
    acme.ok("snooze due:today mon --yes")
    assert dues(acme) == ["2026-11-30", "2026-11-30"]


def test_snooze_without_a_day_is_exit_2(acme: Crm) -> None:
    acme.ok("task add call")
    assert acme("snooze 1").code == 2
    assert acme("snooze").code == 2


# ------------------------------------------------------------------ again and again


@pytest.mark.parametrize(
    ("every", "kept", "first", "second"),
    [
        ("2w", "2w", "2026-12-09", "2026-12-23"), ("month", "1mo", "2026-12-25", "2027-01-25"),
        ("mon", "mon", "2026-11-30", "2026-12-07"), ("mon,thu", "mon,thu", "2026-11-26", "2026-11-30"),
        ("每周一", "mon", "2026-11-30", "2026-12-07"), ("每2周", "2w", "2026-12-09", "2026-12-23"),
        ("FREQ=MONTHLY;BYDAY=1MO", "FREQ=MONTHLY;BYDAY=1MO", "2026-12-07", "2027-01-04"),
        ("RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=FR", "2026-11-27", "2026-12-11"),
        ("day", "1d", "2026-11-26", "2026-11-27"), ("year", "1y", "2027-11-25", "2028-11-25"),
    ],
)  # fmt: skip
def test_a_recurring_task_comes_again_when_it_is_done(
    acme: Crm, every: str, kept: str, first: str, second: str
) -> None:
    task = acme.rows("task", "add", "report", "--every", every)
    assert (task["every"], task["due_on"]) == (kept, first)
    result = acme.at(f"{first}T09:00:00").ok("done 1")
    assert "Next: report" in result.err
    (task,) = acme.rows("task list")
    assert (task["id"], task["due_on"], task["every"]) == (2, second, kept)


def test_missed_ones_do_not_pile_up(acme: Crm) -> None:
    acme.ok("task add report --every 1w --due fri")
    acme.at("2027-01-12T09:00:00").ok("done 1")
    assert dues(acme) == ["2027-01-15"]


def test_one_done_early_is_followed_by_the_one_after(acme: Crm) -> None:
    acme.ok("task add report --every 1w --due fri")
    acme.ok("done 1")
    assert dues(acme) == ["2026-12-04"]


def test_the_ends_of_months_count_from_the_first_day(acme: Crm) -> None:
    acme.ok("task add close the books --every month --due 2027-01-31")
    seen = []
    for i in range(1, 6):
        (task,) = acme.rows("task list")
        seen.append(task["due_on"])
        acme.at(f"{task['due_on']}T18:00:00").ok(f"done {i}")
    assert seen == ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30", "2027-05-31"]


def test_a_recurring_one_put_off_keeps_its_rhythm(acme: Crm) -> None:
    acme.ok("task add report --every 1w --due fri")
    acme.ok("snooze 1 2026-12-01")
    acme.at("2026-12-01T09:00:00").ok("done 1")
    assert dues(acme) == ["2026-12-04"]


def test_a_recurring_appointment_keeps_its_time_over_a_clock_change(acme: Crm) -> None:
    crm = acme.at("2027-03-24T09:00:00")
    berlin = {"CRM_TZ": "Europe/Berlin"}
    crm.ok("task add stand-up --every 1w --due fri@10:00", env=berlin)
    crm.at("2027-03-26T12:00:00").ok("done 1", env=berlin)
    (task,) = crm.rows("task list", env=berlin)
    assert (task["due_on"], task["due_at"]) == ("2027-04-02", "2027-04-02T10:00:00+02:00")


def test_a_rule_that_ends_has_no_next(acme: Crm) -> None:
    acme.ok("task", "add", "report", "--due", "2026-11-27", "--every", "FREQ=WEEKLY;COUNT=2")
    acme.ok("done 1")
    assert dues(acme) == ["2026-12-04"]
    acme.ok("done 2")
    assert dues(acme) == []


def test_the_next_one_inherits_everything(acme: Crm) -> None:
    acme.ok("member add Ana")
    acme.ok("task add report --every 1w --due fri --deal rollout --priority high --owner ana")
    acme.ok("done 1")
    (task,) = acme.rows("task list")
    assert (task["deal"], task["customer"], task["priority"], task["owner"]) == (
        "Acme rollout",
        "Acme GmbH",
        "high",
        "Ana",
    )


def test_a_new_due_day_begins_the_rhythm_anew(acme: Crm) -> None:
    acme.ok("task add report --every month --due 2026-11-30")
    acme.ok("task edit 1 --due 2026-12-15")
    acme.at("2026-12-15T09:00:00").ok("done 1")
    assert dues(acme) == ["2027-01-15"]


def test_a_task_that_no_longer_recurs_has_no_next(acme: Crm) -> None:
    acme.ok("task add report --every 1w --due fri")
    acme.ok("task edit 1 --clear every")
    acme.ok("done 1")
    assert dues(acme) == []


def test_reopening_a_recurring_one_takes_its_follower_away(acme: Crm) -> None:
    acme.ok("task add report --every 1w --due fri")
    acme.ok("done 1")
    result = acme.at("2026-11-25T10:00:00").ok("task reopen 1")
    assert "Removed task 2" in result.err
    assert dues(acme) == ["2026-11-27"]


def test_done_by_the_log_is_followed_as_well(acme: Crm) -> None:
    acme.ok("task add report --every 1w --due fri --customer acme")
    result = acme.ok("log call acme reported --done")
    assert "Next: report" in result.err
    assert dues(acme) == ["2026-12-04"]


def test_one_task_of_a_query_is_one_task(acme: Crm) -> None:
    assert acme.ok("task add x --for name:acme --yes").err.startswith("Added 1 task: x;")


@pytest.mark.parametrize("line", ["snooze acme", "task snooze 1"])
def test_a_day_left_out_is_answered_with_a_line(acme: Crm, line: str) -> None:
    result = acme(line)
    assert (result.code, result.err.splitlines()) == (
        2,
        ["crm: day is missing", f"See: crm {line.rpartition(' ')[0]} --help", f"Type: crm {line} +3d"],
    )
