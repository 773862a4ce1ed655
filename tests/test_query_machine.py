"""The query language against a slow evaluation in Python over the rows themselves, and against any text at all."""

import tempfile
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from conftest import Crm
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from crm_cli.rules.text import fold

pytestmark = pytest.mark.ci

TODAY = date(2026, 11, 25)
KEYS = {
    "customer": "id name kind status region size tags owner last_contact_on won open birthday email cadence_days city"
    " parent_id custom",
    "deal": "id title stage status amount currency expected_close_on owner tags probability last_touch_on closed_on"
    " customer_id contacts",
    "task": "id text due_on done_at priority owner customer_id deal_id",
}
BESIDE = {"contact": "id name role customer_id", "interaction": "id channel at customer_id deal_id"}
REGIONS = ("DACH", "华东", "Nordics", "Åland")
TAGS = ("key", "vip", "重点", "cold")
CURRENCIES = {"EUR": 100, "JPY": 1, "KWD": 1000}
STAGES = ("lead", "qualified", "proposal", "won", "lost")


@cache
def shop() -> Crm:
    """Forty customers, sixty deals and forty tasks with every second value missing, made with SQL once a process."""
    import random
    import sqlite3

    crm = Crm(Path(tempfile.mkdtemp()))
    crm.environ["CRM_USER"] = "ana"
    crm.ok("member add Ana")
    crm.ok('member add "Bo Lee"')
    for tag in TAGS:
        crm.ok("customer", "add", f"with {tag}", "--tag", tag)
    pick = random.Random(7)
    db = sqlite3.connect(crm.db)
    now = "2026-11-01T08:00:00Z"
    db.create_function("fold", 1, fold)

    def some(value: Any) -> Any:
        return value if pick.random() < 0.6 else None

    def day(span: int = 400) -> str:
        return (TODAY + timedelta(days=pick.randint(-span, span))).isoformat()

    for n in range(40):
        name = pick.choice(["Acme", "Zoë", "上海", "Globex", "Åse"]) + f" {n}"
        db.execute(
            "INSERT INTO customer (uuid, name, name_key, kind, status, owner_id, region, size, city, last_contact_on,"
            " birthday, cadence_days, created_at, updated_at) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (f"c{n}", name, fold(name), pick.choice(["company", "person"]), pick.choice(["new", "qualified"]),
             some(pick.randint(1, 2)), some(pick.choice(REGIONS)), some(pick.randint(1, 300)), some("Köln"),
             some(day()), some(day()), some(30), now, now),
        )  # fmt: skip
    customers = [row[0] for row in db.execute("SELECT id FROM customer")]
    stages = dict(db.execute("SELECT name, id FROM stage").fetchall())
    for n in range(60):
        stage = pick.choice(STAGES)
        currency = pick.choice(list(CURRENCIES))
        amount = some(pick.randint(0, 2000) * CURRENCIES[currency])
        title = f"deal {pick.choice(['Alpha', '续约', 'Åland'])} {n}"
        db.execute(
            "INSERT INTO deal (uuid, customer_id, title, title_key, stage_id, stage_since_on, amount, currency,"
            " probability, expected_close_on, opened_on, closed_on, owner_id, last_touch_on, created_at, updated_at)"
            " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)",
            (f"d{n}", pick.choice(customers), title, fold(title), stages[stage], day(), amount,
             None if amount is None else currency, some(pick.randint(0, 100)), some(day()), day(),
             day() if stage in ("won", "lost") else None, some(pick.randint(1, 2)), some(day()), now, now),
        )  # fmt: skip
    for n in range(40):
        text = f"task {pick.choice(['call', '打电话', 'Café'])} {n}"
        db.execute(
            "INSERT INTO task (uuid, customer_id, text, text_key, due_on, done_at, priority, owner_id, created_at,"
            " updated_at) VALUES (?,?,?,?,?,?,?,?,?,?)",
            (f"t{n}", pick.choice(customers), text, fold(text), some(day()), some(now),
             pick.choice(["low", "normal", "high"]), some(pick.randint(1, 2)), now, now),
        )  # fmt: skip
    _hang_on(db, pick, customers, now)
    tags = [row[0] for row in db.execute("SELECT id FROM tag")]
    for customer in pick.sample(customers, 20):
        db.execute(
            "INSERT OR IGNORE INTO tagging (uuid, tag_id, customer_id, created_at) VALUES (?,?,?,?)",
            (f"g{customer}", pick.choice(tags), customer, now),
        )
    db.commit()
    db.close()
    for line in ("segment add keys tag:key or region:华", "segment add won-deals status:won amount:500.."):
        crm.ok(line)
    return crm


def _hang_on(db: Any, pick: Any, customers: list[int], now: str) -> None:
    """People, talks, tasks of deals, parents, fields of the user's own; and some of each that were removed."""
    import json

    deals = [row[0] for row in db.execute("SELECT id FROM deal")]
    for n in range(45):
        role = pick.choice(["decision-maker", "user", "buyer", None])
        db.execute(
            "INSERT INTO contact (uuid, customer_id, name, name_key, role, created_at, updated_at, removed_at)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (f"p{n}", pick.choice([*customers, None]), f"Person {n}", f"person {n}", role, now, now, now if n % 9 == 0 else None),
        )  # fmt: skip
        for deal in pick.sample(deals, n % 3):
            db.execute(
                "INSERT INTO deal_contact (uuid, deal_id, contact_id, role, created_at, updated_at)"
                " VALUES (?, ?, last_insert_rowid(), ?, ?, ?)".replace("last_insert_rowid()", str(n + 1)),
                (f"y{n}-{deal}", deal, pick.choice([None, "champion"]), now, now),
            )
    for n in range(70):
        at = (TODAY + timedelta(days=-pick.randint(0, 400))).isoformat() + "T12:00:00Z"
        db.execute(
            "INSERT INTO interaction (uuid, customer_id, deal_id, channel, at, created_at, updated_at, removed_at)"
            " VALUES (?,?,?,?,?,?,?,?)",
            (f"i{n}", pick.choice(customers), pick.choice([*deals[:20], None]), pick.choice(["call", "email", "visit"]), at,
             now, now, now if n % 9 == 0 else None),
        )  # fmt: skip
    db.execute("UPDATE task SET deal_id = 1 + id % 25 WHERE id % 2")
    for table in ("deal", "task"):
        db.execute(f"UPDATE {table} SET removed_at = ? WHERE id % 11 = 0", (now,))
    for n, customer in enumerate(customers):
        own = {"seats": str(pick.randint(0, 300))} if n % 2 else {"车型": pick.choice(["SUV", "轿车"])}
        own |= {"seats": "many", "rate": 2.5} if n % 7 == 0 else {}
        db.execute(
            "UPDATE customer SET parent_id = ?, custom = ? WHERE id = ?",
            (
                pick.choice([*customers[:5], None, None]),
                json.dumps(own, ensure_ascii=False) if n % 5 else None,
                customer,
            ),
        )


@cache
def rows(noun: str) -> list[dict[str, Any]]:
    keys = (KEYS | BESIDE)[noun].replace(" ", ",")
    return list(shop().rows(noun, "list", "--columns", keys, *(["--all"] if noun in ("deal", "task") else [])))


@cache
def hanging(noun: str, key: str, record_id: int) -> list[dict[str, Any]]:
    """The records of a noun that belong to another one."""
    return [row for row in rows(noun) if row[key] == record_id]


# ------------------------------------------------------------------ trees: a text, and a test of a row


class Leaf:
    """A term as typed and what it means for a row."""

    def __init__(self, text: str, test: Any) -> None:
        self.text, self.test = text, test

    def __repr__(self) -> str:
        return self.text


def contains(key: str, text: str) -> Leaf:
    return Leaf(f"{key}:{text}", lambda row: row[key] is not None and fold(text) in fold(row[key]))


def between(name: str, key: str, low: Any, high: Any, *, never: bool = False) -> Leaf:
    def test(row: dict[str, Any]) -> bool:
        value = row[key]
        if value is None:
            return never and low is None
        return (low is None or value >= low) and (high is None or value <= high)

    ends = ("" if low is None else str(low), "" if high is None else str(high))
    return Leaf(f"{name}:{ends[0]}..{ends[1]}", test)


def same(name: str, key: str, typed: str, value: Any) -> Leaf:
    return Leaf(f"{name}:{typed}", lambda row: row[key] == value)


def has(key: str) -> Leaf:
    return Leaf(f"has:{key}", lambda row: row[key] not in (None, []))


def no(key: str) -> Leaf:
    return Leaf(f"no:{key}", lambda row: row[key] in (None, []))


def ordered(values: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, Any]]:
    """Two ends, at most one of them open, in their order."""

    def sort(pair: tuple[Any, Any]) -> tuple[Any, Any]:
        return pair if None in pair or pair[0] <= pair[1] else (pair[1], pair[0])

    return st.tuples(st.none() | values, st.none() | values).filter(lambda p: p != (None, None)).map(sort)


DAYS = st.integers(-400, 400).map(lambda n: (TODAY + timedelta(days=n)).isoformat())


def spans(name: str, key: str, values: Any, *, never: bool = False) -> st.SearchStrategy[Leaf]:
    return ordered(values).map(lambda ends: between(name, key, *ends, never=never))


def won_between(low: int | None, high: int | None) -> Leaf:
    def test(row: dict[str, Any]) -> bool:
        return any((low is None or s["amount"] >= low) and (high is None or s["amount"] <= high) for s in row["won"])

    return Leaf(f"spent:{'' if low is None else low}..{'' if high is None else high}", test)


def choose(*leaves: Leaf) -> st.SearchStrategy[Leaf]:
    return st.sampled_from(leaves)


# ------------------------------------------------------------------ what leads to other records


def counted(name: str, find: Any) -> st.SearchStrategy[Leaf]:
    def leaf(ends: tuple[Any, Any]) -> Leaf:
        low, high = ends

        def test(row: dict[str, Any]) -> bool:
            n = len(find(row))
            return (low is None or n >= low) and (high is None or n <= high)

        return Leaf(f"{name}.count:{'' if low is None else low}..{'' if high is None else high}", test)

    return ordered(st.integers(0, 4)).map(leaf)


def through(name: str, leaves: Any, find: Any) -> st.SearchStrategy[Leaf]:
    """A leaf of other records behind a dot: one of those found holds."""
    dotted = leaves.filter(lambda leaf: leaf.text[0].isalpha() and not leaf.text.startswith(("has:", "no:", "is:")))
    return dotted.map(
        lambda leaf: Leaf(f"{name}.{leaf.text}", lambda row: any(bool(leaf.test(one)) for one in find(row)))
    )


def grouped(name: str, noun: str, find: Any) -> st.SearchStrategy[Leaf]:
    """A whole query over other records in parentheses: one of those found holds for all of it."""
    return trees(noun, most=3).map(
        lambda tree: Leaf(f"{name}:({typed(tree)})", lambda row: any(holds(tree, one) for one in find(row)))
    )


def summed(state: str) -> st.SearchStrategy[Leaf]:
    def leaf(ends: tuple[Any, Any]) -> Leaf:
        low, high = ends

        def test(row: dict[str, Any]) -> bool:
            sums: dict[str, float] = {}
            for deal in hanging("deal", "customer_id", row["id"]):
                if deal["status"] == state and deal["amount"] is not None:
                    sums[deal["currency"]] = sums.get(deal["currency"], 0) + deal["amount"]
            return any((low is None or n >= low) and (high is None or n <= high) for n in sums.values())

        return Leaf(f"deals.{state}.amount:{'' if low is None else low}..{'' if high is None else high}", test)

    return ordered(MONEY).map(leaf)


def own_number(low: Any, high: Any) -> Leaf:
    def test(row: dict[str, Any]) -> bool:
        value = row["custom"].get("seats", "")
        return value.isdigit() and (low is None or int(value) >= low) and (high is None or int(value) <= high)

    return Leaf(f"seats:{'' if low is None else low}..{'' if high is None else high}", test)


def this_year(days: int) -> Leaf:
    """A birthday within so many days, whatever the year."""
    near = {(TODAY + timedelta(days=n)).strftime("%m-%d") for n in range(days + 1)}
    return Leaf(f"birthday:today..+{days}d", lambda row: row["birthday"] is not None and row["birthday"][5:] in near)


def deals_of(row: dict[str, Any]) -> list[dict[str, Any]]:
    return hanging("deal", "customer_id", row["id"])


def open_tasks_of(row: dict[str, Any], key: str = "customer_id") -> list[dict[str, Any]]:
    return [task for task in hanging("task", key, row["id"]) if task["done_at"] is None]


def customer_of(row: dict[str, Any], key: str = "customer_id") -> list[dict[str, Any]]:
    return [one for one in rows("customer") if one["id"] == row[key]]


def present(name: str, find: Any) -> st.SearchStrategy[Leaf]:
    return choose(Leaf(f"has:{name}", lambda row: bool(find(row))), Leaf(f"no:{name}", lambda row: not find(row)))


CHANNELS = st.sampled_from([("call", "call"), ("邮件", "email")]).map(lambda p: same("channel", "channel", *p))
ROLES = st.sampled_from(["decision-maker", "user", "champion"]).map(lambda role: same("role", "role", role, role))
DUE = st.deferred(lambda: spans("due", "due_on", DAYS))


def led() -> None:
    """The leaves that need those of other nouns."""
    customer, deal = (list(LEAVES[noun]) for noun in ("customer", "deal"))
    talks = lambda row: hanging("interaction", "customer_id", row["id"])  # noqa: E731
    people = lambda row: hanging("contact", "customer_id", row["id"])  # noqa: E731
    LEAVES["customer"] += [
        through("deals", st.one_of(deal), deals_of),
        grouped("deals", "deal", deals_of),
        counted("deals", deals_of),
        counted("deals.won", lambda row: [one for one in deals_of(row) if one["status"] == "won"]),
        counted("商机.进行中", lambda row: [one for one in deals_of(row) if one["status"] == "open"]),
        summed("won"),
        summed("open"),
        present("deals", deals_of),
        through("interactions", CHANNELS, talks),
        counted("interactions", talks),
        through("contacts", ROLES, people),
        counted("contacts", people),
        through("tasks", DUE, open_tasks_of),
        counted("tasks", open_tasks_of),
        counted("tasks.done", lambda row: [t for t in hanging("task", "customer_id", row["id"]) if t["done_at"]]),
        present("tasks", open_tasks_of),
        through("parent", st.one_of(customer), lambda row: customer_of(row, "parent_id")),
        ordered(SMALL).map(lambda ends: own_number(*ends)),
        choose(
            Leaf("车型:suv", lambda row: row["custom"].get("车型") == "SUV"),
            Leaf("custom.rate:2..3", lambda row: row["custom"].get("rate") == 2.5),
            Leaf("has:custom.seats", lambda row: "seats" in row["custom"]),
            Leaf("name:=acme 1", lambda row: fold(row["name"]) == "acme 1"),
            Leaf("region:=DACH", lambda row: row["region"] == "DACH"),
        ).filter(lambda leaf: " " not in leaf.text),
        st.integers(0, 200).map(this_year),
    ]
    LEAVES["deal"] += [
        through("customer", st.one_of(customer), customer_of),
        grouped("customer", "customer", customer_of),
        through("contacts", ROLES, lambda row: row["contacts"]),
        counted("contacts", lambda row: row["contacts"]),
        counted("tasks", lambda row: open_tasks_of(row, "deal_id")),
        through("interactions", CHANNELS, lambda row: hanging("interaction", "deal_id", row["id"])),
    ]
    LEAVES["task"] += [
        through("customer", st.one_of(customer), customer_of),
        through("deal", st.one_of(deal), lambda row: [one for one in rows("deal") if one["id"] == row["deal_id"]]),
        grouped("deal", "deal", lambda row: [one for one in rows("deal") if one["id"] == row["deal_id"]]),
    ]


OWNERS = choose(same("owner", "owner", "me", "Ana"), same("负责人", "owner", "ana", "Ana"), has("owner"), no("owner"))
SMALL = st.integers(0, 300)
MONEY = st.integers(0, 2000)
LEAVES: dict[str, list[st.SearchStrategy[Leaf]]] = {
    "customer": [
        st.sampled_from(["acme", "ZOE", "海", "1", "åse", "_", "%"]).map(lambda text: contains("name", text)),
        st.sampled_from(["dach", "东", "a"]).map(lambda text: contains("region", text)),
        st.sampled_from(TAGS).map(lambda tag: Leaf(f"tag:{tag}", lambda row: tag in row["tags"])),
        st.sampled_from([("个人", "person"), ("COMPANY", "company")]).map(lambda p: same("kind", "kind", *p)),
        st.sampled_from([("合格", "qualified"), ("new", "new")]).map(lambda p: same("状态", "status", *p)),
        OWNERS,
        spans("size", "size", SMALL),
        spans("cadence-days", "cadence_days", SMALL),
        spans("contacted", "last_contact_on", DAYS, never=True),
        spans("birthday", "birthday", DAYS),
        ordered(MONEY).map(lambda ends: won_between(*ends)),
        st.sampled_from(["tags", "region", "email", "won", "open", "birthday", "size"]).map(has),
        st.sampled_from(["tags", "region", "email", "won", "open", "last_contact_on", "city"]).map(no),
        choose(
            Leaf("@keys", lambda row: "key" in row["tags"] or "华" in (row["region"] or "")),
            Leaf("is:person", lambda row: row["kind"] == "person"),
        ),
    ],
    "deal": [
        st.sampled_from(["alpha", "续", "aland", "deal 1"]).map(
            lambda text: Leaf(f'title:"{text}"', lambda row: fold(text) in fold(row["title"]))
        ),
        st.sampled_from(STAGES).map(lambda stage: same("stage", "stage", stage, stage)),
        st.sampled_from([("赢单", "won"), ("lost", "lost"), ("open", "open")]).map(lambda p: same("status", "status", *p)),
        choose(Leaf("is:closed", lambda row: row["status"] != "open"), Leaf("status:any", lambda row: True)),
        st.sampled_from(list(CURRENCIES)).map(lambda c: same("currency", "currency", c.lower(), c)),
        OWNERS,
        spans("amount", "amount", MONEY),
        spans("close", "expected_close_on", DAYS),
        spans("closed", "closed_on", DAYS),
        spans("touched", "last_touch_on", DAYS, never=True),
        spans("probability", "probability", st.integers(0, 100)),
        st.sampled_from(["amount", "closed_on", "expected_close_on", "tags"]).map(has),
        st.sampled_from(["amount", "closed_on", "expected_close_on", "last_touch_on"]).map(no),
        choose(Leaf("@won-deals", lambda row: row["status"] == "won" and (row["amount"] or 0) >= 500)),
    ],
    "task": [
        st.sampled_from(["call", "电话", "CAFE"]).map(lambda text: contains("text", text)),
        st.sampled_from([("高", "high"), ("low", "low")]).map(lambda p: same("priority", "priority", *p)),
        choose(
            Leaf("is:done", lambda row: row["done_at"] is not None),
            Leaf("status:open", lambda row: row["done_at"] is None),
            Leaf(
                "is:overdue",
                lambda row: row["done_at"] is None and row["due_on"] is not None and row["due_on"] < TODAY.isoformat(),
            ),
        ),
        OWNERS,
        spans("due", "due_on", DAYS),
        st.sampled_from(["due_on", "done_at"]).map(has),
        st.sampled_from(["due_on", "done_at"]).map(no),
    ],
}  # fmt: skip


def trees(noun: str, most: int = 8) -> st.SearchStrategy[Any]:
    leaf = st.deferred(lambda: st.one_of(LEAVES[noun]))
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            st.tuples(st.just("not"), inner),
            st.tuples(st.just("and"), st.lists(inner, min_size=2, max_size=3)),
            st.tuples(st.just("or"), st.lists(inner, min_size=2, max_size=3)),
        ),
        max_leaves=most,
    )


def typed(tree: Any) -> str:
    if isinstance(tree, Leaf):
        return tree.text
    joint, children = tree
    if joint == "not":
        return f"not:{typed(children)}"
    return "(" + (" or " if joint == "or" else " ").join(map(typed, children)) + ")"


def holds(tree: Any, row: dict[str, Any]) -> bool:
    if isinstance(tree, Leaf):
        return bool(tree.test(row))
    joint, children = tree
    if joint == "not":
        return not holds(children, row)
    return (any if joint == "or" else all)(holds(child, row) for child in children)


EXAMPLES = settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))


led()


@pytest.mark.parametrize("noun", list(KEYS))
def test_a_list_has_exactly_the_rows_that_the_query_holds_for(noun: str) -> None:
    compare(noun, EXAMPLES)


@pytest.mark.slow
@pytest.mark.parametrize("noun", list(KEYS))
def test_ten_thousand_queries_without_a_difference(noun: str) -> None:
    compare(noun, settings(EXAMPLES, max_examples=3400))


def compare(noun: str, size: settings) -> None:
    """Random queries, each answered by the program and by a slow test of every row."""

    @size
    @given(trees(noun))
    def check(tree: Any) -> None:
        words = [noun, "list", f"({typed(tree)})", *(["--all"] if noun != "customer" else [])]
        result = shop()(*words, "--format", "ids")
        assume("nested too deeply" not in result.err)
        assert result.code == 0, (words, result)
        expected = {row["id"] for row in rows(noun) if holds(tree, row)}
        assert {int(line) for line in result.out.split()} == expected, words

    check()


FRAGMENTS = st.sampled_from(
    ["tag:", "not:", "or", "(", ")", "@", "..", "has:", "no:", "is:", '"', "'", "name:", "amount:", "close:", "-", "!",
     "*", "=", ">", "<", " ", "：", "（", "）", "segment:", "key", "vip", "tag:key", "10k", "fri", "status:", "any",
     "owner:", "me", "spent:", "created:", "-7d", "%", "_", "\\", "\u3000", "\x00", "\u200b", "é", "张", "👩\u200d👧",
     "9" * 30, "2026-13-99", "EUR", "0", "days_in_stage:", "size:", "contacted:", "phone:", "website:", "id:", "deals.",
     "deals:", "(stage:won)", "count:", ".", "customer.", "custom.", "seats:", "车型", ":=", "tasks.done.", "商机．", "won."]
)  # fmt: skip
TEXTS = st.lists(FRAGMENTS | st.text(max_size=6), max_size=8).map("".join)


NOUNS = st.sampled_from(["customer", "contact", "deal", "interaction", "task"])


@EXAMPLES
@given(NOUNS, st.lists(TEXTS, min_size=1, max_size=4))
def test_any_text_is_answered(noun: str, texts: list[str]) -> None:
    answered(noun, texts)


@pytest.mark.slow
@settings(EXAMPLES, max_examples=10_000)
@given(NOUNS, st.lists(TEXTS, min_size=1, max_size=4))
def test_ten_thousand_texts_are_answered(noun: str, texts: list[str]) -> None:
    answered(noun, texts)


def answered(noun: str, texts: list[str]) -> None:
    """An answer or a pointed error, never a traceback."""
    result = shop()(noun, "list", "--format", "ids", "--", *texts)
    assert result.code in (0, 2, 3, 4), (texts, result)
    assert "Traceback" not in result.err
    assert result.code == 0 or result.err.startswith("crm: ")


@EXAMPLES
@given(NOUNS, st.lists(TEXTS, min_size=1, max_size=3))
def test_a_query_that_answers_does_so_as_a_segment_too(noun: str, texts: list[str]) -> None:
    from crm_cli.queries.grammar import join_arguments

    direct = shop()(noun, "list", "--format", "ids", "--", *texts)
    if direct.code == 0 and any(text.strip() for text in texts):
        kept = join_arguments(texts)
        again = shop()(noun, "list", "--format", "ids", "--", f"({kept})" if kept else "")
        assert (again.code, again.out) == (0, direct.out), (texts, kept, again)
