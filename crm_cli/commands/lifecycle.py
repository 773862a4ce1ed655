"""crm lifecycle: what to do with customers in each stage of their life."""

from typing import Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, sets
from crm_cli.errors import Misuse, NotFound

stages = noun()
nouns = {"lifecycle": stages}

Stage = Annotated[p.Text, typer.Argument(metavar="STAGE", help="prospect, exploring, growing, mature, declining, ...")]


@stages.command("list")
def list_(ctx: Context, columns: p.Columns = None) -> None:
    """List the stages of life, with what to do with customers in each."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries.playbook import playbooks

    with ctx.obj.read() as db:
        show_small(ctx.obj, "playbook", playbooks(db), columns)


@stages.command("edit")
def edit(
    ctx: Context,
    stage: Stage = None,
    playbook: Annotated[p.Text, sets("--playbook", "what to do with them, in a sentence", "T")] = None,
    clear: Annotated[
        bool, typer.Option("--reset", help="the words that every database begins with", rich_help_panel=p.TAKES)
    ] = False,
) -> None:
    """Put other words into the playbook of a stage; show, today and next say them."""
    from crm_cli.actions.lifecycle import set_playbook
    from crm_cli.commands import ask
    from crm_cli.commands.params import options_of
    from crm_cli.commands.records import nothing_said
    from crm_cli.commands.writes import write

    app = ctx.obj
    options_of(ctx)
    found = known_stage(ask.need(app, stage, "stage", known=ask.fixed_names("lifecycle")))
    if playbook is None and not clear:
        raise nothing_said("lifecycle")
    if playbook is not None and clear:
        raise Misuse("--playbook and --reset do not go together", hint="Leave one of them out.")
    write(app, lambda w: set_playbook(w, found, playbook), single=True)


def known_stage(typed: str) -> str:
    """A stage of life by its name in either language; NotFound with the nearest."""
    from crm_cli.i18n import listed
    from crm_cli.rules import names
    from crm_cli.rules.fields import nearest
    from crm_cli.rules.text import fold

    found = names.canonical("lifecycle", fold(typed))
    if found is None:
        known = names.values("lifecycle")
        raise NotFound(
            "No stage of life is called {name}",
            hint="Known: {known}",
            instead=(typed, nearest(fold(typed), known)),
            name=typed,
            known=listed(known),
        )
    return found
