"""Calendars in and out: what was is an interaction, what is to come a task; series, zones, subscriptions."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm

pytestmark = pytest.mark.ci


def calendar(*components: str) -> str:
    return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n" + "\r\n".join(components) + "\r\nEND:VCALENDAR\r\n"


def event(uid: str, start: str, *more: str) -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", f"DTSTART{start}", *more, "END:VEVENT"])


def todo(uid: str, *more: str) -> str:
    return "\r\n".join(["BEGIN:VTODO", f"UID:{uid}", *more, "END:VTODO"])


def take(crm: Crm, text: str, *words: str, code: int = 0) -> Any:
    path = crm.folder / "cal.ics"
    path.write_bytes(text.encode())
    result = crm("import", str(path), "--json", *words)
    assert result.code == code, result
    return result.json if result.out else result.err


def test_what_was_and_what_is_to_come_with_their_people(acme: Crm) -> None:
    who = 'ATTENDEE;CN="Doe, Jane":mailto:Jane@ACME.example'
    report = take(
        acme,
        calendar(
            event("past", ":20261124T100000Z", "SUMMARY:Kick-off", "DESCRIPTION:plans\\, ideas", "DURATION:PT1H30M", who,
                  "LOCATION:Room 1", "BEGIN:VALARM", "SUMMARY:alarm", "TRIGGER:-PT5M", "END:VALARM"),
            event("ahead", ";TZID=Asia/Shanghai:20261201T090000", "SUMMARY:Demo", who),
            event("allday", ";VALUE=DATE:20261125", "SUMMARY:Fair", "ORGANIZER:mailto:sales@acme.example"),
            event("gone", ":20261124T100000Z", "SUMMARY:no", "STATUS:CANCELLED"),
            todo("do", "SUMMARY:Send it", "DUE;VALUE=DATE:20261130", "PRIORITY:2"),
            todo("done", "SUMMARY:Sent", "COMPLETED:20261120T080000Z", "DUE:20261119T080000"),
            "BEGIN:VJOURNAL\r\nUID:j\r\nEND:VJOURNAL",
        ),
    )  # fmt: skip
    assert [(part["as"], part["added"]) for part in report["parts"]] == [("interactions", 1), ("tasks", 4)]
    (past,) = acme.rows("interaction list")
    assert [past[key] for key in ("channel", "at", "text", "duration_minutes", "customer", "external_source", "external_id")] == [
        "meeting", "2026-11-24T10:00:00+00:00", "Kick-off\nplans, ideas", 90, "Acme GmbH", "ical", "past",
    ]  # fmt: skip
    assert [one["name"] for one in past["contacts"]] == ["Jane Doe"]
    assert past["custom"] == {"location": "Room 1"}
    tasks = {row["text"]: row for row in acme.rows("task list --all")}
    assert {text: (row["due_on"], row["due_at"], row["customer"], row["done_at"]) for text, row in tasks.items()} == {
        "Demo": ("2026-12-01", "2026-12-01T01:00:00+00:00", "Acme GmbH", None),
        "Fair": ("2026-11-25", None, "Acme GmbH", None),
        "Send it": ("2026-11-30", None, None, None),
        "Sent": ("2026-11-19", "2026-11-19T08:00:00+00:00", None, "2026-11-20T08:00:00+00:00"),
    }
    assert tasks["Send it"]["priority"] == "high"
    assert take(acme, (acme.folder / "cal.ics").read_text(encoding="utf-8"))["op"] is None
    acme.ok("undo")
    assert acme.rows("interaction list") == []


def test_a_series_gives_its_past_times_and_one_recurring_task(crm: Crm) -> None:
    report = take(
        crm,
        calendar(
            event("weekly", ";TZID=Europe/Berlin:20261005T100000", "SUMMARY:Weekly", "RRULE:FREQ=WEEKLY;UNTIL=20270101T000000Z",
                  "EXDATE;TZID=Europe/Berlin:20261012T100000,20261130T100000"),
            event("weekly", ":20261019T120000Z", "RECURRENCE-ID:20261019T080000Z", "SUMMARY:Weekly, later"),
        ),
    )  # fmt: skip
    assert report["added"] == 8
    times = {row["at"]: row["text"] for row in crm.rows("interaction list")}
    assert times == {  # ten o'clock on the clock of the place, also behind the change of the clocks
        "2026-10-05T08:00:00+00:00": "Weekly",
        "2026-10-19T12:00:00+00:00": "Weekly, later",
        "2026-10-26T09:00:00+00:00": "Weekly",
        "2026-11-02T09:00:00+00:00": "Weekly",
        "2026-11-09T09:00:00+00:00": "Weekly",
        "2026-11-16T09:00:00+00:00": "Weekly",
        "2026-11-23T09:00:00+00:00": "Weekly",
    }
    (task,) = crm.rows("task list")
    assert (task["due_at"], task["every"]) == ("2026-12-07T09:00:00+00:00", "FREQ=WEEKLY;UNTIL=20270101")
    assert task["custom"] == {"except": "2026-10-12; 2026-11-30"}


def test_long_series_keep_their_last_hundred_times(crm: Crm) -> None:
    path = crm.folder / "daily.ics"
    path.write_text(calendar(event("d", ":20200101T080000Z", "SUMMARY:Daily", "RRULE:FREQ=DAILY"), event("s", ":20200101T080000Z", "SUMMARY:S", "RRULE:FREQ=SECONDLY")), newline="")  # fmt: skip
    result = crm.ok("import", str(path))
    assert len(crm.rows("interaction list text:daily")) == 100
    assert [row["every"] for row in crm.rows("task list")] == ["1d"]
    assert "Earlier appointments of series that were left out: " in result.err


def test_zones(crm: Crm) -> None:
    own = "BEGIN:VTIMEZONE\r\nTZID:Ours\r\nBEGIN:STANDARD\r\nDTSTART:20000101T000000\r\nTZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE"
    zones = {
        "Europe/Berlin": "08:00", "W. Europe Standard Time": "08:00", "/x.example/Europe/Berlin": "08:00",
        "/Europe/Berlin": "08:00", "(UTC+05:30) Chennai": "03:30", "Ours": "06:00", "Nowhere": "09:00",
    }  # fmt: skip
    events = [event(name, f';TZID="{name}":20261101T090000', f"SUMMARY:{name}") for name in zones]
    path = crm.folder / "z.ics"
    path.write_text(calendar(*events, own), newline="")
    result = crm.ok("import", str(path))
    assert {row["text"]: row["at"][11:16] for row in crm.rows("interaction list")} == zones
    assert "Time zones that nobody knows, whose times were read as yours: 1" in result.err


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (calendar("BEGIN:VEVENT", "SUMMARY:x", "END:VEVENT"), 3, "This event has no time: DTSTART is missing."),
        (calendar(event("u", ":tomorrow")), 5, "DTSTART is no time: tomorrow"),
        (calendar(event("u", ":20261340T000000")), 5, "DTSTART is no time: 20261340T000000"),
        ("BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:x\n", 2, "What begins here has no END:VTODO."),
    ],
)
def test_what_is_broken_is_refused_with_its_line(crm: Crm, text: str, line: int, reason: str) -> None:
    report = take(crm, text, code=65)
    assert [(error["line"], error["reason"]) for error in report["errors"]] == [(line, reason)]


def test_no_calendar_and_an_empty_one(crm: Crm) -> None:
    assert "holds no calendar" in take(crm, "nothing here", code=65)
    assert take(crm, calendar())["read"] == 0


def test_events_without_an_id_come_in_once(crm: Crm) -> None:
    text = calendar("BEGIN:VEVENT", "DTSTART:20261101T090000Z", "SUMMARY:x", "END:VEVENT", todo("", "DUE:20261201"))
    assert take(crm, text)["added"] == 2
    assert take(crm, text)["added"] == 0


# ------------------------------------------------------------------ out


def lived(crm: Crm) -> None:
    crm.ok("customer add Acme --email a@acme.example --birthday 1980-02-29 --kind person")
    crm.ok("customer add Globex --cadence 7d")
    crm.ok("contact add Jane --customer globex --birthday 1990-05-05")
    crm.ok(
        "task",
        "add",
        'call; about, the\\n "thing" ' + "长" * 40,
        "--customer",
        "acme",
        "--due",
        "2026-12-01",
        "--priority",
        "high",
    )
    crm.ok("task add lunch --customer acme --due 2026-12-02@12:30 --every 2w")
    crm.ok("task add review --due 2026-12-03 --every mon,thu")
    crm.ok("task add someday")
    crm.ok("task add old --due 2026-11-30")
    crm.ok("done task:5")
    crm.ok("log call acme wants a quote --direction in --duration 15m --outcome good")
    crm.ok("log", "meeting", "globex", "first line\nsecond; line", "--at", "2026-11-20@10:00")


@pytest.mark.parametrize("noun", ["task", "interaction"])
def test_an_export_read_into_a_new_database_is_the_same(crm: Crm, tmp_path: Path, noun: str) -> None:
    icalendar = pytest.importorskip("icalendar")
    lived(crm)
    other, file = Crm(tmp_path), tmp_path / "out.ics"
    crm.ok("export", f"{noun}s", "-o", str(file))
    text = file.read_bytes()
    assert all(len(line) <= 75 for line in text.split(b"\r\n"))
    read = icalendar.Calendar.from_ical(text)
    parts = [part for part in read.walk() if part.name in ("VTODO", "VEVENT")]
    every = " --all" if noun == "task" else ""
    rows = crm.rows(f"{noun} list{every} --sort id")
    assert [str(part["UID"]) for part in parts] == [row["uuid"] for row in rows]
    assert [str(part["SUMMARY"]) for part in parts] == [row["text"].partition("\n")[0] for row in rows]
    for name in ("Acme", "Globex"):
        other.ok("customer", "add", name)
    assert other.ok("import", str(file), "--json").json["added"] == len(rows)
    drop = ("id", "customer_id", "deal_id", "owner")
    plain = [
        [
            {key: value for key, value in row.items() if key not in drop}
            for row in one.rows(f"{noun} list{every} --sort uuid")
        ]
        for one in (crm, other)
    ]
    assert plain[0] == plain[1]
    assert crm.ok("import", str(file), "--json").json["unchanged"] == len(rows)


def test_the_calendar_that_others_subscribe_to(crm: Crm) -> None:
    icalendar = pytest.importorskip("icalendar")
    lived(crm)
    crm.ok("customer edit globex --birthday 1604-12-24")
    text = crm.ok("export calendar").out
    read = icalendar.Calendar.from_ical(text)
    days = {str(part["SUMMARY"]): part for part in read.walk("VEVENT")}
    assert set(days) == {"Birthday: Acme", "Birthday: Globex", "Birthday: Jane (Globex)", "Acme: lunch"}
    leap = days["Birthday: Acme"]
    rule = {"FREQ": ["YEARLY"], "BYMONTH": [2], "BYMONTHDAY": [-1]}
    assert (leap["DTSTART"].dt, dict(leap["RRULE"])) == (date(1980, 2, 29), rule)
    assert days["Birthday: Globex"]["DTSTART"].dt == date(1904, 12, 24)
    assert len(read.walk("VTODO")) == 2  # two days; the task without a day has no place in a calendar
    assert crm.at("2026-11-26T10:00:00").ok("export calendar").out == text
    only = crm.ok("export calendar name:acme").out
    assert "Globex" not in only and "Birthday: Acme" in only
    target = crm.folder / "crm.ics"
    assert crm.ok("export", "calendar", "-o", str(target)).err == f"6 entries written to {target}\n"
    assert crm("export", "calendar", "-o", str(target)).code == 4
    assert crm("export calendar --format csv").code == 2
