"""Look-up keys fit what they were made of: names folded, e-mails, phones, websites and handles normalised.

Most of them can be judged in SQL; what is not plain there is folded again, so that a large database takes no minutes.
"""

from collections.abc import Callable
from typing import Any

from crm_cli.errors import CrmError
from crm_cli.queries.checks.finding import Ask, Invariant, Row
from crm_cli.rules.normalise import email_key, reach_key
from crm_cli.rules.text import fold

_NAMED = {
    "customer": ("name", "name_key"),
    "contact": ("name", "name_key"),
    "deal": ("title", "title_key"),
    "task": ("text", "text_key"),
    "sales_order": ("number", "number_key"),
    "member": ("name", "name_key"),
    "pipeline": ("name", "name_key"),
    "stage": ("name", "name_key"),
    "tag": ("name", "name_key"),
    "segment": ("name", "name_key"),
    "import_mapping": ("name", "name_key"),
}
# Text of visible ASCII without a run of spaces or one at an end: folding it is making it lower-case.
_PLAIN = "{0} NOT GLOB '*[^ -~]*' AND instr({0}, '  ') = 0 AND {0} NOT LIKE ' %' AND {0} NOT LIKE '% '"
_OWNER = (
    "CASE WHEN r.contact_id IS NOT NULL THEN 'contact:' || r.contact_id WHEN r.customer_id IS NOT NULL THEN"
    " 'customer:' || r.customer_id ELSE 'reach:' || r.id END"
)
_BARE = "replace(replace(replace(replace(replace(r.value, ' ', ''), '-', ''), '(', ''), ')', ''), '/', '')"
# Ways to reach somebody that SQL can vouch for: an address or a host in lower case, an international number.
_SURE = (
    "(r.kind = 'email' AND r.value_key = lower(r.value) AND r.value NOT GLOB '*[^-a-zA-Z0-9._+@]*'"
    " AND r.value GLOB '[a-zA-Z0-9]*[a-zA-Z0-9]@[a-zA-Z0-9]*.*[a-zA-Z0-9]' AND r.value NOT GLOB '*@*@*'"
    " AND instr(r.value, '..') = 0)"
    " OR (r.kind = 'website' AND r.value_key = lower(r.value) AND r.value NOT GLOB '*[^a-zA-Z0-9.]*'"
    " AND r.value GLOB '[a-zA-Z0-9]*.[a-zA-Z][a-zA-Z]*' AND instr(r.value, '..') = 0 AND r.value NOT LIKE 'www.%'"
    " AND r.value NOT LIKE '%.')"
    f" OR (r.kind = 'phone' AND r.value_key = {_BARE} AND r.value_key GLOB '+[1-9]*' AND length(r.value_key) BETWEEN 9"
    " AND 16 AND substr(r.value_key, 2) NOT GLOB '*[^0-9]*' AND r.value NOT GLOB '*[^0-9]0*')"
)


def _names(noun: str) -> Callable[[Ask], list[Row]]:
    name, key = _NAMED[noun]

    def find(ask: Ask) -> list[Row]:
        rows = ask.rows(
            f"SELECT id, {name} AS name, {key} AS kept FROM {noun}"
            f" WHERE NOT (({_PLAIN.format(name)}) AND {key} = lower({name}))"
        )
        right = ((row, fold(row["name"]) or row["name"]) for row in rows)
        return [{**row, "right": folded} for row, folded in right if folded != row["kept"]]

    return find


def _reach(kind: str) -> Callable[[Ask], list[Row]]:
    def find(ask: Ask) -> list[Row]:
        rows = ask.rows(
            f"SELECT r.id, {_OWNER} AS ref, r.value AS name, r.value_key AS kept FROM reach r"
            f" WHERE r.kind = '{kind}' AND NOT ({_SURE})"
        )
        found = []
        for row in rows:
            right = _right_key(kind, row["name"], row["kept"], ask.country)
            if right != row["kept"]:
                found.append({**row, "right": right})
        return [row for row in found if row["right"] is not None]

    return find


def _unreadable(ask: Ask) -> list[Row]:
    """Ways to reach somebody that are none: no key can be made of them."""
    rows = ask.rows(
        f"SELECT r.id, {_OWNER} AS ref, r.value AS name, r.value_key AS kept, r.kind FROM reach r WHERE NOT ({_SURE})"
    )
    return [row for row in rows if _right_key(row["kind"], row["name"], row["kept"], ask.country) is None]


def _right_key(kind: str, value: str, kept: str, country: str | None) -> str | None:
    """The key of a value; None where it has none. A number typed without its country's prefix may have been read in
    any country: the key that was kept is right as long as it ends in what was typed."""
    try:
        right = reach_key(kind, value, country=country)
        if kind == "phone" and right != kept and _is_national(reach_key(kind, value, country=None), kept):
            return kept
    except (CrmError, ValueError):
        return None
    return right


def _is_national(typed: str, kept: str) -> bool:
    """Whether an international number ends in the one that was typed without its prefix."""
    number, _, extension = typed.partition(";")
    international, _, kept_extension = kept.partition(";")
    digits = number.lstrip("0")
    return (
        not number.startswith("+")
        and international[:1] == "+"
        and extension == kept_extension
        and len(digits) > 2
        and international[1:].isdigit()
        and international.endswith(digits)
        and 1 <= len(international) - 1 - len(digits) <= 4
    )


def _emails_of_members(ask: Ask) -> list[Row]:
    found = []
    for row in ask.rows("SELECT id, name, email, email_key AS kept FROM member"):
        try:
            right: Any = email_key(row["email"]) if row["email"] is not None else None
        except CrmError:
            right = row["kept"]
        if right != row["kept"]:
            found.append({**row, "right": right})
    return found


INVARIANTS = (
    *(
        Invariant(
            f"{noun.replace('_', '-')}-key",
            {"sales_order": "order"}.get(noun, noun),
            _names(noun),
            "{name} is looked up as {kept}, not {right}",
            fix=(f"UPDATE {noun} SET {key} = :right WHERE id = :id",),
        )
        for noun, (_, key) in _NAMED.items()
    ),
    *(
        Invariant(
            f"{kind}-key",
            "reach",
            _reach(kind),
            "{name} is looked up as {kept}, not {right}",
            fix=("UPDATE reach SET value_key = :right WHERE id = :id",),
        )
        for kind in ("email", "phone", "website", "messenger")
    ),
    Invariant(
        "reach-unreadable",
        "reach",
        _unreadable,
        "{name} is none: it cannot be looked up as {kind}",
        mend="crm history {ref}",
    ),
    Invariant(
        "member-email",
        "member",
        _emails_of_members,
        "{email} is looked up as {kept}, not {right}",
        fix=("UPDATE member SET email_key = :right WHERE id = :id",),
    ),
)
