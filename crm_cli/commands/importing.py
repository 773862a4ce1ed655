"""Behind import: the options checked, kept mappings, the files one after the other."""

import os
from collections.abc import Sequence
from typing import Any

from crm_cli.actions.imports.engine import ImportOptions, import_file
from crm_cli.commands import ask
from crm_cli.commands.exporting import noun_of
from crm_cli.commands.importfiles import File, files_of, tried
from crm_cli.commands.importwords import explained, speak
from crm_cli.commands.precaution import Precaution
from crm_cli.context import App
from crm_cli.errors import Misuse, NotFound
from crm_cli.queries.mappings import find_mapping
from crm_cli.rules.fields import nearest

_HOW = ("update", "skip", "new", "fail")
_CREATE = ("stages", "owners", "customers", "products")


def options_of(app: App, typed: dict[str, Any]) -> ImportOptions:
    """What the options typed mean; a kept mapping fills in what was not typed."""
    kept = find_mapping_of(app, typed["from_"]) if typed["from_"] else {}
    mapping, preset = kept.get("name"), kept.get("preset", "" if kept else typed["from_"])
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
        sheet=typed["sheet"],
        date_order=_one_of("--date-order", typed["date_order"], ("ymd", "dmy", "mdy")) if typed["date_order"] else None,
        currency=_currency(typed["currency"] or app.config.get("currency")),
        create=frozenset(_created(typed["create"] or [])),
        extra=_one_of("--extra", typed["extra"] or "keep", ("keep", "drop")),
        source_name="csv" if preset or not mapping else mapping,
        preset_name=preset or None,
        preset_folder=os.path.join(os.path.dirname(app.config.path()), "presets"),
        now=app.now,
        user=app.user,
        country=app.country,
        decimal=app.decimal,
        command=app.typed,
        before_write=Precaution(app, "before-import").take,
    )


def find_mapping_of(app: App, name: str) -> dict[str, Any]:
    """A kept mapping; empty where the name may be that of a preset."""
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


def run(
    app: App,
    sources: Sequence[str],
    options: ImportOptions,
    *,
    explain: bool,
    save_as: str | None,
    kinds: Sequence[str] = (),
    shown: Sequence[str] = (),
) -> int:
    """Import each file in its own transaction, print each report; the exit code of the worst.

    `kinds` says of each file what it holds, `shown` what it is called, where that is known otherwise.
    """
    if kinds:
        files = [
            File(source, shown[n] if shown else source, options._replace(kind=kinds[n]))
            for n, source in enumerate(sources)
        ]
        return _run(app, files, explain=explain, save_as=save_as, guessed=False)
    with files_of(app, sources, options) as files:
        return _run(app, files, explain=explain, save_as=save_as, guessed=not options.kind)


def _run(app: App, files: list[File], *, explain: bool, save_as: str | None, guessed: bool) -> int:
    options = files[0].options
    if options.dry_run:
        results = tried(app, files)
    else:
        files = _agreed(app, files)
        results = []
        for file in files:
            results.append((file.shown, import_file(app.database, file.source, file.options)))
            if results[-1][1].code not in (0, 6):
                break
    kept = sum(result.report["op"] is not None for _, result in results)
    if save_as and all(result.code in (0, 6) for _, result in results) and not options.dry_run:
        from crm_cli.actions.mappings import save_mapping

        with app.write() as w:
            known = results[0][1].understood
            save_mapping(w, save_as, known["kind"], options.maps, known["preset_name"])
        kept += bool(w.changes)
    left = [file.shown for file in files[len(results) :]]
    speak(app, results, explain=explain, guessed=guessed, left=left)
    if kept and not app.out.is_data:
        app.out.say("Undo: crm undo" if kept == 1 else "Undo: crm undo {n}", n=kept)
    app.out.flush()
    return max(result.code for _, result in results)


def _agreed(app: App, files: list[File]) -> list[File]:
    """At a terminal files of a layout that was never imported here are shown as they are understood, and agreed to."""
    new = [file.shown for file in files if file.layout]
    if not new or app.yes or app.out.is_data or not app.is_interactive:
        return files
    results = tried(app, files)
    if any(result.code not in (0, 6) for _, result in results):
        return files  # the import will say what is wrong
    for name, result in results:
        if name in new:
            explained(app.out, name, result)
    if len(files) == 1:
        ask.confirm(app, "Import {file} like this?", file=new[0])
    else:
        ask.confirm(app, "Import the {n} files like this?", n=len(files))
    return [file._replace(options=file.options._replace(layout=file.layout)) for file in files]
