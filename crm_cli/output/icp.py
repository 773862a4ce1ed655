"""Ideal customers on the screen: what one asks for, how well somebody fits, and what deals teach."""

from collections.abc import Sequence
from typing import Any

from crm_cli.i18n import language, listed, t
from crm_cli.output import cards
from crm_cli.output.cells import heading
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.fit import OWN, Best, Criterion, Part, Prospect
from crm_cli.rules.lessons import Lesson
from crm_cli.rules.text import clean, width

Row = dict[str, Any]


def field_shown(field: str) -> str:
    """What a field is called in the user's language."""
    return clean(field.removeprefix(OWN)) if field.startswith(OWN) else heading("customer", field)


def want_shown(one: Criterion) -> str:
    """What is asked: words in the user's language, or a range."""
    if one.is_range:
        return one.spelled()
    return clean(listed(_word(one.field, word) for word in one.want))


def _word(field: str, word: str) -> str:
    from crm_cli.rules.countries import country_shown
    from crm_cli.rules.places import region_shown

    if field == "country":
        return country_shown(word, language())
    if field == "region":
        return region_shown(word, language())
    return names.shown("kind", word, language()) if field == "kind" else word


def criteria_shown(criteria: Sequence[Row]) -> str:
    """The criteria of a version in one line, with the weights that are not 1."""
    told = []
    for one in map(_criterion, criteria):
        text = f"{field_shown(one.field)} {want_shown(one)}"
        told.append(f"{text} ({one.weight})" if one.weight != 1 else text)
    return listed(told, clauses=True)


def _criterion(row: Row) -> Criterion:
    return Criterion(row["field"], tuple(row["want"] or ()), row["from"], row["to"], row["weight"])


def show_icp(out: Output, row: Row) -> None:
    """An object as JSON; lines for a person."""
    if out.is_data or out.format == "md":
        out.record("icp", row)
        return
    title = t("{name}, version {version} of {versions}", **{key: row[key] for key in ("name", "version", "versions")})
    out.lines([cards.styled(clean(title), cards.BOLD, out.colour)])
    whole = sum(one["weight"] for one in row["criteria"]) or 1
    lines = []
    for one in map(_criterion, row["criteria"]):
        share = round(100 * one.weight / whole)
        lines.append((field_shown(one.field), t("{want}; {weight} of 100 points", want=want_shown(one), weight=share)))
    _entries(out, lines)
    if len(row["history"]) > 1:
        cards.section(out, t("Versions"), len(row["history"]))
        _entries(
            out,
            [
                (f"{old['version']}  {old['created_at'][:10]}", criteria_shown(old["criteria"]))
                for old in row["history"]
            ],
        )


def _entries(out: Output, lines: Sequence[tuple[str, str]]) -> None:
    indent = max((width(label) for label, _ in lines), default=0) + 2
    for label, text in lines:
        out.lines(cards.entry(label, text, indent, out.width if out.is_terminal else 0))


# ------------------------------------------------------------------ fit


def show_fit(out: Output, customer_id: int, name: str, fits: Sequence[Best], priority: Prospect | None) -> None:
    """How well a customer fits the ideal customer that it fits best; the others by their number."""
    if out.format in ("json", "jsonl"):
        out.json(_fit_object(customer_id, name, fits, priority))
        return
    best = fits[0] if fits else None
    if out.is_data or out.format == "md":
        out.records("icp_fit", [_part_row(part) for part in best.fit.parts] if best else [])
        return
    out.lines([cards.styled(clean(name), cards.BOLD, out.colour)])
    if best is None:
        out.say("There is no ideal customer to measure against: crm icp add NAME, or crm icp learn")
    else:
        _draw_fit(out, best, fits[1:])
    _draw_priority(out, priority)


def _draw_fit(out: Output, best: Best, others: Sequence[Best]) -> None:
    ideal, fit = best
    if fit.fit is None:
        text = t("nothing that {icp} asks for is known", icp=ideal.name)
    else:
        text = t("{n} of 100 with {icp}, version {version}; {known}% of the weight is known",
                 n=fit.fit, icp=ideal.name, version=ideal.version, known=fit.known)  # fmt: skip
    lines = [(t("fit"), clean(text))]
    lines += [(f"  {field_shown(part.criterion.field)}", _part_text(part)) for part in fit.parts]
    for other in others:
        number = "-" if other.fit.fit is None else str(other.fit.fit)
        lines.append((t("also"), clean(t("{n} of 100 with {icp}", n=number, icp=other.ideal.name))))
    _entries(out, lines)


def _part_text(part: Part) -> str:
    value = part.value
    told = clean(listed(map(str, value)) if isinstance(value, tuple) else _word(part.criterion.field, str(value or "")))
    words = {
        "matched": t("{value} is wanted", value=told),
        "near": t("{value} is near {want}", value=told, want=want_shown(part.criterion)),
        "not": t("{value} is not {want}", value=told or "-", want=want_shown(part.criterion)),
        "unknown": t("not known, counts half; wanted is {want}", want=want_shown(part.criterion)),
    }
    return t("{points} of {most}: {what}", points=f"{part.points:.0f}", most=f"{part.most:.0f}", what=words[part.state])


def _draw_priority(out: Output, priority: Prospect | None) -> None:
    if priority is None:
        _entries(out, [(t("priority"), t("none: it has bought already and has no open deal, or is closed"))])
        return
    words = {"fit": t("fit"), "intent": t("intent"), "capacity": t("capacity")}
    told = listed(
        t("{what} {points} of {most}", what=words[name], points=f"{points:.0f}", most=f"{most:.0f}")
        for name, points, most in priority.parts
    )
    _entries(out, [(t("priority"), t("{n} of 100: {parts}", n=priority.priority, parts=told))])


def _fit_object(customer_id: int, name: str, fits: Sequence[Best], priority: Prospect | None) -> Row:
    best = fits[0] if fits else None
    own: Row = {"customer": name, "customer_id": customer_id, "fit": None, "icp": None, "version": None, "known": None}
    if best:
        own |= {"fit": best.fit.fit, "icp": best.ideal.name, "version": best.ideal.version, "known": best.fit.known}
    own["parts"] = [_part_row(part) for part in best.fit.parts] if best else []
    own["others"] = [{"icp": other.ideal.name, "fit": other.fit.fit} for other in fits[1:]]
    own["priority"] = priority.priority if priority else None
    own["priority_parts"] = [
        {"part": part, "points": round(points, 1), "most": round(most, 1)}
        for part, points, most in (priority.parts if priority else ())
    ]
    return own


def _part_row(part: Part) -> Row:
    value = list(part.value) if isinstance(part.value, tuple) else part.value
    return {
        "field": part.criterion.field,
        "wanted": part.criterion.spelled(),
        "value": value,
        "state": part.state,
        "points": round(part.points, 1),
        "most": round(part.most, 1),
    }


# ------------------------------------------------------------------ what deals teach


def show_lesson(
    out: Output,
    lesson: Lesson,
    wanted: Sequence[Criterion],
    fewest: int,
    keys: list[str] | None,
    *,
    everything: bool,
) -> None:
    """Values with their counts, and what they propose."""
    shown = [row for row in lesson.rows if everything or row.seen >= fewest]
    rows = [_learned_row(row) for row in shown]
    if out.format in ("json", "jsonl"):
        out.json(
            {
                "won": lesson.won,
                "lost": lesson.lost,
                "left_out": lesson.left_out,
                "enough": lesson.is_enough,
                "values": rows,
                "proposed": [
                    {"field": c.field, "want": list(c.want) or None, "from": c.low, "to": c.high, "weight": c.weight}
                    for c in wanted
                ],
            }
        )
        return
    out.records("icp_learn", rows, keys, nothing=t("Nothing to learn from."))
    if out.is_data:
        return
    out.say("Learned from {won} won and {lost} lost deals; base is their win rate, lift what a value does to it",
            won=lesson.won, lost=lesson.lost)  # fmt: skip
    if lesson.left_out:
        out.say_many(
            "{n} deal without a customer is left out", "{n} deals without a customer are left out", lesson.left_out
        )
    if not lesson.is_enough:
        out.say(*lesson.too_little()[:1], **lesson.too_little()[1])
    elif not wanted:
        out.say("No value sets won deals apart from lost ones by more than chance: nothing is proposed")
    else:
        told = listed((f"{field_shown(c.field)} {want_shown(c)} ({c.weight})" for c in wanted), clauses=True)
        out.say("Proposed, with weights: {criteria}; to keep it: crm icp learn --apply NAME", criteria=told)


def _learned_row(row: Any) -> Row:
    return {
        "field": row.field,
        "value": row.value,
        "won": row.won,
        "lost": row.lost,
        "win_rate": round(row.win_rate, 1),
        "smoothed": round(row.smoothed, 1),
        "lift": round(row.lift, 2),
        "proposed": row.proposed,
    }
