"""The first schema: customers, contacts, deals, interactions, tasks and what belongs to them."""

from crm_cli.store.released import run_beside

revision = "0001"
down_revision = None


def upgrade() -> None:
    """The SQL beside this file."""
    run_beside(__file__)
