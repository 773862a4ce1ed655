"""crm score: what the facts say of every customer, worked out and written down."""

from crm_cli.commands.params import Context, noun
from crm_cli.context import App

words = noun()


@words.command("score")
def score(ctx: Context) -> None:
    """Work out tiers, lifecycle, RFM, risk, forecasts, fit and priority of all customers."""
    from crm_cli.actions.scoring import score_all

    app = ctx.obj
    with app.read() as db:
        done = score_all(db, app.asker(db), app.database, dry_run=app.dry_run)
    out, row = app.out, done.row
    if out.is_data or out.format == "md":
        out.record("score_run", row)
    elif app.dry_run:
        out.say_many(
            "Trial, nothing was kept: {n} customer would be scored",
            "Trial, nothing was kept: {n} customers would be scored",
            row["customers"],
        )
    else:
        out.say_many(
            "Scored {n} customer as of {day}: {buyers} with orders, {risk} at risk",
            "Scored {n} customers as of {day}: {buyers} with orders, {risk} at risk",
            row["customers"],
            day=row["computed_on"],
            buyers=row["buyers"],
            risk=row["at_risk"],
        )
    _warn(app, done.unrated, done.broken)


def _warn(app: App, unrated: int, broken: list[tuple[str, str]]) -> None:
    if unrated:
        app.out.say_many(
            "{n} customer has orders in a currency without a rate, so no money is counted: crm rate base",
            "{n} customers have orders in a currency without a rate, so no money is counted: crm rate base",
            unrated,
        )
    for name, reason in broken:
        app.out.say("Tier {name} does not hold any more: {reason}", name=name, reason=reason)
