"""Import a foreign file: parsed and judged into a private staging database, then written in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from crm_cli.actions.imports import deal_lines, products
from crm_cli.actions.imports import effects as effects
from crm_cli.actions.imports.binned import skip_removed
from crm_cli.actions.imports.changes import note_changes
from crm_cli.actions.imports.circles import refuse_circles
from crm_cli.actions.imports.correspondents import FIELD, link_correspondents
from crm_cli.actions.imports.erased import skip_erased, skip_erased_persons
from crm_cli.actions.imports.firms import tell_alike
from crm_cli.actions.imports.formerly import yield_to_kept
from crm_cli.actions.imports.held import join_held
from crm_cli.actions.imports.known_persons import know_persons
from crm_cli.actions.imports.links import late_families, resolve_links
from crm_cli.actions.imports.match import match_rows
from crm_cli.actions.imports.merge import merge_rows
from crm_cli.actions.imports.orders import resolve_orders
from crm_cli.actions.imports.orders_layout import create_tables
from crm_cli.actions.imports.orders_write import write_orders
from crm_cli.actions.imports.outlook import open_named, remember, with_examples
from crm_cli.actions.imports.parts import by_line, file_of_kind, joined_report, park, unpark
from crm_cli.actions.imports.persons import write_persons
from crm_cli.actions.imports.plan import ImportOptions, make_plan
from crm_cli.actions.imports.problems import Problem, Problems
from crm_cli.actions.imports.recognise import understand
from crm_cli.actions.imports.rejects import Rejects
from crm_cli.actions.imports.rows import Loader
from crm_cli.actions.imports.run import Counts, Run, add_functions
from crm_cli.actions.imports.staged import BESIDE, create_staged
from crm_cli.actions.imports.stages import default_stages, plain_probabilities, resolve_stages, settle_currencies
from crm_cli.actions.imports.steps import know_steps, write_steps
from crm_cli.actions.imports.talks import know_talks, refuse_future, write_talks
from crm_cli.actions.imports.write import number_rows, write_rows
from crm_cli.errors import Misuse
from crm_cli.formats.tabular import Table
from crm_cli.rules.days import to_utc_text
from crm_cli.store.bulk import Staging, exists
from crm_cli.store.journal import Stamp

__all__ = ["ImportOptions", "ImportResult", "Problem", "import_file"]

_DUPLICATES = ("update", "skip", "new", "fail")
_ORDERS = (None, "ymd", "dmy", "mdy")


class ImportResult(NamedTuple):
    """The report with its public keys, the exit code (0, 6 or 65), the problems to be translated, what was read."""

    report: dict[str, Any]
    code: int
    problems: list[Problem]
    understood: dict[str, Any]


def import_file(database: str, source: str, options: ImportOptions) -> ImportResult:
    """Import a foreign file ("-" for stdin) into the database at a path, which is made if need be.

    Wrong rows do not raise: they are in the report, with code 65 when nothing was written because of them and 6 when
    they went to the file of rejected rows. Misuse, BadData, FileError, Conflict, StoreError and Busy as elsewhere.
    """
    _check(options)
    rejects = Rejects(options.rejects) if options.rejects is not None else None
    fresh = not exists(database)
    table = open_named(source, options)
    db = Staging(database)
    try:
        add_functions(db, options)
        tables = (table, *table.then)
        parts = []
        for place, one in enumerate(tables):
            parts.append(_staged(db, one, options, source, with_reasons=rejects is not None))
            if len(tables) > 1:
                park(db, place)
        outcomes, written = _write(db, parts, rejects, fresh=fresh)
    finally:
        db.close()
    if rejects is not None and written and not outcomes[0].problems.rows:
        rejects.remove()
    return _result(parts, outcomes, written=written)


class Part(NamedTuple):
    """The records of one kind in a file."""

    table: Table
    load: Loader
    examples: list[list[str]]  # some values of each column


class Outcome(NamedTuple):
    """What became of a part."""

    counts: Counts
    problems: Problems


def _staged(db: Staging, table: Table, options: ImportOptions, source: str, *, with_reasons: bool) -> Part:
    """Judge the rows of a table into the staged tables of its kind."""
    kind = table.kind if table.then or not options.kind else options.kind
    options = options._replace(kind=kind or "", create=options.create | table.create)
    options = understand(table.headers, options, source)
    plan = make_plan(table.headers, options, source)
    if "uuid" in plan.fields and plan.preset is None:  # an export of ours: what it names was there
        options = options._replace(create=options.create | {"owners", "stages"})
    beside = not plan.fields.keys().isdisjoint(BESIDE)
    create_staged(db, options.kind, beside=beside)
    if options.kind == "orders":
        create_tables(db)
    elif options.kind == "products":
        products.create_tables(db)
    load = Loader(db, plan, options, Problems(with_reasons=with_reasons))
    table, examples = with_examples(table)
    with _without_collection():
        load.load(table.records)
    load.forget()
    return Part(table, load, examples)


@contextmanager
def _without_collection() -> Iterator[None]:
    """Millions of small tuples, none of them in a circle: looking for circles would cost a tenth of the time."""
    import gc

    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _check(options: ImportOptions) -> None:
    if options.on_duplicate not in _DUPLICATES:
        raise Misuse(
            "{value} is no answer to duplicates; it is one of {known}.",
            value=options.on_duplicate,
            known=", ".join(_DUPLICATES),
        )
    if options.date_order not in _ORDERS:
        raise Misuse("{value} is no order of dates; it is ymd, dmy or mdy.", value=options.date_order)


def _write(db: Staging, parts: list[Part], rejects: Rejects | None, *, fresh: bool) -> tuple[list[Outcome], bool]:
    """Try against an empty database where none is yet, so that a refused file does not make one; then for good."""
    dry = parts[0].load.options.dry_run
    if fresh:
        outcomes, _ = _once(db, parts, rejects, scratch=True, trial=not dry)
        if dry or (rejects is None and any(outcome.problems.rows for outcome in outcomes)):
            return outcomes, False
    return _once(db, parts, rejects, scratch=False, trial=False)


def _once(
    db: Staging, parts: list[Part], rejects: Rejects | None, *, scratch: bool, trial: bool
) -> tuple[list[Outcome], bool]:
    """One transaction. A trial ends when it is known which rows are wrong."""
    outcomes: list[Outcome] = []
    options = parts[0].load.options
    stamp = Stamp(to_utc_text(options.now), options.user, options.command)
    with db.attached(scratch=scratch), db.transaction(stamp):
        for place, part in enumerate(parts):
            if len(parts) > 1:
                unpark(db, place)
            outcomes.append(_part_once(db, part, rejects, trial=trial, first=not place))
        refused = rejects is None and any(outcome.problems.rows for outcome in outcomes)
        if refused or trial or options.dry_run:
            return [one._replace(counts=Counts()) for one in outcomes] if refused else outcomes, False
        outcomes[0].counts.operation = db.commit()
    return outcomes, True


def _part_once(db: Staging, part: Part, rejects: Rejects | None, *, trial: bool, first: bool) -> Outcome:
    """One kind of a file: resolved, and written unless a row of it is refused."""
    load = part.load
    options = load.options if first else load.options._replace(before_write=bool)
    problems = load.problems.copy()
    run = Run(db, load.plan, options, problems, frozenset(load.present))
    run.orders, run.products = load.orders, load.products
    resolve(run)
    if trial or (problems.rows and rejects is None):
        return Outcome(run.counts, problems)
    apply(run)
    if rejects is not None and problems.rows and not options.dry_run:
        where = rejects if first else Rejects(file_of_kind(rejects.path, load.plan.kind))
        where.write(db, load.plan, problems, part.table)
    return Outcome(run.counts, problems)


def resolve(run: Run) -> None:
    """Find out which record every row is about, and which rows cannot be taken."""
    if run.noun == "order":
        resolve_orders(run)
        return
    if run.noun == "product":
        products.resolve_products(run)
        return
    _future(run)
    if run.has("last_contact"):
        refuse_future(run)
    if run.noun == "deal":
        _resolve_deals(run)
        deal_lines.find_products(run)
        plain_probabilities(run)
        settle_currencies(run)
    else:
        resolve_links(run)
        if FIELD in run.plan.fields:
            link_correspondents(run)
    match_rows(run)
    skip_removed(run)
    skip_erased(run)
    if run.noun == "customer" and run.db.value("SELECT 1 FROM s_match LIMIT 1"):
        know_persons(run)
        know_steps(run)
    know_talks(run)
    skip_erased_persons(run)
    _duplicates(run)
    merge_rows(run)
    refuse_circles(run)
    tell_alike(run)
    if run.noun == "deal":
        default_stages(run)


def _resolve_deals(run: Run) -> None:
    """Links and stages. A row that is refused makes no stage, so only where none is made both are told of one row."""
    if "stages" in run.options.create:
        resolve_links(run)
        resolve_stages(run)
        return
    with run.telling_all():
        resolve_links(run)
        resolve_stages(run)


def _future(run: Run) -> None:
    """What has not happened yet is a task."""
    if run.noun == "interaction":
        late = "SELECT n, line, local_day(at) FROM s_row WHERE local_day(at) > :today"
        run.spoil(run.rows(late), "at", "{value} is in the future; what is planned is a task: import it --as tasks.")
    for field, day in (("birthday", "birthday"), ("done_at", "local_day(done_at)")):
        if run.has(field):
            run.spoil(
                run.rows(f"SELECT n, line, {day} FROM s_row WHERE {day} > :today"), field, "{value} has not come yet."
            )


def _duplicates(run: Run) -> None:
    """What --on-duplicate says about rows of known records."""
    mode = run.options.on_duplicate
    if mode == "skip":
        from crm_cli.actions.imports.rows import drop_rows

        known = [n for (n,) in run.rows("SELECT n FROM s_match")]
        run.counts.skipped += len(known)
        drop_rows(run.db, known, rejected=False)
    elif mode in ("new", "fail"):
        title = {"deal": "title", "interaction": "text", "task": "text"}.get(run.noun, "name")
        field = title if mode == "fail" else "external_id" if run.has("external_id") else "uuid"
        known = run.rows(
            f"SELECT m.n, r.line, r.{field}, '{run.noun}:' || d.id || ' ' || coalesce(d.{title}, '') FROM s_match m"
            f" JOIN s_row r ON r.n = m.n JOIN {run.noun} d ON d.id = m.target"
        )
        run.spoil(known, field, "This record is already there: {others}.")


def apply(run: Run) -> None:
    """Write what was resolved."""
    if run.noun == "order":
        write_orders(run)
        return
    if run.noun == "product":
        products.write_products(run)
        return
    number_rows(run)
    if run.noun == "customer":
        late_families(run)
    yield_to_kept(run)
    note_changes(run)
    if run.noun == "deal":
        deal_lines.note_lines(run)
    if not run.options.dry_run and run.rows("SELECT 1 FROM s_fresh UNION ALL SELECT 1 FROM s_changed LIMIT 1"):
        run.options.before_write()
    if run.noun == "deal":
        effects.note_moves(run)
    write_rows(run)
    remember(run)
    if run.noun == "deal":
        deal_lines.write_lines(run)
    if run.noun == "customer":
        write_persons(run)
        write_steps(run)
    write_talks(run)
    {
        "customer": effects.finish_customers,
        "contact": lambda _: None,
        "deal": effects.finish_deals,
        "interaction": effects.finish_interactions,
        "task": effects.finish_tasks,
    }[run.noun](run)
    join_held(run)


def _result(parts: list[Part], outcomes: list[Outcome], *, written: bool) -> ImportResult:
    options = parts[0].load.options
    failed = sum(len(outcome.problems.rows) for outcome in outcomes)
    refused = bool(failed) and options.rejects is None
    reports, listed = [], []
    for part, outcome in zip(parts, outcomes, strict=True):
        told = outcome.problems.listed()
        listed += told
        reports.append(_report(part, outcome, told, refused=refused, written=written))
    notes = [*parts[0].table.notes, *(note for part in parts for note in part.load.told), *_told(outcomes)]
    table, load = parts[0].table, parts[0].load
    understood = {
        "kind": load.plan.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "format": table.format,
        "sheet": table.sheet,
        "header_line": table.header_line,
        "columns": [
            {**told, "examples": some} for told, some in zip(load.plan.understood(), parts[0].examples, strict=False)
        ],
        **load.readings(),
        "custom": load.filled,
        "preset": load.plan.preset.title if load.plan.preset else None,
        "preset_name": load.plan.preset.name if load.plan.preset else None,
        "missing": {kind: list(names) for one in outcomes for kind, names in one.problems.missing.items()},
        "persons": load.persons,
        "notes": notes,
    }
    code = 65 if refused else 6 if failed else 0
    report = joined_report(reports)
    report["notes"] = [sentence.format(**holes) for sentence, holes in notes]
    return ImportResult(report, code, by_line(listed), understood)


def _told(outcomes: list[Outcome]) -> list[tuple[str, dict[str, object]]]:
    """What was made or kept on the way, and what waits for another file."""
    return [note for outcome in outcomes for note in outcome.counts.told]


def _report(part: Part, outcome: Outcome, told: list[Problem], *, refused: bool, written: bool) -> dict[str, Any]:
    counts, options, read = outcome.counts, part.load.options, part.load.read
    failed = len(outcome.problems.rows)
    return {
        "read": read,
        "added": counts.added,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": read - failed if refused else counts.skipped,
        "failed": failed,
        "errors": [problem.error() for problem in told],
        "written": written,
        "dry_run": options.dry_run,
        "op": counts.operation,
        "as": part.load.plan.kind,
        "beside": counts.beside(),
        "normalised": dict(part.load.tally),
        "removed": counts.removed,
    }
