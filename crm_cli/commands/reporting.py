"""crm report: the noun, and the options that its reports share; each report registers itself in a module of its own."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crm_cli.commands import params as p
from crm_cli.commands.params import noun, option
from crm_cli.commands.reports import days_of
from crm_cli.context import App
from crm_cli.errors import Misuse

if TYPE_CHECKING:
    from crm_cli.queries.deal_figures import Chosen, Report
    from crm_cli.store.reader import Reader

reports = noun()
nouns = {"report": reports}

From = Annotated[p.Text, option("--from", "from this day on: 2026-10-01, -30d, last month", "D", p.WHICH)]
To = Annotated[p.Text, option("--to", "until this day", "D", p.WHICH)]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain", help="how it is worked out, what was counted and what was left out", rich_help_panel=p.OUTPUT
    ),
]

Pipeline = Annotated[p.Text, option("--pipeline", "only this pipeline", "P", p.WHICH)]

_ZH = {
    "月": "month", "季": "quarter", "季度": "quarter", "年": "year", "负责人": "owner", "来源": "source",
    "地区": "region", "行业": "industry", "原因": "reason", "输单原因": "reason", "产品": "product", "规模": "size",
    "金额": "size",
}  # fmt: skip


def split_of(typed: str | None, known: Sequence[str], usual: str = "") -> str:
    """What --by asks for, in either language; Misuse names what there is."""
    if typed is None:
        return usual
    word = typed.strip().lower()
    split = _ZH.get(word, word)
    if split not in known:
        from crm_cli.rules.fields import nearest

        raise Misuse(
            "This report cannot be split by {by}",
            hint="Split it by: {known}",
            instead=(typed, nearest(word, known)),
            by=typed,
            known=" ".join(known),
        )
    return split


def chosen_deals(
    app: App, db: "Reader", query: p.Several, from_: str | None, to: str | None, pipeline: str | None
) -> "Chosen":
    """The deals that a sales report is asked about."""
    from crm_cli.queries.conditions import condition
    from crm_cli.queries.deal_figures import Chosen
    from crm_cli.queries.find import pick_row

    first, last = days_of(app, from_, to)
    pipelines = db.rows("SELECT id, name, name_key FROM pipeline WHERE removed_at IS NULL ORDER BY position")
    chosen = pick_row(pipelines, pipeline, noun="pipeline")[0] if pipeline else None
    where = condition(db, "deal", list(query or []), app.asker(db))
    return Chosen(app.today, where, first.isoformat() if first else None, last.isoformat() if last else None, chosen)


def explained(app: App, report: "Report") -> None:
    """What --explain prints instead of the rows."""
    from crm_cli.i18n import t
    from crm_cli.output.explaining import show_explanation

    show_explanation(app.out, t(report.formula), t(report.source), report.counted, report.left_out)


# in the order of the help; at the end, since each of them takes what stands above
from crm_cli.commands import (  # noqa: E402
    report_activity,  # noqa: F401
    report_conversion,  # noqa: F401
    report_forecast,  # noqa: F401
    report_lifecycle,  # noqa: F401
    report_orders,  # noqa: F401
    report_rfm,  # noqa: F401
    report_sources,  # noqa: F401
    report_velocity,  # noqa: F401
    report_wins,  # noqa: F401
)
