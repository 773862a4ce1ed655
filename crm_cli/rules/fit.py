"""How well a customer fits whom we want, what won deals have in common, and which prospect comes first; all 0 to 100.

A fit is a sum of weighted criteria, as additive lead scores are: each part can be checked by hand. What is not known
counts half, so that a gap in the record neither makes a customer nor breaks it. What deals teach is naive Bayes with
Laplace smoothing, a table of counts that explains itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt
from typing import Any, NamedTuple

from crm_cli.rules.numbers import plain_number
from crm_cli.rules.text import fold

UNKNOWN = 0.5  # share of its weight that an unknown criterion counts
FIELDS = ("industry", "size", "region", "country", "city", "source", "kind", "tag")
BANDS = ((1, 9), (10, 49), (50, 249), (250, 999), (1000, None))  # people; the first three as the EU counts enterprises
OWN = "custom."

# what makes a prospect come first, of 100 where all three are known
POINTS = {"fit": 40, "intent": 35, "capacity": 25}
HALF_LIFE = 30  # days after which a touch counts half
OLDEST = 180  # days after which it counts nothing: six half-lives
INCOMING = 2.0  # what they begin counts this many times what we begin
TYPICAL = 2.0  # touches that make half of the intent


class Criterion(NamedTuple):
    """What is asked of one field: one of `want`, or a number from `low` to `high`; how much it weighs."""

    field: str
    want: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    weight: int = 1

    @property
    def is_range(self) -> bool:
        """Whether a number is asked for."""
        return not self.want

    def spelled(self) -> str:
        """`50..200`, or the words that are wanted with commas."""
        if not self.is_range:
            return ", ".join(self.want)
        low, high = ("" if end is None else f"{end:g}" for end in (self.low, self.high))
        return low if low == high else f"{low}..{high}"

    def kept(self) -> dict[str, Any]:
        """As the table of ideal customers has it."""
        own: dict[str, Any] = {"weight": self.weight}
        if not self.is_range:
            return {**own, "want": list(self.want)}
        # no fraction is kept where there is none
        ends = (None if end is None else int(end) if end == int(end) else end for end in (self.low, self.high))
        return {**own, "range": list(ends)}


def criteria_of(kept: Mapping[str, Any]) -> list[Criterion]:
    """The criteria of a version, the usual fields first. Whatever else stands there by another hand is left out."""
    found = []
    for field in sorted(kept, key=lambda name: (FIELDS.index(name) if name in FIELDS else len(FIELDS), name)):
        own = kept[field]
        if not isinstance(own, Mapping):
            continue
        ends, weight = own.get("range"), own.get("weight", 1)
        low, high = map(plain_number, ends) if isinstance(ends, list) and len(ends) == 2 else (None, None)
        want = tuple(str(word) for word in own.get("want") or ())
        if want or low is not None or high is not None:
            found.append(Criterion(field, want, low, high, weight if isinstance(weight, int) else 1))
    return found


# ------------------------------------------------------------------ fit


class Part(NamedTuple):
    """One criterion: `state` is matched, near, unknown or not; `points` of at most `most`; `value` as it is kept."""

    criterion: Criterion
    value: Any
    state: str
    points: float
    most: float


class Fit(NamedTuple):
    """`fit` is 0 to 100, None where nothing that is asked is known; `known` percent of the weight is known."""

    fit: int | None
    known: int
    parts: tuple[Part, ...]


class Measure:
    """Criteria made ready for many customers: each value of a field is looked at once."""

    def __init__(self, criteria: Sequence[Criterion]) -> None:
        self.criteria = [one for one in criteria if one.weight > 0]
        self.total = sum(one.weight for one in self.criteria)
        self._wants = [frozenset(map(fold, one.want)) for one in self.criteria]
        self._known: list[dict[Any, float | None]] = [{} for _ in self.criteria]

    def fit(self, values: Sequence[Any]) -> int | None:
        """The fit of one customer; `values` in the order of `criteria`: a word, a number, a tuple of tags or None."""
        return _whole(self._sum(self._shares(values)), self.total)

    def parts(self, values: Sequence[Any]) -> Fit:
        """The same, with what it comes from."""
        shares = self._shares(values)
        found, known = [], 0
        for one, value, share in zip(self.criteria, values, shares, strict=True):
            most = 100 * one.weight / self.total
            state = "unknown" if share is None else "matched" if share == 1 else "near" if share > 0 else "not"
            points = most * (UNKNOWN if share is None else share)
            found.append(Part(one, value, state, points, most))
            known += one.weight if share is not None else 0
        percent = round(100 * known / self.total) if self.total else 0
        return Fit(_whole(self._sum(shares), self.total), percent, tuple(found))

    def _shares(self, values: Sequence[Any]) -> list[float | None]:
        shares = []
        for at, value in enumerate(values):
            known = self._known[at]
            try:
                shares.append(known[value])
            except KeyError:
                share = known[value] = self._share(at, value)
                shares.append(share)
        return shares

    def _share(self, at: int, value: Any) -> float | None:
        one = self.criteria[at]
        if one.field == "tag":  # ours to put on: one that is not there is no gap
            return float(any(fold(tag) in self._wants[at] for tag in value or ()))
        if value is None or value == "":
            return None
        if one.is_range:
            number = plain_number(value)
            return 0.0 if number is None else in_range(number, one.low, one.high)
        key = fold(str(value))
        return float(key in self._wants[at] or any(key.startswith(f"{want}/") for want in self._wants[at]))

    def _sum(self, shares: Iterable[float | None]) -> float | None:
        total, is_known = 0.0, False
        for one, share in zip(self.criteria, shares, strict=True):
            if share is None:
                total += one.weight * UNKNOWN
            else:
                total, is_known = total + one.weight * share, True
        return total if is_known else None


def _whole(total: float | None, most: int) -> int | None:
    # half a point goes up, as people round
    return None if total is None or not most else int(100 * total / most + 0.5)


def in_range(number: float, low: float | None, high: float | None) -> float:
    """1 within the range; beyond it less in proportion, and nothing from half the lowest or twice the highest on."""
    ratio = 1.0
    if low is not None and number < low:
        ratio = number / low
    elif high is not None and number > high:
        ratio = high / number
    return max(0.0, 2 * ratio - 1)


# ------------------------------------------------------------------ priority


class Prospect(NamedTuple):
    """0 to 100, the sum of `parts`: (name, points, most). What is not known gives its points to the others."""

    priority: int | None
    parts: tuple[tuple[str, float, float], ...]


def decayed(age: int, *, incoming: bool) -> float:
    """What a touch so many days ago counts: half of it every 30 days; twice where they turned to us."""
    return (INCOMING if incoming else 1.0) * 0.5 ** (age / HALF_LIFE) if 0 <= age <= OLDEST else 0.0


def half_at(value: float, typical: float) -> float:
    """0 to 1 for any value from 0 on: one half at the typical one, never quite 1 (v / (v + typical))."""
    return value / (value + typical) if value > 0 and value + typical > 0 else 0.0


def prospect(fit: int | None, touches: float, capacity: float | None) -> Prospect:
    """How soon to turn to a prospect: `touches` decayed, `capacity` from 0 to 1; None is not known."""
    shares = {"fit": None if fit is None else fit / 100, "intent": half_at(touches, TYPICAL), "capacity": capacity}
    known = {name: share for name, share in shares.items() if share is not None}
    total = sum(POINTS[name] for name in known)
    parts = tuple(
        (name, 100 * POINTS[name] * share / total, 100 * POINTS[name] / total) for name, share in known.items()
    )
    return Prospect(int(sum(points for _, points, _ in parts) + 0.5), parts)


# ------------------------------------------------------------------ what deals teach


class Learned(NamedTuple):
    """One value of a field: deals won and lost, their rate and the smoothed one in percent, the lift, and whether it
    is `proposed`. `ratio` is P(value | won) / P(value | lost), smoothed."""

    field: str
    value: str
    won: int
    lost: int
    win_rate: float
    smoothed: float
    lift: float
    ratio: float
    proposed: bool

    @property
    def seen(self) -> int:
        """Deals in all."""
        return self.won + self.lost


FEWEST_EACH = 10  # deals won, and lost, before they teach anything
FEWEST_SEEN = 5  # deals with a value before it is proposed
LEAST_LIFT = 1.1
CERTAIN = 1.2816  # standard normal quantile: by chance alone one value in ten would be proposed


def learned(counts: Mapping[str, Mapping[str, tuple[int, int]]], *, fewest: int = FEWEST_SEEN) -> list[Learned]:
    """What sets won deals apart, field after field, values by their lift; `counts`: field -> value -> (won, lost).

    Naive Bayes, one field at a time: P(value | won) = (won + 1) / (all won with the field known + number of values),
    P(value | lost) likewise (Laplace, add one), and by Bayes smoothed = base * P(v | won) / (base * P(v | won) +
    (1 - base) * P(v | lost)), base the win rate of the deals with the field known. lift = smoothed / base.
    """
    found = []
    for field, values in counts.items():
        won, lost = sum(n for n, _ in values.values()), sum(n for _, n in values.values())
        if not won or not lost:
            continue
        base, kinds = won / (won + lost), len(values)
        rows = []
        for value, (w, n) in values.items():
            if_won, if_lost = (w + 1) / (won + kinds), (n + 1) / (lost + kinds)
            smoothed = base * if_won / (base * if_won + (1 - base) * if_lost)
            seen = w + n
            beyond = (w / seen - base) / sqrt(base * (1 - base) / seen)
            # what every deal has tells none from the other
            told = kinds > 1 and seen >= fewest and smoothed / base >= LEAST_LIFT and beyond >= CERTAIN
            rows.append(
                Learned(field, value, w, n, 100 * w / seen, 100 * smoothed, smoothed / base, if_won / if_lost, told)
            )
        found += sorted(rows, key=lambda row: (-row.lift, -row.seen, row.value))
    return found


def band_of(size: int) -> str:
    """The band that so many people fall into: `50..249`."""
    for low, high in BANDS:
        if high is None or size <= high:
            return f"{low}..{high or ''}"
    raise AssertionError(size)  # pragma: no cover - the last band is open


def proposal(rows: Iterable[Learned]) -> list[Criterion]:
    """An ideal customer out of what was learned: the proposed values of each field, at most ten of them.

    A field weighs 1 to 10, in proportion to ln(ratio) of its best value: how far it tells won from lost.
    """
    by_field: dict[str, list[Learned]] = {}
    for row in rows:
        if row.proposed:
            by_field.setdefault(row.field, []).append(row)
    told = {field: max(log(row.ratio) for row in chosen) for field, chosen in by_field.items()}
    most = max(told.values(), default=1.0)
    found = []
    for field, chosen in by_field.items():
        weight = max(1, round(10 * told[field] / most))
        if field == "size":
            found.append(_range(chosen, weight))
        else:
            found.append(Criterion(field, tuple(row.value for row in chosen[:10]), weight=weight))
    return found


def _range(chosen: Sequence[Learned], weight: int) -> Criterion:
    """The bands that lie together around the best one: a range has no holes."""
    names = [f"{low}..{high or ''}" for low, high in BANDS]
    told = {row.value for row in chosen}
    first = last = names.index(chosen[0].value)
    while first > 0 and names[first - 1] in told:
        first -= 1
    while last + 1 < len(names) and names[last + 1] in told:
        last += 1
    return Criterion("size", low=BANDS[first][0], high=BANDS[last][1], weight=weight)
