"""crm why: every fact behind a customer's tier, stage of life and risk."""

from typing import Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun

words = noun()


@words.command("why")
def why(
    ctx: Context,
    ref: Annotated[
        p.Text, typer.Argument(metavar="CUSTOMER", help="an id, a name, an e-mail or a phone number")
    ] = None,
) -> None:
    """Show what stands behind a customer's tier, stage of life and risk, fact by fact."""
    from crm_cli.commands import ask
    from crm_cli.commands.staleness import tell_age
    from crm_cli.output.why import show_why
    from crm_cli.queries.find import Finder
    from crm_cli.queries.score_runs import newest_run
    from crm_cli.queries.why import why as facts_of

    app = ctx.obj
    text = ask.need_ref(app, ref, "CUSTOMER", ["customer"])
    with app.read() as db:
        found = Finder(db, ["customer"], country=app.country).one(text)
        facts = facts_of(db, found.id, app.asker(db))
        run = newest_run(db)
        known = {"customer": found.name, "customer_id": found.id, "as_of": app.today.isoformat()}
        show_why(app.out, found.name, facts, {**known, "scored_on": run and run.computed_on})
        tell_age(app, db)
