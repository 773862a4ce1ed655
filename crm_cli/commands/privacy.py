"""crm privacy: what is kept of a person handed out, erased for good, agreed to, or kept for too long."""

from typing import Annotated, Any

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option
from crm_cli.context import App

privacy = noun()
nouns = {"privacy": privacy}

KINDS = ("customer", "contact")
Who = Annotated[p.Text, typer.Argument(metavar="REF", help="a customer or contact: an id, a name, an e-mail, a phone")]
Backups = Annotated[
    bool, typer.Option("--backups", help="rewrite the copies that still hold them too", rich_help_panel="What goes")
]
Everywhere = Annotated[
    bool,
    typer.Option("--everywhere", help="also where others are written about", rich_help_panel="What goes"),
]


@privacy.command("export")
def export(
    ctx: Context,
    ref: Who = None,
    output: Annotated[p.Text, option("-o", "write to this file", "FILE", p.OUTPUT)] = None,
    force: Annotated[
        bool, typer.Option("--force", help="replace a file that is there", rich_help_panel=p.OUTPUT)
    ] = False,
) -> None:
    """Hand out everything about one customer or contact as JSON, the history included."""
    from crm_cli.commands.erasing import subject
    from crm_cli.errors import Misuse
    from crm_cli.formats.writing import to_json
    from crm_cli.queries.privacy_export import whole_of

    app = ctx.obj
    if app.flags.get("format") and app.out.format != "json":
        raise Misuse(
            "{format} is no format of this command", hint="Known here: {known}", format=app.out.format, known="json"
        )
    with app.read() as db:
        found = subject(app, db, ref)
        answer = whole_of(db, found.noun, found.id, app.asker(db))
    text = "{\n" + ",\n".join(f"  {to_json(key)}: {to_json(value)}" for key, value in answer.items()) + "\n}"
    if output is None or output == "-":
        app.speaker("json").out.write(text + "\n")
        return
    from crm_cli.formats.target import open_target

    with open_target(output, force=force) as stream:
        stream.write(text + "\n")
    app.out.say("Written to {path}", path=output)


@privacy.command("erase")
def erase(ctx: Context, ref: Who = None, backups: Backups = False, everywhere: Everywhere = False) -> None:
    """Erase a customer or contact for good: rows, history, command lines; nothing brings them back."""
    from crm_cli.commands import erasing

    raise typer.Exit(erasing.erase_one(ctx.obj, ref, backups=backups, everywhere=everywhere))


@privacy.command("consent")
def consent(
    ctx: Context,
    ref: Who = None,
    channel: Annotated[
        p.Several, option("--channel", "email, call, sms, ...; several are possible", "C", p.SETS)
    ] = None,
    basis: Annotated[
        p.Text,
        option(
            "--basis",
            "consent, contract, legal-obligation, vital-interests, public-task or legitimate-interests",
            "B",
            p.SETS,
        ),
    ] = None,
    source: Annotated[p.Text, option("--source", "where it is from: a form, a letter, a call", "T", p.SETS)] = None,
    on: p.On = None,
    withdraw: Annotated[
        bool, typer.Option("--withdraw", help="they do not want it any more", rich_help_panel=p.SETS)
    ] = False,
) -> None:
    """Take down what somebody agreed to be sent, or withdrew; with REF alone show it."""
    from crm_cli.commands import consenting

    app = ctx.obj
    typed = {"channel": channel, "basis": basis, "source": source, "on": on, "withdraw": withdraw}
    if not any(typed.values()) and ref is not None:
        _show(app, ref)
        return
    consenting.take_down(app, ref, typed)


def _show(app: App, ref: str) -> None:
    from crm_cli.commands.erasing import subject
    from crm_cli.queries.privacy_consent import consents_of

    with app.read() as db:
        found = subject(app, db, ref)
        rows: list[dict[str, Any]] = consents_of(db, found.noun, found.id, app.now.tzinfo)
    app.out.records("consent", rows)


@privacy.command("retention")
def retention(
    ctx: Context,
    older_than: Annotated[
        p.Text, option("--older-than", "with nothing going on for so long: 3y, 18mo", "3y", p.WHICH)
    ] = None,
    backups: Backups = False,
    everywhere: Everywhere = False,
) -> None:
    """Erase customers and contacts with whom nothing has been going on for years; --dry-run lists them."""
    from crm_cli.commands import erasing

    raise typer.Exit(erasing.erase_stale(ctx.obj, older_than, backups=backups, everywhere=everywhere))
