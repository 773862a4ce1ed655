"""Ways to reach somebody that stand beside their row: compared and written from there, which spares most rows the rest.

Of a kind with one column, a plain cell stands beside its row in s_row. A row that is not plain in every respect, since
its keys lead to different records or stand in other rows too, is spread: its values become rows of s_reach.
"""

from crm_cli.actions.imports.run import Run
from crm_cli.actions.imports.staged import IDENT
from crm_cli.store.bulk import UUID

SHARED = 20  # what more records or rows have in common, such as the number of a hotline, tells nobody
_TELLING = ("email", "phone", "website")


def kinds(run: Run) -> list[tuple[str, str]]:
    """The kinds that stand beside rows, with the label of their column."""
    return [(kind, label) for kind, label in run.rows("SELECT kind, label FROM s_kind ORDER BY rowid")]


def spread(run: Run, chosen: str) -> None:
    """Make rows of what stands beside the rows that a query names."""
    run.execute("DELETE FROM s_odd")
    run.execute(f"INSERT OR IGNORE INTO s_odd {chosen}")
    run.execute("DELETE FROM s_odd WHERE n IN (SELECT n FROM s_spread)")
    if not run.db.value("SELECT 1 FROM s_odd LIMIT 1"):
        return
    for kind, label in kinds(run):
        run.db.execute(
            f"INSERT INTO s_reach SELECT n, kind, value, key, :label, 0, {IDENT} FROM (SELECT r.n AS n, '{kind}'"
            " AS kind,"
            f" r.{kind} AS value, r.{kind}_key AS key FROM s_odd o CROSS JOIN s_row r ON r.n = o.n WHERE r.{kind}_key"
            " IS NOT NULL)",
            {"label": label},
        )
    run.execute("INSERT INTO s_spread SELECT n FROM s_odd")


def spread_suspects(run: Run) -> None:
    """Rows with a key that other rows have too."""
    if run.db.value("SELECT 1 FROM s_suspect LIMIT 1"):
        firm = ["firm_key"] if run.noun == "customer" else []
        ids = [field for field in ("external_id", "uuid") if run.has(field)]
        keys = ["name_key", *firm, *ids, *(f"{kind}_key" for kind, _ in kinds(run))]
        tests = " OR ".join(f"{key} IN (SELECT key FROM s_suspect)" for key in keys)
        spread(run, f"SELECT n FROM s_row WHERE {tests}")


def match_beside(run: Run, free: str) -> None:
    """Match rows whose keys lead to one record of their name; spread those that lead anywhere else.

    `free` is a condition on record d and row r.
    """
    noun = run.noun
    known = {kind for kind, _ in kinds(run)}
    found = [_lookup(noun, kind, free) if kind in known else "NULL" for kind in _TELLING]
    run.execute(
        f"INSERT INTO s_cand SELECT r.n, {', '.join(found)} FROM s_row r"
        " WHERE NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
    )
    same = " AND ".join(f"(c.{kind} IS NULL OR c.{kind} = d.id)" for kind in _TELLING)
    run.execute(
        f"INSERT INTO s_match SELECT c.n, d.id FROM s_cand c JOIN {noun} d ON d.id = coalesce(c.email, c.phone,"
        " c.website)"
        f" JOIN s_row r ON r.n = c.n AND r.name_key = d.name_key WHERE {same}"
        " AND NOT EXISTS (SELECT 1 FROM s_reach s WHERE s.n = c.n)"
    )
    spread(
        run,
        "SELECT n FROM s_cand c WHERE (coalesce(email, phone, website) IS NOT NULL OR n IN (SELECT n FROM s_reach))"
        " AND NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = c.n)",
    )


def _lookup(noun: str, kind: str, free: str) -> str:
    """The record that has the key of a row; -1 where several have it."""
    told = " AND (substr(r.phone_key, 1, 1) = '+' OR length(r.phone_key) >= 7)" if kind == "phone" else ""
    return (
        f"CASE WHEN r.{kind}_key IS NOT NULL{told} THEN (SELECT CASE WHEN min(id) = max(id) THEN id"
        f" WHEN id IS NOT NULL THEN -1 END FROM (SELECT d.id AS id FROM reach x JOIN {noun} d ON d.id = x.{noun}_id"
        f" WHERE x.value_key = r.{kind}_key AND x.kind = '{kind}' AND d.removed_at IS NULL{free} LIMIT 3)) END"
    )


def gain_beside(run: Run) -> None:
    """Note in s_gain what stands beside matched rows and their record does not have yet."""
    known = kinds(run)
    unseen = [
        f"(r.{kind}_key IS NOT NULL{f' AND c.{kind} IS NOT m.target' if kind in _TELLING else ''})" for kind, _ in known
    ]
    if not unseen:
        return
    run.execute("DELETE FROM s_odd")
    run.execute(
        "INSERT INTO s_odd SELECT m.n FROM s_match m JOIN s_row r ON r.n = m.n LEFT JOIN s_cand c ON c.n = m.n"
        f" WHERE ({' OR '.join(unseen)}) AND NOT EXISTS (SELECT 1 FROM s_spread p WHERE p.n = m.n)"
    )
    for kind, label in known:
        run.db.execute(
            f"INSERT INTO s_gain SELECT r.n, m.target, '{kind}', r.{kind}, r.{kind}_key, :label, 0 FROM s_odd o"
            f" JOIN s_match m ON m.n = o.n JOIN s_row r ON r.n = o.n WHERE r.{kind}_key IS NOT NULL"
            f" AND NOT EXISTS (SELECT 1 FROM reach x WHERE x.value_key = r.{kind}_key AND x.kind = '{kind}'"
            f" AND +x.{run.noun}_id = m.target)",  # + : by the index of values, of which one record may have many
            {"label": label},
        )


def insert_beside(run: Run, columns: str) -> None:
    """Write what stands beside new rows."""
    if not run.counts.added:
        return
    for kind, label in kinds(run):
        run.db.execute(
            f"INSERT INTO reach ({columns}) SELECT {UUID}, f.id, '{kind}', r.{kind}, r.{kind}_key, :label, 0,"
            " :now, :now"
            f" FROM s_row r JOIN s_fresh f ON f.n = r.n WHERE r.{kind}_key IS NOT NULL"
            " AND NOT EXISTS (SELECT 1 FROM s_spread p WHERE p.n = r.n)",
            {**run.params, "label": label},
        )
