"""Ids in an export of ours: kept where the database has never given any out, and believed of a link where the record of
that id has the name that stands beside it. In any other database they say nothing."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crm_cli.actions.imports.run import Run

# header of our own files -> the staged column; of each kind those that it has
OWN_IDS = {
    "id": "own_id",
    "customer_id": "own_customer",
    "deal_id": "own_deal",
    "parent_id": "own_parent",
    "days_in_stage": "own_days",  # no id, but lost otherwise just as they are
}
STAGED = tuple(OWN_IDS.values())


def plain_id(text: str) -> int | None:
    """A number as we write it; anything else says nothing."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def link_ours(run: "Run") -> None:
    """Customers and deals by the ids beside their names, before the names are looked up: namesakes keep apart."""
    if run.has("own_customer") and run.has("customer"):
        run.execute(
            "UPDATE s_row SET customer_id = (SELECT c.id FROM customer c WHERE c.id = s_row.own_customer"
            " AND c.name_key = s_row.customer AND c.removed_at IS NULL) WHERE own_customer IS NOT NULL"
        )
    if run.has("own_parent") and run.has("parent"):
        run.execute(
            "UPDATE s_row SET parent_id = (SELECT c.id FROM customer c WHERE c.id = s_row.own_parent"
            " AND c.name_key = s_row.parent AND c.removed_at IS NULL) WHERE own_parent IS NOT NULL"
        )
    if run.has("own_deal") and run.has("deal"):
        run.execute(
            "UPDATE s_row SET deal_id = (SELECT d.id FROM deal d WHERE d.id = s_row.own_deal"
            " AND d.title_key = s_row.deal AND d.removed_at IS NULL) WHERE own_deal IS NOT NULL"
        )


def keeps_ids(run: "Run") -> bool:
    """Whether the records get the ids that they had: all of them say one, and no record of the kind ever had any."""
    if not run.has("own_id"):
        return False
    taken = f"SELECT 1 FROM crm.sqlite_sequence WHERE name = '{run.noun}' AND seq > 0"
    if run.db.value(f"{taken} UNION ALL SELECT 1 FROM {run.noun} LIMIT 1"):
        return False
    return bool(run.db.value("SELECT count(*) = count(DISTINCT own_id) FROM s_row"))


def own_parents(run: "Run") -> None:
    """Parents in the same file, by their ids there: of several with one name the right one."""
    if run.has("own_parent") and run.has("own_id"):
        run.execute("CREATE INDEX IF NOT EXISTS s_row_own ON s_row (own_id)")
        run.execute(
            "UPDATE s_row SET parent_id = (SELECT coalesce(m.target, f.id) FROM s_row p"
            " LEFT JOIN s_match m ON m.n = p.n"
            " LEFT JOIN s_fresh f ON f.n = p.n WHERE p.own_id = s_row.own_parent AND p.name_key = s_row.parent"
            " AND p.n <> s_row.n) WHERE own_parent IS NOT NULL AND parent IS NOT NULL AND parent_id IS NULL"
        )
