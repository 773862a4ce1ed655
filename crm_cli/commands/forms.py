"""`edit REF` alone, at a terminal: the present values as a form, what differs said and confirmed, one write."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from crm_cli.commands import formfields, keeping, prompts, settling
from crm_cli.commands.formfields import SEVERAL, Field
from crm_cli.commands.writes import write
from crm_cli.context import App
from crm_cli.errors import Cancelled, Conflict
from crm_cli.i18n import t
from crm_cli.output.cells import heading
from crm_cli.queries.conditions import Asker
from crm_cli.rules.text import squeeze
from crm_cli.store.writer import Work

if TYPE_CHECKING:
    from crm_cli.actions.change import Change

Texts = dict[str, str]


def edit(
    app: App, noun: str, record_id: int, options: dict[str, Any], action: Callable[[Work], "Change"], *, single: bool
) -> None:
    """Ask for every field, fill `options` with what differs, and write it unless somebody else was there meanwhile."""
    with app.read() as db:
        before = formfields.present(db, app.asker(db), noun, record_id)
    form = _Form(app, noun, record_id, before)
    app.out.say(
        "{noun} {id}: Enter keeps a value; an emptied one is cleared; several stand as a; b",
        noun=t(noun),
        id=record_id,
    )
    app.out.say("Shift-Tab goes back, Ctrl-S to the end, Ctrl-C leaves everything as it was.")
    if not form.fill():
        app.out.say("Nothing to change: it is so already")
        return
    options.update(form.changes())

    def act(w: Work) -> "Change":
        now = formfields.present(w.db, Asker(w.now, w.member_id, app.decimal), noun, record_id)
        _refuse_changed(noun, record_id, before, now)
        return action(w)

    with keeping.nothing_lost(app, lambda: keeping.line_words([noun, "edit", str(record_id)], options)):
        write(app, act, single=single)


def _refuse_changed(noun: str, record_id: int, before: Texts, now: Texts) -> None:
    """What somebody else changed while the form was open is not written over."""
    fields = {field.option: field for field in formfields.FORMS[noun]}
    differs = [option for option in {**before, **now} if before.get(option) != now.get(option)]
    if differs:
        told = [f"{heading(noun, fields[name].key)}: {squeeze(now.get(name, '')) or t('(empty)')}" for name in differs]
        raise Conflict(
            "Somebody has changed it meanwhile, and nothing was written: {what}",
            hint="Look again: crm {noun} edit {id}",
            what="; ".join(told),
            noun=noun,
            id=record_id,
        )


class _Form:
    """The fields with what was typed into them so far."""

    def __init__(self, app: App, noun: str, record_id: int, before: Texts) -> None:
        self.app = app
        self.noun = noun
        self.record_id = record_id
        self.fields = [field for field in formfields.FORMS[noun] if field.option in before]
        self.before = {field.option: formfields.spelled_names(field, before[field.option]) for field in self.fields}
        self.typed = {option: formfields.shown(text) for option, text in self.before.items()}

    def fill(self) -> bool:
        """Ask until what differs is confirmed; False when nothing differs."""
        at = 0
        while True:
            self._ask_from(at)
            changed = self._differing()
            if not changed:
                return False
            if self.app.yes:
                return True
            for field in changed:
                self._tell(field)
            one, many = t("Keep this change"), t("Keep these {n} changes", n=len(changed))
            choices = [
                (one if len(changed) == 1 else many, "keep"),
                (t("Go over it again"), "again"),
                (t("Leave everything as it was"), "leave"),
            ]
            chosen = prompts.choose(self.app, t("What now?"), choices)
            if chosen == "leave":
                raise Cancelled("Stopped; nothing was changed")
            if chosen == "keep":
                return True
            at = self.fields.index(changed[0])

    def _ask_from(self, at: int) -> None:
        while at < len(self.fields):
            where = self._ask(self.fields[at])
            if where == prompts.END:
                break
            at = max(0, at - 1) if where == prompts.BACK else at + 1

    def _ask(self, field: Field) -> str:
        option = field.option
        answer, where = prompts.field(
            self.app,
            heading(self.noun, field.key),
            default=self.typed[option],
            kept=formfields.shown(self.before[option]),
            check=formfields.check_of(self.app, self.noun, field, self.record_id),
            known=formfields.known_of(self.app, self.noun, field),
            must=field.must,
            several=field.how in SEVERAL,
        )
        self.typed[option] = answer.strip()
        if where != prompts.BACK and self._differs(field) and self.typed[option]:
            self._settle(field)
        return where

    def _settle(self, field: Field) -> None:
        """The pick among several, made while the form is open."""
        if field.how == "people":
            parts = formfields.parts(field, self.typed[field.option])
            self.typed[field.option] = "; ".join(settling.settle_person(self.app, part) for part in parts)
        elif field.how == "named":
            self.typed[field.option] = formfields.named(field, self.typed[field.option])
        else:
            self.typed[field.option] = formfields.settled(self.app, field, self.typed[field.option], self.record_id)

    def _differs(self, field: Field) -> bool:
        return self.typed[field.option] != formfields.shown(self.before[field.option]).strip()

    def _differing(self) -> list[Field]:
        return [field for field in self.fields if self._differs(field)]

    def _tell(self, field: Field) -> None:
        empty = t("(empty)")
        old, new = squeeze(formfields.shown(self.before[field.option])), squeeze(self.typed[field.option])
        self.app.out.say(
            "{field}: {old} -> {new}", field=heading(self.noun, field.key), old=old or empty, new=new or empty
        )

    def changes(self) -> dict[str, Any]:
        """What differs, as options of edit."""
        found: dict[str, Any] = {}
        clear: list[str] = []
        drop: list[str] = []
        for field in self._differing():
            text = self.typed[field.option]
            if not text:
                clear.append(field.option.replace("_", "-"))
            elif field.how in SEVERAL:
                given, gone = self._several(field, text)
                drop += [f"{field.option}={value}" for value in gone]
                if given:
                    found[field.option] = given
            else:
                found[field.option] = text
        if drop:
            found["drop"] = drop
        if clear:
            found["clear"] = clear
        return found

    def _several(self, field: Field, text: str) -> tuple[list[str], list[str]]:
        """What to put in, first to last, and what to take away."""
        old, new = formfields.parts(field, self.before[field.option]), formfields.parts(field, text)
        if field.how == "people":
            kept = {formfields.contact_of(self.app, part) for part in new}
            gone = [formfields.contact_of(self.app, part) for part in old]
            return [part for part in new if part not in old], [one for one in gone if one not in kept]
        if field.how == "tags":
            return [part for part in new if part not in old], [part for part in old if part not in new]
        from crm_cli.rules.normalise import split_label

        values = [split_label(part)[0] for part in new]
        return new, [split_label(part)[0] for part in old if split_label(part)[0] not in values]
