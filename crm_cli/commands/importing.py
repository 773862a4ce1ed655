"""Behind import: the options checked, kept mappings, and the report in the chosen format."""

from collections.abc import Sequence
from typing import Any

from crm_cli.actions.imports.engine import ImportOptions, ImportResult, import_file
from crm_cli.commands import ask
from crm_cli.commands.exporting import noun_of
from crm_cli.commands.precaution import Precaution
from crm_cli.context import App
from crm_cli.errors import Misuse, NotFound, Unclear
from crm_cli.i18n import language, listed, t, tn
from crm_cli.output.output import Output
from crm_cli.queries.mappings import find_mapping
from crm_cli.rules import names
from crm_cli.rules.fields import nearest
from crm_cli.rules.text import clean, fit

_HOW = ("update", "skip", "new", "fail")
_CREATE = ("stages", "owners", "customers")
_SHOWN = 20  # bad rows that a table names


def options_of(app: App, typed: dict[str, Any]) -> ImportOptions:
    """What the options typed mean; a kept mapping fills in what was not typed."""
    kept = find_mapping_of(app, typed["from_"]) if typed["from_"] else {}
    kind = typed["as_"] or kept.get("kind")
    kind = noun_of(kind) + "s" if kind else ""
    maps = {**kept.get("maps", {}), **_maps(typed["map_"] or [])}
    return ImportOptions(
        kind=kind,
        maps=maps,
        on_duplicate=_one_of("--on-duplicate", typed["on_duplicate"] or "update", _HOW),
        rejects=typed["rejects"],
        dry_run=app.dry_run or bool(typed["explain"]),
        encoding=typed["encoding"],
        delimiter=typed["delimiter"],
        date_order=_one_of("--date-order", typed["date_order"], ("ymd", "dmy", "mdy")) if typed["date_order"] else None,
        currency=_currency(typed["currency"] or app.config.get("currency")),
        create=frozenset(_created(typed["create"] or [])),
        extra=_one_of("--extra", typed["extra"] or "keep", ("keep", "drop")),
        source_name=kept.get("name") or "csv",
        now=app.now,
        user=app.user,
        country=app.country,
        decimal=app.decimal,
        command=app.typed,
        before_write=Precaution(app, "before-import").take,
    )


def find_mapping_of(app: App, name: str) -> dict[str, Any]:
    with app.read() as db:
        return find_mapping(db, name)


def _currency(text: str) -> str | None:
    if not text:
        return None
    from crm_cli.rules.money import parse_currency

    return parse_currency(text)


def _one_of(option: str, value: str, known: Sequence[str]) -> str:
    low = value.strip().lower()
    if low not in known:
        raise Misuse(
            "{option} cannot be {value}", hint="Known here: {known}", option=option, value=value, known=" ".join(known)
        )
    return low


def _maps(typed: Sequence[str]) -> dict[str, str]:
    """`--map HEADER=field`; the last = divides, since headers may hold one."""
    found = {}
    for text in typed:
        header, mark, field = text.rpartition("=")
        if not mark or not header.strip() or not field.strip():
            raise Misuse(
                "--map {text} does not say which column is which field", hint="Type --map HEADER=field", text=text
            )
        found[header.strip()] = field.strip()
    return found


def _created(typed: Sequence[str]) -> list[str]:
    kinds = [word.strip().lower() for text in typed for word in text.split(",") if word.strip()]
    for kind in kinds:
        if kind not in _CREATE:
            near = nearest(kind, list(_CREATE))
            raise NotFound(
                "--create does not know {kind}",
                hint="Did you mean {near}? Known: {known}" if near else "Known: {known}",
                kind=kind,
                near=near,
                known=" ".join(_CREATE),
            )
    return kinds


def run(app: App, sources: Sequence[str], options: ImportOptions, *, explain: bool, save_as: str | None) -> int:
    """Import each file in its own transaction, print each report; the exit code of the worst."""
    results = []
    for source in sources:
        results.append((source, _one(app, source, options)))
        if results[-1][1].code not in (0, 6):
            break
    kept = sum(result.report["op"] is not None for _, result in results)
    if save_as and all(result.code in (0, 6) for _, result in results) and not options.dry_run:
        from crm_cli.actions.mappings import save_mapping

        with app.write() as w:
            save_mapping(w, save_as, results[0][1].understood["kind"], options.maps)
        kept += bool(w.changes)
    _speak(app, results, explain=explain, guessed=not options.kind)
    if kept and not app.out.is_data:
        app.out.say("Undo: crm undo" if kept == 1 else "Undo: crm undo {n}", n=kept)
    app.out.flush()
    return max(result.code for _, result in results)


def _one(app: App, source: str, options: ImportOptions) -> ImportResult:
    """Import one file; where its columns do not tell what it holds, a person is asked."""
    try:
        return import_file(app.database, source, options)
    except Unclear as unclear:
        if source == "-" or not app.is_interactive:
            raise
        kind = noun_of(ask.need(app, None, "--as", check=noun_of, known=list(unclear.kinds))) + "s"
        return import_file(app.database, source, options._replace(kind=kind))


def _speak(app: App, results: list[tuple[str, ImportResult]], *, explain: bool, guessed: bool) -> None:
    out = app.out
    if out.format in ("json", "jsonl"):
        reports = [
            {**result.report, "file": source} if len(results) > 1 else result.report for source, result in results
        ]
        out.json(reports if len(results) > 1 else reports[0])
        return
    for source, result in results:
        if out.format in ("csv", "tsv"):
            _errors_as_rows(out, result.report)
        else:
            _as_words(out, source, result, explain=explain, guessed=guessed)


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
        _explained(out, result.understood)
    if guessed:
        out.say(
            "{file} was read as {kind}; another kind: --as KIND",
            file=source,
            kind=names.plural(report["as"], language()),
        )
    out.print(
        t(
            "{file}: {read} rows read, {added} added, {updated} updated, {unchanged} unchanged,"
            " {skipped} skipped, {failed} failed",
            file=source,
            **{key: report[key] for key in ("read", "added", "updated", "unchanged", "skipped", "failed")},
        )
    )
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
    errors = result.problems
    if errors:
        cells = [
            [
                str(e.line or ""),
                clean(e.column or ""),
                fit(clean(e.value or ""), 40),
                clean(t(e.sentence, **e.holes)),
            ]
            for e in errors[:_SHOWN]
        ]
        out.draw([t(word) for word in ("line", "column", "value", "reason")], cells, ranks=[0, 1, 2, 0], right={0})
        if len(errors) > _SHOWN:
            out.say_many(
                "{n} more bad row: --json names them all",
                "{n} more bad rows: --json names them all",
                len(errors) - _SHOWN,
            )


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


def _explained(out: Output, understood: dict[str, Any]) -> None:
    rows = understood.get("columns") or []
    out.print(
        t(
            "Encoding {encoding}, delimiter {delimiter}",
            encoding=understood.get("encoding"),
            delimiter=repr(understood.get("delimiter")),
        )
    )
    cells = [[clean(str(row["header"])), clean(str(row["field"] or t("custom field")))] for row in rows]
    if cells:
        out.draw([t("column"), t("field")], cells, ranks=[0, 0], right=set())
