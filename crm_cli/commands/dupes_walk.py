"""crm dupes --walk: pair by pair, one key each; every key is one write, kept before the next screen is drawn."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from crm_cli.commands.dupes import rows_of
from crm_cli.commands.precaution import Precaution
from crm_cli.context import App
from crm_cli.errors import Cancelled, CrmError, Misuse
from crm_cli.i18n import t
from crm_cli.rules import paste

if TYPE_CHECKING:
    from crm_cli.output.pairs import Item
    from crm_cli.queries.merging import Group
    from crm_cli.store.reader import Reader


class Pair(NamedTuple):
    """Two records as the walk found them."""

    noun: str
    left: int
    right: int
    score: int
    because: list[Any]


class Step(NamedTuple):
    """What was done to a pair here: the operation, where it stood, and which record went into which."""

    op: int
    at: int
    word: str
    gone: tuple[str, int] | None


def walk_pairs(app: App, nouns: Sequence[str], query: list[str], least: int) -> None:
    """Go through the pairs, the likeliest first."""
    if not app.is_interactive:
        line = paste.line(["crm", *(word for word in app.arguments if word != "--walk")], app.environ)
        raise Misuse("--walk asks for keys, and nobody is at a terminal to press one", hint="Type: {line}", line=line)
    rows = rows_of(app, nouns, query, least)
    if not rows:
        app.out.say("Nobody is there twice, as far as can be told.")
        return
    pairs = [Pair(row["kind"], row["id"], row["other_id"], row["score"], row["because"]) for row in rows]
    Walk(app, pairs, paste.line(["crm", *app.arguments], app.environ)).run()


class Walk:
    """Where the walk stands, what was done, and into which record each dropped one went."""

    def __init__(self, app: App, pairs: list[Pair], line: str) -> None:
        self.app = app
        self.pairs = pairs
        self.line = line
        self.at = 0
        self.steps: list[Step] = []
        self.into: dict[tuple[str, int], int] = {}
        self.settled: set[int] = set()
        self.precaution = Precaution(app, "before-merge")

    def run(self) -> None:
        """Pair after pair, until the last one, `q` or Ctrl-C."""
        try:
            while self.at < len(self.pairs) and self._one():
                pass
        except (KeyboardInterrupt, EOFError):
            self._end()
            raise Cancelled("Stopped; what was done before is kept") from None
        self._end()

    def _one(self) -> bool:
        """Show one pair and do what its key says; False ends the walk."""
        from crm_cli.commands import prompts
        from crm_cli.output import pairs

        app = self.app
        app.tick()
        pair = self._now(self.pairs[self.at])
        item = self._item(pair) if pair else None
        if pair is None or item is None:
            self.settled.add(self.at)
            self.at += 1
            return True
        with prompts.tidy():
            key = pairs.press(app.out, item, dumb=prompts.is_dumb(app))
        app.tick()
        app.asked = True
        if key == "q":
            return False
        if key == "s":
            self.at += 1
        elif key == "u":
            self._undo()
        elif key == "v":
            self._view(pair)
        else:
            self._act(pair, key)
        return True

    def _now(self, pair: Pair) -> Pair | None:
        """The pair with what was merged here put in; None where nothing is left of it."""
        left, right = (self._followed(pair.noun, row_id) for row_id in (pair.left, pair.right))
        return None if left == right else pair._replace(left=left, right=right)

    def _followed(self, noun: str, row_id: int) -> int:
        while (noun, row_id) in self.into:
            row_id = self.into[noun, row_id]
        return row_id

    def _item(self, pair: Pair) -> "Item | None":
        """The pair as it is now; one that somebody else has seen to meanwhile is said and passed by."""
        from crm_cli.output.cells import in_words
        from crm_cli.output.pairs import Item
        from crm_cli.queries.merging import Group, plans
        from crm_cli.queries.merging_view import compare

        with self.app.read() as db:
            gone = _seen_to(db, pair)
            if gone is None:
                found = compare(db, pair.noun, plans(db, pair.noun, [Group(pair.left, (pair.right,))], check=False)[0])
        if gone is not None:
            if gone:
                self.app.out.say("Seen to meanwhile: {ref}", ref=gone)
            return None
        place = t("{n} of {all}", n=self.at + 1, all=len(self.pairs)) + "  " + t("score {score}", score=pair.score)
        return Item(found, in_words(pair.because), place)

    def _act(self, pair: Pair, key: str) -> None:
        """One step, kept, and on to the next pair; what goes wrong is said, and the pair stands again."""
        app = self.app
        try:
            if key == "n":
                app.said = paste.line(
                    ["crm", "dupes", "--not", f"{pair.noun}:{pair.left}", f"{pair.noun}:{pair.right}"]
                )
                self._tell_apart(pair)
                self._done("apart", None)
            else:
                keep, drop = (pair.left, pair.right) if key == "l" else (pair.right, pair.left)
                app.said = paste.line(["crm", pair.noun, "merge", str(keep), str(drop)])
                self._merge(pair.noun, keep, drop)
                self._done("merged", (pair.noun, drop))
                if not app.dry_run:
                    self.into[pair.noun, drop] = keep
        except CrmError as error:
            app.out.error(error)
            return
        finally:
            app.said = ""
        self.settled.add(self.at)
        self.at += 1

    def _tell_apart(self, pair: Pair) -> None:
        from crm_cli.actions.differences import tell_apart
        from crm_cli.rules.days import to_utc_text
        from crm_cli.store.journal import Stamp
        from crm_cli.store.writer import transaction

        app = self.app
        stamp = Stamp(to_utc_text(app.now), app.user, app.typed)
        with transaction(app.database, stamp, dry_run=app.dry_run) as db:
            tell_apart(db, pair.noun, [pair.left, pair.right], stamp.at)

    def _merge(self, noun: str, keep: int, drop: int) -> None:
        from crm_cli.commands import merging
        from crm_cli.queries.merging import Group

        def find(db: "Reader") -> dict[str, list["Group"]]:
            live = db.value(
                f"SELECT count(*) FROM {noun} WHERE id IN (:keep, :drop) AND removed_at IS NULL",
                {"keep": keep, "drop": drop},
            )
            if live != 2:
                raise Misuse("Somebody has changed what this means meanwhile; nothing was changed", hint="Try again.")
            self.precaution.take()
            return {noun: [Group(keep, (drop,))]}

        merging.answer(self.app, merging.run(self.app, find), single=True)

    def _done(self, word: str, gone: tuple[str, int] | None) -> None:
        if self.app.dry_run:
            return
        from crm_cli.queries.history import operations

        with self.app.read() as db:
            found = operations(db, by=self.app.user, limit=1, offset=0)
        self.steps.append(Step(int(found[0]["op"]) if found else 0, self.at, word, gone))

    def _undo(self) -> None:
        """Take the last step of this walk back, and stand at its pair again."""
        from crm_cli.actions import undoing
        from crm_cli.queries import history

        app = self.app
        if not self.steps:
            app.out.say("Nothing was done here yet")
            return
        step = self.steps[-1]
        try:
            app.said = paste.line(["crm", "undo", f"op:{step.op}"])
            with app.read() as db:
                chosen = [history.operation(db, step.op)]
            undoing.undo(app.database, chosen, now=app.now, user=app.user, command=app.typed)
        except CrmError as error:
            app.out.error(error)
            return
        finally:
            app.said = ""
        self.steps.pop()
        if step.gone is not None:
            self.into.pop(step.gone, None)
        self.settled.discard(step.at)
        self.at = step.at
        app.out.say("Undone. To do it again: crm redo")

    def _view(self, pair: Pair) -> None:
        """Everything about both, above the pair."""
        from crm_cli.output.profile import show_record
        from crm_cli.queries.find import Finder
        from crm_cli.queries.show import show as whole

        with self.app.read() as db:
            asker = self.app.asker(db)
            for row_id in (pair.left, pair.right):
                found = Finder(db, [pair.noun]).one(str(row_id))
                show_record(self.app.out, found.kind, whole(db, found, asker))
        self.app.out.flush()

    def _end(self) -> None:
        from crm_cli.output.pairs import summary

        words = [step.word for step in self.steps]
        left = len(self.pairs) - len(self.settled)
        summary(self.app.out, words.count("merged"), words.count("apart"), left, self.line)


def _seen_to(db: "Reader", pair: Pair) -> str | None:
    """The record that is gone, or "" where both are said to be two; None while the pair stands."""
    for row_id in (pair.left, pair.right):
        if not db.value(f"SELECT 1 FROM {pair.noun} WHERE id = :id AND removed_at IS NULL", {"id": row_id}):
            return f"{pair.noun}:{row_id}"
    low, high = sorted((pair.left, pair.right))
    known = db.value(
        "SELECT 1 FROM not_duplicate WHERE noun = :noun AND low_id = :low AND high_id = :high",
        {"noun": pair.noun, "low": low, "high": high},
    )
    return "" if known else None
