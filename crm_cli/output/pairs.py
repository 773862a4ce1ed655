"""`crm dupes --walk` on the screen: two records side by side, why they may be one, and the keys."""

from typing import NamedTuple

from crm_cli.i18n import listed, t
from crm_cli.output import cards, keypress
from crm_cli.output.output import Output
from crm_cli.output.sidebyside import side_by_side
from crm_cli.rules.comparison import Comparison
from crm_cli.rules.text import clean, fit, wrap

# key -> (its name beside the pair, what it does, for the help)
KEYS = {
    "l": ("keep left", "merge them, the left or first one stays"),
    "r": ("keep right", "merge them, the right or second one stays"),
    "n": ("no duplicate", "they are two; nobody is asked about them again"),
    "s": ("skip", "leave them as they are (space too)"),
    "v": ("view", "everything about both"),
    "u": ("undo", "take the last step here back"),
    "q": ("quit", "stop here; what was kept is kept"),
    "?": ("help", "these lines"),
}
_ALSO = {" ": "s", "1": "l", "2": "r", "h": "?"}
_LEAST = 4  # lines: the place, why, both heads


def _keys() -> keypress.Keys:
    known = {key: (t(name), t(what)) for key, (name, what) in KEYS.items()}
    return keypress.Keys(known, _ALSO, {}, t("Each step is kept at once; u or crm undo takes the last one back."))


class Item(NamedTuple):
    """Two records side by side, why they may be one (in words), and where it stands: `3 of 12  score 92`."""

    found: Comparison
    reasons: list[str]
    place: str


def screen(item: Item, columns: int, rows: int, colour: bool, *, keys: bool = True) -> list[str]:
    """In at most so many lines, none wider than `columns`; the fields that come last give way first."""
    columns = max(columns, 10)
    head = ["", cards.styled(fit(item.place, columns), cards.HEADING, colour)]
    head += wrap(clean(listed(item.reasons)), columns)
    body = side_by_side(item.found, columns, colour) if columns >= 20 else []
    hint = ["", *_keys().hint(columns, colour)] if keys else []
    room = max(_LEAST, rows - 1 - len(head) - len(hint))
    if len(body) > room:
        left = len(body) - room + 1
        body = [*body[: room - 1], fit(t("and {n} more", n=left), columns)]
    return [*head[: max(3, rows - 1 - len(hint))], *body, *hint]


def press(out: Output, item: Item, *, dumb: bool) -> str:
    """Draw the pair, wait, and return the key of KEYS that was pressed."""

    def draw(columns: int, rows: int, colour: bool, keys: bool) -> list[str]:
        return screen(item, columns, rows, colour, keys=keys)

    return keypress.press(out, draw, _keys(), dumb=dumb)


def summary(out: Output, merged: int, apart: int, left: int, line: str) -> None:
    """What the walk came to, and how many are left."""
    counts = (("merged {n}", merged), ("told apart {n}", apart))
    told = listed(t(sentence, n=n) for sentence, n in counts if n)
    if told:
        out.say("Of the duplicates: {told}", told=told)
    if left:
        out.say_many("{n} is left: {line}", "{n} are left: {line}", left, line=line)
    elif told:
        out.say("That was the last one.")
