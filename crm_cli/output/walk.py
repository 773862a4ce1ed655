"""`crm next` on the screen: one item fitted to the window, drawn again when that changes, and the key pressed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from crm_cli.i18n import language, t
from crm_cli.output import cards, keypress
from crm_cli.output.cells import cell, reach
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.text import clean, fit, squeeze, wrap

Row = dict[str, Any]


class Item(NamedTuple):
    """A row of queries/walk, and where it stands: `3 of 12  overdue`."""

    row: Row
    place: str


# key -> (its name beside the item, what it does, for the help)
KEYS = {
    "l": ("log", "take down a talk, then the next step; the task is ticked off with it"),
    "d": ("done", "it is done, or dealt with"),
    "z": ("snooze", "put it off until a day"),
    "m": ("move", "move the deal to another stage, win or lose it"),
    "e": ("editor", "take a talk down in your editor, for a longer text"),
    "s": ("skip", "leave it as it is (space too)"),
    "b": ("back", "the item before"),
    "q": ("quit", "stop here; what was kept is kept"),
    "?": ("help", "these lines"),
}
_ALSO = {" ": "s", "n": "s", "p": "b", "h": "?"}
_QUESTIONS = 12  # lines left below an item for what its key asks, so that the name stays in sight
_ARROWS = {"right": "s", "left": "b"}
_WIDEST = 100  # further apart, the eye loses the line between a name and its number


def screen(item: Item, columns: int, rows: int, colour: bool, *, keys: bool = True) -> list[str]:
    """One item in at most so many lines, none wider than `columns`; what matters least gives way first. Without
    `keys` questions follow."""
    row, place = item
    columns = max(columns, 10)
    rows = rows if keys else min(rows, max(rows - _QUESTIONS, _LEAST))
    head = ["", cards.styled(fit(place, columns), cards.HEADING, colour), *_who(row, columns, colour)]
    hint = ["", *_keys().hint(columns, colour)] if keys else []
    talks, deals = _touches(row, columns, colour), _deals(row, columns, colour)
    room = max(0, rows - 1 - len(head) - len(hint))
    talks, deals = _share(talks, deals, room)
    return [*head[: max(3, rows - 1 - len(hint))], *talks, *deals, *hint]


_LEAST = 6  # lines: the place, the name, the number


def _share(talks: list[str], deals: list[str], room: int) -> tuple[list[str], list[str]]:
    """What there is room for: the last talk before the deals, the deals before older talks."""
    if len(talks) + len(deals) <= room:
        return talks, deals
    kept = min(len(talks), max(2, room - len(deals)))
    talks = talks[: kept if room >= 2 else 0]
    deals = deals[: max(0, room - len(talks))]
    return talks, deals if len(deals) > 1 else []


def _who(row: Row, columns: int, colour: bool) -> list[str]:
    lines = cards.followup_card({**row, "last_word": None}).lines(min(columns, _WIDEST), colour)
    first = reach(row)
    parts = [clean(row["title"] or ""), names.shown("role", row["role"], language()) if row["role"] else ""]
    parts += [clean(str(row[key])) for key in ("phone", "email") if row[key] and clean(str(row[key])) != first]
    parts += [clean(t("owner: {name}", name=row["owner"]))] if row["owner"] else []
    about = ", ".join(part for part in map(clean, parts) if part)
    deal = clean(str(row["deal"])) if row["deal"] and row["kind"] == "task" else ""
    more = wrap(fit(about, 2 * columns - 8), columns - 2)[:2] if about else []
    if row.get("playbook") and row["kind"] != "risk":
        more += wrap(fit(cell("followup", "playbook", row), 2 * columns - 8), columns - 2)[:2]
    more += [fit(t("deal: {title}", title=deal), columns - 2)] if deal else []
    return [*lines, *(cards.styled("  " + line, cards.DIM, colour) for line in more)]


def _touches(row: Row, columns: int, colour: bool) -> list[str]:
    if row["customer_id"] is None and row["deal_id"] is None:
        return []
    if not row["touches"]:
        return [cards.styled(line, cards.BOLD, colour) for line in wrap(t("Nothing was said yet"), columns)]
    lines = [cards.styled(fit(t("Said last"), columns), cards.BOLD, colour)]
    for touch in row["touches"]:
        outcome = f"({touch['outcome']})" if touch["outcome"] else ""
        said = squeeze(" ".join(part for part in (touch["text"], outcome) if part))
        channel = clean(names.shown("channel", touch["channel"], language()))
        whole = f"{touch['on']} {channel}" + (f": {clean(said)}" if said else "")
        lines += ["  " + line for line in wrap(fit(whole, _LONGEST), columns - 2)]
    return lines


_LONGEST = 240  # what was said in one talk does not fill the screen


def _deals(row: Row, columns: int, colour: bool) -> list[str]:
    if not row["deals"]:
        return []
    lines = [cards.styled(fit(t("Open deals"), columns), cards.BOLD, colour)]
    for deal in row["deals"]:
        parts = [f"deal:{deal['id']} {clean(deal['title'])}", cell("deal", "amount", deal)]
        parts.append(clean(names.shown("stage", deal["stage"], language())))
        if deal["expected_close_on"]:
            parts.append(t("closes {day}", day=cards.spell_day_of(deal["expected_close_on"])))
        lines += ["  " + line for line in wrap(", ".join(part for part in parts if part), columns - 2)]
    return lines


# ------------------------------------------------------------------ keys


def _keys() -> keypress.Keys:
    known = {key: (t(name), t(what)) for key, (name, what) in KEYS.items()}
    return keypress.Keys(known, _ALSO, _ARROWS, t("Each step is kept at once; crm undo takes the last one back."))


def key_of(typed: str) -> str:
    """A key as pressed, full-width or upper-case too -> one of KEYS, or "" for a key that means nothing."""
    return _keys().of(typed)


def press(out: Output, item: Item, *, dumb: bool) -> str:
    """Draw the item, wait, and return the key of KEYS that was pressed."""

    def draw(columns: int, rows: int, colour: bool, keys: bool) -> list[str]:
        return screen(item, columns, rows, colour, keys=keys)

    return keypress.press(out, draw, _keys(), dumb=dumb)


def summary(out: Output, counts: Sequence[tuple[str, int]], left: int, line: str) -> None:
    """What the walk came to: `Logged 2, done 1.`, and how many are left."""
    told = ", ".join(t(sentence, n=n) for sentence, n in counts if n)
    if told:
        out.say("Of the call sheet: {told}", told=told)
    if left:
        out.say_many("{n} is left: {line}", "{n} are left: {line}", left, line=line)
    elif told:
        out.say("That was the last one.")
