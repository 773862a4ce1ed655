"""Rows about people who were erased for privacy: an old file does not bring them back."""

from typing import Any

from crm_cli.actions.imports.rows import drop_rows
from crm_cli.actions.imports.run import Run
from crm_cli.actions.privacy_marks import coder

_TOLD = "This person was erased for privacy and stays away."
_KINDS = ("email", "phone")


def skip_erased(run: Run) -> None:
    """Leave out new rows about erased people, and from rows about known records what was erased. Each is named."""
    if not run.gains_reach or not _knows(run):
        return
    _strip(run)
    skipped: dict[int, tuple[int, str]] = {}
    for kind in _KINDS:
        header = run.plan.header_of(kind)
        for n, line in run.rows(
            f"SELECT r.n, r.line FROM s_row r WHERE erased('{kind}', r.{kind}_key) UNION SELECT r.n, r.line"
            f" FROM s_reach s JOIN s_row r ON r.n = s.n WHERE s.kind = '{kind}' AND erased('{kind}', s.key)"
        ):
            if not _has_match(run, n):
                skipped.setdefault(n, (line, header))
    for n, line in run.rows(_BY_NAME[run.noun]):
        skipped.setdefault(n, (line, run.plan.header_of("name")))
    for line, header in skipped.values():
        run.problems.add_note(line, header, _TOLD)
    drop_rows(run.db, list(skipped), rejected=False)
    run.counts.skipped += len(skipped)


def skip_erased_persons(run: Run) -> None:
    """The same for the people that a file of customers names beside them."""
    if run.noun != "customer" or not run.db.value("SELECT 1 FROM s_mate LIMIT 1") or not _knows(run):
        return
    found = run.rows(
        "SELECT DISTINCT s.n, s.key, r.line FROM s_mate s JOIN s_row r ON r.n = s.n WHERE s.contact_id IS NULL AND"
        " (erased(s.part, s.value_key) OR (s.part = 'name' AND erased('name', s.value_key || char(10) || r.name_key)))"
    )
    for _, _, line in found:
        run.problems.add_note(line, run.plan.header_of("contact"), _TOLD)
    run.db.many("DELETE FROM s_mate WHERE n = ? AND key = ?", [(n, key) for n, key, _ in found])
    run.execute("DELETE FROM s_mate WHERE part IN ('email', 'phone') AND erased(part, value_key)")


_NAMED = (
    "SELECT r.n, r.line FROM s_row r WHERE NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n) AND erased('name', {})"
)
_UNREACHED = (
    " AND r.email_key IS NULL AND r.phone_key IS NULL AND NOT EXISTS (SELECT 1 FROM s_reach s WHERE s.n = r.n"
    " AND s.kind IN ('email', 'phone'))"
)
# a name alone tells nobody apart from others of that name who can be reached
_BY_NAME = {
    "customer": _NAMED.format("r.name_key || char(10)") + _UNREACHED,
    "contact": _NAMED.format(
        "r.name_key || char(10) || coalesce((SELECT k.name_key FROM customer k WHERE k.id = r.customer_id),"
        " r.customer_key, '')"
    ),
}


def _knows(run: Run) -> bool:
    """Give SQL the question whether a key was erased; False where nobody ever was."""
    coded = coder(run.db)
    if coded is None:
        return False
    marks = {mark for (mark,) in run.db.rows("SELECT mark FROM tombstone")}

    def erased(kind: str, key: Any) -> bool:
        return key is not None and kind in ("email", "phone", "name") and coded(kind, str(key)) in marks

    run.db.function("erased", 2, erased)
    return True


def _has_match(run: Run, n: int) -> bool:
    return run.db.value("SELECT 1 FROM s_match WHERE n = :n", {"n": n}) is not None


def _strip(run: Run) -> None:
    """What a known record has not, and somebody who was erased had, does not come to it; what it has stays."""
    has = f"EXISTS (SELECT 1 FROM reach x JOIN s_match m ON m.target = x.{run.noun}_id WHERE m.n = {{}}"
    has += " AND x.kind = '{}' AND x.value_key = {})"
    for kind in _KINDS:
        known = has.format("s_row.n", kind, f"s_row.{kind}_key")
        run.execute(
            f"UPDATE s_row SET {kind} = NULL, {kind}_key = NULL WHERE n IN (SELECT n FROM s_match)"
            f" AND erased('{kind}', {kind}_key) AND NOT {known}"
        )
        known = has.format("s_reach.n", kind, "s_reach.key")
        run.execute(
            f"DELETE FROM s_reach WHERE kind = '{kind}' AND n IN (SELECT n FROM s_match) AND erased('{kind}', key)"
            f" AND NOT {known}"
        )
