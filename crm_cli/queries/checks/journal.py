"""The journal can be trusted: nothing is left open, every line has its operation, and the numbers agree."""

from crm_cli.queries.checks.finding import BACKUPS, Ask, Invariant, Row

_LINE = "SELECT j.id, 'op:' || coalesce(j.operation_id, 0) AS ref, j.record || ':' || j.row_id AS name FROM journal j"
_COUNTED = (
    "(SELECT operation_id, sum(coalesce(last_id, row_id) - row_id + 1) AS n FROM journal"
    " WHERE operation_id IS NOT NULL GROUP BY operation_id)"
)


def _low_sequences(ask: Ask) -> list[Row]:
    """Tables that would give an id a second time: to one that is there, or that the journal still speaks of."""
    found = []
    for (table,) in ask.db.rows("SELECT name FROM sqlite_schema WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"):
        newest = ask.db.value(f"SELECT max(id) FROM {table}") or 0
        told = ask.db.value(
            "SELECT max(n) FROM (SELECT max(row_id) AS n FROM journal WHERE record = :record"
            " UNION ALL SELECT max(last_id) FROM journal WHERE record = :record AND last_id IS NOT NULL)",
            {"record": table},
        )
        kept = ask.db.value("SELECT seq FROM sqlite_sequence WHERE name = :table", {"table": table})
        right = max(newest, told or 0)
        if (kept or 0) < right:
            found.append({"id": 0, "ref": "", "name": table, "kept": kept or 0, "right": right})
    return found


INVARIANTS = (
    Invariant(
        "journal-open",
        "op",
        "SELECT operation_id AS id FROM journal_state WHERE operation_id IS NOT NULL",
        "An operation was never closed: what other programs change is filed under it",
        fix=("UPDATE journal_state SET operation_id = NULL",),
    ),
    Invariant(
        "journal-state",
        "",
        "SELECT 0 AS id, '' AS ref, count(*) AS n FROM journal_state HAVING count(*) <> 1",
        "The row that says which operation is open is there {n} times, not once",
        fix=("INSERT OR IGNORE INTO journal_state (id) VALUES (1)",),
    ),
    Invariant(
        "journal-mark",
        "",
        "SELECT 0 AS id, '' AS ref, record AS name FROM journal_mark",
        "Changes of {name} leave no history: a mark of an import was left",
        fix=("DELETE FROM journal_mark WHERE record = :name",),
    ),
    Invariant(
        "journal-loose",
        "op",
        f"{_LINE} WHERE j.operation_id IS NULL AND j.at IS NULL",
        "A change of {name} belongs to no operation and has no moment",
        mend="crm history {name}",
    ),
    Invariant(
        "journal-operation",
        "op",
        f"{_LINE} WHERE j.operation_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM operation o WHERE o.id ="
        " j.operation_id)",
        "A change of {name} belongs to an operation that there is not",
        mend="crm history {name}",
    ),
    Invariant(
        "journal-record",
        "op",
        f"{_LINE} WHERE j.record NOT IN (SELECT name FROM sqlite_schema WHERE type = 'table')",
        "A change is of a kind of record that there is not: {name}",
        mend="crm history",
    ),
    Invariant(
        "journal-image",
        "op",
        f"{_LINE} LEFT JOIN operation o ON o.id = j.operation_id WHERE o.erased_at IS NULL AND j.kind <> 'I'"
        " AND CASE WHEN json_valid(j.before) THEN json_type(j.before) END IS NOT 'object'",
        "What {name} was before cannot be read: this change cannot be undone",
        mend=BACKUPS,
    ),
    Invariant(
        "journal-span",
        "op",
        f"{_LINE} WHERE j.row_id < 1 OR j.last_id < j.row_id",
        "A change says which rows it is of in a way that cannot be: {name}",
        mend=BACKUPS,
    ),
    Invariant(
        "operation-undone",
        "op",
        "SELECT o.id, u.id AS other FROM operation o JOIN operation u ON u.id = o.undone_by_id"
        " WHERE u.id <= o.id OR u.kind NOT IN ('undo', 'redo') OR (o.kind = 'do') <> (u.kind = 'undo')",
        "It is said to be undone by op:{other}, which cannot be",
        mend="crm history",
    ),
    Invariant(
        "operation-changes",
        "op",
        f"SELECT o.id, o.changes AS kept, coalesce(c.n, 0) AS right FROM operation o LEFT JOIN {_COUNTED} c"
        " ON c.operation_id = o.id WHERE o.erased_at IS NULL AND o.changes <> coalesce(c.n, 0)",
        "It says that it changed {kept} rows, but there are lines of {right}",
        fix=("UPDATE operation SET changes = :right WHERE id = :id AND :right > 0",),
    ),
    Invariant(
        "id-reused",
        "",
        _low_sequences,
        "{name} would give number {right} a second time",
        fix=(
            "DELETE FROM sqlite_sequence WHERE name = :name",
            "INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :right)",
        ),
    ),
)
