"""Deals and the history of their stages: closed as their stage says, money that can be counted, days without gaps."""

from crm_cli.queries.checks.finding import Ask, Invariant, Row
from crm_cli.queries.derived import FURTHEST
from crm_cli.rules.currencies import is_currency

_DEAL = "SELECT d.id, d.title AS name, {more} FROM deal d JOIN stage s ON s.id = d.stage_id WHERE "
# Each change of stage with the one before it, and whether it is the last of its deal.
_STEPS = (
    "(SELECT id, deal_id, from_stage_id, to_stage_id, changed_on, days_spent, lag(to_stage_id) OVER w AS before,"
    " lag(changed_on) OVER w AS day_before, row_number() OVER w AS n, lead(id) OVER w AS next"
    " FROM stage_change WINDOW w AS (PARTITION BY deal_id ORDER BY id))"
)
_STEP = "SELECT d.id, d.title AS name, x.id AS step, {more} FROM " + _STEPS + " x JOIN deal d ON d.id = x.deal_id "
_NAMED = "(SELECT name FROM stage WHERE id = {0})"
_SPENT = "CASE WHEN x.from_stage_id IS NULL THEN NULL ELSE max(0, {days}) END".format(
    days="CAST(julianday(x.changed_on) - julianday(x.day_before) AS INTEGER)"
)
_ODD_STEP = (
    f"SELECT 1 FROM {_STEPS} x LEFT JOIN deal d ON d.id = x.deal_id WHERE (x.n = 1) <> (x.from_stage_id IS NULL)"
    f" OR (x.n > 1 AND x.from_stage_id IS NOT x.before) OR x.days_spent IS NOT {_SPENT}"
    " OR (x.next IS NULL AND (x.to_stage_id IS NOT d.stage_id OR d.stage_since_on IS NOT x.changed_on)) LIMIT 1"
)
# Another program may know nothing of a reason: what an import brought as lost, or made so, may have none.
_CAME_LOST = (
    "EXISTS (SELECT 1 FROM stage_change c WHERE c.deal_id = d.id AND c.to_stage_id = d.stage_id AND"
    " (c.from_stage_id IS NULL OR EXISTS (SELECT 1 FROM journal j WHERE j.record = 'stage_change' AND j.last_id >= c.id"
    " AND j.row_id <= c.id)))"
)
_ADD_STEP = (
    "INSERT INTO stage_change (uuid, deal_id, from_stage_id, to_stage_id, changed_on, changed_at, days_spent)"
    " VALUES (:uuid, :id, :before, :stage_id, :since, :now, CASE WHEN :before IS NULL THEN NULL ELSE 0 END)"
)
_NO_OTHER_STEP = "NOT EXISTS (SELECT 1 FROM stage_change c WHERE c.deal_id = d.id)"


def _currencies(ask: Ask) -> list[Row]:
    """Deals in a currency that there is not."""
    used = [row["currency"] for row in ask.rows("SELECT DISTINCT currency FROM deal WHERE currency IS NOT NULL")]
    unknown = [code for code in used if not is_currency(code)]
    return [
        {**row, "currency": code}
        for code in unknown
        for row in ask.db.dicts("SELECT id, title AS name FROM deal WHERE currency = :code", {"code": code})
    ]


def _furthest(ask: Ask) -> list[Row]:
    """Deals that are said to have come another way than their history says."""
    return ask.rows(
        "SELECT id, name, right_id, (SELECT name FROM stage WHERE id = kept) AS kept, (SELECT name FROM stage WHERE id"
        f" = right_id) AS right FROM (SELECT d.id, d.title AS name, d.furthest_stage_id AS kept, {FURTHEST} AS"
        " right_id FROM deal d) WHERE kept IS NOT right_id"
    )


INVARIANTS = (
    Invariant(
        "deal-closed-day",
        "deal",
        _DEAL.format(more="s.kind, coalesce((SELECT changed_on FROM stage_change WHERE deal_id = d.id ORDER BY id DESC"
                     " LIMIT 1), d.stage_since_on) AS day") + "s.kind <> 'open' AND d.closed_on IS NULL",
        "{name} is closed ({kind}) but has no closed day",
        fix=("UPDATE deal SET closed_on = :day WHERE id = :id",),
    ),
    Invariant(
        "deal-open-closed",
        "deal",
        _DEAL.format(more="d.closed_on AS day") + "s.kind = 'open' AND d.closed_on IS NOT NULL",
        "{name} is open but has a closed day: {day}",
        fix=("UPDATE deal SET closed_on = NULL WHERE id = :id",),
    ),
    Invariant(
        "deal-reason-left",
        "deal",
        _DEAL.format(more="d.lost_reason AS reason") + "s.kind <> 'lost' AND d.lost_reason IS NOT NULL",
        "{name} is not lost but has a reason why: {reason}",
        fix=("UPDATE deal SET lost_reason = NULL WHERE id = :id",),
    ),
    Invariant(
        "deal-lost-reason",
        "deal",
        _DEAL.format(more="d.closed_on") + "s.kind = 'lost' AND coalesce(trim(d.lost_reason), '') = ''"
        " AND d.removed_at IS NULL"
        " AND NOT " + _CAME_LOST,
        "{name} is lost without a reason",
        mend="crm deal edit {id} --reason REASON",
    ),
    Invariant(
        "deal-closed-early",
        "deal",
        _DEAL.format(more="d.closed_on AS day, d.opened_on AS opened") + "d.closed_on < d.opened_on"
        " AND date(d.closed_on) IS d.closed_on",
        "{name} was closed on {day}, before it was opened on {opened}",
        mend="crm deal edit {id} --opened {day}",
    ),
    Invariant(
        "deal-amount",
        "deal",
        "SELECT id, title AS name, amount FROM deal WHERE amount NOT BETWEEN 0 AND 9000000000000000",
        "{name} has an amount that cannot be: {amount} minor units",
        mend="crm deal edit {id} --amount M",
    ),
    Invariant(
        "deal-no-currency",
        "deal",
        "SELECT id, title AS name, amount FROM deal WHERE amount IS NOT NULL AND coalesce(currency, '') = ''",
        "{name} has an amount without a currency: {amount} minor units",
        mend="crm deal edit {id} --amount M --currency C",
    ),
    Invariant(
        "deal-currency",
        "deal",
        _currencies,
        "{name} is in a currency that there is not: {currency}",
        mend="crm deal edit {id} --amount M --currency C",
    ),
    Invariant(
        "deal-probability",
        "deal",
        "SELECT id, title AS name, probability FROM deal WHERE probability NOT BETWEEN 0 AND 100",
        "{name} has a probability that cannot be: {probability}",
        mend="crm deal edit {id} --probability N",
    ),
    Invariant(
        "history-missing",
        "deal",
        "SELECT d.id, d.title AS name, d.stage_id, d.stage_since_on AS since, NULL AS before FROM deal d WHERE "
        + _NO_OTHER_STEP,
        "{name} has no history of its stages",
        fix=(_ADD_STEP,),
    ),
    Invariant(
        "history-begin",
        "deal",
        _STEP.format(more=_NAMED.format("x.from_stage_id") + " AS stage") + "WHERE x.n = 1 AND x.from_stage_id IS NOT"
        " NULL",
        "The history of {name} does not begin: its first change comes from {stage}",
        guard=_ODD_STEP,
    ),
    Invariant(
        "history-gap",
        "deal",
        _STEP.format(more=_NAMED.format("x.from_stage_id") + " AS stage, " + _NAMED.format("x.before") + " AS before")
        + "WHERE x.n > 1 AND x.from_stage_id IS NOT x.before",
        "The history of {name} has a gap: it came to {before} and left {stage}",
        guard=_ODD_STEP,
    ),
    Invariant(
        "history-end",
        "deal",
        _STEP.format(more=_NAMED.format("x.to_stage_id") + " AS last, s.name AS stage, d.stage_id, x.to_stage_id AS"
                     " before, d.stage_since_on AS since")
        + "JOIN stage s ON s.id = d.stage_id WHERE x.next IS NULL AND x.to_stage_id <> d.stage_id",
        "The history of {name} ends in {last}, but it stands in {stage}",
        fix=(_ADD_STEP,),
        guard=_ODD_STEP,
    ),
    Invariant(
        "history-days",
        "deal",
        _STEP.format(more=f"x.days_spent AS kept, {_SPENT} AS right") + f"WHERE x.days_spent IS NOT {_SPENT}"
        " AND date(x.changed_on) IS x.changed_on",
        "The history of {name} says {kept} days in a stage, not {right}",
        fix=("UPDATE stage_change SET days_spent = :right WHERE id = :step",),
        guard=_ODD_STEP,
    ),
    Invariant(
        "stage-since",
        "deal",
        _STEP.format(more="x.changed_on AS right, d.stage_since_on AS kept") + "WHERE x.next IS NULL"
        " AND d.stage_since_on IS NOT x.changed_on AND x.to_stage_id = d.stage_id",
        "{name} stands in its stage since {right}, not {kept}",
        fix=("UPDATE deal SET stage_since_on = :right WHERE id = :id",),
        guard=_ODD_STEP,
    ),
    Invariant(
        "furthest-stage",
        "deal",
        _furthest,
        "{name} came as far as {right}, not {kept}",
        fix=("UPDATE deal SET furthest_stage_id = :right_id WHERE id = :id",),
    ),
)  # fmt: skip
