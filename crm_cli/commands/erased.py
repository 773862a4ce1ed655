"""What is said of an erase: counts, texts that still name somebody, copies that still hold them. Never the name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from crm_cli.commands.erasing import what_goes
from crm_cli.context import App
from crm_cli.i18n import listed, t

if TYPE_CHECKING:
    from crm_cli.actions.privacy import Erased

_SHOWN = 10
# what the rows of a table are called as data
_KEYS = {
    "customer": "customers", "contact": "contacts", "deal": "deals", "task": "tasks", "interaction": "interactions",
    "reach": "reaches", "tagging": "tags", "consent": "consents", "stage_change": "stage_changes", "snooze": "snoozes",
    "deal_contact": "deal_contacts", "interaction_contact": "interaction_contacts", "segment": "segments",
    "sales_order": "orders", "order_line": "order_lines", "deal_line": "deal_lines",
}  # fmt: skip


def counted(counts: dict[str, int]) -> dict[str, int]:
    """Counts with public keys, all of them."""
    return {key: counts.get(table, 0) for table, key in _KEYS.items()}


def report(app: App, refs: Sequence[str], erased: "Erased", copies: list[dict[str, Any]]) -> None:
    """Data on stdout, or sentences on stderr."""
    numbers = {"history": erased.history, "operations": erased.operations, "commands": erased.commands}
    texts = [{"ref": one.ref, "field": one.column} for one in erased.texts]
    if app.out.format in ("json", "jsonl"):
        answer: dict[str, Any] = {
            "refs": list(refs),
            "erased": counted(erased.counts),
            **numbers,
            "wiped": erased.wiped,
        }
        more = {"texts": texts, "backups": copies, "dry_run": app.dry_run, "op": None if app.dry_run else erased.op}
        app.out.json({**answer, **more})
        return
    if app.out.is_data or app.out.format == "md":
        every = {
            **counted(erased.counts),
            **numbers,
            "wiped": erased.wiped,
            "texts": len(texts),
            "backups": len(copies),
        }
        app.out.records("erasure", [{"what": what, "count": n} for what, n in every.items()])
        return
    _in_words(app, refs, erased, copies)


def _in_words(app: App, refs: Sequence[str], erased: "Erased", copies: list[dict[str, Any]]) -> None:
    out = app.out
    told = t(
        "Erased for good: {refs} ({what}), {n} lines of the history, {commands} command lines",
        refs=listed(refs[:_SHOWN]) + (" ..." if len(refs) > _SHOWN else ""),
        what=what_goes(erased.counts) or "-",
        n=erased.history,
        commands=erased.commands,
    )
    if app.dry_run:
        out.say("Trial, nothing was kept: {sentence}", sentence=told)
    elif not out.quiet:
        out.tell(told)
    if erased.wiped:
        out.say_many("{n} text of others was wiped", "{n} texts of others were wiped", erased.wiped)
    if erased.texts:
        out.say_many(
            "{n} text of others names them still: {where}. To wipe it too: --everywhere",
            "{n} texts of others name them still: {where}. To wipe them too: --everywhere",
            len(erased.texts),
            where=_first(dict.fromkeys(f"{one.ref} {one.column}" for one in erased.texts)),
        )
    _tell_copies(app, refs, copies)


def _tell_copies(app: App, refs: Sequence[str], copies: list[dict[str, Any]]) -> None:
    out = app.out
    done = [row for row in copies if row["rewritten"]]
    left = [row for row in copies if not row["rewritten"]]
    if done:
        out.say_many("{n} copy was rewritten", "{n} copies were rewritten", len(done))
    for row in left:
        if row["problem"]:
            out.say("{name} still holds them: {reason}", name=row["name"], reason=row["problem"])
    if left and not any(row["problem"] for row in left):
        line = f"crm privacy erase {refs[0]} --backups" if len(refs) == 1 else "--backups"
        out.say_many(
            "{n} copy still holds them: {names}. To rewrite it: {line}",
            "{n} copies still hold them: {names}. To rewrite them: {line}",
            len(left),
            names=_first(row["name"] for row in left),
            line=line,
        )


def _first(words: Any) -> str:
    found = list(words)
    return listed(found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else "")
