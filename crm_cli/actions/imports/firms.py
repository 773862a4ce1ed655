"""Companies by another spelling of their name: Acme, Inc. is Acme Inc; who is only like one is named in the report."""

from collections.abc import Iterable, Sequence
from typing import Any

from crm_cli.actions.imports.run import Note, Run
from crm_cli.rules.companies import company_key, legal_key, names_company
from crm_cli.rules.places import place_names

_MOST = 200  # new rows for which it is worth while to look who is like them; `crm dupes` does it for all
_TOLD = 5
_ALIKE = "{name} of line {line} looks like {ref} {known}; both are kept: crm dupes"
_MORE = "{n} more new customers look like others: crm dupes"


def firm_keys(
    keys: Sequence[str | None], kinds: Sequence[Any], guessed: Sequence[Any] | None
) -> tuple[list[str | None], list[str | None]]:
    """Of folded names: the key of those that have other spellings, and the kind where a legal form says it.

    `kinds` is what the file says, `guessed` what its columns tell; a person's name is only itself.
    """
    firms: list[str | None] = []
    told: list[str | None] = list(guessed) if guessed is not None else [None] * len(keys)
    for place, key in enumerate(keys):
        kind = kinds[place] or told[place]
        if key is None or kind == "person":
            firms.append(None)
            continue
        if kind is None and names_company(key):
            told[place] = "company"
        legal = legal_key(key)
        firms.append(legal if legal != key else None)
    return firms, told


def spellings(run: Run, rows: str) -> bool:
    """Fill s_spelled: the key of a firm -> names of companies here that are another spelling of it.

    `rows` is a query for n. Only names that begin as one of the rows does are looked at, by the index of names.
    """
    run.execute("DELETE FROM s_spelled")
    company = "(r.kind = 'company' OR (r.kind IS NULL AND r.kind_new IS NOT 'person'))"
    found = run.rows(
        f"SELECT DISTINCT coalesce(r.firm_key, r.name_key) FROM ({rows}) w JOIN s_row r ON r.n = w.n WHERE {company}"
    )
    wanted = {key for (key,) in found if key}
    candidates = _beginning(run, {_head(key) for key in wanted})
    pairs = [(key, name) for name, key in ((name, legal_key(name)) for _, name in candidates) if key in wanted]
    run.db.fill("s_spelled", ("key", "name_key"), pairs)
    return bool(pairs)


def _head(key: str) -> str:
    """What every spelling of a name begins with: its first word, or two Chinese signs."""
    first = key.split(" ", 1)[0]
    return first if first.isascii() else key[:2]


def _beginning(run: Run, heads: Iterable[str]) -> list[tuple[int, str]]:
    """Companies whose folded names begin with one of these."""
    run.execute("DELETE FROM s_prefix")
    run.db.fill("s_prefix", ("low", "high"), sorted((head, head + "\U0010ffff") for head in heads if head))
    return [
        (number, name)
        for number, name in run.rows(
            "SELECT DISTINCT d.id, d.name_key FROM s_prefix p CROSS JOIN customer d ON d.name_key >= p.low"
            " AND d.name_key < p.high WHERE d.kind = 'company' AND d.removed_at IS NULL"
        )
    ]


def tell_alike(run: Run) -> None:
    """New companies that have the name of one here but for its legal form or place: said, and never merged."""
    if run.noun != "customer" or not run.db.value("SELECT 1 FROM customer LIMIT 1"):
        return
    rows = run.rows(
        "SELECT r.line, r.name, r.name_key FROM s_row r WHERE NOT EXISTS (SELECT 1 FROM s_match m WHERE m.n = r.n)"
        f" AND coalesce(r.kind, r.kind_new, 'company') = 'company' ORDER BY r.n LIMIT {_MOST + 1}"
    )
    if not rows or len(rows) > _MOST:
        return
    keys = {line: company_key(key) for line, _, key in rows}
    known: dict[str, int] = {}
    for number, name in _beginning(run, {head for key in keys.values() for head in _heads(key)}):
        known.setdefault(company_key(name), number)
    alike = [(line, name, known[keys[line]]) for line, name, _ in rows if keys[line] in known]
    for line, name, number in alike[:_TOLD]:
        other = run.db.value("SELECT name FROM customer WHERE id = :id", {"id": number})
        told = {"name": name, "line": line, "ref": f"customer:{number}", "known": other}
        run.counts.told.append(Note(_ALIKE, told))
    if len(alike) > _TOLD:
        run.counts.told.append(Note(_MORE, {"n": len(alike) - _TOLD}))


def _heads(key: str) -> list[str]:
    """What names with this core begin with: the core, in Chinese any place before it too."""
    first = key.split(" ", 1)[0]
    if first.isascii():
        return [first]
    return [key[:2], *(place + end + key[:2] for place in place_names() for end in ("", "市", "省"))]
