"""The files of one import: patterns that no shell expanded, the order they come in, what a person is asked first."""

import glob
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from crm_cli.actions.imports.engine import ImportOptions, ImportResult, import_file
from crm_cli.actions.imports.outlook import Looked, is_seen, look, rehearsed
from crm_cli.actions.imports.parts import file_of_kind
from crm_cli.commands import ask
from crm_cli.commands.exporting import noun_of
from crm_cli.context import App
from crm_cli.errors import CrmError, FileError, Unclear, UnclearEncoding
from crm_cli.i18n import said

# What others are linked to comes before them.
_ORDER = ("customers", "contacts", "products", "deals", "interactions", "tasks", "orders")


class File(NamedTuple):
    """A file to import: where it is, what it is called, how it is read; its layout if nobody has agreed to it yet."""

    source: str
    shown: str
    options: ImportOptions
    layout: str = ""


@contextmanager
def files_of(app: App, sources: Sequence[str], options: ImportOptions) -> Iterator[list[File]]:
    """The files in the order in which their records can be linked. Of several each is read to its end first, so that
    nothing is imported when one of them cannot be read."""
    names = expanded(sources)
    if len(names) == 1:
        yield [_single(app, names[0], options)]
        return
    folder = tempfile.mkdtemp(prefix="crm-") if "-" in names else ""
    try:
        found = []
        for name in names:
            source = _kept(folder) if name == "-" else name
            mine, looked = _of_several(app, source, name, options)
            found.append((_ORDER.index(looked.kind) + looked.late / 2, File(source, name, mine, _unseen(app, looked))))
        found.sort(key=lambda pair: pair[0])
        yield _with_rejects([one for _, one in found])
    finally:
        if folder:
            shutil.rmtree(folder, ignore_errors=True)


def expanded(sources: Sequence[str]) -> list[str]:
    """The files that were named, patterns among them replaced by what fits; each once."""
    names: dict[str, None] = {}
    for source in sources:
        if source == "-" or not glob.has_magic(source) or os.path.lexists(source):
            names[source] = None
            continue
        fitting = sorted(name for name in glob.glob(os.path.expanduser(source)) if not os.path.isdir(name))
        if not fitting:
            raise FileError("No file fits {pattern}.", hint="Check the name and the folder.", pattern=source)
        names.update(dict.fromkeys(fitting))
    return list(names)


def _single(app: App, source: str, options: ImportOptions) -> File:
    if source == "-" or not app.is_interactive:
        return File(source, source, options)
    options, looked = _looked_at(app, source, options, whole=False)
    return File(source, source, options, _unseen(app, looked))


def _unseen(app: App, looked: Looked) -> str:
    return "" if is_seen(app.database, looked.layout) else looked.layout


def _of_several(app: App, source: str, shown: str, options: ImportOptions) -> tuple[ImportOptions, Looked]:
    """As `_looked_at`; what is wrong with one of several files is said with its name."""
    try:
        return _looked_at(app, source, options, whole=True)
    except CrmError as error:
        told = error.message()
        raise type(error)(
            said("{file}: {told}") if shown not in told else said("{told}"),
            hint=said("Of the files nothing was imported. {advice}"),
            file=shown,
            told=told,
            advice=error.advice(),
        ) from None


def _looked_at(app: App, source: str, options: ImportOptions, *, whole: bool) -> tuple[ImportOptions, Looked]:
    """What is known of a file. Where its encoding or its kind is not certain, a person is asked."""
    while True:
        try:
            return options, look(source, options, whole=whole)
        except UnclearEncoding as unclear:
            if not app.is_interactive:
                raise
            app.out.say(unclear.sentence, **unclear.holes)
            options = options._replace(encoding=_encoding(app, unclear))
        except Unclear as unclear:
            if not app.is_interactive:
                raise
            kind = noun_of(ask.need(app, None, "--as", check=noun_of, known=list(unclear.kinds))) + "s"
            options = options._replace(kind=kind)


def _encoding(app: App, unclear: UnclearEncoding) -> str:
    from crm_cli.formats.encoding import codec_named

    return codec_named(ask.need(app, None, "--encoding", check=codec_named, known=list(unclear.codecs)))


def _kept(folder: str) -> str:
    """Standard input as a file that can be read twice."""
    path = os.path.join(folder, "stdin")
    if sys.stdin is None:
        raise FileError("There is nothing to read: standard input is closed.")
    with open(path, "xb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
    return path


def _with_rejects(files: list[File]) -> list[File]:
    """Each of several files has bad rows of its own: `bad.csv` -> `bad.leads.csv`."""
    taken: set[str] = set()
    found = []
    for file in files:
        path = file.options.rejects
        if path is not None:
            stem = "stdin" if file.shown == "-" else Path(file.shown).stem
            name, number = file_of_kind(path, stem), 2
            while name in taken:
                name, number = file_of_kind(path, f"{stem}-{number}"), number + 1
            taken.add(name)
            file = file._replace(options=file.options._replace(rejects=name))
        found.append(file)
    return found


def tried(app: App, files: Sequence[File]) -> list[tuple[str, ImportResult]]:
    """What would come of the files, nothing written; each of several sees what those before it would have made."""
    if len(files) == 1:
        only = files[0]
        return [(only.shown, import_file(app.database, only.source, only.options._replace(dry_run=True)))]
    results = []
    with rehearsed(app.database) as path:
        for file in files:
            rejects = os.path.join(os.path.dirname(path), "bad.csv") if file.options.rejects else None
            options = file.options._replace(dry_run=False, rejects=rejects, before_write=bool)
            result = import_file(path, file.source, options)
            results.append(
                (file.shown, result._replace(report={**result.report, "written": False, "dry_run": True, "op": None}))
            )
            if result.code not in (0, 6):
                break
    return results
