"""The steps of a walk: what each key asks for, and the one write that keeps it. Each returns what was done, or ""."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from crm_cli.actions.change import Change
from crm_cli.commands import ask, closing, keeping, logging, prompts
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Misuse
from crm_cli.i18n import language, t
from crm_cli.queries.find import OPEN_DEALS, Finder
from crm_cli.rules import names, paste, values
from crm_cli.rules.text import clean, clean_lines, squeeze
from crm_cli.store.writer import Work

Row = dict[str, Any]


@dataclass
class Draft:
    """What was typed for an item and is not kept yet; it stands in the prompts when they are asked again."""

    said: dict[str, str] = field(default_factory=dict)
    line: str = ""

    def ask(self, app: App, key: str, label: str, **more: Any) -> str:
        """One answer, begun with the one given before."""
        self.said[key] = prompts.line(app, label, default=self.said.get(key, ""), **more)
        return self.said[key]


def _until_right(app: App, asked: Callable[[], None], kept: Callable[[], None]) -> None:
    """Ask and keep; what the write finds wrong is said, and asked again with what was typed."""
    while True:
        asked()
        try:
            kept()
            return
        except Misuse as error:
            app.out.error(error)


# ------------------------------------------------------------------ log


def log(app: App, row: Row, draft: Draft) -> str:
    """Take a talk down, with the task that it closes and the next step that it begins: one write."""
    _until_right(app, lambda: _ask_log(app, row, draft), lambda: _keep_log(app, row, draft))
    return "logged"


def log_from_editor(app: App, row: Row, draft: Draft) -> str:
    """The same with the text written in the editor; an empty one leaves everything as it was."""
    from crm_cli.commands.editing import write_text

    below = [f"{touch['on']} {touch['channel']}  {squeeze(touch['text'] or '')}" for touch in row["touches"]]
    about = [str(row[key]) for key in ("contact", "customer", "deal", "what") if row[key]]
    draft.said["text"] = write_text(app, draft.said.get("text", ""), [*map(clean, about), *map(clean, below)])
    if not draft.said["text"]:
        app.out.say("An empty text: nothing was changed here.")
        return ""
    draft.said["written"] = "yes"
    return log(app, row, draft)


def _ask_log(app: App, row: Row, draft: Draft) -> None:
    clock = values.Clock(app.now)
    if row["customer_id"] is None and row["deal_id"] is None:
        draft.said["who"] = ask.need_ref(app, draft.said.get("who"), "who", ["customer", "contact", "deal"])
    draft.said["channel"] = _channel(app, draft.said.get("channel") or row["usual"])
    if not draft.said.pop("written", ""):
        draft.ask(app, "text", t("What was said (Enter for nothing)"), must=False)
    draft.ask(app, "outcome", t("What came of it (Enter for nothing)"), must=False)
    if row["kind"] == "task":
        _ask_closing(app, row, draft)
    draft.ask(app, "next", t("Next step (Enter for none)"), must=False)
    if draft.said["next"]:
        label = t("Due day (Enter for none)")
        draft.ask(app, "due", label, must=False, check=lambda typed: values.due(typed, clock), known=ask.days_ahead())
    else:
        draft.said["due"] = ""


def _channel(app: App, usual: str) -> str:
    """How it was said: what she prefers or was used last stands first."""
    known = [(names.shown("channel", value, language()), value) for value in names.values("channel")]
    known += [(offer.text, offer.text) for offer in ask.channel_names(app) if offer.text not in dict(known)]
    known.sort(key=lambda one: one[1] != usual)
    return prompts.choose(app, t("How was it said?"), known)


def _ask_closing(app: App, row: Row, draft: Draft) -> None:
    """Whether the talk was all that the task asked for; else when to try again."""
    draft.said["until"] = ""
    is_done = prompts.yes(app, t("Is this done with it: {text}?", text=squeeze(row["what"])), default=True)
    draft.said["done"] = "yes" if is_done else ""
    if not is_done:
        label = t("Put off until (Enter leaves it as it is)")
        draft.ask(app, "until", label, must=False, check=lambda typed: _coming(app, typed), known=ask.days_ahead())


def _keep_log(app: App, row: Row, draft: Draft) -> None:
    from crm_cli.actions.activity import log as take_down
    from crm_cli.actions.tasks import snooze_tasks

    said = draft.said
    channel = logging.known_channel(app, said["channel"])
    who = said.get("who") or (f"deal:{row['deal_id']}" if row["deal_id"] else f"customer:{row['customer_id']}")
    options: dict[str, Any] = {key: said[key] for key in ("outcome", "next", "due") if said.get(key)}
    if row["contact_id"] is not None and channel != "note" and not said.get("who"):
        options["contact"] = [f"contact:{row['contact_id']}"]
    if said.get("done"):
        options["done_task"] = row["ref"]
    words = logging.line_of(channel, who, said["text"], options)
    draft.line = paste.line(words, app.environ)

    def act(w: Work) -> Change:
        if said.get("done") and _is_closed(w, row["task_id"]):
            options.pop("done_task", None)  # somebody else ticked it off meanwhile: the talk is kept all the same
        change = take_down(w, channel, who, said["text"], options, country=app.country)
        if not said.get("until"):
            return change
        put = snooze_tasks(w, [row["task_id"]], said["until"])
        return change._replace(notes=[*change.notes, (put.sentence, dict(put.holes))])

    until = [["crm", "snooze", row["ref"], said["until"]]] if said.get("until") else []
    with keeping.step(app, words, *until):
        write(app, act, single=True)


def _is_closed(w: Work, task_id: int) -> bool:
    return not w.db.value(
        "SELECT 1 FROM task WHERE id = :id AND done_at IS NULL AND removed_at IS NULL", {"id": task_id}
    )


def _coming(app: App, typed: str) -> None:
    """A day to come, said under the prompt."""
    day, at = values.due(typed, values.Clock(app.now))
    if day < app.today or (at is not None and at <= app.now):
        raise Misuse("{day} is over", hint="Put it off until a day to come.", day=typed)


# ------------------------------------------------------------------ done, snooze, move


def done(app: App, row: Row, draft: Draft) -> str:
    """Tick it off."""
    with keeping.step(app, ["crm", "done", row["ref"]]):
        logging.done(app, [row["ref"]])
    return "done"


def snooze(app: App, row: Row, draft: Draft) -> str:
    """Put it off."""

    def asked() -> None:
        draft.ask(app, "day", t("Put off until"), check=lambda typed: _coming(app, typed), known=ask.days_ahead())

    def kept() -> None:
        with keeping.step(app, ["crm", "snooze", row["ref"], draft.said["day"]]):
            logging.snooze(app, [row["ref"]], draft.said["day"])

    _until_right(app, asked, kept)
    return "snoozed"


def move(app: App, row: Row, draft: Draft) -> str:
    """Move the item's deal, or one of the customer's, to another stage of its pipeline."""
    deal = _deal(app, row)
    if deal is None:
        app.out.say("There is no open deal here.")
        return ""
    stage, kind, is_first = _stage(app, deal)
    if kind == "lost":
        draft.ask(app, "reason", t("reason"), **ask.reasons(app))
    reason = values.word(draft.said["reason"]) if kind == "lost" else None
    _keep_move(app, deal["id"], stage, kind if is_first else "", reason)
    return "moved"


def _deal(app: App, row: Row) -> Row | None:
    deals: list[Row] = row["deals"]
    own = [deal for deal in deals if deal["id"] == row["deal_id"]]
    if own or len(deals) < 2:
        return next(iter([*own, *deals]), None)
    chosen = prompts.choose(app, t("Which deal?"), [(deal["title"], str(deal["id"])) for deal in deals])
    return next(deal for deal in deals if str(deal["id"]) == chosen)


def _stage(app: App, deal: Row) -> tuple[str, str, bool]:
    """The stage to go to, its kind, and whether it is the first of that kind: the one behind its own stands first on
    the list."""
    from crm_cli.queries.walk import stages

    with app.read() as db:
        found = stages(db, deal["pipeline_id"])
    at = next((i for i, (name, _) in enumerate(found) if name == deal["stage"]), -1)
    order = [*found[at + 1 :], *found[: max(at, 0)]]
    title = " ".join(clean_lines(deal["title"]))
    chosen = prompts.choose(
        app,
        t("{title} goes to", title=title),
        [(names.shown("stage", name, language()), name) for name, _ in order],
    )
    kind = dict(found)[chosen]
    return chosen, kind, chosen == next(name for name, other in found if other == kind)


def _keep_move(app: App, deal_id: int, stage: str, kind: str, reason: str | None) -> None:
    """Won and lost, where `kind` says so, as the commands of that name do it, said in their words."""
    from crm_cli.actions.moves import close_deals, move_deals

    def act(w: Work) -> Change:
        found = Finder(w.db, ["deal"], scope={"deal": OPEN_DEALS}).one(f"deal:{deal_id}")
        if kind not in ("won", "lost"):
            return move_deals(w, [found.id], stage, note=None, reason=reason)
        return close_deals(w, [found.id], kind, on=None, reason=reason, note=None)

    ref = f"deal:{deal_id}"
    line = closing.line("move", [ref, stage], {"reason": reason})
    if kind in ("won", "lost"):
        line = closing.line("win" if kind == "won" else "lose", [ref], {"reason": reason})
    with keeping.step(app, line):
        write(app, act)
