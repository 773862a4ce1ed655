"""What makes a row and a record the same without an id that says it, and what tells them apart."""

from crm_cli.actions.imports.run import Run

# Without an external id that decides: what makes two records of a noun the same. d is the record, r the row.
ALIKE = {
    "deal": (
        "d.title_key = r.title_key AND d.customer_id IS r.customer_id AND (r.opened_on IS NULL OR d.opened_on ="
        " r.opened_on)",
    ),
    "interaction": (
        "d.customer_id = r.customer_id AND d.at = r.at AND d.channel = coalesce(r.channel, 'note') AND d.text IS"
        " r.text",
        "r.customer_id IS NULL AND d.customer_id IS NULL AND d.at = r.at AND d.channel = coalesce(r.channel, 'note')"
        " AND d.text IS r.text",
    ),
    "task": (
        "d.text_key = r.text_key AND d.customer_id IS r.customer_id AND d.due_on IS r.due_on AND d.due_at IS r.due_at",
    ),
}
_KIND = "coalesce(r.kind, r.kind_new)"  # of a row of customers


def free(run: Run) -> str:
    """A condition: ids of the same source do not tell row and record apart."""
    told = ""
    if run.has("external_id"):
        told = " AND (r.external_id IS NULL OR d.external_id IS NULL OR d.external_source IS NOT r.external_source)"
    if run.has("uuid"):
        told += " AND (r.uuid IS NULL OR d.id NOT IN (SELECT id FROM s_taken))"
    if run.noun == "customer":
        told += f" AND ({_KIND} IS NULL OR {_KIND} = d.kind OR r.name_key = d.name_key)"
    return told


def same_kind(run: Run) -> str:
    """A name is one within its kind, where the file or a legal form says the kind."""
    return f" AND ({_KIND} IS NULL OR {_KIND} = g.kind)" if run.noun == "customer" else ""
