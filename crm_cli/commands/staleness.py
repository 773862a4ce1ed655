"""Said beside whatever rests on scores: that there are none yet, or that they are old."""

from collections.abc import Iterable
from datetime import date

from crm_cli.context import App
from crm_cli.store.reader import Reader


def tell_age(app: App, db: Reader, sql: str | None = None, keys: Iterable[str] = (), noun: str = "customer") -> None:
    """A sentence where scores are missing or older than a day.

    `sql` is a condition that may not rest on them at all, `keys` are columns of the noun; neither: it is about scores
    anyhow.
    """
    if sql is not None and "FROM score z" not in sql and not _rests(noun, keys):
        return
    from crm_cli.queries.score_runs import newest_run

    run = newest_run(db)
    if run is None:
        if db.value("SELECT 1 FROM customer WHERE removed_at IS NULL LIMIT 1"):
            app.out.say("There are no scores yet: crm score")
        return
    if (app.today - date.fromisoformat(run.computed_on)).days <= 1:
        return
    if run.since:
        app.out.say_many(
            "Scores are of {day}, {n} command has changed something since: crm score",
            "Scores are of {day}, {n} commands have changed something since: crm score",
            run.since,
            day=run.computed_on,
        )
    else:
        app.out.say("Scores are of {day}: crm score", day=run.computed_on)


def _rests(noun: str, keys: Iterable[str]) -> bool:
    """Whether a column is one of scores, by its key or a short or Chinese name; of other nouns as customer.tier."""
    from crm_cli.rules.dotted import end_of
    from crm_cli.rules.fields import SCORED, find_field

    scored = {field.key for field in SCORED}
    ends = (end_of(noun, key) for key in keys)
    found = (find_field("customer", key) for end, key in ends if end == "customer")
    return any(field is not None and field.key in scored for field in found)


def typed_keys(sort: str) -> list[str]:
    """The columns of --sort."""
    from crm_cli.queries.records import typed_order

    return [name for name, _ in typed_order(sort)]
