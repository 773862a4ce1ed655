"""What moved in the funnel since a day: deals that entered and left each stage, and how they left it."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, NamedTuple

from crm_cli.store.reader import Reader


class Movement(NamedTuple):
    """Changes of stage since the day, by deal: one that goes back and forth counts each time."""

    entered: int = 0
    left: int = 0
    won: int = 0
    lost: int = 0


Movements = dict[tuple[Any, Any, int], Movement]  # by label, currency and stage


def movements(
    db: Reader,
    label: str,
    joins: str,
    tests: str,
    params: dict[str, Any],
    since: str,
    currency: Callable[[Any, Any], Any],
) -> Movements:
    """Stage changes after the end of a day (ISO). `label`, `joins` and `tests` are SQL over deal d; `currency` says
    which row set a deal without an amount belongs to."""
    rows = db.rows(
        f"SELECT {label}, d.currency, x.from_stage_id, x.to_stage_id, s.kind, count(*) FROM stage_change x"
        " JOIN deal d ON d.id = x.deal_id JOIN stage s ON s.id = x.to_stage_id"
        f"{joins} WHERE x.changed_on > :since AND d.removed_at IS NULL{tests} GROUP BY 1, 2, 3, 4",
        {**params, "since": since},
    )
    found: dict[tuple[Any, Any, int], Movement] = defaultdict(Movement)
    for own_label, own, source, target, kind, n in rows:
        group = (own_label, currency(own_label, own))
        came = found[*group, target]
        found[*group, target] = came._replace(entered=came.entered + n)
        if source is not None:
            gone = found[*group, source]
            won, lost = n * (kind == "won"), n * (kind == "lost")
            found[*group, source] = Movement(gone.entered, gone.left + n, gone.won + won, gone.lost + lost)
    return dict(found)


def compared(deals: int, moved: Movement) -> dict[str, int]:
    """The keys that a row of the funnel gains: before, entered, left, to_won, to_lost, change."""
    change = moved.entered - moved.left
    return {
        "before": deals - change,
        "entered": moved.entered,
        "left": moved.left,
        "to_won": moved.won,
        "to_lost": moved.lost,
        "change": change,
    }
