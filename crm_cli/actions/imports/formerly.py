"""Rows about a record that was merged into another since: its id of the other system, and its uuid in an export of
ours, lead to the record that it is part of now."""

from crm_cli.actions.imports.run import Run

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


def find_merged_refs(run: Run) -> None:
    """The same for cells that refer to a customer."""
    run.execute(
        "UPDATE s_ref SET id = (SELECT min(c.id) FROM merged m JOIN customer c ON c.id = m.customer_id AND c.removed_at"
        " IS NULL WHERE m.external_id = s_ref.text AND m.external_source IN (:source, :source || :person))"
        " WHERE id IS NULL AND EXISTS (SELECT 1 FROM merged WHERE customer_id IS NOT NULL)"
    )
