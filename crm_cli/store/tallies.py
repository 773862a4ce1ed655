"""What the funnel shows of all deals, kept by triggers: how many stand where with what amount, how long they stayed.

A line of `deal_tally` is the deals of one stage, furthest stage, currency and probability; their amount is kept in
millions of minor units and the rest, so that no sum outgrows an integer. A line of `stay_tally` is how often deals left
a stage after so many days. Removed deals are in neither; a line whose deals are gone goes too.

No write may forget it, whoever writes; hence triggers. `crm check` counts anew and compares.
"""

import sqlite3

TABLES = ("deal_tally", "stay_tally")  # of schema.sql; no model describes them
MILLION = 1_000_000
KEYS = {"deal": ("stage_id", "furthest_stage_id", "currency", "probability"), "stay": ("stage_id", "days")}
NUMBERS = {"deal": ("deals", "millions", "rest"), "stay": ("times",)}
_UPDATED = ("stage_id", "furthest_stage_id", "currency", "probability", "amount", "removed_at")


def _line(row: str, n: int = 1) -> str:
    """What n deals like this one (an alias, NEW or OLD) add to deal_tally, in SQL; 0, '' and -1 stand for nothing."""
    amount = f"coalesce({row}.amount, 0)"
    return (
        f"{row}.stage_id, coalesce({row}.furthest_stage_id, 0), coalesce({row}.currency, ''),"
        f" coalesce({row}.probability, -1), {n}, {n} * ({amount} / {MILLION}), {n} * ({amount} % {MILLION})"
    )


# what both tables are made of, a line a deal and a line a stay: for the views that add them up
DEALS = f"SELECT {_line('d')} FROM deal d WHERE d.removed_at IS NULL"
STAYS = (
    "SELECT x.from_stage_id, x.days_spent, 1 FROM stage_change x JOIN deal d ON d.id = x.deal_id"
    " WHERE d.removed_at IS NULL AND x.from_stage_id + x.days_spent IS NOT NULL"
)


def recount(connection: sqlite3.Connection) -> None:
    """Both tables anew, of all that is there."""
    for name, rows in (("deal", DEALS), ("stay", STAYS)):
        key, numbers = ", ".join(KEYS[name]), NUMBERS[name]
        sums = ", ".join(f"sum({number})" for number in numbers)
        connection.execute(f"DELETE FROM {name}_tally")
        connection.execute(
            f"INSERT INTO {name}_tally WITH z({key}, {', '.join(numbers)}) AS ({rows})"
            f" SELECT {key}, {sums} FROM z GROUP BY {key}"
        )


def triggers() -> dict[str, str]:
    """Name -> text of the triggers that keep both tables, and of the views that these hand their lines to."""
    old, new = (", ".join(f"{row}.{column}" for column in _UPDATED) for row in ("OLD", "NEW"))
    went = "OLD.removed_at IS NULL AND NEW.removed_at IS NOT NULL"
    came = "OLD.removed_at IS NOT NULL AND NEW.removed_at IS NULL"
    # most changes to a deal are none to what is kept here
    update = f"UPDATE OF {', '.join(_UPDATED)} ON deal WHEN ({old}) IS NOT ({new})"
    return {
        "tally_deal": "CREATE VIEW tally_deal AS SELECT * FROM deal_tally",
        "tally_stay": "CREATE VIEW tally_stay AS SELECT * FROM stay_tally",
        **_kept("deal"),
        **_kept("stay"),
        **_trigger("deal_insert", "INSERT ON deal", _deal("NEW", 1), _stays("NEW", 1, "NEW.removed_at IS NULL")),
        **_trigger(
            "deal_update", update, _deal("OLD", -1), _deal("NEW", 1), _stays("OLD", -1, went), _stays("NEW", 1, came)
        ),
        **_trigger("deal_delete", "DELETE ON deal", _deal("OLD", -1), _stays("OLD", -1, "OLD.removed_at IS NULL")),
        **_trigger("stage_change_insert", "INSERT ON stage_change", _stay("NEW", 1)),
        **_trigger("stage_change_update", "UPDATE ON stage_change", _stay("OLD", -1), _stay("NEW", 1)),
        **_trigger("stage_change_delete", "DELETE ON stage_change", _stay("OLD", -1)),
    }


def _trigger(name: str, event: str, *statements: str, when: str = "AFTER") -> dict[str, str]:
    return {f"tally_{name}": f"CREATE TRIGGER tally_{name} {when} {event} BEGIN {'; '.join(statements)}; END"}


def _kept(name: str) -> dict[str, str]:
    """The trigger of a view that adds a line to its table."""
    key, numbers = KEYS[name], NUMBERS[name]
    table, line = f"{name}_tally", ", ".join(f"NEW.{column}" for column in (*key, *numbers))
    more = ", ".join(f"{column} = {column} + excluded.{column}" for column in numbers)
    this = " AND ".join(f"{column} = NEW.{column}" for column in key)
    return _trigger(
        f"{name}_keep",
        f"INSERT ON tally_{name}",
        f"INSERT INTO {table} VALUES ({line}) ON CONFLICT DO UPDATE SET {more}",
        f"DELETE FROM {table} WHERE {this} AND {numbers[0]} = 0",
        when="INSTEAD OF",
    )


def _deal(row: str, n: int) -> str:
    return f"INSERT INTO tally_deal SELECT {_line(row, n)} WHERE {row}.removed_at IS NULL"


def _stay(row: str, n: int) -> str:
    """A stage was left, by a deal that is there; a change that comes before its deal counts with that."""
    return (
        f"INSERT INTO tally_stay SELECT {row}.from_stage_id, {row}.days_spent, {n} FROM deal WHERE id = {row}.deal_id"
        f" AND removed_at IS NULL AND {row}.from_stage_id + {row}.days_spent IS NOT NULL"
    )


def _stays(row: str, n: int, when: str) -> str:
    """All stays of a deal that comes or goes."""
    return (
        f"INSERT INTO tally_stay SELECT from_stage_id, days_spent, {n} FROM stage_change WHERE deal_id = {row}.id"
        f" AND from_stage_id + days_spent IS NOT NULL AND {when}"
    )
