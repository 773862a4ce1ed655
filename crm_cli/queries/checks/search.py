"""The full-text index leads to the texts that it says to have: all of a small database, samples of a large one."""

from crm_cli.queries.checks.finding import Ask, Invariant, Row
from crm_cli.rules.tokens import quoted, tokens
from crm_cli.store import fulltext
from crm_cli.store.fulltext import Place

_SAMPLES = 400  # texts of each place


def _lost(ask: Ask) -> list[Row]:
    """The first record of each place that the index does not lead to."""
    has_index, marks = fulltext.state(ask.db)
    if not has_index:
        return []
    found = (_first_lost(ask, place, marks[place.number]) for place in fulltext.PLACES)
    return [row for row in found if row is not None]


def _first_lost(ask: Ask, place: Place, mark: int) -> Row | None:
    step = max(1, mark // _SAMPLES)
    rows = ask.rows(
        f"SELECT x.id, {place.text('x')} AS text FROM {place.table} x WHERE x.id <= {mark} AND x.id % {step} = 0"
        f" AND NOT EXISTS (SELECT 1 FROM search_pending WHERE doc = {place.base} + x.id)"
    )
    for row in rows:
        if row["text"] is None:
            continue
        has = tokens(row["text"], sounds=place.sounds)
        every = " AND ".join(map(quoted, sorted(has.words | has.others)))
        asked = f"SELECT 1 FROM {fulltext.INDEX} WHERE {fulltext.INDEX} MATCH :every AND rowid = :doc"
        if every and not ask.db.value(asked, {"every": every, "doc": place.base + row["id"]}):
            return {"id": row["id"], "noun": place.table}
    return None


_LINES = "length(words) - length(replace(words, char(10), '')) - 1"

INVARIANTS = (
    Invariant(
        "search-index",
        "",
        _lost,
        "the search index does not lead to it",
        # the index of another version than ours is made anew by the next write or search that has much to bring in
        fix=("UPDATE search_mark SET last_id = 0 WHERE place = 100",),
    ),
    Invariant(
        "search-words",
        "",
        f"SELECT 0 AS id, '' AS ref, kept, right FROM (SELECT (SELECT coalesce(sum({_LINES}), 0) FROM search_sheet)"
        " AS kept, (SELECT count(*) FROM search_word) AS right) WHERE kept <> right",
        "the search index knows {right} words and has {kept} of them at hand",
        fix=("DELETE FROM search_sheet", fulltext.SHEETS),
    ),
)
