"""How one value looks in a table cell: names of the trade translated, money with its currency, days as kept."""

from collections.abc import Callable, Sequence
from typing import Any

from crm_cli.i18n import language, listed, t
from crm_cli.rules import names
from crm_cli.rules.dotted import is_through
from crm_cli.rules.fields import FIELDS, Field
from crm_cli.rules.money import format_number
from crm_cli.rules.relations import own_name
from crm_cli.rules.text import clean

# key -> the group of names that its values are shown by
_NAMED = {
    "kind": "kind",
    "status": "status",
    "stage": "stage",
    "pipeline": "pipeline",
    "channel": "channel",
    "direction": "direction",
    "priority": "priority",
    "role": "role",
    "prefers": "channel",
    "bucket": "bucket",
    "noun": "noun",
    "basis": "basis",
    "class": "rfm_class",
    "rfm_class": "rfm_class",
    "rfm_group": "rfm_group",
    "lifecycle": "lifecycle",
    "tier": "tier",
}


def cell(noun: str, key: str, row: dict[str, Any]) -> str:
    """The text of a cell, cleaned for a terminal; an empty value is an empty text."""
    return column(noun, key, [row])[0]


def column(noun: str, key: str, rows: Sequence[dict[str, Any]]) -> list[str]:
    """The cells of one column: what tells them is chosen once, however many there are."""
    tell, is_text = _teller(noun, key)
    return [
        ""
        if (value := row.get(key)) is None or value == [] or value == {}
        else value
        if is_text and value.__class__ is str and value.isascii() and value.isprintable()
        else tell(row, value)
        for row in rows
    ]


def _teller(noun: str, key: str) -> tuple[Callable[[dict[str, Any], Any], str], bool]:
    """What tells a value that is there; whether that is the value itself where it is a clean text."""
    if is_through(key):
        from crm_cli.output.through import cell_through

        return (lambda row, value: cell_through(noun, key, value)), False
    special = _SPECIAL.get((noun, key)) or _SPECIAL.get(("", key))
    if special:
        return special, False
    type_ = field_type(noun, key)
    if key not in _NAMED:
        return (lambda row, value: clean(_plain(value, type_, row))), type_ not in _FORMED
    group, spoken = _group(noun, key), language()

    def named(row: dict[str, Any], value: Any) -> str:
        return clean(names.shown(group, value, spoken) if isinstance(value, str) else _plain(value, type_, row))

    return named, False


_KINDS = {
    "followup": "followup_kind",
    "funnel": "stage_kind",
    "conversion": "stage_kind",
    "stage": "stage_kind",
    "find": "noun",
    "stale": "noun",
    "dupe": "noun",
    "difference": "noun",
}


def _group(noun: str, key: str) -> str:
    if key == "status" and noun in ("deal", "consent"):
        return f"{noun}_status"
    if (noun, key) == ("product", "kind"):
        return "product_kind"
    if key == "kind":
        return _KINDS.get(noun, "kind")
    return _NAMED[key]


_types: dict[tuple[str, str], str] = {}
# the keys of the sales reports that are more than words and counts
_SALES = {
    (noun, key): type_
    for noun, type_, keys in (
        ("forecast", "money", "won_amount open_amount weighted expected unweighted_amount"),
        ("conversion", "percent", "conversion overall"),
        ("velocity", "money", "average_won velocity"),
        ("velocity", "percent", "win_rate"),
        ("wins", "money", "amount average"),
        ("sales", "money", "amount average margin"),
        ("sales", "percent", "margin_percent"),
        ("wins", "percent", "share amount_share win_rate value_win_rate"),
    )
    for key in keys.split()
}


def field_type(noun: str, key: str) -> str:
    """The type of a key; text for keys of answers that are no records."""
    if not _types:
        for name, fields in FIELDS.items():
            _types.update({(name, field.key): field.type for field in fields})
        _types.update({("funnel", key): "money" for key in ("amount", "weighted")})
        _types.update({("funnel", key): "percent" for key in ("share", "conversion")})
        _types.update({(noun, key): "money" for noun in ("rfm", "rfm_customer") for key in ("money", "monetary")})
        _types.update({("rfm", key): "percent" for key in ("share", "money_share")})
        _types.update({("repurchase", key): "percent" for key in ("in_30", "in_90", "in_180", "in_365", "rate")})
        _types[("life", "share")] = "percent"
        money = ("money_30", "money_90", "money_365", "money", "clv")
        _types.update({("predict", key): "money" for key in money})
        _types.update(_SALES)
        _types.update(
            {
                ("product", "cost"): "cost",
                ("product", "prices"): "prices",
                ("icp", "created_at"): "moment",
                ("icp_learn", "win_rate"): "percent",
                ("icp_learn", "smoothed"): "percent",
                ("sources", "win_rate"): "percent",
                ("sources", "won_amount"): "sums",
                ("sources", "open_amount"): "sums",
                ("operation", "at"): "moment",
                ("change", "at"): "moment",
                ("backup", "at"): "moment",
                ("difference", "at"): "moment",
            }
        )
    return _types.get((noun, key), "text")


_FORMED = frozenset(("money", "cost", "prices", "worth", "percent", "moment", "sums"))


def _plain(value: Any, type_: str, row: dict[str, Any]) -> str:
    if type_ == "money":
        return format_number(value, row.get("currency") or "")
    if type_ == "cost":
        return format_number(value, row.get("cost_currency") or "")
    if type_ == "prices":
        return listed(format_number(entry["amount"], entry["currency"]) for entry in value)
    if type_ == "worth":
        return format_number(value, "")
    if type_ == "percent":
        return f"{value:g}%"
    if type_ == "moment":
        return str(value)[:16].replace("T", " ")
    if type_ == "sums":
        return sums(value)
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, list):
        return listed(_item(item) for item in value)
    if isinstance(value, dict):
        return listed(f"{key}={item}" for key, item in value.items())
    if isinstance(value, float):
        return f"{value:g}"
    return str(value)


def _item(item: Any) -> str:
    if not isinstance(item, dict):
        return str(item)
    if "value" in item:
        return f"{item['value']} ({item['label']})" if item.get("label") else str(item["value"])
    if "quantity" in item:
        return f"{item['quantity']:g} {item['code'] or item['name']}"
    name = str(item.get("name", ""))
    return f"{name} ({names.shown('role', item['role'], language())})" if item.get("role") else name


def sums(entries: list[dict[str, Any]]) -> str:
    """`EUR 48,000 + USD 500`."""
    return " + ".join(format_number(entry["amount"], entry["currency"]) for entry in entries)


def _followup_who(row: dict[str, Any], value: Any) -> str:
    return clean(f"{row['contact']} ({row['customer']})" if row.get("contact") and row.get("customer") else str(value))


def _followup_reason(row: dict[str, Any], value: Any) -> str:
    if language() == "en":
        return str(value)  # put together already
    sentence, holes = row.get("because") or (str(value), {})
    return t(sentence, **holes) if holes else t(sentence)


def _followup_what(row: dict[str, Any], value: Any) -> str:
    return clean(t(str(value))) if row["kind"] in ("cadence", "risk") else clean(str(value))


def _playbook(row: dict[str, Any], value: Any) -> str:
    """Our own words in the user's language, anybody else's as they are."""
    return clean(t(str(value)))


def reach(row: dict[str, Any]) -> str:
    """The phone or the e-mail, as preferred; whichever there is."""
    first, second = ("email", "phone") if row.get("prefers") == "email" else ("phone", "email")
    return clean(str(row.get(first) or row.get(second) or ""))


def _coming(row: dict[str, Any], value: Any) -> str:
    return t("entered") if value == "entered" else t("left")


def _stage_name(row: dict[str, Any], value: Any) -> str:
    return clean(names.shown("stage", str(value), language()))


def _named(group: str) -> Callable[[dict[str, Any], Any], str]:
    return lambda row, value: clean(names.shown(group, str(value), language()))


def _change(row: dict[str, Any], value: Any) -> str:
    words = {
        "added": t("added"),
        "changed": t("changed"),
        "deleted": t("deleted"),
        "removed": t("removed"),
        "restored": t("restored"),
    }
    return words[value]


def _changed_field(row: dict[str, Any], value: Any) -> str:
    return heading(row["ref"].partition(":")[0], str(value))


def _operation(row: dict[str, Any], value: Any) -> str:
    return f"op:{value}"


def _every(row: dict[str, Any], value: Any) -> str:
    """How often a task comes again: as typed, in Chinese in words."""
    if language() != "zh":
        return clean(str(value))
    from crm_cli.rules.recurrence import spell_every

    return clean(spell_every(str(value), "zh"))


def _found_name(row: dict[str, Any], value: Any) -> str:
    """What was found has a name of its own, an interaction that of its channel."""
    is_talk = row.get("kind") == "interaction"
    return clean(names.shown("channel", str(value), language()) if is_talk else str(value))


def _size(row: dict[str, Any], value: Any) -> str:
    """Bytes as a person reads them."""
    for unit in ("B", "kB", "MB"):
        if value < 1000:
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.2g} {unit}"
        value /= 1000
    return f"{value:.1f} GB"


def _why(row: dict[str, Any], value: Any) -> str:
    words = {
        "manual": t("made by hand"),
        "before-migration": t("before a migration"),
        "before-import": t("before an import"),
        "before-merge": t("before a merge"),
        "before-change": t("before a change by query"),
        "before-restore": t("before a restore"),
    }
    return words[value]


def _problem(row: dict[str, Any], value: Any) -> str:
    return {"newer": t("newer than this crm"), "damaged": t("damaged")}[value]


def in_words(because: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """Why two records may be one."""
    return [clean(t(sentence, **holes)) for sentence, holes in because]


def _dupe_reasons(row: dict[str, Any], value: Any) -> str:
    return listed(in_words(row["because"]))


def _hanging(key: str) -> Callable[[dict[str, Any], Any], str]:
    def told(row: dict[str, Any], value: Any) -> str:
        from crm_cli.output.sidebyside import hanging

        return hanging({name.removesuffix("s"): n for name, n in row[key].items()})

    return told


def _country(row: dict[str, Any], value: Any) -> str:
    from crm_cli.rules.countries import country_shown

    return clean(country_shown(value, language()))


def _region(row: dict[str, Any], value: Any) -> str:
    from crm_cli.rules.places import region_shown

    return clean(region_shown(value, language()))


def _rates(row: dict[str, Any], value: Any) -> str:
    """The newest rate of each other currency, with its day."""
    from crm_cli.rules.rates import spell_worth

    return listed(
        f"{spell_worth(one['currency'], one['rate'], row['base'])} ({one['on']})" for one in value if one["on"]
    )


def _criteria(row: dict[str, Any], value: Any) -> str:
    from crm_cli.output.icp import criteria_shown

    return criteria_shown(value)


def _wanted_field(row: dict[str, Any], value: Any) -> str:
    from crm_cli.output.icp import field_shown

    return field_shown(value)


def _likely(key: str) -> Callable[[dict[str, Any], Any], str]:
    def told(row: dict[str, Any], value: Any) -> str:
        from crm_cli.output.fits import CELLS

        return CELLS[key](row, value)

    return told


_SPECIAL: dict[tuple[str, str], Callable[[dict[str, Any], Any], str]] = {
    ("customer", "country"): _country,
    ("customer", "region"): _region,
    ("backup", "op"): _operation,
    ("backup", "problem"): _problem,
    ("backup", "reason"): _why,
    ("backup", "size"): _size,
    ("change", "change"): _change,
    ("coming", "change"): _coming,
    ("change", "field"): _changed_field,
    ("change", "op"): _operation,
    ("operation", "op"): _operation,
    ("operation", "undone_by"): _operation,
    ("followup", "customer"): _followup_who,
    ("followup", "reason"): _followup_reason,
    ("followup", "what"): _followup_what,
    ("dupe", "reasons"): _dupe_reasons,
    ("dupe", "attached"): _hanging("attached"),
    ("dupe", "other_attached"): _hanging("other_attached"),
    ("base", "others"): _rates,
    ("difference", "op"): _operation,
    ("find", "name"): _found_name,
    ("predict", "alive"): _likely("alive"),
    ("predict", "state"): _likely("state"),
    ("task", "every"): _every,
    ("stage", "name"): _stage_name,
    ("", "playbook"): _playbook,
    ("rfm", "group"): _named("rfm_group"),
    ("rfm_customer", "group"): _named("rfm_group"),
    ("tier", "name"): _named("tier"),
    ("icp", "criteria"): _criteria,
    ("icp_fit", "field"): _wanted_field,
    ("icp_learn", "field"): _wanted_field,
    ("life_flow", "from"): _named("lifecycle"),
    ("life_flow", "to"): _named("lifecycle"),
}


def heading(noun: str, key: str) -> str:
    """What stands above a column, in the user's language."""
    own = own_name(key)
    if own is not None:
        return clean(own)
    if is_through(key):
        from crm_cli.output.through import heading_through

        return heading_through(noun, key)
    field: Field | None = next((f for f in FIELDS.get(noun, ()) if f.key == key), None)
    if field is not None:
        return field.chinese if language() == "zh" else (field.short or key).replace("_", " ")
    return t(key.replace("_", " "))
