"""crm stage and crm member: what a team shapes for itself."""

from typing import Annotated, Any

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun, option, options_of
from crm_cli.errors import Misuse

stages = noun()
members = noun()
nouns = {"stage": stages, "member": members}

Pipeline = Annotated[p.Text, option("--pipeline", "the pipeline, the first by default", "P")]
After = Annotated[p.Text, option("--after", "the stage before it", "STAGE")]
StageProbability = Annotated[p.Text, option("--probability", "probability of winning in percent", "N")]
StageKind = Annotated[p.Text, option("--kind", "open, won or lost", "K")]
QuietAfter = Annotated[p.Text, option("--quiet-after", "a deal here is quiet after so long, as 14d", "14d")]

MemberEmail = Annotated[p.Text, option("--email", "e-mail address", "E")]


def _refuse_nothing(noun: str, options: dict[str, Any]) -> None:
    """An edit that says nothing."""
    if not set(options) - {"ref"}:
        raise Misuse("Nothing says what to change", hint="See: crm {noun} edit --help", noun=noun)


@stages.command("list")
def list_stages(ctx: Context, pipeline: Pipeline = None) -> None:
    """List the stages in their order."""
    from crm_cli.queries import team
    from crm_cli.queries.find import pick_row

    with ctx.obj.read() as db:
        rows = db.rows("SELECT id, name, name_key FROM pipeline WHERE removed_at IS NULL")
        chosen = pick_row(rows, pipeline, noun="pipeline")[0] if pipeline else None
        ctx.obj.out.records("stage", team.stages(db, pipeline_id=chosen))


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
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    stage = ask.need(app, ref, "stage", known=ask.small_names(app, "stage"))
    _refuse_nothing("stage", options)
    write(app, lambda w: edit(w, stage, options), single=True)


@stages.command("remove")
def remove_stage(
    ctx: Context,
    ref: p.Ref = None,
    move_to: Annotated[p.Text, option("--move-to", "where its deals go", "S")] = None,
) -> None:
    """Remove a stage; its deals are moved first."""
    from crm_cli.actions.team import remove_stage as remove
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    stage = ask.need(app, ref, "stage", known=ask.small_names(app, "stage"))
    write(app, lambda w: remove(w, stage, options.get("move_to")))


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
def list_members(ctx: Context) -> None:
    """List the team."""
    from crm_cli.queries import team

    with ctx.obj.read() as db:
        ctx.obj.out.records("member", team.members(db))


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
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    typed = ask.need(app, ref, "member", known=ask.small_names(app, "member"))
    _refuse_nothing("member", options)
    write(app, lambda w: edit(w, typed, options), single=True)


@members.command("remove")
def remove_member(
    ctx: Context,
    ref: p.Ref = None,
    to: Annotated[p.Text, option("--to", "who takes over what was theirs", "MEMBER")] = None,
) -> None:
    """Remove a member; what was theirs is handed over."""
    from crm_cli.actions.team import remove_member as remove
    from crm_cli.commands import ask
    from crm_cli.commands.writes import write

    app, options = ctx.obj, options_of(ctx)
    typed = ask.need(app, ref, "member", known=ask.small_names(app, "member"))
    write(app, lambda w: remove(w, typed, options.get("to")))
