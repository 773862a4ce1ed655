"""Values are of the form that is kept: uuids, days, moments, words of a fixed list, custom fields, numbers."""

from crm_cli.queries.checks.finding import BACKUPS, Ask, Invariant, Row

_HEX = "[0-9a-f]"
_UUID = "-".join(_HEX * n for n in (8, 4, 4, 4, 12))
_DAYS = {
    "customer": "birthday last_contact_on cadence_due_on",
    "contact": "birthday last_contact_on",
    "deal": "stage_since_on expected_close_on opened_on closed_on last_touch_on",
    "stage_change": "changed_on",
    "task": "due_on anchor_on",
    "snooze": "until_on",
    "segment_membership": "entered_on left_on",
    "segment_count": "counted_on",
    "consent": "decided_on",
    "tombstone": "erased_on",
    "sales_order": "ordered_on",
}
_DATED = "created_at updated_at"
_MOMENTS = {
    **dict.fromkeys(("member", "pipeline", "stage", "customer", "contact", "deal"), f"{_DATED} removed_at"),
    **dict.fromkeys(("reach", "deal_contact", "tag", "import_mapping", "snooze"), _DATED),
    **dict.fromkeys(("interaction_contact", "tagging", "consent", "not_duplicate"), "created_at"),
    **dict.fromkeys(("segment", "view"), f"{_DATED} removed_at"),
    "sales_order": f"{_DATED} removed_at",
    "stage_change": "changed_at",
    "interaction": f"at {_DATED} removed_at",
    "task": f"due_at done_at {_DATED} removed_at",
    "reminder_claim": "claimed_at",
    "operation": "at erased_at",
    "journal": "at",
}
_WITH_UUID = tuple(noun for noun in _MOMENTS if noun not in ("reminder_claim", "journal"))
_JSON = dict.fromkeys(("customer", "contact", "deal", "interaction", "task", "sales_order"), "custom") | {
    "import_mapping": "options"
}
_WORDS = {
    "customer": {"kind": "company person", "status": "new contacted qualified unqualified customer closed"},
    "stage": {"kind": "open won lost"},
    "reach": {"kind": "email phone website messenger"},
    "interaction": {"direction": "in out"},
    "task": {"priority": "low normal high"},
    "consent": {"status": "given withdrawn"},
    "tombstone": {"kind": "email phone name"},
    "operation": {"kind": "do undo redo"},
    "journal": {"kind": "I U D"},
}
_LEAST = {
    "customer": {"size": 0, "cadence_days": 1},
    "stage": {"quiet_after_days": 1, "probability": 0},
    "interaction": {"duration_minutes": 0},
    "stage_change": {"days_spent": 0},
}
_NEEDED = {
    "sales_order": "currency",
    "customer": "name", "contact": "name", "deal": "title", "task": "text", "member": "name", "tag": "name",
    "stage": "name", "pipeline": "name", "segment": "name", "interaction": "channel", "reach": "value",
}  # fmt: skip
_OWN = {  # rows that are no record of their own: the record that they belong to
    "reach": "coalesce('contact:' || contact_id, 'customer:' || customer_id, 'reach:' || id)",
    "stage_change": "'deal:' || deal_id",
    "consent": "coalesce('contact:' || contact_id, 'customer:' || customer_id, 'consent:' || id)",
    "deal_contact": "'deal:' || deal_id",
    "interaction_contact": "'interaction:' || interaction_id",
    "tagging": "coalesce('customer:' || customer_id, 'contact:' || contact_id, 'deal:' || deal_id, 'tagging:' || id)",
    "snooze": "coalesce('customer:' || customer_id, 'deal:' || deal_id, 'snooze:' || id)",
    "sales_order": "'order:' || id",
    "operation": "'op:' || id",
}


def _ref(table: str) -> str:
    return _OWN.get(table, f"'{table}:' || id")


def _tested(table: str, tests: dict[str, str]) -> str:
    """The first column of each row whose test holds, with its value."""
    named = " ".join(f"WHEN {test} THEN '{column}'" for column, test in tests.items())
    values = " ".join(f"WHEN {test} THEN {column}" for column, test in tests.items())
    return (
        f"SELECT id, {_ref(table)} AS ref, CASE {named} END AS field, CASE {values} END AS value FROM {table}"
        f" WHERE {' OR '.join(tests.values())}"
    )


def _day_test(column: str) -> str:
    """`date` gives back what it is given only where that day exists and is written so; it reckons where it adds."""
    return f"({column} IS NOT NULL AND date({column}, '+0 days') IS NOT {column})"


def _moment_test(column: str) -> str:
    other = "updated_at IS NOT created_at AND " if column == "updated_at" else ""  # mostly they are one
    return f"({column} IS NOT NULL AND {other}strftime('%Y-%m-%dT%H:%M:%SZ', {column}, '+0 days') IS NOT {column})"


def _word_test(column: str, words: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words.split())
    return f"({column} NOT IN ({listed}))"


def _number_test(column: str, least: int) -> str:
    return f"({column} NOT BETWEEN 0 AND 100)" if column == "probability" else f"({column} < {least})"


def _object_test(column: str) -> str:
    kind = f"CASE WHEN json_valid({column}) THEN json_type({column}) END"
    return f"({column} IS NOT NULL AND {kind} IS NOT 'object')"


# check -> table -> column -> the condition under which its value is wrong
TESTS: dict[str, dict[str, dict[str, str]]] = {
    "uuid-form": {table: {"uuid": f"(uuid NOT GLOB '{_UUID}')"} for table in _WITH_UUID},
    "day-form": {table: {name: _day_test(name) for name in names.split()} for table, names in _DAYS.items()},
    "moment-form": {table: {name: _moment_test(name) for name in names.split()} for table, names in _MOMENTS.items()},
    "word-known": {table: {c: _word_test(c, known) for c, known in own.items()} for table, own in _WORDS.items()},
    "number-range": {table: {c: _number_test(c, least) for c, least in own.items()} for table, own in _LEAST.items()},
    "name-empty": {table: {column: f"(trim({column}) = '')"} for table, column in _NEEDED.items()},
    "custom-form": {table: {column: _object_test(column)} for table, column in _JSON.items()},
}


def _guard(table: str) -> str:
    """One walk over a table for all these checks."""
    tests = [test for tables in TESTS.values() for test in tables.get(table, {}).values()]
    return f"SELECT 1 FROM {table} WHERE {' OR '.join(tests)} LIMIT 1"


def _each(check: str) -> "Finder":
    return Finder([(_guard(table), _tested(table, tests)) for table, tests in TESTS[check].items()])


class Finder:
    """Several queries that look for one thing, a table each, with the guard that spares most of them."""

    def __init__(self, queries: list[tuple[str, str]]) -> None:
        self.queries = queries

    def __call__(self, ask: Ask) -> list[Row]:
        return [row for guard, sql in self.queries if not guard or ask.any(guard) for row in ask.rows(sql)]


def _doubles() -> Finder:
    return Finder(
        [
            (
                "",
                f"SELECT id, {_ref(table)} AS ref, uuid AS value FROM {table} WHERE uuid IN (SELECT uuid FROM {table}"
                " GROUP BY uuid HAVING count(*) > 1)",
            )
            for table in _WITH_UUID
        ]
    )


INVARIANTS = (
    Invariant("uuid-form", "", _each("uuid-form"), "The uuid is none: {value}", mend=BACKUPS),
    Invariant("uuid-double", "", _doubles(), "Another one has the same uuid: {value}", mend=BACKUPS),
    Invariant("day-form", "", _each("day-form"), "{field} is no day: {value}"),
    Invariant("moment-form", "", _each("moment-form"), "{field} is no moment: {value}"),
    Invariant("word-known", "", _each("word-known"), "{field} is a word that there is not: {value}"),
    Invariant("number-range", "", _each("number-range"), "{field} cannot be that: {value}"),
    Invariant("name-empty", "", _each("name-empty"), "{field} is empty"),
    Invariant("custom-form", "", _each("custom-form"), "{field} is no JSON object: {value}"),
    Invariant(
        "interaction-future",
        "interaction",
        "SELECT id, channel AS name, at FROM interaction WHERE at > :later AND removed_at IS NULL",
        "{name} happened in the future: {at}",
        mend="crm interaction edit {id} --at D",
    ),
    Invariant(
        "task-done-future",
        "task",
        "SELECT id, text AS name, done_at AS at FROM task WHERE done_at > :later",
        "{name} was done in the future: {at}",
        mend="crm task reopen {id}",
    ),
    Invariant(
        "birthday-future",
        "",
        Finder(
            [
                (
                    "",
                    f"SELECT id, '{noun}:' || id AS ref, '{noun}' AS noun, name, birthday AS day FROM {noun}"
                    " WHERE birthday > date(:later)",
                )
                for noun in ("customer", "contact")
            ]
        ),
        "{name} is not born yet: {day}",
        mend="crm {noun} edit {id} --birthday D",
    ),
)
