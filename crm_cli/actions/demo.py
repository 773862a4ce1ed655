"""The made-up company of `crm demo`: written at one go through the driver, and the same for everybody on a day."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from crm_cli.actions import demo_texts as words
from crm_cli.actions.demo_life import OPEN, Calendar, Deal, Life, Talk, Todo
from crm_cli.actions.demo_names import COLLEAGUES, PEOPLE, SOURCES, SOURCES_ZH, TITLES, Firm, firms
from crm_cli.actions.demo_sales import Books, Sales
from crm_cli.rules.currencies import scale
from crm_cli.rules.days import to_utc_text
from crm_cli.rules.normalise import is_email, reach_key
from crm_cli.rules.text import fold, squeeze
from crm_cli.store.journal import beginning
from crm_cli.store.reader import Reader
from crm_cli.store.writer import transaction

_SEED = 20_260_101
_CADENCES = (30, 45, 60, 90, 120, 180)
# people with a birthday: place in the list of contacts, days from today, year of birth (a leap year has every day)
_BIRTHDAYS = ((3, 1, 1984), (61, 4, 1976), (10, 46, 1988), (24, 118, 1980), (40, 203, 1992), (52, 291, 1996))
Row = dict[str, Any]


def build(database: str, now: datetime, user: str) -> None:
    """Fill a new database: 60 customers over two years up to the day of `now`; nothing of it is real."""
    with transaction(database) as db, beginning(db.connection):
        _Company(db, Calendar(now), user).write()


class _Company:
    """The rows of every table, gathered first; ids are given in the order of time."""

    def __init__(self, db: Reader, calendar: Calendar, user: str) -> None:
        self.db = db
        self.calendar = calendar
        self.chance = Random(_SEED)  # noqa: S311 - made-up data, nothing secret
        self.firms = firms()
        self.life = Life(self.firms, self.chance)
        self.user = squeeze(user) or "me"
        self.tables: dict[str, list[Row]] = {}
        self.stages: dict[str, int] = {name: i for i, name in db.rows("SELECT id, name FROM stage ORDER BY id")}
        self.customers: dict[str, Row] = {}
        self.people: dict[str, list[Row]] = {}
        self.deals: dict[int, Row] = {}
        self.buyers: set[int] = set()
        self.started = calendar.at(calendar.back(730), 8, 0)

    def write(self) -> None:
        """Gather, derive, insert."""
        self._frame()
        self._members()
        for i, firm in enumerate(self.firms):
            self._customer(i, firm)
        self._people()
        self._deals()
        self._talks()
        self._todos()
        self._sales()
        self._derive()
        self._words()
        self.db.rows("PRAGMA defer_foreign_keys=ON")  # a reach comes before its contact
        for table, rows in self.tables.items():
            columns = list(rows[0])
            marks = ", ".join(f":{column}" for column in columns)
            sql = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"
            self.db.connection.executemany(sql, rows)

    # --------------------------------------------------------------- rows

    def _uuid(self, moment: datetime) -> str:
        """A version 7 UUID of that moment whose random part comes from the seed."""
        raw = bytearray(max(0, int(moment.timestamp() * 1000)).to_bytes(6, "big") + self.chance.randbytes(10))
        raw[6] = (raw[6] & 0x0F) | 0x70
        raw[8] = (raw[8] & 0x3F) | 0x80
        text = raw.hex()
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _add(self, table: str, moment: datetime, *, updated: bool = True, created: bool = True, **values: Any) -> Row:
        """A row with its id, uuid and moments of making."""
        rows = self.tables.setdefault(table, [])
        row: Row = {"id": len(rows) + 1, "uuid": self._uuid(moment), **values}
        if created:
            row["created_at"] = to_utc_text(moment)
        if updated:
            row["updated_at"] = to_utc_text(moment)
        rows.append(row)
        return row

    def _frame(self) -> None:
        """Pipeline and stages are there already; they are as old as the company."""
        for table in ("pipeline", "stage"):
            for (row_id,) in self.db.rows(f"SELECT id FROM {table} ORDER BY id"):
                self.db.rows(
                    f"UPDATE {table} SET uuid = :uuid, created_at = :at, updated_at = :at WHERE id = :id",
                    {"uuid": self._uuid(self.started), "at": to_utc_text(self.started), "id": row_id},
                )

    def _members(self) -> None:
        """The user, so that --mine finds something, and two colleagues."""
        first = {fold(self.user), fold(self.user.partition(" ")[0])}
        colleagues = [name for name in COLLEAGUES if not {fold(name), fold(name.split()[0])} & first][:2]
        for name in (self.user, *colleagues):
            email: str | None = fold(name).replace(" ", ".") + "@lantern.example"
            if name == self.user:
                email = name if is_email(name) else None
            keys: Row = {"name_key": fold(name) or name, "email_key": email and fold(email)}
            self._add("member", self.started, name=name, email=email, **keys)

    def _owner(self, key: str) -> int:
        """Half of the customers are the user's own."""
        return (1, 2, 1, 3)[(self.customers[key]["id"] - 1) % 4]

    # --------------------------------------------------------------- customers and people

    def _customer(self, i: int, firm: Firm) -> None:
        met = self.calendar.at(self.calendar.back(self.life.known[firm.key]), 9, 5 * (i % 12))
        name = firm.name.partition("/")[0]
        is_chinese = firm.language == "zh"
        referred, parent = words.REFERRED.get(firm.key), words.PARENTS.get(firm.key)
        source = self.chance.choice(SOURCES_ZH if is_chinese else SOURCES)
        if i >= 55:
            source = "展会" if is_chinese else "trade fair"
        elif referred:
            source = "转介绍" if is_chinese else "referral"
        prefers = "wechat" if is_chinese else self.chance.choice((None, None, "email", "call"))
        self.customers[firm.key] = self._add(
            "customer", met, name=name, name_key=fold(name), kind="person" if firm.is_person else "company",
            parent_id=self.customers[parent]["id"] if parent else None,
            referred_by_id=self.customers[referred]["id"] if referred else None,
            status="new", owner_id=None, industry=firm.industry, size=firm.size or None, region=firm.region,
            country=firm.country, city=firm.city, source=source, language=firm.language, prefers=prefers,
            cadence_days=None, note=words.NOTES.get(firm.key), last_contact_on=None, cadence_due_on=None,
        )  # fmt: skip
        own = {"customer_id": i + 1, "contact_id": None}
        if firm.is_person:
            mailbox = _mailbox(firm.name)
            self._reach(met, own, "email", f"{mailbox}@mail.example")
        else:
            self._reach(met, own, "email", f"{self.chance.choice(('info', 'office', 'sales'))}@{firm.key}.example")
            self._reach(met, own, "website", f"https://www.{firm.key}.example")
        self._reach(met, own, "phone", self._number(firm))
        if is_chinese and firm.is_person:
            self._reach(met, own, "messenger", _mailbox(firm.name).replace(".", ""), "wechat")

    def _number(self, firm: Firm) -> str:
        """A number by the pattern of its city: no two are equal."""
        given = self.tables.setdefault("reach", [])
        digits = iter(f"{(len(given) * 37 + 11) % 10000:04}"[-firm.number.count("#") :])
        return "".join(next(digits) if sign == "#" else sign for sign in firm.number)

    def _reach(self, moment: datetime, own: Row, kind: str, value: str, label: str = "") -> None:
        key = reach_key(kind, value, country=None)
        self._add("reach", moment, **own, kind=kind, value=value, value_key=key, label=label, position=0)

    def _people(self) -> None:
        """Who is met first at every company, then one more at every other."""
        pools = {language: iter(names.split(", ")) for language, names in PEOPLE.items()}
        for i, firm in enumerate(self.firms):
            if firm.is_person:
                continue
            named = [firm.person]
            if i % 4 != 3 and i < 55 and (other := next(pools[firm.language], None)):
                named.append(other)
            for n, name in enumerate(named):
                self._contact(firm, name, n)
        for place, days, year in _BIRTHDAYS:
            day = self.calendar.today + timedelta(days=days)
            self.tables["contact"][place]["birthday"] = date(year, day.month, day.day).isoformat()

    def _contact(self, firm: Firm, person: str, n: int) -> None:
        customer = self.customers[firm.key]
        name = person.partition("/")[0]
        met = self.calendar.at(self.calendar.back(max(1, self.life.known[firm.key] - 20 * n)), 10, 15)
        titles = TITLES["zh" if firm.language == "zh" else "en"]
        # the first person decides, but for every third customer
        title, role = titles[(customer["id"] * 5 + n * 3) % len(titles)]
        if n == 0 and customer["id"] % 3:
            title, role = titles[0] if customer["id"] % 2 else titles[3]
        prefers = self.chance.choice((None, None, "email")) if firm.language != "zh" else None
        row = self._add(
            "contact", met, customer_id=customer["id"], name=name, name_key=fold(name), title=title, role=role,
            prefers=prefers, birthday=None, note=None, last_contact_on=None,
        )  # fmt: skip
        own = {"customer_id": None, "contact_id": row["id"]}
        mailbox = _mailbox(person)
        self._reach(met, own, "email", f"{mailbox}@{firm.key}.example")
        self._reach(met, own, "phone", self._number(firm))
        if firm.language == "zh" and n == 0:
            self._reach(met, own, "messenger", mailbox.replace(".", ""), "wechat")
        self.people.setdefault(firm.key, []).append(row)

    # --------------------------------------------------------------- deals

    def _deals(self) -> None:
        moves: list[tuple[datetime, Row]] = []
        for deal in sorted(self.life.deals, key=lambda deal: -deal.path[0][1]):
            days = [self.calendar.back(ago) for _, ago in deal.path]
            row = self._deal(deal, days)
            self.deals[id(deal)] = row
            self._attach(deal, row)
            for n, (stage, _) in enumerate(deal.path):
                before = self.stages[deal.path[n - 1][0]] if n else None
                at = self.calendar.at(days[n], 17, 5 * n)
                spent = (days[n] - days[n - 1]).days if n else None
                by = self.tables["member"][row["owner_id"] - 1]["name"]
                move = {
                    "deal_id": row["id"], "from_stage_id": before, "to_stage_id": self.stages[stage],
                    "changed_on": days[n].isoformat(), "changed_at": to_utc_text(at), "changed_by": by, "note": None,
                    "days_spent": spent,
                }  # fmt: skip
                moves.append((at, move))
        for at, move in sorted(moves, key=lambda item: item[0]):
            self._add("stage_change", at, created=False, updated=False, **move)

    def _deal(self, deal: Deal, days: Sequence[date]) -> Row:
        customer = self.customers[deal.key]
        firm = self.life.firms[deal.key]
        opened = self.calendar.at(days[0], 17, 0)
        is_closed = deal.stage not in OPEN
        furthest = [stage for stage, _ in deal.path if stage in OPEN][-1]
        expected = self.calendar.back(-deal.close) if is_closed else self.calendar.ahead(deal.close)
        return self._add(
            "deal", opened, customer_id=customer["id"], title=deal.title, title_key=fold(deal.title),
            stage_id=self.stages[deal.stage], furthest_stage_id=self.stages[furthest],
            stage_since_on=days[-1].isoformat(), amount=deal.amount * scale(firm.currency), currency=firm.currency,
            probability=None, expected_close_on=expected.isoformat(), opened_on=days[0].isoformat(),
            closed_on=days[-1].isoformat() if is_closed else None, source=customer["source"], risk=deal.risk or None,
            lost_reason=deal.reason or None, owner_id=self._owner(deal.key), last_touch_on=None,
        )  # fmt: skip

    def _attach(self, deal: Deal, row: Row) -> None:
        """The people of the customer who were known by then."""
        moment = datetime.fromisoformat(row["created_at"])
        for person in self.people.get(deal.key, []):
            role = person["role"]
            self._add("deal_contact", moment, deal_id=row["id"], contact_id=person["id"], role=role)

    # --------------------------------------------------------------- what happened, what is to be done

    def _talks(self) -> None:
        found = [(self._moment(talk), talk) for talk in self.life.talks]
        done: list[tuple[datetime, Row]] = []
        for at, talk in sorted(found, key=lambda item: item[0]):
            deal = self.deals[id(talk.deal)] if talk.deal else None
            self._interaction(at, talk, deal)
            if talk.done:
                done.append(self._ticked(at, talk, deal))
        for created, row in sorted(done, key=lambda item: item[0]):
            self._add("task", created, **row)["updated_at"] = row["done_at"]

    def _moment(self, talk: Talk) -> datetime:
        """Office hours; what is said in a scene is the last word of its day."""
        day = self.calendar.back(talk.ago)
        if talk.ago == self.life.newest.get(talk.key):
            return self.calendar.at(day, 16, 30)
        return self.calendar.at(day, self.chance.randint(9, 15), self.chance.randrange(0, 60, 5))

    def _interaction(self, at: datetime, talk: Talk, deal: Row | None) -> None:
        customer = self.customers[talk.key]
        is_spoken = talk.channel in ("call", "meeting", "visit")
        incoming = talk.channel in ("call", "email", "message", "wechat") and self.chance.random() < 0.4
        row = self._add(
            "interaction", at, customer_id=customer["id"], deal_id=deal["id"] if deal else None, channel=talk.channel,
            direction=None if talk.channel == "note" else "in" if incoming else "out", at=to_utc_text(at),
            text=talk.text, outcome=talk.outcome or None,
            duration_minutes=self.chance.choice((5, 10, 15, 25, 40)) if is_spoken else None,
            owner_id=self._owner(talk.key),
        )  # fmt: skip
        people = self.people.get(talk.key, [])
        if people and talk.channel != "note":
            is_last = talk.ago == self.life.newest.get(talk.key)
            person = people[0] if is_last or self.chance.random() < 0.6 else people[-1]
            self._add("interaction_contact", at, updated=False, interaction_id=row["id"], contact_id=person["id"])

    def _ticked(self, at: datetime, talk: Talk, deal: Row | None) -> tuple[datetime, Row]:
        """The task that a talk ticked off."""
        ago = min(talk.ago + self.chance.randint(3, 9), self.life.known[talk.key])
        asked = self.calendar.at(self.calendar.back(ago), 16, 0)
        due = self.calendar.back(max(1, talk.ago + self.chance.randint(-1, 2)))
        return asked, self._task(talk.key, deal, talk.done, due, None, to_utc_text(at + timedelta(minutes=5)))

    def _todos(self) -> None:
        for todo in self.life.todos:
            ago = self.life.newest.get(todo.key, 1)
            made = self.calendar.at(self.calendar.back(ago), 16, 45)
            self._add("task", made, **self._open_task(todo))

    def _open_task(self, todo: Todo) -> Row:
        due = self.calendar.ahead(todo.due) if todo.due is not None else None
        deal = self.deals[id(todo.deal)] if todo.deal else None
        row = self._task(todo.key, deal, todo.text, due, todo.time or None, None)
        every = {"every": todo.every or None, "anchor_on": row["due_on"] if todo.every else None}
        return {**row, "priority": todo.priority, **every}

    def _task(
        self, key: str, deal: Row | None, text: str, due: date | None, clock: str | None, done: str | None
    ) -> Row:
        at = self.calendar.at(due, *map(int, clock.split(":"))) if due and clock else None
        return {
            "customer_id": self.customers[key]["id"], "deal_id": deal["id"] if deal else None, "text": text,
            "text_key": fold(text), "due_on": due.isoformat() if due else None,
            "due_at": to_utc_text(at) if at else None,
            "priority": "normal", "every": None, "anchor_on": None, "done_at": done, "owner_id": self._owner(key),
        }  # fmt: skip

    # --------------------------------------------------------------- what is sold

    def _sales(self) -> None:
        deals = [
            (deal.key, self.deals[id(deal)], "open" if deal.stage in OPEN else deal.stage) for deal in self.life.deals
        ]
        currencies = {key: firm.currency for key, firm in self.life.firms.items()}
        books = Books(self._add, self.calendar, self.customers, self.life.known, currencies, self._owner)
        Sales(books).write(sorted(deals, key=lambda deal: int(deal[1]["id"])))
        self.buyers = {row["customer_id"] for row in self.tables["sales_order"]}

    # --------------------------------------------------------------- what is kept twice

    def _derive(self) -> None:
        """Last contacts, last touches, cadences and statuses, as actions/touches.py would have kept them."""
        self._last_contacts()
        self._last_touches()
        cadences = {key: days for key, days, *_ in words.CADENCES}
        for n, (key, row) in enumerate(self.customers.items()):
            row["owner_id"] = self._owner(key)
            row["status"] = self._status(key, row)
            if row["last_contact_on"]:
                last = date.fromisoformat(row["last_contact_on"])
                gap = (self.calendar.today - last).days
                room = next((days for days in _CADENCES if days > gap + 3), None) if n % 3 == 0 else None
                row["cadence_days"] = cadences.get(key, room)
                if row["cadence_days"]:
                    row["cadence_due_on"] = (last + timedelta(days=row["cadence_days"])).isoformat()

    def _last_contacts(self) -> None:
        days = {row["id"]: self._day(row["at"]) for row in self.tables["interaction"]}
        for row in self.tables["interaction"]:
            _later(self.tables["customer"][row["customer_id"] - 1], "last_contact_on", days[row["id"]])
        for row in self.tables["interaction_contact"]:
            _later(self.tables["contact"][row["contact_id"] - 1], "last_contact_on", days[row["interaction_id"]])

    def _last_touches(self) -> None:
        touches = [(row["deal_id"], self._day(row["at"])) for row in self.tables["interaction"]]
        touches += [(row["deal_id"], row["changed_on"]) for row in self.tables["stage_change"] if row["from_stage_id"]]
        touches += [(row["deal_id"], self._day(row["done_at"])) for row in self.tables["task"] if row["done_at"]]
        for deal_id, day in touches:
            if deal_id is not None:
                _later(self.tables["deal"][deal_id - 1], "last_touch_on", day)

    def _day(self, moment: str) -> str:
        return datetime.fromisoformat(moment).astimezone(self.calendar.zone).date().isoformat()

    def _status(self, key: str, row: Row) -> str:
        stages = {deal.stage for deal in self.life.deals if deal.key == key}
        if "won" in stages or row["id"] in self.buyers:
            return "customer"
        if stages & {"qualified", "proposal", "negotiation"}:
            return "qualified"
        if stages == {"lost"}:
            return "unqualified"
        return "contacted" if row["last_contact_on"] else "new"

    # --------------------------------------------------------------- tags and segments

    def _words(self) -> None:
        for name, keys in words.TAGS.items():
            tag = self._add("tag", self.started, name=name, name_key=fold(name))
            for key in keys.split():
                self._tag(tag, "customer", self.customers[key])
        renewal = self._add("tag", self.started, name="renewal", name_key="renewal")
        for row in self.tables["deal"]:
            if row["title"] in ("Support renewal", "年度维护续约"):
                self._tag(renewal, "deal", row)
        for name, noun, query in words.SEGMENTS:
            self._add("segment", self.started, name=name, name_key=fold(name), noun=noun, query=query)

    def _tag(self, tag: Row, noun: str, row: Row) -> None:
        own = {"customer_id": None, "contact_id": None, "deal_id": None, f"{noun}_id": row["id"]}
        self._add("tagging", datetime.fromisoformat(row["created_at"]), updated=False, tag_id=tag["id"], **own)


def _mailbox(person: str) -> str:
    """`jane.doe` of Jane Doe, `wang.li` of 王丽/wang.li."""
    name, _, spelled = person.partition("/")
    plain = fold(name).removeprefix("dr. ")
    return spelled or plain.replace("ä", "a").replace(" ", ".").replace("'", "")


def _later(row: Row, column: str, day: str) -> None:
    if row[column] is None or day > row[column]:
        row[column] = day
