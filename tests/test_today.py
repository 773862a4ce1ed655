"""today: the day at a glance, in six parts."""

import pytest
from conftest import Crm

PARTS = ["overdue", "due", "appointments", "closing", "quiet", "birthdays"]


def day(crm: Crm, *words: str) -> dict:
    return crm.rows("today", *words)


def names(crm: Crm) -> list[tuple[str, str]]:
    return [(row["name"], row["on"]) for row in day(crm)["birthdays"]]


def test_an_empty_day_has_six_empty_parts(crm: Crm) -> None:
    assert day(crm) == {part: [] for part in PARTS}
    assert list(day(crm)) == PARTS


def test_the_bare_program_says_the_day(acme: Crm) -> None:
    acme.ok("task add call --customer acme --due today")
    assert acme.ok("--json").json == day(acme)


def test_a_first_start_says_how_to_begin(crm: Crm) -> None:
    out = crm.ok("today").out
    assert "crm customer add" in out
    assert "crm demo" in out


def test_tasks_are_overdue_due_or_appointments(acme: Crm) -> None:
    for text, due in (("late", "yesterday"), ("late appointment", "yesterday@10:00"), ("now", "today"), ("talk", "today@14:00"),
                      ("early talk", "today@08:00"), ("tomorrow", "tomorrow")):  # fmt: skip
        acme.ok("task", "add", text, "--due", due, "--customer", "acme")
    acme.ok("task add undated")
    answer = day(acme)
    assert sorted(row["what"] for row in answer["overdue"]) == ["late", "late appointment"]
    assert [row["what"] for row in answer["due"]] == ["now"]
    assert [row["what"] for row in answer["appointments"]] == ["early talk", "talk"]
    assert list(answer["due"][0])[:4] == ["ref", "kind", "bucket", "what"]


def test_quiet_deals_and_run_out_cadences_stand_together(acme: Crm) -> None:
    acme.ok("customer edit acme --cadence 7d")
    acme.ok("log call deal:rollout hello")
    later = acme.at("2026-12-20T09:00:00")
    assert sorted(row["ref"] for row in day(later)["quiet"]) == ["customer:1", "deal:1"]
    later.ok("snooze deal:1 customer:1 +3d")
    assert day(later)["quiet"] == []


@pytest.mark.parametrize(
    ("close", "shown"), [("2026-11-24", False), ("today", True), ("2026-12-01", True), ("2026-12-02", False)]
)
def test_deals_that_close_within_seven_days_are_shown(acme: Crm, close: str, shown: bool) -> None:
    acme.ok("deal", "add", "Pilot", "--customer", "acme", "--amount", "5k", "--currency", "EUR", "--close", close)
    closing = day(acme)["closing"]
    assert [row["title"] for row in closing] == (["Pilot"] if shown else [])
    if shown:
        assert (closing[0]["customer"], closing[0]["amount"], closing[0]["currency"]) == ("Acme GmbH", 5000, "EUR")


def test_closed_deals_do_not_close_again(acme: Crm) -> None:
    acme.ok("deal edit rollout --close tomorrow")
    acme.ok("deal win rollout")
    assert day(acme)["closing"] == []


def test_birthdays_of_the_next_seven_days(acme: Crm) -> None:
    acme.ok('customer add "Zoe Zimt" --birthday 1990-11-25')
    acme.ok('customer add "Adam Abel" --birthday 1980-12-01')
    acme.ok('customer add "Max Mut" --birthday 1980-12-02')
    acme.ok("contact edit jane --birthday 1985-11-27")
    birthdays = day(acme)["birthdays"]
    assert [(row["name"], row["on"], row["age"]) for row in birthdays] == [
        ("Zoe Zimt", "2026-11-25", 36), ("Jane Doe", "2026-11-27", 41), ("Adam Abel", "2026-12-01", 46),
    ]  # fmt: skip
    assert birthdays[1]["customer"] == "Acme GmbH"


@pytest.mark.parametrize(
    ("now", "on"),
    [
        ("2027-02-28", "2027-02-28"), ("2027-02-25", "2027-02-28"), ("2028-02-29", "2028-02-29"),
        ("2028-02-23", "2028-02-29"), ("2028-02-22", None), ("2027-03-01", None), ("2028-03-01", None), ("2027-02-21", None),
    ],
)  # fmt: skip
def test_somebody_born_on_29_february(crm: Crm, now: str, on: str | None) -> None:
    crm.ok('customer add "Leap Lee" --birthday 1996-02-29')
    assert names(crm.at(f"{now}T09:00:00")) == ([("Leap Lee", on)] if on else [])


def test_birthdays_over_the_turn_of_the_year(crm: Crm) -> None:
    crm.ok('customer add "Eve" --birthday 1990-01-02')
    assert names(crm.at("2026-12-30T09:00:00")) == [("Eve", "2027-01-02")]


def test_removed_people_have_no_birthday(acme: Crm) -> None:
    acme.ok("contact edit jane --birthday 1985-11-27")
    acme.ok("contact remove jane --yes")
    assert day(acme)["birthdays"] == []


def test_mine_is_what_i_own(acme: Crm) -> None:
    acme.ok("member add Ana")
    acme.ok("member add Ben")
    acme.ok("customer add Globex --owner ben --birthday 1990-11-26 --kind person")
    acme.ok("deal add Pilot --customer globex --close tomorrow --owner ben")
    acme.ok("deal edit rollout --close tomorrow --owner ana")
    acme.ok("task add his --due today --owner ben")
    acme.ok("task add hers --due today --owner ana")
    ben = acme.rows("today --mine", env={"CRM_USER": "ben"})
    assert [row["what"] for row in ben["due"]] == ["his"]
    assert [row["title"] for row in ben["closing"]] == ["Pilot"]
    assert [row["name"] for row in ben["birthdays"]] == ["Globex"]
    ana = acme.rows("today --mine", env={"CRM_USER": "ana"})
    assert [row["title"] for row in ana["closing"]] == ["Acme rollout"]
    assert ana["birthdays"] == []


def test_the_day_is_the_one_where_i_am(acme: Crm) -> None:
    acme.ok("task add call --due 2026-11-26")
    night = {"CRM_NOW": "2026-11-25T20:00:00+00:00"}
    assert day(acme)["due"] == []
    assert [row["what"] for row in acme.rows("today", env={**night, "CRM_TZ": "Asia/Shanghai"})["due"]] == ["call"]
    assert acme.rows("today", env={**night, "CRM_TZ": "Europe/Berlin"})["due"] == []


def test_the_screen_names_each_part_that_has_something(acme: Crm) -> None:
    acme.ok("task add call --customer acme --due today")
    out = acme.ok("today").out
    assert "Wed 2026-11-25" in out
    assert "call" in out
    assert "task:1" in out


def test_the_letter_is_narrow(acme: Crm) -> None:
    acme.ok("task", "add", "write " * 30, "--customer", "acme", "--due", "today")
    letter = acme.ok("today --format text").out
    assert max(len(line) for line in letter.splitlines()) <= 60
