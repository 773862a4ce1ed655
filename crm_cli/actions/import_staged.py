"""The staged tables of an import: what a row of each kind is laid out as before it meets the database."""

from crm_cli.store.bulk import Staging

_DATED = ("external_source", "external_id", "created_at", "updated_at", "custom")
# Kind -> columns that a row is staged in, named as in the database where they go there unchanged.
STAGED: dict[str, tuple[str, ...]] = {
    "customers": (
        *"name name_key kind kind_new status industry size region country city address source language prefers birthday"
        " cadence_days note".split(),
        *_DATED,
        *"owner parent referred_by".split(),
    ),
    "contacts": (*"name name_key title role prefers birthday note".split(), *_DATED, "customer", "customer_key"),
    "deals": (
        *"title title_key title_new stage pipeline status amount milli currency probability expected_close_on closed_on"
        " close_on opened_on source risk lost_reason".split(),
        *_DATED,
        *"owner customer customer_key".split(),
    ),
    "interactions": (
        *"channel direction at text outcome duration_minutes".split(),
        *_DATED,
        *"owner customer customer_key deal deal_key".split(),
    ),
    "tasks": (
        *"text text_key due_on due_at priority every done_at done".split(),
        *_DATED,
        *"owner customer customer_key deal deal_key".split(),
    ),
}
# Ids that links become once the crm database is there.
REACH = ("email", "phone", "website", "messenger")
LINKS = {
    "customers": ("owner_id", "parent_id", "referred_by_id"),
    "contacts": ("customer_id",),
    "deals": ("owner_id", "customer_id", "stage_id", "came_id"),
    "interactions": ("owner_id", "customer_id", "deal_id"),
    "tasks": ("owner_id", "customer_id", "deal_id"),
}


def _of_kind(suffix: str) -> str:
    return "CASE k.kind " + " ".join(f"WHEN '{kind}' THEN w.{kind}{suffix}" for kind in REACH) + " END"


# Both together as rows; ident is 1 for what tells who it is: no messenger handle, no extension of a switchboard.
_REACH_VIEW = (
    "CREATE VIEW s_reach AS SELECT n, kind, value, key, label, position, CASE kind WHEN 'phone' THEN"
    " substr(key, 1, 1) = '+' OR length(key) >= 7 WHEN 'messenger' THEN 0 ELSE 1 END AS ident FROM"
    f" (SELECT w.n AS n, k.kind AS kind, {_of_kind('')} AS value, {_of_kind('_key')} AS key, k.label AS label,"
    f" 0 AS position FROM s_wide w CROSS JOIN s_kind k WHERE {_of_kind('_key')} IS NOT NULL"
    " UNION ALL SELECT n, kind, value, key, label, position FROM s_more);"
)


def create_staged(db: Staging, kind: str) -> None:
    """Make the staged tables for one kind of record."""
    columns = ", ".join((*STAGED[kind], *LINKS[kind]))
    db.connection.executescript(
        f"CREATE TABLE s_row (n INTEGER PRIMARY KEY, line, raw, {columns});"
        # ways to reach somebody: one of a kind in a row stands side by side, what is more in a table of its own
        "CREATE TABLE s_wide (n INTEGER PRIMARY KEY, email, email_key, phone, phone_key, website, website_key,"
        " messenger, messenger_key);"
        "CREATE TABLE s_more (n, kind, value, key, label, position);"
        "CREATE TABLE s_kind (kind, label);" + _REACH_VIEW +
        "CREATE TABLE s_tag (n, name, key);"
        # people named in deals and interactions
        "CREATE TABLE s_person (n, header, text, key, role, contact_id);"
        # customers that rows refer to: kind 'name', or 'id' for an id of the other system
        "CREATE TABLE s_ref (kind, key, text, id, PRIMARY KEY (kind, key)) WITHOUT ROWID;"
        "CREATE TABLE s_owner (key PRIMARY KEY, text, id) WITHOUT ROWID;"
        "CREATE TABLE s_stage (pipeline, key, text, pipeline_text, seen, id, kind, PRIMARY KEY (pipeline, key))"
        " WITHOUT ROWID;"
        # keys that may stand in more than one row
        "CREATE TABLE s_suspect (key PRIMARY KEY) WITHOUT ROWID;"
        "CREATE TABLE s_bad (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_reject (n INTEGER PRIMARY KEY, raw);"
        # which record a row is about; what of them really changes; what is new, and the id that it gets
        "CREATE TABLE s_match (n INTEGER PRIMARY KEY, target);"
        "CREATE TABLE s_hit (n, target, kind, key);"
        "CREATE TABLE s_changed (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_fresh (n INTEGER PRIMARY KEY, id);"
    )
