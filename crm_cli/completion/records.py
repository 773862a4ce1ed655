"""Customers, contacts, deals, tasks and interactions as candidates: names by their beginning, else by a part."""

from crm_cli.completion.keys import key_of, readable, typable
from crm_cli.completion.values import MOST

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from crm_cli.completion.lines import Offer
    from crm_cli.completion.values import Values

# kind -> its name, its key, and what is said of it (table x, customer k)
_NAMES = {
    "customer": ("name", "name_key", "coalesce(nullif(x.city, ''), x.region, '')"),
    "contact": ("name", "name_key", "k.name"),
    "deal": ("title", "title_key", "k.name"),
    "task": ("text", "text_key", "coalesce(x.due_on || ' ', '') || coalesce(k.name, '')"),
}
# the + keeps SQLite from going by stage, which is most of the table, instead of by name
_SCOPES = {
    "deal.open": "+x.stage_id IN (SELECT id FROM stage WHERE kind = 'open')",
    "deal.closed": "+x.stage_id IN (SELECT id FROM stage WHERE kind <> 'open')",
    "task.open": "x.done_at IS NULL",
    "task.done": "x.done_at IS NOT NULL",
}
_HIGHEST = "\U0010ffff"
_BEFORE_COLON = ("customer", "contact", "deal", "task", "interaction", "not", "has", "no", "is", "segment")

Row = tuple[int, str, str, str]  # id, name, key, what it is


def records_of(values: "Values", kinds: list[str], word: str) -> "list[Offer]":
    """The records of these kinds that a word begins; `customer:ac`, `acme/ja` and `task:1` too."""
    head, colon, rest = word.replace("：", ":").partition(":")
    named = [kind for kind in kinds if kind.partition(".")[0] == head.lower()]
    if colon and named:
        return _of_kind(values, named[0], head, rest)
    key = key_of(word)
    found = {kind: _beginning(values, kind, key) for kind in kinds}
    if not any(found.values()) and len(key.strip()) > 1:
        found = {kind: [] for kind in kinds}
        for kind in kinds:  # a whole index is read for each: no further than needed
            found[kind] = _part(values, kind, key.strip())
            if found[kind]:
                break
    offers = _told(values, found, is_empty=not key)
    if not offers and "/" in word:
        return _inside(values, kinds, word)
    return offers


def _of_kind(values: "Values", kind: str, head: str, rest: str) -> "list[Offer]":
    """Behind `customer:` a name or a number; nothing there is taken for an option or a query."""
    name = kind.partition(".")[0]
    rows = [] if name == "interaction" else _beginning(values, kind, key_of(rest))
    if not rest or rest.isdigit():
        digits = f" AND CAST(x.id AS TEXT) LIKE '{rest}%'" if rest else ""
        numbered = _rows(values, kind, f"1{digits} ORDER BY x.id DESC", ())
        if rest or name in ("task", "interaction"):
            return [(f"{head}:{row[0]}", _said(row)) for row in sorted(numbered)]
    offers = []
    for row in _alone(rows):
        shown = typable(row[1], row[2])
        if shown and not shown.isdigit():
            offers.append((f"{head}:{shown}", readable(row[3])))
    return offers


def _beginning(values: "Values", kind: str, key: str) -> list[Row]:
    """Names with this beginning; without one the newest. The last of all is there too: it tells what they have in
    common where not all fit in."""
    if kind.partition(".")[0] == "interaction":
        return []
    if not key:
        if kind == "task.open":
            due = _rows(values, kind, "x.due_on IS NOT NULL ORDER BY x.due_on, x.id", ())
            return due or _rows(values, kind, "1 ORDER BY x.id", ())
        return _rows(values, kind, "1 ORDER BY x.id DESC", ())
    column = "x." + _NAMES[kind.partition(".")[0]][1]
    bounds = f"{column} >= ? AND {column} < ? ORDER BY {column}"
    rows = _rows(values, kind, bounds, (key, key + _HIGHEST))
    if len(rows) == MOST:
        rows += _rows(values, kind, f"{bounds} DESC", (key, key + _HIGHEST), most=1)
    return rows


def _part(values: "Values", kind: str, key: str) -> list[Row]:
    """Names with this anywhere in them, found in the index alone."""
    name = kind.partition(".")[0]
    if name == "interaction":
        return []
    column = _NAMES[name][1]
    gone = "NOT NULL" if kind.endswith(".removed") else "NULL"
    test = f"removed_at IS {gone} AND {column} > '' AND instr({column}, ?) > 0 LIMIT {4 * MOST}"
    return _rows(values, kind, f"x.id IN (SELECT id FROM {name} WHERE {test}) ORDER BY x.{column}", (key,))


def _rows(values: "Values", kind: str, test: str, params: "tuple[Any, ...]", most: int = MOST) -> list[Row]:
    name = kind.partition(".")[0]
    column, key, text = _NAMES.get(name, ("text", "text", "k.name"))
    join = "" if name == "customer" else " LEFT JOIN customer k ON k.id = x.customer_id"
    scope = f" AND {_SCOPES[kind]}" if kind in _SCOPES else ""
    gone = "NOT NULL" if kind.endswith(".removed") else "NULL"
    rows: list[Row] = values.rows(
        f"SELECT x.id, coalesce(x.{column}, ''), coalesce(x.{key}, ''), coalesce({text}, '') FROM {name} x{join}"
        f" WHERE x.removed_at IS {gone}{scope} AND {test} LIMIT {most}",
        params,
    )
    return rows


def _told(values: "Values", found: dict[str, list[Row]], *, is_empty: bool) -> "list[Offer]":
    """Each by its name, or by its number where the name would not mean it."""
    offers: list[Offer] = []
    met: set[str] = set()
    nouns = dict(cell.partition("/")[::2] for cell in values.table.row("@noun"))
    for kind, rows in found.items():
        name = kind.partition(".")[0]
        noun = nouns.get(name, name) if values.is_chinese else name
        by_name = {row[0] for row in _alone(rows) if not met & {row[2]} and _is_plain(values, row[1])}
        ordered = rows if is_empty and name == "task" else sorted(rows, key=lambda row: row[2])
        for row in ordered:
            shown = typable(row[1], row[2]) if row[0] in by_name and not (is_empty and name == "task") else ""
            said = readable(row[3]) if shown else _said(row)
            text = ", ".join(part for part in (noun if len(found) > 1 else "", said) if part)
            offers.append((shown or f"{name}:{row[0]}", text))
        met |= {row[2] for row in rows}
    return offers


def _alone(rows: list[Row]) -> list[Row]:
    """Those whose name no other has."""
    times: dict[str, set[int]] = {}
    for row in rows:
        times.setdefault(row[2], set()).add(row[0])
    return [row for row in rows if len(times[row[2]]) == 1]


def _said(row: Row) -> str:
    """A record that is offered by its number: its name, and what it is."""
    return readable(", ".join(part for part in (row[1], row[3].strip()) if part))


def _is_plain(values: "Values", name: str) -> bool:
    """Whether a name typed as it stands is taken for a name: not for an option, a number, a segment or a query."""
    if name[:1] == "-":
        return values.place.is_bare or values.place.waiting is not None
    if name[:1] in ("@", "＠", "(", "（") or name.isdigit():
        return False
    head, colon, _ = name.replace("：", ":").partition(":")
    if not colon:
        return True
    head = head.strip().lower().replace("-", "_").replace(" ", "_")
    nouns = ("customer", "contact", "deal", "interaction", "task")
    fields = {part for noun in nouns for field in values.table.fields(noun) for part in field[:3]}
    return head not in _BEFORE_COLON and head not in fields


def _inside(values: "Values", kinds: list[str], word: str) -> "list[Offer]":
    """`acme/ja`: the people and deals of a customer."""
    left, _, right = word.rpartition("/")
    customers = _beginning(values, "customer", key_of(left).strip())
    exact = [row for row in customers if row[2] == key_of(left).strip()] or customers
    inner = [kind for kind in kinds if kind.partition(".")[0] in ("contact", "deal", "task")]
    if len(exact) != 1 or not left:
        return []
    offers: list[Offer] = []
    for kind in inner:
        column = "x." + _NAMES[kind.partition(".")[0]][1]
        rows = _rows(values, kind, f"x.customer_id = ? AND instr({column}, ?) = 1", (exact[0][0], key_of(right)))
        for row in _alone(rows):
            shown = typable(row[1], row[2])
            if shown and "/" not in shown:
                offers.append((f"{left}/{shown}", ""))
    return offers
