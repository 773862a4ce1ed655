"""Behind `crm export all` and its way back: the whole database as one folder or zip."""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from crm_cli.actions.imports.plan import ImportOptions
from crm_cli.commands.precaution import elsewhere
from crm_cli.context import App
from crm_cli.errors import Conflict, Misuse
from crm_cli.formats import bundle, piped
from crm_cli.formats.bundle import Inward
from crm_cli.formats.outward import FORMATS, RECORDS, Format
from crm_cli.i18n import listed, t, tn

# told of what was written or read
_COUNTED = (
    ("customers", "{n} customer", "{n} customers"),
    ("contacts", "{n} contact", "{n} contacts"),
    ("deals", "{n} deal", "{n} deals"),
    ("interactions", "{n} interaction", "{n} interactions"),
    ("tasks", "{n} task", "{n} tasks"),
    ("products", "{n} product", "{n} products"),
    ("orders", "{n} order", "{n} orders"),
)


def is_all(kind: str) -> bool:
    """Whether KIND names no kind but everything."""
    return kind.strip().lower() in ("all", "everything", "全部", "所有")


def export_all(app: App, path: str | None, *, force: bool, raw: bool, picked: dict[str, Any]) -> None:
    """Write everything to a folder or a zip; `-` is a zip on stdout. `picked` are options that choose records."""
    from crm_cli.actions.whole import write_whole
    from crm_cli.store.whole import snapshot

    for name, value in picked.items():
        if value:
            raise Misuse("{option} does not go with all: everything is written", hint="Leave it out.", option=name)
    form = _format(app)
    if path is None or path == "-":
        _to_stdout(app, path, form, guard=not raw)
        return
    if not path.strip():
        raise Misuse("{name} may not be empty", name="-o")
    path = os.path.expanduser(path)
    with snapshot(app.database) as db, bundle.bundle_to(path, force=force) as target:
        counts = write_whole(db, target, form, app.asker(db), guard=not raw)
    app.out.say("{what} written to {path}. To read it back into a new database: crm import {path}",
                what=_counted(counts), path=path)  # fmt: skip


def _format(app: App) -> Format:
    """What the files for people are written in."""
    chosen = str(app.flags.get("format") or "csv").strip().lower()
    known = [name for name, form in FORMATS.items() if set(form.nouns) == set(RECORDS) and form.keys is None]
    if chosen not in known:
        raise Misuse(
            "{format} is no format of this command", hint="Known here: {known}", format=chosen, known=" ".join(known)
        )
    return FORMATS[chosen]


def _to_stdout(app: App, path: str | None, form: Format, *, guard: bool) -> None:
    from crm_cli.actions.whole import write_whole
    from crm_cli.output.streams import is_terminal
    from crm_cli.store.whole import snapshot

    if is_terminal(app.out.out):
        raise Misuse(
            "{format} is no text for a terminal" if path else "-o says where everything goes",
            hint="Name a folder or a zip: crm export all -o crm.zip",
            format="zip",
        )
    app.out.flush()
    with snapshot(app.database) as db, bundle.zip_to(app.out.out.buffer) as target:
        write_whole(db, target, form, app.asker(db), guard=guard)


def _counted(counts: dict[str, int]) -> str:
    told = [tn(one, many, counts[kind]) for kind, one, many in _COUNTED if counts.get(kind)]
    return listed(told) if told else tn("{n} record", "{n} records", 0)


# ------------------------------------------------------------------ and back


def import_from(app: App, sources: Sequence[str], options: ImportOptions, typed: dict[str, Any]) -> int | None:
    """Load a whole export; None where the sources are ordinary files."""
    if list(sources) == ["-"]:
        return _from_stdin(app, options, typed)
    for source in sources:
        if source == "-":
            continue
        with bundle.bundle_from(source) as found:
            if found is None:
                continue
            if len(sources) > 1:
                raise Misuse("{path} is a whole export: it is loaded alone", path=source)
            _refuse_typed(typed)
            return _load(app, found, options)
    return None


def _refuse_typed(typed: dict[str, Any]) -> None:
    for name in ("--as", "--map", "--from", "--save-as", "--rejects"):
        if typed.get(name):
            raise Misuse("{option} does not go with a whole export, which says itself what is in it", option=name)


def _from_stdin(app: App, options: ImportOptions, typed: dict[str, Any]) -> int | None:
    """The zip that `crm export all -o -` writes, through a pipe; whatever else comes is there to be read as before."""
    with piped.packed_stdin() as path:
        if path is None:
            return None
        with bundle.bundle_from(path) as found:
            if found is None:
                piped.put_back(path)
                return None
            found.path = "stdin"
            _refuse_typed(typed)
            return _load(app, found, options)


def _load(app: App, found: Inward, options: ImportOptions) -> int:
    from crm_cli.store.identity import SCHEMA
    from crm_cli.store.rebuild import holds_records

    bundle.refuse_newer(found.path, found.manifest["schema"], SCHEMA)
    if holds_records(app.database):
        return _by_kind(app, found, options)
    from crm_cli.actions.whole import read_whole

    try:
        made = read_whole(found, app.database, now=app.now, elsewhere=elsewhere(app), trial=options.dry_run)
    except Conflict:
        if holds_records(app.database):  # somebody was faster
            return _by_kind(app, found, options)
        raise
    records = sum(made.kinds.values())
    if app.out.is_data:
        app.out.json(_report(made.kinds, records, dry_run=options.dry_run))
        return 0
    app.out.print(t("{file}: {what} read", file=found.path, what=_counted(made.kinds)))
    if options.dry_run:
        app.out.print(t("This was a trial: nothing was written."))
        return 0
    app.out.say("{path} is now what the export was made of; its history begins here", path=app.database)
    if made.rebuilt.restored.kept:
        name = os.path.basename(made.rebuilt.restored.kept)
        app.out.say("What was there before: crm backup restore {name}", name=name)
    if made.rebuilt.broken:
        app.out.say_many(
            "{n} row of it points at nothing, here as there: crm check",
            "{n} rows of it point at nothing, here as there: crm check",
            made.rebuilt.broken,
        )
    return 0


def _report(kinds: dict[str, int], records: int, *, dry_run: bool) -> dict[str, Any]:
    """The keys of every import report."""
    return {
        "read": records, "added": records, "updated": 0, "unchanged": 0, "skipped": 0, "failed": 0, "errors": [],
        "written": not dry_run, "dry_run": dry_run, "op": None, "as": "all", "kinds": kinds,
    }  # fmt: skip


def _by_kind(app: App, found: Inward, options: ImportOptions) -> int:
    """Into a database that has records: the files of the kinds as any other files, one after the other."""
    from crm_cli.commands import importing

    app.out.say(
        "{path} has records already: the files of the export are loaded kind by kind, as any others", path=app.database
    )
    kinds = [f"{noun}s" for noun in RECORDS if found.manifest["kinds"].get(f"{noun}s", {}).get("records")]
    with _unpacked(found, kinds) as paths:
        shown = [os.path.join(found.path, os.path.basename(path)) for path in paths]
        return importing.run(app, paths, options, explain=False, save_as=None, kinds=kinds, shown=shown)


@contextmanager
def _unpacked(found: Inward, kinds: Sequence[str]) -> Iterator[list[str]]:
    """The files of the kinds as files of their own, checked."""
    with tempfile.TemporaryDirectory(prefix="crm-", ignore_cleanup_errors=True) as folder:
        paths = []
        for kind in kinds:
            facts = found.manifest["kinds"][kind]
            ending = os.path.splitext(facts["file"])[1]
            path = os.path.join(folder, kind + (ending if ending[1:] in FORMATS else ".csv"))
            with suppress(FileNotFoundError):
                os.unlink(path)
            found.copy(facts, path)
            paths.append(path)
        yield paths
