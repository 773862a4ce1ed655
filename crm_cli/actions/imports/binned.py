"""Rows about records that were removed: what somebody put away stays away, and the report says how to have it back.

A record that is there comes first: only a row that fits none of those is compared with the removed ones. With
--on-duplicate new nothing is compared, and the row is added.
"""

from typing import Any

from crm_cli.actions.imports.beside import SHARED, kinds
from crm_cli.actions.imports.namesakes import fitting_names
from crm_cli.actions.imports.rows import drop_rows
from crm_cli.actions.imports.run import Note, Run
from crm_cli.actions.imports.sameness import ALIKE, free, same_kind

_LEFT_OUT = (
    "Rows about records that were removed, left out: {n} ({names}). To bring them back: {line}; to load them as new"
    " ones: --on-duplicate new"
)
_OF_CUSTOMERS = (
    "Rows of customers who were removed, left out: {n} ({names}). To bring them back: {line}; to load the rows"
    " nevertheless: --on-duplicate new"
)
_BESIDE = "People, tasks and talks beside the rows that were removed here stay removed: {n}"
_SHOWN = 5
_TELLING = ("email", "phone", "website")
_TITLE = {"deal": "title", "interaction": "text", "task": "text"}
_UNKNOWN = "NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"


def skip_removed(run: Run) -> None:
    """Leave out the rows that fit no record but a removed one."""
    gone = f"SELECT 1 FROM {run.noun} WHERE removed_at IS NOT NULL LIMIT 1"
    if run.options.on_duplicate == "new" or not run.db.value(gone):
        return
    run.execute("DELETE FROM s_hit")
    if run.has("uuid"):
        run.execute(
            f"INSERT INTO s_hit (n, target) SELECT r.n, d.id FROM s_row r JOIN {run.noun} d ON d.uuid = r.uuid"
            f" WHERE d.removed_at IS NOT NULL AND {_UNKNOWN}"
        )
    if run.has("external_id"):
        run.execute(
            f"INSERT INTO s_hit (n, target) SELECT r.n, d.id FROM s_row r JOIN {run.noun} d ON d.external_id ="
            f" r.external_id AND d.external_source = r.external_source WHERE d.removed_at IS NOT NULL AND {_UNKNOWN}"
        )
    if run.gains_reach:
        _hit_reach(run)
        rest = f"SELECT r.n FROM s_row r WHERE {_UNKNOWN} AND r.n NOT IN (SELECT n FROM s_hit)"
        found = [(n, low) for n, _, low, _ in fitting_names(run, rest, same_kind(run), removed=True)]
        run.db.fill("s_hit", ("n", "target"), found)
    else:
        for alike in ALIKE[run.noun]:
            run.execute(
                f"INSERT INTO s_hit (n, target) SELECT r.n, d.id FROM s_row r JOIN {run.noun} d ON {alike}"
                f" AND d.removed_at IS NOT NULL{free(run)} WHERE {_UNKNOWN}"
            )
    title = _TITLE.get(run.noun, "name")
    rows = run.rows(
        f"SELECT h.n, d.id, d.{title} FROM (SELECT n, min(target) AS target FROM s_hit GROUP BY n) h"
        f" JOIN {run.noun} d ON d.id = h.target ORDER BY h.n"
    )
    run.execute("DELETE FROM s_hit")
    _skip(run, rows, run.noun, _LEFT_OUT)


def skip_of_removed(run: Run) -> None:
    """Leave out the rows of customers who were removed; nobody is made anew for them, and they are no error."""
    gone = "SELECT 1 FROM customer WHERE removed_at IS NOT NULL LIMIT 1"
    if run.options.on_duplicate == "new" or not run.db.value(gone):
        return
    run.execute("CREATE TABLE IF NOT EXISTS s_gone (kind, key, id, PRIMARY KEY (kind, key)) WITHOUT ROWID")
    run.execute("DELETE FROM s_gone")
    for same in (
        "c.external_id = x.text AND c.external_source IN (:source, :source || :person)",
        "x.kind = 'name' AND c.name_key = x.key",
    ):
        run.execute(
            "INSERT OR IGNORE INTO s_gone SELECT x.kind, x.key, min(c.id) FROM s_ref x JOIN customer c ON"
            f" {same} WHERE x.id IS NULL AND c.removed_at IS NOT NULL GROUP BY 1, 2"
        )
    rows: dict[int, tuple[Any, ...]] = {}
    for kind, field in (("id", "customer_key"), ("name", "customer")):
        other = "name" if kind == "id" else "id"
        also = "customer" if kind == "id" else "customer_key"
        for n, number, name in run.rows(
            f"SELECT r.n, c.id, c.name FROM s_row r JOIN s_gone g ON g.kind = '{kind}' AND g.key = r.{field}"
            " JOIN customer c ON c.id = g.id WHERE r.customer_id IS NULL AND NOT EXISTS (SELECT 1 FROM s_ref x"
            f" WHERE x.kind = '{other}' AND x.key = r.{also} AND x.id IS NOT NULL)"
        ):
            rows.setdefault(n, (n, number, name))
    _skip(run, sorted(rows.values()), "customer", _OF_CUSTOMERS)


def skip_removed_persons(run: Run) -> None:
    """The people beside customers who were removed there: by id, by e-mail, by name."""
    found = run.rows(
        "SELECT DISTINCT s.n, s.key FROM s_mate s JOIN s_match m ON m.n = s.n JOIN contact c"
        " ON c.customer_id = m.target AND c.removed_at IS NOT NULL WHERE s.contact_id IS NULL"
        " AND ((s.part = 'name' AND s.value_key = c.name_key)"
        " OR (s.part = 'external_id' AND s.value = c.external_id AND c.external_source = :source)"
        " OR (s.part = 'email' AND EXISTS (SELECT 1 FROM reach x WHERE x.contact_id = c.id AND x.kind = 'email'"
        " AND x.value_key = s.value_key)))"
    )
    if run.options.on_duplicate == "new" or not found:
        return
    run.db.many("DELETE FROM s_mate WHERE n = ? AND key = ?", found)
    say_beside(run, len(found))


def skip_removed_steps(run: Run) -> None:
    """Tasks of known customers that were removed there."""
    if run.options.on_duplicate == "new":
        return
    gone = run.execute(
        "DELETE FROM s_step WHERE EXISTS (SELECT 1 FROM s_match m JOIN task t ON t.customer_id = m.target"
        " WHERE m.n = s_step.n AND t.text_key = s_step.key AND t.removed_at IS NOT NULL"
        " AND t.due_on IS s_step.due_on AND t.due_at IS s_step.due_at)"
    )
    say_beside(run, gone)


def _hit_reach(run: Run) -> None:
    """Rows with an e-mail of a removed record, or with a phone or website of one that has their name."""
    noun = run.noun
    run.execute("CREATE TABLE IF NOT EXISTS s_gone_key (key, kind, id, PRIMARY KEY (key, kind, id)) WITHOUT ROWID")
    run.execute("DELETE FROM s_gone_key")
    run.execute(
        f"INSERT OR IGNORE INTO s_gone_key SELECT x.value_key, x.kind, d.id FROM {noun} d JOIN reach x ON"
        f" x.{noun}_id = d.id WHERE d.removed_at IS NOT NULL AND x.kind IN {_TELLING}"
    )
    run.execute(
        "DELETE FROM s_gone_key WHERE (key, kind) IN (SELECT key, kind FROM s_gone_key GROUP BY 1, 2"
        f" HAVING count(*) > {SHARED})"
    )
    told = "(g.kind = 'email' OR d.name_key = r.name_key)"
    end = f" JOIN {noun} d ON d.id = g.id WHERE {told} AND {_UNKNOWN}{free(run)}"
    for kind in [kind for kind, _ in kinds(run) if kind in _TELLING]:
        whole = " AND (substr(r.phone_key, 1, 1) = '+' OR length(r.phone_key) >= 7)" if kind == "phone" else ""
        run.execute(
            f"INSERT INTO s_hit (n, target) SELECT r.n, d.id FROM s_row r JOIN s_gone_key g ON g.key = r.{kind}_key"
            f" AND g.kind = '{kind}'{end}{whole}"
        )
    run.execute(
        "INSERT INTO s_hit (n, target) SELECT r.n, d.id FROM s_reach s JOIN s_gone_key g ON g.key = s.key AND g.kind ="
        f" s.kind AND s.ident = 1 JOIN s_row r ON r.n = s.n{end}"
    )


def _skip(run: Run, rows: list[Any], noun: str, sentence: str) -> None:
    """Take out rows given as (n, id, name of the removed record), and say so."""
    if not rows:
        return
    drop_rows(run.db, [n for n, _, _ in rows], rejected=False)
    run.counts.skipped += len(rows)
    run.counts.removed += len(rows)
    gone = dict.fromkeys((number, name) for _, number, name in rows)
    named = [f"{noun}:{number} {(name or '')[:40]}".strip() for number, name in list(gone)[:_SHOWN]]
    few = len(gone) <= _SHOWN
    line = " ".join(str(number) for number, _ in gone)
    run.counts.told.append(
        Note(
            sentence,
            {
                "n": len(rows),
                "names": ", ".join(named) + ("" if few else ", ..."),
                "line": f"crm {noun} restore {line}" if few else f"crm {noun} list --removed",
            },
        )
    )


def say_beside(run: Run, n: int) -> None:
    """Tell of what hangs on the customers of rows and was removed."""
    if n:
        run.counts.told.append(Note(_BESIDE, {"n": n}))
