"""What an import says: how a file was understood, what came of it, what is wrong with its rows."""

from collections.abc import Sequence
from typing import Any

from crm_cli.actions.imports.engine import ImportResult, Problem
from crm_cli.context import App
from crm_cli.i18n import language, listed, t, tn
from crm_cli.output.output import Output
from crm_cli.rules import names
from crm_cli.rules.text import clean, fit

_SHOWN = 20  # bad rows that a table names


def speak(
    app: App, results: list[tuple[str, ImportResult]], *, explain: bool, guessed: bool, left: Sequence[str] = ()
) -> None:
    """The reports in the chosen format; `left` are files that were not imported because of the one before."""
    out = app.out
    if out.format in ("json", "jsonl"):
        reports = [
            result.report
            | ({"file": source} if len(results) > 1 or left else {})
            | ({"understood": _as_data(result.understood)} if explain else {})
            for source, result in results
        ]
        out.json(reports if len(results) > 1 else reports[0])
    else:
        for source, result in results:
            if out.format in ("csv", "tsv"):
                _errors_as_rows(out, result.report)
            else:
                _as_words(out, source, result, explain=explain, guessed=guessed)
    if left:
        out.say("Not imported, because {file} was refused: {names}", file=results[-1][0], names=listed(left))
    if len(results) > 1 and not out.is_data:
        _summed(out, [result.report for _, result in results])


def _summed(out: Output, reports: list[dict[str, Any]]) -> None:
    keys = ("read", "added", "updated", "unchanged", "skipped", "failed")
    out.print(
        t(
            "{n} files: {read} rows read, {added} added, {updated} updated, {unchanged} unchanged, {skipped} skipped,"
            " {failed} failed",
            n=len(reports),
            **{key: sum(report[key] for report in reports) for key in keys},
        )
    )


def _as_data(understood: dict[str, Any]) -> dict[str, Any]:
    """What was understood, for JSON; notes as the sentences that they are."""
    return {**understood, "notes": [t(sentence, **holes) for sentence, holes in understood["notes"]]}


def _kinds(report: dict[str, Any]) -> list[str]:
    """The kinds that a file was read as; most files hold one."""
    return [part["as"] for part in report.get("parts", [report])]


def _errors_as_rows(out: Output, report: dict[str, Any]) -> None:
    from crm_cli.formats import writing

    counts = ["read", "added", "updated", "unchanged", "skipped", "failed"]
    delimiter = "\t" if out.format == "tsv" else ","
    if report["errors"]:
        writing.write_delimited(
            out.out, ["line", "column", "value", "reason"], report["errors"], delimiter=delimiter, guard=True
        )
    else:
        writing.write_delimited(
            out.out, counts, [{key: report[key] for key in counts}], delimiter=delimiter, guard=True
        )


def _as_words(out: Output, source: str, result: ImportResult, *, explain: bool, guessed: bool) -> None:
    report = result.report
    if explain:
        explained(out, source, result)
    if guessed:
        _guessed(out, source, result)
    for sentence, holes in result.understood["notes"]:
        out.say(sentence, **holes)
    _counted(out, source, report)
    _beside(out, result)
    own = result.understood["custom"]
    if own and not explain and report["added"] + report["updated"]:
        out.say(
            "Columns that became fields of your own: {names}. --map HEADER=field maps one",
            names=listed(clean(name) for name in own[:12]) + (" ..." if len(own) > 12 else ""),
        )
    if report["dry_run"]:
        out.print(t("This was a trial: nothing was written."))
    elif not report["written"] and report["failed"]:
        out.print(t("Nothing was written. Mend the rows below, or load the good ones with --rejects bad.csv"))
        _missing(out, result.understood["missing"])
    if result.problems:
        _bad_rows(out, result.problems)


def _guessed(out: Output, source: str, result: ImportResult) -> None:
    """What the file was taken for, where nobody said it."""
    preset = result.understood["preset"]
    if preset:
        out.say("{file} was recognised as {preset}; read otherwise: --as KIND", file=source, preset=preset)
    else:
        out.say(
            "{file} was read as {kind}; another kind: --as KIND",
            file=source,
            kind=listed(names.plural(kind, language()) for kind in _kinds(result.report)),
        )


def _counted(out: Output, source: str, report: dict[str, Any]) -> None:
    """The counts of a file, and of each kind where it holds several."""
    out.print(
        t(
            "{file}: {read} rows read, {added} added, {updated} updated, {unchanged} unchanged,"
            " {skipped} skipped, {failed} failed",
            file=source,
            **{key: report[key] for key in ("read", "added", "updated", "unchanged", "skipped", "failed")},
        )
    )
    for part in report.get("parts", ()):
        out.print(
            t(
                "{kind}: {added} added, {updated} updated, {unchanged} unchanged",
                kind=names.plural(part["as"], language()),
                **{key: part[key] for key in ("added", "updated", "unchanged")},
            )
        )


def _bad_rows(out: Output, problems: list[Problem]) -> None:
    cells = [
        [str(e.line or ""), clean(e.column or ""), fit(clean(e.value or ""), 40), clean(t(e.sentence, **e.holes))]
        for e in problems[:_SHOWN]
    ]
    out.draw([t(word) for word in ("line", "column", "value", "reason")], cells, ranks=[0, 1, 2, 0], right={0})
    if len(problems) > _SHOWN:
        out.say_many(
            "{n} more bad row: --json names them all",
            "{n} more bad rows: --json names them all",
            len(problems) - _SHOWN,
        )


_LACKING = {
    "stages": "Stages that are not there: {names}",
    "owners": "Owners who are no members: {names}",
    "customers": "Customers who are not there: {names}",
    "products": "Products that are not there: {names}",
}


def _missing(out: Output, missing: dict[str, list[str]]) -> None:
    """All names at once that --create would make, with the line to paste."""
    for kind, found in missing.items():
        out.say(
            _LACKING[kind],
            names=listed(clean(name) for name in found[:_SHOWN]) + (" ..." if len(found) > _SHOWN else ""),
        )
    if missing:
        out.say("To make them, add to the line: --create {kinds}", kinds=",".join(missing))


def _beside(out: Output, result: ImportResult) -> None:
    """What was made beside the records of the rows, and customers who are people."""
    made = result.report["beside"]
    told = [
        tn(one, many, made[key])
        for key, one, many in (
            ("contacts", "{n} contact", "{n} contacts"),
            ("tasks", "{n} task", "{n} tasks"),
            ("interactions", "{n} interaction", "{n} interactions"),
        )
        if made[key]
    ]
    if told:
        out.print(t("Added beside them: {what}", what=listed(told)))
    if result.understood["persons"] and (result.report["written"] or result.report["dry_run"]):
        out.say_many(
            "In {n} row a person stands without a customer, and is the customer",
            "In {n} rows a person stands without a customer, and is the customer",
            result.understood["persons"],
        )


def explained(out: Output, source: str, result: ImportResult) -> None:
    """How a file was understood: its format, each column with examples, days and decimals, what is spelt anew."""
    understood, report = result.understood, result.report
    _read_as(out, source, understood, report)
    cells = [
        [
            fit(clean(str(row["header"])), 30),
            clean(str(row["field"] or t("left out"))),
            fit(clean(listed(fit(clean(value), 24) for value in row["examples"])), 60),
        ]
        for row in understood["columns"]
    ]
    if cells:
        out.draw([t("column"), t("field"), t("examples")], cells, ranks=[0, 0, 2], right=set())
    for field, order in understood["dates"].items():
        out.print(t("Days in {field} are read as {order}", field=field, order=_ORDERS[order]))
    if understood["decimal"]:
        out.print(t("The decimal mark is {mark}", mark=understood["decimal"]))
    changed = report.get("normalised") or {}
    if changed:
        told = listed(f"{field} {cells}" for field, cells in changed.items())
        out.print(t("Written in one spelling, cells: {what}", what=told))


_ORDERS = {"dmy": "31/12/2026", "mdy": "12/31/2026", "ymd": "2026/12/31"}


def _read_as(out: Output, source: str, understood: dict[str, Any], report: dict[str, Any]) -> None:
    kinds = listed(names.plural(kind, language()) for kind in _kinds(report))
    if understood["preset"]:
        out.print(t("{file}: {kind}, by the preset {preset}", file=source, kind=kinds, preset=understood["preset"]))
    else:
        out.print(t("{file}: {kind}", file=source, kind=kinds))
    if understood["format"] == "csv":
        told = t(
            "Encoding {encoding}, delimiter {delimiter}",
            encoding=understood["encoding"],
            delimiter=repr(understood["delimiter"]),
        )
    elif understood["sheet"]:
        told = t("{format}, sheet {sheet}", format=understood["format"].upper(), sheet=understood["sheet"])
    else:
        told = t("{format}, encoding {encoding}", format=understood["format"], encoding=understood["encoding"])
    place = understood["header_line"]
    out.print(told if place == 1 else t("{what}, headers in line {line}", what=told, line=place))
