"""Each noun's columns: what a table shows by default, what it drops first, what other formats carry."""

from collections.abc import Sequence
from typing import NamedTuple

from crm_cli.rules.dotted import end_of, is_through
from crm_cli.rules.fields import ANSWER_KEYS, FIELDS, keys_of


class View(NamedTuple):
    """`columns` are (key, rank): rank 0 stays on the narrowest terminal, the highest goes first."""

    noun: str
    columns: list[tuple[str, int]]

    @property
    def keys(self) -> list[str]:
        """All public keys, as JSON and CSV carry them."""
        return ANSWER_KEYS[self.noun] if self.noun in ANSWER_KEYS else keys_of(self.noun)

    @property
    def table_keys(self) -> list[str]:
        """The columns of the default table, by key."""
        return [key for key, _ in self.columns]

    def with_currency(self, keys: Sequence[str]) -> list[str]:
        """The keys, and the currency that a cell shows beside an amount."""
        money = {field.key for field in FIELDS[self.noun] if field.type == "money"}
        own = {("product", "cost"): "cost_currency"}
        beside = {own.get((self.noun, key), "currency") for key in money & set(keys)}
        return [*keys, *sorted(beside - set(keys))]


_RIGHT_TYPES = ("number", "money", "percent", "sums", "worth")
_RIGHT_ANSWERS = {
    "deals", "amount", "weighted", "share", "conversion", "median_days", "position", "probability", "quiet_after_days",
    "op", "changes", "undone_by", "customers", "contacts", "members", "open_deals", "open_tasks", "days_late", "id",
    "size", "records", "score", "other_id", "before", "entered", "left", "to_won", "to_lost", "week_change",
    "money", "money_share", "recency", "frequency", "monetary", "r", "f", "m", "in_30", "in_90", "in_180", "in_365",
    "alive", "expected_30", "expected_90", "expected_365", "expected", "money_30", "money_90", "money_365", "clv",
    "risk", "orders", "silent_days", "interval_days", "repeaters", "alpha", "a", "b",
    "again", "rate", "buyers", "tiered", "at_risk", "cadence_days",
    "version", "versions", "points", "most", "smoothed", "lift",
    "interactions", "minutes", "incoming", "outgoing", "open", "won", "lost", "win_rate", "won_amount",
    "won_deals", "open_amount", "without_probability", "unweighted_amount", "overdue", "slipped", "doubtful",
    "reached", "overall", "opportunities", "average_won", "cycle_days", "velocity", "amount_share", "average",
    "value_win_rate", "returns", "quantity", "margin", "margin_percent",
}  # fmt: skip


def is_right(noun: str, key: str) -> bool:
    """Numbers are aligned to the right."""
    if noun in FIELDS and is_through(key):
        noun, key = end_of(noun, key)
        return key == "count" or is_right(noun, key)
    if noun in FIELDS:
        return any(field.key == key and field.type in _RIGHT_TYPES for field in FIELDS[noun])
    return key in _RIGHT_ANSWERS or (noun, key) == ("funnel", "change")


VIEWS = {
    "customer": View(
        "customer",
        [
            ("id", 0),
            ("name", 0),
            ("phone", 1),
            ("region", 6),
            ("tags", 7),
            ("last_contact_on", 4),
            ("next_task_on", 2),
            ("open", 3),
            ("won", 5),
            ("owner", 8),
        ],
    ),
    "contact": View(
        "contact", [("id", 0), ("name", 0), ("customer", 1), ("title", 5), ("role", 4), ("phone", 2), ("email", 6)]
    ),
    "deal": View(
        "deal",
        [
            ("id", 0),
            ("title", 0),
            ("customer", 2),
            ("stage", 3),
            ("amount", 1),
            ("expected_close_on", 4),
            ("next_step", 6),
            ("last_touch_on", 5),
            ("owner", 7),
        ],
    ),
    "interaction": View(
        "interaction", [("id", 0), ("at", 2), ("channel", 3), ("customer", 1), ("text", 0), ("deal", 4), ("owner", 6)]
    ),
    "task": View(
        "task",
        [
            ("id", 0),
            ("due_on", 1),
            ("text", 0),
            ("customer", 1),
            ("deal", 4),
            ("priority", 5),
            ("every", 6),
            ("owner", 7),
        ],
    ),
    "order": View(
        "order",
        [
            ("id", 0),
            ("number", 3),
            ("ordered_on", 1),
            ("customer", 0),
            ("lines", 4),
            ("amount", 0),
            ("margin", 6),
            ("owner", 7),
        ],
    ),
    "product": View(
        "product",
        [("id", 4), ("code", 0), ("name", 0), ("kind", 3), ("category", 5), ("unit", 6), ("prices", 1), ("active", 4)],
    ),
    "followup": View(
        "followup",
        [
            ("ref", 0),
            ("customer", 0),
            ("reach", 2),
            ("what", 1),
            ("reason", 0),
            ("last_word", 4),
            ("deal", 5),
            ("owner", 6),
        ],
    ),
    "funnel": View(
        "funnel",
        [
            ("stage", 0),
            ("deals", 1),
            ("amount", 0),
            ("weighted", 2),
            ("share", 3),
            ("conversion", 2),
            ("median_days", 4),
        ],
    ),
    "find": View("find", [("ref", 0), ("name", 0), ("customer", 2), ("snippet", 1)]),
    "stage": View(
        "stage",
        [
            ("id", 0),
            ("name", 0),
            ("pipeline", 5),
            ("kind", 2),
            ("probability", 1),
            ("quiet_after_days", 4),
            ("deals", 1),
        ],
    ),
    "tag": View("tag", [("id", 0), ("name", 0), ("customers", 1), ("contacts", 2), ("deals", 2)]),
    "segment": View("segment", [("id", 0), ("name", 0), ("noun", 2), ("query", 1), ("members", 1), ("week_change", 3)]),
    "view": View(
        "view",
        [
            ("id", 0),
            ("name", 0),
            ("noun", 1),
            ("query", 1),
            ("columns", 3),
            ("sort", 4),
            ("group_by", 2),
            ("problem", 1),
        ],
    ),
    "activity": View(
        "activity",
        [("interactions", 0), ("customers", 2), ("minutes", 4), ("incoming", 5), ("outgoing", 5), ("weeks", 1)],
    ),
    "sources": View(
        "sources",
        [
            ("source", 0),
            ("customers", 0),
            ("buyers", 2),
            ("deals", 3),
            ("won", 2),
            ("lost", 4),
            ("win_rate", 1),
            ("won_amount", 1),
        ],
    ),
    "sales": View(
        "sales",
        [
            ("orders", 0),
            ("returns", 4),
            ("customers", 2),
            ("quantity", 5),
            ("amount", 0),
            ("average", 3),
            ("margin", 6),
            ("margin_percent", 7),
        ],
    ),
    "rfm": View(
        "rfm",
        [
            ("customers", 0),
            ("share", 1),
            ("money", 2),
            ("money_share", 3),
            ("recency", 4),
            ("frequency", 5),
            ("monetary", 6),
        ],
    ),
    "rfm_customer": View(
        "rfm_customer",
        [
            ("id", 0),
            ("name", 0),
            ("recency", 2),
            ("frequency", 2),
            ("monetary", 1),
            ("r", 1),
            ("f", 1),
            ("m", 1),
            ("class", 0),
            ("group", 3),
        ],
    ),
    "tier": View(
        "tier",
        [
            ("position", 0),
            ("name", 0),
            ("query", 1),
            ("customers", 0),
            ("cadence_days", 2),
            ("owner", 5),
            ("asks_risk", 4),
            ("problem", 1),
        ],
    ),
    "icp": View("icp", [("name", 0), ("version", 0), ("criteria", 0), ("created_at", 1)]),
    "icp_fit": View("icp_fit", [("field", 0), ("wanted", 0), ("value", 0), ("state", 0), ("points", 0), ("most", 1)]),
    "icp_learn": View(
        "icp_learn",
        [
            ("field", 0),
            ("value", 0),
            ("won", 0),
            ("lost", 0),
            ("win_rate", 1),
            ("smoothed", 2),
            ("lift", 0),
            ("proposed", 1),
        ],
    ),
    "portrait": View("portrait", [("about", 0), ("fact", 0), ("ref", 0), ("on", 1)]),
    "why": View("why", [("about", 0), ("fact", 0), ("value", 0), ("on", 1), ("rule", 2)]),
    "life": View(
        "life", [("lifecycle", 0), ("customers", 0), ("share", 1), ("entered", 2), ("left", 2), ("median_days", 3)]
    ),
    "playbook": View("playbook", [("lifecycle", 0), ("playbook", 0), ("changed", 2)]),
    "life_flow": View("life_flow", [("month", 0), ("from", 0), ("to", 0), ("customers", 0)]),
    "repurchase": View(
        "repurchase",
        [
            ("cohort", 0),
            ("customers", 0),
            ("in_30", 1),
            ("in_90", 1),
            ("in_180", 2),
            ("in_365", 1),
            ("again", 3),
            ("rate", 0),
        ],
    ),
    "predict": View(
        "predict",
        [
            ("id", 0),
            ("name", 0),
            ("orders", 4),
            ("last_order_on", 3),
            ("interval_days", 7),
            ("alive", 1),
            ("expected_90", 2),
            ("money_90", 5),
            ("expected", 2),
            ("money", 5),
            ("clv", 1),
            ("next_order_on", 3),
            ("state", 6),
            ("risk", 1),
        ],
    ),
    "predict_fit": View(
        "predict_fit", [("as_of", 0), ("customers", 1), ("repeaters", 1), ("r", 0), ("alpha", 0), ("a", 0), ("b", 0)]
    ),
    "score_run": View(
        "score_run", [("computed_on", 0), ("customers", 0), ("buyers", 1), ("tiered", 2), ("at_risk", 1)]
    ),
    "forecast": View(
        "forecast",
        [
            ("won_amount", 2),
            ("open_deals", 3),
            ("open_amount", 4),
            ("weighted", 2),
            ("expected", 0),
            ("overdue", 5),
            ("slipped", 6),
            ("doubtful", 7),
        ],
    ),
    "conversion": View(
        "conversion",
        [
            ("stage", 0),
            ("reached", 0),
            ("conversion", 1),
            ("overall", 3),
            ("lost", 4),
            ("open", 5),
            ("median_days", 2),
        ],
    ),
    "velocity": View(
        "velocity",
        [("opportunities", 1), ("average_won", 1), ("win_rate", 1), ("cycle_days", 1), ("velocity", 0)],
    ),
    "wins": View(
        "wins",
        [
            ("deals", 0),
            ("share", 3),
            ("amount", 1),
            ("amount_share", 5),
            ("average", 4),
            ("win_rate", 2),
            ("value_win_rate", 6),
        ],
    ),
    "coming": View("coming", [("on", 0), ("change", 0), ("ref", 1), ("name", 0), ("members", 2)]),
    "member": View("member", [("id", 0), ("name", 0), ("email", 2), ("open_deals", 1), ("open_tasks", 1)]),
    "rate": View("rate", [("on", 0), ("currency", 0), ("rate", 0), ("base", 1), ("source", 2)]),
    "base": View("base", [("base", 0), ("used", 1), ("others", 2)]),
    "rates_read": View("rates_read", [("read", 0), ("added", 0), ("changed", 0), ("unchanged", 1)]),
    "operation": View("operation", [("op", 0), ("at", 1), ("by", 3), ("command", 0), ("changes", 2), ("undone_by", 4)]),
    "change": View("change", [("at", 1), ("by", 4), ("op", 2), ("change", 1), ("field", 0), ("old", 0), ("new", 0)]),
    "backup": View("backup", [("name", 0), ("at", 3), ("size", 2), ("records", 1), ("command", 4), ("problem", 1)]),
    "finding": View("finding", [("check", 1), ("ref", 0), ("message", 0), ("mend", 2)]),
    "setting": View("setting", [("key", 0), ("value", 0)]),
    "consent": View("consent", [("channel", 0), ("status", 0), ("basis", 1), ("source", 2), ("on", 1)]),
    "stale": View("stale", [("ref", 0), ("name", 0), ("customer", 2), ("last_on", 1)]),
    "dupe": View(
        "dupe",
        [
            ("score", 1),
            ("kind", 3),
            ("id", 0),
            ("name", 0),
            ("other_id", 0),
            ("other_name", 0),
            ("reasons", 2),
            ("attached", 6),
            ("other_attached", 5),
            ("merge", 4),
        ],
    ),
    "difference": View(
        "difference",
        [("kind", 1), ("id", 0), ("name", 0), ("other_id", 0), ("other_name", 0), ("at", 2), ("op", 1)],
    ),
    "erasure": View("erasure", [("what", 0), ("count", 0)]),
}
