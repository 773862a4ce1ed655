"""Records of the same name that a row may be about. A thousand people of one name cost no more than two."""

from typing import Any

from crm_cli.actions.imports.run import Run

_TELLING = ("email", "phone", "website")


def fitting_names(run: Run, rows: str, test: str, *, spelled: bool = False, removed: bool = False) -> list[Any]:
    """(n, how many, lowest id, highest id) of the records that have the name of a row and do not contradict it.

    `rows` is a query for n, `test` a further condition on the row r and the group g. A record contradicts a row when
    both have e-mails, phones or websites (that none is the same is known by then), or ids of the same source. Records
    are grouped by what they have, so that a row meets a few groups and not every record of its name. With `spelled`
    the names are those of s_spelled: other spellings of a company's name. With `removed` only those are meant.
    """
    noun, gone = run.noun, "NOT NULL" if removed else "NULL"
    for table in ("s_who", "s_namesake"):
        run.execute(f"DELETE FROM {table}")
    run.execute(f"INSERT OR IGNORE INTO s_who {rows}")
    has = [f"EXISTS (SELECT 1 FROM reach x WHERE x.{noun}_id = d.id AND x.kind = '{kind}')" for kind in _TELLING]
    own = "coalesce(r.firm_key, r.name_key)" if spelled else "r.name_key"
    names = "SELECT DISTINCT r.name_key, r.name_key AS key FROM s_who w JOIN s_row r ON r.n = w.n"
    if spelled:
        names = "SELECT DISTINCT name_key, key FROM s_spelled"
    within, kind = ("d.customer_id", "NULL") if noun == "contact" else ("NULL", "d.kind")
    run.execute(
        f"INSERT INTO s_namesake SELECT u.key, {within}, {kind}, {', '.join(has)},"
        " CASE WHEN d.external_id IS NOT NULL THEN d.external_source END, d.id IN (SELECT id FROM s_taken),"
        " count(*), min(d.id), max(d.id)"
        f" FROM ({names}) u JOIN {noun} d ON d.name_key = u.name_key AND d.removed_at IS {gone}"
        " GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"
    )
    if not run.db.value("SELECT 1 FROM s_namesake LIMIT 1"):
        return []
    here = " AND g.within IS r.customer_id" if noun == "contact" else ""
    apart = "".join(f" AND NOT (g.{kind} AND {_row_has(kind)})" for kind in _TELLING)
    return run.rows(
        "SELECT r.n, sum(g.hits), min(g.low), max(g.high) FROM s_who w JOIN s_row r ON r.n = w.n"
        f" JOIN s_namesake g ON g.name_key = {own}{here}{test}{apart}"
        " AND (r.external_id IS NULL OR g.source IS NULL OR g.source <> r.external_source)"
        " AND (r.uuid IS NULL OR NOT g.taken) GROUP BY r.n"
    )


def _row_has(kind: str) -> str:
    """Whether a row has a value of a kind that tells who it is, beside it or spread."""
    beside = f"r.{kind}_key IS NOT NULL"
    if kind == "phone":
        beside += " AND (substr(r.phone_key, 1, 1) = '+' OR length(r.phone_key) >= 7)"
    return f"(({beside}) OR EXISTS (SELECT 1 FROM s_reach s WHERE s.n = r.n AND s.kind = '{kind}' AND s.ident = 1))"
