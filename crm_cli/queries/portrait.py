"""A customer on one page: who they are, how they buy, what they said, who decides, how to reach them, what is at risk,
and the next step; each line with the record that it comes from, and its day."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Any

from crm_cli.i18n import said
from crm_cli.queries import rates, scoring
from crm_cli.queries.conditions import Asker, Condition
from crm_cli.queries.followups import Scope, followups
from crm_cli.queries.icp import fit_of
from crm_cli.queries.moments import Moments
from crm_cli.queries.orders import ordered
from crm_cli.queries.privacy_consent import consents_of
from crm_cli.rules.histories import median
from crm_cli.rules.money import format_number
from crm_cli.rules.portrait import Discounts, Line, Named, Sentence, discounts, hours, season
from crm_cli.rules.rhythm import Rhythm, rhythm
from crm_cli.store.reader import Reader

_WORDS = 3  # conversations whose last words are shown
_PEOPLE = 4
_PRODUCTS = 3
_OTHERS = 100_000  # newest lines of others that a customer's discounts are held against
_FEWEST_LINES = 5


def portrait(db: Reader, customer_id: int, asker: Asker) -> list[Line]:
    """The lines in the order of ABOUT; a customer that nothing is known of has few."""
    own = db.dicts("SELECT * FROM customer WHERE id = :id", {"id": customer_id})[0]
    score = next(iter(db.dicts("SELECT * FROM score WHERE customer_id = :id", {"id": customer_id})), {})
    talks = db.dicts(
        "SELECT id, channel, direction, at, text FROM interaction WHERE customer_id = :id AND removed_at IS NULL"
        " AND at <= :now ORDER BY at DESC, id DESC",
        {"id": customer_id, "now": _kept_now(asker)},
    )
    moments = Moments(asker.now.tzinfo)
    for talk in talks:
        talk["at"] = moments.local(talk["at"])
    beat = _rhythm(db, customer_id, asker, talks)
    return [
        *_who(db, own, score, asker),
        *_buying(db, customer_id, asker, beat),
        *_needs(db, own, talks),
        *_people(db, customer_id),
        *_reach(db, own, talks, asker),
        *_risks_and_next(db, customer_id, asker, beat, score),
    ]


def _kept_now(asker: Asker) -> str:
    from crm_cli.rules.days import to_utc_text

    return to_utc_text(asker.now)


def _rhythm(db: Reader, customer_id: int, asker: Asker, talks: list[dict[str, Any]]) -> Rhythm:
    """Its own rhythm; that of all where it has too few orders, as it was scored last."""
    of = scoring.orders_of(db, rates.base(db), asker.today, (customer_id, customer_id)).get(customer_id)
    usual = db.value("SELECT interval_days FROM score WHERE orders = 1 AND interval_days IS NOT NULL LIMIT 1")
    days = [date.fromisoformat(talk["at"][:10]) for talk in talks]
    return rhythm(of.days if of else [], asker.today, contact_days=days, usual=usual)


# ------------------------------------------------------------------ who


def _who(db: Reader, own: dict[str, Any], score: dict[str, Any], asker: Asker) -> Iterator[Line]:
    ref = f"customer:{own['id']}"
    words: list[Any] = [Named("kind", own["kind"]), own["industry"]]
    if own["size"]:
        words.append(Named("people", str(own["size"])))
    words += [own["city"], own["region"] and Named("region", own["region"])]
    words.append(own["country"] and Named("country", own["country"]))
    tags = [
        name
        for (name,) in db.rows(
            "SELECT g.name FROM tagging y JOIN tag g ON g.id = y.tag_id WHERE y.customer_id = :id ORDER BY g.name_key",
            {"id": own["id"]},
        )
    ]
    words += [f"#{tag}" for tag in tags]
    yield Line("who", "{words}", {"words": [word for word in words if word]}, ref, own["created_at"][:10])
    stage, since = own["lifecycle"] or score.get("lifecycle"), score.get("lifecycle_since_on")
    if own["lifecycle"]:
        since = own["lifecycle_set_on"]
    if stage:
        sentence = said("{stage} since {day}") if since else "{stage}"
        holes: dict[str, Any] = {"stage": Named("lifecycle", stage), "day": since}
        if score.get("tier"):
            sentence = said("tier {tier}, {stage} since {day}") if since else said("tier {tier}, {stage}")
            holes["tier"] = Named("tier", score["tier"])
        yield Line("who", sentence, holes, "crm why", score.get("computed_on"))
    best = fit_of(db, own["id"])
    if best and best.fit.fit is not None:
        holes = {"n": best.fit.fit, "icp": best.ideal.name}
        yield Line("who", said("fits {icp} by {n} of 100"), holes, "crm icp fit", asker.today.isoformat())


# ------------------------------------------------------------------ how they buy


def _buying(db: Reader, customer_id: int, asker: Asker, beat: Rhythm) -> Iterator[Line]:
    sums = ordered(db, customer_id, asker.today)
    bound = {"id": customer_id, "today": asker.today.isoformat()}
    live = "so.customer_id = :id AND so.removed_at IS NULL AND so.ordered_on <= :today"
    last = db.row(
        f"SELECT so.id, so.ordered_on FROM sales_order so WHERE {live} ORDER BY 2 DESC, 1 DESC LIMIT 1", bound
    )
    if last is None:
        yield Line("buying", said("no orders yet"), {}, f"customer:{customer_id}")
        return
    ref, on = f"order:{last[0]}", last[1]
    for one in sums[:2]:
        holes = {"n": one["orders"], "amount": format_number(one["amount"], one["currency"]), "day": one["first_on"]}
        sentence = said("{amount} in {n} orders since {day}") if one["orders"] > 1 else said("{amount} in one order")
        yield Line("buying", sentence, holes, ref, one["last_on"])
    if beat.interval is not None and beat.last_on:
        sentence = (
            said("every {days} days (own median), last {silent} days ago")
            if beat.basis == "own"
            else said("every {days} days (median of all), last {silent} days ago")
        )
        holes = {"days": f"{beat.interval:g}", "silent": beat.silent}
        yield Line("buying", sentence, holes, ref, beat.last_on.isoformat())
    yield from _basket(db, live, bound, sums[0]["currency"], ref, on)
    days = [date.fromisoformat(day) for (day,) in db.rows(
        f"SELECT DISTINCT so.ordered_on FROM sales_order so WHERE {live} AND so.amount >= 0", bound)]  # fmt: skip
    when = season(days)
    if when and when.months:
        holes = {"months": [Named("month", str(month)) for month in when.months], "n": when.inside, "all": when.days}
        yield Line("buying", said("most in {months}: {n} of {all} order days"), holes, ref, on)
    elif when:
        yield Line("buying", said("no month stands out in {all} order days"), {"all": when.days}, ref, on)
    yield from _price(db, live, bound, ref, on)


def _basket(db: Reader, live: str, bound: dict[str, Any], currency: str, ref: str, on: str) -> Iterator[Line]:
    rows = db.rows(
        "SELECT so.amount, (SELECT count(*) FROM order_line l WHERE l.order_id = so.id) FROM sales_order so"
        f" WHERE {live} AND so.amount >= 0 AND so.currency = :currency",
        {**bound, "currency": currency},
    )
    usual = median(amount for amount, _ in rows)
    if usual is not None:
        from crm_cli.rules.money import amount_number

        mean = round(sum(amount for amount, _ in rows) / len(rows))
        counts = [n for _, n in rows if n]
        holes = {
            "lines": f"{sum(counts) / len(counts):.1f}" if counts else "",
            "mean": format_number(amount_number(mean, currency), currency),
            "median": format_number(amount_number(round(usual), currency), currency),
        }
        sentence = said("{mean} an order, median {median}")
        if counts:
            sentence = said("{lines} lines, {mean} an order; median {median}")
        yield Line("buying", sentence, holes, ref, on)
    bought = db.rows(
        "SELECT coalesce(g.name, l.text), g.id, g.removed_at IS NOT NULL, count(DISTINCT so.id), max(so.ordered_on)"
        " FROM sales_order so JOIN order_line l ON l.order_id = so.id LEFT JOIN product g ON g.id = l.product_id"
        f" WHERE {live} AND l.quantity > 0 GROUP BY coalesce(g.id, l.text) ORDER BY 4 DESC, 5 DESC, 1 LIMIT :most",
        {**bound, "most": _PRODUCTS},
    )
    if bought:
        told = [f"{name} {n}" for name, _, _, n, _ in bought]
        of = f"product:{bought[0][1]}" if bought[0][1] and not bought[0][2] else ref
        yield Line("buying", said("orders with {products}"), {"products": told}, of, bought[0][4])


def _price(db: Reader, live: str, bound: dict[str, Any], ref: str, on: str) -> Iterator[Line]:
    """Whether discounts are asked of us more than by others."""
    counted = "count(*), coalesce(sum(discount > 0), 0), coalesce(sum(discount), 0)"
    own = _discounts(
        db, f"SELECT {counted} FROM sales_order so JOIN order_line l ON l.order_id = so.id WHERE {live}", bound
    )
    if own is None or own.lines < _FEWEST_LINES:
        return  # too few to tell
    others = _discounts(
        db,
        f"SELECT {counted} FROM (SELECT l.discount FROM order_line l JOIN sales_order so ON so.id = l.order_id"
        " WHERE so.customer_id <> :id AND so.removed_at IS NULL AND so.ordered_on <= :today"
        f" ORDER BY l.id DESC LIMIT {_OTHERS})",
        bound,
    )
    holes: dict[str, Any] = {"share": f"{own.share:g}", "mean": f"{own.mean:g}"}
    sentence = said("discount on {share}% of lines, mean {mean}%")
    if not own.share and not (others and others.share):
        return  # nobody is given any
    if others:
        sentence = said("discount on {share}% of lines, mean {mean}%; others {share2}%, {mean2}%")
        holes |= {"share2": f"{others.share:g}", "mean2": f"{others.mean:g}"}
    yield Line("buying", sentence, holes, ref, on)


def _discounts(db: Reader, sql: str, bound: dict[str, Any]) -> Discounts | None:
    row = db.row(sql, bound)
    return discounts(*row) if row else None


# ------------------------------------------------------------------ what they said, who they are, how to reach them


def _needs(db: Reader, own: dict[str, Any], talks: list[dict[str, Any]]) -> Iterator[Line]:
    """What was noted, in its own words: nothing is read into them."""
    if own["note"]:
        yield Line("needs", "{text}", {"text": own["note"]}, f"customer:{own['id']}", _noted_on(db, own), True)
    for talk in [talk for talk in talks if talk["text"]][:_WORDS]:
        holes = {"channel": Named("channel", talk["channel"]), "text": talk["text"]}
        yield Line("needs", said("{channel}: {text}"), holes, f"interaction:{talk['id']}", talk["at"][:10], True)
    rows = db.rows(
        "SELECT d.id, d.title, d.lost_reason, coalesce(d.closed_on, d.opened_on) FROM deal d JOIN stage s"
        " ON s.id = d.stage_id WHERE d.customer_id = :id AND d.removed_at IS NULL AND s.kind = 'lost'"
        " AND d.lost_reason IS NOT NULL ORDER BY 4 DESC, 1 DESC LIMIT 2",
        {"id": own["id"]},
    )
    for deal_id, title, reason, day in rows:
        holes = {"title": title, "reason": reason}
        yield Line("needs", said("lost {title}: {reason}"), holes, f"deal:{deal_id}", day, True)


def _noted_on(db: Reader, own: dict[str, Any]) -> str:
    """The day on which the note was changed last, after the history; else the one on which the record was made."""
    at = db.value(
        "SELECT coalesce(j.at, o.at) FROM journal j LEFT JOIN operation o ON o.id = j.operation_id"
        " WHERE j.record = 'customer' AND j.row_id = :id AND j.kind = 'U' AND json_type(j.before, '$.note') IS NOT NULL"
        " ORDER BY j.id DESC LIMIT 1",
        {"id": own["id"]},
    )
    return str(at or own["created_at"])[:10]


def _people(db: Reader, customer_id: int) -> Iterator[Line]:
    rows = db.rows(
        "SELECT id, name, title, role, last_contact_on, prefers FROM contact WHERE customer_id = :id"
        " AND removed_at IS NULL ORDER BY role IS NOT 'decision-maker', role IS NULL, id",
        {"id": customer_id},
    )
    for contact_id, name, title, role, day, prefers in rows[:_PEOPLE]:
        words = [name, title, role and Named("role", role), prefers and Named("prefers", prefers)]
        yield Line("people", "{words}", {"words": [word for word in words if word]}, f"contact:{contact_id}", day)
    if len(rows) > _PEOPLE:
        line = f"crm contact list customer_id:{customer_id}"
        yield Line("people", said("{n} more: {line}"), {"n": len(rows) - _PEOPLE, "line": line})


def _reach(db: Reader, own: dict[str, Any], talks: list[dict[str, Any]], asker: Asker) -> Iterator[Line]:
    ref = f"customer:{own['id']}"
    if own["prefers"] or own["language"]:
        words = [
            own["prefers"] and Named("prefers", own["prefers"]),
            own["language"] and Named("speaks", own["language"]),
        ]
        yield Line("reach", "{words}", {"words": [word for word in words if word]}, ref)
    for consent in consents_of(db, "customer", own["id"], asker.now.tzinfo):
        if consent["in_force"] and consent["status"] == "withdrawn":
            withdrawn = {"channel": Named("channel", consent["channel"])}
            yield Line("reach", said("not by {channel}: consent withdrawn"), withdrawn, ref, str(consent["on"])[:10])
    spoken = [talk for talk in talks if talk["channel"] != "note"]
    theirs = [talk for talk in spoken if talk["direction"] == "in"]
    if theirs:
        ours = Counter(talk["channel"] for talk in spoken if talk["direction"] != "in")
        counts = Counter(talk["channel"] for talk in theirs)
        told = [
            Sentence(said("{channel} {n} (we {ours})"), {"channel": Named("channel", one), "n": n, "ours": ours[one]})
            for one, n in counts.most_common(3)
        ]
        newest = f"interaction:{theirs[0]['id']}"
        yield Line("reach", said("they turn to us: {channels}"), {"channels": told}, newest, theirs[0]["at"][:10])
    basis = theirs if hours([int(talk["at"][11:13]) for talk in theirs]) else spoken
    when = hours([int(talk["at"][11:13]) for talk in basis])
    if when:
        holes = {"from": f"{when.start:02}:00", "to": f"{when.end:02}:00", "n": when.inside, "all": when.talks}
        newest = f"interaction:{basis[0]['id']}"
        yield Line("reach", said("mostly from {from} to {to}: {n} of {all} talks"), holes, newest, basis[0]["at"][:10])


# ------------------------------------------------------------------ risks, and what to do


def _risks_and_next(db: Reader, customer_id: int, asker: Asker, beat: Rhythm, score: dict[str, Any]) -> Iterator[Line]:
    sheet = followups(
        db, asker, Scope(where=Condition("c.id = :portrait_id", {"portrait_id": customer_id}, frozenset()))
    )
    yield from _risks(db, customer_id, asker, beat, sheet)
    if sheet:
        first = sheet[0]
        sentence, holes = first["because"]
        what = {"what": Named("step", str(first["what"])) if first["kind"] in ("cadence", "risk") else first["what"]}
        reason = {"reason": Sentence(sentence, holes)}
        told = said("{what}: {reason}") if first["what"] else "{reason}"
        yield Line("next", told, {**what, **reason}, first["ref"], first["due_on"])
    elif score.get("next_order_on"):
        holes = {"day": score["next_order_on"]}
        yield Line(
            "next", said("an order is likely on {day}: ask beforehand"), holes, "crm predict", score["computed_on"]
        )
    else:
        line = f"crm task add TEXT --customer {customer_id}"
        yield Line("next", said("nothing is planned: {line}"), {"line": line}, f"customer:{customer_id}")


def _risks(db: Reader, customer_id: int, asker: Asker, beat: Rhythm, sheet: list[dict[str, Any]]) -> Iterator[Line]:
    is_seen = False
    if beat.state in ("warn", "lost") and beat.last_on:
        is_seen = True
        last = db.value(
            "SELECT id FROM sales_order WHERE customer_id = :id AND ordered_on = :day AND removed_at IS NULL"
            " ORDER BY id DESC LIMIT 1",
            {"id": customer_id, "day": beat.last_on.isoformat()},
        )
        holes: dict[str, Any] = {"silent": beat.silent, "days": f"{beat.interval:g}", "risk": beat.risk}
        sentence = said("no order for {silent} days, usually every {days}; risk {risk} of 100")
        yield Line("risks", sentence, holes, f"order:{last}", beat.last_on.isoformat())
    for row in [row for row in sheet if row["kind"] == "quiet"][:2]:
        is_seen = True
        holes = {"deal": row["deal"], "reason": Sentence(*row["because"])}
        yield Line("risks", said("{deal}: {reason}"), holes, row["ref"], row["since"])
    late = [row for row in sheet if row["kind"] == "task" and row["bucket"] == "overdue"]
    if late:
        is_seen = True
        oldest = min(late, key=lambda row: row["due_on"])
        holes = {"n": len(late), "what": oldest["what"]}
        yield Line("risks", said("{n} overdue: {what}"), holes, oldest["ref"], oldest["due_on"], True)
    rows = db.rows(
        "SELECT d.id, d.title, d.risk, d.expected_close_on FROM deal d JOIN stage s ON s.id = d.stage_id"
        " WHERE d.customer_id = :id AND d.removed_at IS NULL AND s.kind = 'open'"
        " AND (d.risk IS NOT NULL OR d.expected_close_on < :today) ORDER BY d.risk IS NULL, d.id DESC LIMIT 2",
        {"id": customer_id, "today": asker.today.isoformat()},
    )
    for deal_id, title, risk, close in rows:
        is_seen = True
        sentence = said("{title}: {risk}") if risk else said("{title} should have closed")
        yield Line("risks", sentence, {"title": title, "risk": risk}, f"deal:{deal_id}", close, bool(risk))
    if not is_seen:
        yield Line("risks", said("none seen"), {})
