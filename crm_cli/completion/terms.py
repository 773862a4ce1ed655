"""Candidates within a query: fields, and behind the colon the values in use, days, names and segments."""

from crm_cli.completion.keys import key_of, typable
from crm_cli.rules.relations import RELATIONS, find_relation, path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from crm_cli.completion.lines import Offer
    from crm_cli.completion.values import Values

_NOUNS = {"any": ("customer", "contact", "deal", "interaction", "task"), "tagged": ("customer", "contact", "deal")}
_SPECIAL = ("has:", "no:", "not:", "is:", "segment:")
_AHEAD = "today ..today tomorrow +7d.. ..+7d ..+30d"
_BACK = "today -7d.. -30d.. -90d.. ..-7d ..-30d ..-90d"


def terms_of(values: "Values", noun: str, word: str) -> "list[Offer]":
    """What a word of a query may become."""
    nouns = _NOUNS.get(noun, (noun,))
    if word[:1] in ("@", "＠"):
        return [(word[0] + name, text) for name, text in _segments(values, nouns, word[1:]) if " " not in name]
    head, colon, value = word.partition(":") if ":" in word else word.partition("：")
    if "." in head and (led := _led_to(nouns, head)):
        front, noun = led
        return [(front + term, text) for term, text in _behind_the_dot(values, noun, word[len(front) :])]
    if not colon:
        return [*_names(values, nouns, word), *_own(values, nouns, word)]
    front, name = head + colon, head.lower()
    if name == "not":
        return [(front + term, text) for term, text in terms_of(values, noun, value) if term not in ("or", "not:")]
    if name == "segment":
        return [(front + _in_quotes(found), text) for found, text in _segments(values, nouns, _bare(value))]
    if name == "is":
        states = dict.fromkeys(state for one in nouns for state in values.table.row(f"!{one}"))
        return [(front + state, "") for state in states if state.startswith(value.lower())]
    if name in ("has", "no"):
        return [(front + key, text) for key, text in _keys(values, nouns, value)]
    return [(front + found, text) for found, text in _values_of(values, nouns, head, _bare(value))]


def _led_to(nouns: tuple[str, ...], head: str) -> tuple[str, str] | None:
    """`deals.won.am` -> what stands up to its last dot, and the noun that it leads to."""
    for noun in nouns:
        at = noun
        for part in path(head)[:-1]:
            relation = find_relation(at, part)
            if relation is not None:
                at = RELATIONS[at][relation][0]
            elif part not in _STATES:
                break
        else:
            front = head[: head.rfind(".") + 1]
            return front, at
    return None


_STATES = ("open", "won", "lost", "closed", "done", "overdue", "quiet", "stuck")


def _behind_the_dot(values: "Values", noun: str, word: str) -> "list[Offer]":
    """Fields of the records led to, how many they are, and what they lead to themselves."""
    if ":" in word:
        return terms_of(values, noun, word)
    others = ["count:", *(f"{state}." for state in values.table.row(f"!{noun}") if state in _STATES)]
    return [
        *((f"{key}:", text) for key, text in _keys(values, (noun,), word, is_asked=True)),
        *((other, "") for other in others if other.startswith(word.lower())),
        *_ways(noun, word),
    ]


def _ways(noun: str, word: str) -> "list[Offer]":
    """The records that a noun leads to, with the dot."""
    return [(f"{name}.", "") for name in RELATIONS[noun] if name.startswith(word.lower()) and word]


def _own(values: "Values", nouns: tuple[str, ...], word: str) -> "list[Offer]":
    """Ways to other records, and fields of the user's own that newest records have."""
    if not word:
        return []
    found = [offer for noun in nouns for offer in _ways(noun, word)]
    bare = word.removeprefix("custom.")
    for noun in nouns:
        rows = values.rows(
            f"SELECT DISTINCT e.key FROM (SELECT custom FROM {noun} WHERE removed_at IS NULL ORDER BY id DESC"
            " LIMIT 500) r, json_each(r.custom) e WHERE r.custom IS NOT NULL ORDER BY 1 LIMIT 50"
        )
        names = [name for (name,) in rows if key_of(name).startswith(key_of(bare)) and _is_typable(name)]
        found += [(f"{word[: len(word) - len(bare)]}{name}:", "") for name in names]
    return list(dict.fromkeys(found))


def _is_typable(name: str) -> bool:
    return bool(typable(name, key_of(name).strip())) and not any(mark in name for mark in " \"'():（）：＂")


def _names(values: "Values", nouns: tuple[str, ...], word: str) -> "list[Offer]":
    """Fields with their colon, then what is no field."""
    fields = [(f"{key}:", text) for key, text in _keys(values, nouns, word, is_asked=True)]
    others = [*_SPECIAL, *(["or"] if values.place.values else [])]
    return [*fields, *((other, "") for other in others if other.startswith(word.lower()))]


def _keys(values: "Values", nouns: tuple[str, ...], word: str, *, is_asked: bool = False) -> "list[Offer]":
    """Fields as they are mostly typed; by the long key or the Chinese name where that was begun."""
    typed = word.lower().replace("-", "_")
    found: dict[str, str] = {}
    for noun in nouns:
        for key, short, chinese, kind in values.table.fields(noun):
            if is_asked and kind == "-":
                continue
            usual = short or key
            if usual.startswith(typed):
                found[usual] = chinese if values.is_chinese else ""
            elif typed and chinese.startswith(typed):
                found[chinese] = usual
            elif key.startswith(typed):
                found[key] = chinese if values.is_chinese else ""
    return list(found.items())


def _values_of(values: "Values", nouns: tuple[str, ...], name: str, word: str) -> "list[Offer]":
    """The values of a field, of the first noun that has it."""
    typed = name.strip().lower().replace("-", "_")
    for noun in nouns:
        for key, short, chinese, kind in values.table.fields(noun):
            if typed not in (key, short, chinese):
                continue
            if kind in ("ahead", "back"):
                words = (_AHEAD if kind == "ahead" else _BACK).split()
                return [(text, "") for text in words if text.startswith(word)]
            return [(_in_quotes(found), text) for found, text in _whole(values, kind, word)]
    return []


def _whole(values: "Values", kinds: str, word: str) -> "list[Offer]":
    """Names as values: numbers of records say nothing here."""
    found: list[Offer] = []
    for kind in kinds.split("+"):
        if kind in ("customer", "contact", "deal"):
            column = "title" if kind == "deal" else "name"
            rows = values.rows(
                f"SELECT DISTINCT {column}, {column}_key FROM {kind} WHERE removed_at IS NULL"
                f" AND {column}_key >= ? AND {column}_key < ? ORDER BY {column}_key LIMIT 50",
                (key_of(word), key_of(word) + "\U0010ffff"),
            )
            found += [(shown, "") for shown in (typable(*row) for row in rows) if shown]
        elif kind:
            found += values.one(kind, word)
    return found


def _segments(values: "Values", nouns: tuple[str, ...], word: str) -> "list[Offer]":
    rows = values.rows("SELECT name, name_key, query, noun FROM segment WHERE removed_at IS NULL ORDER BY name_key")
    key = key_of(word).rstrip()
    shown = [(typable(name, own), query) for name, own, query, noun in rows if own.startswith(key) and noun in nouns]
    return [(name, query if query.isprintable() else "") for name, query in shown if name]


def _bare(value: str) -> str:
    """A value without the quote that the query language opened."""
    return value[1:].replace('""', '"') if value[:1] == '"' else value


def _in_quotes(value: str) -> str:
    """A value that could be read as more than one term stands in quotes of the query language."""
    words = value.lower().split()
    is_plain = not any(mark in value for mark in "\"'()（）:：＂") and "or" not in words and "and" not in words
    return (
        value if is_plain and value[:1] not in "=<>~!*" and ".." not in value else '"' + value.replace('"', '""') + '"'
    )
