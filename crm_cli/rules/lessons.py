"""What won deals have that lost ones have not: naive Bayes with Laplace smoothing, counts that explain themselves."""

from collections.abc import Iterable, Mapping, Sequence
from math import log, sqrt
from typing import Any, NamedTuple

from crm_cli.errors import Misuse
from crm_cli.i18n import said
from crm_cli.rules.fit import Criterion

BANDS = ((1, 9), (10, 49), (50, 249), (250, 999), (1000, None))  # people; the first three as the EU counts enterprises


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


class Lesson(NamedTuple):
    """What was learned from deals won and lost; `left_out` have no customer."""

    won: int
    lost: int
    left_out: int
    rows: list[Learned]

    @property
    def is_enough(self) -> bool:
        """Whether there are deals enough of both kinds to learn from."""
        return min(self.won, self.lost) >= FEWEST_EACH

    def too_little(self) -> tuple[str, dict[str, Any]]:
        """The sentence that says so, with its holes."""
        sentence = said(
            "Too little to learn from: {won} won and {lost} lost deals with a customer, {least} of each needed"
        )
        return sentence, {"won": self.won, "lost": self.lost, "least": FEWEST_EACH}

    def refuse_too_little(self, fewest: int, wanted: Sequence[Criterion]) -> None:
        """Misuse where there is nothing to make an ideal customer of."""
        if not self.is_enough:
            told, holes = self.too_little()
            raise Misuse(told, hint="Say it yourself: crm icp add NAME --help", **holes)
        if not wanted:
            raise Misuse(
                "No value seen in {fewest} deals or more sets won deals apart from lost ones by more than chance",
                hint="See the counts: crm icp learn --all",
                fewest=fewest,
            )
