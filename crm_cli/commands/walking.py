"""crm next: the call sheet one item at a time; every key is one write, kept before the next screen is drawn."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, noun
from crm_cli.commands.reports import LATER, Within, days_within, me
from crm_cli.context import App
from crm_cli.errors import Cancelled, CrmError, Misuse
from crm_cli.i18n import t
from crm_cli.rules import paste
from crm_cli.rules.text import squeeze

if TYPE_CHECKING:
    from crm_cli.commands.steps import Draft

words = noun()
Row = dict[str, Any]


@words.command("next")
def next_(ctx: Context, query: p.Query = None, mine: p.Mine = False, within: Within = None) -> None:
    """Walk the call sheet: log, done, snooze, move, skip with one key."""
    app = ctx.obj
    typed = [*(query or []), *(["--mine"] if mine else []), *(["--within", within] if within else [])]
    if not app.is_interactive:
        line = paste.line(["crm", "followups", *typed], app.environ)
        raise Misuse("crm next asks for keys, and nobody is at a terminal to press one", hint="Type: {line}", line=line)
    refs = _refs(app, list(query or []), mine, within)
    if not refs:
        app.out.say("Nobody on the call sheet fits that." if typed else "Nothing is due. Enjoy the day.")
        return
    Walk(app, refs, paste.line(["crm", "next", *typed], app.environ)).run()


def _refs(app: App, query: list[str], mine: bool, within: str | None) -> list[tuple[str, str | None]]:
    """What `crm followups` lists, in its order: references, each with its day."""
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.followups import Scope, references

    days = days_within(within)
    with app.read() as db:
        asker = app.asker(db)
        where = condition(db, "customer", query, asker)
        return references(db, asker, Scope(days, where, me(app, db) if mine else None, None if within else LATER))


class Walk:
    """Where the walk stands: which items were changed here, what was typed and is not kept yet, what was done."""

    def __init__(self, app: App, refs: list[tuple[str, str | None]], line: str) -> None:
        self.app = app
        self.refs = refs
        self.line = line
        self.at = 0
        self.step = 1
        self.counts: Counter[str] = Counter()
        self.met: set[str] = set()
        self.settled: set[str] = set()
        self.drafts: dict[str, Draft] = {}
        self.kept: dict[str, tuple[str, int]] = {}  # what was done here: its name, and the operation

    def run(self) -> None:
        """Item after item, until the last one, `q` or Ctrl-C."""
        try:
            while self.at < len(self.refs) and self._one():
                pass
        except (KeyboardInterrupt, EOFError):
            self._end()
            raise Cancelled("Stopped; what was done before is kept") from None
        self._end()

    def _one(self) -> bool:
        """Show one item and do what its key says; False ends the walk."""
        from crm_cli.commands import prompts
        from crm_cli.output import walk

        app = self.app
        app.tick()
        row = self._fresh()
        if row is None:
            return True
        place = t("{n} of {all}", n=self.at + 1, all=len(self.refs)) + "  " + _bucket(row)
        with prompts.tidy():
            key = walk.press(app.out, walk.Item(row, place), dumb=prompts.is_dumb(app))
        app.tick()
        app.asked = True
        self.step = 1
        if key == "q":
            return False
        if key == "b":
            self._back()
        elif key == "s":
            self.counts["skipped"] += row["ref"] not in self.met
            self.met.add(row["ref"])
            self.at += 1
        else:
            self._act(row, key)
        return True

    def _back(self) -> None:
        if self.at == 0:
            self.app.out.say("This is the first one.")
            return
        self.at, self.step = self.at - 1, -1

    def _fresh(self) -> Row | None:
        """The item as it is now; one that somebody else has seen to meanwhile is said and passed by."""
        from crm_cli.queries.walk import item

        ref, day = self.refs[self.at]
        with self.app.read() as db:
            row = item(db, self.app.asker(db), ref)
        if row is not None and ref not in self.settled and _later(row, day):
            self.app.out.say("Put off meanwhile: {ref} {name}", ref=ref, name=row["what"])
            row = None
        elif row is None and ref not in self.settled:
            self.app.out.say("Seen to meanwhile: {ref}", ref=ref)
        elif row is None and self.step < 0:
            self._tell_finished(ref)
        if row is None:
            self.settled.add(ref)
            self._pass_by()
        return row

    def _tell_finished(self, ref: str) -> None:
        """Why going back does not stop at an item, and the ways to it."""
        name, op = self.kept.get(ref, ("", 0))
        if op:
            self.app.out.say("{ref} {name} is finished. To take that back: crm undo op:{op}", ref=ref, name=name, op=op)
        self.app.out.say("To see it: crm show {ref}", ref=ref)

    def _pass_by(self) -> None:
        """On in the direction of the last key; before the first one it turns round."""
        if self.at == 0:
            self.step = 1
        self.at += self.step

    def _act(self, row: Row, key: str) -> None:
        """One step: asked for, kept, and on to the next item; what goes wrong is said, and the item stands again."""
        from crm_cli.commands import steps

        done: dict[str, Callable[[App, Row, Draft], str]] = {
            "l": steps.log,
            "e": steps.log_from_editor,
            "d": steps.done,
            "z": steps.snooze,
            "m": steps.move,
        }
        ref = row["ref"]
        draft = self.drafts.setdefault(ref, steps.Draft())
        try:
            word = done[key](self.app, row, draft)
        except (KeyboardInterrupt, EOFError, Cancelled):
            self.app.out.say("Nothing was changed here.")
            return
        except CrmError as error:
            self.app.out.error(error)
            if draft.line and key in "le":
                self.app.out.say("What you typed, as a line: {line}", line=draft.line)
            return
        if not word:
            return
        self.counts[word] += 1
        self.drafts.pop(ref, None)
        if not self.app.dry_run:
            self.settled.add(ref)
            self.kept[ref] = (squeeze(row["what"] or ""), self._newest())
        if word != "moved" or self._has_left(ref):
            self.at += 1

    def _newest(self) -> int:
        """The operation that the last step was kept as."""
        from crm_cli.queries.history import operations

        with self.app.read() as db:
            found = operations(db, by=self.app.user, limit=1, offset=0)
        return int(found[0]["op"]) if found else 0

    def _has_left(self, ref: str) -> bool:
        from crm_cli.queries.walk import item

        with self.app.read() as db:
            return item(db, self.app.asker(db), ref) is None

    def _end(self) -> None:
        from crm_cli.output.walk import summary

        counts = [
            ("logged {n}", self.counts["logged"]),
            ("done {n}", self.counts["done"]),
            ("put off {n}", self.counts["snoozed"]),
            ("moved {n}", self.counts["moved"]),
            ("skipped {n}", self.counts["skipped"]),
        ]
        left = len([ref for ref, _ in self.refs if ref not in self.settled])
        summary(self.app.out, counts, left, self.line)


def _later(row: Row, day: str | None) -> bool:
    """Whether a task is due on a later day than when the walk began."""
    return row["kind"] == "task" and day is not None and (row["due_on"] is None or row["due_on"] > day)


def _bucket(row: Row) -> str:
    from crm_cli.i18n import language
    from crm_cli.rules import names

    return names.shown("bucket", row["bucket"], language())
