"""crm fields, config and demo: the program about itself."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun
from crm_cli.context import App

words = noun()
config = noun()
nouns = {"config": config}

Setting = Annotated[p.Text, typer.Argument(metavar="K", help="the setting")]


@words.command("fields")
def fields(
    ctx: Context,
    name: Annotated[
        p.Text, typer.Argument(metavar="[NOUN]", help="customer, contact, deal, interaction or task")
    ] = None,
) -> None:
    """List the fields of a noun, for queries and columns."""
    from crm_cli.errors import NotFound
    from crm_cli.i18n import t
    from crm_cli.rules.fields import FIELDS, nearest

    chosen = (name or "").strip().lower()
    chosen = chosen if chosen in FIELDS else chosen.removesuffix("s")
    if chosen and chosen not in FIELDS:
        raise NotFound(
            "There are no fields of {name}",
            hint="Nouns: {known}",
            name=name,
            near=nearest(chosen, list(FIELDS)),
            known=" ".join(FIELDS),
        )
    rows = [
        {
            "noun": noun_name,
            "key": f.key,
            "short": f.short or None,
            "type": f.type,
            "chinese": f.chinese,
            "example": f"{f.short or f.key}:{f.example}" if f.example else None,
        }
        for noun_name, found in FIELDS.items()
        if chosen in ("", noun_name)
        for f in found
    ]
    for noun_name in FIELDS if not chosen else [chosen]:
        rows += [*_ways_on(noun_name), *_own_fields(ctx.obj, noun_name)]
    keys = ["noun", "key", "short", "type", "chinese", "example"]
    print_rows(ctx.obj, rows, keys if not chosen else keys[1:], [t(key) for key in (keys if not chosen else keys[1:])])


_ASKED = {  # an example of what is asked of other records
    "customer": "region:DACH", "contact": "role:decision-maker", "deal": "won.amount:50k..",
    "interaction": "channel:call", "task": "count:1..", "order": "count:2..",
}  # fmt: skip


def _ways_on(noun: str) -> list[dict[str, Any]]:
    """The records that a record leads to, whose fields stand behind a dot."""
    from crm_cli.rules.relations import CHINESE, RELATIONS

    return [
        {
            "noun": noun,
            "key": f"{name}.",
            "short": None,
            "type": to,
            "chinese": f"{CHINESE[name]}.",
            "example": f"{name}.{_ASKED[to] if many or to != 'deal' else 'stage:proposal'}",
        }
        for name, (to, many) in RELATIONS[noun].items()
    ]


def _own_fields(app: App, noun: str) -> list[dict[str, Any]]:
    """Fields of the user's own that are in use; none where no database can be read, for help is not in need of one."""
    from crm_cli.errors import CrmError
    from crm_cli.queries.custom import names_in_use
    from crm_cli.rules.paste import line
    from crm_cli.rules.relations import OWN

    try:
        with app.read() as db:
            names = names_in_use(db, noun)
    except CrmError:
        return []
    empty = {"noun": noun, "short": None, "type": "text", "chinese": None}
    return [{**empty, "key": OWN + name, "example": line([f"has:{OWN}{name}"])} for name in names]


def print_rows(app: App, rows: list[dict[str, Any]], keys: list[str], heads: list[str]) -> None:
    """Rows of no noun, in the chosen format."""
    from crm_cli.formats import writing
    from crm_cli.rules.text import clean

    out = app.out
    picked = [{key: row[key] for key in keys} for row in rows]
    if out.format == "json":
        writing.write_json(out.out, picked)
    elif out.format == "jsonl":
        writing.write_jsonl(out.out, picked)
    elif out.format in ("csv", "tsv"):
        writing.write_delimited(out.out, keys, picked, delimiter="\t" if out.format == "tsv" else ",", guard=True)
    elif out.format == "ids":
        out.lines(clean(str(row[keys[0]])) for row in picked)
    else:
        cells = [[clean(str(row[key])) if row[key] is not None else "" for key in keys] for row in picked]
        if out.format == "md":
            out.markdown(heads, ["---"] * len(heads), cells)
        else:
            out.draw(heads, cells, ranks=list(range(len(keys))), right=set())


@config.command("list")
def list_(ctx: Context) -> None:
    """Show every setting and where its value comes from."""
    from crm_cli.i18n import t
    from crm_cli.settings import settings

    app = ctx.obj
    rows = settings(app.config)
    for row in rows:
        if not app.out.is_data:
            row["what"], row["from"] = t(row["what"]), t(row["from"])
        if row["name"] == "db":
            row["value"] = app.database
        if row["name"] == "user":
            row["value"] = app.user
    print_rows(app, rows, ["name", "value", "from", "what"], [t(key) for key in ("name", "value", "from", "what")])
    if not app.out.is_data:
        app.out.say("File: {path}", path=app.config.path())


@config.command("get")
def get(ctx: Context, key: Setting = None) -> None:
    """Print the value of a setting."""
    from crm_cli.commands import ask
    from crm_cli.settings import setting

    app = ctx.obj
    name = setting(ask.need(app, key, "setting"))
    value = {"db": app.database, "user": app.user}.get(name) or app.config.get(name)
    if app.out.format == "json":
        app.out.json({"name": name, "value": value or None, "from": app.config.origin(name)[1]})
    elif value:
        app.out.print(value)


@config.command("set")
def set_(
    ctx: Context, key: Setting = None, value: Annotated[p.Text, typer.Argument(metavar="V", help="its value")] = None
) -> None:
    """Keep a setting in config.toml."""
    from crm_cli.commands import ask
    from crm_cli.settings import check_value, set_value, setting

    app = ctx.obj
    name = setting(ask.need(app, key, "setting"))
    kept = check_value(name, ask.need(app, value, "value"))
    if app.dry_run:
        app.out.say("Trial, nothing was kept: {sentence}", sentence=f"{name} = {kept}")
        return
    path = set_value(app.config, name, kept)
    app.out.say("{name} is {value} now ({path})", name=name, value=kept, path=path)


@config.command("unset")
def unset(ctx: Context, key: Setting = None) -> None:
    """Take a setting out of config.toml."""
    from crm_cli.commands import ask
    from crm_cli.settings import set_value, setting

    app = ctx.obj
    name = setting(ask.need(app, key, "setting"))
    if not app.dry_run:
        set_value(app.config, name, None)
    app.out.say("{name} is not set in the file any more", name=name)


@words.command("demo")
def demo(ctx: Context) -> None:
    """Make a throw-away company to play with, and show its day."""
    from crm_cli.commands.demonstration import play

    play(ctx.obj)
