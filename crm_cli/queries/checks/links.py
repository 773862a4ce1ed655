"""Who belongs to whom: nothing that is there hangs on what was removed, nobody stands above themselves."""

from collections.abc import Iterable

from crm_cli.queries.checks.finding import Ask, Invariant, Row

# CROSS JOIN: what was removed is little, and its belongings have an index
_UNDER = (
    "SELECT x.id, {name} AS name, a.{above_name} AS above, a.id AS above_id FROM {above} a CROSS JOIN {noun} x"
    " ON x.{above}_id = a.id WHERE x.removed_at IS NULL AND a.removed_at IS NOT NULL"
)
_NAME = {
    "contact": "x.name", "customer": "x.name", "deal": "x.title", "task": "x.text",
    "interaction": "coalesce(x.text, x.channel)",
}  # fmt: skip
_OWNED = (
    "SELECT x.id, {name} AS name, m.name AS owner FROM member m CROSS JOIN {noun} x ON x.owner_id = m.id WHERE {test}"
)


def _under(noun: str, above: str, test: str = "") -> str:
    above_name = "title" if above == "deal" else "name"
    return _UNDER.format(noun=noun, name=_NAME[noun], above=above, above_name=above_name) + test


def _circles(ask: Ask) -> Iterable[Row]:
    """Customers that stand above themselves: walked once, each customer in one chain only."""
    above = {
        row["id"]: row["parent_id"]
        for row in ask.rows("SELECT id, parent_id FROM customer WHERE parent_id > 0 ORDER BY id")
    }
    seen: dict[int, int] = {}
    for start in above:
        step = start
        while step in above and step not in seen:
            seen[step] = start
            step = above[step]
        if step in above and seen[step] == start:
            name = ask.db.value("SELECT name FROM customer WHERE id = :id", {"id": step})
            yield {"id": step, "name": name}


INVARIANTS = (
    *(
        Invariant(
            f"{noun}-under-removed",
            noun,
            _under(noun, "customer"),
            "{name} is there, but its customer {above} is removed",
            mend="crm customer restore {above_id}",
        )
        for noun in ("contact", "deal", "task", "interaction")
    ),
    Invariant(
        "order-under-removed",
        "order",
        _UNDER.format(noun="sales_order", name="coalesce(x.number, x.ordered_on)", above="customer", above_name="name"),
        "{name} is there, but its customer {above} is removed",
        mend="crm customer restore {above_id}",
    ),
    Invariant(
        "order-owner-removed",
        "order",
        _OWNED.format(
            noun="sales_order",
            name="coalesce(x.number, x.ordered_on)",
            test="m.removed_at IS NOT NULL AND x.removed_at IS NULL",
        ),
        "{name} belongs to {owner}, who was removed",
        mend="crm order edit {id} --owner MEMBER",
    ),
    Invariant(
        "order-deal",
        "order",
        "SELECT x.id, coalesce(x.number, x.ordered_on) AS name, k.name AS customer, d.title AS deal FROM sales_order x"
        " JOIN deal d ON d.id = x.deal_id JOIN customer k ON k.id = x.customer_id WHERE d.customer_id IS NOT NULL"
        " AND d.customer_id <> x.customer_id AND x.removed_at IS NULL",
        "{name} is of {customer}, but its deal {deal} is another customer's",
        mend="crm order edit {id} --clear deal",
    ),
    Invariant(
        "task-of-removed-deal",
        "task",
        _under("task", "deal", " AND x.done_at IS NULL"),
        "{name} is there, but its deal {above} is removed",
        mend="crm deal restore {above_id}",
    ),
    Invariant(
        "deal-stage-removed",
        "deal",
        "SELECT x.id, x.title AS name, s.name AS stage FROM stage s CROSS JOIN deal x ON x.stage_id = s.id"
        " WHERE s.removed_at IS NOT NULL",
        "{name} stands in a stage that was removed: {stage}",
        mend="crm deal move {id} STAGE",
    ),
    *(
        Invariant(
            f"{noun}-owner-removed",
            noun,
            _OWNED.format(noun=noun, name=_NAME[noun], test="m.removed_at IS NOT NULL AND x.removed_at IS NULL"),
            "{name} belongs to {owner}, who was removed",
            mend="crm " + noun + " edit {id} --owner MEMBER",
        )
        for noun in ("customer", "deal", "task")
    ),
    Invariant(
        "customer-circle",
        "customer",
        _circles,
        "{name} stands above itself",
        mend="crm customer edit {id} --clear parent",
    ),
    Invariant(
        "customer-refers-itself",
        "customer",
        "SELECT id, name FROM customer WHERE referred_by_id = id",
        "{name} was referred by itself",
        mend="crm customer edit {id} --clear referred-by",
    ),
    Invariant(
        "task-customer",
        "task",
        "SELECT x.id, x.text AS name, k.name AS customer, d.title AS deal FROM task x JOIN deal d ON d.id = x.deal_id"
        " JOIN customer k ON k.id = x.customer_id WHERE d.customer_id IS NOT NULL AND d.customer_id <> x.customer_id",
        "{name} is for {customer}, but its deal {deal} is another customer's",
        mend="crm task edit {id} --clear deal",
    ),
    Invariant(
        "snooze-closed",
        "deal",
        "SELECT d.id, z.id AS snooze, d.title AS name FROM snooze z JOIN deal d ON d.id = z.deal_id JOIN stage s"
        " ON s.id = d.stage_id WHERE s.kind <> 'open'",
        "{name} is closed and put off all the same",
        fix=("DELETE FROM snooze WHERE id = :snooze",),
    ),
    Invariant(
        "stage-pipeline",
        "stage",
        "SELECT s.id, s.name, l.name AS pipeline FROM stage s JOIN pipeline l ON l.id = s.pipeline_id"
        " WHERE s.removed_at IS NULL AND l.removed_at IS NOT NULL",
        "Stage {name} is there, but its pipeline {pipeline} is removed",
        mend="crm stage remove {id}",
    ),
    Invariant(
        "stage-order",
        "stage",
        "SELECT s.id, s.name, o.name AS other FROM stage s JOIN stage o ON o.pipeline_id = s.pipeline_id "
        " AND o.id < s.id AND o.position = s.position WHERE s.removed_at IS NULL AND o.removed_at IS NULL",
        "Stages {other} and {name} stand in one place",
        mend="crm stage edit {id} --after STAGE",
    ),
    Invariant(
        "pipeline-ends",
        "pipeline",
        "SELECT l.id, l.name, k.column1 AS kind FROM pipeline l, (VALUES ('won'), ('lost')) k"
        " WHERE l.removed_at IS NULL AND NOT EXISTS (SELECT 1 FROM stage s WHERE s.pipeline_id = l.id "
        " AND s.kind = k.column1 AND s.removed_at IS NULL)",
        "Pipeline {name} has no stage of kind {kind}",
        mend="crm stage add NAME --kind {kind}",
    ),
    Invariant(
        "stage-odds",
        "stage",
        "SELECT id, name, probability AS kept, CASE kind WHEN 'won' THEN 100 ELSE 0 END AS right FROM stage"
        " WHERE (kind = 'won' AND probability IS NOT 100) OR (kind = 'lost' AND probability IS NOT 0)",
        "Stage {name} has a probability of {kept}, not {right}",
        fix=("UPDATE stage SET probability = :right WHERE id = :id",),
    ),
)
