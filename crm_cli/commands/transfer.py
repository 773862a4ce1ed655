"""crm import and export: files of other programs in, records out."""

from typing import Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import Context, CrmCommand, noun, option
from crm_cli.formats.outward import FORMATS
from crm_cli.output.output import FORMATS as USUAL

words = noun()
READ, BAD = "How the file is read", "Doubles, and rows with errors"

As = Annotated[
    p.Text, option("--as", "customers, contacts, deals, interactions, tasks, orders or products", "KIND", READ)
]
Map = Annotated[
    p.Several, option("--map", "a column is a field: --map account=name; several are possible", "HEADER=FIELD", READ)
]
OnDuplicate = Annotated[p.Text, option("--on-duplicate", "update, skip, new or fail; update by default", "HOW", BAD)]
Rejects = Annotated[
    p.Text, option("--rejects", "write bad rows there, with the reason, and load the others", "FILE", BAD)
]
Create = Annotated[p.Several, option("--create", "make what is missing: stages,owners,customers", "KINDS", BAD)]
DateOrder = Annotated[
    p.Text, option("--date-order", "how days such as 05/06/2026 read: ymd, dmy or mdy", "ORDER", READ)
]

FileCurrency = Annotated[p.Text, option("--currency", "currency of amounts that name none, as EUR", "C", READ)]


@words.command("import")
def import_(
    ctx: Context,
    files: Annotated[
        p.Several,
        typer.Argument(
            metavar="FILE...|-", help="CSV, TSV, XLSX, XLS, JSON, vCard, calendar and mail files; - reads stdin"
        ),
    ] = None,
    as_: As = None,
    from_: Annotated[
        p.Text, option("--from", "the system it comes from, as hubspot, or a mapping kept by --save-as", "NAME", READ)
    ] = None,
    map_: Map = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="say how the file was understood, load nothing", rich_help_panel=READ)
    ] = False,
    on_duplicate: OnDuplicate = None,
    rejects: Rejects = None,
    save_as: Annotated[p.Text, option("--save-as", "keep --as and --map under a name", "NAME", READ)] = None,
    encoding: Annotated[
        p.Text, option("--encoding", "character set, as gb18030 or cp1252; found by looking", "E", READ)
    ] = None,
    delimiter: Annotated[p.Text, option("--delimiter", ", ; tab or |; found by looking", "C", READ)] = None,
    sheet: Annotated[p.Text, option("--sheet", "of a workbook: this sheet, by name or number", "NAME|N", READ)] = None,
    date_order: DateOrder = None,
    currency: FileCurrency = None,
    create: Create = None,
    extra: Annotated[
        p.Text, option("--extra", "columns that are no fields: keep or drop; keep by default", "HOW", READ)
    ] = None,
) -> None:
    """Load customers, contacts, deals, orders and more from a file."""
    from crm_cli.commands import ask, importing, whole

    app = ctx.obj
    sources = ask.need_many(app, files, "FILE")
    options = importing.options_of(app, ctx.params)
    named = {"--as": as_, "--map": map_, "--from": from_, "--save-as": save_as, "--rejects": rejects}
    loaded = whole.import_from(app, sources, options, named)
    if loaded is not None:
        raise typer.Exit(loaded)
    raise typer.Exit(importing.run(app, sources, options, explain=explain, save_as=save_as))


class ExportCommand(CrmCommand):
    """Its formats are those that records go out in."""

    also = tuple(name for name in FORMATS if name not in USUAL)
    only = tuple(FORMATS)


@words.command("export", cls=ExportCommand)
def export(
    ctx: Context,
    kind: Annotated[
        p.Text,
        typer.Argument(
            metavar="KIND",
            help="customers, contacts, deals, interactions, tasks, orders, products, calendar, addresses or all",
        ),
    ] = None,
    query: p.Query = None,
    output: Annotated[p.Text, option("-o", "write to this file; its ending names the format", "FILE", p.OUTPUT)] = None,
    force: Annotated[
        bool, typer.Option("--force", help="replace a file that is there", rich_help_panel=p.OUTPUT)
    ] = False,
    raw: Annotated[
        bool, typer.Option("--raw", help="without the guard against formulas in spreadsheets", rich_help_panel=p.OUTPUT)
    ] = False,
    columns: p.Columns = None,
    sort: p.Sort = None,
    for_: Annotated[
        p.Text, option("--for", "only who agreed to be reached by it and has not withdrawn", "CHANNEL", p.WHICH)
    ] = None,
) -> None:
    """Write records to a file or to stdout, as CSV unless another format is named."""
    from crm_cli.commands import addressbook, ask, calendar, exporting, whole

    app = ctx.obj
    kind = ask.need(app, kind, "KIND")
    if whole.is_all(kind):
        picked = {"QUERY": query, "--columns": columns, "--sort": sort, "--for": for_}
        whole.export_all(app, output, force=force, raw=raw, picked=picked)
        return
    if kind.strip().lower() in calendar.KINDS:
        calendar.write_calendar(app, query or [], path=output, force=force)
        return
    if kind.strip().lower() in addressbook.KINDS:
        addressbook.write_addresses(app, query or [])
        return
    chosen = exporting.noun_of(kind)
    exporting.run(app, chosen, query or [], path=output, force=force, raw=raw, columns=columns, sort=sort, channel=for_)
