"""crm icp: whom we want as a customer, how well others fit, and what won deals say of it."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option, options_of, sets

ideals = noun()
nouns = {"icp": ideals}

IcpName = Annotated[p.Text, typer.Argument(metavar="NAME", help="the ideal customer")]
Industry = Annotated[p.Several, sets("--industry", "an industry that is wanted; several are possible", "T")]
Size = Annotated[p.Text, sets("--size", "number of employees: 50..200, 50.. or ..200", "N..N")]
Region = Annotated[p.Several, sets("--region", "a region; several are possible", "T")]
Country = Annotated[p.Several, sets("--country", "a country; several are possible", "C")]
City = Annotated[p.Several, sets("--city", "a city; several are possible", "T")]
Source = Annotated[p.Several, sets("--source", "where they come from; several are possible", "T")]
Kind = Annotated[p.Text, sets("--kind", "company or person", "K")]
Tag = Annotated[p.Several, sets("--tag", "a tag, or another one; several are possible", "T")]
Own = Annotated[p.Several, sets("--set", "a field of your own: erp=SAP or seats=50..200", "K=V")]
Weight = Annotated[p.Several, sets("--weight", "what a field weighs, 1 unless you say: industry=3", "FIELD=N")]
Criteria = "industry size region country city source kind tag set weight".split()


@ideals.command("add")
def add(
    ctx: Context,
    name: IcpName = None,
    industry: Industry = None,
    size: Size = None,
    region: Region = None,
    country: Country = None,
    city: City = None,
    source: Source = None,
    kind: Kind = None,
    tag: Tag = None,
    set: Own = None,
    weight: Weight = None,
) -> None:
    """Say whom you want as a customer; crm score measures everybody against it."""
    from crm_cli.actions.icp import add_icp
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, _options(ctx)
    called = ask.need(app, name, "name")
    write(app, lambda w: add_icp(w, called, options), single=True)


@ideals.command("list")
def list_(
    ctx: Context,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
    removed: p.Removed = False,
) -> None:
    """List the ideal customers, each as its newest version asks."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries.icp import listed

    app = ctx.obj
    with app.read() as db:
        show_small(app, "icp", listed(db, app.now.tzinfo, removed=removed), columns, sort, limit, offset)


@ideals.command("show")
def show(
    ctx: Context,
    name: IcpName = None,
    version: Annotated[p.Text, option("--version", "as it was: 1 is the first", "N", p.WHICH)] = None,
) -> None:
    """Show what an ideal customer asks for, and its earlier versions."""
    from crm_cli.commands import ask
    from crm_cli.commands.columns import number
    from crm_cli.output.icp import show_icp
    from crm_cli.queries.icp import one_version

    app, chosen = ctx.obj, number(version, "version")
    typed = ask.need(app, name, "ideal customer", known=ask.small_names(app, "icp"))
    with app.read() as db:
        row = one_version(db, typed, chosen, app.now.tzinfo)
    show_icp(app.out, row)


@ideals.command("edit")
def edit(
    ctx: Context,
    name: IcpName = None,
    rename: Annotated[p.Text, sets("--name", "another name", "T")] = None,
    industry: Industry = None,
    size: Size = None,
    region: Region = None,
    country: Country = None,
    city: City = None,
    source: Source = None,
    kind: Kind = None,
    tag: Tag = None,
    set: Own = None,
    weight: Weight = None,
    clear: Annotated[
        p.Several, option("--clear", "ask nothing of a field any more; several are possible", "FIELD", p.TAKES)
    ] = None,
) -> None:
    """Change whom you want: a further version, the earlier ones stay to be seen."""
    from crm_cli.actions.icp import edit_icp, field_of
    from crm_cli.commands import ask
    from crm_cli.commands.records import nothing_said
    from crm_cli.commands.writes import write

    app, options = ctx.obj, _options(ctx)
    if rename:
        options["name"] = rename
    if clear:
        options["clear"] = [field_of(field) for field in clear]
    typed = ask.need(app, name, "ideal customer", known=ask.small_names(app, "icp"))
    if not options:
        raise nothing_said("icp")
    write(app, lambda w: edit_icp(w, typed, options), single=True)


@ideals.command("remove")
def remove(ctx: Context, name: IcpName = None) -> None:
    """Hide an ideal customer with its versions; restore brings it back."""
    from crm_cli.actions.icp import remove_icp
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    typed = ask.need(app, name, "ideal customer", known=ask.small_names(app, "icp"))
    write(app, lambda w: remove_icp(w, typed))


@ideals.command("restore")
def restore(ctx: Context, name: IcpName = None) -> None:
    """Bring a removed ideal customer back."""
    from crm_cli.actions.icp import restore_icp
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app = ctx.obj
    typed = ask.need(app, name, "ideal customer")
    write(app, lambda w: restore_icp(w, typed))


@ideals.command("fit")
def fit(
    ctx: Context,
    ref: Annotated[
        p.Text, typer.Argument(metavar="CUSTOMER", help="an id, a name, an e-mail or a phone number")
    ] = None,
) -> None:
    """Show how well a customer fits, part by part, and how soon to turn to it."""
    from crm_cli.commands import ask
    from crm_cli.output.icp import show_fit
    from crm_cli.queries.find import Finder
    from crm_cli.queries.icp import fits_of
    from crm_cli.queries.priority import priority_of

    app = ctx.obj
    text = ask.need_ref(app, ref, "CUSTOMER", ["customer"])
    with app.read() as db:
        found = Finder(db, ["customer"], country=app.country).one(text)
        fits = fits_of(db, found.id)
        best = fits[0].fit.fit if fits else None
        priority = priority_of(db, app.today, found.id, best)
    show_fit(app.out, found.id, found.name, fits, priority)


@ideals.command("learn")
def learn(
    ctx: Context,
    query: p.Query = None,
    apply: Annotated[p.Text, sets("--apply", "make the ideal customer of this name of it", "NAME")] = None,
    least: Annotated[
        p.Text, option("--min", "deals that a value is seen in before it is proposed; 5 by default", "N", p.WHICH)
    ] = None,
    all_: Annotated[bool, typer.Option("--all", help="every value, also those seen too rarely")] = False,
    columns: p.Columns = None,
) -> None:
    """Propose whom to want, from won deals against lost ones; QUERY says which deals."""
    from crm_cli.commands.columns import columns_of, number
    from crm_cli.commands.writes import write
    from crm_cli.output.icp import show_lesson
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.icp import learn as learn_from
    from crm_cli.rules.lessons import FEWEST_SEEN, proposal

    app, keys = ctx.obj, columns_of("icp_learn", columns)
    fewest = max(1, number(least, "min") or FEWEST_SEEN)
    with app.read() as db:
        lesson = learn_from(db, condition(db, "deal", list(query or []), app.asker(db)), fewest=fewest)
    wanted = proposal(lesson.rows) if lesson.is_enough else []
    if apply is None:
        show_lesson(app.out, lesson, wanted, fewest, keys, everything=all_)
        return
    lesson.refuse_too_little(fewest, wanted)
    from crm_cli.actions.icp import apply_learned

    write(app, lambda w: apply_learned(w, apply, wanted), single=True)


def _options(ctx: Context) -> dict[str, Any]:
    typed = options_of(ctx)
    return {key: typed[key] for key in Criteria if key in typed}
