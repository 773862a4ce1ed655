"""Which record a row is about: by its external id within its source, else e-mail, phone, website, else its name."""

from typing import Any

from crm_cli.actions.imports.beside import SHARED, match_beside
from crm_cli.actions.imports.firms import spellings
from crm_cli.actions.imports.formerly import match_merged, match_merged_names
from crm_cli.actions.imports.namesakes import fitting_names
from crm_cli.actions.imports.run import Run
from crm_cli.actions.imports.sameness import ALIKE, free, same_kind

_SEVERAL = "This row fits several records: {others}; merge them, or give the row an external id."


def match_rows(run: Run) -> None:
    """Fill s_match: row -> the record that it is about. Rows that fit several are spoiled."""
    if not run.db.value(f"SELECT 1 FROM {run.noun} LIMIT 1"):
        return
    _match_ids(run)
    if run.options.on_duplicate == "new":
        return
    if run.gains_reach:
        _match_reach(run)
        _match_names(run)
        match_merged_names(run)
    else:
        _match_alike(run)
    run.execute("DELETE FROM s_hit")
    if run.has("uuid"):
        _part_ours(run)


def _match_ids(run: Run) -> None:
    """By the uuid of an export of ours, then by the id of the other system. Two ids of two records are a conflict."""
    if run.has("uuid"):
        run.execute("CREATE INDEX IF NOT EXISTS s_row_uuid ON s_row (uuid)")
        run.execute(
            f"INSERT INTO s_hit (n, target, kind) SELECT r.n, d.id, 'uuid' FROM {run.noun} d CROSS JOIN s_row r"
            " ON r.uuid = d.uuid WHERE d.removed_at IS NULL"
        )
        run.execute("INSERT OR IGNORE INTO s_taken SELECT target FROM s_hit")
    if run.has("external_id"):
        run.execute(
            "INSERT INTO s_hit (n, target, kind) SELECT r.n, min(d.id), 'id' FROM s_row r"
            f" JOIN {run.noun} d ON d.external_id = r.external_id"
            " AND d.external_source = r.external_source AND d.removed_at IS NULL GROUP BY r.n"
        )
        if run.has("uuid"):
            _spoil_several(run)
    run.execute("INSERT INTO s_match SELECT n, min(target) FROM s_hit GROUP BY n")
    run.execute("DELETE FROM s_hit")
    match_merged(run)


def _part_ours(run: Run) -> None:
    """Two records of an export of ours stay two, though one record here looks like both: they are added instead."""
    run.execute(
        "DELETE FROM s_match WHERE target IN (SELECT m.target FROM s_match m JOIN s_row r ON r.n = m.n"
        " WHERE r.uuid IS NOT NULL AND m.target NOT IN (SELECT id FROM s_taken)"
        " GROUP BY m.target HAVING count(DISTINCT r.uuid) > 1)"
        " AND n IN (SELECT n FROM s_row WHERE uuid IS NOT NULL)"
    )


def _match_alike(run: Run) -> None:
    for alike in ALIKE[run.noun]:
        run.execute(
            f"INSERT INTO s_hit (n, target) SELECT r.n, d.id FROM s_row r JOIN {run.noun} d ON {alike}"
            f" AND d.removed_at IS NULL{free(run)} WHERE NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
        )
    if run.noun == "deal":
        _spoil_several(run)
    run.execute("INSERT INTO s_match SELECT n, min(target) FROM s_hit GROUP BY n")


def _match_reach(run: Run) -> None:
    """Rows that share an e-mail, a phone or a website with a record; what too many share tells nobody."""
    noun = run.noun
    match_beside(run, free(run))
    run.execute(
        "INSERT INTO s_hit SELECT s.n, d.id, s.kind, s.key FROM s_reach s JOIN reach x ON x.value_key = s.key"
        f" AND x.kind = s.kind JOIN {noun} d ON d.id = x.{noun}_id AND d.removed_at IS NULL JOIN s_row r ON r.n = s.n"
        f" WHERE s.ident = 1{free(run)} AND NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = s.n)"
        f" AND (SELECT count(*) FROM (SELECT 1 FROM reach y WHERE y.value_key = s.key AND y.kind = s.kind"
        f" AND y.{noun}_id IS NOT NULL LIMIT {SHARED + 1})) <= {SHARED}"
    )
    if not run.db.value("SELECT 1 FROM s_hit LIMIT 1"):
        return
    _drop_weak(run)
    run.db.fill("s_decided", ("n", "target"), _decided(run))
    run.execute(
        "DELETE FROM s_hit WHERE EXISTS (SELECT 1 FROM s_decided k WHERE k.n = s_hit.n AND k.target <> s_hit.target)"
    )
    _spoil_several(run)
    _add_namesakes(run)
    _spoil_several(run)
    run.execute("INSERT INTO s_match SELECT n, min(target) FROM s_hit GROUP BY n")


def _add_namesakes(run: Run) -> None:
    """An e-mail says one record and the name another one: both are fitting, so neither is taken."""
    renamed = (
        "SELECT DISTINCT h.n FROM s_hit h JOIN s_row r ON r.n = h.n"
        f" JOIN {run.noun} a ON a.id = h.target AND a.name_key <> r.name_key"
    )
    found = [(n, low, "name") for n, _, low, _ in fitting_names(run, renamed, same_kind(run))]
    run.db.fill("s_hit", ("n", "target", "kind"), found)


def _drop_weak(run: Run) -> None:
    """A shared phone or website alone is not believed where both have e-mails, all different, and other names.

    People behind one switchboard stay people.
    """
    noun = run.noun
    run.execute("DELETE FROM s_weak")
    run.execute("INSERT INTO s_weak SELECT n FROM s_hit GROUP BY n HAVING max(kind = 'email') = 0")
    if not run.db.value("SELECT 1 FROM s_weak LIMIT 1"):
        return
    run.execute(
        "DELETE FROM s_hit WHERE n IN (SELECT n FROM s_weak)"
        " AND EXISTS (SELECT 1 FROM s_reach s WHERE s.n = s_hit.n AND s.kind = 'email')"
        f" AND EXISTS (SELECT 1 FROM reach x WHERE x.{noun}_id = s_hit.target AND x.kind = 'email')"
        f" AND (SELECT r.name_key FROM s_row r WHERE r.n = s_hit.n)"
        f" <> (SELECT d.name_key FROM {noun} d WHERE d.id = s_hit.target)"
    )


def _decided(run: Run) -> list[Any]:
    """Of several records the one that has all the keys that were found; of several such the one with the row's name."""
    run.execute("DELETE FROM s_decided")
    rows = run.rows(
        "SELECT h.n, h.target, d.name_key = r.name_key FROM s_hit h JOIN s_row r ON r.n = h.n"
        f" JOIN {run.noun} d ON d.id = h.target JOIN (SELECT n, count(DISTINCT kind || key) AS keys FROM s_hit"
        " GROUP BY n"
        " HAVING min(target) <> max(target)) t ON t.n = h.n"
        " GROUP BY h.n, h.target HAVING count(DISTINCT h.kind || h.key) = t.keys"
    )
    whole: dict[int, list[tuple[int, bool]]] = {}
    for n, target, named in rows:
        whole.setdefault(n, []).append((target, named))
    decided = []
    for n, found in whole.items():
        chosen = found if len(found) == 1 else [one for one in found if one[1]]
        if len(chosen) == 1:
            decided.append((n, chosen[0][0]))
    return decided


def _spoil_several(run: Run) -> None:
    """Rows whose keys lead to different records are refused, with all of them named."""
    title = {"deal": "title", "interaction": "text", "task": "text"}.get(run.noun, "name")
    rows = run.rows(
        f"SELECT h.n, r.line, r.{title}, h.target, d.{title}, group_concat(DISTINCT h.kind) FROM s_hit h JOIN"
        " s_row r ON r.n = h.n"
        f" JOIN {run.noun} d ON d.id = h.target"
        " WHERE h.n IN (SELECT n FROM s_hit GROUP BY n HAVING min(target) <> max(target))"
        " GROUP BY h.n, h.target ORDER BY h.n, h.target"
    )
    told: dict[tuple[int, int, str], list[str]] = {}
    for n, line, value, target, name, kinds in rows:
        by = f" ({kinds.replace(',', ', ')})" if kinds else ""
        told.setdefault((n, line, value), []).append(f"{run.noun}:{target} {name}{by}")
    run.spoil([(*row, "; ".join(names[:5])) for row, names in told.items()], title, _SEVERAL)


def _match_names(run: Run) -> None:
    """Rows without a known key that have the name of a record, where nothing contradicts it."""
    unknown = "SELECT n FROM s_row r WHERE NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
    _take_names(run, fitting_names(run, unknown, same_kind(run)))
    if run.noun == "customer" and run.db.value(f"{unknown} LIMIT 1") and spellings(run, unknown):
        _take_names(run, fitting_names(run, unknown, same_kind(run), spelled=True))


def _take_names(run: Run, found: list[Any]) -> None:
    """Of names that fit one record it is the row's; rows that fit several are refused."""
    run.db.fill("s_match", ("n", "target"), [(n, low) for n, hits, low, _ in found if hits == 1])
    several = {n: (hits, low, high) for n, hits, low, high in found if hits > 1}
    if not several:
        return
    told = []
    for n, line, name in run.rows("SELECT n, line, name FROM s_row"):
        if n in several:
            hits, low, high = several[n]
            more = f"; {hits - 2} more" if hits > 2 else ""
            told.append((n, line, name, f"{run.noun}:{low} {name}; {run.noun}:{high} {name}{more}"))
    run.spoil(told, "name", _SEVERAL)
