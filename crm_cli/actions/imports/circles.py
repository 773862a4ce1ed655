"""No company stands above itself, however many rows and records lie between: the rows of a circle are refused."""

from typing import Any

from crm_cli.actions.imports.run import Run

Node = tuple[str, int]  # ("row", n) of what is new, ("customer", id) of what is there
_TOLD = 6
_CIRCLE = "{value} would stand above itself, by way of {others}."


def refuse_circles(run: Run) -> None:
    """Spoil the rows whose parents, taken together, lead back to them."""
    if run.noun != "customer" or not run.has("parent"):
        return
    rows = run.rows(
        "SELECT r.n, r.line, r.name, m.target, coalesce(r.parent_id, pm.target), p.n FROM s_row r"
        " LEFT JOIN s_match m ON m.n = r.n"
        " LEFT JOIN s_ref x ON x.kind = 'name' AND x.key = r.parent AND r.parent_id IS NULL"
        " LEFT JOIN s_row p ON p.n = (SELECT min(q.n) FROM s_row q WHERE (q.name_key = x.key OR q.external_id = x.text)"
        " AND q.n <> r.n) LEFT JOIN s_match pm ON pm.n = p.n WHERE r.parent IS NOT NULL ORDER BY r.n"
    )
    above: dict[Node, Node] = {}
    told: dict[Node, tuple[int, int, str]] = {}
    for n, line, name, target, parent, row in rows:
        own = ("row", n) if target is None else ("customer", target)
        if parent is not None or row is not None:
            above[own] = ("customer", parent) if parent is not None else ("row", row)
            told[own] = (n, line, name)
    spoiled = []
    for circle in _circles(run, above):
        for at, node in enumerate(circle):
            if node in told:
                way = [*circle[at + 1 :], *circle[:at]]
                more = "; ..." if len(way) > _TOLD else ""
                others = "; ".join(_named(run, one, told) for one in way[:_TOLD])
                spoiled.append((*told[node], others + more))
    run.spoil(spoiled, "parent", _CIRCLE)


def _named(run: Run, node: Node, told: dict[Node, tuple[int, int, str]]) -> str:
    if node in told:
        return f"line {told[node][1]} {told[node][2]}"
    return f"customer:{node[1]} {run.db.value('SELECT name FROM customer WHERE id = :id', {'id': node[1]})}"


def _circles(run: Run, above: dict[Node, Node]) -> list[list[Node]]:
    """The circles among rows and the records above them, each walked once."""
    found: list[list[Node]] = []
    done: set[Node] = set()
    for start in above:
        path: dict[Node, int] = {}
        node: Node | None = start
        while node is not None and node not in done and node not in path:
            path[node] = len(path)
            node = above.get(node) or _recorded(run, node)
        if node in path:
            found.append(list(path)[path[node] :])
        done |= path.keys()
    return found


def _recorded(run: Run, node: Node) -> Node | None:
    """What stands above a record already."""
    if node[0] == "row":
        return None
    parent: Any = run.db.value("SELECT parent_id FROM customer WHERE id = :id", {"id": node[1]})
    return None if parent is None else ("customer", int(parent))
