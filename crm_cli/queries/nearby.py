"""A reference that fits nothing, answered: what of that customer could be meant, what it is instead, or who is near."""

from collections.abc import Sequence
from typing import Any

from crm_cli.errors import Ambiguous, NotFound
from crm_cli.i18n import language, listed
from crm_cli.queries.find import CLOSED_DEALS, DONE_TASKS, KEY, KINDS, OPEN_DEALS, OPEN_TASKS, Finder, Found
from crm_cli.queries.sources import TABLE
from crm_cli.rules.names import shown
from crm_cli.rules.nearness import nearest_names
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader, id_list

_LOOKED_AT = 20_000  # the newest records that are compared piece by piece; older ones only by how they begin
_COMPARED = 150
_OFFERED = 3

_FITS_NO_DEAL = {OPEN_DEALS: "No open deal fits {name}", CLOSED_DEALS: "No closed deal fits {name}"}
_FITS_NO_TASK = {OPEN_TASKS: "No open task fits {name}", DONE_TASKS: "No done task fits {name}"}


def nothing_fits(finder: Finder, typed: str, kinds: Sequence[str]) -> NotFound:
    """The error for a reference, with the lines that were probably meant."""
    return (
        _merged_away(finder, typed, kinds)
        or _by_its_number(finder, typed, kinds)
        or _of_its_customer(finder, typed, kinds)
        or _of_another_kind(finder, typed, kinds)
        or _near_code(finder, typed, kinds)
        or _near(finder, typed, kinds)
    )


def _merged_away(finder: Finder, typed: str, kinds: Sequence[str]) -> NotFound | None:
    """The number of a record that is part of another one now."""
    from crm_cli.queries.merged import NOUNS, into

    for kind in kinds:
        found = into(finder.db, kind, typed) if kind in NOUNS else None
        if found is not None:
            ref = f"{kind}:{found.id}"
            return NotFound(
                "{old} {name} was merged into {ref} {kept}",
                hint="See: crm show {ref}",
                instead=(typed, str(found.id)),
                candidates=[{"ref": ref, "kind": kind, "id": found.id, "name": found.name}],
                old=f"{kind}:{found.dropped_id}",
                name=found.dropped,
                ref=ref,
                kept=found.name,
            )
    return None


def _by_its_number(finder: Finder, typed: str, kinds: Sequence[str]) -> NotFound | None:
    """The deal or task of a number, where it is in a state that the verb cannot act on."""
    if not fold(typed).isdigit() or finder.removed:
        return None
    for kind in kinds:
        scope = finder.scope.get(kind, "")
        if scope in _FITS_NO_DEAL or scope in _FITS_NO_TASK:
            found = _fitting(finder.db, typed, [kind], finder.country)
            if found is not None:
                return out_of_reach(found, typed, open_wanted=scope in (OPEN_DEALS, OPEN_TASKS))
    return None


def out_of_reach(found: Found, typed: str, *, open_wanted: bool) -> NotFound:
    """A deal or task in the state that the verb cannot act on."""
    holes: dict[str, Any] = {"name": found.name, "typed": typed, "noun": found.kind, "id": found.id}
    if found.kind == "task":
        if open_wanted:
            return NotFound("{name} is done already", hint="To open it again: crm task reopen {id}", **holes)
        return NotFound("{name} is still open", hint="See: crm task show {id}", **holes)
    if open_wanted:
        return NotFound("{name} is closed already", hint="To open it again: crm deal reopen {id}", **holes)
    return NotFound("{name} is still open", hint="See: crm deal show {id}", **holes)


def _sentence(finder: Finder, kinds: Sequence[str]) -> str:
    wanted = kinds[0] if len(kinds) == 1 else ""
    return {
        "customer": "No customer fits {name}",
        "contact": "No contact fits {name}",
        "deal": _FITS_NO_DEAL.get(finder.scope.get("deal", ""), "No deal fits {name}"),
        "task": _FITS_NO_TASK.get(finder.scope.get("task", ""), "No task fits {name}"),
        "interaction": "No interaction has the number {name}",
        "product": "No product fits {name}",
    }.get(wanted, "Nothing fits {name}")


def _of_its_customer(finder: Finder, typed: str, kinds: Sequence[str]) -> NotFound | None:
    """A customer where a deal, a task or a person of it is wanted: `crm deal win acme`, `crm done acme`.

    Not for digits: a number that fits nothing is never led to another record.
    """
    if fold(typed).isdigit() or ("customer" in kinds and "customer" not in finder.scope):
        return None
    owner = _fitting(finder.db, typed, ["customer"], finder.country)
    if owner is None:
        return None
    found = [
        found
        for kind in kinds
        if kind in ("contact", "deal", "task")
        for found in finder.select(kind, "x.customer_id = :customer", {"customer": owner.id})
    ]
    if not found:
        return None
    refs = [str(f.id) if len(kinds) == 1 else f.ref for f in found]
    return NotFound(
        _sentence(finder, kinds),
        hint="{customer} is a customer. Of it:" if len(found) > 1 else "{customer} is a customer. Of it: {only}",
        candidates=[f.candidate() for f in found] if len(found) > 1 else [],
        instead=(typed, *refs[:_OFFERED]),
        name=typed,
        customer=owner.name,
        only=f"{found[0].ref} {found[0].name}",
        near=None,
    )


def _of_another_kind(finder: Finder, typed: str, kinds: Sequence[str]) -> NotFound | None:
    """A deal where a customer is wanted; digits are a number of that kind, and never one of another."""
    others = [kind for kind in KINDS if kind not in kinds and kind != "interaction"]
    if fold(typed).isdigit() or not others or len(kinds) != 1 or kinds[0] == "interaction":
        return None
    other = _fitting(finder.db, typed, others, finder.country)
    if other is None:
        return None
    mine = finder.select(kinds[0], "x.id = :id", {"id": other.customer_id}) if kinds[0] == "customer" else []
    return NotFound(
        _sentence(finder, kinds),
        hint="{other} is a {kind}: {ref}",
        instead=(typed, *(str(found.id) for found in mine)),
        name=typed,
        other=other.name,
        kind=shown("noun", other.kind, language()),
        ref=other.ref,
        near=None,
    )


def _fitting(db: "Reader", typed: str, kinds: Sequence[str], country: str | None) -> Found | None:
    try:
        return Finder(db, kinds, country=country).fitting(typed, kinds)
    except Ambiguous:
        return None


def _near_code(finder: Finder, typed: str, kinds: Sequence[str]) -> NotFound | None:
    """Products whose codes are most like what was typed."""
    if list(kinds) != ["product"]:
        return None
    gone = "NOT NULL" if finder.removed else "NULL"
    rows = finder.db.rows(f"SELECT code_key, code FROM product WHERE removed_at IS {gone} LIMIT {_LOOKED_AT}")
    codes: dict[str, str] = dict(rows)
    near = [codes[key] for key in nearest_names(fold(typed), codes)]
    if not near:
        return None
    sentence, hint = _sentence(finder, kinds), "Did you mean {near}?"
    return NotFound(sentence, hint=hint, instead=(typed, *near[:_OFFERED]), name=typed, near=listed(near))


def _near(finder: Finder, typed: str, kinds: Sequence[str]) -> NotFound:
    """The names most alike, of what the verb can act on."""
    key = fold(typed)
    named: dict[str, list[Found]] = {}
    for kind in kinds:
        if kind in KEY and len(key) > 1 and not key.isdigit():
            for found in _compared(finder, kind, key):
                named.setdefault(fold(found.name), []).append(found)
    near = [named[name][0] for name in nearest_names(key, named)]
    wanted = kinds[0] if len(kinds) == 1 else ""
    hint = "Did you mean {near}?" if near else ""
    if not near and wanted in ("customer", "contact", "deal", "task", "product"):
        hint = "See: crm {wanted} list"
    elif not near and not wanted:
        hint = "To look for it: crm find WORDS. All customers: crm customer list"
    return NotFound(
        _sentence(finder, kinds),
        hint=hint,
        instead=(typed, *(_as_typed(found, unique=len(named[fold(found.name)]) == 1) for found in near)),
        name=typed,
        near=listed(found.name for found in near) if near else None,
        wanted=wanted,
    )


def _as_typed(found: Found, *, unique: bool) -> str:
    """A name to paste; its id where the name is not its alone, or would be read as something else."""
    odd = found.name[:1] in "-@(" or ":" in found.name or "：" in found.name or fold(found.name).isdigit()
    return found.name if unique and not odd and found.name.isprintable() else found.ref


def _compared(finder: Finder, kind: str, key: str) -> list[Found]:
    """Records worth comparing: those that begin alike, and of the newest those that share a piece of the name."""
    column, found = f"x.{KEY[kind]}", dict[int, Found]()
    for length in sorted({max(1, len(key) - 2), 3, 2}, reverse=True):
        begins = f"{column} >= :low AND {column} < :high"
        params = {"low": key[:length], "high": key[:length] + "\U0010ffff"}
        found |= {one.id: one for one in finder.select(kind, begins, params, limit=_COMPARED)}
    third = 1 if len(key) < 6 else -(-len(key) // 3)  # letters of a short name: two may have changed places
    pieces = {f"p{i}": key[i : i + third] for i in range(0, min(len(key), 60), third)}
    hits = " + ".join(f"(instr({KEY[kind]}, :{name}) > 0)" for name in pieces)
    scope = f" AND ({finder.scope[kind]})" if kind in finder.scope else ""
    rows = finder.db.rows(
        f"SELECT id FROM (SELECT x.id, {column} FROM {TABLE[kind]} x WHERE x.removed_at IS"
        f" {'NOT NULL' if finder.removed else 'NULL'}{scope} ORDER BY x.id DESC LIMIT {_LOOKED_AT})"
        f" WHERE {hits} > {len(pieces) // 3} ORDER BY {hits} DESC, length({KEY[kind]}), id LIMIT {_COMPARED}",
        pieces,
    )
    here = f"x.id IN {id_list(row_id for (row_id, *_) in rows)}"
    found |= {one.id: one for one in finder.select(kind, here, {}, limit=_COMPARED)}
    return list(found.values())
