"""Import a foreign file: parsed and judged into a private staging database, then written in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from crm_cli.actions.imports import effects as effects
from crm_cli.actions.imports.changes import note_changes
from crm_cli.actions.imports.erased import skip_erased, skip_erased_persons
from crm_cli.actions.imports.links import late_families, resolve_links
from crm_cli.actions.imports.match import match_rows
from crm_cli.actions.imports.merge import merge_rows
from crm_cli.actions.imports.persons import know_persons, write_persons
from crm_cli.actions.imports.plan import ImportOptions, Plan, kind_of, make_plan
from crm_cli.actions.imports.problems import Problem, Problems
from crm_cli.actions.imports.rejects import Rejects
from crm_cli.actions.imports.rows import Loader
from crm_cli.actions.imports.run import Counts, Run, add_functions
from crm_cli.actions.imports.staged import BESIDE, create_staged
from crm_cli.actions.imports.stages import default_stages, plain_probabilities, resolve_stages, settle_currencies
from crm_cli.actions.imports.steps import know_steps, refuse_future, write_steps
from crm_cli.actions.imports.write import number_rows, write_rows
from crm_cli.errors import Misuse
from crm_cli.formats.tabular import Table, read_table
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
    """Import a CSV or TSV file ("-" for stdin) into the database at a path, which is made if need be.

    Wrong rows do not raise: they are in the report, with code 65 when nothing was written because of them and 6 when
    they went to the file of rejected rows. Misuse, BadData, FileError, Conflict, StoreError and Busy as elsewhere.
    """
    _check(options)
    rejects = Rejects(options.rejects) if options.rejects is not None else None
    fresh = not exists(database)
    table = read_table(source, encoding=options.encoding, delimiter=options.delimiter)
    options = options._replace(kind=kind_of(table.headers, options, source))
    plan = make_plan(table.headers, options, source)
    problems = Problems(with_reasons=rejects is not None)
    db = Staging(database)
    try:
        create_staged(
            db, options.kind, beside=options.kind == "customers" and not plan.fields.keys().isdisjoint(BESIDE)
        )
        add_functions(db, options)
        load = Loader(db, plan, options, problems)
        with _without_collection():
            load.load(table.records)
        load.forget()
        counts, problems, written = _write(db, load, rejects, table, fresh=fresh)
    finally:
        db.close()
    if rejects is not None and written and not problems.rows:
        rejects.remove()
    return _result(plan, table, load, counts, problems, written=written)


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


def _write(
    db: Staging, load: Loader, rejects: Rejects | None, table: Table, *, fresh: bool
) -> tuple[Counts, Problems, bool]:
    """Try against an empty database where none is yet, so that a refused file does not make one; then for good."""
    dry = load.options.dry_run
    if fresh:
        outcome = _once(db, load, rejects, table, scratch=True, trial=not dry)
        if dry or (outcome[1].rows and rejects is None):
            return outcome
    return _once(db, load, rejects, table, scratch=False, trial=False)


def _once(
    db: Staging, load: Loader, rejects: Rejects | None, table: Table, *, scratch: bool, trial: bool
) -> tuple[Counts, Problems, bool]:
    """One transaction. A trial ends when it is known which rows are wrong."""
    problems = load.problems.copy()
    run = Run(db, load.plan, load.options, problems, frozenset(load.present))
    options = load.options
    stamp = Stamp(to_utc_text(options.now), options.user, options.command)
    with db.attached(scratch=scratch), db.transaction(stamp):
        resolve(run)
        if problems.rows and rejects is None:
            return Counts(), problems, False
        if trial:
            return run.counts, problems, False
        apply(run)
        if load.options.dry_run:
            return run.counts, problems, False
        if rejects is not None and problems.rows:
            rejects.write(db, load.plan, problems, table)
        run.counts.operation = db.commit()
    return run.counts, problems, True


def resolve(run: Run) -> None:
    """Find out which record every row is about, and which rows cannot be taken."""
    _future(run)
    if run.noun == "customer":
        refuse_future(run)
    if run.noun == "deal":
        _resolve_deals(run)
        plain_probabilities(run)
        settle_currencies(run)
    else:
        resolve_links(run)
    match_rows(run)
    skip_erased(run)
    if run.noun == "customer" and run.db.value("SELECT 1 FROM s_match LIMIT 1"):
        know_persons(run)
        know_steps(run)
    skip_erased_persons(run)
    _duplicates(run)
    merge_rows(run)
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
        field = "external_id" if mode == "new" else title
        known = run.rows(
            f"SELECT m.n, r.line, r.{field}, '{run.noun}:' || d.id || ' ' || coalesce(d.{title}, '') FROM s_match m"
            f" JOIN s_row r ON r.n = m.n JOIN {run.noun} d ON d.id = m.target"
        )
        run.spoil(known, field, "This record is already there: {others}.")


def apply(run: Run) -> None:
    """Write what was resolved."""
    number_rows(run)
    if run.noun == "customer":
        late_families(run)
    note_changes(run)
    if not run.options.dry_run and run.rows("SELECT 1 FROM s_fresh UNION ALL SELECT 1 FROM s_changed LIMIT 1"):
        run.options.before_write()
    if run.noun == "deal":
        effects.note_moves(run)
    write_rows(run)
    if run.noun == "customer":
        write_persons(run)
        write_steps(run)
    {
        "customer": effects.finish_customers,
        "contact": lambda _: None,
        "deal": effects.finish_deals,
        "interaction": effects.finish_interactions,
        "task": effects.finish_tasks,
    }[run.noun](run)


def _result(
    plan: Plan, table: Table, load: Loader, counts: Counts, problems: Problems, *, written: bool
) -> ImportResult:
    options, read = load.options, load.read
    failed = len(problems.rows)
    refused = bool(failed) and options.rejects is None
    listed = problems.listed()
    report = {
        "read": read,
        "added": counts.added,
        "updated": counts.updated,
        "unchanged": counts.unchanged,
        "skipped": read - failed if refused else counts.skipped,
        "failed": failed,
        "errors": [problem.error() for problem in listed],
        "written": written,
        "dry_run": options.dry_run,
        "op": counts.operation,
        "as": plan.kind,
        "beside": counts.beside(),
    }
    understood = {
        "kind": plan.kind,
        "encoding": table.encoding,
        "delimiter": table.delimiter,
        "columns": plan.understood(),
        "custom": load.filled,
        "persons": load.persons,
    }
    return ImportResult(report, 65 if refused else 6 if failed else 0, listed, understood)
