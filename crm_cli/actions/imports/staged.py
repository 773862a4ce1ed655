"""The staged tables of an import: what a row of each kind is laid out as before it meets the database."""

from crm_cli.actions.imports.ours import STAGED as OURS
from crm_cli.store.bulk import Staging

_DATED = ("uuid", *OURS, "external_source", "external_id", "created_at", "updated_at", "custom")
# What tells who it is: no messenger handle, no extension of a switchboard.
IDENT = "CASE kind WHEN 'phone' THEN substr(key, 1, 1) = '+' OR length(key) >= 7 WHEN 'messenger' THEN 0 ELSE 1 END"
REACH = ("email", "phone", "website", "messenger")
_BESIDE = tuple(f"{kind}{suffix}" for kind in REACH for suffix in ("", "_key"))
# Kind -> columns that a row is staged in, named as in the database where they go there unchanged.
STAGED: dict[str, tuple[str, ...]] = {
    "customers": (
        *"name name_key firm_key kind kind_new status industry size region country city address source language prefers"
        " birthday cadence_days note".split(),
        *_DATED,
        *"owner parent referred_by".split(),
        *_BESIDE,
    ),
    "contacts": (
        *"name name_key title role prefers birthday note".split(),
        *_DATED,
        "customer",
        "customer_key",
        *_BESIDE,
    ),
    "deals": (
        *"title title_key title_new stage pipeline status amount milli currency probability expected_close_on closed_on"
        " close_on opened_on source risk lost_reason product product_key".split(),
        *_DATED,
        *"owner customer customer_key contact_key".split(),
    ),
    "interactions": (
        *"channel direction at text outcome duration_minutes".split(),
        *_DATED,
        *"owner customer customer_key deal deal_key contact_key related_key".split(),
    ),
    "tasks": (
        *"text text_key due_on due_at priority every done_at done".split(),
        *_DATED,
        *"owner customer customer_key deal deal_key contact_key related_key".split(),
    ),
    "products": (
        *"code code_key name name_key kind category unit cost_text cost cost_currency currency active audience"
        " note".split(),
        *_DATED,
    ),
    "orders": (
        *"number number_key buyer gid ordered_on currency total own own_rest cost_text own_cost note".split(),
        *_DATED,
        *"owner named deal deal_key".split(),
    ),
}
# What rows say beside their record; columns of s_row only where the file has them, then rows of their own.
BESIDE = ("next_step", "next_key", "next_on", "last_contact", "last_said")
# Ids that links become once the crm database is there.
LINKS = {
    "customers": ("owner_id", "parent_id", "referred_by_id"),
    "contacts": ("customer_id",),
    "deals": ("owner_id", "customer_id", "stage_id", "came_id", "product_id"),
    "interactions": ("owner_id", "customer_id", "deal_id"),
    "tasks": ("owner_id", "customer_id", "deal_id"),
    "orders": ("owner_id", "customer_id", "deal_id"),
    "products": (),
}


def create_staged(db: Staging, kind: str, *, beside: bool = False) -> None:
    """Make the staged tables for one kind of record; `beside` where it has next steps or last contacts."""
    columns = ", ".join((*STAGED[kind], *LINKS[kind], *(BESIDE if beside else ())))
    db.connection.executescript(
        f"CREATE TABLE s_row (n INTEGER PRIMARY KEY, line, raw, {columns});"
        # ways to reach somebody that do not simply stand beside their row: see import_beside.py
        "CREATE TABLE s_reach (n INTEGER, kind, value, key, label, position, ident);"
        "CREATE INDEX s_reach_n ON s_reach (n);"
        "CREATE TABLE s_kind (kind, label);"
        "CREATE TABLE s_spread (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_odd (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_cand (n INTEGER PRIMARY KEY, email, phone, website);"
        "CREATE TABLE s_dup (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_group (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_weak (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_decided (n INTEGER PRIMARY KEY, target);"
        # records of the names of rows, by what they have: see import_namesakes.py
        "CREATE TABLE s_who (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_namesake (name_key, within, kind, email, phone, website, source, taken, hits, low, high);"
        "CREATE INDEX s_namesake_name ON s_namesake (name_key);"
        "CREATE TABLE s_tag (n INTEGER, name, key);"
        "CREATE INDEX s_tag_n ON s_tag (n);"
        # people named in deals and interactions
        "CREATE TABLE s_person (n INTEGER, header, text, key, role, contact_id);"
        "CREATE INDEX s_person_n ON s_person (n);"
        # e-mail addresses of letters and appointments: see correspondents.py
        "CREATE TABLE s_mail (n INTEGER, part, name, address, key, mine DEFAULT 0, contact_id, customer_id);"
        # people, next steps and last contacts that customers come with: see persons.py and steps.py
        "CREATE TABLE s_mate (n INTEGER, key, part, value, value_key, label, contact_id);"
        "CREATE INDEX s_mate_n ON s_mate (n, key);"
        "CREATE TABLE s_step (n INTEGER, text, key, due_on, due_at, task_id);"
        "CREATE INDEX s_step_n ON s_step (n);"
        "CREATE TABLE s_said (n INTEGER, at, text);"
        "CREATE INDEX s_said_n ON s_said (n);"
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
        # other spellings of the names of companies, and where to look for them: see firms.py
        "CREATE TABLE s_spelled (key, name_key);"
        "CREATE INDEX s_spelled_key ON s_spelled (key);"
        "CREATE TABLE s_prefix (low PRIMARY KEY, high) WITHOUT ROWID;"
        # records whose uuid stands in a row: no other row of ours is about them
        "CREATE TABLE s_taken (id INTEGER PRIMARY KEY);"
        "CREATE TABLE s_hit (n INTEGER, target, kind, key);"
        "CREATE TABLE s_changed (n INTEGER PRIMARY KEY);"
        "CREATE TABLE s_known (uuid PRIMARY KEY) WITHOUT ROWID;"
        "CREATE TABLE s_fresh (n INTEGER PRIMARY KEY, id);"
    )
