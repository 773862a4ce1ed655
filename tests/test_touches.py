"""What is kept twice equals what the history says, after any sequence of commands."""

import random
import sqlite3
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from conftest import Crm

STAGES = ["lead", "qualified", "proposal", "negotiation"]


class Life:
    """Random commands, an hour to two days apart; what is refused is refused, what is kept is compared."""

    def __init__(self, crm: Crm, seed: int, zone: str) -> None:
        self.crm = crm
        self.rnd = random.Random(seed)
        self.zone = zone
        self.now = datetime(2026, 3, 20, 9, 0, tzinfo=UTC)
        self.done = 0
        self.lines: list[str] = []

    def run(self, line: str) -> None:
        self.now += timedelta(hours=self.rnd.choice([1, 5, 26, 47]), minutes=self.rnd.randrange(60))
        self.lines.append(f"{self.now:%Y-%m-%dT%H:%M} {line}")
        result = self.crm(line + " --yes", env={"CRM_NOW": self.now.isoformat(), "CRM_TZ": self.zone})
        assert result.code in (0, 2, 3, 4), (self.lines[-1], result)
        assert "bug" not in result.err, (self.lines[-1], result)
        self.done += result.code == 0

    def begin(self) -> None:
        for name in ("Acme", "Globex"):
            self.run(f"customer add {name}")
        for name, customer in (("Jane", "acme"), ("Bob", "acme"), ("Zoe", "globex")):
            self.run(f"contact add {name} --customer {customer}")
        for title, customer in (("Rollout", "acme"), ("Support", "acme"), ("Pilot", "globex")):
            self.run(f"deal add {title} --customer {customer}")

    def past(self) -> str:
        return (self.now - timedelta(days=self.rnd.randrange(0, 40), hours=self.rnd.randrange(24))).strftime(
            "%Y-%m-%dT%H:%MZ"
        )

    def day(self) -> str:
        return (self.now - timedelta(days=self.rnd.randrange(0, 12))).date().isoformat()

    def pick(self, table: str, test: str) -> int:
        """A record for which a test holds; mostly there is one."""
        with sqlite3.connect(self.crm.db) as db:
            ids = [row[0] for row in db.execute(f"SELECT id FROM {table} WHERE {test} ORDER BY id")]
        return self.rnd.choice(ids or [1])

    def step(self) -> None:
        rnd = self.rnd
        here, gone = "removed_at IS NULL", "removed_at IS NOT NULL"
        customer, contact, deal, talk, task = (
            self.pick(table, here) for table in ("customer", "contact", "deal", "interaction", "task")
        )
        todo, finished = (
            self.pick("task", f"{here} AND done_at IS NULL"),
            self.pick("task", f"{here} AND done_at IS NOT NULL"),
        )
        who = rnd.choice([f"customer:{customer}", f"contact:{contact}", f"deal:{deal}"])
        self.run(
            rnd.choice(
                [
                    f"log call {who} hello",
                    f"log email {who} hello --at {self.past()}",
                    f"log visit {who} hello --at {self.past()} --deal deal:{deal} --contact contact:{contact}",
                    f"log call {who} hello --done --next again --due +{rnd.randint(1, 30)}d",
                    f"log note {who}",
                    f"interaction edit {talk} --at {self.past()}",
                    f"interaction edit {talk} --deal deal:{deal}",
                    f"interaction edit {talk} --contact contact:{contact}",
                    f"interaction edit {talk} --clear {rnd.choice(['deal', 'contact'])}",
                    f"interaction edit {talk} --drop contact=contact:{contact}",
                    f"interaction remove {talk}",
                    f"interaction remove {talk}",
                    f"interaction restore {self.pick('interaction', gone)}",
                    f"interaction restore {self.pick('interaction', gone)}",
                    f"task add call --deal deal:{deal} --due +3d --every 1w",
                    f"task add write --customer customer:{customer}",
                    f"done task:{todo}",
                    f"done task:{todo}",
                    f"done deal:{deal}",
                    f"done customer:{customer}",
                    f"task reopen task:{finished}",
                    f"task remove task:{task}",
                    f"task restore {self.pick('task', gone)}",
                    f"task edit task:{finished} --deal deal:{deal}",
                    f"task edit task:{finished} --clear deal",
                    f"deal move deal:{deal} {rnd.choice(STAGES)}",
                    f"deal move deal:{deal} {rnd.choice(STAGES)}",
                    f"deal win deal:{deal}",
                    f"deal win deal:{deal} --on {self.day()}",
                    f"deal lose deal:{deal} --reason price",
                    f"deal reopen deal:{deal}",
                    f"deal edit deal:{deal} --stage {rnd.choice(STAGES)}",
                    f"deal remove deal:{deal}",
                    f"deal restore {self.pick('deal', gone)}",
                    f"deal restore {self.pick('deal', gone)}",
                    f"contact remove contact:{contact}",
                    f"contact restore {self.pick('contact', gone)}",
                    f"contact restore {self.pick('contact', gone)}",
                    f"customer remove customer:{customer}",
                    f"customer restore {self.pick('customer', gone)}",
                    f"customer restore {self.pick('customer', gone)}",
                    f"customer edit customer:{customer} --cadence {rnd.randint(1, 40)}d",
                    f"customer edit customer:{customer} --clear cadence",
                    f"snooze customer:{customer} +9d",
                    f"snooze deal:{deal} +9d",
                ]
            )
        )


class History:
    """The same values again, from interactions, tasks and stage changes alone."""

    def __init__(self, crm: Crm, zone: str) -> None:
        self.db = sqlite3.connect(crm.db)
        self.db.row_factory = sqlite3.Row
        self.zone = ZoneInfo(zone)

    def day(self, moment: str | None) -> str | None:
        return datetime.fromisoformat(moment).astimezone(self.zone).date().isoformat() if moment else None

    def value(self, sql: str, *values: Any) -> Any:
        return self.db.execute(sql, values).fetchone()[0]

    def customer(self, row: sqlite3.Row) -> dict[str, Any]:
        last = self.day(
            self.value("SELECT max(at) FROM interaction WHERE customer_id = ? AND removed_at IS NULL", row["id"])
        )
        start = last or self.day(row["created_at"])
        runs = date.fromisoformat(start) + timedelta(days=row["cadence_days"]) if row["cadence_days"] else None
        return {"last_contact_on": last, "cadence_due_on": runs.isoformat() if runs else None}

    def contact(self, row: sqlite3.Row) -> dict[str, Any]:
        at = self.value(
            "SELECT max(i.at) FROM interaction i JOIN interaction_contact x ON x.interaction_id = i.id"
            " WHERE x.contact_id = ? AND i.removed_at IS NULL",
            row["id"],
        )
        return {"last_contact_on": self.day(at)}

    def deal(self, row: sqlite3.Row) -> dict[str, Any]:
        touches = [
            self.day(self.value("SELECT max(at) FROM interaction WHERE deal_id = ? AND removed_at IS NULL", row["id"])),
            self.day(self.value("SELECT max(done_at) FROM task WHERE deal_id = ? AND removed_at IS NULL", row["id"])),
            self.value(
                "SELECT max(changed_on) FROM stage_change WHERE deal_id = ? AND from_stage_id IS NOT NULL", row["id"]
            ),
        ]
        newest = self.db.execute(
            "SELECT * FROM stage_change WHERE deal_id = ? ORDER BY id DESC", (row["id"],)
        ).fetchone()
        furthest = self.db.execute(
            "SELECT s.id FROM stage_change x JOIN stage s ON s.id IN (x.to_stage_id, x.from_stage_id)"
            " WHERE x.deal_id = ? AND s.kind = 'open' ORDER BY s.position DESC LIMIT 1",
            (row["id"],),
        ).fetchone()
        return {
            "last_touch_on": max((day for day in touches if day), default=None),
            "stage_id": newest["to_stage_id"],
            "stage_since_on": newest["changed_on"],
            "furthest_stage_id": furthest[0] if furthest else None,
        }

    def differences(self) -> list[str]:
        found = []
        for table, derive in (("customer", self.customer), ("contact", self.contact), ("deal", self.deal)):
            for row in self.db.execute(f"SELECT * FROM {table} WHERE removed_at IS NULL").fetchall():
                for key, wanted in derive(row).items():
                    if row[key] != wanted:
                        found.append(f"{table} {row['id']}: {key} is {row[key]}, the history says {wanted}")
        return found + self.spent()

    def spent(self) -> list[str]:
        found = []
        before: dict[int, sqlite3.Row] = {}
        for change in self.db.execute("SELECT * FROM stage_change ORDER BY id").fetchall():
            last = before.get(change["deal_id"])
            wanted, came = None, None
            if last is not None:
                gone = date.fromisoformat(change["changed_on"]) - date.fromisoformat(last["changed_on"])
                wanted, came = max(0, gone.days), last["to_stage_id"]
            if (change["days_spent"], change["from_stage_id"]) != (wanted, came):
                found.append(f"stage change {change['id']}: {change['days_spent']} days, the history says {wanted}")
            before[change["deal_id"]] = change
        return found


@pytest.mark.ci
@pytest.mark.parametrize(
    ("seed", "zone"),
    [
        (1, "UTC"),
        (2, "Asia/Shanghai"),
        pytest.param(3, "America/Los_Angeles", marks=pytest.mark.slow),
        pytest.param(4, "Europe/Berlin", marks=pytest.mark.slow),
    ],
)
def test_what_is_kept_twice_equals_its_history(crm: Crm, seed: int, zone: str) -> None:
    life = Life(crm, seed, zone)
    life.begin()
    history = History(crm, zone)
    for _ in range(80):
        life.step()
        assert history.differences() == [], "\n".join(life.lines)
    assert life.done > 40


def test_the_comparison_sees_a_planted_difference(acme: Crm) -> None:
    acme.ok("log call jane hello --deal rollout")
    acme.ok("deal move rollout negotiation")
    assert History(acme, "UTC").differences() == []
    for statement in (
        "UPDATE customer SET last_contact_on = '2026-01-01'",
        "UPDATE contact SET last_contact_on = NULL",
        "UPDATE customer SET cadence_due_on = '2026-01-01'",
        "UPDATE deal SET last_touch_on = NULL",
        "UPDATE deal SET furthest_stage_id = 1",
        "UPDATE deal SET stage_since_on = '2020-01-01'",
        "UPDATE stage_change SET days_spent = 99 WHERE id = 2",
    ):
        with sqlite3.connect(acme.db) as db:
            kept = {
                table: db.execute(f"SELECT * FROM {table}").fetchall()
                for table in ("customer", "contact", "deal", "stage_change")
            }
            db.execute(statement)
        assert len(History(acme, "UTC").differences()) == 1, statement
        with sqlite3.connect(acme.db) as db:
            db.execute("PRAGMA foreign_keys = OFF")
            for table, rows in kept.items():
                db.execute(f"DELETE FROM {table}")
                for row in rows:
                    db.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)
