"""Rows of the standard set as the product's tables keep them, written in batches past the product."""

import random
import sqlite3
from collections.abc import Iterable, Iterator

import names as words
from history import DAYS, SLOTS, TODAY, Deal, Job, moment
from wording import Made, Namer, phone, talk

from crm_cli.rules.text import fold

Row = tuple[object, ...]
People = dict[int, list[int]]  # customer id -> contact ids


class Writer:
    """Inserts rows with a uuid each; holds the random source, so that the order of the calls decides the data."""

    def __init__(self, connection: sqlite3.Connection, rng: random.Random) -> None:
        self.connection = connection
        self.rng = rng
        self._serial = 0
        self._contact_last: dict[int, int] = {}

    def uuids(self, count: int) -> Iterator[str]:
        """Version 7 in form, ordered, from the seed."""
        while count > 0:
            batch = min(count, 50_000)
            noise = self.rng.randbytes(9 * batch).hex()
            for at in range(0, 18 * batch, 18):
                self._serial += 1
                head = f"{0x0190_0000_0000 + self._serial:012x}"
                yield f"{head[:8]}-{head[8:]}-7{noise[at : at + 3]}-8{noise[at + 3 : at + 6]}-{noise[at + 6 : at + 18]}"
            count -= batch

    def insert(self, table: str, columns: str, rows: Iterable[Row]) -> None:
        """Rows of the named columns; the uuid comes last."""
        named = [*columns.split(), "uuid"]
        marks = ", ".join("?" * len(named))
        uuids = self.uuids(1 << 62)
        self.connection.executemany(
            f"INSERT INTO {table} ({', '.join(named)}) VALUES ({marks})",
            ((*row, uuid) for row, uuid in zip(rows, uuids, strict=False)),
        )

    # ------------------------------------------------------------ people

    def members(self) -> None:
        """The eight of the team."""
        born = moment(0)
        rows = []
        for name in words.MEMBERS:
            email = name.split()[0].lower() + "@team.example"
            rows.append((name, fold(name), email, email, born, born))
        self.insert("member", "name name_key email email_key created_at updated_at", rows)

    def customers(self, made: list[Made], created: list[int], last: list[int], cadences: dict[int, int]) -> None:
        """Customers, and how they are reached."""
        columns = (
            "name name_key kind status parent_id referred_by_id owner_id industry size region country city address source"
            " language prefers birthday cadence_days note last_contact_on cadence_due_on created_at updated_at"
            " external_source external_id"
        )
        self.insert("customer", columns, self._customer_rows(made, created, last, cadences))
        self._reach("customer_id", self._customer_reach(made, created))

    def _customer_rows(
        self, made: list[Made], created: list[int], last: list[int], cadences: dict[int, int]
    ) -> Iterator[Row]:
        r, pick = self.rng.random, self.rng.choice
        notes = {language: talk(self.rng, language, 300) for language in ("en", "de", "zh")}
        streets = {"en": words.STREETS_EN, "de": words.STREETS_DE, "zh": words.STREETS_ZH}
        for number, (one, day) in enumerate(zip(made, created, strict=True), 1):
            company = one.kind == "company"
            contacted = last[number]
            if contacted < 0:
                status = "new"
            else:
                status = pick(("customer", "customer", "qualified", "contacted", "contacted", "unqualified", "closed"))
            cadence = cadences.get(number)
            base = contacted if contacted >= 0 else day
            born = moment(day * SLOTS + int(r() * SLOTS))
            imported = r() < 0.3
            yield (
                one.name, fold(one.name), one.kind, status,
                1 + int(r() * (number - 1)) if number > 1 and company and r() < 0.02 else None,
                1 + int(r() * (number - 1)) if number > 1 and r() < 0.03 else None,
                1 + number % len(words.MEMBERS) if r() < 0.9 else None,
                pick(words.INDUSTRIES) if company else None, int(3 * 10 ** (r() * 3.3)) if company and r() < 0.7 else None,
                one.region, one.country, one.city,
                f"{pick(streets[one.language])} {1 + int(r() * 180)}" if r() < 0.5 else None,
                pick(words.SOURCES), one.language, pick(("call", "email", "wechat")) if r() < 0.3 else None,
                None if company or r() > 0.2 else self._birthday(),
                cadence, pick(notes[one.language]) if r() < 0.15 else None,
                DAYS[contacted] if contacted >= 0 else None, DAYS[base + cadence] if cadence else None,
                born, moment(max(contacted, day) * SLOTS + SLOTS - 1) if contacted < TODAY else moment(TODAY * SLOTS + 90),
                "old-crm" if imported else None, f"A-{number:06d}" if imported else None,
            )  # fmt: skip

    def _birthday(self) -> str:
        day = DAYS[int(self.rng.random() * TODAY)]
        return f"{1945 + int(self.rng.random() * 60)}-{'02-28' if day[5:] == '02-29' else day[5:]}"

    def _customer_reach(self, made: list[Made], created: list[int]) -> Iterator[Row]:
        r = self.rng.random
        for number, (one, day) in enumerate(zip(made, created, strict=True), 1):
            born = moment(day * SLOTS + 1)
            mail = f"{'Info' if number % 5 == 0 else 'info'}@{one.slug}.example"
            if r() < 0.85:
                yield number, "email", mail, mail.lower(), "", 0, born, born
                if r() < 0.06:
                    yield (
                        number,
                        "email",
                        f"sales@{one.slug}.example",
                        f"sales@{one.slug}.example",
                        "work",
                        1,
                        born,
                        born,
                    )
            if r() < 0.7:
                shown, key = phone(one.prefix, number)
                yield number, "phone", shown, key, "", 0, born, born
            if one.kind == "company" and r() < 0.65:
                yield number, "website", f"https://{one.slug}.example", f"{one.slug}.example", "", 0, born, born
            elif one.language == "zh" and r() < 0.3:
                yield number, "messenger", f"{one.slug}_wx", f"{one.slug}_wx", "wechat", 0, born, born

    def _reach(self, owner: str, rows: Iterable[Row]) -> None:
        self.insert("reach", f"{owner} kind value value_key label position created_at updated_at", rows)

    def contacts(self, namer: Namer, made: list[Made], created: list[int], count: int) -> People:
        """Contacts at the companies, spread unevenly, and how they are reached; last_contact_on follows later."""
        r, pick = self.rng.random, self.rng.choice
        people: People = {}
        rows: list[Row] = []
        reach: list[Row] = []
        companies = [number for number, one in enumerate(made, 1) if one.kind == "company"]
        at = sorted(companies[int(len(companies) * r())] for _ in range(count))
        for number, customer in enumerate(at, 1):
            one = made[customer - 1]
            people.setdefault(customer, []).append(number)
            name, slug = namer.person(one.language)
            born = moment(created[customer - 1] * SLOTS + 5 + number % 500)
            rows.append((
                customer, name, fold(name), pick(words.TITLES_ZH if one.language == "zh" else words.TITLES),
                pick(words.ROLES) if r() < 0.5 else None, pick(("call", "email")) if r() < 0.3 else None,
                self._birthday() if r() < 0.03 else None, born, born,
            ))  # fmt: skip
            if r() < 0.85:
                mail = f"{slug}.{number}@{one.slug}.example"
                reach.append((number, "email", mail, mail, "", 0, born, born))
            if r() < 0.6:
                shown, key = phone(one.prefix, 2_000_000 + number)
                reach.append((number, "phone", shown, key, "mobile" if r() < 0.5 else "", 0, born, born))
        self.insert("contact", "customer_id name name_key title role prefers birthday created_at updated_at", rows)
        self._reach("contact_id", reach)
        return people

    # ------------------------------------------------------------ deals

    def deals(self, deals: list[Deal], made: list[Made], people: People) -> None:
        """Deals, and the people in a third of them."""
        columns = (
            "customer_id title title_key stage_id furthest_stage_id stage_since_on amount currency probability"
            " expected_close_on opened_on closed_on source risk lost_reason owner_id last_touch_on created_at updated_at"
        )
        self.insert("deal", columns, self._deal_rows(deals, made))
        links: list[Row] = []
        for deal in deals:
            if deal.customer in people and self.rng.random() < 0.5:
                born = moment(deal.opened * SLOTS + 9)
                links.append(
                    (deal.id, self.rng.choice(people[deal.customer]), self.rng.choice(words.ROLES), born, born)
                )
        self.insert("deal_contact", "deal_id contact_id role created_at updated_at", links)

    def _deal_rows(self, deals: list[Deal], made: list[Made]) -> Iterator[Row]:
        r, pick = self.rng.random, self.rng.choice
        titles = [f"{subject} {product}" for subject in words.SUBJECTS for product in words.PRODUCTS]
        titles_zh = [subject + product for subject in words.SUBJECTS_ZH for product in words.PRODUCTS_ZH]
        closing = max(1, sum(deal.outcome == "open" for deal in deals) // 60)
        for deal in deals:
            one = made[deal.customer - 1]
            title = f"{pick(titles_zh if one.language == 'zh' else titles)} {DAYS[deal.opened][:4]}"
            stage, since = deal.steps[-1]
            amount = round(10 ** (2.7 + r() * 2.8)) * 100 if r() < 0.95 else None
            is_open = deal.outcome == "open"
            if not is_open:
                expected: int | None = deal.end + int(r() * 30) - 10
            elif deal.id % closing == 0:  # about sixty close this week
                expected = TODAY + int(r() * 7)
            elif deal.id % closing == 1:
                expected = TODAY - 1 - int(r() * 40)
            else:
                expected = TODAY + 8 + int(r() ** 1.5 * 400) if r() < 0.9 else None
            yield (
                deal.customer, title, fold(title), stage, deal.furthest, DAYS[since], amount, one.currency if amount else None,
                pick((20, 35, 60, 80)) if is_open and r() < 0.05 else None,
                DAYS[max(0, expected)] if expected is not None else None, DAYS[deal.opened],
                None if is_open else DAYS[deal.end], pick(words.SOURCES) if r() < 0.6 else None,
                pick(words.RISKS) if is_open and r() < 0.1 else None,
                pick(words.LOST_REASONS) if deal.outcome == "lost" else None,
                1 + deal.customer % len(words.MEMBERS) if r() < 0.95 else None, DAYS[deal.end],
                moment(deal.opened * SLOTS + 8), moment(deal.end * SLOTS + SLOTS - 1),
            )  # fmt: skip

    # ------------------------------------------------------------ interactions and tasks

    def interactions(self, slots: list[tuple[int, int, int]], made: list[Made], people: People) -> None:
        """Interactions, who took part in a fifth of those where somebody could, and the contacts' last one."""
        columns = (
            "customer_id deal_id channel direction at text outcome duration_minutes owner_id created_at updated_at"
        )
        self.insert("interaction", columns, self._interaction_rows(slots, made))
        links: list[Row] = []
        last: dict[int, int] = {}
        for number, (slot, customer, _) in enumerate(slots, 1):
            if customer in people and self.rng.random() < 0.2:
                contact = self.rng.choice(people[customer])
                links.append((number, contact, moment(slot)))
                last[contact] = max(last.get(contact, -1), slot // SLOTS)
        self.insert("interaction_contact", "interaction_id contact_id created_at", links)
        self.connection.executemany(
            "UPDATE contact SET last_contact_on=? WHERE id=?", [(DAYS[day], contact) for contact, day in last.items()]
        )

    def _interaction_rows(self, slots: list[tuple[int, int, int]], made: list[Made]) -> Iterator[Row]:
        r = self.rng.random
        said = {"en": talk(self.rng, "en", 6000), "de": talk(self.rng, "en", 3000), "zh": talk(self.rng, "zh", 6000)}
        said["de"] += talk(self.rng, "de", 1000)
        channels = ["call"] * 8 + ["email"] * 7 + ["meeting"] * 2 + ["message"] * 2 + ["visit", "wechat", "note"]
        members, rare, rare_zh = len(words.MEMBERS), words.RARE_WORDS, words.RARE_WORDS_ZH
        for number, (slot, customer, deal) in enumerate(slots, 1):
            language = made[customer - 1].language
            pool = said[language]
            size = len(pool)
            text = pool[int(r() * size)]
            space = "" if language == "zh" else " "
            for _ in range(int(r() ** 3 * 6)):
                text += space + pool[int(r() * size)]
            if number % 7 == 0:
                text += f" (Q-{number // 7})"
            if number % 1000 == 0:
                text += space + (rare_zh if language == "zh" else rare)[number // 1000 % 3]
            channel = channels[int(r() * 22)]
            at = moment(slot)
            spoken = channel in ("call", "meeting", "visit")
            yield (
                customer, deal or None, channel, None if channel == "note" else ("in", "out")[r() < 0.7], at, text,
                words.OUTCOMES[int(r() * 7)] if spoken and r() < 0.4 else None, 5 + int(r() * 12) * 5 if spoken else None,
                1 + customer % members, at, at,
            )  # fmt: skip

    def tasks(self, jobs: list[Job], made: list[Made]) -> None:
        """Tasks, in the order they were made."""
        columns = "customer_id deal_id text text_key due_on due_at priority done_at owner_id created_at updated_at"
        english = [
            (text, fold(text)) for task in words.TASKS for text in (task, *(f"{task}: {s}" for s in words.SUBJECTS))
        ]
        chinese = [
            (text, fold(text))
            for task in words.TASKS_ZH
            for text in (task, *(f"{task}：{s}" for s in words.SUBJECTS_ZH))
        ]
        priorities = ["normal"] * 7 + ["high"] * 2 + ["low"]
        r, pick = self.rng.random, self.rng.choice

        def rows() -> Iterator[Row]:
            for job in jobs:
                text, key = pick(chinese if made[job.customer - 1].language == "zh" else english)
                born = moment(job.created * SLOTS + int(r() * 60))
                done = None if job.done is None else moment(job.done * SLOTS + 60 + int(r() * (SLOTS - 60)))
                yield (
                    job.customer, job.deal or None, text, key, None if job.due is None else DAYS[job.due],
                    None if job.at is None else moment(job.at), pick(priorities), done,
                    1 + job.customer % len(words.MEMBERS), born, done or born,
                )  # fmt: skip

        self.insert("task", columns, rows())

    # ------------------------------------------------------------ tags

    def tags(self, sizes: dict[str, int]) -> None:
        """Thirty tags; most customers, some contacts and deals wear up to three."""
        born = moment(0)
        self.insert("tag", "name name_key created_at updated_at", [(tag, fold(tag), born, born) for tag in words.TAGS])
        for table, share in (("customer", 0.5), ("contact", 0.05), ("deal", 0.1)):
            self.insert("tagging", f"tag_id {table}_id created_at", self._taggings(sizes[table], share))

    def _taggings(self, count: int, share: float) -> Iterator[Row]:
        r, born = self.rng.random, moment(TODAY * SLOTS - 1)
        tags = range(1, len(words.TAGS) + 1)
        for number in range(1, count + 1):
            if r() < share:
                for tag in self.rng.sample(tags, 1 + int(r() ** 2 * 3)):
                    yield tag, number, born
