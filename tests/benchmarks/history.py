"""When things happened in the standard set: deals through their stages, talks, tasks, cadences; days as plain numbers.

Everything is consistent by construction: a deal's end is its last touch, and nothing about a deal lies outside
opened..end. How much is due does not grow with the data but with a team's day: `daily` says so.
"""

import random
from bisect import bisect_right
from datetime import date, timedelta
from math import sqrt
from typing import NamedTuple

TODAY_ON = date(2026, 6, 15)
_FIRST_ON = date(2019, 1, 1)
TODAY = (TODAY_ON - _FIRST_ON).days
DAYS = [(_FIRST_ON + timedelta(days)).isoformat() for days in range(TODAY + 1200)]
SLOTS = 600  # minutes of a working day, 07:00 to 16:59 UTC
CLOCK = [f"T{7 + slot // 60:02d}:{slot % 60:02d}:{slot * 37 % 60:02d}Z" for slot in range(SLOTS)]
_MORNING = 100  # slots of today that lie before 09:00, when the benchmarks run
CADENCES = (14, 30, 60, 90, 120, 180, 365, 730)


class Stages(NamedTuple):
    """Ids of the default pipeline; `quiet` is the days after which an open stage is quiet."""

    open: list[int]
    quiet: list[int]
    won: int
    lost: int


class Deal(NamedTuple):
    """`steps` are (stage id, day); `end` is the day of the last touch, the closing day of a closed deal."""

    id: int
    customer: int
    opened: int
    end: int
    outcome: str  # open, won or lost
    furthest: int
    steps: list[tuple[int, int]]


class Talk(NamedTuple):
    """Interactions in the order of their time: slot, customer id, deal id or 0."""

    rows: list[tuple[int, int, int]]
    last_of_customer: list[int]  # by customer id, day of the newest, -1 without any


class Job(NamedTuple):
    """A task; days, `done` is None while it is open, `at` a slot for an appointment."""

    created: int
    customer: int
    deal: int
    due: int | None
    at: int | None
    done: int | None


def daily(count: int, scale: float) -> int:
    """How many of these are due at once: less in a small database, never more in a huge one."""
    return max(2, round(count * min(1.0, sqrt(scale))))


def moment(slot: int) -> str:
    """A slot as the program keeps moments."""
    return DAYS[slot // SLOTS] + CLOCK[slot % SLOTS]


def customer_days(rng: random.Random, count: int) -> list[int]:
    """The day each customer was made, in the order of the ids."""
    days = sorted(int((TODAY - 1) * rng.random() ** 0.8) for _ in range(count))
    days[0] = 0
    return days


# ---------------------------------------------------------------- deals


def make_deals(rng: random.Random, count: int, created: list[int], stages: Stages, scale: float) -> list[Deal]:
    """40 % open, 35 % won, 25 % lost, by the day opened; about 150 of the open ones are quiet."""
    r = rng.random
    drafts: list[tuple[int, int, int, int]] = []  # opened, end, outcome, depth
    quiet_left = daily(150, scale)
    for number in range(count):
        share = number / count
        if share < 0.4:
            depth = min(len(stages.open) - 1, int(r() ** 1.6 * len(stages.open)))
            limit = stages.quiet[depth]
            if quiet_left:
                quiet_left -= 1
                end = TODAY - limit - 1 - int(r() * 60)
                opened = end - int(r() * 150)
            else:
                end = TODAY - 1 - int(r() * (limit - 1))
                opened = end - int(r() ** 1.5 * 240)
            drafts.append((opened, end, 0, depth))
        else:
            opened = int((TODAY - 20) * r() ** 0.7)
            end = min(TODAY - 1, opened + 1 + int(r() ** 1.7 * 200))
            drafts.append((opened, end, 1 if share < 0.75 else 2, int(r() * len(stages.open))))
    drafts.sort()
    deals = []
    for deal_id, (opened, end, outcome, depth) in enumerate(drafts, 1):
        known = bisect_right(created, opened)
        # A tenth goes to the oldest customers, so that some have hundreds of deals.
        customer = 1 + int(known * (r() if r() < 0.9 else r() ** 2))
        path, furthest = _path(r(), r(), outcome, depth, stages)
        deals.append(
            Deal(
                deal_id,
                customer,
                opened,
                end,
                ("open", "won", "lost")[outcome],
                furthest,
                _dated(rng, path, opened, end, outcome),
            )
        )
    return deals


def _path(chance: float, other: float, outcome: int, depth: int, stages: Stages) -> tuple[list[int], int]:
    """The stages in their order, and the furthest reached: some start late, some skip, some step back."""
    if outcome == 1:
        depth = len(stages.open) - 1
    start = 1 if chance < 0.2 and depth > 0 else 0
    path = stages.open[start : depth + 1]
    furthest = stages.open[depth]
    if outcome == 1:
        if other < 0.3 and len(path) > 2:
            del path[1]
        return [*path, stages.won], furthest
    if other < 0.05 and depth + 1 < len(stages.open):
        furthest = stages.open[depth + 1]
        path = [*path, furthest, stages.open[depth]]
    return ([*path, stages.lost] if outcome == 2 else path), furthest


def _dated(rng: random.Random, path: list[int], opened: int, end: int, outcome: int) -> list[tuple[int, int]]:
    span = end - opened + 1
    days = [opened, *sorted(opened + int(rng.random() * span) for _ in path[1:])]
    if outcome:
        days[-1] = end
    return list(zip(path, days, strict=True))


# ---------------------------------------------------------------- interactions


def make_talk(rng: random.Random, count: int, deals: list[Deal], created: list[int]) -> Talk:
    """One for every deal (on the last day of an open one), two thirds in all; the rest for customers without a deal named."""
    r = rng.random
    last = [-1] * (len(created) + 1)
    rows: list[tuple[int, int, int]] = []
    of_deals = min(count, max(len(deals), count * 3 // 5))
    for number in range(count):
        if number < of_deals:
            deal = deals[number % len(deals)]
            customer, deal_id, start, end = deal.customer, deal.id, deal.opened, deal.end
            day = end if number < len(deals) and deal.outcome == "open" else start + int(r() * (end - start + 1))
        else:
            customer, deal_id = 1 + int(r() * len(created)), 0
            start = created[customer - 1]
            day = start + int(r() * (TODAY - start + 1))
        last[customer] = max(last[customer], day)
        rows.append((day * SLOTS + int(r() * (_MORNING if day == TODAY else SLOTS)), customer, deal_id))
    rows.sort()
    return Talk(rows, last)


def make_cadences(rng: random.Random, last: list[int], created: list[int], scale: float) -> dict[int, int]:
    """Customer id -> cadence in days: a fifth has one, about 200 have run out, 30 more will within the week."""
    out_left, soon_left, left = daily(200, scale), daily(30, scale), len(created) // 5
    order = list(range(1, len(created) + 1))
    rng.shuffle(order)
    cadences: dict[int, int] = {}
    for customer in order:
        base = last[customer] if last[customer] >= 0 else created[customer - 1]
        due = {days: base + days for days in CADENCES}
        ran_out = [days for days, on in due.items() if TODAY - 45 <= on <= TODAY]
        soon = [days for days, on in due.items() if TODAY < on <= TODAY + 7]
        later = [days for days, on in due.items() if TODAY + 10 <= on < TODAY + 900]
        if ran_out and out_left:
            cadences[customer], out_left = ran_out[0], out_left - 1
        elif soon and soon_left:
            cadences[customer], soon_left = soon[0], soon_left - 1
        elif later and left:
            cadences[customer], left = rng.choice(later[:3]), left - 1
        if not (out_left or soon_left or left):
            break
    return cadences


# ---------------------------------------------------------------- tasks


def make_jobs(rng: random.Random, count: int, deals: list[Deal], created: list[int], scale: float) -> list[Job]:
    """Nine of ten done; of the open ones about 150 overdue, 60 due this week (a third of them today), the rest far off."""
    open_deals = [deal for deal in deals if deal.outcome == "open"]
    overdue, week = daily(150, scale), daily(60, scale)
    is_open = max(count // 10, min(count, overdue + week))
    jobs = [_open_job(rng, number, overdue, week, open_deals, created) for number in range(is_open)]
    jobs += [_done_job(rng, deals, created) for _ in range(count - is_open)]
    jobs.sort(key=lambda job: job.created)
    return jobs


def _open_job(rng: random.Random, number: int, overdue: int, week: int, deals: list[Deal], created: list[int]) -> Job:
    r = rng.random
    due: int | None = TODAY + 14 + int(r() * 700)
    at = None
    if number < overdue:
        due = TODAY - 1 - int(r() ** 2 * 60)
    elif number < overdue + week:
        due = TODAY if number % 3 == 0 else TODAY + 1 + int(r() * 6)
        if number % 4 == 0:
            at = due * SLOTS + 120 + int(r() * (SLOTS - 120))
    elif r() < 0.1:
        due = None
    deal = deals[int(r() * len(deals))] if deals and r() < 0.6 else None
    customer = deal.customer if deal else 1 + int(r() * len(created))
    born = max(
        deal.opened if deal else created[customer - 1], min(TODAY - 1, TODAY if due is None else due) - int(r() * 90)
    )
    if due is not None:
        due = max(due, born)  # a deal of yesterday has no task from last month
    return Job(born, customer, deal.id if deal else 0, due, at, None)


def _done_job(rng: random.Random, deals: list[Deal], created: list[int]) -> Job:
    r = rng.random
    deal = deals[int(r() * len(deals))] if r() < 0.6 else None
    customer = deal.customer if deal else 1 + int(r() * len(created))
    start = deal.opened if deal else created[customer - 1]
    done = start + int(r() * ((deal.end if deal else TODAY - 1) - start + 1))
    born = max(start, done - int(r() * 30))
    return Job(born, customer, deal.id if deal else 0, max(born, done - 3 + int(r() * 5)), None, done)
