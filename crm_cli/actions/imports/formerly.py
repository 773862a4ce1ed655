"""Rows about a record that was merged into another since: its id of the other system, and its uuid in an export of
ours, lead to the record that it is part of now."""

from crm_cli.actions.imports.changes import compared
from crm_cli.actions.imports.run import Note, Run

_NOUNS = ("customer", "contact")


def match_merged(run: Run) -> None:
    """Behind the ids that records have now: those that they had before."""
    if run.noun not in _NOUNS or not run.db.value(f"SELECT 1 FROM merged WHERE {run.noun}_id IS NOT NULL LIMIT 1"):
        return
    tests = []
    if run.has("uuid"):
        tests.append("m.dropped_uuid = r.uuid")
    if run.has("external_id"):
        tests.append("m.external_id = r.external_id AND m.external_source = r.external_source")
    for test in tests:
        run.execute(
            f"INSERT INTO s_match SELECT r.n, min(d.id) FROM s_row r JOIN merged m ON {test}"
            f" JOIN {run.noun} d ON d.id = m.{run.noun}_id AND d.removed_at IS NULL"
            " WHERE NOT EXISTS (SELECT 1 FROM s_match k WHERE k.n = r.n) GROUP BY r.n"
        )


def match_merged_names(run: Run) -> None:
    """A row that has but the name of a record that was merged is about what it is part of now: the same list loaded
    again does not bring it back. A way to reach somebody would have told who it is."""
    if run.noun not in _NOUNS or not run.db.value(f"SELECT 1 FROM merged WHERE {run.noun}_id IS NOT NULL LIMIT 1"):
        return
    within = " AND d.customer_id IS r.customer_id" if run.noun == "contact" else ""
    run.execute(
        f"INSERT INTO s_match SELECT r.n, min(d.id) FROM merged m JOIN {run.noun} d ON d.id = m.{run.noun}_id"
        f" AND d.removed_at IS NULL JOIN s_row r ON r.name_key = fold(m.name){within}"
        " WHERE r.uuid IS NULL AND NOT EXISTS (SELECT 1 FROM s_match k WHERE k.n = r.n)"
        " AND NOT EXISTS (SELECT 1 FROM s_reach s WHERE s.n = r.n AND s.ident = 1)"
        " GROUP BY r.n HAVING min(d.id) = max(d.id)"
    )


def yield_to_kept(run: Run) -> None:
    """A row that has the name of a record that was merged fills what is empty in the one that was kept, no more: what
    the merge decided stays decided."""
    noun = run.noun
    if noun not in _NOUNS or not run.db.value(f"SELECT 1 FROM merged WHERE {noun}_id IS NOT NULL LIMIT 1"):
        return
    rows = run.rows(
        f"SELECT DISTINCT r.n FROM s_match k JOIN s_row r ON r.n = k.n JOIN merged m ON m.{noun}_id = k.target"
        f" JOIN {noun} d ON d.id = k.target WHERE r.name_key = fold(m.name) AND r.name_key <> d.name_key"
    )
    if not rows:
        return
    run.execute("CREATE TEMP TABLE IF NOT EXISTS s_yields (n INTEGER PRIMARY KEY)")
    run.execute("DELETE FROM s_yields")
    run.db.fill("s_yields", ("n",), rows)
    kept = f"(SELECT d.{{}} FROM s_match k JOIN {noun} d ON d.id = k.target WHERE k.n = s_row.n)"
    these = "WHERE n IN (SELECT n FROM s_yields)"
    for column in compared(run):
        run.execute(f"UPDATE s_row SET {column} = NULL {these} AND {kept.format(column)} IS NOT NULL")
    if run.has("custom"):
        run.execute(f"UPDATE s_row SET custom = merge_custom(custom, {kept.format('custom')}) {these}")
    run.counts.told.append(
        Note("Rows about records that were merged, which fill only what was empty: {n}", {"n": len(rows)})
    )


def find_merged_refs(run: Run) -> None:
    """The same for cells that refer to a customer."""
    run.execute(
        "UPDATE s_ref SET id = (SELECT min(c.id) FROM merged m JOIN customer c ON c.id = m.customer_id AND c.removed_at"
        " IS NULL WHERE m.external_id = s_ref.text AND m.external_source IN (:source, :source || :person))"
        " WHERE id IS NULL AND EXISTS (SELECT 1 FROM merged WHERE customer_id IS NOT NULL)"
    )
