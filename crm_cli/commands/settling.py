"""The pick among several, made at a terminal before a write opens; in a script the error stands."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_cli.commands import prompts
from crm_cli.context import App
from crm_cli.errors import Ambiguous, CrmError, NotFound
from crm_cli.i18n import language, t
from crm_cli.queries.bounds import member_id
from crm_cli.queries.find import Finder, find_stage
from crm_cli.rules import names
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader


def pick(app: App, error: Ambiguous, typed: str) -> str:
    """The one meant of several candidates, chosen at a terminal; in a script the error stands."""
    if not app.is_interactive or not error.candidates or prompts.is_waiting(app):
        raise error
    question = t("{text} may be several. Which one?", text=typed)
    return prompts.choose(app, question, [(_told(candidate), _ref_of(candidate)) for candidate in error.candidates])


def _ref_of(candidate: dict[str, Any]) -> str:
    return str(candidate.get("ref") or candidate["id"])


def _told(candidate: dict[str, Any]) -> str:
    of = candidate.get("customer")
    more = f"  ({of})" if of and of != candidate["name"] else ""
    return f"{_ref_of(candidate)}  {candidate['name']}{more}"


def settle(
    app: App, text: str, kinds: Sequence[str], *, scope: dict[str, str] | None = None, removed: bool = False
) -> str:
    """A reference that means one record: at a terminal the pick among several is made before the write opens."""
    if not app.is_interactive:
        return text
    with app.read() as db:
        try:
            Finder(db, kinds, scope=scope, removed=removed, country=app.country).one(text)
            return text
        except Ambiguous as error:
            ambiguous = error
    return pick(app, ambiguous, text)


def settle_member(app: App, text: str) -> str:
    """A member by id, where the text may mean several."""
    return _settled_by(app, text, lambda db: member_id(db, fold(text), text, db.member_of(app.user)))


def settle_stage(app: App, text: str, pipeline_id: int | None = None) -> str:
    """A stage by id, where the text may mean several."""
    return _settled_by(app, text, lambda db: find_stage(db, text, pipeline_id=pipeline_id))


def stage_name(app: App, typed: str) -> str:
    """What a stage is called in the user's language; as typed where nothing has that name."""
    with app.read() as db:
        try:
            return names.shown("stage", find_stage(db, typed)[1], language())
        except CrmError:
            return typed


def is_lost(app: App, stage: str) -> bool:
    """Whether somebody is there to be asked why, as a stage of this name is one of lost deals."""
    if not app.is_interactive:
        return False
    with app.read() as db:
        try:
            return find_stage(db, stage)[2] == "lost"
        except CrmError:
            return False


def _settled_by(app: App, text: str, look: Callable[[Reader], object]) -> str:
    """What a look-up finds nothing for is left to the write, which says so in its own words."""
    if not app.is_interactive:
        return text
    with app.read() as db:
        try:
            look(db)
        except Ambiguous as error:
            ambiguous = error
        except CrmError:
            return text
        else:
            return text
    return pick(app, ambiguous, text).removeprefix("member:")


def settle_person(app: App, typed: str, customer: str | None = None) -> str:
    """`jane:user`: the person meant, first among those of the customer, with the role kept behind."""
    if not app.is_interactive:
        return typed
    name, role = split_role(typed)
    with app.read() as db:
        scope: dict[str, str] | None = None
        try:
            owner = Finder(db, ["customer"], country=app.country).one(customer).id if customer else None
            if owner is not None:
                scope = {"contact": f"x.customer_id = {owner}"}
                Finder(db, ["contact"], scope=scope, country=app.country).one(name)
        except NotFound:
            scope = None
        except Ambiguous:
            pass
    try:
        return settle(app, name, ["contact"], scope=scope) + role
    except NotFound:
        return typed


def split_role(typed: str) -> tuple[str, str]:
    """`contact:12:champion` -> ("contact:12", ":champion"); the prefix of a kind is no name."""
    text = typed.replace("：", ":")
    head, colon, rest = text.partition(":")
    prefix = head + colon if colon and head.strip().lower() == "contact" else ""
    name, colon, role = (rest if prefix else text).rpartition(":")
    return (prefix + name, colon + role) if colon and name.strip() else (text, "")


def settle_links(app: App, options: dict[str, Any]) -> None:
    """Every record, member and stage that the options name: the pick among several is made before the write opens."""
    if not app.is_interactive:
        return
    for option, kind in _LINKS.items():
        if options.get(option):
            options[option] = settle(app, options[option], [kind])
    if options.get("owner"):
        options["owner"] = settle_member(app, options["owner"])
    if options.get("stage"):
        options["stage"] = settle_stage(app, options["stage"])
    if options.get("contact"):
        options["contact"] = [settle_person(app, one, options.get("customer")) for one in options["contact"]]


_LINKS = {"customer": "customer", "deal": "deal", "referred_by": "customer", "parent": "customer"}
