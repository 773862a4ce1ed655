"""Where customers came from, and what became of them."""

from typing import Any

from crm_cli.queries.conditions import Condition
from crm_cli.rules.money import amount_number
from crm_cli.rules.text import fold
from crm_cli.store.reader import Reader


def sources(db: Reader, where: Condition, span: tuple[str | None, str | None]) -> list[dict[str, Any]]:
    """Rows of source, customers, buyers (with a won deal), deals, open, won, lost, win_rate (won of won and lost, in
    percent), won_amount and open_amount [{amount, currency, deals}]; the one with most customers first.

    `where` is about customer c; `span` holds the first and last moment (UTC) of their creation. Sources that differ in
    case, width or accents only are one; the spelling that most have is shown.
    """
    tests, params = [f"({where.sql})", "c.removed_at IS NULL"], dict(where.params)
    for name, sign, value in (("low", ">=", span[0]), ("high", "<", span[1])):
        if value:
            tests.append(f"c.created_at {sign} :{name}")
            params[name] = value
    chosen = " AND ".join(tests)
    found: dict[str, dict[str, Any]] = {}
    spelled: dict[str, dict[str | None, int]] = {}
    for source, customers in db.rows(f"SELECT c.source, count(*) FROM customer c WHERE {chosen} GROUP BY 1", params):
        row = found.setdefault(fold(source or ""), _empty())
        row["customers"] += customers
        spelled.setdefault(fold(source or ""), {})[source] = customers
    for key, row in found.items():
        row["source"] = max(spelled[key], key=lambda text: (spelled[key][text], str(text)))
    _add_deals(db, chosen, params, found)
    for row in found.values():
        closed = row["won"] + row["lost"]
        row["win_rate"] = round(100 * row["won"] / closed, 1) if closed else None
    return sorted(found.values(), key=lambda row: (-row["customers"], row["source"] is None, str(row["source"])))


def _empty() -> dict[str, Any]:
    counts = dict.fromkeys(("customers", "buyers", "deals", "open", "won", "lost"), 0)
    return {"source": None, **counts, "win_rate": None, "won_amount": [], "open_amount": []}


def _add_deals(db: Reader, chosen: str, params: dict[str, Any], found: dict[str, dict[str, Any]]) -> None:
    rows = db.rows(
        "SELECT c.source, s.kind, d.currency, count(*), sum(d.amount) FROM customer c JOIN deal d ON"
        " d.customer_id = c.id AND d.removed_at IS NULL JOIN stage s ON s.id = d.stage_id"
        f" WHERE {chosen} GROUP BY 1, 2, 3 ORDER BY 3",
        params,
    )
    sums: dict[tuple[str, str, str], list[int]] = {}
    for source, kind, currency, deals, amount in rows:
        row = found[fold(source or "")]
        row["deals"] += deals
        row[kind] += deals
        if currency and amount is not None and kind != "lost":
            held = sums.setdefault((fold(source or ""), f"{kind}_amount", currency), [0, 0])
            held[0] += amount
            held[1] += deals
    for (key, name, currency), (amount, deals) in sums.items():
        found[key][name].append({"amount": amount_number(amount, currency), "currency": currency, "deals": deals})
    buyers = db.rows(
        "SELECT c.source, count(*) FROM customer c WHERE EXISTS (SELECT 1 FROM deal d JOIN stage s ON s.id = d.stage_id"
        f" WHERE d.customer_id = c.id AND d.removed_at IS NULL AND s.kind = 'won') AND {chosen} GROUP BY 1",
        params,
    )
    for source, count in buyers:
        found[fold(source or "")]["buyers"] += count
