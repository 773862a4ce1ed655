"""Everything about one record: its facts, then what is to be done, its deals and people, and what happened."""

from collections.abc import Sequence
from typing import Any

from crm_cli.i18n import language, listed, t, tn
from crm_cli.output import cards
from crm_cli.output.cells import cell, heading
from crm_cli.output.output import Output
from crm_cli.output.views import VIEWS, is_right
from crm_cli.rules import names
from crm_cli.rules.money import format_number
from crm_cli.rules.text import clean, clean_lines, width, wrap

Row = dict[str, Any]
_NESTED = ("tasks", "deals", "orders", "contacts", "interactions", "stage_changes", "consents")
_NAME_KEY = {"customer": "name", "contact": "name", "deal": "title", "task": "text", "interaction": "channel"}
_NAME_KEY |= {"product": "name", "order": "number"}
_QUIET_KEYS = {"id", "uuid", "customer_id", "deal_id", "parent_id", "external_source", "removed_at"}
_QUIET_KEYS |= {"currency", "cost_currency"}
_SINGLES = {"email": "emails", "phone": "phones", "website": "websites", "won_amount": "won", "open_amount": "open"}
_SINGLES |= {"price": "prices"}
_STANDING = ("tier", "lifecycle", "risk", "playbook")  # where scores know something
_NEWEST = 5  # interactions and stage changes on a screen; a pipe gets them all
_NEWEST_ORDERS = 3
_FEW = 3  # closed deals beside the open ones on a screen
_PLANS: dict[str, list[tuple[str, int]]] = {
    "contacts": [("id", 5), ("name", 0), ("title", 3), ("role", 2), ("phone", 1), ("email", 4)],
    "deals": [("id", 4), ("title", 0), ("stage", 2), ("amount", 1), ("expected_close_on", 3), ("closed_on", 5)],
    "orders": [("id", 4), ("number", 3), ("ordered_on", 1), ("lines", 5), ("amount", 0), ("margin", 6), ("owner", 7)],
    "tasks": [("id", 2), ("due_on", 1), ("text", 0), ("done_at", 3), ("priority", 4)],
    "interactions": [("id", 4), ("at", 1), ("channel", 2), ("text", 0), ("deal", 3), ("owner", 5)],
}


def show_record(out: Output, noun: str, record: Row) -> None:
    """Everything about one record: its facts, then what belongs to it, what is to be done first."""
    if out.format in ("json", "jsonl"):
        out.json(record)
        return
    if out.format in ("csv", "tsv", "ids"):
        out.records(noun, [record])
        return
    columns = out.width if out.is_terminal else 0
    kind = names.shown("noun", noun, language())
    name = cell(noun, _NAME_KEY[noun], record) if noun == "interaction" else clean(str(_name_of(noun, record)))
    title = f"{name}  ({kind} {record['id']})"
    out.lines(cards.styled(line, cards.BOLD, out.colour) for line in (wrap(title, columns) if columns else [title]))
    found = _facts(noun, record)
    out.lines(cards.facts(found, columns) if columns else _whole(found))
    for part in _NESTED:
        rows = record.get(part)
        if not rows or (noun == "deal" and part == "contacts"):
            continue
        if columns and part == "contacts":
            cards.section(out, t(_PARTS[part]), len(rows))
            cards.show(out, cards.contact_card, sorted(rows, key=lambda row: row["role"] != "decision-maker"))
        elif columns and part == "deals" and noun == "customer":
            _open_deals(out, record, rows)
        elif part == "orders":
            _orders(out, noun, record, rows if not columns else rows[:_NEWEST_ORDERS])
        elif columns and part not in ("deals", "consents"):
            _newest(out, noun, record, part, rows)
        else:
            cards.section(out, t(_PARTS[part]), len(rows))
            _nested(out, part, rows)
    if noun == "product":
        from crm_cli.output.solution import show_solution

        show_solution(out, record)
    if noun in ("deal", "order") and record["lines"]:
        from crm_cli.output.lines import show_lines

        show_lines(out, record["lines"], record["currency"])


def _name_of(noun: str, record: Row) -> Any:
    """What a record is called; an order without a number is called by whose it is."""
    return record[_NAME_KEY[noun]] or (record["customer"] if noun == "order" else None)


_PARTS = {
    "tasks": "Tasks",
    "deals": "Deals",
    "orders": "Orders",
    "contacts": "Contacts",
    "interactions": "Interactions",
    "stage_changes": "Stage changes",
    "consents": "Consents",
}


def _whole(found: list[tuple[str, str]]) -> list[str]:
    return [line for label, text in found for line in cards.entry(label, text, max(12, width(label) + 2), 0)]


def _facts(noun: str, record: Row) -> list[tuple[str, str]]:
    facts = []
    for key in VIEWS[noun].keys:
        if key in _QUIET_KEYS or key == _NAME_KEY[noun] or key in _SINGLES or (key in _NESTED and noun != "deal"):
            continue
        if (key in _NESTED and key != "contacts") or (noun, key) == ("order", "lines"):
            continue
        if key == "updated_at" and record.get(key) == record.get("created_at"):
            continue
        is_long = key in ("note", "address", "text") and record.get(key)
        text = "\n".join(clean_lines(str(record[key]))) if is_long else cell(noun, key, record)
        if text and not (key == "open_deals" and text == "0"):
            facts.append((heading(noun, key), text))
        if key == "tags" and record.get("lifecycle"):
            known = [part for part in _STANDING if record.get(part) is not None]
            facts += [(heading(noun, part), cell(noun, part, record)) for part in known]
        if key == "tags" and record.get("segments"):
            facts.append((t("segments"), clean(listed(record["segments"]))))
    return facts


def _open_deals(out: Output, record: Row, rows: list[Row]) -> None:
    """The open deals, and how to see the closed ones; all of them where few are closed."""
    shown = [row for row in rows if row["status"] == "open"]
    if len(rows) - len(shown) <= _FEW:
        shown = sorted(rows, key=lambda row: row["status"] != "open")
    left = len(rows) - len(shown)
    cards.section(out, t(_PARTS["deals"]), len(rows))
    if shown:
        _nested(out, "deals", shown)
    if left:
        line = f"crm deal list is:closed customer_id:{record['id']}"
        out.lines(_more(out, t("{n} closed: {line}", n=left, line=line)))


def _orders(out: Output, noun: str, record: Row, shown: list[Row]) -> None:
    """The newest orders with what they come to in all, and how to see the rest."""
    whole = record["orders"]
    cards.section(out, t(_PARTS["orders"]), len(whole))
    for row in record.get("ordered") or ():
        told = {**row, "amount": format_number(row["amount"], row["currency"])}
        many = row["orders"] > 1
        text = t("{amount} in {orders} orders, {first_on} to {last_on}" if many else "{amount} on {first_on}", **told)
        out.lines(wrap(text, out.width) if out.is_terminal else [text])
    _nested(out, "orders", shown)
    if len(whole) > len(shown):
        line = f"crm order list {noun}_id:{record['id']}"
        out.lines(_more(out, t("{n} more: {line}", n=len(whole) - len(shown), line=line)))


def _newest(out: Output, noun: str, record: Row, part: str, rows: list[Row]) -> None:
    """What happened and what is to be done, as lines of a diary; the newest only, and how to see the rest."""
    shown = [row for row in rows if not row["done_at"]] if part == "tasks" else rows
    shown = shown[-_NEWEST:] if part == "stage_changes" else shown[:_NEWEST]
    left = len(rows) - len(shown)
    if shown:
        cards.section(out, t(_PARTS[part]), len(shown) if part == "tasks" else len(rows))
    indent = max((width(_diary(part, row)[0]) for row in shown), default=0) + 2
    for row in shown:
        label, text = _diary(part, row)
        out.lines(cards.entry(label, text, indent, out.width))
    if left and part == "tasks" and noun == "contact":
        out.lines(_more(out, t("{n} done", n=left)))
    elif left and part == "tasks":
        line = f"crm task list --all {noun}_id:{record['id']}"
        out.lines(_more(out, t("{n} done: {line}", n=left, line=line)))
    elif left and part == "interactions":
        line = f"crm interaction list {_query(noun, record)}"
        out.lines(_more(out, t("{n} more: {line}", n=left, line=clean(line))))


def _query(noun: str, record: Row) -> str:
    """What finds the interactions of the record, ready to paste."""
    if noun != "contact":
        return f"{noun}_id:{record['id']}"
    import shlex

    return shlex.quote(f'contact:"{record["name"]}"')


def _more(out: Output, text: str) -> list[str]:
    return [cards.styled(line, cards.DIM, out.colour) for line in wrap(text, out.width)]


def _diary(part: str, row: Row) -> tuple[str, str]:
    """The day with what it was, and the words."""
    if part == "tasks":
        time = cell("task", "due_at", row)[11:]
        label = " ".join(word for word in (row["due_on"] or t("no due day"), time) if word)
        priority = "" if row["priority"] == "normal" else f" ({names.shown('priority', row['priority'], language())})"
        return label, listed([f"{clean(row['text'])}{priority}", f"task:{row['id']}"], clauses=True)
    if part == "stage_changes":
        ends = [clean(names.shown("stage", row[end], language())) for end in ("from", "to") if row[end]]
        days = tn("after {n} day", "after {n} days", row["days_spent"]) if row["days_spent"] is not None else ""
        said = (" -> ".join(ends), days, clean(row["by"] or ""))
        return row["on"], listed((text for text in said if text), clauses=True)
    channel = clean(names.shown("channel", row["channel"], language()))
    outcome = f"({row['outcome']})" if row["outcome"] else ""
    text = " ".join(clean_lines(f"{row['text'] or ''} {outcome}".strip()))
    return f"{row['at'][:10]} {channel}", text or "-"


def _nested(out: Output, part: str, rows: Sequence[Row]) -> None:
    if part == "stage_changes":
        heads = [t(word) for word in ("on", "from", "to", "days", "by")]
        cells = [
            [
                row["on"], *(clean(names.shown("stage", row[end] or "", language())) for end in ("from", "to")),
                "" if row["days_spent"] is None else str(row["days_spent"]), clean(row["by"] or ""),
            ]
            for row in rows
        ]  # fmt: skip
        if out.format == "md":
            out.markdown(heads, ["---", "---", "---", "---:", "---"], cells)
        else:
            out.draw(heads, cells, ranks=[0, 1, 0, 2, 3], right={3})
        return
    noun = part.rstrip("s")
    if noun == "consent":
        out.records(noun, [row for row in rows if row["in_force"]])
        return
    plan = [(key, rank) for key, rank in _PLANS[part] if any(row.get(key) for row in rows)]
    if out.format == "md":
        out.records(noun, list(rows), [key for key, _ in plan])
        return
    right = {i for i, (key, _) in enumerate(plan) if is_right(noun, key)}
    heads = [heading(noun, key) for key, _ in plan]
    cells = [[cell(noun, key, row) for key, _ in plan] for row in rows]
    out.draw(heads, cells, ranks=[rank for _, rank in plan], right=right)
