"""crm tier: what customers are worth, by rules that are tried one after the other, and the service that each gets."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option, options_of, sets
from crm_cli.errors import Misuse

tiers = noun()
nouns = {"tier": tiers}

TierName = Annotated[p.Text, typer.Argument(metavar="NAME", help="the tier")]
Rule = Annotated[
    p.Several, sets("--query", "whom it holds for: rfm.m:5, risk:50.., tag:key; several are one query", "Q")
]
Cadence = Annotated[p.Text, sets("--cadence", "be in touch at least every so often: 14d, 2w, 1mo", "14d")]
Owner = Annotated[p.Text, sets("--owner", "member who looks after them, or me", "R")]
Playbook = Annotated[p.Text, sets("--playbook", "what to do with them, in a sentence", "T")]
Position = Annotated[p.Text, sets("--position", "where it is tried: 1 is first", "N")]
Risk = Annotated[
    bool | None,
    typer.Option("--risk/--no-risk", help="whether the call sheet names them when they are about to leave",
                 rich_help_panel=p.SETS),
]  # fmt: skip
_CLEARABLE = {"cadence": "cadence_days", "cadence_days": "cadence_days", "owner": "owner_id", "playbook": "playbook"}


@tiers.command("list")
def list_(
    ctx: Context, columns: p.Columns = None, sort: p.Sort = None, limit: p.Limit = None, offset: p.Offset = None
) -> None:
    """List the tiers in the order in which they are tried, with how many customers are in each."""
    from crm_cli.commands.lists import show_small
    from crm_cli.commands.staleness import tell_age
    from crm_cli.queries.tiers import published

    app = ctx.obj
    with app.read() as db:
        show_small(app, "tier", published(db, app.asker(db)), columns, sort, limit, offset)
        tell_age(app, db)


@tiers.command("show")
def show(ctx: Context, name: TierName = None) -> None:
    """Show one tier: its rule, the service it asks for, and the lines that put that into the records."""
    from crm_cli.commands import ask
    from crm_cli.commands.staleness import tell_age
    from crm_cli.output.tiers import show_tier
    from crm_cli.queries.tiers import find_tier, published

    app = ctx.obj
    typed = ask.need(app, name, "tier")
    with app.read() as db:
        found = find_tier(db, typed).name
        row = next(row for row in published(db, app.asker(db)) if row["name"] == found)
        show_tier(app.out, row)
        tell_age(app, db)


@tiers.command("add")
def add(
    ctx: Context,
    name: TierName = None,
    query: Rule = None,
    cadence: Cadence = None,
    owner: Owner = None,
    playbook: Playbook = None,
    risk: Risk = None,
    position: Position = None,
) -> None:
    """Add a tier; it is tried last unless --position says otherwise."""
    from crm_cli.actions.tiers import add_tier
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    options = _options(ctx, risk, position, [])
    called = ask.need(app, name, "name")
    if not options.get("query"):
        raise Misuse("--query is missing: it says who is in the tier", hint="As: crm tier add key --query tag:key")
    write(app, lambda w: add_tier(w, called, options, app.asker(w.db)), single=True)


@tiers.command("edit")
def edit(
    ctx: Context,
    name: TierName = None,
    rename: Annotated[p.Text, sets("--name", "another name", "T")] = None,
    query: Rule = None,
    cadence: Cadence = None,
    owner: Owner = None,
    playbook: Playbook = None,
    risk: Risk = None,
    position: Position = None,
    clear: Annotated[
        p.Several, option("--clear", "empty cadence, owner or playbook; several are possible", "FIELD", p.TAKES)
    ] = None,
) -> None:
    """Change the rule of a tier, where it is tried, or the service that it asks for."""
    from crm_cli.actions.tiers import edit_tier
    from crm_cli.commands import ask
    from crm_cli.commands.records import nothing_said
    from crm_cli.commands.writes import write

    app = ctx.obj
    options = _options(ctx, risk, position, clear or [])
    typed = ask.need(app, name, "tier")
    options["name"] = rename
    if not any(value not in (None, [], ()) for value in options.values()):
        raise nothing_said("tier")
    write(app, lambda w: edit_tier(w, typed, options, app.asker(w.db)), single=True)


@tiers.command("remove")
def remove(ctx: Context, name: TierName = None) -> None:
    """Remove a tier; its customers get another one with the next crm score."""
    from crm_cli.actions.tiers import remove_tier
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    typed = ask.need(app, name, "tier")
    write(app, lambda w: remove_tier(w, typed))


@tiers.command("reset")
def reset(ctx: Context) -> None:
    """Bring back the five tiers that every database begins with."""
    from crm_cli.actions.tiers import reset_tiers
    from crm_cli.commands.writes import write

    write(ctx.obj, reset_tiers)


def _options(ctx: Context, risk: bool | None, position: str | None, clear: list[str]) -> dict[str, Any]:
    from crm_cli.commands.columns import number
    from crm_cli.rules.fields import field_key

    typed = options_of(ctx)
    options: dict[str, Any] = {key: typed.get(key) for key in ("query", "cadence", "owner", "playbook")}
    options["asks_risk"], options["position"] = risk, number(position, "position")
    unknown = next((field for field in clear if field_key(field) not in _CLEARABLE), None)
    if unknown is not None:
        raise Misuse(
            "A tier has no {field} to clear", hint="Known here: {known}", field=unknown, known="cadence owner playbook"
        )
    options["clear"] = [_CLEARABLE[field_key(field)] for field in clear]
    return options
