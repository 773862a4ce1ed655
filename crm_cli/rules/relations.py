"""The records that a record leads to, by the names that a query has for them: deals.stage, contacts.role, 商机.阶段."""

DOTS = ".．。"

# noun -> name of the relation -> the noun it leads to, and whether several may be there
RELATIONS: dict[str, dict[str, tuple[str, bool]]] = {
    "customer": {
        "contacts": ("contact", True),
        "deals": ("deal", True),
        "interactions": ("interaction", True),
        "tasks": ("task", True),
        "orders": ("order", True),
        "parent": ("customer", False),
        "referred_by": ("customer", False),
    },
    "contact": {"customer": ("customer", False), "deals": ("deal", True), "interactions": ("interaction", True)},
    "deal": {
        "customer": ("customer", False),
        "contacts": ("contact", True),
        "interactions": ("interaction", True),
        "tasks": ("task", True),
        "orders": ("order", True),
    },
    "interaction": {"customer": ("customer", False), "deal": ("deal", False), "contacts": ("contact", True)},
    "task": {"customer": ("customer", False), "deal": ("deal", False)},
    "order": {"customer": ("customer", False), "deal": ("deal", False)},
    "product": {},
}
CHINESE = {
    "contacts": "联系人",
    "deals": "商机",
    "interactions": "互动",
    "tasks": "任务",
    "orders": "订单",
    "customer": "客户",
    "parent": "上级公司",
    "referred_by": "推荐人",
    "deal": "商机",
}
COUNT = ("count", "数量", "个数")
CUSTOM = ("custom", "自定义")
OWN = "custom."


def path(text: str) -> list[str]:
    """The parts of `deals.won.amount`; what stands behind `custom` is one name, with the dots that it has."""
    parts: list[str] = []
    rest = text
    while rest:
        at = min((i for i in map(rest.find, DOTS) if i >= 0), default=-1)
        if at < 0 or (parts and parts[-1] in CUSTOM):
            break
        parts.append(rest[:at].strip().lower())
        rest = rest[at + 1 :]
    return [*parts, rest.strip()]


def own_name(key: str) -> str | None:
    """The name in the key of a field of the user's own, `custom.seats`; None for any other key."""
    return key[len(OWN) :] if key.startswith(OWN) else None


def find_relation(noun: str, text: str) -> str | None:
    """The relation of a noun by its name, in the singular too, or its Chinese name; None when there is none."""
    key = text.strip().lower().replace("-", "_").replace(" ", "_")
    if key == "互动记录":
        key = "互动"
    for name in RELATIONS[noun]:
        if key in (name, name.removesuffix("s")) or key == CHINESE[name]:
            return name
    return None


def is_path(text: str) -> bool:
    """Whether a field's name as typed leads from some noun to another record, or to a field of the user's own."""
    parts = path(text)
    if len(parts) < 2 or not all(parts):
        return False
    return parts[0] in CUSTOM or is_relation(parts[0])


def is_relation(text: str) -> bool:
    """Whether some noun has such a relation."""
    return any(find_relation(noun, text) for noun in RELATIONS)


def leads_on(text: str) -> bool:
    """Whether a query over other records may stand behind a name, in parentheses: deals, customer.deals."""
    parts = path(text)
    return all(parts) and parts[0] not in CUSTOM and is_relation(parts[0])
