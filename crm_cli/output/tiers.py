"""One tier on the screen: its rule, the service that it asks for, and the lines that put that into the records."""

import shlex
from typing import Any

from crm_cli.i18n import t, tn
from crm_cli.output import cards
from crm_cli.output.cells import cell
from crm_cli.output.output import Output
from crm_cli.rules.text import clean, width


def show_tier(out: Output, row: dict[str, Any]) -> None:
    """An object as JSON; lines for a person."""
    if out.is_data or out.format == "md":
        out.record("tier", row)
        return
    lines = [(t("tier"), cell("tier", "name", row)), (t("rule"), clean(row["query"]))]
    if row["customers"] is not None:
        lines.append((t("customers"), str(row["customers"])))
    if row["cadence_days"]:
        lines.append((t("cadence"), tn("every {n} day", "every {n} days", row["cadence_days"])))
    if row["owner"]:
        lines.append((t("owner"), clean(row["owner"])))
    if row["asks_risk"]:
        lines.append((t("risk"), t("on the call sheet when they are about to leave")))
    if row["playbook"]:
        lines.append((t("playbook"), cell("tier", "playbook", row)))
    if row["problem"]:
        lines.append((t("problem"), clean(row["problem"])))
    lines += [("" if n else t("to do"), line) for n, line in enumerate(_lines(row))]
    indent = max(width(label) for label, _ in lines) + 2
    for label, text in lines:
        out.lines(cards.entry(label, text, indent, out.width if out.is_terminal else 0))


def _lines(row: dict[str, Any]) -> list[str]:
    """What brings the service to the customers in it, ready to paste."""
    name = shlex.quote(row["name"])
    found = [f"crm customer list tier:{name}"]
    if row["cadence_days"]:
        found.append(f"crm customer edit tier:{name} no:cadence --cadence {row['cadence_days']}d")
    if row["owner"]:
        found.append(f"crm customer edit tier:{name} --owner {shlex.quote(row['owner'])}")
    return [clean(line) for line in found]
