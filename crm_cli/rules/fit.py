"""How well a customer fits whom we want, and which prospect comes first; both 0 to 100.

A fit is a sum of weighted criteria, as additive lead scores are: each part can be checked by hand. What is not known
counts half, so that a gap in the record neither makes a customer nor breaks it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from crm_cli.rules.numbers import plain_number
from crm_cli.rules.text import fold

UNKNOWN = 0.5  # share of its weight that an unknown criterion counts
FIELDS = ("industry", "size", "region", "country", "city", "source", "kind", "tag")
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


class Ideal(NamedTuple):
    """One version of an ideal customer."""

    id: int
    uuid: str
    name: str
    version: int
    criteria: list[Criterion]
    created_at: str
    removed: bool
    key: str


class Best(NamedTuple):
    """The ideal customer that a customer fits best, and how."""

    ideal: Ideal
    fit: Fit


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
