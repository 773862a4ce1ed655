"""A reference as typed -> the one record meant, or NotFound, or Ambiguous with the candidates; never the first hit.

The steps are tried in order and the first with a hit decides: id, exact name, e-mail or phone or website,
beginning of the name, part of the name. Within a step a customer wins over a contact, a contact over a deal, a deal
over a task.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from crm_cli.errors import Ambiguous, CrmError, Misuse, NotFound
from crm_cli.i18n import language, listed
from crm_cli.queries.sources import OPEN, TABLE
from crm_cli.rules import normalise
from crm_cli.rules.names import shown
from crm_cli.rules.nearness import nearest_names
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader

KINDS = ("customer", "contact", "deal", "task", "interaction", "order", "product")
NAME = {"customer": "name", "contact": "name", "deal": "title", "task": "text", "interaction": "text"}
NAME |= {"order": "number", "product": "name"}
KEY = {"customer": "name_key", "contact": "name_key", "deal": "title_key", "task": "text_key"}
KEY |= {"order": "number_key", "product": "name_key"}
# what a record says of its customer: itself, or none
_LINKED = {"customer": "x.id, x.name", "product": "NULL, NULL"}
_SHOWN = 20  # candidates that an ambiguous answer names


class Found(NamedTuple):
    """One record: its kind, id and name, and the customer it belongs to (itself for a customer)."""

    kind: str
    id: int
    name: str
    customer_id: int | None
    customer: str | None

    @property
    def ref(self) -> str:
        return f"{self.kind}:{self.id}"

    def candidate(self) -> dict[str, Any]:
        return {"ref": self.ref, "kind": self.kind, "id": self.id, "name": self.name, "customer": self.customer}


class Finder:
    """Looks among `kinds`; `scope` narrows a kind further (`{"deal": "x.stage_id IN ..."}`, table alias x)."""

    def __init__(
        self,
        db: Reader,
        kinds: Sequence[str],
        *,
        scope: Mapping[str, str] | None = None,
        removed: bool = False,
        country: str | None = None,
    ) -> None:
        self.db = db
        self.kinds = [kind for kind in KINDS if kind in kinds]
        self.scope = scope or {}
        self.removed = removed
        self.country = country

    def one(self, text: str) -> Found:
        """The record that a reference means."""
        typed = text.strip()
        if not typed:
            raise Misuse("An empty reference names nothing", hint="Type an id, a name, an e-mail or a phone number.")
        prefixed = self._by_kind(typed)
        if prefixed:
            return prefixed
        hit = self.fitting(typed, self.kinds)
        if hit:
            return hit
        return self._path(typed) or self._nothing(typed)

    def _by_kind(self, typed: str) -> Found | None:
        """`customer:12`, `contact:jane`: the prefix names the kind."""
        head, colon, rest = typed.replace("：", ":").partition(":")
        kind = head.strip().lower()
        if not colon or kind not in KINDS or not rest.strip():
            return None
        if kind not in self.kinds:
            raise Misuse(
                "{ref} is a {kind}, and here stands a {wanted}",
                ref=typed,
                kind=shown("noun", kind, language()),
                wanted=" / ".join(shown("noun", wanted, language()) for wanted in self.kinds),
            )
        return self.fitting(rest.strip(), [kind]) or self._nothing(rest.strip(), [kind])

    def _path(self, typed: str) -> Found | None:
        """`acme/renewal`: the deal or person of a customer."""
        left, slash, right = typed.rpartition("/")
        inner = [kind for kind in ("contact", "deal", "task") if kind in self.kinds]
        if not slash or not left.strip() or not right.strip() or not inner:
            return None
        try:
            owner = Finder(self.db, ["customer"], country=self.country).one(left.strip())
        except NotFound:
            return None
        own = f"x.customer_id = {owner.id}"
        scope: dict[str, str] = {
            kind: f"({self.scope[kind]}) AND {own}" if kind in self.scope else own for kind in inner
        }
        finder = Finder(self.db, inner, scope=scope, removed=self.removed, country=self.country)
        return finder.fitting(right.strip(), inner)

    def fitting(self, typed: str, kinds: Sequence[str]) -> Found | None:
        """What a name, an id or a way to reach means among the kinds; None where nothing fits."""
        key = fold(typed)
        steps = [self._by_id, self._by_code, self._by_name, self._by_reach]
        if list(kinds) == ["product"]:  # a code may be digits alone, and is what people know a product by
            steps = [self._by_code, self._by_id, self._by_name]
        if not _is_number(key):  # digits alone are an id, then a phone, never a piece of a name
            steps += [self._by_beginning, self._by_part]
        for step in steps:
            for kind in kinds:
                hits = step(kind, typed, key)
                if len(hits) > 1:
                    raise Ambiguous(
                        "{text} may be several",
                        hint="Name one by its id, as {ref}.",
                        text=typed,
                        ref=hits[0].ref,
                        candidates=[hit.candidate() for hit in hits],
                    )
                if hits:
                    return hits[0]
        return None

    def select(self, kind: str, test: str, params: dict[str, Any], *, limit: int = _SHOWN + 1) -> list[Found]:
        """Records of a kind that can be meant here and pass a test."""
        name = NAME[kind]
        linked = _LINKED.get(kind, "x.customer_id, k.name")
        join = "" if kind in _LINKED else " LEFT JOIN customer k ON k.id = x.customer_id"
        narrowed = f" AND ({self.scope[kind]})" if kind in self.scope else ""
        gone = "NOT NULL" if self.removed else "NULL"
        rows = self.db.rows(
            f"SELECT x.id, coalesce(x.{name}, ''), {linked} FROM {TABLE[kind]} x{join}"
            f" WHERE {test} AND x.removed_at IS {gone}{narrowed} ORDER BY x.id LIMIT {limit}",
            params,
        )
        return [Found(kind, *row) for row in rows]

    def _by_id(self, kind: str, typed: str, key: str) -> list[Found]:
        if not _is_number(key) or len(key) > 18:
            return []
        return self.select(kind, "x.id = :id", {"id": int(key)})

    def _by_name(self, kind: str, typed: str, key: str) -> list[Found]:
        return self.select(kind, f"x.{KEY[kind]} = :key", {"key": key}) if kind in KEY and key else []

    def _by_code(self, kind: str, typed: str, key: str) -> list[Found]:
        return self.select(kind, "x.code_key = :key", {"key": key}) if kind == "product" and key else []

    def by_reach(self, kind: str, typed: str) -> list[Found]:
        """Customers or contacts whose e-mail, phone, website or handle has the key of this one."""
        for reach, value in self._reach_keys(typed):
            test = f"x.id IN (SELECT {kind}_id FROM reach WHERE value_key = :value AND kind = :reach)"
            hits = self.select(kind, test, {"value": value, "reach": reach})
            if hits:
                return hits
        return []

    def _by_reach(self, kind: str, typed: str, key: str) -> list[Found]:
        if kind not in ("customer", "contact"):
            return []
        return self.by_reach(kind, typed) or self._by_digits(kind, typed)

    def _by_digits(self, kind: str, typed: str) -> list[Found]:
        """A phone typed as it was typed once: its key may have another country's prefix than it would get today."""
        digits = digits_typed(typed)
        if len(digits) < WHOLE_NUMBER:
            return []
        test = f"x.id IN (SELECT r.{kind}_id FROM reach r WHERE {AS_TYPED})"
        return self.select(kind, test, {"digits": digits, "tail": digits[-TAIL:]})

    def _reach_keys(self, typed: str) -> Iterator[tuple[str, str]]:
        tests: list[tuple[str, Callable[[str], bool]]] = [
            ("email", normalise.is_email),
            ("phone", normalise.looks_like_phone),
            ("website", normalise.looks_like_website),
        ]
        for reach, test in tests:
            if test(typed):
                try:
                    yield reach, normalise.reach_key(reach, typed, country=self.country)
                except CrmError:
                    continue
        yield "messenger", normalise.messenger_key(typed)

    def _by_beginning(self, kind: str, typed: str, key: str) -> list[Found]:
        if kind not in KEY or not key:
            return []
        return self.select(
            kind, f"x.{KEY[kind]} >= :low AND x.{KEY[kind]} < :high", {"low": key, "high": key + "\U0010ffff"}
        )

    def _by_part(self, kind: str, typed: str, key: str) -> list[Found]:
        return self.select(kind, f"instr(x.{KEY[kind]}, :key) > 0", {"key": key}) if kind in KEY and key else []

    def _nothing(self, typed: str, kinds: Sequence[str] | None = None) -> Found:
        from crm_cli.queries.nearby import nothing_fits

        raise nothing_fits(self, typed, kinds or self.kinds)


# The digits of a phone r as it was typed.
PHONE_DIGITS = "r.value"
for _sign in " -./()\u00a0\u2009\u2011\u2013":
    PHONE_DIGITS = f"replace({PHONE_DIGITS}, '{_sign}', '')"
WHOLE_NUMBER = 5
_PIECE = 3
TAIL = 4  # digits that a number and its key end with alike, whatever country it was typed in
PHONE_KEYS = (
    "kind = 'phone' AND value_key >= '+' AND value_key < ':'"  # they begin with + or a digit: a piece of an index
)
# A phone r that was typed with these digits: numbers are long to take apart, so their keys are asked first.
AS_TYPED = (
    f"r.id IN (SELECT id FROM reach WHERE {PHONE_KEYS} AND instr(value_key, :tail) > 0) AND {PHONE_DIGITS} = :digits"
)


def digits_typed(text: str) -> str:
    """The digits of what may be a phone number, or a piece of one; empty where it is something else."""
    plain = fold(text)
    digits = "".join(sign for sign in plain if sign.isascii() and sign.isdigit())
    rest = set(plain) - set(digits) - set(" -./()\u2011\u2013")
    return digits if len(digits) >= _PIECE and not rest else ""


def _is_number(key: str) -> bool:
    return key.isascii() and key.isdigit()


OPEN_DEALS = f"x.stage_id IN {OPEN}"
CLOSED_DEALS = "x.stage_id IN (SELECT id FROM stage WHERE kind <> 'open')"
OPEN_TASKS = "x.done_at IS NULL"
DONE_TASKS = "x.done_at IS NOT NULL"


def find_stage(db: Reader, text: str, *, pipeline_id: int | None = None, kind: str = "") -> tuple[int, str, str, int]:
    """A stage by id, name in either language, beginning or part -> (id, name, kind, pipeline id)."""
    from crm_cli.rules.names import canonical

    rows = [
        row
        for row in db.rows(
            "SELECT id, name, kind, pipeline_id, name_key FROM stage WHERE removed_at IS NULL"
            " ORDER BY pipeline_id, position"
        )
        if (pipeline_id is None or row[3] == pipeline_id) and (not kind or row[2] == kind)
    ]
    hit = pick_row(rows, text, noun="stage", alias=canonical("stage", fold(text)))
    return hit[0], hit[1], hit[2], hit[3]


def pick_row(rows: list[tuple[Any, ...]], text: str, *, noun: str, alias: str | None = None) -> tuple[Any, ...]:
    """The ladder over small tables: rows of (id, name, ..., folded name); the last cell is the key."""
    key = fold(text)
    steps: list[Callable[[tuple[Any, ...]], bool]] = [
        lambda row: row[-1] == key,
        lambda row: alias is not None and row[-1] == alias,
        lambda row: key.isdigit() and str(row[0]) == key,
        lambda row: bool(key) and row[-1].startswith(key),
        lambda row: bool(key) and key in row[-1],
    ]
    for step in steps:
        hits = [row for row in rows if step(row)]
        if len(hits) > 1:
            raise Ambiguous(
                "{text} may be several",
                hint="Name one by its id.",
                text=text,
                candidates=[{"kind": noun, "id": row[0], "name": row[1]} for row in hits],
            )
        if hits:
            return hits[0]
    near = nearest_names(key, [row[-1] for row in rows])
    raise NotFound(
        {
            "stage": "No stage is called {name}",
            "pipeline": "No pipeline is called {name}",
            "member": "No member is called {name}",
            "tag": "No tag is called {name}",
            "segment": "No segment is called {name}",
            "view": "No view is called {name}",
            "tier": "No tier is called {name}",
            "icp": "No ideal customer is called {name}",
        }[noun],
        hint="Did you mean {near}?" if near else ("Known: {known}" if rows else "There is none yet."),
        instead=(text, *near),
        name=text,
        near=listed(near) or None,
        known=listed(dict.fromkeys(shown(noun, str(row[1]), language()) for row in rows[:12])),
    )
