"""How the deals of the made-up company go: opened, talked about, moved, won and lost over two years."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from crm_cli.actions import demo_texts as words
from crm_cli.actions.demo_names import Firm
from crm_cli.rules.days import local

OPEN = ("lead", "qualified", "proposal", "negotiation")
# days that a deal may stand in a stage, at least and at most
_STAY = {"lead": (3, 24), "qualified": (6, 30), "proposal": (5, 26), "negotiation": (3, 22)}
_CLOSED = 72  # deals won or lost, as far as they find room in the time of their customer
_WON = 0.6
_RUNNING = 21  # open deals besides those of the scenes
# the days that a running deal has been untouched at most, within what its stage allows
_FRESH = {"lead": 11, "qualified": 11, "proposal": 7, "negotiation": 4}


class Deal(NamedTuple):
    """A deal with the days of its stages: (stage, days ago), oldest first; expected to close in `close` days."""

    key: str
    title: str
    amount: int
    path: list[tuple[str, int]]
    close: int
    reason: str = ""
    risk: str = ""

    @property
    def stage(self) -> str:
        return self.path[-1][0]


class Talk(NamedTuple):
    """An interaction so many days ago; `done` is the task that it ticks off."""

    key: str
    deal: Deal | None
    ago: int
    channel: str
    text: str
    outcome: str
    done: str = ""


class Todo(NamedTuple):
    """An open task, due so many days from today."""

    key: str
    deal: Deal | None
    text: str
    due: int | None
    time: str = ""
    priority: str = "normal"
    every: str = ""


class Life:
    """Everything that happens. The same for every day but for the days themselves."""

    def __init__(self, firms: Sequence[Firm], chance: Random) -> None:
        self.chance = chance
        self.firms = {firm.key: firm for firm in firms}
        self.known: dict[str, int] = {}  # key -> how many days ago the customer was met
        self.newest: dict[str, int] = {}  # key -> no talk is newer than so many days ago
        self.deals: list[Deal] = []
        self.talks: list[Talk] = []
        self.todos: list[Todo] = []
        self.scenes = words.scenes()
        self._titles = {(scene.key, scene.title) for scene in self.scenes}
        self._said: dict[str, str] = {}
        for i, firm in enumerate(firms):
            self.known[firm.key] = 728 - i * 10 - chance.randrange(8) if i < 55 else 9 - (i - 55)
        self._scenes()
        self._cadences()
        self._running()
        self._closed()
        self._new()

    # --------------------------------------------------------------- what stands today

    def _scenes(self) -> None:
        for scene in self.scenes:
            deal = self._scene_deal(scene) if scene.title else None
            self.newest[scene.key] = scene.touched
            self.talks.append(Talk(scene.key, deal, scene.touched, scene.channel, scene.said, ""))
            if scene.task:
                self.todos.append(Todo(scene.key, deal, scene.task, scene.due, scene.time, scene.priority))

    def _scene_deal(self, scene: words.Scene) -> Deal:
        stages = OPEN[: OPEN.index(scene.stage) + 1]
        cuts = sorted(self.chance.sample(range(scene.touched + 1, scene.opened), len(stages) - 1), reverse=True)
        path = list(zip(stages, [scene.opened, *cuts], strict=True))
        risk = self._pick(scene.key, words.RISKS, words.RISKS_ZH) if scene.stage in OPEN[2:] else ""
        deal = Deal(scene.key, scene.title, scene.amount, path, scene.close, risk=risk)
        self._keep(deal, scene.touched + 1)
        return deal

    def _cadences(self) -> None:
        for key, _, ago, channel, text in words.CADENCES:
            self.newest[key] = ago
            self.talks.append(Talk(key, None, ago, channel, text, ""))

    def _running(self) -> None:
        """Deals that go on as they should."""
        free = [key for key in self.firms if key not in self.newest and self.known[key] > 100]
        for n, key in enumerate(self.chance.sample(free, _RUNNING)):
            stages = OPEN[: (0, 0, 1, 0, 2, 1, 3)[n % 7] + 1]
            touched = self.chance.randint(1, _FRESH[stages[-1]])
            path: list[tuple[str, int]] = []
            opened = touched + self.chance.randint(1, 4)
            for stage in reversed(stages):
                path.insert(0, (stage, opened))
                opened += self.chance.randint(*_STAY[stage])
            deal = Deal(key, self._title(key), self._amount(key), path, self.chance.randint(12, 90))
            self.newest[key] = touched
            self._keep(deal, touched)
            self._say(deal, deal.stage, touched)
            if n % 5 != 4:
                step = self._pick(key, words.NEXT_STEPS, words.NEXT_STEPS_ZH)
                self.todos.append(Todo(key, deal, step, self.chance.randint(8, 40)))

    def _new(self) -> None:
        """Met at the fair last week; nobody has called yet."""
        for n, firm in enumerate(list(self.firms.values())[55:]):
            text = "首次电话" if firm.language == "zh" else "first call after the fair"
            self.todos.append(Todo(firm.key, None, text, n + 3))
        self.todos.append(Todo("isarhof", None, "send the monthly usage report", 12, every="1mo"))
        self.todos.append(Todo("pennine", None, "invite to the customer day", None, priority="low"))

    # --------------------------------------------------------------- what is over

    def _closed(self) -> None:
        keys = [key for key in self.firms if self.known[key] > 150]
        for n in range(_CLOSED):
            key = keys[(n * 7) % len(keys)]
            is_won = self.chance.random() < _WON
            last = len(OPEN) if is_won else self.chance.choice((1, 2, 2, 3, 3, 4))
            first = 1 if last > 1 and self.chance.random() < 0.2 else 0  # some come in as qualified
            stays = [(stage, self.chance.randint(*_STAY[stage])) for stage in OPEN[first:last]]
            whole = sum(days for _, days in stays)
            latest = self.newest.get(key, 6) + 5
            earliest = self.known[key] - whole - 3
            if earliest <= latest:
                continue
            ago = self.chance.randint(latest, earliest)
            path = [("won" if is_won else "lost", ago)]
            for stage, days in reversed(stays):
                path.insert(0, (stage, path[0][1] + days))
            reason = "" if is_won else self._pick(key, words.REASONS, words.REASONS_ZH)
            deal = Deal(key, self._title(key), self._amount(key), path, -ago + self.chance.randint(-9, 15), reason)
            self._keep(deal, ago)
            self._say(deal, deal.stage, ago)
            if is_won:
                self._care(key, ago, latest)

    def _care(self, key: str, won: int, latest: int) -> None:
        for _ in range(self.chance.randint(1, 3)):
            if won - latest > 14:
                ago = self.chance.randint(latest, won - 10)
                self.talks.append(self._talk(key, None, "care", ago))

    # --------------------------------------------------------------- words

    def _keep(self, deal: Deal, latest: int) -> None:
        """Keep a deal, with a talk in most of its open stages; `latest`: none is newer than so many days."""
        self.deals.append(deal)
        ends = [ago for _, ago in deal.path[1:]] + [latest]
        for (stage, begun), ended in zip(deal.path, ends, strict=True):
            if stage in OPEN and self.chance.random() < 0.85:
                self._say(deal, stage, self.chance.randint(ended, max(begun, ended)))

    def _say(self, deal: Deal, stage: str, ago: int) -> None:
        self.talks.append(self._talk(deal.key, deal, stage, ago))

    def _talk(self, key: str, deal: Deal | None, stage: str, ago: int) -> Talk:
        texts = words.TALKS_ZH if self.firms[key].language == "zh" else words.TALKS
        channel, text, outcome, task = self.chance.choice(
            [one for one in texts[stage] if one[1] != self._said.get(key)]
        )
        self._said[key] = text
        return Talk(key, deal, ago, channel, text, outcome, task if self.chance.random() < 0.2 else "")

    def _pick(self, key: str, english: Sequence[str], chinese: Sequence[str]) -> str:
        return self.chance.choice(chinese if self.firms[key].language == "zh" else english)

    def _title(self, key: str) -> str:
        """A title that the customer has not had yet."""
        while True:
            title = self._pick(key, words.TITLES, words.TITLES_ZH)
            if (key, title) not in self._titles:
                self._titles.add((key, title))
                return title

    def _amount(self, key: str) -> int:
        units = self.chance.randint(8, 140) * self.chance.choice((100, 500, 500))
        return units * 7 if self.firms[key].currency == "CNY" else units


class Calendar:
    """Days and moments counted from today; what has been falls on working days."""

    def __init__(self, now: datetime) -> None:
        self.today: date = now.date()
        self.zone = now.tzinfo

    def back(self, ago: int) -> date:
        """The working day that was so many days ago, or the one before it."""
        day = self.today - timedelta(days=ago)
        return day - timedelta(days=max(0, day.weekday() - 4))

    def ahead(self, days: int) -> date:
        """The day in so many days; a coming one moves on to the Monday, an overdue one back to the Friday."""
        if days < 0:
            return self.back(-days)
        day = self.today + timedelta(days=days)
        return day + timedelta(days=7 - day.weekday()) if days and day.weekday() > 4 else day

    def at(self, day: date, hour: int, minute: int) -> datetime:
        """The moment of a wall clock."""
        return local(day, time(hour, minute), self.zone)
