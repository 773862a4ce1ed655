"""crm stage and crm member: what a team shapes for itself."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option, options_of, sets
from crm_cli.context import App
from crm_cli.errors import Conflict

if TYPE_CHECKING:  # reading needs no models
    from crm_cli.actions.change import Change
    from crm_cli.store.reader import Reader
    from crm_cli.store.writer import Work

stages = noun()
members = noun()
nouns = {"stage": stages, "member": members}

Pipeline = Annotated[p.Text, option("--pipeline", "the pipeline, the first by default", "P")]
After = Annotated[p.Text, sets("--after", "the stage before it", "STAGE")]
StageProbability = Annotated[p.Text, sets("--probability", "probability of winning, 0 to 100 percent", "N")]
StageKind = Annotated[p.Text, sets("--kind", "open, won or lost; open by default", "K")]
QuietAfter = Annotated[p.Text, sets("--quiet-after", "a deal here is quiet after so long: 14d, 2w", "14d")]

MemberEmail = Annotated[p.Text, sets("--email", "e-mail address", "E")]


def _edit(
    app: App, noun: str, options: dict[str, Any], find: Callable[["Reader"], int], action: Callable[["Work"], "Change"]
) -> None:
    """What the options say; without any the form, at a terminal."""
    from crm_cli.commands import forms, records
    from crm_cli.commands.writes import write

    if set(options) - {"ref"}:
        write(app, action, single=True)
        return
    if not app.is_interactive:
        raise records.nothing_said(noun)
    with app.read() as db:
        record_id = find(db)
    forms.edit(app, noun, record_id, options, action, single=True)


def _hand_over(app: App, given: str | None, label: str, table: str, action: Callable[[str | None], None]) -> None:
    """What hangs on somebody or on a stage goes to another one: at a terminal that is asked for where it is missing."""
    from crm_cli.commands import ask

    try:
        action(given)
    except Conflict as error:
        if given is not None or not app.is_interactive or not error.hint.endswith(("STAGE", "MEMBER")):
            raise
        app.out.error(error)
        action(ask.need(app, None, label, known=ask.small_names(app, table)))


@stages.command("list")
def list_stages(
    ctx: Context,
    pipeline: Pipeline = None,
    columns: p.Columns = None,
    sort: p.Sort = None,
    limit: p.Limit = None,
    offset: p.Offset = None,
) -> None:
    """List the stages in their order."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries import team
    from crm_cli.queries.find import pick_row

    with ctx.obj.read() as db:
        rows = db.rows("SELECT id, name, name_key FROM pipeline WHERE removed_at IS NULL")
        chosen = pick_row(rows, pipeline, noun="pipeline")[0] if pipeline else None
        show_small(ctx.obj, "stage", team.stages(db, pipeline_id=chosen), columns, sort, limit, offset)


@stages.command("add")
def add_stage(
    ctx: Context,
    name: p.Name = None,
    pipeline: Pipeline = None,
    after: After = None,
    probability: StageProbability = None,
    kind: StageKind = None,
    quiet_after: QuietAfter = None,
) -> None:
    """Add a stage."""
    from crm_cli.actions.team import add_stage as add
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    options["name"] = ask.need(app, name, "name")
    write(app, lambda w: add(w, options), single=True)


@stages.command("edit")
def edit_stage(
    ctx: Context,
    ref: p.Ref = None,
    name: p.NewName = None,
    after: After = None,
    probability: StageProbability = None,
    kind: StageKind = None,
    quiet_after: QuietAfter = None,
    clear: p.Clear = None,
) -> None:
    """Change a stage; deals stay where they are."""
    from crm_cli.actions.team import edit_stage as edit
    from crm_cli.commands import ask, settling
    from crm_cli.queries.find import find_stage

    app, options = ctx.obj, options_of(ctx)
    typed = ask.need(app, ref, "stage", known=ask.small_names(app, "stage"))
    stage = settling.settle_stage(app, typed)
    _edit(app, "stage", options, lambda db: find_stage(db, stage)[0], lambda w: edit(w, stage, options))


@stages.command("remove")
def remove_stage(
    ctx: Context,
    ref: p.Ref = None,
    move_to: Annotated[p.Text, sets("--move-to", "where its deals go", "S")] = None,
) -> None:
    """Remove a stage; its deals are moved first."""
    from crm_cli.actions.team import remove_stage as remove
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    stage = ask.need(app, ref, "stage", known=ask.small_names(app, "stage"))

    def act(to: str | None) -> None:
        write(app, lambda w: remove(w, stage, to))

    _hand_over(app, options.get("move_to"), "where its deals go", "stage", act)


@members.command("add")
def add_member(ctx: Context, name: p.Name = None, email: MemberEmail = None) -> None:
    """Add somebody to the team."""
    from crm_cli.actions.team import add_member as add
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    called = ask.need(app, name, "name")
    write(app, lambda w: add(w, called, options.get("email")), single=True)


@members.command("list")
def list_members(
    ctx: Context, columns: p.Columns = None, sort: p.Sort = None, limit: p.Limit = None, offset: p.Offset = None
) -> None:
    """List the team."""
    from crm_cli.commands.lists import show_small
    from crm_cli.queries import team

    with ctx.obj.read() as db:
        show_small(ctx.obj, "member", team.members(db), columns, sort, limit, offset)


@members.command("show")
def show_member(ctx: Context, ref: p.Ref = None) -> None:
    """Show one member."""
    from crm_cli.commands import ask
    from crm_cli.queries import team
    from crm_cli.queries.bounds import member_id
    from crm_cli.rules.text import fold

    app = ctx.obj
    typed = ask.need(app, ref, "member", known=ask.small_names(app, "member"))
    with app.read() as db:
        app.out.record("member", team.members(db, ids=[member_id(db, fold(typed), typed, db.member_of(app.user))])[0])


@members.command("edit")
def edit_member(
    ctx: Context, ref: p.Ref = None, name: p.NewName = None, email: MemberEmail = None, clear: p.Clear = None
) -> None:
    """Change a member's name or e-mail."""
    from crm_cli.actions.team import edit_member as edit
    from crm_cli.commands import ask, settling
    from crm_cli.queries.bounds import member_id
    from crm_cli.rules.text import fold

    app, options = ctx.obj, options_of(ctx)
    typed = ask.need(app, ref, "member", known=ask.small_names(app, "member"))
    who = settling.settle_member(app, typed)

    def find(db: "Reader") -> int:
        return member_id(db, fold(who), who, db.member_of(app.user))

    _edit(app, "member", options, find, lambda w: edit(w, who, options))


@members.command("remove")
def remove_member(
    ctx: Context,
    ref: p.Ref = None,
    to: Annotated[p.Text, sets("--to", "who takes over what was theirs", "MEMBER")] = None,
) -> None:
    """Remove a member; what was theirs is handed over."""
    from crm_cli.actions.team import remove_member as remove
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    typed = ask.need(app, ref, "member", known=ask.small_names(app, "member"))

    def act(to: str | None) -> None:
        write(app, lambda w: remove(w, typed, to))

    _hand_over(app, options.get("to"), "who takes over what was theirs", "member", act)
